#include "services/registry/documents/agreement_store.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry::documents {
namespace {

// $1 region, $2 date, $3 kind. What expired or was terminated since was in force until its last
// day. Of several agreements the one that lasts longest is shown; `covers` is false for the last
// one that ended before the date.
constexpr char kSqlCoverage[] = R"sql(
SELECT m.id, m.official_name, a.id AS agreement_id, coalesce(a.covers, false) AS covers,
       a.last_date - DATE '1970-01-01' AS last
  FROM municipality m
  LEFT JOIN LATERAL (
    SELECT id, last_date, coalesce(last_date, 'infinity') >= $2::date AS covers
      FROM agreement
     WHERE region_code = m.region_code AND municipalities_ids @> ARRAY[m.id] AND kind = $3
       AND state IN ('IN_FORCE', 'EXPIRED', 'TERMINATED') AND delete_time IS NULL
       AND start_date <= $2::date AND coalesce(last_date, 'infinity') >= start_date
     ORDER BY coalesce(last_date, 'infinity') DESC, id
     LIMIT 1
  ) a ON true
 WHERE m.region_code = $1 AND m.delete_time IS NULL
 ORDER BY m.official_name, m.id
)sql";

// $1 region, $2 date, $3 days ahead.
constexpr char kSqlExpiring[] = R"sql(
SELECT id, title, last_date - DATE '1970-01-01' AS last, last_date - $2::date AS days_left
  FROM agreement
 WHERE region_code = $1 AND delete_time IS NULL AND state = 'IN_FORCE'
   AND last_date <= $2::date + $3::int
 ORDER BY last_date, id
 LIMIT 1000
)sql";

absl::CivilDay Day(const pqxx::field& days) {
  int number = 0;
  (void)absl::SimpleAtoi(days.c_str(), &number);
  return absl::CivilDay(1970, 1, 1) + number;
}

}  // namespace

absl::Status ReadCoverage(pg::Tx& tx, const v1::GetAgreementCoverageRequest& request,
                          v1::AgreementCoverage* coverage) {
  const auto kind = request.kind() == v1::Agreement::KIND_UNSPECIFIED
                        ? v1::Agreement::KIND_THREE_PARTY
                        : request.kind();
  auto rows = tx.Query(kSqlCoverage, RegionOf(request.parent()), ToIso(request.as_of_date()),
                       v1::Agreement::Kind_Name(kind).substr(sizeof("KIND_") - 1));
  if (!rows.ok()) return rows.status();
  coverage->Clear();  // the transaction may run again
  for (const auto& row : *rows) {
    const std::string municipality =
        absl::StrCat(request.parent(), "/municipalities/", row["id"].c_str());
    const std::string agreement =
        row["agreement_id"].is_null()
            ? ""
            : absl::StrCat(request.parent(), "/agreements/", row["agreement_id"].c_str());
    if (row["covers"].c_str()[0] == 't') {
      auto* covered = coverage->add_covered();
      covered->set_municipality(municipality);
      covered->set_official_name(row["official_name"].c_str());
      covered->set_agreement(agreement);
      if (!row["last"].is_null()) *covered->mutable_last_date() = ToDate(Day(row["last"]));
    } else {
      auto* uncovered = coverage->add_uncovered();
      uncovered->set_municipality(municipality);
      uncovered->set_official_name(row["official_name"].c_str());
      uncovered->set_former_agreement(agreement);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadExpiring(pg::Tx& tx, const v1::ListExpiringAgreementsRequest& request,
                          v1::ListExpiringAgreementsResponse* response) {
  auto rows = tx.Query(kSqlExpiring, RegionOf(request.parent()), ToIso(request.as_of_date()),
                       request.within_days());
  if (!rows.ok()) return rows.status();
  response->Clear();
  for (const auto& row : *rows) {
    auto* expiring = response->add_expiring();
    expiring->set_agreement(absl::StrCat(request.parent(), "/agreements/", row["id"].c_str()));
    expiring->set_title(row["title"].c_str());
    *expiring->mutable_last_date() = ToDate(Day(row["last"]));
    int days = 0;
    (void)absl::SimpleAtoi(row["days_left"].c_str(), &days);
    expiring->set_days_left(days);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry::documents
