// The register from a file: the same pipeline, judged and applied only when whole.
#include "services/programs/register/register_load.h"
#include "services/programs/register/register_fixture.h"

namespace rsnms::programs {
namespace {

class Loading : public RegisterSyncing {
 protected:
  using Request = v1::LoadRegisterRequest;

  Request Header(int total, Sync::Mode mode = Sync::MODE_FULL) {
    Request request;
    auto& header = *request.mutable_header();
    header.set_parent("regions/86");
    header.set_mode(mode);
    header.set_total_size(total);
    header.set_sha256(Sha256Hex("файл"));
    return request;
  }

  // The truth in pieces of at most `size`.
  std::vector<Request> File(int size = 25) {
    const auto truth = sim_->programme_register().Truth();
    std::vector<Request> pieces = {Header(static_cast<int>(truth.size()))};
    for (size_t i = 0; i < truth.size(); ++i) {
      if (i % size == 0) pieces.emplace_back();
      *pieces.back().mutable_entries()->add_programmes() = truth[i];
    }
    return pieces;
  }

  absl::StatusOr<Sync> Load(std::vector<Request> pieces) {
    Request request;
    size_t sent = 0;
    Sync sync;
    auto status = admin_->ClientStream(
        "rsnms.programs.v1.Register/LoadRegister", &request,
        [&] {
          if (sent == pieces.size()) return false;
          request = pieces[sent++];
          return true;
        },
        &sync, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
    Drive(mirror);
    return Get(sync.name());
  }
};

TEST_F(Loading, AFileMakesTheSameMirrorAsTheRegister) {
  const auto loaded = Load(File());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->state(), Sync::STATE_SUCCEEDED) << loaded->DebugString();
  EXPECT_EQ(loaded->source(), v1::REGISTER_SOURCE_FILE);
  EXPECT_EQ(loaded->added_count(), 60);
  ExpectEqualToTruth();
  EXPECT_EQ(sim_->programme_register().calls(), 0);
  // The operator's own walk then changes nothing, and a file can follow a walk.
  EXPECT_EQ(RunSync().unchanged_count(), 60);
  sim_->programme_register().Withdraw("DPP-000001");
  auto pieces = File();
  pieces[0] = Header(59);
  pieces[1].mutable_entries()->mutable_programmes()->DeleteSubrange(0, 1);
  const auto second = Load(pieces);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->withdrawn_count(), 1);
  ExpectEqualToTruth();
}

TEST_F(Loading, ACutFileChangesNothing) {
  auto pieces = File();
  pieces.pop_back();
  const auto cut = Load(pieces);
  EXPECT_EQ(rpc::ReasonOf(cut.status()), "REGISTER_INCOMPLETE");
  EXPECT_TRUE(Programmes().empty());
  EXPECT_TRUE(Load(File()).ok());
}

TEST_F(Loading, AHalfEmptyFileWaitsForAPerson) {
  RunSync();
  auto pieces = File();
  pieces.resize(2);
  pieces[0] = Header(25);
  const auto half = Load(pieces);
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_EQ(half->state(), Sync::STATE_NEEDS_CONFIRMATION);
  ExpectEqualToTruth();
}

TEST_F(Loading, APartOfTheRegisterWithdrawsNothing) {
  RunSync();
  sim_->programme_register().Edit("DPP-000002", [](auto& e) { e.set_annotation("Новое"); });
  auto pieces = File(3);
  pieces.resize(2);
  pieces[0] = Header(3, Sync::MODE_INCREMENTAL);
  const auto part = Load(pieces);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(part->state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(part->changed_count(), 1);
  EXPECT_EQ(part->withdrawn_count(), 0);
  ExpectEqualToTruth();
}

TEST_F(Loading, BadEntriesAreReportedAndTheOthersLoaded) {
  auto pieces = File();
  auto& bad = *pieces[1].mutable_entries()->mutable_programmes(3);
  bad.set_duration_hours(-1);
  pieces[1].mutable_entries()->mutable_programmes(4)->clear_name();
  const auto loaded = Load(pieces);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->rejected_count(), 1);
  EXPECT_EQ(loaded->added_count(), 59);
}

TEST_F(Loading, PiecesOutOfOrderAndTooLargeAreRefused) {
  auto pieces = File();
  std::swap(pieces[0], pieces[1]);
  EXPECT_EQ(Load(pieces).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Load({}).status().code(), absl::StatusCode::kInvalidArgument);
  pieces = File();
  pieces.push_back(pieces[0]);
  EXPECT_EQ(Load(pieces).status().code(), absl::StatusCode::kInvalidArgument);
  pieces = {Header(1001), Request()};
  for (int i = 0; i < 1001; ++i) pieces[1].mutable_entries()->add_programmes();
  EXPECT_EQ(Load(pieces).status().code(), absl::StatusCode::kInvalidArgument);
  pieces = {Header(0)};
  pieces[0].mutable_header()->set_parent("regions/-");
  EXPECT_EQ(rpc::ReasonOf(Load(pieces).status()), "INVALID_PARENT");
  pieces = {Header(0)};
  pieces[0].mutable_header()->set_sha256("нечто");
  EXPECT_EQ(Load(pieces).status().code(), absl::StatusCode::kInvalidArgument);
  // What was refused left no run behind.
  EXPECT_TRUE(Load(File()).ok());
}

TEST_F(Loading, ALoadWaitsForNobodyAndNobodyForADeadOne) {
  Begin();
  EXPECT_EQ(rpc::ReasonOf(Load(File()).status()), "SYNC_IN_PROGRESS");
  RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
  Drive(mirror);
  const auto call = rpc::LocalCall(auth::Identity::System("test"));
  auto dead = RegisterLoad::Begin(service_->host().engine(), *call, Header(1).header(),
                                  absl::Now() - absl::Hours(1));
  ASSERT_TRUE(dead.ok()) << dead.status();
  EXPECT_EQ(rpc::ReasonOf(Load(File()).status()), "SYNC_IN_PROGRESS");
  auto heir = RegisterLoad::Begin(service_->host().engine(), *call, Header(1).header(),
                                  absl::Now() + kAbandonedAfter + absl::Minutes(1));
  EXPECT_TRUE(heir.ok()) << heir.status();
  EXPECT_EQ(rpc::ReasonOf(dead->Finish(*call).status()), "INVALID_STATE");
  heir->Abandon(absl::Now());
  EXPECT_TRUE(Load(File()).ok());
}

// A file may be older than the last walk: only a whole walk sets right what it said.
TEST_F(Loading, AfterAFileTheRegisterIsReadWhole) {
  RunSync();
  auto stale = File();
  sim_->programme_register().Edit("DPP-000002", [](auto& e) { e.set_annotation("Новое"); });
  RunSync();
  ASSERT_TRUE(Load(stale).ok());
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).mode(), Sync::MODE_FULL);
  ExpectEqualToTruth();
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).mode(), Sync::MODE_INCREMENTAL);
}

TEST_F(Loading, ADeadLoadKeepsNobodyFromTheRegisterItself) {
  const auto call = rpc::LocalCall(auth::Identity::System("test"));
  auto& engine = service_->host().engine();
  auto dead = RegisterLoad::Begin(engine, *call, Header(1).header(), absl::Now());
  ASSERT_TRUE(dead.ok()) << dead.status();
  v1::StartRegisterSyncRequest start;
  start.set_parent("regions/86");
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("StartRegisterSync", start)), "SYNC_IN_PROGRESS");
  pg::TxOptions all;
  all.scopes = "*";
  const auto aged = engine.pool().Run(all, [](pg::Tx& tx) {
    return tx.Execute("UPDATE register_sync SET update_time = update_time - interval '1 hour'")
        .status();
  });
  ASSERT_TRUE(aged.ok()) << aged;
  EXPECT_EQ(RunSync().state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(rpc::ReasonOf(dead->Finish(*call).status()), "INVALID_STATE");
}

TEST_F(Loading, ALoadThatCannotBeFinishedIsGivenUpAtOnce) {
  const auto call = rpc::LocalCall(auth::Identity::System("test"));
  auto load =
      RegisterLoad::Begin(service_->host().engine(), *call, Header(0).header(), absl::Now());
  ASSERT_TRUE(load.ok()) << load.status();
  const auto late = rpc::LocalCall(auth::Identity::System("test"), absl::Now() - absl::Seconds(1));
  EXPECT_FALSE(load->Finish(*late).ok());
  EXPECT_TRUE(Load(File()).ok());
}

}  // namespace
}  // namespace rsnms::programs
