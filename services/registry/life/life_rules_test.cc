#include "services/registry/life/life_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Organisation Body(const std::string& title) {
  v1::Organisation body;
  body.set_name("regions/86/organisations/a");
  body.set_official_name(title);
  return body;
}

TEST(LifeRules, WhatNoPortionTakesIsLeft) {
  auto left = Apportion({"a", "b", "c"}, {{"portions[0]", {"b"}}, {"portions[1]", {}}});
  ASSERT_TRUE(left.ok());
  EXPECT_THAT(*left, ElementsAre("a", "c"));
  auto none = Apportion({"a", "b"}, {{"p", {"b", "a"}}});
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
}

TEST(LifeRules, NothingIsGivenTwiceNorWithoutBeingThere) {
  for (const auto& portions :
       {std::vector<Portion>{{"p", {"a"}}, {"q", {"a"}}}, std::vector<Portion>{{"p", {"a", "a"}}},
        std::vector<Portion>{{"p", {"x"}}}}) {
    EXPECT_EQ(rpc::ReasonOf(Apportion({"a", "b"}, portions).status()), "APPORTIONED_WRONGLY");
  }
}

TEST(LifeRules, TheRefusalNamesSomeOfWhatIsLeft) {
  EXPECT_TRUE(NothingLeft({}).ok());
  auto refused = NothingLeft({"one", "two"});
  EXPECT_EQ(rpc::ReasonOf(refused), "NOT_APPORTIONED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("one, two"));
  EXPECT_THAT(Some(std::vector<std::string>(12, "x")), HasSubstr("(+2)"));
}

TEST(LifeRules, FormerNamesFollowOneAnother) {
  const absl::CivilDay first(2020, 9, 1), second(2022, 9, 1);
  auto school = Body("Школа № 1");
  auto before = FormerName(school, {}, "Лицей № 1", "", first);
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->official_name(), "Школа № 1");
  EXPECT_FALSE(before->has_valid_from_date());
  EXPECT_EQ(ToCivil(before->valid_until_date()), first - 1);

  school.set_official_name("Лицей № 1");
  auto then = FormerName(school, {*before}, "Гимназия", "", second);
  ASSERT_TRUE(then.ok());
  EXPECT_EQ(ToCivil(then->valid_from_date()), first);
  EXPECT_EQ(rpc::ReasonOf(FormerName(school, {*before}, "Гимназия", "", first).status()),
            "CHANGE_OUT_OF_ORDER");
  EXPECT_EQ(rpc::ReasonOf(FormerName(school, {*before}, "Лицей № 1", "", second).status()),
            "NAME_UNCHANGED");
  EXPECT_TRUE(FormerName(school, {*before}, "Лицей № 1", "Лицей", second).ok())
      << "the short name is a name too";
}

TEST(LifeRules, NamesAndTheLastDayAreNotOverwritten) {
  const auto before = Body("Школа № 1");
  auto after = before;
  after.set_short_name("Школа");
  EXPECT_TRUE(CheckDatedFields(before, after).ok()) << "it had none";
  EXPECT_EQ(rpc::ReasonOf(CheckDatedFields(after, before)), "IMMUTABLE_FIELD") << "now it has";
  after = before;
  after.set_official_name("Лицей № 1");
  const auto refused = CheckDatedFields(before, after);
  EXPECT_EQ(rpc::ReasonOf(refused), "IMMUTABLE_FIELD");
  EXPECT_THAT(rpc::ToProto(refused).DebugString(), HasSubstr("RenameOrganisation"));
  after = before;
  *after.mutable_closed_date() = ToDate(absl::CivilDay(2024, 9, 1));
  EXPECT_EQ(rpc::ReasonOf(CheckDatedFields(before, after)), "IMMUTABLE_FIELD");
  EXPECT_EQ(rpc::ReasonOf(CheckDatedFields(after, before)), "IMMUTABLE_FIELD");
  auto later = after;
  *later.mutable_closed_date() = ToDate(absl::CivilDay(2024, 9, 2));
  EXPECT_EQ(rpc::ReasonOf(CheckDatedFields(after, later)), "IMMUTABLE_FIELD");
}

TEST(LifeRules, ClosedAndUnfoundedBodiesDoNotChange) {
  const absl::CivilDay day(2024, 9, 1);
  auto body = Body("Школа");
  EXPECT_TRUE(MayChange(body, day, true).ok());
  *body.mutable_founded_date() = ToDate(day);
  EXPECT_EQ(rpc::ReasonOf(MayChange(body, day, true)), "CHANGE_OUT_OF_ORDER");
  EXPECT_TRUE(MayChange(body, day, false).ok());
  *body.mutable_closed_date() = ToDate(day + 100);
  EXPECT_EQ(rpc::ReasonOf(MayChange(body, day, false)), "ORGANISATION_CLOSED");
}

TEST(LifeRules, ABodyWithSuccessorsStaysClosed) {
  auto body = Body("Школа");
  EXPECT_TRUE(CheckSuccessors(body).ok());
  body.add_successors("regions/86/organisations/b");
  EXPECT_EQ(rpc::ReasonOf(CheckSuccessors(body)), "ORGANISATION_CLOSED");
}

}  // namespace
}  // namespace rsnms::registry
