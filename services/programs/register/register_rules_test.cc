#include "services/programs/register/register_rules.h"

#include <gtest/gtest.h>

#include <functional>

#include "libs/rpc/status.h"

namespace rsnms::programs::register_rules {
namespace {

federal::v1::Programme Valid() {
  federal::v1::Programme entry;
  entry.set_name("programmes/DPP-000001");
  entry.set_register_number("DPP-000001");
  entry.set_title("Практикум");
  entry.set_kind(federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  entry.mutable_provider()->set_title("Институт");
  entry.mutable_provider()->set_inn("8601999991");
  entry.set_duration_hours(36);
  auto& coverage = *entry.add_competencies();
  coverage.set_competency_code("methodical-lesson");
  coverage.set_depth(federal::v1::COVERAGE_DEPTH_WORKING);
  entry.add_topic_codes("mentoring");
  return entry;
}

TEST(RegisterRules, AWellFormedEntryHasNoProblem) { EXPECT_EQ(Problem(Valid()), ""); }

TEST(RegisterRules, EveryLieIsAProblem) {
  using Lie = std::function<void(federal::v1::Programme&)>;
  const std::vector<Lie> lies = {
      [](auto& e) { e.clear_register_number(); },
      [](auto& e) { e.set_register_number("DPP 1"); },
      [](auto& e) { e.set_register_number(std::string(65, '1')); },
      [](auto& e) { e.set_name("programmes/other"); },
      [](auto& e) { e.clear_title(); },
      [](auto& e) { e.set_title(std::string("a\0b", 3)); },
      [](auto& e) { e.set_kind(static_cast<federal::v1::ProgrammeKind>(99)); },
      [](auto& e) { e.clear_kind(); },
      [](auto& e) { e.set_form(static_cast<federal::v1::StudyForm>(-1)); },
      [](auto& e) { e.clear_provider(); },
      [](auto& e) { e.mutable_provider()->set_inn("8601999990"); },
      [](auto& e) { e.mutable_provider()->set_inn("86"); },
      [](auto& e) { e.set_duration_hours(-36); },
      [](auto& e) { e.set_duration_hours(15); },
      [](auto& e) { e.set_duration_hours(5001); },
      [](auto& e) { e.set_internship_hours(37); },
      [](auto& e) { e.add_competencies()->set_competency_code("НЕ-КОД"); },
      [](auto& e) { *e.add_competencies() = e.competencies(0); },
      [](auto& e) {
        e.mutable_competencies(0)->set_depth(static_cast<federal::v1::CoverageDepth>(9));
      },
      [](auto& e) { e.add_topic_codes("Качество"); },
  };
  for (size_t i = 0; i < lies.size(); ++i) {
    federal::v1::Programme entry = Valid();
    lies[i](entry);
    EXPECT_NE(Problem(entry), "") << i;
  }
}

// The run after it would read what changed since a moment to come, that is nothing.
TEST(RegisterRules, ASnapshotOfTimesToComeBreaksTheWalk) {
  const absl::Time now = absl::FromUnixSeconds(1767225600);
  v1::RegisterSync sync;
  federal::v1::ListProgrammesResponse page;
  page.set_snapshot_version("v1");
  page.mutable_snapshot_time()->set_seconds(1767225600 + 23 * 3600);  // clocks differ
  EXPECT_TRUE(CheckPage(sync, page, now).ok());
  page.mutable_snapshot_time()->set_seconds(1767225600 + 25 * 3600);
  EXPECT_EQ(rpc::ReasonOf(CheckPage(sync, page, now)), "REGISTER_BROKEN");
}

TEST(RegisterRules, APageOfAnotherSnapshotBreaksTheWalk) {
  const absl::Time now = absl::FromUnixSeconds(1767225600);
  v1::RegisterSync sync;
  federal::v1::ListProgrammesResponse page;
  EXPECT_EQ(rpc::ReasonOf(CheckPage(sync, page, now)), "REGISTER_BROKEN");
  page.set_snapshot_version("v1");
  page.set_total_size(10);
  EXPECT_FALSE(CheckPage(sync, page, now).ok());  // of no moment
  page.mutable_snapshot_time()->set_seconds(1767225600);
  EXPECT_TRUE(CheckPage(sync, page, now).ok());
  sync.set_cursor("v1.5");
  sync.set_snapshot_version("v1");
  sync.set_expected_count(10);
  EXPECT_TRUE(CheckPage(sync, page, now).ok());
  page.set_snapshot_version("v2");
  EXPECT_FALSE(CheckPage(sync, page, now).ok());
  page.set_snapshot_version("v1");
  page.set_total_size(11);
  EXPECT_FALSE(CheckPage(sync, page, now).ok());
  page.set_total_size(10);
  page.set_next_page_token("v1.5");
  EXPECT_FALSE(CheckPage(sync, page, now).ok());
  page.set_next_page_token("v1.6");
  sync.set_page_count(111);
  EXPECT_FALSE(CheckPage(sync, page, now).ok());
  page.set_total_size(-1);
  sync.clear_cursor();
  EXPECT_FALSE(CheckPage(sync, page, now).ok());
}

TEST(RegisterRules, RepeatedEntriesAreKeptOnceAndContradictingOnesMarked) {
  federal::v1::ListProgrammesResponse page;
  *page.add_programmes() = Valid();
  *page.add_programmes() = Valid();
  ASSERT_EQ(Entries(page).size(), 1u);
  page.mutable_programmes(1)->set_duration_hours(72);
  const auto entries = Entries(page);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_NE(entries[0].problem, "");
  EXPECT_NE(entries[1].problem, "");
  EXPECT_NE(entries[0].number, entries[1].number);
}

TEST(RegisterRules, MatchKeyFoldsCaseAndSpaces) {
  EXPECT_EQ(MatchKey("«Формирующее  ОЦЕНИВАНИЕ Ё»", "", "ИРО"),
            MatchKey("«формирующее оценивание Ё» ", "", " иро"));
  EXPECT_EQ(MatchKey(std::string_view("а\0б", 5), "", ""), MatchKey("а б", "", ""));
  EXPECT_NE(MatchKey("Урок", "8601999991", ""), MatchKey("Урок", "8602999994", ""));
}

}  // namespace
}  // namespace rsnms::programs::register_rules
