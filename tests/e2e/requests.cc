#include "tests/e2e/requests.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "google/type/date.pb.h"
#include "google/type/decimal.pb.h"

namespace rsnms::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kSamples = 3;  // of a type

const std::string& TypeOf(const Descriptor* resource) {
  return resource->options().GetExtension(google::api::resource).type();
}

// The type a `name` field of this request speaks of.
std::string NamedType(const MethodDescriptor* method, const FieldDescriptor* field) {
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  if (!reference.type().empty()) return reference.type();
  const auto& standard = method->options().GetExtension(options::v1::method);
  if (!standard.resource().empty()) return standard.resource();
  return TypeOf(method->output_type());
}

options::v1::Format FormatOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).format();
}

// A number the field permits.
int32_t NumberFor(const FieldDescriptor* field) {
  const auto& options = field->options().GetExtension(options::v1::field);
  return static_cast<int32_t>(
      options.ranged() ? std::clamp<int64_t>(2026, options.min(), options.max()) : 2026);
}

}  // namespace

// A contract added to a service is found by itself: its files are linked into every program.
const std::vector<Contract>& Contracts() {
  static const auto& contracts = *[] {
    using google::protobuf::DescriptorPool;
    auto* found = new std::vector<Contract>;
    std::vector<std::string> files;
    DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
    std::sort(files.begin(), files.end());
    for (const std::string process : {"registry", "diagnostics", "programs", "monitoring"}) {
      for (const auto& name : files) {
        if (!absl::StartsWith(name, absl::StrCat("rsnms/", process, "/"))) continue;
        const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
        for (int i = 0; i < file->service_count(); ++i) {
          found->push_back({process, file->service(i)->full_name()});
        }
      }
      found->push_back({process, "rsnms.feed.v1.ChangeFeed"});
    }
    return found;
  }();
  return contracts;
}

std::vector<const MethodDescriptor*> MethodsOf(const Contract& contract) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(contract.name);
  std::vector<const MethodDescriptor*> methods;
  for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  return methods;
}

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string FullName(const MethodDescriptor* method) {
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

options::v1::Standard StandardOf(const MethodDescriptor* method) {
  return method->options().GetExtension(options::v1::method).standard();
}

bool Streams(const MethodDescriptor* method) {
  return method->client_streaming() || method->server_streaming();
}

bool Has(const FieldDescriptor* field, int behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

Samples::Samples(System& system, const std::string& parent) : parent_(parent) {
  const std::string token = system.Token("administrator", "*");
  for (const auto& contract : Contracts()) {
    auto client = system.Connect(contract.service, token);
    for (const auto* method : MethodsOf(contract)) {
      if (StandardOf(method) == options::v1::STANDARD_LIST) ReadAll(method, *client);
    }
  }
}

void Samples::ReadAll(const MethodDescriptor* list, rpc::Client& client) {
  auto request = New(list->input_type());
  request->GetReflection()->SetString(request.get(), list->input_type()->FindFieldByName("parent"),
                                      parent_);
  auto response = New(list->output_type());
  const auto status =
      client.Unary(FullName(list), *request, response.get(), absl::Now() + absl::Seconds(60));
  EXPECT_TRUE(status.ok()) << FullName(list) << ": " << status;
  const auto* field = list->output_type()->field(0);
  const auto& resource = field->message_type()->options().GetExtension(google::api::resource);
  collections_[resource.type()] = resource.plural();
  const auto* reflection = response->GetReflection();
  const int found = reflection->FieldSize(*response, field);
  for (int i = 0; i < std::min(found, kSamples); ++i) {
    const Message& one = reflection->GetRepeatedMessage(*response, field, i);
    by_type_[resource.type()].emplace_back(one.New())->CopyFrom(one);
  }
}

std::string Samples::NameOf(const std::string& type) const {
  if (type.empty()) return NameOf("registry.rsnms/Organisation");  // a method for any resource
  const auto found = by_type_.find(type);
  if (found != by_type_.end()) {
    const Message& first = *found->second[0];
    return first.GetReflection()->GetString(first, first.GetDescriptor()->FindFieldByName("name"));
  }
  const auto collection = collections_.find(type);
  return absl::StrCat(parent_, "/",
                      collection == collections_.end() ? "things" : collection->second,
                      "/00000000-0000-4000-8000-000000000001");
}

std::vector<const Message*> Samples::Of(const Descriptor* resource) const {
  std::vector<const Message*> messages;
  const auto found = by_type_.find(TypeOf(resource));
  if (found == by_type_.end()) return messages;
  for (const auto& message : found->second) {
    if (message->GetDescriptor() == resource) messages.push_back(message.get());
  }
  return messages;
}

std::string Samples::TextFor(const MethodDescriptor* method, const FieldDescriptor* field) const {
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  if (field->name() == "parent" && reference.type().empty()) return parent_;
  const bool named =
      field->name() == "name" || field->name() == "names" || !reference.type().empty();
  if (named) return NameOf(NamedType(method, field));
  if (field->name() == "indicator_id") return "diagnosed_share";
  if (field->name() == "profile") return "dagestan";  // the act with a career ladder
  if (FormatOf(field) == options::v1::FORMAT_URL) return "https://example.org/";
  if (field->name() == "region_id" || field->name() == "region_code")
    return parent_.substr(parent_.find('/') + 1);
  const bool id = absl::EndsWith(field->name(), "_id") && field->name() != "request_id";
  return id ? "00000000-0000-4000-8000-00000000000a" : "";
}

void Samples::AimField(const MethodDescriptor* method, const FieldDescriptor* field,
                       Message* message, int depth) const {
  const auto* reflection = message->GetReflection();
  const bool needed = Has(field, google::api::REQUIRED);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field->type() != FieldDescriptor::TYPE_STRING) return;
      std::string text = TextFor(method, field);
      if (text.empty() && needed) text = "anything";
      if (text.empty()) return;
      field->is_repeated() ? reflection->AddString(message, field, text)
                           : reflection->SetString(message, field, text);
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      if (!needed) return;
      field->is_repeated() ? reflection->AddEnum(message, field, field->enum_type()->value(1))
                           : reflection->SetEnum(message, field, field->enum_type()->value(1));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      if (needed && !field->is_repeated()) {
        reflection->SetInt32(message, field, NumberFor(field));
      }
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AimMessage(method, field, message, depth);
    default:
      return;
  }
}

void Samples::AimMessage(const MethodDescriptor* method, const FieldDescriptor* field,
                         Message* message, int depth) const {
  const auto* reflection = message->GetReflection();
  const bool resource = field->message_type()->options().HasExtension(google::api::resource);
  if (field->is_map() || depth > 3) return;
  if (!resource && !Has(field, google::api::REQUIRED)) return;
  Message* nested = field->is_repeated() ? reflection->AddMessage(message, field)
                                         : reflection->MutableMessage(message, field);
  const auto samples = Of(field->message_type());
  if (!samples.empty()) {
    nested->CopyFrom(*samples[0]);
  } else if (auto* date = dynamic_cast<google::type::Date*>(nested); date != nullptr) {
    date->set_year(2026);
    date->set_month(6);
    date->set_day(1);
  } else if (auto* decimal = dynamic_cast<google::type::Decimal*>(nested); decimal != nullptr) {
    decimal->set_value("1");
  } else {
    AimFields(method, nested, depth + 1);
  }
}

void Samples::AimFields(const MethodDescriptor* method, Message* message, int depth) const {
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    AimField(method, message->GetDescriptor()->field(i), message, depth);
  }
}

std::string Digest(const System& system, const std::string& region) {
  // Reads leave their traces in access_log, followers of feeds theirs in feed_cursor.
  const std::string sql = absl::StrCat(R"sql(
    SELECT coalesce(string_agg(format('%s.%s', schemaname, tablename), ' ' ORDER BY schemaname, tablename), '')
    FROM pg_tables
    WHERE schemaname IN ('registry', 'diagnostics', 'programs', 'monitoring')
      AND tablename NOT IN ('access_log', 'feed_cursor', 'feed_guard'))sql",
                                       region.empty() ? "" : R"sql(
      AND EXISTS (SELECT FROM information_schema.columns WHERE column_name = 'region_code'
                  AND (table_schema, table_name) = (schemaname, tablename)))sql");
  const auto tables = System::Run({"psql", "-qXAt", system.conninfo(), "-c", sql});
  std::string query;
  for (const auto table : absl::StrSplit(absl::StripAsciiWhitespace(tables.out), ' ')) {
    absl::StrAppend(&query, query.empty() ? "" : " UNION ALL ", "SELECT '", table,
                    "', count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM ",
                    table, " t", region.empty() ? "" : " WHERE region_code = '", region,
                    region.empty() ? "" : "'");
  }
  return System::Run({"psql", "-qXAt", system.conninfo(), "-c", query + " ORDER BY 1"}).out;
}

}  // namespace rsnms::e2e
