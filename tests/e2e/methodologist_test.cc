// A candidate of the methodological asset is confirmed by what diagnostics and programs really
// know: four services, their own contracts, filters and rights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "rsnms/registry/v1/asset_service.pb.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {
namespace {

namespace registry = rsnms::registry::v1;

// Somebody of region 86 who was diagnosed and has completed a programme, of those with the least
// id, whom the main job did not nominate: person, organisation, the latest result, the latest
// completion.
constexpr char kSqlSomebody[] = R"sql(
SELECT c.person_id, c.organisation_id,
       (SELECT r.id FROM diagnostics.result r WHERE r.region_code = '86' AND r.person_id = c.person_id
         AND r.delete_time IS NULL ORDER BY r.submit_date DESC, r.id DESC LIMIT 1),
       c.id
  FROM programs.completion c
 WHERE c.region_code = '86' AND c.delete_time IS NULL
   AND NOT EXISTS (SELECT FROM registry.methodologist m
                    WHERE m.region_code = '86' AND m.person_id = c.person_id)
   AND EXISTS (SELECT FROM diagnostics.result r WHERE r.region_code = '86' AND r.person_id = c.person_id)
 ORDER BY c.person_id, c.completion_date DESC, c.id DESC
 LIMIT 1
)sql";

google::type::Date D(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

class MethodologistTest : public testing::Test {
 protected:
  template <class Response, class Request>
  Response Ask(const char* method, const Request& request) {
    Response response;
    const auto status = client_->Unary(absl::StrCat("rsnms.registry.v1.Asset/", method), request,
                                       &response, absl::Now() + absl::Seconds(20));
    EXPECT_TRUE(status.ok()) << method << ": " << status;
    return response;
  }

  std::unique_ptr<rpc::Client> client_ =
      System::Shared().Connect("registry", System::Shared().Token("administrator", "regions/86"));
};

TEST_F(MethodologistTest, CandidateIsConfirmedByDiagnosticsAndPrograms) {
  ASSERT_EQ(System::Shared().MainJob().exit_code, 0);
  const auto outcome =
      System::Run({"psql", "-qXAt", "-F", ",", System::Shared().conninfo(), "-c", kSqlSomebody});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::vector<std::string> row = absl::StrSplit(absl::StripAsciiWhitespace(outcome.out), ',');
  ASSERT_EQ(row.size(), 4U) << outcome.out;

  registry::CreateMethodologistRequest nominate;
  nominate.set_parent("regions/86");
  nominate.mutable_methodologist()->set_person("regions/86/persons/" + row[0]);
  nominate.mutable_methodologist()->set_organisation("regions/86/organisations/" + row[1]);
  *nominate.mutable_methodologist()->mutable_nomination_date() = D(2026, 9, 1);
  const std::string name = Ask<registry::Methodologist>("CreateMethodologist", nominate).name();
  ASSERT_FALSE(name.empty());

  registry::ConfirmDiagnosticsRequest diagnosed;
  diagnosed.set_name(name);
  EXPECT_EQ(Ask<registry::Methodologist>("ConfirmDiagnostics", diagnosed).diagnostics_result(),
            "regions/86/results/" + row[2]);
  registry::ConfirmTrainingRequest trained;
  trained.set_name(name);
  const auto after = Ask<registry::Methodologist>("ConfirmTraining", trained);
  EXPECT_EQ(after.completion(), "regions/86/completions/" + row[3]);
  EXPECT_EQ(after.state(), registry::METHODOLOGIST_STATE_TRAINED);
}

}  // namespace
}  // namespace rsnms::e2e
