#include "services/monitoring/passport_bytes.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <cstdio>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"
#include "services/monitoring/passport_form.h"

namespace rsnms::monitoring {

namespace {

void AppendText(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

// Appends `"key":"text"` after a comma where one is due.
void AppendPair(std::string& out, const std::string& key, const std::string& text) {
  if (out.back() != '{') out += ',';
  AppendText(out, key);
  out += ':';
  AppendText(out, text);
}

void AppendKey(std::string& out, const std::string& key) {
  out += ',';
  AppendText(out, key);
  out += ':';
}

template <class Items, class Fn>
void AppendList(std::string& out, const Items& items, Fn append) {
  out += '[';
  for (const auto& item : items) {
    if (out.back() != '[') out += ',';
    append(item);
  }
  out += ']';
}

std::string RegionOf(const std::string& name) {
  const size_t begin = name.find('/') + 1;
  return std::string(name.substr(begin, name.find('/', begin) - begin));
}

std::string Day(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

federal::v1::SignatureAlgorithm AlgorithmOfKey(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return federal::v1::SIGNATURE_ALGORITHM_ED25519;
  if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 256) {
    return federal::v1::SIGNATURE_ALGORITHM_ECDSA_P256_SHA256;
  }
  return federal::v1::SIGNATURE_ALGORITHM_UNSPECIFIED;
}

// Ed25519 hashes by itself.
const EVP_MD* DigestFor(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "ED25519") ? nullptr : EVP_sha256();
}

Key ParsePublicKey(const std::string& der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  return Key(d2i_PUBKEY(nullptr, &data, static_cast<long>(der.size())));
}

absl::Status KeyMissing(const std::string& message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::MONITORING_REASON_SIGNING_KEY_MISSING, message);
}

class KeySigner : public Signer {
 public:
  explicit KeySigner(Key key) : key_(std::move(key)) {
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key_.get(), &der);
    if (length > 0) public_key_.assign(reinterpret_cast<char*>(der), static_cast<size_t>(length));
    OPENSSL_free(der);
  }

  absl::StatusOr<std::string> Sign(const std::string& bytes) const override {
    Context context(EVP_MD_CTX_new());
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    size_t length = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, DigestFor(key_.get()), nullptr, key_.get()) !=
            1 ||
        EVP_DigestSign(context.get(), nullptr, &length, data, bytes.size()) != 1) {
      return KeyMissing("the signing key does not sign");
    }
    std::string signature(length, '\0');
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    if (EVP_DigestSign(context.get(), out, &length, data, bytes.size()) != 1) {
      return KeyMissing("the signing key does not sign");
    }
    signature.resize(length);
    return signature;
  }

  const std::string& public_key() const override { return public_key_; }

 private:
  Key key_;
  std::string public_key_;
};

}  // namespace

std::string CanonicalBlock(const v1::PassportBlock& block) {
  std::string out = "{";
  AppendPair(out, "block", BlockCode(block.kind()));
  AppendPair(out, "title", block.title());
  AppendKey(out, "fields");
  AppendList(out, block.fields(), [&](const v1::PassportField& field) {
    out += '{';
    AppendPair(out, "id", field.id());
    AppendPair(out, "title", field.title());
    if (!field.unit().empty()) AppendPair(out, "unit", field.unit());
    if (!field.value().empty()) AppendPair(out, "value", field.value());
    if (!field.text().empty()) AppendPair(out, "text", field.text());
    if (!field.no_data_reason().empty()) AppendPair(out, "no_data", field.no_data_reason());
    out += '}';
  });
  out += '}';
  return out;
}

std::string CanonicalPassport(const v1::Passport& passport) {
  std::string out = "{";
  AppendPair(out, "format", kPassportFormat);
  AppendPair(out, "region", RegionOf(passport.name()));
  AppendPair(out, "profile", passport.profile().substr(passport.profile().rfind('/') + 1));
  AppendPair(out, "period", absl::StrCat(passport.period_year()));
  AppendPair(out, "cut_off_date", Day(passport.cut_off_date()));
  AppendPair(out, "revision", absl::StrCat(passport.revision()));
  AppendKey(out, "watermarks");
  AppendList(out, passport.watermarks(), [&](const v1::FeedWatermark& mark) {
    out += '{';
    AppendPair(out, "source", mark.source());
    AppendPair(out, "epoch", mark.epoch());
    AppendPair(out, "position", absl::StrCat(mark.position()));
    out += '}';
  });
  AppendKey(out, "blocks");
  AppendList(out, passport.blocks(),
             [&](const v1::PassportBlock& block) { out += CanonicalBlock(block); });
  out += '}';
  return out;
}

std::string Sha256Hex(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

std::string SubmissionId(const v1::Passport& passport) {
  std::string hex =
      Sha256Hex(absl::StrCat(passport.name(), "\n", passport.revision(), "\n", passport.sha256()));
  hex[12] = '8';  // version 8: made as we say
  hex[16] = "89ab"[(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10) & 3];  // variant
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20, 12));
}

absl::StatusOr<std::unique_ptr<Signer>> Signer::FromFile(const std::string& path) {
  if (path.empty()) return KeyMissing("no signing key is configured");
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "r"), &std::fclose);
  if (file == nullptr) return KeyMissing("the signing key cannot be read");
  Key key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || AlgorithmOfKey(key.get()) == federal::v1::SIGNATURE_ALGORITHM_UNSPECIFIED) {
    return KeyMissing("the signing key is neither Ed25519 nor EC P-256");
  }
  return std::make_unique<KeySigner>(std::move(key));
}

federal::v1::SignatureAlgorithm AlgorithmOf(const std::string& public_key) {
  const Key key = ParsePublicKey(public_key);
  return key == nullptr ? federal::v1::SIGNATURE_ALGORITHM_UNSPECIFIED : AlgorithmOfKey(key.get());
}

bool VerifySignature(const std::string& public_key, const std::string& bytes,
                     const std::string& signature) {
  const Key key = ParsePublicKey(public_key);
  if (key == nullptr) return false;
  Context context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, DigestFor(key.get()), nullptr, key.get()) != 1) {
    return false;
  }
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size()) == 1;
}

}  // namespace rsnms::monitoring
