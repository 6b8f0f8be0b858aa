#include "tools/demo/story.h"

#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "tools/demo/identifiers.h"

namespace rsnms::demo {
namespace {

using google::protobuf::Message;

constexpr int kStepBits = 8;  // steps of a story
constexpr int kNumberBits = 32;

uint64_t Numbered(int region, uint64_t number) {
  return (static_cast<uint64_t>(region) << kNumberBits | number) << kStepBits;
}

[[noreturn]] void Fail(const std::string& what, const std::string& text) {
  std::fprintf(stderr, "rsnms_demo: %s: %s\n", what.c_str(), text.c_str());
  std::abort();
}

}  // namespace

Teller::Teller(const Generator& generator, int region, uint64_t number)
    : dice_(generator.plan().dice()),
      parent_(generator.RegionName(region)),
      number_(Numbered(region, number)) {}

std::string Teller::IdOf(const Generator& generator, int region, uint64_t number, size_t step) {
  return Uuid(generator.plan().dice(), UuidOf::kStory, Numbered(region, number) + step);
}

Message* Teller::Add(const std::string& service, const std::string& method,
                     const std::string& fields) {
  const auto* contract = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      absl::StrCat("rsnms.registry.v1.", service));
  const auto* rpc = contract == nullptr ? nullptr : contract->FindMethodByName(method);
  if (rpc == nullptr) Fail("no such method", absl::StrCat(service, "/", method));
  std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                       ->GetPrototype(rpc->input_type())
                                       ->New());
  const std::string id = Text("request_id", Uuid(dice_, UuidOf::kRequest, number_ + story_.size()));
  if (!google::protobuf::TextFormat::ParseFromString(absl::StrCat(id, fields), request.get()))
    Fail(rpc->input_type()->full_name(), fields);
  story_.push_back({absl::StrCat(contract->full_name(), "/", method), "", std::move(request)});
  return story_.back().request.get();
}

std::string Teller::Create(const std::string& service, const std::string& noun,
                           const std::string& fields) {
  const std::string id = Uuid(dice_, UuidOf::kStory, number_ + story_.size());
  std::string field;  // `community_plan`
  for (const char c : noun) {
    if (c >= 'A' && c <= 'Z' && !field.empty()) field += '_';
    field += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const Message* request =
      Add(service, "Create" + noun,
          absl::StrCat(Text("parent", parent_), Text((field + "_id").c_str(), id), field, " { ",
                       fields, " }"));
  const auto& resource =
      request->GetDescriptor()->FindFieldByName(field)->message_type()->options().GetExtension(
          google::api::resource);
  story_.back().created = resource.plural();
  return absl::StrCat(parent_, "/", resource.plural(), "/", id);
}

void Teller::Do(const std::string& service, const std::string& method, const std::string& name,
                const std::string& fields) {
  Add(service, method, absl::StrCat(Text("name", name), fields));
}

std::string On(const char* field, absl::CivilDay day) {
  return absl::StrCat(field, " { year: ", day.year(), " month: ", day.month(), " day: ", day.day(),
                      " } ");
}

std::string Text(const char* field, const std::string& value) {
  return absl::StrCat(field, ": \"", absl::Utf8SafeCEscape(value), "\" ");
}

}  // namespace rsnms::demo
