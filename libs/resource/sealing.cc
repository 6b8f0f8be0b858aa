#include "libs/resource/sealing.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/escaping.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view LabelOf(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::kPageTokens:
      return "page tokens";
    case KeyPurpose::kRequestHashes:
      return "request hashes";
    case KeyPurpose::kSnapshotTokens:
      return "snapshot tokens";
    case KeyPurpose::kReportPages:
      return "report pages";
  }
  std::abort();
}

}  // namespace

std::string DeriveKey(std::string_view secret, KeyPurpose purpose) {
  return Hmac(secret, LabelOf(purpose));
}

std::string Hmac(std::string_view key, std::string_view data) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(data), data.size(), out,
       &size);
  return std::string(reinterpret_cast<char*>(out), size);
}

std::string SealBytes(std::string_view key, std::string_view bound, std::string_view text) {
  unsigned char nonce[kNonceBytes], tag[kTagBytes];
  std::string cipher(text.size(), '\0');
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int n = 0;
  auto* out = reinterpret_cast<unsigned char*>(cipher.data());
  if (RAND_bytes(nonce, sizeof(nonce)) != 1 ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), nonce) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &n, Bytes(bound), static_cast<int>(bound.size())) !=
          1 ||
      EVP_EncryptUpdate(context.get(), out, &n, Bytes(text), static_cast<int>(text.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), out + n, &n) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag) != 1) {
    std::abort();  // no randomness or a key of the wrong size: nothing may be issued
  }
  return Cat(std::string_view(reinterpret_cast<char*>(nonce), kNonceBytes),
             std::string_view(reinterpret_cast<char*>(tag), kTagBytes), cipher);
}

std::string Seal(std::string_view key, std::string_view bound, std::string_view text) {
  return absl::WebSafeBase64Escape(SealBytes(key, bound, text));
}

std::optional<std::string> Unseal(std::string_view key, std::string_view bound,
                                  std::string_view sealed) {
  std::string raw;
  if (!absl::WebSafeBase64Unescape(ToAbsl(sealed), &raw)) return std::nullopt;
  return UnsealBytes(key, bound, raw);
}

std::optional<std::string> UnsealBytes(std::string_view key, std::string_view bound,
                                       std::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  std::string raw(sealed);
  const std::string_view cipher = std::string_view(raw).substr(kNonceBytes + kTagBytes);
  std::string text(cipher.size(), '\0');
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int n = 0;
  auto* out = reinterpret_cast<unsigned char*>(text.data());
  if (EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(raw)) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &n, Bytes(bound), static_cast<int>(bound.size())) !=
          1 ||
      EVP_DecryptUpdate(context.get(), out, &n, Bytes(cipher), static_cast<int>(cipher.size())) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                          raw.data() + kNonceBytes) != 1 ||
      EVP_DecryptFinal_ex(context.get(), out + n, &n) != 1) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rsnms::resource
