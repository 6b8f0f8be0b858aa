// What becomes of everything else that refers to a body: the table of fates, over gRPC and against
// a real database.
#include <set>
#include <string>

#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "rsnms/registry/v1/documents_service.pb.h"
#include "services/registry/life/fates.h"
#include "services/registry/life/life_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const CivilDay kBegin(2020, 9, 1), kDay(2024, 9, 1);

// `type.field` of every reference to an organisation in a resource of the registry.
std::set<std::string> ReferencesInContracts() {
  using google::protobuf::DescriptorPool;
  std::set<std::string> found;
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  for (const auto& name : files) {
    if (!absl::StartsWith(name, "rsnms/registry/")) continue;
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* message = file->message_type(i);
      if (!message->options().HasExtension(google::api::resource)) continue;
      for (int f = 0; f < message->field_count(); ++f) {
        const auto& reference =
            message->field(f)->options().GetExtension(google::api::resource_reference);
        if (reference.type() == "registry.rsnms/Organisation") {
          found.insert(message->options().GetExtension(google::api::resource).type() + "." +
                       message->field(f)->name());
        }
      }
    }
  }
  return found;
}

TEST(Fates, EveryReferenceToABodyHasOne) {
  std::set<std::string> known = {
      // They end and go on under new names (dated_records.h).
      "registry.rsnms/Employment.organisation", "registry.rsnms/ManagementTeam.organisation",
      "registry.rsnms/SupportRecord.organisation", "registry.rsnms/OrganisationLink.child",
      "registry.rsnms/OrganisationLink.parent",
      // Written by changes of bodies themselves.
      "registry.rsnms/Organisation.successors",
      "registry.rsnms/OrganisationFormerMunicipality.organisation",
      "registry.rsnms/OrganisationFormerName.organisation"};
  for (const auto& fate : Fates()) {
    EXPECT_TRUE(known.insert(absl::StrCat(fate.type, ".", fate.field)).second)
        << fate.type << " has two";
    for (const auto& copies : fate.copies)
      EXPECT_TRUE(known.insert(absl::StrCat(copies.type, ".organisation")).second) << copies.type;
  }
  EXPECT_EQ(ReferencesInContracts(), known);
}

class HoldingsOfBodies : public LifeTest {
 protected:
  void SetUp() override {
    LifeTest::SetUp();
    MakeRegion();
    for (auto* name : {&a_, &b_, &c_}) {
      auto body = MakeBody("Школа");
      ASSERT_TRUE(body.ok()) << body.status();
      *name = body->name();
    }
  }
  v1::Event Event(const std::string& name) {
    auto event = Send<v1::Event>("Events", "GetEvent", absl::StrCat("name: '", name, "'"));
    EXPECT_TRUE(event.ok()) << event.status();
    return event.ok() ? *event : v1::Event();
  }
  v1::MentorSchool School(const std::string& name) {
    auto school =
        Send<v1::MentorSchool>("Mentoring", "GetMentorSchool", absl::StrCat("name: '", name, "'"));
    EXPECT_TRUE(school.ok()) << school.status();
    return school.ok() ? *school : v1::MentorSchool();
  }
  v1::Agreement AgreementOf(const std::vector<std::string>& bodies) {
    std::string parties;
    for (const auto& body : bodies)
      absl::StrAppend(&parties, "parties {role: ROLE_PARTNER organisation: '", body, "'} ");
    auto made = Send<v1::Agreement>(
        "Documents", "CreateAgreement",
        absl::StrCat(
            "parent: 'regions/86' agreement {kind: KIND_NETWORK title: 'О сетевом "
            "взаимодействии' subject: 'Стажировки' start_date {year: 2023 month: 1 day: 1} ",
            parties, "obligations {organisation: '", bodies[0], "' text: 'принимает стажёров'}}"));
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Agreement();
  }
  v1::Agreement Agreement(const std::string& name) {
    auto agreement =
        Send<v1::Agreement>("Documents", "GetAgreement", absl::StrCat("name: '", name, "'"));
    EXPECT_TRUE(agreement.ok()) << agreement.status();
    return agreement.ok() ? *agreement : v1::Agreement();
  }

  std::string a_, b_, c_;
};

TEST_F(HoldingsOfBodies, SuccessorTakesTheirPlaceAndUndoingGivesItBack) {
  const auto event = PlanEvent(a_),
             joint = PlanEvent(c_, absl::StrCat("co_organisers: '", a_, "'"));
  const auto cancelled = PlanEvent(a_);
  ASSERT_TRUE(event.ok() && joint.ok() && cancelled.ok()) << event.status();
  ASSERT_TRUE(Send<v1::Event>("Events", "CancelEvent",
                              absl::StrCat("name: '", cancelled->name(), "' reason: 'нет зала'"))
                  .ok());
  const auto school = Admit(a_, kBegin);
  ASSERT_TRUE(school.ok()) << school.status();
  const auto agreement = AgreementOf({a_, c_});

  auto change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(Event(event->name()).organisation(), b_);
  EXPECT_THAT(Event(joint->name()).co_organisers(), ElementsAre(b_));
  EXPECT_EQ(Event(cancelled->name()).organisation(), a_) << "history";
  EXPECT_EQ(School(school->name()).organisation(), b_);
  const auto passed = Agreement(agreement.name());
  EXPECT_THAT(passed.organisations(), ElementsAre(b_, c_));
  EXPECT_EQ(passed.parties(0).organisation(), b_);
  EXPECT_EQ(passed.obligations(0).organisation(), b_);
  std::map<std::string, int64_t> counts;
  for (const auto& one : change->sums().holdings()) counts[one.resource_type()] = one.count();
  EXPECT_EQ(counts, (std::map<std::string, int64_t>{{"registry.rsnms/Agreement", 1},
                                                    {"registry.rsnms/Event", 2},
                                                    {"registry.rsnms/MentorSchool", 1}}));

  auto undone = Undo(change->name());
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(Event(event->name()).organisation(), a_);
  EXPECT_THAT(Event(joint->name()).co_organisers(), ElementsAre(a_));
  EXPECT_EQ(School(school->name()).organisation(), a_);
  EXPECT_THAT(Agreement(agreement.name()).organisations(), ElementsAre(a_, c_));
  EXPECT_EQ(Agreement(agreement.name()).parties(0).organisation(), a_);
}

TEST_F(HoldingsOfBodies, WhatTheSuccessorHasAlreadyEndsWithItsBody) {
  const auto own = Admit(b_, kBegin), second = Admit(a_, kBegin);
  ASSERT_TRUE(own.ok() && second.ok());
  auto change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  const auto ended = School(second->name());
  EXPECT_EQ(ended.organisation(), a_);
  EXPECT_EQ(ended.state(), v1::MENTOR_SCHOOL_STATE_LEFT);
  EXPECT_EQ(ToCivil(ended.leave_date()), kDay - 1);
  EXPECT_EQ(School(own->name()).state(), v1::MENTOR_SCHOOL_STATE_ADMITTED);
  ASSERT_EQ(change->sums().holdings_size(), 1);
  EXPECT_EQ(change->sums().holdings(0).count(), 1);
  ASSERT_TRUE(Undo(change->name()).ok());
  EXPECT_EQ(School(second->name()).state(), v1::MENTOR_SCHOOL_STATE_ADMITTED);
  EXPECT_FALSE(School(second->name()).has_leave_date());
}

TEST_F(HoldingsOfBodies, AgreementWithOneselfRefusesTheMergeUntilItEnds) {
  const auto agreement = AgreementOf({a_, b_});
  auto change = Merge({a_}, b_, kDay);
  EXPECT_TRUE(absl::IsFailedPrecondition(change.status())) << change.status();
  EXPECT_THAT(change.status().ToString(), HasSubstr(agreement.name())) << "a draft is dropped";
  Sql(absl::StrCat("UPDATE agreement SET state = 'IN_FORCE' WHERE id = '",
                   agreement.name().substr(agreement.name().rfind('/') + 1), "' RETURNING id"));
  change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  const auto ended = Agreement(agreement.name());
  EXPECT_EQ(ended.state(), v1::Agreement::STATE_TERMINATED);
  EXPECT_EQ(ToCivil(ended.ended_date()), kDay - 1);
  EXPECT_THAT(ended.ground(), HasSubstr("еорганизация"));
  EXPECT_THAT(ended.organisations(), ElementsAre(a_, b_)) << "as it was signed";
}

TEST_F(HoldingsOfBodies, DivisionNamesWhereEachGoes) {
  const auto event = PlanEvent(a_), other = PlanEvent(a_);
  ASSERT_TRUE(event.ok() && other.ok());
  v1::SplitOrganisationRequest request;
  request.set_name(a_);
  *request.mutable_change_date() = ToDate(kDay);
  request.add_portions()->set_target(b_);
  request.add_portions()->set_target(c_);
  request.mutable_portions(0)->add_records(event->name());
  auto change = Split(request);
  EXPECT_EQ(rpc::ReasonOf(change.status()), "NOT_APPORTIONED") << change.status();
  EXPECT_THAT(change.status().ToString(), HasSubstr(other->name()));
  request.mutable_portions(1)->add_records(event->name());
  EXPECT_EQ(rpc::ReasonOf(Split(request).status()), "APPORTIONED_WRONGLY");
  request.mutable_portions(1)->set_records(0, other->name());
  change = Split(request);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(Event(event->name()).organisation(), b_);
  EXPECT_EQ(Event(other->name()).organisation(), c_);
  ASSERT_TRUE(Undo(change->name()).ok());
  EXPECT_EQ(Event(other->name()).organisation(), a_);
}

TEST_F(HoldingsOfBodies, ClosingIsHeldByWhatMustBeFinishedAndEndsTheRest) {
  const auto event = PlanEvent(a_);
  const auto school = Admit(a_, kBegin);
  ASSERT_TRUE(event.ok() && school.ok());
  auto closed = Close(a_, kDay);
  EXPECT_EQ(rpc::ReasonOf(closed.status()), "NOT_APPORTIONED") << closed.status();
  EXPECT_THAT(closed.status().ToString(), HasSubstr(event->name()));
  EXPECT_EQ(School(school->name()).state(), v1::MENTOR_SCHOOL_STATE_ADMITTED) << "nothing is done";
  ASSERT_TRUE(Send<v1::Event>("Events", "CancelEvent",
                              absl::StrCat("name: '", event->name(), "' reason: 'закрытие'"))
                  .ok());
  closed = Close(a_, kDay);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(School(school->name()).state(), v1::MENTOR_SCHOOL_STATE_LEFT);
  EXPECT_EQ(ToCivil(School(school->name()).leave_date()), kDay - 1);
  ASSERT_TRUE(Undo(closed->name()).ok());
  EXPECT_EQ(School(school->name()).state(), v1::MENTOR_SCHOOL_STATE_ADMITTED);
}

TEST_F(HoldingsOfBodies, ActingForAnActIsDatedAndGoesOnAtTheSuccessor) {
  Sql("INSERT INTO system_profile VALUES ('86', 'p', 1, now(), now(), NULL, 'П', NULL, NULL, '', "
      "'[]', '[]', '[]', '[]') RETURNING id");
  Sql("INSERT INTO system_subject VALUES ('86', 'p-s', 1, now(), now(), NULL, 'p', 's', 'С', '', "
      "'{}', '{}', '', 'BODY', '', NULL, '', '', '', '', '', 1) RETURNING id");
  const auto act = [&](const std::string& body) {
    return Send<v1::ActingOrganisation>(
        "Structure", "CreateActingOrganisation",
        absl::StrCat("parent: 'regions/86' acting_organisation {subject: "
                     "'regions/86/systemSubjects/p-s' organisation: '",
                     body, "' valid_from_date {", ToDate(kBegin).ShortDebugString(), "}}"));
  };
  const auto acting = act(a_);
  ASSERT_TRUE(acting.ok()) << acting.status();
  const char* rows =
      "SELECT string_agg(organisation_id || ' ' || valid_from_date || ' ' || "
      "coalesce(valid_until_date::text, ''), ',' ORDER BY valid_from_date) FROM "
      "acting_organisation WHERE delete_time IS NULL";
  const auto id = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
  const std::string before = Sql(rows);
  auto change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(Sql(rows), absl::StrCat(id(a_), " 2020-09-01 2024-08-31,", id(b_), " 2024-09-01 "));
  ASSERT_TRUE(Undo(change->name()).ok());
  EXPECT_EQ(Sql(rows), before);
  // A successor that acts so already goes on with its own.
  ASSERT_TRUE(act(b_).ok());
  change = Merge({a_}, b_, kDay);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(Sql("SELECT count(*) FROM acting_organisation WHERE delete_time IS NULL AND "
                "valid_until_date IS NULL"),
            "1");
}

}  // namespace
}  // namespace rsnms::registry
