#include "services/registry/structure/structure_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlKinds[] = R"sql(
SELECT 'regions/' || region_code || '/systemProfiles/' || id AS name,
       ARRAY(SELECT kind ->> 'code' FROM jsonb_array_elements(kinds) AS kind) AS kinds
  FROM system_profile
 WHERE region_code = $1 AND id = ANY($2::text[])
 ORDER BY id
   FOR NO KEY UPDATE
)sql";

constexpr char kSqlSubjects[] = R"sql(
SELECT 'regions/' || region_code || '/systemSubjects/' || id AS name,
       'regions/' || region_code || '/systemProfiles/' || profile_id AS profile,
       coalesce('regions/' || region_code || '/systemSubjects/' || parent_id, '') AS parent,
       delete_time IS NOT NULL AS deleted
  FROM system_subject
 WHERE region_code = $1 AND profile_id = ANY($2::text[])
)sql";

constexpr char kSqlActingPeriods[] = R"sql(
SELECT 'regions/' || region_code || '/systemSubjects/' || subject_id || ' regions/' || region_code
         || '/organisations/' || organisation_id AS key,
       'regions/' || region_code || '/actingOrganisations/' || id AS name,
       valid_from_date - DATE '1970-01-01' AS first, valid_until_date - DATE '1970-01-01' AS last
  FROM acting_organisation
 WHERE region_code = $1 AND organisation_id = ANY($2::uuid[]) AND delete_time IS NULL
)sql";

constexpr char kSqlProfileNamePeriods[] = R"sql(
SELECT 'regions/' || region_code || '/systemProfiles/' || profile_id || ' regions/' || region_code
         || '/organisations/' || organisation_id AS key,
       'regions/' || region_code || '/organisationProfileNames/' || id AS name,
       valid_from_date - DATE '1970-01-01' AS first, valid_until_date - DATE '1970-01-01' AS last
  FROM organisation_profile_name
 WHERE region_code = $1 AND organisation_id = ANY($2::uuid[]) AND delete_time IS NULL
)sql";

constexpr char kSqlActing[] = R"sql(
SELECT 'regions/' || a.region_code || '/systemSubjects/' || a.subject_id AS subject,
       'regions/' || a.region_code || '/organisations/' || a.organisation_id AS organisation
  FROM acting_organisation a
  JOIN system_subject s ON s.region_code = a.region_code AND s.id = a.subject_id
  JOIN organisation o ON o.region_code = a.region_code AND o.id = a.organisation_id
 WHERE a.region_code = $1 AND s.profile_id = $2 AND a.delete_time IS NULL AND o.delete_time IS NULL
   AND a.valid_from_date <= $3::date AND coalesce(a.valid_until_date, 'infinity') >= $3::date
   AND coalesce(o.closed_date, 'infinity') >= $3::date
 ORDER BY o.official_name, o.id
)sql";

constexpr char kSqlDistricts[] = R"sql(
SELECT 'regions/' || region_code || '/districts/' || id AS name, kind, head_mode,
       delete_time IS NOT NULL OR state = 'CLOSED' AS closed
  FROM district
 WHERE region_code = $1 AND id = ANY($2::uuid[])
 ORDER BY id
   FOR NO KEY UPDATE
)sql";

constexpr char kSqlMemberPeriods[] = R"sql(
SELECT kind || ' regions/' || region_code || '/municipalities/' || municipality_id AS key,
       'regions/' || region_code || '/districtMembers/' || id AS name,
       valid_from_date - DATE '1970-01-01' AS first, valid_until_date - DATE '1970-01-01' AS last
  FROM district_member
 WHERE region_code = $1 AND municipality_id = ANY($2::text[]) AND delete_time IS NULL
)sql";

constexpr char kSqlOfficerPeriods[] = R"sql(
SELECT role, 'regions/' || region_code || '/districts/' || district_id AS district,
       'regions/' || region_code || '/persons/' || person_id AS person,
       'regions/' || region_code || '/districtOfficers/' || id AS name,
       valid_from_date - DATE '1970-01-01' AS first, valid_until_date - DATE '1970-01-01' AS last
  FROM district_officer
 WHERE region_code = $1 AND district_id = ANY($2::uuid[]) AND delete_time IS NULL
)sql";

constexpr char kSqlMembersOn[] = R"sql(
SELECT 'regions/' || region_code || '/municipalities/' || municipality_id
  FROM district_member
 WHERE region_code = $1 AND district_id = $2::uuid AND delete_time IS NULL
   AND valid_from_date <= $3::date AND coalesce(valid_until_date, 'infinity') >= $3::date
)sql";

constexpr char kSqlTurns[] = R"sql(
SELECT 'regions/' || region_code || '/municipalities/' || municipality_id, count(*)
  FROM district_officer
 WHERE region_code = $1 AND district_id = $2::uuid AND role = 'HEAD' AND delete_time IS NULL
   AND municipality_id IS NOT NULL AND valid_from_date < $3::date
 GROUP BY region_code, municipality_id
)sql";

Period PeriodIn(const pqxx::row& row) {
  Period period{.first = 0};
  (void)absl::SimpleAtoi(row["first"].c_str(), &period.first);
  if (!absl::SimpleAtoi(row["last"].c_str(), &period.last)) period.last = Period::kOpen;
  return period;
}

absl::StatusOr<PeriodBook> ReadPeriods(pg::Tx& tx, const char* sql,
                                       const std::vector<std::string>& names) {
  PeriodBook book;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(sql, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) book.Put(row["key"].c_str(), row["name"].c_str(), PeriodIn(row));
  }
  return book;
}

}  // namespace

absl::StatusOr<ByName<absl::flat_hash_set<std::string>>> LockKinds(
    pg::Tx& tx, const std::vector<std::string>& profiles) {
  ByName<absl::flat_hash_set<std::string>> found;
  for (const auto& [region, ids] : IdsByRegion(profiles)) {
    auto rows = tx.Query(kSqlKinds, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      const auto kinds = pg::FromArray(row["kinds"].c_str());
      found[row["name"].c_str()].insert(kinds.begin(), kinds.end());
    }
  }
  return found;
}

absl::StatusOr<ByName<SubjectFacts>> SubjectsOf(pg::Tx& tx,
                                                const std::vector<std::string>& profiles) {
  ByName<SubjectFacts> found;
  for (const auto& [region, ids] : IdsByRegion(profiles)) {
    auto rows = tx.Query(kSqlSubjects, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      found[row["name"].c_str()] = {.profile = row["profile"].c_str(),
                                    .parent = row["parent"].c_str(),
                                    .deleted = row["deleted"].c_str()[0] == 't'};
    }
  }
  return found;
}

absl::StatusOr<PeriodBook> ReadActingPeriods(pg::Tx& tx,
                                             const std::vector<std::string>& organisations) {
  return ReadPeriods(tx, kSqlActingPeriods, organisations);
}

absl::StatusOr<PeriodBook> ReadProfileNamePeriods(pg::Tx& tx,
                                                  const std::vector<std::string>& organisations) {
  return ReadPeriods(tx, kSqlProfileNamePeriods, organisations);
}

absl::StatusOr<Acting> ReadActing(pg::Tx& tx, const std::string& profile,
                                  const google::type::Date& day) {
  auto rows = tx.Query(kSqlActing, RegionOf(profile), IdOf(profile), ToIso(day));
  if (!rows.ok()) return rows.status();
  Acting acting;
  for (const auto& row : *rows)
    acting[row["subject"].c_str()].emplace_back(row["organisation"].c_str());
  return acting;
}

absl::StatusOr<ByName<DistrictFacts>> LockDistricts(pg::Tx& tx,
                                                    const std::vector<std::string>& districts) {
  ByName<DistrictFacts> found;
  for (const auto& [region, ids] : IdsByRegion(districts)) {
    auto rows = tx.Query(kSqlDistricts, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      DistrictFacts& facts = found[row["name"].c_str()];
      v1::DistrictKind_Parse(absl::StrCat("DISTRICT_KIND_", row["kind"].c_str()), &facts.kind);
      v1::DistrictHeadMode_Parse(absl::StrCat("DISTRICT_HEAD_MODE_", row["head_mode"].c_str()),
                                 &facts.head_mode);
      facts.closed = row["closed"].c_str()[0] == 't';
    }
  }
  return found;
}

absl::StatusOr<PeriodBook> ReadMemberPeriods(pg::Tx& tx,
                                             const std::vector<std::string>& municipalities) {
  return ReadPeriods(tx, kSqlMemberPeriods, municipalities);
}

absl::StatusOr<PeriodBook> ReadOfficerPeriods(pg::Tx& tx,
                                              const std::vector<std::string>& districts) {
  PeriodBook book;
  for (const auto& [region, ids] : IdsByRegion(districts)) {
    auto rows = tx.Query(kSqlOfficerPeriods, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      const std::string role = row["role"].c_str(), district = row["district"].c_str();
      book.Put(absl::StrCat(role, " ", district, " ", row["person"].c_str()), row["name"].c_str(),
               PeriodIn(row));
      if (role == "HEAD")
        book.Put(absl::StrCat(role, " ", district), row["name"].c_str(), PeriodIn(row));
    }
  }
  return book;
}

absl::StatusOr<absl::flat_hash_set<std::string>> MembersOn(pg::Tx& tx, const std::string& district,
                                                           const google::type::Date& day) {
  auto rows = tx.Query(kSqlMembersOn, RegionOf(district), IdOf(district), ToIso(day));
  if (!rows.ok()) return rows.status();
  absl::flat_hash_set<std::string> members;
  for (const auto& row : *rows) members.insert(row[0].c_str());
  return members;
}

absl::StatusOr<std::map<std::string, int>> TurnsBefore(pg::Tx& tx, const std::string& district,
                                                       const google::type::Date& day) {
  auto rows = tx.Query(kSqlTurns, RegionOf(district), IdOf(district), ToIso(day));
  if (!rows.ok()) return rows.status();
  std::map<std::string, int> turns;
  for (const auto& row : *rows) (void)absl::SimpleAtoi(row[1].c_str(), &turns[row[0].c_str()]);
  return turns;
}

}  // namespace rsnms::registry
