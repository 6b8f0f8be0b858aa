// Rules and preparations of the area, by family; called by AddPracticeRules.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PREPARATIONS_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PREPARATIONS_H_

#include <string>
#include <string_view>

#include "google/protobuf/repeated_ptr_field.h"
#include "libs/resource/engine.h"

namespace rsnms::registry {

void AddExpertRules(resource::Engine& engine);
void AddProjectRules(resource::Engine& engine);

using People = google::protobuf::RepeatedPtrField<std::string>;

// People of `after` who are not in `before` (null: all of them) exist and are not deleted.
absl::Status CheckPeople(pg::Tx& tx, const People* before, const People& after,
                         std::string_view path);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PREPARATIONS_H_
