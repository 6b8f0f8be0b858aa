// Records that stop changing: what is approved, signed, sent or decided.
#ifndef RSNMS_SERVICES_REGISTRY_FROZEN_H_
#define RSNMS_SERVICES_REGISTRY_FROZEN_H_

#include "absl/status/status.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"

namespace rsnms::registry {

// FAILED_PRECONDITION RECORD_FROZEN when a record that is not `editable` (as it stands before the
// change) is deleted, or when a field people write, not an output-only one, is to change. Steps of
// state machines write output-only fields and so pass. `before` is null for what is created.
absl::Status CheckFrozen(resource::Change change, const google::protobuf::Message* before,
                         const google::protobuf::Message& after, bool editable);

// FAILED_PRECONDITION DATES_OUT_OF_ORDER naming `path` when both dates are set and `later` lies
// before `earlier`.
absl::Status InOrder(bool has_earlier, const google::type::Date& earlier, bool has_later,
                     const google::type::Date& later, const char* path);

}  // namespace rsnms::registry

// InOrder for two date fields of a resource: RSNMS_DATES(r, sent_date, answered_date).
#define RSNMS_DATES(r, earlier, later)                                                           \
  ::rsnms::registry::InOrder((r).has_##earlier(), (r).earlier(), (r).has_##later(), (r).later(), \
                             #later)

#endif  // RSNMS_SERVICES_REGISTRY_FROZEN_H_
