#include "services/registry/life/correction.h"

#include <string>
#include <vector>

#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/life/dated_records.h"
#include "services/registry/life/life_rules.h"
#include "services/registry/life/life_store.h"
#include "services/registry/life/relocation.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlClosedByChange[] = R"sql(
SELECT EXISTS (SELECT FROM organisation_change
                WHERE region_code = $1 AND state = 'APPLIED' AND delete_time IS NULL
                  AND kind IN ('MERGE', 'SPLIT', 'CLOSE') AND $2 = ANY(sources))
)sql";

// Nothing of the body lasts beyond its last day.
absl::Status NothingBeyond(const Ledger& ledger, const std::string& body, absl::CivilDay last) {
  std::vector<std::string> left;
  for (const DatedKind& kind : ApportionedKinds()) {
    auto records = LastingRecords(ledger, kind, body, last + 1);
    if (!records.ok()) return records.status();
    for (const auto& record : *records) left.push_back(ledger.TypeOf(*record).NameOf(*record));
  }
  return NothingLeft(left);
}

absl::Status CorrectLastDay(const Ledger& ledger, const v1::CorrectOrganisationRequest& request,
                            v1::Organisation* body) {
  auto rows = ledger.tx().Query(kSqlClosedByChange, RegionOf(body->name()), body->name());
  if (!rows.ok()) return rows.status();
  const bool by_change = (*rows)[0][0].c_str()[0] == 't';
  if (!body->has_closed_date() || by_change) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_ORGANISATION_CLOSED,
                      by_change ? "a change closed the body: undo it"
                                : "the body works: CloseOrganisation closes it")
        .Russian(by_change ? "Организация закрыта изменением: отмените его "
                             "(UndoOrganisationChange)."
                           : "Организация работает: закрывает её CloseOrganisation.");
  }
  body->clear_closed_date();
  if (!request.has_closed_date()) return absl::OkStatus();
  *body->mutable_closed_date() = request.closed_date();
  return NothingBeyond(ledger, body->name(), ToCivil(request.closed_date()));
}

absl::Status CorrectMunicipality(Ledger& ledger, const std::string& municipality,
                                 v1::Organisation* body) {
  auto former = FormerMunicipalities(ledger.tx(), ledger.engine(), body->name());
  if (!former.ok()) return former.status();
  if (!former->empty()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_CHANGE_OUT_OF_ORDER, "the body has moved: undo the move")
        .With("former_municipality", former->back().name());
  }
  if (auto s = RewriteCopies(ledger, *body, municipality); !s.ok()) return s;
  body->set_municipality(municipality);
  return absl::OkStatus();
}

}  // namespace

absl::Status Correct(Ledger& ledger, const v1::CorrectOrganisationRequest& request,
                     v1::Organisation* body) {
  if (!request.official_name().empty()) body->set_official_name(request.official_name());
  if (!request.short_name().empty() || request.clear_short_name())
    body->set_short_name(request.short_name());
  if (!request.municipality().empty() && request.municipality() != body->municipality()) {
    if (auto s = CorrectMunicipality(ledger, request.municipality(), body); !s.ok()) return s;
  }
  if (!request.has_closed_date() && !request.clear_closed_date()) return absl::OkStatus();
  return CorrectLastDay(ledger, request, body);
}

}  // namespace rsnms::registry
