#include "services/registry/consent_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"
#include "services/registry/scope_look.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlWithout[] = R"sql(
SELECT DISTINCT 'regions/' || $1 || '/persons/' || p.id
  FROM unnest($2::uuid[]) AS p (id)
 WHERE NOT EXISTS (
   SELECT FROM consent c
    WHERE c.region_code = $1 AND c.person_id = p.id AND c.purpose = $3 AND c.delete_time IS NULL
      AND c.state <> 'DRAFT' AND c.given_date <= $4::date
      AND coalesce(c.valid_until_date, 'infinity') >= $4::date
      AND coalesce(c.withdrawn_date, 'infinity') > $4::date)
 ORDER BY 1
)sql";

}  // namespace

absl::StatusOr<std::vector<std::string>> FindWithoutConsent(pg::Tx& tx,
                                                            const std::vector<std::string>& persons,
                                                            v1::ConsentPurpose purpose,
                                                            const google::type::Date& date) {
  std::vector<std::string> without, ids;
  if (persons.empty()) return without;
  for (const std::string& person : persons) ids.push_back(IdOf(person));
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlWithout, RegionOf(persons[0]), ids,
                         v1::ConsentPurpose_Name(purpose).substr(sizeof("CONSENT_PURPOSE_") - 1),
                         ToIso(date));
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) without.emplace_back(row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return without;
}

absl::Status RequireConsents(pg::Tx& tx, const std::vector<std::string>& persons,
                             v1::ConsentPurpose purpose, const google::type::Date& date,
                             std::string_view path) {
  auto without = FindWithoutConsent(tx, persons, purpose, date);
  if (!without.ok()) return without.status();
  if (without->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::REGISTRY_REASON_PURPOSE_NEEDS_CONSENT,
                    "no consent of somebody to this purpose is in force on the date")
      .With("purpose", v1::ConsentPurpose_Name(purpose))
      .With("date", ToIso(date))
      .With("persons", absl::StrJoin(*without, ","))
      .Field(path, "no consent is in force",
             absl::StrCat("Без согласия, действующего на эту дату: ", without->size(), " чел."));
}

}  // namespace rsnms::registry
