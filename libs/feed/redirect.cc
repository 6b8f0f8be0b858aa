#include "libs/feed/redirect.h"

#include <map>
#include <utility>
#include <vector>

#include "libs/observe/log.h"
#include "libs/resource/repoint.h"

namespace rsnms::feed {
namespace {

using google::protobuf::Message;

// What the image says the resource was merged into; empty when it was not, or cannot be read.
std::string MergedInto(const v1::Change& change, const std::string& field_name) {
  std::string type;
  if (!google::protobuf::Any::ParseAnyTypeUrl(change.image().type_url(), &type)) return "";
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return "";
  const auto* field = descriptor->FindFieldByName(field_name);
  const std::unique_ptr<Message> image(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (field == nullptr || !image->ParseFromString(change.image().value())) return "";
  return image->GetReflection()->GetString(*image, field);
}

}  // namespace

absl::Status ApplyRedirects(pg::Tx& tx, const resource::Engine& engine, const Redirect& redirect,
                            const std::vector<v1::Change>& changes) {
  std::map<std::string, std::string> targets;  // of the last change of each resource
  for (const auto& change : changes) {
    if (change.resource_type() != redirect.resource_type) continue;
    const std::string merged = MergedInto(change, redirect.field);
    targets[change.resource()] = merged.empty() ? change.resource() : merged;
  }
  std::vector<std::string> whole;
  for (const auto& [name, target] : targets) {
    if (name == target) whole.push_back(name);
  }
  auto back = resource::FindRepointed(tx, redirect.resource_type, whole);
  if (!back.ok()) return back.status();
  std::map<std::string, std::string> moves;
  for (auto& name : *back) moves[name] = name;
  for (const auto& [name, target] : targets) {
    if (name != target) moves[name] = target;
  }
  journal::Author author;
  author.subject = "system:redirects";
  for (const auto& [name, target] : moves) {
    auto done = resource::Repoint(tx, engine, author, redirect.resource_type, name, target);
    if (!done.ok()) return done.status();
    for (const auto& row : done->refused) {
      observe::LogWarning("a reference keeps the name of a merged resource", {{"resource", row}});
    }
  }
  return absl::OkStatus();
}

std::unique_ptr<Consumer> FollowRedirects(resource::Engine& engine,
                                          std::shared_ptr<rpc::Client> source, Redirect redirect) {
  ConsumerOptions options;
  options.name = "redirects";
  options.source = redirect.source;
  options.metrics = redirect.metrics;
  options.selector.add_resource_types(redirect.resource_type);
  return Consumer::Start(
      &engine.pool(), std::move(source), options,
      [&engine, redirect](pg::Tx& tx, const std::vector<v1::Change>& changes) {
        return ApplyRedirects(tx, engine, redirect, changes);
      },
      [](pg::Tx&) { return absl::OkStatus(); });
}

}  // namespace rsnms::feed
