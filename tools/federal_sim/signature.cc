#include "tools/federal_sim/signature.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace rsnms::federal_sim {

bool Verifies(const federal::v1::DetachedSignature& signature, std::string_view payload) {
  const EVP_MD* digest = nullptr;
  int type = EVP_PKEY_NONE;
  switch (signature.algorithm()) {
    case federal::v1::SIGNATURE_ALGORITHM_ED25519:
      type = EVP_PKEY_ED25519;
      break;
    case federal::v1::SIGNATURE_ALGORITHM_ECDSA_P256_SHA256:
      type = EVP_PKEY_EC;
      digest = EVP_sha256();
      break;
    default:
      return false;
  }
  auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const unsigned char* der = bytes(signature.public_key());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      d2i_PUBKEY(nullptr, &der, static_cast<long>(signature.public_key().size())), EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != type) return false;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature.value()), signature.value().size(),
                          bytes(payload), payload.size()) == 1;
}

}  // namespace rsnms::federal_sim
