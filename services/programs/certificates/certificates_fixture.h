// The service `programs` with its certificates in the test's process, and a registry of invented
// people that answers in its stead.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "libs/auth/jose.h"
#include "libs/resource/names.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "libs/testing/service.h"
#include "rsnms/programs/v1/certificates_service.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "services/programs/certificates/certificates.h"
#include "services/programs/enrolment/training_service.h"
#include "services/programs/names.h"
#include "services/programs/programs_service.h"

namespace rsnms::programs {

inline google::type::Date D(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

inline std::string Numbered(int n) {
  const std::string digits = std::to_string(n);
  return "01900000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

inline std::shared_ptr<const CertificateKeys> NewKeys(
    auth::Algorithm algorithm = auth::Algorithm::kEs256, const std::string& key_id = "2026",
    const std::string& former = "") {
  auto pair = auth::GenerateKey(algorithm, key_id);
  auto keys = CertificateKeys::Create(pair->private_pem, key_id, former);
  EXPECT_TRUE(keys.ok()) << keys.status();
  return *keys;
}

// The paths of the fields an error speaks of.
inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

class CertificatesFixture : public ::testing::Test {
 protected:
  static constexpr char kRegion[] = "regions/86";

  void SetUp() override {
    const auto* file = v1::SelectProgrammesRequest::descriptor()->file();
    service_ = testing::Service::Start(
        {.name = "programs",
         .contracts = {file->FindServiceByName("Programs"), CertificatesContract(),
                       TrainingService::Contract()},
         .upstreams = {}},
        [this](service::Host& host) {
          programs_ = std::make_unique<ProgramsService>(&host.engine(), [] {});
          programs_->Serve(host.server());
          training_ = std::make_unique<TrainingService>(&host.engine(), std::string(32, 'p'));
          training_->Serve(host.server());
          CertificatesOptions options;
          options.keys = keys_;
          options.people = [this](const rpc::Call& caller, const std::vector<std::string>& names,
                                  PeopleByName* found) { return Ask(caller, names, found); };
          options.row_key = std::string(32, 'k');
          options.now = [this] { return now_; };
          certificates_ = std::make_unique<CertificatesService>(&host.engine(), std::move(options));
          certificates_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
    programme_ = CreateProgramme();
  }
  void TearDown() override { service_.reset(); }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, const Request& request,
                                rpc::Client* client = nullptr) {
    const bool standing =
        Response::descriptor()->file()->name().find("certificate") != std::string::npos ||
        Response::descriptor()->file()->name().find("frdo") != std::string::npos;
    Response response;
    auto status =
        (client == nullptr ? *admin_ : *client)
            .Unary(Cat("rsnms.programs.v1.", standing ? "Certificates/" : "Programs/", method),
                   request, &response, absl::Now() + absl::Seconds(20), false);
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  Response Must(const std::string& method, const Request& request) {
    auto response = Call<Response>(method, request);
    EXPECT_TRUE(response.ok()) << method << ": " << response.status();
    return response.ok() ? *std::move(response) : Response();
  }

  v1::Programme CreateProgramme(int hours = 36) {
    v1::CreateProgrammeRequest request;
    request.set_parent(kRegion);
    v1::Programme& programme = *request.mutable_programme();
    programme.set_title("Практикум оценивания");
    programme.set_kind(hours < 250 ? v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT
                                   : v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING);
    programme.set_duration_hours(hours);
    programme.set_form(v1::STUDY_FORM_PART_TIME);
    programme.set_for_pedagogues(true);
    programme.set_provider(Provider());
    programme.set_provider_title("Институт развития образования");
    return Must<v1::Programme>("CreateProgramme", request);
  }
  static std::string Provider() { return NameOf("86", "organisations", Numbered(70)); }
  static std::string School() { return NameOf("86", "organisations", Numbered(7)); }
  static std::string Person(int n) { return NameOf("86", "persons", Numbered(n)); }

  // The enrolment of person `n`, who learns by the programme.
  std::string Learning(int n, const v1::Programme* other = nullptr) {
    v1::BatchCreateEnrolmentsRequest enrol;
    enrol.set_parent(kRegion);
    enrol.set_initial_state(v1::Enrolment::STATE_IN_PROGRESS);
    auto& enrolment = *enrol.add_enrolments();
    enrolment.set_person(Person(n));
    enrolment.set_organisation(School());
    enrolment.set_municipality("regions/86/municipalities/71876000");
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme((other == nullptr ? programme_ : *other).name());
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    *enrolment.mutable_start_date() = D(2026, 2, 1);
    const auto made = Must<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", enrol);
    return made.enrolments(0).name();
  }
  // Person `n` masters the programme; the completion is recorded under that number.
  v1::Completion Complete(int n, const std::string& number, const v1::Programme* other = nullptr) {
    v1::CompleteEnrolmentRequest complete;
    complete.set_name(Learning(n, other));
    complete.set_certificate_number(number);
    *complete.mutable_completion_date() = D(2026, 3, 20);
    return Must<v1::Completion>("CompleteEnrolment", complete);
  }

  static v1::CreateCertificateRequest Issuing(const v1::Completion& completion) {
    v1::CreateCertificateRequest request;
    request.set_parent(kRegion);
    request.mutable_certificate()->set_completion(completion.name());
    request.mutable_certificate()->set_registration_number("рег-1");
    request.mutable_certificate()->set_funding_source(v1::FUNDING_SOURCE_BUDGET);
    *request.mutable_certificate()->mutable_issue_date() = D(2026, 3, 25);
    return request;
  }
  v1::Certificate Issue(int n, const std::string& number) {
    AddPerson(n);
    return Must<v1::Certificate>("CreateCertificate", Issuing(Complete(n, number)));
  }
  template <class Request>
  static Request Succeeding(const std::string& name, const std::string& number) {
    Request request;
    request.set_name(name);
    *request.mutable_state_date() = D(2026, 4, 10);
    request.set_state_reason("заявление от 10.04.2026 № 12");
    request.set_number(number);
    *request.mutable_issue_date() = D(2026, 4, 15);
    return request;
  }
  static v1::RevokeCertificateRequest Revoking(const std::string& name) {
    v1::RevokeCertificateRequest request;
    request.set_name(name);
    *request.mutable_state_date() = D(2026, 4, 10);
    request.set_state_reason("приказ от 10.04.2026 № 7");
    return request;
  }
  v1::Certificate Read(const std::string& name) {
    v1::GetCertificateRequest request;
    request.set_name(name);
    return Must<v1::Certificate>("GetCertificate", request);
  }
  absl::StatusOr<bool> Verify(const std::string& number, const std::string& code,
                              rpc::Client* client = nullptr) {
    v1::VerifyCertificateRequest request;
    request.set_parent(kRegion);
    request.set_number(number);
    request.set_code(code);
    auto response = Call<v1::VerifyCertificateResponse>("VerifyCertificate", request, client);
    if (!response.ok()) return response.status();
    return response->valid();
  }

  // As the database's owner, past the contract.
  absl::Status Sql(const std::string& sql) {
    pg::TxOptions everything;
    everything.scopes = "*";
    return service_->database().owner().Run(everything,
                                            [&](pg::Tx& tx) { return tx.Query(sql).status(); });
  }
  std::string Value(const std::string& sql) {
    std::string value;
    pg::TxOptions everything;
    everything.scopes = "*";
    EXPECT_TRUE(service_->database()
                    .owner()
                    .Run(everything,
                         [&](pg::Tx& tx) {
                           auto rows = tx.Query(sql);
                           if (rows.ok()) value = (*rows)[0][0].c_str();
                           return rows.status();
                         })
                    .ok())
        << sql;
    return value;
  }

  // An invented person in the registry.
  registry::v1::Person& AddPerson(int n) {
    registry::v1::Person& person = people_[Person(n)];
    person.set_name(Person(n));
    person.set_family_name("Вымышленная");
    person.set_given_name("Ольга");
    person.set_patronymic("Примеровна");
    *person.mutable_birth_date() = D(1985, 7, 1);
    person.set_sex(registry::v1::SEX_FEMALE);
    person.set_snils("11223344595");
    return person;
  }
  virtual absl::Status Ask(const rpc::Call& caller, const std::vector<std::string>& names,
                           PeopleByName* found) {
    absl::MutexLock lock(&mutex_);
    askers_.push_back(caller.identity().subject);
    if (!people_status_.ok()) return people_status_;
    // As the registry does: everybody here works at the school, and other bodies see nobody.
    const auto& scopes = caller.identity().scopes;
    const bool shown = caller.identity().CoversRegion("86") ||
                       std::find(scopes.begin(), scopes.end(), School()) != scopes.end();
    for (const std::string& name : names) {
      asked_.push_back(name);
      if (!shown) continue;
      if (const auto p = people_.find(name); p != people_.end()) found->insert(*p);
    }
    return absl::OkStatus();
  }

  absl::Time now_ = absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone());
  std::shared_ptr<const CertificateKeys> keys_ = NewKeys();
  PeopleByName people_;
  absl::Status people_status_;
  absl::Mutex mutex_;
  std::vector<std::string> asked_, askers_;
  std::unique_ptr<ProgramsService> programs_;
  std::unique_ptr<TrainingService> training_;
  std::unique_ptr<CertificatesService> certificates_;
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
  v1::Programme programme_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_FIXTURE_H_
