// Bodies that come to lie in another municipality: what follows them, what stays, and back again.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "rsnms/registry/v1/documents_service.pb.h"
#include "services/registry/life/life_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const CivilDay kDay(2024, 9, 1);

class Relocation : public LifeTest {
 protected:
  void SetUp() override {
    LifeTest::SetUp();
    MakeRegion();
  }
  static v1::RelocateOrganisationsRequest Moving(const std::vector<std::string>& bodies,
                                                 const std::string& to, CivilDay day) {
    v1::RelocateOrganisationsRequest request;
    request.set_parent(kRegion);
    for (const auto& body : bodies) request.add_organisations(body);
    request.set_municipality(to);
    *request.mutable_change_date() = ToDate(day);
    return request;
  }
  Changed Relocate(const v1::RelocateOrganisationsRequest& request) {
    return Ask<v1::OrganisationChange>("RelocateOrganisations", request);
  }
  Changed Relocate(const std::string& body, const std::string& to, CivilDay day) {
    return Relocate(Moving({body}, to, day));
  }
  std::string MunicipalityOf(const std::string& body, CivilDay day) {
    v1::GetOrganisationAsOfRequest request;
    request.set_name(body);
    *request.mutable_as_of_date() = ToDate(day);
    auto found = Ask<v1::OrganisationAsOf>("GetOrganisationAsOf", request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->organisation().municipality() : "";
  }
  // People at work by municipality.
  std::map<std::string, int64_t> Count(CivilDay day) {
    v1::CountEducatorsRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = ToDate(day);
    auto counts = Call<v1::CountEducatorsResponse>("CountEducators", request);
    EXPECT_TRUE(counts.ok()) << counts.status();
    std::map<std::string, int64_t> people;
    if (counts.ok())
      for (const auto& row : counts->municipalities())
        people[row.municipality()] = row.person_count();
    return people;
  }
  // Posts, teams and bodies as text, versions and times aside.
  std::vector<std::string> Picture(const std::vector<std::string>& bodies) {
    std::vector<std::string> lines;
    const auto add = [&](auto record) {
      record.clear_etag();
      record.clear_update_time();
      lines.push_back(record.ShortDebugString());
    };
    for (const auto& post : Employments()) add(post);
    for (const auto& team : Teams()) add(team);
    for (const auto& body : bodies) add(Body(body));
    return lines;
  }
  absl::StatusOr<v1::Document> Draft(const std::string& body) {
    return Send<v1::Document>(
        "Documents", "CreateDocument",
        absl::StrCat(
            "parent: 'regions/86' document {title: 'Положение' kind: KIND_REGULATION level: "
            "LEVEL_ORGANISATION organisation: '",
            body, "'}"));
  }
  absl::StatusOr<v1::Document> ReadDocument(rpc::Client& client, const std::string& name) {
    v1::GetDocumentRequest request;
    request.set_name(name);
    v1::Document document;
    auto s = client.Unary("rsnms.registry.v1.Documents/GetDocument", request, &document,
                          absl::Now() + absl::Seconds(20));
    if (!s.ok()) return s;
    return document;
  }
};

TEST_F(Relocation, PostsAndTeamsGoOnInTheNewMunicipalityAndThePastStays) {
  const std::string school = MakeBody("Школа")->name();
  auto gone = MakePerson(), stays = MakePerson();
  auto past = Post(gone->name(), school, kDay - 1000);
  *past.mutable_end_date() = ToDate(kDay - 500);
  const auto ended = Employ(past);
  const auto lasting = Employ(Post(stays->name(), school, kDay - 800));
  ASSERT_TRUE(ended.ok() && lasting.ok());
  ASSERT_TRUE(MakeTeam(school, stays->name(), kDay - 300).ok());
  const auto moved = Relocate(school, kUrai, kDay);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->kind(), v1::ORGANISATION_CHANGE_KIND_RELOCATION);
  EXPECT_EQ(moved->municipality(), kUrai);
  EXPECT_EQ(moved->sums().employments(), 1);
  EXPECT_EQ(Body(school).municipality(), kUrai);
  EXPECT_EQ(MunicipalityOf(school, kDay - 1), kSurgut);
  EXPECT_EQ(MunicipalityOf(school, kDay), kUrai);
  EXPECT_EQ(Count(kDay - 600), (std::map<std::string, int64_t>{{kSurgut, 2}}));
  EXPECT_EQ(Count(kDay - 1), (std::map<std::string, int64_t>{{kSurgut, 1}}));
  EXPECT_EQ(Count(kDay), (std::map<std::string, int64_t>{{kUrai, 1}}));
  std::vector<std::string> teams;
  for (const auto& team : Teams()) teams.push_back(team.municipality());
  std::sort(teams.begin(), teams.end());
  EXPECT_THAT(teams, ElementsAre(kSurgut, kUrai));
  // A record of the past that is corrected later is still of the old municipality.
  v1::UpdateEmploymentRequest update;
  update.mutable_employment()->set_name(ended->name());
  update.mutable_employment()->set_post_title("учитель химии");
  update.mutable_update_mask()->add_paths("post_title");
  EXPECT_EQ(Call<v1::Employment>("UpdateEmployment", update)->municipality(), kSurgut);
  EXPECT_EQ(Employ(Post(gone->name(), school, kDay + 10))->municipality(), kUrai);
}

TEST_F(Relocation, WhatBelongsToTheBodyFollowsItsOwnerAndItsReaders) {
  const std::string school = MakeBody("Школа")->name();
  const auto draft = Draft(school);
  ASSERT_TRUE(draft.ok()) << draft.status();
  const auto league = Admit(school, kDay - 100);
  ASSERT_TRUE(league.ok()) << league.status();
  EXPECT_EQ(league->municipality(), kSurgut);
  v1::UpdateOrganisationRequest by_hand;
  by_hand.mutable_organisation()->set_name(school);
  by_hand.mutable_organisation()->set_municipality(kUrai);
  by_hand.mutable_update_mask()->add_paths("municipality");
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Organisation>("UpdateOrganisation", by_hand).status()),
            "MUNICIPALITY_IN_USE")
      << "nobody works there, yet a draft would be left behind";
  auto surgut = service_->Connect({"municipal_service"}, {kSurgut});
  auto urai = service_->Connect({"municipal_service"}, {kUrai});
  ASSERT_TRUE(ReadDocument(*surgut, draft->name()).ok());
  const auto moved = Relocate(school, kUrai, kDay);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_TRUE(absl::IsNotFound(ReadDocument(*surgut, draft->name()).status()));
  EXPECT_EQ(ReadDocument(*urai, draft->name())->municipality(), kUrai);
  EXPECT_EQ(Sql("SELECT municipality_id FROM mentor_school"), "71878000");
  ASSERT_TRUE(Undo(moved->name()).ok());
  EXPECT_TRUE(ReadDocument(*surgut, draft->name()).ok());
  EXPECT_TRUE(absl::IsNotFound(ReadDocument(*urai, draft->name()).status()));
  EXPECT_EQ(Sql("SELECT municipality_id FROM mentor_school"), "71876000");
}

TEST_F(Relocation, AReformMovesEveryBodyOfTheMunicipalitiesAndIsUndone) {
  std::vector<std::string> schools;
  for (int i = 0; i < 4; ++i) {
    schools.push_back(MakeBody(absl::StrCat("Школа ", i))->name());
    auto person = MakePerson();
    ASSERT_TRUE(Employ(Post(person->name(), schools.back(), kDay - 100)).ok());
    ASSERT_TRUE(MakeTeam(schools.back(), person->name(), kDay - 100).ok());
  }
  const std::string closed = MakeBody("Закрытая школа")->name();
  ASSERT_TRUE(Close(closed, kDay - 200).ok());
  const auto before = Picture(schools);
  v1::RelocateOrganisationsRequest reform;
  reform.set_parent(kRegion);
  reform.add_from_municipalities(kSurgut);
  reform.set_municipality(kUrai);
  *reform.mutable_change_date() = ToDate(kDay);
  reform.set_validate_only(true);
  ASSERT_TRUE(Relocate(reform).ok());
  EXPECT_EQ(Picture(schools), before);
  reform.set_validate_only(false);
  const auto moved = Relocate(reform);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->sources_size(), 4);
  for (const auto& school : schools) EXPECT_EQ(Body(school).municipality(), kUrai);
  EXPECT_EQ(Body(closed).municipality(), kSurgut) << "it never lay elsewhere";
  EXPECT_EQ(Count(kDay), (std::map<std::string, int64_t>{{kUrai, 4}}));
  ASSERT_TRUE(Undo(moved->name()).ok());
  EXPECT_EQ(Picture(schools), before);
  EXPECT_EQ(MunicipalityOf(schools[0], kDay), kSurgut);
}

TEST_F(Relocation, MovesGoForwardInTimeAndSomewhereElse) {
  const std::string school = MakeBody("Школа")->name();
  EXPECT_EQ(rpc::ReasonOf(Relocate(school, kSurgut, kDay).status()), "MUNICIPALITY_IN_USE");
  EXPECT_EQ(rpc::ReasonOf(Relocate(Moving({school, school}, kUrai, kDay)).status()),
            "BODY_NAMED_TWICE");
  EXPECT_EQ(rpc::ReasonOf(Relocate(Moving({}, kUrai, kDay)).status()), "REQUIRED_FIELD_MISSING");
  const auto first = Relocate(school, kUrai, kDay);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(rpc::ReasonOf(Relocate(school, kSurgut, kDay).status()), "CHANGE_OUT_OF_ORDER");
  ASSERT_TRUE(Relocate(school, kSurgut, kDay + 10).ok());
  EXPECT_EQ(MunicipalityOf(school, kDay + 9), kUrai);
  EXPECT_EQ(MunicipalityOf(school, kDay + 10), kSurgut);
  EXPECT_EQ(rpc::ReasonOf(Undo(first->name()).status()), "CHANGE_HAS_DEPENDENTS");
  const std::string other = MakeBody("Закрытая школа")->name();
  ASSERT_TRUE(Close(other, kDay).ok());
  EXPECT_EQ(rpc::ReasonOf(Relocate(other, kUrai, kDay + 1).status()), "ORGANISATION_CLOSED");
  auto municipal = service_->Connect({"authority"}, {kSurgut});
  EXPECT_TRUE(
      absl::IsPermissionDenied(Ask<v1::OrganisationChange>(*municipal, "RelocateOrganisations",
                                                           Moving({school}, kUrai, kDay))
                                   .status()));
}

TEST_F(Relocation, AWrongMunicipalityIsCorrectedForEveryDate) {
  const std::string school = MakeBody("Школа")->name();
  auto person = MakePerson();
  auto past = Post(person->name(), school, kDay - 1000);
  *past.mutable_end_date() = ToDate(kDay - 500);
  ASSERT_TRUE(Employ(past).ok());
  v1::CorrectOrganisationRequest request;
  request.set_name(school);
  request.set_municipality(kUrai);
  request.set_reason("описка");
  auto corrected = Ask<v1::Organisation>("CorrectOrganisation", request);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->municipality(), kUrai);
  EXPECT_EQ(Count(kDay - 600), (std::map<std::string, int64_t>{{kUrai, 1}}));
  EXPECT_EQ(MunicipalityOf(school, kDay - 600), kUrai);
  ASSERT_TRUE(Relocate(school, kSurgut, kDay).ok());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Organisation>("CorrectOrganisation", request).status()),
            "CHANGE_OUT_OF_ORDER");
}

TEST_F(Relocation, ARecordThatComesBackComesToWhereItsBodyLies) {
  const std::string school = MakeBody("Школа")->name();
  auto person = MakePerson();
  const auto post = Employ(Post(person->name(), school, kDay - 100));
  v1::DeleteEmploymentRequest dismiss;
  dismiss.set_name(post->name());
  ASSERT_TRUE(Call<v1::Employment>("DeleteEmployment", dismiss).ok());
  ASSERT_TRUE(Relocate(school, kUrai, kDay).ok());
  v1::UndeleteEmploymentRequest revive;
  revive.set_name(post->name());
  const auto back = Call<v1::Employment>("UndeleteEmployment", revive);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->municipality(), kUrai);
}

// Random moves and their undoing: who is counted where on any date, against a table of days.
class Wanderings : public Relocation, public ::testing::WithParamInterface<int> {};

TEST_P(Wanderings, CountsByMunicipalityEqualTheNaiveOnesOnAnyDate) {
  constexpr int kDays = 120, kBodies = 3;
  std::mt19937 random(GetParam());
  const auto any = [&](int below) {
    return std::uniform_int_distribution<int>(0, below - 1)(random);
  };
  struct Move {
    int body, day;
    std::string to, change;
  };
  std::vector<std::string> bodies;
  std::vector<std::vector<Move>> moves(kBodies);
  std::vector<int> first(kBodies);
  for (int i = 0; i < kBodies; ++i) {
    bodies.push_back(MakeBody(absl::StrCat("Школа ", i))->name());
    auto person = MakePerson();
    first[i] = any(kDays / 2);
    ASSERT_TRUE(Employ(Post(person->name(), bodies[i], kDay + first[i])).ok());
  }
  const auto place = [&](int body, int day) {
    std::string at = kSurgut;
    for (const Move& move : moves[body])
      if (move.day <= day) at = move.to;
    return at;
  };
  for (int step = 0; step < 30 && !HasFailure(); ++step) {
    const int body = any(kBodies);
    if (any(3) == 0 && !moves[body].empty()) {
      const bool last = any(2) == 0;
      const size_t at = last ? moves[body].size() - 1 : any(static_cast<int>(moves[body].size()));
      const auto undone = Undo(moves[body][at].change);
      ASSERT_EQ(undone.ok(), at + 1 == moves[body].size()) << undone.status();
      if (undone.ok()) moves[body].pop_back();
    } else {
      const std::string to = any(2) == 0 ? kSurgut : kUrai;
      const int day = 1 + any(kDays);
      const auto moved = Relocate(bodies[body], to, kDay + day);
      const bool fits =
          to != place(body, 9999) && (moves[body].empty() || moves[body].back().day < day);
      ASSERT_EQ(moved.ok(), fits) << moved.status();
      if (fits) moves[body].push_back({body, day, to, moved->name()});
    }
    for (int i = 0; i < 3; ++i) {
      const int day = any(kDays + 5);
      std::map<std::string, int64_t> expected;
      for (int b = 0; b < kBodies; ++b) {
        EXPECT_EQ(MunicipalityOf(bodies[b], kDay + day), place(b, day));
        if (first[b] <= day) ++expected[place(b, day)];
      }
      EXPECT_EQ(Count(kDay + day), expected) << "on day " << day << " of seed " << GetParam();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Wanderings, ::testing::Range(0, 4));

}  // namespace
}  // namespace rsnms::registry
