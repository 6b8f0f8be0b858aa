// Flags and environment of a service. Apart from the host: CLI11 is slow to compile.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "libs/observe/log.h"
#include "libs/service/host.h"

namespace rsnms::service {
namespace {

std::string EnvironmentOf(std::string flag) {
  for (char& c : flag) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return "RSNMS_" + flag;
}

template <class T>
CLI::Option* Flag(CLI::App& app, const std::string& flag, T& value, const std::string& help) {
  return app.add_option("--" + flag, value, help)
      ->envname(EnvironmentOf(flag))
      ->capture_default_str();
}

void AddFlags(CLI::App& app, Settings& settings) {
  Flag(app, "listen", settings.listen, "Address the gRPC server listens on");
  Flag(app, "database", settings.database, "libpq conninfo of the application role")->required();
  Flag(app, "migrations", settings.migrations, "Root of the migrations to compare the schema with");
  Flag(app, "connections", settings.connections, "Database connections")->check(CLI::Range(1, 500));
  Flag(app, "workers", settings.workers, "Threads for requests")->check(CLI::Range(1, 500));
  Flag(app, "jwks", settings.jwks, "JWKS file or URL tokens are verified with")->required();
  Flag(app, "issuer", settings.issuer, "Issuer tokens must name")->required();
  Flag(app, "roles", settings.roles_file, "Roles file (deploy/roles.textproto)")->required();
  Flag(app, "service-key", settings.service_key_file,
       "PEM private key that signs this service's own tokens");
  Flag(app, "service-key-id", settings.service_key_id, "Its key id in the JWKS");
  Flag(app, "secret-key", settings.secret_key,
       "What seals page tokens and hashes requests is derived from it: 64 hexadecimal digits, the "
       "same on every replica and after every restart")
      ->required();
  Flag(app, "personal-data-keys", settings.personal_data_keys,
       "Keys of encrypted personal data: index:<64 hex>,<id>:<64 hex>,… or @file; the first "
       "numbered "
       "one seals, the others open what was sealed before");
  Flag(app, "journal-retention", settings.journal_retention,
       "How long changes are kept: forever, or 30d and more; history and audit end there");
  Flag(app, "request-retention", settings.request_retention,
       "How long a repeated request_id gets the first answer: forever, or 1h and more");
  Flag(app, "access-retention", settings.access_retention,
       "How long reads of personal data are kept: forever, or 30d and more");
  Flag(app, "metrics-listen", settings.metrics_listen, "Address of /metrics; empty: none");
  Flag(app, "otlp-endpoint", settings.otlp_endpoint, "OpenTelemetry collector; empty: none");
  Flag(app, "tls-certificate", settings.tls_certificate, "PEM certificate; empty: plaintext");
  Flag(app, "tls-key", settings.tls_key, "PEM key of the certificate");
  Flag(app, "tls-ca", settings.tls_ca, "PEM authorities that peers' certificates are checked with");
}

bool ParseUpstreams(const std::vector<std::string>& pairs, Settings& settings) {
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) return false;
    settings.upstreams[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return true;
}

}  // namespace

std::unique_ptr<Host> Host::FromFlags(const Definition& definition, int argc, char** argv) {
  // Arenas for each thread cost tens of megabytes at rest.
  mallopt(M_ARENA_MAX, 2);
  Settings settings;
  std::vector<std::string> upstreams;
  std::string log_level = "info";
  CLI::App app("RSNMS service " + definition.name);
  AddFlags(app, settings);
  Flag(app, "log-level", log_level, "trace, debug, info, warn, err, off");
  Flag(app, "upstream", upstreams, "Another service: name=target; may be repeated")->delimiter(',');
  try {
    app.parse(argc, argv);
    if (!ParseUpstreams(upstreams, settings)) {
      throw CLI::ValidationError("--upstream", "must be name=target");
    }
    for (const auto& name : definition.upstreams) {
      if (settings.upstreams.count(name) == 0) {
        throw CLI::RequiredError("--upstream " + name + "=target");
      }
    }
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  observe::InitLogging(definition.name, log_level);
  auto host = Create(definition, settings);
  if (!host.ok()) {
    std::cerr << definition.name << ": " << host.status().ToString() << std::endl;
    std::exit(2);
  }
  return *std::move(host);
}

}  // namespace rsnms::service
