// Fault injection: every misbehaviour of the register singly, and at random for a thousand seeded
// runs, with processes killed at any point. The mirror ends equal to its source, holds nothing
// twice, and loses no edit. RSNMS_FAULT_SEED and RSNMS_FAULT_WORLDS choose other worlds.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "services/programs/register/register_world.h"

namespace rsnms::programs {
namespace {

using federal_sim::Misbehaviour;
using v1::RegisterSync;

int Number(const char* variable, int otherwise) {
  int number = otherwise;
  const char* text = std::getenv(variable);
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

// What a run cannot see past: it may succeed and still not be equal to the truth.
bool Blinds(const Misbehaviour& m) {
  return m.lie_types || m.lie_identifiers || m.lie_fields || m.lie_numbers || m.skip > 0 ||
         m.shift_every > 0 || m.shrink_percent > 0;
}

class RegisterFaults : public ProgramsFixture {
 protected:
  std::unique_ptr<World> Make(int number, uint64_t seed, int programmes = 12) {
    return std::make_unique<World>(&service_->host().engine(), admin_.get(), &open_door_,
                                   absl::StrFormat("%02d", number), seed, programmes);
  }

  // One run under a misbehaviour, then what must hold. `sighted`: the runs before saw the truth, so
  // that what changed since is all there is to see.
  RegisterSync RunUnder(World& world, const Misbehaviour& misbehaviour, const World::Deaths& deaths,
                        RegisterSync::Mode mode = RegisterSync::MODE_FULL,
                        bool* sighted = nullptr) {
    world.reg().Set(misbehaviour);
    const auto before = world.Programmes();
    const RegisterSync run = world.Run(deaths, mode);
    world.ExpectSound(before, run, misbehaviour);
    if (run.state() != RegisterSync::STATE_SUCCEEDED) return run;
    const bool full = run.mode() == RegisterSync::MODE_FULL;
    const bool sees = !Blinds(misbehaviour) && run.rejected_count() == 0 &&
                      (full || (sighted != nullptr && *sighted));
    if (sees) world.ExpectEqual();
    if (sighted != nullptr) *sighted = sees;
    return run;
  }

  // A run from a file: whole it is the truth, of a part nothing is expected but that it harms
  // nobody.
  RegisterSync RunFile(World& world, const World::Deaths& deaths, RegisterSync::Mode mode) {
    world.reg().Set({});
    const auto before = world.Programmes();
    const RegisterSync run = world.RunFile(deaths, mode);
    world.ExpectSound(before, run, {});
    const bool whole = mode == RegisterSync::MODE_FULL && run.rejected_count() == 0;
    if (run.state() == RegisterSync::STATE_SUCCEEDED && whole) world.ExpectEqual();
    return run;
  }

  // Left alone at last, the mirror is equal to the register. A register that truly lost much asks
  // for a word, which may be no: then it is asked again.
  void ExpectCalmEnd(World& world) {
    for (int i = 0; i < 20; ++i) {
      const RegisterSync run = RunUnder(world, {}, {});
      if (run.state() != RegisterSync::STATE_SUCCEEDED) continue;
      EXPECT_EQ(run.rejected_count(), 0) << world.label << run.DebugString();
      return world.ExpectEqual();
    }
    ADD_FAILURE() << world.label << " no calm run succeeds";
  }
};

TEST_F(RegisterFaults, EveryMisbehaviourSinglyEndsEqual) {
  int number = 0;
  for (const char* words :
       {"unavailable:2", "exhausted:2", "expire:4", "repeat", "reorder", "truncate:2", "short",
        "lie-types", "lie-identifiers", "lie-fields", "lie-numbers,skip:2", "skip:3", "shift:2",
        "shift:3", "shrink:60", "unsteady:40", "endless", "truncate:-1"}) {
    ++number;
    auto world = Make(number, number);
    world->label += std::string(" ") + words;
    RunUnder(*world, {}, {});
    for (int i = 0; i < 2 && !HasFailure(); ++i) {
      world->EditHere(2);
      world->Learn();
      world->ChangeTheRegister(3);
      RunUnder(*world, *federal_sim::ParseMisbehaviour(words), {.percent = i == 0 ? 0 : 15});
      world->DecideConflicts();
    }
    ExpectCalmEnd(*world);
  }
}

TEST_F(RegisterFaults, KilledAtEveryBoundaryOnceTheRunEndsEqual) {
  for (int at = 1; at < 99 && !HasFailure(); ++at) {
    auto world = Make(at, 7);
    world->label += absl::StrFormat(" killed at %d", at);
    RunUnder(*world, {}, {});
    world->EditHere(3);
    world->Learn();
    world->ChangeTheRegister(6);
    Misbehaviour skipping;
    skipping.skip = 2;
    world->reg().Set(skipping);
    world->Run({.at = at});
    ExpectCalmEnd(*world);
    if (world->deaths() == 1) continue;
    EXPECT_GT(at, 25) << "a run has more points than that";
    return;
  }
  ADD_FAILURE() << "a run has fewer points than that";
}

TEST_F(RegisterFaults, AThousandRunsAtRandomEndEqual) {
  const int seed = Number("RSNMS_FAULT_SEED", 1), worlds = Number("RSNMS_FAULT_WORLDS", 84);
  constexpr int kRuns = 12, kThreads = 2;
  std::atomic<int> runs = 0, deaths = 0, succeeded = 0, shrunk = 0, failed = 0, incremental = 0,
                   files = 0, notices = 0, contested = 0;
  const auto live = [&](int thread) {
    for (int w = thread; w < worlds && !HasFailure(); w += kThreads) {
      auto world = Make(w % 99 + 1, seed * 100000 + w);
      std::mt19937_64 random(seed * 77777 + w);
      bool sighted = false;
      for (int i = 0; i + 1 < kRuns && !HasFailure(); ++i) {
        world->ChangeTheRegister(static_cast<int>(random() % 4));
        world->EditHere(static_cast<int>(random() % 3));
        world->DecideConflicts();
        world->Learn();
        const uint64_t draw = random();
        const Misbehaviour misbehaviour =
            draw % 5 == 0 ? Misbehaviour{} : federal_sim::DrawMisbehaviour(draw);
        const int kills[] = {0, 3, 12};
        const auto mode =
            random() % 4 == 0 ? RegisterSync::MODE_INCREMENTAL : RegisterSync::MODE_FULL;
        const World::Deaths deaths = {.percent = kills[random() % std::size(kills)]};
        const bool file = random() % 6 == 0;
        const RegisterSync run = file ? RunFile(*world, deaths, mode)
                                      : RunUnder(*world, misbehaviour, deaths, mode, &sighted);
        files += file;
        incremental += !file && run.mode() == RegisterSync::MODE_INCREMENTAL;
        succeeded += run.state() == RegisterSync::STATE_SUCCEEDED;
        shrunk += run.shrink_confirmed() || run.error_reason() == "SHRINK_REJECTED";
        failed += run.state() == RegisterSync::STATE_FAILED;
        ++runs;
      }
      ExpectCalmEnd(*world);
      ++runs;
      for (int i = 0; i < 3 && !HasFailure(); ++i) {
        world->MixNamesakes(3);
        world->EditHere(1);
        RunUnder(*world, {}, {.percent = 3});
        ++runs;
      }
      deaths += world->deaths();
      notices += world->notices();
      contested += world->contested();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(live, i);
  for (auto& thread : threads) thread.join();
  std::printf(
      "runs %d, succeeded %d, incremental %d, files %d, shrunk %d, failed %d, deaths %d, "
      "notices %d, renumbered namesakes %d\n",
      runs.load(), succeeded.load(), incremental.load(), files.load(), shrunk.load(), failed.load(),
      deaths.load(), notices.load(), contested.load());
  // The suite means something only when all of this happened.
  if (worlds < 84) return;
  EXPECT_GE(runs, 1000);
  EXPECT_GT(deaths, 200);
  EXPECT_GT(shrunk, 20);
  EXPECT_GT(failed, 10);
  EXPECT_GT(incremental, 50);
  EXPECT_GT(files, 100);
  EXPECT_GT(notices, 50);
  EXPECT_GT(contested, 20);
  EXPECT_GT(succeeded, 500);
}

}  // namespace
}  // namespace rsnms::programs
