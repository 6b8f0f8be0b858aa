#include "libs/journal/verify.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/journal/chain.h"

namespace rsnms::journal {
namespace {

constexpr int kPage = 2000;
constexpr size_t kListed = 100;

// Position 1 is the beginning; any other first seal is the anchor retention left (see Prune).
constexpr char kSqlEnds[] =
    "SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM journal_seal";

constexpr char kSqlHash[] = "SELECT hash FROM journal_seal WHERE position = $1";

constexpr char kSqlPage[] = "SELECT s.position, s.hash, ";
constexpr char kSqlPageFrom[] =
    " FROM (SELECT * FROM journal_seal WHERE position >= $1 AND position <= $2 ORDER BY position) "
    "s "
    "LEFT JOIN LATERAL (SELECT * FROM journal WHERE journal.seq = s.seq OFFSET 0) j ON true "
    "ORDER BY s.position";

constexpr char kSqlPrune[] = "SELECT journal_prune(make_interval(secs => $1::bigint), $2::integer)";

struct Walker {
  Chain chain{""};
  Verification found;
  int64_t next = 0;  // position expected

  void Broken(int64_t position) {
    if (found.broken_positions.size() < kListed) found.broken_positions.push_back(position);
  }

  void Visit(const pqxx::row& row) {
    const int64_t position = row[0].as<int64_t>();
    for (; next < position; ++next) Broken(next);
    const std::string stored = pg::FromBytea(row[1].c_str());
    ++found.checked_rows;
    if (row[2].is_null() || chain.Add(position, row, 2) != stored) Broken(position);
    // Goes on from what is stored, so that one damage is reported once.
    chain.Reset(stored);
    next = position + 1;
  }
};

// Moves the walk behind what retention has removed meanwhile.
absl::Status Follow(pg::Tx& tx, int64_t first_seal, Walker& walker) {
  const int64_t oldest = OldestKept(first_seal);
  if (oldest <= walker.next) return absl::OkStatus();
  auto anchor = tx.Query(kSqlHash, oldest - 1);
  if (!anchor.ok()) return anchor.status();
  if (!anchor->empty()) walker.chain.Reset(pg::FromBytea((*anchor)[0][0].c_str()));
  walker.next = oldest;
  return absl::OkStatus();
}

absl::Status Begin(pg::Tx& tx, int64_t& from, int64_t& to, Walker& walker) {
  auto ends = tx.Query(kSqlEnds);
  if (!ends.ok()) return ends.status();
  const auto row = (*ends)[0];
  const int64_t first = OldestKept(row[0].as<int64_t>());
  const int64_t last = row[1].as<int64_t>();
  from = from == 0 ? first : std::max(from, first);
  to = to == 0 ? last : std::min(to, last);
  walker.next = from;
  auto before = tx.Query(kSqlHash, from - 1);
  if (!before.ok()) return before.status();
  if (!before->empty()) walker.chain.Reset(pg::FromBytea((*before)[0][0].c_str()));
  return absl::OkStatus();
}

// Reads the page that begins at `walker.next`; empty when none of it is kept.
absl::Status ReadPage(pg::Tx& tx, int64_t to, Walker& walker, pqxx::result& rows) {
  rows.clear();
  auto ends = tx.Query(kSqlEnds);
  if (!ends.ok()) return ends.status();
  if (auto moved = Follow(tx, (*ends)[0][0].as<int64_t>(), walker); !moved.ok()) return moved;
  static const std::string sql = absl::StrCat(kSqlPage, kChainColumns, kSqlPageFrom);
  auto read = tx.Query(sql, walker.next, std::min(to, walker.next + kPage - 1));
  if (read.ok()) rows = *std::move(read);
  return read.status();
}

}  // namespace

int64_t OldestKept(int64_t first_seal) { return first_seal > 1 ? first_seal + 1 : first_seal; }

absl::StatusOr<Verification> Verify(pg::Pool& pool, const pg::TxOptions& options, int64_t from,
                                    int64_t to) {
  Walker walker;
  auto status = pool.Run(options, [&](pg::Tx& tx) { return Begin(tx, from, to, walker); });
  if (!status.ok()) return status;
  if (to == 0) return walker.found;
  // A page and the journal's beginning are of one moment: between two statements retention may move
  // it.
  auto paged = options;
  paged.isolation = pg::Isolation::kRepeatableRead;
  while (walker.next <= to) {
    pqxx::result rows;
    status = pool.Run(paged, [&](pg::Tx& tx) { return ReadPage(tx, to, walker, rows); });
    if (!status.ok()) return status;
    const int64_t end = std::min(to, walker.next + kPage - 1);
    for (const auto& row : rows) walker.Visit(row);
    for (; walker.next <= end; ++walker.next) walker.Broken(walker.next);
  }
  walker.found.chain_hash = walker.chain.hash();
  return walker.found;
}

absl::StatusOr<int64_t> Prune(pg::Tx& tx, absl::Duration kept, int batch) {
  auto rows = tx.Query(kSqlPrune, absl::ToInt64Seconds(kept), batch);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

}  // namespace rsnms::journal
