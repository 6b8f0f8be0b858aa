// The feed as its callers see it: order, pages, places, the stream, verification.
#include "libs/feed/feed_fixture.h"

namespace rsnms::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(FeedTest, PullGivesChangesInOrderWithImagesAndGoesOn) {
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(source_.Rename(i, absl::StrCat("Школа ", i)).ok());
  ASSERT_TRUE(source_.Rename(1, "Лицей").ok());
  ASSERT_EQ(source_.Delete(2), absl::OkStatus());
  Seal();
  v1::PullChangesRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  while (true) {
    auto page = Pull(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->sealed_position(), 5);
    EXPECT_EQ(page->oldest_position(), 1);
    for (const auto& change : page->changes()) {
      registry::v1::Organisation image;
      ASSERT_TRUE(change.image().UnpackTo(&image));
      seen.push_back(absl::StrCat(change.position(), " ", change.kind(), " v", change.version(),
                                  " ", image.official_name()));
      EXPECT_EQ(change.actor(), "system:test");
      EXPECT_EQ(image.name(), change.resource());
      EXPECT_FALSE(image.has_create_time());
      EXPECT_GT(change.change_time().seconds(), 1'700'000'000);
    }
    if (page->changes().empty()) break;
    request = After(*page);
    request.set_page_size(2);
  }
  EXPECT_THAT(seen, ElementsAre("1 1 v1 Школа 1", "2 1 v1 Школа 2", "3 1 v1 Школа 3",
                                "4 2 v2 Лицей", "5 3 v2 "));
}

// An early transaction that wrote late stands first, though its row lies thousands of rows away.
TEST_F(FeedTest, TornPagesKeepTheirOrder) {
  auto early = std::make_unique<testing::Admin>(db_->app_conninfo());
  auto others = std::make_unique<testing::Admin>(db_->app_conninfo());
  const std::string insert =
      "INSERT INTO feedsource.journal (region_code, resource_type, resource_id, kind, version) "
      "SELECT '86', 'registry.rsnms/Organisation', gen_random_uuid(), 2, n FROM generate_series";
  early->Do("BEGIN");
  early->Value("SELECT pg_current_xact_id()");
  others->Do(insert + "(2, 3001) n");
  early->Do(insert + "(1, 1) n");
  early->Do("COMMIT");
  Seal();
  v1::PullChangesRequest request;
  request.set_page_size(700);
  int64_t expected = 0;
  for (auto page = Pull(request);; page = Pull(request)) {
    ASSERT_TRUE(page.ok()) << page.status();
    if (page->changes().empty()) break;
    for (const auto& change : page->changes()) {
      ++expected;
      ASSERT_EQ(change.position(), expected);
      ASSERT_EQ(change.version(), expected);
    }
    request = After(*page);
    request.set_page_size(700);
  }
  EXPECT_EQ(expected, 3001);
}

TEST_F(FeedTest, SnapshotPagesHoldEveryResourceOnceAndTombstonesOfTheDeleted) {
  for (int i = 1; i <= 7; ++i) ASSERT_TRUE(source_.Rename(i, absl::StrCat(i)).ok());
  ASSERT_EQ(source_.Delete(4), absl::OkStatus());
  Seal();
  v1::PullSnapshotRequest request;
  request.mutable_selector()->add_resource_types(kOrganisation);
  request.mutable_selector()->add_resource_types(kPerson);
  request.set_page_size(2);
  std::vector<std::string> names, deleted;
  do {
    auto page = Snapshot(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->position(), 8);
    for (const auto& resource : page->resources()) {
      const bool tombstone = resource.kind() == v1::CHANGE_KIND_DELETED;
      (tombstone ? deleted : names).push_back(resource.resource());
      EXPECT_TRUE(!tombstone || resource.version() == 2);
    }
    request.set_page_token(page->next_page_token());
    ASSERT_TRUE(source_.Rename(100, absl::StrCat("между страницами ", names.size())).ok());
    Seal();  // the position stays the one the snapshot began at
  } while (!request.page_token().empty());
  names.resize(6);
  EXPECT_THAT(names, ElementsAre(OrganisationName(1), OrganisationName(2), OrganisationName(3),
                                 OrganisationName(5), OrganisationName(6), OrganisationName(7)));
  EXPECT_THAT(deleted, ElementsAre(OrganisationName(4)));
}

TEST_F(FeedTest, BadRequestsAreNamed) {
  v1::PullChangesRequest request;
  request.set_after_position(-1);
  EXPECT_EQ(rpc::ReasonOf(Pull(request).status()), "OUT_OF_RANGE");
  request.set_after_position(0);
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(Pull(request).status()), "INVALID_PAGE_SIZE");
  request.set_page_size(1'000'000'000);
  EXPECT_TRUE(Pull(request).ok());
  request.mutable_selector()->add_resource_types("registry.rsnms/Unicorn");
  EXPECT_EQ(rpc::ReasonOf(Pull(request).status()), "INVALID_FORMAT");
}

TEST_F(FeedTest, PlacesTheJournalCannotGoOnFromNeedAResync) {
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(source_.Rename(i, "x").ok());
  Seal();
  auto page = Pull({});
  ASSERT_TRUE(page.ok());
  auto request = After(*page);
  EXPECT_TRUE(Pull(request).ok());
  auto resync = [&](const v1::PullChangesRequest& r) {
    return rpc::ReasonOf(Pull(r).status()) == "RESYNC_REQUIRED";
  };
  auto other = request;
  other.set_epoch("00000000-0000-0000-0000-000000000000");
  EXPECT_TRUE(resync(other)) << "another epoch";
  other = request;
  other.set_after_position(7);
  EXPECT_TRUE(resync(other)) << "the future";
  other = request;
  other.set_after_hash(std::string(32, 'x'));
  EXPECT_TRUE(resync(other)) << "another chain";
  other = request;
  other.clear_epoch();
  EXPECT_TRUE(resync(other)) << "a position without an epoch";
  Intruder()->Do("DELETE FROM journal WHERE seq <= 3");
  Intruder()->Do("DELETE FROM journal_seal WHERE position < 3");  // as Prune(3) leaves it
  other = request;
  other.set_after_position(2);
  other.clear_after_hash();
  EXPECT_TRUE(resync(other)) << "pruned";
  EXPECT_TRUE(resync({})) << "the beginning is gone";
  EXPECT_EQ(Pull(request)->oldest_position(), 4);
}

TEST_F(FeedTest, StreamDeliversWithinMomentsAndBeats) {
  std::vector<int64_t> positions;
  absl::Time written, delivered = absl::InfiniteFuture();
  int beats = 0;
  v1::StreamChangesResponse batch;
  auto status = source_.Client()->ServerStream(
      "rsnms.feed.v1.ChangeFeed/StreamChanges", v1::StreamChangesRequest(), &batch,
      [&] {
        for (const auto& change : batch.changes()) positions.push_back(change.position());
        if (batch.changes().empty() && ++beats == 2) {
          written = absl::Now();
          EXPECT_TRUE(source_.Rename(1, "x").ok());
        }
        if (!positions.empty() && delivered == absl::InfiniteFuture()) delivered = absl::Now();
        return positions.empty();
      },
      Soon());
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(positions, ElementsAre(1));
  EXPECT_LT(delivered - written, absl::Seconds(5));  // pushed, not asked for
}

TEST_F(FeedTest, StateAndVerificationTellTheTruth) {
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(source_.Rename(i, "x").ok());
  Seal();
  v1::FeedState state;
  auto client = source_.Client();
  ASSERT_TRUE(client
                  ->Unary("rsnms.feed.v1.ChangeFeed/GetFeedState", v1::GetFeedStateRequest(),
                          &state, Soon())
                  .ok());
  EXPECT_EQ(state.sealed_position(), 4);
  EXPECT_EQ(state.chain_hash().size(), 64u);
  v1::VerifyJournalResponse found;
  auto verify = [&](rpc::Client& by) {
    return by.Unary("rsnms.feed.v1.ChangeFeed/VerifyJournal", v1::VerifyJournalRequest(), &found,
                    Soon());
  };
  ASSERT_TRUE(verify(*client).ok());
  EXPECT_EQ(found.checked_rows(), 4);
  EXPECT_THAT(found.broken_positions(), IsEmpty());
  EXPECT_EQ(found.chain_hash(), state.chain_hash());
  Intruder()->Do("UPDATE journal SET image = '' WHERE seq = 3");
  ASSERT_TRUE(verify(*client).ok());
  EXPECT_THAT(found.broken_positions(), ElementsAre(3));
  EXPECT_TRUE(absl::IsPermissionDenied(verify(*source_.Client("regions/86"))));
}

}  // namespace
}  // namespace rsnms::feed
