#include "services/programs/orders/orders_service.h"

#include <utility>
#include <vector>

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/orders/order_rules.h"
#include "services/programs/orders/order_store.h"

namespace rsnms::programs {
namespace {

constexpr char kContract[] = "rsnms.programs.v1.Orders";

using Pending = resource::Engine::Pending;

}  // namespace

const google::protobuf::ServiceDescriptor* OrdersService::Contract() {
  v1::TrainingOrder::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

OrdersService::OrdersService(resource::Engine* engine, std::function<absl::Time()> now)
    : engine_(engine), plans_(engine, std::move(now)) {
  engine->Rule<v1::TrainingOrder>(order_rules::Check);
  engine->PrepareFor(v1::TrainingOrder::descriptor(), order_store::PrepareOrders);
  engine->PrepareFor(v1::Enrolment::descriptor(), [engine](pg::Tx& tx, std::vector<Pending>& rows) {
    return order_store::CheckOrders(tx, *engine, rows);
  });
}

void OrdersService::Serve(rpc::Server& server) {
  server.Unary(Cat(kContract, "/GetTrainingOrderExecution"), this,
               &OrdersService::GetTrainingOrderExecution);
  plans_.Serve(server);
}

absl::Status OrdersService::GetTrainingOrderExecution(
    rpc::Call& call, const v1::GetTrainingOrderExecutionRequest& request,
    v1::TrainingOrderExecution* response) {
  return engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto order = resource::Table<v1::TrainingOrder>(*engine_).Get(tx, request.name());
    if (!order.ok()) return order.status();
    auto execution = order_store::Execution(tx, *order);
    if (execution.ok()) *response = *std::move(execution);
    return execution.status();
  });
}

}  // namespace rsnms::programs
