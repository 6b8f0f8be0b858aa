#include "services/diagnostics/open_deficits.h"

#include <utility>
#include <vector>

#include "libs/resource/text.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {
namespace {

constexpr std::string_view kSqlCampaigns =
    "SELECT id::text FROM campaign WHERE region_code = $1 AND id = ANY ($2::uuid[]) "
    "AND delete_time IS NULL ORDER BY id";

// $1 region, $2 campaigns, $3 municipality or '', $4 people a campaign assessed at least. `last` is
// what was found last about each person and competency the campaigns assessed, by whatever
// campaign; `done` what routes closed. Days of items are compared as numbers, yyyymmdd: they are
// what people wrote.
constexpr std::string_view kSqlOpen = R"sql(
  WITH counted AS MATERIALIZED (
    SELECT campaign_id FROM result
    WHERE region_code = $1 AND campaign_id = ANY ($2::uuid[]) AND ($3 = '' OR municipality_id = $3)
    GROUP BY 1 HAVING count(DISTINCT person_id) >= $4),
  told AS MATERIALIZED (
    SELECT r.person_id, s->>'competency_code' AS code, r.submit_date AS day,
           s->>'severity' IN ('SEVERITY_MODERATE', 'SEVERITY_SEVERE') AS lacks,
           r.campaign_id IN (SELECT campaign_id FROM counted)
             AND ($3 = '' OR r.municipality_id IS NOT DISTINCT FROM $3) AS counted
    FROM result r, jsonb_array_elements(r.scores) s
    WHERE r.region_code = $1
      AND r.submit_date >= (SELECT min(f.submit_date) FROM result f
                            WHERE f.region_code = $1
                              AND f.campaign_id IN (SELECT campaign_id FROM counted))
      AND coalesce(s->>'severity', '') NOT IN ('', 'SEVERITY_UNSPECIFIED')),
  last AS (
    SELECT person_id, code, bool_or(counted AND lacks) AS found,
           max(day) FILTER (WHERE lacks) AS lack_day, max(day) FILTER (WHERE NOT lacks) AS clean_day
    FROM told GROUP BY 1, 2 HAVING bool_or(counted)),
  done AS (
    SELECT t.person_id, c.code, max(r.submit_date) AS built_day,
           max((i->'done_date'->>'year')::int * 10000 + (i->'done_date'->>'month')::int * 100
               + (i->'done_date'->>'day')::int) AS done_day
    FROM route t JOIN result r ON r.region_code = t.region_code AND r.id = t.result_id,
         jsonb_array_elements(coalesce(t.items, '[]')) i,
         jsonb_array_elements_text(coalesce(i->'competency_codes', '[]')) c (code)
    WHERE t.region_code = $1 AND i->>'state' = 'STATE_DONE'
    GROUP BY 1, 2)
  SELECT l.code, count(*) FILTER (WHERE l.found AND coalesce(l.clean_day <= l.lack_day, true)
    AND NOT coalesce(d.built_day >= l.lack_day
                     OR d.done_day > to_char(l.lack_day, 'YYYYMMDD')::int, false))
  FROM last l LEFT JOIN done d USING (person_id, code)
  GROUP BY 1 HAVING count(*) >= $4 ORDER BY 1)sql";

}  // namespace

std::optional<v1::OpenDeficit> TellOpen(std::string competency_code, int64_t people) {
  if (people <= 0) return std::nullopt;
  v1::OpenDeficit told;
  told.set_competency_code(std::move(competency_code));
  if (people < kSmallCell) {
    told.set_suppressed(true);
  } else {
    told.set_people_count(people - people % kSmallCell);
  }
  return told;
}

absl::Status CountOpenDeficits(pg::Tx& tx, const v1::CountOpenDeficitsRequest& request,
                               v1::CountOpenDeficitsResponse* response) {
  response->Clear();
  const std::string region(RegionOf(request.parent()));
  std::vector<std::string> ids;
  for (const std::string& campaign : request.campaigns()) ids.emplace_back(IdOf(campaign));
  auto campaigns = tx.Query(kSqlCampaigns, region, ids);
  if (!campaigns.ok()) return campaigns.status();
  ids.clear();
  for (const auto& row : *campaigns) {
    ids.emplace_back(row[0].c_str());
    response->add_campaigns(resource::Cat("regions/", region, "/campaigns/", ids.back()));
  }
  auto rows =
      tx.Query(kSqlOpen, region, ids, std::string(IdOf(request.municipality())), kSmallCell);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    auto told = TellOpen(row[0].c_str(), row[1].as<int64_t>());
    if (told) *response->add_deficits() = *std::move(told);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::diagnostics
