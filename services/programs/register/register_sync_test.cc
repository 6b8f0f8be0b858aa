// Mirroring against a federal register that misbehaves in every way it knows.
#include <atomic>
#include <thread>

#include "services/programs/register/register_fixture.h"
#include "services/programs/register/sync_worker.h"

namespace rsnms::programs {
namespace {

using federal_sim::Misbehaviour;

TEST_F(RegisterSyncing, AFullRunMirrorsTheRegisterAndASecondChangesNothing) {
  const Sync first = RunSync();
  EXPECT_EQ(first.state(), Sync::STATE_SUCCEEDED) << first.DebugString();
  EXPECT_EQ(first.added_count(), 60);
  EXPECT_EQ(first.fetched_count(), 60);
  EXPECT_EQ(first.expected_count(), 60);
  EXPECT_EQ(first.applied_count(), 60);
  EXPECT_TRUE(first.has_end_time());
  ExpectEqualToTruth();
  const auto before = Programmes();
  const Sync second = RunSync();
  EXPECT_EQ(second.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(second.unchanged_count(), 60);
  EXPECT_EQ(second.added_count() + second.changed_count() + second.withdrawn_count(), 0);
  const auto after = Programmes();
  for (const auto& [number, programme] : before) {
    EXPECT_EQ(programme.etag(), after.at(number).etag());
  }
}

TEST_F(RegisterSyncing, ChangesWithdrawalsAndReturnsAreFoundAndReported) {
  RunSync();
  auto& truth = sim_->programme_register();
  truth.Edit("DPP-000003", [](auto& entry) { entry.set_duration_hours(40); });
  truth.Withdraw("DPP-000005");
  Sync sync = RunSync();
  EXPECT_EQ(sync.changed_count(), 1);
  EXPECT_EQ(sync.withdrawn_count(), 1);
  EXPECT_EQ(sync.unchanged_count(), 58);
  ExpectEqualToTruth();
  EXPECT_FALSE(Programmes().at("DPP-000005").has_delete_time());
  EXPECT_TRUE(Programmes().at("DPP-000005").has_register_withdrawn_date());
  v1::ListRegisterChangesRequest request;
  request.set_parent("regions/86");
  request.set_filter("register_sync = \"" + sync.name() + "\"");
  const auto report = Must<v1::ListRegisterChangesResponse>("ListRegisterChanges", request);
  ASSERT_EQ(report.register_changes_size(), 2);
  truth.Restore("DPP-000005");
  sync = RunSync();
  EXPECT_EQ(sync.reappeared_count(), 1);
  EXPECT_EQ(sync.unchanged_count(), 59);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, AnIncrementalRunReadsOnlyWhatChanged) {
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).mode(), Sync::MODE_FULL);
  auto& truth = sim_->programme_register();
  truth.Edit("DPP-000007", [](auto& entry) { entry.set_title("Новое название"); });
  truth.Withdraw("DPP-000008");
  const Sync sync = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(sync.mode(), Sync::MODE_INCREMENTAL);
  EXPECT_EQ(sync.fetched_count(), 2);
  EXPECT_EQ(sync.changed_count(), 1);
  EXPECT_EQ(sync.withdrawn_count(), 1);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, AProgrammeOfTheRegionIsFoundByNumberElseByTitleAndProvider) {
  const auto truth = sim_->programme_register().Truth();
  v1::CreateProgrammeRequest create;
  create.set_parent("regions/86");
  v1::Programme& programme = *create.mutable_programme();
  programme.set_title(truth[0].title());
  programme.set_provider(NameOf("86", "organisations", Uuid(3)));
  programme.set_provider_inn(truth[0].provider().inn());
  programme.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  programme.set_duration_hours(16);
  const std::string by_title = Must<v1::Programme>("CreateProgramme", create).name();
  const std::string by_number = CreateProgramme("Иное", truth[1].register_number()).name();
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 58);
  EXPECT_EQ(sync.changed_count(), 2);
  // What the region had said stays until a person decides.
  EXPECT_GT(sync.conflict_count(), 0);
  EXPECT_EQ(Programmes().at(truth[0].register_number()).duration_hours(), 16);
  TakeAllTheirs();
  ExpectEqualToTruth();
  const auto programmes = Programmes();
  EXPECT_EQ(programmes.at(truth[0].register_number()).name(), by_title);
  EXPECT_EQ(programmes.at(truth[1].register_number()).name(), by_number);
  // The other programmes of the same provider belong to the same organisation of the region.
  for (const auto& entry : truth) {
    if (entry.provider().inn() != truth[0].provider().inn()) continue;
    EXPECT_EQ(programmes.at(entry.register_number()).provider(),
              NameOf("86", "organisations", Uuid(3)));
  }
}

TEST_F(RegisterSyncing, ProvidersAreLookedUpAtTheRegistry) {
  options_.find_provider =
      [](std::string_view region,
         const federal::v1::Provider& provider) -> absl::StatusOr<std::string> {
    EXPECT_EQ(region, "86");
    return provider.region_code() == "86" ? NameOf("86", "organisations", Uuid(4)) : "";
  };
  RunSync();
  for (const auto& entry : sim_->programme_register().Truth()) {
    EXPECT_EQ(Programmes().at(entry.register_number()).provider().empty(),
              entry.provider().region_code() != "86");
  }
}

TEST_F(RegisterSyncing, WhatAPersonDeletedStaysDeleted) {
  RunSync();
  v1::DeleteProgrammeRequest request;
  request.set_name(Programmes().at("DPP-000009").name());
  Must<v1::Programme>("DeleteProgramme", request);
  sim_->programme_register().Edit("DPP-000009", [](auto& e) { e.set_duration_hours(44); });
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_TRUE(Programmes().at("DPP-000009").has_delete_time());
}

TEST_F(RegisterSyncing, BusyAwayAndExpiringRegistersAreMetWithPatience) {
  for (const char* words : {"unavailable:3", "exhausted:3", "unavailable:2,exhausted:5", "expire:9",
                            "repeat", "reorder", "repeat,reorder,unavailable:4"}) {
    sim_->programme_register().Set(*federal_sim::ParseMisbehaviour(words));
    sim_->programme_register().Edit("DPP-000001",
                                    [&](auto& entry) { entry.set_annotation(words); });
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << words << "\n" << sync.DebugString();
    EXPECT_EQ(sync.fetched_count(), 60) << words;
    ExpectEqualToTruth();
  }
}

TEST_F(RegisterSyncing, ACallThatHangsIsRepeated) {
  options_.call_timeout = absl::Milliseconds(100);
  Misbehaviour misbehaviour;
  misbehaviour.hang_every = 3;
  misbehaviour.hang = absl::Milliseconds(400);
  sim_->programme_register().Set(misbehaviour);
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, ARegisterThatIsAwayForGoodFailsTheRunAndTheNextOneWorks) {
  options_.max_failures = 3;
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("unavailable:1"));
  const Sync failed = RunSync();
  EXPECT_EQ(failed.state(), Sync::STATE_FAILED);
  EXPECT_EQ(failed.error_reason(), "REGISTER_UNREACHABLE");
  sim_->programme_register().Set({});
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, TruncatedPagesAreNoticedAndReadAgain) {
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("truncate:2"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(sync.restart_count(), 2);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, AnIncompleteRegisterChangesNothing) {
  RunSync();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("truncate:-1"));
  sim_->programme_register().Edit("DPP-000001", [](auto& entry) { entry.set_title("Иное"); });
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_FAILED);
  EXPECT_EQ(sync.error_reason(), "REGISTER_INCOMPLETE");
  EXPECT_NE(Programmes().at("DPP-000001").title(), "Иное");
}

TEST_F(RegisterSyncing, APoisonedPageIsNeitherKeptNorTriedForEver) {
  using Page = federal::v1::ListProgrammesResponse;
  options_.max_restarts = 1;
  const std::vector<std::function<void(Page&)>> poisons = {
      [](Page& page) { page.clear_snapshot_time(); },
      [](Page& page) { page.mutable_snapshot_time()->set_seconds(int64_t{1} << 60); },
      [](Page& page) { page.set_snapshot_version(std::string("v\0x", 3)); },
      [](Page& page) { page.set_next_page_token(std::string("1.\0", 3)); },
      [](Page& page) { page.set_total_size(2147483647); },
  };
  for (size_t i = 0; i < poisons.size(); ++i) {
    Misbehaviour poisoned;
    poisoned.spoil = poisons[i];
    sim_->programme_register().Set(poisoned);
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_FAILED) << i;
    EXPECT_EQ(sync.error_reason(), "REGISTER_BROKEN") << i;
    EXPECT_EQ(sync.restart_count(), 1) << i;
  }
  EXPECT_TRUE(Programmes().empty());
}

TEST_F(RegisterSyncing, AStepThatCanNeverSucceedFailsTheRun) {
  const Sync begun = Begin();
  bool refused = false;
  options_.interrupt = [&](std::string_view point) -> absl::Status {
    if (point != "fetched" || refused) return absl::OkStatus();
    refused = true;
    return absl::InvalidArgumentError("the database takes no such value");
  };
  RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
  Drive(mirror);
  EXPECT_EQ(Get(begun.name()).state(), Sync::STATE_FAILED);
  EXPECT_EQ(Get(begun.name()).error_reason(), "REGISTER_BROKEN");
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
}

TEST_F(RegisterSyncing, AnEndlessWalkIsGivenUp) {
  options_.max_restarts = 1;
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("endless"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_FAILED);
  EXPECT_EQ(sync.error_reason(), "REGISTER_BROKEN");
}

TEST_F(RegisterSyncing, LyingEntriesAreRejectedAndTheirProgrammesKept) {
  RunSync();
  for (const char* words : {"lie-types", "lie-identifiers", "lie-types,lie-identifiers"}) {
    sim_->programme_register().Set(*federal_sim::ParseMisbehaviour(words));
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << words << "\n" << sync.DebugString();
    EXPECT_GT(sync.rejected_count(), 5) << words;
    EXPECT_EQ(sync.withdrawn_count(), 0) << words;
    EXPECT_EQ(sync.rejected_count() + sync.unchanged_count(), 60) << words;
  }
  sim_->programme_register().Set({});
  EXPECT_EQ(RunSync().unchanged_count(), 60);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, AGreatShrinkWaitsForAPerson) {
  RunSync();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("shrink:50"));
  Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_NEEDS_CONFIRMATION);
  EXPECT_EQ(sync.error_reason(), "REGISTER_SHRUNK");
  EXPECT_EQ(sync.listed_before_count(), 60);
  const int missing = sync.missing_count();
  EXPECT_GT(missing, 18);
  EXPECT_EQ(sync.withdrawn_count(), 0);
  v1::StartRegisterSyncRequest start;
  start.set_parent("regions/86");
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("StartRegisterSync", start)), "SYNC_IN_PROGRESS");
  v1::ConfirmRegisterSyncRequest confirm;
  confirm.set_name(sync.name());
  EXPECT_EQ(Must<Sync>("ConfirmRegisterSync", confirm).state(), Sync::STATE_RUNNING);
  RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
  Drive(mirror);
  sync = Get(sync.name());
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(sync.withdrawn_count(), missing);
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("ConfirmRegisterSync", confirm)), "INVALID_STATE");
  sim_->programme_register().Set({});
  EXPECT_EQ(RunSync().reappeared_count(), missing);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, ACancelledRunIsLeftAlone) {
  const Sync begun = Begin();
  RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(mirror.Step(mirror.Living()->front()).ok());
  const Sync seen = mirror.Living()->front();
  v1::CancelRegisterSyncRequest cancel;
  cancel.set_name(begun.name());
  EXPECT_EQ(Must<Sync>("CancelRegisterSync", cancel).state(), Sync::STATE_CANCELLED);
  ASSERT_TRUE(mirror.Step(seen).ok());  // a step that was under way finds the run gone
  EXPECT_TRUE(mirror.Living()->empty());
  EXPECT_EQ(Get(begun.name()).state(), Sync::STATE_CANCELLED);
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("CancelRegisterSync", cancel)), "INVALID_STATE");
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
}

// The process dies at every point it can die at, one after another, and each time a new one takes
// over.
TEST_F(RegisterSyncing, KilledAtAnyPointARunEndsEqualToItsSource) {
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("repeat,reorder,unavailable:5"));
  const Sync begun = Begin();
  int deaths = 0;
  for (int life = 0; life < 500; ++life) {
    int points = 0;
    options_.interrupt = [&](std::string_view) -> absl::Status {
      // Each life is killed at its first, second or third point.
      if (++points <= life % 3) return absl::OkStatus();
      ++deaths;
      return absl::InternalError("killed");
    };
    RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
    while (true) {
      auto living = mirror.Living();
      ASSERT_TRUE(living.ok());
      if (living->empty()) break;
      if (!mirror.Step(living->front()).ok()) break;
    }
    if (Get(begun.name()).has_end_time()) break;
  }
  EXPECT_GT(deaths, 15);
  const Sync sync = Get(begun.name());
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.added_count(), 60);
  EXPECT_EQ(sync.applied_count(), 60);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, TwoReplicasAtOneRunDoItOnce) {
  const Sync begun = Begin();
  std::vector<std::thread> replicas;
  for (int i = 0; i < 2; ++i) {
    replicas.emplace_back([&] {
      RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
      Drive(mirror);
    });
  }
  for (auto& replica : replicas) replica.join();
  const Sync sync = Get(begun.name());
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(sync.added_count(), 60);
  for (const auto& [number, programme] : Programmes()) {
    EXPECT_EQ(programme.etag(), "\"1\"") << number;
  }
}

TEST_F(RegisterSyncing, TheWorkerCarriesARunToItsEnd) {
  SyncWorker worker(&service_->host().engine(), Federal(), options_, absl::Milliseconds(20));
  worker.Start();
  const Sync begun = Begin();
  EXPECT_EQ(wakes_, 1);
  worker.Wake();
  for (int i = 0; i < 500 && Get(begun.name()).state() != Sync::STATE_SUCCEEDED; ++i) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(Get(begun.name()).state(), Sync::STATE_SUCCEEDED);
  ExpectEqualToTruth();
}

TEST_F(RegisterSyncing, OnlyOneRunOfARegionLives) {
  Begin();
  v1::StartRegisterSyncRequest request;
  request.set_parent("regions/86");
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("StartRegisterSync", request)), "SYNC_IN_PROGRESS");
  request.set_parent("regions/61");
  EXPECT_TRUE(Try<Sync>("StartRegisterSync", request).ok());
  request.set_parent("regions/-");
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("StartRegisterSync", request)), "INVALID_PARENT");
}

}  // namespace
}  // namespace rsnms::programs
