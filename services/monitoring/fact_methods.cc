// The methods that show what numbers are made of: cube, subjects, explanation.
#include "services/monitoring/monitoring_service.h"

#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"
#include "services/monitoring/page_mark.h"
#include "services/monitoring/region_view.h"

namespace rsnms::monitoring {

namespace {

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

absl::StatusOr<const CompiledIndicator*> FindIndicator(const RegionView& view,
                                                       const std::string& id) {
  for (const CompiledIndicator& indicator : view.indicators) {
    if (indicator.definition.id() == id) return &indicator;
  }
  return rpc::Error(absl::StatusCode::kNotFound, v1::MONITORING_REASON_INDICATOR_UNKNOWN,
                    "the profile has no such indicator")
      .With("indicator_id", id)
      .ToStatus();
}

// Value, formula and inputs.
absl::Status ExplainValue(const rpc::Call& call, pg::Tx& tx, const RegionView& view,
                          const CompiledIndicator& indicator, const std::string& municipality_id,
                          v1::ExplainIndicatorResponse* response) {
  auto values = CountIndicators(tx, view,
                                {.show_small = call.identity().May(kMayReadCells),
                                 .only_indicator = indicator.definition.id(),
                                 .only_municipality = municipality_id});
  if (!values.ok()) return values.status();
  if (!values->empty()) *response->mutable_value() = std::move(values->front());
  *response->mutable_definition() = indicator.definition;
  *response->mutable_settings() = view.profile.settings();
  response->set_numerator_expression(indicator.numerator.Text());
  response->set_denominator_expression(indicator.denominator.Text());
  if (response->value().state() == v1::VALUE_STATE_SUPPRESSED) return absl::OkStatus();
  return AddInputs(call, tx, view, indicator, municipality_id, response);
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
  return engine_.pool().Run(SnapshotOf(call), [&](pg::Tx& tx) -> absl::Status {
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
  return engine_.pool().Run(SnapshotOf(call), [&](pg::Tx& tx) -> absl::Status {
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
  return engine_.pool().Run(SnapshotOf(call), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto view = LoadRegion(tx, engine_, *region, request.profile(), request.period_year());
    if (!view.ok()) return view.status();
    auto indicator = FindIndicator(*view, request.indicator_id());
    if (!indicator.ok()) return indicator.status();
    auto status = ExplainValue(call, tx, *view, **indicator, *municipality, response);
    if (!status.ok() || *page_size == 0) return status;
    if (!call.identity().May(kMayTraceSubjects)) {
      response->set_subjects_withheld(true);
      return absl::OkStatus();
    }
    const auto kind = (*indicator)->definition.subject_kind();
    auto masks =
        MasksWhere(tx, *region, view->period.year(), kind, PartOf(**indicator, request.part()));
    if (!masks.ok()) return masks.status();
    const SubjectQuery query{
        *region, view->period.year(), kind, *std::move(masks), *municipality, *after, 0};
    return ListPage(tx, query, options_.page_key, call, request, *page_size, response);
  });
}

}  // namespace rsnms::monitoring
