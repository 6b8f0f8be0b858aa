// How far the cascade and the academy have reached.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_REACH_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_REACH_STORE_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/row_codec.h"
#include "rsnms/programs/v1/academy_coverage.pb.h"
#include "rsnms/programs/v1/cascade_session.pb.h"

namespace rsnms::programs::reach_store {

// Columns of a page's key: programme and body.
inline constexpr size_t kKeyColumns = 2;
resource::Values KeyOf(const v1::CascadeCoverage& row);

// At most `limit` rows after the key, of the bodies in the transaction's scopes. Who turned out to
// be one person counts as one.
absl::StatusOr<std::vector<v1::CascadeCoverage>> ReadCascade(
    pg::Tx& tx, const v1::ListCascadeCoverageRequest& request,
    const std::optional<resource::Values>& after, int limit);

// People reached by all sessions that are asked about, each once.
absl::StatusOr<int> CountReached(pg::Tx& tx, const v1::ListCascadeCoverageRequest& request);

// Staff and trained of the bodies, or of the people, that are asked about.
absl::Status ReadAcademy(pg::Tx& tx, const v1::GetAcademyCoverageRequest& request,
                         v1::AcademyCoverage* coverage);

}  // namespace rsnms::programs::reach_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_REACH_STORE_H_
