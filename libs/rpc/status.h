// The one way to say what went wrong: absl::Status carrying google.rpc details, and its way onto
// the wire.
#ifndef RSNMS_LIBS_RPC_STATUS_H_
#define RSNMS_LIBS_RPC_STATUS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/rpc/status.pb.h"
#include "rsnms/options/v1/errors.pb.h"

namespace rsnms::rpc {

// Builds an error. `reason` is a value of any reason enum (CommonReason, RegistryReason, …):
// ErrorInfo.reason is its name without the enum's prefix, LocalizedMessage its `text_ru`. `message`
// is English, for developers; it must hold no personal data and no SQL. Converts to absl::Status:
//
//   return rpc::Error(absl::StatusCode::kInvalidArgument,
//   options::v1::COMMON_REASON_INVALID_FORMAT,
//                     "inn has 9 digits").Field("organisation.inn", "must have 10 or 12 digits",
//                     "ИНН состоит из 10 или 12 цифр");
class Error {
 public:
  template <class Enum>
  Error(absl::StatusCode code, Enum reason, std::string_view message)
      : Error(code, *google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(reason),
              message) {}
  Error(absl::StatusCode code, const google::protobuf::EnumValueDescriptor& reason,
        std::string_view message);

  // Adds a BadRequest.FieldViolation. May be called several times. The Russian descriptions of the
  // first five are appended to LocalizedMessage.
  Error& Field(std::string_view path, std::string_view description,
               std::string_view description_ru = "");
  // Adds metadata to ErrorInfo; key `[a-z][a-zA-Z0-9_-]*`. Like names of resources and paths,
  // values are cut at 256 bytes.
  Error& With(std::string_view key, std::string_view value);
  // Adds RetryInfo.
  Error& RetryAfter(absl::Duration delay);
  // Adds ResourceInfo.
  Error& Resource(std::string_view type, std::string_view name);
  // Replaces the reason's general Russian text by a more exact one.
  Error& Russian(std::string_view text);

  absl::Status ToStatus() const;
  operator absl::Status() const { return ToStatus(); }  // NOLINT(google-explicit-constructor)

 private:
  google::rpc::Status status_;
  std::string russian_;
  std::vector<std::string> russian_fields_;
};

// Shorthands for what occurs everywhere.
absl::Status InvalidField(std::string_view path, options::v1::CommonReason reason,
                          std::string_view description, std::string_view description_ru = "");
absl::Status NotFound(std::string_view resource_type, std::string_view name);

// The same error with `path.` before the path of each field violation: what a rule that knows the
// resource alone said of `inn` becomes `organisation.inn`. Nothing changes when `path` is empty.
absl::Status UnderField(const absl::Status& status, std::string_view path);

// Wire form, held under 4 KiB by leaving out the last field violations; a status without details (a
// bare absl::InternalError) gets ErrorInfo INTERNAL and a message without particulars: text that
// did not come through Error never reaches a caller.
google::rpc::Status ToProto(const absl::Status& status);
// The details a client received.
absl::Status FromProto(const google::rpc::Status& proto);
// ErrorInfo.reason of a status; empty when there is none.
std::string ReasonOf(const absl::Status& status);

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_STATUS_H_
