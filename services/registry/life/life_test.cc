// Mergers, divisions, renamings and closings over gRPC, against a real database.
#include <map>
#include <string>

#include "services/registry/life/life_fixture.h"
#include "services/registry/paging_test.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kRequest[] = "0190a000-0000-7000-8000-0000000000aa";
const CivilDay kBegin(2020, 9, 1), kDay(2024, 9, 1);

class Reorganisation : public LifeTest {
 protected:
  // A department above two schools, each with a main and a part-time worker.
  void SetUp() override {
    LifeTest::SetUp();
    MakeRegion();
    department_ = Make("Департамент", v1::ORGANISATION_KIND_AUTHORITY);
    a_ = Make("Школа А");
    b_ = Make("Школа Б");
    for (const auto& school : {a_, b_}) ASSERT_TRUE(Move(school, department_, kBegin).ok());
    for (const auto& school : {a_, b_}) {
      auto person = MakePerson();
      ASSERT_TRUE(person.ok()) << person.status();
      people_[school] = person->name();
      ASSERT_TRUE(Employ(Post(person->name(), school, CivilDay(2023, 9, 1))).ok());
    }
  }
  std::string Make(const std::string& title,
                   v1::OrganisationKind kind = v1::ORGANISATION_KIND_SCHOOL) {
    auto body = MakeBody(title, kSurgut, kind);
    EXPECT_TRUE(body.ok()) << body.status();
    return body.ok() ? body->name() : "";
  }
  // Where a person works on a day.
  std::vector<std::string> Works(const std::string& person, CivilDay day) {
    std::vector<std::string> bodies;
    for (const auto& post : Employments()) {
      if (post.person() == person && ToCivil(post.start_date()) <= day &&
          (!post.has_end_date() || ToCivil(post.end_date()) >= day))
        bodies.push_back(post.organisation());
    }
    return bodies;
  }
  // Everything the registry holds of the region, as text, versions and times aside.
  std::vector<std::string> Picture() {
    std::vector<std::string> lines;
    for (auto post : Employments()) {
      post.clear_etag();
      post.clear_update_time();
      lines.push_back(post.ShortDebugString());
    }
    for (auto link : Links()) {
      link.clear_etag();
      link.clear_update_time();
      lines.push_back(link.ShortDebugString());
    }
    for (const auto& name : {department_, a_, b_}) {
      auto body = Body(name);
      body.clear_etag();
      body.clear_update_time();
      lines.push_back(body.ShortDebugString());
    }
    return lines;
  }

  std::string department_, a_, b_;
  std::map<std::string, std::string> people_;
};

TEST_F(Reorganisation, MergedBodyKeepsItsNameAndPointsToItsSuccessor) {
  auto change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->state(), v1::ORGANISATION_CHANGE_STATE_APPLIED);
  EXPECT_EQ(change->sums().employments(), 2);
  EXPECT_EQ(change->sums().pedagogues(), 2);
  const auto merged = Body(a_);
  EXPECT_EQ(ToCivil(merged.closed_date()), kDay - 1);
  EXPECT_THAT(merged.successors(), ElementsAre(b_));
  EXPECT_THAT(Tree(kDay - 1), ElementsAre("0 Департамент", "1 Школа А", "1 Школа Б"));
  EXPECT_THAT(Tree(kDay), ElementsAre("0 Департамент", "1 Школа Б"));
  EXPECT_THAT(Works(people_[a_], kDay - 1), ElementsAre(a_));
  EXPECT_THAT(Works(people_[a_], kDay), ElementsAre(b_));
  for (const auto& post : Employments()) EXPECT_TRUE(post.main());
}

TEST_F(Reorganisation, FusionFoundsTheSuccessorWhereTheFirstSourceStood) {
  auto request = Merging({a_, b_}, "", kDay);
  request.mutable_new_target()->set_official_name("Центр образования");
  request.mutable_new_target()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  request.mutable_new_target()->set_municipality(kSurgut);
  auto change = Merge(request);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_THAT(Tree(kDay), ElementsAre("0 Департамент", "1 Центр образования"));
  EXPECT_THAT(Works(people_[a_], kDay), ElementsAre(change->targets(0)));
  auto undone = Undo(change->name());
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_THAT(Tree(kDay), ElementsAre("0 Департамент", "1 Школа А", "1 Школа Б"));
}

TEST_F(Reorganisation, RepeatedRequestMergesOnce) {
  auto request = Merging({a_}, b_, kDay);
  request.set_request_id(kRequest);
  auto first = Merge(request), second = Merge(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->name(), second->name());
  EXPECT_EQ(Sql("SELECT count(*) FROM organisation_change"), "1");
}

TEST_F(Reorganisation, ValidationChangesNothing) {
  const auto before = Picture();
  auto request = Merging({a_}, b_, kDay);
  request.set_validate_only(true);
  auto change = Merge(request);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_GT(change->effects_size(), 0);
  EXPECT_EQ(Picture(), before);
}

TEST_F(Reorganisation, UndoBringsBackExactlyWhatWas) {
  const auto before = Picture();
  auto change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_NE(Picture(), before);
  auto undone = Undo(change->name(), kRequest);
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(undone->state(), v1::ORGANISATION_CHANGE_STATE_UNDONE);
  EXPECT_EQ(Picture(), before);
  EXPECT_TRUE(Undo(change->name(), kRequest).ok());  // the same request, answered again
  EXPECT_EQ(rpc::ReasonOf(Undo(change->name()).status()), "INVALID_STATE");
}

TEST_F(Reorganisation, WhatALaterChangeRestsOnIsNotUndone) {
  auto first = Merge({a_}, b_, kDay);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto heir = Make("Школа В");
  auto second = Merge({b_}, heir, kDay + 30);
  ASSERT_TRUE(second.ok()) << second.status();
  auto refused = Undo(first->name());
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "CHANGE_HAS_DEPENDENTS");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(second->name()));
  ASSERT_TRUE(Undo(second->name()).ok());
  EXPECT_TRUE(Undo(first->name()).ok());
}

TEST_F(Reorganisation, AFoundedBodyInUseIsNotUndone) {
  auto request = Merging({a_}, "", kDay);
  request.mutable_new_target()->set_official_name("Лицей");
  request.mutable_new_target()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  request.mutable_new_target()->set_municipality(kSurgut);
  auto change = Merge(request);
  ASSERT_TRUE(change.ok()) << change.status();
  auto person = MakePerson();
  auto hired = Employ(Post(person->name(), change->targets(0), kDay + 10));
  ASSERT_TRUE(hired.ok()) << hired.status();
  auto refused = Undo(change->name());
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "CHANGE_HAS_DEPENDENTS");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(hired->name()));
}

TEST_F(Reorganisation, TwoTeamsNeedOneDisbanded) {
  auto mine = MakeTeam(a_, people_[a_], kBegin), theirs = MakeTeam(b_, people_[b_], kBegin);
  ASSERT_TRUE(mine.ok() && theirs.ok());
  EXPECT_EQ(rpc::ReasonOf(Merge({a_}, b_, kDay).status()), "SECOND_MANAGEMENT_TEAM");
  auto request = Merging({a_}, b_, kDay);
  request.add_disbanded_teams(theirs->name());
  EXPECT_EQ(rpc::ReasonOf(Merge(request).status()), "APPORTIONED_WRONGLY");
  request.set_disbanded_teams(0, mine->name());
  auto change = Merge(request);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->sums().management_teams(), 1);
}

TEST_F(Reorganisation, SplitRefusesWhatIsNotApportionedAndNamesIt) {
  v1::SplitOrganisationRequest request;
  request.set_name(a_);
  *request.mutable_change_date() = ToDate(kDay);
  auto* portion = request.add_portions();
  portion->set_target(b_);
  auto refused = Split(request);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "NOT_APPORTIONED");
  std::string post;
  for (const auto& e : Employments())
    if (e.organisation() == a_) post = e.name();
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(post));
  portion->add_employments(post);
  auto* second = request.add_portions();
  second->mutable_new_target()->set_official_name("Вечерняя школа");
  second->mutable_new_target()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  second->mutable_new_target()->set_municipality(kSurgut);
  auto change = Split(request);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_THAT(change->targets(), SizeIs(2));
  EXPECT_THAT(Body(a_).successors(), SizeIs(2));
  EXPECT_THAT(Works(people_[a_], kDay), ElementsAre(b_));
  EXPECT_THAT(Tree(kDay), ElementsAre("0 Департамент", "1 Вечерняя школа", "1 Школа Б"));
}

TEST_F(Reorganisation, SpinOffLeavesTheSourceWhatIsNotNamed) {
  v1::SplitOrganisationRequest request;
  request.set_name(a_);
  request.set_source_remains(true);
  *request.mutable_change_date() = ToDate(kDay);
  auto* portion = request.add_portions();
  portion->mutable_new_target()->set_official_name("Филиал");
  portion->mutable_new_target()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  portion->mutable_new_target()->set_municipality(kSurgut);
  ASSERT_TRUE(Split(request).ok());
  EXPECT_FALSE(Body(a_).has_closed_date());
  EXPECT_THAT(Works(people_[a_], kDay), ElementsAre(a_));
}

TEST_F(Reorganisation, ABodyClosesOnlyWhenNothingRestsOnIt) {
  auto refused = Close(a_, kDay);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "NOT_APPORTIONED");
  const auto empty = Make("Пустая школа");
  ASSERT_TRUE(Move(empty, department_, kBegin).ok());
  auto change = Close(empty, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(ToCivil(Body(empty).closed_date()), kDay - 1);
  EXPECT_EQ(rpc::ReasonOf(Close(empty, kDay + 5).status()), "ORGANISATION_CLOSED");
  EXPECT_THAT(Tree(kDay), ElementsAre("0 Департамент", "1 Школа А", "1 Школа Б"));
}

TEST_F(Reorganisation, ABodyWithSuccessorsIsNotReopenedByHand) {
  ASSERT_TRUE(Merge({a_}, b_, kDay).ok());
  v1::UpdateOrganisationRequest request;
  request.mutable_organisation()->set_name(a_);
  request.mutable_update_mask()->add_paths("closed_date");
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Organisation>("UpdateOrganisation", request).status()),
            "IMMUTABLE_FIELD");
  v1::CorrectOrganisationRequest correction;
  correction.set_name(a_);
  correction.set_clear_closed_date(true);
  correction.set_reason("работает");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Organisation>("CorrectOrganisation", correction).status()),
            "ORGANISATION_CLOSED");
}

TEST_F(Reorganisation, MergersOfBodiesBelowEachOther) {
  const auto branch = Make("Филиал школы А");
  ASSERT_TRUE(Move(branch, a_, kBegin).ok());
  EXPECT_EQ(rpc::ReasonOf(Merge({a_}, branch, kDay).status()), "TARGET_BELOW_SOURCE");
  EXPECT_EQ(rpc::ReasonOf(Merge({a_, a_}, b_, kDay).status()), "BODY_NAMED_TWICE");
  EXPECT_EQ(rpc::ReasonOf(Merge({a_}, a_, kDay).status()), "BODY_NAMED_TWICE");
  ASSERT_TRUE(Merge({a_, branch}, b_, kDay).ok());
  EXPECT_THAT(Tree(kDay), ElementsAre("0 Департамент", "1 Школа Б"));
}

TEST_F(Reorganisation, AMentorshipOutlivesTheMerger) {
  auto mentee = MakePerson();
  ASSERT_TRUE(Employ(Post(mentee->name(), a_, CivilDay(2023, 9, 1))).ok());
  v1::CreateMentorshipRequest request;
  request.set_parent(kRegion);
  auto& mentorship = *request.mutable_mentorship();
  mentorship.set_model(v1::MENTORING_MODEL_TRADITIONAL);
  mentorship.set_organisation(a_);
  mentorship.add_mentors(people_[a_]);
  mentorship.add_mentees(mentee->name());
  *mentorship.mutable_start_date() = ToDate(kDay - 100);
  *mentorship.mutable_end_date() = ToDate(kDay + 100);
  v1::Mentorship made;
  ASSERT_TRUE(admin_
                  ->Unary("rsnms.registry.v1.Mentoring/CreateMentorship", request, &made,
                          absl::Now() + absl::Seconds(20))
                  .ok());
  auto change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(Undo(change->name()).ok());
}

TEST_F(Reorganisation, OldNamesFindTheBodyForEver) {
  ASSERT_TRUE(Rename(a_, "Лицей «Ёлочка»", CivilDay(2022, 1, 1)).ok());
  ASSERT_TRUE(Rename(a_, "Гимназия", CivilDay(2023, 1, 1)).ok());
  ASSERT_TRUE(Merge({a_}, b_, kDay).ok());
  EXPECT_EQ(rpc::ReasonOf(Rename(b_, "Школа Б", kDay).status()), "NAME_UNCHANGED");
  v1::SearchOrganisationsRequest request;
  request.set_parent(kRegion);
  for (const char* query : {"школа а", "ЕЛОЧКА", "гимназия"}) {
    for (const CivilDay day : {CivilDay(2021, 1, 1), CivilDay(2022, 6, 1), CivilDay(2026, 1, 1)}) {
      request.set_query(query);
      *request.mutable_as_of_date() = ToDate(day);
      auto found = Ask<v1::SearchOrganisationsResponse>("SearchOrganisations", request);
      ASSERT_TRUE(found.ok()) << found.status();
      ASSERT_EQ(found->matches_size(), 1) << query;
      EXPECT_EQ(found->matches(0).organisation().name(), a_);
      EXPECT_THAT(found->matches(0).organisation().successors(), ElementsAre(b_));
      EXPECT_EQ(found->matches(0).existed_on_date(), day < kDay);
      EXPECT_EQ(found->matches(0).name_on_date(), day < CivilDay(2022, 1, 1) ? "Школа А"
                                                  : day < CivilDay(2023, 1, 1) ? "Лицей «Ёлочка»"
                                                                               : "Гимназия");
    }
  }
  EXPECT_THAT(Tree(CivilDay(2021, 1, 1)), ElementsAre("0 Департамент", "1 Школа А", "1 Школа Б"));
  EXPECT_THAT(Tree(CivilDay(2022, 6, 1)),
              ElementsAre("0 Департамент", "1 Лицей «Ёлочка»", "1 Школа Б"));
}

TEST_F(Reorganisation, PagesOfSearchAreTheWhole) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(MakeBody(absl::StrCat("Детский сад ", i % 4)).ok());
  }
  ASSERT_TRUE(Rename(a_, "Сад новый", CivilDay(2022, 1, 1)).ok());
  ASSERT_TRUE(Rename(a_, "Школа", CivilDay(2023, 1, 1)).ok());
  using Search = Paged<v1::SearchOrganisationsRequest, v1::SearchOrganisationsResponse>;
  const auto by = [this](rpc::Client& client) {
    return Search{[this, &client](const auto& request) {
                    return Ask<v1::SearchOrganisationsResponse>(client, "SearchOrganisations",
                                                                request);
                  },
                  [](const auto& page) {
                    std::vector<std::string> names;
                    for (const auto& m : page.matches()) names.push_back(m.organisation().name());
                    return names;
                  }};
  };
  v1::SearchOrganisationsRequest request;
  request.set_parent(kRegion);
  request.set_query("сад");
  EXPECT_EQ(by(*admin_).ExpectPagesMakeTheWhole(request).size(), 21u);
  auto otherwise = request;
  *otherwise.mutable_as_of_date() = ToDate(kDay);
  const auto other = service_->Connect({"administrator"}, {kRegion});
  by(*admin_).ExpectTokensAreBound(request, otherwise, by(*other));
}

TEST_F(Reorganisation, RenamingIsUndoneUnlessRenamedAgain) {
  auto first = Rename(a_, "Лицей", CivilDay(2022, 1, 1));
  auto second = Rename(a_, "Гимназия", CivilDay(2023, 1, 1));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(rpc::ReasonOf(Undo(first->name()).status()), "CHANGE_HAS_DEPENDENTS");
  ASSERT_TRUE(Undo(second->name()).ok());
  EXPECT_EQ(Body(a_).official_name(), "Лицей");
  ASSERT_TRUE(Undo(first->name()).ok());
  EXPECT_EQ(Body(a_).official_name(), "Школа А");
}

TEST_F(Reorganisation, NarrowerScopesDoNotReorganise) {
  auto municipal = service_->Connect({"authority"}, {kSurgut});
  EXPECT_TRUE(absl::IsPermissionDenied(
      Ask<v1::OrganisationChange>(*municipal, "MergeOrganisations", Merging({a_}, b_, kDay))
          .status()));
  auto region = service_->Connect({"authority"}, {kRegion});
  auto change = Ask<v1::OrganisationChange>(*region, "MergeOrganisations", Merging({a_}, b_, kDay));
  EXPECT_TRUE(change.ok()) << change.status();
}

}  // namespace
}  // namespace rsnms::registry
