// The limit of attachments among 64 racing writers.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/registry/asset/asset_fixture.h"

namespace rsnms::registry {
namespace {

constexpr int kWriters = 64;

class AttachmentRace : public AssetTest {
 protected:
  // As many calls that begin together; how many succeeded.
  int Race(const std::function<absl::Status(int)>& write) {
    std::atomic<int> ready = 0, won = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        ++ready;
        while (ready < kWriters) std::this_thread::yield();
        if (write(i).ok()) ++won;
      });
    }
    for (auto& writer : writers) writer.join();
    return won;
  }
  std::vector<std::string> People() {
    std::vector<std::string> people;
    for (int i = 0; i < kWriters; ++i) people.push_back(Worker());
    return people;
  }
  // Inserts past the service's own checks.
  int RaceRows(const std::string& methodologist, const std::vector<std::string>& people,
               int writers_per_person) {
    pg::PoolOptions options;
    options.conninfo = service_->database().app_conninfo();
    options.schema = "registry";
    options.size = kWriters;
    options.acquire_timeout = absl::Seconds(60);
    auto pool = pg::Pool::Create(options);
    pg::TxOptions everything;
    everything.scopes = "*";
    everything.max_attempts = 50;
    return Race([&](int i) {
      return pool->Run(everything, [&](pg::Tx& tx) {
        return tx
            .Query(
                "INSERT INTO attachment VALUES ('86', gen_random_uuid(), 1, now(), now(), NULL, "
                "$1::uuid, $2::uuid, NULL, NULL, NULL, '2024-01-01', NULL, '')",
                IdOf(methodologist), IdOf(people[i / writers_per_person]))
            .status();
      });
    });
  }
};

TEST_F(AttachmentRace, SixtyFourCallersShareTheLastPlaces) {
  ASSERT_TRUE(Regulate(10).ok());
  const std::string methodologist = Active();
  const auto people = People();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Attach(Draft(methodologist, Worker())).ok());
  EXPECT_EQ(Race([&](int i) { return Attach(Draft(methodologist, people[i])).status(); }), 5);
  EXPECT_EQ(Sql("SELECT count(*) FROM attachment"), "10");
}

TEST_F(AttachmentRace, DatabaseKeepsTheLimitWhoeverWrites) {
  ASSERT_TRUE(Regulate(10).ok());
  const std::string methodologist = Active();
  EXPECT_EQ(RaceRows(methodologist, People(), 1), 10);
}

TEST_F(AttachmentRace, SameEducatorIsAttachedOnceWhoeverWrites) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string methodologist = Active();
  EXPECT_EQ(RaceRows(methodologist, People(), 4), kWriters / 4);
}

// Half the writers attach, one releases: nothing stays attached after the last day.
TEST_F(AttachmentRace, NothingIsAttachedToWhoIsReleased) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string methodologist = Active();
  const auto people = People();
  Race([&](int i) {
    if (i != 7) return Attach(Draft(methodologist, people[i])).status();
    v1::ReleaseMethodologistRequest release;
    release.set_name(methodologist);
    release.set_reason("заявление");
    release.set_release_reason(v1::METHODOLOGIST_RELEASE_REASON_OWN_REQUEST);
    *release.mutable_release_date() = D(2024, 6, 30);
    return Ask<v1::Methodologist>("ReleaseMethodologist", release).status();
  });
  EXPECT_EQ(Sql("SELECT state FROM methodologist"), "RELEASED");
  EXPECT_EQ(Sql("SELECT count(*) FROM attachment WHERE delete_time IS NULL AND "
                "coalesce(end_date, 'infinity') > '2024-06-30'"),
            "0");
}

}  // namespace
}  // namespace rsnms::registry
