// Conflicts, provenance, notices, settings and the word of a person on a shrink, over gRPC.
#include <thread>

#include "rsnms/federal/v1/errors.pb.h"
#include "services/programs/register/register_fixture.h"

namespace rsnms::programs {
namespace {

using Conflicts = RegisterSyncing;
using v1::RegisterConflict;

TEST_F(Conflicts, AnEditedFieldStaysAndIsAskedAboutOnceForEachValueOfTheRegister) {
  RunSync();
  auto& truth = sim_->programme_register();
  Edit(
      "DPP-000003", [](auto& p) { p.set_title("Наше название"); }, "title");
  truth.Edit("DPP-000003", [](auto& e) { e.set_duration_hours(41); });
  Sync sync = RunSync();
  EXPECT_EQ(sync.conflict_count(), 0);  // the register did not touch the title
  EXPECT_EQ(Programmes().at("DPP-000003").title(), "Наше название");
  EXPECT_EQ(Programmes().at("DPP-000003").duration_hours(), 41);
  truth.Edit("DPP-000003", [](auto& e) { e.set_title("Их название"); });
  sync = RunSync();
  EXPECT_EQ(sync.conflict_count(), 1);
  ASSERT_EQ(OpenConflicts().size(), 1u);
  const RegisterConflict conflict = OpenConflicts()[0];
  EXPECT_EQ(conflict.field(), "title");
  EXPECT_EQ(conflict.their_value(), "\"Их название\"");
  EXPECT_EQ(conflict.our_value(), "\"Наше название\"");
  v1::KeepOursRequest keep;
  keep.set_name(conflict.name());
  EXPECT_EQ(Try<RegisterConflict>("Register/KeepOurs", keep).code(),
            absl::StatusCode::kInvalidArgument);  // a reason is required
  keep.set_reason("так в нашем уставе");
  EXPECT_EQ(Must<RegisterConflict>("Register/KeepOurs", keep).state(),
            RegisterConflict::STATE_OURS_KEPT);
  truth.Edit("DPP-000003", [](auto& e) { e.set_annotation("О другом"); });
  EXPECT_EQ(RunSync().conflict_count(), 0);  // remembered
  EXPECT_EQ(Programmes().at("DPP-000003").title(), "Наше название");
  truth.Edit("DPP-000003", [](auto& e) { e.set_title("Третье название"); });
  EXPECT_EQ(RunSync().conflict_count(), 1);  // another value, another question
  TakeAllTheirs();
  EXPECT_EQ(Programmes().at("DPP-000003").title(), "Третье название");
  ExpectEqualToTruth();
  EXPECT_EQ(RunSync().changed_count(), 0);
}

TEST_F(Conflicts, ADecidedConflictIsNotDecidedAgain) {
  RunSync();
  Edit(
      "DPP-000003", [](auto& p) { p.set_title("Наше"); }, "title");
  sim_->programme_register().Edit("DPP-000003", [](auto& e) { e.set_title("Их"); });
  RunSync();
  v1::TakeTheirsRequest take;
  take.set_name(OpenConflicts()[0].name());
  take.set_etag("\"99\"");
  EXPECT_EQ(Try<RegisterConflict>("Register/TakeTheirs", take).code(), absl::StatusCode::kAborted);
  take.clear_etag();
  take.set_request_id("01900000-0000-7000-8000-00000000c0de");
  EXPECT_EQ(Must<RegisterConflict>("Register/TakeTheirs", take).state(),
            RegisterConflict::STATE_THEIRS_TAKEN);
  // The same request is answered again; another is refused.
  EXPECT_EQ(Must<RegisterConflict>("Register/TakeTheirs", take).state(),
            RegisterConflict::STATE_THEIRS_TAKEN);
  take.clear_request_id();
  EXPECT_EQ(rpc::ReasonOf(Try<RegisterConflict>("Register/TakeTheirs", take)), "INVALID_STATE");
  v1::KeepOursRequest keep;
  keep.set_name(take.name());
  keep.set_reason("поздно");
  EXPECT_EQ(rpc::ReasonOf(Try<RegisterConflict>("Register/KeepOurs", keep)), "INVALID_STATE");
}

TEST_F(Conflicts, TheirsAreNotTakenOverAnEditNobodyWasAskedAbout) {
  RunSync();
  auto write = [this](const char* title) {
    Edit(
        "DPP-000003", [title](auto& p) { p.set_title(title); }, "title");
  };
  write("Наше");
  sim_->programme_register().Edit("DPP-000003", [](auto& e) { e.set_title("Их"); });
  RunSync();
  write("Наше, поновее");
  v1::TakeTheirsRequest take;
  take.set_name(OpenConflicts()[0].name());
  EXPECT_EQ(Try<RegisterConflict>("Register/TakeTheirs", take).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Programmes().at("DPP-000003").title(), "Наше, поновее");
  // The next run asks about the newer value, and then it may be given up.
  RunSync();
  ASSERT_EQ(OpenConflicts().size(), 1u);
  EXPECT_EQ(OpenConflicts()[0].our_value(), "\"Наше, поновее\"");
  EXPECT_EQ(Must<RegisterConflict>("Register/TakeTheirs", take).state(),
            RegisterConflict::STATE_THEIRS_TAKEN);
  EXPECT_EQ(Programmes().at("DPP-000003").title(), "Их");
}

TEST_F(Conflicts, TheReportNamesValuesBeforeAndAfterAndWhatWasKept) {
  RunSync();
  Edit(
      "DPP-000003", [](auto& p) { p.set_title("Наше"); }, "title");
  sim_->programme_register().Edit("DPP-000003", [](auto& e) {
    e.set_title("Их");
    e.set_annotation("Новое");
  });
  const Sync sync = RunSync();
  v1::ListRegisterChangesRequest request;
  request.set_parent("regions/86");
  request.set_filter("register_sync = \"" + sync.name() + "\"");
  const auto report = Must<v1::ListRegisterChangesResponse>("ListRegisterChanges", request);
  ASSERT_EQ(report.register_changes_size(), 1);
  const auto& line = report.register_changes(0);
  EXPECT_EQ(line.match(), v1::RegisterEntry::MATCH_NUMBER);
  std::map<std::string, v1::RegisterFieldChange> fields;
  for (const auto& field : line.field_changes()) fields[field.field()] = field;
  EXPECT_EQ(fields["annotation"].after(), "\"Новое\"");
  EXPECT_EQ(fields["title"].after(), "\"Наше\"");
  EXPECT_EQ(fields["title"].theirs(), "\"Их\"");
}

TEST_F(Conflicts, ProvenanceAndTheVerbatimEntryAreServed) {
  RunSync();
  Edit(
      "DPP-000003", [](auto& p) { p.set_title("Наше"); }, "title");
  const std::string name = Programmes().at("DPP-000003").name();
  v1::GetProgrammeProvenanceRequest request;
  request.set_name(name);
  const auto provenance = Must<v1::ProgrammeProvenance>("Register/GetProgrammeProvenance", request);
  EXPECT_EQ(provenance.match(), v1::RegisterEntry::MATCH_NEW);
  int edited = 0;
  for (const auto& field : provenance.fields()) {
    edited += field.origin() == v1::FieldProvenance::ORIGIN_EDITED;
  }
  EXPECT_EQ(edited, 1);
  v1::GetRegisterEntryRequest get;
  get.set_name(provenance.register_entry());
  const auto entry = Must<v1::RegisterEntry>("Register/GetRegisterEntry", get);
  EXPECT_EQ(entry.sha256(), Sha256Hex(entry.payload()));
  EXPECT_EQ(entry.payload(), sim_->programme_register().Truth()[2].SerializeAsString());
  EXPECT_TRUE(entry.has_fetch_time());
  request.set_name("regions/86/programmes/" + Uuid(404));
  EXPECT_EQ(Try<v1::ProgrammeProvenance>("Register/GetProgrammeProvenance", request).code(),
            absl::StatusCode::kNotFound);
}

// A person edits a programme while the batch that changes it is in its transaction.
TEST_F(Conflicts, AnEditMadeDuringTheRunIsNeitherLostNorOverwritten) {
  RunSync();
  sim_->programme_register().Edit("DPP-000003", [](auto& e) { e.set_annotation("Их слова"); });
  v1::UpdateProgrammeRequest request;
  *request.mutable_programme() = Programmes().at("DPP-000003");
  request.mutable_programme()->clear_etag();
  request.mutable_programme()->set_title("Правка во время сверки");
  request.mutable_update_mask()->add_paths("title");
  std::thread person;
  options_.interrupt = [&](std::string_view point) -> absl::Status {
    if (point != "matched" || person.joinable()) return absl::OkStatus();
    person = std::thread([&] { Must<v1::Programme>("UpdateProgramme", request); });
    absl::SleepFor(absl::Milliseconds(200));
    return absl::OkStatus();
  };
  RunSync();
  ASSERT_TRUE(person.joinable());
  person.join();
  EXPECT_EQ(Programmes().at("DPP-000003").title(), "Правка во время сверки");
  EXPECT_EQ(Programmes().at("DPP-000003").annotation(), "Их слова");
}

TEST_F(Conflicts, ARenumberedProgrammeStaysItselfWithItsEdits) {
  RunSync();
  const std::string name = Programmes().at("DPP-000003").name();
  Edit(
      "DPP-000003", [](auto& p) { p.set_title("Наше"); }, "title");
  sim_->programme_register().Renumber("DPP-000003", "NEW-1");
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count() + sync.withdrawn_count(), 0) << sync.DebugString();
  EXPECT_EQ(Programmes().at("NEW-1").name(), name);
  EXPECT_EQ(Programmes().at("NEW-1").title(), "Наше");
  EXPECT_EQ(Programmes().size(), 60u);
}

// The register promises never to do so; should it do it, nobody is moved to another course.
TEST_F(Conflicts, AnotherProgrammeUnderAnOldNumberTakesNobodysPlace) {
  RunSync();
  const v1::Programme before = Edit(
      "DPP-000003", [](auto& p) { p.set_annotation("Наше"); }, "annotation");
  auto& truth = sim_->programme_register();
  truth.Renumber("DPP-000003", "NEW-1");
  RunSync();
  federal::v1::Programme other = truth.Truth().front();
  other.set_register_number("DPP-000003");
  other.set_name("programmes/DPP-000003");
  other.set_title("Совсем другая программа");
  truth.Put(other);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 1) << sync.DebugString();
  EXPECT_EQ(sync.rejected_count() + sync.changed_count(), 0) << sync.DebugString();
  const auto after = Programmes();
  EXPECT_EQ(after.size(), 61u);
  EXPECT_EQ(after.at("NEW-1").name(), before.name());
  EXPECT_EQ(after.at("NEW-1").title(), before.title());
  EXPECT_EQ(after.at("NEW-1").annotation(), "Наше");
  EXPECT_NE(after.at("DPP-000003").name(), before.name());
  EXPECT_EQ(after.at("DPP-000003").title(), other.title());
  EXPECT_EQ(RunSync().unchanged_count(), 61);
}

TEST_F(Conflicts, WhatTheWalkLackedIsAskedForBeforeItIsFlagged) {
  RunSync();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("skip:5"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(sync.fetched_count(), 55);
  EXPECT_EQ(sync.verified_count(), 5);
  EXPECT_EQ(sync.withdrawn_count(), 0);
  ExpectEqualToTruth();
}

// The register forgets a walk while it is asked about single entries: what it showed still counts.
TEST_F(Conflicts, AWalkLostWhileVerifyingWithdrawsOnlyWhatIsGone) {
  RunSync();
  auto lost = *federal_sim::ParseMisbehaviour("skip:5");
  lost.asked = [](int64_t question) -> absl::Status {
    if (question > 1) return rpc::NotFound("federal.rsnms/Programme", "programmes/gone");
    return rpc::Error(absl::StatusCode::kAborted, federal::v1::FEDERAL_REASON_SNAPSHOT_EXPIRED,
                      "the snapshot is gone");
  };
  sim_->programme_register().Set(lost);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.withdrawn_count(), 5);
  EXPECT_EQ(sync.restart_count(), 0);
}

TEST_F(Conflicts, ARefusalToAnswerIsNoProofThatAnEntryIsGone) {
  RunSync();
  for (const auto code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kUnimplemented,
        absl::StatusCode::kPermissionDenied, absl::StatusCode::kFailedPrecondition}) {
    auto silent = *federal_sim::ParseMisbehaviour("skip:5");
    silent.asked = [code](int64_t) -> absl::Status {
      return rpc::Error(code, options::v1::COMMON_REASON_INVALID_REQUEST, "not answered");
    };
    sim_->programme_register().Set(silent);
    const Sync sync = RunSync();
    EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
    EXPECT_EQ(sync.withdrawn_count(), 0) << code;
    EXPECT_EQ(sync.rejected_count(), 5) << code;
    ExpectEqualToTruth();
  }
  // What was left out is read again.
  sim_->programme_register().Set({});
  EXPECT_EQ(RunSync(Sync::MODE_INCREMENTAL).mode(), Sync::MODE_FULL);
}

// Without this an unsteady register is asked the same questions until the run fails.
TEST_F(Conflicts, VerifyingGoesOnWhereAFailedCallLeftIt) {
  RunSync();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("skip:15,unavailable:6"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.verified_count(), 15);
  ExpectEqualToTruth();
}

TEST_F(Conflicts, AStepOfVerifyingAsksOneQuestionAtLeastHoweverSlowTheRegister) {
  RunSync();
  options_.verify_time = absl::ZeroDuration();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("skip:5"));
  EXPECT_EQ(RunSync().verified_count(), 5);
  ExpectEqualToTruth();
}

TEST_F(Conflicts, ARejectedShrinkLeavesEverythingAsItWas) {
  RunSync();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("shrink:50"));
  const Sync waiting = RunSync();
  ASSERT_EQ(waiting.state(), Sync::STATE_NEEDS_CONFIRMATION);
  v1::RejectShrinkRequest reject;
  reject.set_name(waiting.name());
  reject.set_reason("реестр неисправен");
  const Sync rejected = Must<Sync>("Register/RejectShrink", reject);
  EXPECT_EQ(rejected.state(), Sync::STATE_CANCELLED);
  EXPECT_EQ(rejected.error_reason(), "SHRINK_REJECTED");
  EXPECT_TRUE(rejected.has_end_time());
  ExpectEqualToTruth();
  v1::ConfirmShrinkRequest confirm;
  confirm.set_name(waiting.name());
  confirm.set_reason("поздно");
  EXPECT_EQ(rpc::ReasonOf(Try<Sync>("Register/ConfirmShrink", confirm)), "INVALID_STATE");
}

TEST_F(Conflicts, AConfirmedShrinkIsFlaggedAndNothingIsDeleted) {
  RunSync();
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("shrink:50"));
  const Sync waiting = RunSync();
  v1::ConfirmShrinkRequest confirm;
  confirm.set_name(waiting.name());
  confirm.set_reason("перерегистрация");
  EXPECT_TRUE(Must<Sync>("Register/ConfirmShrink", confirm).shrink_confirmed());
  RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
  Drive(mirror);
  EXPECT_EQ(Get(waiting.name()).withdrawn_count(), waiting.missing_count());
  EXPECT_EQ(Programmes().size(), 60u);
  for (const auto& [number, programme] : Programmes()) {
    EXPECT_FALSE(programme.has_delete_time()) << number;
  }
}

TEST_F(Conflicts, TheRegionSaysHowMuchMayGo) {
  RunSync();
  v1::CreateRegisterPolicyRequest create;
  create.set_parent("regions/86");
  create.set_register_policy_id("other");
  create.mutable_register_policy()->set_shrink_percent(60);
  EXPECT_EQ(rpc::ReasonOf(Try<v1::RegisterPolicy>("Register/CreateRegisterPolicy", create)),
            "ONE_POLICY");
  create.set_register_policy_id("mirror");
  Must<v1::RegisterPolicy>("Register/CreateRegisterPolicy", create);
  sim_->programme_register().Set(*federal_sim::ParseMisbehaviour("shrink:50"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED);
  EXPECT_EQ(sync.shrink_percent(), 60);
  EXPECT_GT(sync.withdrawn_count(), 18);
}

}  // namespace
}  // namespace rsnms::programs
