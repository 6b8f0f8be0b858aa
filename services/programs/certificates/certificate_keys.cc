#include "services/programs/certificates/certificate_keys.h"

#include <openssl/sha.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/resource/text_values.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using nlohmann::ordered_json;

constexpr char kFormat[] = "rsnms-certificate-1";
constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kCodeLetters = 20, kGroup = 4;

std::string DateOrNothing(bool has, const google::type::Date& date) {
  return has ? resource::DateText(date) : "";
}

// `PROFESSIONAL_DEVELOPMENT` of `PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT`.
std::string Word(const std::string& value, std::string_view prefix) {
  return value.substr(prefix.size());
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(Cat("cannot read ", path));
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

absl::Status Unusable(size_t index, std::string_view why) {
  return absl::InvalidArgumentError(Cat("keys[", index, "] of the former keys ", why));
}

// The public members of a former key alone, whatever else its entry says.
absl::StatusOr<ordered_json> PublicPart(size_t index, const ordered_json& entry) {
  if (!entry.is_object()) return Unusable(index, "is not a key");
  for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (entry.contains(secret)) return Unusable(index, "is private: only public keys belong here");
  }
  const ordered_json alone = {{"keys", ordered_json::array({entry})}};
  const auto parsed = auth::ParseJwks(alone.dump());
  if (!parsed.ok() || parsed->begin()->second.algorithm == auth::Algorithm::kRs256) {
    return Unusable(index, "is not a usable EC P-256 or Ed25519 key with a kid");
  }
  ordered_json jwk;
  for (const char* member : {"kty", "crv", "x", "y"}) {
    if (entry.contains(member)) jwk[member] = entry[member];
  }
  jwk["kid"] = parsed->begin()->first;
  jwk["use"] = "sig";
  jwk["alg"] = auth::AlgorithmName(parsed->begin()->second.algorithm);
  return jwk;
}

bool SameKey(const ordered_json& a, const ordered_json& b) {
  for (const char* member : {"kty", "crv", "x", "y"}) {
    if (a.value(member, "") != b.value(member, "")) return false;
  }
  return true;
}

// Adds the former keys to `keys`. An entry that cannot be published is refused, never passed over:
// documents signed by it would no longer verify, and nobody would know why.
absl::Status AddFormer(const std::string& former_jwks, ordered_json* keys) {
  const auto former = ordered_json::parse(former_jwks, nullptr, /*allow_exceptions=*/false);
  if (!former.is_object() || !former.contains("keys") || !former["keys"].is_array()) {
    return absl::InvalidArgumentError("the former keys are not a JWKS");
  }
  size_t index = 0;
  for (const ordered_json& entry : former["keys"]) {
    auto jwk = PublicPart(index, entry);
    if (!jwk.ok()) return jwk.status();
    const auto known = std::find_if(keys->begin(), keys->end(), [&](const ordered_json& key) {
      return key["kid"] == (*jwk)["kid"];
    });
    if (known == keys->end()) {
      keys->push_back(*std::move(jwk));
    } else if (!SameKey(*known, *jwk)) {
      return Unusable(index, "has the kid of another key");
    }
    ++index;
  }
  return absl::OkStatus();
}

}  // namespace

std::string CanonicalCertificate(const v1::Certificate& c) {
  ordered_json facts;
  facts["format"] = kFormat;
  facts["region"] = std::string(RegionOf(c.name()));
  facts["certificate"] = std::string(IdOf(c.name()));
  facts["completion"] = std::string(IdOf(c.completion()));
  facts["ground"] = Word(v1::CertificateGround_Name(c.ground()), "CERTIFICATE_GROUND_");
  facts["predecessor"] = std::string(IdOf(c.predecessor()));
  facts["kind"] = Word(v1::ProgrammeKind_Name(c.kind()), "PROGRAMME_KIND_");
  facts["series"] = c.series();
  facts["number"] = c.number();
  facts["registration_number"] = c.registration_number();
  facts["issue_date"] = resource::DateText(c.issue_date());
  facts["issuer_key"] = c.issuer_key();
  facts["issuer"] = c.issuer_title();
  facts["programme"] = c.programme_title();
  facts["study_form"] = Word(v1::StudyForm_Name(c.study_form()), "STUDY_FORM_");
  facts["hours"] = c.duration_hours();
  facts["start_date"] = DateOrNothing(c.has_start_date(), c.start_date());
  facts["end_date"] = DateOrNothing(c.has_end_date(), c.end_date());
  return facts.dump();
}

std::string VerificationCode(std::string_view signature) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(signature.data()), signature.size(), digest);
  std::string code;
  for (int i = 0; i < kCodeLetters; ++i) {
    if (i > 0 && i % kGroup == 0) code += '-';
    const int bit = i * 5;
    const unsigned pair = digest[bit / 8] << 8 | digest[bit / 8 + 1];
    code += kCrockford[pair >> (11 - bit % 8) & 31];
  }
  return code;
}

std::string NormaliseCode(std::string_view typed) {
  std::string letters;
  for (char c : typed) {
    if (c == ' ' || c == '-') continue;
    c = absl::ascii_toupper(static_cast<unsigned char>(c));
    letters += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
  }
  std::string code;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (i > 0 && i % kGroup == 0) code += '-';
    code += letters[i];
  }
  return code;
}

absl::StatusOr<std::shared_ptr<const CertificateKeys>> CertificateKeys::Create(
    const std::string& private_pem, const std::string& key_id, const std::string& former_jwks) {
  auto key = auth::ParsePrivateKey(private_pem);
  if (!key.ok()) return key.status();
  if (key->algorithm == auth::Algorithm::kRs256) {
    return absl::InvalidArgumentError("the key of certificates is neither EC P-256 nor Ed25519");
  }
  std::shared_ptr<CertificateKeys> keys(new CertificateKeys());
  keys->key_id_ = key_id.empty() ? auth::Thumbprint(*key) : key_id;
  ordered_json document;
  document["keys"] = ordered_json::array();
  document["keys"].push_back(ordered_json::parse(auth::PublicJwk(*key, keys->key_id_)));
  if (!former_jwks.empty()) {
    if (auto s = AddFormer(former_jwks, &document["keys"]); !s.ok()) return s;
  }
  keys->jwks_ = document.dump();
  auto published = auth::ParseJwks(keys->jwks_);
  if (!published.ok()) return published.status();
  keys->public_keys_ = *std::move(published);
  keys->key_ = *std::move(key);
  return std::shared_ptr<const CertificateKeys>(std::move(keys));
}

absl::StatusOr<std::shared_ptr<const CertificateKeys>> CertificateKeys::FromFiles(
    const std::string& private_key_file, const std::string& key_id,
    const std::string& former_jwks_file) {
  auto pem = ReadFile(private_key_file);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<std::string> former = std::string();
  if (!former_jwks_file.empty()) former = ReadFile(former_jwks_file);
  if (!former.ok()) return former.status();
  return Create(*pem, key_id, *former);
}

std::string CertificateKeys::Text(const v1::Certificate& certificate,
                                  auth::Algorithm algorithm) const {
  const ordered_json header = {{"alg", auth::AlgorithmName(algorithm)},
                               {"kid", certificate.signing_key_id()},
                               {"typ", kCertificateType}};
  return Cat(auth::Base64Url(header.dump()), ".",
             auth::Base64Url(CanonicalCertificate(certificate)));
}

absl::Status CertificateKeys::Sign(v1::Certificate* certificate) const {
  certificate->set_signing_key_id(key_id_);
  auto signature = auth::Sign(key_, Text(*certificate, key_.algorithm));
  if (!signature.ok()) return signature.status();
  certificate->set_signature(auth::Base64Url(*signature));
  certificate->set_verification_code(VerificationCode(certificate->signature()));
  return absl::OkStatus();
}

bool CertificateKeys::Verify(const v1::Certificate& certificate) const {
  const auto key = public_keys_.find(certificate.signing_key_id());
  const auto signature = auth::FromBase64Url(certificate.signature());
  return key != public_keys_.end() && signature.has_value() &&
         auth::VerifySignature(key->second, Text(certificate, key->second.algorithm), *signature);
}

absl::StatusOr<std::string> CertificateKeys::Jws(const v1::Certificate& certificate) const {
  const auto key = public_keys_.find(certificate.signing_key_id());
  if (key == public_keys_.end() || !Verify(certificate)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_CERTIFICATE_ALTERED,
                      "what is stored is not what was signed, or the key is not known any more")
        .Resource("programs.rsnms/Certificate", certificate.name())
        .ToStatus();
  }
  return Cat(Text(certificate, key->second.algorithm), ".", certificate.signature());
}

}  // namespace rsnms::programs
