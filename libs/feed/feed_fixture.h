// A feed over a source of its own, as its callers see it.
#ifndef RSNMS_LIBS_FEED_FEED_FIXTURE_H_
#define RSNMS_LIBS_FEED_FEED_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/feed/test_source.h"
#include "libs/rpc/status.h"
#include "libs/testing/admin.h"

namespace rsnms::feed {

class FeedTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(source_.sealer().Flush(kLong).ok()); }

  void Seal() { ASSERT_TRUE(source_.sealer().Flush(kLong).ok()); }
  absl::Time Soon() const { return absl::Now() + kLong; }

  absl::StatusOr<v1::PullChangesResponse> Pull(const v1::PullChangesRequest& request,
                                               const std::string& scopes = "*") {
    v1::PullChangesResponse response;
    auto status = source_.Client(scopes)->Unary("rsnms.feed.v1.ChangeFeed/PullChanges", request,
                                                &response, Soon());
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::PullSnapshotResponse> Snapshot(const v1::PullSnapshotRequest& request,
                                                    const std::string& scopes = "*") {
    v1::PullSnapshotResponse response;
    auto status = source_.Client(scopes)->Unary("rsnms.feed.v1.ChangeFeed/PullSnapshot", request,
                                                &response, Soon());
    if (!status.ok()) return status;
    return response;
  }
  // Goes on from where `response` ended.
  static v1::PullChangesRequest After(const v1::PullChangesResponse& response) {
    v1::PullChangesRequest request;
    request.set_epoch(response.epoch());
    request.set_after_position(response.next_position());
    request.set_after_hash(response.next_hash());
    request.set_selection(response.selection());
    return request;
  }
  std::unique_ptr<testing::Admin> Intruder() {
    auto admin = std::make_unique<testing::Admin>(db_->superuser_conninfo());
    admin->Do("SET search_path = feedsource");
    admin->Do("SET session_replication_role = replica");
    return admin;
  }

  std::unique_ptr<testing::Database> db_ =
      testing::Database::Create("feedsource", "libs/feed/testdata/source");
  Source source_{db_->app()};
};

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_FEED_FIXTURE_H_
