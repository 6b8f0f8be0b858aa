// The registry with its documents, and what their tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENTS_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENTS_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/documents_service.pb.h"
#include "services/registry/documents/documents.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry::documents {

class DocumentsTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ =
        testing::Service::Start({.name = "registry",
                                 .contracts = {registry::Contract(), documents::Contract()},
                                 .upstreams = {}},
                                [this](service::Host& host) {
                                  registry::AddRules(host.engine());
                                  methods_ = std::make_unique<RegistryService>(host.engine());
                                  methods_->Serve(host.server());
                                  documents::AddRules(host.engine());
                                  documents_ = std::make_unique<DocumentsService>(host.engine());
                                  documents_->Serve(host.server());
                                });
    admin_ = service_->ConnectAsAdministrator();
    MakeRegion();
    authority_ = MakeBody("Департамент образования", "", v1::ORGANISATION_KIND_AUTHORITY)->name();
    institute_ =
        MakeBody("Институт развития образования", "", v1::ORGANISATION_KIND_INSTITUTE)->name();
    surgut_ = MakeBody("Управление образования Сургута", kSurgut,
                       v1::ORGANISATION_KIND_MUNICIPAL_AUTHORITY)
                  ->name();
  }
  void TearDown() override {
    RegistryTest::TearDown();
    documents_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const char* rpc, const Request& request) {
    return Ask<Response>(*admin_, rpc, request);
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* rpc, const Request& request) {
    Response response;
    const auto status = client.Unary(absl::StrCat("rsnms.registry.v1.Documents/", rpc), request,
                                     &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }

  v1::Document Draft(const std::string& text = "Утвердить.", const std::string& from = "") {
    v1::CreateDocumentRequest request;
    request.set_parent(kRegion);
    auto& document = *request.mutable_document();
    document.set_kind(v1::Document::KIND_ORDER);
    document.set_title("Об утверждении положения");
    document.set_organisation(authority_);
    document.set_text(text);
    document.set_template_(from);
    auto made = Ask<v1::Document>("CreateDocument", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Document();
  }
  static v1::ApproveDocumentRequest Approval(const std::string& name,
                                             google::type::Date day = D(2024, 1, 10)) {
    v1::ApproveDocumentRequest request;
    request.set_name(name);
    request.set_number("10-П-1000");
    *request.mutable_approved_date() = day;
    return request;
  }
  absl::StatusOr<v1::Document> Approve(const std::string& name) {
    return Ask<v1::Document>("ApproveDocument", Approval(name));
  }
  absl::StatusOr<v1::Document> Enact(const std::string& name, google::type::Date day) {
    v1::EnactDocumentRequest request;
    request.set_name(name);
    *request.mutable_effective_date() = day;
    return Ask<v1::Document>("EnactDocument", request);
  }
  static std::string LastSegment(const std::string& name) {
    return name.substr(name.rfind('/') + 1);
  }

  std::string authority_, institute_, surgut_;
  std::unique_ptr<DocumentsService> documents_;
};

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENTS_FIXTURE_H_
