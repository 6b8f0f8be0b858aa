// The five acts as data, in one installation.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "services/registry/structure/structure_fixture.h"

namespace rsnms::registry {
namespace {

struct Expected {
  const char* code;
  const char* region;
  int subjects, functions;  // rows of the act
  int joint_links, one_sided;
};

// Altai 3.2–3.4; Yugra 3.2–3.5; Orenburg 3.3 and the table of 3.4.1; Volgodonsk 1–3; Dagestan
// III–IV.
constexpr Expected kProfiles[] = {
    {"altai", "04", 8, 65, 0, 0},        {"yugra", "86", 10, 55, 0, 0},
    {"orenburg", "56", 33, 155, 28, 20}, {"volgodonsk", "61", 14, 51, 0, 0},
    {"dagestan", "05", 70, 221, 0, 0},
};

class ProfileLoadTest : public StructureTest {
 protected:
  std::string OrganisationOf(const std::string& parent) {
    v1::CreateOrganisationRequest request;
    request.set_parent(parent);
    request.mutable_organisation()->set_official_name("Министерство");
    request.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_AUTHORITY);
    auto made = Call<v1::Organisation>("CreateOrganisation", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  }
  absl::StatusOr<v1::ActingOrganisation> Act(const std::string& subject, const std::string& body,
                                             CivilDay from, std::optional<CivilDay> until = {}) {
    v1::CreateActingOrganisationRequest request;
    request.set_parent(subject.substr(0, subject.find("/systemSubjects")));
    request.mutable_acting_organisation()->set_subject(subject);
    request.mutable_acting_organisation()->set_organisation(body);
    *request.mutable_acting_organisation()->mutable_valid_from_date() = ToDate(from);
    if (until) *request.mutable_acting_organisation()->mutable_valid_until_date() = ToDate(*until);
    return Ask<v1::ActingOrganisation>("CreateActingOrganisation", request);
  }
};

TEST_F(ProfileLoadTest, FiveActsLoadSideBySideWithTheCountsOfTheirRowsAndAgainChangeNothing) {
  for (const Expected& expected : kProfiles) {
    const auto file = File(expected.code);
    ASSERT_EQ(file.region_code(), expected.region);
    MakeHome(file);
    const auto loaded = Load(file);
    ASSERT_TRUE(loaded.ok()) << expected.code << ' ' << loaded.status();
    EXPECT_EQ(loaded->subjects(), expected.subjects) << expected.code;
    EXPECT_EQ(loaded->functions(), expected.functions) << expected.code;
    EXPECT_EQ(loaded->created(), 1 + expected.subjects + expected.functions);
  }
  const std::string journal = Sql("SELECT count(*) FROM journal");
  for (const Expected& expected : kProfiles) {
    const auto file = File(expected.code);
    const auto again = Load(file);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->created() + again->updated() + again->deleted() + again->restored(), 0)
        << expected.code;
    EXPECT_EQ(again->unchanged(), 1 + expected.subjects + expected.functions);
    const auto report = Report(file);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->subjects_size(), expected.subjects);
    EXPECT_EQ(report->rows_size(), expected.functions);
    EXPECT_EQ(report->uncovered_functions_size(), expected.functions) << "nobody acts yet";
    EXPECT_EQ(report->joint_links(), expected.joint_links) << expected.code;
    EXPECT_EQ(report->one_sided_links_size(), expected.one_sided) << expected.code;
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM journal"), journal) << "loading again writes nothing";
}

TEST_F(ProfileLoadTest, NamesAndClausesStandAsInTheActs) {
  const auto yugra = File("yugra");
  const auto& centre = yugra.subjects(2);
  EXPECT_EQ(centre.code(), "cnppm");
  EXPECT_EQ(centre.parent_code(), "iro");
  EXPECT_EQ(centre.abbreviation(), "ЦНППМПР");
  EXPECT_EQ(centre.clause(), "3.2.3");
  EXPECT_EQ(centre.functions_size(), 14);
  const auto volgodonsk = File("volgodonsk");
  EXPECT_EQ(volgodonsk.municipality_oktmo_code(), "60712000");
  int external = 0;
  for (const auto& subject : volgodonsk.subjects()) {
    for (const auto& function : subject.functions())
      external += static_cast<int>(
          std::count(function.joint_codes().begin(), function.joint_codes().end(), "cnppm"));
  }
  EXPECT_EQ(external, 2) << "the region's centre is outside the city's system";
  const auto dagestan = File("dagestan");
  EXPECT_EQ(dagestan.levels_size(), 5);
}

TEST_F(ProfileLoadTest, EveryFunctionOfTheFiveActsIsSaidInRussian) {
  for (const Expected& expected : kProfiles) {
    const auto file = File(expected.code);
    for (const auto& subject : file.subjects()) {
      EXPECT_FALSE(subject.clause().empty()) << subject.code();
      std::set<std::string> said;
      for (const auto& function : subject.functions()) {
        EXPECT_FALSE(function.clause().empty()) << function.code();
        const std::string& text = function.text();
        // Lead bytes of Cyrillic in UTF-8: a phrase, not a letter, and nothing of another alphabet.
        const auto cyrillic = std::count(text.begin(), text.end(), '\xd0') +
                              std::count(text.begin(), text.end(), '\xd1');
        EXPECT_GE(cyrillic, 14) << function.code();
        EXPECT_EQ(std::count_if(text.begin(), text.end(), absl::ascii_isalpha), 0) << text;
        EXPECT_GE(std::count(text.begin(), text.end(), ' '), 1) << function.code();
        EXPECT_TRUE(said.insert(text).second) << function.code() << " says what another does";
        EXPECT_NE(text, function.text_en()) << function.code();
      }
    }
  }
}

TEST_F(ProfileLoadTest, DryRunSaysWhatWouldBeDoneAndChangesNothing) {
  MakeRegion();
  const auto dry = Load(SmallProfile(), true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(dry->created(), 6);
  EXPECT_EQ(Sql("SELECT count(*) FROM system_subject"), "0");
}

TEST_F(ProfileLoadTest, IncompleteRowIsRefusedWithItsPlaceAndNothingIsLoaded) {
  MakeRegion();
  auto file = SmallProfile();
  file.mutable_subjects(1)->clear_clause();
  auto refused = Load(file).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(refused), "REQUIRED_FIELD_MISSING") << refused;
  file = SmallProfile();
  file.mutable_subjects(1)->set_level(static_cast<v1::SubjectLevel>(77));
  EXPECT_EQ(Load(file).status().code(), absl::StatusCode::kInvalidArgument);
  file = SmallProfile();
  file.set_municipality_oktmo_code("71871000");  // no such municipality here
  EXPECT_EQ(rpc::ReasonOf(Load(file).status()), "REFERENCE_NOT_FOUND") << Load(file).status();
  EXPECT_EQ(Sql("SELECT count(*) FROM system_profile"), "0");
}

TEST_F(ProfileLoadTest, RowsTheFileNoLongerNamesGoAndComeBackWithIt) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  auto shorter = SmallProfile();
  shorter.mutable_subjects()->RemoveLast();
  shorter.mutable_subjects(0)->mutable_functions(0)->mutable_joint_codes()->Clear();
  const auto cut = Load(shorter);
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(cut->deleted(), 3);
  EXPECT_EQ(cut->updated(), 1);
  EXPECT_EQ(Report(shorter)->rows_size(), 1);
  const auto back = Load(SmallProfile());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->restored(), 3);
  EXPECT_EQ(Report(shorter)->rows_size(), 3);
}

TEST_F(ProfileLoadTest, SubjectOrganisationsActAsStaysUntilTheyCease) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  const std::string body = OrganisationOf(kRegion);
  ASSERT_TRUE(Act("regions/86/systemSubjects/small-centre", body, CivilDay(2026, 1, 1)).ok());
  auto shorter = SmallProfile();
  shorter.mutable_subjects()->RemoveLast();
  shorter.mutable_subjects(0)->mutable_functions(0)->mutable_joint_codes()->Clear();
  EXPECT_EQ(rpc::ReasonOf(Load(shorter).status()), "STILL_REFERENCED");
  EXPECT_EQ(Report(SmallProfile())->rows_size(), 3) << "all or nothing";
}

TEST_F(ProfileLoadTest, FunctionIsCoveredWhileAnOrganisationActs) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  const std::string subject = "regions/86/systemSubjects/small-ministry";
  const std::string body = OrganisationOf(kRegion);
  ASSERT_TRUE(Act(subject, body, CivilDay(2026, 1, 1), CivilDay(2026, 6, 30)).ok());
  EXPECT_EQ(Report(SmallProfile(), CivilDay(2025, 12, 31))->uncovered_functions_size(), 3);
  EXPECT_EQ(Report(SmallProfile(), CivilDay(2026, 6, 30))->uncovered_functions_size(), 2);
  EXPECT_EQ(Report(SmallProfile(), CivilDay(2026, 7, 1))->uncovered_functions_size(), 3);
  EXPECT_EQ(rpc::ReasonOf(Act(subject, body, CivilDay(2026, 6, 30)).status()), "ALREADY_ACTING");
  EXPECT_TRUE(Act(subject, body, CivilDay(2026, 7, 1)).ok());
  EXPECT_EQ(rpc::ReasonOf(Act(subject, body, CivilDay(2030, 2, 1), CivilDay(2030, 1, 1)).status()),
            "END_BEFORE_START");
}

TEST_F(ProfileLoadTest, MatrixIsReproducedAsItWasKnown) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  const std::string subject = "regions/86/systemSubjects/small-ministry";
  ASSERT_TRUE(Act(subject, OrganisationOf(kRegion), CivilDay(2026, 1, 1)).ok());
  const auto reported = Report(SmallProfile());
  ASSERT_TRUE(reported.ok()) << reported.status();
  absl::SleepFor(absl::Milliseconds(30));
  const absl::Time then = absl::Now();
  absl::SleepFor(absl::Milliseconds(30));
  auto shorter = SmallProfile();
  shorter.mutable_subjects()->RemoveLast();
  shorter.mutable_subjects(0)->mutable_functions(0)->mutable_joint_codes()->Clear();
  ASSERT_TRUE(Load(shorter).ok());
  EXPECT_EQ(Report(SmallProfile())->rows_size(), 1);
  const auto known = Report(SmallProfile(), CivilDay(2026, 9, 1), then);
  ASSERT_TRUE(known.ok()) << known.status();
  ASSERT_EQ(known->rows_size(), reported->rows_size());
  for (int i = 0; i < known->rows_size(); ++i) {
    EXPECT_EQ(known->rows(i).function().name(), reported->rows(i).function().name());
    EXPECT_EQ(known->rows(i).function().text(), reported->rows(i).function().text());
    EXPECT_EQ(known->rows(i).covered(), reported->rows(i).covered());
  }
  ASSERT_EQ(known->subjects_size(), reported->subjects_size());
  EXPECT_EQ(known->subjects(0).organisations(0), reported->subjects(0).organisations(0));
  EXPECT_EQ(known->joint_links(), reported->joint_links());
}

TEST_F(ProfileLoadTest, SubjectsStayWithinTheirProfileAndFormNoCircle) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  auto other = SmallProfile();
  other.set_code("other");
  ASSERT_TRUE(Load(other).ok());
  v1::UpdateSystemSubjectRequest request;
  request.mutable_system_subject()->set_name("regions/86/systemSubjects/small-ministry");
  request.mutable_system_subject()->set_parent("regions/86/systemSubjects/small-centre");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::SystemSubject>("UpdateSystemSubject", request).status()),
            "SUBJECT_CYCLE");
  request.mutable_system_subject()->set_parent("regions/86/systemSubjects/other-centre");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::SystemSubject>("UpdateSystemSubject", request).status()),
            "PROFILE_MISMATCH");
  v1::UpdateFunctionAssignmentRequest function;
  function.mutable_function_assignment()->set_name(
      "regions/86/functionAssignments/small-centre-teach");
  function.mutable_function_assignment()->add_joint_partners(
      "regions/86/systemSubjects/small-centre");
  EXPECT_EQ(
      rpc::ReasonOf(Ask<v1::FunctionAssignment>("UpdateFunctionAssignment", function).status()),
      "JOINT_WITH_ITSELF");
}

TEST_F(ProfileLoadTest, ActsAreReadByAnyoneInTheRegionAndWrittenByTheRegionOnly) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  auto municipal = service_->Connect({"administrator"}, {kSurgut});
  v1::ListFunctionAssignmentsRequest list;
  list.set_parent(kRegion);
  auto page = Ask<v1::ListFunctionAssignmentsResponse>(*municipal, "ListFunctionAssignments", list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->function_assignments_size(), 3);
  v1::LoadSystemProfileRequest load;
  load.set_parent(kRegion);
  *load.mutable_file() = SmallProfile();
  load.mutable_file()->set_title("Иное");
  EXPECT_FALSE(Ask<v1::LoadSystemProfileResponse>(*municipal, "LoadSystemProfile", load).ok());
  EXPECT_EQ(Sql("SELECT title FROM system_profile"), "Малое положение");
  auto stranger = service_->Connect({"administrator"}, {"regions/22"});
  page = Ask<v1::ListFunctionAssignmentsResponse>(*stranger, "ListFunctionAssignments", list);
  EXPECT_TRUE(!page.ok() || page->function_assignments_size() == 0);
}

TEST_F(ProfileLoadTest, BodyHasOneNameInAProfileOnAnyDate) {
  MakeRegion();
  ASSERT_TRUE(Load(SmallProfile()).ok());
  v1::CreateOrganisationProfileNameRequest request;
  request.set_parent(kRegion);
  auto* name = request.mutable_organisation_profile_name();
  name->set_organisation(OrganisationOf(kRegion));
  name->set_profile("regions/86/systemProfiles/small");
  name->set_official_name("Департамент");
  name->set_abbreviation("ДОиМП");
  *name->mutable_valid_from_date() = D(2026, 1, 1);
  ASSERT_TRUE(Ask<v1::OrganisationProfileName>("CreateOrganisationProfileName", request).ok());
  EXPECT_EQ(
      rpc::ReasonOf(
          Ask<v1::OrganisationProfileName>("CreateOrganisationProfileName", request).status()),
      "SECOND_PROFILE_NAME");
}

}  // namespace
}  // namespace rsnms::registry
