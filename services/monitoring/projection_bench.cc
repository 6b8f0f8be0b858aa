// How fast feeds become facts, and how fast facts become indicators. Prints figures; asserts
// nothing.
//   build/dev/bin/monitoring_bench [educators]
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/database.h"
#include "services/monitoring/cube_store.h"
#include "services/monitoring/fact_store.h"
#include "services/monitoring/profile_catalogue.h"
#include "services/monitoring/profile_rules.h"
#include "services/monitoring/projection.h"
#include "services/monitoring/test_world.h"

namespace rsnms::monitoring {
namespace {

constexpr size_t kBatch = 1000;
constexpr char kSqlOpen[] = R"(
INSERT INTO period (region_code, id, year, start_date, cut_off_date, version, create_time,
                    update_time)
VALUES ('86', '2026', 2026, '2026-01-01', '2026-12-31', 1, now(), now()))";
// The first indicator by plain SQL over the facts: the yardstick of the cube.
constexpr char kSqlOverFacts[] = R"(
SELECT count(*) FILTER (WHERE mask & 4 <> 0), count(*) FROM subject_fact
 WHERE region_code = '86' AND year = 2026 AND subject_kind = 1 AND mask & 3 <> 0)";

class Bench {
 public:
  explicit Bench(int educators) : educators_(educators) {
    Must([](pg::Tx& tx) { return tx.Execute(kSqlOpen).status(); });
  }

  void Run() {
    Load("bodies, people, posts", Registry());
    Load("sessions", Sessions());
    Load("routes", Routes());
    Load("completions", Completions());
    const double rebuild =
        Time([&] { Must([](pg::Tx& tx) { return RebuildFacts(tx, "86", 2026); }); });
    std::printf("rebuild of the period: %.2f s\n", rebuild);
    Indicators();
  }

 private:
  using Changes = std::vector<feed::v1::Change>;

  void Must(const std::function<absl::Status(pg::Tx&)>& body) {
    pg::TxOptions everything;
    everything.scopes = "*";
    const auto status = db_->app().Run(everything, body);
    if (status.ok()) return;
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::exit(EXIT_FAILURE);
  }
  static double Time(const std::function<void()>& job) {
    const absl::Time start = absl::Now();
    job();
    return absl::ToDoubleSeconds(absl::Now() - start);
  }
  void Load(const char* what, const Changes& changes) {
    const double seconds = Time([&] {
      for (size_t i = 0; i < changes.size(); i += kBatch) {
        const Changes batch(changes.begin() + i,
                            changes.begin() + std::min(changes.size(), i + kBatch));
        Must([&](pg::Tx& tx) {
          const auto status = ApplyChanges(tx, batch);
          return status.ok() ? statistics_.Count(tx, batch) : status;
        });
      }
    });
    std::printf("%s: %zu changes in %.2f s, %.0f changes/s\n", what, changes.size(), seconds,
                static_cast<double>(changes.size()) / seconds);
  }

  Changes Registry() {
    Changes changes;
    for (int i = 0; i < educators_ / 40 + 1; ++i) {
      registry::v1::Organisation body;
      body.set_name(world_.Name("organisations", i));
      body.set_kind(registry::v1::ORGANISATION_KIND_SCHOOL);
      body.set_municipality(absl::StrCat("regions/86/municipalities/718", 10 + i % 22, "000"));
      changes.push_back(world_.Put(body));
    }
    for (int i = 0; i < educators_; ++i) {
      registry::v1::Person person;
      person.set_name(world_.Name("persons", i));
      *person.mutable_teaching_start_date() = ToDate(20200901);
      changes.push_back(world_.Put(person));
      registry::v1::Employment post;
      post.set_name(world_.Name("employments", i));
      post.set_person(person.name());
      post.set_organisation(world_.Name("organisations", i / 40));
      post.set_category(i % 12 == 0 ? registry::v1::STAFF_CATEGORY_MANAGER
                                    : registry::v1::STAFF_CATEGORY_PEDAGOGUE);
      post.set_main(true);
      *post.mutable_start_date() = ToDate(20200901);
      changes.push_back(world_.Put(post));
    }
    return changes;
  }
  Changes Sessions() {
    Changes changes;
    for (int i = 0; i < educators_; ++i) {
      diagnostics::v1::Session session;
      session.set_name(world_.Name("sessions", i));
      session.set_person(world_.Name("persons", i));
      session.set_campaign(world_.Name("campaigns", 1));
      session.set_held_at_centre(true);
      session.set_state(diagnostics::v1::Session::STATE_SUBMITTED);
      *session.mutable_submit_date() = ToDate(20260315);
      changes.push_back(world_.Put(session));
    }
    return changes;
  }
  Changes Routes() {
    Changes changes;
    for (int i = 0; i < educators_; i += 2) {
      diagnostics::v1::Route route;
      route.set_name(world_.Name("routes", i));
      route.set_person(world_.Name("persons", i));
      route.set_on_centre_diagnostics(true);
      route.set_state(diagnostics::v1::Route::STATE_APPROVED);
      *route.mutable_approve_date() = ToDate(20260401);
      changes.push_back(world_.Put(route));
    }
    return changes;
  }
  Changes Completions() {
    Changes changes;
    for (int i = 0; i < educators_; i += 4) {
      programs::v1::Completion completion;
      completion.set_name(world_.Name("completions", i));
      completion.set_person(world_.Name("persons", i));
      completion.set_programme(world_.Name("programmes", i % 50));
      completion.set_route(world_.Name("routes", i));
      *completion.mutable_completion_date() = ToDate(20261010);
      completion.set_register_programme(true);
      completion.set_chosen_by_diagnostics(true);
      changes.push_back(world_.Put(completion));
    }
    return changes;
  }

  void Indicators() {
    auto catalogue = LoadProfiles("services/monitoring/profiles");
    auto compiled = CompileProfile(catalogue->at("yugra"));
    constexpr int kRounds = 50;
    size_t rows = 0;
    const double cube = Time([&] {
      for (int i = 0; i < kRounds; ++i) {
        Must([&](pg::Tx& tx) -> absl::Status {
          auto cells = LoadCells(tx, "86", 2026, false);
          if (!cells.ok()) return cells.status();
          std::vector<const Cell*> all;
          for (const Cell& cell : *cells) all.push_back(&cell);
          const Situation situation{2026, {"registry", "diagnostics", "programs"}, false};
          for (const auto& indicator : *compiled) Evaluate(indicator, situation, all);
          rows = all.size();
          return absl::OkStatus();
        });
      }
    });
    const double facts = Time([&] {
      for (int i = 0; i < kRounds; ++i) {
        Must([](pg::Tx& tx) { return tx.Query(kSqlOverFacts).status(); });
      }
    });
    std::printf(
        "all indicators from the cube: %.2f ms (%zu cells); one indicator over facts: %.2f ms\n",
        cube * 1000 / kRounds, rows, facts * 1000 / kRounds);
  }

  const int educators_;
  Statistics statistics_;
  World world_{"86"};
  std::unique_ptr<testing::Database> db_ = testing::Database::Create("monitoring");
};

}  // namespace
}  // namespace rsnms::monitoring

int main(int argc, char** argv) {
  rsnms::monitoring::Bench(argc > 1 ? std::atoi(argv[1]) : 20000).Run();
}
