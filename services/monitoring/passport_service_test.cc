// Passports as callers meet them.
#include "services/monitoring/test_service.h"

namespace rsnms::monitoring {
namespace {

TEST_F(Monitoring, PassportGoesFromDraftToTheOperatorsReceipt) {
  Load();
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
  auto passport = Assemble();
  ASSERT_EQ(passport.blocks_size(), 7);
  v1::UpdatePassportRequest update;
  update.mutable_passport()->set_name(passport.name());
  auto& entry = *update.mutable_passport()->add_manual_entries();
  entry.set_field_id("funding.regional");
  entry.set_value("1250.50");
  update.mutable_update_mask()->add_paths("manual_entries");
  passport = Must<v1::Passport>("UpdatePassport", update);
  EXPECT_EQ(passport.blocks(3).fields(1).value(), "1250.50");
  EXPECT_TRUE(Move<v1::RequestPassportApprovalRequest>("RequestPassportApproval", passport).ok());
  auto approved = Move<v1::ApprovePassportRequest>("ApprovePassport", passport);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->sha256().size(), 64u);
  update.mutable_passport()->mutable_manual_entries(0)->set_value("9");
  auto refused = Ask<v1::Passport>(*admin_, "UpdatePassport", update);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "PASSPORT_TRANSITION");

  auto sent = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->state(), v1::Passport::STATE_ACCEPTED);
  EXPECT_EQ(sent->receipt().receipt_number(), "Р-1");
  ASSERT_EQ(operator_->submissions.size(), 1u);
  const auto& envelope = operator_->submissions[0].envelope();
  EXPECT_EQ(envelope.sha256(), Sha256Hex(envelope.payload()));
  EXPECT_EQ(envelope.sha256(), approved->sha256());
  EXPECT_EQ(envelope.blocks_size(), 7);
  const auto& signature = envelope.signatures(0);
  EXPECT_EQ(signature.algorithm(), federal::v1::SIGNATURE_ALGORITHM_ED25519);
  EXPECT_TRUE(VerifySignature(signature.public_key(), envelope.payload(), signature.value()));

  auto again = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->etag(), sent->etag());
  EXPECT_EQ(operator_->submissions.size(), 1u);  // nothing was sent twice
}

TEST_F(Monitoring, LostAnswerLeavesThePassportApprovedAndTheRepetitionIsTheSameSubmission) {
  Load();
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
  const auto passport = Approved();
  operator_->failure = absl::UnavailableError("away");
  EXPECT_FALSE(Move<v1::SubmitPassportRequest>("SubmitPassport", passport).ok());
  v1::GetPassportRequest get;
  get.set_name(passport.name());
  EXPECT_EQ(Must<v1::Passport>("GetPassport", get).state(), v1::Passport::STATE_APPROVED);
  operator_->failure = absl::OkStatus();
  EXPECT_TRUE(Move<v1::SubmitPassportRequest>("SubmitPassport", passport).ok());
  ASSERT_EQ(operator_->submissions.size(), 2u);
  EXPECT_EQ(operator_->submissions[0].request_id(), operator_->submissions[1].request_id());
  EXPECT_EQ(operator_->submissions[0].SerializeAsString(),
            operator_->submissions[1].SerializeAsString());
}

TEST_F(Monitoring, ReceiptOfOtherBytesIsRefused) {
  Load();
  operator_->lie = true;
  const auto passport = Approved();
  auto sent = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  EXPECT_EQ(rpc::ReasonOf(sent.status()), "RECEIPT_MISMATCH");
}

TEST_F(Monitoring, ReturnedPassportIsRevisedAndSentAgain) {
  Load();
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_RETURNED);
  auto& item = *operator_->receipt.add_items();
  item.set_block_number(4);
  item.set_item_code("funding.regional");
  item.set_state(federal::v1::RECEIPT_STATE_RETURNED);
  item.set_remark_ru("Заполните сумму.");
  const auto passport = Approved();
  auto returned = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state(), v1::Passport::STATE_RETURNED);
  EXPECT_EQ(returned->blocks(3).fields(1).remark(), "Заполните сумму.");
  auto revised = Move<v1::RevisePassportRequest>("RevisePassport", passport);
  ASSERT_TRUE(revised.ok()) << revised.status();
  EXPECT_EQ(revised->revision(), 2);
  EXPECT_EQ(revised->sha256(), "");
  v1::ExportPassportRequest first;  // the revision that was returned stays for good
  first.set_name(passport.name());
  first.set_revision(1);
  EXPECT_EQ(Must<v1::ExportPassportResponse>("ExportPassport", first).sha256(), passport.sha256());
}

TEST_F(Monitoring, SameDataAtTheSameWatermarkGivesTheSameBytes) {
  Load();
  const auto one = Assemble();
  v1::ExportPassportRequest request;
  request.set_name(one.name());
  const auto bytes = Must<v1::ExportPassportResponse>("ExportPassport", request);
  v1::DeletePassportRequest drop;
  drop.set_name(one.name());
  Must<v1::Passport>("DeletePassport", drop);
  // Facts and cube made anew, rows in another order: another node would have no other.
  v1::OpenPeriodRequest open;
  open.set_parent("regions/86");
  open.set_period_year(2026);
  *open.mutable_cut_off_date() = ToDate(20260101);
  Must<v1::Period>("OpenPeriod", open);
  *open.mutable_cut_off_date() = ToDate(20261231);
  Must<v1::Period>("OpenPeriod", open);
  const auto two = Assemble();
  request.set_name(two.name());
  const auto same = Must<v1::ExportPassportResponse>("ExportPassport", request);
  EXPECT_NE(one.name(), two.name());
  EXPECT_EQ(same.canonical(), bytes.canonical());
  EXPECT_EQ(same.sha256(), bytes.sha256());
}

TEST_F(Monitoring, DriftSinceApprovalIsFlagged) {
  Load();
  const auto passport = Approved();
  v1::DiffPassportsRequest diff;
  diff.set_name(passport.name());
  EXPECT_FALSE(Must<v1::DiffPassportsResponse>("DiffPassports", diff).drifted());
  registry::v1::Person person;
  person.set_name(world_.Name("persons", 500));
  registry::v1::Employment post;
  post.set_name(world_.Name("employments", 500));
  post.set_person(person.name());
  post.set_organisation(world_.Name("organisations", 1));
  post.set_category(registry::v1::STAFF_CATEGORY_MANAGER);
  *post.mutable_start_date() = ToDate(20260101);
  Apply({world_.Put(person), world_.Put(post)});
  const auto drift = Must<v1::DiffPassportsResponse>("DiffPassports", diff);
  EXPECT_TRUE(drift.drifted());
  ASSERT_GT(drift.differences_size(), 0);
  EXPECT_EQ(drift.differences(0).field_id(), "staff.total");
}

TEST_F(Monitoring, AuthorityOfTheRegionDoesItAllItself) {
  Load();
  admin_ = service_->Connect({"authority"}, {"regions/86"}, "authority-86");
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
  const auto passport = Approved();
  EXPECT_EQ(passport.approver(), "authority-86");
  auto sent = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->state(), v1::Passport::STATE_ACCEPTED);
  v1::OpenPeriodRequest open;
  open.set_parent("regions/86");
  open.set_period_year(2025);
  EXPECT_EQ(Must<v1::Period>("OpenPeriod", open).year(), 2025);
}

TEST_F(Monitoring, OnePassportOfAPeriodIsInWork) {
  Load();
  const auto passport = Assemble();
  v1::AssemblePassportRequest request;
  request.set_parent("regions/86");
  request.set_period_year(2026);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Passport>(*admin_, "AssemblePassport", request).status()),
            "PASSPORT_IN_WORK");
  EXPECT_EQ(rpc::ReasonOf(Move<v1::ApprovePassportRequest>("ApprovePassport", passport).status()),
            "PASSPORT_TRANSITION");
}

}  // namespace
}  // namespace rsnms::monitoring
