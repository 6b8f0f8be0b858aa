#include "services/registry/mentoring/mentorship_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/status.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Mentorship Pair() {
  v1::Mentorship mentorship;
  mentorship.set_model(v1::MENTORING_MODEL_TRADITIONAL);
  mentorship.set_state(v1::MENTORSHIP_STATE_PREPARED);
  mentorship.add_mentors("regions/05/persons/1");
  mentorship.add_mentees("regions/05/persons/2");
  *mentorship.mutable_start_date() = ToDate(absl::CivilDay(2024, 9, 1));
  *mentorship.mutable_end_date() = ToDate(absl::CivilDay(2025, 5, 31));
  return mentorship;
}

v1::Mentorship In(v1::MentorshipState state, const v1::Mentorship& from) {
  v1::Mentorship next = from;
  next.set_state(state);
  EXPECT_TRUE(CheckMentorship(&from, next).ok());
  return next;
}

TEST(MentorshipRules, NobodyMentorsThemselvesOrIsNamedTwice) {
  auto own = Pair();
  own.add_mentees("regions/05/persons/1");
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(nullptr, own)), "OWN_MENTOR");
  auto twice = Pair();
  twice.add_mentees("regions/05/persons/2");
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(nullptr, twice)), "REPEATED_MEMBER");
}

TEST(MentorshipRules, OrderOfStepsIsNotForcedButSkippedOnesAreTold) {
  auto pair = Pair();
  ASSERT_TRUE(CheckMentorship(nullptr, pair).ok());
  EXPECT_THAT(pair.passed_steps(), ElementsAre(v1::MENTORSHIP_STATE_PREPARED));
  EXPECT_THAT(pair.skipped_steps(), IsEmpty());
  pair = In(v1::MENTORSHIP_STATE_DOCUMENTED, pair);
  pair = In(v1::MENTORSHIP_STATE_PAIRED, pair);
  EXPECT_THAT(pair.skipped_steps(),
              ElementsAre(v1::MENTORSHIP_STATE_MENTEES_BASED, v1::MENTORSHIP_STATE_MENTORS_BASED,
                          v1::MENTORSHIP_STATE_TRAINED));
  pair = In(v1::MENTORSHIP_STATE_WORKING, pair);
  pair = In(v1::MENTORSHIP_STATE_FINISHED, pair);
  EXPECT_THAT(pair.skipped_steps(),
              ElementsAre(v1::MENTORSHIP_STATE_MENTEES_BASED, v1::MENTORSHIP_STATE_MENTORS_BASED,
                          v1::MENTORSHIP_STATE_TRAINED, v1::MENTORSHIP_STATE_INTERIM_ANALYSED));
}

TEST(MentorshipRules, WhatHasBegunChangesByStepsOnly) {
  auto pair = Pair();
  pair = In(v1::MENTORSHIP_STATE_WORKING, In(v1::MENTORSHIP_STATE_PAIRED, pair));
  auto edited = pair;
  edited.set_programme("другая");
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(&pair, edited)), "MENTORSHIP_FIXED");
  EXPECT_EQ(rpc::ReasonOf(MayDelete(pair)), "MENTORSHIP_FIXED");
  EXPECT_EQ(rpc::ReasonOf(MayJoin(pair)), "INVALID_STATE");
}

TEST(MentorshipRules, EarlyEndLiesWithinTheMentorshipAndIsNamedOnceTheyWorked) {
  auto pair = In(v1::MENTORSHIP_STATE_WORKING, In(v1::MENTORSHIP_STATE_PAIRED, Pair()));
  auto longer = pair;
  longer.set_state(v1::MENTORSHIP_STATE_DISSOLVED);
  *longer.mutable_end_date() = ToDate(absl::CivilDay(2025, 6, 1));
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(&pair, longer)), "OUTSIDE_MENTORSHIP");
  auto unnamed = pair;
  unnamed.set_state(v1::MENTORSHIP_STATE_DISSOLVED);
  unnamed.clear_end_date();
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(&pair, unnamed)), "REQUIRED_FIELD_MISSING");
}

TEST(MentorshipRules, InterimAnalysisLiesWithinTheMentorship) {
  auto pair = In(v1::MENTORSHIP_STATE_WORKING, In(v1::MENTORSHIP_STATE_PAIRED, Pair()));
  auto reviewed = pair;
  reviewed.set_state(v1::MENTORSHIP_STATE_INTERIM_ANALYSED);
  *reviewed.mutable_interim_review_date() = ToDate(absl::CivilDay(2025, 6, 1));
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(&pair, reviewed)), "OUTSIDE_MENTORSHIP");
  *reviewed.mutable_interim_review_date() = ToDate(absl::CivilDay(2025, 5, 31));
  EXPECT_TRUE(CheckMentorship(&pair, reviewed).ok());
}

TEST(MentorshipRules, BaseOfMenteesHasAMentee) {
  auto pair = Pair();
  pair.clear_mentees();
  pair.set_state(v1::MENTORSHIP_STATE_MENTEES_BASED);
  EXPECT_EQ(rpc::ReasonOf(CheckMentorship(nullptr, pair)), "REQUIRED_FIELD_MISSING");
}

// Sizes as (mentors, mentees) of a formed group of 2 to 6, and of one still being prepared.
TEST(MentorshipRules, GreatestNumbersHoldAlwaysLeastOnesOnceFormed) {
  v1::MentoringModelCard group;
  group.set_mentors_min(1);
  group.set_mentors_max(1);
  group.set_mentees_min(2);
  group.set_mentees_max(6);
  for (int mentors = 0; mentors <= 2; ++mentors) {
    for (int mentees = 0; mentees <= 8; ++mentees) {
      v1::Mentorship mentorship;
      for (int i = 0; i < mentors; ++i) mentorship.add_mentors("m");
      for (int i = 0; i < mentees; ++i) mentorship.add_mentees("n");
      mentorship.set_state(v1::MENTORSHIP_STATE_PREPARED);
      EXPECT_EQ(FitsModel(group, mentorship).ok(), mentors <= 1 && mentees <= 6);
      mentorship.set_state(v1::MENTORSHIP_STATE_PAIRED);
      EXPECT_EQ(FitsModel(group, mentorship).ok(), mentors == 1 && mentees >= 2 && mentees <= 6);
    }
  }
}

}  // namespace
}  // namespace rsnms::registry
