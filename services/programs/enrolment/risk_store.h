// The risk list of a region by SQL.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_RISK_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_RISK_STORE_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/resource/row_codec.h"
#include "rsnms/programs/v1/enrolment_risk.pb.h"

namespace rsnms::programs::risk_store {

// The region's settings; the default instance when it has none.
absl::StatusOr<v1::RiskSettings> SettingsOf(pg::Tx& tx, const resource::Engine& engine,
                                            std::string_view region_code);

inline constexpr size_t kKeyColumns = 3;
// What leads to the page after this row.
resource::Values KeyOf(const v1::EnrolmentRisk& risk);

// At most `limit` rows after those that `after` leads to, the longest at risk first.
absl::StatusOr<std::vector<v1::EnrolmentRisk>> Read(pg::Tx& tx,
                                                    const v1::ListEnrolmentRisksRequest& request,
                                                    const v1::RiskSettings& settings,
                                                    const std::optional<resource::Values>& after,
                                                    int limit);

}  // namespace rsnms::programs::risk_store

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_RISK_STORE_H_
