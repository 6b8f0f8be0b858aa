// The registry with the life of bodies in the test's own process, and the calls these tests make.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LIFE_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LIFE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "rsnms/registry/v1/events_service.pb.h"
#include "rsnms/registry/v1/mentoring_service.pb.h"
#include "rsnms/registry/v1/organisation_life_service.pb.h"
#include "rsnms/registry/v1/structure_service.pb.h"
#include "services/registry/documents/documents.h"
#include "services/registry/events/events.h"
#include "services/registry/life/life.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/registry_fixture.h"
#include "services/registry/structure/structure.h"

namespace rsnms::registry {

class LifeTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ = testing::Service::Start(
        {.name = "registry",
         .contracts = {Contract(), LifeContract(), MentoringContract(), documents::Contract(),
                       EventsContract(), StructureContract()},
         .upstreams = {}},
        [this](service::Host& host) {
          AddRules(host.engine());
          AddMentoringRules(host.engine());
          documents::AddRules(host.engine());
          AddEventRules(host.engine());
          AddStructureRules(host.engine());
          ServeAreas(host);
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
    documents_.reset();
    events_.reset();
    structure_.reset();
  }

  static const google::protobuf::ServiceDescriptor* AreaOf(const std::string& name) {
    return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "rsnms.registry.v1." + name);
  }
  // A method of an area with a request in protobuf text.
  template <class Response>
  absl::StatusOr<Response> Send(const char* area, const char* method, const std::string& text) {
    const auto* rpc = AreaOf(area)->FindMethodByName(method);
    const std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                               ->GetPrototype(rpc->input_type())
                                               ->New());
    if (!google::protobuf::TextFormat::ParseFromString(text, request.get()))
      return absl::InvalidArgumentError("not a request: " + text);
    Response response;
    auto status = admin_->Unary(absl::StrCat("rsnms.registry.v1.", area, "/", method), *request,
                                &response, absl::Now() + absl::Seconds(60));
    if (!status.ok()) return status;
    return response;
  }
  // A planned event of a body; one that goes on whatever the day.
  absl::StatusOr<v1::Event> PlanEvent(const std::string& body, const std::string& more = "") {
    return Send<v1::Event>(
        "Events", "CreateEvent",
        absl::StrCat("parent: 'regions/86' event {title: 'Семинар' form: EVENT_FORM_SEMINAR level: "
                     "ACTIVITY_LEVEL_ORGANISATION organisation: '",
                     body, "' start_date {year: 2030 month: 1 day: 10} ", more, "}"));
  }
  // A member of the league of mentor organisations since a day.
  absl::StatusOr<v1::MentorSchool> Admit(const std::string& body, CivilDay day) {
    auto made =
        Send<v1::MentorSchool>("Mentoring", "CreateMentorSchool",
                               absl::StrCat("parent: 'regions/86' mentor_school {organisation: '",
                                            body, "' directions: 'молодые педагоги'}"));
    if (!made.ok()) return made;
    return Send<v1::MentorSchool>(
        "Mentoring", "AdmitMentorSchool",
        absl::StrCat("name: '", made->name(), "' order_document: 'Приказ № 1' admit_date {",
                     ToDate(day).ShortDebugString(), "}"));
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

  void ServeAreas(service::Host& host) {
    documents_ = std::make_unique<documents::DocumentsService>(host.engine());
    documents_->Serve(host.server());
    events_ = std::make_unique<EventsService>(host.engine());
    events_->Serve(host.server());
    structure_ = std::make_unique<StructureService>(host.engine());
    structure_->Serve(host.server());
  }

  std::unique_ptr<documents::DocumentsService> documents_;
  std::unique_ptr<EventsService> events_;
  std::unique_ptr<StructureService> structure_;
  std::unique_ptr<MentoringService> mentoring_;
  std::unique_ptr<OrganisationLifeService> life_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LIFE_FIXTURE_H_
