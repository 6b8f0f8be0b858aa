#include "services/registry/community/community_review_store.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/community/community_kinds.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

// $1 region, $2 first and $3 last day, $4 the school year in which it ends, $5 acts, $6 kinds and
// $7 least meetings of those kinds that must meet, $8 row limit. Only bodies whose organisation the
// caller sees: others' meetings are hidden and would look as if they were not held.
constexpr char kSqlFindings[] = R"sql(
WITH body AS (
  SELECT c.region_code, c.id, c.title, c.act, c.kind
    FROM community c
   WHERE c.region_code = $1 AND c.delete_time IS NULL AND c.state IN ('CREATED', 'ACTIVE')
     AND c.established_date <= $3::date
     AND (scope_allows(c.region_code, NULL, c.organisation_id::text, NULL)
          OR EXISTS (SELECT FROM organisation o
                      WHERE o.region_code = c.region_code AND o.id = c.organisation_id))
), due AS (
  SELECT * FROM unnest($5::text[], $6::text[], $7::bigint[]) AS d (act, kind, least)
), finding AS (
  SELECT b.id, b.title, 'TOO_FEW_MEETINGS' AS kind, '' AS subject, $3::date AS day
    FROM body b JOIN due d ON d.act = b.act AND d.kind = b.kind
   WHERE d.least > (SELECT count(*) FROM meeting m
                     WHERE m.region_code = b.region_code AND m.community_id = b.id
                       AND m.delete_time IS NULL AND m.held_date BETWEEN $2::date AND $3::date)
  UNION ALL
  SELECT b.id, b.title,
         CASE m.state WHEN 'HELD' THEN 'NO_MINUTES' ELSE 'MEETING_MISSED' END,
         'regions/' || m.region_code || '/meetings/' || m.id,
         coalesce(m.held_date, m.planned_date)
    FROM body b JOIN meeting m ON m.region_code = b.region_code AND m.community_id = b.id
   WHERE m.delete_time IS NULL
     AND ((m.state = 'HELD' AND m.held_date BETWEEN $2::date AND $3::date)
          OR (m.state = 'PLANNED' AND m.planned_date BETWEEN $2::date AND $3::date))
  UNION ALL
  SELECT b.id, b.title, 'DECISION_OVERDUE',
         'regions/' || d.region_code || '/meetingDecisions/' || d.id, d.due_date
    FROM body b JOIN meeting m ON m.region_code = b.region_code AND m.community_id = b.id
    JOIN meeting_decision d ON d.region_code = m.region_code AND d.meeting_id = m.id
   WHERE m.delete_time IS NULL AND m.state = 'RECORDED'
     AND d.delete_time IS NULL AND d.state = 'ASSIGNED' AND d.due_date < $3::date
  UNION ALL
  SELECT b.id, b.title, 'NO_PLAN', '', $3::date
    FROM body b
   WHERE NOT EXISTS (SELECT FROM community_plan p
                      WHERE p.region_code = b.region_code AND p.community_id = b.id
                        AND p.delete_time IS NULL AND p.school_year = $4
                        AND p.state IN ('APPROVED', 'REPORTED'))
  UNION ALL
  SELECT b.id, b.title, 'PLANNED_MONTH_EMPTY', 'regions/' || p.region_code || '/communityPlans/' || p.id,
         month.last
    FROM body b JOIN community_plan p ON p.region_code = b.region_code AND p.community_id = b.id
   CROSS JOIN LATERAL (
     SELECT DISTINCT first, (first + interval '1 month' - interval '1 day')::date AS last
       FROM jsonb_array_elements(p.items) AS i, coalesce((i ->> 'month')::int, 0) AS number,
            make_date(p.school_year + CASE WHEN number < 9 THEN 1 ELSE 0 END, greatest(number, 1), 1) AS first
      WHERE number > 0) AS month
   WHERE p.delete_time IS NULL AND p.state IN ('APPROVED', 'REPORTED')
     AND month.first >= $2::date AND month.last <= $3::date
     AND NOT EXISTS (SELECT FROM meeting m
                      WHERE m.region_code = b.region_code AND m.community_id = b.id AND m.delete_time IS NULL
                        AND m.held_date BETWEEN month.first AND month.last)
)
SELECT id, title, kind, subject, to_char(day, 'YYYY') AS year, to_char(day, 'MM') AS month,
       to_char(day, 'DD') AS day
  FROM finding ORDER BY title, id, finding.day, kind, subject LIMIT $8
)sql";

int Number(const pqxx::row& row, const char* column) {
  int number = 0;
  (void)absl::SimpleAtoi(row[column].c_str(), &number);
  return number;
}

const char* TextOf(v1::CommunityFindingKind kind) {
  switch (kind) {
    case v1::COMMUNITY_FINDING_KIND_TOO_FEW_MEETINGS:
      return "За период проведено меньше заседаний, чем предусмотрено: проведите заседание.";
    case v1::COMMUNITY_FINDING_KIND_NO_MINUTES:
      return "Заседание проведено без утверждённого протокола: утвердите протокол.";
    case v1::COMMUNITY_FINDING_KIND_DECISION_OVERDUE:
      return "Срок решения истёк: отметьте исполнение или укажите причину неисполнения.";
    case v1::COMMUNITY_FINDING_KIND_MEETING_MISSED:
      return "День запланированного заседания прошёл: внесите итоги или отмените заседание.";
    case v1::COMMUNITY_FINDING_KIND_PLANNED_MONTH_EMPTY:
      return "На месяц есть строки плана, а заседаний не проведено: внесите заседание или уточните "
             "план.";
    default:
      return "Нет утверждённого плана на учебный год: утвердите план.";
  }
}

void FillFinding(const pqxx::row& row, const std::string& parent, v1::CommunityFinding* finding) {
  v1::CommunityFindingKind kind = v1::COMMUNITY_FINDING_KIND_UNSPECIFIED;
  (void)v1::CommunityFindingKind_Parse(absl::StrCat("COMMUNITY_FINDING_KIND_", row["kind"].c_str()),
                                       &kind);
  finding->set_kind(kind);
  finding->set_community(absl::StrCat(parent, "/communities/", row["id"].c_str()));
  finding->set_title(row["title"].c_str());
  finding->set_subject(row["subject"].c_str());
  finding->mutable_day()->set_year(Number(row, "year"));
  finding->mutable_day()->set_month(Number(row, "month"));
  finding->mutable_day()->set_day(Number(row, "day"));
  finding->set_text_ru(TextOf(kind));
}

}  // namespace

absl::Status ReadFindings(pg::Tx& tx, const v1::ReviewCommunitiesRequest& request,
                          v1::ReviewCommunitiesResponse* response) {
  std::vector<std::string> acts, kinds;
  std::vector<int64_t> least;
  for (const auto& entry : CommunityKinds().entries()) {
    if (entry.meetings_per_term() == 0) continue;
    acts.push_back(v1::RegulationAct_Name(entry.act()).substr(sizeof("REGULATION_ACT_") - 1));
    kinds.push_back(v1::CommunityKind_Name(entry.kind()).substr(sizeof("COMMUNITY_KIND_") - 1));
    least.push_back(entry.meetings_per_term());
  }
  // A school year begins in September.
  const auto& last = request.end_date();
  const int school_year = last.month() >= 9 ? last.year() : last.year() - 1;
  const int limit = request.limit() == 0 ? 200 : std::min(request.limit(), 1000);
  auto rows = tx.Query(kSqlFindings, RegionOf(request.parent()), ToIso(request.start_date()),
                       ToIso(last), school_year, acts, kinds, least, limit + 1);
  if (!rows.ok()) return rows.status();
  response->Clear();  // the transaction may run again
  for (const auto& row : *rows) {
    if (response->findings_size() == limit) {
      response->set_truncated(true);
      break;
    }
    FillFinding(row, request.parent(), response->add_findings());
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
