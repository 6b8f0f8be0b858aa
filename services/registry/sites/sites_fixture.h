// The registry with its sites, and what their tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_SITES_SITES_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_SITES_SITES_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/documents_service.pb.h"
#include "rsnms/registry/v1/sites_service.pb.h"
#include "services/registry/documents/documents.h"
#include "services/registry/registry_fixture.h"
#include "services/registry/sites/sites.h"

namespace rsnms::registry::sites {

class SitesTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ = testing::Service::Start(
        {.name = "registry",
         .contracts = {registry::Contract(), documents::Contract(), sites::Contract()},
         .upstreams = {}},
        [this](service::Host& host) {
          registry::AddRules(host.engine());
          methods_ = std::make_unique<RegistryService>(host.engine());
          methods_->Serve(host.server());
          documents::AddRules(host.engine());
          documents_ = std::make_unique<documents::DocumentsService>(host.engine());
          documents_->Serve(host.server());
          sites::AddRules(host.engine());
          sites_ = std::make_unique<SitesService>(host.engine());
          sites_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
    MakeRegion();
    centre_ = MakeBody("ЦНППМ", "", v1::ORGANISATION_KIND_CENTRE)->name();
    school_ = MakeBody("Школа № 1")->name();
    v1::CreateDocumentRequest request;
    request.set_parent(kRegion);
    request.mutable_document()->set_kind(v1::Document::KIND_ORDER);
    request.mutable_document()->set_title("О присвоении статуса");
    request.mutable_document()->set_organisation(centre_);
    v1::Document order;
    ASSERT_TRUE(admin_
                    ->Unary("rsnms.registry.v1.Documents/CreateDocument", request, &order,
                            absl::Now() + absl::Seconds(20))
                    .ok());
    order_ = order.name();
    v1::ApproveDocumentRequest approve;
    approve.set_name(order_);
    approve.set_number("17");
    *approve.mutable_approved_date() = D(2024, 1, 10);
    ASSERT_TRUE(admin_
                    ->Unary("rsnms.registry.v1.Documents/ApproveDocument", approve, &order,
                            absl::Now() + absl::Seconds(20))
                    .ok());
  }
  void TearDown() override {
    RegistryTest::TearDown();
    sites_.reset();
    documents_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* rpc, const Request& request) {
    Response response;
    const auto status = client.Unary(absl::StrCat("rsnms.registry.v1.Sites/", rpc), request,
                                     &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const char* rpc, const Request& request) {
    return Ask<Response>(*admin_, rpc, request);
  }

  v1::CreateSiteRequest Application(const std::string& body,
                                    v1::Site::Kind kind = v1::Site::KIND_INTERNSHIP) {
    v1::CreateSiteRequest request;
    request.set_parent(kRegion);
    auto& site = *request.mutable_site();
    site.set_kind(kind);
    site.set_organisation(body);
    site.set_direction("Наставничество");
    site.set_experience("Школа ведёт стажировки третий год.");
    *site.mutable_applied_date() = D(2024, 2, 1);
    return request;
  }
  // A site that experts have selected.
  std::string Selected(const std::string& body, v1::Site::Kind kind = v1::Site::KIND_INTERNSHIP) {
    auto site = Ask<v1::Site>("CreateSite", Application(body, kind));
    EXPECT_TRUE(site.ok()) << site.status();
    v1::ReviewSiteRequest review;
    review.set_name(site->name());
    EXPECT_TRUE(Ask<v1::Site>("ReviewSite", review).ok());
    v1::SelectSiteRequest select;
    select.set_name(site->name());
    select.set_expert_opinion("Опыт подтверждён.");
    *select.mutable_decided_date() = D(2024, 3, 1);
    auto selected = Ask<v1::Site>("SelectSite", select);
    EXPECT_TRUE(selected.ok()) << selected.status();
    return site->name();
  }
  v1::GrantSiteStatusRequest Granting(const std::string& name, google::type::Date from,
                                      const google::type::Date* until) {
    v1::GrantSiteStatusRequest request;
    request.set_name(name);
    request.set_decision_document(order_);
    *request.mutable_status_from_date() = from;
    if (until != nullptr) *request.mutable_status_until_date() = *until;
    return request;
  }
  absl::StatusOr<v1::Site> Grant(const std::string& name, google::type::Date from,
                                 google::type::Date until) {
    return Ask<v1::Site>("GrantSiteStatus", Granting(name, from, &until));
  }
  static std::string LastSegment(const std::string& name) {
    return name.substr(name.rfind('/') + 1);
  }

  std::string centre_, school_, order_;
  std::unique_ptr<documents::DocumentsService> documents_;
  std::unique_ptr<SitesService> sites_;
};

}  // namespace rsnms::registry::sites

#endif  // RSNMS_SERVICES_REGISTRY_SITES_SITES_FIXTURE_H_
