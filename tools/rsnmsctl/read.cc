// get and list: the contracts tell which method reads a collection, so every resource is readable
// without code.
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "rsnms/options/v1/options.pb.h"
#include "tools/rsnmsctl/commands.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using options::v1::Standard;

// `organisations` of a resource whose pattern is regions/{region}/organisations/{organisation}.
std::string CollectionOf(const Descriptor* resource) {
  const auto& options = resource->options().GetExtension(google::api::resource);
  if (options.pattern_size() == 0) return "";
  const std::vector<std::string> parts = absl::StrSplit(options.pattern(0), '/');
  return parts.size() > 2 ? parts[2] : parts[0];
}

// The resource a standard method answers: itself, or the element of its repeated field.
const Descriptor* ResourceOf(const MethodDescriptor* method, Standard standard) {
  if (standard == options::v1::STANDARD_GET) return method->output_type();
  return method->output_type()->field_count() > 0 ? method->output_type()->field(0)->message_type()
                                                  : nullptr;
}

absl::StatusOr<const MethodDescriptor*> Find(const std::string& collection, Standard standard) {
  for (const char* name : kContracts) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->options().GetExtension(options::v1::method).standard() != standard) continue;
      const auto* resource = ResourceOf(method, standard);
      if (resource != nullptr && CollectionOf(resource) == collection) return method;
    }
  }
  return absl::NotFoundError(absl::StrCat("нет такого вида записей: ", collection));
}

std::string FullName(const MethodDescriptor* method) {
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

void SetText(Message* message, const char* field, const std::string& value) {
  const auto* f = message->GetDescriptor()->FindFieldByName(field);
  if (f != nullptr) message->GetReflection()->SetString(message, f, value);
}

// Plain fields a table can show, at most seven.
std::vector<const FieldDescriptor*> Columns(const Descriptor* resource) {
  std::vector<const FieldDescriptor*> columns;
  for (int i = 0; i < resource->field_count() && columns.size() < 7; ++i) {
    const auto* field = resource->field(i);
    if (field->is_repeated() || field->name() == "etag") continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        field->message_type()->full_name() != "google.type.Date") {
      continue;
    }
    columns.push_back(field);
  }
  return columns;
}

std::string Cell(const Message& message, const FieldDescriptor* field) {
  const auto* r = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return r->GetString(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return r->GetEnum(message, field)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return r->GetBool(message, field) ? "да" : "нет";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(r->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(r->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!r->HasField(message, field)) return "";
      const Message& date = r->GetMessage(message, field);
      const auto part = [&](const char* name) {
        const auto* f = date.GetDescriptor()->FindFieldByName(name);
        return date.GetReflection()->GetInt32(date, f);
      };
      return absl::StrCat(absl::Dec(part("year"), absl::kZeroPad4), "-",
                          absl::Dec(part("month"), absl::kZeroPad2), "-",
                          absl::Dec(part("day"), absl::kZeroPad2));
    }
    default:
      return "…";
  }
}

}  // namespace

absl::Status Get(Session& session, const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  const auto method = Find(parts.size() > 2 ? parts[2] : parts[0], options::v1::STANDARD_GET);
  if (!method.ok()) return method.status();
  auto request = NewMessage((*method)->input_type());
  auto response = NewMessage((*method)->output_type());
  SetText(request.get(), "name", name);
  if (auto s = session.Call(FullName(*method), *request, response.get()); !s.ok()) return s;
  std::puts(ToJson(*response, !session.json()).c_str());
  return absl::OkStatus();
}

absl::Status List(Session& session, const ListOptions& options) {
  const auto method = Find(options.collection, options::v1::STANDARD_LIST);
  if (!method.ok()) return method.status();
  auto request = NewMessage((*method)->input_type());
  auto response = NewMessage((*method)->output_type());
  SetText(request.get(), "parent", options.parent);
  SetText(request.get(), "filter", options.filter);
  SetText(request.get(), "order_by", options.order_by);
  const auto* shown = request->GetDescriptor()->FindFieldByName("show_deleted");
  if (shown != nullptr)
    request->GetReflection()->SetBool(request.get(), shown, options.show_deleted);

  const auto* items = response->GetDescriptor()->field(0);
  const auto columns = Columns(items->message_type());
  std::vector<std::string> header;
  for (const auto* column : columns) header.push_back(column->name());
  Table table(header);
  int shown_rows = 0;
  std::string token;
  do {
    request->GetReflection()->SetInt32(request.get(),
                                       request->GetDescriptor()->FindFieldByName("page_size"),
                                       std::min(options.limit - shown_rows, 1000));
    SetText(request.get(), "page_token", token);
    if (auto s = session.Call(FullName(*method), *request, response.get()); !s.ok()) return s;
    const auto* reflection = response->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*response, items); ++i, ++shown_rows) {
      const Message& item = reflection->GetRepeatedMessage(*response, items, i);
      if (session.json()) {
        std::puts(ToJson(item).c_str());
        continue;
      }
      std::vector<std::string> row;
      for (const auto* column : columns) row.push_back(Cell(item, column));
      table.Add(std::move(row));
    }
    token = reflection->GetString(*response,
                                  response->GetDescriptor()->FindFieldByName("next_page_token"));
  } while (!token.empty() && shown_rows < options.limit);
  if (!session.json()) {
    table.Print();
    if (!token.empty()) std::puts("… есть ещё: увеличьте --limit");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
