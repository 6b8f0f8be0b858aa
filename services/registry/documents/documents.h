// The register of acts, agreements, appointments and research requests: service
// rsnms.registry.v1.Documents. Standard methods and most steps are the engine's.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENTS_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENTS_H_

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/resource/transition.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/agreement.pb.h"
#include "rsnms/registry/v1/agreement_watch.pb.h"
#include "rsnms/registry/v1/document.pb.h"
#include "rsnms/registry/v1/document_blank.pb.h"

namespace rsnms::registry::documents {

// The contract the service fulfils.
const google::protobuf::ServiceDescriptor* Contract();

// Hands the rules and preparations of the area to the engine. Called once, before it serves.
void AddRules(resource::Engine& engine);

// Stateless beside the engine, which must outlive it. Thread-safe.
class DocumentsService {
 public:
  explicit DocumentsService(resource::Engine& engine);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status FillDocument(rpc::Call& call, const v1::FillDocumentRequest& request,
                            v1::Document* response);
  absl::Status ListDocumentBlanks(rpc::Call& call, const v1::ListDocumentBlanksRequest& request,
                                  v1::ListDocumentBlanksResponse* response);
  absl::Status ReviseDocument(rpc::Call& call, const v1::ReviseDocumentRequest& request,
                              v1::Document* response);
  absl::Status EnactDocument(rpc::Call& call, const v1::EnactDocumentRequest& request,
                             v1::Document* response);
  absl::Status SignAgreement(rpc::Call& call, const v1::SignAgreementRequest& request,
                             v1::Agreement* response);
  absl::Status GetAgreementCoverage(rpc::Call& call, const v1::GetAgreementCoverageRequest& request,
                                    v1::AgreementCoverage* response);
  absl::Status ListExpiringAgreements(rpc::Call& call,
                                      const v1::ListExpiringAgreementsRequest& request,
                                      v1::ListExpiringAgreementsResponse* response);

 private:
  absl::Status EndPrevious(pg::Tx& tx, const journal::Author& author, const v1::Document& enacted);

  resource::Engine& engine_;
};

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENTS_H_
