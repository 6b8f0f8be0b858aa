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

constexpr char kSqlPruneRows[] =
    "DELETE FROM journal USING journal_seal s WHERE s.seq = journal.seq AND s.position <= $1";
constexpr char kSqlPruneSeals[] = "DELETE FROM journal_seal WHERE position < $1";

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

}  // namespace

int64_t OldestKept(int64_t first_seal) { return first_seal > 1 ? first_seal + 1 : first_seal; }

absl::StatusOr<Verification> Verify(pg::Pool& pool, const pg::TxOptions& options, int64_t from,
                                    int64_t to) {
  Walker walker;
  auto status = pool.Run(options, [&](pg::Tx& tx) { return Begin(tx, from, to, walker); });
  if (!status.ok()) return status;
  if (to == 0) return walker.found;
  const std::string sql = absl::StrCat(kSqlPage, kChainColumns, kSqlPageFrom);
  for (int64_t page = from; page <= to; page += kPage) {
    pqxx::result rows;
    status = pool.Run(options, [&](pg::Tx& tx) -> absl::Status {
      auto read = tx.Query(sql, page, std::min(to, page + kPage - 1));
      if (read.ok()) rows = *std::move(read);
      return read.status();
    });
    if (!status.ok()) return status;
    for (const auto& row : rows) walker.Visit(row);
  }
  for (; walker.next <= to; ++walker.next) walker.Broken(walker.next);
  walker.found.chain_hash = walker.chain.hash();
  return walker.found;
}

absl::StatusOr<int64_t> Prune(pg::Pool& owner, int64_t position) {
  pg::TxOptions options;
  options.scopes = "*";
  int64_t oldest = 0;
  auto status = owner.Run(options, [&](pg::Tx& tx) -> absl::Status {
    auto ends = tx.Query(kSqlEnds);
    if (!ends.ok()) return ends.status();
    int64_t last = std::min(position, (*ends)[0][1].as<int64_t>() - 1);
    // An anchor at position 1 would look like a row: a lone first row missing must show as damage.
    if (last < 2) last = 0;
    if (auto rows = tx.Execute(kSqlPruneRows, last); !rows.ok()) return rows.status();
    if (auto seals = tx.Execute(kSqlPruneSeals, last); !seals.ok()) return seals.status();
    auto kept = tx.Query(kSqlEnds);
    if (kept.ok()) oldest = OldestKept((*kept)[0][0].as<int64_t>());
    return kept.status();
  });
  if (!status.ok()) return status;
  return oldest;
}

}  // namespace rsnms::journal
