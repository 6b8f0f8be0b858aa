#include "libs/service/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "libs/auth/jose.h"
#include "libs/pg/migrate.h"
#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"
#include "libs/testing/database.h"

namespace rsnms::service {
namespace {

using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

constexpr absl::Duration kLong = absl::Seconds(20);

Settings SettingsFor(const std::string& database) {
  static const std::string jwks = [] {
    const auto file = absl::StrCat(::testing::TempDir(), "/host_test_", getpid(), "_jwks.json");
    const auto key = auth::GenerateKey(auth::Algorithm::kEs256, "test");
    std::ofstream(file) << "{\"keys\":[" << key->jwk << "]}";
    return file;
  }();
  Settings settings;
  settings.database = database;
  settings.migrations = ".";
  settings.jwks = jwks;
  settings.issuer = "https://issuer.test";
  settings.roles_file = "deploy/roles.textproto";
  settings.connections = settings.workers = 2;
  return settings;
}

std::unique_ptr<Host> MakeHost(const Settings& settings) {
  auto host = Host::Create({.name = "tiny", .contracts = {}, .upstreams = {}}, settings);
  EXPECT_TRUE(host.ok()) << host.status();
  return *std::move(host);
}

HealthCheckResponse::ServingStatus HealthOf(Host& host) {
  auto client = rpc::Client::Create({.target = absl::StrCat("127.0.0.1:", host.server().port()),
                                     .token = {},
                                     .tls_ca_file = "",
                                     .tls_certificate_file = "",
                                     .tls_key_file = ""});
  grpc::health::v1::HealthCheckRequest request;
  HealthCheckResponse response;
  auto status = client->Unary("grpc.health.v1.Health/Check", request, &response,
                              absl::Now() + absl::Seconds(5));
  return status.ok() ? response.status() : HealthCheckResponse::UNKNOWN;
}

bool Becomes(Host& host, HealthCheckResponse::ServingStatus wanted) {
  for (const auto end = absl::Now() + kLong; absl::Now() < end;) {
    if (HealthOf(host) == wanted) return true;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return false;
}

TEST(Host, TinyServiceComesUpServesItsFeedAndSaysSo) {
  auto db = testing::Database::Create("tiny");
  auto host = MakeHost(SettingsFor(db->app_conninfo()));
  bool ready = false;
  host->OnReady([&] {
    ready = true;
    return absl::OkStatus();
  });
  const absl::Time begin = absl::Now();
  const auto status = host->Start();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));  // a second when the machine is idle
  EXPECT_TRUE(ready);
  EXPECT_TRUE(Becomes(*host, HealthCheckResponse::SERVING));
  EXPECT_TRUE(host->sealer().Flush(kLong).ok());
  const std::string metrics = host->metrics().Render();
  EXPECT_THAT(metrics, HasSubstr("rsnms_journal_sealed_position"));
  EXPECT_THAT(metrics, HasSubstr("rsnms_pg_connections{state=\"idle\"}"));
}

TEST(Host, BadSettingsAreNamed) {
  auto settings = SettingsFor("host=/nowhere");
  settings.secret_key = "short";
  auto host = Host::Create({.name = "tiny", .contracts = {}, .upstreams = {}}, settings);
  EXPECT_TRUE(absl::IsInvalidArgument(host.status()));
  EXPECT_THAT(std::string(host.status().message()), HasSubstr("secret-key"));
}

TEST(Host, SchemaThatDoesNotFitRefusesToStart) {
  auto db = testing::Database::Create("tiny");
  testing::Admin(db->superuser_conninfo()).Do("DROP TABLE tiny.schema_version CASCADE");
  auto host = MakeHost(SettingsFor(db->app_conninfo()));
  EXPECT_FALSE(host->Start().ok());
  EXPECT_NE(HealthOf(*host), HealthCheckResponse::SERVING);
}

TEST(Host, HealthTellsTheTruthWhileTheDatabaseComesAndGoes) {
  testing::Cluster cluster("host");
  cluster.Start();
  pg::MigrateOptions migrations;
  migrations.conninfo = cluster.conninfo();
  migrations.schema = "tiny";
  migrations.sets = {{"platform", "libs/journal/migrations"}};
  ASSERT_TRUE(pg::MigrateUp(migrations).ok());
  testing::Admin(cluster.conninfo()).Do("ALTER ROLE tiny_app LOGIN");
  const auto conninfo = testing::ConninfoFor(cluster.conninfo(), "postgres", "tiny_app");
  cluster.Stop();

  auto host = MakeHost(SettingsFor(conninfo));
  absl::Status started = absl::UnknownError("not returned");
  std::thread start([&] { started = host->Start(); });
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_TRUE(Becomes(*host, HealthCheckResponse::NOT_SERVING));
  cluster.Start();
  start.join();
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_TRUE(Becomes(*host, HealthCheckResponse::SERVING));
  cluster.Stop();
  EXPECT_TRUE(Becomes(*host, HealthCheckResponse::NOT_SERVING));
  cluster.Start();
  EXPECT_TRUE(Becomes(*host, HealthCheckResponse::SERVING));
}

TEST(Host, StopEndsTheWaitForTheDatabase) {
  auto host = MakeHost(SettingsFor("host=/nowhere dbname=none"));
  std::thread stopper([&] {
    absl::SleepFor(absl::Milliseconds(200));
    host->Stop();
  });
  EXPECT_TRUE(absl::IsCancelled(host->Start()));
  stopper.join();
}

}  // namespace
}  // namespace rsnms::service
