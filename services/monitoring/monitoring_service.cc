#include "services/monitoring/monitoring_service.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"
#include "services/monitoring/fact_store.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/page_mark.h"
#include "services/monitoring/passport_rules.h"
#include "services/monitoring/region_view.h"
#include "services/monitoring/service_binding.h"

namespace rsnms::monitoring {

namespace {

constexpr absl::Duration kDefaultCatchUp = absl::Seconds(10);

google::type::Date MakeDate(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

absl::StatusOr<google::type::Date> CutOff(const v1::OpenPeriodRequest& request) {
  const int year = request.period_year();
  if (year < 2000 || year > 2100) {
    return rpc::InvalidField("period_year", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must be 2000 to 2100", "Год – от 2000 до 2100");
  }
  if (!request.has_cut_off_date()) return MakeDate(year, 12, 31);
  const auto& date = request.cut_off_date();
  const absl::CivilDay day(date.year(), date.month(), date.day());
  if (date.year() != year || day.month() != date.month() || day.day() != date.day()) {
    return rpc::InvalidField("cut_off_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must be a day of the period", "Дата среза должна лежать внутри года");
  }
  return date;
}

}  // namespace

void AddRules(resource::Engine& engine) {
  engine.Rule<v1::Profile>([](resource::Change, const v1::Profile*, v1::Profile* after) {
    return after == nullptr ? absl::OkStatus() : CompileProfile(*after).status();
  });
  engine.Rule<v1::Passport>(CheckPassport);
}

void MonitoringService::Serve(rpc::Server& server) {
  Bind(server, *this, "InstallProfile", &MonitoringService::InstallProfile);
  Bind(server, *this, "OpenPeriod", &MonitoringService::OpenPeriod);
  Bind(server, *this, "QueryCube", &MonitoringService::QueryCube);
  Bind(server, *this, "ListFactSubjects", &MonitoringService::ListFactSubjects);
  Bind(server, *this, "GetFeedWatermarks", &MonitoringService::GetFeedWatermarks);
  Bind(server, *this, "AwaitCatchUp", &MonitoringService::AwaitCatchUp);
  Bind(server, *this, "ComputeIndicators", &MonitoringService::ComputeIndicators);
  Bind(server, *this, "RecordIndicatorValues", &MonitoringService::RecordIndicatorValues);
  Bind(server, *this, "ExplainIndicator", &MonitoringService::ExplainIndicator);
}

absl::Status MonitoringService::InstallProfile(rpc::Call& call,
                                               const v1::InstallProfileRequest& request,
                                               v1::Profile* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kWhole);
  if (!region.ok()) return region.status();
  auto found = options_.catalogue.find(request.profile_code());
  if (found == options_.catalogue.end()) {
    return rpc::Error(absl::StatusCode::kNotFound, v1::MONITORING_REASON_PROFILE_UNKNOWN,
                      "the catalogue has no such profile")
        .With("profile_code", request.profile_code());
  }
  const resource::Table<v1::Profile> profiles(engine_);
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    *response = found->second;
    response->set_name(absl::StrCat(request.parent(), "/profiles/", request.profile_code()));
    auto before = profiles.Get(tx, response->name(), resource::Lock::kUpdate);
    if (absl::IsNotFound(before.status())) return profiles.Insert(tx, author, *response);
    if (!before.ok()) return before.status();
    return profiles.Update(tx, author, *before, *response);
  });
}

absl::Status MonitoringService::OpenPeriod(rpc::Call& call, const v1::OpenPeriodRequest& request,
                                           v1::Period* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kWhole);
  if (!region.ok()) return region.status();
  auto cut_off = CutOff(request);
  if (!cut_off.ok()) return cut_off.status();
  const resource::Table<v1::Period> periods(engine_);
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    if (auto status = EnterGate(tx); !status.ok()) return status;
    response->Clear();
    response->set_name(absl::StrCat(request.parent(), "/periods/", request.period_year()));
    response->set_year(request.period_year());
    *response->mutable_start_date() = MakeDate(request.period_year(), 1, 1);
    *response->mutable_cut_off_date() = *cut_off;
    auto before = periods.Get(tx, response->name(), resource::Lock::kUpdate);
    absl::Status written;
    if (absl::IsNotFound(before.status())) {
      written = periods.Insert(tx, author, *response);
    } else if (!before.ok()) {
      return before.status();
    } else if (DayText(before->cut_off_date()) == DayText(*cut_off)) {
      *response = *before;  // open already: its facts are kept as they change
      return absl::OkStatus();
    } else {
      written = periods.Update(tx, author, *before, *response);
    }
    return written.ok() ? RebuildFacts(tx, *region, request.period_year()) : written;
  });
}

absl::Status MonitoringService::GetFeedWatermarks(rpc::Call& call,
                                                  const v1::GetFeedWatermarksRequest&,
                                                  v1::FeedWatermarks* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto standing = LoadStanding(tx);
    if (!standing.ok()) return standing.status();
    for (auto& mark : standing->watermarks) {
      if (const feed::Consumer* consumer = FindConsumer(mark.source()); consumer != nullptr) {
        const auto state = consumer->state();
        mark.set_sealed_position(state.sealed_position);
        mark.set_connected(state.connected);
      }
      *response->add_watermarks() = std::move(mark);
    }
    return absl::OkStatus();
  });
}

absl::Status MonitoringService::AwaitCatchUp(rpc::Call& call,
                                             const v1::AwaitCatchUpRequest& request,
                                             v1::FeedWatermarks* response) {
  std::vector<std::string> wanted(request.sources().begin(), request.sources().end());
  if (wanted.empty()) wanted = Sources();
  const absl::Duration asked = request.timeout_millis() == 0
                                   ? kDefaultCatchUp
                                   : absl::Milliseconds(request.timeout_millis());
  const absl::Time begin = absl::Now();
  const absl::Time until = std::min(begin + asked, call.deadline());
  for (const std::string& source : wanted) {
    if (!std::count(Sources().begin(), Sources().end(), source)) {
      return rpc::InvalidField("sources", options::v1::COMMON_REASON_INVALID_REQUEST,
                               "names a service that is not followed",
                               "Неизвестный источник данных");
    }
    if (options_.followers == nullptr || !options_.followers->CatchUp(source, begin, until).ok()) {
      return rpc::Error(absl::StatusCode::kDeadlineExceeded, v1::MONITORING_REASON_FEED_BEHIND,
                        "the projection has not caught up in time")
          .With("source", source)
          .RetryAfter(absl::Seconds(1));
    }
  }
  return GetFeedWatermarks(call, v1::GetFeedWatermarksRequest(), response);
}

absl::Status MonitoringService::ComputeIndicators(rpc::Call& call,
                                                  const v1::ComputeIndicatorsRequest& request,
                                                  v1::ComputeIndicatorsResponse* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kAny);
  if (!region.ok()) return region.status();
  const CountOptions options{.by_municipality = request.by_municipality(),
                             .show_small = call.identity().May(kMayReadCells)};
  return engine_.pool().Run(SnapshotOf(call), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    response->set_partial(!call.identity().CoversRegion(*region));
    auto view = LoadRegion(tx, engine_, *region, request.profile(), request.period_year());
    if (!view.ok()) return view.status();
    auto values = CountIndicators(tx, *view, options);
    if (!values.ok()) return values.status();
    for (auto& value : *values) *response->add_values() = std::move(value);
    return absl::OkStatus();
  });
}

absl::Status MonitoringService::RecordIndicatorValues(
    rpc::Call& call, const v1::RecordIndicatorValuesRequest& request,
    v1::RecordIndicatorValuesResponse* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kWhole);
  if (!region.ok()) return region.status();
  const CountOptions options{.by_municipality = request.by_municipality(),
                             .show_small = call.identity().May(kMayReadCells)};
  const resource::Table<v1::IndicatorValue> table(engine_);
  const auto author = resource::AuthorOf(call, request);
  const std::string recording_id = resource::NewUuid();
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    response->set_recording_id(recording_id);
    if (auto status = EnterGate(tx); !status.ok()) return status;
    auto view = LoadRegion(tx, engine_, *region, request.profile(), request.period_year());
    if (!view.ok()) return view.status();
    auto values = CountIndicators(tx, *view, options);
    if (!values.ok()) return values.status();
    for (auto& value : *values) {
      value.set_name(request.parent());
      value.set_recording_id(recording_id);
      if (auto status = table.Insert(tx, author, value); !status.ok()) return status;
      *response->add_values() = std::move(value);
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::monitoring
