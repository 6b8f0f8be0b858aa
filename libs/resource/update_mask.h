// Update masks (AIP-134, AIP-161).
#ifndef RSNMS_LIBS_RESOURCE_UPDATE_MASK_H_
#define RSNMS_LIBS_RESOURCE_UPDATE_MASK_H_

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "libs/resource/type.h"

namespace rsnms::resource {

// Brings `incoming` into `after`, which holds the stored image. No paths: every populated field;
// `*`: every field; otherwise the named ones, also inside singular messages (`address.city`).
// Output-only and computed fields are left alone, named or not. INVALID_ARGUMENT INVALID_FIELD_MASK
// for a path that does not exist; IMMUTABLE_FIELD when an immutable field would change. `path`
// leads the reported field paths.
absl::Status ApplyMask(const Type& type, const google::protobuf::FieldMask& mask,
                       std::string_view path, const Message& incoming, Message* after);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_UPDATE_MASK_H_
