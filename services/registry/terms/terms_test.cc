// What is past its term ends: by its step, once, whoever races, and nothing else does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "services/registry/terms/terms_fixture.h"
#include "services/registry/terms/terms_worker.h"

namespace rsnms::registry {
namespace {

using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr char kPast[] = "'2024-12-31'";
constexpr char kToday[] = "'2025-01-01'";

class Endings : public TermsTest {
 protected:
  EndedTerms Round(absl::Time now = Noon(2025, 1, 1)) {
    EndedTerms terms;
    auto status = EndOverdueEverywhere(service_->host().engine(), now, &terms);
    EXPECT_TRUE(status.ok()) << status;
    return terms;
  }
  static std::vector<std::string> NamesOf(const EndedTerms& terms) {
    std::vector<std::string> names;
    for (const auto& one : terms.ended) names.push_back(one.resource());
    return names;
  }
  std::string State(const std::string& table, const std::string& name, const char* date) {
    return Sql(absl::StrCat("SELECT state || ' ' || coalesce(", date, "::text, '') FROM ", table,
                            " WHERE id = '", Id(name), "'"));
  }
  // Everything of the region as it stands, but its journal.
  std::string Snapshot() {
    std::string all;
    for (const char* table : {"methodologist", "attachment", "agreement", "appointment", "site",
                              "qualification", "consent", "employment", "person"}) {
      all +=
          Sql(absl::StrCat("SELECT coalesce(string_agg(to_jsonb(r)::text, E'\\n' ORDER BY id), "
                           "'') FROM ",
                           table, " r"));
    }
    return all;
  }
};

TEST_F(Endings, WhatADateEndedEndsOnItsLastDayByItsStep) {
  const auto methodologist = Methodologist(kPast), resting = Methodologist(kPast, "SUSPENDED");
  const auto agreement = Agreement(kPast), appointment = Appointment(kPast);
  const auto site = Site(kPast), stopped = Site(kPast, "SUSPENDED"),
             extended = Site("'2023-12-31'", "STATUS_GRANTED", kPast);
  const auto attachment = Attach(methodologist);
  const EndedTerms terms = Round();
  EXPECT_THAT(NamesOf(terms), UnorderedElementsAre(methodologist, resting, agreement, appointment,
                                                   site, stopped, extended));
  EXPECT_EQ(terms.failed, 0);
  EXPECT_EQ(State("methodologist", methodologist, "release_date"), "RELEASED 2024-12-31");
  EXPECT_EQ(State("methodologist", resting, "release_reason"), "RELEASED TERM_EXPIRED");
  EXPECT_EQ(State("agreement", agreement, "ended_date"), "EXPIRED 2024-12-31");
  EXPECT_EQ(State("appointment", appointment, "end_date"), "RELEASED 2024-12-31");
  for (const auto& one : {site, stopped, extended}) {
    EXPECT_EQ(State("site", one, "ended_date"), "EXPIRED 2024-12-31");
  }
  EXPECT_EQ(Sql("SELECT end_date FROM attachment WHERE id = '" + Id(attachment) + "'"),
            "2024-12-31")
      << "what is attached ends with the contract";
  EXPECT_EQ(Sql(absl::StrCat("SELECT string_agg(DISTINCT actor || '/' || reason, ',') FROM journal "
                             "WHERE kind = ",
                             static_cast<int>(feed::v1::CHANGE_KIND_UPDATED))),
            "system:terms/Истёк срок");
  EXPECT_THAT(NamesOf(Round()), UnorderedElementsAre()) << "a second round finds nothing";
}

TEST_F(Endings, NothingElseIsTouched) {
  Methodologist(kToday);
  Methodologist("NULL");
  Methodologist(kPast, "RELEASED");
  Methodologist(kPast, "TRAINED");
  Agreement(kToday);
  Agreement("NULL");
  Agreement(kPast, "SIGNED");
  Appointment(kToday);
  Appointment("NULL", "MONITORING");
  Appointment(kPast, "DIGITAL_RESOURCE", "PROPOSED");
  Site(kToday);
  Site(kPast, "STATUS_GRANTED", kToday);
  Site(kPast, "SELECTED");
  Set("agreement", Agreement(kPast), "delete_time = now()");
  Qualification(Worker(), "COMPLIANCE", Day(2024, 12, 1));
  const std::string before = Snapshot();
  EXPECT_THAT(NamesOf(Round()), UnorderedElementsAre());
  EXPECT_EQ(Snapshot(), before);
}

TEST_F(Endings, DaysAreTheRegionsOwn) {
  const auto agreement = Agreement(kPast);
  const auto evening = absl::FromCivil(absl::CivilSecond(2024, 12, 31, 20), absl::UTCTimeZone());
  EXPECT_THAT(NamesOf(Round(evening)), UnorderedElementsAre()) << "23:00 in Moscow";
  Sql("UPDATE region SET time_zone = 'Nowhere/Land' RETURNING id");
  EXPECT_THAT(NamesOf(Round(evening)), UnorderedElementsAre()) << "no such zone: Moscow's";
  Sql("UPDATE region SET time_zone = 'Asia/Yekaterinburg' RETURNING id");
  EXPECT_THAT(NamesOf(Round(evening)), UnorderedElementsAre(agreement)) << "01:00 of 1 January";
}

TEST_F(Endings, RacingReplicasEndEachTermOnce) {
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) expected.push_back(Agreement(kPast));
  for (int i = 0; i < 6; ++i) expected.push_back(Site(kPast));
  const auto methodologist = Methodologist(kPast);
  Attach(methodologist);
  expected.push_back(methodologist);
  std::vector<EndedTerms> rounds(4);
  std::vector<std::thread> replicas;
  for (auto& round : rounds) replicas.emplace_back([&] { round = Round(); });
  for (auto& replica : replicas) replica.join();
  std::vector<std::string> ended;
  for (const auto& round : rounds) {
    const auto names = NamesOf(round);
    ended.insert(ended.end(), names.begin(), names.end());
  }
  // A replica leaves to the next round what another holds in that moment.
  const auto rest = NamesOf(Round());
  ended.insert(ended.end(), rest.begin(), rest.end());
  EXPECT_THAT(ended, UnorderedElementsAreArray(expected));
  EXPECT_EQ(Sql("SELECT max(n) FROM (SELECT count(*) AS n FROM journal WHERE actor = "
                "'system:terms' GROUP BY resource_type, resource_id) AS x"),
            "1");
}

TEST_F(Endings, WhatARuleRefusesHoldsNoOtherUp) {
  const auto good = Agreement(kPast), bad = Agreement(kPast), alsoGood = Agreement(kPast);
  Set("agreement", bad, "signed_date = '2025-06-01'");
  const EndedTerms terms = Round();
  EXPECT_THAT(NamesOf(terms), UnorderedElementsAre(good, alsoGood));
  EXPECT_EQ(terms.failed, 1);
  EXPECT_EQ(State("agreement", bad, "ended_date"), "IN_FORCE ");
}

TEST_F(Endings, OperatorEndsTheirOwnRegionOnly) {
  const auto agreement = Agreement(kPast);
  const auto ask = [&](rpc::Client& client, bool validate_only) {
    v1::EndOverdueRequest request;
    request.set_parent(kRegion);
    request.set_validate_only(validate_only);
    v1::EndOverdueResponse response;
    auto status = client.Unary("rsnms.registry.v1.Terms/EndOverdue", request, &response,
                               absl::Now() + absl::Seconds(20));
    return status.ok() ? absl::StatusOr<v1::EndOverdueResponse>(response) : status;
  };
  const auto municipal = service_->Connect({"administrator"}, {kSurgut});
  EXPECT_TRUE(absl::IsPermissionDenied(ask(*municipal, false).status()));
  const auto school = service_->Connect({"organisation"}, {kRegion});
  EXPECT_TRUE(absl::IsPermissionDenied(ask(*school, false).status())) << "the role may not";
  const auto centre = service_->Connect({"centre"}, {kRegion});
  const std::string before = Snapshot();
  auto dry = ask(*centre, true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(dry->ended_count(), 1);
  EXPECT_EQ(Snapshot(), before) << "validate_only changes nothing";
  auto ended = ask(*centre, false);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->ended(0).resource(), agreement);
  EXPECT_EQ(ToCivil(ended->as_of_date()), CivilDay(2025, 1, 1));
  EXPECT_EQ(ask(*centre, false)->ended_count(), 0);
}

TEST_F(Endings, WorkerGoesRoundByItself) {
  const auto agreement = Agreement(kPast);
  TermsOptions options;
  options.every = absl::Milliseconds(50);
  options.now = [] { return Noon(2025, 1, 1); };
  const auto worker = TermsWorker::Start(&service_->host().engine(), options, nullptr);
  for (int i = 0; i < 200 && State("agreement", agreement, "ended_date") == "IN_FORCE "; ++i) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_EQ(State("agreement", agreement, "ended_date"), "EXPIRED 2024-12-31");
}

TEST(TermsInterval, IsADurationOrNever) {
  EXPECT_EQ(*ParseTermsInterval(""), absl::Hours(1));
  EXPECT_EQ(*ParseTermsInterval("30m"), absl::Minutes(30));
  EXPECT_EQ(*ParseTermsInterval("never"), absl::InfiniteDuration());
  for (const char* bad : {"1s", "-1h", "soon", "0"}) {
    EXPECT_FALSE(ParseTermsInterval(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace rsnms::registry
