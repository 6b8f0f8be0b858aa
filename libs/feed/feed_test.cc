// The feed as its callers see it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/feed/test_source.h"
#include "libs/rpc/status.h"
#include "libs/testing/admin.h"
#include "rsnms/registry/v1/person.pb.h"

namespace rsnms::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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

TEST_F(FeedTest, SelectorSkipsButPositionCoversWhatItLeftOut) {
  ASSERT_TRUE(source_.Rename(1, "А", "86").ok());
  ASSERT_TRUE(source_.Rename(2, "Б", "61").ok());
  Seal();
  v1::PullChangesRequest request;
  request.mutable_selector()->add_region_codes("86");
  auto page = Pull(request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->changes_size(), 1);
  EXPECT_EQ(page->next_position(), 2);
  request.mutable_selector()->clear_region_codes();
  request.mutable_selector()->add_resource_types(kPerson);
  page = Pull(request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->changes_size(), 0);
  EXPECT_EQ(page->next_position(), 2);
}

TEST_F(FeedTest, CallerSeesItsWholeRegionsOnly) {
  ASSERT_TRUE(source_.Rename(1, "А", "86").ok());
  ASSERT_TRUE(source_.Rename(2, "Б", "61").ok());
  Seal();
  v1::PullChangesRequest request;
  request.mutable_selector()->add_region_codes("61");
  request.mutable_selector()->add_region_codes("86");
  auto page = Pull(request, "regions/86");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->changes_size(), 1);
  EXPECT_EQ(page->changes(0).resource(), OrganisationName(1, "86"));
  v1::PullSnapshotRequest snapshot;
  snapshot.mutable_selector()->add_resource_types(kOrganisation);
  auto state = Snapshot(snapshot, "regions/61");
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_EQ(state->resources_size(), 1);
  EXPECT_EQ(state->resources(0).resource(), OrganisationName(2, "61"));
  const auto narrow = Pull({}, "regions/86/organisations/" + Uuid(1));
  EXPECT_EQ(rpc::ReasonOf(narrow.status()), "PERMISSION_DENIED");
}

TEST_F(FeedTest, PersonalFieldsNeverLeave) {
  registry::v1::Person person;
  person.set_name("regions/86");
  person.set_family_name("Вымышленная");
  person.set_given_name("Имя");
  person.set_snils("11223344595");
  auto status = db_->app().Run(Everything(), [&](pg::Tx& tx) {
    return resource::Table<registry::v1::Person>(source_.engine()).Insert(tx, {}, person);
  });
  ASSERT_TRUE(status.ok()) << status;
  Seal();
  auto changes = Pull({});
  ASSERT_TRUE(changes.ok()) << changes.status();
  ASSERT_EQ(changes->changes_size(), 1);
  EXPECT_THAT(changes->SerializeAsString(), Not(HasSubstr("Вымышленная")));
  EXPECT_THAT(changes->SerializeAsString(), Not(HasSubstr("11223344595")));
  v1::PullSnapshotRequest snapshot;
  snapshot.mutable_selector()->add_resource_types(kPerson);
  auto state = Snapshot(snapshot);
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_EQ(state->resources_size(), 1);
  EXPECT_THAT(state->SerializeAsString(), Not(HasSubstr("Вымышленная")));
  EXPECT_EQ(state->resources(0).image().value(), changes->changes(0).image().value());
}

// What was passed over would be missed in silence, and what was taken would stay for ever.
TEST_F(FeedTest, PositionIsBoundToItsSelectorAndScope) {
  ASSERT_TRUE(source_.Rename(1, "А", "86").ok());
  ASSERT_TRUE(source_.Rename(2, "Б", "61").ok());
  Seal();
  v1::PullChangesRequest narrow;
  narrow.mutable_selector()->add_resource_types(kOrganisation);
  narrow.mutable_selector()->add_region_codes("86");
  auto page = Pull(narrow);
  ASSERT_TRUE(page.ok()) << page.status();
  const auto next = [&](const std::vector<std::string>& types,
                        const std::vector<std::string>& regions, const std::string& scopes) {
    auto request = After(*page);
    for (const auto& type : types) request.mutable_selector()->add_resource_types(type);
    for (const auto& region : regions) request.mutable_selector()->add_region_codes(region);
    return rpc::ReasonOf(Pull(request, scopes).status());
  };
  EXPECT_EQ(next({kOrganisation}, {"86"}, "*"), "");
  EXPECT_EQ(next({kOrganisation, kOrganisation}, {"86"}, "*"), "") << "said twice";
  EXPECT_EQ(next({kOrganisation}, {}, "regions/86"), "") << "the same rows by scope";
  EXPECT_EQ(next({kOrganisation, kPerson}, {"86"}, "*"), "RESYNC_REQUIRED") << "a type more";
  EXPECT_EQ(next({kPerson}, {"86"}, "*"), "RESYNC_REQUIRED") << "another type";
  EXPECT_EQ(next({}, {"86"}, "*"), "RESYNC_REQUIRED") << "all types";
  EXPECT_EQ(next({kOrganisation}, {"61", "86"}, "*"), "RESYNC_REQUIRED") << "a region more";
  EXPECT_EQ(next({kOrganisation}, {}, "*"), "RESYNC_REQUIRED") << "all regions";
  EXPECT_EQ(next({kOrganisation}, {"86"}, "regions/61"), "RESYNC_REQUIRED") << "access lost";
  EXPECT_EQ(next({kOrganisation}, {}, "regions/61,regions/86"), "RESYNC_REQUIRED") << "gained";
  v1::PullSnapshotRequest snapshot;
  *snapshot.mutable_selector() = narrow.selector();
  EXPECT_EQ(Snapshot(snapshot)->selection(), page->selection());
  v1::StreamChangesRequest stream;
  stream.set_epoch(page->epoch());
  stream.set_after_position(page->next_position());
  stream.set_selection(page->selection());
  v1::StreamChangesResponse batch;
  const auto open = [&] {
    return source_.Client()->ServerStream(
        "rsnms.feed.v1.ChangeFeed/StreamChanges", stream, &batch, [] { return false; }, Soon());
  };
  EXPECT_EQ(rpc::ReasonOf(open()), "RESYNC_REQUIRED");
  *stream.mutable_selector() = narrow.selector();
  EXPECT_TRUE(open().ok());
  EXPECT_EQ(batch.selection(), page->selection());
}

// What List refuses is not to be had by the feed.
TEST_F(FeedTest, CallerIsGivenTheTypesItsRolesGrantReading) {
  ASSERT_TRUE(source_.Rename(1, "Школа").ok());
  registry::v1::Person person;
  person.set_name("regions/86");
  person.set_family_name("Вымышленная");
  person.set_given_name("Анна");
  ASSERT_EQ(db_->app().Run(Everything(),
                           [&](pg::Tx& tx) {
                             return resource::Table<registry::v1::Person>(source_.engine())
                                 .Insert(tx, {"system:test", "", "", ""}, person);
                           }),
            absl::OkStatus());
  Seal();
  const auto types = [&](const std::string& permissions) {
    const std::string caller = absl::StrCat("*;", permissions);
    const auto page = Pull({}, caller);
    const auto state = Snapshot({}, caller);
    EXPECT_EQ(page.status(), state.status());
    if (!page.ok()) return std::vector<std::string>{rpc::ReasonOf(page.status())};
    EXPECT_EQ(page->selection(), state->selection());
    std::vector<std::string> seen;
    for (const auto& change : page->changes()) seen.push_back(change.resource_type());
    std::vector<std::string> rows;
    for (const auto& row : state->resources()) rows.push_back(row.resource_type());
    EXPECT_EQ(seen, rows);
    return seen;
  };
  // The source has no tables but these two.
  const std::string both = "registry.organisations.get,registry.persons.get";
  EXPECT_THAT(types(both), ElementsAre(kOrganisation, kPerson));
  EXPECT_THAT(types("registry.organisations.list"), ElementsAre(kOrganisation));
  EXPECT_THAT(types("registry.persons.follow"), ElementsAre(kPerson));
  EXPECT_THAT(types("registry.organisations.update"), ElementsAre("PERMISSION_DENIED"));

  v1::PullChangesRequest named;
  named.mutable_selector()->add_resource_types(kPerson);
  EXPECT_EQ(rpc::ReasonOf(Pull(named, "*;registry.organisations.*").status()), "PERMISSION_DENIED");
  EXPECT_TRUE(Pull(named, "*;registry.persons.get").ok());

  const auto page = Pull({}, "*;registry.organisations.get");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_TRUE(Pull(After(*page), "*;registry.organisations.list").ok()) << "the same types";
  EXPECT_EQ(rpc::ReasonOf(Pull(After(*page), "*;" + both).status()), "RESYNC_REQUIRED");
  EXPECT_EQ(rpc::ReasonOf(Pull(After(*page), "*;registry.*.get").status()), "RESYNC_REQUIRED");
  v1::PullSnapshotRequest first, second;
  first.set_page_size(1);
  const auto began = Snapshot(first, "*;" + both);
  ASSERT_TRUE(began.ok()) << began.status();
  second.set_page_token(began->next_page_token());
  EXPECT_EQ(rpc::ReasonOf(Snapshot(second, "*;registry.persons.get").status()),
            "INVALID_PAGE_TOKEN");
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

TEST_F(FeedTest, PageTokenIsBoundToItsRequestAndCaller) {
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(source_.Rename(i, absl::StrCat(i)).ok());
  Seal();
  v1::PullSnapshotRequest request;
  request.mutable_selector()->add_resource_types(kOrganisation);
  request.set_page_size(1);
  auto page = Snapshot(request);
  ASSERT_TRUE(page.ok()) << page.status();
  request.set_page_token(page->next_page_token());
  EXPECT_EQ(rpc::ReasonOf(Snapshot(request, "regions/86").status()), "INVALID_PAGE_TOKEN");
  auto other = request;
  other.mutable_selector()->add_region_codes("86");
  EXPECT_EQ(rpc::ReasonOf(Snapshot(other).status()), "INVALID_PAGE_TOKEN");
  for (const std::string& bad : {std::string("x"), std::string("!!"), std::string(500, 'A'),
                                 page->next_page_token() + "AAAA"}) {
    request.set_page_token(bad);
    EXPECT_EQ(rpc::ReasonOf(Snapshot(request).status()), "INVALID_PAGE_TOKEN") << bad;
  }
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
