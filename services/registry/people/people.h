// The area People of the registry: consents, qualification, learning, the career ladder, search,
// duplicates. What main.cc and the tests wire it by.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_H_

#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"

namespace rsnms::registry {

// The contract rsnms.registry.v1.People.
const google::protobuf::ServiceDescriptor* PeopleContract();

// Hands the area's rules to the engine. Called once, before it serves.
void AddPeopleRules(resource::Engine& engine);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_H_
