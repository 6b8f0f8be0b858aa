#include "services/monitoring/page_mark.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"

namespace rsnms::monitoring {

namespace {

constexpr size_t kTagBytes = 16;

void ClearField(google::protobuf::Message& message, const std::string& field) {
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
  if (descriptor != nullptr) message.GetReflection()->ClearField(&message, descriptor);
}

std::string Tag(const std::string& key, const google::protobuf::Message& request,
                const std::string& last_id) {
  std::unique_ptr<google::protobuf::Message> bound(request.New());
  bound->CopyFrom(request);
  ClearField(*bound, "page_token");
  ClearField(*bound, "page_size");
  const std::string text =
      absl::StrCat(request.GetTypeName(), "\n", last_id, "\n", bound->SerializeAsString());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &length);
  return std::string(reinterpret_cast<const char*>(digest), kTagBytes);
}

}  // namespace

std::string SealPage(const std::string& key, const google::protobuf::Message& request,
                     const std::string& last_id) {
  return absl::WebSafeBase64Escape(absl::StrCat(Tag(key, request, last_id), last_id));
}

absl::StatusOr<std::string> OpenPage(const std::string& key,
                                     const google::protobuf::Message& request,
                                     const std::string& token) {
  if (token.empty()) return std::string();
  std::string raw;
  if (absl::WebSafeBase64Unescape(token, &raw) && raw.size() > kTagBytes) {
    const std::string id = raw.substr(kTagBytes);
    const std::string tag = Tag(key, request, id);
    if (CRYPTO_memcmp(raw.data(), tag.data(), kTagBytes) == 0) return id;
  }
  return rpc::InvalidField("page_token", options::v1::COMMON_REASON_INVALID_PAGE_TOKEN,
                           "is damaged or belongs to another request",
                           "Метка страницы недействительна");
}

absl::StatusOr<int> PageSize(int asked, int by_default, int largest) {
  if (asked < 0) {
    return rpc::InvalidField("page_size", options::v1::COMMON_REASON_INVALID_PAGE_SIZE,
                             "must not be negative", "Размер страницы не может быть отрицательным");
  }
  return asked == 0 ? by_default : std::min(asked, largest);
}

}  // namespace rsnms::monitoring
