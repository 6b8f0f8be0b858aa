// Practices, publications, projects, grants and experts: rsnms.registry.v1.Practices over the
// engine.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICES_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICES_H_

#include <string>
#include <utility>

#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/practices_service.pb.h"
#include "services/registry/pages.h"

namespace rsnms::registry {

// Descriptor of the contract, for the host.
const google::protobuf::ServiceDescriptor* PracticesContract();

// Rules and preparations of the area's resources.
void AddPracticeRules(resource::Engine& engine);

// The methods the engine does not execute. Thread-safe; outlives the server.
class PracticesService {
 public:
  // `page_key` is the host's, for resource::KeyPurpose::kReportPages.
  PracticesService(resource::Engine& engine, std::string page_key)
      : engine_(engine), pages_(std::move(page_key)) {}
  void Serve(rpc::Server& server);

 private:
  absl::Status SearchPractices(rpc::Call& call, const v1::SearchPracticesRequest& request,
                               v1::SearchPracticesResponse* response) const;

  resource::Engine& engine_;
  const Pages pages_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICES_H_
