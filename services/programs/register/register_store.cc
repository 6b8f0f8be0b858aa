#include "services/programs/register/register_store.h"

#include <limits>

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

constexpr char kSqlMissing[] = R"sql(
  SELECT p.id::text, p.federal_register_number, p.title, p.provider_inn, p.provider_title
  FROM programme p
  WHERE p.region_code = $1 AND p.register_state = 'LISTED' AND p.delete_time IS NULL
    AND p.federal_register_number > $3
    AND NOT EXISTS (SELECT FROM register_snapshot s
                    WHERE s.region_code = $1 AND s.register_sync_id = $2::uuid
                      AND s.register_number = p.federal_register_number)
  ORDER BY p.federal_register_number)sql";

constexpr char kSqlCountListed[] = R"sql(
  SELECT count(*) FROM programme
  WHERE region_code = $1 AND register_state = 'LISTED' AND delete_time IS NULL)sql";

constexpr char kSqlKnownProviders[] = R"sql(
  SELECT provider_inn, min(provider_id::text) FROM programme
  WHERE region_code = $1 AND provider_inn = ANY ($2::text[]) AND provider_id IS NOT NULL
  GROUP BY provider_inn)sql";

constexpr char kSqlPrune[] = R"sql(
  DELETE FROM register_snapshot
  WHERE region_code = $1 AND register_sync_id IN (
    SELECT id FROM register_sync
    WHERE region_code = $1 AND state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')
    ORDER BY create_time DESC OFFSET $2))sql";

std::string Region(const v1::RegisterSync& sync) { return std::string(RegionOf(sync.name())); }
std::string Id(const v1::RegisterSync& sync) { return std::string(IdOf(sync.name())); }

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
  auto problems = tx.Query(kSqlProblemKeys, Region(sync), Id(sync));
  if (!problems.ok()) return problems.status();
  absl::flat_hash_set<std::string> unreadable;
  for (const auto& row : *problems) unreadable.insert(row[0].c_str());
  auto rows = tx.Query(kSqlMissing, Region(sync), Id(sync), after_number);
  if (!rows.ok()) return rows.status();
  std::vector<Missing> missing;
  for (const auto& row : *rows) {
    if (static_cast<int>(missing.size()) == limit) break;
    const std::string key =
        register_rules::MatchKey(row[2].c_str(), row[3].c_str(), row[4].c_str());
    if (!unreadable.contains(key)) missing.push_back({row[0].c_str(), row[1].c_str()});
  }
  return missing;
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

absl::Status Prune(pg::Tx& tx, const v1::RegisterSync& sync, int keep) {
  return tx.Execute(kSqlPrune, Region(sync), keep).status();
}

}  // namespace rsnms::programs::register_store
