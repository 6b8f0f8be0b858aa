#include "services/programs/catalogue/catalogue_store.h"

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/catalogue/version_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::catalogue_store {
namespace {

constexpr char kSqlInForce[] = R"sql(
region_code = $1 AND delete_time IS NULL AND start_date <= $2::date
ORDER BY start_date DESC LIMIT 1)sql";

constexpr char kSqlRulesUsed[] = R"sql(
SELECT EXISTS (SELECT FROM programme_version WHERE region_code = $1 AND rules_id = $2::uuid))sql";

constexpr char kSqlHoldProgramme[] = R"sql(
SELECT FROM programme WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL FOR NO KEY UPDATE)sql";

constexpr char kSqlVersions[] = R"sql(
SELECT coalesce(max(number), 0),
       coalesce(bool_or(delete_time IS NULL AND state IN ('DRAFT', 'EXPERTISE', 'REWORK')), false)
  FROM programme_version WHERE region_code = $1 AND programme_id = $2::uuid)sql";

// Who is or was an author of any version of the programme that version $2 is of.
constexpr char kSqlWriters[] = R"sql(
SELECT DISTINCT unnest(authors_ids || former_authors_ids) FROM programme_version
 WHERE region_code = $1 AND (id = $2::uuid OR programme_id = (
         SELECT programme_id FROM programme_version WHERE region_code = $1 AND id = $2::uuid)))sql";

// Two people may have turned out to be one, or an author, since they were asked.
constexpr char kSqlReviews[] = R"sql(
SELECT count(*), count(*) FILTER (WHERE positive), max(last)::text
  FROM (SELECT bool_and(decision = 'POSITIVE') AS positive, max(review_date) AS last
          FROM expert_review
         WHERE region_code = $1 AND programme_version_id = $2::uuid AND round = $3 AND state = 'GIVEN'
           AND delete_time IS NULL AND person_id::text <> ALL ($4::text[])
         GROUP BY person_id) AS opinions)sql";

constexpr char kSqlAsked[] = R"sql(
SELECT EXISTS (SELECT FROM expert_review
                WHERE region_code = $1 AND programme_version_id = $2::uuid AND round = $3
                  AND (expert_id = $4::uuid OR person_id = $5::uuid)
                  AND state IN ('ASSIGNED', 'GIVEN') AND delete_time IS NULL))sql";

// In one order, so that writers of several numbers do not wait for each other.
constexpr char kSqlHoldNumbers[] = R"sql(
SELECT count(pg_advisory_xact_lock(hashtextextended('register number ' || $1 || ' ' || number, 0)))
  FROM (SELECT DISTINCT number FROM unnest($2::text[]) AS number ORDER BY number OFFSET 0) AS numbers)sql";

constexpr char kSqlNumberTaken[] = R"sql(
SELECT EXISTS (SELECT FROM programme
                WHERE region_code = $1 AND federal_register_number = $2
                  AND id IS DISTINCT FROM $3::uuid)
    OR EXISTS (SELECT FROM programme_version
                WHERE region_code = $1 AND federal_register_number = $2 AND id <> $4::uuid
                  AND programme_id IS DISTINCT FROM $3::uuid AND delete_time IS NULL))sql";

constexpr char kSqlNumbersOfVersions[] = R"sql(
SELECT DISTINCT federal_register_number, programme_id FROM programme_version
 WHERE region_code = $1 AND federal_register_number = ANY ($2::text[]) AND delete_time IS NULL
   AND programme_id IS NOT NULL)sql";

constexpr char kSqlCovers[] = "SELECT scope_allows($1, NULL, NULL, NULL)";

std::string Id(const std::string& name) { return std::string(IdOf(name)); }
std::string Region(const std::string& name) { return std::string(RegionOf(name)); }

// One row that is always there.
template <class Read, class... T>
absl::Status ReadUnscoped(pg::Tx& tx, const std::string& region, const char* sql, const Read& read,
                          const T&... values) {
  return tx.Unscoped(region, [&] {
    auto rows = tx.Query(sql, region, values...);
    if (rows.ok()) read((*rows)[0]);
    return rows.status();
  });
}

absl::StatusOr<std::vector<std::string>> ReadWriterIds(pg::Tx& tx, const std::string& version) {
  std::vector<std::string> ids;
  auto status = tx.Unscoped(Region(version), [&] {
    auto rows = tx.Query(kSqlWriters, Region(version), Id(version));
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) ids.emplace_back(row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return ids;
}

}  // namespace

absl::StatusOr<v1::TrainingRules> RulesInForce(const resource::Engine& engine, pg::Tx& tx,
                                               std::string_view region_code, absl::CivilDay day) {
  const std::string region(region_code);
  v1::TrainingRules rules;
  auto status = tx.Unscoped(region, [&] {
    auto found = resource::Table<v1::TrainingRules>(engine).Select(tx, kSqlInForce, region,
                                                                   absl::FormatCivilTime(day));
    if (found.ok() && !found->empty()) rules = found->front();
    return found.status();
  });
  if (!status.ok()) return status;
  if (rules.name().empty()) (void)version_rules::CheckRules(&rules);  // the defaults
  return rules;
}

absl::StatusOr<v1::TrainingRules> HoldRulesInForce(const resource::Engine& engine, pg::Tx& tx,
                                                   std::string_view region_code,
                                                   absl::CivilDay day) {
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    auto rules = RulesInForce(engine, tx, region_code, day);
    if (!rules.ok() || rules->name().empty()) return rules;
    bool same = false;
    auto status = tx.Unscoped(region_code, [&] {
      auto held =
          resource::Table<v1::TrainingRules>(engine).Get(tx, rules->name(), resource::Lock::kShare);
      same = held.ok() && held->etag() == rules->etag() && !held->has_delete_time();
      return absl::IsNotFound(held.status()) ? absl::OkStatus() : held.status();
    });
    if (!status.ok()) return status;
    if (same) return rules;
  }
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                    "the rules change meanwhile");
}

absl::StatusOr<v1::TrainingRules> RulesOfRound(const resource::Engine& engine, pg::Tx& tx,
                                               const v1::ProgrammeVersion& version) {
  v1::TrainingRules rules;
  if (version.rules().empty()) {
    (void)version_rules::CheckRules(&rules);  // the defaults
    return rules;
  }
  auto status = tx.Unscoped(Region(version.name()), [&] {
    auto found = resource::Table<v1::TrainingRules>(engine).Get(tx, version.rules());
    if (found.ok()) rules = *std::move(found);
    return found.status();
  });
  if (!status.ok()) return status;
  return rules;
}

absl::StatusOr<bool> AreRulesUsed(pg::Tx& tx, const std::string& rules) {
  bool used = false;
  auto status = ReadUnscoped(
      tx, Region(rules), kSqlRulesUsed, [&](const pqxx::row& row) { used = row[0].as<bool>(); },
      Id(rules));
  if (!status.ok()) return status;
  return used;
}

absl::StatusOr<Versions> HoldVersions(pg::Tx& tx, const std::string& programme) {
  Versions versions;
  auto held = tx.Query(kSqlHoldProgramme, Region(programme), Id(programme));
  if (!held.ok()) return held.status();
  versions.exists = !held->empty();
  auto status = ReadUnscoped(
      tx, Region(programme), kSqlVersions,
      [&](const pqxx::row& row) {
        versions.greatest_number = row[0].as<int>();
        versions.in_work = row[1].as<bool>();
      },
      Id(programme));
  if (!status.ok()) return status;
  return versions;
}

absl::StatusOr<review_rules::Reviews> ReadReviews(pg::Tx& tx, const std::string& version,
                                                  int round) {
  review_rules::Reviews reviews;
  auto writers = ReadWriterIds(tx, version);
  if (!writers.ok()) return writers.status();
  auto status = ReadUnscoped(
      tx, Region(version), kSqlReviews,
      [&](const pqxx::row& row) {
        reviews.given = row[0].as<int>();
        reviews.positive = row[1].as<int>();
        if (!row[2].is_null()) (void)absl::ParseCivilTime(row[2].c_str(), &reviews.last);
      },
      Id(version), round, *writers);
  if (!status.ok()) return status;
  return reviews;
}

absl::StatusOr<std::vector<std::string>> ReadWriters(pg::Tx& tx, const std::string& version) {
  auto ids = ReadWriterIds(tx, version);
  if (!ids.ok()) return ids.status();
  for (std::string& id : *ids) id = NameOf(RegionOf(version), "persons", id);
  return ids;
}

absl::StatusOr<bool> IsAsked(pg::Tx& tx, const v1::ExpertReview& review) {
  bool asked = false;
  auto status = ReadUnscoped(
      tx, Region(review.programme_version()), kSqlAsked,
      [&](const pqxx::row& row) { asked = row[0].as<bool>(); }, Id(review.programme_version()),
      review.round(), Id(review.expert()), Id(review.person()));
  if (!status.ok()) return status;
  return asked;
}

absl::StatusOr<bool> IsNumberTaken(pg::Tx& tx, const v1::ProgrammeVersion& version) {
  const std::string region = Region(version.name()), &number = version.federal_register_number();
  std::optional<std::string> programme;
  if (!version.programme().empty()) programme = Id(version.programme());
  bool taken = false;
  const std::vector<std::string> numbers = {number};
  if (auto held = tx.Query(kSqlHoldNumbers, region, numbers); !held.ok()) return held.status();
  auto status = ReadUnscoped(
      tx, region, kSqlNumberTaken, [&](const pqxx::row& row) { taken = row[0].as<bool>(); }, number,
      programme, Id(version.name()));
  if (!status.ok()) return status;
  return taken;
}

absl::StatusOr<bool> CoversRegion(pg::Tx& tx, const std::string& region) {
  auto rows = tx.Query(kSqlCovers, region);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<bool>();
}

absl::StatusOr<NumbersOfVersions> ReadNumbersOfVersions(pg::Tx& tx, const std::string& region,
                                                        const std::vector<std::string>& numbers) {
  NumbersOfVersions found;
  if (auto held = tx.Query(kSqlHoldNumbers, region, numbers); !held.ok()) return held.status();
  auto status = tx.Unscoped(region, [&] {
    auto rows = tx.Query(kSqlNumbersOfVersions, region, numbers);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      found[row[0].c_str()].insert(NameOf(region, "programmes", row[1].c_str()));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return found;
}

}  // namespace rsnms::programs::catalogue_store
