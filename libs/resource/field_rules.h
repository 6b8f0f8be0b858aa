// What the declarations of one message type ask of its fields, read once and kept for the life of
// the process.
#ifndef RSNMS_LIBS_RESOURCE_FIELD_RULES_H_
#define RSNMS_LIBS_RESOURCE_FIELD_RULES_H_

#include <memory>
#include <optional>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "libs/resource/names.h"
#include "rsnms/options/v1/options.pb.h"

namespace re2 {
class RE2;
}

namespace rsnms::resource {

enum class MessageKind { kOther, kDate, kTimestamp, kDecimal };

struct MessageRules;

struct FieldRules {
  const google::protobuf::FieldDescriptor* field = nullptr;
  options::v1::Field options;
  bool required = false, output_only = false;
  int64_t max_length = 0;
  int max_items = 0;
  std::shared_ptr<const re2::RE2> pattern;  // null when none is declared
  std::optional<NamePattern> reference;     // of a resource_reference to a known type
  MessageKind message_kind = MessageKind::kOther;
  const MessageRules* message = nullptr;  // of a message field, map values included
};

struct MessageRules {
  std::vector<FieldRules> fields;
};

// Thread-safe. Aborts the process on a pattern that does not compile (found by the first test).
const MessageRules& RulesOf(const google::protobuf::Descriptor* type);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_FIELD_RULES_H_
