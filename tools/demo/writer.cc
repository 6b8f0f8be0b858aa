#include "tools/demo/writer.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "google/protobuf/util/json_util.h"
#include "google/type/date.pb.h"
#include "google/type/decimal.pb.h"

namespace rsnms::demo {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Quoted(const std::string& value) {
  if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string Cell(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated()) {
    std::vector<std::string> values;
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      values.push_back(reflection->GetRepeatedString(message, field, i));
    }
    return absl::StrJoin(values, ";");
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(message, field)->name();
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!reflection->HasField(message, field)) return "";
      const Message& value = reflection->GetMessage(message, field);
      if (const auto* date = dynamic_cast<const google::type::Date*>(&value)) {
        return absl::StrFormat("%04d-%02d-%02d", date->year(), date->month(), date->day());
      }
      if (const auto* decimal = dynamic_cast<const google::type::Decimal*>(&value))
        return decimal->value();
      return "";
    }
    default:
      return "";
  }
}

// What a caller may set: not the version and the times.
std::vector<const FieldDescriptor*> Columns(const Message& message) {
  std::vector<const FieldDescriptor*> columns;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const bool time =
        field->message_type() != nullptr && field->message_type()->name() == "Timestamp";
    if (!time && field->name() != "etag") columns.push_back(field);
  }
  return columns;
}

void WriteCsvRow(const Message& message, const std::vector<const FieldDescriptor*>& columns,
                 std::ostream& out) {
  const char* separator = "";
  for (const FieldDescriptor* field : columns) {
    out << separator << Quoted(Cell(message, field));
    separator = ",";
  }
  out << '\n';
}

void WriteJsonRow(const Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  (void)google::protobuf::util::MessageToJsonString(message, &line, options);
  out << line << '\n';
}

}  // namespace

absl::StatusOr<int64_t> Write(FileFormat format, Message& message,
                              const std::function<bool()>& next, std::ostream& out) {
  const auto columns = Columns(message);
  if (format == FileFormat::kCsv) {
    out << absl::StrJoin(columns, ",", [](std::string* to, const FieldDescriptor* f) {
      *to += f->name();
    }) << '\n';
  }
  int64_t count = 0;
  for (; out && next(); ++count) {
    switch (format) {
      case FileFormat::kCsv:
        WriteCsvRow(message, columns, out);
        break;
      case FileFormat::kNdjson:
        WriteJsonRow(message, out);
        break;
      case FileFormat::kBinary:
        google::protobuf::util::SerializeDelimitedToOstream(message, &out);
        break;
    }
  }
  out.flush();
  if (!out) return absl::UnavailableError("the file cannot be written");
  return count;
}

}  // namespace rsnms::demo
