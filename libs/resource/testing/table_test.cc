// Table<R>: what domain methods and jobs use inside their transactions.
#include <gtest/gtest.h>

#include "libs/resource/names.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

const journal::Author kJob = {"system:test", "", "", ""};

absl::Status InTx(Museum& m, const std::function<absl::Status(pg::Tx&)>& body) {
  pg::TxOptions options;
  options.scopes = "*";
  return m.database->app().Run(options, body);
}

TEST(Table, InsertsSelectsUpdatesAndDeletes) {
  Museum m;
  Table<museum::Specimen> table(*m.engine);
  auto status = InTx(m, [&](pg::Tx& tx) -> absl::Status {
    auto s = Specimen("x");
    s.set_name("regions/86");
    s.set_state("SET BY THE PROGRAM");
    if (auto st = table.Insert(tx, kJob, s); !st.ok()) return st;
    auto found = table.Select(tx, "region_code = $1 AND title = $2 ORDER BY id", "86", "x");
    if (!found.ok()) return found.status();
    EXPECT_EQ(found->size(), 1u);
    EXPECT_EQ((*found)[0].state(), "SET BY THE PROGRAM");
    auto before = table.Get(tx, s.name(), Lock::kUpdate);
    if (!before.ok()) return before.status();
    auto after = *before;
    after.set_weight(5);
    if (auto st = table.Update(tx, kJob, *before, after); !st.ok()) return st;
    EXPECT_EQ(after.etag(), "\"2\"");
    auto stale = *before;
    stale.set_weight(6);
    EXPECT_TRUE(absl::IsAborted(table.Update(tx, kJob, *before, stale)));
    return table.Delete(tx, kJob, after);
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(m.Value("SELECT version || ' ' || (delete_time IS NOT NULL) FROM specimen"), "3 true");
}

TEST(Table, ValidatesLikeTheStandardMethods) {
  Museum m;
  Table<museum::Specimen> table(*m.engine);
  auto status = InTx(m, [&](pg::Tx& tx) {
    museum::Specimen s;
    s.set_name("regions/86");
    return table.Insert(tx, kJob, s);
  });
  EXPECT_EQ(rpc::ReasonOf(status), "REQUIRED_FIELD_MISSING");
}

TEST(Table, MergeWritesFullImagesAndRevivesDeletedOnes) {
  Museum m;
  Table<museum::Specimen> table(*m.engine);
  std::vector<museum::Specimen> rows;
  for (int i = 0; i < 2500; ++i) {
    rows.push_back(Specimen(absl::StrCat(i)));
    rows.back().set_name(i % 2 ? "regions/86" : "regions/86/specimens/" + NewUuid());
    rows.back().set_state("MERGED");
  }
  MergeCounts counts;
  const auto merge = [&] {
    return InTx(m, [&](pg::Tx& tx) -> absl::Status {
      auto merged = table.Merge(tx, kJob, rows);
      if (merged.ok()) counts = *merged;
      return merged.status();
    });
  };
  ASSERT_TRUE(merge().ok());
  EXPECT_EQ(counts.created, 2500);
  ASSERT_TRUE(InTx(m, [&](pg::Tx& tx) {
                return table.Delete(tx, kJob, *table.Get(tx, rows[0].name()));
              }).ok());
  rows[2].set_state("CHANGED");
  const auto status = merge();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(counts.created, 0);
  EXPECT_EQ(counts.updated, 2);
  EXPECT_EQ(counts.unchanged, 2498);
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen WHERE delete_time IS NOT NULL"), "0");
  EXPECT_EQ(m.Value("SELECT string_agg(kind::text, ',' ORDER BY seq) FROM journal WHERE kind <> 1"),
            "3,4,2");
  rows[3].set_title("");
  EXPECT_EQ(rpc::ReasonOf(merge()), "REQUIRED_FIELD_MISSING");
}

}  // namespace
}  // namespace rsnms::resource
