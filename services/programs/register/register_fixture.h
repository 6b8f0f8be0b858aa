// The mirror in the test's process, driven step by step against a register that misbehaves.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_FIXTURE_H_

#include <functional>
#include <string>
#include <vector>

#include "services/programs/programs_fixture.h"
#include "services/programs/register/register_merge.h"

namespace rsnms::programs {

class RegisterSyncing : public ProgramsFixture {
 protected:
  using Sync = v1::RegisterSync;

  RegisterSyncing() {
    options_.page_size = 13;
    options_.apply_batch = 17;
    options_.calls_per_second = 100000;
    options_.backoff = absl::Milliseconds(1);
    options_.greatest_backoff = absl::Milliseconds(2);
    options_.call_timeout = absl::Seconds(5);
  }

  Sync Begin(Sync::Mode mode = Sync::MODE_FULL) {
    v1::StartRegisterSyncRequest request;
    request.set_parent("regions/86");
    request.set_mode(mode);
    return Must<Sync>("StartRegisterSync", request);
  }

  Sync Get(const std::string& name) {
    v1::GetRegisterSyncRequest request;
    request.set_name(name);
    return Must<Sync>("GetRegisterSync", request);
  }

  // Steps until no run is living, waits a little as told.
  void Drive(RegisterMirror& mirror, int most_steps = 2000) {
    for (int i = 0; i < most_steps; ++i) {
      auto living = mirror.Living();
      ASSERT_TRUE(living.ok()) << living.status();
      if (living->empty()) return;
      auto delay = mirror.Step(living->front());
      ASSERT_TRUE(delay.ok()) << delay.status();
      absl::SleepFor(std::min(*delay, absl::Milliseconds(25)));
    }
    FAIL() << "the run did not end";
  }

  Sync RunSync(Sync::Mode mode = Sync::MODE_FULL) {
    const Sync begun = Begin(mode);
    RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
    Drive(mirror);
    return Get(begun.name());
  }

  // The mirror holds exactly what the register truly holds, but for `rejected` entries.
  void ExpectEqualToTruth(int rejected = 0) {
    const auto programmes = Programmes();
    int listed = 0, standing = 0, different = 0;
    for (const auto& [key, programme] : programmes) {
      listed += programme.register_state() == v1::REGISTER_STATE_LISTED;
    }
    for (const auto& entry : sim_->programme_register().Truth()) {
      auto it = programmes.find(entry.register_number());
      if (entry.has_withdrawn_date()) {
        if (it != programmes.end()) {
          EXPECT_EQ(it->second.register_state(), v1::REGISTER_STATE_WITHDRAWN);
        }
        continue;
      }
      ++standing;
      if (it == programmes.end()) {
        ++different;
        continue;
      }
      const v1::Programme& stored = it->second;
      bool edited = false;
      for (const auto& field : register_merge::Provenance(stored, &entry)) {
        edited = edited || field.origin() == v1::FieldProvenance::ORIGIN_EDITED;
      }
      different += edited || stored.register_state() != v1::REGISTER_STATE_LISTED ||
                   stored.register_sha256() != Sha256Hex(entry.SerializeAsString());
    }
    EXPECT_LE(different, rejected);
    EXPECT_GE(listed, standing - rejected);
    EXPECT_LE(listed, standing);
  }

  // Every open conflict is decided for the register; hours and kind fit in some order only.
  void TakeAllTheirs() {
    for (int round = 0; round < 4; ++round) {
      for (const auto& conflict : OpenConflicts()) {
        v1::TakeTheirsRequest take;
        take.set_name(conflict.name());
        const auto status = Try<v1::RegisterConflict>("Register/TakeTheirs", take);
        EXPECT_TRUE(status.ok() || round < 3) << status;
      }
    }
  }

  std::vector<v1::RegisterConflict> OpenConflicts() {
    v1::ListRegisterConflictsRequest request;
    request.set_parent("regions/86");
    request.set_filter("state = OPEN");
    request.set_page_size(1000);
    const auto page =
        Must<v1::ListRegisterConflictsResponse>("Register/ListRegisterConflicts", request);
    return {page.register_conflicts().begin(), page.register_conflicts().end()};
  }

  // A person's edit of a programme.
  v1::Programme Edit(const std::string& number, const std::function<void(v1::Programme&)>& change,
                     const std::string& field) {
    v1::UpdateProgrammeRequest request;
    *request.mutable_programme() = Programmes().at(number);
    change(*request.mutable_programme());
    request.mutable_update_mask()->add_paths(field);
    return Must<v1::Programme>("UpdateProgramme", request);
  }

  MirrorOptions options_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_FIXTURE_H_
