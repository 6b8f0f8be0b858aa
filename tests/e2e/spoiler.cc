#include "tests/e2e/spoiler.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/decimal.pb.h"

namespace rsnms::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kLong = 200'001;  // code points: over every declared length

// The reason of a malformed value when the field is one of those every contract has; else empty.
std::string OwnReason(const FieldDescriptor* field) {
  static const std::map<std::string, std::string> kReasons = {
      {"name", "INVALID_NAME"},         {"names", "INVALID_NAME"},
      {"parent", "INVALID_PARENT"},     {"filter", "INVALID_FILTER"},
      {"order_by", "INVALID_ORDER_BY"}, {"page_token", "INVALID_PAGE_TOKEN"},
      {"etag", "INVALID_ETAG"},         {"request_id", "INVALID_REQUEST_ID"}};
  const auto own = kReasons.find(field->name());
  if (own != kReasons.end()) return own->second;
  return field->options().HasExtension(google::api::resource_reference) ? "INVALID_NAME" : "";
}

}  // namespace

Reasons And(Reasons reasons, const FieldDescriptor* field) {
  if (const auto own = OwnReason(field); !own.empty()) reasons.insert(own);
  if (field->options().HasExtension(google::api::resource_reference)) {
    reasons.insert("INVALID_NAME");
  }
  if (Has(field, google::api::IMMUTABLE)) reasons.insert("IMMUTABLE_FIELD");
  return reasons;
}

void Spoiler::Fields(Message* message, const std::string& path, int depth) {
  const auto* type = message->GetDescriptor();
  const bool resource = type->options().HasExtension(google::api::resource);
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (Has(field, google::api::OUTPUT_ONLY) || field->is_map()) continue;
    // The name of a resource about to be created is nobody's business but the server's.
    const bool own = field->name() == "name" || field->name() == "etag";
    if (resource && own && standard_ != options::v1::STANDARD_UPDATE) continue;
    const std::string at = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    std::unique_ptr<Message> before(message->New());
    before->CopyFrom(*message);
    field->is_repeated() ? Element(field, message, at, depth) : Single(field, message, at, depth);
    message->CopyFrom(*before);
  }
}

void Spoiler::Single(const FieldDescriptor* field, Message* message, const std::string& at,
                     int depth) {
  const auto* r = message->GetReflection();
  const auto& options = field->options().GetExtension(options::v1::field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() != FieldDescriptor::TYPE_STRING) return;
      return Text(field, at, [&](const std::string& s) { r->SetString(message, field, s); });
    case FieldDescriptor::CPPTYPE_ENUM:
      r->SetEnumValue(message, field, 999);
      return tell_(at, "an unknown number", And({"UNKNOWN_ENUM_VALUE"}, field));
    case FieldDescriptor::CPPTYPE_INT32:
      if (field->name() == "page_size") {
        r->SetInt32(message, field, -1);
        return tell_(at, "-1", {"INVALID_PAGE_SIZE"});
      }
      if (!options.ranged()) return;
      r->SetInt32(message, field, static_cast<int32_t>(options.max()) + 1);
      return tell_(at, "beyond its range", And({"OUT_OF_RANGE"}, field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Nested(field, r->MutableMessage(message, field), at, depth);
    default:
      return;
  }
}

void Spoiler::Element(const FieldDescriptor* field, Message* message, const std::string& at,
                      int depth) {
  const auto* r = message->GetReflection();
  const std::string first = absl::StrCat(at, "[0]");
  if (field->type() == FieldDescriptor::TYPE_STRING) {
    r->ClearField(message, field);
    r->AddString(message, field, "x");
    Text(field, first, [&](const std::string& s) { r->SetRepeatedString(message, field, 0, s); });
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    r->ClearField(message, field);
    r->AddEnumValue(message, field, 999);
    tell_(first, "an unknown number", And({"UNKNOWN_ENUM_VALUE"}, field));
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (r->FieldSize(*message, field) == 0) r->AddMessage(message, field);
    Nested(field, r->MutableRepeatedMessage(message, field, 0), first, depth);
  }
}

void Spoiler::Text(const FieldDescriptor* field, const std::string& at,
                   const std::function<void(const std::string&)>& set) {
  Reasons nul = And({"NUL_CHARACTER"}, field), format = And({"INVALID_FORMAT"}, field);
  // The id of a resource about to be created becomes the end of its name.
  if (standard_ == options::v1::STANDARD_CREATE && !absl::StrContains(at, ".")) {
    nul.insert("INVALID_NAME");
    format.insert("INVALID_NAME");
  }
  set(kNul);
  tell_(at, "NUL", nul);
  set("\xc3\x28");
  tell_(at, "not UTF-8", {"INVALID_FORMAT"});
  set(std::string(kLong, 'x'));
  tell_(at, "too long", format);
  const auto& options = field->options().GetExtension(options::v1::field);
  const bool shaped = !OwnReason(field).empty() || !options.pattern().empty() ||
                      options.format() != options::v1::FORMAT_UNSPECIFIED;
  if (!shaped) return;
  set("?!");
  tell_(at, "malformed", format);
}

void Spoiler::Nested(const FieldDescriptor* field, Message* nested, const std::string& at,
                     int depth) {
  if (auto* date = dynamic_cast<google::type::Date*>(nested); date != nullptr) {
    date->set_year(2026);
    date->set_month(13);
    date->set_day(1);
    tell_(at, "no date", And({"OUT_OF_RANGE"}, field));
  } else if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(nested); time != nullptr) {
    time->set_nanos(-1);
    tell_(at, "no moment", And({"OUT_OF_RANGE"}, field));
  } else if (auto* decimal = dynamic_cast<google::type::Decimal*>(nested); decimal != nullptr) {
    decimal->set_value("1,5");
    tell_(at, "no number", And({"INVALID_FORMAT"}, field));
  } else if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(nested); mask != nullptr) {
    for (const std::string& path : {std::string("nothing"), std::string("*.x"), kNul}) {
      mask->clear_paths();
      mask->add_paths(path);
      tell_(at, "malformed", {"INVALID_FIELD_MASK"});
    }
  } else if (depth < 3) {
    Fields(nested, at, depth + 1);
  }
}

}  // namespace rsnms::e2e
