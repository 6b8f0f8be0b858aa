// The days of withdrawals: what the register says of them is mirrored, however often it says
// otherwise.
#include "services/programs/register/register_leaving_fixture.h"

namespace rsnms::programs {
namespace {

using v1::RegisterChange;
using v1::RegisterEntry;

class Days : public Leaving {
 protected:
  void Redate(const std::string& number, int day) {
    truth().Edit(number, [day](auto& entry) { entry.mutable_withdrawn_date()->set_day(day); });
  }
  int DayOf(const std::string& number) {
    return Programmes().at(number).register_withdrawn_date().day();
  }
  // More than an hour goes by in the register.
  void LetTimePass() {
    for (int i = 0; i < 8; ++i) truth().Set({});
  }
};

// No whole register shows what was withdrawn.
TEST_F(Days, AFullRunTakesTheDayTheRegisterCorrects) {
  RunSync();
  const std::string number = Number(8);
  Enrol(number, 1);
  truth().Withdraw(number);
  const Sync left = RunSync();
  ASSERT_EQ(DayOf(number), 2);
  Redate(number, 17);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.mode(), Sync::MODE_FULL);
  EXPECT_EQ(sync.changed_count(), 1) << sync.DebugString();
  EXPECT_EQ(DayOf(number), 17);
  const RegisterChange line = Line(sync, number);
  EXPECT_EQ(line.kind(), RegisterChange::KIND_CHANGED);
  EXPECT_EQ(line.withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
  ASSERT_EQ(line.changed_fields_size(), 1);
  EXPECT_EQ(line.changed_fields(0), "register_withdrawn_date");
  // The learner has their notice, and it says the same day.
  EXPECT_EQ(sync.notice_count(), 0);
  v1::ListRegisterNoticesRequest list;
  list.set_parent("regions/86");
  const auto notices = Must<v1::ListRegisterNoticesResponse>("Register/ListRegisterNotices", list);
  ASSERT_EQ(notices.register_notices_size(), 1);
  EXPECT_EQ(notices.register_notices(0).withdrawn_date().day(), 17);
  EXPECT_EQ(notices.register_notices(0).register_sync(), left.name());
  EXPECT_EQ(RunSync().changed_count(), 0);
}

TEST_F(Days, WhatWentWithoutAWordGetsTheDayOnceTheRegisterNamesIt) {
  RunSync();
  const std::string number = Number(8);
  EXPECT_EQ(Line(Load(StandingBut(number)), number).withdrawal(), RegisterEntry::WITHDRAWAL_GONE);
  truth().Withdraw(number);
  EXPECT_EQ(Line(RunSync(), number).withdrawal(), RegisterEntry::WITHDRAWAL_NAMED);
  EXPECT_EQ(Programmes().at(number).register_withdrawn_date().month(), 3);
  EXPECT_EQ(DayOf(number), 2);
}

// Pages that shift may skip what came back.
TEST_F(Days, WhatStandsAgainWhenAskedComesBackThoughTheWalkLacksIt) {
  RunSync();
  const std::string number = Number(8);
  truth().Withdraw(number);
  RunSync();
  truth().Restore(number);
  federal_sim::Misbehaviour skipping;
  skipping.spoil = [&](auto& page) {
    page.set_total_size(page.total_size() - 1);
    auto& entries = *page.mutable_programmes();
    for (int i = 0; i < entries.size(); ++i) {
      if (entries[i].register_number() == number) entries.DeleteSubrange(i--, 1);
    }
  };
  truth().Set(skipping);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.reappeared_count(), 1) << sync.DebugString();
  ExpectEqualToTruth();
}

TEST_F(Days, AFewAreAskedAboutInARunAndAllInTurn) {
  options_.asked_again = 3;
  options_.verify_batch = 2;
  RunSync();
  WithdrawFirst(8);
  RunSync();
  for (int i = 0; i < 8; ++i) Redate(Number(i), 20);
  for (const int corrected : {3, 6, 8}) {
    const int64_t calls = truth().calls();
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
    EXPECT_EQ(truth().calls() - calls - sync.page_count(), 3);
    int found = 0;
    for (int i = 0; i < 8; ++i) found += DayOf(Number(i)) == 20;
    EXPECT_EQ(found, corrected);
  }
}

TEST_F(Days, WhatIsNotSaidClearlyOfAWithdrawnEntryChangesNothing) {
  RunSync();
  WithdrawFirst(5);
  RunSync();
  const auto before = Programmes();
  federal_sim::Misbehaviour silent, lying;
  silent.asked = [](int64_t) -> absl::Status {
    return rpc::Error(absl::StatusCode::kPermissionDenied,
                      options::v1::COMMON_REASON_PERMISSION_DENIED, "not answered");
  };
  lying.lie_numbers = true;
  for (const auto& misbehaviour : {silent, lying}) {
    truth().Set(misbehaviour);
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
    EXPECT_EQ(sync.rejected_count(), 0);
    for (const auto& [number, programme] : Programmes()) {
      EXPECT_EQ(programme.etag(), before.at(number).etag()) << number;
    }
  }
  // Forgotten by the register, it stays as it was named.
  truth().Set({});
  truth().Erase(Number(0));
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(Programmes().at("DPP-000001").etag(), before.at("DPP-000001").etag());
}

// However many there are to be asked about.
TEST_F(Days, AnIncrementalRunReadsWhatTheFullOneBeforeItDidNotShow) {
  options_.asked_again = 0;
  RunSync();
  const std::string number = Number(8);
  truth().Withdraw(number);
  ASSERT_EQ(RunSync(Sync::MODE_INCREMENTAL).withdrawn_count(), 1);
  Redate(number, 23);
  LetTimePass();
  RunSync();
  EXPECT_EQ(DayOf(number), 2);
  LetTimePass();
  const Sync sync = RunSync(Sync::MODE_INCREMENTAL);
  EXPECT_EQ(sync.mode(), Sync::MODE_INCREMENTAL);
  EXPECT_EQ(DayOf(number), 23) << sync.DebugString();
}

}  // namespace
}  // namespace rsnms::programs
