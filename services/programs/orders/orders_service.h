// The service rsnms.programs.v1.Orders: what bodies and municipalities ask to be taught, what
// is planned, and how far it has come. Standard methods and plain steps are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/orders_service.pb.h"
#include "services/programs/orders/plans_service.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class OrdersService {
 public:
  // The contract it fulfils; its resources refer to those of Programs.
  static const google::protobuf::ServiceDescriptor* Contract();

  // Adds the rules of orders, of enrolments by them and of plans to the engine. `registry`
  // tells where organisations lie; without it an order that names one beside a municipality is not
  // handed in. `now` says the day.
  explicit OrdersService(resource::Engine* engine, std::shared_ptr<rpc::Client> registry = nullptr,
                         std::function<absl::Time()> now = absl::Now);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status SubmitTrainingOrder(rpc::Call& call, const v1::SubmitTrainingOrderRequest& request,
                                   v1::TrainingOrder* response);
  absl::Status GetTrainingOrderExecution(rpc::Call& call,
                                         const v1::GetTrainingOrderExecutionRequest& request,
                                         v1::TrainingOrderExecution* response);

 private:
  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> registry_;
  const std::function<absl::Time()> now_;
  PlansService plans_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_SERVICE_H_
