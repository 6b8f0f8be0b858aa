// The registry with the life of bodies in the test's own process, and the calls these tests make.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LIFE_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LIFE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "rsnms/registry/v1/organisation_life_service.pb.h"
#include "services/registry/life/life.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry {

class LifeTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ =
        testing::Service::Start({.name = "registry",
                                 .contracts = {Contract(), LifeContract(), MentoringContract()},
                                 .upstreams = {}},
                                [this](service::Host& host) {
                                  AddRules(host.engine());
                                  AddMentoringRules(host.engine());
                                  AddLifeRules(host.engine());
                                  methods_ = std::make_unique<RegistryService>(host.engine());
                                  methods_->Serve(host.server());
                                  mentoring_ = std::make_unique<MentoringService>(host.engine());
                                  mentoring_->Serve(host.server());
                                  life_ = std::make_unique<OrganisationLifeService>(
                                      host.engine(), host.Key(resource::KeyPurpose::kReportPages));
                                  life_->Serve(host.server());
                                });
    admin_ = service_->ConnectAsAdministrator();
  }
  void TearDown() override {
    service_.reset();
    life_.reset();
    mentoring_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.registry.v1.OrganisationLife/", method), request,
                               &response, absl::Now() + absl::Seconds(60));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const char* method, const Request& request) {
    return Ask<Response>(*admin_, method, request);
  }
  using Changed = absl::StatusOr<v1::OrganisationChange>;
  static v1::MergeOrganisationsRequest Merging(const std::vector<std::string>& sources,
                                               const std::string& target, CivilDay day) {
    v1::MergeOrganisationsRequest request;
    request.set_parent(kRegion);
    for (const auto& source : sources) request.add_sources(source);
    if (!target.empty()) request.set_target(target);
    *request.mutable_change_date() = ToDate(day);
    return request;
  }
  Changed Merge(const v1::MergeOrganisationsRequest& request) {
    return Ask<v1::OrganisationChange>("MergeOrganisations", request);
  }
  Changed Merge(const std::vector<std::string>& sources, const std::string& target, CivilDay day) {
    return Merge(Merging(sources, target, day));
  }
  Changed Split(const v1::SplitOrganisationRequest& request) {
    return Ask<v1::OrganisationChange>("SplitOrganisation", request);
  }
  Changed Rename(const std::string& name, const std::string& title, CivilDay day) {
    v1::RenameOrganisationRequest request;
    request.set_name(name);
    request.set_official_name(title);
    *request.mutable_change_date() = ToDate(day);
    request.set_reason("Приказ № 7");
    return Ask<v1::OrganisationChange>("RenameOrganisation", request);
  }
  Changed Close(const std::string& name, CivilDay day) {
    v1::CloseOrganisationRequest request;
    request.set_name(name);
    *request.mutable_change_date() = ToDate(day);
    return Ask<v1::OrganisationChange>("CloseOrganisation", request);
  }
  Changed Undo(const std::string& name, const std::string& request_id = "") {
    v1::UndoOrganisationChangeRequest request;
    request.set_name(name);
    request.set_reason("ошибка");
    request.set_request_id(request_id);
    return Ask<v1::OrganisationChange>("UndoOrganisationChange", request);
  }
  v1::Organisation Body(const std::string& name) {
    v1::GetOrganisationRequest request;
    request.set_name(name);
    auto body = Call<v1::Organisation>("GetOrganisation", request);
    EXPECT_TRUE(body.ok()) << body.status();
    return body.ok() ? *body : v1::Organisation();
  }
  std::vector<v1::Employment> Employments(const std::string& parent = kRegion) {
    v1::ListEmploymentsRequest request;
    request.set_parent(parent);
    request.set_page_size(1000);
    auto page = Call<v1::ListEmploymentsResponse>("ListEmployments", request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->employments().begin(), page->employments().end()};
  }
  std::vector<v1::ManagementTeam> Teams(const std::string& parent = kRegion) {
    v1::ListManagementTeamsRequest request;
    request.set_parent(parent);
    request.set_page_size(1000);
    auto page = Call<v1::ListManagementTeamsResponse>("ListManagementTeams", request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->management_teams().begin(), page->management_teams().end()};
  }
  absl::StatusOr<v1::ManagementTeam> MakeTeam(const std::string& body, const std::string& person,
                                              CivilDay day, const std::string& parent = kRegion) {
    v1::CreateManagementTeamRequest request;
    request.set_parent(parent);
    request.mutable_management_team()->set_organisation(body);
    request.mutable_management_team()->add_members(person);
    *request.mutable_management_team()->mutable_formed_date() = ToDate(day);
    return Call<v1::ManagementTeam>("CreateManagementTeam", request);
  }

  std::unique_ptr<MentoringService> mentoring_;
  std::unique_ptr<OrganisationLifeService> life_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LIFE_FIXTURE_H_
