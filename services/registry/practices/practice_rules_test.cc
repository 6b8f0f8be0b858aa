#include "services/registry/practices/practice_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"
#include "services/registry/people/activity_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using rpc::ReasonOf;

TEST(PracticeLevels, AreAssignedByTheMeanScoreExactly) {
  for (int count = 2; count <= 5; ++count) {
    for (int sum = 0; sum <= 100 * count; ++sum) {
      const double mean = static_cast<double>(sum) / count;
      const auto level = LevelOfScore(ExpertiseRuleOf("86"), sum, count);
      EXPECT_EQ(level == v1::PRACTICE_LEVEL_HIGHEST, mean >= 85) << sum << "/" << count;
      EXPECT_EQ(level == v1::PRACTICE_LEVEL_ADVANCED, mean >= 70 && mean < 85);
      EXPECT_EQ(level == v1::PRACTICE_LEVEL_BASE, mean < 70);
    }
  }
}

TEST(PracticeReview, TakesTwoExpertsAndMoreThanHalfOfThem) {
  v1::Practice practice;
  const auto& rule = ExpertiseRuleOf("86");
  EXPECT_EQ(
      ReasonOf(ConfirmByReviews(rule, {.count = 1, .approvals = 1, .score_sum = 90}, practice)),
      "TOO_FEW_EXPERTS");
  EXPECT_EQ(
      ReasonOf(ConfirmByReviews(rule, {.count = 2, .approvals = 1, .score_sum = 170}, practice)),
      "REVIEW_NEGATIVE");
  ASSERT_TRUE(
      ConfirmByReviews(rule, {.count = 3, .approvals = 2, .score_sum = 200}, practice).ok());
  EXPECT_EQ(practice.score().value(), "66.67");
  EXPECT_EQ(practice.expert_count(), 3);
  EXPECT_EQ(practice.level(), v1::PRACTICE_LEVEL_BASE);
}

TEST(PracticeRules, TextChangesOnlyBeforeReviewAndWhenReturned) {
  for (int state = v1::Practice::STATE_SUBMITTED; state <= v1::Practice::STATE_REJECTED; ++state) {
    v1::Practice practice;
    practice.set_state(static_cast<v1::Practice::State>(state));
    const bool open =
        state == v1::Practice::STATE_SUBMITTED || state == v1::Practice::STATE_RETURNED;
    v1::Practice after = practice;
    EXPECT_EQ(CheckPractice(Change::kUpdate, &practice, after).ok(), open) << state;
    EXPECT_EQ(CheckPractice(Change::kDelete, &practice, after).ok(), open) << state;
  }
}

TEST(PracticeRules, HandingInAgainBeginsANewRound) {
  v1::Practice before;
  before.set_state(v1::Practice::STATE_RETURNED);
  before.set_round(1);
  v1::Practice after = before;
  after.set_state(v1::Practice::STATE_SUBMITTED);
  ASSERT_TRUE(CheckPractice(Change::kUpdate, &before, after).ok());
  EXPECT_EQ(after.round(), 2);
}

// Dagestan R23, L446 (CK30).
TEST(SpreadRules, DefenceInTheDistrictCountsAsSpreadInTheRegion) {
  PracticeFacts practice;
  practice.state = v1::Practice::STATE_PUBLISHED;
  const auto recognised = [&](v1::EventForm form, v1::ActivityLevel level) {
    v1::PracticeSpread before;
    before.set_form(form);
    before.set_level(level);
    before.set_state(v1::PracticeSpread::STATE_DEFENDED);
    v1::PracticeSpread after = before;
    after.set_state(v1::PracticeSpread::STATE_RECOGNISED);
    EXPECT_TRUE(CheckSpread(practice, &before, after).ok());
    return after.recognised_level();
  };
  EXPECT_EQ(recognised(v1::EVENT_FORM_DEFENCE, v1::ACTIVITY_LEVEL_DISTRICT),
            v1::ACTIVITY_LEVEL_REGION);
  EXPECT_EQ(recognised(v1::EVENT_FORM_MASTER_CLASS, v1::ACTIVITY_LEVEL_DISTRICT),
            v1::ACTIVITY_LEVEL_DISTRICT);
  EXPECT_EQ(recognised(v1::EVENT_FORM_DEFENCE, v1::ACTIVITY_LEVEL_FEDERAL),
            v1::ACTIVITY_LEVEL_FEDERAL);
}

// Dagestan R15, L3546 (CK31).
TEST(PublicationRules, AllRussianEditionOnTheMainFieldCountsAsTraining) {
  for (bool main_field : {false, true}) {
    for (int level = v1::ACTIVITY_LEVEL_ORGANISATION; level <= v1::ACTIVITY_LEVEL_INTERNATIONAL;
         ++level) {
      v1::Publication publication;
      publication.set_main_field(main_field);
      publication.set_edition_level(static_cast<v1::ActivityLevel>(level));
      ASSERT_TRUE(CheckPublication(Change::kCreate, nullptr, publication).ok());
      EXPECT_EQ(publication.counts_as_training(),
                main_field && level >= v1::ACTIVITY_LEVEL_FEDERAL);
    }
  }
}

// Another region's rule is data: three experts, other points.
TEST(PracticeReview, FollowsTheRuleOfTheRegion) {
  v1::ExpertiseRule rule;
  rule.set_least_experts(3);
  rule.set_advanced_score(50);
  rule.set_highest_score(95);
  v1::Practice practice;
  EXPECT_EQ(
      ReasonOf(ConfirmByReviews(rule, {.count = 2, .approvals = 2, .score_sum = 190}, practice)),
      "TOO_FEW_EXPERTS");
  ASSERT_TRUE(
      ConfirmByReviews(rule, {.count = 3, .approvals = 3, .score_sum = 270}, practice).ok());
  EXPECT_EQ(practice.level(), v1::PRACTICE_LEVEL_ADVANCED);
}

TEST(GrantRules, AreTheRegionsOwn) {
  ASSERT_EQ(GrantRulesOf("05").size(), 1);
  EXPECT_EQ(GrantRulesOf("05")[0].per_year(), 25) << "Dagestan R02, L162";
  EXPECT_EQ(GrantRulesOf("86").size(), 0);
}

// Dagestan C14, CK32; the consent is asked for where rows are read.
TEST(PublicationRules, SelfStudyIsPublishedAfterReview) {
  v1::Publication before, after;
  before.set_kind(v1::PUBLICATION_KIND_SELF_STUDY);
  after.set_kind(v1::PUBLICATION_KIND_SELF_STUDY);
  before.set_state(v1::Publication::STATE_PREPARED);
  after.set_state(v1::Publication::STATE_PUBLISHED);
  EXPECT_EQ(ReasonOf(CheckPublication(Change::kUpdate, &before, after)), "REVIEW_REQUIRED");
  before.set_state(v1::Publication::STATE_REVIEWED);
  EXPECT_TRUE(CheckPublication(Change::kUpdate, &before, after).ok());
}

}  // namespace
}  // namespace rsnms::registry
