// Districts: composition, heads in turn and by term, states, the fund.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "services/registry/structure/structure_fixture.h"

namespace rsnms::registry {
namespace {

class DistrictTest : public StructureTest {
 protected:
  void SetUp() override {
    StructureTest::SetUp();
    MakeRegion();
  }
  v1::District Make(v1::DistrictHeadMode mode = v1::DISTRICT_HEAD_MODE_PERMANENT,
                    v1::DistrictKind kind = v1::DISTRICT_KIND_METHODOLOGICAL) {
    v1::CreateDistrictRequest request;
    request.set_parent(kRegion);
    request.mutable_district()->set_official_name("Северный округ");
    request.mutable_district()->set_kind(kind);
    request.mutable_district()->set_head_mode(mode);
    *request.mutable_district()->mutable_formed_date() = D(2022, 9, 1);
    auto made = Ask<v1::District>("CreateDistrict", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }
  absl::StatusOr<v1::DistrictMember> Join(const std::string& district,
                                          const std::string& municipality, CivilDay from,
                                          std::optional<CivilDay> until = {}) {
    v1::CreateDistrictMemberRequest request;
    request.set_parent(kRegion);
    request.mutable_district_member()->set_district(district);
    request.mutable_district_member()->set_municipality(municipality);
    *request.mutable_district_member()->mutable_valid_from_date() = ToDate(from);
    if (until) *request.mutable_district_member()->mutable_valid_until_date() = ToDate(*until);
    return Ask<v1::DistrictMember>("CreateDistrictMember", request);
  }
  absl::StatusOr<v1::DistrictOfficer> Appoint(const std::string& district,
                                              const std::string& person, CivilDay from,
                                              std::optional<CivilDay> until = {},
                                              const std::string& municipality = "") {
    v1::AppointDistrictHeadRequest request;
    request.set_name(district);
    request.set_person(person);
    request.set_municipality(municipality);
    *request.mutable_valid_from_date() = ToDate(from);
    if (until) *request.mutable_valid_until_date() = ToDate(*until);
    return Ask<v1::DistrictOfficer>("AppointDistrictHead", request);
  }
  v1::DistrictState StateOf(const std::string& district) {
    v1::GetDistrictRequest request;
    request.set_name(district);
    return Ask<v1::District>("GetDistrict", request)->state();
  }
  absl::StatusOr<v1::District> Launch(const std::string& district) {
    v1::LaunchDistrictRequest request;
    request.set_name(district);
    return Ask<v1::District>("LaunchDistrict", request);
  }
  absl::StatusOr<v1::District> Close(const std::string& district) {
    v1::CloseDistrictRequest request;
    request.set_name(district);
    request.set_reason("Решение министерства");
    *request.mutable_closed_date() = D(2027, 1, 1);
    return Ask<v1::District>("CloseDistrict", request);
  }
};

TEST_F(DistrictTest, MunicipalityIsInOneDistrictOfAKindOnAnyDate) {
  const auto first = Make(), second = Make();
  const auto centre = Make(v1::DISTRICT_HEAD_MODE_PERMANENT, v1::DISTRICT_KIND_CENTRE_TERRITORY);
  ASSERT_TRUE(Join(first.name(), kSurgut, CivilDay(2022, 9, 1), CivilDay(2023, 8, 31)).ok());
  EXPECT_EQ(rpc::ReasonOf(Join(second.name(), kSurgut, CivilDay(2023, 8, 31)).status()),
            "SECOND_DISTRICT");
  auto later = Join(second.name(), kSurgut, CivilDay(2023, 9, 1));
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(later->kind(), v1::DISTRICT_KIND_METHODOLOGICAL);
  EXPECT_TRUE(Join(centre.name(), kSurgut, CivilDay(2022, 9, 1)).ok()) << "another kind";
}

TEST_F(DistrictTest, SixtyFourRacingWritersPutAMunicipalityIntoOneDistrict) {
  std::vector<std::string> districts;
  for (int i = 0; i < 8; ++i) districts.push_back(Make().name());
  std::atomic<int> joined = 0, refused = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 64; ++i) {
    writers.emplace_back([&, i] {
      const auto made = Join(districts[i % districts.size()], kSurgut, CivilDay(2024, 1, 1));
      if (made.ok()) ++joined;
      const std::string reason = rpc::ReasonOf(made.status());
      if (reason == "SECOND_DISTRICT" || reason == "CONSTRAINT_VIOLATED") ++refused;
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(joined, 1);
  EXPECT_EQ(refused, 63);
  EXPECT_EQ(Sql("SELECT count(*) FROM district_member"), "1");
}

TEST_F(DistrictTest, NewHeadEndsTheTermOfTheFormerOne) {
  const auto district = Make();
  const auto anna = MakePerson("Айпина"), boris = MakePerson("Борисов");
  ASSERT_TRUE(Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1)).ok());
  EXPECT_EQ(StateOf(district.name()), v1::DISTRICT_STATE_HEADED);
  ASSERT_TRUE(Launch(district.name()).ok());
  ASSERT_TRUE(Appoint(district.name(), boris->name(), CivilDay(2024, 9, 1)).ok());
  EXPECT_EQ(StateOf(district.name()), v1::DISTRICT_STATE_ROTATED);
  EXPECT_EQ(Sql("SELECT string_agg(valid_from_date || ' ' || coalesce(valid_until_date::text, '-'),"
                " ', ' ORDER BY valid_from_date) FROM district_officer"),
            "2022-09-01 2024-08-31, 2024-09-01 -");
  EXPECT_EQ(rpc::ReasonOf(Appoint(district.name(), anna->name(), CivilDay(2023, 9, 1)).status()),
            "SECOND_DISTRICT_HEAD")
      << "the later term is in the way";
  ASSERT_TRUE(Launch(district.name()).ok());
}

TEST_F(DistrictTest, RotatingHeadNeedsATermOfOneToTwoYears) {
  const auto district = Make(v1::DISTRICT_HEAD_MODE_ROTATING);
  const auto anna = MakePerson(), boris = MakePerson("Борисов");
  EXPECT_EQ(rpc::ReasonOf(Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1)).status()),
            "HEAD_TERM_OUT_OF_RANGE");
  ASSERT_TRUE(
      Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1), CivilDay(2024, 8, 31)).ok());
  auto next = Appoint(district.name(), boris->name(), CivilDay(2023, 1, 1), CivilDay(2023, 12, 31));
  EXPECT_TRUE(next.ok()) << "the former leaves early: " << next.status();
}

TEST_F(DistrictTest, HeadsInTurnComeFromMembersWhoHadFewerTurns) {
  const auto district = Make(v1::DISTRICT_HEAD_MODE_IN_TURN);
  const auto anna = MakePerson(), boris = MakePerson("Борисов");
  EXPECT_EQ(rpc::ReasonOf(
                Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1), {}, kUrai).status()),
            "NOT_A_DISTRICT_MEMBER");
  ASSERT_TRUE(Join(district.name(), kSurgut, CivilDay(2022, 9, 1)).ok());
  ASSERT_TRUE(Join(district.name(), kUrai, CivilDay(2022, 9, 1)).ok());
  EXPECT_FALSE(Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1)).ok())
      << "a head in turn speaks for a municipality";
  ASSERT_TRUE(Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1), {}, kSurgut).ok());
  EXPECT_EQ(rpc::ReasonOf(
                Appoint(district.name(), anna->name(), CivilDay(2023, 9, 1), {}, kSurgut).status()),
            "HEAD_OUT_OF_TURN");
  EXPECT_TRUE(Appoint(district.name(), boris->name(), CivilDay(2023, 9, 1), {}, kUrai).ok());
  EXPECT_TRUE(Appoint(district.name(), anna->name(), CivilDay(2024, 9, 1), {}, kSurgut).ok());
}

TEST_F(DistrictTest, EveryStepOfTheContractWorksAndNoOther) {
  int allowed = 0, refused = 0;
  const auto* contract = StructureContract();
  for (int i = 0; i < contract->method_count(); ++i) {
    const auto& options = contract->method(i)->options().GetExtension(options::v1::method);
    if (options.standard() != options::v1::STANDARD_TRANSITION) continue;
    ASSERT_EQ(options.resource(), "registry.rsnms/District");
    for (const std::string state : {"FORMED", "HEADED", "RUNNING", "ROTATED", "CLOSED"}) {
      const auto district = Make();
      const std::string id = district.name().substr(district.name().rfind('/') + 1);
      Sql("UPDATE district SET state = '" + state + "' WHERE id = '" + id + "' RETURNING state");
      const auto after = contract->method(i)->name() == "LaunchDistrict" ? Launch(district.name())
                                                                         : Close(district.name());
      const auto& from = options.transition().from();
      const std::string stored = Sql("SELECT state FROM district WHERE id = '" + id + "'");
      if (std::find(from.begin(), from.end(), state) != from.end()) {
        ASSERT_TRUE(after.ok()) << after.status();
        EXPECT_EQ(stored, options.transition().to());
        ++allowed;
      } else {
        EXPECT_EQ(rpc::ReasonOf(after.status()), "INVALID_STATE");
        EXPECT_EQ(stored, state);
        ++refused;
      }
    }
  }
  EXPECT_EQ(allowed, 6);
  EXPECT_EQ(refused, 4);
}

TEST_F(DistrictTest, CardIsReproducedAsItWasKnown) {
  const auto district = Make();
  auto member = Join(district.name(), kSurgut, CivilDay(2022, 9, 1));
  const auto anna = MakePerson("Айпина"), boris = MakePerson("Борисов");
  ASSERT_TRUE(member.ok()) << member.status();
  ASSERT_TRUE(Appoint(district.name(), anna->name(), CivilDay(2022, 9, 1)).ok());
  v1::GetDistrictCardRequest request;
  request.set_name(district.name());
  *request.mutable_as_of_date() = D(2024, 9, 2);
  const auto reported = Ask<v1::DistrictCard>("GetDistrictCard", request);
  ASSERT_TRUE(reported.ok()) << reported.status();
  absl::SleepFor(absl::Milliseconds(30));
  auto known = request;
  const int64_t micros = absl::ToUnixMicros(absl::Now());
  known.mutable_known_time()->set_seconds(micros / 1'000'000);
  known.mutable_known_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  absl::SleepFor(absl::Milliseconds(30));
  ASSERT_TRUE(Appoint(district.name(), boris->name(), CivilDay(2024, 9, 1)).ok());
  ASSERT_TRUE(Join(district.name(), kUrai, CivilDay(2023, 9, 1)).ok());
  v1::UpdateDistrictMemberRequest leave;
  leave.mutable_district_member()->set_name(member->name());
  *leave.mutable_district_member()->mutable_valid_until_date() = D(2023, 8, 31);
  leave.mutable_update_mask()->add_paths("valid_until_date");
  ASSERT_TRUE(Ask<v1::DistrictMember>("UpdateDistrictMember", leave).ok());
  const auto now = Ask<v1::DistrictCard>("GetDistrictCard", request);
  EXPECT_EQ(now->members(0).municipality(), kUrai);
  EXPECT_EQ(now->head().person(), boris->name());
  const auto then = Ask<v1::DistrictCard>("GetDistrictCard", known);
  ASSERT_TRUE(then.ok()) << then.status();
  ASSERT_EQ(then->members_size(), 1);
  EXPECT_EQ(then->members(0).municipality(), reported->members(0).municipality());
  EXPECT_EQ(then->head().person(), anna->name());
  EXPECT_EQ(then->district().state(), reported->district().state());
  auto municipal = service_->Connect({"municipal_service"}, {kSurgut});
  EXPECT_TRUE(Ask<v1::DistrictCard>(*municipal, "GetDistrictCard", request).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      Ask<v1::DistrictCard>(*municipal, "GetDistrictCard", known).status()));
}

TEST_F(DistrictTest, NothingIsAddedToAClosedDistrict) {
  const auto district = Make();
  ASSERT_TRUE(Close(district.name()).ok());
  EXPECT_EQ(rpc::ReasonOf(Join(district.name(), kSurgut, CivilDay(2026, 9, 1)).status()),
            "DISTRICT_CLOSED");
  EXPECT_EQ(
      rpc::ReasonOf(Appoint(district.name(), MakePerson()->name(), CivilDay(2026, 9, 1)).status()),
      "DISTRICT_CLOSED");
}

TEST_F(DistrictTest, CouncilSpeaksForMembersCuratorsDoNotAndTheFundIsShared) {
  const auto district = Make();
  ASSERT_TRUE(Join(district.name(), kSurgut, CivilDay(2022, 9, 1)).ok());
  const auto person = MakePerson();
  v1::CreateDistrictOfficerRequest request;
  request.set_parent(kRegion);
  auto* officer = request.mutable_district_officer();
  officer->set_district(district.name());
  officer->set_role(v1::DISTRICT_ROLE_COUNCIL_MEMBER);
  officer->set_person(person->name());
  *officer->mutable_valid_from_date() = D(2022, 9, 1);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::DistrictOfficer>("CreateDistrictOfficer", request).status()),
            "REQUIRED_FIELD_MISSING");
  officer->set_municipality(kUrai);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::DistrictOfficer>("CreateDistrictOfficer", request).status()),
            "NOT_A_DISTRICT_MEMBER");
  officer->set_municipality(kSurgut);
  ASSERT_TRUE(Ask<v1::DistrictOfficer>("CreateDistrictOfficer", request).ok());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::DistrictOfficer>("CreateDistrictOfficer", request).status()),
            "ALREADY_IN_DISTRICT_ROLE");
  officer->set_role(v1::DISTRICT_ROLE_CURATOR);
  officer->clear_municipality();
  EXPECT_TRUE(Ask<v1::DistrictOfficer>("CreateDistrictOfficer", request).ok());

  v1::CreateDistrictResourceRequest fund;
  fund.set_parent(kRegion);
  fund.mutable_district_resource()->set_district(district.name());
  fund.mutable_district_resource()->set_title("Банк уроков");
  fund.mutable_district_resource()->set_kind(v1::DISTRICT_RESOURCE_KIND_MATERIALS);
  fund.mutable_district_resource()->set_owner(MakeBody("Школа № 1")->name());
  *fund.mutable_district_resource()->mutable_valid_from_date() = D(2022, 9, 1);
  ASSERT_TRUE(Ask<v1::DistrictResource>("CreateDistrictResource", fund).ok());
  v1::GetDistrictCardRequest card;
  card.set_name(district.name());
  *card.mutable_as_of_date() = D(2022, 9, 1);
  auto on_day = Ask<v1::DistrictCard>("GetDistrictCard", card);
  ASSERT_TRUE(on_day.ok()) << on_day.status();
  EXPECT_EQ(on_day->members_size(), 1);
  EXPECT_EQ(on_day->council_size(), 1);
  EXPECT_EQ(on_day->curators_size(), 1);
  EXPECT_FALSE(on_day->has_head());
  EXPECT_EQ(on_day->resources(0).title(), "Банк уроков");
  *card.mutable_as_of_date() = D(2022, 8, 31);
  on_day = Ask<v1::DistrictCard>("GetDistrictCard", card);
  EXPECT_EQ(on_day->members_size() + on_day->council_size() + on_day->resources_size(), 0);

  auto urai = service_->Connect({"administrator"}, {kUrai});
  v1::ListDistrictResourcesRequest list;
  list.set_parent(kRegion);
  auto page = Ask<v1::ListDistrictResourcesResponse>(*urai, "ListDistrictResources", list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->district_resources_size(), 1);
  EXPECT_FALSE(Ask<v1::DistrictResource>(*urai, "CreateDistrictResource", fund).ok())
      << "only the owner and the region fill it";
}

}  // namespace
}  // namespace rsnms::registry
