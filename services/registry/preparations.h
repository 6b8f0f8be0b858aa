// What the engine asks before it writes: the pure rules of registry_rules.h, and the facts of other
// rows they need.
#ifndef RSNMS_SERVICES_REGISTRY_PREPARATIONS_H_
#define RSNMS_SERVICES_REGISTRY_PREPARATIONS_H_

#include "libs/resource/engine.h"

namespace rsnms::registry {

// Hands every rule of the registry to the engine. Called once, before it serves.
void AddRules(resource::Engine& engine);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PREPARATIONS_H_
