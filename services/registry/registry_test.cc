// The registry as its callers meet it: over gRPC, with tokens, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/rpc/status.h"
#include "libs/testing/service.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "services/registry/period_rules.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_rules.h"
#include "services/registry/registry_service.h"
#include "tools/demo/generator.h"

namespace rsnms::registry {
namespace {

using absl::CivilDay;
using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRegion[] = "regions/86";
constexpr char kSurgut[] = "regions/86/municipalities/71876000";
constexpr char kUrai[] = "regions/86/municipalities/71878000";

google::type::Date D(int year, int month, int day) { return ToDate(CivilDay(year, month, day)); }

class Registry : public ::testing::Test {
 protected:
  void SetUp() override {
    service_ =
        testing::Service::Start({.name = "registry", .contracts = {Contract()}, .upstreams = {}},
                                [this](service::Host& host) {
                                  AddRules(host.engine());
                                  methods_ = std::make_unique<RegistryService>(host.engine());
                                  methods_->Serve(host.server());
                                });
    admin_ = service_->ConnectAsAdministrator();
  }
  void TearDown() override { service_.reset(); }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.registry.v1.Registry/", method), request,
                               &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Call(const char* method, const Request& request) {
    return Call<Response>(*admin_, method, request);
  }

  // Region 86 with two municipalities.
  void MakeRegion() {
    v1::CreateRegionRequest region;
    region.set_parent(kRegion);
    region.set_region_id("86");
    region.mutable_region()->set_official_name("Югра");
    ASSERT_TRUE(Call<v1::Region>("CreateRegion", region).ok())
        << Call<v1::Region>("CreateRegion", region).status();
    for (const char* name : {kSurgut, kUrai}) {
      v1::CreateMunicipalityRequest request;
      request.set_parent(kRegion);
      request.set_municipality_id(
          std::string(name).substr(sizeof("regions/86/municipalities/") - 1));
      request.mutable_municipality()->set_official_name("город");
      request.mutable_municipality()->set_kind(v1::MUNICIPALITY_KIND_URBAN_OKRUG);
      auto made = Call<v1::Municipality>("CreateMunicipality", request);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_EQ(made->oktmo_code(), request.municipality_id());
    }
  }
  absl::StatusOr<v1::Organisation> MakeBody(
      const std::string& title, const std::string& municipality = kSurgut,
      v1::OrganisationKind kind = v1::ORGANISATION_KIND_SCHOOL) {
    v1::CreateOrganisationRequest request;
    request.set_parent(kRegion);
    request.mutable_organisation()->set_official_name(title);
    request.mutable_organisation()->set_kind(kind);
    request.mutable_organisation()->set_municipality(municipality);
    return Call<v1::Organisation>("CreateOrganisation", request);
  }
  absl::StatusOr<v1::Person> MakePerson(const std::string& family_name = "Айпина") {
    v1::CreatePersonRequest request;
    request.set_parent(kRegion);
    request.mutable_person()->set_family_name(family_name);
    request.mutable_person()->set_given_name("Анна");
    *request.mutable_person()->mutable_birth_date() = D(2000, 5, 10);
    *request.mutable_person()->mutable_teaching_start_date() = D(2022, 9, 1);
    return Call<v1::Person>("CreatePerson", request);
  }
  static v1::Employment Post(const std::string& person, const std::string& body, CivilDay start,
                             bool main = true) {
    v1::Employment employment;
    employment.set_person(person);
    employment.set_organisation(body);
    employment.set_category(v1::STAFF_CATEGORY_PEDAGOGUE);
    employment.set_post_code("teacher");
    *employment.mutable_start_date() = ToDate(start);
    employment.set_main(main);
    return employment;
  }
  absl::StatusOr<v1::Employment> Employ(const v1::Employment& employment) {
    v1::CreateEmploymentRequest request;
    request.set_parent(kRegion);
    *request.mutable_employment() = employment;
    return Call<v1::Employment>("CreateEmployment", request);
  }
  absl::StatusOr<v1::OrganisationLink> Move(const std::string& child, const std::string& parent,
                                            CivilDay day, const std::string& request_id = "") {
    v1::MoveOrganisationRequest request;
    request.set_name(child);
    request.set_parent(parent);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_valid_from_date() = ToDate(day);
    request.set_request_id(request_id);
    return Call<v1::OrganisationLink>("MoveOrganisation", request);
  }
  std::vector<std::string> Tree(CivilDay day, const std::string& root = "", int max_depth = -1) {
    v1::GetOrganisationTreeRequest request;
    request.set_parent(kRegion);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_as_of_date() = ToDate(day);
    request.set_root(root);
    if (max_depth >= 0) request.set_max_depth(max_depth);
    auto tree = Call<v1::OrganisationTree>("GetOrganisationTree", request);
    EXPECT_TRUE(tree.ok()) << tree.status();
    std::vector<std::string> lines;
    if (!tree.ok()) return lines;
    for (const auto& node : tree->nodes())
      lines.push_back(absl::StrCat(node.depth(), " ", node.official_name()));
    return lines;
  }
  std::vector<v1::OrganisationLink> Links() {
    v1::ListOrganisationLinksRequest request;
    request.set_parent(kRegion);
    request.set_page_size(1000);
    auto page = Call<v1::ListOrganisationLinksResponse>("ListOrganisationLinks", request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->organisation_links().begin(), page->organisation_links().end()};
  }

  // Streams `next` into Import<method>.
  template <class Request, class Response, class R>
  absl::StatusOr<options::v1::ImportReport> Import(const char* method, R* (Request::*row)(),
                                                   demo::Stream<R> next,
                                                   options::v1::ImportMode mode,
                                                   const std::string& parent = kRegion) {
    Request message;
    Response response;
    bool header = true;
    auto status = admin_->ClientStream(
        absl::StrCat("rsnms.registry.v1.Registry/", method), &message,
        [&] {
          if (header) {
            message.mutable_header()->set_parent(parent);
            message.mutable_header()->set_mode(mode);
            header = false;
            return true;
          }
          return next((message.*row)());
        },
        &response, absl::Now() + absl::Seconds(120));
    if (!status.ok()) return status;
    return response.report();
  }
  std::string Sql(const std::string& query) {
    std::string value;
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) {
      auto rows = tx.Query(query);
      if (rows.ok()) value = (*rows)[0][0].c_str();
      return rows.status();
    });
    return status.ok() ? value : status.ToString();
  }

  std::unique_ptr<RegistryService> methods_;  // outlives the server
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
};

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

// A whole invented region, loaded through the front door and counted three ways.
class LoadedRegion : public Registry {
 protected:
  void SetUp() override {
    Registry::SetUp();
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
    if (post.organisation() == generator_->OrganisationName(school)) expected.insert(post.person());
  }
  for (const auto& person : page->persons()) seen.insert(person.name());
  EXPECT_EQ(seen, expected);
  EXPECT_GT(seen.size(), 3u);
}

}  // namespace
}  // namespace rsnms::registry
