// What people write of a resource, apart from what steps and the service set.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_WRITTEN_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_WRITTEN_H_

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/type.h"

namespace rsnms::programs {

// The resource without its OUTPUT_ONLY fields and its etag.
template <class R>
R Written(R resource) {
  const auto* type = R::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (resource::HasBehavior(*type->field(i), google::api::OUTPUT_ONLY)) {
      resource.GetReflection()->ClearField(&resource, type->field(i));
    }
  }
  resource.clear_etag();
  return resource;
}

template <class R>
bool WrittenDiffers(const R& before, const R& after) {
  return !google::protobuf::util::MessageDifferencer::Equals(Written(before), Written(after));
}

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_WRITTEN_H_
