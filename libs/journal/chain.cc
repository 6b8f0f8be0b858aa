#include "libs/journal/chain.h"

#include <openssl/evp.h>

#include <charconv>
#include <cstdlib>

#include "libs/pg/tx.h"

namespace rsnms::journal {
namespace {

constexpr int kNumbers = 5;  // seq, xid, micros, kind, version
constexpr int kColumns = 14;
constexpr int kImage = 9;

void AppendNumber(uint64_t value, int bytes, std::string& out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

uint64_t NumberOf(std::string_view text) {
  // xid8 is unsigned, the others are signed and positive.
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

EVP_MD_CTX* Context(void* digest) { return static_cast<EVP_MD_CTX*>(digest); }

}  // namespace

const char kChainColumns[] =
    "j.seq, j.xid, (date_part('epoch', j.change_time) * 1000000)::bigint, j.kind, j.version, "
    "j.region_code, j.resource_type, j.resource_id, j.changed_fields, j.image, j.actor, "
    "j.request_id, j.trace_id, j.reason";

Chain::Chain(std::string hash) : digest_(EVP_MD_CTX_new()), hash_(std::move(hash)) {
  // Fetched once: a look-up for each row costs more than hashing it.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (digest_ == nullptr || EVP_DigestInit_ex(Context(digest_), sha256, nullptr) != 1) std::abort();
}

Chain::~Chain() { EVP_MD_CTX_free(Context(digest_)); }

const std::string& Chain::Add(int64_t position, const pqxx::row& row, int first) {
  canonical_.assign(hash_);
  AppendNumber(static_cast<uint64_t>(position), 8, canonical_);
  for (int i = 0; i < kColumns; ++i) {
    const auto field = row[first + i];
    const std::string_view text(field.c_str(), field.size());
    if (i < kNumbers) {
      AppendNumber(NumberOf(text), 8, canonical_);
    } else if (i == kImage) {
      const std::string image = pg::FromBytea(text);
      AppendNumber(image.size(), 4, canonical_);
      canonical_.append(image);
    } else {
      AppendNumber(text.size(), 4, canonical_);
      canonical_.append(text);
    }
  }
  unsigned char value[32];
  unsigned int size = sizeof(value);
  if (EVP_DigestInit_ex(Context(digest_), nullptr, nullptr) != 1 ||
      EVP_DigestUpdate(Context(digest_), canonical_.data(), canonical_.size()) != 1 ||
      EVP_DigestFinal_ex(Context(digest_), value, &size) != 1) {
    std::abort();  // out of memory
  }
  hash_.assign(reinterpret_cast<const char*>(value), size);
  return hash_;
}

}  // namespace rsnms::journal
