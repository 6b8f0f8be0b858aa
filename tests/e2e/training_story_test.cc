// The way of one learner through the whole system: a school asks for the programme a route names,
// a group takes the learner, a certificate is issued, checked without the system and told to
// ФИС ФРДО, the route moves, monitoring counts. Four services, their own contracts. A system of its
// own: other tests recount whole tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "rsnms/monitoring/v1/fact.pb.h"
#include "rsnms/programs/v1/certificates_service.pb.h"
#include "rsnms/programs/v1/orders_service.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/programs/v1/training_service.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tests/e2e/system.h"
#include "tests/e2e/text_call.h"

namespace rsnms::e2e {
namespace {

namespace programs = rsnms::programs::v1;
using diagnostics::v1::RouteItem;
using testing::HasSubstr;

// An item of an active route that somebody learns for: route, number, person, body, municipality,
// category, programme, its provider and the enrolment.
constexpr char kSqlLearner[] = R"sql(
SELECT r.id, i.item->>'number', r.person_id, r.organisation_id, r.municipality_id, r.category,
       p.id, p.provider_id, e.id
  FROM diagnostics.route r
 CROSS JOIN LATERAL jsonb_array_elements(r.items) AS i(item)
  JOIN programs.programme p
    ON p.region_code = r.region_code AND i.item->>'programme' = 'regions/86/programmes/' || p.id
  JOIN programs.enrolment e
    ON e.region_code = r.region_code AND e.person_id = r.person_id AND e.programme_id = p.id
 WHERE r.region_code = '86' AND r.state = 'ACTIVE' AND i.item->>'state' = 'STATE_PLANNED'
   AND p.provider_id IS NOT NULL AND r.municipality_id IS NOT NULL AND e.state = 'IN_PROGRESS'
 ORDER BY r.id, 2 LIMIT 1
)sql";

struct Learner {
  std::string route, item, person, organisation, municipality, category, programme, provider,
      enrolment;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Name(const char* collection, const std::string& id) {
  return absl::StrCat("'regions/86/", collection, "/", id, "' ");
}

class TrainingStoryTest : public testing::Test {
 protected:
  // The answer, or a failed expectation and an empty one.
  template <class Request, class Response>
  Response Ask(const std::string& service, const std::string& method, const std::string& text) {
    auto response =
        CallText<Request, Response>(*system_, {.scope = "regions/86"}, service, method, text);
    EXPECT_TRUE(response.ok()) << method << ": " << response.status() << "\n" << text;
    return response.ok() ? *std::move(response) : Response();
  }
  // A step of an enrolment, of a group, of an order.
  template <class Request>
  void Step(const std::string& method, const std::string& name, const std::string& more = "") {
    using programs::Enrolment;
    const std::string text = absl::StrCat("name: '", name, "' ", more);
    if (absl::StrContains(name, "/enrolments/")) {
      Ask<Request, Enrolment>("programs", method, text);
    } else if (absl::StrContains(name, "/groups/")) {
      Ask<Request, programs::Group>("programs", method, text);
    } else {
      Ask<Request, programs::TrainingOrder>("programs", method, text);
    }
  }

  Learner FindLearner() const {
    const auto found =
        System::Run({"psql", "-qXAt", "-F", ",", system_->conninfo(), "-c", kSqlLearner});
    EXPECT_EQ(found.exit_code, 0) << found.err;
    const std::vector<std::string> row = absl::StrSplit(absl::StripAsciiWhitespace(found.out), ',');
    EXPECT_EQ(row.size(), 9U) << found.out;
    if (row.size() != 9U) return {};
    return {row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]};
  }

  // The school's order of one place for the learner's programme, approved.
  std::string Order(const Learner& who) {
    const std::string name =
        Ask<programs::CreateTrainingOrderRequest, programs::TrainingOrder>(
            "programs", "Orders/CreateTrainingOrder",
            absl::StrCat("parent: 'regions/86' training_order { year: 2026 organisation: ",
                         Name("organisations", who.organisation),
                         "municipality: ", Name("municipalities", who.municipality),
                         "lines { id: 'deficits' places: 1 ground: ORDER_GROUND_DEFICIT "
                         "listener_category: LISTENER_CATEGORY_",
                         who.category, " programme: ", Name("programmes", who.programme), "} }"))
            .name();
    Step<programs::SubmitTrainingOrderRequest>("Orders/SubmitTrainingOrder", name);
    Step<programs::ApproveTrainingOrderRequest>(
        "Orders/ApproveTrainingOrder", name,
        "approval_document: 'Приказ № 7' approval_date {year: 2026 month: 9 day: 1}");
    return name;
  }

  std::string OpenGroup(const Learner& who) {
    const std::string name =
        Ask<programs::CreateGroupRequest, programs::Group>(
            "programs", "Training/CreateGroup",
            absl::StrCat("parent: 'regions/86' group { code: 'ПК-2026-1' seats: 1 "
                         "entry_diagnostics_required: true "
                         "form: STUDY_FORM_FULL_TIME start_date {year: 2026 month: 10 day: 5} "
                         "end_date {year: 2026 month: 11 day: 10} programme: ",
                         Name("programmes", who.programme),
                         "provider: ", Name("organisations", who.provider), "}"))
            .name();
    Step<programs::OpenGroupRequest>("Training/OpenGroup", name);
    return name;
  }

  // By the diagnostics the route was built on, whose id the route has; nobody else's will do.
  std::string Enrol(const Learner& who, const std::string& order, const std::string& group) {
    const auto request = [&](const std::string& session) {
      return absl::StrCat(
          "parent: 'regions/86' group: '", group,
          "' enrolment { person: ", Name("persons", who.person),
          "organisation: ", Name("organisations", who.organisation),
          "municipality: ", Name("municipalities", who.municipality),
          "programme: ", Name("programmes", who.programme), "route: ", Name("routes", who.route),
          "route_item_id: '", who.item, "' category: LEARNER_CATEGORY_", who.category,
          " basis: ENROLMENT_BASIS_DIAGNOSTICS training_order: '", order,
          "' order_line: 'deficits' entry_session: ", Name("sessions", session), "}");
    };
    const auto others =
        System::Run({"psql", "-qXAt", system_->conninfo(), "-c",
                     absl::StrCat("SELECT id FROM diagnostics.session WHERE region_code = '86' AND "
                                  "state = 'SUBMITTED' AND person_id <> '",
                                  who.person, "' ORDER BY id LIMIT 1")});
    const auto refused = CallText<programs::EnrolInGroupRequest, programs::Enrolment>(
        *system_, {.scope = "regions/86"}, "programs", "Training/EnrolInGroup",
        request(std::string(absl::StripAsciiWhitespace(others.out))));
    EXPECT_EQ(rpc::ReasonOf(refused.status()), "SESSION_MISMATCH") << refused.status();
    const auto enrolment = Ask<programs::EnrolInGroupRequest, programs::Enrolment>(
        "programs", "Training/EnrolInGroup", request(who.route));
    EXPECT_TRUE(enrolment.has_entry_session_date());
    return enrolment.name();
  }

  // Learns to the end; the completion.
  std::string Learn(const std::string& enrolment, const std::string& group) {
    Step<programs::ConfirmEnrolmentRequest>("Programs/ConfirmEnrolment", enrolment,
                                            "state_date {year: 2026 month: 10 day: 1}");
    Step<programs::RunGroupRequest>("Training/RunGroup", group);
    Step<programs::StartEnrolmentRequest>("Programs/StartEnrolment", enrolment,
                                          "start_date {year: 2026 month: 10 day: 5} "
                                          "state_date {year: 2026 month: 10 day: 5}");
    return Ask<programs::CompleteEnrolmentRequest, programs::Completion>(
               "programs", "Programs/CompleteEnrolment",
               absl::StrCat("name: '", enrolment,
                            "' certificate_number: '000451' completion_date "
                            "{year: 2026 month: 11 day: 10}"))
        .name();
  }

  // Runs rsnmsctl; what it printed.
  std::string Ctl(const std::vector<std::string>& arguments) const {
    const auto outcome = system_->Ctl(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << absl::StrJoin(arguments, " ") << "\n"
                                    << outcome.out << outcome.err;
    return outcome.out;
  }
  std::string File(const char* name) const { return absl::StrCat(system_->directory(), "/", name); }

  std::unique_ptr<System> system_ = System::Alone();
};

TEST_F(TrainingStoryTest, LearnerGoesFromRouteToRegister) {
  ASSERT_EQ(system_->MainJob().exit_code, 0);
  const Learner who = FindLearner();
  ASSERT_FALSE(who.person.empty());
  // What was begun was broken off in spring: the school asks for a place in autumn.
  Step<programs::WithdrawEnrolmentRequest>(
      "Programs/WithdrawEnrolment", absl::StrCat("regions/86/enrolments/", who.enrolment),
      "reason: 'Болезнь' state_date {year: 2026 month: 5 day: 12}");
  const std::string order = Order(who), group = OpenGroup(who);
  const std::string enrolment = Enrol(who, order, group);
  const std::string completion = Learn(enrolment, group);
  ASSERT_FALSE(completion.empty());

  // The order is executed, the group ends.
  const auto execution =
      Ask<programs::GetTrainingOrderExecutionRequest, programs::TrainingOrderExecution>(
          "programs", "Orders/GetTrainingOrderExecution", absl::StrCat("name: '", order, "'"));
  ASSERT_EQ(execution.lines_size(), 1);
  EXPECT_EQ(execution.lines(0).completed(), 1);
  Step<programs::FinishGroupRequest>("Training/FinishGroup", group);

  // The document, checked where there is no system, and by number and code.
  const auto certificate = Ask<programs::CreateCertificateRequest, programs::Certificate>(
      "programs", "Certificates/CreateCertificate",
      absl::StrCat(
          "parent: 'regions/86' certificate { completion: '", completion,
          "' number: '000451' registration_number: '451' citizenship_code: '643' "
          "issue_date {year: 2026 month: 11 day: 12} "
          "funding_source: FUNDING_SOURCE_BUDGET prior_education: PRIOR_EDUCATION_HIGHER }"));
  Ctl({"certificate", "sign", certificate.name(), "--out", File("document.jws")});
  Ctl({"certificate", "keys", "--out", File("keys.json")});
  Ctl({"certificate", "verify", File("document.jws"), "--keys", File("keys.json")});
  Ctl({"certificate", "check", "--region", "86", "--number", "000451", "--code",
       certificate.verification_code()});

  // The row for ФИС ФРДО holds what only the registry knows of the holder, and comes once.
  const auto person = Ask<registry::v1::GetPersonRequest, registry::v1::Person>(
      "registry", "Registry/GetPerson", absl::StrCat("name: ", Name("persons", who.person)));
  const std::vector<std::string> exported = {
      "frdo",  "export",        "--region",
      "86",    "--provider",    absl::StrCat("regions/86/organisations/", who.provider),
      "--out", File("frdo.csv")};
  Ctl(exported);
  const std::string rows = ReadFile(File("frdo.csv"));
  EXPECT_THAT(rows, HasSubstr("Удостоверение о повышении квалификации"));
  EXPECT_THAT(rows, HasSubstr("000451"));
  EXPECT_THAT(rows, HasSubstr(person.family_name()));
  const auto packages = Ask<programs::ListFrdoPackagesRequest, programs::ListFrdoPackagesResponse>(
      "programs", "Certificates/ListFrdoPackages",
      "parent: 'regions/86' filter: 'state = PREPARED'");
  ASSERT_EQ(packages.frdo_packages_size(), 1);
  const std::string package = packages.frdo_packages(0).name();
  EXPECT_EQ(packages.frdo_packages(0).row_count(), 1);
  Ctl({"frdo", "sent", package, "--date", "2026-11-20", "--number", "77"});
  std::ofstream(File("receipts.csv")) << "Строка;Результат;Сообщение\n2;Принято;\n";
  Ctl({"frdo", "receipts", package, File("receipts.csv")});
  std::remove(File("frdo.csv").c_str());
  system_->Ctl(exported);
  EXPECT_EQ(ReadFile(File("frdo.csv")), "") << "sent twice";

  // The route has moved and the region counts one more.
  const absl::Time until = absl::Now() + absl::Seconds(20);
  RouteItem item;
  do {
    const auto route = Ask<diagnostics::v1::GetRouteRequest, diagnostics::v1::Route>(
        "diagnostics", "Diagnostics/GetRoute", absl::StrCat("name: ", Name("routes", who.route)));
    for (const auto& each : route.items()) {
      if (absl::StrCat(each.number()) == who.item) item = each;
    }
  } while (item.state() != RouteItem::STATE_DONE && absl::Now() < until);
  EXPECT_EQ(item.state(), RouteItem::STATE_DONE);
  EXPECT_EQ(item.completion(), completion);
  Ask<monitoring::v1::AwaitCatchUpRequest, monitoring::v1::FeedWatermarks>(
      "monitoring", "Monitoring/AwaitCatchUp", "");
  const auto facts = Ask<monitoring::v1::ListFactSubjectsRequest,
                         monitoring::v1::ListFactSubjectsResponse>(
      "monitoring", "Monitoring/ListFactSubjects",
      "parent: 'regions/86' period_year: 2026 subject_kind: SUBJECT_KIND_PERSON page_size: 1000 "
      "expression: 'programme_completed'");
  int counted = 0;
  for (const auto& subject : facts.subjects()) {
    counted += absl::StrContains(subject.subject(), who.person) ? 1 : 0;
  }
  EXPECT_EQ(counted, 1);
}

}  // namespace
}  // namespace rsnms::e2e
