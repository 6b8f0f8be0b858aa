#include "services/monitoring/region_view.h"

#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"

namespace rsnms::monitoring {

namespace {

using Places = absl::btree_map<std::string, std::vector<const Cell*>>;

absl::StatusOr<v1::Profile> FindProfile(pg::Tx& tx, const resource::Engine& engine,
                                        const std::string& region_code, const std::string& name) {
  const resource::Table<v1::Profile> profiles(engine);
  if (!name.empty()) {
    if (!absl::StartsWith(name, absl::StrCat("regions/", region_code, "/profiles/"))) {
      return rpc::NotFound("monitoring.rsnms/Profile", name);
    }
    auto profile = profiles.Get(tx, name);
    if (!profile.ok() || !profile->has_delete_time()) return profile;
    return rpc::NotFound("monitoring.rsnms/Profile", name);
  }
  auto found = profiles.Select(tx, "region_code = $1 AND delete_time IS NULL LIMIT 2", region_code);
  if (!found.ok()) return found.status();
  if (found->size() == 1) return std::move(found->front());
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::MONITORING_REASON_PROFILE_NOT_CHOSEN,
                    found->empty() ? "the region has no profile installed"
                                   : "the region has several profiles: name one")
      .ToStatus();
}

// What every value of the region carries.
void AddContext(const RegionView& view, const std::string& municipality,
                v1::IndicatorValue& value) {
  value.set_profile(view.profile.name());
  value.set_profile_etag(view.profile.etag());
  *value.mutable_cut_off_date() = view.period.cut_off_date();
  value.set_municipality(MunicipalityName(view.region_code, municipality));
  for (const auto& mark : view.standing.watermarks) *value.add_watermarks() = mark;
}

Places GroupByPlace(const std::vector<Cell>& cells, const CountOptions& options) {
  Places places;
  for (const Cell& cell : cells) {
    if (!cell.municipality.empty()) places[cell.municipality].push_back(&cell);
  }
  if (!options.only_municipality.empty()) places[std::string(options.only_municipality)];
  return places;
}

}  // namespace

pg::TxOptions SnapshotOf(const rpc::Call& call) {
  pg::TxOptions options = call.ReadTx();
  options.isolation = pg::Isolation::kRepeatableRead;
  return options;
}

std::string DayText(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

absl::StatusOr<std::string> RegionInReach(const rpc::Call& call, const std::string& parent,
                                          Reach reach) {
  const std::string code(absl::StripPrefix(parent, "regions/"));
  const bool digits = absl::StartsWith(parent, "regions/") && code.size() >= 2 &&
                      code.size() <= 3 && code.find_first_not_of("0123456789") == code.npos;
  if (!digits) {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{code}", "Укажите регион: regions/{код}");
  }
  if (!call.identity().TouchesRegion(code)) return rpc::NotFound("registry.rsnms/Region", parent);
  if (reach == Reach::kWhole && !call.identity().CoversRegion(code)) {
    return rpc::Error(absl::StatusCode::kPermissionDenied,
                      options::v1::COMMON_REASON_PERMISSION_DENIED,
                      "the whole region must be in the caller's scope")
        .ToStatus();
  }
  return code;
}

absl::StatusOr<v1::Period> FindPeriod(pg::Tx& tx, const resource::Engine& engine,
                                      const std::string& region_code, int year) {
  auto found = resource::Table<v1::Period>(engine).Select(
      tx, "region_code = $1 AND year = $2 AND delete_time IS NULL", region_code, year);
  if (!found.ok()) return found.status();
  if (!found->empty()) return std::move(found->front());
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::MONITORING_REASON_PERIOD_NOT_OPEN,
                    absl::StrCat("the period ", year, " is not open in region ", region_code))
      .With("period_year", absl::StrCat(year))
      .ToStatus();
}

absl::StatusOr<RegionView> LoadRegion(pg::Tx& tx, const resource::Engine& engine,
                                      std::string region_code, const std::string& profile,
                                      int year) {
  RegionView view;
  view.region_code = std::move(region_code);
  auto found = FindProfile(tx, engine, view.region_code, profile);
  if (!found.ok()) return found.status();
  view.profile = *std::move(found);
  auto compiled = CompileProfile(view.profile);
  if (!compiled.ok()) return compiled.status();
  view.indicators = *std::move(compiled);
  auto period = FindPeriod(tx, engine, view.region_code, year);
  if (!period.ok()) return period.status();
  view.period = *std::move(period);
  auto standing = LoadStanding(tx);
  if (!standing.ok()) return standing.status();
  view.standing = *std::move(standing);
  return view;
}

absl::StatusOr<std::vector<v1::IndicatorValue>> CountIndicators(pg::Tx& tx, const RegionView& view,
                                                                const CountOptions& options) {
  const bool split = options.by_municipality || !options.only_municipality.empty();
  auto cells = LoadCells(tx, view.region_code, view.period.year(), split);
  if (!cells.ok()) return cells.status();
  std::vector<const Cell*> all;
  for (const Cell& cell : *cells) all.push_back(&cell);
  const Places places = split ? GroupByPlace(*cells, options) : Places();
  Situation situation{view.period.year(), view.standing.loaded, false};
  std::vector<v1::IndicatorValue> values;
  for (const CompiledIndicator& indicator : view.indicators) {
    if (!options.only_indicator.empty() && options.only_indicator != indicator.definition.id()) {
      continue;
    }
    if (options.only_municipality.empty()) {
      situation.breakdown = false;
      AddContext(view, "", values.emplace_back(Evaluate(indicator, situation, all)));
    }
    const size_t first = values.size();
    situation.breakdown = true;
    for (const auto& [municipality, of_place] : places) {
      AddContext(view, municipality, values.emplace_back(Evaluate(indicator, situation, of_place)));
    }
    if (options.show_small || indicator.definition.subject_kind() != v1::SUBJECT_KIND_PERSON) {
      continue;
    }
    std::vector<v1::IndicatorValue*> breakdown;
    for (size_t i = first; i < values.size(); ++i) breakdown.push_back(&values[i]);
    SuppressSmall(breakdown);
  }
  if (!options.only_municipality.empty()) {
    // Only now: what is withheld must not depend on how the question is put.
    const std::string wanted = MunicipalityName(view.region_code, options.only_municipality);
    std::erase_if(values, [&](const auto& value) { return value.municipality() != wanted; });
  }
  return values;
}

}  // namespace rsnms::monitoring
