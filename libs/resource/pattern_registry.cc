// FindPattern: the name patterns of every resource the linked contracts declare. References cross
// services, so the pattern of a foreign type is read from its contract, which is in every process
// (rsnms_proto).
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "libs/resource/text.h"
#include "libs/resource/type.h"

namespace rsnms::resource {
namespace {

using Patterns = absl::flat_hash_map<std::string, NamePattern>;

void ReadMessage(const Descriptor& message, Patterns* patterns) {
  const auto& api = message.options().GetExtension(google::api::resource);
  if (api.pattern_size() == 0) return;
  const std::vector<std::string> parts = absl::StrSplit(api.pattern(0), '/');
  NamePattern pattern;
  pattern.id_kind = message.options().GetExtension(options::v1::resource).id_kind();
  if (pattern.id_kind == options::v1::ID_KIND_UNSPECIFIED) return;
  if (parts.size() < 2 || parts[0] != "regions" || !parts[1].starts_with("{")) return;
  if (parts.size() == 4 && parts[3].starts_with("{")) {
    pattern.collection = std::string(parts[2]);
  } else if (parts.size() != 2 || pattern.id_kind != options::v1::ID_KIND_CODE) {
    return;
  }
  (*patterns)[api.type()] = std::move(pattern);
}

Patterns ReadAll() {
  Patterns patterns;
  std::vector<std::string> files;
  google::protobuf::DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  for (const auto& name : files) {
    if (name.starts_with("google/") || name.starts_with("opentelemetry/")) continue;
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      ReadMessage(*file->message_type(i), &patterns);
    }
  }
  return patterns;
}

}  // namespace

const NamePattern* FindPattern(std::string_view resource_type) {
  static const auto& patterns = *new Patterns(ReadAll());
  const auto it = patterns.find(std::string(resource_type));
  return it == patterns.end() ? nullptr : &it->second;
}

}  // namespace rsnms::resource
