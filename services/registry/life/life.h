// Life of bodies and history: rsnms.registry.v1.OrganisationLife.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LIFE_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LIFE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/feed/v1/revision.pb.h"
#include "rsnms/registry/v1/organisation_change.pb.h"
#include "rsnms/registry/v1/organisation_life.pb.h"
#include "services/registry/life/ledger.h"
#include "services/registry/pages.h"

namespace rsnms::registry {

// The contract this area fulfils.
const google::protobuf::ServiceDescriptor* LifeContract();

// Hands the area's rules to the engine: call after AddRules. From then on names and the last day of
// a body change by this service alone.
void AddLifeRules(resource::Engine& engine);

// Stateless beside the engine, which must outlive it. Thread-safe.
class OrganisationLifeService {
 public:
  // `page_key` is the host's, for resource::KeyPurpose::kReportPages.
  OrganisationLifeService(resource::Engine& engine, std::string page_key)
      : engine_(engine), pages_(std::move(page_key)) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status MergeOrganisations(rpc::Call& call, const v1::MergeOrganisationsRequest& request,
                                  v1::OrganisationChange* response);
  absl::Status SplitOrganisation(rpc::Call& call, const v1::SplitOrganisationRequest& request,
                                 v1::OrganisationChange* response);
  absl::Status RenameOrganisation(rpc::Call& call, const v1::RenameOrganisationRequest& request,
                                  v1::OrganisationChange* response);
  absl::Status RelocateOrganisations(rpc::Call& call,
                                     const v1::RelocateOrganisationsRequest& request,
                                     v1::OrganisationChange* response);
  absl::Status CorrectOrganisation(rpc::Call& call, const v1::CorrectOrganisationRequest& request,
                                   v1::Organisation* response);
  absl::Status CloseOrganisation(rpc::Call& call, const v1::CloseOrganisationRequest& request,
                                 v1::OrganisationChange* response);
  absl::Status UndoOrganisationChange(rpc::Call& call,
                                      const v1::UndoOrganisationChangeRequest& request,
                                      v1::OrganisationChange* response);
  absl::Status SearchOrganisations(rpc::Call& call, const v1::SearchOrganisationsRequest& request,
                                   v1::SearchOrganisationsResponse* response);
  absl::Status GetOrganisationAsOf(rpc::Call& call, const v1::GetOrganisationAsOfRequest& request,
                                   v1::OrganisationAsOf* response);
  absl::Status ListEmploymentsAsOf(rpc::Call& call, const v1::ListEmploymentsAsOfRequest& request,
                                   v1::ListEmploymentsAsOfResponse* response);
  absl::Status GetRevision(rpc::Call& call, const v1::GetRevisionRequest& request,
                           feed::v1::Revision* response);
  absl::Status ListRevisions(rpc::Call& call, const v1::ListRevisionsRequest& request,
                             v1::ListRevisionsResponse* response);

 private:
  // Runs a change in one transaction, idempotent by the request's id.
  absl::Status Change(rpc::Call& call, const Message& request, const std::string& scope,
                      const std::function<absl::StatusOr<v1::OrganisationChange>(Ledger&)>& body,
                      v1::OrganisationChange* response);

  resource::Engine& engine_;
  const Pages pages_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LIFE_H_
