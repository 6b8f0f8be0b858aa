// Pure rules: files to rows, circles, the matrix, heads of districts.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "rapidcheck/gtest.h"
#include "services/registry/structure/district_rules.h"
#include "services/registry/structure/functions_report.h"
#include "services/registry/structure/profile_rows.h"
#include "services/registry/structure/structure_fixture.h"

namespace rsnms::registry {
namespace {

std::string ReasonOfRows(const v1::SystemProfileFile& file, const char* parent = "regions/86") {
  return rpc::ReasonOf(ToRows(file, parent).status());
}

TEST(ProfileRows, FileBecomesNamedRowsInTheOrderOfTheAct) {
  const auto rows = ToRows(SmallProfile(), "regions/86");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->subjects.size(), 2u);
  ASSERT_EQ(rows->functions.size(), 3u);
  EXPECT_EQ(rows->profile.name(), "regions/86/systemProfiles/small");
  EXPECT_EQ(rows->subjects[1].parent(), "regions/86/systemSubjects/small-ministry");
  EXPECT_EQ(rows->functions[0].name(), "regions/86/functionAssignments/small-ministry-monitor");
  EXPECT_EQ(rows->functions[0].joint_partners(0), "regions/86/systemSubjects/small-centre");
  EXPECT_EQ(rows->functions[0].external_partners(0), "operator");
  EXPECT_EQ(rows->functions[2].deliver_to(), "regions/86/systemSubjects/small-ministry");
  EXPECT_EQ(rows->functions[2].obligation(), v1::FUNCTION_OBLIGATION_DUTY);
}

TEST(ProfileRows, BrokenFilesAreRefusedWithThePlaceOfTheFault) {
  EXPECT_EQ(ReasonOfRows(SmallProfile(), "regions/22"), "PROFILE_OF_OTHER_REGION");
  auto file = SmallProfile();
  file.mutable_subjects(1)->set_code("Ministry");
  EXPECT_EQ(ReasonOfRows(file), "REPEATED_PROFILE_CODE") << "ids are in lower case";
  file = SmallProfile();
  file.mutable_subjects(1)->mutable_functions(0)->set_code("ministry.monitor");
  EXPECT_EQ(ReasonOfRows(file), "REPEATED_PROFILE_CODE");
  file = SmallProfile();
  file.mutable_subjects(1)->set_parent_code("nobody");
  EXPECT_EQ(ReasonOfRows(file), "BROKEN_PROFILE_REFERENCE");
  file = SmallProfile();
  file.mutable_subjects(0)->mutable_functions(0)->set_joint_codes(1, "nobody");
  EXPECT_EQ(ReasonOfRows(file), "BROKEN_PROFILE_REFERENCE");
  file.mutable_subjects(0)->mutable_functions(0)->set_joint_codes(1, "ministry");
  EXPECT_EQ(ReasonOfRows(file), "JOINT_WITH_ITSELF");
  file = SmallProfile();
  file.mutable_subjects(0)->set_kind("SHOP");
  EXPECT_EQ(ReasonOfRows(file), "UNKNOWN_SUBJECT_KIND");
  file = SmallProfile();
  file.mutable_subjects(0)->set_parent_code("centre");
  EXPECT_EQ(ReasonOfRows(file), "SUBJECT_CYCLE");
}

// Somebody who returns to themselves within as many steps as there are links.
bool NaiveCycle(const std::map<int, int>& parents) {
  for (const auto& [start, parent] : parents) {
    int at = parent;
    for (size_t step = 0; step < parents.size(); ++step) {
      if (at == start) return true;
      auto next = parents.find(at);
      if (next == parents.end()) break;
      at = next->second;
    }
  }
  return false;
}

RC_GTEST_PROP(ProfileRows, CyclesAreFoundExactlyWhereAWalkReturns, ()) {
  const auto parents =
      *rc::gen::container<std::map<int, int>>(rc::gen::inRange(0, 8), rc::gen::inRange(0, 8));
  absl::flat_hash_map<std::string, std::string> named;
  for (const auto& [child, parent] : parents) named[std::to_string(child)] = std::to_string(parent);
  RC_ASSERT(CheckNoCycle(named).ok() == !NaiveCycle(parents));
}

v1::FunctionsReport SmallReport(const v1::SystemProfileFile& file, const Acting& acting = {}) {
  const auto rows = ToRows(file, "regions/86");
  EXPECT_TRUE(rows.ok()) << rows.status();
  return MakeReport(rows->profile, rows->subjects, rows->functions, acting);
}

TEST(FunctionsReport, JointFunctionsThePartnerAnswersAreNoWarning) {
  const auto report = SmallReport(SmallProfile());
  EXPECT_EQ(report.joint_links(), 2) << "the external partner is no subject";
  EXPECT_EQ(report.one_sided_links_size(), 0);
  EXPECT_EQ(report.rows(0).partner_names(0), "Ц");
  EXPECT_EQ(report.rows(0).partner_names(1), "Федеральный оператор");
}

TEST(FunctionsReport, JointFunctionThePartnerDoesNotAnswerIsAWarning) {
  auto file = SmallProfile();
  file.mutable_subjects(1)->mutable_functions(0)->set_canonical_code("other");
  const auto report = SmallReport(file);
  ASSERT_EQ(report.one_sided_links_size(), 2);
  EXPECT_EQ(report.one_sided_links(0).clause(), "1#1");
  EXPECT_EQ(report.one_sided_links(0).partner(), "regions/86/systemSubjects/small-centre");
  EXPECT_NE(report.one_sided_links(0).text().find("ответной отметки нет"), std::string::npos);
}

TEST(FunctionsReport, InteractionExpectsNoReverseMark) {
  auto file = SmallProfile();
  file.mutable_subjects(1)->mutable_functions(0)->clear_joint_codes();
  file.mutable_subjects(0)->mutable_functions(0)->set_joint_form(v1::JOINT_FORM_INTERACTION);
  const auto report = SmallReport(file);
  EXPECT_EQ(report.joint_links(), 0);
  EXPECT_EQ(report.one_sided_links_size(), 0);
}

TEST(FunctionsReport, FunctionsOfASubjectNobodyActsAsAreUncovered) {
  const Acting acting = {
      {"regions/86/systemSubjects/small-centre", {"regions/86/organisations/1"}}};
  const auto report = SmallReport(SmallProfile(), acting);
  ASSERT_EQ(report.uncovered_functions_size(), 1);
  EXPECT_EQ(report.uncovered_functions(0), "regions/86/functionAssignments/small-ministry-monitor");
  EXPECT_FALSE(report.rows(0).covered());
  EXPECT_TRUE(report.rows(1).covered());
  EXPECT_EQ(report.subjects(1).functions(), 2);
  EXPECT_EQ(report.subjects(1).organisations_size(), 1);
}

v1::DistrictOfficer Head(CivilDay from, std::optional<CivilDay> until) {
  v1::DistrictOfficer head;
  *head.mutable_valid_from_date() = ToDate(from);
  if (until) *head.mutable_valid_until_date() = ToDate(*until);
  return head;
}

TEST(DistrictRules, RotatingHeadServesOneToTwoYears) {
  const auto check = [](std::optional<CivilDay> until, bool created = true) {
    return CheckHeadTerm(v1::DISTRICT_HEAD_MODE_ROTATING, created,
                         Head(CivilDay(2026, 9, 1), until))
        .ok();
  };
  EXPECT_FALSE(check(std::nullopt));
  EXPECT_FALSE(check(CivilDay(2027, 8, 30)));
  EXPECT_TRUE(check(CivilDay(2027, 8, 31)));
  EXPECT_TRUE(check(CivilDay(2028, 8, 31)));
  EXPECT_FALSE(check(CivilDay(2028, 9, 1)));
  EXPECT_TRUE(check(CivilDay(2026, 12, 31), false)) << "a head may leave early";
  EXPECT_TRUE(CheckHeadTerm(v1::DISTRICT_HEAD_MODE_PERMANENT, true,
                            Head(CivilDay(2026, 9, 1), std::nullopt))
                  .ok());
}

TEST(DistrictRules, NobodyHeadsASecondTimeBeforeAllHaveHadTheirTurn) {
  const absl::flat_hash_set<std::string> members = {"a", "b", "c"};
  EXPECT_TRUE(CheckTurn(members, {}, "a").ok());
  EXPECT_TRUE(CheckTurn(members, {{"a", 1}}, "b").ok());
  EXPECT_EQ(rpc::ReasonOf(CheckTurn(members, {{"a", 1}}, "a")), "HEAD_OUT_OF_TURN");
  EXPECT_TRUE(CheckTurn(members, {{"a", 1}, {"b", 1}, {"c", 1}}, "a").ok());
  EXPECT_TRUE(CheckTurn(members, {{"a", 1}, {"b", 1}, {"c", 1}, {"left", 0}}, "a").ok())
      << "who left the district is waited for no longer";
}

}  // namespace
}  // namespace rsnms::registry
