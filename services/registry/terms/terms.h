// What time ends: rsnms.registry.v1.Terms.
#ifndef RSNMS_SERVICES_REGISTRY_TERMS_TERMS_H_
#define RSNMS_SERVICES_REGISTRY_TERMS_TERMS_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/terms.pb.h"
#include "services/registry/pages.h"

namespace rsnms::registry {

// The contract this area fulfils. The engine must know the resources of Asset, Documents,
// Mentoring, People, Sites and Structure.
const google::protobuf::ServiceDescriptor* TermsContract();

// Stateless beside the engine, which must outlive it. Thread-safe.
class TermsService {
 public:
  // `page_key` is the host's, for resource::KeyPurpose::kReportPages.
  TermsService(resource::Engine& engine, std::string page_key,
               std::function<absl::Time()> now = &absl::Now)
      : engine_(engine), pages_(std::move(page_key)), now_(std::move(now)) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status ListEndingTerms(rpc::Call& call, const v1::ListEndingTermsRequest& request,
                               v1::ListEndingTermsResponse* response);
  absl::Status EndOverdue(rpc::Call& call, const v1::EndOverdueRequest& request,
                          v1::EndOverdueResponse* response);

 private:
  resource::Engine& engine_;
  const Pages pages_;
  const std::function<absl::Time()> now_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_TERMS_TERMS_H_
