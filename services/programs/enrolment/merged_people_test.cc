// Enrolments and completions follow people whom the registry merges and separates.
#include "libs/feed/redirect.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/programs/programs_fixture.h"

namespace rsnms::programs {
namespace {

class MergedPeople : public ProgramsFixture {
 protected:
  std::string Person(int number) { return NameOf("86", "persons", Uuid(number)); }

  v1::Enrolment Enrol(const std::string& programme, int person) {
    v1::BatchCreateEnrolmentsRequest request;
    request.set_parent("regions/86");
    request.set_initial_state(v1::Enrolment::STATE_IN_PROGRESS);
    auto& enrolment = *request.add_enrolments();
    enrolment.set_person(Person(person));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(7)));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme);
    enrolment.set_basis(v1::ENROLMENT_BASIS_DIAGNOSTICS);
    enrolment.set_route(NameOf("86", "routes", Uuid(person)));
    enrolment.mutable_start_date()->set_year(2026);
    enrolment.mutable_start_date()->set_month(2);
    enrolment.mutable_start_date()->set_day(1);
    return Must<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", request).enrolments(0);
  }

  // What the registry's feed says of a person.
  void Tell(int person, int merged_into, bool snapshot = false) {
    registry::v1::Person image;
    image.set_name(Person(person));
    if (merged_into != 0) image.set_merged_into(Person(merged_into));
    feed::v1::Change change;
    change.set_resource_type("registry.rsnms/Person");
    change.set_resource(image.name());
    change.set_kind(snapshot ? feed::v1::CHANGE_KIND_SNAPSHOT : feed::v1::CHANGE_KIND_UPDATED);
    change.mutable_image()->PackFrom(image);
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->host().pool().Run(everything, [&](pg::Tx& tx) {
      return feed::ApplyRedirects(
          tx, service_->host().engine(),
          {.source = "registry", .resource_type = "registry.rsnms/Person", .field = "merged_into"},
          {change});
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  std::string PersonOf(const v1::Enrolment& enrolment) {
    v1::GetEnrolmentRequest request;
    request.set_name(enrolment.name());
    return Must<v1::Enrolment>("GetEnrolment", request).person();
  }
};

TEST_F(MergedPeople, RowsNameTheSurvivorAndReturn) {
  const auto programme = CreateProgramme("Практикум").name();
  const auto enrolment = Enrol(programme, 1);
  v1::CompleteEnrolmentRequest complete;
  complete.set_name(enrolment.name());
  complete.set_certificate_number("У-1");
  complete.mutable_completion_date()->set_year(2026);
  complete.mutable_completion_date()->set_month(3);
  complete.mutable_completion_date()->set_day(20);
  const auto completion = Must<v1::Completion>("CompleteEnrolment", complete);
  v1::GetCompletionRequest get;
  get.set_name(completion.name());

  Tell(1, 2);
  EXPECT_EQ(PersonOf(enrolment), Person(2));
  EXPECT_EQ(Must<v1::Completion>("GetCompletion", get).person(), Person(2))
      << "an issued completion changes in this alone";
  Tell(1, 2);  // again
  Tell(1, 3);  // the survivor was merged too
  Tell(2, 3);
  EXPECT_EQ(PersonOf(enrolment), Person(3));
  Tell(2, 0);
  EXPECT_EQ(PersonOf(enrolment), Person(3)) << "it was the first one's";
  Tell(1, 0, /*snapshot=*/true);
  EXPECT_EQ(PersonOf(enrolment), Person(1));
  EXPECT_EQ(Must<v1::Completion>("GetCompletion", get).person(), Person(1));
}

TEST_F(MergedPeople, RowThatCannotNameTheSurvivorKeepsTheOldName) {
  const auto programme = CreateProgramme("Практикум").name();
  const auto one = Enrol(programme, 1), two = Enrol(programme, 2);
  const auto other = Enrol(CreateProgramme("Другой").name(), 1);
  Tell(1, 2);
  EXPECT_EQ(PersonOf(one), Person(1)) << "a person learns by a programme once at a time";
  EXPECT_EQ(PersonOf(other), Person(2));
  Tell(1, 0);
  EXPECT_EQ(PersonOf(other), Person(1));
}

}  // namespace
}  // namespace rsnms::programs
