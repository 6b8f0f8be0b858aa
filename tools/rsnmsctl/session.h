// What every command shares: where the services are, who asks, and how answers are shown.
#ifndef RSNMS_TOOLS_RSNMSCTL_SESSION_H_
#define RSNMS_TOOLS_RSNMSCTL_SESSION_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/rpc/client.h"

namespace rsnms::ctl {

struct Settings {
  std::map<std::string, std::string> targets = {
      {"registry", "127.0.0.1:7101"},
      {"diagnostics", "127.0.0.1:7102"},
      {"programs", "127.0.0.1:7103"},
      {"monitoring", "127.0.0.1:7104"},
  };
  std::string token;       // bearer token; or
  std::string token_file;  // a file that holds it
  bool json = false;       // answers for machines
  int timeout_seconds = 60;
};

// Connections are opened on first use. Not thread-safe; one command runs at a time.
class Session {
 public:
  explicit Session(const Settings& settings) : settings_(settings) {}

  // Calls `method` (`rsnms.registry.v1.Registry/GetRegion`) on the service its package names.
  absl::Status Call(std::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);
  // The same, to a service named by the caller: ChangeFeed is served by all of them.
  rpc::Client& client(const std::string& service);
  rpc::Client& client_of(std::string_view method);
  absl::Time deadline() const { return absl::Now() + absl::Seconds(settings_.timeout_seconds); }
  const Settings& settings() const { return settings_; }
  bool json() const { return settings_.json; }

 private:
  const Settings& settings_;
  std::map<std::string, std::unique_ptr<rpc::Client>> clients_;
};

// The gRPC services whose contracts the commands read.
inline constexpr const char* kContracts[] = {
    "rsnms.registry.v1.Registry",     "rsnms.registry.v1.Asset",
    "rsnms.registry.v1.Communities",  "rsnms.registry.v1.Documents",
    "rsnms.registry.v1.Events",       "rsnms.registry.v1.Mentoring",
    "rsnms.registry.v1.Practices",    "rsnms.registry.v1.Sites",
    "rsnms.registry.v1.Structure",    "rsnms.diagnostics.v1.Diagnostics",
    "rsnms.programs.v1.Programs",     "rsnms.programs.v1.Certificates",
    "rsnms.programs.v1.Catalogue",    "rsnms.programs.v1.Register",
    "rsnms.programs.v1.Training",     "rsnms.programs.v1.Orders",
    "rsnms.programs.v1.Learning",     "rsnms.programs.v1.Submissions",
    "rsnms.monitoring.v1.Monitoring",
};

// An empty message of a contract's type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

// A message as protobuf JSON, field names as in the contract.
std::string ToJson(const google::protobuf::Message& message, bool pretty = false);

// A fresh request_id.
std::string NewRequestId();

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SESSION_H_
