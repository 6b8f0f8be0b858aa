// Declared validation: every promise a contract makes about a field, checked before anything
// touches the database.
#ifndef RSNMS_LIBS_RESOURCE_VALIDATION_H_
#define RSNMS_LIBS_RESOURCE_VALIDATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/resource/type.h"
#include "rsnms/options/v1/errors.pb.h"

namespace rsnms::resource {

// Collects what is wrong with a message; becomes one INVALID_ARGUMENT that names each field (at
// most 20). The reason is that of the violations when they agree, INVALID_REQUEST otherwise. Values
// are never quoted.
class Violations {
 public:
  void Add(std::string path, options::v1::CommonReason reason, std::string english,
           std::string russian);
  bool full() const { return list_.size() >= kMax; }
  bool empty() const { return list_.empty(); }
  absl::Status ToStatus() const;  // OK when empty

 private:
  static constexpr size_t kMax = 20;
  struct Violation {
    std::string path, english, russian;
    options::v1::CommonReason reason;
  };
  std::vector<Violation> list_;
};

// Checks a resource about to be stored and brings identifiers, decimals and times to their stored
// form. Fields marked OUTPUT_ONLY are the program's own and are checked for storability only (NUL,
// UTF-8, ranges of dates). `path` leads the reported paths: `organisation` gives
// `organisation.inn`; empty gives `inn`. References must lie in the resource's own region, which
// its `name` holds.
absl::Status ValidateResource(const Type& type, std::string_view path, Message* resource);

// The same for a few fields, OUTPUT_ONLY or not, that a caller has set through a domain method.
absl::Status ValidateValues(const Type& type, const std::vector<const FieldDescriptor*>& fields,
                            Message* resource);

// Checks a request of a domain method by the same declarations, changing nothing.
absl::Status ValidateRequest(const Message& request);

// Takes out what a caller may not say: the fields marked OUTPUT_ONLY.
void ClearOutputOnly(Message* resource);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_VALIDATION_H_
