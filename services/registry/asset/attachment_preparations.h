// What the engine asks before it writes attachments.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_ATTACHMENT_PREPARATIONS_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_ATTACHMENT_PREPARATIONS_H_

#include <vector>

#include "libs/resource/engine.h"

namespace rsnms::registry {

// Set-based. Completes where the educator works; FAILED_PRECONDITION METHODOLOGIST_NOT_ACTIVE,
// OUTSIDE_CONTRACT, EDUCATOR_NOT_EMPLOYED, SECOND_ATTACHMENT, ATTACHMENT_LIMIT_REACHED,
// PERSON_DELETED; INVALID_ARGUMENT ATTACHED_TO_THEMSELVES, REFERENCE_NOT_FOUND.
absl::Status PrepareAttachments(const resource::Engine& engine, pg::Tx& tx,
                                std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_ATTACHMENT_PREPARATIONS_H_
