// A region's people who turn out to be one another, with what diagnostics and programs know of
// them, and the calls that make it.
#ifndef RSNMS_TESTS_E2E_MERGE_WORLD_H_
#define RSNMS_TESTS_E2E_MERGE_WORLD_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"
#include "rsnms/diagnostics/v1/diagnostics_service.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/registry/v1/people_service.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {

constexpr int kGroups = 4, kGroupSize = 12;  // a group is merged within itself, by one writer
constexpr int kCampaigns = 3, kProgrammes = 4;
constexpr char kRegion[] = "regions/86";

inline std::vector<std::vector<std::string>> Select(const std::string& sql) {
  const auto outcome = System::Run({"psql", "-qXAt", "-F", "|", "-v", "ON_ERROR_STOP=1",
                                    System::Shared().conninfo(), "-c", sql});
  EXPECT_EQ(outcome.exit_code, 0) << sql << outcome.err;
  std::vector<std::vector<std::string>> rows;
  for (const auto line : absl::StrSplit(outcome.out, '\n', absl::SkipEmpty())) {
    rows.push_back(absl::StrSplit(line, '|'));
  }
  return rows;
}

inline std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }
inline std::string Named(const char* collection, const std::string& id) {
  return absl::StrCat(kRegion, "/", collection, "/", id);
}

// People who turn out to be one another, and the naive model of it. One thread's at a time.
struct Group {
  std::vector<std::string> people;                         // ids
  std::map<std::string, std::string> into;                 // direct
  std::vector<std::pair<std::string, std::string>> pairs;  // of one row: may not become one person
  std::mt19937 dice;

  size_t Roll(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(dice); }
  std::string Root(std::string person) const {
    for (auto it = into.find(person); it != into.end(); it = into.find(person)) person = it->second;
    return person;
  }
  bool MayMerge(const std::string& a, const std::string& b) const {
    if (a == b || into.contains(a) || into.contains(b)) return false;
    for (const auto& [x, y] : pairs) {
      if (std::set{Root(x), Root(y)} == std::set{a, b}) return false;
    }
    return true;
  }
};

class MergeWorld : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(System::Shared().MainJob().exit_code, 0);
    school_ = Select(
        "SELECT id, municipality_id FROM registry.organisation WHERE kind = 'SCHOOL' "
        "AND region_code = '86' ORDER BY id LIMIT 1")[0];
    for (const auto& row :
         Select(absl::StrCat("SELECT id FROM programs.programme WHERE region_code "
                             "= '86' AND delete_time IS NULL ORDER BY id LIMIT ",
                             kProgrammes))) {
      programmes_.push_back(Named("programmes", row[0]));
    }
    ASSERT_EQ(programmes_.size(), static_cast<size_t>(kProgrammes));
    diagnostics::v1::GetInstrumentRequest get;
    get.set_name(Named("instruments", "difficulties-school-1"));
    instrument_ = Ask<diagnostics::v1::Instrument>("GetInstrument", get);
    for (int i = 0; i < kCampaigns; ++i) MakeCampaign();
    for (int g = 0; g < kGroups; ++g) MakeGroup(g);
    for (const auto& campaign : campaigns_) BuildRoutes(campaign);
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Try(const char* method, const Request& request) {
    const std::string package = Request::descriptor()->file()->package();
    const bool person =
        absl::StrContains(method, "mergePersons") || absl::StrContains(method, "MergePersons");
    const std::string service = package == "rsnms.programs.v1"      ? "programs"
                                : package == "rsnms.diagnostics.v1" ? "diagnostics"
                                                                    : "registry";
    const char* contract = service == "programs"      ? ".Programs/"
                           : service == "diagnostics" ? ".Diagnostics/"
                           : person                   ? ".People/"
                                                      : ".Registry/";
    Response response;
    auto status = clients_.at(service)->Unary(absl::StrCat(package, contract, method), request,
                                              &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  Response Ask(const char* method, const Request& request) {
    auto response = Try<Response>(method, request);
    EXPECT_TRUE(response.ok()) << method << ": " << response.status();
    return response.ok() ? *response : Response();
  }
  template <class Message>
  static Message Parse(const std::string& text) {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    return message;
  }

  // --- what there is before

  void MakeCampaign() {
    auto create = Parse<diagnostics::v1::CreateCampaignRequest>(absl::StrCat(
        "parent: 'regions/86' campaign {title: 'Диагностика' stage: CAMPAIGN_STAGE_INITIAL "
        "held_at_centre: true start_date {year: 2020 month: 1 day: 1} "
        "end_date {year: 2035 month: 1 day: 1} instruments: '",
        instrument_.name(), "' conducting_organisation: '", Named("organisations", school_[0]),
        "'}"));
    diagnostics::v1::OpenCampaignRequest open;
    open.set_name(Ask<diagnostics::v1::Campaign>("CreateCampaign", create).name());
    campaigns_.push_back(Ask<diagnostics::v1::Campaign>("OpenCampaign", open).name());
  }

  std::string MakePerson() {
    const std::string person =
        Ask<registry::v1::Person>(
            "CreatePerson", Parse<registry::v1::CreatePersonRequest>(
                                "parent: 'regions/86' person {family_name: 'Айпина' "
                                "given_name: 'Анна' birth_date {year: 1985 month: 3 day: 4}}"))
            .name();
    Ask<registry::v1::Employment>(
        "CreateEmployment",
        Parse<registry::v1::CreateEmploymentRequest>(absl::StrCat(
            "parent: 'regions/86' employment {person: '", person, "' organisation: '",
            Named("organisations", school_[0]),
            "' category: STAFF_CATEGORY_PEDAGOGUE post_code: 'teacher' start_date {year: 2020 "
            "month: 9 day: 1}}")));
    return IdOf(person);
  }

  void MakeGroup(int seed) {
    Group& group = groups_.emplace_back();
    group.dice.seed(seed);
    for (int i = 0; i < kGroupSize; ++i) group.people.push_back(MakePerson());
    for (const auto& person : group.people) {
      const std::string& mentor = group.people[group.Roll(kGroupSize)];
      if (mentor != person && group.pairs.size() < 4) {
        group.pairs.emplace_back(person, mentor);
        Ask<registry::v1::SupportRecord>(
            "CreateSupportRecord",
            Parse<registry::v1::CreateSupportRecordRequest>(absl::StrCat(
                "parent: 'regions/86' support_record {person: '", Named("persons", person),
                "' mentor: '", Named("persons", mentor),
                "' form: SUPPORT_FORM_MENTORING start_date {year: 2025 month: 9 day: 1}}")));
      }
      const size_t deeds = group.Roll(3) > 0 ? 0 : 1 + group.Roll(2);  // the most did nothing yet
      for (size_t i = 0; i < deeds; ++i) {
        Diagnose(person, campaigns_[group.Roll(kCampaigns)]);
        Enrol(person, programmes_[group.Roll(kProgrammes)], /*complete=*/i == 0);
      }
    }
  }

  diagnostics::v1::Session SheetOf(const std::string& person, const std::string& campaign) {
    diagnostics::v1::Session session;
    session.set_campaign(campaign);
    session.set_instrument(instrument_.name());
    session.set_person(Named("persons", person));
    session.set_organisation(Named("organisations", school_[0]));
    session.set_municipality(Named("municipalities", school_[1]));
    session.set_category(diagnostics::v1::EDUCATOR_CATEGORY_PEDAGOGUE);
    const auto answer = [&](const diagnostics::v1::Item& item) {
      for (const auto& scale : instrument_.scales()) {
        if (scale.code() != item.scale()) continue;
        auto* given = session.add_answers();
        given->set_item(item.code());
        given->set_option(scale.options(scale.options_size() - 1).code());
      }
    };
    for (const auto& group : instrument_.groups()) {
      for (const auto& item : group.items()) {
        if (item.sub_items().empty()) answer(item);
        for (const auto& sub : item.sub_items()) answer(sub);
      }
    }
    return session;
  }
  void Diagnose(const std::string& person, const std::string& campaign) {
    if (!sheets_.insert(person + campaign).second) return;
    diagnostics::v1::BatchSubmitSessionsRequest request;
    request.set_parent(kRegion);
    request.set_campaign(campaign);
    *request.add_sessions() = SheetOf(person, campaign);
    Ask<diagnostics::v1::BatchSubmitSessionsResponse>("BatchSubmitSessions", request);
  }
  std::string Enrol(const std::string& person, const std::string& programme, bool complete) {
    if (!places_.insert(person + programme).second) return "";
    auto request = Parse<programs::v1::BatchCreateEnrolmentsRequest>(absl::StrCat(
        "parent: 'regions/86' initial_state: STATE_IN_PROGRESS enrolments {person: '",
        Named("persons", person), "' organisation: '", Named("organisations", school_[0]),
        "' category: LEARNER_CATEGORY_PEDAGOGUE basis: ENROLMENT_BASIS_PLAN programme: '",
        programme, "' start_date {year: 2026 month: 2 day: 1}}"));
    const auto made =
        Try<programs::v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", request);
    // Another's place was handed over meanwhile.
    if (!made.ok()) return "";
    const std::string name = made->enrolments(0).name();
    if (complete) {
      Ask<programs::v1::Completion>("CompleteEnrolment",
                                    Parse<programs::v1::CompleteEnrolmentRequest>(absl::StrCat(
                                        "name: '", name, "' certificate_number: 'У-", IdOf(name),
                                        "' completion_date {year: 2026 month: 3 day: 20}")));
    }
    return IdOf(name);
  }
  void BuildRoutes(const std::string& campaign) {
    diagnostics::v1::BuildRoutesRequest build;
    build.set_parent(kRegion);
    build.set_campaign(campaign);
    Ask<diagnostics::v1::BuildRoutesResponse>("BuildRoutes", build);
  }

  const std::string token_ = System::Shared().Token("administrator", "regions/86");
  const std::map<std::string, std::shared_ptr<rpc::Client>> clients_ = {
      {"registry", System::Shared().Connect("registry", token_)},
      {"diagnostics", System::Shared().Connect("diagnostics", token_)},
      {"programs", System::Shared().Connect("programs", token_)}};
  std::vector<std::string> school_, programmes_, campaigns_;
  diagnostics::v1::Instrument instrument_;
  std::vector<Group> groups_;
  std::set<std::string> sheets_, places_;  // given out already
};

}  // namespace rsnms::e2e

#endif  // RSNMS_TESTS_E2E_MERGE_WORLD_H_
