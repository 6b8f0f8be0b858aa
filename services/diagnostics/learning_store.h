// SQL on what the feed of `programs` tells about learning by routes, and the moves it makes of
// them, inside the caller's transaction.
//
// What of a route is derived from learning is filled by a preparation at every write, whoever
// writes: nobody can overwrite it, and a person's edit finds its learning again. What outcomes make
// of items and of the route is moved by FollowLearning alone, in writes of its own under the
// system's name.
//
// Order of locks: routes, then programmes told of. Who writes what the feed tells locks no route.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_LEARNING_STORE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_LEARNING_STORE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "rsnms/diagnostics/v1/route.pb.h"
#include "services/diagnostics/route_learning.h"

namespace rsnms::diagnostics {

// Rows of `learning`, column by column.
struct LearningColumns {
  std::vector<std::string> regions, ids, routes, numbers, programmes, states, dates, millis,
      persons,
      next;  // the enrolment it was transferred to; may be empty
};

// Rows of `learning_outcome`.
struct OutcomeColumns {
  std::vector<std::string> regions, collections, ids, enrolments, routes, numbers, programmes,
      dates, voided, persons;
};

// Names of resources, column by column.
struct NameColumns {
  std::vector<std::string> regions, ids;
  void Add(std::string_view name);
};

// Certificates, with their completions.
struct CertificateColumns {
  std::vector<std::string> regions, ids, completions;
};

// Rows of `programme_told`.
struct ToldColumns {
  std::vector<std::string> regions, ids, withdrawn;  // `true`, `false`
};

// Names of routes, in order: whoever locks several does it in that order.
using RouteNames = absl::btree_set<std::string>;

// Keep what was told; each adds the routes concerned. Learning that says what it said concerns
// none.
absl::Status PutLearning(pg::Tx& tx, const LearningColumns& rows, RouteNames& routes);
absl::Status DropLearning(pg::Tx& tx, const NameColumns& gone, RouteNames& routes);
absl::Status PutOutcomes(pg::Tx& tx, const OutcomeColumns& rows, RouteNames& routes);
absl::Status VoidOutcomes(pg::Tx& tx, std::string_view collection, const NameColumns& gone,
                          RouteNames& routes);
absl::Status PutCertificates(pg::Tx& tx, const CertificateColumns& revoked,
                             const CertificateColumns& standing, RouteNames& routes);
// Programmes told of. Marks the routes that care; waits for writers that name one in a route.
absl::Status PutTold(pg::Tx& tx, const ToldColumns& rows);

// Leaves the routes to the follower (route_follower.h). Locks none of them.
absl::Status MarkRoutes(pg::Tx& tx, const RouteNames& names);

// The preparation of routes: derives what learning makes of them, and keeps `route_programme`.
// Waits for the withdrawal or return of a programme it names anew, while that is being written.
absl::Status PrepareRoutes(pg::Tx& tx, std::vector<resource::Engine::Pending>& rows);

// Moves the routes by what is known: items done and planned again, an approved route set out, one
// finished completed, a completed one that is not finished any more going on. Routes closed stay.
// Repeating it changes nothing.
absl::Status FollowLearning(pg::Tx& tx, const resource::Table<v1::Route>& table,
                            const RouteNames& names);

// The same for routes just written, so that what is derived is up to date: only those that
// something could close are looked at.
absl::Status FollowOutcomes(pg::Tx& tx, const resource::Table<v1::Route>& table,
                            const RouteNames& names);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_LEARNING_STORE_H_
