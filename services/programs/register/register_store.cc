#include "services/programs/register/register_store.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "services/programs/names.h"

namespace rsnms::programs::register_store {
namespace {

constexpr char kSqlKeep[] = R"sql(
  INSERT INTO register_snapshot (region_code, register_sync_id, register_number, page_number,
                                 payload, payload_sha256, match_key, problem)
  SELECT $1, $2::uuid, e.number, $3, decode(e.payload, 'hex'), e.sha256, e.match_key, e.problem
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS e (number, payload, sha256, match_key, problem)
  ON CONFLICT (region_code, register_sync_id, register_number)
  DO UPDATE SET problem = 'two different entries share this number'
  WHERE register_snapshot.payload_sha256 <> excluded.payload_sha256)sql";

// The other side of a contradiction, so that the entries still add up.
constexpr char kSqlKeepContradicting[] = R"sql(
  INSERT INTO register_snapshot (region_code, register_sync_id, register_number, page_number,
                                 payload, payload_sha256, match_key, problem)
  SELECT $1, $2::uuid, '?' || e.sha256, $3, decode(e.payload, 'hex'), e.sha256, e.match_key,
         s.problem
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[])
    AS e (number, payload, sha256, match_key)
  JOIN register_snapshot s ON s.region_code = $1 AND s.register_sync_id = $2::uuid
    AND s.register_number = e.number AND s.payload_sha256 <> e.sha256
  ON CONFLICT DO NOTHING)sql";

constexpr char kSqlCount[] =
    "SELECT count(*) FROM register_snapshot WHERE region_code = $1 AND register_sync_id = $2::uuid";

constexpr char kSqlClear[] =
    "DELETE FROM register_snapshot WHERE region_code = $1 AND register_sync_id = $2::uuid";

constexpr char kSqlAfter[] = R"sql(
  SELECT register_number, payload, payload_sha256, match_key, problem
  FROM register_snapshot
  WHERE region_code = $1 AND register_sync_id = $2::uuid AND register_number > $3
  ORDER BY register_number LIMIT $4)sql";

constexpr char kSqlSetProblem[] = R"sql(
  UPDATE register_snapshot SET problem = $4
  WHERE region_code = $1 AND register_sync_id = $2::uuid AND register_number = $3)sql";

constexpr char kSqlProblemKeys[] = R"sql(
  SELECT match_key FROM register_snapshot
  WHERE region_code = $1 AND register_sync_id = $2::uuid AND problem <> '')sql";

// What the register says of titles and providers; the programme's own words may have been edited.
constexpr char kSqlMissing[] = R"sql(
  SELECT p.id::text, p.federal_register_number, p.title, p.provider_inn, p.provider_title,
         e.match_key
  FROM programme p LEFT JOIN register_entry e USING (region_code, id)
  WHERE p.region_code = $1 AND p.register_state = 'LISTED' AND p.delete_time IS NULL
    AND p.federal_register_number > $3
    AND NOT EXISTS (SELECT FROM register_snapshot s
                    WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
                      AND s.register_number = p.federal_register_number)
  ORDER BY p.federal_register_number)sql";

// Of entries nobody bears the number of.
constexpr char kSqlFreshKeys[] = R"sql(
  SELECT s.match_key FROM register_snapshot s
  WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid AND s.problem = ''
    AND NOT EXISTS (SELECT FROM programme p
                    WHERE p.region_code = $1 AND p.federal_register_number = s.register_number))sql";

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
                   THEN register_entry.match ELSE excluded.match END
  WHERE register_entry.sha256 <> excluded.sha256)sql";

constexpr char kSqlShrinkPercent[] =
    "SELECT shrink_percent FROM register_policy WHERE region_code = $1 AND delete_time IS NULL";

constexpr char kSqlCountListed[] = R"sql(
  SELECT count(*) FROM programme
  WHERE region_code = $1 AND register_state = 'LISTED' AND delete_time IS NULL)sql";

constexpr char kSqlKnownProviders[] = R"sql(
  SELECT provider_inn, min(provider_id::text) FROM programme
  WHERE region_code = $1 AND provider_inn = ANY ($2::text[]) AND provider_id IS NOT NULL
  GROUP BY provider_inn)sql";

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

absl::StatusOr<absl::flat_hash_set<std::string>> Keys(pg::Tx& tx, const char* sql,
                                                      const v1::RegisterSync& sync) {
  auto rows = tx.Query(sql, Region(sync), Id(sync));
  if (!rows.ok()) return rows.status();
  absl::flat_hash_set<std::string> keys;
  for (const auto& row : *rows) keys.insert(row[0].c_str());
  return keys;
}

}  // namespace

absl::Status Keep(pg::Tx& tx, const v1::RegisterSync& sync,
                  const std::vector<register_rules::Entry>& entries) {
  std::vector<std::string> numbers, payloads, hashes, keys, problems;
  for (const register_rules::Entry& entry : entries) {
    numbers.push_back(entry.number);
    payloads.push_back(absl::BytesToHexString(entry.payload));
    hashes.push_back(entry.sha256);
    keys.push_back(entry.match_key);
    problems.push_back(entry.problem);
  }
  auto kept = tx.Execute(kSqlKeep, Region(sync), Id(sync), sync.page_count(), numbers, payloads,
                         hashes, keys, problems);
  if (!kept.ok()) return kept.status();
  return tx
      .Execute(kSqlKeepContradicting, Region(sync), Id(sync), sync.page_count(), numbers, payloads,
               hashes, keys)
      .status();
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
                       .problem = row[4].c_str()});
  }
  return entries;
}

absl::Status SetProblem(pg::Tx& tx, const v1::RegisterSync& sync, std::string_view number,
                        std::string_view problem) {
  return tx.Execute(kSqlSetProblem, Region(sync), Id(sync), number, problem).status();
}

absl::StatusOr<std::vector<Missing>> FindMissing(pg::Tx& tx, const v1::RegisterSync& sync,
                                                 std::string_view after_number, int limit) {
  auto rows = tx.Query(kSqlMissing, Region(sync), Id(sync), after_number);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::vector<Missing>();
  auto unreadable = Keys(tx, kSqlProblemKeys, sync);
  if (!unreadable.ok()) return unreadable.status();
  auto fresh = Keys(tx, kSqlFreshKeys, sync);
  if (!fresh.ok()) return fresh.status();
  std::vector<Missing> missing;
  for (const auto& row : *rows) {
    if (static_cast<int>(missing.size()) == limit) break;
    const std::string own =
        register_rules::MatchKey(row[2].c_str(), row[3].c_str(), row[4].c_str());
    const std::string said = row[5].is_null() ? own : row[5].c_str();
    if (unreadable->contains(own) || unreadable->contains(said)) continue;
    missing.push_back({.id = row[0].c_str(),
                       .number = row[1].c_str(),
                       .renumbered = fresh->contains(own) || fresh->contains(said)});
  }
  return missing;
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
