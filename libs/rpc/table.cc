#include "libs/rpc/table.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "rsnms/options/v1/options.pb.h"

namespace rsnms::rpc {
namespace {

using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr char kPublic[] = "public";

std::string NameOf(const MethodDescriptor& method) {
  return method.service()->full_name() + "/" + method.name();
}

// unary, server_stream, client_stream, bidi_stream: as the ecosystem's metrics call them.
const char* ShapeOf(const MethodDescriptor& method) {
  if (method.client_streaming()) return method.server_streaming() ? "bidi_stream" : "client_stream";
  return method.server_streaming() ? "server_stream" : "unary";
}

const char* ShapeOf(Entry::Kind kind) {
  switch (kind) {
    case Entry::Kind::kServerStream:
      return "server_stream";
    case Entry::Kind::kClientStream:
      return "client_stream";
    default:
      return "unary";
  }
}

}  // namespace

void Table::Add(Entry entry) {
  const MethodDescriptor& method = *entry.method;
  entry.name = NameOf(method);
  if (entry.kind != Entry::Kind::kReactor &&
      std::string_view(ShapeOf(entry.kind)) != ShapeOf(method)) {
    return Refuse(entry.name + " is a " + ShapeOf(method) + " method but its handler is " +
                  ShapeOf(entry.kind));
  }
  auto* factory = MessageFactory::generated_factory();
  entry.request = factory->GetPrototype(method.input_type());
  entry.response = factory->GetPrototype(method.output_type());
  const auto& options = method.options().GetExtension(options::v1::method);
  entry.permission = options.permission();
  entry.open = entry.open || entry.permission == kPublic;
  const std::string path = "/" + entry.name;
  const std::string name = entry.name;
  if (!entries_.emplace(path, std::make_unique<Entry>(std::move(entry))).second) {
    Refuse(name + " has two handlers");
  }
}

absl::Status Table::Check() const {
  std::vector<std::string> mismatches = mismatches_;
  absl::flat_hash_map<std::string, int> declared;
  for (const auto* service : services_) {
    if (++declared[service->full_name()] > 1) {
      mismatches.push_back(service->full_name() + " is served twice");
    }
    for (int i = 0; i < service->method_count(); ++i) {
      CheckMethod(*service->method(i), &mismatches);
    }
  }
  for (const auto& [path, entry] : entries_) {
    if (entry->kind != Entry::Kind::kReactor && !entry->open &&
        !declared.contains(entry->method->service()->full_name())) {
      mismatches.push_back(entry->name + " has a handler but its service is not served");
    }
  }
  if (mismatches.empty()) return absl::OkStatus();
  std::sort(mismatches.begin(), mismatches.end());
  return absl::FailedPreconditionError(absl::StrJoin(mismatches, "; "));
}

void Table::CheckMethod(const MethodDescriptor& method,
                        std::vector<std::string>* mismatches) const {
  const Entry* entry = Find("/" + NameOf(method));
  if (entry == nullptr) {
    mismatches->push_back(NameOf(method) + " has no handler");
  } else if (entry->permission.empty() && !entry->open) {
    mismatches->push_back(NameOf(method) + " declares no permission");
  }
}

void Table::Measure(observe::Metrics* metrics) {
  for (auto& [path, entry] : entries_) {
    entry->metrics = metrics->Method(entry->method->service()->full_name(), entry->method->name(),
                                     ShapeOf(*entry->method));
  }
}

const Entry* Table::Find(const std::string& path) const {
  const auto it = entries_.find(path);
  return it == entries_.end() ? nullptr : it->second.get();
}

}  // namespace rsnms::rpc
