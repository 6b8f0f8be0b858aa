// The watch: what ends soon, what is over and still stands, for whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/registry/paging_test.h"
#include "services/registry/terms/terms_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Watch : public TermsTest {
 protected:
  absl::StatusOr<v1::ListEndingTermsResponse> Ask(rpc::Client& client,
                                                  const v1::ListEndingTermsRequest& request) {
    v1::ListEndingTermsResponse response;
    auto status = client.Unary("rsnms.registry.v1.Terms/ListEndingTerms", request, &response,
                               absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  static v1::ListEndingTermsRequest Asking(int within, int overdue = 0,
                                           std::vector<v1::TermKind> kinds = {}) {
    v1::ListEndingTermsRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = D(2025, 1, 1);
    request.set_within_days(within);
    request.set_overdue_days(overdue);
    for (const auto kind : kinds) request.add_kinds(kind);
    return request;
  }
  std::vector<std::string> Names(const v1::ListEndingTermsRequest& request,
                                 rpc::Client* client = nullptr) {
    auto answer = Ask(client == nullptr ? *admin_ : *client, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::vector<std::string> names;
    if (!answer.ok()) return names;
    for (const auto& term : answer->terms()) names.push_back(term.resource());
    return names;
  }
  std::string Head(const std::string& district, const std::string& person, const char* from,
                   const char* until) {
    return "regions/86/districtOfficers/" +
           Sql(absl::StrCat("INSERT INTO district_officer (region_code, id, version, create_time, "
                            "update_time, district_id, role, person_id, municipality_id, "
                            "valid_from_date, valid_until_date, basis_document) VALUES ('86', "
                            "gen_random_uuid(), 1, now(), now(), '",
                            Id(district), "', 'HEAD', '", Id(person), "', '71876000', ", from, ", ",
                            until, ", '') RETURNING id"));
  }
};

TEST_F(Watch, EachKindIsSeenWithItsDay) {
  const auto methodologist = Methodologist("'2025-01-02'");
  const auto agreement = Agreement("'2025-01-03'");
  const auto appointment = Appointment("'2025-01-04'");
  const auto site = Site("'2024-01-01'", "STATUS_GRANTED", "'2025-01-05'");
  const auto mentor = Worker(), mentee = Worker();
  const auto mentorship = Made<v1::Mentorship>(
      "Mentoring", "mentorship",
      absl::StrCat("model: MENTORING_MODEL_TRADITIONAL organisation: '", school_, "' mentors: '",
                   mentor, "' mentees: '", mentee, "' start_date ", Day(2024, 1, 1), " end_date ",
                   Day(2025, 1, 6)));
  const auto district = Made<v1::District>(
      "Structure", "district",
      "official_name: 'Северный округ' kind: DISTRICT_KIND_METHODOLOGICAL head_mode: "
      "DISTRICT_HEAD_MODE_ROTATING formed_date " +
          Day(2022, 9, 1));
  const auto head = Head(district, mentor, "'2024-01-01'", "'2025-01-07'");
  const auto qualification = Qualification(mentee, "COMPLIANCE", Day(2025, 1, 8));
  const auto consent = Made<v1::Consent>("People", "consent",
                                         "person: '" + mentee + "' purpose: CONSENT_PURPOSE_IMAGE");
  Set("consent", consent,
      "state = 'GIVEN', given_date = '2024-01-01', valid_until_date = '2025-01-09'");
  const std::vector<std::string> all = {methodologist, agreement, appointment,   site,
                                        mentorship,    head,      qualification, consent};
  auto answer = Ask(*admin_, Asking(8));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->terms_size(), 8);
  for (int i = 0; i < 8; ++i) {
    const auto& term = answer->terms(i);
    EXPECT_EQ(term.kind(), i + 1);
    EXPECT_EQ(term.resource(), all[i]);
    EXPECT_EQ(term.days_left(), i + 1);
    EXPECT_EQ(ToCivil(term.last_date()), CivilDay(2025, 1, i + 2));
    EXPECT_EQ(term.ends_by_itself(), i < 4);
    EXPECT_NE(term.note_ru(), "");
    EXPECT_THAT(Names(Asking(8, 0, {term.kind()})), ElementsAre(all[i]));
  }
  EXPECT_EQ(answer->terms(6).person(), mentee);
  EXPECT_EQ(answer->terms(6).organisation(), school_);
  EXPECT_EQ(answer->terms(6).municipality(), kSurgut);
  EXPECT_THAT(Names(Asking(0)), IsEmpty());
  Head(district, mentee, "'2025-01-08'", "'2026-01-08'");
  EXPECT_THAT(Names(Asking(8, 0, {v1::TERM_KIND_DISTRICT_HEAD})), IsEmpty())
      << "a successor is recorded";
}

TEST_F(Watch, AttestationIsRemindedOfUntilItIsRenewed) {
  const auto teacher = Worker(), expert = Worker(), retired = MakePerson()->name();
  const auto due = Qualification(teacher, "COMPLIANCE", Day(2024, 12, 1));
  Qualification(expert, "FIRST", Day(2024, 12, 1));
  Qualification(expert, "HIGHEST", "");
  Qualification(retired, "COMPLIANCE", Day(2024, 12, 1));
  EXPECT_THAT(Names(Asking(30)), IsEmpty()) << "past";
  auto answer = Ask(*admin_, Asking(30, 60));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->terms_size(), 1);
  EXPECT_EQ(answer->terms(0).resource(), due);
  EXPECT_EQ(answer->terms(0).days_left(), -31);
  Qualification(teacher, "COMPLIANCE", Day(2029, 12, 1));
  EXPECT_THAT(Names(Asking(30, 60)), IsEmpty()) << "attested anew";
}

TEST_F(Watch, IsNarrowedByMunicipalityAndBodyAndByTheCallersScope) {
  const auto urai = MakeBody("Школа Урая", kUrai)->name();
  const auto here = Qualification(Worker(), "COMPLIANCE", Day(2025, 1, 5));
  const auto there = Qualification(Worker(urai), "COMPLIANCE", Day(2025, 1, 6));
  EXPECT_THAT(Names(Asking(30)), ElementsAre(here, there));
  auto request = Asking(30);
  request.set_municipality(kUrai);
  EXPECT_THAT(Names(request), ElementsAre(there));
  request = Asking(30);
  request.set_organisation(school_);
  EXPECT_THAT(Names(request), ElementsAre(here));
  const auto municipal = service_->Connect({"municipal_service"}, {kUrai});
  EXPECT_THAT(Names(Asking(30), municipal.get()), ElementsAre(there));
  const auto body = service_->Connect({"organisation"}, {school_});
  EXPECT_THAT(Names(Asking(30), body.get()), ElementsAre(here));
  const auto educator = service_->Connect({"educator"}, {kRegion});
  EXPECT_TRUE(absl::IsPermissionDenied(Ask(*educator, Asking(30)).status()));
}

TEST_F(Watch, PagesAreTheWholeAndTokensBound) {
  for (int i = 0; i < 10; ++i) {
    Qualification(Worker(), "COMPLIANCE", Day(2025, 1, 5 + i % 2));
    Agreement("'2025-01-05'");
  }
  using Terms = Paged<v1::ListEndingTermsRequest, v1::ListEndingTermsResponse>;
  const auto by = [this](rpc::Client& client) {
    return Terms{[this, &client](const auto& request) { return Ask(client, request); },
                 [](const auto& page) {
                   std::vector<std::string> names;
                   for (const auto& term : page.terms()) names.push_back(term.resource());
                   return names;
                 }};
  };
  EXPECT_EQ(by(*admin_).ExpectPagesMakeTheWhole(Asking(30)).size(), 20u);
  const auto other = service_->Connect({"centre"}, {kRegion});
  by(*admin_).ExpectTokensAreBound(Asking(30), Asking(31), by(*other));
}

}  // namespace
}  // namespace rsnms::registry
