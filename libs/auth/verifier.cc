#include "libs/auth/verifier.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "libs/auth/jose.h"
#include "libs/auth/key_source.h"
#include "libs/auth/role_book.h"

namespace rsnms::auth {
namespace {

using nlohmann::json;

constexpr size_t kLongestToken = 8 << 10;
constexpr size_t kLongestCached = 2 << 10;
constexpr size_t kMostCached = 4096;
constexpr size_t kLongestSubject = 256;
constexpr double kLatestDate = 1e11;  // seconds; far beyond any token

absl::Status Refused(const char* why) { return absl::UnauthenticatedError(why); }

// The three parts of a compact JWS.
struct Parts {
  std::string_view header, claims, signature, signed_text;
};

std::optional<Parts> Split(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

// The JSON object in a part; discarded when it is none.
json Decode(std::string_view part) {
  const auto text = FromBase64Url(part);
  if (!text) return json(json::value_t::discarded);
  json object = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  return object.is_object() ? object : json(json::value_t::discarded);
}

std::string Text(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// Seconds since 1970; absent when the claim is not there, a negative infinity when it is no
// sensible date.
std::optional<double> Date(const json& claims, const char* name) {
  const auto it = claims.find(name);
  if (it == claims.end()) return std::nullopt;
  const double value = it->is_number() ? it->get<double>() : -1;
  return value >= 0 && value < kLatestDate ? value : -INFINITY;
}

std::optional<std::vector<std::string>> Texts(const json& claims, const char* name) {
  const auto it = claims.find(name);
  if (it == claims.end()) return std::vector<std::string>();
  if (!it->is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const json& element : *it) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

bool IsFor(const json& claims, const std::string& audience) {
  const auto it = claims.find("aud");
  if (it == claims.end()) return false;
  if (it->is_string()) return it->get_ref<const std::string&>() == audience;
  const auto audiences = Texts(claims, "aud");
  return audiences && std::find(audiences->begin(), audiences->end(), audience) != audiences->end();
}

bool IsSubject(const std::string& subject) {
  return !subject.empty() && subject.size() <= kLongestSubject &&
         std::none_of(subject.begin(), subject.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

class JwtVerifier final : public Verifier {
 public:
  JwtVerifier(VerifierOptions options, std::unique_ptr<KeySource> keys, RoleBook roles)
      : options_(std::move(options)), keys_(std::move(keys)), roles_(std::move(roles)) {}

  absl::StatusOr<std::shared_ptr<const Identity>> Verify(
      std::string_view authorization) const override;

 private:
  struct Cached {
    std::shared_ptr<const Identity> identity;
    std::shared_ptr<const KeySet> keys;  // it was verified with: other keys, no longer valid
    absl::Time until;
  };

  std::shared_ptr<const Identity> FindCached(const std::string& token,
                                             const std::shared_ptr<const KeySet>& keys) const;
  void Cache(std::string token, Cached cached) const;
  // Checks the header and the signature; the keys used are returned.
  absl::StatusOr<std::shared_ptr<const KeySet>> CheckSignature(const Parts& parts) const;
  // Checks the claims; answers the time the token ends.
  absl::StatusOr<absl::Time> CheckTimes(const json& claims) const;
  absl::StatusOr<Identity> ToIdentity(const json& claims) const;

  const VerifierOptions options_;
  const std::unique_ptr<KeySource> keys_;
  const RoleBook roles_;
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_map<std::string, Cached> cache_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::shared_ptr<const Identity>> JwtVerifier::Verify(
    std::string_view authorization) const {
  constexpr size_t kScheme = 7;
  if (authorization.size() <= kScheme ||
      !absl::EqualsIgnoreCase(absl::string_view(authorization.data(), kScheme), "Bearer ")) {
    return Refused("the authorization is not `Bearer <token>`");
  }
  if (authorization.size() - kScheme > kLongestToken) return Refused("the token is too long");
  std::string token(authorization.substr(kScheme));
  if (auto identity = FindCached(token, keys_->keys()); identity != nullptr) return identity;

  const auto parts = Split(token);
  if (!parts) return Refused("the token does not have three parts");
  auto keys = CheckSignature(*parts);
  if (!keys.ok()) return keys.status();
  const json claims = Decode(parts->claims);
  if (claims.is_discarded()) return Refused("the token's claims are no JSON object");
  const auto until = CheckTimes(claims);
  if (!until.ok()) return until.status();
  auto identity = ToIdentity(claims);
  if (!identity.ok()) return identity.status();
  auto shared = std::make_shared<const Identity>(*std::move(identity));
  Cache(std::move(token), {shared, *std::move(keys), *until});
  return shared;
}

std::shared_ptr<const Identity> JwtVerifier::FindCached(
    const std::string& token, const std::shared_ptr<const KeySet>& keys) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto it = cache_.find(token);
  if (it == cache_.end() || it->second.keys != keys || absl::Now() >= it->second.until) {
    return nullptr;
  }
  return it->second.identity;
}

void JwtVerifier::Cache(std::string token, Cached cached) const {
  if (token.size() > kLongestCached) return;
  absl::MutexLock lock(&mutex_);
  if (cache_.size() >= kMostCached) {
    const absl::Time now = absl::Now();
    absl::erase_if(cache_, [&](const auto& entry) {
      return entry.second.until <= now || entry.second.keys != cached.keys;
    });
    if (cache_.size() >= kMostCached) cache_.clear();
  }
  cache_.insert_or_assign(std::move(token), std::move(cached));
}

absl::StatusOr<std::shared_ptr<const KeySet>> JwtVerifier::CheckSignature(
    const Parts& parts) const {
  const json header = Decode(parts.header);
  if (header.is_discarded()) return Refused("the token's header is no JSON object");
  // Members that carry or locate keys (jwk, jku, x5c, x5u) are never looked at.
  if (header.contains("crit")) return Refused("the token demands an extension");
  const std::string type = Text(header, "typ");
  if (header.contains("typ") && !absl::EqualsIgnoreCase(type, "JWT") &&
      !absl::EqualsIgnoreCase(type, "at+jwt")) {
    return Refused("the token is of another type");
  }
  const auto algorithm = AlgorithmByName(Text(header, "alg"));
  if (!algorithm) return Refused("the token's algorithm is not allowed");
  const std::string key_id = Text(header, "kid");
  auto keys = keys_->keys();
  auto key = keys->find(key_id);
  if (key == keys->end() && !key_id.empty()) {
    keys_->Refresh();
    keys = keys_->keys();
    key = keys->find(key_id);
  }
  if (key == keys->end()) return Refused("the token's key is unknown");
  if (key->second.algorithm != *algorithm) return Refused("the key is for another algorithm");
  const auto signature = FromBase64Url(parts.signature);
  if (!signature || signature->empty() ||
      !VerifySignature(key->second, parts.signed_text, *signature)) {
    return Refused("the token's signature does not hold");
  }
  return keys;
}

absl::StatusOr<absl::Time> JwtVerifier::CheckTimes(const json& claims) const {
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  const double skew = absl::ToDoubleSeconds(options_.skew);
  const auto expires = Date(claims, "exp"), begins = Date(claims, "nbf"),
             issued = Date(claims, "iat");
  if (!expires || *expires < 0) return Refused("the token has no time of expiry");
  if (now >= *expires + skew) return Refused("the token has expired");
  if (begins && (*begins < 0 || now < *begins - skew)) return Refused("the token is not valid yet");
  if (issued && (*issued < 0 || *issued > now + skew || *issued > *expires)) {
    return Refused("the token was issued in the future");
  }
  return absl::UnixEpoch() + absl::Seconds(*expires + skew);
}

absl::StatusOr<Identity> JwtVerifier::ToIdentity(const json& claims) const {
  if (Text(claims, "iss") != options_.issuer) return Refused("the token is of another issuer");
  if (!IsFor(claims, options_.audience)) return Refused("the token is for another audience");
  Identity identity;
  identity.subject = Text(claims, "sub");
  if (!IsSubject(identity.subject)) return Refused("the token has no subject");
  auto roles = Texts(claims, "roles"), scopes = Texts(claims, "scopes");
  if (!roles || !scopes) return Refused("the token's roles or scopes are no list of texts");
  identity.roles = *std::move(roles);
  for (std::string& scope : *scopes) {
    if (IsScope(scope)) identity.scopes.push_back(std::move(scope));
  }
  identity.permissions = roles_.Permissions(identity.roles);
  return identity;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> Verifier::Create(VerifierOptions options) {
  if (options.issuer.empty() || options.audience.empty()) {
    return absl::InvalidArgumentError("the verifier needs an issuer and an audience");
  }
  auto roles = RoleBook::Load(options.roles_file);
  if (!roles.ok()) return roles.status();
  auto keys = KeySource::Create(options.jwks, options.refresh);
  if (!keys.ok()) return keys.status();
  return std::make_unique<JwtVerifier>(std::move(options), *std::move(keys), *std::move(roles));
}

absl::StatusOr<std::string> IssueToken(const std::string& private_key_pem,
                                       const std::string& key_id, const TokenClaims& claims) {
  auto key = ParsePrivateKey(private_key_pem);
  if (!key.ok()) return key.status();
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  const json header = {{"alg", AlgorithmName(key->algorithm)},
                       {"typ", "JWT"},
                       {"kid", key_id.empty() ? Thumbprint(*key) : key_id}};
  const json body = {{"iss", claims.issuer},
                     {"aud", claims.audience},
                     {"sub", claims.subject},
                     {"roles", claims.roles},
                     {"scopes", claims.scopes},
                     {"iat", now},
                     {"exp", now + absl::ToInt64Seconds(claims.lifetime)}};
  constexpr auto kReplace = json::error_handler_t::replace;  // of what is not UTF-8
  return SignToken(*key, header.dump(-1, ' ', false, kReplace),
                   body.dump(-1, ' ', false, kReplace));
}

}  // namespace rsnms::auth
