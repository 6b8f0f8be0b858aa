#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "libs/auth/jose.h"
#include "libs/auth/testing.h"
#include "libs/auth/verifier.h"

namespace rsnms::auth {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

int64_t Now() { return absl::ToUnixSeconds(absl::Now()); }

// A verifier over a key file with one key of each kind.
class VerifierTest : public ::testing::Test {
 protected:
  VerifierTest() {
    directory_.WriteJwks({es_.jwk, rs_.jwk, ed_.jwk});
    verifier_ = Make(directory_.jwks());
  }

  std::unique_ptr<Verifier> Make(const std::string& jwks) {
    VerifierOptions options;
    options.jwks = jwks;
    options.issuer = "https://issuer.test";
    options.roles_file = directory_.Write("roles.textproto",
                                          "roles { name: 'centre' permissions: 'registry.*' }"
                                          "roles { name: 'reader' permissions: '*.*.get' }");
    auto verifier = Verifier::Create(options);
    EXPECT_TRUE(verifier.ok()) << verifier.status();
    return *std::move(verifier);
  }

  static json Claims() {
    return {{"iss", "https://issuer.test"},
            {"aud", "rsnms"},
            {"sub", "anna"},
            {"iat", Now()},
            {"exp", Now() + 600},
            {"roles", {"centre"}},
            {"scopes", {"regions/86"}}};
  }

  static std::string Sign(const KeyPair& key, const json& header, const json& claims) {
    return *SignToken(*ParsePrivateKey(key.private_pem), header.dump(), claims.dump());
  }
  std::string Token(const json& claims) const { return Sign(es_, Header("ES256", "es"), claims); }
  static json Header(const char* algorithm, const char* key_id) {
    return {{"alg", algorithm}, {"kid", key_id}, {"typ", "JWT"}};
  }

  absl::StatusOr<std::shared_ptr<const Identity>> Verify(const std::string& token) const {
    return verifier_->Verify("Bearer " + token);
  }
  // Why the token is refused; empty when it is accepted.
  std::string Refusal(const std::string& token) const {
    const auto identity = Verify(token);
    if (identity.ok()) return "";
    EXPECT_EQ(identity.status().code(), absl::StatusCode::kUnauthenticated);
    return std::string(identity.status().message());
  }
  std::string RefusalWith(const char* claim, const json& value) const {
    json claims = Claims();
    claims[claim] = value;
    return Refusal(Token(claims));
  }
  std::string RefusalWithout(const char* claim) const {
    json claims = Claims();
    claims.erase(claim);
    return Refusal(Token(claims));
  }

  inline static const KeyPair es_ = *GenerateKey(Algorithm::kEs256, "es");
  inline static const KeyPair rs_ = *GenerateKey(Algorithm::kRs256, "rs");
  inline static const KeyPair ed_ = *GenerateKey(Algorithm::kEdDsa, "ed");
  testing::KeyDirectory directory_;
  std::unique_ptr<Verifier> verifier_;
};

TEST_F(VerifierTest, EachAllowedAlgorithmIsAccepted) {
  EXPECT_EQ(Refusal(Token(Claims())), "");
  EXPECT_EQ(Refusal(Sign(rs_, Header("RS256", "rs"), Claims())), "");
  EXPECT_EQ(Refusal(Sign(ed_, Header("EdDSA", "ed"), Claims())), "");
}

TEST_F(VerifierTest, IdentityHoldsSubjectScopesAndTheRolesPermissions) {
  const auto identity = Verify(Token(Claims()));
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ((*identity)->subject, "anna");
  EXPECT_TRUE((*identity)->May("registry.organisations.list"));
  EXPECT_FALSE((*identity)->May("programs.programmes.list"));
  EXPECT_TRUE((*identity)->CoversRegion("86"));
  EXPECT_FALSE((*identity)->CoversRegion("61"));
}

TEST_F(VerifierTest, AudienceMayBeAList) { EXPECT_EQ(RefusalWith("aud", {"a", "rsnms"}), ""); }

TEST_F(VerifierTest, ExpiredTokenIsRefusedBeyondTheSkew) {
  EXPECT_EQ(RefusalWith("exp", Now() - 30), "the token was issued in the future");
  json claims = Claims();
  claims["iat"] = Now() - 600;
  claims["exp"] = Now() - 30;
  EXPECT_EQ(Refusal(Token(claims)), "");
  claims["exp"] = Now() - 61;
  EXPECT_THAT(Refusal(Token(claims)), HasSubstr("expired"));
}

TEST_F(VerifierTest, TokenWithoutSensibleExpiryIsRefused) {
  EXPECT_THAT(RefusalWithout("exp"), HasSubstr("no time of expiry"));
  EXPECT_THAT(RefusalWith("exp", "tomorrow"), HasSubstr("no time of expiry"));
  EXPECT_THAT(RefusalWith("exp", 1e300), HasSubstr("no time of expiry"));
  EXPECT_THAT(RefusalWith("exp", -1), HasSubstr("no time of expiry"));
}

TEST_F(VerifierTest, TokenOfTheFutureIsRefused) {
  EXPECT_THAT(RefusalWith("nbf", Now() + 120), HasSubstr("not valid yet"));
  EXPECT_EQ(RefusalWith("nbf", Now() + 30), "");
  EXPECT_THAT(RefusalWith("iat", Now() + 120), HasSubstr("future"));
}

TEST_F(VerifierTest, WrongIssuerOrAudienceIsRefused) {
  EXPECT_THAT(RefusalWith("iss", "https://other.test"), HasSubstr("issuer"));
  EXPECT_THAT(RefusalWithout("iss"), HasSubstr("issuer"));
  EXPECT_THAT(RefusalWith("aud", "other"), HasSubstr("audience"));
  EXPECT_THAT(RefusalWith("aud", {"x", "y"}), HasSubstr("audience"));
  EXPECT_THAT(RefusalWithout("aud"), HasSubstr("audience"));
}

TEST_F(VerifierTest, TokenWithoutSubjectIsRefused) {
  EXPECT_THAT(RefusalWithout("sub"), HasSubstr("subject"));
  EXPECT_THAT(RefusalWith("sub", "a\nb"), HasSubstr("subject"));
  EXPECT_THAT(RefusalWith("sub", std::string(300, 'a')), HasSubstr("subject"));
}

TEST_F(VerifierTest, RolesThatAreNoListAreRefused) {
  EXPECT_THAT(RefusalWith("roles", "centre"), HasSubstr("roles or scopes"));
  EXPECT_THAT(RefusalWith("scopes", {1, 2}), HasSubstr("roles or scopes"));
}

TEST_F(VerifierTest, AlgorithmNoneIsRefused) {
  for (const char* name : {"none", "None", "NONE", ""}) {
    const std::string text =
        Base64Url(Header(name, "es").dump()) + "." + Base64Url(Claims().dump()) + ".";
    EXPECT_THAT(Refusal(text), HasSubstr("algorithm")) << name;
    EXPECT_THAT(Refusal(text + "AA"), HasSubstr("algorithm")) << name;
  }
}

// The classical confusion: the public key, known to all, used as the secret of an HMAC.
TEST_F(VerifierTest, HmacWithThePublicKeyAsSecretIsRefused) {
  const std::string text =
      Base64Url(Header("HS256", "rs").dump()) + "." + Base64Url(Claims().dump());
  const std::string mac = testing::Hmac(rs_.jwk, text);
  EXPECT_THAT(Refusal(text + "." + Base64Url(mac)), HasSubstr("algorithm"));
}

TEST_F(VerifierTest, KeyOfAnotherAlgorithmIsRefused) {
  EXPECT_THAT(Refusal(Sign(es_, Header("ES256", "rs"), Claims())), HasSubstr("algorithm"));
  EXPECT_THAT(Refusal(Sign(rs_, Header("RS256", "es"), Claims())), HasSubstr("algorithm"));
  EXPECT_THAT(Refusal(Sign(ed_, Header("EdDSA", "es"), Claims())), HasSubstr("algorithm"));
}

TEST_F(VerifierTest, UnknownKeyIdIsRefused) {
  const char* ids[] = {"other", "../../etc/passwd", "es' OR '1'='1", "", "/dev/null"};
  for (const char* id : ids) {
    EXPECT_THAT(Refusal(Sign(es_, Header("ES256", id), Claims())), HasSubstr("unknown")) << id;
  }
  EXPECT_THAT(Refusal(Sign(es_, {{"alg", "ES256"}}, Claims())), HasSubstr("unknown"));
}

TEST_F(VerifierTest, ForeignKeyUnderAKnownIdIsRefused) {
  const KeyPair forged = *GenerateKey(Algorithm::kEs256, "es");
  EXPECT_THAT(Refusal(Sign(forged, Header("ES256", "es"), Claims())), HasSubstr("signature"));
}

TEST_F(VerifierTest, KeysNamedByTheTokenItselfAreIgnored) {
  const KeyPair forged = *GenerateKey(Algorithm::kEs256, "forged");
  json header = Header("ES256", "forged");
  header["jwk"] = json::parse(forged.jwk);
  header["jku"] = "http://127.0.0.1:1/jwks.json";
  header["x5u"] = "http://127.0.0.1:1/cert.pem";
  EXPECT_THAT(Refusal(Sign(forged, header, Claims())), HasSubstr("unknown"));
}

TEST_F(VerifierTest, CriticalExtensionIsRefused) {
  json header = Header("ES256", "es");
  header["crit"] = {"b64"};
  EXPECT_THAT(Refusal(Sign(es_, header, Claims())), HasSubstr("extension"));
}

TEST_F(VerifierTest, AnythingButThreePartsIsRefused) {
  const std::string token = Token(Claims());
  EXPECT_THAT(Refusal(token.substr(0, token.rfind('.'))), HasSubstr("three parts"));
  EXPECT_THAT(Refusal(token + "." + token), HasSubstr("three parts"));
  EXPECT_THAT(Refusal(token + "."), HasSubstr("three parts"));
  EXPECT_THAT(Refusal("."), HasSubstr("three parts"));
}

TEST_F(VerifierTest, StrippedOrDamagedSignatureIsRefused) {
  const std::string token = Token(Claims());
  const size_t dot = token.rfind('.');
  EXPECT_THAT(Refusal(token.substr(0, dot + 1)), HasSubstr("signature"));
  for (size_t i = dot + 1; i < token.size(); i += 7) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(Refusal(damaged), HasSubstr("signature"));
  }
  EXPECT_THAT(Refusal(token.substr(0, dot + 1) + Base64Url(std::string(64, '\0'))),
              HasSubstr("signature"));
}

TEST_F(VerifierTest, ChangedClaimsAreRefused) {
  json claims = Claims();
  const std::string token = Token(claims);
  claims["scopes"] = {"*"};
  const size_t first = token.find('.'), second = token.rfind('.');
  EXPECT_THAT(Refusal(token.substr(0, first + 1) + Base64Url(claims.dump()) + token.substr(second)),
              HasSubstr("signature"));
}

TEST_F(VerifierTest, OversizeTokenIsRefused) {
  json claims = Claims();
  claims["padding"] = std::string(8 << 10, 'x');
  EXPECT_THAT(Refusal(Token(claims)), HasSubstr("too long"));
}

TEST_F(VerifierTest, OtherAuthorizationSchemesAreRefused) {
  const std::string token = Token(Claims());
  for (const std::string& value : {token, "Basic " + token, std::string("Bearer"), std::string(),
                                   std::string("Bearer "), "Bearer  " + token}) {
    EXPECT_FALSE(verifier_->Verify(value).ok()) << value;
  }
  EXPECT_TRUE(verifier_->Verify("bearer " + token).ok());
}

TEST_F(VerifierTest, RandomBytesAreRefused) {
  for (int i = 0; i < 300; ++i) {
    std::string noise;
    for (int n = 0; n < i; ++n) noise += static_cast<char>((i * 31 + n * 17 + n * n) & 0xFF);
    EXPECT_NE(Refusal(noise), "");
    EXPECT_NE(Refusal(Base64Url(noise) + "." + Base64Url(noise) + "." + Base64Url(noise)), "");
  }
}

TEST_F(VerifierTest, UnparsableScopeGrantsNothing) {
  json claims = Claims();
  claims["scopes"] = {"regions/86/",    "regions", "regions/8a",
                      "regions/86/x/1", "**",      "regions/86,regions/61",
                      "regions/-",      "",        "regions/86/organisations/a b"};
  const auto identity = Verify(Token(claims));
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_TRUE((*identity)->scopes.empty());
  EXPECT_EQ((*identity)->ScopesSetting(), "");
  EXPECT_FALSE((*identity)->TouchesRegion("86"));
}

TEST_F(VerifierTest, TokenIsAcceptedFromTheCacheUntilItExpires) {
  json claims = Claims();
  claims["iat"] = Now() - 100;
  claims["exp"] = Now() - 58;  // two seconds of the skew are left
  const std::string token = Token(claims);
  const auto first = Verify(token), second = Verify(token);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status();
  EXPECT_EQ(first->get(), second->get());
  absl::SleepFor(absl::Milliseconds(2100));
  EXPECT_THAT(Refusal(token), HasSubstr("expired"));
}

TEST_F(VerifierTest, RotatedKeyIsFoundAtOnceAndTheOldOneEnds) {
  const std::string old_token = Token(Claims());
  EXPECT_EQ(Refusal(old_token), "");
  const KeyPair next = *GenerateKey(Algorithm::kEs256, "next");
  absl::SleepFor(absl::Milliseconds(150));
  directory_.WriteJwks({next.jwk});
  EXPECT_EQ(Refusal(Sign(next, Header("ES256", "next"), Claims())), "");
  EXPECT_THAT(Refusal(old_token), HasSubstr("unknown"));
}

TEST_F(VerifierTest, DamagedKeyFileLeavesTheOldKeys) {
  directory_.Write("jwks.json", "{\"keys\": [");
  absl::SleepFor(absl::Milliseconds(1500));
  EXPECT_EQ(Refusal(Token(Claims())), "");
  std::filesystem::remove(directory_.jwks());
  absl::SleepFor(absl::Milliseconds(1500));
  EXPECT_EQ(Refusal(Token(Claims())), "");
}

TEST_F(VerifierTest, MissingKeyFileRefusesToStart) {
  VerifierOptions options;
  options.jwks = directory_.path() + "/absent.json";
  options.issuer = "https://issuer.test";
  options.roles_file = directory_.path() + "/roles.textproto";
  EXPECT_FALSE(Verifier::Create(options).ok());
}

TEST_F(VerifierTest, KeysComeFromAHostAndAreKeptWhileItIsAway) {
  auto host = std::make_unique<testing::HttpHost>();
  host->Serve("{\"keys\":[" + es_.jwk + "]}");
  verifier_ = Make(host->url());
  EXPECT_EQ(Refusal(Token(Claims())), "");
  host = nullptr;
  json claims = Claims();
  claims["sub"] = "boris";  // not in the cache
  EXPECT_EQ(Refusal(Token(claims)), "");
}

TEST_F(VerifierTest, UnknownKeyIdIsAskedForAtMostOnceInTenSeconds) {
  testing::HttpHost host;
  host.Serve("{\"keys\":[" + es_.jwk + "]}");
  verifier_ = Make(host.url());
  ASSERT_EQ(host.requests(), 1);
  for (int i = 0; i < 20; ++i) {
    const std::string id = "invented-" + std::to_string(i);
    EXPECT_NE(Refusal(Sign(es_, Header("ES256", id.c_str()), Claims())), "");
  }
  EXPECT_LE(host.requests(), 2);
}

TEST_F(VerifierTest, AbsentHostRefusesTokensButNotTheStart) {
  verifier_ = Make("http://127.0.0.1:1/jwks.json");
  EXPECT_THAT(Refusal(Token(Claims())), HasSubstr("unknown"));
}

TEST(JwksTest, UnusableKeysArePassedOver) {
  const KeyPair good = *GenerateKey(Algorithm::kEs256, "good");
  json encryption = json::parse(GenerateKey(Algorithm::kEs256, "enc")->jwk);
  encryption["use"] = "enc";
  json confused = json::parse(GenerateKey(Algorithm::kEs256, "confused")->jwk);
  confused["alg"] = "HS256";
  const json secret = {{"kty", "oct"}, {"kid", "secret"}, {"k", "AAAA"}};
  const json off_curve = {{"kty", "EC"},
                          {"crv", "P-256"},
                          {"kid", "off"},
                          {"x", Base64Url(std::string(32, '\1'))},
                          {"y", Base64Url(std::string(32, '\1'))}};
  const json all = {
      {"keys",
       {json::parse(good.jwk), encryption, confused, secret, off_curve, 7, "x", json::object()}}};
  const auto keys = ParseJwks(all.dump());
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->size(), 1u);
  EXPECT_TRUE(keys->contains("good"));
  EXPECT_FALSE(ParseJwks("{\"keys\":[]}").ok());
  EXPECT_FALSE(ParseJwks("[]").ok());
  EXPECT_FALSE(ParseJwks("").ok());
}

TEST(Base64UrlTest, EveryLengthReturnsAndNothingElseIsRead) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(FromBase64Url(Base64Url(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  for (const char* bad : {"A", "AA=", "AA==", "A A", "AA\n", "+/", "AB", "AAB", "\xD0\x90"}) {
    EXPECT_EQ(FromBase64Url(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace rsnms::auth
