// The hash chain over sealed journal rows: hash_n = SHA-256(hash_{n-1} || canonical(row_n)), hash_0
// is empty.
//
// canonical(row) is, in this order: position, seq, xid, change time in microseconds since 1970,
// kind, version, each as eight bytes big-endian; then region_code, resource_type, resource_id,
// changed_fields (PostgreSQL's text form of text[]), image, actor, request_id, trace_id, reason,
// each as four bytes of length big-endian and the bytes.
#ifndef RSNMS_LIBS_JOURNAL_CHAIN_H_
#define RSNMS_LIBS_JOURNAL_CHAIN_H_

#include <cstdint>
#include <pqxx/result>
#include <pqxx/row>
#include <string>
#include <string_view>

namespace rsnms::journal {

// The columns of `journal j` a link is made of, as `Chain::Add` expects them, beginning with seq
// and xid.
extern const char kChainColumns[];

// Not thread-safe; neither copied nor moved.
class Chain {
 public:
  // `hash` is the value the chain stands at: 32 bytes, or empty before the first row.
  explicit Chain(std::string hash);
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  // Adds the row that stands at `position`; its chain columns begin at column `first` of `row`.
  // Returns the new value.
  const std::string& Add(int64_t position, const pqxx::row& row, int first = 0);
  // Goes on from a known value.
  void Reset(std::string hash) { hash_ = std::move(hash); }
  const std::string& hash() const { return hash_; }

 private:
  void* digest_;  // EVP_MD_CTX, kept to spare OpenSSL's look-ups
  std::string hash_;
  std::string canonical_;
};

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_CHAIN_H_
