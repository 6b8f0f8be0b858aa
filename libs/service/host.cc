#include "libs/service/host.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <filesystem>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/feed/feed_service.h"
#include "libs/journal/verify.h"
#include "libs/observe/log.h"
#include "libs/observe/spans.h"
#include "libs/pg/migrate.h"
#include "libs/resource/keyring.h"
#include "libs/rpc/otlp.h"
#include "libs/service/retention.h"
#include "libs/service/service_token.h"

namespace rsnms::service {
namespace {

constexpr absl::Duration kPing = absl::Seconds(1);
constexpr absl::Duration kRetry = absl::Milliseconds(200);
constexpr absl::Duration kSealerSilent = absl::Seconds(10);
using resource::kSecretBytes;

absl::StatusOr<std::string> SecretKey(const std::string& hex) {
  if (hex.empty()) {
    observe::LogWarning(
        "no secret key is set: page tokens and the replay of repeated requests die with this "
        "process");
    std::string key(kSecretBytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kSecretBytes) != 1) {
      return absl::InternalError("no randomness");
    }
    return key;
  }
  bool digits = hex.size() == 2 * kSecretBytes;
  for (const char c : hex) digits = digits && absl::ascii_isxdigit(c);
  if (!digits) return absl::InvalidArgumentError("secret-key is not 64 hexadecimal digits");
  return absl::HexStringToBytes(hex);
}

absl::StatusOr<RetentionOptions> RetentionOf(const Settings& settings) {
  RetentionOptions options;
  const std::tuple<const char*, const std::string*, absl::Duration, absl::Duration*> flags[] = {
      {"journal-retention", &settings.journal_retention, journal::kLeastKept, &options.journal},
      {"request-retention", &settings.request_retention, absl::Hours(1), &options.requests},
      {"access-retention", &settings.access_retention, journal::kLeastKept, &options.access}};
  for (const auto& [flag, text, least, kept] : flags) {
    auto parsed = ParseRetention(flag, *text, least);
    if (!parsed.ok()) return parsed.status();
    *kept = *parsed;
  }
  return options;
}

class WiredHost : public Host {
 public:
  WiredHost(Definition definition, Settings settings)
      : definition_(std::move(definition)), settings_(std::move(settings)) {}
  ~WiredHost() override {
    Stop();
    if (server_ != nullptr) server_->Drain();
    // Scrapes read the parts that go first.
    if (metrics_ != nullptr) metrics_->Conceal();
  }

  absl::Status Wire();

  pg::Pool& pool() override { return *pool_; }
  resource::Engine& engine() override { return *engine_; }
  rpc::Server& server() override { return *server_; }
  journal::Sealer& sealer() override { return *sealer_; }
  observe::Metrics& metrics() override { return *metrics_; }
  std::shared_ptr<rpc::Client> client(const std::string& upstream) override {
    const auto found = clients_.find(upstream);
    return found == clients_.end() ? nullptr : found->second;
  }
  const Settings& settings() const override { return settings_; }
  std::string Key(resource::KeyPurpose purpose) const override {
    return resource::DeriveKey(secret_, purpose);
  }
  void OnReady(std::function<absl::Status()> job) override { jobs_.push_back(std::move(job)); }
  absl::Status Start() override;
  void Stop() override {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  int Run() override;

 private:
  absl::Status ConnectUpstreams();
  std::unique_ptr<rpc::Client> Connect(const std::string& target,
                                       std::function<std::string()> token) const;
  void CreateTracer();
  void AddReadiness();
  void AddMetrics();
  absl::Status AwaitDatabase();
  absl::Status CheckSchema();

  const Definition definition_;
  const Settings settings_;
  std::string secret_;
  RetentionOptions retention_options_;
  absl::Mutex mutex_;
  bool fits_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // In the order they come into being; destroyed from the last.
  std::unique_ptr<observe::Metrics> metrics_;
  std::unique_ptr<observe::Tracer> tracer_;
  std::unique_ptr<pg::Pool> pool_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<journal::Sealer> sealer_;
  std::unique_ptr<resource::Engine> engine_;
  std::map<std::string, std::shared_ptr<rpc::Client>> clients_;
  std::unique_ptr<rpc::Server> server_;
  std::vector<std::function<absl::Status()>> jobs_;
  std::unique_ptr<Retention> retention_;
};

absl::Status WiredHost::Wire() {
  auto secret = SecretKey(settings_.secret_key);
  if (!secret.ok()) return secret.status();
  secret_ = *std::move(secret);
  auto retention = RetentionOf(settings_);
  if (!retention.ok()) return retention.status();
  retention_options_ = *retention;
  metrics_ = observe::Metrics::Create();
  CreateTracer();
  pg::PoolOptions pool;
  pool.conninfo = settings_.database;
  pool.schema = definition_.name;
  pool.application_name = absl::StrCat("rsnms-", definition_.name);
  pool.size = settings_.connections;
  pool_ = pg::Pool::Create(pool);
  auth::VerifierOptions tokens;
  tokens.jwks = settings_.jwks;
  tokens.issuer = settings_.issuer;
  tokens.roles_file = settings_.roles_file;
  auto verifier = auth::Verifier::Create(tokens);
  if (!verifier.ok()) return verifier.status();
  verifier_ = *std::move(verifier);
  sealer_ = journal::Sealer::Start(pool_.get());
  resource::EngineOptions resources;
  resources.secret_key = secret_;
  if (!settings_.personal_data_keys.empty()) {
    auto keys = resource::Keyring::Parse(settings_.personal_data_keys);
    if (!keys.ok()) return keys.status();
    resources.personal_keys = *std::move(keys);
  }
  resources.after_commit = [sealer = sealer_.get()] { sealer->Wake(); };
  auto engine = resource::Engine::Create(pool_.get(), definition_.contracts, resources);
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  if (auto status = ConnectUpstreams(); !status.ok()) return status;
  rpc::ServerOptions server;
  server.address = settings_.listen;
  server.workers = settings_.workers;
  server.tls_certificate_file = settings_.tls_certificate;
  server.tls_key_file = settings_.tls_key;
  server.tls_client_ca_file = settings_.tls_ca;
  server.metrics = metrics_.get();
  server.tracer = tracer_.get();
  server_ = rpc::Server::Create(server, verifier_.get());
  for (const auto* contract : definition_.contracts) server_->Serve(contract);
  engine_->Serve(*server_);
  feed::ServeFeed(*server_, *pool_, *sealer_, *engine_, Key(resource::KeyPurpose::kSnapshotTokens));
  AddReadiness();
  AddMetrics();
  return absl::OkStatus();
}

std::unique_ptr<rpc::Client> WiredHost::Connect(const std::string& target,
                                                std::function<std::string()> token) const {
  rpc::ClientOptions options;
  options.target = target;
  options.token = std::move(token);
  options.tls_ca_file = settings_.tls_ca;
  options.tls_certificate_file = settings_.tls_certificate;
  options.tls_key_file = settings_.tls_key;
  return rpc::Client::Create(options);
}

absl::Status WiredHost::ConnectUpstreams() {
  if (settings_.upstreams.empty()) return absl::OkStatus();
  std::function<std::string()> token;
  if (!settings_.service_key_file.empty()) {
    auto source = ServiceToken(definition_.name, settings_.service_key_file,
                               settings_.service_key_id, settings_.issuer);
    if (!source.ok()) return source.status();
    token = *std::move(source);
  }
  for (const auto& [name, target] : settings_.upstreams) clients_[name] = Connect(target, token);
  return absl::OkStatus();
}

void WiredHost::CreateTracer() {
  if (settings_.otlp_endpoint.empty()) return;
  observe::TracerOptions options;
  options.service = definition_.name;
  tracer_ = rpc::OtlpTracer(settings_.otlp_endpoint, options);
}

void WiredHost::AddReadiness() {
  server_->AddReadiness("schema", [this] {
    absl::MutexLock lock(&mutex_);
    return fits_ ? absl::OkStatus() : absl::UnavailableError("the schema was not compared yet");
  });
  server_->AddReadiness("database", [this] { return pool_->Ping(kPing); });
  server_->AddReadiness("sealer", [this] {
    const auto state = sealer_->state();
    if (absl::Now() - state.last_step < kSealerSilent) return absl::OkStatus();
    return absl::UnavailableError("the sealer does not work");
  });
}

void WiredHost::AddMetrics() {
  auto pool = [this](auto read) { return [this, read] { return double(read(pool_->Stats())); }; };
  metrics_->Gauge("rsnms_pg_connections", "Open database connections", {{"state", "busy"}},
                  pool([](const pg::PoolStats& s) { return s.size - s.idle; }));
  metrics_->Gauge("rsnms_pg_connections", "Open database connections", {{"state", "idle"}},
                  pool([](const pg::PoolStats& s) { return s.idle; }));
  metrics_->Gauge("rsnms_pg_waiting", "Threads waiting for a connection", {},
                  pool([](const pg::PoolStats& s) { return s.waiting; }));
  metrics_->Counter("rsnms_pg_retries_total", "Transactions run again", {},
                    pool([](const pg::PoolStats& s) { return s.retries; }));
  metrics_->Counter("rsnms_pg_watchdog_kills_total", "Frozen connections shut", {},
                    pool([](const pg::PoolStats& s) { return s.watchdog_kills; }));
  metrics_->Counter("rsnms_pg_commits_in_doubt_total", "Commits whose outcome is unknown", {},
                    pool([](const pg::PoolStats& s) { return s.commits_in_doubt; }));
  auto seal = [this](auto read) { return [this, read] { return double(read(sealer_->state())); }; };
  metrics_->Gauge("rsnms_journal_sealed_position", "Newest sealed position of the journal", {},
                  seal([](const journal::SealerState& s) { return s.position; }));
  metrics_->Gauge(
      "rsnms_journal_unsealed_seconds",
      "Age of the oldest committed change that is not sealed; an open transaction may hold it", {},
      seal([](const journal::SealerState& s) { return absl::ToDoubleSeconds(s.lag); }));
  metrics_->Gauge("rsnms_journal_sealer_silent_seconds", "Time since the sealer's last good step",
                  {}, seal([](const journal::SealerState& s) {
                    return absl::ToDoubleSeconds(absl::Now() - s.last_step);
                  }));
  metrics_->Counter("rsnms_journal_sealed_rows_total", "Rows sealed by this replica", {},
                    seal([](const journal::SealerState& s) { return s.rows; }));
}

absl::Status WiredHost::AwaitDatabase() {
  for (bool told = false;; told = true) {
    const auto status = pool_->Ping(kPing);
    if (status.ok()) return status;
    if (!told) observe::LogWarning("waiting for the database", {{"status", status.ToString()}});
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kRetry)) {
      return absl::CancelledError("stopped while waiting for the database");
    }
  }
}

absl::Status WiredHost::CheckSchema() {
  if (!settings_.migrations.empty()) {
    std::vector<pg::MigrationSet> sets = {
        {"platform", absl::StrCat(settings_.migrations, "/libs/journal/migrations")}};
    const auto own =
        absl::StrCat(settings_.migrations, "/services/", definition_.name, "/migrations");
    if (std::filesystem::exists(own)) sets.push_back({definition_.name, own});
    const auto status = pg::CheckVersion(settings_.database, definition_.name, sets);
    if (!status.ok()) return status;
  }
  if (auto status = engine_->Check(); !status.ok()) return status;
  return engine_->SealPersonal();
}

absl::Status WiredHost::Start() {
  if (!settings_.metrics_listen.empty()) {
    if (auto status = metrics_->Expose(settings_.metrics_listen); !status.ok()) return status;
  }
  if (auto status = server_->Start(); !status.ok()) return status;
  while (true) {
    if (auto status = AwaitDatabase(); !status.ok()) return status;
    auto status = CheckSchema();
    if (absl::IsUnavailable(status)) continue;  // went away again
    if (!status.ok()) return status;
    break;
  }
  for (const auto& job : jobs_) {
    if (auto status = job(); !status.ok()) return status;
  }
  retention_ = Retention::Start(pool_.get(), retention_options_, metrics_.get());
  absl::MutexLock lock(&mutex_);
  fits_ = true;
  observe::LogInfo("serving", {{"port", server_->port()}});
  return absl::OkStatus();
}

int WiredHost::Run() {
  if (auto status = Start(); !status.ok()) {
    observe::LogError("cannot start", {{"status", status.ToString()}});
    return EXIT_FAILURE;
  }
  server_->ServeUntilSignal();
  return EXIT_SUCCESS;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Host>> Host::Create(const Definition& definition,
                                                   const Settings& settings) {
  auto host = std::make_unique<WiredHost>(definition, settings);
  if (auto status = host->Wire(); !status.ok()) return status;
  return host;
}

}  // namespace rsnms::service
