// Binds the RPCs a contract declares as standard to the fields of their messages, once, at start.
#ifndef RSNMS_LIBS_RESOURCE_METHODS_H_
#define RSNMS_LIBS_RESOURCE_METHODS_H_

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/transition.h"
#include "libs/resource/type.h"
#include "rsnms/options/v1/options.pb.h"

namespace rsnms::resource {

using google::protobuf::MethodDescriptor;

// Fields of the request and the response; null when the message has none (optional ones only).
struct Method {
  const MethodDescriptor* rpc = nullptr;
  options::v1::Standard standard = options::v1::STANDARD_UNSPECIFIED;
  const FieldDescriptor *name = nullptr, *names = nullptr, *parent = nullptr;
  const FieldDescriptor *page_size = nullptr, *page_token = nullptr, *filter = nullptr,
                        *order_by = nullptr, *show_deleted = nullptr;
  const FieldDescriptor *resource = nullptr, *resource_id = nullptr, *update_mask = nullptr,
                        *allow_missing = nullptr, *etag = nullptr, *validate_only = nullptr,
                        *header = nullptr;
  const FieldDescriptor *items = nullptr, *next_page_token = nullptr, *report = nullptr;
  Step step;  // of a transition
};

// INVALID_ARGUMENT, with a sentence for the developer, when the messages do not have the shape of
// the standard method.
absl::StatusOr<Method> BindMethod(const MethodDescriptor* rpc, options::v1::Standard standard,
                                  const Type& type);

// Values of bound fields; zero when the field is null.
std::string StringOf(const Message& request, const FieldDescriptor* field);
bool BoolOf(const Message& request, const FieldDescriptor* field);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_METHODS_H_
