// The database goes away in the middle of calls and comes back: callers get precise answers,
// nothing is written twice, nothing acknowledged is lost, and the services live on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.pb.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {
namespace {

using registry::v1::Municipality;

constexpr int kWriters = 8;
constexpr char kCreate[] = "rsnms.registry.v1.Registry/CreateMunicipality";

// ОКТМО codes nobody has; the test is about writes, not geography.
std::string CodeOf(int writer, int number) {
  return absl::StrFormat("71%02d%04d", 10 + writer, 1 + number);
}

registry::v1::CreateMunicipalityRequest RequestFor(int writer, int number) {
  registry::v1::CreateMunicipalityRequest request;
  request.set_parent("regions/86");
  request.set_municipality_id(CodeOf(writer, number));
  request.set_request_id(absl::StrFormat("00000000-0000-4000-8000-%06d%06d", writer, number));
  auto& m = *request.mutable_municipality();
  m.set_official_name(absl::StrCat("Муниципалитет ", writer, "-", number));
  m.set_oktmo_code(CodeOf(writer, number));
  m.set_kind(registry::v1::MUNICIPALITY_KIND_URBAN_OKRUG);
  return request;
}

bool Serving(System& system) {
  grpc::health::v1::HealthCheckResponse response;
  auto client = system.Connect("registry", "");
  const auto status =
      client->Unary("grpc.health.v1.Health/Check", grpc::health::v1::HealthCheckRequest(),
                    &response, absl::Now() + absl::Seconds(1), /*idempotent=*/false);
  return status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 200; ++i) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return false;
}

TEST(OutageTest, DatabaseStoppedInMidCallLosesAndDoublesNothing) {
  auto system = System::Alone();
  const std::string token = system->Token("administrator", "*");
  auto client = system->Connect("registry", token);
  registry::v1::CreateRegionRequest region;
  region.set_parent("regions/86");
  region.set_region_id("86");
  region.mutable_region()->set_official_name("Ханты-Мансийский автономный округ – Югра");
  region.mutable_region()->set_oktmo_code("71800000");
  registry::v1::Region created;
  const auto made = client->Unary("rsnms.registry.v1.Registry/CreateRegion", region, &created,
                                  absl::Now() + absl::Seconds(10));
  ASSERT_TRUE(made.ok()) << made;

  std::atomic<bool> stop{false};
  absl::Mutex mutex;
  std::vector<std::pair<int, int>> acknowledged, unknown;
  std::map<std::string, int> reasons;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int number = 0; !stop && number < 9000; ++number) {
        Municipality response;
        const auto status = client->Unary(kCreate, RequestFor(writer, number), &response,
                                          absl::Now() + absl::Seconds(3), /*idempotent=*/false);
        absl::MutexLock lock(&mutex);
        (status.ok() ? acknowledged : unknown).emplace_back(writer, number);
        if (!status.ok())
          ++reasons[absl::StrCat(absl::StatusCodeToString(status.code()), " ",
                                 rpc::ReasonOf(status))];
        if (!status.ok()) absl::SleepFor(absl::Milliseconds(20));
      }
    });
  }
  absl::SleepFor(absl::Seconds(1));
  system->StopDatabase();
  EXPECT_TRUE(Eventually([&] { return !Serving(*system); }))
      << "health says SERVING without a database";
  system->StartDatabase();
  EXPECT_TRUE(Eventually([&] { return Serving(*system); })) << "the service does not come back";
  absl::SleepFor(absl::Seconds(1));
  stop = true;
  for (auto& writer : writers) writer.join();

  // Each failure said what it was.
  for (const auto& [reason, count] : reasons) {
    EXPECT_THAT(reason, testing::AnyOf(
                            "UNAVAILABLE DATABASE_UNAVAILABLE", "UNKNOWN COMMIT_IN_DOUBT",
                            "DEADLINE_EXCEEDED DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED OVERLOADED"))
        << count;
  }
  EXPECT_FALSE(unknown.empty()) << "the outage was not noticed by anybody";
  // Asked again with the same request_id, every doubt is resolved: the answer is the same whether
  // it was committed or not.
  for (const auto& [writer, number] : unknown) {
    Municipality response;
    const auto status = client->Unary(kCreate, RequestFor(writer, number), &response,
                                      absl::Now() + absl::Seconds(10));
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.name(), absl::StrCat("regions/86/municipalities/", CodeOf(writer, number)));
  }
  // Everything exactly once, and the journal knows of each.
  const auto count = [&](const std::string& sql) {
    return std::stoll(System::Run({"psql", "-qXAt", system->conninfo(), "-c", sql}).out);
  };
  const auto expected = static_cast<long long>(acknowledged.size() + unknown.size());
  EXPECT_EQ(count("SELECT count(*) FROM registry.municipality"), expected);
  EXPECT_EQ(count("SELECT count(*) FROM registry.journal WHERE resource_type = "
                  "'registry.rsnms/Municipality'"),
            expected);
  EXPECT_EQ(count("SELECT count(*) FROM registry.municipality WHERE version <> 1"), 0);
}

}  // namespace
}  // namespace rsnms::e2e
