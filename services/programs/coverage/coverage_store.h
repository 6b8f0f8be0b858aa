// What the database knows for the reports on coverage, and the grounds of versions.
#ifndef RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "services/programs/coverage/coverage_report.h"

namespace rsnms::programs::coverage_store {

// Everything but the deficits, of the region as of `today`: the offer of the whole region,
// whichever body's it is, for a part of it would call untaught what others teach; orders and
// versions in work in the transaction's scopes, with all places held by their lines.
absl::StatusOr<CoverageFacts> Read(pg::Tx& tx, const resource::Engine& engine,
                                   const std::string& region, absl::CivilDay today);

// Preparation of versions: grounds, each once, that a write adds name a competency of the region,
// or a line of one of its orders handed in and not withdrawn, whoever sees it: INVALID_NAME,
// GROUND_UNKNOWN. What stands there already is not asked again.
absl::Status PrepareVersions(pg::Tx& tx, const resource::Engine& engine,
                             std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::programs::coverage_store

#endif  // RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_STORE_H_
