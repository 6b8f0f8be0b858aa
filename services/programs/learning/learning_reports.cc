// Reports: corporate hours, the reach of the cascade and of the academy.
#include <utility>
#include <vector>

#include "libs/rpc/status.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/learning/hours_store.h"
#include "services/programs/learning/learning_service.h"
#include "services/programs/learning/learning_store.h"
#include "services/programs/learning/reach_store.h"
#include "services/programs/learning/registry_projection.h"
#include "services/programs/learning/settings_rules.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

// Body and municipality of a request lie in its region.
template <class Request>
absl::Status CheckNames(const rpc::Call& call, const Request& request) {
  if (auto s = CheckReportParent(call, request.parent()); !s.ok()) return s;
  auto s =
      CheckReportName(request.parent(), request.organisation(), "organisations", "organisation");
  if (!s.ok()) return s;
  return CheckReportName(request.parent(), request.municipality(), "municipalities",
                         "municipality");
}

template <class Request>
absl::Status CheckPeriod(const Request& request) {
  if (!request.has_start_date() ||
      learning::ToCivil(request.start_date()) <= learning::ToCivil(request.end_date())) {
    return absl::OkStatus();
  }
  return rpc::InvalidField("end_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                           "must not be before start_date", "окончание не раньше начала");
}

absl::Status CheckAcademy(const rpc::Call& call, const v1::GetAcademyCoverageRequest& request) {
  if (auto s = CheckReportParent(call, request.parent()); !s.ok()) return s;
  if (!request.persons().empty() && !request.organisations().empty()) {
    return learning::Misplaced("persons", "is given instead of organisations",
                               "укажите либо людей, либо организации");
  }
  const auto each = [&](const auto& names, std::string_view collection, std::string_view field) {
    for (int i = 0; i < names.size(); ++i) {
      const std::string path = Cat(field, "[", i, "]");
      auto s = CheckReportName(request.parent(), names.Get(i), collection, path);
      if (!s.ok()) return s;
    }
    return absl::OkStatus();
  };
  if (auto s = each(request.persons(), "persons", "persons"); !s.ok()) return s;
  if (auto s = each(request.organisations(), "organisations", "organisations"); !s.ok()) return s;
  return CheckPeriod(request);
}

}  // namespace

absl::Status LearningService::GetCorporateHours(rpc::Call& call,
                                                const v1::GetCorporateHoursRequest& request,
                                                v1::CorporateHours* response) {
  if (auto s = CheckReportParent(call, request.parent()); !s.ok()) return s;
  auto named = CheckReportName(request.parent(), request.person(), "persons", "person");
  if (!named.ok()) return named;
  v1::ListCorporateHoursRequest all;
  all.set_parent(request.parent());
  all.set_year(request.year());
  return engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto rules = learning_store::RulesOf(tx, *engine_, RegionOf(request.parent()));
    if (!rules.ok()) return rules.status();
    auto people =
        hours_store::Read(tx, all, *rules, request.person(), std::nullopt, 1, LatestDay(now_()));
    if (!people.ok()) return people.status();
    if (!people->empty()) *response = std::move(people->front());
    response->set_person(request.person());
    hours_store::Conclude(rules->corporate_hours_minimum(), response);
    return absl::OkStatus();
  });
}

absl::Status LearningService::ListCorporateHours(rpc::Call& call,
                                                 const v1::ListCorporateHoursRequest& request,
                                                 v1::ListCorporateHoursResponse* response) {
  if (auto s = CheckNames(call, request); !s.ok()) return s;
  auto place = pages_.Place(call, request, hours_store::kKeyColumns);
  if (!place.ok()) return place.status();
  const auto after = place->has_value() ? std::optional<std::string>((**place)[0]) : std::nullopt;
  const int size = PageSize(request.page_size());
  std::vector<v1::CorporateHours> people;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto rules = learning_store::RulesOf(tx, *engine_, RegionOf(request.parent()));
    if (!rules.ok()) return rules.status();
    const auto year = settings_rules::YearOf(*rules, request.year());
    *response->mutable_start_date() = ToDate(year.first);
    *response->mutable_end_date() = ToDate(year.last);
    auto known = IsRegistryKnown(tx);
    if (!known.ok()) return known.status();
    response->set_registry_known(*known);
    auto rows = hours_store::Read(tx, request, *rules, "", after, size + 1, LatestDay(now_()));
    if (rows.ok()) people = *std::move(rows);
    return rows.status();
  });
  if (!status.ok()) return status;
  if (static_cast<int>(people.size()) > size) {
    people.pop_back();
    response->set_next_page_token(
        pages_.Next(call, request, {std::string(IdOf(people.back().person()))}));
  }
  for (auto& one : people) response->add_corporate_hours()->Swap(&one);
  return absl::OkStatus();
}

absl::Status LearningService::ListCascadeCoverage(rpc::Call& call,
                                                  const v1::ListCascadeCoverageRequest& request,
                                                  v1::ListCascadeCoverageResponse* response) {
  if (auto s = CheckNames(call, request); !s.ok()) return s;
  auto named = CheckReportName(request.parent(), request.programme(), "programmes", "programme");
  if (!named.ok()) return named;
  if (auto s = CheckPeriod(request); !s.ok()) return s;
  auto after = pages_.Place(call, request, reach_store::kKeyColumns);
  if (!after.ok()) return after.status();
  const int size = PageSize(request.page_size());
  std::vector<v1::CascadeCoverage> coverage;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto total = reach_store::CountReached(tx, request);
    if (!total.ok()) return total.status();
    response->set_total_reached_count(*total);
    auto rows = reach_store::ReadCascade(tx, request, *after, size + 1);
    if (rows.ok()) coverage = *std::move(rows);
    return rows.status();
  });
  if (!status.ok()) return status;
  if (static_cast<int>(coverage.size()) > size) {
    coverage.pop_back();
    response->set_next_page_token(pages_.Next(call, request, reach_store::KeyOf(coverage.back())));
  }
  for (auto& row : coverage) response->add_cascade_coverage()->Swap(&row);
  return absl::OkStatus();
}

absl::Status LearningService::GetAcademyCoverage(rpc::Call& call,
                                                 const v1::GetAcademyCoverageRequest& request,
                                                 v1::AcademyCoverage* response) {
  if (auto s = CheckAcademy(call, request); !s.ok()) return s;
  return engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto known = IsRegistryKnown(tx);
    if (!known.ok()) return known.status();
    response->set_registry_known(*known);
    return reach_store::ReadAcademy(tx, request, response);
  });
}

}  // namespace rsnms::programs
