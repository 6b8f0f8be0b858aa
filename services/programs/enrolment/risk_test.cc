// The risk list over the wire: what the database finds is what the rules say.
#include <algorithm>
#include <random>
#include <tuple>

#include "services/programs/enrolment/risk_rules.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using E = v1::Enrolment;

class Risks : public TrainingFixture {
 protected:
  // All rows, page by page, as `rule person since`.
  std::vector<std::string> List(const std::string& day, const std::string& more = "",
                                int page_size = 1000) {
    std::vector<std::string> rows;
    std::string token;
    do {
      const auto page = Need(Send<v1::ListEnrolmentRisksResponse>(
          "ListEnrolmentRisks", Cat("parent: 'regions/86' as_of_date ", day, " page_size: ",
                                    page_size, " page_token: '", token, "' ", more)));
      EXPECT_LE(page.risks_size(), page_size);
      for (const auto& risk : page.risks()) rows.push_back(Row(risk));
      token = page.next_page_token();
    } while (!token.empty());
    return rows;
  }
  static std::string Row(const v1::EnrolmentRisk& risk) {
    return Cat(v1::RiskRule_Name(risk.rule()).substr(10), " ", risk.person(), " ",
               risk.since_date().year(), "-", risk.since_date().month(), "-",
               risk.since_date().day());
  }
};

TEST_F(Risks, EachRowNamesTheRuleAndSinceWhen) {
  const std::string group = OpenGroup(2, Cat("curator: '", Person(900), "'"));
  const std::string other = OpenGroup(2);
  const E late = Need(Apply(group, 1)), learner = Need(Apply(group, 2));
  Need(Apply(group, 3));
  Need(Step<E>("ConfirmEnrolment", late.name()));
  Need(Step<E>("ConfirmEnrolment", learner.name()));
  const E elsewhere = Need(Apply(other, 4));
  Need(Step<E>("ConfirmEnrolment", elsewhere.name()));
  Need(Step<v1::Group>("RunGroup", group));
  Need(Step<E>("StartEnrolment", learner.name()));
  EXPECT_THAT(List(Day(3, 2)), ElementsAre());
  EXPECT_THAT(List(Day(3, 5)), ElementsAre("STILL_WAITING " + Person(3) + " 2026-3-3"));
  EXPECT_THAT(List(Day(3, 6)), ElementsAre("STILL_WAITING " + Person(3) + " 2026-3-3",
                                           "LATE_START " + Person(1) + " 2026-3-6",
                                           "LATE_START " + Person(4) + " 2026-3-6"));
  EXPECT_THAT(List(Day(3, 20), "rule: RISK_RULE_NO_ACTIVITY"),
              ElementsAre("NO_ACTIVITY " + Person(2) + " 2026-3-17"));
  EXPECT_THAT(List(Day(3, 6), Cat("group: '", other, "'")),
              ElementsAre("LATE_START " + Person(4) + " 2026-3-6"));
  EXPECT_EQ(List(Day(3, 6), Cat("curator: '", Person(900), "'")).size(), 2u);
  EXPECT_EQ(List(Day(4, 1), "rule: RISK_RULE_OVERDUE").size(), 3u);
}

TEST_F(Risks, ActivityPutsOffTheRule) {
  const std::string group = OpenGroup(2);
  const E learner = Need(Apply(group, 1)), applicant = Need(Apply(group, 2));
  Need(Step<E>("ConfirmEnrolment", learner.name()));
  Need(Step<v1::Group>("RunGroup", group));
  Need(Step<E>("StartEnrolment", learner.name()));
  const auto record = [&](const E& enrolment, const std::string& day) {
    return Send<v1::RecordActivityResponse>(
        "RecordActivity", Cat("parent: 'regions/86' activities {enrolment: '", enrolment.name(),
                              "' date ", day, "}"));
  };
  EXPECT_EQ(Need(record(learner, Day(3, 12))).changed_count(), 1);
  EXPECT_EQ(Need(record(learner, Day(3, 11))).changed_count(), 0) << "an earlier day is no news";
  EXPECT_THAT(List(Day(3, 27), "rule: RISK_RULE_NO_ACTIVITY"),
              ElementsAre("NO_ACTIVITY " + Person(1) + " 2026-3-27"));
  const auto wrong = record(applicant, Day(3, 12));
  EXPECT_REASON(wrong, "INVALID_STATE");
  EXPECT_THAT(Told(wrong.status()), HasSubstr("activities[0].enrolment"));
  const auto future = record(learner, Day(1, 1, 2100));
  EXPECT_REASON(future, "OUT_OF_RANGE");
  EXPECT_THAT(Told(future.status()), HasSubstr("activities[0].date"));
  EXPECT_REASON(record(E(), Day(3, 12)), "REQUIRED_FIELD_MISSING");
}

TEST_F(Risks, AnUndatedStepKeepsTheDayOfTheOneBefore) {
  const std::string group = OpenGroup(2);
  const E learner = Need(Apply(group, 1));
  const auto step = [&](const std::string& method, int day) {
    Need(Step<E>(method, learner.name(), Cat("reason: 'приказ' state_date ", Day(3, day))));
  };
  Need(Step<v1::Group>("RunGroup", group));
  step("ConfirmEnrolment", 2);
  step("StartEnrolment", 2);
  step("DeferEnrolment", 4);
  step("ResumeEnrolment", 25);
  const E again = Need(Step<E>("StartEnrolment", learner.name()));
  EXPECT_EQ(again.state_date().day(), 25);
  EXPECT_THAT(List(Day(4, 9), "rule: RISK_RULE_NO_ACTIVITY"),
              ElementsAre("NO_ACTIVITY " + Person(1) + " 2026-4-9"))
      << "the days learning was put off are not counted";
  EXPECT_THAT(List(Day(4, 8), "rule: RISK_RULE_NO_ACTIVITY"), ElementsAre());
}

TEST_F(Risks, WhoIsDeferredWithoutATermIsListedOnceTheGroupHasEnded) {
  const std::string group = OpenGroup(2);
  const E learner = Need(Apply(group, 1));
  Need(Move("ConfirmEnrolment", learner.name()));
  Need(Move("DeferEnrolment", learner.name()));
  EXPECT_THAT(List(Day(4, 20)), ElementsAre());
  Need(Step<v1::Group>("RunGroup", group));
  Need(Step<v1::Group>("FinishGroup", group));
  EXPECT_THAT(List(Day(4, 20)), ElementsAre("GROUP_ENDED " + Person(1) + " 2026-4-1"));
}

TEST_F(Risks, TheRegionSetsItsThresholds) {
  const std::string group = OpenGroup(1);
  const E late = Need(Apply(group, 1));
  Need(Step<E>("ConfirmEnrolment", late.name()));
  EXPECT_EQ(List(Day(3, 5)).size(), 0u);
  const auto set = [&](const std::string& id, int days) {
    return Send<v1::RiskSettings>("UpdateRiskSettings",
                                  Cat("risk_settings {name: 'regions/86/riskSettings/", id,
                                      "' late_start_days: ", days, "} allow_missing: true"));
  };
  Need(set("default", 0));
  const auto page = Need(Send<v1::ListEnrolmentRisksResponse>(
      "ListEnrolmentRisks", "parent: 'regions/86' as_of_date " + Day(3, 5)));
  ASSERT_EQ(page.risks_size(), 1);
  EXPECT_EQ(page.risks(0).threshold_days(), 0);
  EXPECT_EQ(page.risks(0).elapsed_days(), 3);
  EXPECT_EQ(page.risks(0).base_date().day(), 2);
  EXPECT_REASON(set("other", 1), "INVALID_NAME");
  EXPECT_REASON(set("default", 400), "OUT_OF_RANGE");
}

// Random enrolments, written past the service: the database's rows are those of the pure rules, in
// their order, whatever the size of pages.
TEST_F(Risks, TheListIsWhatTheRulesSay) {
  std::mt19937 dice(20261122);
  const auto roll = [&](int n) { return static_cast<int>(dice() % n); };
  std::vector<std::string> groups;
  for (int i = 0; i < 4; ++i) groups.push_back(OpenGroup(1000));
  for (int i = 0; i < 300; ++i) {
    const bool grouped = roll(6) != 0;
    const E made = grouped ? Need(Apply(groups[roll(4)], i + 1))
                           : Need(Send<E>("CreateEnrolment", Cat("parent: 'regions/86' enrolment ",
                                                                 Application(programme_, i + 1))));
    const char* states[] = {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED", "WITHDRAWN"};
    const std::string state = states[roll(5)];
    const bool waits = grouped && state == "APPLIED" && roll(2) == 0;
    const bool keeps = grouped && state != "DEFERRED" && state != "WITHDRAWN";
    const auto day = [&]() -> std::string {
      return roll(3) == 0 ? "NULL" : Cat("DATE '2026-03-01' + ", roll(60));
    };
    Sql(Cat("UPDATE enrolment SET state = '", state, "', seat = '",
            waits ? "WAITING" : (keeps ? "HELD" : "UNSPECIFIED"),
            "', waiting_number = ", waits ? i + 1 : 0, ", start_date = ", day(),
            ", planned_end_date = ", day(), ", state_date = ", day(), ", state_time = ", day(),
            ", create_time = DATE '2026-03-01' + ", roll(60), ", deferred_until_date = ", day(),
            ", last_activity_date = ", day(), " WHERE id = '", IdOf(made.name()),
            "' RETURNING id"));
  }
  Sql(Cat(
      "UPDATE learner_group SET state = 'FINISHED', update_time = DATE '2026-03-20' WHERE id = '",
      IdOf(groups[0]), "' RETURNING id"));
  Sql(Cat("UPDATE learner_group SET state = 'CANCELLED' WHERE id = '", IdOf(groups[1]),
          "' RETURNING id"));
  const absl::CivilDay today(2026, 5, 20);
  std::vector<std::tuple<absl::CivilDay, std::string, int, std::string>> expected;
  const auto all = Need(
      Send<v1::ListEnrolmentsResponse>("ListEnrolments", "parent: 'regions/86' page_size: 1000"));
  for (const E& row : all.enrolments()) {
    const v1::Group group = row.group().empty() ? v1::Group() : ReadGroup(row.group());
    for (const auto rule : risk_rules::AllRules()) {
      const auto base = risk_rules::BaseOf(rule, row, group);
      if (!base) continue;
      v1::EnrolmentRisk risk;
      risk.set_rule(rule);
      risk.set_person(row.person());
      const auto since = risk_rules::SinceOf(*base, risk_rules::ThresholdOf(rule, {}));
      *risk.mutable_since_date() = risk_rules::ToDate(since);
      if (since <= today) expected.emplace_back(since, row.name(), rule, Row(risk));
    }
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> rows;
  for (const auto& row : expected) rows.push_back(std::get<3>(row));
  ASSERT_GT(rows.size(), 100u);
  EXPECT_EQ(List(Day(5, 20)), rows);
  EXPECT_EQ(List(Day(5, 20), "", 7), rows);
  EXPECT_FALSE(List(Day(5, 20), "rule: RISK_RULE_DEFERRAL_OPEN").empty());
}

TEST_F(Risks, APageBelongsToItsRequest) {
  const std::string group = OpenGroup(5);
  for (int i = 1; i <= 3; ++i) {
    Need(Step<E>("ConfirmEnrolment", Need(Apply(group, i)).name()));
  }
  const std::string ask = "parent: 'regions/86' page_size: 1 as_of_date ";
  const auto page =
      Need(Send<v1::ListEnrolmentRisksResponse>("ListEnrolmentRisks", ask + Day(3, 20)));
  ASSERT_NE(page.next_page_token(), "");
  EXPECT_REASON(Send<v1::ListEnrolmentRisksResponse>(
                    "ListEnrolmentRisks",
                    Cat(ask, Day(3, 21), " page_token: '", page.next_page_token(), "'")),
                "INVALID_PAGE_TOKEN");
  EXPECT_EQ(Send<v1::ListEnrolmentRisksResponse>("ListEnrolmentRisks", "parent: 'regions/86'")
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace rsnms::programs
