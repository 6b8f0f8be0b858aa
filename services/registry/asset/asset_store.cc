#include "services/registry/asset/asset_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/attachment.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlRegulationOverlaps[] = R"sql(
SELECT EXISTS (
  SELECT FROM asset_regulation
   WHERE region_code = $1 AND id <> $2::uuid AND delete_time IS NULL
     AND daterange(start_date, end_date, '[]') && daterange($3::date, nullif($4, '')::date, '[]'))
)sql";

constexpr char kSqlIsInAsset[] = R"sql(
SELECT EXISTS (
  SELECT FROM methodologist
   WHERE region_code = $1 AND person_id = $2::uuid AND id <> $3::uuid AND delete_time IS NULL
     AND state NOT IN ('RELEASED', 'REJECTED'))
)sql";

constexpr char kSqlLoads[] = R"sql(
SELECT id, methodologist_id, educator_id, start_date - DATE '1970-01-01' AS first,
       end_date - DATE '1970-01-01' AS last
  FROM attachment_periods($1, $2::uuid[])
)sql";

constexpr char kSqlWorkplaces[] = R"sql(
SELECT q.place - 1 AS place, q.region, e.organisation_id, e.municipality_id
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS q (region, person, day, place)
 CROSS JOIN LATERAL (
   SELECT organisation_id, municipality_id FROM employment
    WHERE region_code = q.region AND person_id = q.person::uuid AND delete_time IS NULL
      AND start_date <= q.day::date AND coalesce(end_date, 'infinity') >= q.day::date
    ORDER BY main DESC, start_date, id
    LIMIT 1
 ) AS e
)sql";

constexpr char kSqlStaffFindings[] = R"sql(
SELECT EXISTS (
         SELECT FROM employment
          WHERE region_code = $1 AND person_id = $2::uuid AND organisation_id = $3::uuid AND delete_time IS NULL
            AND daterange(start_date, end_date, '[]') @> $5::date),
       EXISTS (
         SELECT FROM mms_staff_member
          WHERE region_code = $1 AND person_id = $2::uuid AND organisation_id = $3::uuid AND delete_time IS NULL
            AND id <> $4::uuid
            AND daterange(include_date, exclude_date, '[]') && daterange($5::date, nullif($6, '')::date, '[]'))
)sql";

constexpr char kSqlAgreement[] = R"sql(
SELECT '№ ' || number || coalesce(' от ' || to_char(signed_date, 'DD.MM.YYYY'), '') AS document,
       start_date - DATE '1970-01-01' AS first, last_date - DATE '1970-01-01' AS last
  FROM agreement
 WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL AND kind = 'THREE_PARTY'
   AND state IN ('IN_FORCE', 'EXPIRED', 'TERMINATED') AND $3 = ANY (municipalities_ids)
)sql";

constexpr char kSqlItems[] = R"sql(
SELECT count(*), count(*) FILTER (WHERE state = 'PLANNED')
  FROM work_plan_item
 WHERE region_code = $1 AND work_plan_id = $2::uuid AND delete_time IS NULL
)sql";

bool IsTrue(const pqxx::field& field) { return field.c_str()[0] == 't'; }

std::string IsoOrEmpty(bool set, const google::type::Date& date) { return set ? ToIso(date) : ""; }

}  // namespace

absl::StatusOr<v1::AssetRegulation> FindRegulation(const resource::Engine& engine, pg::Tx& tx,
                                                   const std::string& region_code,
                                                   const google::type::Date& day) {
  auto found = resource::Table<v1::AssetRegulation>(engine).Select(
      tx,
      "region_code = $1 AND delete_time IS NULL AND start_date <= $2::date "
      "AND coalesce(end_date, 'infinity') >= $2::date",
      region_code, ToIso(day));
  if (!found.ok()) return found.status();
  if (!found->empty()) return std::move(found->front());
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_NO_ASSET_REGULATION,
                    "no regulation of the asset holds on that day")
      .ToStatus();
}

absl::StatusOr<bool> RegulationOverlaps(pg::Tx& tx, const v1::AssetRegulation& regulation) {
  auto rows = tx.Query(kSqlRegulationOverlaps, RegionOf(regulation.name()), IdOf(regulation.name()),
                       ToIso(regulation.start_date()),
                       IsoOrEmpty(regulation.has_end_date(), regulation.end_date()));
  if (!rows.ok()) return rows.status();
  return IsTrue((*rows)[0][0]);
}

absl::StatusOr<bool> IsInAsset(pg::Tx& tx, const v1::Methodologist& methodologist) {
  auto rows = tx.Query(kSqlIsInAsset, RegionOf(methodologist.name()), IdOf(methodologist.person()),
                       IdOf(methodologist.name()));
  if (!rows.ok()) return rows.status();
  return IsTrue((*rows)[0][0]);
}

absl::StatusOr<std::vector<v1::Methodologist>> HoldMethodologists(
    const resource::Engine& engine, pg::Tx& tx, const std::vector<std::string>& names) {
  std::vector<v1::Methodologist> held;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto found = resource::Table<v1::Methodologist>(engine).Select(
        tx, "region_code = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE", region, ids);
    if (!found.ok()) return found.status();
    for (auto& methodologist : *found) held.push_back(std::move(methodologist));
  }
  return held;
}

absl::StatusOr<LoadBook> ReadLoads(pg::Tx& tx, const std::vector<std::string>& methodologists) {
  LoadBook book;
  for (const auto& [code, ids] : IdsByRegion(methodologists)) {
    auto rows = tx.Query(kSqlLoads, code, ids);
    if (!rows.ok()) return rows.status();
    const std::string region = absl::StrCat("regions/", code);
    for (const auto& row : *rows) {
      Period period{.first = 0};
      (void)absl::SimpleAtoi(row["first"].c_str(), &period.first);
      if (!absl::SimpleAtoi(row["last"].c_str(), &period.last)) period.last = Period::kOpen;
      book.Put(absl::StrCat(region, "/methodologists/", row["methodologist_id"].c_str()),
               absl::StrCat(region, "/attachments/", row["id"].c_str()),
               absl::StrCat(region, "/persons/", row["educator_id"].c_str()), period);
    }
  }
  return book;
}

absl::StatusOr<std::vector<std::optional<Workplace>>> FindWorkplaces(
    pg::Tx& tx, const std::vector<WorkplaceQuestion>& questions) {
  std::vector<std::optional<Workplace>> answers(questions.size());
  if (questions.empty()) return answers;
  std::vector<std::string> regions, persons, days;
  for (const auto& question : questions) {
    regions.push_back(RegionOf(question.person));
    persons.push_back(IdOf(question.person));
    days.push_back(ToIso(question.day));
  }
  auto rows = tx.Query(kSqlWorkplaces, regions, persons, days);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    const std::string region = absl::StrCat("regions/", row["region"].c_str());
    Workplace place{
        .organisation = absl::StrCat(region, "/organisations/", row["organisation_id"].c_str()),
        .municipality = ""};
    if (!row["municipality_id"].is_null())
      place.municipality = absl::StrCat(region, "/municipalities/", row["municipality_id"].c_str());
    answers[row["place"].as<size_t>()] = std::move(place);
  }
  return answers;
}

absl::StatusOr<StaffFindings> FindAgainst(pg::Tx& tx, const v1::MmsStaffMember& member) {
  auto rows =
      tx.Query(kSqlStaffFindings, RegionOf(member.name()), IdOf(member.person()),
               IdOf(member.organisation()), IdOf(member.name()), ToIso(member.include_date()),
               IsoOrEmpty(member.has_exclude_date(), member.exclude_date()));
  if (!rows.ok()) return rows.status();
  return StaffFindings{.employed = IsTrue((*rows)[0][0]), .repeated = IsTrue((*rows)[0][1])};
}

absl::StatusOr<std::optional<AgreementTerm>> FindAgreement(pg::Tx& tx, const std::string& agreement,
                                                           const std::string& municipality) {
  auto rows = tx.Query(kSqlAgreement, RegionOf(agreement), IdOf(agreement), IdOf(municipality));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  const auto& row = (*rows)[0];
  const absl::CivilDay epoch(1970, 1, 1);
  AgreementTerm term{.document = row["document"].c_str(),
                     .start = ToDate(epoch + row["first"].as<int>()),
                     .end = std::nullopt};
  if (!row["last"].is_null()) term.end = ToDate(epoch + row["last"].as<int>());
  return term;
}

absl::StatusOr<ItemCounts> CountItems(pg::Tx& tx, const std::string& work_plan) {
  auto rows = tx.Query(kSqlItems, RegionOf(work_plan), IdOf(work_plan));
  if (!rows.ok()) return rows.status();
  return ItemCounts{.all = (*rows)[0][0].as<int64_t>(), .unmarked = (*rows)[0][1].as<int64_t>()};
}

absl::Status EndAttachments(const resource::Engine& engine, pg::Tx& tx,
                            const journal::Author& author, const std::string& methodologist,
                            const google::type::Date& last_day) {
  const resource::Table<v1::Attachment> table(engine);
  auto living =
      table.Select(tx,
                   "region_code = $1 AND methodologist_id = $2::uuid AND delete_time IS NULL "
                   "AND coalesce(end_date, 'infinity') > $3::date ORDER BY id",
                   RegionOf(methodologist), IdOf(methodologist), ToIso(last_day));
  if (!living.ok()) return living.status();
  std::vector<v1::Attachment> shortened;
  for (v1::Attachment& attachment : *living) {
    if (ToCivil(attachment.start_date()) > ToCivil(last_day)) {
      if (auto s = table.Delete(tx, author, attachment); !s.ok()) return s;
      continue;
    }
    *attachment.mutable_end_date() = last_day;
    shortened.push_back(std::move(attachment));
  }
  return shortened.empty() ? absl::OkStatus() : table.Merge(tx, author, shortened).status();
}

}  // namespace rsnms::registry
