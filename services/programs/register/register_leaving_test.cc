// Programmes that leave the register: how many at once a person is asked about, and which of them
// come back under another number.
#include <random>

#include "services/programs/register/register_leaving_fixture.h"

namespace rsnms::programs {
namespace {

using v1::RegisterChange;
using v1::RegisterEntry;

TEST_F(Leaving, WithdrawalsTheRegisterNamesAreWeighedInEveryMode) {
  RunSync();
  WithdrawFirst(36);
  for (const auto mode : {Sync::MODE_INCREMENTAL, Sync::MODE_FULL}) {
    const Sync waiting = RunAgain(mode);
    EXPECT_EQ(waiting.mode(), mode);
    ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION) << waiting.DebugString();
    EXPECT_EQ(waiting.error_reason(), "REGISTER_SHRUNK");
    EXPECT_EQ(waiting.missing_count(), 36);
    EXPECT_EQ(waiting.listed_before_count(), 60);
    EXPECT_EQ(Reject(waiting).error_reason(), "SHRINK_REJECTED");
    ExpectAllListed();
  }
}

TEST_F(Leaving, ConfirmedWithdrawalsAreFlaggedWithTheDayTheRegisterNames) {
  RunSync();
  WithdrawFirst(36);
  const Sync done = Confirm(RunSync(Sync::MODE_INCREMENTAL));
  EXPECT_EQ(done.state(), Sync::STATE_SUCCEEDED) << done.DebugString();
  EXPECT_EQ(done.withdrawn_count(), 36);
  EXPECT_EQ(Line(done, Number(0)).withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
  EXPECT_EQ(Programmes().at(Number(0)).register_withdrawn_date().month(), 3);
  ExpectEqualToTruth();
  // They stand no longer, so nobody is asked about them again.
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).state(), Sync::STATE_SUCCEEDED);
}

TEST_F(Leaving, AFewNamedWithdrawalsNeedNobodysWord) {
  RunSync();
  WithdrawFirst(18);  // 30 of 100
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).withdrawn_count(), 18);
  WithdrawFirst(31);  // 13 of the 42 that stood
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).state(), Sync::STATE_NEEDS_CONFIRMATION);
}

TEST_F(Leaving, MissingAndNamedOnesAreWeighedTogether) {
  RunSync();
  WithdrawFirst(10);
  // The walk lacks the withdrawn ones and others; each alone would pass.
  const auto entries = truth().Truth();
  for (int i = 40; i < 50; ++i) truth().Erase(entries[i].register_number());
  const Sync waiting = RunSync();
  EXPECT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION);
  EXPECT_EQ(waiting.missing_count(), 20);
  const Sync done = Confirm(waiting);
  EXPECT_EQ(done.withdrawn_count(), 20);
  EXPECT_EQ(Line(done, entries[0].register_number()).withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
  EXPECT_EQ(Line(done, entries[45].register_number()).withdrawal(), RegisterEntry::WITHDRAWAL_GONE);
}

TEST_F(Leaving, ARejectedShrinkIsNotAskedAboutAgainUntilThePictureChangesOrItIsWanted) {
  RunSync();
  WithdrawFirst(36);
  truth().Edit(Number(50), [](auto& e) { e.set_annotation("Новое"); });
  const Sync first = RunSync(Sync::MODE_INCREMENTAL);
  ASSERT_EQ(first.state(), Sync::STATE_NEEDS_CONFIRMATION);
  Reject(first);
  for (const auto mode : {Sync::MODE_INCREMENTAL, Sync::MODE_FULL}) {
    const Sync again = RunSync(mode);
    EXPECT_EQ(again.state(), Sync::STATE_CANCELLED) << again.DebugString();
    EXPECT_EQ(again.error_reason(), "SHRINK_REJECTED_BEFORE");
    EXPECT_EQ(again.shrink_sha256(), first.shrink_sha256());
    EXPECT_TRUE(again.has_end_time());
    ExpectAllListed();  // the other change waits too
  }
  WithdrawFirst(37);
  const Sync other = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(other.state(), Sync::STATE_NEEDS_CONFIRMATION);
  EXPECT_NE(other.shrink_sha256(), first.shrink_sha256());
  Reject(other);
  EXPECT_EQ(RunSync().error_reason(), "SHRINK_REJECTED_BEFORE");
  const Sync wanted = RunAgain(Sync::MODE_FULL);
  ASSERT_EQ(wanted.state(), Sync::STATE_NEEDS_CONFIRMATION);
  EXPECT_EQ(Confirm(wanted).withdrawn_count(), 37);
  ExpectEqualToTruth();
}

TEST_F(Leaving, ARejectionHoldsUntilARunSucceeds) {
  RunSync();
  WithdrawFirst(36);
  Reject(RunSync());
  const auto entries = truth().Truth();
  for (int i = 0; i < 36; ++i) truth().Restore(entries[i].register_number());
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
  WithdrawFirst(36);  // years later, perhaps
  EXPECT_EQ(RunSync().state(), Sync::STATE_NEEDS_CONFIRMATION);
}

TEST_F(Leaving, AWordOnAShrinkCoversNoMoreThanItWasAskedAbout) {
  RunSync();
  WithdrawFirst(30);
  const auto entries = truth().Truth();
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.missing_count(), 30);
  // More would go by the time of the word.
  pg::TxOptions all;
  all.scopes = "*";
  const auto forged = service_->host().engine().pool().Run(all, [&](pg::Tx& tx) {
    return tx
        .Execute(
            "DELETE FROM register_snapshot WHERE register_sync_id = $1::uuid "
            "AND register_number > 'DPP-000050'",
            std::string(IdOf(waiting.name())))
        .status();
  });
  ASSERT_TRUE(forged.ok()) << forged;
  const Sync asked = Confirm(waiting);
  EXPECT_EQ(asked.state(), Sync::STATE_NEEDS_CONFIRMATION);
  EXPECT_EQ(asked.missing_count(), 40);
  EXPECT_FALSE(asked.shrink_confirmed());
  // Those the register still shows when asked are left out.
  EXPECT_EQ(Confirm(asked).withdrawn_count(), 30);
}

TEST_F(Leaving, ARegisterThatRegistersMuchAnewWaitsForAPerson) {
  RunSync();
  const auto entries = truth().Truth();
  for (int i = 0; i < 40; ++i) RegisterAnew(entries[i].register_number());
  // By title and provider they look renumbered; asked by number they are withdrawn.
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION) << waiting.DebugString();
  EXPECT_EQ(waiting.missing_count(), 40);
  ExpectAllListed();
  const Sync done = Confirm(waiting);
  EXPECT_EQ(done.state(), Sync::STATE_SUCCEEDED) << done.DebugString();
  EXPECT_EQ(done.withdrawn_count(), 40);
  EXPECT_EQ(done.added_count(), 40);
  ExpectEqualToTruth();
}

// A learner's contract and order name the entry they were enrolled by.
TEST_F(Leaving, AProgrammeRegisteredAnewIsANewOneAndLearnersStayByTheOld) {
  for (const auto mode : {Sync::MODE_FULL, Sync::MODE_INCREMENTAL}) {
    RunSync();
    const std::string number = mode == Sync::MODE_FULL ? "DPP-000005" : "DPP-000006";
    const v1::Programme before = Programmes().at(number);
    const std::string learner = Enrol(number, mode);
    const std::string anew = RegisterAnew(number);
    const Sync sync = RunSync(mode);
    ASSERT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
    ASSERT_EQ(sync.mode(), mode);
    EXPECT_EQ(sync.withdrawn_count(), 1);
    EXPECT_EQ(sync.added_count(), 1);
    EXPECT_EQ(sync.notice_count(), 1);
    const auto after = Programmes();
    EXPECT_EQ(after.at(number).name(), before.name());
    EXPECT_EQ(after.at(number).register_state(), v1::REGISTER_STATE_WITHDRAWN);
    EXPECT_EQ(after.at(number).register_withdrawn_date().day(), 2);  // the register's own day
    EXPECT_EQ(after.at(anew).register_state(), v1::REGISTER_STATE_LISTED);
    EXPECT_NE(after.at(anew).name(), before.name());
    EXPECT_EQ(Line(sync, number).withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
    EXPECT_EQ(Line(sync, anew).match(), RegisterEntry::MATCH_REREGISTERED);
    EXPECT_EQ(Line(sync, anew).kind(), RegisterChange::KIND_ADDED);
    EXPECT_EQ(Line(sync, anew).former_programme(), before.name());
    v1::GetEnrolmentRequest get;
    get.set_name(learner);
    EXPECT_EQ(Must<v1::Enrolment>("GetEnrolment", get).programme(), before.name());
  }
  ExpectEqualToTruth();
}

TEST_F(Leaving, WhatWasWithdrawnByNameIsNotRenumberedByALaterRunEither) {
  RunSync();
  const std::string number = Number(4);
  const std::string before = Programmes().at(number).name();
  truth().Withdraw(number);
  RunSync();
  const std::string anew = RegisterAnew(number);
  truth().Erase(number);  // the register keeps the withdrawn entry no longer
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 1) << sync.DebugString();
  EXPECT_EQ(sync.reappeared_count(), 0);
  EXPECT_EQ(Programmes().at(number).name(), before);
  EXPECT_NE(Programmes().at(anew).name(), before);
  EXPECT_EQ(Line(sync, anew).former_programme(), before);
}

TEST_F(Leaving, WhatIsGoneWithoutAWordIsRenumberedNowOrLater) {
  RunSync();
  const std::string now = Programmes().at(Number(4)).name();
  const std::string later = Programmes().at(Number(5)).name();
  const std::string first = Number(4), second = Number(5);
  const auto entry = truth().Truth()[5];
  RegisterAnew(first, /*withdraw=*/false);
  truth().Erase(first);
  truth().Erase(second);
  Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 0) << sync.DebugString();
  EXPECT_EQ(Programmes().at("2027-" + first).name(), now);
  EXPECT_EQ(Line(sync, "2027-" + first).match(), RegisterEntry::MATCH_RENUMBERED);
  EXPECT_EQ(Line(sync, second).withdrawal(), RegisterEntry::WITHDRAWAL_GONE);
  truth().Put(entry);
  RegisterAnew(second, /*withdraw=*/false);
  truth().Erase(second);
  sync = RunSync();
  EXPECT_EQ(sync.reappeared_count(), 1) << sync.DebugString();
  EXPECT_EQ(Programmes().at("2027-" + second).name(), later);
}

TEST_F(Leaving, AnEntryThatSaysItIsWithdrawnTouchesNoNamesake) {
  RunSync();
  v1::Programme own = CreateProgramme("Своя программа");
  auto entry = truth().Truth()[0];
  entry.set_register_number("OTHER-1");
  entry.set_name("programmes/OTHER-1");
  entry.set_title(own.title());
  entry.mutable_provider()->set_title(own.provider_title());
  entry.mutable_provider()->clear_inn();
  truth().Put(entry);
  truth().Withdraw("OTHER-1");
  const Sync sync = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(sync.withdrawn_count(), 0) << sync.DebugString();
  v1::GetProgrammeRequest get;
  get.set_name(own.name());
  EXPECT_EQ(Must<v1::Programme>("GetProgramme", get).etag(), own.etag());
}

// Moments the register puts down may lie before a walk that did not show them yet.
TEST_F(Leaving, AChangePutDownLateIsNotMissedByAnIncrementalRun) {
  RunSync();
  const auto before = Programmes();
  truth().EditLate(Number(6), absl::Minutes(50), [](auto& e) { e.set_annotation("С опозданием"); });
  const Sync sync = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(sync.mode(), Sync::MODE_INCREMENTAL);
  EXPECT_EQ(sync.changed_count(), 1) << sync.DebugString();
  EXPECT_EQ(Programmes().at(Number(6)).annotation(), "С опозданием");
  // Read again by the next run, and known by its hash.
  const Sync next = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_GT(next.fetched_count(), 0);
  EXPECT_EQ(next.changed_count(), 0);
  EXPECT_EQ(next.unchanged_count(), next.fetched_count());
  EXPECT_EQ(Programmes().at(Number(6)).etag(), "\"2\"");
}

// No index takes words of any length.
TEST_F(Leaving, AnEntryOfTheLongestWordsDoesNotStopTheRun) {
  auto entry = truth().Truth()[0];
  std::mt19937_64 random(1);
  std::string title, provider;
  while (title.size() < 1990) title += static_cast<char>('a' + random() % 26);
  while (provider.size() < 1990) provider += static_cast<char>('a' + random() % 26);
  entry.set_title(title);
  entry.mutable_provider()->set_title(provider);
  entry.mutable_provider()->clear_inn();
  truth().Put(entry);
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
}

}  // namespace
}  // namespace rsnms::programs
