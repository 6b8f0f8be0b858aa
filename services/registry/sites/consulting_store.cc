#include "services/registry/sites/consulting_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry::sites {
namespace {

// $1 region, $2 date, $3 days ahead.
constexpr char kSqlOverdue[] = R"sql(
SELECT id, provider_id, due_date - DATE '1970-01-01' AS due, due_date - $2::date AS days_left
  FROM consulting_request
 WHERE region_code = $1 AND delete_time IS NULL AND state IN ('RECEIVED', 'ASSIGNED', 'IN_WORK')
   AND due_date < $2::date + $3::int + CASE WHEN $3::int > 0 THEN 1 ELSE 0 END
 ORDER BY due_date, id
 LIMIT 1000
)sql";

// $1 region, $2 and $3 the period. Rejected requests count as received.
constexpr char kSqlTopics[] = R"sql(
SELECT topic, count(*) AS requests, count(DISTINCT organisation_id) AS organisations,
       count(*) FILTER (WHERE answered_date IS NOT NULL AND NOT late) AS in_time,
       count(*) FILTER (WHERE late) AS late,
       round(avg(satisfaction) FILTER (WHERE satisfaction > 0) * 100)::int AS mark
  FROM consulting_request
 WHERE region_code = $1 AND delete_time IS NULL
   AND received_date BETWEEN $2::date AND $3::date
 GROUP BY topic
 ORDER BY requests DESC, topic
 LIMIT 200
)sql";

int Number(const pqxx::field& field) {
  int number = 0;
  (void)absl::SimpleAtoi(field.c_str(), &number);
  return number;
}

}  // namespace

absl::Status ReadOverdue(pg::Tx& tx, const v1::ListOverdueConsultingRequestsRequest& request,
                         v1::ListOverdueConsultingRequestsResponse* response) {
  auto rows = tx.Query(kSqlOverdue, RegionOf(request.parent()), ToIso(request.as_of_date()),
                       request.within_days());
  if (!rows.ok()) return rows.status();
  response->Clear();  // the transaction may run again
  for (const auto& row : *rows) {
    auto* overdue = response->add_overdue();
    overdue->set_consulting_request(
        absl::StrCat(request.parent(), "/consultingRequests/", row["id"].c_str()));
    overdue->set_provider(
        absl::StrCat(request.parent(), "/organisations/", row["provider_id"].c_str()));
    *overdue->mutable_due_date() = ToDate(absl::CivilDay(1970, 1, 1) + Number(row["due"]));
    overdue->set_days_left(Number(row["days_left"]));
  }
  return absl::OkStatus();
}

absl::Status CountTopics(pg::Tx& tx, const v1::CountConsultingTopicsRequest& request,
                         v1::CountConsultingTopicsResponse* response) {
  auto rows = tx.Query(kSqlTopics, RegionOf(request.parent()), ToIso(request.start_date()),
                       ToIso(request.end_date()));
  if (!rows.ok()) return rows.status();
  response->Clear();
  for (const auto& row : *rows) {
    auto* topic = response->add_topics();
    topic->set_topic(row["topic"].c_str());
    topic->set_request_count(Number(row["requests"]));
    topic->set_organisation_count(Number(row["organisations"]));
    topic->set_answered_in_time_count(Number(row["in_time"]));
    topic->set_answered_late_count(Number(row["late"]));
    if (!row["mark"].is_null()) topic->set_satisfaction_hundredths(Number(row["mark"]));
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry::sites
