// The registry with its bank of practices, and the things its tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_FIXTURE_H_

#include <memory>
#include <string>

#include "services/registry/area_fixture.h"
#include "services/registry/practices/practices.h"

namespace rsnms::registry {

class PracticesTest : public AreaTest {
 protected:
  PracticesTest()
      : AreaTest(PracticesContract(), [this](service::Host& host) {
          AddPracticeRules(host.engine());
          area_ = std::make_unique<PracticesService>(host.engine(),
                                                     host.Key(resource::KeyPurpose::kReportPages));
          area_->Serve(host.server());
        }) {}
  void SetUp() override {
    AreaTest::SetUp();
    centre_ = MakeBody("Центр")->name();
    author_ = Person();
    Consent(author_, "PUBLICATION");
  }

  std::string Practice(const std::string& more = "", const std::string& title = "Клуб чтения") {
    return NameOf(Create<v1::Practice>(
        "practice", absl::StrCat("title: '", title,
                                 "' kind: PRACTICE_KIND_TEACHING summary: 'Как мы читаем' "
                                 "organisation: '",
                                 school_, "' authors: '", author_, "' ", more)));
  }
  std::string PracticeInReview(const std::string& more = "",
                               const std::string& title = "Клуб чтения") {
    const std::string practice = Practice(more, title);
    NameOf(Step<v1::Practice>("StartPracticeReview", practice));
    return practice;
  }
  std::string Candidate(const std::string& person, const std::string& more = "") {
    return NameOf(Create<v1::Expert>(
        "expert",
        absl::StrCat("person: '", person, "' fields: EXPERT_FIELD_PRACTICE organisation: '",
                     centre_, "' ", more)));
  }
  std::string Expert(const std::string& person, const std::string& more = "") {
    const std::string expert = Candidate(person, more);
    NameOf(Step<v1::Expert>("PrepareExpert", expert,
                            "training_document: 'удостоверение' trained_date " + Day(2024, 1, 1)));
    NameOf(Step<v1::Expert>("RegisterExpert", expert,
                            "accreditation_document: 'приказ' registered_date " + Day(2024, 2, 1)));
    return expert;
  }
  absl::StatusOr<v1::ExpertAssignment> Assign(const std::string& expert,
                                              const std::string& practice) {
    return Create<v1::ExpertAssignment>(
        "expert_assignment",
        absl::StrCat("expert: '", expert, "' practice: '", practice,
                     "' field: EXPERT_FIELD_PRACTICE assigned_date ", Day(2024, 10, 1)));
  }
  absl::StatusOr<v1::ExpertAssignment> Opine(const std::string& assignment, int score,
                                             const std::string& verdict = "APPROVE") {
    return Step<v1::ExpertAssignment>(
        "SubmitReview", assignment,
        absl::StrCat("verdict: REVIEW_VERDICT_", verdict, " score: ", score,
                     " opinion: 'заключение' review_date ", Day(2024, 10, 10)));
  }
  // A new expert reviews the practice.
  void Review(const std::string& practice, int score, const std::string& verdict = "APPROVE") {
    const std::string assignment = NameOf(Assign(Expert(Person()), practice));
    NameOf(Opine(assignment, score, verdict));
  }
  absl::StatusOr<v1::Practice> Confirm(const std::string& practice) {
    return Step<v1::Practice>("ConfirmPractice", practice,
                              "decision_document: 'протокол' decision_date " + Day(2024, 11, 1));
  }
  std::string Published(const std::string& title, int score = 90, const std::string& more = "") {
    const std::string practice = PracticeInReview(more, title);
    Review(practice, score);
    Review(practice, score);
    NameOf(Confirm(practice));
    NameOf(Step<v1::Practice>("PublishPractice", practice, "publish_date " + Day(2024, 12, 1)));
    return practice;
  }
  absl::StatusOr<v1::GrantCall> Announce(const std::string& title, int quota,
                                         const std::string& more = "") {
    return Create<v1::GrantCall>(
        "grant_call", absl::StrCat("title: '", title, "' year: 2024 organisation: '", centre_,
                                   "' quota: ", quota, " amount_rubles {value: '100000'} ", more));
  }
  // A call of a programme of its own.
  std::string GrantCall(int quota, const std::string& more = "") {
    return NameOf(Announce(absl::StrCat("Лидерство учителя ", ++calls_), quota, more));
  }
  std::string Apply(const std::string& call) {
    return NameOf(Create<v1::Grant>(
        "grant", absl::StrCat("grant_call: '", call, "' person: '", Person(), "'")));
  }
  absl::StatusOr<v1::Grant> Award(const std::string& grant) {
    return Step<v1::Grant>("AwardGrant", grant,
                           "award_document: 'приказ' award_date " + Day(2024, 12, 1));
  }

  std::unique_ptr<PracticesService> area_;
  std::string centre_, author_;
  int calls_ = 0;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_FIXTURE_H_
