#include "services/diagnostics/session_rules.h"

#include "gtest/gtest.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/batch_checks.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {
namespace {

using resource::Change;

void Put(Answers& answers, std::string_view item, std::string_view option) {
  auto& answer = *answers.Add();
  answer.set_item(std::string(item));
  answer.set_option(std::string(option));
}

TEST(SessionRulesTest, OnlyTheTableMovesASession) {
  for (int s = v1::Session::State_MIN; s <= v1::Session::State_MAX; ++s) {
    for (const auto action : {SessionAction::kSubmit, SessionAction::kAnnul}) {
      v1::Session session;
      session.set_state(static_cast<v1::Session::State>(s));
      const auto status = Move(action, session);
      EXPECT_EQ(status.ok(), s == v1::Session::STATE_IN_PROGRESS) << s;
      if (!status.ok()) {
        EXPECT_EQ(rpc::ReasonOf(status), "SESSION_FROZEN");
      }
    }
  }
}

TEST(SessionRulesTest, FinishedSessionNeverChanges) {
  for (const auto state : {v1::Session::STATE_SUBMITTED, v1::Session::STATE_ANNULLED}) {
    v1::Session before;
    before.set_state(state);
    v1::Session after = before;
    Put(*after.mutable_answers(), "A", "YES");
    EXPECT_EQ(rpc::ReasonOf(CheckSession(Change::kUpdate, &before, &after)), "SESSION_FROZEN");
    EXPECT_EQ(rpc::ReasonOf(CheckSession(Change::kDelete, &before, &after)), "SESSION_FROZEN");
  }
}

TEST(SessionRulesTest, DayOfSubmissionStandsExactlyOnSubmittedSessions) {
  v1::Session session;
  EXPECT_TRUE(CheckSession(Change::kCreate, nullptr, &session).ok());
  EXPECT_EQ(session.state(), v1::Session::STATE_IN_PROGRESS);
  session.set_state(v1::Session::STATE_SUBMITTED);
  EXPECT_FALSE(CheckSession(Change::kCreate, nullptr, &session).ok());
  session.mutable_submit_date()->set_year(2024);
  EXPECT_TRUE(CheckSession(Change::kCreate, nullptr, &session).ok());
  session.set_state(v1::Session::STATE_IN_PROGRESS);
  EXPECT_FALSE(CheckSession(Change::kCreate, nullptr, &session).ok());
}

TEST(SessionRulesTest, SavedAnswersReplaceEarlierOnesAndAnEmptyOptionTakesBack) {
  v1::Session session;
  Put(*session.mutable_answers(), "A", "NO");
  Put(*session.mutable_answers(), "B", "NO");
  Answers changes;
  Put(changes, "C", "YES");
  Put(changes, "A", "YES");
  Put(changes, "B", "");
  ApplyAnswers(changes, session);
  Answers expected;
  Put(expected, "C", "YES");
  Put(expected, "A", "YES");
  EXPECT_TRUE(SameAnswers(session.answers(), expected));
}

TEST(NamesTest, PartsOfNames) {
  EXPECT_EQ(RegionOf("regions/86"), "86");
  EXPECT_EQ(RegionOf("regions/86/routes/x"), "86");
  EXPECT_EQ(RegionOf("routes/x"), "");
  EXPECT_EQ(IdOf("regions/86"), "");
  EXPECT_EQ(IdOf("regions/86/routes/x"), "x");
  EXPECT_EQ(IdOf(""), "");
}

TEST(NamesTest, SameThreeNamesGiveTheSameSession) {
  const auto name = SessionName("86", "c", "i", "p");
  EXPECT_EQ(name, SessionName("86", "c", "i", "p"));
  EXPECT_NE(name, SessionName("86", "c", "i", "q"));
  EXPECT_NE(name, SessionName("86", "c", "j", "p"));
  EXPECT_EQ(IdOf(name).size(), 36u);
  EXPECT_EQ(IdOf(name)[14], '8');
  EXPECT_EQ(IdOf(RouteName(ResultName(name))), IdOf(name));
}

TEST(BatchChecksTest, RowsOfTheRegionOrACampaignOfIt) {
  google::protobuf::RepeatedPtrField<std::string> names;
  EXPECT_EQ(rpc::ReasonOf(CheckBatch("86", "", names, "names")), "INVALID_PARENT");
  EXPECT_EQ(rpc::ReasonOf(CheckBatch("regions/86", "", names, "names")), "INVALID_NAME");
  EXPECT_FALSE(CheckBatch("regions/86", "regions/61/campaigns/x", names, "names").ok());
  EXPECT_TRUE(CheckBatch("regions/86", "regions/86/campaigns/x", names, "names").ok());
  names.Add("regions/61/routes/x");
  EXPECT_EQ(rpc::ReasonOf(CheckBatch("regions/86", "", names, "names")), "INVALID_NAME");
  names.Clear();
  for (int i = 0; i <= kMostOfBatch; ++i) names.Add("regions/86/routes/x");
  EXPECT_EQ(rpc::ReasonOf(CheckBatch("regions/86", "", names, "names")), "OUT_OF_RANGE");
}

}  // namespace
}  // namespace rsnms::diagnostics
