#include "libs/resource/validation.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/decimal.pb.h"
#include "libs/resource/clean_text.h"
#include "libs/resource/field_rules.h"
#include "libs/resource/identifiers.h"
#include "libs/resource/personal_text.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using google::type::Date;
using google::type::Decimal;
using options::v1::CommonReason;

constexpr int kMaxDepth = 32;

// Dates outside are slips of the pen: the oldest school of the country is of 1701. A field declares
// a narrower range by `min` and `max`.
constexpr int kFirstYear = 1700, kLastYear = 2200;

// One walk over one message.
class Walk {
 public:
  Walk(std::string_view region, bool normalise, Violations* violations)
      : region_(region), normalise_(normalise), out_(violations) {}

  void Fields(const MessageRules& rules, Message* message, const std::string& path, int depth) {
    if (depth > kMaxDepth) {
      return out_->Add(path, options::v1::COMMON_REASON_INVALID_REQUEST, "nested too deeply",
                       "слишком глубокая вложенность");
    }
    for (const auto& field : rules.fields) {
      if (out_->full()) return;
      Field(field, message, path, depth);
    }
  }

 private:
  std::string PathOf(const std::string& path, const FieldRules& rules) const {
    return path.empty() ? rules.field->name() : Cat(path, ".", rules.field->name());
  }

  void Field(const FieldRules& rules, Message* message, const std::string& path, int depth) {
    const Reflection* reflection = message->GetReflection();
    const auto* field = rules.field;
    if (!field->is_repeated()) {
      const bool present = reflection->HasField(*message, field);
      if (present) return Singular(rules, message, path, depth);
      if (rules.required && !rules.output_only && MayBeMissing(*field)) Missing(rules, path);
      return;
    }
    const int n = reflection->FieldSize(*message, field);
    if (n == 0) {
      if (rules.required && !rules.output_only) Missing(rules, path);
      return;
    }
    if (n > rules.max_items && !rules.output_only) {
      out_->Add(PathOf(path, rules), options::v1::COMMON_REASON_OUT_OF_RANGE,
                Cat("holds ", n, " elements, at most ", rules.max_items, " are allowed"),
                Cat("допустимо не более ", rules.max_items, " элементов"));
      return;
    }
    for (int i = 0; i < n && !out_->full(); ++i) Element(rules, message, path, i, depth);
  }

  // Numbers and booleans without presence cannot be told from their zero.
  static bool MayBeMissing(const FieldDescriptor& field) {
    return field.has_presence() || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
           field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  }

  void Missing(const FieldRules& rules, const std::string& path) {
    out_->Add(PathOf(path, rules), options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING, "is required",
              "поле обязательно");
  }

  void Singular(const FieldRules& rules, Message* message, const std::string& path, int depth) {
    const Reflection* reflection = message->GetReflection();
    const auto* field = rules.field;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        if (field->type() == FieldDescriptor::TYPE_BYTES) return;
        std::string scratch;
        const std::string& value = reflection->GetStringReference(*message, field, &scratch);
        std::string normal = value;
        Text(rules, PathOf(path, rules), &normal);
        if (normalise_ && normal != value) reflection->SetString(message, field, normal);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return Enum(rules, PathOf(path, rules), reflection->GetEnumValue(*message, field));
      case FieldDescriptor::CPPTYPE_INT32:
        return Integer(rules, path, reflection->GetInt32(*message, field));
      case FieldDescriptor::CPPTYPE_INT64:
        return Integer(rules, path, reflection->GetInt64(*message, field));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Number(rules, path, reflection->GetDouble(*message, field));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Sub(rules, reflection->MutableMessage(message, field), PathOf(path, rules), depth);
      default:
        return;
    }
  }

  void Element(const FieldRules& rules, Message* message, const std::string& path, int i,
               int depth) {
    const Reflection* reflection = message->GetReflection();
    const auto* field = rules.field;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return Sub(rules, reflection->MutableRepeatedMessage(message, field, i),
                 Cat(PathOf(path, rules), "[", i, "]"), depth);
    }
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      const std::string value = reflection->GetRepeatedString(*message, field, i);
      std::string normal = value;
      Text(rules, Cat(PathOf(path, rules), "[", i, "]"), &normal);
      if (normalise_ && normal != value) reflection->SetRepeatedString(message, field, i, normal);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      Enum(rules, Cat(PathOf(path, rules), "[", i, "]"),
           reflection->GetRepeatedEnumValue(*message, field, i));
    }
  }

  void Text(const FieldRules& rules, const std::string& path, std::string* value) {
    const int64_t length = CountCodePoints(*value);
    if (length < 0) {
      return out_->Add(path, options::v1::COMMON_REASON_INVALID_FORMAT, "is not valid UTF-8",
                       "текст не в кодировке UTF-8");
    }
    if (value->find('\0') != std::string::npos) {
      return out_->Add(path, options::v1::COMMON_REASON_NUL_CHARACTER, "holds a NUL character",
                       "в строке нулевой символ");
    }
    if (rules.output_only || value->empty()) return;
    if (!normalise_ && !Conventional(rules, path, *value)) return;
    if (Impersonal(rules, path, *value)) return;
    if (rules.reference) return Reference(*rules.reference, path, *value);
    if (length > rules.max_length || length < rules.options.min_length()) {
      return out_->Add(path, options::v1::COMMON_REASON_INVALID_FORMAT,
                       Cat("has ", length, " characters, from ", rules.options.min_length(), " to ",
                           rules.max_length, " are allowed"),
                       Cat("длина должна быть от ", rules.options.min_length(), " до ",
                           rules.max_length, " знаков"));
    }
    const Flaw flaw = NormaliseIdentifier(rules.options.format(), value);
    if (flaw == Flaw::kShape) {
      const auto text = DescribeFormat(rules.options.format());
      out_->Add(path, options::v1::COMMON_REASON_INVALID_FORMAT, std::string(text.english),
                std::string(text.russian));
    } else if (flaw == Flaw::kCheckDigits) {
      out_->Add(path, options::v1::COMMON_REASON_CHECK_DIGIT_MISMATCH, "check digits do not match",
                "контрольное число не сходится");
    } else if (rules.pattern && !re2::RE2::FullMatch(*value, *rules.pattern)) {
      out_->Add(path, options::v1::COMMON_REASON_INVALID_FORMAT,
                Cat("must match ", rules.options.pattern()),
                Cat("должно соответствовать образцу ", rules.options.pattern()));
    }
  }

  // The fields that mean the same in every request, declared or not. False when spoilt.
  bool Conventional(const FieldRules& rules, const std::string& path, std::string_view value) {
    if (rules.field->name() == "request_id" && !IsUuid(value)) {
      out_->Add(path, options::v1::COMMON_REASON_INVALID_REQUEST_ID, "must be a UUID in lower case",
                "укажите UUID строчными буквами");
      return false;
    }
    if (rules.field->name() == "etag" && !ParseEtag(value)) {
      out_->Add(path, options::v1::COMMON_REASON_INVALID_ETAG, "is not an etag of this service",
                "метка версии записана неверно");
      return false;
    }
    return true;
  }

  // What stays in journals, feeds and history says nothing personal, as far as that can be told:
  // texts that tell why hold no СНИЛС, telephone or address, other stored texts no СНИЛС. True when
  // refused.
  bool Impersonal(const FieldRules& rules, const std::string& path, std::string_view value) {
    const bool why = TellsWhy(rules.field->name());
    const auto& o = rules.options;
    if (o.personal() || rules.reference || o.format() != options::v1::FORMAT_UNSPECIFIED ||
        rules.pattern || (!why && (!normalise_ || rules.field->name() == "name"))) {
      return false;
    }
    const Personal found = why                 ? FindPersonal(value)
                           : HoldsSnils(value) ? Personal::kSnils
                                               : Personal::kNone;
    if (found == Personal::kNone) return false;
    const auto text = DescribePersonal(found);
    out_->Add(path, options::v1::COMMON_REASON_INVALID_FORMAT, std::string(text.english),
              std::string(text.russian));
    return true;
  }

  void Reference(const NamePattern& pattern, const std::string& path, std::string_view value) {
    const auto parts = ParseName(pattern, value);
    if (!parts) {
      return out_->Add(path, options::v1::COMMON_REASON_INVALID_NAME,
                       Cat("must be a name such as ", pattern.Format("{region}", "{id}")),
                       Cat("укажите имя вида ", pattern.Format("{region}", "{id}")));
    }
    if (!region_.empty() && parts->region != region_) {
      out_->Add(path, options::v1::COMMON_REASON_INVALID_NAME,
                "must lie in the region of the resource itself",
                "ссылка должна вести в тот же регион");
    }
  }

  void Enum(const FieldRules& rules, const std::string& path, int number) {
    if (rules.field->enum_type()->FindValueByNumber(number) != nullptr) return;
    out_->Add(path, options::v1::COMMON_REASON_UNKNOWN_ENUM_VALUE, Cat("unknown value ", number),
              "неизвестное значение");
  }

  void Integer(const FieldRules& rules, const std::string& path, int64_t value) {
    const auto& o = rules.options;
    if (value < 0 && rules.field->name() == "page_size") {  // AIP-158, whatever method pages
      return out_->Add(PathOf(path, rules), options::v1::COMMON_REASON_INVALID_PAGE_SIZE,
                       "must not be negative", "не может быть отрицательным");
    }
    if (!o.ranged() || rules.output_only || (value >= o.min() && value <= o.max())) return;
    OutOfRange(rules, path);
  }

  void Number(const FieldRules& rules, const std::string& path, double value) {
    const auto& o = rules.options;
    const bool inside =
        !o.ranged() || rules.output_only ||
        (value >= static_cast<double>(o.min()) && value <= static_cast<double>(o.max()));
    if (!std::isfinite(value) || !inside) OutOfRange(rules, path);
  }

  void OutOfRange(const FieldRules& rules, const std::string& path) {
    const auto& o = rules.options;
    if (!o.ranged()) {
      return out_->Add(PathOf(path, rules), options::v1::COMMON_REASON_OUT_OF_RANGE,
                       "must be a finite number", "должно быть конечным числом");
    }
    out_->Add(PathOf(path, rules), options::v1::COMMON_REASON_OUT_OF_RANGE,
              Cat("must lie between ", o.min(), " and ", o.max()),
              Cat("допустимо от ", o.min(), " до ", o.max()));
  }

  void Sub(const FieldRules& rules, Message* sub, const std::string& path, int depth) {
    switch (rules.message_kind) {
      case MessageKind::kDate:
        return DateValue(rules, static_cast<const Date&>(*sub), path);
      case MessageKind::kTimestamp: {
        auto& time = static_cast<Timestamp&>(*sub);
        if (!IsTimestamp(time)) {
          out_->Add(path, options::v1::COMMON_REASON_OUT_OF_RANGE, "is not a timestamp",
                    "такого момента времени нет");
        } else if (normalise_) {
          time.set_nanos(time.nanos() / 1000 * 1000);
        }
        return;
      }
      case MessageKind::kDecimal:
        return DecimalValue(rules, static_cast<Decimal*>(sub), path);
      case MessageKind::kOther:
        return Fields(*rules.message, sub, path, depth + 1);
    }
  }

  void DateValue(const FieldRules& rules, const Date& date, const std::string& path) {
    if (!IsDate(date)) {
      return out_->Add(path, options::v1::COMMON_REASON_OUT_OF_RANGE, "is not a calendar date",
                       "такой даты нет");
    }
    const auto& o = rules.options;
    const int64_t first = o.ranged() ? o.min() : kFirstYear;
    const int64_t last = o.ranged() ? o.max() : kLastYear;
    if (rules.output_only || (date.year() >= first && date.year() <= last)) return;
    out_->Add(path, options::v1::COMMON_REASON_OUT_OF_RANGE,
              Cat("must lie in a year between ", first, " and ", last),
              Cat("допустимы годы от ", first, " до ", last));
  }

  void DecimalValue(const FieldRules& rules, Decimal* decimal, const std::string& path) {
    auto canonical = CanonicalDecimal(decimal->value());
    if (!canonical) {
      return out_->Add(path, options::v1::COMMON_REASON_INVALID_FORMAT, "is not a decimal number",
                       "должно быть десятичным числом");
    }
    const auto& o = rules.options;
    const double value = std::strtod(canonical->c_str(), nullptr);
    if (o.ranged() && !rules.output_only &&
        (value < static_cast<double>(o.min()) || value > static_cast<double>(o.max()))) {
      out_->Add(path, options::v1::COMMON_REASON_OUT_OF_RANGE,
                Cat("must lie between ", o.min(), " and ", o.max()),
                Cat("допустимо от ", o.min(), " до ", o.max()));
    }
    if (normalise_) decimal->set_value(*std::move(canonical));
  }

  std::string region_;
  const bool normalise_;
  Violations* const out_;
};

}  // namespace

void Violations::Add(std::string path, CommonReason reason, std::string english,
                     std::string russian) {
  if (full()) return;
  list_.push_back({std::move(path), std::move(english), std::move(russian), reason});
}

absl::Status Violations::ToStatus() const {
  if (list_.empty()) return absl::OkStatus();
  CommonReason reason = list_[0].reason;
  for (const auto& v : list_) {
    if (v.reason != reason) reason = options::v1::COMMON_REASON_INVALID_REQUEST;
  }
  rpc::Error error(absl::StatusCode::kInvalidArgument, reason,
                   Cat(list_[0].path, ": ", list_[0].english));
  for (const auto& v : list_) {
    error.Field(v.path, v.english, Cat(v.path, ": ", v.russian));
  }
  return error;
}

absl::Status ValidateResource(const Type& type, std::string_view path, Message* resource) {
  Violations violations;
  const std::string name = type.NameOf(*resource);
  const auto parts = ParseName(type.pattern(), name);
  Walk walk(parts ? parts->region : "", /*normalise=*/true, &violations);
  walk.Fields(RulesOf(type.descriptor()), resource, std::string(path), 0);
  return violations.ToStatus();
}

absl::Status ValidateValues(const Type& type, const std::vector<const FieldDescriptor*>& fields,
                            Message* resource) {
  MessageRules asked;
  for (const FieldRules& rules : RulesOf(type.descriptor()).fields) {
    if (std::find(fields.begin(), fields.end(), rules.field) == fields.end()) continue;
    asked.fields.push_back(rules);
    asked.fields.back().output_only = false;
  }
  Violations violations;
  const std::string name = type.NameOf(*resource);  // `parts` looks into it
  const auto parts = ParseName(type.pattern(), name);
  Walk walk(parts ? parts->region : "", /*normalise=*/true, &violations);
  walk.Fields(asked, resource, "", 0);
  return violations.ToStatus();
}

void ClearOutputOnly(Message* resource) {
  for (const FieldRules& rules : RulesOf(resource->GetDescriptor()).fields) {
    if (rules.output_only) resource->GetReflection()->ClearField(resource, rules.field);
  }
}

absl::Status ValidateRequest(const Message& request) {
  Violations violations;
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  Walk walk("", /*normalise=*/false, &violations);
  walk.Fields(RulesOf(request.GetDescriptor()), copy.get(), "", 0);
  return violations.ToStatus();
}

}  // namespace rsnms::resource
