#include "services/registry/act_store.h"

#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"
#include "services/registry/scope_look.h"

namespace rsnms::registry {
namespace {

using v1::Document;

// The issuer of a published act need not be visible.
constexpr char kSqlIssuer[] = R"sql(
SELECT kind, coalesce('regions/' || region_code || '/municipalities/' || municipality_id, '') AS municipality
  FROM organisation
 WHERE region_code = $1 AND id = $2::uuid
)sql";

absl::Status Refuse(v1::RegistryReason reason, const char* path, const char* what,
                    const char* russian) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, absl::StrCat("the act ", what))
      .Field(path, what, russian)
      .ToStatus();
}

bool IsOfTheRegion(v1::OrganisationKind kind) {
  return kind == v1::ORGANISATION_KIND_AUTHORITY || kind == v1::ORGANISATION_KIND_INSTITUTE ||
         kind == v1::ORGANISATION_KIND_CENTRE;
}

bool IsOfAMunicipality(v1::OrganisationKind kind) {
  return kind == v1::ORGANISATION_KIND_MUNICIPAL_AUTHORITY ||
         kind == v1::ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE;
}

bool IsEducation(v1::OrganisationKind kind) {
  return kind == v1::ORGANISATION_KIND_SCHOOL || kind == v1::ORGANISATION_KIND_PRESCHOOL ||
         kind == v1::ORGANISATION_KIND_ADDITIONAL_EDUCATION ||
         kind == v1::ORGANISATION_KIND_COLLEGE;
}

bool MayDecide(const std::string& issuer, v1::OrganisationKind kind,
               const std::string& municipality, const ActDemand& demand) {
  if (issuer == demand.never) return false;
  if (IsOfTheRegion(kind)) return true;
  if (demand.level == Document::LEVEL_REGION || demand.level == Document::LEVEL_UNSPECIFIED) {
    return false;
  }
  if (IsOfAMunicipality(kind) && municipality == demand.municipality) return true;
  return demand.level == Document::LEVEL_ORGANISATION && issuer == demand.organisation;
}

absl::Status CheckIssuer(pg::Tx& tx, const Document& act, const ActDemand& demand) {
  bool may = false;
  auto s = LookPastScope(tx, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlIssuer, RegionOf(act.organisation()), IdOf(act.organisation()));
    if (!rows.ok() || rows->empty()) return rows.status();
    v1::OrganisationKind kind{};
    (void)v1::OrganisationKind_Parse(absl::StrCat("ORGANISATION_KIND_", (*rows)[0]["kind"].c_str()),
                                     &kind);
    may = MayDecide(act.organisation(), kind, (*rows)[0]["municipality"].c_str(), demand);
    return absl::OkStatus();
  });
  if (!s.ok() || may) return s;
  return Refuse(v1::REGISTRY_REASON_ACT_UNFIT, demand.path,
                "is of a body that does not decide this",
                "орган, издавший акт, не решает такие вопросы");
}

}  // namespace

absl::StatusOr<Document> FindAct(pg::Tx& tx, const resource::Engine& engine,
                                 const std::string& name, const ActDemand& demand) {
  auto act = resource::Table<Document>(engine).Get(tx, name);
  if (absl::IsNotFound(act.status()) || (act.ok() && act->has_delete_time())) {
    return rpc::InvalidField(demand.path, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                             "does not exist, or is not visible to you", "запись не найдена");
  }
  if (!act.ok()) return act;
  if (!act->has_approved_date()) {
    return Refuse(v1::REGISTRY_REASON_ACT_NOT_APPROVED, demand.path, "is a draft",
                  "акт ещё не утверждён");
  }
  if (act->kind() != Document::KIND_ORDER && act->kind() != Document::KIND_DECISION) {
    return Refuse(v1::REGISTRY_REASON_ACT_UNFIT, demand.path, "is no order or decision",
                  "это не приказ и не решение");
  }
  const bool ended = act->has_ended_date() && demand.day.year() != 0 &&
                     ToCivil(act->ended_date()) < ToCivil(demand.day);
  const bool repealed = act->state() == Document::STATE_REPEALED && !act->has_ended_date();
  if (ended || repealed) {
    return Refuse(v1::REGISTRY_REASON_ACT_NOT_IN_FORCE, demand.path, "had ended before that day",
                  "акт к этой дате уже не действует");
  }
  if (auto s = CheckIssuer(tx, *act, demand); !s.ok()) return s;
  return act;
}

absl::Status MayIssue(v1::OrganisationKind issuer, Document::Level level) {
  const bool beyond =
      (level == Document::LEVEL_REGION && (IsEducation(issuer) || IsOfAMunicipality(issuer))) ||
      (level == Document::LEVEL_MUNICIPALITY && IsEducation(issuer));
  if (!beyond) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_LEVEL_BEYOND_ISSUER,
                    "the body issues no acts of that level")
      .Field("level", "is beyond the issuer", "организация не издаёт актов этого уровня")
      .ToStatus();
}

}  // namespace rsnms::registry
