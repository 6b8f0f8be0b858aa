// What learning makes of a route: which enrolment serves an item, what closes it, what a person
// should look at. Pure, and a function of the route and of all that is known, so that neither order
// nor batches nor replays of the feed matter.
//
// Which item is meant: the one of that number if it names the programme; else the first that names
// the programme (numbers move when a route is returned and edited); else the one of that number,
// which is then served by another programme. What is no programme means the item of its number, if
// that wants none.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_LEARNING_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_LEARNING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "google/type/date.pb.h"
#include "rsnms/diagnostics/v1/route.pb.h"

namespace rsnms::diagnostics {

// What is known of the enrolment a transfer goes on with.
enum class Continuation {
  kKnown,    // it speaks for itself; also of what is no transfer, or names none
  kUnknown,  // not told of yet: somebody learns
  kVoid,     // recorded by mistake or deleted: nobody does
};

// An enrolment of the route's person that names the route; neither VOID nor deleted.
struct KnownLearning {
  std::string enrolment, programme;  // full names
  int item_number = 0;               // 0: unknown
  v1::RouteItem::Learning state = v1::RouteItem::LEARNING_UNSPECIFIED;
  google::type::Date changed = {};
  int64_t changed_millis = 0;  // since the epoch: the latest of equals serves
  Continuation next = Continuation::kKnown;
};

// What closes an item: a completion, or results of other learning that were accepted.
struct KnownOutcome {
  std::string name, programme;  // full names; no programme: other learning
  int item_number = 0;          // 0: unknown
  google::type::Date day = {};
  bool voided = false;   // taken back
  bool foreign = false;  // of another person: closes nothing, and nobody lost it
};

struct Known {
  std::vector<KnownLearning> learning = {};
  std::vector<KnownOutcome> outcomes = {};
  absl::flat_hash_set<std::string> withdrawn = {};  // programmes of the route's items and learning
};

// Fills what of the items and the route is derived: enrolment, learning_state,
// learning_changed_date, attention, needs_attention. Whatever stood there is overwritten.
void DeriveLearning(const Known& known, v1::Route& route);

// Clears it.
void ClearLearning(v1::Route& route);

// Marks items done by outcomes, and planned again where the outcome that closed them is known to be
// void. Touches neither what was dropped or done by hand, nor what an unknown outcome closed. Of
// several outcomes of one item the earliest closes it. Answers whether something changed; false for
// a route that is neither followed (APPROVED, ACTIVE, PAUSED) nor COMPLETED.
bool MarkItems(const Known& known, v1::Route& route);

// Whether an outcome that closes an item of the route is known to be void.
bool LostAnOutcome(const Known& known, const v1::Route& route);

// The programmes whose withdrawal concerns the route: of its planned items, while it has not ended.
// Sorted, each once.
std::vector<std::string> PlannedProgrammes(const v1::Route& route);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_LEARNING_H_
