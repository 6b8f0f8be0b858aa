#include "services/registry/practices/practice_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using rpc::ReasonOf;

TEST(PracticeLevels, AreAssignedByTheMeanScoreExactly) {
  for (int count = 2; count <= 5; ++count) {
    for (int sum = 0; sum <= 100 * count; ++sum) {
      const double mean = static_cast<double>(sum) / count;
      const auto level = LevelOfScore(sum, count);
      EXPECT_EQ(level == v1::PRACTICE_LEVEL_HIGHEST, mean >= 85) << sum << "/" << count;
      EXPECT_EQ(level == v1::PRACTICE_LEVEL_ADVANCED, mean >= 70 && mean < 85);
      EXPECT_EQ(level == v1::PRACTICE_LEVEL_BASE, mean < 70);
    }
  }
}

TEST(PracticeReview, TakesTwoExpertsAndMoreThanHalfOfThem) {
  v1::Practice practice;
  EXPECT_EQ(ReasonOf(ConfirmByReviews({.count = 1, .approvals = 1, .score_sum = 90}, practice)),
            "TOO_FEW_EXPERTS");
  EXPECT_EQ(ReasonOf(ConfirmByReviews({.count = 2, .approvals = 1, .score_sum = 170}, practice)),
            "REVIEW_NEGATIVE");
  ASSERT_TRUE(ConfirmByReviews({.count = 3, .approvals = 2, .score_sum = 200}, practice).ok());
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
  v1::PracticeSpread before, after;
  before.set_state(v1::PracticeSpread::STATE_DEFENDED);
  after.set_state(v1::PracticeSpread::STATE_RECOGNISED);
  after.set_form(v1::EVENT_FORM_DEFENCE);
  after.set_level(v1::ACTIVITY_LEVEL_DISTRICT);
  ASSERT_TRUE(CheckSpread(practice, &before, after).ok());
  EXPECT_EQ(after.recognised_level(), v1::ACTIVITY_LEVEL_REGION);
  after.set_form(v1::EVENT_FORM_MASTER_CLASS);
  ASSERT_TRUE(CheckSpread(practice, &before, after).ok());
  EXPECT_EQ(after.recognised_level(), v1::ACTIVITY_LEVEL_DISTRICT);
  after.set_form(v1::EVENT_FORM_DEFENCE);
  after.set_level(v1::ACTIVITY_LEVEL_FEDERAL);
  ASSERT_TRUE(CheckSpread(practice, &before, after).ok());
  EXPECT_EQ(after.recognised_level(), v1::ACTIVITY_LEVEL_FEDERAL);
}

// Dagestan R15, L3546 (CK31).
TEST(PublicationRules, AllRussianEditionOnTheMainFieldCountsAsTraining) {
  for (bool main_field : {false, true}) {
    for (int level = v1::ACTIVITY_LEVEL_ORGANISATION; level <= v1::ACTIVITY_LEVEL_INTERNATIONAL;
         ++level) {
      v1::Publication publication;
      publication.set_main_field(main_field);
      publication.set_edition_level(static_cast<v1::ActivityLevel>(level));
      ASSERT_TRUE(CheckPublication(nullptr, publication).ok());
      EXPECT_EQ(publication.counts_as_training(),
                main_field && level >= v1::ACTIVITY_LEVEL_FEDERAL);
    }
  }
}

// Dagestan C14, CK32.
TEST(PublicationRules, SelfStudyIsPublishedAfterReviewAndWithConsent) {
  v1::Publication before, after;
  after.set_kind(v1::PUBLICATION_KIND_SELF_STUDY);
  before.set_state(v1::Publication::STATE_PREPARED);
  after.set_state(v1::Publication::STATE_PUBLISHED);
  EXPECT_EQ(ReasonOf(CheckPublication(&before, after)), "REVIEW_REQUIRED");
  before.set_state(v1::Publication::STATE_REVIEWED);
  EXPECT_EQ(ReasonOf(CheckPublication(&before, after)), "CONSENT_REQUIRED");
  after.set_consent_document("согласие");
  EXPECT_TRUE(CheckPublication(&before, after).ok());
}

}  // namespace
}  // namespace rsnms::registry
