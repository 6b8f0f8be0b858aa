// The methodological asset and the staff of municipal services: rsnms.registry.v1.Asset. Most of it
// is declared in the contract; here are its rules and the methods written by hand.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_ASSET_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_ASSET_H_

#include <memory>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/load_board.pb.h"
#include "rsnms/registry/v1/methodologist.pb.h"
#include "rsnms/registry/v1/methodologist_methods.pb.h"

namespace rsnms::registry {

// The contract this area fulfils.
const google::protobuf::ServiceDescriptor* AssetContract();

// Hands the area's rules to the engine.
void AddAssetRules(resource::Engine& engine);

// Services that know whether a candidate is diagnosed and trained. Null when this installation
// names none: the two confirmations then answer UNAVAILABLE UPSTREAM_UNAVAILABLE, and all else
// works.
struct AssetUpstreams {
  std::shared_ptr<rpc::Client> diagnostics, programs;
};

// Stateless beside the engine, which must outlive it. Thread-safe.
class AssetService {
 public:
  AssetService(resource::Engine& engine, AssetUpstreams upstreams)
      : engine_(engine), upstreams_(std::move(upstreams)) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status ConfirmDiagnostics(rpc::Call& call, const v1::ConfirmDiagnosticsRequest& request,
                                  v1::Methodologist* response);
  absl::Status ConfirmTraining(rpc::Call& call, const v1::ConfirmTrainingRequest& request,
                               v1::Methodologist* response);
  absl::Status ReleaseMethodologist(rpc::Call& call, const v1::ReleaseMethodologistRequest& request,
                                    v1::Methodologist* response);
  absl::Status GetLoadBoard(rpc::Call& call, const v1::GetLoadBoardRequest& request,
                            v1::LoadBoard* response);
  absl::Status CountMmsStaff(rpc::Call& call, const v1::CountMmsStaffRequest& request,
                             v1::CountMmsStaffResponse* response);

 private:
  resource::Engine& engine_;
  const AssetUpstreams upstreams_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_ASSET_H_
