// SQL on programmes that leave the register, of register_store.h; how it is written stands at the
// head of register_store.cc.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "services/programs/names.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs::register_store {
namespace {

// What the register says of titles and providers; the programme's own words may have been edited.
constexpr char kSqlLeaving[] = R"sql(
  SELECT l.id::text, l.federal_register_number, l.named, l.title, l.provider_inn, l.provider_title,
         l.gone,
         (SELECT e.match_key FROM register_entry e WHERE e.region_code = $1 AND e.id = l.id)
  FROM (
    SELECT p.id, p.federal_register_number, p.title, p.provider_inn, p.provider_title,
           p.register_state = 'WITHDRAWN' AS gone,
           (SELECT s.withdrawn AND s.problem = '' FROM register_snapshot s
            WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
              AND s.register_number = p.federal_register_number) IS NOT NULL AS named
    FROM programme p
    WHERE p.region_code = $1 AND p.delete_time IS NULL
      AND (p.register_state = 'LISTED' OR $6::boolean AND p.register_state = 'WITHDRAWN' AND EXISTS (
             SELECT FROM register_entry g
             WHERE g.region_code = $1 AND g.id = p.id AND g.withdrawal = 'GONE'))
      AND p.federal_register_number > $3
      AND coalesce((SELECT CASE WHEN s.withdrawn AND s.problem = '' THEN 'named' ELSE 'stands' END
                    FROM register_snapshot s
                    WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
                      AND s.register_number = p.federal_register_number), 'missing')
        = ANY ($4::text[])
    ORDER BY p.federal_register_number LIMIT $5) AS l
  ORDER BY l.federal_register_number)sql";

// Of titles and providers: whether an unreadable entry bears them, and how many standing ones whose
// number nobody bears do. The run is compared in a way no index knows, so that the one of keys is
// taken.
constexpr char kSqlKeysShown[] = R"sql(
  SELECT k.key, shown.unreadable, shown.fresh
  FROM unnest($3::text[]) AS k (key)
  CROSS JOIN LATERAL (
    SELECT bool_or(s.problem <> '') AS unreadable,
           count(*) FILTER (WHERE s.problem = '' AND NOT s.withdrawn AND NOT EXISTS (
             SELECT FROM programme p
             WHERE p.region_code = $1 AND p.federal_register_number = s.register_number)) AS fresh
    FROM register_snapshot s
    WHERE s.match_key = k.key AND s.region_code = $1
      AND s.register_sync_id IS NOT DISTINCT FROM $2::uuid) AS shown
  WHERE shown.unreadable IS NOT NULL)sql";

constexpr char kSqlRivals[] = R"sql(
  SELECT shown.register_number, shown.payload, k.key
  FROM unnest($3::text[]) AS k (key)
  CROSS JOIN LATERAL (
    SELECT s.register_number, s.payload
    FROM register_snapshot s
    WHERE s.match_key = k.key AND s.region_code = $1
      AND s.register_sync_id IS NOT DISTINCT FROM $2::uuid
      AND s.problem = '' AND NOT s.withdrawn AND s.register_number <> ALL ($4::text[])
      AND NOT EXISTS (SELECT FROM programme p
                      WHERE p.region_code = $1 AND p.federal_register_number = s.register_number)
    ORDER BY s.register_number LIMIT 200) AS shown)sql";

// Runs that see a part alone prove nothing of a shrink. $2: its digest, or empty for any.
constexpr char kSqlRejectedBefore[] = R"sql(
  SELECT EXISTS (
    SELECT FROM register_sync r
    WHERE r.region_code = $1 AND r.state = 'CANCELLED' AND r.error_reason = 'SHRINK_REJECTED'
      AND r.shrink_sha256 <> '' AND ($2 = '' OR r.shrink_sha256 = $2)
      AND NOT EXISTS (SELECT FROM register_sync s
                      WHERE s.region_code = $1 AND s.state = 'SUCCEEDED'
                        AND s.mode <> 'INCREMENTAL' AND s.create_time > r.create_time)))sql";

constexpr char kSqlSetWithdrawal[] = R"sql(
  UPDATE register_entry SET withdrawal = $3, version = version + 1, update_time = now()
  WHERE region_code = $1 AND id = ANY ($2::uuid[]) AND withdrawal <> $3)sql";

// A programme that was withdrawn without an entry behind it was named: only what was mirrored can
// be missed.
constexpr char kSqlWithdrawnByName[] = R"sql(
  SELECT p.id::text
  FROM programme p
  LEFT JOIN LATERAL (
    SELECT k.register_number FROM register_snapshot k
    WHERE k.region_code = $1 AND k.register_sync_id = $2::uuid
      AND k.register_number = p.federal_register_number AND k.withdrawn AND k.problem = ''
    OFFSET 0) AS s ON true
  WHERE p.region_code = $1 AND p.id = ANY ($3::uuid[]) AND p.delete_time IS NULL
    AND p.federal_register_number <> ''
    AND (s.register_number IS NOT NULL OR p.register_state = 'WITHDRAWN' AND NOT EXISTS (
      SELECT FROM register_entry e
      WHERE e.region_code = $1 AND e.id = p.id AND e.withdrawal = 'GONE'))
  ORDER BY p.register_state = 'WITHDRAWN', p.register_withdrawn_date DESC NULLS LAST, p.id)sql";

constexpr char kSqlCountListed[] = R"sql(
  SELECT count(*) FROM programme
  WHERE region_code = $1 AND register_state = 'LISTED' AND delete_time IS NULL)sql";

// A programme keeps the run that flagged it, whatever day it is given later. The days end with the
// run's own beginning: a person may think about it for long.
constexpr char kSqlCountLeftBefore[] = R"sql(
  SELECT count(*)
  FROM register_sync w
  JOIN register_sync r ON r.region_code = w.region_code AND r.id <> w.id
    AND r.create_time > w.create_time - make_interval(days => w.shrink_days)
    AND r.create_time > coalesce((SELECT max(c.create_time) FROM register_sync c
                                  WHERE c.region_code = $1 AND c.id <> w.id AND c.shrink_confirmed),
                                 '-infinity')
  JOIN programme p ON p.region_code = r.region_code AND p.register_sync_id = r.id
  WHERE w.region_code = $1 AND w.id = $2::uuid
    AND p.register_state = 'WITHDRAWN' AND p.delete_time IS NULL)sql";

constexpr char kSqlAskedLongestAgo[] = R"sql(
  SELECT p.id::text, p.federal_register_number
  FROM register_sync w
  JOIN programme p ON p.region_code = w.region_code
  JOIN register_entry e ON e.region_code = p.region_code AND e.id = p.id
  WHERE w.region_code = $1 AND w.id = $2::uuid
    AND p.register_state = 'WITHDRAWN' AND p.delete_time IS NULL AND p.federal_register_number <> ''
    AND e.asked_time IS DISTINCT FROM w.start_time
    AND (SELECT s.register_number FROM register_snapshot s
         WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
           AND s.register_number = p.federal_register_number) IS NULL
  ORDER BY e.asked_time NULLS FIRST, p.id LIMIT $3)sql";

constexpr char kSqlSetAsked[] = R"sql(
  UPDATE register_entry SET asked_time = (SELECT w.start_time FROM register_sync w
                                          WHERE w.region_code = $1 AND w.id = $2::uuid)
  WHERE region_code = $1 AND id = ANY ($3::uuid[]))sql";

// Of programmes gone before, few are to be asked about: so many are read at once.
constexpr int kFewAsked = 500;

std::string Region(const v1::RegisterSync& sync) { return std::string(RegionOf(sync.name())); }
std::string Id(const v1::RegisterSync& sync) { return std::string(IdOf(sync.name())); }

// What the snapshot shows under a title and provider.
struct Shown {
  bool unreadable = false;
  int fresh = 0;
};

absl::StatusOr<absl::flat_hash_map<std::string, Shown>> KeysShown(
    pg::Tx& tx, const v1::RegisterSync& sync, const absl::flat_hash_set<std::string>& keys) {
  auto rows = tx.Query(kSqlKeysShown, Region(sync), Id(sync),
                       std::vector<std::string>(keys.begin(), keys.end()));
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, Shown> shown;
  for (const auto& row : *rows) {
    shown[row[0].c_str()] = {.unreadable = row[1].as<bool>(), .fresh = row[2].as<int>()};
  }
  return shown;
}

// A programme that may be leaving, and the titles and providers it goes by: its own, the
// register's.
struct Candidate {
  Leaving leaving;
  std::string own, said;
  bool gone = false;  // flagged already, without a word
};

// The next candidates; fewer than `limit` only at the end.
absl::StatusOr<std::vector<Candidate>> Candidates(pg::Tx& tx, const v1::RegisterSync& sync,
                                                  Leave which, std::string_view after_number,
                                                  int limit) {
  std::vector<std::string> wanted;
  if (which != Leave::kNamed) wanted.push_back("missing");
  if (which == Leave::kNamed || which == Leave::kBoth) wanted.push_back("named");
  auto rows = tx.Query(kSqlLeaving, Region(sync), Id(sync), after_number, wanted, limit,
                       which == Leave::kAsked ? "t" : "f");
  if (!rows.ok()) return rows.status();
  std::vector<Candidate> candidates;
  for (const auto& row : *rows) {
    Candidate& one = candidates.emplace_back();
    one.leaving = {.id = row[0].c_str(), .number = row[1].c_str(), .named = row[2].as<bool>()};
    one.gone = row[6].as<bool>();
    if (one.leaving.named) continue;
    one.own = register_rules::MatchKey(row[3].c_str(), row[4].c_str(), row[5].c_str());
    one.said = row[7].is_null() ? one.own : row[7].c_str();
  }
  return candidates;
}

}  // namespace

absl::StatusOr<std::vector<Leaving>> FindLeaving(pg::Tx& tx, const v1::RegisterSync& sync,
                                                 Leave which, std::string_view after_number,
                                                 int limit) {
  std::vector<Leaving> leaving;
  std::string last(after_number);
  const auto full = [&] { return static_cast<int>(leaving.size()) >= limit; };
  while (!full()) {
    int wanted = limit - static_cast<int>(leaving.size());
    if (which == Leave::kAsked) wanted = std::max(wanted, kFewAsked);
    auto candidates = Candidates(tx, sync, which, last, wanted);
    if (!candidates.ok()) return candidates.status();
    if (candidates->empty()) return leaving;
    absl::flat_hash_set<std::string> keys;
    for (const Candidate& one : *candidates) {
      if (!one.leaving.named) keys.insert({one.own, one.said});
    }
    auto shown = KeysShown(tx, sync, keys);
    if (!shown.ok()) return shown.status();
    last = candidates->back().leaving.number;
    for (Candidate& one : *candidates) {
      if (!one.leaving.named) {
        const Shown own = (*shown)[one.own], said = (*shown)[one.said];
        if (own.unreadable || said.unreadable) continue;
        if (own.fresh > 0) one.leaving.fresh.emplace_back(one.own, own.fresh);
        if (said.fresh > 0 && one.said != one.own) {
          one.leaving.fresh.emplace_back(one.said, said.fresh);
        }
        if (one.gone && one.leaving.fresh.empty()) continue;
      }
      if (full()) return leaving;
      leaving.push_back(std::move(one.leaving));
    }
    if (static_cast<int>(candidates->size()) < wanted) return leaving;
  }
  return leaving;
}

absl::StatusOr<std::vector<register_rules::Entry>> Rivals(pg::Tx& tx, const v1::RegisterSync& sync,
                                                          const std::vector<std::string>& keys,
                                                          const std::vector<std::string>& numbers) {
  auto rows = tx.Query(kSqlRivals, Region(sync), Id(sync), keys, numbers);
  if (!rows.ok()) return rows.status();
  std::vector<register_rules::Entry> rivals;
  for (const auto& row : *rows) {
    register_rules::Entry& rival = rivals.emplace_back();
    rival.number = row[0].c_str();
    rival.payload = pg::FromBytea(row[1].c_str());
    rival.match_key = row[2].c_str();
  }
  return rivals;
}

absl::StatusOr<absl::flat_hash_set<std::string>> UnreadKeys(
    pg::Tx& tx, const v1::RegisterSync& sync, const absl::flat_hash_set<std::string>& keys) {
  auto shown = KeysShown(tx, sync, keys);
  if (!shown.ok()) return shown.status();
  absl::flat_hash_set<std::string> unread;
  for (const auto& [key, what] : *shown) {
    if (what.unreadable) unread.insert(key);
  }
  return unread;
}

absl::StatusOr<int64_t> CountListed(pg::Tx& tx, const v1::RegisterSync& sync) {
  auto rows = tx.Query(kSqlCountListed, Region(sync));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

absl::StatusOr<int64_t> CountLeftBefore(pg::Tx& tx, const v1::RegisterSync& sync) {
  if (sync.shrink_days() == 0) return 0;
  auto rows = tx.Query(kSqlCountLeftBefore, Region(sync), Id(sync));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

absl::StatusOr<std::vector<Leaving>> AskedLongestAgo(pg::Tx& tx, const v1::RegisterSync& sync,
                                                     int limit) {
  auto rows = tx.Query(kSqlAskedLongestAgo, Region(sync), Id(sync), limit);
  if (!rows.ok()) return rows.status();
  std::vector<Leaving> programmes;
  for (const auto& row : *rows) {
    programmes.push_back({.id = row[0].c_str(), .number = row[1].c_str()});
  }
  return programmes;
}

absl::Status SetAsked(pg::Tx& tx, const v1::RegisterSync& sync,
                      const std::vector<std::string>& ids) {
  if (ids.empty()) return absl::OkStatus();
  return tx.Execute(kSqlSetAsked, Region(sync), Id(sync), ids).status();
}

absl::StatusOr<bool> RejectedBefore(pg::Tx& tx, const v1::RegisterSync& sync) {
  if (sync.shrink_sha256().empty()) return false;
  auto rows = tx.Query(kSqlRejectedBefore, Region(sync), sync.shrink_sha256());
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<bool>();
}

absl::StatusOr<bool> RejectionHolds(pg::Tx& tx, const v1::RegisterSync& sync) {
  auto rows = tx.Query(kSqlRejectedBefore, Region(sync), "");
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<bool>();
}

absl::Status SetWithdrawal(pg::Tx& tx, std::string_view region_code,
                           v1::RegisterEntry::Withdrawal withdrawal,
                           const std::vector<std::string>& ids) {
  if (ids.empty()) return absl::OkStatus();
  const std::string name =
      v1::RegisterEntry::Withdrawal_Name(withdrawal).substr(sizeof("WITHDRAWAL_") - 1);
  return tx.Execute(kSqlSetWithdrawal, region_code, ids, name).status();
}

absl::StatusOr<std::vector<std::string>> WithdrawnByName(pg::Tx& tx, const v1::RegisterSync& sync,
                                                         const std::vector<std::string>& ids) {
  if (ids.empty()) return std::vector<std::string>();
  auto rows = tx.Query(kSqlWithdrawnByName, Region(sync), Id(sync), ids);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> named;
  for (const auto& row : *rows) named.push_back(row[0].c_str());
  return named;
}

}  // namespace rsnms::programs::register_store
