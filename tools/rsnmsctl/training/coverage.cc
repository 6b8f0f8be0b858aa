// What the year's report says of competencies: who teaches what people lack, and which lines of
// orders nobody answers.
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/coverage_service.pb.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;

// A report's pages, each handed to `visit`.
template <class Page>
absl::Status ReadPages(const Desk& desk, const char* method, const std::string& fields,
                       const std::function<void(const Page&)>& visit) {
  std::string token;
  do {
    const auto page =
        desk.Ask<Page>(method, absl::StrCat(fields, "page_size: 200 ", Text("page_token", token)));
    if (!page.ok()) return page.status();
    visit(*page);
    token = page->next_page_token();
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace

absl::Status CountCoverage(const Desk& desk, const std::string& campaign, TrainingCounts* counts) {
  const std::string parent = Text("parent", desk.parent());
  auto& coverage = (*counts)["coverage"];
  auto status = ReadPages<v1::ListCompetencyCoverageResponse>(
      desk, "Coverage/ListCompetencyCoverage", absl::StrCat(parent, Text("campaigns", campaign)),
      [&](const auto& page) {
        for (const auto& need : page.competencies()) {
          ++coverage[v1::CoverageState_Name(need.state()).substr(sizeof("COVERAGE_STATE_") - 1)];
        }
      });
  if (!status.ok()) return status;
  return ReadPages<v1::ListUnmetOrderLinesResponse>(
      desk, "Coverage/ListUnmetOrderLines", parent,
      [&](const auto& page) { coverage["UNMET_LINES"] += page.lines_size(); });
}

}  // namespace rsnms::ctl
