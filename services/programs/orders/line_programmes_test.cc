#include "services/programs/orders/line_programmes.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"
#include "services/programs/catalogue/listeners.h"

namespace rsnms::programs {
namespace {

TEST(LineProgrammes, AWholeCategoryTakesInItsParts) {
  using C = v1::ListenerCategory;
  const C pedagogue = v1::LISTENER_CATEGORY_PEDAGOGUE, manager = v1::LISTENER_CATEGORY_MANAGER;
  for (int i = v1::LISTENER_CATEGORY_PEDAGOGUE; i <= v1::LISTENER_CATEGORY_MANAGEMENT_TEAM; ++i) {
    const auto category = static_cast<C>(i);
    EXPECT_TRUE(IsFor({category}, category));
    // Who may be enrolled by the line may take the programme: one rule, not two.
    EXPECT_EQ(IsFor({pedagogue}, category), MayBeOf(category, v1::LEARNER_CATEGORY_PEDAGOGUE)) << i;
    EXPECT_EQ(IsFor({manager}, category), MayBeOf(category, v1::LEARNER_CATEGORY_MANAGER)) << i;
  }
  EXPECT_TRUE(IsFor({manager}, v1::LISTENER_CATEGORY_MENTOR)) << "deputy heads are mentors too";
  EXPECT_TRUE(IsFor({pedagogue}, v1::LISTENER_CATEGORY_RESERVE)) << "teachers are the reserve too";
  EXPECT_FALSE(IsFor({manager}, pedagogue));
  EXPECT_FALSE(IsFor({pedagogue}, manager));
  EXPECT_FALSE(IsFor({manager}, v1::LISTENER_CATEGORY_YOUNG_SPECIALIST));
  EXPECT_FALSE(IsFor({v1::LISTENER_CATEGORY_MENTOR}, pedagogue)) << "a part is not the whole";
}

TEST(LineProgrammes, WhatALineAsksForIsItsProgrammeElseCompetenciesElseTopics) {
  v1::Programme programme;
  programme.set_name("p");
  programme.add_competencies()->set_competency("a");
  programme.add_topic_codes("t");
  const auto line = [](const std::string& name, const std::string& competency,
                       const std::string& topic) {
    v1::OrderLine made;
    made.set_programme(name);
    if (!competency.empty()) made.add_competencies(competency);
    if (!topic.empty()) made.add_topic_codes(topic);
    return made;
  };
  EXPECT_TRUE(Teaches(programme, line("p", "x", "x")));
  EXPECT_FALSE(Teaches(programme, line("q", "a", "t")));
  EXPECT_TRUE(Teaches(programme, line("", "a", "x")));
  EXPECT_FALSE(Teaches(programme, line("", "x", "t")));
  EXPECT_TRUE(Teaches(programme, line("", "", "t")));
  EXPECT_FALSE(Teaches(programme, line("", "", "x")));
}

TEST(LineProgrammes, AProgrammeThatSaysNotWhomItIsForIsForAll) {
  v1::OrderLine line;
  line.set_listener_category(v1::LISTENER_CATEGORY_MANAGER);
  EXPECT_TRUE(CheckLineProgramme(line, {}, {}, "lines[0]").ok());
  EXPECT_EQ(
      rpc::ReasonOf(CheckLineProgramme(line, {}, {v1::LISTENER_CATEGORY_PEDAGOGUE}, "lines[0]")),
      "LINE_CATEGORY_MISMATCH");
}

}  // namespace
}  // namespace rsnms::programs
