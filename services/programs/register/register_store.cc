#include "services/programs/register/register_store.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "services/programs/names.h"

namespace rsnms::programs::register_store {
namespace {

// One row for each entry kept: whether it is new.
constexpr char kSqlKeep[] = R"sql(
  INSERT INTO register_snapshot (region_code, register_sync_id, register_number, page_number,
                                 payload, payload_sha256, match_key, problem, withdrawn)
  SELECT $1, $2::uuid, e.number, $3, decode(e.payload, 'hex'), e.sha256, e.match_key, e.problem,
         e.withdrawn::boolean
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    AS e (number, payload, sha256, match_key, problem, withdrawn)
  ON CONFLICT (region_code, register_sync_id, register_number)
  DO UPDATE SET problem = 'two different entries share this number'
  WHERE register_snapshot.payload_sha256 <> excluded.payload_sha256
  RETURNING xmax = 0)sql";

// The other side of a contradiction, so that the entries still add up.
constexpr char kSqlKeepContradicting[] = R"sql(
  INSERT INTO register_snapshot (region_code, register_sync_id, register_number, page_number,
                                 payload, payload_sha256, match_key, problem, withdrawn)
  SELECT $1, $2::uuid, '?' || e.sha256, $3, decode(e.payload, 'hex'), e.sha256, e.match_key,
         s.problem, e.withdrawn::boolean
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS e (number, payload, sha256, match_key, withdrawn)
  JOIN register_snapshot s ON s.region_code = $1 AND s.register_sync_id = $2::uuid
    AND s.register_number = e.number AND s.payload_sha256 <> e.sha256
  ON CONFLICT DO NOTHING)sql";

constexpr char kSqlCount[] =
    "SELECT count(*) FROM register_snapshot WHERE region_code = $1 AND register_sync_id = $2::uuid";

constexpr char kSqlClear[] =
    "DELETE FROM register_snapshot WHERE region_code = $1 AND register_sync_id = $2::uuid";

constexpr char kSqlAfter[] = R"sql(
  SELECT register_number, payload, payload_sha256, match_key, problem, withdrawn
  FROM register_snapshot
  WHERE region_code = $1 AND register_sync_id = $2::uuid AND register_number > $3
  ORDER BY register_number LIMIT $4)sql";

constexpr char kSqlSetProblem[] = R"sql(
  UPDATE register_snapshot SET problem = $4
  WHERE region_code = $1 AND register_sync_id = $2::uuid AND register_number = $3)sql";

// Goes along both numbers in their order. What the register says of titles and providers; the
// programme's own words may have been edited.
constexpr char kSqlLeaving[] = R"sql(
  SELECT p.id::text, p.federal_register_number, s.register_number IS NOT NULL, p.title,
         p.provider_inn, p.provider_title, e.match_key
  FROM programme p
  LEFT JOIN register_snapshot s ON s.region_code = p.region_code AND s.register_sync_id = $2::uuid
    AND s.register_number = p.federal_register_number
  LEFT JOIN register_entry e ON e.region_code = p.region_code AND e.id = p.id
  WHERE p.region_code = $1 AND p.register_state = 'LISTED' AND p.delete_time IS NULL
    AND p.federal_register_number > $3
    AND ($4 AND s.register_number IS NULL OR $5 AND s.withdrawn AND s.problem = '')
  ORDER BY p.federal_register_number LIMIT $6)sql";

// Of titles and providers: whether an unreadable entry bears them, and whether a standing one whose
// number nobody bears does.
constexpr char kSqlKeysShown[] = R"sql(
  SELECT k.key, bool_or(s.problem <> ''),
         bool_or(s.problem = '' AND NOT s.withdrawn AND NOT EXISTS (
           SELECT FROM programme p
           WHERE p.region_code = $1 AND p.federal_register_number = s.register_number))
  FROM unnest($3::text[]) AS k (key)
  JOIN register_snapshot s ON s.region_code = $1 AND s.register_sync_id = $2::uuid
    AND s.match_key = k.key
  GROUP BY k.key)sql";

constexpr char kSqlRejectedBefore[] = R"sql(
  SELECT EXISTS (
    SELECT FROM register_sync r
    WHERE r.region_code = $1 AND r.state = 'CANCELLED' AND r.error_reason = 'SHRINK_REJECTED'
      AND r.shrink_sha256 = $2
      AND NOT EXISTS (SELECT FROM register_sync s
                      WHERE s.region_code = $1 AND s.state = 'SUCCEEDED'
                        AND NOT (s.source = 'FILE' AND s.mode = 'INCREMENTAL')
                        AND s.create_time > r.create_time)))sql";

constexpr char kSqlBases[] = R"sql(
  SELECT e.id::text, CASE WHEN e.sha256 = w.sha256 THEN NULL ELSE e.payload END
  FROM unnest($2::uuid[], $3::text[]) AS w (id, sha256)
  JOIN register_entry e ON e.region_code = $1 AND e.id = w.id)sql";

constexpr char kSqlMatchKeys[] =
    "SELECT id::text, match_key FROM register_entry "
    "WHERE region_code = $1 AND id = ANY ($2::uuid[])";

constexpr char kSqlPutEntries[] = R"sql(
  INSERT INTO register_entry (region_code, id, version, create_time, update_time, programme,
                              register_number, match, payload, sha256, match_key, fetch_time,
                              register_sync_id)
  SELECT $1, e.id, 1, now(), now(), 'regions/' || $1 || '/programmes/' || e.id, s.register_number,
         e.match, s.payload, s.payload_sha256, s.match_key, s.fetch_time, s.register_sync_id
  FROM unnest($3::uuid[], $4::text[], $5::text[]) AS e (id, number, match)
  JOIN register_snapshot s ON s.region_code = $1 AND s.register_sync_id = $2::uuid
    AND s.register_number = e.number
  ON CONFLICT (region_code, id) DO UPDATE
  SET version = register_entry.version + 1, update_time = excluded.update_time,
      register_number = excluded.register_number, payload = excluded.payload,
      sha256 = excluded.sha256, match_key = excluded.match_key, fetch_time = excluded.fetch_time,
      register_sync_id = excluded.register_sync_id,
      match = CASE WHEN excluded.register_number = register_entry.register_number
                   THEN register_entry.match ELSE excluded.match END,
      withdrawal = 'UNSPECIFIED'
  WHERE register_entry.sha256 <> excluded.sha256
    OR register_entry.withdrawal <> 'UNSPECIFIED')sql";

constexpr char kSqlSetWithdrawal[] = R"sql(
  UPDATE register_entry SET withdrawal = $3, version = version + 1, update_time = now()
  WHERE region_code = $1 AND id = ANY ($2::uuid[]) AND withdrawal <> $3)sql";

// A programme that was withdrawn without an entry behind it was named: only what was mirrored can
// be missed.
constexpr char kSqlWithdrawnByName[] = R"sql(
  SELECT p.id::text
  FROM programme p
  LEFT JOIN register_snapshot s ON s.region_code = p.region_code AND s.register_sync_id = $2::uuid
    AND s.register_number = p.federal_register_number AND s.withdrawn AND s.problem = ''
  WHERE p.region_code = $1 AND p.id = ANY ($3::uuid[]) AND p.delete_time IS NULL
    AND p.federal_register_number <> ''
    AND (s.register_number IS NOT NULL OR p.register_state = 'WITHDRAWN' AND NOT EXISTS (
      SELECT FROM register_entry e
      WHERE e.region_code = $1 AND e.id = p.id AND e.withdrawal = 'GONE'))
  ORDER BY s.register_number IS NULL, p.register_withdrawn_date DESC NULLS LAST, p.id)sql";

constexpr char kSqlShrinkPercent[] =
    "SELECT shrink_percent FROM register_policy WHERE region_code = $1 AND delete_time IS NULL";

constexpr char kSqlCountListed[] = R"sql(
  SELECT count(*) FROM programme
  WHERE region_code = $1 AND register_state = 'LISTED' AND delete_time IS NULL)sql";

constexpr char kSqlKnownProviders[] = R"sql(
  SELECT w.inn, known.provider_id::text
  FROM (SELECT DISTINCT inn FROM unnest($2::text[]) AS i (inn)) AS w
  CROSS JOIN LATERAL (
    SELECT p.provider_id FROM programme p
    WHERE p.region_code = $1 AND p.provider_inn = w.inn AND p.provider_id IS NOT NULL
    ORDER BY p.provider_id LIMIT 1) AS known)sql";

constexpr char kSqlTakenIds[] =
    "SELECT id::text FROM programme WHERE region_code = $1 AND id = ANY ($2::uuid[])";

constexpr char kSqlPrune[] = R"sql(
  DELETE FROM register_snapshot
  WHERE region_code = $1 AND register_sync_id IN (
    SELECT id FROM register_sync
    WHERE region_code = $1 AND state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')
    ORDER BY create_time DESC OFFSET $2))sql";

std::string Region(const v1::RegisterSync& sync) { return std::string(RegionOf(sync.name())); }
std::string Id(const v1::RegisterSync& sync) { return std::string(IdOf(sync.name())); }

// What the snapshot shows under a title and provider.
struct Shown {
  bool unreadable = false, fresh = false;
};

absl::StatusOr<absl::flat_hash_map<std::string, Shown>> KeysShown(
    pg::Tx& tx, const v1::RegisterSync& sync, const absl::flat_hash_set<std::string>& keys) {
  auto rows = tx.Query(kSqlKeysShown, Region(sync), Id(sync),
                       std::vector<std::string>(keys.begin(), keys.end()));
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, Shown> shown;
  for (const auto& row : *rows) {
    shown[row[0].c_str()] = {.unreadable = row[1].as<bool>(), .fresh = row[2].as<bool>()};
  }
  return shown;
}

// A programme that may be leaving, and the titles and providers it goes by: its own, the
// register's.
struct Candidate {
  Leaving leaving;
  std::string own, said;
};

// The next candidates; fewer than `limit` only at the end.
absl::StatusOr<std::vector<Candidate>> Candidates(pg::Tx& tx, const v1::RegisterSync& sync,
                                                  Leave which, std::string_view after_number,
                                                  int limit) {
  auto rows = tx.Query(kSqlLeaving, Region(sync), Id(sync), after_number, which != Leave::kNamed,
                       which != Leave::kMissing, limit);
  if (!rows.ok()) return rows.status();
  std::vector<Candidate> candidates;
  for (const auto& row : *rows) {
    Candidate& one = candidates.emplace_back();
    one.leaving = {.id = row[0].c_str(), .number = row[1].c_str(), .named = row[2].as<bool>()};
    if (one.leaving.named) continue;
    one.own = register_rules::MatchKey(row[3].c_str(), row[4].c_str(), row[5].c_str());
    one.said = row[6].is_null() ? one.own : row[6].c_str();
  }
  return candidates;
}

}  // namespace

absl::StatusOr<int> Keep(pg::Tx& tx, const v1::RegisterSync& sync,
                         const std::vector<register_rules::Entry>& entries) {
  std::vector<std::string> numbers, payloads, hashes, keys, problems, withdrawn;
  for (const register_rules::Entry& entry : entries) {
    numbers.push_back(entry.number);
    payloads.push_back(absl::BytesToHexString(entry.payload));
    hashes.push_back(entry.sha256);
    keys.push_back(entry.match_key);
    problems.push_back(entry.problem);
    withdrawn.push_back(entry.withdrawn ? "t" : "f");
  }
  auto rows = tx.Query(kSqlKeep, Region(sync), Id(sync), sync.page_count(), numbers, payloads,
                       hashes, keys, problems, withdrawn);
  if (!rows.ok()) return rows.status();
  int fresh = 0;
  for (const auto& row : *rows) fresh += row[0].as<bool>();
  if (rows->size() == numbers.size() && fresh == static_cast<int>(numbers.size())) return fresh;
  auto others = tx.Execute(kSqlKeepContradicting, Region(sync), Id(sync), sync.page_count(),
                           numbers, payloads, hashes, keys, withdrawn);
  if (!others.ok()) return others.status();
  return fresh + static_cast<int>(*others);
}

absl::StatusOr<int64_t> Count(pg::Tx& tx, const v1::RegisterSync& sync) {
  auto rows = tx.Query(kSqlCount, Region(sync), Id(sync));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

absl::Status Clear(pg::Tx& tx, const v1::RegisterSync& sync) {
  return tx.Execute(kSqlClear, Region(sync), Id(sync)).status();
}

absl::StatusOr<std::vector<register_rules::Entry>> After(pg::Tx& tx, const v1::RegisterSync& sync,
                                                         std::string_view number, int limit) {
  auto rows = tx.Query(kSqlAfter, Region(sync), Id(sync), number, limit);
  if (!rows.ok()) return rows.status();
  std::vector<register_rules::Entry> entries;
  for (const auto& row : *rows) {
    entries.push_back({.number = row[0].c_str(),
                       .payload = pg::FromBytea(row[1].c_str()),
                       .sha256 = row[2].c_str(),
                       .match_key = row[3].c_str(),
                       .problem = row[4].c_str(),
                       .withdrawn = row[5].as<bool>()});
  }
  return entries;
}

absl::Status SetProblem(pg::Tx& tx, const v1::RegisterSync& sync, std::string_view number,
                        std::string_view problem) {
  return tx.Execute(kSqlSetProblem, Region(sync), Id(sync), number, problem).status();
}

absl::StatusOr<std::vector<Leaving>> FindLeaving(pg::Tx& tx, const v1::RegisterSync& sync,
                                                 Leave which, std::string_view after_number,
                                                 int limit) {
  std::vector<Leaving> leaving;
  std::string last(after_number);
  while (static_cast<int>(leaving.size()) < limit) {
    const int wanted = limit - static_cast<int>(leaving.size());
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
        one.leaving.renumbered = own.fresh || said.fresh;
      }
      leaving.push_back(std::move(one.leaving));
    }
    if (static_cast<int>(candidates->size()) < wanted) return leaving;
  }
  return leaving;
}

absl::StatusOr<bool> RejectedBefore(pg::Tx& tx, const v1::RegisterSync& sync) {
  auto rows = tx.Query(kSqlRejectedBefore, Region(sync), sync.shrink_sha256());
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<bool>();
}

absl::StatusOr<absl::flat_hash_map<std::string, Base>> Bases(
    pg::Tx& tx, std::string_view region_code, const std::vector<std::string>& ids,
    const std::vector<std::string>& sha256s) {
  auto rows = tx.Query(kSqlBases, region_code, ids, sha256s);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, Base> bases;
  for (const auto& row : *rows) {
    bases[row[0].c_str()].payload = row[1].is_null() ? "" : pg::FromBytea(row[1].c_str());
  }
  return bases;
}

absl::StatusOr<absl::flat_hash_map<std::string, std::string>> MatchKeys(
    pg::Tx& tx, std::string_view region_code, const std::vector<std::string>& ids) {
  auto rows = tx.Query(kSqlMatchKeys, region_code, ids);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, std::string> keys;
  for (const auto& row : *rows) keys[row[0].c_str()] = row[1].c_str();
  return keys;
}

absl::Status PutEntries(pg::Tx& tx, const v1::RegisterSync& sync,
                        const std::vector<Mirrored>& entries) {
  if (entries.empty()) return absl::OkStatus();
  std::vector<std::string> ids, numbers, matches;
  for (const Mirrored& entry : entries) {
    ids.push_back(entry.id);
    numbers.push_back(entry.number);
    // Stored as every enum is: without the prefix.
    matches.push_back(v1::RegisterEntry::Match_Name(entry.match).substr(sizeof("MATCH_") - 1));
  }
  return tx.Execute(kSqlPutEntries, Region(sync), Id(sync), ids, numbers, matches).status();
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

absl::StatusOr<std::optional<int>> ShrinkPercent(pg::Tx& tx, std::string_view region_code) {
  auto rows = tx.Query(kSqlShrinkPercent, region_code);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  return (*rows)[0][0].as<int>();
}

absl::StatusOr<int64_t> CountListed(pg::Tx& tx, const v1::RegisterSync& sync) {
  auto rows = tx.Query(kSqlCountListed, Region(sync));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

absl::StatusOr<absl::flat_hash_map<std::string, std::string>> KnownProviders(
    pg::Tx& tx, std::string_view region_code, const std::vector<std::string>& inns) {
  auto rows = tx.Query(kSqlKnownProviders, region_code, inns);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, std::string> known;
  for (const auto& row : *rows) {
    known[row[0].c_str()] = NameOf(region_code, "organisations", row[1].c_str());
  }
  return known;
}

absl::StatusOr<std::vector<std::string>> TakenIds(pg::Tx& tx, std::string_view region_code,
                                                  const std::vector<std::string>& ids) {
  auto rows = tx.Query(kSqlTakenIds, region_code, ids);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> taken;
  for (const auto& row : *rows) taken.push_back(row[0].c_str());
  return taken;
}

absl::Status Prune(pg::Tx& tx, const v1::RegisterSync& sync, int keep) {
  return tx.Execute(kSqlPrune, Region(sync), keep).status();
}

}  // namespace rsnms::programs::register_store
