// What is signed, and what verification tells of it, over the wire.
#include "services/programs/certificates/certificates_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using v1::Certificate;

class CertificateVerification : public CertificatesFixture {};

TEST_F(CertificateVerification, WhatIsSignedNeverChanges) {
  const auto issued = Issue(1, "1");
  v1::UpdateCertificateRequest update;
  *update.mutable_certificate() = issued;
  update.mutable_certificate()->set_number("2");
  update.mutable_update_mask()->add_paths("number");
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("UpdateCertificate", update).status()),
            "IMMUTABLE_FIELD");
  EXPECT_FALSE(Sql("UPDATE certificate SET number = '2'").ok());
  EXPECT_FALSE(Sql("DELETE FROM certificate").ok());
  update.mutable_certificate()->set_ugsn_code("44.00.00");
  update.mutable_update_mask()->clear_paths();
  update.mutable_update_mask()->add_paths("ugsn_code");
  EXPECT_EQ(Must<Certificate>("UpdateCertificate", update).ugsn_code(), "44.00.00");
  EXPECT_TRUE(*Verify("1", issued.verification_code()));
}

TEST_F(CertificateVerification, VerificationNeedsBothAndTellsNothingElse) {
  const auto one = Issue(1, "1"), two = Issue(2, "2");
  EXPECT_TRUE(*Verify("1", one.verification_code()));
  std::string typed = one.verification_code();
  for (char& c : typed) c = c == '-' ? ' ' : static_cast<char>(std::tolower(c));
  EXPECT_TRUE(*Verify("1", typed));
  // A stranger's scope does not matter, the number and the code do.
  auto stranger = service_->Connect({"municipal_service"}, {"regions/61"});
  EXPECT_TRUE(*Verify("1", one.verification_code(), stranger.get()));
  EXPECT_FALSE(*Verify("1", two.verification_code()));
  EXPECT_FALSE(*Verify("404", one.verification_code()));
  EXPECT_FALSE(*Verify("1", "0000-0000-0000-0000-0000"));
  EXPECT_FALSE(*Verify("1", "не код"));
  Must<Certificate>("RevokeCertificate", Revoking(one.name()));
  EXPECT_FALSE(*Verify("1", one.verification_code()));
  EXPECT_TRUE(Call<Certificate>("DuplicateCertificate",
                                Succeeding<v1::DuplicateCertificateRequest>(two.name(), "3"))
                  .ok());
  EXPECT_FALSE(*Verify("2", two.verification_code())) << "the lost one is not in force";
}

TEST_F(CertificateVerification, ANumberIsReadHoweverItIsTyped) {
  const auto issued = Issue(1, "ПК-2026/17");
  for (const char* typed : {"ПК-2026/17", "пк 2026 № 17", "ПK2026-17"}) {
    EXPECT_TRUE(*Verify(typed, issued.verification_code())) << typed;
  }
  for (const char* typed : {"ПК-2026/18", "ПК-2026/171", "ПК", "-"}) {
    EXPECT_FALSE(*Verify(typed, issued.verification_code())) << typed;
  }
}

TEST_F(CertificateVerification, ATouchedRecordIsNotValid) {
  const auto issued = Issue(1, "1");
  ASSERT_TRUE(Sql("ALTER TABLE certificate DISABLE TRIGGER signed").ok());
  ASSERT_TRUE(Sql("UPDATE certificate SET programme_title = 'Подделка'").ok());
  EXPECT_FALSE(*Verify("1", issued.verification_code()));
  v1::SignCertificateRequest sign;
  sign.set_name(issued.name());
  EXPECT_EQ(rpc::ReasonOf(Call<v1::SignCertificateResponse>("SignCertificate", sign).status()),
            "CERTIFICATE_ALTERED");
}

TEST_F(CertificateVerification, WhoIsRefusedTooOftenWaits) {
  const auto issued = Issue(1, "1"), beside = Issue(2, "2");
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(*Verify("1", "0000"));
  const auto status = Verify("1", issued.verification_code()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rpc::ReasonOf(status), "VERIFIED_TOO_OFTEN");
  EXPECT_TRUE(*Verify("2", beside.verification_code())) << "who asks for many asks on";
  auto another = service_->Connect({"dashboard"}, {"regions/86"}, "another");
  EXPECT_TRUE(*Verify("1", issued.verification_code(), another.get()));
  now_ += absl::Minutes(1);
  EXPECT_TRUE(*Verify("1", issued.verification_code()));
}

TEST_F(CertificateVerification, TheSignedTextHoldsOfflineAndNamesNoPerson) {
  const auto issued = Issue(1, "1");
  v1::SignCertificateRequest sign;
  sign.set_name(issued.name());
  const auto text = Must<v1::SignCertificateResponse>("SignCertificate", sign).jws();
  const auto keys =
      Must<v1::GetCertificateKeysResponse>("GetCertificateKeys", v1::GetCertificateKeysRequest());
  const auto facts = auth::OpenJws(*auth::ParseJwks(keys.jwks()), text, kCertificateType);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(*facts, CanonicalCertificate(issued));
  EXPECT_THAT(*facts, HasSubstr("\"number\":\"1\""));
  EXPECT_THAT(*facts, ::testing::Not(HasSubstr("persons")));
  EXPECT_THAT(*facts, ::testing::Not(HasSubstr(std::string(IdOf(issued.person())))));
}

// The person turned out to be another: the document stays what it was.

}  // namespace
}  // namespace rsnms::programs
