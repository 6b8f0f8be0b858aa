// What every service is made of, wired once: flags, pool, schema check, verifier, server, engine,
// sealer, feed, metrics, health. A service's main.cc names its contracts, adds its rules and domain
// methods, and runs:
//
//   auto host = service::Host::FromFlags({.name = "registry", .contracts = {…}}, argc, argv);
//   registry::AddRules(host->engine());
//   registry::ServeDomain(host->server(), host->engine());
//   return host->Run();
#ifndef RSNMS_LIBS_SERVICE_HOST_H_
#define RSNMS_LIBS_SERVICE_HOST_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "libs/auth/verifier.h"
#include "libs/journal/sealer.h"
#include "libs/observe/metrics.h"
#include "libs/pg/pool.h"
#include "libs/resource/engine.h"
#include "libs/resource/sealing.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"

namespace rsnms::service {

struct Definition {
  std::string name;  // also its schema: `registry`
  std::vector<const google::protobuf::ServiceDescriptor*>
      contracts;                       // beside ChangeFeed, which every host serves
  std::vector<std::string> upstreams;  // services it calls or follows: --upstream name=target each
};

// Filled from flags (environment RSNMS_<FLAG> as default) by Host::FromFlags, or by tests.
struct Settings {
  std::string listen = "127.0.0.1:0";
  std::string database;         // conninfo of the application role
  std::string migrations = "";  // root holding libs/journal/migrations and
                                // services/<name>/migrations; empty: versions are not compared
  int connections = 8, workers = 8;
  std::string jwks, issuer, roles_file;
  std::string service_key_file,
      service_key_id;  // signs this service's own tokens for its upstreams
  // Hexadecimal, 32 bytes, the same on every replica; empty: made at start, and page tokens and
  // the replay of repeated requests (resource::EngineOptions) die with the process.
  std::string secret_key;
  // Keys of encrypted fields (resource::Keyring::Parse): only services that have such need them.
  std::string personal_data_keys;
  // How long rows are kept: `forever`, `30d`, `24h`; see retention.h for the defaults.
  std::string journal_retention = "forever";     // at least 30d
  std::string request_retention = "24h";         // at least 1h
  std::string access_retention = "1096d";        // at least 30d
  std::string metrics_listen;                    // `127.0.0.1:7201`; empty: none
  std::string otlp_endpoint;                     // `127.0.0.1:4317`; empty: none
  std::string tls_certificate, tls_key, tls_ca;  // PEM files, serving and calling; empty: plaintext
  std::map<std::string, std::string> upstreams;  // target of each
};

class Host {
 public:
  // Exits the process on bad flags or settings. Sets up logging.
  static std::unique_ptr<Host> FromFlags(const Definition& definition, int argc, char** argv);
  // Does not touch the network or the database. INVALID_ARGUMENT names the bad setting.
  static absl::StatusOr<std::unique_ptr<Host>> Create(const Definition& definition,
                                                      const Settings& settings);
  virtual ~Host() = default;  // drains

  virtual pg::Pool& pool() = 0;
  virtual resource::Engine& engine() = 0;
  virtual rpc::Server& server() = 0;
  virtual journal::Sealer& sealer() = 0;
  virtual observe::Metrics& metrics() = 0;
  // Carries the service's own token. Null when the settings name no such upstream.
  virtual std::shared_ptr<rpc::Client> client(const std::string& upstream) = 0;
  virtual const Settings& settings() const = 0;
  // A key of this installation for one purpose; the secret itself stays here.
  virtual std::string Key(resource::KeyPurpose purpose) const = 0;

  // Called once by Start when the database has answered and fits: the place to start consumers and
  // other jobs. Whatever it starts must stop before the host goes.
  virtual void OnReady(std::function<absl::Status()> job) = 0;

  // Serves at once with health NOT_SERVING, waits for the database as long as it takes, compares
  // schema and contract, runs the OnReady jobs, and returns: health is then SERVING while the
  // database answers and the sealer works. FAILED_PRECONDITION when the schema does not fit.
  virtual absl::Status Start() = 0;
  // Makes a waiting Start return CANCELLED. For tests; SIGTERM does it by itself.
  virtual void Stop() = 0;
  // Start, then until SIGTERM; the process's exit code.
  virtual int Run() = 0;
};

}  // namespace rsnms::service

#endif  // RSNMS_LIBS_SERVICE_HOST_H_
