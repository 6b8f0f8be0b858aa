#include "services/programs/register/register_store.h"

#include "absl/strings/escaping.h"
#include "services/programs/names.h"

// No statistics know the run that is under way: the planner takes it to have no entries yet, and
// would read all of them again for each row of the other side. So its entries are looked up one by
// one, behind an `OFFSET 0` or in a subquery that answers one value, both of which stay as they are
// written.
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
  CROSS JOIN LATERAL (
    SELECT k.problem, k.payload_sha256 FROM register_snapshot k
    WHERE k.region_code = $1 AND k.register_sync_id = $2::uuid AND k.register_number = e.number
    OFFSET 0) AS s
  WHERE s.payload_sha256 <> e.sha256
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

constexpr char kSqlBases[] = R"sql(
  SELECT w.id::text, CASE WHEN e.sha256 = w.sha256 THEN NULL ELSE e.payload END
  FROM unnest($2::uuid[], $3::text[]) AS w (id, sha256)
  CROSS JOIN LATERAL (SELECT b.sha256, b.payload FROM register_entry b
                      WHERE b.region_code = $1 AND b.id = w.id OFFSET 0) AS e)sql";

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
  CROSS JOIN LATERAL (
    SELECT k.* FROM register_snapshot k
    WHERE k.region_code = $1 AND k.register_sync_id = $2::uuid AND k.register_number = e.number
    OFFSET 0) AS s
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

constexpr char kSqlReadPolicy[] =
    "SELECT shrink_percent, shrink_days FROM register_policy "
    "WHERE region_code = $1 AND delete_time IS NULL";

constexpr char kSqlKnownProviders[] = R"sql(
  SELECT w.inn, known.provider_id::text
  FROM (SELECT DISTINCT inn FROM unnest($2::text[]) AS i (inn)) AS w
  CROSS JOIN LATERAL (
    SELECT p.provider_id FROM programme p
    WHERE p.region_code = $1 AND p.provider_inn = w.inn AND p.provider_id IS NOT NULL
    ORDER BY p.provider_id LIMIT 1) AS known)sql";

// What was mirrored and then deleted is found too: under another number it stays deleted as well.
// Of those the snapshot shows only what it names as withdrawn, to tell what is registered anew, and
// what the register refused to tell ($5).
constexpr char kSqlNamesakes[] = R"sql(
  SELECT n.id::text,
         coalesce((SELECT s.problem = $5 FROM register_snapshot s
                   WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
                     AND s.register_number = p.federal_register_number), false)
  FROM (
    SELECT own.id FROM unnest($3::text[]) AS t (title)
    CROSS JOIN LATERAL (
      SELECT p.id FROM programme p
      WHERE p.region_code = $1 AND p.title = t.title AND p.delete_time IS NULL OFFSET 0) AS own
    UNION
    SELECT said.id FROM unnest($4::text[]) AS t (key)
    CROSS JOIN LATERAL (SELECT e.id FROM register_entry e
                        WHERE e.region_code = $1 AND e.match_key = t.key OFFSET 0) AS said) AS n
  JOIN programme p ON p.region_code = $1 AND p.id = n.id
  WHERE coalesce((SELECT s.withdrawn AND s.problem = '' OR s.problem = $5
                  FROM register_snapshot s
                  WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
                    AND s.register_number = p.federal_register_number), true))sql";

constexpr char kSqlTakenIds[] =
    "SELECT id::text FROM programme WHERE region_code = $1 AND id = ANY ($2::uuid[])";

constexpr char kSqlPlanAfresh[] = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)";

constexpr char kSqlPrune[] = R"sql(
  DELETE FROM register_snapshot
  WHERE region_code = $1 AND register_sync_id IN (
    SELECT id FROM register_sync
    WHERE region_code = $1 AND state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')
    ORDER BY create_time DESC OFFSET $2))sql";

std::string Region(const v1::RegisterSync& sync) { return std::string(RegionOf(sync.name())); }
std::string Id(const v1::RegisterSync& sync) { return std::string(IdOf(sync.name())); }

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

absl::StatusOr<Policy> ReadPolicy(pg::Tx& tx, std::string_view region_code) {
  auto rows = tx.Query(kSqlReadPolicy, region_code);
  if (!rows.ok()) return rows.status();
  Policy policy;
  if (rows->empty()) return policy;
  policy.shrink_percent = (*rows)[0][0].as<int>();
  if (!(*rows)[0][1].is_null()) policy.shrink_days = (*rows)[0][1].as<int>();
  return policy;
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

absl::StatusOr<std::vector<Namesake>> Namesakes(pg::Tx& tx, const v1::RegisterSync& sync,
                                                const std::vector<std::string>& titles,
                                                const std::vector<std::string>& keys) {
  auto rows = tx.Query(kSqlNamesakes, Region(sync), Id(sync), titles, keys,
                       std::string(register_rules::kNotVerified));
  if (!rows.ok()) return rows.status();
  std::vector<Namesake> namesakes;
  for (const auto& row : *rows) {
    namesakes.push_back({.id = row[0].c_str(), .untold = row[1].as<bool>()});
  }
  return namesakes;
}

absl::Status PlanAfresh(pg::Tx& tx) { return tx.Defer(kSqlPlanAfresh, pg::Params()); }

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
