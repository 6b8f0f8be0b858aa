// What is read for a selection beside the pure search over everything.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>

#include "services/programs/programs_fixture.h"
#include "services/programs/selection/selection.h"
#include "services/programs/selection/selection_store.h"

namespace rsnms::programs {
namespace {

class SelectionStore : public ProgramsFixture {
 protected:
  int Upto(int most) { return static_cast<int>(random_() % (most + 1)); }
  std::string Competency() {
    return NameOf("86", "competencies", std::string(1, static_cast<char>('a' + Upto(5))));
  }

  void Describe(v1::Programme* programme) {
    programme->set_title(Cat("Программа ", Upto(9)));
    programme->set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
    programme->set_duration_hours(16 + Upto(3));
    programme->set_form(static_cast<v1::StudyForm>(Upto(3)));
    programme->set_for_pedagogues(Upto(3) > 0);
    programme->set_for_managers(Upto(1) == 0);
    programme->set_provider(Upto(1) == 0 ? NameOf("86", "organisations", Uuid(1 + Upto(2))) : "");
    programme->clear_competencies();
    std::set<std::string> covered;
    for (int i = Upto(4); i > 0; --i) covered.insert(Competency());
    for (const std::string& competency : covered) {
      auto& coverage = *programme->add_competencies();
      coverage.set_competency(competency);
      coverage.set_depth(static_cast<v1::CoverageDepth>(Upto(3)));
    }
  }
  void Create() {
    v1::CreateProgrammeRequest request;
    request.set_parent("regions/86");
    Describe(request.mutable_programme());
    Must<v1::Programme>("CreateProgramme", request);
  }
  // Writes, deletes or takes from the offer one of them.
  void Change(const v1::Programme& programme) {
    if (Upto(2) > 0) {
      v1::UpdateProgrammeRequest request;
      *request.mutable_programme() = programme;
      Describe(request.mutable_programme());
      request.mutable_update_mask()->add_paths("*");
      if (!programme.has_delete_time()) Must<v1::Programme>("UpdateProgramme", request);
      return;
    }
    const char* const how[] = {"delete_time = now()",
                               "delete_time = NULL",
                               "withdrawn = true",
                               "withdrawn = false",
                               "awaits_approval = NOT awaits_approval",
                               "register_state = 'WITHDRAWN'",
                               "register_state = 'LISTED'"};
    pg::TxOptions everything;
    everything.scopes = "*";
    const auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) {
      return tx
          .Query(Cat("UPDATE programme SET ", how[Upto(6)], " WHERE id = $1::uuid"),
                 std::string(IdOf(programme.name())))
          .status();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  v1::ProgrammeSelection Selection() {
    v1::ProgrammeSelection selection;
    for (int i = Upto(3); i >= 0; --i) {
      auto& deficit = *selection.add_deficits();
      deficit.set_competency(Competency());
      deficit.set_weight(Upto(3));
    }
    for (int i = Upto(2); i > 0; --i) selection.add_competencies(Competency());
    if (Upto(1) == 0) selection.set_min_duration_hours(16 + Upto(2));
    if (Upto(1) == 0) selection.set_max_duration_hours(18 + Upto(1));
    selection.set_form(static_cast<v1::StudyForm>(Upto(3)));
    selection.set_manager(Upto(1) == 0);
    selection.set_register_only(Upto(2) == 0);
    selection.set_limit(Upto(1) == 0 ? 100 : Upto(3));
    return selection;
  }
  // Asked of the service by a school, and of the pure function over every programme there is.
  void Compare(rpc::Client& school) {
    std::vector<v1::Programme> all;
    for (auto& [name, programme] : Programmes()) all.push_back(programme);
    const Catalogue catalogue(all);
    v1::BatchSelectProgrammesRequest batch;
    batch.set_parent("regions/86");
    for (int i = Upto(3); i >= 0; --i) *batch.add_selections() = Selection();
    v1::BatchSelectProgrammesResponse found;
    const auto status = Call(school, "BatchSelectProgrammes", batch, &found);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(found.selected_size(), batch.selections_size());
    for (int i = 0; i < batch.selections_size(); ++i) {
      EXPECT_EQ(found.selected(i).DebugString(),
                catalogue.Select(batch.selections(i)).DebugString())
          << batch.selections(i).DebugString();
      ranked_ += found.selected(i).programmes_size();
    }
  }

  std::mt19937 random_{17};
  int ranked_ = 0;
};

TEST_F(SelectionStore, CandidatesGiveWhatAllProgrammesGive) {
  auto school = service_->Connect({"methodologist"}, {NameOf("86", "organisations", Uuid(7))});
  for (int i = 0; i < 40; ++i) Create();
  for (int round = 0; round < 40; ++round) {
    Compare(*school);
    for (const auto& [name, programme] : Programmes()) {
      if (Upto(9) == 0) Change(programme);
    }
  }
  EXPECT_GT(ranked_, 200) << "something must be found";
}

TEST_F(SelectionStore, AnIndexFindsThem) {
  Create();
  std::string plan;
  pg::TxOptions scope;
  scope.scopes = NameOf("86", "organisations", Uuid(7));
  const auto status = service_->database().app().Run(scope, [&](pg::Tx& tx) {
    auto off = tx.Execute("SET LOCAL enable_seqscan = off");
    if (!off.ok()) return off.status();
    auto rows = tx.Query(
        "EXPLAIN SELECT FROM programme_competency c JOIN programme p ON p.region_code = "
        "c.region_code AND p.id = c.programme_id WHERE c.region_code = $1 AND c.competency = ANY "
        "($2::text[]) AND on_offer(p)",
        std::string("86"), std::vector<std::string>{"a", "b"});
    if (rows.ok()) {
      for (const auto& row : *rows) plan += Cat(row[0].c_str(), "\n");
    }
    return rows.status();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_NE(plan.find("competency = ANY"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

// Time and memory of one selection over as many programmes as RSNMS_SELECTION_PROGRAMMES says, each
// covering 3 of 120 competencies: all of them read and ranked, and the candidates alone.
TEST_F(SelectionStore, MeasuredOverManyProgrammes) {
  const char* const many = std::getenv("RSNMS_SELECTION_PROGRAMMES");
  if (many == nullptr) GTEST_SKIP() << "set RSNMS_SELECTION_PROGRAMMES";
  const std::string model(IdOf(CreateProgramme().name()));
  pg::TxOptions region;
  region.scopes = "regions/86";
  auto& pool = service_->database().app();
  auto filled = pool.Run(region, [&](pg::Tx& tx) {
    auto rows = tx.Query(
        "INSERT INTO programme SELECT (jsonb_populate_record(p, jsonb_build_object('id', "
        "gen_random_uuid(), 'title', 'Программа повышения квалификации педагогов ' || n, "
        "'annotation', repeat('Аннотация. ', 50), 'competencies', (SELECT jsonb_agg("
        "jsonb_build_object('competency', 'regions/86/competencies/c' || (n * 7 + k * 41) % 120, "
        "'depth', 'COVERAGE_DEPTH_WORKING')) FROM generate_series(1, 3) AS k)))).* "
        "FROM programme p, generate_series(1, $2::int) AS n WHERE p.id = $1::uuid",
        model, std::string(many));
    return rows.ok() ? tx.Execute("ANALYZE programme").status() : rows.status();
  });
  ASSERT_TRUE(filled.ok()) << filled;
  google::protobuf::RepeatedPtrField<v1::ProgrammeSelection> selections;
  for (int c = 0; c < 5; ++c) {
    selections.Add()->add_competencies(Cat("regions/86/competencies/c", c * 17));
    if (c > 0) selections[0].add_competencies(selections[c].competencies(0));
  }
  selections.DeleteSubrange(1, 4);
  const auto measure = [&](const char* what, const auto& read) {
    const size_t held_before = mallinfo2().uordblks;
    const absl::Time begin = absl::Now();
    std::vector<v1::Programme> programmes;
    auto status = pool.Run(region, [&](pg::Tx& tx) {
      auto rows = read(tx);
      if (rows.ok()) programmes = *std::move(rows);
      return rows.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    const size_t count = programmes.size();
    const Catalogue catalogue(std::move(programmes));
    const auto selected = catalogue.Select(selections[0]);
    std::printf("%s: %zu programmes, %.0f ms, %.1f MiB held\n", what, count,
                absl::ToDoubleMilliseconds(absl::Now() - begin),
                (mallinfo2().uordblks - held_before) / 1048576.0);
    return selected.DebugString();
  };
  const resource::Table<v1::Programme> table(service_->host().engine());
  std::string all, some;
  for (int i = 0; i < 3; ++i) {
    all = measure("all", [&](pg::Tx& tx) {
      return table.Select(tx, "region_code = $1 AND on_offer(programme)", std::string("86"));
    });
    some = measure("candidates", [&](pg::Tx& tx) {
      return selection_store::ReadCandidates(tx, "86", selections);
    });
  }
  EXPECT_EQ(all, some);
  for (const std::string& scope :
       {std::string("regions/86"), NameOf("86", "organisations", Uuid(7))}) {
    auto client = service_->Connect({"organisation"}, {scope});
    v1::ListProgrammesRequest request;
    request.set_parent("regions/86");
    for (int i = 0; i < 3; ++i) {
      v1::ListProgrammesResponse page;
      const absl::Time begin = absl::Now();
      EXPECT_TRUE(Call(*client, "ListProgrammes", request, &page).ok());
      std::printf("a page of %d as %s: %.1f ms\n", page.programmes_size(), scope.c_str(),
                  absl::ToDoubleMilliseconds(absl::Now() - begin));
    }
  }
}

}  // namespace
}  // namespace rsnms::programs
