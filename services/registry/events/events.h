// Events and contests: rsnms.registry.v1.Events over the engine.
#ifndef RSNMS_SERVICES_REGISTRY_EVENTS_EVENTS_H_
#define RSNMS_SERVICES_REGISTRY_EVENTS_EVENTS_H_

#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/events_service.pb.h"

namespace rsnms::registry {

// Descriptor of the contract, for the host.
const google::protobuf::ServiceDescriptor* EventsContract();

// Rules and preparations of the area's resources.
void AddEventRules(resource::Engine& engine);

// The methods the engine does not execute. Thread-safe; outlives the server.
class EventsService {
 public:
  explicit EventsService(resource::Engine& engine) : engine_(engine) {}
  void Serve(rpc::Server& server);

 private:
  absl::Status GetEventCalendar(rpc::Call& call, const v1::GetEventCalendarRequest& request,
                                v1::EventCalendar* response) const;
  absl::Status ListWinners(rpc::Call& call, const v1::ListWinnersRequest& request,
                           v1::ListWinnersResponse* response) const;

  resource::Engine& engine_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EVENTS_EVENTS_H_
