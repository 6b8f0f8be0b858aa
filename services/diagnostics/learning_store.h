// SQL on what the feed of `programs` tells about learning by routes, and the moves it makes of
// them, inside the caller's transaction.
//
// What of a route is derived from learning is filled by a preparation at every write, whoever
// writes: nobody can overwrite it, and a person's edit finds its learning again. Progress of items
// and of the route is moved by FollowLearning alone, in writes of its own under the system's name.
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
  std::vector<std::string> regions, ids, routes, numbers, programmes, states, dates, millis;
};

// Rows of `learning_outcome`.
struct OutcomeColumns {
  std::vector<std::string> regions, collections, ids, enrolments, routes, numbers, programmes,
      dates, voided;
};

// Names of resources, column by column.
struct NameColumns {
  std::vector<std::string> regions, ids;
  void Add(std::string_view name);
};

// Names of routes, in order: whoever locks several does it in that order.
using RouteNames = absl::btree_set<std::string>;

// Keep what was told; each adds the routes concerned.
absl::Status PutLearning(pg::Tx& tx, const LearningColumns& rows, RouteNames& routes);
absl::Status DropLearning(pg::Tx& tx, const NameColumns& gone, RouteNames& routes);
absl::Status PutOutcomes(pg::Tx& tx, const OutcomeColumns& rows, RouteNames& routes);
absl::Status VoidOutcomes(pg::Tx& tx, std::string_view collection, const NameColumns& gone,
                          RouteNames& routes);
// Programmes withdrawn, and those that are not (any more). Adds the routes that care.
absl::Status PutWithdrawn(pg::Tx& tx, const NameColumns& withdrawn, const NameColumns& present,
                          RouteNames& routes);

// The preparation of routes: derives what learning makes of them, and keeps `route_programme`.
// Waits for a withdrawal that is being written.
absl::Status PrepareRoutes(pg::Tx& tx, std::vector<resource::Engine::Pending>& rows);

// Moves the routes by what is known: items done and planned again, an approved route set out, one
// finished completed, a completed one going on. Routes closed stay. Repeating it changes nothing.
absl::Status FollowLearning(pg::Tx& tx, const resource::Table<v1::Route>& table,
                            const RouteNames& names);

// The same for routes just written, so that what is derived is up to date: only those that
// something could close are looked at.
absl::Status FollowOutcomes(pg::Tx& tx, const resource::Table<v1::Route>& table,
                            const RouteNames& names);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_LEARNING_STORE_H_
