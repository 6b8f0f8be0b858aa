// The service rsnms.programs.v1.Orders: what bodies and municipalities ask to be taught, and how
// far it has come. Standard methods and the steps of orders are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_SERVICE_H_

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/orders_service.pb.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class OrdersService {
 public:
  // The contract it fulfils; its resources refer to those of Programs.
  static const google::protobuf::ServiceDescriptor* Contract();

  // Adds the rules of orders, and of enrolments by them, to the engine.
  explicit OrdersService(resource::Engine* engine);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status GetTrainingOrderExecution(rpc::Call& call,
                                         const v1::GetTrainingOrderExecutionRequest& request,
                                         v1::TrainingOrderExecution* response);

 private:
  resource::Engine* const engine_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_SERVICE_H_
