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

pg::TxOptions Snapshot(const rpc::Call& call) {
  pg::TxOptions options = call.ReadTx();
  options.isolation = pg::Isolation::kRepeatableRead;  // numbers and watermarks of one moment
  return options;
}

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

absl::StatusOr<Expression> ParseFilter(const std::string& text) {
  return Expression::Parse(text, Expression::Settings());
}

absl::Status CheckKind(v1::SubjectKind kind) {
  if (v1::SubjectKind_IsValid(kind) && kind != v1::SUBJECT_KIND_UNSPECIFIED) {
    return absl::OkStatus();
  }
  return rpc::InvalidField("subject_kind", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                           "must be a kind of subjects", "Укажите вид субъектов");
}

// The id of `regions/86/municipalities/71876000`; empty for an empty name.
absl::StatusOr<std::string> MunicipalityId(const std::string& region_code,
                                           const std::string& name) {
  if (name.empty()) return std::string();
  const std::string prefix = absl::StrCat("regions/", region_code, "/municipalities/");
  if (!absl::StartsWith(name, prefix) || name.size() == prefix.size()) {
    return rpc::InvalidField("municipality", options::v1::COMMON_REASON_INVALID_NAME,
                             "must be a municipality of the region",
                             "Укажите муниципалитет этого региона");
  }
  return std::string(name.substr(prefix.size()));
}

bool Withheld(const rpc::Call& call, v1::SubjectKind kind, int64_t count) {
  return kind == v1::SUBJECT_KIND_PERSON && count < kSmallCell &&
         !call.identity().May(kMayReadCells);
}

// Sets of facts that occur and satisfy an expression.
absl::StatusOr<std::vector<FactMask>> MasksWhere(pg::Tx& tx, const std::string& region_code,
                                                 int year, v1::SubjectKind kind,
                                                 const std::function<bool(FactMask)>& wanted) {
  auto masks = LoadMasks(tx, region_code, year, kind);
  if (!masks.ok()) return masks;
  std::erase_if(*masks, [&](FactMask mask) { return !wanted(mask); });
  return masks;
}

std::string LastSegment(const std::string& name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

// One page of subjects; asks for one more than the page to know whether another follows.
template <class Response, class Request>
absl::Status ListPage(pg::Tx& tx, SubjectQuery query, const std::string& key, const rpc::Call& call,
                      const Request& request, int page_size, Response* response) {
  query.limit = page_size + 1;
  auto subjects = LoadSubjects(tx, query);
  if (!subjects.ok()) return subjects.status();
  if (static_cast<int>(subjects->size()) > page_size) {
    subjects->resize(static_cast<size_t>(page_size));
    response->set_next_page_token(
        SealPage(key, call, request, LastSegment(subjects->back().subject())));
  }
  for (auto& subject : *subjects) *response->add_subjects() = std::move(subject);
  return absl::OkStatus();
}

// Inputs of a value: counts per set of facts of the denominator.
absl::Status AddInputs(const rpc::Call& call, pg::Tx& tx, const RegionView& view,
                       const CompiledIndicator& indicator, const std::string& municipality_id,
                       v1::ExplainIndicatorResponse* response) {
  const auto kind = indicator.definition.subject_kind();
  auto rows = LoadCube(tx, view.region_code, view.period.year(), kind,
                       {.by_municipality = !municipality_id.empty()});
  if (!rows.ok()) return rows.status();
  for (const CubeCount& row : *rows) {
    if (row.municipality_id != municipality_id || !indicator.denominator.Holds(row.mask) ||
        Withheld(call, kind, row.count)) {
      continue;
    }
    auto& input = *response->add_inputs();
    input.set_municipality(MunicipalityName(view.region_code, row.municipality_id));
    *input.mutable_facts() = FactsOf(row.mask);
    input.set_count(row.count);
  }
  return absl::OkStatus();
}

std::function<bool(FactMask)> PartOf(const CompiledIndicator& indicator, v1::IndicatorPart part) {
  return [&indicator, part](FactMask mask) {
    const bool numerator = indicator.numerator.Holds(mask);
    if (part == v1::INDICATOR_PART_DENOMINATOR) return indicator.denominator.Holds(mask);
    if (part == v1::INDICATOR_PART_REMAINDER)
      return indicator.denominator.Holds(mask) && !numerator;
    return numerator;
  };
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

absl::Status MonitoringService::QueryCube(rpc::Call& call, const v1::QueryCubeRequest& request,
                                          v1::QueryCubeResponse* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kAny);
  if (!region.ok()) return region.status();
  if (auto status = CheckKind(request.subject_kind()); !status.ok()) return status;
  auto filter = ParseFilter(request.expression());
  if (!filter.ok()) return filter.status();
  CubeGrouping grouping;
  for (const int dimension : request.group_by()) {
    grouping.by_municipality |= dimension == v1::CUBE_DIMENSION_MUNICIPALITY;
    grouping.by_organisation |= dimension == v1::CUBE_DIMENSION_ORGANISATION;
  }
  return engine_.pool().Run(Snapshot(call), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto period = FindPeriod(tx, engine_, *region, request.period_year());
    if (!period.ok()) return period.status();
    auto rows = LoadCube(tx, *region, period->year(), request.subject_kind(), grouping);
    if (!rows.ok()) return rows.status();
    for (const CubeCount& count : *rows) {
      if (!filter->Holds(count.mask)) continue;
      if (Withheld(call, request.subject_kind(), count.count)) {
        response->set_suppressed_rows(response->suppressed_rows() + 1);
        continue;
      }
      auto& row = *response->add_rows();
      row.set_municipality(MunicipalityName(*region, count.municipality_id));
      row.set_organisation(OrganisationName(*region, count.organisation_id));
      *row.mutable_facts() = FactsOf(count.mask);
      row.set_count(count.count);
    }
    auto standing = LoadStanding(tx);
    if (!standing.ok()) return standing.status();
    for (auto& mark : standing->watermarks) *response->add_watermarks() = std::move(mark);
    return absl::OkStatus();
  });
}

absl::Status MonitoringService::ListFactSubjects(rpc::Call& call,
                                                 const v1::ListFactSubjectsRequest& request,
                                                 v1::ListFactSubjectsResponse* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kAny);
  if (!region.ok()) return region.status();
  if (auto status = CheckKind(request.subject_kind()); !status.ok()) return status;
  auto filter = ParseFilter(request.expression());
  if (!filter.ok()) return filter.status();
  auto municipality = MunicipalityId(*region, request.municipality());
  if (!municipality.ok()) return municipality.status();
  auto page_size = PageSize(request.page_size(), 100, 1000);
  if (!page_size.ok()) return page_size.status();
  auto after = OpenPage(options_.page_key, call, request, request.page_token());
  if (!after.ok()) return after.status();
  return engine_.pool().Run(Snapshot(call), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto period = FindPeriod(tx, engine_, *region, request.period_year());
    if (!period.ok()) return period.status();
    auto masks = MasksWhere(tx, *region, period->year(), request.subject_kind(),
                            [&](FactMask mask) { return filter->Holds(mask); });
    if (!masks.ok()) return masks.status();
    const SubjectQuery query{
        *region, period->year(), request.subject_kind(), *std::move(masks), *municipality, *after,
        0};
    return ListPage(tx, query, options_.page_key, call, request, *page_size, response);
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
  const absl::Time until = std::min(absl::Now() + asked, call.deadline());
  for (const std::string& source : wanted) {
    if (!std::count(Sources().begin(), Sources().end(), source)) {
      return rpc::InvalidField("sources", options::v1::COMMON_REASON_INVALID_REQUEST,
                               "names a service that is not followed",
                               "Неизвестный источник данных");
    }
    feed::Consumer* consumer = FindConsumer(source);
    const absl::Duration left = std::max(until - absl::Now(), absl::ZeroDuration());
    if (consumer == nullptr || !consumer->CatchUp(left).ok()) {
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
  return engine_.pool().Run(Snapshot(call), [&](pg::Tx& tx) -> absl::Status {
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

absl::Status MonitoringService::ExplainIndicator(rpc::Call& call,
                                                 const v1::ExplainIndicatorRequest& request,
                                                 v1::ExplainIndicatorResponse* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kAny);
  if (!region.ok()) return region.status();
  auto municipality = MunicipalityId(*region, request.municipality());
  if (!municipality.ok()) return municipality.status();
  auto page_size = PageSize(request.page_size(), 0, 1000);
  if (!page_size.ok()) return page_size.status();
  auto after = OpenPage(options_.page_key, call, request, request.page_token());
  if (!after.ok()) return after.status();
  return engine_.pool().Run(Snapshot(call), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto view = LoadRegion(tx, engine_, *region, request.profile(), request.period_year());
    if (!view.ok()) return view.status();
    const auto found =
        std::find_if(view->indicators.begin(), view->indicators.end(),
                     [&](const auto& i) { return i.definition.id() == request.indicator_id(); });
    if (found == view->indicators.end()) {
      return rpc::Error(absl::StatusCode::kNotFound, v1::MONITORING_REASON_INDICATOR_UNKNOWN,
                        "the profile has no such indicator")
          .With("indicator_id", request.indicator_id());
    }
    auto values = CountIndicators(tx, *view,
                                  {.show_small = call.identity().May(kMayReadCells),
                                   .only_indicator = found->definition.id(),
                                   .only_municipality = *municipality});
    if (!values.ok()) return values.status();
    if (!values->empty()) *response->mutable_value() = std::move(values->front());
    *response->mutable_definition() = found->definition;
    *response->mutable_settings() = view->profile.settings();
    response->set_numerator_expression(found->numerator.Text());
    response->set_denominator_expression(found->denominator.Text());
    if (response->value().state() != v1::VALUE_STATE_SUPPRESSED) {
      auto status = AddInputs(call, tx, *view, *found, *municipality, response);
      if (!status.ok()) return status;
    }
    if (*page_size == 0) return absl::OkStatus();
    if (!call.identity().May(kMayTraceSubjects)) {
      response->set_subjects_withheld(true);
      return absl::OkStatus();
    }
    auto masks = MasksWhere(tx, *region, view->period.year(), found->definition.subject_kind(),
                            PartOf(*found, request.part()));
    if (!masks.ok()) return masks.status();
    const SubjectQuery query{*region,
                             view->period.year(),
                             found->definition.subject_kind(),
                             *std::move(masks),
                             *municipality,
                             *after,
                             0};
    return ListPage(tx, query, options_.page_key, call, request, *page_size, response);
  });
}

}  // namespace rsnms::monitoring
