#include "libs/auth/jose.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

namespace rsnms::auth {
namespace {

using nlohmann::json;

constexpr size_t kCoordinate = 32;  // bytes of P-256's r, s, x and y
constexpr int kLeastRsaBits = 2048;
constexpr size_t kLongestKeyId = 128;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Number ToNumber(std::string_view bytes) {
  return Number(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

// The decoded member of a JWK; empty when absent or malformed.
std::string Member(const json& jwk, const char* name) {
  const auto it = jwk.find(name);
  if (it == jwk.end() || !it->is_string()) return "";
  return FromBase64Url(it->get_ref<const std::string&>()).value_or("");
}

std::string Text(const json& jwk, const char* name) {
  const auto it = jwk.find(name);
  return it != jwk.end() && it->is_string() ? it->get<std::string>() : "";
}

Key Build(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

Key EcKey(const json& jwk) {
  const std::string x = Member(jwk, "x"), y = Member(jwk, "y");
  if (Text(jwk, "crv") != "P-256" || x.size() != kCoordinate || y.size() != kCoordinate) {
    return nullptr;
  }
  const std::string point = "\x04" + x + y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return Build("EC", builder.get());
}

Key RsaKey(const json& jwk) {
  const Number n = ToNumber(Member(jwk, "n")), e = ToNumber(Member(jwk, "e"));
  if (BN_num_bits(n.get()) < kLeastRsaBits || BN_is_zero(e.get())) return nullptr;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return Build("RSA", builder.get());
}

Key EdKey(const json& jwk) {
  const std::string x = Member(jwk, "x");
  if (Text(jwk, "crv") != "Ed25519") return nullptr;
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
}

std::optional<PublicKey> ToPublicKey(const json& jwk) {
  const std::string type = Text(jwk, "kty");
  std::optional<PublicKey> key;
  if (type == "EC") key = PublicKey{Algorithm::kEs256, EcKey(jwk)};
  if (type == "RSA") key = PublicKey{Algorithm::kRs256, RsaKey(jwk)};
  if (type == "OKP") key = PublicKey{Algorithm::kEdDsa, EdKey(jwk)};
  if (!key || key->key == nullptr) return std::nullopt;
  if (jwk.contains("alg") && Text(jwk, "alg") != AlgorithmName(key->algorithm)) return std::nullopt;
  if (jwk.contains("use") && Text(jwk, "use") != "sig") return std::nullopt;
  return key;
}

// r || s, as JOSE writes an ECDSA signature, to the DER OpenSSL wants.
std::optional<std::string> ToDer(std::string_view raw) {
  if (raw.size() != 2 * kCoordinate) return std::nullopt;
  const EcSignature signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), ToNumber(raw.substr(0, kCoordinate)).release(),
                 ToNumber(raw.substr(kCoordinate)).release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return std::nullopt;
  std::string out(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return out;
}

std::string FromDer(std::string_view der) {
  const unsigned char* at = Bytes(der);
  const EcSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string raw(2 * kCoordinate, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(raw), kCoordinate);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(raw) + kCoordinate, kCoordinate);
  return raw;
}

// Ed25519 hashes by itself.
const EVP_MD* DigestOf(Algorithm algorithm) {
  return algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256();
}

std::string NumberParameter(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  const Number owner(number);
  std::string bytes(BN_num_bytes(number), '\0');
  BN_bn2bin(number, Bytes(bytes));
  return bytes;
}

json ToJwk(Algorithm algorithm, EVP_PKEY* key) {
  std::array<unsigned char, 65> point;
  size_t length = point.size();
  switch (algorithm) {
    case Algorithm::kEs256: {
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                      &length);
      const std::string_view xy(reinterpret_cast<char*>(point.data()) + 1, 2 * kCoordinate);
      return {{"kty", "EC"},
              {"crv", "P-256"},
              {"x", Base64Url(xy.substr(0, kCoordinate))},
              {"y", Base64Url(xy.substr(kCoordinate))}};
    }
    case Algorithm::kRs256:
      return {{"kty", "RSA"},
              {"n", Base64Url(NumberParameter(key, OSSL_PKEY_PARAM_RSA_N))},
              {"e", Base64Url(NumberParameter(key, OSSL_PKEY_PARAM_RSA_E))}};
    case Algorithm::kEdDsa:
      EVP_PKEY_get_raw_public_key(key, point.data(), &length);
      return {{"kty", "OKP"},
              {"crv", "Ed25519"},
              {"x", Base64Url({reinterpret_cast<char*>(point.data()), length})}};
  }
  return {};
}

std::string ThumbprintOf(const json& jwk) {
  const std::string text = jwk.dump();
  std::string hash(kCoordinate, '\0');
  EVP_Digest(text.data(), text.size(), Bytes(hash), nullptr, EVP_sha256(), nullptr);
  return Base64Url(hash);
}

}  // namespace

const char* AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEdDsa:
      return "EdDSA";
  }
  return "";
}

std::optional<Algorithm> AlgorithmByName(std::string_view name) {
  for (Algorithm algorithm : {Algorithm::kEs256, Algorithm::kRs256, Algorithm::kEdDsa}) {
    if (name == AlgorithmName(algorithm)) return algorithm;
  }
  return std::nullopt;
}

absl::StatusOr<KeySet> ParseJwks(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  KeySet keys;
  if (document.is_object() && document.contains("keys") && document["keys"].is_array()) {
    for (const json& jwk : document["keys"]) {
      if (!jwk.is_object()) continue;
      const std::string key_id = Text(jwk, "kid");
      auto key = ToPublicKey(jwk);
      if (!key || key_id.empty() || key_id.size() > kLongestKeyId) continue;
      keys.emplace(key_id, *std::move(key));
    }
  }
  if (keys.empty()) return absl::InvalidArgumentError("the JWKS holds no usable key");
  return keys;
}

bool VerifySignature(const PublicKey& key, std::string_view text, std::string_view signature) {
  std::string der;
  if (key.algorithm == Algorithm::kEs256) {
    auto converted = ToDer(signature);
    if (!converted) return false;
    der = *std::move(converted);
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, DigestOf(key.algorithm), nullptr,
                              key.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(text),
                          text.size()) == 1;
}

absl::StatusOr<PrivateKey> ParsePrivateKey(const std::string& pem) {
  const std::unique_ptr<BIO, Freer<BIO_free_all>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return absl::InvalidArgumentError("not a private key in PEM");
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_EC:
      if (EVP_PKEY_get_bits(key.get()) != 256) break;
      return PrivateKey{Algorithm::kEs256, std::move(key)};
    case EVP_PKEY_RSA:
      return PrivateKey{Algorithm::kRs256, std::move(key)};
    case EVP_PKEY_ED25519:
      return PrivateKey{Algorithm::kEdDsa, std::move(key)};
  }
  return absl::InvalidArgumentError("the key is neither P-256 nor RSA nor Ed25519");
}

absl::StatusOr<std::string> Sign(const PrivateKey& key, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  size_t length = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, DigestOf(key.algorithm), nullptr, key.key.get()) !=
          1 ||
      EVP_DigestSign(context.get(), nullptr, &length, Bytes(text), text.size()) != 1) {
    return absl::InternalError("cannot sign");
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), Bytes(signature), &length, Bytes(text), text.size()) != 1) {
    return absl::InternalError("cannot sign");
  }
  signature.resize(length);
  return key.algorithm == Algorithm::kEs256 ? FromDer(signature) : signature;
}

absl::StatusOr<std::string> SignToken(const PrivateKey& key, std::string_view header,
                                      std::string_view claims) {
  const std::string text = Base64Url(header) + "." + Base64Url(claims);
  auto signature = Sign(key, text);
  if (!signature.ok()) return signature.status();
  return text + "." + Base64Url(*signature);
}

std::string PublicJwk(const PrivateKey& key, const std::string& key_id) {
  json jwk = ToJwk(key.algorithm, key.key.get());
  jwk["kid"] = key_id;
  jwk["use"] = "sig";
  jwk["alg"] = AlgorithmName(key.algorithm);
  return jwk.dump();
}

absl::StatusOr<std::string> OpenJws(const KeySet& keys, std::string_view jws,
                                    std::string_view type) {
  const auto invalid = [](const char* why) { return absl::InvalidArgumentError(why); };
  const size_t first = jws.find('.'), last = jws.rfind('.');
  if (first == std::string_view::npos || first == last) return invalid("not a compact JWS");
  const auto header = FromBase64Url(jws.substr(0, first));
  const auto payload = FromBase64Url(jws.substr(first + 1, last - first - 1));
  const auto signature = FromBase64Url(jws.substr(last + 1));
  if (!header || !payload || !signature) return invalid("not a compact JWS");
  const json fields = json::parse(*header, nullptr, /*allow_exceptions=*/false);
  if (!fields.is_object() || Text(fields, "typ") != type || fields.contains("crit")) {
    return invalid("the JWS is of another type");
  }
  const auto key = keys.find(Text(fields, "kid"));
  if (key == keys.end()) return invalid("the JWS is signed by an unknown key");
  if (Text(fields, "alg") != AlgorithmName(key->second.algorithm) ||
      !VerifySignature(key->second, jws.substr(0, last), *signature)) {
    return invalid("the signature does not hold");
  }
  return *payload;
}

// ToJwk writes exactly the members the thumbprint is made of, and the library sorts them.
std::string Thumbprint(const PrivateKey& key) {
  return ThumbprintOf(ToJwk(key.algorithm, key.key.get()));
}

absl::StatusOr<KeyPair> GenerateKey(Algorithm algorithm, const std::string& key_id) {
  Key key(algorithm == Algorithm::kEs256   ? EVP_EC_gen("P-256")
          : algorithm == Algorithm::kRs256 ? EVP_RSA_gen(kLeastRsaBits)
                                           : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const std::unique_ptr<BIO, Freer<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                                      nullptr, nullptr) != 1) {
    return absl::InternalError("cannot make a key");
  }
  char* pem = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &pem);
  json jwk = ToJwk(algorithm, key.get());
  jwk["kid"] = key_id.empty() ? ThumbprintOf(jwk) : key_id;
  jwk["use"] = "sig";
  jwk["alg"] = AlgorithmName(algorithm);
  return KeyPair{std::string(pem, length), jwk.dump()};
}

}  // namespace rsnms::auth
