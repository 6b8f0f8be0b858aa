// Imports over gRPC: each row at fault is named, the others are kept.
#include <string>
#include <tuple>
#include <vector>

#include "services/registry/registry_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;

using Registry = RegistryTest;

TEST_F(Registry, ImportNamesEachRowAtFault) {
  MakeRegion();
  auto body = MakeBody("Школа");
  auto person = MakePerson();
  const std::string absent = "regions/86/persons/00000000-0000-4000-8000-000000000000";
  v1::Employment reversed = Post(person->name(), body->name(), CivilDay(2010, 9, 1), false);
  *reversed.mutable_end_date() = D(2010, 8, 31);
  reversed.mutable_start_date()->set_year(2024);
  const std::vector<v1::Employment> rows = {
      Post(person->name(), body->name(), CivilDay(2022, 9, 1)),  // good
      Post(person->name(), body->name(), CivilDay(2023, 9, 1)),  // clashes with the row before it
      Post(absent, body->name(), CivilDay(2023, 9, 1)),          // nobody
      reversed,                                                  // ends before it starts
      Post(person->name(), body->name(), CivilDay(2023, 9, 1), false),  // good
  };
  size_t at = 0;
  demo::Stream<v1::Employment> next = [&](v1::Employment* out) {
    if (at == rows.size()) return false;
    *out = rows[at++];
    return true;
  };
  auto report = Import<v1::ImportEmploymentsRequest, v1::ImportEmploymentsResponse>(
      "ImportEmployments", &v1::ImportEmploymentsRequest::mutable_employment, next,
      options::v1::IMPORT_MODE_SKIP_BAD);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->created_count(), 2);
  std::vector<std::tuple<int64_t, std::string>> errors;
  for (const auto& error : report->errors()) errors.emplace_back(error.row(), error.reason());
  EXPECT_THAT(errors,
              ElementsAre(std::tuple(2, "SECOND_MAIN_EMPLOYMENT"),
                          std::tuple(3, "REFERENCE_NOT_FOUND"), std::tuple(4, "END_BEFORE_START")));
}

TEST_F(Registry, ImportOfLinksSkipsTheOneThatClosesACycle) {
  MakeRegion();
  std::vector<std::string> bodies;
  for (int i = 0; i < 3; ++i) bodies.push_back(MakeBody(absl::StrCat("Школа ", i))->name());
  int at = 0;
  demo::Stream<v1::OrganisationLink> next = [&](v1::OrganisationLink* link) {
    if (at == 3) return false;
    link->Clear();
    link->set_child(bodies[at]);
    link->set_parent(bodies[(at + 1) % 3]);
    link->set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *link->mutable_valid_from_date() = D(2020, 1, 1);
    ++at;
    return true;
  };
  auto report = Import<v1::ImportOrganisationLinksRequest, v1::ImportOrganisationLinksResponse>(
      "ImportOrganisationLinks", &v1::ImportOrganisationLinksRequest::mutable_organisation_link,
      next, options::v1::IMPORT_MODE_SKIP_BAD);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->created_count(), 2);
  ASSERT_EQ(report->errors_size(), 1);
  EXPECT_EQ(report->errors(0).row(), 3);
  EXPECT_EQ(report->errors(0).reason(), "LINK_CYCLE");
}

}  // namespace
}  // namespace rsnms::registry
