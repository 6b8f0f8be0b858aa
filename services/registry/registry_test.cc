// The registry as its callers meet it: over gRPC, with tokens, on a real database.
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Registry = RegistryTest;

TEST_F(Registry, PersonLearnsHowLongTheyAreYoung) {
  MakeRegion();
  auto person = MakePerson();
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(ToIso(person->young_specialist_until_date()), "2025-08-31");
  v1::UpdatePersonRequest update;
  update.mutable_person()->set_name(person->name());
  *update.mutable_person()->mutable_teaching_start_date() = D(2023, 9, 1);
  update.mutable_update_mask()->add_paths("teaching_start_date");
  auto updated = Call<v1::Person>("UpdatePerson", update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(ToIso(updated->young_specialist_until_date()), "2026-08-31");
  EXPECT_EQ(updated->family_name(), "Айпина");
}

TEST_F(Registry, FeedTellsDerivedFactsAndNoPersonalOnes) {
  MakeRegion();
  ASSERT_TRUE(MakePerson("Неповторимова").ok());
  feed::v1::PullChangesRequest request;
  request.mutable_selector()->add_resource_types("registry.rsnms/Person");
  feed::v1::PullChangesResponse changes;
  for (int i = 0; i < 100 && changes.changes().empty(); ++i) {
    ASSERT_TRUE(admin_
                    ->Unary("rsnms.feed.v1.ChangeFeed/PullChanges", request, &changes,
                            absl::Now() + absl::Seconds(5))
                    .ok());
    absl::SleepFor(absl::Milliseconds(20));
  }
  ASSERT_EQ(changes.changes_size(), 1);
  v1::Person image;
  ASSERT_TRUE(changes.changes(0).image().UnpackTo(&image));
  EXPECT_EQ(ToIso(image.young_specialist_until_date()), "2025-08-31");
  EXPECT_EQ(image.family_name(), "");
  EXPECT_FALSE(image.has_birth_date());
  EXPECT_EQ(Sql("SELECT count(*) FROM journal WHERE position(convert_to('Неповторимова', 'UTF8') "
                "IN image) > 0"),
            "0");
}

TEST_F(Registry, EmploymentCarriesTheMunicipalityOfItsBody) {
  MakeRegion();
  auto body = MakeBody("Школа");
  auto person = MakePerson();
  ASSERT_TRUE(body.ok() && person.ok());
  v1::Employment wanted = Post(person->name(), body->name(), CivilDay(2022, 9, 1));
  wanted.set_municipality(kUrai);  // output only: what the caller says is not heard
  auto employment = Employ(wanted);
  ASSERT_TRUE(employment.ok()) << employment.status();
  EXPECT_EQ(employment->municipality(), kSurgut);
  v1::UpdateEmploymentRequest update;
  update.mutable_employment()->set_name(employment->name());
  update.mutable_employment()->set_post_title("учитель физики");
  update.mutable_update_mask()->add_paths("post_title");
  auto updated = Call<v1::Employment>("UpdateEmployment", update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->municipality(), kSurgut);
}

TEST_F(Registry, BodyWithPeopleStaysInItsMunicipality) {
  MakeRegion();
  auto body = MakeBody("Школа");
  auto person = MakePerson();
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_name(body->name());
  update.mutable_organisation()->set_municipality(kUrai);
  update.mutable_update_mask()->add_paths("municipality");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", update).ok())
      << "nobody works there yet";
  ASSERT_TRUE(Employ(Post(person->name(), body->name(), CivilDay(2022, 9, 1))).ok());
  update.mutable_organisation()->set_municipality(kSurgut);
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Organisation>("UpdateOrganisation", update).status()),
            "MUNICIPALITY_IN_USE");
}

TEST_F(Registry, ClosedBodyTakesNobody) {
  MakeRegion();
  auto body = MakeBody("Школа");
  auto person = MakePerson();
  v1::UpdateOrganisationRequest close;
  close.mutable_organisation()->set_name(body->name());
  *close.mutable_organisation()->mutable_closed_date() = D(2024, 8, 31);
  close.mutable_update_mask()->add_paths("closed_date");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", close).ok());
  EXPECT_EQ(
      rpc::ReasonOf(Employ(Post(person->name(), body->name(), CivilDay(2024, 9, 1))).status()),
      "ORGANISATION_CLOSED");
  EXPECT_TRUE(Employ(Post(person->name(), body->name(), CivilDay(2024, 8, 1))).ok());
}

TEST_F(Registry, WhatARowRestsOnIsAskedAgainWhenItComesBack) {
  MakeRegion();
  auto school = MakeBody("Школа"), department = MakeBody("Департамент");
  auto person = MakePerson();
  auto post = Employ(Post(person->name(), school->name(), CivilDay(2024, 9, 1)));
  auto link = Move(school->name(), department->name(), CivilDay(2024, 9, 1));
  ASSERT_TRUE(post.ok() && link.ok()) << post.status() << link.status();
  v1::DeleteEmploymentRequest dismiss;
  dismiss.set_name(post->name());
  ASSERT_TRUE(Call<v1::Employment>("DeleteEmployment", dismiss).ok());
  v1::DeleteOrganisationLinkRequest unlink;
  unlink.set_name(link->name());
  ASSERT_TRUE(Call<v1::OrganisationLink>("DeleteOrganisationLink", unlink).ok());
  v1::UpdateOrganisationRequest close;
  close.mutable_organisation()->set_name(school->name());
  *close.mutable_organisation()->mutable_closed_date() = D(2024, 8, 31);
  close.mutable_update_mask()->add_paths("closed_date");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", close).ok());
  v1::UndeleteEmploymentRequest revive;
  revive.set_name(post->name());
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Employment>("UndeleteEmployment", revive).status()),
            "ORGANISATION_CLOSED");
  v1::UndeleteOrganisationLinkRequest relink;
  relink.set_name(link->name());
  EXPECT_EQ(rpc::ReasonOf(Call<v1::OrganisationLink>("UndeleteOrganisationLink", relink).status()),
            "ORGANISATION_CLOSED");
  close.mutable_organisation()->clear_closed_date();
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", close).ok());
  const auto back = Call<v1::Employment>("UndeleteEmployment", revive);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->start_date().year(), 2024);
  EXPECT_TRUE(Call<v1::OrganisationLink>("UndeleteOrganisationLink", relink).ok());
}

TEST_F(Registry, ADeletionTellsWhatIsInItsWay) {
  MakeRegion();
  auto school = MakeBody("Школа"), department = MakeBody("Департамент");
  std::vector<std::string> posts;
  for (int i = 0; i < 3; ++i) {
    auto person = MakePerson();
    auto post = Employ(Post(person->name(), school->name(), CivilDay(2024, 9, 1)));
    ASSERT_TRUE(post.ok()) << post.status();
    posts.push_back(post->name());
  }
  ASSERT_TRUE(Move(school->name(), department->name(), CivilDay(2024, 9, 1)).ok());
  v1::DeleteOrganisationRequest erase;
  erase.set_name(school->name());
  const auto refused = Call<v1::Organisation>("DeleteOrganisation", erase).status();
  EXPECT_EQ(rpc::ReasonOf(refused), "STILL_REFERENCED");
  std::sort(posts.begin(), posts.end());
  EXPECT_NE(
      refused.message().find(absl::StrCat("employments: 3 (", posts[0], ", ", posts[1], ", …")),
      std::string::npos)
      << refused;
  EXPECT_NE(refused.message().find("organisationLinks: 1 ("), std::string::npos) << refused;
}

TEST_F(Registry, PostDoesNotMoveToAfterItsBodyClosed) {
  MakeRegion();
  auto body = MakeBody("Школа");
  auto person = MakePerson();
  auto post = Employ(Post(person->name(), body->name(), CivilDay(2024, 8, 1)));
  ASSERT_TRUE(post.ok()) << post.status();
  v1::UpdateOrganisationRequest close;
  close.mutable_organisation()->set_name(body->name());
  *close.mutable_organisation()->mutable_closed_date() = D(2024, 8, 31);
  close.mutable_update_mask()->add_paths("closed_date");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", close).ok());
  v1::UpdateEmploymentRequest move;
  move.mutable_employment()->set_name(post->name());
  *move.mutable_employment()->mutable_start_date() = D(2024, 9, 1);
  move.mutable_update_mask()->add_paths("start_date");
  const auto refused = Call<v1::Employment>("UpdateEmployment", move).status();
  EXPECT_EQ(rpc::ReasonOf(refused), "ORGANISATION_CLOSED");
  EXPECT_NE(rpc::ToProto(refused).DebugString().find("employment.organisation"), std::string::npos)
      << "paths begin with the request's field";
  v1::UpdateEmploymentRequest end;  // what happened after the closing is still written down
  end.mutable_employment()->set_name(post->name());
  *end.mutable_employment()->mutable_end_date() = D(2024, 8, 31);
  end.mutable_update_mask()->add_paths("end_date");
  EXPECT_TRUE(Call<v1::Employment>("UpdateEmployment", end).ok());
}

TEST_F(Registry, PersonOfATeamIsNotDeleted) {
  MakeRegion();
  auto body = MakeBody("Школа");
  auto person = MakePerson();
  v1::CreateManagementTeamRequest create;
  create.set_parent(kRegion);
  create.mutable_management_team()->set_organisation(body->name());
  create.mutable_management_team()->add_members(person->name());
  *create.mutable_management_team()->mutable_formed_date() = D(2024, 1, 1);
  auto team = Call<v1::ManagementTeam>("CreateManagementTeam", create);
  ASSERT_TRUE(team.ok()) << team.status();
  v1::DeletePersonRequest remove;
  remove.set_name(person->name());
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Person>("DeletePerson", remove).status()), "STILL_REFERENCED");
}

TEST_F(Registry, SecondMainEmploymentIsRefusedByName) {
  MakeRegion();
  auto one = MakeBody("Школа 1"), two = MakeBody("Школа 2");
  auto person = MakePerson();
  ASSERT_TRUE(Employ(Post(person->name(), one->name(), CivilDay(2022, 9, 1))).ok());
  EXPECT_EQ(rpc::ReasonOf(Employ(Post(person->name(), two->name(), CivilDay(2023, 9, 1))).status()),
            "SECOND_MAIN_EMPLOYMENT");
  EXPECT_TRUE(Employ(Post(person->name(), two->name(), CivilDay(2023, 9, 1), /*main=*/false)).ok());
}

TEST_F(Registry, ReferencesMustExist) {
  MakeRegion();
  auto body = MakeBody("Школа");
  const auto status = Employ(Post("regions/86/persons/00000000-0000-4000-8000-000000000000",
                                  body->name(), CivilDay(2022, 9, 1)))
                          .status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(status), "REFERENCE_NOT_FOUND");
  EXPECT_FALSE(MakeBody("Школа", "regions/86/municipalities/71000000").ok());
}

TEST_F(Registry, MovingClosesOneLinkAndOpensTheNext) {
  MakeRegion();
  auto school = MakeBody("Школа"), first = MakeBody("Первый"), second = MakeBody("Второй"),
       third = MakeBody("Третий");
  ASSERT_TRUE(Move(school->name(), first->name(), CivilDay(2020, 9, 1)).ok());
  auto moved = Move(school->name(), second->name(), CivilDay(2023, 1, 1));
  ASSERT_TRUE(moved.ok()) << moved.status();
  const auto links = Links();
  ASSERT_THAT(links, SizeIs(2));
  for (const auto& link : links) {
    const bool old = link.parent() == first->name();
    EXPECT_EQ(ToIso(link.valid_from_date()), old ? "2020-09-01" : "2023-01-01");
    EXPECT_EQ(link.has_valid_until_date() ? ToIso(link.valid_until_date()) : "",
              old ? "2022-12-31" : "");
  }
  EXPECT_THAT(Tree(CivilDay(2022, 12, 31)), ElementsAre("0 Первый", "1 Школа"));
  EXPECT_THAT(Tree(CivilDay(2023, 1, 1)), ElementsAre("0 Второй", "1 Школа"));
  EXPECT_EQ(rpc::ReasonOf(Move(school->name(), second->name(), CivilDay(2024, 1, 1)).status()),
            "ALREADY_UNDER_PARENT");
  EXPECT_EQ(rpc::ReasonOf(Move(school->name(), third->name(), CivilDay(2022, 6, 1)).status()),
            "SECOND_PARENT")
      << "the link of 2023 is in the way";
  ASSERT_TRUE(Move(school->name(), first->name(), CivilDay(2023, 1, 1)).ok())
      << "a link of the same day is replaced";
  EXPECT_THAT(Tree(CivilDay(2023, 1, 1)), ElementsAre("0 Первый", "1 Школа"));
}

TEST_F(Registry, MoveRepeatedWithItsRequestIdHappensOnce) {
  MakeRegion();
  auto school = MakeBody("Школа"), above = MakeBody("Управление");
  const std::string id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  auto one = Move(school->name(), above->name(), CivilDay(2020, 9, 1), id);
  auto two = Move(school->name(), above->name(), CivilDay(2020, 9, 1), id);
  ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
  EXPECT_EQ(one->name(), two->name());
  EXPECT_THAT(Links(), SizeIs(1));
  EXPECT_EQ(Move(school->name(), above->name(), CivilDay(2021, 9, 1), id).status().code(),
            StatusCode::kAlreadyExists);
}

TEST_F(Registry, NobodyStandsAboveThemselves) {
  MakeRegion();
  auto a = MakeBody("А"), b = MakeBody("Б"), c = MakeBody("В");
  ASSERT_TRUE(Move(a->name(), b->name(), CivilDay(2020, 1, 1)).ok());
  ASSERT_TRUE(Move(b->name(), c->name(), CivilDay(2021, 1, 1)).ok());
  EXPECT_EQ(rpc::ReasonOf(Move(c->name(), a->name(), CivilDay(2019, 1, 1)).status()), "LINK_CYCLE");
  EXPECT_EQ(rpc::ReasonOf(Move(c->name(), c->name(), CivilDay(2019, 1, 1)).status()),
            "LINKED_TO_ITSELF");
  EXPECT_THAT(Tree(CivilDay(2022, 1, 1)), ElementsAre("0 В", "1 Б", "2 А"));
  EXPECT_THAT(Tree(CivilDay(2022, 1, 1), "", 1), ElementsAre("0 В", "1 Б"));
  EXPECT_THAT(Tree(CivilDay(2022, 1, 1), b->name()), ElementsAre("0 Б", "1 А"));
  EXPECT_THAT(Tree(CivilDay(2020, 6, 1)), ElementsAre("0 Б", "1 А"));
  EXPECT_THAT(Tree(CivilDay(2018, 1, 1)), IsEmpty());
}

TEST_F(Registry, RacingMovesLeaveATree) {
  constexpr int kBodies = 8;
  MakeRegion();
  std::vector<std::string> bodies;
  for (int i = 0; i < kBodies; ++i) bodies.push_back(MakeBody(absl::StrCat("Школа ", i))->name());
  std::atomic<int> moved = 0, cycles = 0;
  std::vector<std::thread> movers;
  for (int i = 0; i < kBodies; ++i) {
    movers.emplace_back([&, i] {
      auto link = Move(bodies[i], bodies[(i + 1) % kBodies], CivilDay(2020, 1, 1));
      moved += link.ok();
      cycles += rpc::ReasonOf(link.status()) == "LINK_CYCLE";
    });
  }
  for (auto& mover : movers) mover.join();
  EXPECT_EQ(moved, kBodies - 1);
  EXPECT_EQ(cycles, 1);
  EXPECT_THAT(Tree(CivilDay(2020, 1, 1)), SizeIs(kBodies));
}

TEST_F(Registry, BadRequestsOfDomainMethodsAreRefusedByField) {
  MakeRegion();
  const auto refused = [&](const std::function<void(v1::GetOrganisationTreeRequest&)>& spoil) {
    v1::GetOrganisationTreeRequest request;
    request.set_parent(kRegion);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_as_of_date() = D(2024, 1, 1);
    spoil(request);
    auto status = Call<v1::OrganisationTree>("GetOrganisationTree", request).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << request.ShortDebugString();
    google::rpc::BadRequest bad;
    const google::rpc::Status wire = rpc::ToProto(status);
    for (const auto& detail : wire.details()) detail.UnpackTo(&bad);
    return bad.field_violations().empty() ? std::string() : bad.field_violations(0).field();
  };
  EXPECT_EQ(refused([](auto& r) { r.set_parent("region 86"); }), "parent");
  EXPECT_EQ(refused([](auto& r) { r.clear_parent(); }), "parent");
  EXPECT_EQ(refused([](auto& r) { r.clear_hierarchy(); }), "hierarchy");
  EXPECT_EQ(refused([](auto& r) { r.set_hierarchy(static_cast<v1::Hierarchy>(99)); }), "hierarchy");
  EXPECT_EQ(refused([](auto& r) { r.clear_as_of_date(); }), "as_of_date");
  EXPECT_THAT(refused([](auto& r) {
                *r.mutable_as_of_date() = [] {
                  google::type::Date date;
                  date.set_year(2023);
                  date.set_month(2);
                  date.set_day(30);
                  return date;
                }();
              }),
              ::testing::StartsWith("as_of_date"));
  EXPECT_EQ(refused([](auto& r) { r.set_max_depth(-1); }), "max_depth");
  EXPECT_EQ(refused([](auto& r) {
              r.set_root("regions/61/organisations/00000000-0000-4000-8000-000000000000");
            }),
            "root");
  v1::MoveOrganisationRequest move;
  move.set_name("regions/86/organisations/none");
  EXPECT_EQ(Call<v1::OrganisationLink>("MoveOrganisation", move).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(Call<v1::CountEducatorsResponse>("CountEducators", v1::CountEducatorsRequest())
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace rsnms::registry
