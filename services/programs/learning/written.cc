#include "services/programs/learning/written.h"

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs::learning {
namespace {

using google::protobuf::Message;

std::unique_ptr<Message> Written(const Message& whole) {
  std::unique_ptr<Message> written(whole.New());
  written->CopyFrom(whole);
  const auto* type = whole.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (resource::HasBehavior(*type->field(i), google::api::OUTPUT_ONLY) ||
        type->field(i)->name() == "etag") {
      written->GetReflection()->ClearField(written.get(), type->field(i));
    }
  }
  return written;
}

}  // namespace

bool WrittenDiffers(const Message& before, const Message& after) {
  return !google::protobuf::util::MessageDifferencer::Equals(*Written(before), *Written(after));
}

absl::Status Refuse(v1::ProgramsReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

absl::Status Invalid(v1::ProgramsReason reason, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text);
}

absl::Status Misplaced(std::string_view path, std::string_view text, std::string_view text_ru) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_REQUEST, text, text_ru);
}

absl::Status Frozen() {
  return Refuse(v1::PROGRAMS_REASON_LEARNING_FROZEN,
                "what was agreed or handed in does not change");
}

absl::CivilDay ToCivil(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

std::string Iso(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::Status CheckBetween(const google::type::Date& date, absl::CivilDay first, absl::CivilDay last,
                          std::string_view path) {
  const absl::CivilDay day = ToCivil(date);
  if (day < first) {
    return rpc::InvalidField(path, options::v1::COMMON_REASON_OUT_OF_RANGE,
                             Cat("must not be before ", Iso(first)),
                             Cat("дата не раньше ", Iso(first)));
  }
  if (day > last) {
    return rpc::InvalidField(path, options::v1::COMMON_REASON_OUT_OF_RANGE, "must not be to come",
                             "дата не может быть в будущем");
  }
  return absl::OkStatus();
}

absl::Status CheckCompetencies(const google::protobuf::RepeatedPtrField<std::string>& names) {
  absl::flat_hash_set<std::string_view> seen;
  for (int i = 0; i < names.size(); ++i) {
    if (!seen.insert(names.Get(i)).second) {
      return Misplaced(Cat("competencies[", i, "]"), "is named twice",
                       "компетенция указана дважды");
    }
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::learning
