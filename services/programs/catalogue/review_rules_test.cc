#include "services/programs/catalogue/review_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::programs::review_rules {
namespace {

const char kAuthor[] = "regions/86/persons/0190a1b2-0000-7000-8000-000000000001";
const char kExpert[] = "regions/86/persons/0190a1b2-0000-7000-8000-000000000002";

v1::ProgrammeVersion Version() {
  v1::ProgrammeVersion version;
  version.add_authors(kAuthor);
  version.add_syllabus()->add_modules();
  return version;
}

v1::TrainingRules Rules() {
  v1::TrainingRules rules;
  rules.set_least_experts(2);
  for (const char* code : {"novelty", "structure"}) {
    rules.add_criteria()->set_code(code);
    rules.mutable_criteria()->rbegin()->set_max_mark(5);
  }
  return rules;
}

v1::ExpertReview Opinion() {
  v1::ExpertReview review;
  for (auto* date : {review.mutable_assigned_date(), review.mutable_review_date()}) {
    date->set_year(2026);
    date->set_month(3);
    date->set_day(1);
  }
  review.set_decision(v1::REVIEW_DECISION_POSITIVE);
  for (const char* code : {"structure", "novelty"}) {
    review.add_marks()->set_criterion(code);
    review.mutable_marks()->rbegin()->set_mark(5);
  }
  return review;
}

std::string Judge(const v1::ExpertReview& review) {
  return rpc::ReasonOf(CheckOpinion(Rules(), Version(), review, absl::CivilDay(2026, 3, 1)));
}

TEST(ReviewRules, OnlyAnUnboundRegisteredExpertOnProgrammesReviews) {
  const ExpertFacts fit = {.person = kExpert, .registered = true, .of_programmes = true};
  EXPECT_TRUE(MayReview(fit, {kAuthor}).ok());
  ExpertFacts expert = fit;
  expert.person.clear();
  EXPECT_EQ(rpc::ReasonOf(MayReview(expert, {kAuthor})), "EXPERT_NOT_REGISTERED");
  expert = fit;
  expert.registered = false;
  EXPECT_EQ(rpc::ReasonOf(MayReview(expert, {kAuthor})), "EXPERT_NOT_REGISTERED");
  expert = fit;
  expert.of_programmes = false;
  EXPECT_EQ(rpc::ReasonOf(MayReview(expert, {kAuthor})), "EXPERT_NOT_REGISTERED");
  expert = fit;
  expert.person = kAuthor;
  EXPECT_EQ(rpc::ReasonOf(MayReview(expert, {kAuthor})), "OWN_PROGRAMME");
  expert = fit;
  expert.employed = true;
  EXPECT_EQ(rpc::ReasonOf(MayReview(expert, {kAuthor})), "CONFLICT_OF_INTEREST");
  expert = fit;
  expert.declared = true;
  EXPECT_EQ(rpc::ReasonOf(MayReview(expert, {kAuthor})), "CONFLICT_OF_INTEREST");
}

TEST(ReviewRules, EveryCriterionIsMarkedOnce) {
  EXPECT_EQ(Judge(Opinion()), "");
  v1::ExpertReview review = Opinion();
  review.mutable_marks()->RemoveLast();
  EXPECT_EQ(Judge(review), "CRITERIA_MISMATCH") << "one has no mark";
  review.add_marks()->set_criterion("structure");
  EXPECT_EQ(Judge(review), "CRITERIA_MISMATCH") << "one has two";
  review = Opinion();
  review.add_marks()->set_criterion("volume");
  EXPECT_EQ(Judge(review), "CRITERIA_MISMATCH") << "not of the rules";
  review = Opinion();
  review.mutable_marks(0)->set_mark(6);
  EXPECT_EQ(Judge(review), "CRITERIA_MISMATCH") << "more than the greatest";
}

TEST(ReviewRules, WhatIsNotPositiveSaysWhatIsWrong) {
  for (const auto decision : {v1::REVIEW_DECISION_REWORK, v1::REVIEW_DECISION_NEGATIVE}) {
    v1::ExpertReview review = Opinion();
    review.set_decision(decision);
    EXPECT_EQ(Judge(review), "REMARKS_REQUIRED");
    review.add_remarks()->set_field("goal");
    EXPECT_EQ(Judge(review), "");
    review.mutable_remarks(0)->set_field("gaol");
    EXPECT_EQ(Judge(review), "REMARK_FIELD_UNKNOWN");
  }
}

TEST(ReviewRules, OpinionIsNotOlderThanTheRequestNorToCome) {
  v1::ExpertReview review = Opinion();
  review.mutable_review_date()->set_month(2);
  EXPECT_EQ(Judge(review), "DATES_OUT_OF_ORDER");
  review.mutable_review_date()->set_month(4);
  EXPECT_EQ(Judge(review), "DATES_OUT_OF_ORDER") << "has not come";
}

TEST(ReviewRules, RemarksNameFieldsThatAreThere) {
  const v1::ProgrammeVersion version = Version();
  for (const char* path : {"goal", "syllabus", "syllabus[0]", "syllabus[0].hours",
                           "syllabus[0].modules[0].hours.lecture_hours", "price_rubles.value"}) {
    EXPECT_TRUE(IsFieldOf(version, path)) << path;
  }
  for (const char* path :
       {"", ".", "goal.", "nothing", "goal[0]", "syllabus[1]", "syllabus[-1]", "syllabus[]",
        "syllabus[0", "syllabus[0]]", "syllabus[x]", "syllabus[99999999999]", "syllabus.hours",
        "goal.hours", "state", "syllabus[0].modules[0].topics[0]", "round"}) {
    EXPECT_FALSE(IsFieldOf(version, path)) << path;
  }
}

TEST(ReviewRules, ApprovalTakesEnoughPositiveOpinionsAndAMajority) {
  const auto judge = [](int given, int positive) {
    return rpc::ReasonOf(MayApprove(Rules(), {.given = given, .positive = positive}));
  };
  EXPECT_EQ(judge(0, 0), "NOT_ENOUGH_POSITIVE_REVIEWS");
  EXPECT_EQ(judge(1, 1), "NOT_ENOUGH_POSITIVE_REVIEWS");
  EXPECT_EQ(judge(2, 1), "EXPERTISE_NEGATIVE");
  EXPECT_EQ(judge(2, 2), "");
  EXPECT_EQ(judge(3, 2), "");
  EXPECT_EQ(judge(4, 2), "EXPERTISE_NEGATIVE");
}

}  // namespace
}  // namespace rsnms::programs::review_rules
