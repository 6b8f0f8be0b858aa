// The catalogue with a registry played by the test, and the calls its tests make most.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_FIXTURE_H_

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/field_mask_util.h"
#include "libs/testing/state_machine.h"
#include "rsnms/programs/v1/catalogue_service.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/expert.pb.h"
#include "services/programs/programs_fixture.h"

namespace rsnms::programs {

// Answers as the registry does, from what the test put in.
class FakeRegistry : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    if (away) return absl::UnavailableError("away");
    if (method == "rsnms.registry.v1.Practices/GetExpert") {
      const auto& name = static_cast<const registry::v1::GetExpertRequest&>(request).name();
      if (!experts.contains(name)) return rpc::NotFound("registry.rsnms/Expert", name);
      *static_cast<registry::v1::Expert*>(response) = experts[name];
      return absl::OkStatus();
    }
    if (method == "rsnms.registry.v1.Registry/ListEmployments") {
      ListPosts(static_cast<const registry::v1::ListEmploymentsRequest&>(request),
                static_cast<registry::v1::ListEmploymentsResponse*>(response));
      return absl::OkStatus();
    }
    return absl::UnimplementedError("");
  }
  absl::Status ServerStream(std::string_view, const google::protobuf::Message&,
                            google::protobuf::Message*, const std::function<bool()>&,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }
  absl::Status ClientStream(std::string_view, google::protobuf::Message*,
                            const std::function<bool()>&, google::protobuf::Message*,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }

  bool away = false;
  std::map<std::string, registry::v1::Expert> experts;
  std::vector<registry::v1::Employment> posts;

 private:
  // In pages of one.
  void ListPosts(const registry::v1::ListEmploymentsRequest& request,
                 registry::v1::ListEmploymentsResponse* response) const {
    size_t skip = request.page_token().size();
    for (const auto& post : posts) {
      if (request.filter() != Cat("person = \"", post.person(), "\"")) continue;
      if (skip > 0) {
        --skip;
      } else if (response->employments().empty()) {
        *response->add_employments() = post;
      } else {
        response->set_next_page_token(request.page_token() + "+");
      }
    }
  }
};

class CatalogueTest : public ProgramsFixture {
 protected:
  CatalogueTest() {
    registry_ = people_;
    now_ = [this] { return absl::FromUnixSeconds(clock_); };
    Travel(2026, 2, 1);
  }

  // The catalogue's clock stands at noon of a day.
  void Travel(int year, int month, int day) {
    clock_ = absl::ToUnixSeconds(
        absl::FromCivil(absl::CivilHour(year, month, day, 9), absl::UTCTimeZone()));
  }
  std::string Today() {
    const absl::CivilDay day = absl::ToCivilDay(now_(), absl::UTCTimeZone());
    return Day(static_cast<int>(day.year()), day.month(), day.day());
  }

  // Calls a method of the catalogue with a request in protobuf text.
  template <class R>
  absl::StatusOr<R> Send(rpc::Client& client, const std::string& method, const std::string& text) {
    const auto* rpc = CatalogueContract()->FindMethodByName(method);
    if (rpc == nullptr) return absl::InvalidArgumentError("no such method: " + method);
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(rpc->input_type())
            ->New());
    if (!google::protobuf::TextFormat::ParseFromString(text, request.get())) {
      return absl::InvalidArgumentError("not a request: " + text);
    }
    return Ask<R>(client, method, *request);
  }
  template <class R>
  absl::StatusOr<R> Ask(rpc::Client& client, const std::string& method,
                        const google::protobuf::Message& request) {
    R response;
    auto status = client.Unary(Cat(CatalogueContract()->full_name(), "/", method), request,
                               &response, absl::Now() + absl::Seconds(60), false);
    if (!status.ok()) return status;
    return response;
  }
  template <class R = v1::ProgrammeVersion>
  absl::StatusOr<R> Step(const std::string& method, const std::string& name,
                         const std::string& more = "") {
    return Send<R>(*admin_, method, Cat("name: '", name, "' ", more));
  }
  template <class R>
  R Done(const absl::StatusOr<R>& made) {
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : R();
  }
  static std::string Day(int year, int month, int day) {
    return Cat("{year: ", year, " month: ", month, " day: ", day, "}");
  }
  static std::string Person(int n) { return programs::NameOf("86", "persons", Uuid(n)); }
  static std::string Body(int n) { return programs::NameOf("86", "organisations", Uuid(n)); }

  // A version with all the acts demand: 36 hours, 8 of them internship.
  static v1::ProgrammeVersion Complete(const std::string& programme = "") {
    v1::ProgrammeVersion version;
    const bool parsed = google::protobuf::TextFormat::ParseFromString(
        R"pb(
          title: "Формирующее оценивание"
          kind: PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT
          provider_title: "Институт"
          duration_hours: 36
          internship_hours: 8
          form: STUDY_FORM_PART_TIME
          distance: true
          listener_categories: LISTENER_CATEGORY_PEDAGOGUE
          competencies {
            competency: "regions/86/competencies/methodical-lesson"
            depth: COVERAGE_DEPTH_WORKING
          }
          topic_codes: "assessment"
          goal: "Цель"
          planned_results: "Результаты"
          conditions: "Условия"
          assessment_materials: "Материалы"
          final_control: CONTROL_FORM_CREDIT
          syllabus {
            title: "Раздел"
            hours { lecture_hours: 10 practical_hours: 16 internship_hours: 8 distance_hours: 4 }
            modules {
              title: "Модуль 1"
              hours { lecture_hours: 10 distance_hours: 4 }
              topics {
                title: "Тема 1"
                hours { lecture_hours: 4 distance_hours: 4 }
              }
              topics {
                title: "Тема 2"
                hours { lecture_hours: 6 }
              }
            }
            modules {
              title: "Модуль 2"
              hours { practical_hours: 16 internship_hours: 8 }
            }
          }
          syllabus {
            title: "Итоговая аттестация"
            hours { control_hours: 2 }
            control: CONTROL_FORM_CREDIT
          }
        )pb",
        &version);
    EXPECT_TRUE(parsed);
    version.set_provider(Body(1));
    version.add_authors(Person(1));
    version.set_programme(programme);
    return version;
  }
  absl::StatusOr<v1::ProgrammeVersion> Create(const v1::ProgrammeVersion& version) {
    v1::CreateProgrammeVersionRequest request;
    request.set_parent("regions/86");
    *request.mutable_programme_version() = version;
    return Ask<v1::ProgrammeVersion>(*admin_, "CreateProgrammeVersion", request);
  }
  absl::StatusOr<v1::ProgrammeVersion> Update(const v1::ProgrammeVersion& version,
                                              const std::string& paths) {
    v1::UpdateProgrammeVersionRequest request;
    *request.mutable_programme_version() = version;
    request.mutable_programme_version()->clear_etag();
    google::protobuf::util::FieldMaskUtil::FromString(paths, request.mutable_update_mask());
    return Ask<v1::ProgrammeVersion>(*admin_, "UpdateProgrammeVersion", request);
  }
  std::string InExpertise(const std::string& programme = "") {
    const std::string name = Done(Create(Complete(programme))).name();
    Done(Step("SendProgrammeVersionToExpertise", name));
    return name;
  }

  // An expert on programmes who is person `n`.
  std::string Expert(int n) {
    const std::string name = programs::NameOf("86", "experts", Uuid(n));
    registry::v1::Expert& expert = people_->experts[name];
    expert.set_name(name);
    expert.set_person(Person(n));
    expert.add_fields(registry::v1::EXPERT_FIELD_PROGRAMME);
    expert.set_state(registry::v1::Expert::STATE_REGISTERED);
    return name;
  }
  void Employ(int person, int body, int from_year, int to_year = 0) {
    registry::v1::Employment& post = people_->posts.emplace_back();
    post.set_person(Person(person));
    post.set_organisation(Body(body));
    post.mutable_start_date()->set_year(from_year);
    post.mutable_start_date()->set_month(1);
    post.mutable_start_date()->set_day(1);
    if (to_year == 0) return;
    *post.mutable_end_date() = post.start_date();
    post.mutable_end_date()->set_year(to_year);
  }
  absl::StatusOr<v1::ExpertReview> Assign(const std::string& version, const std::string& expert,
                                          const std::string& more = "") {
    return Send<v1::ExpertReview>(*admin_, "AssignExpert",
                                  Cat("parent: 'regions/86' programme_version: '", version,
                                      "' expert: '", expert, "' ", more));
  }
  // As the person who was asked.
  absl::StatusOr<v1::ExpertReview> Answer(const std::string& review, const std::string& opinion) {
    auto expert = service_->Connect(
        {"methodologist"}, {Done(Step<v1::ExpertReview>("GetExpertReview", review)).person()});
    return Send<v1::ExpertReview>(*expert, "SubmitExpertReview",
                                  Cat("name: '", review, "' ", opinion));
  }
  absl::StatusOr<v1::ExpertReview> Opine(const std::string& review,
                                         const std::string& decision = "POSITIVE",
                                         const std::string& more = "") {
    const std::string remark =
        decision == "POSITIVE" ? "" : "remarks {field: 'annotation' text: 'Раскройте содержание'} ";
    return Answer(review, Cat("decision: REVIEW_DECISION_", decision,
                              " opinion: 'Заключение' review_date ", Today(), remark, more));
  }
  // Person `n` reviews the version.
  void Review(const std::string& version, int n, const std::string& decision = "POSITIVE") {
    Done(Opine(Done(Assign(version, Expert(n))).name(), decision));
  }
  absl::StatusOr<v1::ProgrammeVersion> Approve(const std::string& version) {
    return Step("ApproveProgrammeVersion", version,
                "approval_document: 'Приказ № 1' approval_date " + Today());
  }
  std::string Approved(const std::string& programme = "") {
    const std::string version = InExpertise(programme);
    Review(version, 21);
    Review(version, 22);
    Done(Approve(version));
    return version;
  }
  v1::ProgrammeVersion Get(const std::string& version) {
    return Done(Step("GetProgrammeVersion", version));
  }
  v1::Programme Shown(const std::string& programme) {
    v1::GetProgrammeRequest request;
    request.set_name(programme);
    return Must<v1::Programme>("GetProgramme", request);
  }
  absl::StatusOr<v1::TrainingRules> Rule(const std::string& more, int year = 2020) {
    return Send<v1::TrainingRules>(
        *admin_, "CreateTrainingRules",
        Cat("parent: 'regions/86' training_rules { document: 'Положение' start_date ",
            Day(year, 1, 1), more, "}"));
  }
  template <class R>
  static std::string Reason(const absl::StatusOr<R>& refused) {
    return refused.ok() ? "" : rpc::ReasonOf(refused.status());
  }
  std::string Sql(const std::string& query) {
    std::string value;
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) {
      auto rows = tx.Query(query);
      if (rows.ok() && !rows->empty()) value = (*rows)[0][0].c_str();
      return rows.status();
    });
    return status.ok() ? value : status.ToString();
  }

  std::atomic<int64_t> clock_ = 0;
  std::shared_ptr<FakeRegistry> people_ = std::make_shared<FakeRegistry>();
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_FIXTURE_H_
