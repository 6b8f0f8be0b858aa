#include "absl/strings/str_cat.h"
#include "libs/resource/validation.h"
#include "services/registry/events/event_views_store.h"
#include "services/registry/events/events.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Events";

}  // namespace

const google::protobuf::ServiceDescriptor* EventsContract() {
  v1::Event::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void EventsService::Serve(rpc::Server& server) {
  server.Unary<v1::GetEventCalendarRequest, v1::EventCalendar>(
      absl::StrCat(kContract, "/GetEventCalendar"),
      [this](auto& call, const auto& request, auto* response) {
        return GetEventCalendar(call, request, response);
      });
  server.Unary<v1::ListWinnersRequest, v1::ListWinnersResponse>(
      absl::StrCat(kContract, "/ListWinners"),
      [this](auto& call, const auto& request, auto* response) {
        return ListWinners(call, request, response);
      });
}

absl::Status EventsService::GetEventCalendar(rpc::Call& call,
                                             const v1::GetEventCalendarRequest& request,
                                             v1::EventCalendar* response) const {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return ReadCalendar(tx, request, response); });
}

absl::Status EventsService::ListWinners(rpc::Call& call, const v1::ListWinnersRequest& request,
                                        v1::ListWinnersResponse* response) const {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return ReadWinners(tx, request, response); });
}

}  // namespace rsnms::registry
