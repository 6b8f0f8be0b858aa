// The registry with the area People in the test's own process.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_FIXTURE_H_

#include <memory>
#include <string>

#include "rsnms/registry/v1/people_service.pb.h"
#include "services/registry/people/people.h"
#include "services/registry/people/people_service.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry {

class PeopleTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ = testing::Service::Start(
        {.name = "registry", .contracts = {Contract(), PeopleContract()}, .upstreams = {}},
        [this](service::Host& host) {
          AddRules(host.engine());
          AddPeopleRules(host.engine());
          methods_ = std::make_unique<RegistryService>(host.engine());
          methods_->Serve(host.server());
          people_ = std::make_unique<PeopleService>(host.engine(),
                                                    host.Key(resource::KeyPurpose::kReportPages));
          people_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
    MakeRegion();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.registry.v1.People/", method), request,
                               &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const char* method, const Request& request) {
    return Ask<Response>(*admin_, method, request);
  }

  v1::Person Named(const std::string& family, const std::string& given,
                   const std::string& patronymic = "", const std::string& snils = "") {
    v1::CreatePersonRequest request;
    request.set_parent(kRegion);
    auto& person = *request.mutable_person();
    person.set_family_name(family);
    person.set_given_name(given);
    person.set_patronymic(patronymic);
    person.set_snils(snils);
    *person.mutable_birth_date() = D(1985, 3, 14);
    auto made = Call<v1::Person>("CreatePerson", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Person();
  }
  v1::Person GetPerson(const std::string& name) {
    v1::GetPersonRequest request;
    request.set_name(name);
    auto person = Call<v1::Person>("GetPerson", request);
    EXPECT_TRUE(person.ok()) << person.status();
    return person.ok() ? *person : v1::Person();
  }

  std::unique_ptr<PeopleService> people_;  // outlives the server
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_FIXTURE_H_
