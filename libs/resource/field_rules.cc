#include "libs/resource/field_rules.h"

#include <re2/re2.h>

#include <cstdlib>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "libs/resource/type.h"

namespace rsnms::resource {
namespace {

constexpr int64_t kDefaultMaxLength = 4000;
constexpr int kDefaultMaxItems = 100;

using Known = absl::flat_hash_map<const Descriptor*, std::unique_ptr<MessageRules>>;

MessageKind KindOf(const Descriptor& type) {
  if (type.full_name() == "google.type.Date") return MessageKind::kDate;
  if (type.full_name() == "google.protobuf.Timestamp") return MessageKind::kTimestamp;
  if (type.full_name() == "google.type.Decimal") return MessageKind::kDecimal;
  return MessageKind::kOther;
}

const MessageRules* Read(const Descriptor* type, Known* known);

FieldRules ReadField(const FieldDescriptor* field, Known* known) {
  FieldRules rules;
  rules.field = field;
  rules.options = field->options().GetExtension(options::v1::field);
  rules.required = HasBehavior(*field, google::api::REQUIRED);
  rules.output_only = HasBehavior(*field, google::api::OUTPUT_ONLY);
  rules.max_length =
      rules.options.max_length() > 0 ? rules.options.max_length() : kDefaultMaxLength;
  rules.max_items = rules.options.max_items() > 0 ? rules.options.max_items() : kDefaultMaxItems;
  if (!rules.options.pattern().empty()) {
    auto pattern = std::make_shared<const re2::RE2>(rules.options.pattern());
    if (!pattern->ok()) {
      std::fprintf(stderr, "%s: bad pattern: %s\n", field->full_name().c_str(),
                   pattern->error().c_str());
      std::abort();
    }
    rules.pattern = std::move(pattern);
  }
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  if (field->type() == FieldDescriptor::TYPE_STRING && !reference.type().empty()) {
    if (const NamePattern* pattern = FindPattern(reference.type())) rules.reference = *pattern;
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    rules.message_kind = KindOf(*field->message_type());
    rules.message = Read(field->message_type(), known);
  }
  return rules;
}

const MessageRules* Read(const Descriptor* type, Known* known) {
  const auto [it, fresh] = known->try_emplace(type, nullptr);
  if (!fresh) return it->second.get();
  it->second = std::make_unique<MessageRules>();
  MessageRules* rules = it->second.get();
  for (int i = 0; i < type->field_count(); ++i) {
    rules->fields.push_back(ReadField(type->field(i), known));
  }
  return rules;
}

}  // namespace

const MessageRules& RulesOf(const Descriptor* type) {
  static absl::Mutex mutex;
  static auto& known = *new Known();
  absl::MutexLock lock(&mutex);
  return *Read(type, &known);
}

}  // namespace rsnms::resource
