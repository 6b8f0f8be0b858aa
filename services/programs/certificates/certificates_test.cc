// Certificates over the wire, with a real database: issue, chain of documents, verification.
#include <atomic>
#include <thread>

#include "services/programs/certificates/certificates_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using v1::Certificate;

class Certificates : public CertificatesFixture {
 protected:
  absl::Status TryIssue(const v1::CreateCertificateRequest& request) {
    return Call<Certificate>("CreateCertificate", request).status();
  }
  absl::Status TryDuplicate(const std::string& name, const std::string& number) {
    return Call<Certificate>("DuplicateCertificate",
                             Succeeding<v1::DuplicateCertificateRequest>(name, number))
        .status();
  }
};

TEST_F(Certificates, ACertificateFreezesWhatItCertifies) {
  const auto completion = Complete(1, "86-1");
  const auto issued = Must<Certificate>("CreateCertificate", Issuing(completion));
  EXPECT_EQ(issued.state(), Certificate::STATE_ISSUED);
  EXPECT_EQ(issued.ground(), v1::CERTIFICATE_GROUND_FIRST);
  EXPECT_EQ(issued.number(), "86-1");
  EXPECT_EQ(issued.person(), Person(1));
  EXPECT_EQ(issued.kind(), v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  EXPECT_EQ(issued.duration_hours(), 36);
  EXPECT_EQ(issued.provider(), Provider());
  EXPECT_EQ(issued.end_date().month(), 3);
  EXPECT_FALSE(issued.signature().empty());

  v1::UpdateProgrammeRequest update;
  update.mutable_programme()->set_name(programme_.name());
  update.mutable_programme()->set_title("Другое название");
  update.mutable_update_mask()->add_paths("title");
  Must<v1::Programme>("UpdateProgramme", update);
  EXPECT_EQ(Read(issued.name()).programme_title(), "Практикум оценивания");
}

TEST_F(Certificates, ACompletionHasOneFirstCertificate) {
  const auto completion = Complete(1, "1");
  const auto first = Must<Certificate>("CreateCertificate", Issuing(completion));
  const auto status = TryIssue(Issuing(completion));
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_ALREADY_ISSUED");
  EXPECT_THAT(FieldsOf(status), ElementsAre("certificate.completion"));
}

TEST_F(Certificates, TheNumberIsTheRecordedOneAloneOrAfterTheSeries) {
  auto request = Issuing(Complete(1, "ПК 000123"));
  request.mutable_certificate()->set_number("000124");
  auto status = TryIssue(request);
  EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_DIFFERS");
  EXPECT_THAT(FieldsOf(status), ElementsAre("certificate.number"));
  request.mutable_certificate()->set_series("ПК");
  request.mutable_certificate()->set_number("000123");
  const auto issued = Must<Certificate>("CreateCertificate", request);
  EXPECT_EQ(issued.series(), "ПК");
}

TEST_F(Certificates, WhatContradictsTheCompletionIsRefused) {
  const auto completion = Complete(1, "1");
  auto request = Issuing(completion);
  request.mutable_certificate()->set_duration_hours(72);
  auto status = TryIssue(request);
  EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_HOURS_DIFFER");
  EXPECT_THAT(FieldsOf(status), ElementsAre("certificate.duration_hours"));

  request = Issuing(completion);
  *request.mutable_certificate()->mutable_issue_date() = D(2026, 3, 19);
  status = TryIssue(request);
  EXPECT_EQ(rpc::ReasonOf(status), "OUT_OF_RANGE") << "issued before the completion";
  EXPECT_THAT(FieldsOf(status), ElementsAre("certificate.issue_date"));
  *request.mutable_certificate()->mutable_issue_date() = D(2026, 6, 3);
  EXPECT_EQ(rpc::ReasonOf(TryIssue(request)), "OUT_OF_RANGE") << "issued in the future";

  request = Issuing(completion);
  request.mutable_certificate()->set_registration_number(std::string("a\0b", 3));
  EXPECT_EQ(rpc::ReasonOf(TryIssue(request)), "NUL_CHARACTER");

  request = Issuing(completion);
  request.mutable_certificate()->set_completion(NameOf("86", "completions", Numbered(404)));
  status = TryIssue(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate"), "0");
}

TEST_F(Certificates, NobodyGetsACertificateForAFailedOrBackwardEnrolment) {
  const auto completion = Complete(1, "1");
  ASSERT_TRUE(Sql("UPDATE enrolment SET state = 'FAILED'").ok());
  EXPECT_EQ(rpc::ReasonOf(TryIssue(Issuing(completion))), "COMPLETION_NOT_VALID");
  ASSERT_TRUE(Sql("UPDATE enrolment SET state = 'COMPLETED', start_date = '2026-03-21'").ok());
  const auto status = TryIssue(Issuing(completion));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "COMPLETION_NOT_VALID") << "completed before it began";
  ASSERT_TRUE(Sql("UPDATE enrolment SET start_date = '2026-03-20'").ok());
  EXPECT_TRUE(TryIssue(Issuing(completion)).ok());
}

TEST_F(Certificates, ATakenNumberIsRefusedByItsPath) {
  const auto one = Issue(1, "1");
  const auto two = Issue(2, "2");
  Complete(3, "3");  // recorded, not yet issued
  for (const char* number : {"1", "2", "3"}) {
    const auto status = TryDuplicate(two.name(), number);
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << number;
    EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_TAKEN") << number;
    EXPECT_THAT(FieldsOf(status), ElementsAre("number")) << number;
  }
  EXPECT_EQ(Read(two.name()).state(), Certificate::STATE_ISSUED);
  EXPECT_TRUE(TryDuplicate(two.name(), "4").ok());
}

TEST_F(Certificates, OfSixtyFourWritersOfANumberOneGetsIt) {
  std::vector<std::string> names;
  for (int n = 1; n <= 64; ++n) names.push_back(Issue(n, Cat("К-", n)).name());
  std::atomic<int> won{0}, taken{0}, other{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < 64; ++t) {
    writers.emplace_back([&, t] {
      const auto status = TryDuplicate(names[t], "Д-1");
      if (status.ok()) {
        ++won;
      } else if (rpc::ReasonOf(status) == "CERTIFICATE_NUMBER_TAKEN" &&
                 FieldsOf(status) == std::vector<std::string>{"number"}) {
        ++taken;
      } else {
        ++other;
        ADD_FAILURE() << status;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(taken, 63);
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate WHERE number = 'Д-1'"), "1");
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate WHERE state = 'DUPLICATED'"), "1");
}

TEST_F(Certificates, OfManyWritersOneEndsADocument) {
  const auto lost = Issue(1, "1");
  std::atomic<int> won{0}, refused{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < 16; ++t) {
    writers.emplace_back([&, t] {
      const auto status = TryDuplicate(lost.name(), Cat("Д-", t));
      status.ok() ? ++won : ++refused;
      if (!status.ok()) {
        EXPECT_EQ(rpc::ReasonOf(status), "INVALID_STATE") << status;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate"), "2");
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate WHERE state = 'ISSUED'"), "1");
}

TEST_F(Certificates, DocumentsAreLinkedBothWays) {
  const auto first = Issue(1, "1");
  const auto duplicate = Must<Certificate>(
      "DuplicateCertificate", Succeeding<v1::DuplicateCertificateRequest>(first.name(), "2"));
  EXPECT_EQ(duplicate.ground(), v1::CERTIFICATE_GROUND_DUPLICATE);
  EXPECT_EQ(duplicate.predecessor(), first.name());
  EXPECT_EQ(duplicate.state(), Certificate::STATE_ISSUED);
  EXPECT_EQ(duplicate.funding_source(), v1::FUNDING_SOURCE_BUDGET);
  const auto lost = Read(first.name());
  EXPECT_EQ(lost.state(), Certificate::STATE_DUPLICATED);
  EXPECT_EQ(lost.successor(), duplicate.name());
  EXPECT_EQ(lost.state_reason(), "заявление от 10.04.2026 № 12");
  EXPECT_EQ(lost.number(), "1") << "the number of the duplicate is not the lost one's";

  auto replace = Succeeding<v1::ReplaceCertificateRequest>(duplicate.name(), "3");
  *replace.mutable_issue_date() = D(2026, 5, 5);
  *replace.mutable_state_date() = D(2026, 5, 1);
  replace.set_request_id(Numbered(5));
  const auto next = Must<Certificate>("ReplaceCertificate", replace);
  EXPECT_EQ(next.ground(), v1::CERTIFICATE_GROUND_REPLACEMENT);
  EXPECT_EQ(next.predecessor(), duplicate.name());
  EXPECT_EQ(Read(duplicate.name()).state(), Certificate::STATE_REPLACED);
  EXPECT_EQ(Must<Certificate>("ReplaceCertificate", replace).name(), next.name()) << "asked again";

  const auto revoked = Must<Certificate>("RevokeCertificate", [&] {
    auto revoke = Revoking(next.name());
    *revoke.mutable_state_date() = D(2026, 5, 20);
    return revoke;
  }());
  EXPECT_EQ(revoked.state(), Certificate::STATE_REVOKED);
}

TEST_F(Certificates, StepsAreDatedBetweenTheIssueAndToday) {
  const auto issued = Issue(1, "1");
  auto revoke = Revoking(issued.name());
  *revoke.mutable_state_date() = D(2026, 3, 24);
  auto status = Call<Certificate>("RevokeCertificate", revoke).status();
  EXPECT_EQ(rpc::ReasonOf(status), "OUT_OF_RANGE");
  EXPECT_THAT(FieldsOf(status), ElementsAre("state_date"));
  *revoke.mutable_state_date() = D(2026, 6, 5);
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("RevokeCertificate", revoke).status()), "OUT_OF_RANGE");
  revoke = Revoking(issued.name());
  revoke.set_state_reason("звонить +7 912 345-67-89");
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("RevokeCertificate", revoke).status()),
            "INVALID_FORMAT");
  auto duplicate = Succeeding<v1::DuplicateCertificateRequest>(issued.name(), "2");
  *duplicate.mutable_issue_date() = D(2026, 4, 9);
  status = Call<Certificate>("DuplicateCertificate", duplicate).status();
  EXPECT_THAT(FieldsOf(status), ElementsAre("issue_date")) << "issued before the loss";
  EXPECT_EQ(Read(issued.name()).state(), Certificate::STATE_ISSUED);
}

// Every step is declared in the contract; from every state but ISSUED it is refused.
TEST_F(Certificates, OnlyADocumentInForceIsEnded) {
  const std::map<std::string, std::string> declared = {{"RevokeCertificate", "REVOKED"},
                                                       {"DuplicateCertificate", "DUPLICATED"},
                                                       {"ReplaceCertificate", "REPLACED"}};
  for (const auto& [rpc, to] : declared) {
    const auto& step = CertificatesContract()
                           ->FindMethodByName(rpc)
                           ->options()
                           .GetExtension(options::v1::method)
                           .transition();
    EXPECT_THAT(step.from(), ElementsAre("ISSUED")) << rpc;
    EXPECT_EQ(step.to(), to);
  }
  int n = 0;
  const auto ended = [&](int how) {
    const auto issued = Issue(++n, Cat("С-", n));
    const std::string next = Cat("Н-", n);
    if (how == 0) Must<Certificate>("RevokeCertificate", Revoking(issued.name()));
    if (how == 1) {
      EXPECT_TRUE(TryDuplicate(issued.name(), next).ok());
    }
    if (how == 2) {
      Must<Certificate>("ReplaceCertificate",
                        Succeeding<v1::ReplaceCertificateRequest>(issued.name(), next));
    }
    return issued.name();
  };
  for (int how = 0; how < 3; ++how) {
    const std::string name = ended(how);
    const std::string before = Read(name).SerializeAsString();
    EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("RevokeCertificate", Revoking(name)).status()),
              "INVALID_STATE");
    EXPECT_EQ(rpc::ReasonOf(TryDuplicate(name, "Х-1")), "INVALID_STATE");
    EXPECT_EQ(
        rpc::ReasonOf(Call<Certificate>("ReplaceCertificate",
                                        Succeeding<v1::ReplaceCertificateRequest>(name, "Х-2"))
                          .status()),
        "INVALID_STATE");
    EXPECT_EQ(Read(name).SerializeAsString(), before);
  }
}

TEST_F(Certificates, ARevokedDocumentIsIssuedAnewOnce) {
  const auto wrong = Issue(1, "1");
  v1::ReissueCertificateRequest again;
  again.set_name(wrong.name());
  again.set_number("2");
  *again.mutable_issue_date() = D(2026, 4, 15);
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("ReissueCertificate", again).status()), "INVALID_STATE")
      << "it is in force";
  Must<Certificate>("RevokeCertificate", Revoking(wrong.name()));
  auto early = again;
  *early.mutable_issue_date() = D(2026, 4, 9);
  EXPECT_THAT(FieldsOf(Call<Certificate>("ReissueCertificate", early).status()),
              ElementsAre("issue_date"));
  auto same = again;
  same.set_number("1");
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("ReissueCertificate", same).status()),
            "CERTIFICATE_NUMBER_TAKEN");
  const auto right = Must<Certificate>("ReissueCertificate", again);
  EXPECT_EQ(right.ground(), v1::CERTIFICATE_GROUND_REISSUE);
  EXPECT_EQ(right.predecessor(), wrong.name());
  EXPECT_TRUE(*Verify("2", right.verification_code()));
  const auto old = Read(wrong.name());
  EXPECT_EQ(old.state(), Certificate::STATE_REVOKED);
  EXPECT_EQ(old.successor(), right.name());
  EXPECT_EQ(old.state_reason(), "приказ от 10.04.2026 № 7") << "why it was revoked stays";
  EXPECT_FALSE(*Verify("1", wrong.verification_code()));
  again.set_number("3");
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("ReissueCertificate", again).status()),
            "INVALID_STATE");
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate WHERE state = 'ISSUED'"), "1");
}

TEST_F(Certificates, WhatBecameOfTheProgrammeDoesNotChangeItsDocuments) {
  const auto completion = Complete(1, "1");
  ASSERT_TRUE(Sql("UPDATE programme SET title = 'Иная', form = 'EXTRAMURAL', duration_hours = 300, "
                  "kind = 'PROFESSIONAL_RETRAINING', version = version + 1")
                  .ok());
  const auto issued = Must<Certificate>("CreateCertificate", Issuing(completion));
  EXPECT_EQ(issued.programme_title(), "Практикум оценивания");
  EXPECT_EQ(issued.kind(), v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  EXPECT_EQ(issued.study_form(), v1::STUDY_FORM_PART_TIME);
  auto replace = Succeeding<v1::ReplaceCertificateRequest>(issued.name(), "2");
  const auto same = Must<Certificate>("ReplaceCertificate", replace);
  EXPECT_EQ(same.programme_title(), "Практикум оценивания");
  replace.set_name(same.name());
  replace.set_number("3");
  *replace.mutable_state_date() = D(2026, 5, 1);
  *replace.mutable_issue_date() = D(2026, 5, 5);
  replace.set_programme_title("Что угодно");
  const auto status = Call<Certificate>("ReplaceCertificate", replace).status();
  EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_PROGRAMME_DIFFERS");
  EXPECT_THAT(FieldsOf(status), ElementsAre("programme_title"));
  replace.set_programme_title("Иная");
  const auto mended = Must<Certificate>("ReplaceCertificate", replace);
  EXPECT_EQ(mended.programme_title(), "Иная");
  EXPECT_EQ(mended.study_form(), v1::STUDY_FORM_PART_TIME);
}

TEST_F(Certificates, AMergedPersonLeavesTheSignatureAlone) {
  const auto issued = Issue(1, "1");
  ASSERT_TRUE(
      Sql(Cat("UPDATE certificate SET person_id = '", Numbered(9), "', version = version + 1"))
          .ok());
  EXPECT_TRUE(*Verify("1", issued.verification_code()));
}

TEST_F(Certificates, AnIssuerSeesItsDocumentsAndASchoolThoseOfItsStaff) {
  const auto issued = Issue(1, "1");
  v1::GetCertificateRequest get;
  get.set_name(issued.name());
  const auto sees = [&](const std::string& scope) {
    auto client = service_->Connect({"organisation"}, {scope});
    return Call<Certificate>("GetCertificate", get, client.get()).ok();
  };
  EXPECT_TRUE(sees(Provider()));
  EXPECT_TRUE(sees(School()));
  EXPECT_TRUE(sees(Person(1)));
  EXPECT_TRUE(sees("regions/86/municipalities/71876000"));
  EXPECT_FALSE(sees(NameOf("86", "organisations", Numbered(8))));
  EXPECT_FALSE(sees(Person(2)));
  EXPECT_FALSE(sees("regions/61"));
  auto educator = service_->Connect({"educator"}, {Person(1)});
  EXPECT_EQ(
      rpc::ReasonOf(
          Call<Certificate>("RevokeCertificate", Revoking(issued.name()), educator.get()).status()),
      "PERMISSION_DENIED");
}

TEST_F(Certificates, AnIssuerIssuesToLearnersOfOtherBodies) {
  auto issuer = service_->Connect({"administrator"}, {Provider()});
  const auto completion = Complete(1, "1");
  auto first = Call<Certificate>("CreateCertificate", Issuing(completion), issuer.get());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->organisation(), School());
  const auto duplicate = Call<Certificate>(
      "DuplicateCertificate", Succeeding<v1::DuplicateCertificateRequest>(first->name(), "2"),
      issuer.get());
  ASSERT_TRUE(duplicate.ok()) << duplicate.status();
  auto replace = Succeeding<v1::ReplaceCertificateRequest>(duplicate->name(), "3");
  *replace.mutable_state_date() = replace.issue_date();
  const auto replacement = Call<Certificate>("ReplaceCertificate", replace, issuer.get());
  ASSERT_TRUE(replacement.ok()) << replacement.status();

  auto another =
      service_->Connect({"administrator"}, {NameOf("86", "organisations", Numbered(71))});
  const auto hidden =
      Call<Certificate>("CreateCertificate", Issuing(Complete(2, "4")), another.get()).status();
  EXPECT_EQ(rpc::ReasonOf(hidden), "REFERENCE_NOT_FOUND") << "another provider's completion";
  EXPECT_EQ(Call<Certificate>("DuplicateCertificate",
                              Succeeding<v1::DuplicateCertificateRequest>(replacement->name(), "5"),
                              another.get())
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

class WithoutKeys : public Certificates {
 protected:
  WithoutKeys() { keys_ = nullptr; }
};

TEST_F(WithoutKeys, NothingIsIssuedAndNothingIsValid) {
  const auto status = TryIssue(Issuing(Complete(1, "1")));
  EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_KEY_MISSING");
  EXPECT_FALSE(*Verify("1", "0000"));
}

}  // namespace
}  // namespace rsnms::programs
