#include "libs/service/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/admin.h"
#include "libs/testing/database.h"

namespace rsnms::service {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kLong = absl::Seconds(20);
constexpr char kCounts[] =
    "SELECT concat_ws(' ', (SELECT count(*) FROM request_log), (SELECT count(*) FROM access_log))";

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    admin_.Do("SET search_path = tiny");
    admin_.Do(
        "INSERT INTO request_log (actor, request_id, method, request_hash, create_time) SELECT "
        "'someone', gen_random_uuid(), 'm', '', now() - n * interval '1 hour' "
        "FROM generate_series(0, 99) n");
    admin_.Do(
        "INSERT INTO access_log (actor, method, trace_id, resource_type, region_code, resource_id, "
        "access_time) SELECT 'someone', 'm', '', 't', '86', n, now() - n * interval '20 days' "
        "FROM generate_series(99, 0, -1) n");
  }

  bool Becomes(const std::string& counts) {
    for (const auto end = absl::Now() + kLong; absl::Now() < end;) {
      if (admin_.Value(kCounts) == counts) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }
  static RetentionOptions Quick() {
    RetentionOptions options;
    options.batch = 7;
    options.pause = absl::Milliseconds(1);
    options.every = absl::Milliseconds(20);
    return options;
  }

  std::unique_ptr<testing::Database> db_ = testing::Database::Create("tiny");
  testing::Admin admin_{db_->superuser_conninfo()};
};

TEST_F(RetentionTest, OldRequestsAndReadsAreForgottenInSmallBatches) {
  auto metrics = observe::Metrics::Create();
  auto options = Quick();
  options.requests = absl::Hours(24) + absl::Minutes(1);
  options.access = absl::Hours(24) * 30;
  auto retention = Retention::Start(&db_->app(), options, metrics.get());
  EXPECT_TRUE(Becomes("25 2")) << admin_.Value(kCounts);
  retention.reset();
  EXPECT_THAT(metrics->Render(),
              HasSubstr("rsnms_retention_removed_rows_total{table=\"request_log\"} 75"));
  EXPECT_THAT(metrics->Render(),
              HasSubstr("rsnms_retention_removed_rows_total{table=\"access_log\"} 98"));
  EXPECT_THAT(metrics->Render(), HasSubstr("rsnms_retention_failures_total 0"));
}

TEST_F(RetentionTest, ForEverKeepsEverything) {
  auto options = Quick();
  options.requests = options.access = absl::InfiniteDuration();
  auto retention = Retention::Start(&db_->app(), options, nullptr);
  absl::SleepFor(absl::Milliseconds(200));
  EXPECT_EQ(admin_.Value(kCounts), "100 100");
}

TEST_F(RetentionTest, ReplicasDoNotWorkAtOnce) {
  testing::Admin other(db_->app_conninfo());
  other.Do("SET search_path = tiny");
  other.Do("BEGIN");
  other.Do("SELECT pg_advisory_xact_lock(8600002, hashtext('tiny'))");
  auto retention = Retention::Start(&db_->app(), Quick(), nullptr);
  absl::SleepFor(absl::Milliseconds(200));
  EXPECT_EQ(admin_.Value(kCounts), "100 100");
  other.Do("COMMIT");
  EXPECT_TRUE(Becomes("24 55")) << admin_.Value(kCounts);
}

TEST_F(RetentionTest, RequestsInUseAreLeftForTheNextRound) {
  admin_.Do("BEGIN");
  admin_.Do("SELECT 1 FROM request_log ORDER BY create_time LIMIT 1 FOR UPDATE");
  auto retention = Retention::Start(&db_->app(), Quick(), nullptr);
  EXPECT_TRUE(Becomes("25 55")) << admin_.Value(kCounts);
  admin_.Do("COMMIT");
  EXPECT_TRUE(Becomes("24 55")) << admin_.Value(kCounts);
}

TEST_F(RetentionTest, RecentReadsCannotBeForgottenByAnyone) {
  auto metrics = observe::Metrics::Create();
  auto options = Quick();
  options.requests = absl::InfiniteDuration();
  options.access = absl::Hours(1);  // the host refuses it; so does the database
  auto retention = Retention::Start(&db_->app(), options, metrics.get());
  absl::SleepFor(absl::Milliseconds(300));
  retention.reset();
  EXPECT_EQ(admin_.Value(kCounts), "100 100");
  EXPECT_THAT(metrics->Render(), ::testing::Not(HasSubstr("rsnms_retention_failures_total 0")));
}

TEST(ParseRetention, TakesDaysDurationsAndForever) {
  EXPECT_EQ(*ParseRetention("f", "forever", absl::Hours(1)), absl::InfiniteDuration());
  EXPECT_EQ(*ParseRetention("f", "30d", absl::Hours(1)), absl::Hours(720));
  EXPECT_EQ(*ParseRetention("f", "90m", absl::Hours(1)), absl::Minutes(90));
  for (const char* bad : {"", "0", "-1d", "59m", "30", "d", "999999999d", "никогда"}) {
    const auto refused = ParseRetention("journal-retention", bad, absl::Hours(1));
    EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << bad;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("journal-retention")) << bad;
  }
}

}  // namespace
}  // namespace rsnms::service
