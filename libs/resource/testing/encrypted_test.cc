// Fields declared `encrypted`: sealed at rest, found by a keyed hash, unique by it.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/resource/keyring.h"
#include "libs/resource/names.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

const std::string kB(64, 'b'), kC(64, 'c'), kD(64, 'd');
constexpr char kSnils[] = "11223344595";

absl::StatusOr<museum::Keeper> Hire(Museum& m, const std::string& snils,
                                    const std::string& region = "regions/86") {
  museum::CreateKeeperRequest request;
  request.set_parent(region);
  request.mutable_keeper()->set_family_name("Выдуманский");
  request.mutable_keeper()->set_snils(snils);
  return m.Call<museum::Keeper>("CreateKeeper", request, Caller({region}));
}

std::vector<std::string> Find(Museum& m, const std::string& filter) {
  museum::ListKeepersRequest request;
  request.set_parent("regions/86");
  request.set_filter(filter);
  auto page = m.Call<museum::ListKeepersResponse>("ListKeepers", request);
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<std::string> found;
  if (!page.ok()) return found;
  for (const auto& keeper : page->keepers()) found.push_back(keeper.snils());
  return found;
}

// An engine over the same database with other keys.
std::unique_ptr<Engine> Reopen(Museum& m, const std::string& keys) {
  EngineOptions options;
  options.secret_key = std::string(32, 'k');
  options.personal_keys = Keys(keys);
  auto made = Engine::Create(&m.database->app(), {Contract("Museum")}, options);
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

TEST(KeyringTest, OpensWhatItSealedInItsPlaceOnly) {
  const auto ring = Keys(absl::StrCat("index:", kB, ",1:", kC));
  ASSERT_NE(ring, nullptr);
  const std::string a = ring->Seal("place", kSnils), b = ring->Seal("place", kSnils);
  EXPECT_NE(a, b) << "every value has a nonce of its own";
  EXPECT_EQ(a.find(kSnils), std::string::npos);
  EXPECT_EQ(ring->Open("place", a), kSnils);
  EXPECT_EQ(ring->Open("another", a), std::nullopt);
  for (size_t i = 0; i < a.size(); ++i) {
    std::string touched = a;
    touched[i] = static_cast<char>(touched[i] ^ 2);
    EXPECT_EQ(ring->Open("place", touched), std::nullopt) << i;
  }
  EXPECT_EQ(ring->Open("place", std::string("\0text", 5)), "text") << "in clear";
  EXPECT_EQ(ring->Index("f", kSnils), ring->Index("f", kSnils));
  EXPECT_NE(ring->Index("f", kSnils), ring->Index("g", kSnils));
}

TEST(KeyringTest, FormerKeysOpenAndTheFirstSeals) {
  const auto before = Keys(absl::StrCat("index:", kB, ",1:", kC));
  const auto after = Keys(absl::StrCat("2:", kD, ",index:", kB, ",1:", kC));
  ASSERT_NE(after, nullptr);
  EXPECT_TRUE(after->rotating());
  EXPECT_EQ(after->current(), 2);
  EXPECT_EQ(after->Open("p", before->Seal("p", kSnils)), kSnils);
  EXPECT_EQ(before->Open("p", after->Seal("p", kSnils)), std::nullopt);
  EXPECT_EQ(before->Index("f", kSnils), after->Index("f", kSnils));
}

TEST(KeyringTest, ReadsAFileAndRefusesWhatIsNoKeyring) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/keyring_test_keys");
  std::ofstream(path) << "index:" << kB << ",7:" << kC << "\n";
  auto read = Keyring::Parse("@" + path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ((*read)->current(), 7);
  std::remove(path.c_str());
  for (const std::string& text :
       {std::string(), std::string("index:") + kB, "1:" + kC, "index:" + kB + ",0:" + kC,
        "index:" + kB + ",256:" + kC, "index:" + kB + ",1:" + kC + ",1:" + kD,
        "index:" + kB + ",1:zz", "index:" + kB + ",index:" + kB + ",1:" + kC,
        std::string("@/no/such/file")}) {
    auto status = Keyring::Parse(text).status();
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_EQ(status.ToString().find(kC), std::string::npos) << "errors never hold keys";
  }
}

TEST(Encrypted, StandsSealedAndAnswersEquality) {
  Museum m;
  ASSERT_TRUE(Hire(m, "112-233-445 95").ok());
  ASSERT_TRUE(Hire(m, "").ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM keeper WHERE strpos(snils::text, encode(convert_to('"
                    "11223344595', 'UTF8'), 'hex')) > 0"),
            "0");
  EXPECT_EQ(m.Value("SELECT length(snils) FROM keeper WHERE snils IS NOT NULL"), "40");
  EXPECT_EQ(Find(m, "snils = \"11223344595\""), std::vector<std::string>{kSnils});
  EXPECT_EQ(Find(m, "snils = \"112-233-445 95\""), std::vector<std::string>{kSnils});
  EXPECT_EQ(Find(m, "snils != \"11223344595\""), std::vector<std::string>{""});
  EXPECT_EQ(Find(m, "NOT snils = \"11223344595\""), std::vector<std::string>{""});
  EXPECT_EQ(Find(m, "snils = \"\""), std::vector<std::string>{""});
  EXPECT_EQ(Find(m, "snils:*"), std::vector<std::string>{kSnils});
  museum::ListKeepersRequest request;
  request.set_parent("regions/86");
  for (const char* filter : {"snils > \"1\"", "snils = \"112*\"", "snils:\"112\""}) {
    request.set_filter(filter);
    EXPECT_EQ(rpc::ReasonOf(m.Call<museum::ListKeepersResponse>("ListKeepers", request).status()),
              "INVALID_FILTER")
        << filter;
  }
}

TEST(Encrypted, IsUniqueAmongTheLivingOfARegion) {
  Museum m;
  ASSERT_TRUE(Hire(m, kSnils).ok());
  const auto again = Hire(m, kSnils);
  EXPECT_TRUE(absl::IsAlreadyExists(again.status())) << again.status();
  EXPECT_NE(again.status().ToString().find("snils"), std::string::npos) << again.status();
  EXPECT_EQ(again.status().ToString().find(kSnils), std::string::npos);
  EXPECT_TRUE(Hire(m, kSnils, "regions/61").ok());
}

TEST(Encrypted, WhatStoodInClearIsSealedBeforeServing) {
  Museum m;
  const auto keeper = Hire(m, kSnils);
  ASSERT_TRUE(keeper.ok());
  m.Value(
      "UPDATE keeper SET snils = '\\x00'::bytea || convert_to('11223344595', 'UTF8'), "
      "snils_index = NULL RETURNING 1");
  EXPECT_EQ(Find(m, "snils:*"), std::vector<std::string>{kSnils}) << "read all the same";
  ASSERT_TRUE(m.engine->SealPersonal().ok());
  EXPECT_EQ(m.Value("SELECT get_byte(snils, 0) FROM keeper"), "1");
  EXPECT_EQ(Find(m, "snils = \"11223344595\""), std::vector<std::string>{kSnils});
  EXPECT_EQ(m.Value("SELECT version FROM keeper"), "1") << "nothing changed for readers";
}

TEST(Encrypted, RotationSealsAnewAndForeignKeysRefuseToStart) {
  Museum m;
  ASSERT_TRUE(Hire(m, kSnils).ok());
  auto rotating = Reopen(m, absl::StrCat("index:", kB, ",2:", kD, ",1:", kC));
  ASSERT_TRUE(rotating->SealPersonal().ok());
  EXPECT_EQ(m.Value("SELECT get_byte(snils, 0) FROM keeper"), "2");
  EXPECT_TRUE(Reopen(m, absl::StrCat("index:", kB, ",2:", kD))->SealPersonal().ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(Reopen(m, absl::StrCat("index:", kB, ",1:", kC))->SealPersonal()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(Reopen(m, absl::StrCat("index:", kC, ",2:", kD))->SealPersonal()))
      << "another index key would hide every value";
}

TEST(Encrypted, NeedsKeys) {
  Museum m;
  EngineOptions options;
  options.secret_key = std::string(32, 'k');
  EXPECT_FALSE(Engine::Create(&m.database->app(), {Contract("Museum")}, options).ok());
}

}  // namespace
}  // namespace rsnms::resource
