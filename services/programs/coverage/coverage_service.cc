#include "services/programs/coverage/coverage_service.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "libs/resource/names.h"
#include "libs/resource/page_token.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/coverage/coverage_report.h"
#include "services/programs/coverage/coverage_store.h"
#include "services/programs/coverage/deficits_lookup.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr char kContract[] = "rsnms.programs.v1.Coverage";
constexpr int kPage = 50;
constexpr int kGreatestPage = 1000;
constexpr size_t kKeyColumns = 2;  // rows told before, digest of the whole report

absl::Status OutOfRange(std::string_view path, std::string_view text, std::string_view ru) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_OUT_OF_RANGE, text, ru);
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

absl::Status CheckScope(std::string_view region, const v1::CoverageScope& scope) {
  const std::string& town = scope.municipality();
  if (!town.empty() && town != NameOf(region, "municipalities", IdOf(town))) {
    return rpc::InvalidField("scope.municipality", options::v1::COMMON_REASON_INVALID_NAME,
                             "must lie in the request's region",
                             "муниципалитет должен быть из региона запроса");
  }
  if (scope.has_start_date() && scope.has_end_date() &&
      DayOf(scope.end_date()) < DayOf(scope.start_date())) {
    return OutOfRange("scope.end_date", "must not be before start_date",
                      "конец периода не раньше его начала");
  }
  if (scope.max_duration_hours() != 0 && scope.max_duration_hours() < scope.min_duration_hours()) {
    return OutOfRange("scope.max_duration_hours", "must not be less than min_duration_hours",
                      "наибольший объём меньше наименьшего");
  }
  return absl::OkStatus();
}

// Whoever covers the region asks of any part of it; a municipality of itself alone.
absl::Status CheckReach(const auth::Identity& identity, std::string_view region,
                        const std::string& town) {
  const auto& scopes = identity.scopes;
  if (identity.CoversRegion(region) ||
      (!town.empty() && std::find(scopes.begin(), scopes.end(), town) != scopes.end())) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kPermissionDenied,
                    options::v1::COMMON_REASON_PERMISSION_DENIED,
                    "the report is of the whole region, or of the caller's own municipality");
}

absl::Status CheckRequest(const rpc::Call& call, std::string_view parent,
                          const v1::CoverageScope& scope) {
  const auto region = resource::ParseParent(parent);
  if (!region.has_value() || *region == "-") {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{region}", "укажите регион, например regions/86");
  }
  if (!call.identity().TouchesRegion(*region)) {
    return rpc::NotFound("registry.rsnms/Region", parent);
  }
  if (auto s = CheckReach(call.identity(), *region, scope.municipality()); !s.ok()) return s;
  return CheckScope(*region, scope);
}

template <class Request>
resource::PageBinding BindingOf(const rpc::Call& call, Request request) {
  request.clear_page_size();
  request.clear_page_token();
  resource::PageBinding binding;
  binding.method = request.GetDescriptor()->full_name();
  binding.filter = request.SerializeAsString();
  binding.subject = call.identity().subject;
  binding.scopes = call.identity().ScopesSetting();
  return binding;
}

template <class Row>
std::string DigestOf(const std::vector<Row>& rows) {
  std::string all;
  for (const Row& row : rows) {
    const std::string bytes = row.SerializeAsString();
    all += Cat(bytes.size(), ":");
    all += bytes;
  }
  return Sha256Hex(all);
}

// The page the request asks for: which rows of the report, and the token of the
// next.
struct Page {
  size_t begin = 0, end = 0;
  std::string next;
};

template <class Request, class Row>
absl::StatusOr<Page> PageOf(const rpc::Call& call, const std::string& key, const Request& request,
                            const std::vector<Row>& rows) {
  const auto binding = BindingOf(call, request);
  const std::string digest = DigestOf(rows);
  Page page;
  if (!request.page_token().empty()) {
    auto told =
        resource::ReadPageToken(key, binding, request.page_token(), kKeyColumns, absl::Now());
    if (!told.ok()) return told.status();
    if ((*told)[1] != digest) {
      return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                        "the report has changed since the page before: begin again");
    }
    const std::string begin = (*told)[0].value_or("");
    std::from_chars(begin.data(), begin.data() + begin.size(), page.begin);
  }
  const int size = request.page_size() == 0 ? kPage : std::min(request.page_size(), kGreatestPage);
  page.begin = std::min(page.begin, rows.size());
  page.end = std::min(page.begin + static_cast<size_t>(size), rows.size());
  if (page.end < rows.size()) {
    page.next = resource::MakePageToken(key, binding, {Cat(page.end), digest}, absl::Now());
  }
  return page;
}

}  // namespace

const google::protobuf::ServiceDescriptor* CoverageService::Contract() {
  v1::CompetencyNeed::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

CoverageService::CoverageService(resource::Engine* engine, std::shared_ptr<rpc::Client> diagnostics,
                                 std::string page_key, std::function<absl::Time()> now)
    : engine_(engine),
      diagnostics_(std::move(diagnostics)),
      page_key_(std::move(page_key)),
      now_(std::move(now)) {
  engine->PrepareFor(v1::ProgrammeVersion::descriptor(),
                     [engine](pg::Tx& tx, std::vector<resource::Engine::Pending>& rows) {
                       return coverage_store::PrepareVersions(tx, *engine, rows);
                     });
}

void CoverageService::Serve(rpc::Server& server) {
  server.Unary(Cat(kContract, "/ListCompetencyCoverage"), this,
               &CoverageService::ListCompetencyCoverage);
  server.Unary(Cat(kContract, "/ListUnmetOrderLines"), this, &CoverageService::ListUnmetOrderLines);
}

absl::StatusOr<CoverageFacts> CoverageService::Read(const rpc::Call& call,
                                                    const std::string& parent) {
  CoverageFacts facts;
  auto read = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto known =
        coverage_store::Read(tx, *engine_, std::string(RegionOf(parent)), RegisterDay(now_()));
    if (known.ok()) facts = *std::move(known);
    return known.status();
  });
  if (!read.ok()) return read;
  return facts;
}

absl::Status CoverageService::ListCompetencyCoverage(
    rpc::Call& call, const v1::ListCompetencyCoverageRequest& request,
    v1::ListCompetencyCoverageResponse* response) {
  if (auto s = CheckRequest(call, request.parent(), request.scope()); !s.ok()) return s;
  Deficits deficits;
  if (!request.orders_only()) {
    auto asked = AskDeficits(call, diagnostics_.get(), request);
    if (!asked.ok()) return asked.status();
    deficits = *std::move(asked);
  }
  auto facts = Read(call, request.parent());
  if (!facts.ok()) return facts.status();
  facts->deficits = std::move(deficits.counts);
  auto needs = TellNeeds(request.scope(), *facts);
  auto page = PageOf(call, page_key_, request, needs);
  if (!page.ok()) return page.status();
  for (size_t i = page->begin; i < page->end; ++i) response->add_competencies()->Swap(&needs[i]);
  response->set_next_page_token(page->next);
  for (std::string& campaign : deficits.campaigns) response->add_campaigns(std::move(campaign));
  return absl::OkStatus();
}

absl::Status CoverageService::ListUnmetOrderLines(rpc::Call& call,
                                                  const v1::ListUnmetOrderLinesRequest& request,
                                                  v1::ListUnmetOrderLinesResponse* response) {
  if (auto s = CheckRequest(call, request.parent(), request.scope()); !s.ok()) return s;
  auto facts = Read(call, request.parent());
  if (!facts.ok()) return facts.status();
  auto lines = TellUnmet(request.scope(), *facts);
  auto page = PageOf(call, page_key_, request, lines);
  if (!page.ok()) return page.status();
  for (size_t i = page->begin; i < page->end; ++i) response->add_lines()->Swap(&lines[i]);
  response->set_next_page_token(page->next);
  return absl::OkStatus();
}

}  // namespace rsnms::programs
