// What becomes of whatever refers to a body when the body merges, divides or closes: one table.
//
// Posts, teams, support and links below are of dated_records.h: they end and go on under new names.
// All other records are one thing with a life of its own (a mentorship, a contract, a status): they
// keep their names, and a successor takes the body's place in them.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_FATES_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_FATES_H_

#include <string>
#include <vector>

namespace rsnms::registry {

// To a body that closes without a successor.
enum class OnClosing {
  kHolds,  // it must be finished first: the closing is refused and names it
  kEnds,   // it ends with the last day of the body where `ending` allows, and holds otherwise
  kStays,  // it goes on naming the body
};

// How a record ends with a body: by the outcome its state machine has for that.
struct Ending {
  std::vector<const char*> from;  // states it may end from; empty: it has none
  const char* state;              // it ends in; null: it has none
  const char* date;               // field of the last day
  const char* ground;             // text field that says why; null: it has none
};

// Rows that carry a copy of the body, or of its municipality, from the record.
struct Copies {
  const char* type;  // `registry.rsnms/Membership`
  const char* rows;  // SQL condition; $1 the region, $2 the record's id
};

struct Fate {
  const char* type;    // `registry.rsnms/Mentorship`
  const char* field;   // that names the body, one or several
  const char* living;  // SQL condition: the record is no history on $3; null: it always is history
  OnClosing closing;
  // Where the successor may not have it too (a status of one kind, a role): the successor's stays,
  // this one ends. Null `date`: it never does.
  Ending ending;
  std::vector<Copies> copies;
  // Messages inside it that name the body as well: {"parties", "organisation"}.
  std::vector<std::vector<const char*>> inside;
  // It ends and goes on at the successor under a new name, so that reads of earlier dates stay
  // right.
  bool renewed = false;
};

// Every reference to an organisation in the registry's contracts but those of dated_records.h and
// of the life of bodies itself. A test compares it with the contracts.
const std::vector<Fate>& Fates();

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_FATES_H_
