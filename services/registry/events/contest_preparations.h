// Rules and preparations of contests and their entries.
#ifndef RSNMS_SERVICES_REGISTRY_EVENTS_CONTEST_PREPARATIONS_H_
#define RSNMS_SERVICES_REGISTRY_EVENTS_CONTEST_PREPARATIONS_H_

#include "libs/resource/engine.h"

namespace rsnms::registry {

// Called by AddEventRules.
void AddContestRules(resource::Engine& engine);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EVENTS_CONTEST_PREPARATIONS_H_
