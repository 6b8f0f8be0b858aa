// A living row refers to living rows only, whoever writes, whatever they see, and however many at
// once.
#include <gtest/gtest.h>

#include <thread>

#include "libs/resource/names.h"
#include "libs/resource/testing/drawers.h"

namespace rsnms::resource {
namespace {

constexpr char kDead[] = "regions/86/drawers/dead";
constexpr char kAlive[] = "regions/86/drawers/alive";
const journal::Author kJob = {"system:test", "", "", ""};

// A museum with one living and one deleted drawer.
struct References : ::testing::Test {
  References() {
    EXPECT_TRUE(MakeDrawer(m, "alive").ok());
    EXPECT_TRUE(MakeDrawer(m, "dead").ok());
    EXPECT_TRUE(DropDrawer(m, "dead").ok());
  }
  static void ExpectRefused(const absl::Status& status, const std::string& path) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_EQ(rpc::ReasonOf(status), "REFERENCE_NOT_FOUND");
    EXPECT_EQ(FirstField(status), path);
  }
  absl::Status InTx(const std::function<absl::Status(pg::Tx&)>& body) {
    pg::TxOptions options;
    options.scopes = "*";
    return m.database->app().Run(options, body);
  }
  Museum m;
};

museum::Specimen In(const std::string& drawer) {
  auto s = Specimen("x");
  s.set_drawer(drawer);
  return s;
}
museum::Specimen Among(const std::vector<std::string>& drawers) {
  auto s = Specimen("x");
  for (const auto& drawer : drawers) s.add_drawers(drawer);
  return s;
}

TEST_F(References, CreateRefusesDeletedAndAbsentOnes) {
  ExpectRefused(m.Create(In(kDead)).status(), "specimen.drawer");
  ExpectRefused(m.Create(Among({kAlive, kDead})).status(), "specimen.drawers");
  ExpectRefused(m.Create(Among({"regions/86/drawers/none"})).status(), "specimen.drawers");
  auto own = Specimen("x");
  own.set_twin("regions/86/specimens/" + NewUuid());
  ExpectRefused(m.Create(own).status(), "specimen.twin");
  EXPECT_EQ(m.Value("SELECT (SELECT count(*) FROM specimen) + (SELECT count(*) FROM journal "
                    "WHERE resource_type = 'testing.rsnms/Specimen')"),
            "0");
  EXPECT_TRUE(m.Create(In(kAlive)).ok());
  EXPECT_TRUE(m.Create(Among({kAlive, kAlive})).ok()) << "naming one twice is not our matter";
}

TEST_F(References, UpdateRefusesNewOnesThatAreDeleted) {
  auto s = *m.Create(In(kAlive));
  s.set_drawer(kDead);
  ExpectRefused(m.Update(s, {"drawer"}).status(), "specimen.drawer");
  s.add_drawers(kDead);
  ExpectRefused(m.Update(s, {"drawers"}).status(), "specimen.drawers");
  EXPECT_EQ(m.Get(s.name())->drawer(), kAlive);
  s.set_title("y");
  EXPECT_TRUE(m.Update(s, {"title"}).ok());
}

TEST_F(References, UndeleteLooksAtEveryReference) {
  const auto single = *m.Create(In(kAlive)), many = *m.Create(Among({kAlive}));
  ASSERT_TRUE(DropSpecimen(m, single.name()).ok());
  ASSERT_TRUE(DropSpecimen(m, many.name()).ok());
  ASSERT_TRUE(DropDrawer(m, "alive").ok());
  ExpectRefused(ReviveSpecimen(m, single.name()).status(), "drawer");
  ExpectRefused(ReviveSpecimen(m, many.name()).status(), "drawers");
  ASSERT_TRUE(ReviveDrawer(m, "alive").ok());
  EXPECT_TRUE(ReviveSpecimen(m, single.name()).ok());
  EXPECT_TRUE(ReviveSpecimen(m, many.name()).ok());
}

TEST_F(References, DeleteSeesRepeatedReferences) {
  const auto s = *m.Create(Among({kAlive}));
  EXPECT_EQ(rpc::ReasonOf(DropDrawer(m, "alive").status()), "STILL_REFERENCED");
  ASSERT_TRUE(DropSpecimen(m, s.name()).ok());
  EXPECT_TRUE(DropDrawer(m, "alive").ok());
}

// Scope of one drawer: its specimens are seen, others and the drawers themselves are not.
auth::Identity OnlyIn(const std::string& drawer) {
  return Caller({"regions/86/municipalities/" + drawer});
}

TEST_F(References, DeleteSeesReferrersTheCallerDoesNot) {
  ASSERT_TRUE(MakeDrawer(m, "other").ok());
  const auto seen = *m.Create(In(kAlive));
  auto hidden = In("regions/86/drawers/other");
  hidden.set_twin(seen.name());
  ASSERT_TRUE(m.Create(hidden).ok());
  museum::DeleteSpecimenRequest request;
  request.set_name(seen.name());
  const auto refused = m.Call<museum::Specimen>("DeleteSpecimen", request, OnlyIn("alive"));
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "STILL_REFERENCED");
  // Counted, not named.
  EXPECT_EQ(refused.status().message(), "other resources refer to it: specimens: 1");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen WHERE delete_time IS NULL"), "2");
}

TEST_F(References, DeleteNamesTheFirstReferrersItsCallerSees) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) names.push_back(m.Create(In(kAlive))->name());
  names.push_back(m.Create(Among({kAlive}))->name());
  std::sort(names.begin(), names.end());
  const auto refused = DropDrawer(m, "alive").status();
  EXPECT_EQ(refused.message(),
            Cat("other resources refer to it: specimens: 4 (", names[0], ", ", names[1], ", …)"));
  google::rpc::LocalizedMessage told;
  const auto proto = rpc::ToProto(refused);
  for (const auto& detail : proto.details()) detail.UnpackTo(&told);
  EXPECT_NE(told.message().find("Удалить нельзя"), std::string::npos) << told.message();
}

TEST_F(References, WhatTheCallerCannotSeeMayBeReferredToWhileItLives) {
  auto s = m.Create(In(kAlive), "", OnlyIn("alive"));
  EXPECT_TRUE(s.ok()) << s.status();
  ExpectRefused(m.Create(In(kDead), "", OnlyIn("dead")).status(), "specimen.drawer");
  EXPECT_TRUE(absl::IsNotFound(m.Get(s->name(), OnlyIn("dead")).status()))
      << "the scope is the caller's again";
}

TEST_F(References, RowThatRefersToItselfComesAndGoes) {
  museum::CreateSpecimenRequest request;
  request.set_parent("regions/86");
  request.set_specimen_id(NewUuid());
  *request.mutable_specimen() = Specimen("x");
  request.mutable_specimen()->set_twin("regions/86/specimens/" + request.specimen_id());
  auto made = m.Call<museum::Specimen>("CreateSpecimen", request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(DropSpecimen(m, made->name()).ok());
  EXPECT_TRUE(ReviveSpecimen(m, made->name()).ok());
}

TEST_F(References, TableRefusesThemToo) {
  Table<museum::Specimen> table(*m.engine);
  ExpectRefused(InTx([&](pg::Tx& tx) {
                  auto s = In(kDead);
                  s.set_name("regions/86");
                  return table.Insert(tx, kJob, s);
                }),
                "drawer");
  const auto good = *m.Create(In(kAlive));
  ExpectRefused(InTx([&](pg::Tx& tx) {
                  auto before = *table.Get(tx, good.name(), Lock::kUpdate), after = before;
                  after.add_drawers(kDead);
                  return table.Update(tx, kJob, before, after);
                }),
                "drawers");
  ExpectRefused(InTx([&](pg::Tx& tx) {
                  std::vector<museum::Specimen> rows = {In(kAlive), In(kDead)};
                  for (auto& row : rows) row.set_name("regions/86");
                  return table.Merge(tx, kJob, rows).status();
                }),
                "drawer");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "1");
}

TEST_F(References, MergeThatRevivesARowLooksAtEveryReference) {
  Table<museum::Specimen> table(*m.engine);
  const auto s = *m.Create(In(kAlive));
  ASSERT_TRUE(DropSpecimen(m, s.name()).ok());
  ASSERT_TRUE(DropDrawer(m, "alive").ok());
  ExpectRefused(InTx([&](pg::Tx& tx) {
                  std::vector<museum::Specimen> rows = {s};
                  return table.Merge(tx, kJob, rows).status();
                }),
                "drawer");
}

TEST_F(References, SwallowedRefusalDoesNotCommit) {
  Table<museum::Specimen> table(*m.engine);
  const auto status = InTx([&](pg::Tx& tx) {
    auto s = In(kDead);
    s.set_name("regions/86");
    (void)table.Insert(tx, kJob, s);
    return absl::OkStatus();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "0");
}

TEST_F(References, TableDoesNotUpdateOrDeleteADeletedRow) {
  Table<museum::Drawer> table(*m.engine);
  EXPECT_EQ(rpc::ReasonOf(InTx([&](pg::Tx& tx) {
              auto before = *table.Get(tx, kDead, Lock::kUpdate), after = before;
              after.set_title("y");
              return table.Update(tx, kJob, before, after);
            })),
            "DELETED");
  EXPECT_EQ(rpc::ReasonOf(
                InTx([&](pg::Tx& tx) { return table.Delete(tx, kJob, *table.Get(tx, kDead)); })),
            "DELETED");
  EXPECT_EQ(m.Value("SELECT version FROM drawer WHERE id = 'dead'"), "2");
}

TEST_F(References, ImportRefusesRowByRow) {
  options::v1::ImportHeader header;
  header.set_parent("regions/86");
  header.set_mode(options::v1::IMPORT_MODE_SKIP_BAD);
  const std::string a = NewUuid(), b = NewUuid(), c = NewUuid(), d = NewUuid();
  const auto row = [](const std::string& id, const std::string& twin) {
    auto s = Specimen("x");
    s.set_name("regions/86/specimens/" + id);
    if (!twin.empty()) s.set_twin("regions/86/specimens/" + twin);
    return s;
  };
  auto bad = row(d, "");
  bad.set_drawer(kDead);
  // a and b refer to each other, c to a refused one.
  auto report =
      m.Import(header, {row(a, b), row(b, a), row(c, d), bad, Among({kDead}), In(kAlive)});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->created_count(), 3);
  ASSERT_EQ(report->errors_size(), 3);
  for (const auto& [at, field] : {std::pair{0, "twin"}, {1, "drawer"}, {2, "drawers"}}) {
    EXPECT_EQ(report->errors(at).row(), at + 3);
    EXPECT_EQ(report->errors(at).reason(), "REFERENCE_NOT_FOUND");
    EXPECT_EQ(report->errors(at).field(), field);
  }
  // Again: nothing changes, so nothing is asked; a changed reference is.
  auto changed = row(a, b);
  changed.set_drawer(kDead);
  report = m.Import(header, {changed, row(b, a)});
  EXPECT_EQ(report->unchanged_count(), 1);
  EXPECT_EQ(report->rejected_count(), 1);
}

// Deleting a drawer races with everything that begins to refer to it: one side wins, never both.
TEST_F(References, DeletionAndNewReferenceHaveOneWinner) {
  constexpr int kRounds = 40, kWriters = 6;
  const auto revivable = *m.Create(Among({kAlive}));
  ASSERT_TRUE(DropSpecimen(m, revivable.name()).ok());
  int deleted = 0, referred = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string id = absl::StrCat("d", round), name = "regions/86/drawers/" + id;
    ASSERT_TRUE(MakeDrawer(m, id).ok());
    const auto movable = *m.Create(In(kAlive));
    std::atomic<bool> gone = false;
    std::atomic<int> written = 0, ready = 0;
    std::vector<std::thread> threads;
    const auto start = [&](const std::function<absl::Status()>& act, auto done) {
      threads.emplace_back([&ready, act, done] {
        for (++ready; ready < kWriters;) std::this_thread::yield();
        const auto status = act();
        if (status.ok()) return done();
        // Of two deleters the second finds nothing.
        EXPECT_TRUE(absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) << status;
      });
    };
    const auto count = [&] { ++written; };
    start([&] { return DropDrawer(m, id).status(); }, [&] { gone = true; });
    start([&] { return m.Create(In(name)).status(); }, count);
    start([&] { return m.Create(Among({name})).status(); }, count);
    start(
        [&] {
          auto change = movable;
          change.set_drawer(name);
          return m.Update(change, {"drawer"}).status();
        },
        count);
    start(
        [&] {
          options::v1::ImportHeader header;
          header.set_parent("regions/86");
          return m.Import(header, {In(name), Among({name})}).status();
        },
        count);
    start(
        [&] {
          return InTx([&](pg::Tx& tx) {  // a job that read the row without locking it
            Table<museum::Drawer> table(*m.engine);
            auto drawer = table.Get(tx, name);
            if (!drawer.ok() || drawer->has_delete_time()) {
              return absl::FailedPreconditionError("gone");
            }
            auto s = table.Delete(tx, kJob, *drawer);
            return absl::IsAborted(s) ? absl::FailedPreconditionError("lost") : s;
          });
        },
        [&] { gone = true; });
    for (auto& t : threads) t.join();
    EXPECT_NE(gone, written > 0) << round << ": " << written << " writers";
    ++(gone ? deleted : referred);
  }
  EXPECT_EQ(m.Value(kSqlDangling), "0");
  EXPECT_EQ(deleted + referred, kRounds);
}

}  // namespace
}  // namespace rsnms::resource
