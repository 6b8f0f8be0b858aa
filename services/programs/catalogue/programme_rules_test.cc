#include "services/programs/catalogue/programme_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::programs::programme_rules {
namespace {

v1::Programme Valid() {
  v1::Programme programme;
  programme.set_name("regions/86/programmes/0190a1b2-0000-7000-8000-000000000001");
  programme.set_title("Практикум");
  programme.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  programme.set_duration_hours(16);
  programme.add_competencies()->set_competency("regions/86/competencies/methodical-lesson");
  return programme;
}

absl::Status Create(v1::Programme& programme) {
  return Check(resource::Change::kCreate, nullptr, &programme);
}

TEST(ProgrammeRules, SixteenHoursAreEnoughForDevelopmentAndFifteenAreNot) {
  const auto kind = v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT;
  EXPECT_TRUE(CheckHours({}, kind, 16).ok());
  EXPECT_EQ(rpc::ReasonOf(CheckHours({}, kind, 15)), "TOO_FEW_HOURS");
}

TEST(ProgrammeRules, RetrainingTakesAtLeast250Hours) {
  const auto kind = v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING;
  EXPECT_EQ(rpc::ReasonOf(CheckHours({}, kind, 249)), "TOO_FEW_HOURS");
  EXPECT_TRUE(CheckHours({}, kind, 250).ok());
}

TEST(ProgrammeRules, MinimaAreTheRulesOfTheRegion) {
  const Minima minima = {.development = 24, .retraining = 300};
  const auto kind = v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT;
  EXPECT_EQ(rpc::ReasonOf(CheckHours(minima, kind, 23)), "TOO_FEW_HOURS");
  EXPECT_TRUE(CheckHours(minima, kind, 24).ok());
}

TEST(ProgrammeRules, WhatAnApprovedVersionSaysIsNotRewrittenByHand) {
  v1::Programme before = Valid();
  ASSERT_TRUE(Create(before).ok());
  before.set_current_version("regions/86/programmeVersions/0190a1b2-0000-7000-8000-000000000009");
  v1::Programme after = before;
  after.set_title("Другое");
  const auto update = resource::Change::kUpdate;
  EXPECT_EQ(rpc::ReasonOf(Check(update, &before, &after)), "PROGRAMME_VERSIONED");
  after.set_current_version("regions/86/programmeVersions/0190a1b2-0000-7000-8000-000000000010");
  EXPECT_TRUE(Check(update, &before, &after).ok()) << "the next version says it";
  after.set_current_version(before.current_version());
  after.set_register_sync("regions/86/registerSyncs/0190a1b2-0000-7000-8000-000000000002");
  EXPECT_TRUE(Check(update, &before, &after).ok()) << "the register says it";
  after = before;
  after.set_federal_register_number("DPP-000001");
  EXPECT_TRUE(Check(update, &before, &after).ok()) << "the version does not say it";
}

TEST(ProgrammeRules, InternshipIsPartOfTheHours) {
  v1::Programme programme = Valid();
  programme.set_internship_hours(17);
  EXPECT_EQ(rpc::ReasonOf(Create(programme)), "OUT_OF_RANGE");
}

TEST(ProgrammeRules, CompetenciesAreOfTheSameRegionAndNamedOnce) {
  v1::Programme foreign = Valid();
  foreign.add_competencies()->set_competency("regions/61/competencies/methodical-lesson");
  EXPECT_EQ(rpc::ReasonOf(Create(foreign)), "INVALID_REQUEST");
  v1::Programme twice = Valid();
  *twice.add_competencies() = twice.competencies(0);
  EXPECT_EQ(rpc::ReasonOf(Create(twice)), "INVALID_REQUEST");
  v1::Programme nested = Valid();
  nested.add_competencies()->set_competency("regions/86/competencies/a/b");
  EXPECT_EQ(rpc::ReasonOf(Create(nested)), "INVALID_REQUEST");
}

TEST(ProgrammeRules, CreationFillsStateDepthAndOrderOfTopics) {
  v1::Programme programme = Valid();
  for (const char* topic : {"mentoring", "education-quality-management", "mentoring"}) {
    programme.add_topic_codes(topic);
  }
  ASSERT_TRUE(Create(programme).ok());
  EXPECT_EQ(programme.register_state(), v1::REGISTER_STATE_NOT_LISTED);
  EXPECT_EQ(programme.competencies(0).depth(), v1::COVERAGE_DEPTH_OVERVIEW);
  ASSERT_EQ(programme.topic_codes_size(), 2);
  EXPECT_EQ(programme.topic_codes(0), "education-quality-management");
}

TEST(ProgrammeRules, NumberOfAListedProgrammeIsChangedByTheMirrorOnly) {
  v1::Programme before = Valid();
  before.set_register_state(v1::REGISTER_STATE_LISTED);
  before.set_federal_register_number("DPP-000001");
  v1::Programme after = before;
  after.set_federal_register_number("DPP-000002");
  EXPECT_EQ(rpc::ReasonOf(Check(resource::Change::kUpdate, &before, &after)), "IMMUTABLE_FIELD");
  after.set_register_sync("regions/86/registerSyncs/0190a1b2-0000-7000-8000-000000000002");
  EXPECT_TRUE(Check(resource::Change::kUpdate, &before, &after).ok());
  before.set_register_state(v1::REGISTER_STATE_NOT_LISTED);
  after.clear_register_sync();
  EXPECT_TRUE(Check(resource::Change::kUpdate, &before, &after).ok());
}

}  // namespace
}  // namespace rsnms::programs::programme_rules
