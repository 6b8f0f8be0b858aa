// Signatures of certificates: canonical, bound to every fact, rotated without loss.
#include "services/programs/certificates/certificate_keys.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

v1::Certificate Sample() {
  v1::Certificate c;
  c.set_name("regions/86/certificates/01900000-0000-7000-8000-000000000001");
  c.set_completion("regions/86/completions/01900000-0000-7000-8000-000000000002");
  c.set_person("regions/86/persons/01900000-0000-7000-8000-000000000003");
  c.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  c.set_ground(v1::CERTIFICATE_GROUND_FIRST);
  c.set_number("1");
  c.set_issuer_title("Институт «Развитие»");
  c.set_issuer_key("8601000000");
  c.set_programme_title("Оценивание");
  c.set_duration_hours(36);
  c.mutable_issue_date()->set_year(2026);
  c.mutable_issue_date()->set_month(3);
  c.mutable_issue_date()->set_day(25);
  *c.mutable_end_date() = c.issue_date();
  return c;
}

std::shared_ptr<const CertificateKeys> Keys(auth::Algorithm algorithm, const std::string& key_id,
                                            const std::string& former = "") {
  return *CertificateKeys::Create(auth::GenerateKey(algorithm, key_id)->private_pem, key_id,
                                  former);
}

// The bytes are part of the format: whoever changes them makes old signatures unverifiable.
TEST(CertificateSignature, CanonicalBytesAreTheFormat) {
  EXPECT_EQ(CanonicalCertificate(Sample()),
            "{\"format\":\"rsnms-certificate-1\",\"region\":\"86\","
            "\"certificate\":\"01900000-0000-7000-8000-000000000001\","
            "\"completion\":\"01900000-0000-7000-8000-000000000002\",\"ground\":\"FIRST\","
            "\"predecessor\":\"\",\"kind\":\"PROFESSIONAL_DEVELOPMENT\",\"series\":\"\","
            "\"number\":\"1\",\"registration_number\":\"\",\"issue_date\":\"2026-03-25\","
            "\"issuer_key\":\"8601000000\",\"issuer\":\"Институт «Развитие»\","
            "\"programme\":\"Оценивание\",\"study_form\":\"UNSPECIFIED\",\"hours\":36,"
            "\"start_date\":\"\",\"end_date\":\"2026-03-25\"}");
}

TEST(CertificateSignature, HoldsForWhatWasSignedAndForNothingElse) {
  for (const auto algorithm : {auth::Algorithm::kEs256, auth::Algorithm::kEdDsa}) {
    const auto keys = Keys(algorithm, "one");
    auto signed_one = Sample();
    ASSERT_TRUE(keys->Sign(&signed_one).ok());
    EXPECT_TRUE(keys->Verify(signed_one));
    const std::function<void(v1::Certificate&)> changes[] = {
        [](auto& c) { c.set_number("2"); },
        [](auto& c) { c.set_series("А"); },
        [](auto& c) { c.set_registration_number("9"); },
        [](auto& c) { c.set_duration_hours(72); },
        [](auto& c) { c.set_programme_title("Другое"); },
        [](auto& c) { c.set_issuer_title("Другой"); },
        [](auto& c) { c.set_issuer_key("1"); },
        [](auto& c) { c.mutable_issue_date()->set_day(26); },
        [](auto& c) { c.mutable_end_date()->set_day(24); },
        [](auto& c) { *c.mutable_start_date() = c.end_date(); },
        [](auto& c) { c.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING); },
        [](auto& c) { c.set_study_form(v1::STUDY_FORM_FULL_TIME); },
        [](auto& c) { c.set_ground(v1::CERTIFICATE_GROUND_DUPLICATE); },
        [](auto& c) { c.set_predecessor("regions/86/certificates/x"); },
        [](auto& c) { c.set_completion("regions/86/completions/x"); },
        [](auto& c) { c.set_name("regions/86/certificates/x"); },
        [](auto& c) { c.set_name("regions/61" + c.name().substr(10)); },
        [](auto& c) { c.set_signing_key_id("two"); },
        [](auto& c) { c.set_signature("AAAA"); },
        [](auto& c) { c.set_signature("не base64"); }};
    for (const auto& change : changes) {
      auto touched = signed_one;
      change(touched);
      EXPECT_FALSE(keys->Verify(touched)) << touched.ShortDebugString();
      EXPECT_EQ(rpc::ReasonOf(keys->Jws(touched).status()), "CERTIFICATE_ALTERED");
    }
    auto moved = signed_one;  // what may change leaves it valid
    moved.set_person("regions/86/persons/other");
    moved.set_state(v1::Certificate::STATE_REVOKED);
    moved.set_ugsn_code("44.00.00");
    EXPECT_TRUE(keys->Verify(moved));
  }
}

TEST(CertificateSignature, AfterARotationTheOldStaysVerifiable) {
  const auto old_keys = Keys(auth::Algorithm::kEs256, "2025");
  auto issued = Sample();
  ASSERT_TRUE(old_keys->Sign(&issued).ok());
  const auto text = old_keys->Jws(issued);
  ASSERT_TRUE(text.ok());

  const auto new_keys = Keys(auth::Algorithm::kEdDsa, "2026", old_keys->jwks());
  EXPECT_TRUE(new_keys->Verify(issued));
  EXPECT_EQ(*new_keys->Jws(issued), *text);
  EXPECT_TRUE(auth::OpenJws(*auth::ParseJwks(new_keys->jwks()), *text, kCertificateType).ok());
  auto next = Sample();
  ASSERT_TRUE(new_keys->Sign(&next).ok());
  EXPECT_EQ(next.signing_key_id(), "2026");
  EXPECT_FALSE(old_keys->Verify(next));
  EXPECT_FALSE(Keys(auth::Algorithm::kEdDsa, "2026")->Verify(issued)) << "its key was dropped";
}

TEST(CertificateSignature, OnlyPublicMembersOfFormerKeysArePublished) {
  const auto present = auth::GenerateKey(auth::Algorithm::kEs256, "2026")->private_pem;
  const std::string former = auth::GenerateKey(auth::Algorithm::kEdDsa, "2025")->jwk;
  const auto with = [&](const std::string& more) {
    return "{\"keys\":[" + former.substr(0, former.size() - 1) + more + "}]}";
  };
  const auto keys = CertificateKeys::Create(present, "2026", with(",\"note\":\"secret\""));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ((*keys)->jwks().find("note"), std::string::npos) << (*keys)->jwks();
  EXPECT_NE((*keys)->jwks().find("2025"), std::string::npos);
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    const auto refused =
        CertificateKeys::Create(present, "2026", with(Cat(",\"", member, "\":\"SECRET\"")));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << member;
    EXPECT_EQ(refused.status().ToString().find("SECRET"), std::string::npos) << "never repeated";
  }
}

TEST(CertificateSignature, FormerKeysThatCannotServeAreRefused) {
  const auto present = auth::GenerateKey(auth::Algorithm::kEs256, "2026");
  const auto create = [&](const std::string& entries) {
    return CertificateKeys::Create(present->private_pem, "2026", "{\"keys\":[" + entries + "]}")
        .status();
  };
  const auto one = auth::GenerateKey(auth::Algorithm::kEs256, "2025")->jwk;
  const auto other = auth::GenerateKey(auth::Algorithm::kEs256, "2025")->jwk;
  EXPECT_TRUE(create("").ok());
  EXPECT_TRUE(create(one + "," + one + "," + present->jwk).ok()) << "the same key said twice";
  EXPECT_FALSE(create(one + "," + other).ok()) << "two keys under one kid";
  EXPECT_FALSE(create(auth::GenerateKey(auth::Algorithm::kEs256, "2026")->jwk).ok())
      << "another key under the present kid";
  EXPECT_FALSE(create(one + ",7").ok());
  EXPECT_FALSE(create(one + ",{\"kty\":\"EC\",\"kid\":\"2024\"}").ok()) << "half a key";
  EXPECT_FALSE(create(auth::GenerateKey(auth::Algorithm::kRs256, "2024")->jwk).ok())
      << "no certificate was ever signed by RSA";
}

TEST(CertificateSignature, OtherTextsOfTheSameKeyAreNotCertificates) {
  auto pair = auth::GenerateKey(auth::Algorithm::kEs256, "one");
  const auto key = auth::ParsePrivateKey(pair->private_pem);
  const auto set = auth::ParseJwks("{\"keys\":[" + pair->jwk + "]}");
  const auto token = *auth::SignToken(*key, R"({"alg":"ES256","kid":"one","typ":"JWT"})", "{}");
  EXPECT_FALSE(auth::OpenJws(*set, token, kCertificateType).ok());
  for (const char* header :
       {R"({"alg":"none","kid":"one","typ":"rsnms-certificate"})",
        R"({"alg":"EdDSA","kid":"one","typ":"rsnms-certificate"})",
        R"({"alg":"ES256","kid":"two","typ":"rsnms-certificate"})",
        R"({"alg":"ES256","kid":"one","typ":"rsnms-certificate","crit":["b64"]})", "[]", ""}) {
    EXPECT_FALSE(auth::OpenJws(*set, *auth::SignToken(*key, header, "{}"), kCertificateType).ok())
        << header;
  }
  const auto good = *auth::SignToken(
      *key, R"({"alg":"ES256","kid":"one","typ":"rsnms-certificate"})", R"({"a":1})");
  EXPECT_EQ(*auth::OpenJws(*set, good, kCertificateType), R"({"a":1})");
  for (size_t i = 0; i < good.size(); i += 7) {
    std::string bent = good;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(auth::OpenJws(*set, bent, kCertificateType).ok()) << i;
  }
}

TEST(CertificateSignature, RsaAndRubbishAreNoKeys) {
  EXPECT_FALSE(CertificateKeys::Create("rubbish", "", "").ok());
  EXPECT_FALSE(
      CertificateKeys::Create(auth::GenerateKey(auth::Algorithm::kRs256, "r")->private_pem, "", "")
          .ok());
  EXPECT_FALSE(CertificateKeys::FromFiles("/nonexistent", "", "").ok());
  EXPECT_FALSE(CertificateKeys::Create(auth::GenerateKey(auth::Algorithm::kEs256, "e")->private_pem,
                                       "", "{\"keys\":7}")
                   .ok());
}

TEST(VerificationCode, IsReadAsPeopleType) {
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = VerificationCode(std::to_string(i));
    EXPECT_EQ(code.size(), 24U);
    EXPECT_EQ(NormaliseCode(code), code);
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), 1000U);
  EXPECT_EQ(NormaliseCode(" oil0-abcd 2345"), "0110-ABCD-2345");
  EXPECT_EQ(NormaliseCode(""), "");
}

}  // namespace
}  // namespace rsnms::programs
