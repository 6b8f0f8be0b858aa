#include "libs/resource/row_codec.h"

#include <charconv>

#include "absl/strings/numbers.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/type/decimal.pb.h"
#include "libs/pg/tx.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using google::type::Date;
using google::type::Decimal;

std::string_view TextOf(const pqxx::field& field) { return {field.c_str(), field.size()}; }

std::string EnumText(const Column& column, int number) {
  const auto* value = column.field->enum_type()->FindValueByNumber(number);
  if (value == nullptr) return Cat(number);  // refused by validation before
  return value->name().substr(column.enum_prefix.size());
}

std::optional<int> EnumNumber(const Column& column, std::string_view text) {
  const auto* value = column.field->enum_type()->FindValueByName(Cat(column.enum_prefix, text));
  if (value == nullptr) return std::nullopt;
  return value->number();
}

std::string IdOf(const Column& column, std::string_view name) {
  const auto parts = ParseName(column.target.pattern, name);
  return std::string(parts ? parts->id : name);
}

// jsonb of one field: the field alone in a message of the resource's type, its JSON object
// unwrapped. `status` tells when the message has no JSON form.
std::optional<std::string> JsonText(const Column& column, const Message& resource,
                                    absl::Status* status) {
  const auto* field = column.field;
  const Reflection* reflection = resource.GetReflection();
  if (field->is_repeated() && reflection->FieldSize(resource, field) == 0) {
    return field->is_map() ? "{}" : "[]";
  }
  if (!field->is_repeated() && !reflection->HasField(resource, field)) return std::nullopt;
  const std::unique_ptr<Message> alone(resource.New());
  CopyField(field, resource, alone.get());
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*alone, &json, options).ok()) {
    *status = rpc::InvalidField(field->name(), options::v1::COMMON_REASON_INVALID_FORMAT,
                                "holds a value that cannot be stored as JSON",
                                "значение нельзя сохранить");
    return std::nullopt;
  }
  const size_t colon = json.find(':');
  return json.substr(colon + 1, json.size() - colon - 2);
}

std::vector<std::string> Elements(const Column& column, const Message& resource) {
  const Reflection* reflection = resource.GetReflection();
  std::vector<std::string> out;
  const int n = reflection->FieldSize(resource, column.field);
  out.reserve(n);
  for (int i = 0; i < n; ++i) {
    if (column.kind == Kind::kEnums) {
      out.push_back(EnumText(column, reflection->GetRepeatedEnumValue(resource, column.field, i)));
      continue;
    }
    std::string value = reflection->GetRepeatedString(resource, column.field, i);
    out.push_back(column.kind == Kind::kReferences ? IdOf(column, value) : std::move(value));
  }
  return out;
}

std::string DoubleText(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  return std::string(text, end - text);
}

std::optional<std::string> EncodeField(const Column& column, const Message& resource,
                                       absl::Status* status) {
  const Reflection* reflection = resource.GetReflection();
  const auto* field = column.field;
  if (!field->is_repeated() && field->has_presence() && !reflection->HasField(resource, field)) {
    return std::nullopt;
  }
  switch (column.kind) {
    case Kind::kString:
      return reflection->GetString(resource, field);
    case Kind::kInteger:
      return Cat(field->cpp_type() == FieldDescriptor::CPPTYPE_INT32
                     ? reflection->GetInt32(resource, field)
                     : reflection->GetInt64(resource, field));
    case Kind::kDouble:
      return DoubleText(reflection->GetDouble(resource, field));
    case Kind::kBool:
      return reflection->GetBool(resource, field) ? "t" : "f";
    case Kind::kBytes:
      return BytesText(reflection->GetString(resource, field));
    case Kind::kEnum:
      return EnumText(column, reflection->GetEnumValue(resource, field));
    case Kind::kDate:
      return DateText(static_cast<const Date&>(reflection->GetMessage(resource, field)));
    case Kind::kTimestamp:
      return TimestampText(static_cast<const Timestamp&>(reflection->GetMessage(resource, field)));
    case Kind::kDecimal:
      return static_cast<const Decimal&>(reflection->GetMessage(resource, field)).value();
    case Kind::kReference: {
      const std::string name = reflection->GetString(resource, field);
      if (name.empty()) return std::nullopt;
      return IdOf(column, name);
    }
    case Kind::kReferences:
    case Kind::kStrings:
    case Kind::kEnums:
      return ArrayText(Elements(column, resource));
    case Kind::kJson:
      return JsonText(column, resource, status);
  }
  return std::nullopt;
}

// A sealed value and its blind index; both null for the empty text.
void EncodeSealed(const Type& type, const Column& column, const Message& resource, Values* out) {
  const std::string text = resource.GetReflection()->GetString(resource, column.field);
  if (text.empty()) {
    out->insert(out->end(), 2, std::nullopt);
    return;
  }
  const std::string place = SealedPlaceOf(type, column, type.NameOf(resource));
  out->push_back(BytesText(type.keys()->Seal(place, text)));
  out->push_back(BytesText(type.keys()->Index(SealedFieldOf(type, column), text)));
}

bool DecodeSealed(const Type& type, const Column& column, std::string_view text, Message* out) {
  auto opened =
      type.keys()->Open(SealedPlaceOf(type, column, type.NameOf(*out)), pg::FromBytea(text));
  if (!opened) return false;
  out->GetReflection()->SetString(out, column.field, *std::move(opened));
  return true;
}

bool DecodeArray(const Column& column, std::string_view region, std::string_view text,
                 Message* out) {
  const Reflection* reflection = out->GetReflection();
  if (text == "{}") return true;
  for (auto& element : pg::FromArray(text)) {
    if (column.kind == Kind::kEnums) {
      const auto number = EnumNumber(column, element);
      if (!number) return false;
      reflection->AddEnumValue(out, column.field, *number);
    } else if (column.kind == Kind::kReferences) {
      reflection->AddString(out, column.field, column.target.pattern.Format(region, element));
    } else {
      reflection->AddString(out, column.field, std::move(element));
    }
  }
  return true;
}

bool DecodeNumber(const Column& column, std::string_view text, Message* out) {
  const Reflection* reflection = out->GetReflection();
  const char* end = text.data() + text.size();
  if (column.kind == Kind::kDouble) {
    double value = 0;
    if (std::from_chars(text.data(), end, value).ptr != end) return false;
    reflection->SetDouble(out, column.field, value);
    return true;
  }
  int64_t value = 0;
  if (std::from_chars(text.data(), end, value).ptr != end) return false;
  if (column.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    reflection->SetInt32(out, column.field, static_cast<int32_t>(value));
  } else {
    reflection->SetInt64(out, column.field, value);
  }
  return true;
}

// Every kind but jsonb.
bool DecodeField(const Column& column, std::string_view region, std::string_view text,
                 Message* out) {
  const Reflection* reflection = out->GetReflection();
  const auto* field = column.field;
  switch (column.kind) {
    case Kind::kString:
      reflection->SetString(out, field, std::string(text));
      return true;
    case Kind::kInteger:
    case Kind::kDouble:
      return DecodeNumber(column, text, out);
    case Kind::kBool:
      reflection->SetBool(out, field, text == "t");
      return true;
    case Kind::kBytes:
      reflection->SetString(out, field, pg::FromBytea(text));
      return true;
    case Kind::kEnum: {
      const auto number = EnumNumber(column, text);
      if (number) reflection->SetEnumValue(out, field, *number);
      return number.has_value();
    }
    case Kind::kDate:
      return ParseDate(text, static_cast<Date*>(reflection->MutableMessage(out, field)));
    case Kind::kTimestamp:
      return ParseTimestamp(text, static_cast<Timestamp*>(reflection->MutableMessage(out, field)));
    case Kind::kDecimal: {
      auto value = CanonicalDecimal(text);
      if (!value) return false;
      static_cast<Decimal*>(reflection->MutableMessage(out, field))->set_value(*std::move(value));
      return true;
    }
    case Kind::kReference:
      reflection->SetString(out, field, column.target.pattern.Format(region, text));
      return true;
    case Kind::kReferences:
    case Kind::kStrings:
    case Kind::kEnums:
      return DecodeArray(column, region, text, out);
    case Kind::kJson:
      return true;
  }
  return false;
}

// All jsonb columns of a row in one parse: an object of them, read as the resource's own JSON.
absl::Status DecodeJson(const Type& type, const pqxx::row& row, int first, Message* out) {
  std::string json;
  for (size_t i = 0; i < type.columns().size(); ++i) {
    const auto& column = type.columns()[i];
    if (column.kind != Kind::kJson) continue;
    const auto cell = row[first + static_cast<int>(i)];
    if (cell.is_null()) continue;
    const std::string_view text = TextOf(cell);
    if (column.field->is_repeated() && (text == "[]" || text == "{}")) continue;
    Append(&json, json.empty() ? "{\"" : ",\"", column.field->name(), "\":", text);
  }
  if (json.empty()) return absl::OkStatus();
  json += '}';
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(json, out, options).ok()) {
    return absl::InternalError(Cat("unreadable jsonb in table ", type.table()));
  }
  return absl::OkStatus();
}

bool DecodeTime(const FieldDescriptor* field, const pqxx::field& cell, Message* out) {
  if (field == nullptr || cell.is_null()) return true;
  return ParseTimestamp(TextOf(cell),
                        static_cast<Timestamp*>(out->GetReflection()->MutableMessage(out, field)));
}

}  // namespace

std::string SelectList(const Type& type, std::string_view alias) {
  std::string list;
  for (std::string_view name :
       {"region_code", "id", "version", "create_time", "update_time", "delete_time"}) {
    Append(&list, list.empty() ? "" : ", ", alias, name);
  }
  for (const auto& column : type.columns()) Append(&list, ", ", alias, column.sql);
  return list;
}

absl::Status DecodeRow(const Type& type, const pqxx::row& row, Message* out, int offset) {
  out->Clear();
  if (auto s = DecodeJson(type, row, offset + kFirstColumn, out); !s.ok()) return s;
  const std::string region(TextOf(row[offset]));
  type.SetName(out, region, TextOf(row[offset + 1]));
  if (type.etag_field() != nullptr) {
    out->GetReflection()->SetString(out, type.etag_field(),
                                    Cat("\"", TextOf(row[offset + 2]), "\""));
  }
  bool good = DecodeTime(type.create_time_field(), row[offset + 3], out) &&
              DecodeTime(type.update_time_field(), row[offset + 4], out) &&
              DecodeTime(type.delete_time_field(), row[offset + 5], out);
  int index = offset + kFirstColumn;
  for (const auto& column : type.columns()) {
    const auto cell = row[index++];
    if (cell.is_null() || column.kind == Kind::kJson) continue;
    const bool read = column.options.encrypted() ? DecodeSealed(type, column, TextOf(cell), out)
                                                 : DecodeField(column, region, TextOf(cell), out);
    if (good && !read) {
      return absl::InternalError(Cat("unreadable value in column ", type.table(), ".", column.sql));
    }
  }
  return good ? absl::OkStatus() : absl::InternalError("unreadable time in " + type.table());
}

absl::Status EncodeColumns(const Type& type, const Message& resource, Values* out) {
  absl::Status status;
  out->reserve(out->size() + type.stored().size());
  for (const auto& column : type.columns()) {
    if (column.options.encrypted()) {
      EncodeSealed(type, column, resource, out);
      continue;
    }
    out->push_back(EncodeField(column, resource, &status));
  }
  return status;
}

std::string SerializeDeterministic(const Message& message) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return out;
}

}  // namespace rsnms::resource
