// What the methods of a region need: its profile, period and standing, read in one transaction, and
// the indicators counted from them.
#ifndef RSNMS_SERVICES_MONITORING_REGION_VIEW_H_
#define RSNMS_SERVICES_MONITORING_REGION_VIEW_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "rsnms/monitoring/v1/indicator.pb.h"
#include "rsnms/monitoring/v1/period.pb.h"
#include "rsnms/monitoring/v1/profile.pb.h"
#include "services/monitoring/cube_store.h"
#include "services/monitoring/profile_rules.h"

namespace rsnms::monitoring {

// How much of a region a caller must have in scope.
enum class Reach { kAny, kWhole };

// The code of `regions/86`. INVALID_ARGUMENT INVALID_PARENT; NOT_FOUND when nothing of the region
// is in the caller's scope; PERMISSION_DENIED when the whole is asked for and the caller has a
// part.
absl::StatusOr<std::string> RegionInReach(const rpc::Call& call, const std::string& parent,
                                          Reach reach);

// A read-only transaction of the caller's in which numbers and watermarks are of one moment.
pg::TxOptions SnapshotOf(const rpc::Call& call);

// The day as `YYYY-MM-DD`.
std::string DayText(const google::type::Date& date);

// FAILED_PRECONDITION PERIOD_NOT_OPEN.
absl::StatusOr<v1::Period> FindPeriod(pg::Tx& tx, const resource::Engine& engine,
                                      const std::string& region_code, int year);

struct RegionView {
  std::string region_code;
  v1::Profile profile;
  std::vector<CompiledIndicator> indicators;
  v1::Period period;
  Standing standing;
};

// `profile` may be empty: the only one installed. FAILED_PRECONDITION PROFILE_NOT_CHOSEN,
// PERIOD_NOT_OPEN.
absl::StatusOr<RegionView> LoadRegion(pg::Tx& tx, const resource::Engine& engine,
                                      std::string region_code, const std::string& profile,
                                      int year);

// What to count.
struct CountOptions {
  bool by_municipality = false;
  bool show_small = false;             // small cells of persons stay visible in the breakdown
  std::string only_indicator = {};     // empty: all
  std::string only_municipality = {};  // id; empty: all. Implies one value, of that municipality
};
// Values in the profile's order: the region's, then the municipalities' by code, indicator by
// indicator.
absl::StatusOr<std::vector<v1::IndicatorValue>> CountIndicators(pg::Tx& tx, const RegionView& view,
                                                                const CountOptions& options);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_REGION_VIEW_H_
