// Get, BatchGet, Create, Update, Delete and Undelete against a real database.
#include <gtest/gtest.h>

#include <thread>

#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/testing/drawers.h"

namespace rsnms::resource {
namespace {

using google::protobuf::util::MessageDifferencer;

museum::Specimen Full() {
  museum::Specimen s;
  s.set_title("Жук-олень, \"редкий\" {экземпляр}\\");
  s.set_weight(-7);
  s.set_rank(0);
  s.set_ratio(0.1);
  s.set_rare(true);
  s.set_colour(museum::COLOUR_GREEN);
  s.mutable_found_date()->set_year(2024);
  s.mutable_found_date()->set_month(2);
  s.mutable_found_date()->set_day(29);
  s.mutable_seen_time()->set_seconds(1'700'000'000);
  s.mutable_seen_time()->set_nanos(123'456'000);
  s.mutable_price()->set_value("12.5");
  s.add_tags("a,b");
  s.add_tags("c\"d\\{}");
  s.add_tags("");
  s.add_palette(museum::COLOUR_BLUE);
  s.add_palette(museum::COLOUR_RED);
  s.mutable_body()->set_label("голова");
  s.mutable_body()->set_count(5);
  s.mutable_body()->add_parts()->set_label("ус");
  s.add_parts()->set_label("лапка");
  (*s.mutable_sizes())["длина"] = 42;
  s.set_scan(std::string("\0\xff\x10", 3));
  s.set_inn("7707083893");
  s.set_code("AB12");
  return s;
}

TEST(StandardMethods, EveryKindOfFieldComesBackAsItWasWritten) {
  Museum m;
  auto created = m.Create(Full());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->etag(), "\"1\"");
  EXPECT_TRUE(created->has_create_time());
  EXPECT_EQ(created->create_time().seconds(), created->update_time().seconds());
  auto got = m.Get(created->name());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*created, *got))
      << created->DebugString() << got->DebugString();
  auto expected = Full();
  expected.set_name(created->name());
  expected.set_etag("\"1\"");
  *expected.mutable_create_time() = got->create_time();
  *expected.mutable_update_time() = got->update_time();
  EXPECT_TRUE(MessageDifferencer::Equals(expected, *got)) << got->DebugString();
}

TEST(StandardMethods, EmptyFieldsComeBackEmpty) {
  Museum m;
  auto created = m.Create(Specimen("пусто"));
  ASSERT_TRUE(created.ok()) << created.status();
  auto got = m.Get(created->name());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*created, *got)) << got->DebugString();
  EXPECT_FALSE(got->has_rank());
  EXPECT_FALSE(got->has_price());
}

TEST(StandardMethods, IdentifiersAndDecimalsAreStoredInCanonicalForm) {
  Museum m;
  auto s = Specimen("x");
  s.mutable_price()->set_value("+007.50e1");
  s.mutable_seen_time()->set_nanos(123'456'789);
  auto created = m.Create(s);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->price().value(), "75");
  EXPECT_EQ(created->seen_time().nanos(), 123'456'000);
  EXPECT_TRUE(MessageDifferencer::Equals(*created, *m.Get(created->name())));
}

TEST(StandardMethods, GivenIdIsKeptAndASecondOneAlreadyExists) {
  Museum m;
  museum::CreateSpecimenRequest request;
  request.set_parent("regions/86");
  *request.mutable_specimen() = Specimen("x");
  request.set_specimen_id("00000000-0000-7000-8000-000000000001");
  auto created = m.Call<museum::Specimen>("CreateSpecimen", request);
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->name(), "regions/86/specimens/00000000-0000-7000-8000-000000000001");
  auto again = m.Call<museum::Specimen>("CreateSpecimen", request);
  EXPECT_TRUE(absl::IsAlreadyExists(again.status()));
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "1");
}

TEST(StandardMethods, UniqueValueTakenNamesTheField) {
  Museum m;
  auto s = Specimen("x");
  s.set_code("AB1");
  ASSERT_TRUE(m.Create(s).ok());
  auto again = m.Create(s);
  EXPECT_TRUE(absl::IsAlreadyExists(again.status()));
  EXPECT_EQ(rpc::ReasonOf(again.status()), "ALREADY_EXISTS");
  EXPECT_NE(rpc::ToProto(again.status()).DebugString().find("specimen.code"), std::string::npos);
}

TEST(StandardMethods, MissingReferenceNamesTheField) {
  Museum m;
  auto s = Specimen("x");
  s.set_drawer("regions/86/drawers/none");
  auto created = m.Create(s);
  EXPECT_TRUE(absl::IsFailedPrecondition(created.status()));
  EXPECT_EQ(rpc::ReasonOf(created.status()), "REFERENCE_NOT_FOUND");
  EXPECT_NE(rpc::ToProto(created.status()).DebugString().find("specimen.drawer"),
            std::string::npos);
}

TEST(StandardMethods, ReferenceIntoAnotherRegionIsRefused) {
  Museum m;
  auto s = Specimen("x");
  s.set_drawer("regions/61/drawers/a");
  EXPECT_TRUE(absl::IsInvalidArgument(m.Create(s).status()));
}

TEST(StandardMethods, ReferencedResourceIsNotDeleted) {
  Museum m;
  museum::CreateDrawerRequest request;
  request.set_parent("regions/86");
  request.set_drawer_id("a");
  request.mutable_drawer()->set_title("ящик");
  ASSERT_TRUE(m.Call<museum::Drawer>("CreateDrawer", request).ok());
  auto s = Specimen("x");
  s.set_drawer("regions/86/drawers/a");
  auto created = m.Create(s);
  ASSERT_TRUE(created.ok()) << created.status();
  museum::DeleteDrawerRequest remove;
  remove.set_name("regions/86/drawers/a");
  auto refused = m.Call<museum::Drawer>("DeleteDrawer", remove);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "STILL_REFERENCED");
  museum::DeleteSpecimenRequest first;
  first.set_name(created->name());
  ASSERT_TRUE(m.Call<museum::Specimen>("DeleteSpecimen", first).ok());
  EXPECT_TRUE(m.Call<museum::Drawer>("DeleteDrawer", remove).ok());
}

TEST(StandardMethods, BatchGetIsInOrderAndAtomic) {
  Museum m;
  const auto a = m.Create(Specimen("a")), b = m.Create(Specimen("b"));
  museum::BatchGetSpecimensRequest request;
  request.set_parent("regions/86");
  for (const auto& name : {b->name(), a->name(), b->name()}) request.add_names(name);
  auto got = m.Call<museum::BatchGetSpecimensResponse>("BatchGetSpecimens", request);
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_EQ(got->specimens_size(), 3);
  EXPECT_EQ(got->specimens(0).title(), "b");
  EXPECT_EQ(got->specimens(1).title(), "a");
  request.add_names("regions/86/specimens/00000000-0000-7000-8000-000000000009");
  EXPECT_TRUE(absl::IsNotFound(
      m.Call<museum::BatchGetSpecimensResponse>("BatchGetSpecimens", request).status()));
}

TEST(StandardMethods, UpdateWithoutMaskTakesPopulatedFields) {
  Museum m;
  auto s = m.Create(Full());
  museum::Specimen change;
  change.set_name(s->name());
  change.set_weight(9);
  auto updated = m.Update(change, {});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->weight(), 9);
  EXPECT_EQ(updated->title(), s->title());
  EXPECT_EQ(updated->etag(), "\"2\"");
  EXPECT_TRUE(MessageDifferencer::Equals(*updated, *m.Get(s->name())));
  EXPECT_EQ(m.Value("SELECT changed_fields::text FROM journal WHERE version = 2"), "{weight}");
}

TEST(StandardMethods, UpdateWithMaskTakesNamedFieldsAlsoInsideMessages) {
  Museum m;
  auto s = m.Create(Full());
  museum::Specimen change;
  change.set_name(s->name());
  change.mutable_body()->set_count(77);
  change.set_weight(1);
  auto updated = m.Update(change, {"body.count", "rank"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->body().count(), 77);
  EXPECT_EQ(updated->body().label(), "голова");
  EXPECT_FALSE(updated->has_rank());
  EXPECT_EQ(updated->weight(), -7);
}

TEST(StandardMethods, UpdateWithStarReplacesAllButImmutableFields) {
  Museum m;
  auto s = m.Create(Full());
  museum::Specimen change;
  change.set_name(s->name());
  change.set_title("новый");
  auto updated = m.Update(change, {"*"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->title(), "новый");
  EXPECT_EQ(updated->weight(), 0);
  EXPECT_EQ(updated->tags_size(), 0);
  EXPECT_EQ(updated->code(), "AB12");
}

TEST(StandardMethods, ImmutableFieldMayBeRepeatedButNotChanged) {
  Museum m;
  auto s = m.Create(Full());
  EXPECT_TRUE(m.Update(*s, {"code"}).ok());
  auto change = *s;
  change.set_code("XY9");
  auto refused = m.Update(change, {"code"});
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "IMMUTABLE_FIELD");
}

TEST(StandardMethods, OutputOnlyFieldsOfRequestsAreIgnored) {
  Museum m;
  auto s = Specimen("x");
  s.set_state("FORGED");
  auto created = m.Create(s);
  EXPECT_EQ(created->state(), "");
  created->set_state("FORGED");
  auto updated = m.Update(*created, {"state", "title", "create_time"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->state(), "");
}

TEST(StandardMethods, UpdateThatChangesNothingMakesNoVersion) {
  Museum m;
  auto s = m.Create(Full());
  auto updated = m.Update(*s, {"*"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*s, *updated));
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "1");
}

TEST(StandardMethods, UpdateWithStaleEtagIsAborted) {
  Museum m;
  auto s = m.Create(Specimen("x"));
  auto first = *s;
  first.set_title("y");
  ASSERT_TRUE(m.Update(first, {"title"}).ok());
  first.set_title("z");
  auto stale = m.Update(first, {"title"});
  EXPECT_TRUE(absl::IsAborted(stale.status()));
  EXPECT_EQ(rpc::ReasonOf(stale.status()), "ETAG_MISMATCH");
  first.clear_etag();
  EXPECT_TRUE(m.Update(first, {"title"}).ok());
}

TEST(StandardMethods, OfRacingUpdatesWithOneEtagOneWins) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  std::atomic<int> winners = 0, aborted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      auto mine = *s;
      mine.set_title(absl::StrCat("winner ", i));
      const auto updated = m.Update(mine, {"title"});
      if (updated.ok()) ++winners;
      if (absl::IsAborted(updated.status())) ++aborted;
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(aborted, 63);
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "2");
}

TEST(StandardMethods, AllowMissingCreates) {
  Museum m;
  museum::UpdateSpecimenRequest request;
  *request.mutable_specimen() = Specimen("x");
  request.mutable_specimen()->set_name("regions/86/specimens/00000000-0000-7000-8000-000000000001");
  EXPECT_TRUE(absl::IsNotFound(m.Call<museum::Specimen>("UpdateSpecimen", request).status()));
  request.set_allow_missing(true);
  auto created = m.Call<museum::Specimen>("UpdateSpecimen", request);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->etag(), "\"1\"");
}

TEST(StandardMethods, DeleteIsSoftAndUndeleteBringsBack) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  museum::DeleteSpecimenRequest remove;
  remove.set_name(s->name());
  remove.set_etag(s->etag());
  auto deleted = m.Call<museum::Specimen>("DeleteSpecimen", remove);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_TRUE(deleted->has_delete_time());
  EXPECT_TRUE(m.Get(s->name())->has_delete_time());
  EXPECT_EQ(rpc::ReasonOf(m.Update(*s, {"title"}).status()), "ETAG_MISMATCH");
  EXPECT_EQ(rpc::ReasonOf(m.Update(*deleted, {"title"}).status()), "DELETED");
  remove.clear_etag();
  EXPECT_TRUE(absl::IsNotFound(m.Call<museum::Specimen>("DeleteSpecimen", remove).status()));
  museum::UndeleteSpecimenRequest back;
  back.set_name(s->name());
  auto undeleted = m.Call<museum::Specimen>("UndeleteSpecimen", back);
  ASSERT_TRUE(undeleted.ok()) << undeleted.status();
  EXPECT_FALSE(undeleted->has_delete_time());
  EXPECT_EQ(undeleted->etag(), "\"3\"");
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Specimen>("UndeleteSpecimen", back).status()),
            "NOT_DELETED");
  EXPECT_EQ(m.Value("SELECT array_agg(kind ORDER BY version)::text FROM journal"), "{1,3,4}");
}

TEST(StandardMethods, ValidateOnlyChecksEverythingAndChangesNothing) {
  Museum m;
  museum::CreateSpecimenRequest request;
  request.set_parent("regions/86");
  *request.mutable_specimen() = Full();
  request.set_validate_only(true);
  request.set_request_id(NewUuid());
  auto answer = m.Call<museum::Specimen>("CreateSpecimen", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->name().empty());
  EXPECT_EQ(m.Value("SELECT (SELECT count(*) FROM specimen) + (SELECT count(*) FROM journal) + "
                    "(SELECT count(*) FROM request_log)"),
            "0");
  EXPECT_EQ(m.commits, 0);
  request.mutable_specimen()->set_drawer("regions/86/drawers/none");
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Specimen>("CreateSpecimen", request).status()),
            "REFERENCE_NOT_FOUND");
}

TEST(StandardMethods, NestedMessageWithoutAJsonFormIsRefused) {
  Museum m;
  auto s = Specimen("x");
  s.mutable_body()->set_label("x");
  s.mutable_body()->mutable_span()->set_seconds(int64_t{1} << 60);
  const auto refused = m.Create(s).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_EQ(FirstField(refused), "specimen.body");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "0");
}

TEST(StandardMethods, BatchGetNeedsNoParent) {
  Museum m;
  const auto s = *m.Create(Specimen("x"));
  museum::BatchGetSpecimensRequest request;
  request.add_names(s.name());
  for (const char* parent : {"", "regions/-", "regions/86"}) {
    request.set_parent(parent);
    EXPECT_TRUE(m.Call<museum::BatchGetSpecimensResponse>("BatchGetSpecimens", request).ok());
  }
}

TEST(StandardMethods, ConcurrentGetsOfManyRowsEachGetTheirs) {
  Museum m;
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back(m.Create(Specimen(absl::StrCat(i)))->name());
  std::atomic<int> right = 0, missing = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const int k = (t * 7 + i) % 20;
        const auto got = m.Get(names[k]);
        if (got.ok() && got->title() == absl::StrCat(k)) ++right;
        if (absl::IsNotFound(m.Get("regions/86/specimens/" + NewUuid()).status())) ++missing;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 16 * 50);
  EXPECT_EQ(missing, 16 * 50);
}

}  // namespace
}  // namespace rsnms::resource
