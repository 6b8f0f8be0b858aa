// What a person's word on a shrink holds for, and what is believed of numbers that are gone.
#include "services/programs/register/register_leaving_fixture.h"

namespace rsnms::programs {
namespace {

using v1::RegisterChange;
using v1::RegisterEntry;

// Each mode sees a part of the picture, which alone would pass.
TEST_F(Leaving, ARejectedShrinkIsNotCarriedOutInTwoRuns) {
  RunSync();
  WithdrawFirst(10);
  const auto entries = truth().Truth();
  for (int i = 40; i < 50; ++i) truth().Erase(entries[i].register_number());
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.missing_count(), 20);
  Reject(waiting);
  for (const auto mode : {Sync::MODE_INCREMENTAL, Sync::MODE_FULL}) {
    const Sync again = RunSync(mode);
    EXPECT_EQ(again.mode(), Sync::MODE_FULL);
    EXPECT_EQ(again.error_reason(), "SHRINK_REJECTED_BEFORE") << again.DebugString();
    ExpectAllListed();
  }
}

TEST_F(Leaving, ARejectedShrinkIsNotCarriedOutByPartsOfAFile) {
  RunSync();
  WithdrawFirst(10);
  auto entries = truth().Truth();
  for (int i = 40; i < 50; ++i) truth().Erase(entries[i].register_number());
  Reject(RunSync());
  const std::vector<federal::v1::Programme> part = {entries[0], entries[1]};
  const Sync refused = Load(part, Sync::MODE_INCREMENTAL);
  EXPECT_EQ(refused.state(), Sync::STATE_CANCELLED) << refused.DebugString();
  EXPECT_EQ(refused.error_reason(), "SHRINK_REJECTED_BEFORE");
  ExpectAllListed();
  // A part that withdraws nothing is welcome, and lifts nothing.
  entries[55].set_annotation("Новое");
  EXPECT_EQ(Load({entries[55]}, Sync::MODE_INCREMENTAL).changed_count(), 1);
  EXPECT_EQ(RunSync().error_reason(), "SHRINK_REJECTED_BEFORE");
  const Sync wanted = Load(part, Sync::MODE_INCREMENTAL, /*ask_again=*/true);
  EXPECT_EQ(wanted.state(), Sync::STATE_NEEDS_CONFIRMATION) << wanted.DebugString();
  EXPECT_EQ(Confirm(wanted).withdrawn_count(), 2);
}

TEST_F(Leaving, NamesakesAreTakenForRenumberedOneForOne) {
  std::vector<std::string> numbers;
  for (int i = 20; i < 45; ++i) numbers.push_back(Number(i));
  MakeNamesakes(numbers);
  RunSync();
  const std::string anew = RegisterAnew(numbers[3], /*withdraw=*/false);
  for (const std::string& number : numbers) truth().Erase(number);
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION) << waiting.DebugString();
  EXPECT_EQ(waiting.missing_count(), 24);
  EXPECT_EQ(waiting.phase(), Sync::PHASE_VERIFYING);
  ExpectAllListed();
  // They were asked for by number before the person was, and are not again.
  const int64_t calls = truth().calls();
  const Sync done = Confirm(waiting);
  EXPECT_EQ(truth().calls(), calls);
  EXPECT_EQ(done.state(), Sync::STATE_SUCCEEDED) << done.DebugString();
  EXPECT_EQ(done.withdrawn_count(), 24);
  EXPECT_EQ(Line(done, anew).match(), RegisterEntry::MATCH_RENUMBERED);
  ExpectEqualToTruth();
}

TEST_F(Leaving, ARefusalToAnswerNeitherWithdrawsNorRenumbers) {
  RunSync();
  const std::string number = Number(7);
  const std::string before = Programmes().at(number).name();
  const std::string anew = RegisterAnew(number);
  federal_sim::Misbehaviour silent;
  silent.asked = [](int64_t) -> absl::Status {
    return rpc::Error(absl::StatusCode::kPermissionDenied,
                      options::v1::COMMON_REASON_PERMISSION_DENIED, "not answered");
  };
  truth().Set(silent);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.rejected_count(), 2);
  ExpectAllListed();
  EXPECT_EQ(Programmes().at(number).name(), before);
  EXPECT_FALSE(Programmes().contains(anew));
  // Once it tells, both find their place.
  truth().Set({});
  const Sync told = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(told.mode(), Sync::MODE_FULL);
  EXPECT_EQ(Line(told, anew).match(), RegisterEntry::MATCH_REREGISTERED);
  EXPECT_EQ(Line(told, number).withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
  ExpectEqualToTruth();
}

// A file cannot be asked; the register is, when the programme seems to come back.
TEST_F(Leaving, WhatWentWithoutAWordIsAskedAboutWhenItSeemsToComeBack) {
  RunSync();
  const std::string number = Number(8);
  const v1::Programme before = Programmes().at(number);
  const std::string learner = Enrol(number, 1);
  truth().Withdraw(number);
  const Sync file = Load(StandingBut(number));
  EXPECT_EQ(Line(file, number).withdrawal(), RegisterEntry::WITHDRAWAL_GONE);
  EXPECT_EQ(file.notice_count(), 1);
  truth().Restore(number);
  const std::string anew = RegisterAnew(number);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.reappeared_count(), 0);
  EXPECT_EQ(Line(sync, anew).match(), RegisterEntry::MATCH_REREGISTERED);
  EXPECT_EQ(Line(sync, anew).former_programme(), before.name());
  const v1::Programme after = Programmes().at(number);
  EXPECT_EQ(after.name(), before.name());
  EXPECT_EQ(after.register_state(), v1::REGISTER_STATE_WITHDRAWN);
  EXPECT_EQ(after.register_withdrawn_date().month(), 3);  // the register's own day
  EXPECT_EQ(after.register_withdrawn_date().day(), 2);
  EXPECT_EQ(sync.notice_count(), 0);  // the learner has theirs
  v1::ListRegisterNoticesRequest list;
  list.set_parent("regions/86");
  list.set_filter("state = OPEN");
  const auto notices = Must<v1::ListRegisterNoticesResponse>("Register/ListRegisterNotices", list);
  EXPECT_EQ(notices.register_notices_size(), 1);
  v1::GetEnrolmentRequest get;
  get.set_name(learner);
  EXPECT_EQ(Must<v1::Enrolment>("GetEnrolment", get).programme(), before.name());
  // The day is told once.
  EXPECT_EQ(RunSync().changed_count(), 0);
}

TEST_F(Leaving, APartDoesNotTellWhetherWhatWentWithoutAWordCameBack) {
  RunSync();
  const std::string number = Number(9);
  const std::string before = Programmes().at(number).name();
  const auto entry = truth().Truth()[9];
  truth().Erase(number);
  RunSync();
  truth().Put(entry);
  const std::string anew = RegisterAnew(number, /*withdraw=*/false);
  truth().Erase(number);
  const Sync part = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(part.mode(), Sync::MODE_INCREMENTAL);
  EXPECT_EQ(part.rejected_count(), 1) << part.DebugString();
  EXPECT_FALSE(Programmes().contains(anew));
  const Sync whole = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(whole.mode(), Sync::MODE_FULL);
  EXPECT_EQ(whole.reappeared_count(), 1) << whole.DebugString();
  EXPECT_EQ(Programmes().at(anew).name(), before);
}

TEST_F(Leaving, AWithdrawalToldWhenAskedCountsWhateverElseTheAnswerSays) {
  RunSync();
  const std::string number = Number(5);
  truth().Edit(number, [](auto& e) { e.set_duration_hours(-1); });
  const std::string anew = RegisterAnew(number);
  truth().Edit(anew, [](auto& e) { e.set_duration_hours(72); });
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(Line(sync, number).withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
  EXPECT_EQ(Line(sync, anew).match(), RegisterEntry::MATCH_REREGISTERED);
  EXPECT_EQ(Programmes().at(number).register_withdrawn_date().day(), 2);
}

TEST_F(Leaving, OfTwinsTheOneThatLeftLastComesBack) {
  const std::string one = Number(2), other = Number(3);
  truth().Edit(other, [twin = truth().Truth()[2]](auto& e) mutable {
    twin.set_register_number(e.register_number());
    twin.set_name(e.name());
    e = twin;
  });
  RunSync();
  const auto entry = truth().Truth()[2];
  const auto programmes = Programmes();
  const std::string lower = std::min(programmes.at(one).name(), programmes.at(other).name());
  const std::string higher = std::max(programmes.at(one).name(), programmes.at(other).name());
  truth().Erase(one);
  truth().Erase(other);
  EXPECT_EQ(RunSync().withdrawn_count(), 2);
  EXPECT_EQ(Forge("UPDATE programme SET register_withdrawn_date = '2020-01-01' "
                  "WHERE region_code = '86' AND id = $1::uuid",
                  std::string(IdOf(lower))),
            1);
  truth().Put(entry);
  const std::string anew = RegisterAnew(one, /*withdraw=*/false);
  truth().Erase(one);
  EXPECT_EQ(RunSync().reappeared_count(), 1);
  EXPECT_EQ(Programmes().at(anew).name(), higher);
}

TEST_F(Leaving, SnapshotsDoNotPileUpWhileAWordHolds) {
  RunSync();
  WithdrawFirst(36);
  for (int i = 0; i < 4; ++i) {
    Reject(RunAgain(Sync::MODE_FULL));
    EXPECT_EQ(RunSync().error_reason(), "SHRINK_REJECTED_BEFORE");
  }
  int kept = 0;
  pg::TxOptions all;
  all.scopes = "*";
  const auto status = service_->host().engine().pool().Run(all, [&](pg::Tx& tx) {
    auto rows = tx.Query("SELECT count(DISTINCT register_sync_id) FROM register_snapshot");
    if (rows.ok()) kept = (*rows)[0][0].as<int>();
    return rows.status();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(kept, options_.kept_snapshots);
}

TEST_F(Leaving, AWordIsAboutTheProgrammesItWasAskedAboutNotTheirNumber) {
  RunSync();
  WithdrawFirst(30);
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.missing_count(), 30);
  // One for another by the time of the word.
  EXPECT_EQ(Forge("UPDATE register_snapshot SET register_number = $2 "
                  "WHERE register_sync_id = $1::uuid AND register_number = $3",
                  std::string(IdOf(waiting.name())), Number(0), Number(59)),
            1);
  const Sync asked = Confirm(waiting);
  EXPECT_EQ(asked.state(), Sync::STATE_NEEDS_CONFIRMATION) << asked.DebugString();
  EXPECT_EQ(asked.missing_count(), 30);
  EXPECT_NE(asked.shrink_sha256(), waiting.shrink_sha256());
  ExpectAllListed();
}

TEST_F(Leaving, WhoSaidYesInThisRunIsAskedEvenAboutWhatWasRejectedBefore) {
  RunSync();
  const auto entries = truth().Truth();
  WithdrawFirst(30);
  const Sync first = RunSync();
  Reject(first);
  WithdrawFirst(31);
  auto spare = entries[59];
  spare.set_register_number("SPARE-1");
  spare.set_name("programmes/SPARE-1");
  spare.set_title("Ещё одна");
  truth().Put(spare);
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION) << waiting.DebugString();
  EXPECT_EQ(Forge("UPDATE register_snapshot SET register_number = $2 "
                  "WHERE register_sync_id = $1::uuid AND register_number = 'SPARE-1'",
                  std::string(IdOf(waiting.name())), entries[30].register_number()),
            1);
  const Sync asked = Confirm(waiting);
  EXPECT_EQ(asked.shrink_sha256(), first.shrink_sha256());
  EXPECT_EQ(asked.state(), Sync::STATE_NEEDS_CONFIRMATION) << asked.DebugString();
}

TEST_F(Leaving, ACancelledRunSaysNothingOfTheShrink) {
  RunSync();
  WithdrawFirst(36);
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION);
  v1::CancelRegisterSyncRequest cancel;
  cancel.set_name(waiting.name());
  const Sync cancelled = Must<Sync>("CancelRegisterSync", cancel);
  EXPECT_EQ(cancelled.state(), Sync::STATE_CANCELLED);
  EXPECT_EQ(cancelled.error_reason(), "");
  EXPECT_EQ(RunSync().state(), Sync::STATE_NEEDS_CONFIRMATION);
}

TEST_F(Leaving, AnOpenConflictFollowsItsProgrammeToANewNumber) {
  RunSync();
  const std::string number = Number(11);
  Edit(
      number, [](auto& p) { p.set_annotation("Наше"); }, "annotation");
  truth().Edit(number, [](auto& e) { e.set_annotation("Их"); });
  RunSync();
  ASSERT_EQ(OpenConflicts().size(), 1u);
  ASSERT_TRUE(truth().Renumber(number, "R-11"));
  RunSync();
  ASSERT_EQ(OpenConflicts().size(), 1u);
  EXPECT_EQ(OpenConflicts()[0].register_number(), "R-11");
}

TEST_F(Leaving, ASnapshotOfTimesToComeIsNotMirrored) {
  federal_sim::Misbehaviour future;
  future.spoil = [](auto& page) {
    page.mutable_snapshot_time()->set_seconds(4070908800);  // 2099
  };
  truth().Set(future);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_FAILED);
  EXPECT_EQ(sync.error_reason(), "REGISTER_BROKEN");
  EXPECT_TRUE(Programmes().empty());
}

}  // namespace
}  // namespace rsnms::programs
