// An invented region in the registry: loaded, counted, and seen by those who may.
#include <map>
#include <set>
#include <string>

#include "services/registry/registry_fixture.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {
namespace {

using absl::StatusCode;
using ::testing::IsEmpty;

// A whole invented region, loaded through the front door and counted three ways.
class LoadedRegion : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    generator_ = *demo::Generator::Create({.seed = 3, .educators = 700, .regions = {"86"}});
    v1::CreateRegionRequest region;
    region.set_parent(kRegion);
    region.set_region_id("86");
    *region.mutable_region() = generator_->Region(0);
    ASSERT_TRUE(Call<v1::Region>("CreateRegion", region).ok());
  }
  // Imports every collection; `unchanged` says what the reports must count.
  void LoadAll(bool unchanged) {
    const demo::Counts counts = generator_->Count(0);
    Load<v1::ImportMunicipalitiesRequest, v1::ImportMunicipalitiesResponse>(
        "ImportMunicipalities", &v1::ImportMunicipalitiesRequest::mutable_municipality,
        generator_->Municipalities(0), counts.municipalities, unchanged);
    Load<v1::ImportOrganisationsRequest, v1::ImportOrganisationsResponse>(
        "ImportOrganisations", &v1::ImportOrganisationsRequest::mutable_organisation,
        generator_->Organisations(0), counts.organisations, unchanged);
    Load<v1::ImportOrganisationLinksRequest, v1::ImportOrganisationLinksResponse>(
        "ImportOrganisationLinks", &v1::ImportOrganisationLinksRequest::mutable_organisation_link,
        generator_->Links(0), counts.links, unchanged);
    Load<v1::ImportPersonsRequest, v1::ImportPersonsResponse>(
        "ImportPersons", &v1::ImportPersonsRequest::mutable_person, generator_->Persons(0),
        counts.persons, unchanged);
    Load<v1::ImportEmploymentsRequest, v1::ImportEmploymentsResponse>(
        "ImportEmployments", &v1::ImportEmploymentsRequest::mutable_employment,
        generator_->Employments(0), counts.employments, unchanged);
    Load<v1::ImportSupportRecordsRequest, v1::ImportSupportRecordsResponse>(
        "ImportSupportRecords", &v1::ImportSupportRecordsRequest::mutable_support_record,
        generator_->SupportRecords(0), counts.support_records, unchanged);
    Load<v1::ImportManagementTeamsRequest, v1::ImportManagementTeamsResponse>(
        "ImportManagementTeams", &v1::ImportManagementTeamsRequest::mutable_management_team,
        generator_->Teams(0), counts.teams, unchanged);
  }
  template <class Request, class Response, class R>
  void Load(const char* method, R* (Request::*row)(), demo::Stream<R> next, int64_t rows,
            bool unchanged) {
    auto report =
        Import<Request, Response>(method, row, next, options::v1::IMPORT_MODE_ALL_OR_NOTHING);
    ASSERT_TRUE(report.ok()) << method << ": " << report.status();
    EXPECT_EQ(unchanged ? report->unchanged_count() : report->created_count(), rows) << method;
  }

  std::unique_ptr<demo::Generator> generator_;
};

TEST_F(LoadedRegion, CountsAgreeWithTheSourceAndWithPlainSql) {
  LoadAll(/*unchanged=*/false);
  const CivilDay day = demo::Options().as_of;
  std::map<std::string, v1::Person> people;
  std::map<std::string, std::set<std::string>> pedagogues, managers, young;
  v1::Person person;
  for (auto next = generator_->Persons(0); next(&person);) people[person.name()] = person;
  std::map<std::string, std::string> municipality_of;
  v1::Organisation body;
  for (auto next = generator_->Organisations(0); next(&body);)
    municipality_of[body.name()] = body.municipality();
  v1::Employment post;
  for (auto next = generator_->Employments(0); next(&post);) {
    if (post.has_end_date() && ToCivil(post.end_date()) < day) continue;
    for (const std::string& key : {std::string("total"), municipality_of[post.organisation()]}) {
      const bool educates = post.category() == v1::STAFF_CATEGORY_PEDAGOGUE;
      (educates ? pedagogues : managers)[key].insert(post.person());
      const auto& who = people[post.person()];
      const auto until =
          YoungSpecialistUntil(ToCivil(who.birth_date()), ToCivil(who.teaching_start_date()));
      if (educates && until && day <= *until) young[key].insert(post.person());
    }
  }
  v1::CountEducatorsRequest request;
  request.set_parent(kRegion);
  *request.mutable_as_of_date() = ToDate(day);
  auto counted = Call<v1::CountEducatorsResponse>("CountEducators", request);
  ASSERT_TRUE(counted.ok()) << counted.status();
  EXPECT_EQ(counted->total().person_count(), 700);
  EXPECT_EQ(counted->total().pedagogue_count(), static_cast<int64_t>(pedagogues["total"].size()));
  EXPECT_EQ(counted->total().manager_count(), static_cast<int64_t>(managers["total"].size()));
  EXPECT_EQ(counted->total().young_specialist_count(), static_cast<int64_t>(young["total"].size()));
  EXPECT_GT(counted->total().young_specialist_count(), 20);
  for (const auto& counts : counted->municipalities()) {
    EXPECT_EQ(counts.pedagogue_count(),
              static_cast<int64_t>(pedagogues[counts.municipality()].size()));
    EXPECT_EQ(counts.manager_count(), static_cast<int64_t>(managers[counts.municipality()].size()));
    EXPECT_EQ(counts.young_specialist_count(),
              static_cast<int64_t>(young[counts.municipality()].size()));
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM person WHERE young_specialist_until_date >= '2026-09-01' AND "
                "teaching_start_date <= '2026-09-01'"),
            absl::StrCat(counted->total().young_specialist_count()));
}

TEST_F(LoadedRegion, LoadingAgainChangesNothing) {
  LoadAll(/*unchanged=*/false);
  const std::string journal = Sql("SELECT count(*) FROM journal");
  LoadAll(/*unchanged=*/true);
  EXPECT_EQ(Sql("SELECT count(*) FROM journal"), journal);
}

TEST_F(LoadedRegion, ForeignRegionSeesAndChangesNothing) {
  LoadAll(/*unchanged=*/false);
  auto foreign = service_->Connect({"administrator"}, {"regions/61"});
  v1::GetPersonRequest get;
  get.set_name(generator_->PersonName(5));
  EXPECT_EQ(Call<v1::Person>(*foreign, "GetPerson", get).status().code(), StatusCode::kNotFound);
  for (const char* parent : {kRegion, "regions/-"}) {
    v1::ListEmploymentsRequest list;
    list.set_parent(parent);
    auto page = Call<v1::ListEmploymentsResponse>(*foreign, "ListEmployments", list);
    if (page.ok()) {
      EXPECT_THAT(page->employments(), IsEmpty());
    }
  }
  v1::CountEducatorsRequest count;
  count.set_parent(kRegion);
  *count.mutable_as_of_date() = D(2026, 9, 1);
  auto counted = Call<v1::CountEducatorsResponse>(*foreign, "CountEducators", count);
  if (counted.ok()) {
    EXPECT_EQ(counted->total().person_count(), 0);
  }
  v1::GetOrganisationTreeRequest tree;
  tree.set_parent(kRegion);
  tree.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
  *tree.mutable_as_of_date() = D(2026, 9, 1);
  auto nodes = Call<v1::OrganisationTree>(*foreign, "GetOrganisationTree", tree);
  if (nodes.ok()) {
    EXPECT_THAT(nodes->nodes(), IsEmpty());
  }
  v1::MoveOrganisationRequest move;
  move.set_name(generator_->OrganisationName(10));
  move.set_parent(generator_->OrganisationName(0));
  move.set_hierarchy(v1::HIERARCHY_THEMATIC);
  *move.mutable_valid_from_date() = D(2026, 9, 1);
  EXPECT_EQ(Call<v1::OrganisationLink>(*foreign, "MoveOrganisation", move).status().code(),
            StatusCode::kNotFound);
}

TEST_F(LoadedRegion, EachBodySeesItsOwnPeople) {
  LoadAll(/*unchanged=*/false);
  const demo::Plan& plan = generator_->plan();
  const auto school = static_cast<int64_t>(plan.bodies().size()) - 1;
  auto head = service_->Connect({"administrator"}, {generator_->OrganisationName(school)});
  v1::ListPersonsRequest list;
  list.set_parent(kRegion);
  list.set_page_size(1000);
  auto page = Call<v1::ListPersonsResponse>(*head, "ListPersons", list);
  ASSERT_TRUE(page.ok()) << page.status();
  std::set<std::string> expected, seen;
  v1::Employment post;
  for (auto next = generator_->Employments(0); next(&post);) {
    // For a year after they left.
    const bool known =
        !post.has_end_date() ||
        ToCivil(post.end_date()) >= absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) - 365;
    if (post.organisation() == generator_->OrganisationName(school) && known) {
      expected.insert(post.person());
    }
  }
  for (const auto& person : page->persons()) seen.insert(person.name());
  EXPECT_EQ(seen, expected);
  EXPECT_GT(seen.size(), 3u);
}

}  // namespace
}  // namespace rsnms::registry
