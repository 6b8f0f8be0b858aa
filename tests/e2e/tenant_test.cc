// No caller of another region can read, list, count or change anything: every RPC of every service
// is tried. The RPCs are taken from the contracts, so a new one is covered by itself.
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "rsnms/options/v1/import.pb.h"
#include "rsnms/options/v1/options.pb.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kOwn[] = "regions/61";
constexpr char kForeign[] = "regions/86";

struct Contract {
  std::string service;  // process
  std::string name;     // of the gRPC service
};
const Contract kContracts[] = {
    {"registry", "rsnms.registry.v1.Registry"}, {"diagnostics", "rsnms.diagnostics.v1.Diagnostics"},
    {"programs", "rsnms.programs.v1.Programs"}, {"monitoring", "rsnms.monitoring.v1.Monitoring"},
    {"registry", "rsnms.feed.v1.ChangeFeed"},   {"diagnostics", "rsnms.feed.v1.ChangeFeed"},
    {"programs", "rsnms.feed.v1.ChangeFeed"},   {"monitoring", "rsnms.feed.v1.ChangeFeed"}};

const ServiceDescriptor* Service(const std::string& name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string FullName(const MethodDescriptor* method) {
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

// Real resources of the foreign region, one of each type, as its own administrator sees them.
class Victims {
 public:
  explicit Victims(System& system) {
    const std::string token = system.Token("administrator", "*");
    for (const auto& contract : kContracts) {
      auto client = system.Connect(contract.service, token);
      const auto* service = Service(contract.name);
      for (int i = 0; i < service->method_count(); ++i) {
        const auto* method = service->method(i);
        if (method->options().GetExtension(options::v1::method).standard() !=
            options::v1::STANDARD_LIST)
          continue;
        auto request = New(method->input_type());
        request->GetReflection()->SetString(
            request.get(), method->input_type()->FindFieldByName("parent"), kForeign);
        auto response = New(method->output_type());
        const auto status = client->Unary(FullName(method), *request, response.get(),
                                          absl::Now() + absl::Seconds(20));
        EXPECT_TRUE(status.ok()) << FullName(method) << ": " << status;
        const auto* field = method->output_type()->field(0);
        const auto& resource = field->message_type()->options().GetExtension(google::api::resource);
        collections_[resource.type()] = resource.plural();
        if (response->GetReflection()->FieldSize(*response, field) == 0) continue;
        const Message& found = response->GetReflection()->GetRepeatedMessage(*response, field, 0);
        std::unique_ptr<Message> copy(found.New());
        copy->CopyFrom(found);
        by_type_[field->message_type()->options().GetExtension(google::api::resource).type()] =
            std::move(copy);
      }
    }
  }

  // A name of this type in the foreign region: a real one when there is any.
  std::string NameOf(const std::string& type) const {
    const auto found = by_type_.find(type);
    if (found != by_type_.end()) {
      const auto* name = found->second->GetDescriptor()->FindFieldByName("name");
      return found->second->GetReflection()->GetString(*found->second, name);
    }
    const auto collection = collections_.find(type);
    return absl::StrCat(kForeign, "/",
                        collection == collections_.end() ? "things" : collection->second,
                        "/00000000-0000-4000-8000-000000000001");
  }

  const Message* OfType(const Descriptor* descriptor) const {
    for (const auto& [type, message] : by_type_) {
      if (message->GetDescriptor() == descriptor) return message.get();
    }
    return nullptr;
  }

  size_t size() const { return by_type_.size(); }

 private:
  std::map<std::string, std::unique_ptr<Message>> by_type_;
  std::map<std::string, std::string> collections_;  // by type
};

// The type a `name` field of this request speaks of.
std::string NamedType(const MethodDescriptor* method, const FieldDescriptor* field) {
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  if (!reference.type().empty()) return reference.type();
  const auto& standard = method->options().GetExtension(options::v1::method);
  if (!standard.resource().empty()) return standard.resource();
  return method->output_type()->options().GetExtension(google::api::resource).type();
}

bool Required(const FieldDescriptor* field) {
  const auto& behaviors = field->options();
  for (int i = 0; i < behaviors.ExtensionSize(google::api::field_behavior); ++i) {
    if (behaviors.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED)
      return true;
  }
  return false;
}

void Aim(const MethodDescriptor* method, const Victims& victims, Message* request, int depth = 0);

// A string the request's own validation accepts: a name of the foreign region where a name is
// meant.
std::string TextFor(const MethodDescriptor* method, const Victims& victims,
                    const FieldDescriptor* field) {
  const bool named = field->name() == "name" || field->name() == "names" ||
                     field->options().HasExtension(google::api::resource_reference);
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  if (field->name() == "parent" && reference.type().empty()) return kForeign;
  if (named) return victims.NameOf(NamedType(method, field));
  if (field->name() == "region_id") return "86";
  const bool id = absl::EndsWith(field->name(), "_id") && field->name() != "request_id";
  return id ? "00000000-0000-4000-8000-00000000000a" : "";
}

// Fills what stands in the way of the question whether the caller may: every name points at the
// foreign region, every required field holds something plausible.
void AimField(const MethodDescriptor* method, const Victims& victims, const FieldDescriptor* field,
              Message* request, int depth) {
  const auto* reflection = request->GetReflection();
  const bool needed = Required(field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = TextFor(method, victims, field);
      if (text.empty() && needed) text = "anything";
      if (text.empty()) return;
      field->is_repeated() ? reflection->AddString(request, field, text)
                           : reflection->SetString(request, field, text);
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      if (needed && !field->is_repeated())
        reflection->SetEnum(request, field, field->enum_type()->value(1));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      if (needed && !field->is_repeated()) reflection->SetInt32(request, field, 2026);
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const bool resource = field->message_type()->options().HasExtension(google::api::resource);
      if (field->is_map() || depth > 3 || (!resource && !needed)) return;
      Message* nested = field->is_repeated() ? reflection->AddMessage(request, field)
                                             : reflection->MutableMessage(request, field);
      const Message* victim = victims.OfType(field->message_type());
      if (victim != nullptr) {
        nested->CopyFrom(*victim);
      } else if (auto* date = dynamic_cast<google::type::Date*>(nested); date != nullptr) {
        date->set_year(2026);
        date->set_month(6);
        date->set_day(1);
      } else {
        Aim(method, victims, nested, depth + 1);
      }
      return;
    }
    default:
      return;
  }
}

void Aim(const MethodDescriptor* method, const Victims& victims, Message* request, int depth) {
  for (int i = 0; i < request->GetDescriptor()->field_count(); ++i) {
    AimField(method, victims, request->GetDescriptor()->field(i), request, depth);
  }
}

// What a foreigner may be answered: nothing of the region, or a refusal that does not tell whether
// the thing exists.
void ExpectNothing(const std::string& what, const absl::Status& status, const Message& response) {
  if (status.ok()) {
    EXPECT_THAT(response.DebugString(),
                testing::Not(testing::HasSubstr(absl::StrCat(kForeign, "/"))))
        << what;
    return;
  }
  EXPECT_THAT(status.code(),
              testing::AnyOf(absl::StatusCode::kNotFound, absl::StatusCode::kPermissionDenied))
      << what << ": " << status;
}

class TenantTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto& system = System::Shared();
    const auto job = system.MainJob();
    ASSERT_EQ(job.exit_code, 0) << job.err;
    victims_ = new Victims(system);
    ASSERT_GE(victims_->size(), 15U);
  }

  // Everything stored of the foreign region, as one hash of all tables of all four schemas but the
  // logs of reading.
  static std::string Digest() {
    const std::string sql = R"sql(
      SELECT coalesce(string_agg(format('%s.%s', table_schema, table_name), ' ' ORDER BY 1), '')
      FROM information_schema.columns
      WHERE column_name = 'region_code' AND table_schema IN ('registry', 'diagnostics', 'programs', 'monitoring')
        AND table_name NOT IN ('access_log', 'request_log', 'feed_guard'))sql";
    auto& system = System::Shared();
    const auto tables = System::Run({"psql", "-qXAt", system.conninfo(), "-c", sql});
    std::string digest;
    for (const auto table : absl::StrSplit(absl::StripAsciiWhitespace(tables.out), ' ')) {
      const auto one = System::Run(
          {"psql", "-qXAt", system.conninfo(), "-c",
           absl::StrCat(
               "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM ",
               table, " t WHERE region_code = '86'")});
      absl::StrAppend(&digest, table, " ", one.out);
    }
    return digest;
  }

  static Victims* victims_;
};

Victims* TenantTest::victims_ = nullptr;

TEST_F(TenantTest, NoUnaryMethodShowsOrChangesAnotherRegion) {
  auto& system = System::Shared();
  const std::string before = Digest();
  ASSERT_FALSE(before.empty());
  const std::string token = system.Token("administrator", kOwn);
  int tried = 0;
  for (const auto& contract : kContracts) {
    auto client = system.Connect(contract.service, token);
    const auto* service = Service(contract.name);
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->client_streaming() || method->server_streaming()) continue;
      auto request = New(method->input_type());
      Aim(method, *victims_, request.get());
      auto response = New(method->output_type());
      const auto status =
          client->Unary(FullName(method), *request, response.get(), absl::Now() + absl::Seconds(20),
                        /*idempotent=*/false);
      ExpectNothing(FullName(method), status, *response);
      ++tried;
    }
  }
  EXPECT_GT(tried, 100);
  EXPECT_EQ(Digest(), before);
}

TEST_F(TenantTest, WildcardParentShowsOnlyOwnRegion) {
  auto& system = System::Shared();
  const std::string token = system.Token("administrator", kOwn);
  for (const auto& contract : kContracts) {
    auto client = system.Connect(contract.service, token);
    const auto* service = Service(contract.name);
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->options().GetExtension(options::v1::method).standard() !=
          options::v1::STANDARD_LIST)
        continue;
      auto request = New(method->input_type());
      request->GetReflection()->SetString(
          request.get(), method->input_type()->FindFieldByName("parent"), "regions/-");
      auto response = New(method->output_type());
      const auto status = client->Unary(FullName(method), *request, response.get(),
                                        absl::Now() + absl::Seconds(20));
      EXPECT_TRUE(status.ok()) << FullName(method) << ": " << status;
      EXPECT_EQ(response->GetReflection()->FieldSize(*response, method->output_type()->field(0)), 0)
          << FullName(method);
    }
  }
}

TEST_F(TenantTest, NoImportWritesAnotherRegion) {
  auto& system = System::Shared();
  const std::string before = Digest();
  const std::string token = system.Token("administrator", kOwn);
  for (const auto& contract : kContracts) {
    auto client = system.Connect(contract.service, token);
    const auto* service = Service(contract.name);
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (!method->client_streaming()) continue;
      // Once under the foreign parent, once smuggled under the own one.
      for (const char* parent : {kForeign, kOwn}) {
        auto request = New(method->input_type());
        auto response = New(method->output_type());
        int sent = 0;
        const auto status = client->ClientStream(
            FullName(method), request.get(),
            [&] {
              request->Clear();
              const auto* r = request->GetReflection();
              if (sent++ == 0) {
                options::v1::ImportHeader header;
                header.set_parent(parent);
                header.set_mode(options::v1::IMPORT_MODE_SKIP_BAD);
                r->MutableMessage(request.get(), method->input_type()->FindFieldByName("header"))
                    ->CopyFrom(header);
                return true;
              }
              const auto* field = method->input_type()->field(1);
              const Message* victim = victims_->OfType(field->message_type());
              if (sent > 2 || victim == nullptr) return false;
              Message* row = r->MutableMessage(request.get(), field);
              row->CopyFrom(*victim);
              return true;
            },
            response.get(), absl::Now() + absl::Seconds(20));
        if (!status.ok()) {
          EXPECT_THAT(status.code(), testing::AnyOf(absl::StatusCode::kNotFound,
                                                    absl::StatusCode::kPermissionDenied))
              << FullName(method) << " " << parent << ": " << status;
        }
      }
    }
  }
  EXPECT_EQ(Digest(), before);
}

TEST_F(TenantTest, FeedStreamShowsOnlyOwnRegion) {
  auto& system = System::Shared();
  for (const std::string service : {"registry", "diagnostics", "programs", "monitoring"}) {
    auto client = system.Connect(service, system.Token("administrator", kOwn));
    feed::v1::StreamChangesRequest request;
    feed::v1::StreamChangesResponse batch;
    int changes = 0;
    const auto status = client->ServerStream(
        "rsnms.feed.v1.ChangeFeed/StreamChanges", request, &batch,
        [&] {
          changes += batch.changes_size();
          return true;
        },
        absl::Now() + absl::Seconds(2));
    EXPECT_EQ(changes, 0) << service;
    EXPECT_FALSE(absl::IsInternal(status)) << status;
  }
}

TEST_F(TenantTest, WithoutTokenEveryMethodIsUnauthenticated) {
  auto& system = System::Shared();
  for (const auto& contract : kContracts) {
    auto client = system.Connect(contract.service, "");
    const auto* service = Service(contract.name);
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->client_streaming() || method->server_streaming()) continue;
      auto request = New(method->input_type());
      Aim(method, *victims_, request.get());
      auto response = New(method->output_type());
      const auto status = client->Unary(FullName(method), *request, response.get(),
                                        absl::Now() + absl::Seconds(20));
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated)
          << FullName(method) << ": " << status;
    }
  }
}

}  // namespace
}  // namespace rsnms::e2e
