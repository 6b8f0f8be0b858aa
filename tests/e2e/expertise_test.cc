// A programme's expertise by what the registry really knows of experts and their posts: two
// services, their own contracts, filters and rights. A system of its own: other tests recount whole
// tables.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/catalogue_service.pb.h"
#include "rsnms/registry/v1/practices_service.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tests/e2e/system.h"
#include "tests/e2e/text_call.h"

namespace rsnms::e2e {
namespace {

constexpr char kDay[] = "{year: 2025 month: 1 day: 10}";

// The day of the register, which opinions are asked for on.
std::string Today() {
  const absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(3 * 60 * 60));
  return absl::StrCat("{year: ", day.year(), " month: ", day.month(), " day: ", day.day(), "}");
}

class ExpertiseTest : public testing::Test {
 protected:
  template <class Request, class R>
  absl::StatusOr<R> Ask(const std::string& service, const std::string& method,
                        const std::string& text) {
    return CallText<Request, R>(*system_, {role_, scope_}, service, method, text);
  }
  template <class Request, class R>
  absl::StatusOr<R> Registry(const std::string& method, const std::string& text) {
    return Ask<Request, R>("registry", "Practices/" + method, text);
  }
  template <class Request, class R>
  absl::StatusOr<R> Base(const std::string& method, const std::string& text) {
    return Ask<Request, R>("registry", "Registry/" + method, text);
  }
  template <class Request, class R = programs::v1::ProgrammeVersion>
  absl::StatusOr<R> Catalogue(const std::string& method, const std::string& text) {
    return Ask<Request, R>("programs", "Catalogue/" + method, text);
  }
  template <class R>
  static std::string NameOf(const absl::StatusOr<R>& made) {
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }

  std::string Body(const std::string& title) {
    return NameOf(Base<registry::v1::CreateOrganisationRequest, registry::v1::Organisation>(
        "CreateOrganisation", absl::StrCat("parent: 'regions/56' organisation { official_name: '",
                                           title, "' kind: ORGANISATION_KIND_INSTITUTE }")));
  }
  std::string Person() {
    return NameOf(Base<registry::v1::CreatePersonRequest, registry::v1::Person>(
        "CreatePerson",
        "parent: 'regions/56' person { family_name: 'Айпина' given_name: 'Анна' "
        "birth_date {year: 1980 month: 5 day: 10} }"));
  }
  // The person in the register of experts on programmes, kept by a body.
  std::string Expert(const std::string& person, const std::string& keeper) {
    using registry::v1::Expert;
    const std::string name = NameOf(Registry<registry::v1::CreateExpertRequest, Expert>(
        "CreateExpert",
        absl::StrCat("parent: 'regions/56' expert { person: '", person,
                     "' fields: EXPERT_FIELD_PROGRAMME organisation: '", keeper, "' }")));
    const std::string named = absl::StrCat("name: '", name, "' ");
    NameOf(Registry<registry::v1::PrepareExpertRequest, Expert>(
        "PrepareExpert",
        absl::StrCat(named, "training_document: 'удостоверение' trained_date ", kDay)));
    NameOf(Registry<registry::v1::RegisterExpertRequest, Expert>(
        "RegisterExpert",
        absl::StrCat(named, "accreditation_document: 'приказ' registered_date ", kDay)));
    return name;
  }
  absl::StatusOr<programs::v1::ExpertReview> Assign(const std::string& version,
                                                    const std::string& expert) {
    return Catalogue<programs::v1::AssignExpertRequest, programs::v1::ExpertReview>(
        "AssignExpert", absl::StrCat("parent: 'regions/56' programme_version: '", version,
                                     "' expert: '", expert, "'"));
  }
  std::string InExpertise(const std::string& body, const std::string& author) {
    const std::string version = NameOf(Catalogue<programs::v1::CreateProgrammeVersionRequest>(
        "CreateProgrammeVersion", absl::StrCat(R"(parent: 'regions/56' programme_version {
          title: 'Формирующее оценивание' kind: PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT
          provider_title: 'Институт' duration_hours: 16 form: STUDY_FORM_FULL_TIME
          listener_categories: LISTENER_CATEGORY_PEDAGOGUE goal: 'Цель' planned_results: 'Результаты'
          conditions: 'Условия' assessment_materials: 'Материалы' final_control: CONTROL_FORM_CREDIT
          competencies { competency: 'regions/56/competencies/methodical-lesson' }
          syllabus { title: 'Раздел' hours { lecture_hours: 14 } }
          syllabus { title: 'Зачёт' hours { control_hours: 2 } control: CONTROL_FORM_CREDIT }
          provider: ')",
                                               body, "' authors: '", author, "' }")));
    return NameOf(Catalogue<programs::v1::SendProgrammeVersionToExpertiseRequest>(
        "SendProgrammeVersionToExpertise", absl::StrCat("name: '", version, "'")));
  }

  std::unique_ptr<System> system_ = System::Alone();
  std::string role_ = "administrator", scope_ = "regions/56";  // whose calls are made
};

TEST_F(ExpertiseTest, RegistrySaysWhoMayReview) {
  using registry::v1::CreateEmploymentRequest;
  using registry::v1::Employment;
  ASSERT_TRUE((Base<registry::v1::CreateRegionRequest, registry::v1::Region>(
                   "CreateRegion",
                   "parent: 'regions/56' region_id: '56' region { official_name: 'Оренбуржье' }"))
                  .ok());
  const std::string body = Body("Институт"), keeper = Body("Центр");
  const std::string author = Person(), insider = Person();
  NameOf(Base<CreateEmploymentRequest, Employment>(
      "CreateEmployment",
      absl::StrCat(
          "parent: 'regions/56' employment { person: '", insider, "' organisation: '", body,
          "' category: STAFF_CATEGORY_PEDAGOGUE post_code: 'teacher' main: true start_date ", kDay,
          "}")));
  const std::string version = InExpertise(body, author);
  EXPECT_EQ(rpc::ReasonOf(Assign(version, Expert(insider, keeper)).status()),
            "CONFLICT_OF_INTEREST");
  EXPECT_EQ(rpc::ReasonOf(Assign(version, Expert(author, keeper)).status()), "OWN_PROGRAMME");
  for (int n = 0; n < 2; ++n) {
    const std::string person = Person();
    const std::string review = NameOf(Assign(version, Expert(person, keeper)));
    role_ = "educator", scope_ = person;
    NameOf(Catalogue<programs::v1::SubmitExpertReviewRequest, programs::v1::ExpertReview>(
        "SubmitExpertReview",
        absl::StrCat("name: '", review,
                     "' decision: REVIEW_DECISION_POSITIVE opinion: 'Рекомендовать' "
                     "review_date ",
                     Today())));
    role_ = "administrator", scope_ = "regions/56";
  }
  const auto approved = Catalogue<programs::v1::ApproveProgrammeVersionRequest>(
      "ApproveProgrammeVersion",
      absl::StrCat("name: '", version, "' approval_document: 'Приказ № 1' approval_date ",
                   Today()));
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_FALSE(approved->programme().empty());
}

}  // namespace
}  // namespace rsnms::e2e
