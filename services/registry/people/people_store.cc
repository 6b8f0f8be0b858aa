#include "services/registry/people/people_store.h"

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlConsent[] = R"sql(
SELECT 'regions/' || region_code || '/consents/' || id
  FROM consent
 WHERE region_code = $1 AND person_id = $2::uuid AND purpose = $3 AND delete_time IS NULL
   AND state <> 'DRAFT' AND given_date <= $4::date
   AND coalesce(valid_until_date, 'infinity') >= $4::date
   AND coalesce(withdrawn_date, 'infinity') > $4::date
 ORDER BY given_date DESC, id LIMIT 1
)sql";

constexpr char kSqlHighest[] = R"sql(
SELECT 1
  FROM qualification
 WHERE region_code = $1 AND person_id = $2::uuid AND category = 'HIGHEST' AND delete_time IS NULL
   AND decision_date <= $3::date AND coalesce(valid_until_date, 'infinity') >= $3::date
 LIMIT 1
)sql";

constexpr char kSqlHours[] = R"sql(
SELECT coalesce(sum(hours), 0)
  FROM corporate_training
 WHERE region_code = $1 AND person_id = $2::uuid AND delete_time IS NULL
   AND end_date BETWEEN $3::date AND $4::date
)sql";

}  // namespace

absl::StatusOr<std::string> FindConsent(pg::Tx& tx, const std::string& person,
                                        v1::ConsentPurpose purpose,
                                        const google::type::Date& date) {
  auto rows = tx.Query(kSqlConsent, RegionOf(person), IdOf(person),
                       v1::ConsentPurpose_Name(purpose).substr(sizeof("CONSENT_PURPOSE_") - 1),
                       ToIso(date));
  if (!rows.ok()) return rows.status();
  return rows->empty() ? std::string() : std::string((*rows)[0][0].c_str());
}

absl::Status RequireConsent(pg::Tx& tx, const std::string& person, v1::ConsentPurpose purpose,
                            const google::type::Date& date, std::string_view path) {
  if (!NeedsConsent(purpose)) return absl::OkStatus();
  auto consent = FindConsent(tx, person, purpose, date);
  if (!consent.ok()) return consent.status();
  if (!consent->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::REGISTRY_REASON_PURPOSE_NEEDS_CONSENT,
                    "no consent of the person to this purpose is in force on the date")
      .With("purpose", v1::ConsentPurpose_Name(purpose))
      .With("date", ToIso(date))
      .Field(path, "no consent is in force",
             "На эту дату нет действующего согласия человека на эту цель.");
}

absl::StatusOr<bool> HoldsHighest(pg::Tx& tx, const std::string& person,
                                  const google::type::Date& date) {
  auto rows = tx.Query(kSqlHighest, RegionOf(person), IdOf(person), ToIso(date));
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

absl::StatusOr<int64_t> CorporateHours(pg::Tx& tx, const std::string& person, absl::CivilDay first,
                                       absl::CivilDay last) {
  auto rows = tx.Query(kSqlHours, RegionOf(person), IdOf(person), ToIso(ToDate(first)),
                       ToIso(ToDate(last)));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

}  // namespace rsnms::registry
