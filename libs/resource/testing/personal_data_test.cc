// Personal values stay in their row; reading them leaves a trace; scopes hide what is foreign.
#include <gtest/gtest.h>

#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

absl::StatusOr<museum::Keeper> MakeKeeper(Museum& m, const std::string& request_id = "") {
  museum::CreateKeeperRequest request;
  request.set_parent("regions/86");
  request.mutable_keeper()->set_family_name("Выдуманский");
  request.mutable_keeper()->set_snils("112-233-445 95");
  request.mutable_keeper()->set_post("хранитель");
  request.set_request_id(request_id);
  return m.Call<museum::Keeper>("CreateKeeper", request);
}

TEST(PersonalData, StandsInItsRowAndNowhereElse) {
  Museum m;
  const std::string id = NewUuid();
  auto keeper = MakeKeeper(m, id);
  ASSERT_TRUE(keeper.ok()) << keeper.status();
  EXPECT_EQ(keeper->snils(), "11223344595");
  museum::UpdateKeeperRequest update;
  *update.mutable_keeper() = *keeper;
  update.mutable_keeper()->set_family_name("Придуманский");
  update.set_request_id(NewUuid());
  ASSERT_TRUE(m.Call<museum::Keeper>("UpdateKeeper", update).ok());
  EXPECT_EQ(m.Value("SELECT changed_fields::text FROM journal WHERE version = 2"), "{family_name}");
  for (const char* table : {"journal", "request_log", "access_log"}) {
    for (const char* value : {"манский", "11223344595"}) {
      EXPECT_EQ(m.Value(absl::StrCat("SELECT count(*) FROM ", table, " t WHERE strpos(t::text, '",
                                     value, "') > 0")),
                "0");
      EXPECT_EQ(m.Value(absl::StrCat("SELECT count(*) FROM ", table,
                                     " t WHERE strpos(t::text, encode(convert_to('", value,
                                     "', 'UTF8'), 'hex')) > 0")),
                "0")
          << table;
    }
  }
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal WHERE strpos(encode(image, 'hex'), "
                    "encode(convert_to('хранитель', 'UTF8'), 'hex')) > 0"),
            "2")
      << "what is not personal is in the image";
}

TEST(PersonalData, ReplayedAnswerReadsItFromTheRow) {
  Museum m;
  const std::string id = NewUuid();
  auto first = MakeKeeper(m, id), again = MakeKeeper(m, id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*first, *again))
      << again->DebugString();
}

TEST(PersonalData, ReadsAreRecordedBeforeTheAnswer) {
  Museum m;
  const auto a = MakeKeeper(m), b = MakeKeeper(m);
  museum::GetKeeperRequest get;
  get.set_name(a->name());
  ASSERT_TRUE(m.Call<museum::Keeper>("GetKeeper", get).ok());
  EXPECT_EQ(m.Value("SELECT actor || ' ' || method || ' ' || resource_type || ' regions/' || "
                    "region_code || '/keepers/' || resource_id FROM access_log"),
            "alice rsnms.testing.v1.Museum.GetKeeper testing.rsnms/Keeper " + a->name());
  museum::ListKeepersRequest list;
  list.set_parent("regions/86");
  list.set_page_size(1);
  ASSERT_TRUE(m.Call<museum::ListKeepersResponse>("ListKeepers", list).ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM access_log"), "2") << "only what was shown";
  get.set_name("regions/86/keepers/" + NewUuid());
  EXPECT_FALSE(m.Call<museum::Keeper>("GetKeeper", get).ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM access_log"), "2");
}

TEST(PersonalData, AnUpdateThatChangesNothingIsARead) {
  Museum m;
  const auto keeper = MakeKeeper(m);
  museum::UpdateKeeperRequest update;
  update.mutable_keeper()->set_name(keeper->name());
  auto seen = m.Call<museum::Keeper>("UpdateKeeper", update);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->snils(), "11223344595");
  EXPECT_EQ(m.Value("SELECT method FROM access_log"), "rsnms.testing.v1.Museum.UpdateKeeper");
  update.mutable_keeper()->set_post("смотритель");
  ASSERT_TRUE(m.Call<museum::Keeper>("UpdateKeeper", update).ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM access_log"), "1") << "the journal tells of the change";
}

TEST(Scope, ForeignAndAbsentLookAlike) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  const auto foreign = Caller({"regions/61"});
  const std::string absent = "regions/86/specimens/" + NewUuid();
  for (const auto& who : {foreign, Caller({}), Caller({"regions/86/organisations/" + NewUuid()})}) {
    EXPECT_TRUE(absl::IsNotFound(m.Get(s->name(), who).status()));
    EXPECT_TRUE(absl::IsNotFound(m.Get(absent, who).status()));
    museum::DeleteSpecimenRequest remove;
    remove.set_name(s->name());
    EXPECT_TRUE(absl::IsNotFound(m.Call<museum::Specimen>("DeleteSpecimen", remove, who).status()));
    museum::UpdateSpecimenRequest update;
    *update.mutable_specimen() = *s;
    EXPECT_TRUE(absl::IsNotFound(m.Call<museum::Specimen>("UpdateSpecimen", update, who).status()));
    museum::BatchGetSpecimensRequest batch;
    batch.add_names(s->name());
    EXPECT_TRUE(absl::IsNotFound(
        m.Call<museum::BatchGetSpecimensResponse>("BatchGetSpecimens", batch, who).status()));
    EXPECT_TRUE(absl::IsPermissionDenied(m.Create(Specimen("y"), "", who).status()));
  }
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "1");
}

TEST(Scope, GathersNeverMixCallersOfDifferentScopes) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const bool ours = t % 2 == 0;
      const auto who =
          ours ? Caller({"regions/86"}) : Caller({"regions/86/persons/" + NewUuid()}, "mallory");
      for (int i = 0; i < 50; ++i) {
        if (m.Get(s->name(), who).ok() != ours) ++wrong;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace rsnms::resource
