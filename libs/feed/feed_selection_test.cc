// What a caller of the feed is given: by selector, scope and role, and never personal fields.
#include "libs/feed/feed_fixture.h"
#include "rsnms/registry/v1/person.pb.h"

namespace rsnms::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

}  // namespace
}  // namespace rsnms::feed
