#include "tools/rsnmsctl/session.h"

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace rsnms::ctl {

absl::Status Session::Call(std::string_view method, const google::protobuf::Message& request,
                           google::protobuf::Message* response) {
  return client_of(method).Unary(method, request, response, deadline());
}

rpc::Client& Session::client_of(std::string_view method) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(method), '.');
  return client(parts.size() > 1 ? parts[1] : "");
}

rpc::Client& Session::client(const std::string& service) {
  auto& client = clients_[service];
  if (client == nullptr) {
    const auto target = settings_.targets.find(service);
    rpc::ClientOptions options;
    options.target = target == settings_.targets.end() ? service : target->second;
    options.max_message_bytes = 64 << 20;
    options.token = [this]() -> std::string {
      if (settings_.token_file.empty()) return settings_.token;
      std::ifstream file(settings_.token_file);
      std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      return std::string(absl::StripAsciiWhitespace(text));
    };
    client = rpc::Client::Create(options);
  }
  return *client;
}

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string ToJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = pretty;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

std::string NewRequestId() {
  static std::mt19937_64 random(std::random_device{}());
  const uint64_t a = random();
  const uint64_t b = random();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%012x", a >> 32, (a >> 16) & 0xffff, a & 0xfff,
                         0x8000 | ((b >> 48) & 0x3fff), b & 0xffffffffffff);
}

}  // namespace rsnms::ctl
