#include "services/programs/enrolment/activity_store.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/enrolment/enrolment_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::activity_store {
namespace {

using enrolment_rules::Before;

constexpr char kWhere[] =
    "region_code = $1 AND id = ANY ($2::uuid[]) AND delete_time IS NULL ORDER BY id FOR UPDATE";

absl::Status CheckDay(const v1::Enrolment& enrolment, const google::type::Date& day, absl::Time now,
                      std::string_view path) {
  if (!Before(enrolment_rules::LastDay(now), day) &&
      !(enrolment.has_start_date() && Before(day, enrolment.start_date()))) {
    return absl::OkStatus();
  }
  return rpc::InvalidField(path, options::v1::COMMON_REASON_OUT_OF_RANGE,
                           "must not be before learning, nor to come",
                           "дата не раньше начала обучения и не в будущем");
}

}  // namespace

absl::StatusOr<int> Record(pg::Tx& tx, const resource::Engine& engine,
                           const journal::Author& author, const v1::RecordActivityRequest& request,
                           absl::Time now) {
  const std::string region(RegionOf(request.parent()));
  std::map<std::string, int> asked;  // name -> element
  std::vector<std::string> ids;
  for (int i = 0; i < request.activities_size(); ++i) {
    const std::string& name = request.activities(i).enrolment();
    const std::string id(IdOf(name));
    if (!resource::IsUuid(id) || name != NameOf(region, "enrolments", id) ||
        !asked.emplace(name, i).second) {
      return rpc::InvalidField(Cat("activities[", i, "].enrolment"),
                               options::v1::COMMON_REASON_INVALID_NAME,
                               "must be an enrolment of the request's region, given once",
                               "имя должно принадлежать региону запроса и встречаться один раз");
    }
    ids.push_back(id);
  }
  const resource::Table<v1::Enrolment> enrolments(engine);
  auto rows = enrolments.Select(tx, kWhere, region, ids);
  if (!rows.ok()) return rows.status();
  std::vector<v1::Enrolment> moved;
  for (v1::Enrolment& row : *rows) {
    const int at = asked[row.name()];
    asked.erase(row.name());
    const auto& day = request.activities(at).date();
    if (row.state() != v1::Enrolment::STATE_IN_PROGRESS) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        options::v1::COMMON_REASON_INVALID_STATE, "the person does not learn")
          .Field(Cat("activities[", at, "].enrolment"), "must be IN_PROGRESS", "обучение не идёт")
          .ToStatus();
    }
    if (auto s = CheckDay(row, day, now, Cat("activities[", at, "].date")); !s.ok()) return s;
    if (row.has_last_activity_date() && !Before(row.last_activity_date(), day)) continue;
    *row.mutable_last_activity_date() = day;
    moved.push_back(std::move(row));
  }
  if (!asked.empty()) return rpc::NotFound("programs.rsnms/Enrolment", asked.begin()->first);
  if (moved.empty()) return 0;
  if (auto written = enrolments.Merge(tx, author, moved); !written.ok()) return written.status();
  return static_cast<int>(moved.size());
}

}  // namespace rsnms::programs::activity_store
