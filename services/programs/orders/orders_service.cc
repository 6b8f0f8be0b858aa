#include "services/programs/orders/orders_service.h"

#include <utility>
#include <vector>

#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/names.h"
#include "services/programs/orders/order_places.h"
#include "services/programs/orders/order_rules.h"
#include "services/programs/orders/order_store.h"
#include "services/programs/orders/organisation_lookup.h"

namespace rsnms::programs {
namespace {

constexpr char kContract[] = "rsnms.programs.v1.Orders";

using Pending = resource::Engine::Pending;

bool IsUnplaced(const v1::TrainingOrder& order) {
  return order.municipality().empty() && !order.organisation().empty();
}

// The order, and the municipality the registry's feed has told of its organisation.
struct Place {
  v1::TrainingOrder order;
  std::string municipality;
};

absl::StatusOr<Place> ReadPlace(const rpc::Call& call, const resource::Engine& engine,
                                const std::string& name) {
  Place place;
  auto read = engine.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto order = resource::Table<v1::TrainingOrder>(engine).Get(tx, name);
    if (!order.ok()) return order.status();
    place.order = *std::move(order);
    if (!IsUnplaced(place.order)) return absl::OkStatus();
    auto known = order_places::KnownMunicipality(tx, place.order.organisation());
    if (known.ok()) place.municipality = *std::move(known);
    return known.status();
  });
  if (!read.ok()) return read;
  return place;
}

}  // namespace

const google::protobuf::ServiceDescriptor* OrdersService::Contract() {
  v1::TrainingOrder::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

OrdersService::OrdersService(resource::Engine* engine, std::shared_ptr<rpc::Client> registry,
                             std::function<absl::Time()> now)
    : engine_(engine), registry_(registry), now_(now), plans_(engine, std::move(registry), now) {
  engine->Rule<v1::TrainingOrder>(order_rules::Check);
  engine->Rule<v1::TrainingOrder>([now = now_](resource::Change change,
                                               const v1::TrainingOrder* before,
                                               v1::TrainingOrder* after) {
    return change == resource::Change::kUpdate
               ? order_rules::CheckNotToCome(before, *after, LatestDay(now()))
               : absl::OkStatus();
  });
  engine->PrepareFor(v1::TrainingOrder::descriptor(),
                     [engine, now = now_](pg::Tx& tx, std::vector<Pending>& rows) {
                       return order_store::PrepareOrders(tx, *engine, LatestDay(now()), rows);
                     });
  engine->PrepareFor(v1::Enrolment::descriptor(), [engine](pg::Tx& tx, std::vector<Pending>& rows) {
    return order_store::CheckOrders(tx, *engine, rows);
  });
}

void OrdersService::Serve(rpc::Server& server) {
  server.Unary(Cat(kContract, "/SubmitTrainingOrder"), this, &OrdersService::SubmitTrainingOrder);
  server.Unary(Cat(kContract, "/GetTrainingOrderExecution"), this,
               &OrdersService::GetTrainingOrderExecution);
  plans_.Serve(server);
}

absl::Status OrdersService::SubmitTrainingOrder(rpc::Call& call,
                                                const v1::SubmitTrainingOrderRequest& request,
                                                v1::TrainingOrder* response) {
  const auto& type = engine_->TypeOf(v1::TrainingOrder::descriptor());
  auto step = resource::BindStep(&call.method(), type);
  if (!step.ok()) return step.status();
  auto place = ReadPlace(call, *engine_, request.name());
  if (!place.ok()) return place.status();
  auto& [order, told] = *place;
  // Who asks, and where, never changes: what the registry says holds for the write below. What was
  // handed in already is refused, or answered again, without it.
  if (resource::MayBegin(*step, order.state())) {
    auto lies =
        CheckOrganisation(call, registry_.get(), order.organisation(), order.municipality());
    if (!lies.ok()) return lies;
    if (IsUnplaced(order) && told.empty()) {
      told = MunicipalityOf(call, registry_.get(), order.organisation());
    }
  }
  return engine_->Write<v1::TrainingOrder>(
      call, request,
      [&](pg::Tx&, v1::TrainingOrder& handed_in) {
        if (resource::MayBegin(*step, handed_in.state()) && IsUnplaced(handed_in)) {
          handed_in.set_municipality(told);
        }
        return resource::MakeDeclaredStep(*engine_, call, request, &handed_in);
      },
      response);
}

absl::Status OrdersService::GetTrainingOrderExecution(
    rpc::Call& call, const v1::GetTrainingOrderExecutionRequest& request,
    v1::TrainingOrderExecution* response) {
  return engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto order = resource::Table<v1::TrainingOrder>(*engine_).Get(tx, request.name());
    if (!order.ok()) return order.status();
    const auto& asked = request.as_of_date();
    const absl::CivilDay day = request.has_as_of_date()
                                   ? absl::CivilDay(asked.year(), asked.month(), asked.day())
                                   : RegisterDay(now_());
    auto execution = order_store::Execution(tx, *order, day);
    if (execution.ok()) *response = *std::move(execution);
    return execution.status();
  });
}

}  // namespace rsnms::programs
