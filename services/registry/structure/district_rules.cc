#include "services/registry/structure/district_rules.h"

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr int kLeastTermYears = 1;
constexpr int kGreatestTermYears = 2;

int TurnsOf(const std::map<std::string, int>& turns, const std::string& municipality) {
  auto found = turns.find(municipality);
  return found == turns.end() ? 0 : found->second;
}

}  // namespace

absl::Status CheckHeadTerm(v1::DistrictHeadMode mode, bool created,
                           const v1::DistrictOfficer& head) {
  if (mode != v1::DISTRICT_HEAD_MODE_ROTATING) return absl::OkStatus();
  const absl::CivilDay from = ToCivil(head.valid_from_date());
  const bool fits =
      head.has_valid_until_date() &&
      ToCivil(head.valid_until_date()) < YearsLater(from, kGreatestTermYears) &&
      (!created || ToCivil(head.valid_until_date()) >= YearsLater(from, kLeastTermYears) - 1);
  if (fits) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_HEAD_TERM_OUT_OF_RANGE,
                    "a rotating head's term lasts one to two years")
      .Field("valid_until_date", "must lie one to two years after the first day",
             "срок сменяемого руководителя – от одного года до двух лет");
}

absl::Status CheckTurn(const absl::flat_hash_set<std::string>& members,
                       const std::map<std::string, int>& turns, const std::string& candidate) {
  const int had = TurnsOf(turns, candidate);
  for (const std::string& member : members) {
    if (TurnsOf(turns, member) < had) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_HEAD_OUT_OF_TURN,
                        "another municipality has headed the district fewer times");
    }
  }
  return absl::OkStatus();
}

v1::DistrictState HeadedState(v1::DistrictState state) {
  if (state == v1::DISTRICT_STATE_FORMED) return v1::DISTRICT_STATE_HEADED;
  if (state == v1::DISTRICT_STATE_RUNNING) return v1::DISTRICT_STATE_ROTATED;
  return state;
}

}  // namespace rsnms::registry
