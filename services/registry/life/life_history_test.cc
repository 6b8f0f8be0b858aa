// What was known when: trees and revisions from the journal.
#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "services/registry/life/life_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const CivilDay kBegin(2022, 9, 1), kLastYear(2023, 10, 1), kDay(2024, 9, 1);

class History : public LifeTest {
 protected:
  void SetUp() override {
    LifeTest::SetUp();
    MakeRegion();
    top_ = MakeBody("Департамент", "", v1::ORGANISATION_KIND_AUTHORITY)->name();
    a_ = MakeBody("Школа А")->name();
    b_ = MakeBody("Школа Б")->name();
    for (const auto& school : {a_, b_}) ASSERT_TRUE(Move(school, top_, kBegin).ok());
  }
  // A moment between what was written and what comes.
  static google::protobuf::Timestamp Moment() {
    absl::SleepFor(absl::Milliseconds(30));
    google::protobuf::Timestamp moment;
    const int64_t micros = absl::ToUnixMicros(absl::Now());
    moment.set_seconds(micros / 1'000'000);
    moment.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
    absl::SleepFor(absl::Milliseconds(30));
    return moment;
  }
  absl::StatusOr<v1::OrganisationTree> TreeOf(rpc::Client& client, CivilDay day,
                                              const google::protobuf::Timestamp* known) {
    v1::GetOrganisationTreeRequest request;
    request.set_parent(kRegion);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_as_of_date() = ToDate(day);
    if (known != nullptr) *request.mutable_known_time() = *known;
    return Call<v1::OrganisationTree>(client, "GetOrganisationTree", request);
  }
  absl::StatusOr<feed::v1::Revision> RevisionOf(rpc::Client& client, const std::string& name,
                                                const google::protobuf::Timestamp* known) {
    v1::GetRevisionRequest request;
    request.set_name(name);
    if (known != nullptr) *request.mutable_known_time() = *known;
    return Ask<feed::v1::Revision>(client, "GetRevision", request);
  }

  std::string top_, a_, b_;
};

TEST_F(History, LastYearsTreeIsReproducedAfterMergersAndCorrections) {
  const auto then = Moment();
  const auto reported = TreeOf(*admin_, kLastYear, nullptr);
  ASSERT_TRUE(reported.ok()) << reported.status();
  ASSERT_EQ(reported->nodes_size(), 3);
  // Everything that may change what is known of that day.
  v1::CorrectOrganisationRequest correction;
  correction.set_name(top_);
  correction.set_official_name("Департамент образования");
  correction.set_reason("описка");
  ASSERT_TRUE(Ask<v1::Organisation>("CorrectOrganisation", correction).ok());
  auto renamed = Rename(b_, "Лицей Б", kLastYear - 30);
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  auto late = MakeBody("Школа, о которой узнали позже");
  ASSERT_TRUE(Move(late->name(), a_, kLastYear - 60).ok());
  auto merged = Merge({a_}, b_, kLastYear - 10);
  ASSERT_TRUE(merged.ok()) << merged.status();
  const auto now = TreeOf(*admin_, kLastYear, nullptr);
  EXPECT_FALSE(google::protobuf::util::MessageDifferencer::Equals(*now, *reported));
  const auto later = Moment();

  auto known = TreeOf(*admin_, kLastYear, &then);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->DebugString(), reported->DebugString());
  // What is known now is the same by either way.
  auto known_now = TreeOf(*admin_, kLastYear, &later);
  ASSERT_TRUE(known_now.ok()) << known_now.status();
  EXPECT_EQ(known_now->DebugString(), now->DebugString());
  // After undoing as well.
  ASSERT_TRUE(Undo(merged->name()).ok());
  EXPECT_EQ(TreeOf(*admin_, kLastYear, &later)->DebugString(), now->DebugString());
}

TEST_F(History, BeforeAnythingWasKnownTheTreeIsEmpty) {
  google::protobuf::Timestamp long_ago;
  long_ago.set_seconds(1'000'000'000);
  auto known = TreeOf(*admin_, kLastYear, &long_ago);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_THAT(known->nodes(), IsEmpty());
}

TEST_F(History, KnownTreesNeedTheWholeRegion) {
  const auto moment = Moment();
  auto municipal = service_->Connect({"municipal_service"}, {kSurgut});
  EXPECT_TRUE(absl::IsPermissionDenied(TreeOf(*municipal, kLastYear, &moment).status()));
  EXPECT_TRUE(TreeOf(*municipal, kLastYear, nullptr).ok());
}

TEST_F(History, RevisionsTellWhoChangedWhatAndWhy) {
  const auto then = Moment();
  ASSERT_TRUE(Rename(a_, "Лицей", kDay).ok());
  v1::ListRevisionsRequest request;
  request.set_name(a_);
  auto history = Ask<v1::ListRevisionsResponse>("ListRevisions", request);
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->revisions_size(), 2);
  const auto& renamed = history->revisions(0);
  EXPECT_EQ(renamed.version(), 2);
  EXPECT_EQ(renamed.kind(), feed::v1::CHANGE_KIND_UPDATED);
  EXPECT_EQ(renamed.reason(), "Приказ № 7");
  EXPECT_EQ(renamed.actor(), "tester");
  EXPECT_THAT(renamed.changed_fields(), ElementsAre("official_name"));
  v1::Organisation image;
  ASSERT_TRUE(renamed.image().UnpackTo(&image));
  EXPECT_EQ(image.official_name(), "Лицей");
  EXPECT_EQ(history->revisions(1).kind(), feed::v1::CHANGE_KIND_CREATED);

  request.set_page_size(1);
  auto page = Ask<v1::ListRevisionsResponse>("ListRevisions", request);
  EXPECT_EQ(page->next_before_version(), 2);
  request.set_before_version(2);
  EXPECT_EQ(Ask<v1::ListRevisionsResponse>("ListRevisions", request)->revisions(0).version(), 1);

  auto known = RevisionOf(*admin_, a_, &then);
  ASSERT_TRUE(known.ok()) << known.status();
  ASSERT_TRUE(known->image().UnpackTo(&image));
  EXPECT_EQ(image.official_name(), "Школа А");
  EXPECT_EQ(RevisionOf(*admin_, a_, nullptr)->version(), 2);
}

TEST_F(History, ABodyIsReadAsItWasOnADateAndAsItWasKnown) {
  const auto before = Moment();
  ASSERT_TRUE(Rename(a_, "Лицей", kDay).ok());
  const auto renamed = Moment();
  ASSERT_TRUE(Merge({a_}, b_, kDay + 100).ok());
  const auto ask = [&](CivilDay day, const google::protobuf::Timestamp* known,
                       rpc::Client* client = nullptr) {
    v1::GetOrganisationAsOfRequest request;
    request.set_name(a_);
    *request.mutable_as_of_date() = ToDate(day);
    if (known != nullptr) *request.mutable_known_time() = *known;
    return Ask<v1::OrganisationAsOf>(client == nullptr ? *admin_ : *client, "GetOrganisationAsOf",
                                     request);
  };
  EXPECT_EQ(ask(kDay - 1, nullptr)->organisation().official_name(), "Школа А");
  EXPECT_EQ(ask(kDay, nullptr)->organisation().official_name(), "Лицей");
  EXPECT_TRUE(ask(kDay + 99, nullptr)->existed_on_date());
  EXPECT_FALSE(ask(kDay + 100, nullptr)->existed_on_date());
  EXPECT_EQ(ask(kDay, &before)->organisation().official_name(), "Школа А");
  EXPECT_EQ(ask(kDay - 1, &renamed)->organisation().official_name(), "Школа А");
  EXPECT_EQ(ask(kDay, &renamed)->organisation().official_name(), "Лицей");
  EXPECT_TRUE(ask(kDay + 100, &renamed)->existed_on_date());
  auto municipal = service_->Connect({"municipal_service"}, {kSurgut});
  EXPECT_TRUE(ask(kDay, nullptr, municipal.get()).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(ask(kDay, &renamed, municipal.get()).status()));
}

TEST_F(History, PostsAreReadAsTheyWereOnADateAndAsTheyWereKnown) {
  auto person = MakePerson();
  ASSERT_TRUE(Employ(Post(person->name(), a_, kDay - 200)).ok());
  const auto then = Moment();
  ASSERT_TRUE(Merge({a_}, b_, kDay).ok());
  const auto ask = [&](const std::string& of_person, const std::string& body, CivilDay day,
                       const google::protobuf::Timestamp* known) {
    v1::ListEmploymentsAsOfRequest request;
    request.set_parent(kRegion);
    if (!of_person.empty()) request.set_person(of_person);
    if (!body.empty()) request.set_organisation(body);
    *request.mutable_as_of_date() = ToDate(day);
    if (known != nullptr) *request.mutable_known_time() = *known;
    auto posts = Ask<v1::ListEmploymentsAsOfResponse>("ListEmploymentsAsOf", request);
    EXPECT_TRUE(posts.ok()) << posts.status();
    std::vector<std::string> bodies;
    if (posts.ok())
      for (const auto& post : posts->employments()) bodies.push_back(post.organisation());
    return bodies;
  };
  EXPECT_THAT(ask(person->name(), "", kDay - 1, nullptr), ElementsAre(a_));
  EXPECT_THAT(ask(person->name(), "", kDay, nullptr), ElementsAre(b_));
  EXPECT_THAT(ask(person->name(), "", kDay, &then), ElementsAre(a_)) << "before the merger";
  EXPECT_THAT(ask("", a_, kDay, &then), ElementsAre(a_));
  EXPECT_THAT(ask("", a_, kDay, nullptr), IsEmpty());
  EXPECT_THAT(ask("", b_, kDay, &then), IsEmpty());
  EXPECT_THAT(ask("", b_, kDay, nullptr), ElementsAre(b_));
  v1::ListEmploymentsAsOfRequest nobody;
  nobody.set_parent(kRegion);
  EXPECT_EQ(
      rpc::ReasonOf(Ask<v1::ListEmploymentsAsOfResponse>("ListEmploymentsAsOf", nobody).status()),
      "REQUIRED_FIELD_MISSING");
}

TEST_F(History, WhatWasNotYetKnownIsNotFound) {
  const auto then = Moment();
  auto late = MakeBody("Новая школа");
  EXPECT_TRUE(absl::IsNotFound(RevisionOf(*admin_, late->name(), &then).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(RevisionOf(*admin_, "regions/86/any/1", &then).status()));
}

TEST_F(History, HistoryShowsNoPersonalDataAndNoMoreThanGetDoes) {
  auto person = MakePerson("Скрытова");
  auto revision = RevisionOf(*admin_, person->name(), nullptr);
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ(revision->image().value().find("Скрытова"), std::string::npos);
  EXPECT_EQ(revision->resource(), person->name());
  // The authority's role does not read people, nor does a municipality see the region's bodies.
  auto authority = service_->Connect({"authority"}, {kRegion});
  EXPECT_TRUE(absl::IsPermissionDenied(RevisionOf(*authority, person->name(), nullptr).status()));
  auto municipal = service_->Connect({"authority"}, {kUrai});
  EXPECT_TRUE(absl::IsNotFound(RevisionOf(*municipal, a_, nullptr).status()));
}

TEST_F(History, DeletedResourcesKeepTheirHistory) {
  auto body = MakeBody("Ошибочная запись");
  v1::DeleteOrganisationRequest request;
  request.set_name(body->name());
  ASSERT_TRUE(Call<v1::Organisation>("DeleteOrganisation", request).ok());
  auto last = RevisionOf(*admin_, body->name(), nullptr);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->kind(), feed::v1::CHANGE_KIND_DELETED);
}

}  // namespace
}  // namespace rsnms::registry
