// Consents, qualification, learning and standing over gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libs/testing/state_machine.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/people/people_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;

class People : public PeopleTest {
 protected:
  v1::Consent Draft(const std::string& person, v1::ConsentPurpose purpose) {
    v1::CreateConsentRequest request;
    request.set_parent(kRegion);
    request.mutable_consent()->set_person(person);
    request.mutable_consent()->set_purpose(purpose);
    auto made = Ask<v1::Consent>("CreateConsent", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Consent();
  }
  absl::StatusOr<v1::Consent> Give(const std::string& consent, google::type::Date day) {
    v1::GiveConsentRequest request;
    request.set_name(consent);
    *request.mutable_given_date() = day;
    request.set_document("вх. № 17");
    return Ask<v1::Consent>("GiveConsent", request);
  }
  absl::StatusOr<v1::CheckConsentResponse> Check(const std::string& person,
                                                 v1::ConsentPurpose purpose,
                                                 google::type::Date day) {
    v1::CheckConsentRequest request;
    request.set_name(person);
    request.set_purpose(purpose);
    *request.mutable_as_of_date() = day;
    return Ask<v1::CheckConsentResponse>("CheckConsent", request);
  }
  v1::SelfEducationTheme Theme(const std::string& person) {
    v1::CreateSelfEducationThemeRequest request;
    request.set_parent(kRegion);
    auto& theme = *request.mutable_self_education_theme();
    theme.set_person(person);
    theme.set_title("Смешанное обучение");
    *theme.mutable_start_date() = D(2025, 9, 1);
    auto made = Ask<v1::SelfEducationTheme>("CreateSelfEducationTheme", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::SelfEducationTheme();
  }
  absl::StatusOr<v1::Qualification> Attest(const std::string& person,
                                           v1::QualificationCategory category,
                                           google::type::Date day) {
    v1::CreateQualificationRequest request;
    request.set_parent(kRegion);
    request.mutable_qualification()->set_person(person);
    request.mutable_qualification()->set_category(category);
    *request.mutable_qualification()->mutable_decision_date() = day;
    return Ask<v1::Qualification>("CreateQualification", request);
  }
  testing::StateMachine Machine(const std::string& resource, const std::string& table) {
    testing::StateMachine machine{.service = PeopleContract(),
                                  .resource = "registry.rsnms/" + resource};
    const auto where = [table](const std::string& name) {
      return absl::StrCat(table, " WHERE id = '", name.substr(name.rfind('/') + 1), "'");
    };
    machine.force = [this, table, where](const std::string& name, const std::string& state) {
      const char* given = table == "consent" ? ", given_date = '2025-09-01'" : "";
      const std::string id = name.substr(name.rfind('/') + 1);
      Sql(absl::StrCat("UPDATE ", table, " SET state = '", state, "'", given, " WHERE id = '", id,
                       "' RETURNING 1"));
    };
    machine.state = [this, where](const std::string& name) {
      return Sql("SELECT state FROM " + where(name));
    };
    machine.read = [this, where](const std::string& name) {
      return Sql("SELECT state || version FROM " + where(name));
    };
    machine.fill = [](google::protobuf::Message& request) {
      for (const char* date : {"given_date", "withdrawn_date", "publish_date"}) {
        const auto* field = request.GetDescriptor()->FindFieldByName(date);
        if (field == nullptr) continue;
        request.GetReflection()->MutableMessage(&request, field)->CopyFrom(D(2025, 9, 2));
      }
    };
    return machine;
  }
};

TEST_F(People, EveryStepOfConsentsWorksAndNoOther) {
  const std::string person = Named("Айпина", "Анна").name();
  testing::StateMachine machine = Machine("Consent", "consent");
  machine.make = [&] { return Draft(person, v1::CONSENT_PURPOSE_CONTEST).name(); };
  const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
  EXPECT_GT(counts.allowed, 0);
  EXPECT_GT(counts.refused, 0);
}

TEST_F(People, EveryStepOfSelfEducationThemesWorksAndNoOther) {
  const std::string person = Named("Айпина", "Анна").name();
  ASSERT_TRUE(Give(Draft(person, v1::CONSENT_PURPOSE_PUBLICATION).name(), D(2025, 9, 1)).ok());
  testing::StateMachine machine = Machine("SelfEducationTheme", "self_education_theme");
  machine.make = [&] { return Theme(person).name(); };
  const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
  EXPECT_GT(counts.allowed, 0);
  EXPECT_GT(counts.refused, 0);
}

TEST_F(People, PurposeThatNeedsAConsentIsRefusedWithoutOne) {
  const std::string person = Named("Айпина", "Анна").name();
  const auto draft = Draft(person, v1::CONSENT_PURPOSE_PUBLICATION);
  EXPECT_EQ(rpc::ReasonOf(Check(person, v1::CONSENT_PURPOSE_PUBLICATION, D(2025, 10, 1)).status()),
            "PURPOSE_NEEDS_CONSENT")
      << "a draft holds for nothing";
  EXPECT_TRUE(Check(person, v1::CONSENT_PURPOSE_STATUTORY_TASKS, D(2025, 10, 1)).ok());
  ASSERT_TRUE(Give(draft.name(), D(2025, 10, 1)).ok());
  auto held = Check(person, v1::CONSENT_PURPOSE_PUBLICATION, D(2025, 10, 1));
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->consent(), draft.name());
  EXPECT_FALSE(Check(person, v1::CONSENT_PURPOSE_PUBLICATION, D(2025, 9, 30)).ok());
  EXPECT_FALSE(Check(person, v1::CONSENT_PURPOSE_MENTORING, D(2025, 10, 1)).ok());
  v1::WithdrawConsentRequest withdraw;
  withdraw.set_name(draft.name());
  *withdraw.mutable_withdrawn_date() = D(2026, 1, 15);
  auto withdrawn = Ask<v1::Consent>("WithdrawConsent", withdraw);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(ToCivil(withdrawn->destroy_due_date()), CivilDay(2026, 2, 14));
  EXPECT_TRUE(Check(person, v1::CONSENT_PURPOSE_PUBLICATION, D(2026, 1, 14)).ok());
  EXPECT_FALSE(Check(person, v1::CONSENT_PURPOSE_PUBLICATION, D(2026, 1, 15)).ok());
}

// What was signed is proof (152-ФЗ, article 9).
TEST_F(People, GivenConsentIsNeitherChangedNorDeleted) {
  const auto person = MakePerson();
  const auto consent = Draft(person->name(), v1::CONSENT_PURPOSE_IMAGE);
  v1::UpdateConsentRequest update;
  update.mutable_consent()->set_name(consent.name());
  update.mutable_consent()->set_form_version("2026-01");
  ASSERT_TRUE(Ask<v1::Consent>("UpdateConsent", update).ok());
  ASSERT_TRUE(Give(consent.name(), D(2026, 1, 10)).ok());
  update.mutable_consent()->set_form_version("2026-02");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Consent>("UpdateConsent", update).status()), "RECORD_FROZEN");
  v1::DeleteConsentRequest erase;
  erase.set_name(consent.name());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Consent>("DeleteConsent", erase).status()), "RECORD_FROZEN");
  v1::WithdrawConsentRequest withdraw;
  withdraw.set_name(consent.name());
  *withdraw.mutable_withdrawn_date() = D(2026, 2, 1);
  ASSERT_TRUE(Ask<v1::Consent>("WithdrawConsent", withdraw).ok());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Consent>("DeleteConsent", erase).status()), "RECORD_FROZEN");
}

// Policies: services/registry/RIGHTS.md. The employer ended with a day that has long passed.
TEST_F(People, FormerEmployerIsToldNothingAndChangesNothing) {
  const auto person = MakePerson();
  const std::string now = MakeBody("школа")->name(), before = MakeBody("прежняя школа")->name();
  ASSERT_TRUE(Employ(Post(person->name(), now, CivilDay(2020, 9, 1))).ok());
  auto ended = Post(person->name(), before, CivilDay(2018, 9, 1), false);
  *ended.mutable_end_date() = D(2019, 8, 31);
  ASSERT_TRUE(Employ(ended).ok());
  const auto former = service_->Connect({"organisation"}, {before});
  const auto present = service_->Connect({"organisation"}, {now});
  v1::UpdatePersonRequest update;
  update.mutable_person()->set_name(person->name());
  update.mutable_person()->set_phone("+79000000000");
  EXPECT_TRUE(absl::IsNotFound(Call<v1::Person>(*former, "UpdatePerson", update).status()));
  const auto changed = Call<v1::Person>(*present, "UpdatePerson", update);
  EXPECT_TRUE(changed.ok()) << changed.status();
  // Sees for a year, and is told so.
  Sql("UPDATE employment SET end_date = CURRENT_DATE - 10 WHERE end_date IS NOT NULL RETURNING id");
  update.mutable_person()->set_phone("+79000000001");
  const auto refused = Call<v1::Person>(*former, "UpdatePerson", update);
  EXPECT_TRUE(absl::IsPermissionDenied(refused.status())) << refused.status();
}

// Приказ № 196: the region's commission decides on categories, the employer's on compliance.
TEST_F(People, EmployerConfirmsComplianceAndGivesNoCategory) {
  const auto person = MakePerson();
  const std::string body = MakeBody("школа")->name();
  ASSERT_TRUE(Employ(Post(person->name(), body, CivilDay(2020, 9, 1))).ok());
  const auto school = service_->Connect({"organisation"}, {body});
  v1::CreateQualificationRequest request;
  request.set_parent(kRegion);
  request.mutable_qualification()->set_person(person->name());
  *request.mutable_qualification()->mutable_decision_date() = D(2024, 5, 20);
  request.mutable_qualification()->set_category(v1::QUALIFICATION_CATEGORY_HIGHEST);
  EXPECT_TRUE(absl::IsPermissionDenied(
      Ask<v1::Qualification>(*school, "CreateQualification", request).status()));
  request.mutable_qualification()->set_category(v1::QUALIFICATION_CATEGORY_COMPLIANCE);
  const auto made = Ask<v1::Qualification>(*school, "CreateQualification", request);
  ASSERT_TRUE(made.ok()) << made.status();
  v1::UpdateQualificationRequest raise;
  raise.mutable_qualification()->set_name(made->name());
  raise.mutable_qualification()->set_category(v1::QUALIFICATION_CATEGORY_FIRST);
  EXPECT_TRUE(absl::IsPermissionDenied(
      Ask<v1::Qualification>(*school, "UpdateQualification", raise).status()));
}

TEST_F(People, ThemeIsNotPublishedWithoutConsent) {
  const std::string person = Named("Айпина", "Анна").name();
  const auto theme = Theme(person);
  Sql(absl::StrCat("UPDATE self_education_theme SET state = 'REPORTED' WHERE id = '",
                   theme.name().substr(theme.name().rfind('/') + 1), "' RETURNING 1"));
  v1::PublishSelfEducationThemeRequest publish;
  publish.set_name(theme.name());
  *publish.mutable_publish_date() = D(2026, 5, 1);
  auto refused = Ask<v1::SelfEducationTheme>("PublishSelfEducationTheme", publish);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "PURPOSE_NEEDS_CONSENT") << refused.status();
  ASSERT_TRUE(Give(Draft(person, v1::CONSENT_PURPOSE_PUBLICATION).name(), D(2026, 4, 1)).ok());
  EXPECT_TRUE(Ask<v1::SelfEducationTheme>("PublishSelfEducationTheme", publish).ok());
}

TEST_F(People, MethodologistsCategoryWantsTheHighest) {
  const std::string person = Named("Айпина", "Анна").name();
  EXPECT_EQ(rpc::ReasonOf(
                Attest(person, v1::QUALIFICATION_CATEGORY_METHODOLOGIST, D(2025, 1, 1)).status()),
            "HIGHEST_CATEGORY_REQUIRED");
  ASSERT_TRUE(Attest(person, v1::QUALIFICATION_CATEGORY_HIGHEST, D(2024, 1, 1)).ok());
  EXPECT_TRUE(Attest(person, v1::QUALIFICATION_CATEGORY_METHODOLOGIST, D(2025, 1, 1)).ok());
}

TEST_F(People, BirthAndRecordsAgreeFromBothSides) {
  const auto person = Named("Айпина", "Анна");  // born in March 1985
  auto body = MakeBody("школа");
  ASSERT_TRUE(Employ(Post(person.name(), body->name(), CivilDay(2010, 9, 1))).ok());
  v1::UpdatePersonRequest update;
  update.mutable_person()->set_name(person.name());
  *update.mutable_person()->mutable_birth_date() = D(2012, 1, 1);
  update.mutable_update_mask()->add_paths("birth_date");
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Person>("UpdatePerson", update).status()),
            "WORK_BEFORE_ALLOWED_AGE");
  for (const int year : {1899, 2090, 2101}) {
    *update.mutable_person()->mutable_birth_date() = D(year, 1, 1);
    EXPECT_EQ(rpc::ReasonOf(Call<v1::Person>("UpdatePerson", update).status()), "OUT_OF_RANGE")
        << year;
  }
  *update.mutable_person()->mutable_birth_date() = D(1990, 1, 1);
  EXPECT_TRUE(Call<v1::Person>("UpdatePerson", update).ok());
  EXPECT_EQ(rpc::ReasonOf(
                Attest(person.name(), v1::QUALIFICATION_CATEGORY_HIGHEST, D(1950, 1, 1)).status()),
            "WORK_BEFORE_ALLOWED_AGE");
  ASSERT_TRUE(Attest(person.name(), v1::QUALIFICATION_CATEGORY_FIRST, D(2005, 1, 1)).ok());
  *update.mutable_person()->mutable_birth_date() = D(1992, 1, 1);
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Person>("UpdatePerson", update).status()),
            "WORK_BEFORE_ALLOWED_AGE")
      << "the qualification of 2005";
  EXPECT_EQ(rpc::ReasonOf(
                Employ(Post(person.name(), body->name(), CivilDay(9998, 1, 1), false)).status()),
            "OUT_OF_RANGE");
}

TEST_F(People, NobodyWorksInABodyBeforeItIsFounded) {
  const auto person = Named("Айпина", "Анна");
  auto body = MakeBody("школа");
  ASSERT_TRUE(body.ok());
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_name(body->name());
  *update.mutable_organisation()->mutable_founded_date() = D(2020, 9, 1);
  update.mutable_update_mask()->add_paths("founded_date");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", update).ok());
  EXPECT_EQ(rpc::ReasonOf(Employ(Post(person.name(), body->name(), CivilDay(2001, 9, 1))).status()),
            "OUT_OF_RANGE");
  EXPECT_TRUE(Employ(Post(person.name(), body->name(), CivilDay(2020, 9, 1))).ok());
}

TEST_F(People, ReasonsHoldNoPersonalData) {
  v1::WithdrawConsentRequest withdraw;
  withdraw.set_name(Draft(Named("Айпина", "Анна").name(), v1::CONSENT_PURPOSE_CONTEST).name());
  *withdraw.mutable_withdrawn_date() = D(2026, 1, 15);
  for (const char* text :
       {"звонила +7 912 345-67-89", "СНИЛС 112-233-445 95", "anna@example.org"}) {
    withdraw.set_reason(text);
    const auto status = Ask<v1::Consent>("WithdrawConsent", withdraw).status();
    EXPECT_EQ(rpc::ReasonOf(status), "INVALID_FORMAT") << text;
    EXPECT_THAT(status.ToString(), ::testing::HasSubstr("reason"));
    EXPECT_THAT(status.ToString(), ::testing::Not(::testing::HasSubstr(text)));
  }
}

TEST_F(People, StandingTellsWhatHoldsOnTheDate) {
  const auto person = MakePerson();  // born 2000, teaches since September 2022
  ASSERT_TRUE(person.ok());
  auto body = MakeBody("школа");
  const auto post = Employ(Post(person->name(), body->name(), CivilDay(2022, 9, 1)));
  ASSERT_TRUE(post.ok());
  ASSERT_TRUE(Attest(person->name(), v1::QUALIFICATION_CATEGORY_FIRST, D(2024, 3, 1)).ok());
  const auto theme = Theme(person->name());
  for (const auto& [day, hours] :
       {std::pair{D(2025, 10, 1), 40}, {D(2026, 6, 1), 40}, {D(2025, 8, 31), 100}}) {
    v1::CreateCorporateTrainingRequest request;
    request.set_parent(kRegion);
    auto& training = *request.mutable_corporate_training();
    training.set_person(person->name());
    training.set_organisation(body->name());
    training.set_kind(v1::CORPORATE_TRAINING_KIND_SEMINAR);
    training.set_title("Семинар");
    *training.mutable_start_date() = ToDate(ToCivil(day) - 9);
    *training.mutable_end_date() = day;
    training.set_hours(hours);
    ASSERT_TRUE(Ask<v1::CorporateTraining>("CreateCorporateTraining", request).ok());
  }
  v1::GetProfessionalStandingRequest request;
  request.set_name(person->name());
  *request.mutable_as_of_date() = D(2026, 6, 30);
  request.set_profile("dagestan");
  auto standing = Ask<v1::ProfessionalStanding>("GetProfessionalStanding", request);
  ASSERT_TRUE(standing.ok()) << standing.status();
  EXPECT_EQ(standing->qualification().category(), v1::QUALIFICATION_CATEGORY_FIRST);
  EXPECT_EQ(standing->corporate_hours(), 80);
  EXPECT_EQ(standing->corporate_hours_required(), 72);
  EXPECT_EQ(standing->self_education_theme(), theme.name());
  EXPECT_THAT(standing->employments(), ElementsAre(post->name()));
  EXPECT_TRUE(standing->pedagogue());
  EXPECT_FALSE(standing->manager());
  EXPECT_FALSE(standing->young_specialist());
  *request.mutable_as_of_date() = D(2025, 8, 31);
  request.clear_profile();
  standing = Ask<v1::ProfessionalStanding>("GetProfessionalStanding", request);
  ASSERT_TRUE(standing.ok()) << standing.status();
  EXPECT_EQ(standing->profile(), "yugra");
  EXPECT_TRUE(standing->young_specialist());
  v1::AssessCareerLadderRequest ladder;
  ladder.set_name(person->name());
  *ladder.mutable_as_of_date() = D(2026, 6, 30);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::CareerLadderAssessment>("AssessCareerLadder", ladder).status()),
            "NO_CAREER_LADDER");
  ladder.set_profile("dagestan");
  auto assessed = Ask<v1::CareerLadderAssessment>("AssessCareerLadder", ladder);
  ASSERT_TRUE(assessed.ok()) << assessed.status();
  ASSERT_EQ(assessed->steps_size(), 5);
  EXPECT_EQ(assessed->steps(1).criteria(0).outcome(), v1::CRITERION_OUTCOME_MET);
  EXPECT_EQ(assessed->steps(2).criteria(0).outcome(), v1::CRITERION_OUTCOME_UNMET);
}

}  // namespace
}  // namespace rsnms::registry
