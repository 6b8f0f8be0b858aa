// Mentoring as its callers meet it: over gRPC, on a real database.
#include <string>

#include "libs/testing/state_machine.h"
#include "services/registry/mentoring/mentoring_fixture.h"

namespace rsnms::registry {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::SizeIs;

using Mentoring = MentoringTest;

TEST_F(Mentoring, CatalogueHoldsNineModelsAndFiveFormats) {
  auto catalogue =
      Ask<v1::MentoringCatalogue>("GetMentoringCatalogue", v1::GetMentoringCatalogueRequest());
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  ASSERT_THAT(catalogue->models(), SizeIs(9));
  ASSERT_THAT(catalogue->formats(), SizeIs(5));
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(catalogue->models(i).model(), i + 1);
    EXPECT_NE(catalogue->models(i).rhythm(), v1::MEETING_RHYTHM_UNSPECIFIED);
    EXPECT_NE(catalogue->models(i).pairing(), v1::MENTORING_PAIRING_UNSPECIFIED);
    EXPECT_FALSE(catalogue->models(i).title().empty());
  }
  const auto& group = catalogue->models(v1::MENTORING_MODEL_GROUP - 1);
  EXPECT_EQ(group.mentees_min(), 2);
  EXPECT_EQ(group.mentees_max(), 6);
  EXPECT_FALSE(catalogue->models(v1::MENTORING_MODEL_VIRTUAL - 1).has_mentors_max());
  EXPECT_THAT(catalogue->formats(1).audiences(),
              ElementsAre(v1::MENTORING_AUDIENCE_GENERAL_SCHOOL));
  v1::GetMentoringCatalogueRequest one;
  one.set_model(v1::MENTORING_MODEL_REVERSE);
  auto reverse = Ask<v1::MentoringCatalogue>("GetMentoringCatalogue", one);
  ASSERT_TRUE(reverse.ok());
  EXPECT_THAT(reverse->models(), SizeIs(1));
}

TEST_F(Mentoring, ApplicationReadsTheCatalogueAndNeverWritesIt) {
  EXPECT_EQ(Sql("SELECT count(*) FROM mentoring_model"), "9");
  EXPECT_NE(Sql("UPDATE mentoring_model SET mentees_max = 99 RETURNING code"), "GROUP");
}

// Dagestan CK16: «нет наставника без согласия», a warning.
TEST_F(Mentoring, MentorsWithoutConsentAreCountedWhenTheWorkBegins) {
  const std::string mentor = Worker(), asked = Worker();
  Sql("INSERT INTO consent VALUES ('86', gen_random_uuid(), 1, now(), now(), NULL, '" +
      IdOf(asked) +
      "', 'MENTORING', '', 'бланк', '', '2024-09-01', NULL, NULL, NULL, 'GIVEN') RETURNING id");
  const auto start = [&](const std::string& who) {
    auto made = Make(Draft({who}, {Worker()}));
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(Form(made->name()).ok());
    auto started = Step<v1::StartMentorshipRequest>("StartMentorship", made->name());
    EXPECT_TRUE(started.ok()) << started.status();
    return started->mentors_without_consent_count();
  };
  EXPECT_EQ(start(mentor), 1);
  EXPECT_EQ(start(asked), 0);
}

TEST_F(Mentoring, PairGoesThroughAllTenSteps) {
  auto made = Make(Draft({Worker()}, {Worker()}));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->state(), v1::MENTORSHIP_STATE_PREPARED);
  EXPECT_EQ(made->municipality(), kSurgut);
  const std::string name = made->name();
  ASSERT_TRUE(Step<v1::RegisterMenteesRequest>("RegisterMentees", name).ok());
  ASSERT_TRUE(Step<v1::RegisterMentorsRequest>("RegisterMentors", name).ok());
  v1::TrainMentorsRequest train;
  train.set_name(name);
  train.set_mentor_training("Школа наставников, 36 часов");
  ASSERT_TRUE(Ask<v1::Mentorship>("TrainMentors", train).ok());
  ASSERT_TRUE(Form(name).ok());
  v1::DocumentMentorshipRequest document;
  document.set_name(name);
  document.set_order_document("приказ № 12 от 02.09.2024");
  ASSERT_TRUE(Ask<v1::Mentorship>("DocumentMentorship", document).ok());
  ASSERT_TRUE(Step<v1::StartMentorshipRequest>("StartMentorship", name).ok());
  v1::ReviewMentorshipRequest review;
  review.set_name(name);
  *review.mutable_interim_review_date() = D(2025, 1, 15);
  review.set_interim_findings("Программа выполняется наполовину.");
  ASSERT_TRUE(Ask<v1::Mentorship>("ReviewMentorship", review).ok());
  v1::CorrectMentorshipRequest correct;
  correct.set_name(name);
  correct.set_programme("Уточнённая программа");
  auto corrected = Ask<v1::Mentorship>("CorrectMentorship", correct);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->programme(), "Уточнённая программа");
  v1::FinishMentorshipRequest finish;
  finish.set_name(name);
  *finish.mutable_end_date() = D(2025, 5, 30);
  finish.set_result(v1::MENTORSHIP_RESULT_REACHED);
  auto finished = Ask<v1::Mentorship>("FinishMentorship", finish);
  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->order_document(), document.order_document());
  v1::RewardMentorshipRequest reward;
  reward.set_name(name);
  reward.add_incentives(v1::MENTOR_INCENTIVE_STATE_BADGE);
  ASSERT_TRUE(Ask<v1::Mentorship>("RewardMentorship", reward).ok());
  auto kept = Step<v1::KeepMentorshipRequest>("KeepMentorship", name);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_THAT(kept->passed_steps(), SizeIs(12));
  EXPECT_THAT(kept->skipped_steps(), SizeIs(0));
  EXPECT_EQ(kept->result(), v1::MENTORSHIP_RESULT_REACHED);
}

TEST_F(Mentoring, EveryDeclaredStepOfAMentorshipWorksAndNoOther) {
  const std::string mentor = Worker(CivilDay(2015, 1, 1)), mentee = Worker(CivilDay(2015, 1, 1));
  int n = 0;
  testing::StateMachine machine{.service = MentoringContract(),
                                .resource = "registry.rsnms/Mentorship"};
  machine.make = [&] {
    auto draft = Draft({mentor}, {mentee});
    const CivilDay start = CivilDay(2015, 2, 1) + 20 * n++;  // no two overlap
    *draft.mutable_start_date() = ToDate(start);
    *draft.mutable_end_date() = ToDate(start + 10);
    auto made = Make(draft);
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  };
  machine.force = [&](const std::string& name, const std::string& state) {
    EXPECT_EQ(Sql("UPDATE mentorship SET state = '" + state +
                  "', passed_steps = '{WORKING}' WHERE id = '" + IdOf(name) + "' RETURNING state"),
              state);
  };
  machine.read = [&](const std::string& name) {
    return Sql("SELECT state || version FROM mentorship WHERE id = '" + IdOf(name) + "'");
  };
  machine.fill = [&](google::protobuf::Message& request) {
    for (const char* field : {"end_date", "interim_review_date"}) {
      const auto* date = request.GetDescriptor()->FindFieldByName(field);
      if (date == nullptr) continue;
      static_cast<google::type::Date&>(*request.GetReflection()->MutableMessage(&request, date)) =
          ToDate(CivilDay(2015, 2, 1) + 20 * (n - 1) + 5);
    }
  };
  const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 37);
  EXPECT_EQ(counts.allowed + counts.refused, 12 * 13);
}

TEST_F(Mentoring, EveryDeclaredStepOfALeagueMembershipWorksAndNoOther) {
  testing::StateMachine machine{.service = MentoringContract(),
                                .resource = "registry.rsnms/MentorSchool"};
  machine.make = [&] {
    v1::CreateMentorSchoolRequest request;
    request.set_parent(kRegion);
    request.mutable_mentor_school()->set_organisation(MakeBody("Школа-ментор")->name());
    request.mutable_mentor_school()->add_directions("цифровая среда");
    auto made = Ask<v1::MentorSchool>("CreateMentorSchool", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  };
  machine.force = [&](const std::string& name, const std::string& state) {
    Sql("UPDATE mentor_school SET admit_date = '2024-01-01', state = '" + state + "' WHERE id = '" +
        IdOf(name) + "' RETURNING state");
  };
  machine.read = [&](const std::string& name) {
    return Sql("SELECT state || version FROM mentor_school WHERE id = '" + IdOf(name) + "'");
  };
  const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 3);
  EXPECT_EQ(counts.refused, 9);
}

TEST_F(Mentoring, BodyIsInTheLeagueOnceOnAnyDate) {
  std::vector<std::string> names;
  for (int i = 0; i < 2; ++i) {
    v1::CreateMentorSchoolRequest request;
    request.set_parent(kRegion);
    request.mutable_mentor_school()->set_organisation(school_);
    request.mutable_mentor_school()->add_directions("цифровая среда");
    auto made = Ask<v1::MentorSchool>("CreateMentorSchool", request);
    ASSERT_TRUE(made.ok()) << made.status();
    names.push_back(made->name());
  }
  v1::AdmitMentorSchoolRequest admit;
  admit.set_name(names[0]);
  *admit.mutable_admit_date() = D(2024, 1, 10);
  admit.set_order_document("приказ № 1");
  auto admitted = Ask<v1::MentorSchool>("AdmitMentorSchool", admit);
  ASSERT_TRUE(admitted.ok()) << admitted.status();
  admit.set_name(names[1]);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::MentorSchool>("AdmitMentorSchool", admit).status()),
            "SECOND_LEAGUE_MEMBERSHIP");
  v1::RemoveMentorSchoolRequest remove;
  remove.set_name(names[0]);
  remove.set_reason("по собственному заявлению");
  *remove.mutable_leave_date() = D(2024, 12, 31);
  ASSERT_TRUE(Ask<v1::MentorSchool>("RemoveMentorSchool", remove).ok());
  *admit.mutable_admit_date() = D(2025, 1, 1);
  EXPECT_TRUE(Ask<v1::MentorSchool>("AdmitMentorSchool", admit).ok());
}

TEST_F(Mentoring, ParticipantsAreEmployedOnEachDay) {
  const std::string mentor = Worker(), late = Worker(CivilDay(2024, 9, 2));
  EXPECT_EQ(rpc::ReasonOf(Make(Draft({mentor}, {late})).status()), "NOT_EMPLOYED_THROUGHOUT");
  auto draft = Draft({mentor}, {late});
  *draft.mutable_start_date() = D(2024, 9, 2);
  EXPECT_TRUE(Make(draft).ok());
  draft.clear_end_date();
  EXPECT_TRUE(Make(draft).ok()) << "open, as both employments are";
}

TEST_F(Mentoring, TwoAdjoiningEmploymentsCarryAMentorship) {
  const std::string mentor = Worker();
  const std::string mentee = MakePerson()->name();
  auto first = Post(mentee, school_, CivilDay(2024, 1, 1), false);
  *first.mutable_end_date() = D(2024, 12, 31);
  ASSERT_TRUE(Employ(first).ok());
  EXPECT_EQ(rpc::ReasonOf(Make(Draft({mentor}, {mentee})).status()), "NOT_EMPLOYED_THROUGHOUT");
  ASSERT_TRUE(Employ(Post(mentee, school_, CivilDay(2025, 1, 1), false)).ok());
  EXPECT_TRUE(Make(Draft({mentor}, {mentee})).ok());
}

TEST_F(Mentoring, EmploymentIsNotShortenedUnderALivingMentorship) {
  const std::string mentee = Worker();
  auto pair = Make(Draft({Worker()}, {mentee}));
  ASSERT_TRUE(pair.ok()) << pair.status();
  v1::UpdateEmploymentRequest update;
  update.mutable_employment()->set_name(posts_[mentee].name());
  *update.mutable_employment()->mutable_end_date() = D(2025, 5, 30);
  update.mutable_update_mask()->add_paths("end_date");
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Employment>("UpdateEmployment", update).status()),
            "EMPLOYMENT_HOLDS_MENTORSHIP");
  v1::DeleteEmploymentRequest remove;
  remove.set_name(posts_[mentee].name());
  EXPECT_EQ(Call<v1::Employment>("DeleteEmployment", remove).status().code(),
            StatusCode::kFailedPrecondition);
  *update.mutable_employment()->mutable_end_date() = D(2025, 5, 31);
  EXPECT_TRUE(Call<v1::Employment>("UpdateEmployment", update).ok());
  v1::DissolveMentorshipRequest dissolve;
  dissolve.set_name(pair->name());
  dissolve.set_reason("увольнение");
  ASSERT_TRUE(Ask<v1::Mentorship>("DissolveMentorship", dissolve).ok());
  EXPECT_TRUE(Call<v1::Employment>("DeleteEmployment", remove).ok());
}

TEST_F(Mentoring, SamePairIsFormedOnceOnAnyDateWhoeverIsTheMentor) {
  const std::string a = Worker(), b = Worker();
  auto first = Make(Draft({a}, {b}));
  auto reverse = Make(Draft({b}, {a}, v1::MENTORING_MODEL_REVERSE));
  ASSERT_TRUE(first.ok() && reverse.ok());
  ASSERT_TRUE(Form(first->name()).ok());
  EXPECT_EQ(rpc::ReasonOf(Form(reverse->name()).status()), "PAIR_OVERLAP");
  v1::DissolveMentorshipRequest dissolve;
  dissolve.set_name(first->name());
  dissolve.set_reason("не начали");
  ASSERT_TRUE(Ask<v1::Mentorship>("DissolveMentorship", dissolve).ok());
  EXPECT_TRUE(Form(reverse->name()).ok()) << "who never worked takes no days";
}

TEST_F(Mentoring, ModelAsksForGoalsAndScheduleBeforeTheWork) {
  auto draft = Draft({Worker()}, {Worker()}, v1::MENTORING_MODEL_SHORT_TERM_GOAL);
  auto made = Make(draft);
  ASSERT_TRUE(made.ok() && Form(made->name()).ok());
  EXPECT_EQ(
      rpc::ReasonOf(Step<v1::StartMentorshipRequest>("StartMentorship", made->name()).status()),
      "MENTORSHIP_INCOMPLETE");
  v1::UpdateMentorshipRequest update;
  update.mutable_mentorship()->set_name(made->name());
  update.mutable_mentorship()->add_goals("конкурсный урок");
  update.mutable_mentorship()->set_schedule("по средам");
  ASSERT_TRUE(Ask<v1::Mentorship>("UpdateMentorship", update).ok());
  EXPECT_TRUE(Step<v1::StartMentorshipRequest>("StartMentorship", made->name()).ok());
}

TEST_F(Mentoring, MentorshipIsSeenByItsBodyAndByThoseWhoSeeAParticipant) {
  auto pair = Make(Draft({Worker()}, {Worker()}));
  ASSERT_TRUE(pair.ok());
  const auto seen = [&](const std::string& scope) {
    auto client = service_->Connect({"administrator"}, {scope});
    v1::ListMentorshipsRequest request;
    request.set_parent(kRegion);
    v1::ListMentorshipsResponse response;
    auto s = client->Unary("rsnms.registry.v1.Mentoring/ListMentorships", request, &response,
                           absl::Now() + absl::Seconds(20));
    EXPECT_TRUE(s.ok()) << s;
    return response.mentorships_size();
  };
  EXPECT_EQ(seen(kRegion), 1);
  EXPECT_EQ(seen(kSurgut), 1);
  EXPECT_EQ(seen(kUrai), 0);
  EXPECT_EQ(seen(school_), 1);
  EXPECT_EQ(seen(pair->mentees(0)), 1);
  EXPECT_EQ(seen(Worker()), 0);
}

}  // namespace
}  // namespace rsnms::registry
