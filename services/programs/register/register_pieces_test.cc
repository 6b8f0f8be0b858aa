// A register that goes piece by piece: what left within some days is weighed together.
#include <numeric>
#include <random>

#include "services/programs/register/register_leaving_fixture.h"

namespace rsnms::programs {
namespace {

using register_rules::ShrinksTooMuch;

TEST(ShrinkRule, WhatLeftBeforeCountsAsLeavingAndAsListed) {
  EXPECT_FALSE(ShrinksTooMuch({.leaving = 0, .left = 0, .listed = 0}, 30));
  EXPECT_FALSE(ShrinksTooMuch({.leaving = 30, .left = 0, .listed = 100}, 30));
  EXPECT_TRUE(ShrinksTooMuch({.leaving = 31, .left = 0, .listed = 100}, 30));
  EXPECT_TRUE(ShrinksTooMuch({.leaving = 1, .left = 0, .listed = 1}, 30));
  EXPECT_FALSE(ShrinksTooMuch({.leaving = 10, .left = 20, .listed = 80}, 30));
  EXPECT_TRUE(ShrinksTooMuch({.leaving = 11, .left = 20, .listed = 80}, 30));
  EXPECT_TRUE(ShrinksTooMuch({.leaving = 1, .left = 99, .listed = 1}, 30));
  EXPECT_FALSE(ShrinksTooMuch({.leaving = 1, .left = 99, .listed = 1}, 100));
  // Nobody is asked about what has left already.
  EXPECT_FALSE(ShrinksTooMuch({.leaving = 0, .left = 90, .listed = 10}, 30));
}

// In however many pieces it goes, a person is asked when all of it together would have been asked
// about, and never later than each piece alone.
TEST(ShrinkRule, TheNumberOfRunsDoesNotMatter) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const int64_t whole = 1 + static_cast<int64_t>(random() % 1000);
    const int percent = 1 + static_cast<int>(random() % 100);
    int64_t left = 0;
    while (left < whole) {
      const int64_t piece = 1 + static_cast<int64_t>(random() % (whole - left));
      const bool asked =
          ShrinksTooMuch({.leaving = piece, .left = left, .listed = whole - left}, percent);
      EXPECT_EQ(asked,
                ShrinksTooMuch({.leaving = left + piece, .left = 0, .listed = whole}, percent));
      if (ShrinksTooMuch({.leaving = piece, .left = 0, .listed = whole - left}, percent)) {
        EXPECT_TRUE(asked);
      }
      left += piece;
    }
  }
}

class Pieces : public Leaving {
 protected:
  // All runs so far lie further back.
  void LetDaysPass(int days) {
    EXPECT_GT(
        Forge("UPDATE register_sync SET create_time = create_time - make_interval(days => $1)",
              days),
        0);
  }
  void SetDays(std::optional<int> days) {
    v1::CreateRegisterPolicyRequest create;
    create.set_parent("regions/86");
    create.set_register_policy_id("mirror");
    create.mutable_register_policy()->set_shrink_percent(30);
    if (days.has_value()) create.mutable_register_policy()->set_shrink_days(*days);
    Must<v1::RegisterPolicy>("Register/CreateRegisterPolicy", create);
  }
};

TEST_F(Pieces, ARegisterThatGoesPieceByPieceWaitsForAPerson) {
  RunSync();
  for (const int gone : {10, 18}) {
    WithdrawFirst(gone);
    EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).state(), Sync::STATE_SUCCEEDED) << gone;
  }
  WithdrawFirst(19);
  truth().Edit(Number(50), [](auto& e) { e.set_annotation("Новое"); });
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION) << waiting.DebugString();
  EXPECT_EQ(waiting.error_reason(), "REGISTER_SHRUNK");
  EXPECT_EQ(waiting.missing_count(), 1);
  EXPECT_EQ(waiting.left_before_count(), 18);
  EXPECT_EQ(waiting.listed_before_count(), 42);
  EXPECT_EQ(waiting.shrink_days(), 30);
  EXPECT_EQ(Programmes().at(Number(18)).etag(), "\"1\"");
  EXPECT_EQ(Programmes().at(Number(50)).etag(), "\"1\"");
  // A yes is about all of it.
  EXPECT_EQ(Confirm(waiting).withdrawn_count(), 1);
  WithdrawFirst(30);  // 11 of 41
  const Sync after = RunSync();
  EXPECT_EQ(after.state(), Sync::STATE_SUCCEEDED) << after.DebugString();
  EXPECT_EQ(after.left_before_count(), 0);
  WithdrawFirst(31);
  EXPECT_EQ(RunSync().left_before_count(), 11);
  ExpectEqualToTruth();
}

TEST_F(Pieces, OnlyTheDaysOfTheWindowCount) {
  RunSync();
  WithdrawFirst(18);
  RunSync();
  LetDaysPass(20);
  WithdrawFirst(19);
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION);
  v1::CancelRegisterSyncRequest cancel;  // no word
  cancel.set_name(waiting.name());
  Must<Sync>("CancelRegisterSync", cancel);
  LetDaysPass(11);
  const Sync later = RunSync();
  EXPECT_EQ(later.state(), Sync::STATE_SUCCEEDED) << later.DebugString();
  EXPECT_EQ(later.left_before_count(), 0);
}

TEST_F(Pieces, WhatCameBackDoesNotCount) {
  RunSync();
  const auto entries = truth().Truth();
  for (int i = 0; i < 4; ++i) {
    WithdrawFirst(15);
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
    EXPECT_EQ(sync.left_before_count(), 0);
    for (int k = 0; k < 15; ++k) truth().Restore(entries[k].register_number());
    EXPECT_EQ(RunSync().reappeared_count(), 15);
  }
}

TEST_F(Pieces, ARejectedPieceStaysRejectedThoughTheDaysPass) {
  RunSync();
  WithdrawFirst(18);
  RunSync();
  WithdrawFirst(20);
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION);
  Reject(waiting);
  for (int i = 0; i < 2; ++i) {
    const Sync again = RunSync(Sync::MODE_INCREMENTAL);
    EXPECT_EQ(again.error_reason(), "SHRINK_REJECTED_BEFORE") << again.DebugString();
    EXPECT_EQ(Programmes().at(Number(18)).register_state(), v1::REGISTER_STATE_LISTED);
    LetDaysPass(31);  // alone it would pass
  }
  const Sync wanted = RunAgain(Sync::MODE_FULL);
  ASSERT_EQ(wanted.state(), Sync::STATE_NEEDS_CONFIRMATION);
  EXPECT_EQ(Confirm(wanted).withdrawn_count(), 2);
}

TEST_F(Pieces, PiecesOfFilesAreWeighedWithThoseOfTheRegister) {
  RunSync();
  WithdrawFirst(18);
  RunSync();
  truth().Withdraw(Number(18));
  const auto entries = truth().Truth();
  const Sync waiting = Load({entries[18]}, Sync::MODE_INCREMENTAL);
  EXPECT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION) << waiting.DebugString();
  EXPECT_EQ(waiting.left_before_count(), 18);
  EXPECT_EQ(Confirm(waiting).withdrawn_count(), 1);
}

TEST_F(Pieces, ARegionMayWeighEachRunAlone) {
  RunSync();
  SetDays(0);
  WithdrawFirst(18);
  RunSync();
  WithdrawFirst(30);  // 12 of 42
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.shrink_days(), 0);
  EXPECT_EQ(sync.left_before_count(), 0);
}

TEST_F(Pieces, SettingsThatNameNoDaysMeanThirty) {
  SetDays(std::nullopt);
  RunSync();
  WithdrawFirst(18);
  EXPECT_EQ(RunSync().shrink_days(), 30);
  WithdrawFirst(20);
  EXPECT_EQ(RunSync().state(), Sync::STATE_NEEDS_CONFIRMATION);
}

}  // namespace
}  // namespace rsnms::programs
