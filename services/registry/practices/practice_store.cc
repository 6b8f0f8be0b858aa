#include "services/registry/practices/practice_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"
#include "services/registry/scope_look.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlPractice[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || organisation_id AS organisation, state, round
  FROM practice
 WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL
   FOR SHARE
)sql";

constexpr char kSqlExpert[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || organisation_id AS organisation,
       'regions/' || region_code || '/persons/' || person_id AS person, state, fields,
       delete_time IS NOT NULL AS deleted
  FROM expert
 WHERE region_code = $1 AND id = $2::uuid
   FOR SHARE
)sql";

constexpr char kSqlConflict[] = R"sql(
SELECT e.person_id::text = ANY (p.authors_ids) AS author,
       EXISTS (SELECT FROM employment j
                WHERE j.region_code = e.region_code AND j.person_id = e.person_id
                  AND j.organisation_id = p.organisation_id AND j.delete_time IS NULL
                  AND j.start_date <= $4::date AND coalesce(j.end_date, 'infinity') >= $4::date) AS employed,
       p.organisation_id::text = ANY (e.conflict_organisations_ids) AS declared
  FROM expert e JOIN practice p ON p.region_code = e.region_code
 WHERE e.region_code = $1 AND e.id = $2::uuid AND p.id = $3::uuid
)sql";

constexpr char kSqlReviews[] = R"sql(
SELECT count(*) AS count, count(*) FILTER (WHERE verdict = 'APPROVE') AS approvals,
       coalesce(sum(score), 0) AS score_sum
  FROM expert_assignment
 WHERE region_code = $1 AND practice_id = $2::uuid AND round = $3 AND state = 'REVIEWED'
   AND delete_time IS NULL
)sql";

// Taking the lock may wait for another writer. What that one wrote is seen by the next statement
// only, whose snapshot is taken after the wait; the call is public.
constexpr char kSqlHoldGrantCall[] =
    "SELECT quota, awarded FROM grant_call_awarded($1, $2::uuid, $3::uuid)";

constexpr char kSqlGrantCall[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || organisation_id AS organisation,
       amount_rubles, state, applications_until_date - DATE '1970-01-01' AS applications_until,
       (now() AT TIME ZONE 'Europe/Moscow')::date - DATE '1970-01-01' AS today
  FROM grant_call
 WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL
)sql";

// Titles are compared as the unique index compares them.
constexpr char kSqlSameTitle[] = R"sql(
SELECT place - 1 FROM unnest($2::text[]) WITH ORDINALITY AS named (title, place)
 WHERE person_search_form(translate(title, '«»„“”"', ''))
     = person_search_form(translate($1, '«»„“”"', ''))
 LIMIT 1
)sql";

int64_t Number(const pqxx::row& row, const char* column) {
  int64_t number = 0;
  (void)absl::SimpleAtoi(row[column].c_str(), &number);
  return number;
}

bool IsTrue(const pqxx::row& row, const char* column) { return row[column].c_str()[0] == 't'; }

}  // namespace

absl::StatusOr<std::optional<PracticeFacts>> FindPractice(pg::Tx& tx, const std::string& practice) {
  std::optional<PracticeFacts> facts;
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlPractice, RegionOf(practice), IdOf(practice));
    if (!rows.ok() || rows->empty()) return rows.status();
    const auto& row = (*rows)[0];
    facts.emplace();
    facts->organisation = row["organisation"].c_str();
    (void)v1::Practice::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &facts->state);
    facts->round = static_cast<int>(Number(row, "round"));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return facts;
}

absl::StatusOr<std::optional<ExpertFacts>> FindExpert(pg::Tx& tx, const std::string& expert) {
  std::optional<ExpertFacts> facts;
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlExpert, RegionOf(expert), IdOf(expert));
    if (!rows.ok() || rows->empty()) return rows.status();
    const auto& row = (*rows)[0];
    facts.emplace();
    facts->organisation = row["organisation"].c_str();
    facts->person = row["person"].c_str();
    (void)v1::Expert::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &facts->state);
    facts->fields = pg::FromArray(row["fields"].c_str());
    facts->deleted = IsTrue(row, "deleted");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return facts;
}

absl::StatusOr<Conflict> FindConflict(pg::Tx& tx, const std::string& expert,
                                      const std::string& practice, const google::type::Date& day) {
  Conflict conflict;
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlConflict, RegionOf(expert), IdOf(expert), IdOf(practice), ToIso(day));
    if (!rows.ok() || rows->empty()) return rows.status();
    const auto& row = (*rows)[0];
    conflict.author = IsTrue(row, "author");
    conflict.employed = IsTrue(row, "employed");
    conflict.declared = IsTrue(row, "declared");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return conflict;
}

absl::StatusOr<Reviews> ReadReviews(pg::Tx& tx, const std::string& practice, int round) {
  Reviews reviews;
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlReviews, RegionOf(practice), IdOf(practice), round);
    if (!rows.ok()) return rows.status();
    reviews.count = static_cast<int>(Number((*rows)[0], "count"));
    reviews.approvals = static_cast<int>(Number((*rows)[0], "approvals"));
    reviews.score_sum = Number((*rows)[0], "score_sum");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return reviews;
}

absl::StatusOr<std::optional<GrantCallFacts>> HoldGrantCall(pg::Tx& tx, const std::string& call,
                                                            const std::string& grant) {
  std::optional<std::string> except;
  if (grant.find("/grants/") != std::string::npos) except = IdOf(grant);
  auto held = tx.Query(kSqlHoldGrantCall, RegionOf(call), IdOf(call), except);
  if (!held.ok()) return held.status();
  auto rows = tx.Query(kSqlGrantCall, RegionOf(call), IdOf(call));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  const auto& row = (*rows)[0];
  GrantCallFacts facts;
  facts.organisation = row["organisation"].c_str();
  if (!row["amount_rubles"].is_null()) facts.amount_rubles = row["amount_rubles"].c_str();
  (void)v1::GrantCall::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &facts.state);
  facts.quota = static_cast<int>(Number((*held)[0], "quota"));
  facts.awarded = static_cast<int>(Number((*held)[0], "awarded"));
  const absl::CivilDay epoch(1970, 1, 1);
  facts.today = epoch + Number(row, "today");
  if (!row["applications_until"].is_null()) {
    facts.applications_until = epoch + Number(row, "applications_until");
  }
  return facts;
}

absl::StatusOr<std::optional<size_t>> FindSameTitle(pg::Tx& tx, const std::string& title,
                                                    const std::vector<std::string>& titles) {
  if (titles.empty()) return std::nullopt;
  auto rows = tx.Query(kSqlSameTitle, title, titles);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  return static_cast<size_t>((*rows)[0][0].as<int64_t>());
}

}  // namespace rsnms::registry
