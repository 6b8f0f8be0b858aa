// What every service is made of, wired once: flags, pool, schema check, verifier, server, engine,
// sealer, feed, metrics, health. A service's main.cc names its contracts, adds its rules and domain
// methods, and runs.
#ifndef RSNMS_LIBS_SERVICE_HOST_H_
#define RSNMS_LIBS_SERVICE_HOST_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "libs/auth/verifier.h"
#include "libs/journal/sealer.h"
#include "libs/pg/pool.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"

namespace rsnms::service {

struct Definition {
  std::string name;  // also its schema: `registry`
  std::vector<const google::protobuf::ServiceDescriptor*>
      contracts;  // beside ChangeFeed, which every host serves
  std::vector<std::string>
      upstreams;  // services it calls or follows: flag --upstream name=target for each
};

// Filled from flags (environment RSNMS_<FLAG> as default) by Host::FromFlags, or by tests.
struct Settings {
  std::string listen = "127.0.0.1:0";
  std::string database;  // conninfo of the application role
  std::string migrations =
      "";  // root holding libs/journal/migrations and services/<name>/migrations
  int connections = 8, workers = 8;
  std::string jwks, issuer, roles_file;
  std::string service_key_file,
      service_key_id;          // signs this service's own tokens for its upstreams
  std::string page_token_key;  // hexadecimal, 32 bytes
  std::string metrics_listen;  // `127.0.0.1:7201`; empty: none
  std::string otlp_endpoint;   // `127.0.0.1:4317`; empty: none
  std::map<std::string, std::string> upstreams;
};

class Host {
 public:
  static std::unique_ptr<Host> FromFlags(const Definition& definition, int argc,
                                         char** argv);  // exits on bad flags
  static absl::StatusOr<std::unique_ptr<Host>> Create(const Definition& definition,
                                                      const Settings& settings);
  virtual ~Host() = default;

  virtual pg::Pool& pool() = 0;
  virtual resource::Engine& engine() = 0;
  virtual rpc::Server& server() = 0;
  virtual journal::Sealer& sealer() = 0;
  virtual std::shared_ptr<rpc::Client> client(
      const std::string& upstream) = 0;  // carries the service's own token
  virtual const Settings& settings() const = 0;

  // Waits for the database, checks schema and engine, starts serving (returns).
  virtual absl::Status Start() = 0;
  // Start, then until SIGTERM; the process's exit code.
  virtual int Run() = 0;
};

}  // namespace rsnms::service

#endif  // RSNMS_LIBS_SERVICE_HOST_H_
