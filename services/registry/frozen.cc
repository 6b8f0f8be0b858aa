#include "services/registry/frozen.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;

// What people write of a record.
std::unique_ptr<Message> Written(const Message& record) {
  std::unique_ptr<Message> copy(record.New());
  copy->CopyFrom(record);
  const auto* type = record.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->name() == "etag" ||
        resource::HasBehavior(*field, google::api::FieldBehavior::OUTPUT_ONLY)) {
      copy->GetReflection()->ClearField(copy.get(), field);
    }
  }
  return copy;
}

}  // namespace

absl::Status CheckFrozen(resource::Change change, const Message* before, const Message& after,
                         bool editable) {
  if (before == nullptr || editable || change == resource::Change::kUndelete) {
    return absl::OkStatus();
  }
  if (change == resource::Change::kUpdate &&
      google::protobuf::util::MessageDifferencer::Equals(*Written(*before), *Written(after))) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_RECORD_FROZEN,
                    "the record does not change any more");
}

absl::Status InOrder(bool has_earlier, const google::type::Date& earlier, bool has_later,
                     const google::type::Date& later, const char* path) {
  if (!has_earlier || !has_later || ToCivil(earlier) <= ToCivil(later)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_DATES_OUT_OF_ORDER,
                    absl::StrCat(path, " lies before the step it follows"))
      .Field(path, absl::StrCat("is before ", ToIso(earlier)),
             absl::StrCat("дата раньше ", ToIso(earlier)));
}

}  // namespace rsnms::registry
