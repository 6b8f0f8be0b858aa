// What is sent again to ФИС ФРДО, and what its receipts do.
#include "services/programs/certificates/frdo_receipts.h"

#include "google/rpc/error_details.pb.h"
#include "services/programs/certificates/frdo_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using v1::Certificate;

TEST_F(Frdo, OnlyWhatChangedOrWasRejectedIsSentAgain) {
  const auto one = Issue(1, "1");
  Issue(2, "2");
  Issue(3, "3");
  auto exported = MustExport();
  EXPECT_THAT(MustExport().lines, IsEmpty()) << "what waits for its receipt is not due";
  Send(exported.summary.frdo_package());
  auto receipts = Receipts(exported.summary.frdo_package());
  std::map<std::string, int> row_of;
  for (const auto& line : exported.lines) row_of[line.values(6)] = line.row_number();
  Add(receipts, row_of["1"], "");
  Add(receipts, row_of["2"], "СНИЛС не найден");
  auto package = Must<FrdoPackage>("RecordFrdoReceipts", receipts);
  EXPECT_EQ(package.state(), FrdoPackage::STATE_SENT) << "one row waits yet";
  EXPECT_EQ(package.accepted_count(), 1);
  EXPECT_EQ(package.rejected_count(), 1);

  asked_.clear();
  exported = MustExport();
  EXPECT_THAT(exported.numbers(), ElementsAre("2")) << "the rejected one";
  EXPECT_THAT(asked_, ElementsAre(Person(2))) << "the others' people are not read";
  EXPECT_EQ(exported.lines[0].values(39), "") << "the register has no row of it to change";

  v1::UpdateCertificateRequest update;
  update.mutable_certificate()->set_name(one.name());
  update.mutable_certificate()->set_ugsn_code("44.00.00");
  update.mutable_update_mask()->add_paths("ugsn_code");
  Must<Certificate>("UpdateCertificate", update);
  exported = MustExport();
  EXPECT_THAT(exported.numbers(), ElementsAre("1")) << "the changed one, and it alone";
  EXPECT_EQ(exported.lines[0].values(39), "1") << "the accepted row is to be changed";
}

TEST_F(Frdo, WhatWaitsForItsReceiptIsInNoOtherPackage) {
  const auto one = Issue(1, "1");
  Issue(2, "2");
  const auto package = MustExport().summary.frdo_package();
  const auto all = [&] { return MustExport(Asking(v1::FRDO_SELECTION_ALL)); };
  v1::UpdateCertificateRequest update;
  update.mutable_certificate()->set_name(one.name());
  update.mutable_certificate()->set_ugsn_code("44.00.00");
  update.mutable_update_mask()->add_paths("ugsn_code");
  Must<Certificate>("UpdateCertificate", update);
  for (const auto selection :
       {v1::FRDO_SELECTION_CHANGED, v1::FRDO_SELECTION_COMPARED, v1::FRDO_SELECTION_ALL}) {
    const auto exported = MustExport(Asking(selection));
    EXPECT_THAT(exported.numbers(), IsEmpty()) << selection;
    EXPECT_EQ(exported.summary.awaiting_count(), 2) << selection;
  }
  Send(package);
  EXPECT_THAT(all().numbers(), IsEmpty()) << "sent, and not answered";
  auto receipts = Receipts(package);
  Add(receipts, 2, "");
  Add(receipts, 3, "");
  Must<FrdoPackage>("RecordFrdoReceipts", receipts);
  const auto changed = MustExport();
  EXPECT_THAT(changed.numbers(), ElementsAre("1"));
  EXPECT_EQ(changed.lines[0].values(39), "1") << "told as a change, not a second time";
  EXPECT_EQ(changed.summary.awaiting_count(), 0);
}

TEST_F(Frdo, APackageOvertakenByALaterOneIsNotSent) {
  const std::string certificate = Issue(1, "1").name();
  const auto package = MustExport().summary.frdo_package();
  ASSERT_TRUE(Sql("UPDATE frdo_row SET state = 'REJECTED'").ok());
  const auto later = MustExport().summary.frdo_package();
  ASSERT_NE(later, "");
  ASSERT_TRUE(Sql(Cat("UPDATE frdo_row SET state = 'PENDING' WHERE frdo_package_id = '",
                      IdOf(package), "'"))
                  .ok());
  v1::SendFrdoPackageRequest send;
  send.set_name(package);
  *send.mutable_send_date() = D(2026, 5, 30);
  const auto status = Call<FrdoPackage>("SendFrdoPackage", send).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "INVALID_STATE");
  std::map<std::string, std::string> told;
  const google::rpc::Status answered = rpc::ToProto(status);
  for (const auto& detail : answered.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) told.insert(info.metadata().begin(), info.metadata().end());
  }
  EXPECT_EQ(told["later_package"], later);
  EXPECT_EQ(told["row_number"], "2");
  EXPECT_EQ(told["overtaken_rows"], "1");
  EXPECT_EQ(told["certificate"], certificate);
  Send(later);
}

TEST_F(Frdo, ADuplicateOfADuplicateNamesTheFirstDocument) {
  auto document = Issue(1, "1");
  for (const char* number : {"11", "111"}) {
    auto duplicate = Succeeding<v1::DuplicateCertificateRequest>(document.name(), number);
    *duplicate.mutable_state_date() = duplicate.issue_date();
    document = Must<Certificate>("DuplicateCertificate", duplicate);
  }
  std::map<std::string, std::string> originals;
  for (const auto& line : MustExport().lines) originals[line.values(6)] = line.values(33);
  EXPECT_THAT(originals,
              ElementsAre(std::pair("1", ""), std::pair("11", "1"), std::pair("111", "1")));
}

TEST_F(Frdo, TheLatestStateAloneIsSent) {
  const auto issued = Issue(1, "1");
  Settle();
  for (const char* code : {"44.00.00", "45.00.00", "44.00.00", "46.00.00"}) {
    v1::UpdateCertificateRequest update;
    update.mutable_certificate()->set_name(issued.name());
    update.mutable_certificate()->set_ugsn_code(code);
    update.mutable_update_mask()->add_paths("ugsn_code");
    Must<Certificate>("UpdateCertificate", update);
  }
  const auto exported = MustExport();
  ASSERT_EQ(exported.lines.size(), 1U);
  EXPECT_EQ(exported.lines[0].values(12), "46.00.00");
}

TEST_F(Frdo, AChangeThatLeavesTheRowAsItWasIsNotSent) {
  const auto issued = Issue(1, "1");
  Settle();
  for (const char* code : {"44.00.00", ""}) {
    v1::UpdateCertificateRequest update;
    update.mutable_certificate()->set_name(issued.name());
    update.mutable_certificate()->set_ugsn_code(code);
    update.mutable_update_mask()->add_paths("ugsn_code");
    Must<Certificate>("UpdateCertificate", update);
  }
  const auto exported = MustExport();
  EXPECT_THAT(exported.lines, IsEmpty());
  EXPECT_EQ(exported.summary.unchanged_count(), 1);

  asked_.clear();
  EXPECT_EQ(MustExport().summary.unchanged_count(), 0) << "it is due no more";
  EXPECT_THAT(asked_, IsEmpty()) << "and nobody is read for it";
  v1::UpdateCertificateRequest update;
  update.mutable_certificate()->set_name(issued.name());
  update.mutable_certificate()->set_ugsn_code("44.00.00");
  update.mutable_update_mask()->add_paths("ugsn_code");
  Must<Certificate>("UpdateCertificate", update);
  EXPECT_THAT(MustExport().numbers(), ElementsAre("1")) << "until it changes again";
}

TEST_F(Frdo, AComparisonFindsWhatChangedInPeoplesData) {
  Issue(1, "1");
  Issue(2, "2");
  Settle();
  people_[Person(2)].set_given_name("Елена");
  EXPECT_THAT(MustExport().lines, IsEmpty());
  const auto exported = MustExport(Asking(v1::FRDO_SELECTION_COMPARED));
  EXPECT_THAT(exported.numbers(), ElementsAre("2"));
  EXPECT_EQ(exported.summary.unchanged_count(), 1);
  EXPECT_THAT(MustExport(Asking(v1::FRDO_SELECTION_ALL)).numbers(), ElementsAre("1"))
      << "the other waits for its receipt";
}

TEST_F(Frdo, StepsOfDocumentsMakeNewRows) {
  const auto lost = Issue(1, "1"), wrong = Issue(2, "2"), revoked = Issue(3, "3");
  Settle();
  Must<Certificate>("DuplicateCertificate",
                    Succeeding<v1::DuplicateCertificateRequest>(lost.name(), "11"));
  Must<Certificate>("ReplaceCertificate",
                    Succeeding<v1::ReplaceCertificateRequest>(wrong.name(), "12"));
  Must<Certificate>("RevokeCertificate", Revoking(revoked.name()));
  const auto exported = MustExport();
  std::map<std::string, std::vector<std::string>> rows;
  for (const auto& line : exported.lines) {
    rows[line.values(6)] = {line.values().begin(), line.values().end()};
  }
  ASSERT_EQ(rows.size(), 5U);
  const auto marks = [&](const std::string& number) {
    const auto& r = rows[number];
    return Cat(r[1], " ", r[2], r[3], r[4], " ", r[33], " ", r[39]);
  };
  EXPECT_EQ(marks("1"), "Оригинал ДаНетНет  1");
  EXPECT_EQ(marks("2"), "Оригинал НетДаНет  2");
  EXPECT_EQ(marks("3"), "Оригинал НетНетДа  3");
  EXPECT_EQ(marks("11"), "Дубликат НетНетНет 1 ");
  EXPECT_EQ(marks("12"), "Оригинал НетНетНет  ");
}

TEST_F(Frdo, ACancelledPackageWasNeverSent) {
  Issue(1, "1");
  const auto exported = MustExport();
  v1::CancelFrdoPackageRequest cancel;
  cancel.set_name(exported.summary.frdo_package());
  cancel.set_reason("файл не открывается");
  EXPECT_EQ(Must<FrdoPackage>("CancelFrdoPackage", cancel).state(), FrdoPackage::STATE_CANCELLED);
  EXPECT_EQ(rpc::ReasonOf(Call<FrdoPackage>("CancelFrdoPackage", cancel).status()),
            "INVALID_STATE");
  EXPECT_THAT(MustExport().numbers(), ElementsAre("1"));
}

TEST_F(Frdo, WhatIsAcceptedFromAPackageGivenUpIsNotSentAsNew) {
  Issue(1, "1");
  Issue(2, "2");
  const auto lost = MustExport().summary.frdo_package();
  Send(lost);
  v1::CancelFrdoPackageRequest cancel;
  cancel.set_name(lost);
  cancel.set_reason("ответа нет месяц");
  Must<FrdoPackage>("CancelFrdoPackage", cancel);
  const auto next = MustExport();
  EXPECT_THAT(next.numbers(), ElementsAre("1", "2")) << "due again, as new";

  auto late = Receipts(lost);
  Add(late, 2, "");
  const auto recorded = Must<FrdoPackage>("RecordFrdoReceipts", late);
  EXPECT_EQ(recorded.state(), FrdoPackage::STATE_CANCELLED);
  EXPECT_EQ(recorded.accepted_count(), 1);
  v1::SendFrdoPackageRequest send;
  send.set_name(next.summary.frdo_package());
  *send.mutable_send_date() = D(2026, 5, 30);
  const auto refused = Call<FrdoPackage>("SendFrdoPackage", send).status();
  EXPECT_EQ(rpc::ReasonOf(refused), "INVALID_STATE") << refused;
  EXPECT_THAT(FieldsOf(refused), ElementsAre("name"));

  cancel.set_name(next.summary.frdo_package());
  Must<FrdoPackage>("CancelFrdoPackage", cancel);
  const auto right = MustExport();
  EXPECT_THAT(right.numbers(), ElementsAre("2")) << "the first is in the register";
  send.set_name(right.summary.frdo_package());
  EXPECT_TRUE(Call<FrdoPackage>("SendFrdoPackage", send).ok());
}

TEST_F(Frdo, ReceiptsThatDoNotFitAreRefusedWhole) {
  Issue(1, "1");
  Issue(2, "2");
  const auto exported = MustExport();
  const std::string package = exported.summary.frdo_package();
  auto receipts = Receipts(package);
  Add(receipts, 2, "");
  EXPECT_EQ(rpc::ReasonOf(Call<FrdoPackage>("RecordFrdoReceipts", receipts).status()),
            "INVALID_STATE")
      << "nothing was sent";
  Send(package);
  const auto refused = [&](const v1::RecordFrdoReceiptsRequest& request) {
    const auto status = Call<FrdoPackage>("RecordFrdoReceipts", request).status();
    EXPECT_EQ(rpc::ReasonOf(status), "FRDO_ROW_UNKNOWN") << status;
    return FieldsOf(status);
  };
  auto unknown = receipts;
  Add(unknown, 4, "");
  EXPECT_THAT(refused(unknown), ElementsAre("receipts[1].row_number"));
  auto twice = receipts;
  Add(twice, 2, "нет");
  EXPECT_THAT(refused(twice), ElementsAre("receipts[1].row_number"));
  auto silent = receipts;
  Add(silent, 3, "нет");
  silent.mutable_receipts(1)->clear_message();
  EXPECT_THAT(refused(silent), ElementsAre("receipts[1].message"));
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_row WHERE state = 'PENDING'"), "2");

  Must<FrdoPackage>("RecordFrdoReceipts", receipts);
  const std::string before = Value("SELECT max(version)::text FROM frdo_row");
  EXPECT_EQ(Must<FrdoPackage>("RecordFrdoReceipts", receipts).accepted_count(), 1);
  EXPECT_EQ(Value("SELECT max(version)::text FROM frdo_row"), before) << "recorded again";
}

TEST_F(Frdo, AReceiptOfAnotherDocumentIsRefused) {
  AddPerson(1);
  auto issue = Issuing(Complete(1, "ПК-000017"));
  issue.mutable_certificate()->set_series("ПК");
  issue.mutable_certificate()->set_number("000017");
  Must<Certificate>("CreateCertificate", issue);
  Issue(2, "2");
  const auto exported = MustExport();
  Send(exported.summary.frdo_package());
  std::map<std::string, int> row_of;
  for (const auto& line : exported.lines) row_of[line.values(6)] = line.row_number();
  auto receipts = Receipts(exported.summary.frdo_package());
  Add(receipts, row_of["2"], "");
  receipts.mutable_receipts(0)->set_document_number("2");
  Add(receipts, row_of["000017"], "");
  receipts.mutable_receipts(1)->set_document_number("2");
  const auto status = Call<FrdoPackage>("RecordFrdoReceipts", receipts).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(status), "FRDO_DOCUMENT_DIFFERS");
  EXPECT_THAT(FieldsOf(status), ElementsAre("receipts[1].document_number"));
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_row WHERE state = 'PENDING'"), "2");
  for (const char* number : {"000017", "пк 000017", "№000017", ""}) {
    receipts.mutable_receipts(1)->set_document_number(number);
    EXPECT_EQ(Must<FrdoPackage>("RecordFrdoReceipts", receipts).accepted_count(), 2) << number;
  }
}

TEST_F(Frdo, TheRegistersWordsLoseNumbersAndAddresses) {
  EXPECT_EQ(WithoutPersonal("Неверный формат в столбце 12"), "Неверный формат в столбце 12");
  EXPECT_EQ(WithoutPersonal("СНИЛС 112-233-445 95 не найден"), "СНИЛС ***-***-*** ** не найден");
  EXPECT_THAT(WithoutPersonal("письмо на olga@example.org"), Not(HasSubstr("olga")));
  Issue(1, "1");
  const auto package = MustExport().summary.frdo_package();
  Send(package);
  auto receipts = Receipts(package);
  Add(receipts, 2, "СНИЛС 112-233-445 95 не найден");
  Must<FrdoPackage>("RecordFrdoReceipts", receipts);
  EXPECT_EQ(Value("SELECT message FROM frdo_row"), "СНИЛС ***-***-*** ** не найден");
}

}  // namespace
}  // namespace rsnms::programs
