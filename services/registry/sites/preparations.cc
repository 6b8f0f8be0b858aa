// What sites, candidates and consulting requests need from other rows.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/act_store.h"
#include "services/registry/body_store.h"
#include "services/registry/names.h"
#include "services/registry/people/activity_rules.h"
#include "services/registry/person_store.h"
#include "services/registry/sites/site_rules.h"
#include "services/registry/sites/sites.h"

namespace rsnms::registry::sites {
namespace {

using resource::Engine;
using resource::Table;
using v1::Site;

// Periods of statuses of the kind in the body, other than of the site itself.
constexpr char kSqlStatuses[] = R"sql(
SELECT status_from_date - DATE '1970-01-01' AS first,
       coalesce(ended_date, extended_until_date, status_until_date) - DATE '1970-01-01' AS last
  FROM site
 WHERE region_code = $1 AND organisation_id = $2::uuid AND kind = $3
   AND status_from_date IS NOT NULL AND delete_time IS NULL AND id <> $4::uuid
)sql";

// Where a person mainly works on a day. $1 region, $2 person, $3 day.
constexpr char kSqlWorkplace[] = R"sql(
SELECT organisation_id, municipality_id FROM employment
 WHERE region_code = $1 AND person_id = $2::uuid AND main AND delete_time IS NULL
   AND start_date <= $3::date AND coalesce(end_date, 'infinity') >= $3::date
)sql";

// Runs `prepare` on each row.
template <class R>
Engine::Preparation Each(std::function<absl::Status(pg::Tx&, const R* before, R& after)> prepare) {
  return [prepare](pg::Tx& tx, std::vector<Engine::Pending>& rows) {
    for (auto& row : rows) {
      row.status = prepare(tx, static_cast<const R*>(row.before), static_cast<R&>(*row.after));
    }
    return absl::OkStatus();
  };
}

absl::Status CheckPerson(pg::Tx& tx, const std::string& name, std::string_view path) {
  auto persons = FindPersons(tx, {name});
  if (!persons.ok()) return persons.status();
  const auto found = persons->find(name);
  return MayBeNamed(found == persons->end() ? nullptr : &found->second, path);
}

// --- sites

absl::Status CheckStatusFree(pg::Tx& tx, const Site& site) {
  auto rows = tx.Query(kSqlStatuses, RegionOf(site.name()), IdOf(site.organisation()),
                       Site::Kind_Name(site.kind()).substr(sizeof("KIND_") - 1), IdOf(site.name()));
  if (!rows.ok()) return rows.status();
  const Period wanted = StatusPeriod(site);
  for (const auto& row : *rows) {
    Period held{.first = 0};
    (void)absl::SimpleAtoi(row["first"].c_str(), &held.first);
    if (!absl::SimpleAtoi(row["last"].c_str(), &held.last)) held.last = Period::kOpen;
    if (held.Overlaps(wanted)) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        v1::REGISTRY_REASON_SECOND_SITE_STATUS,
                        "the body holds a status of this kind on these dates");
    }
  }
  return absl::OkStatus();
}

absl::Status PrepareApplication(pg::Tx& tx, const Engine& engine, Site& site) {
  auto body = FindBody(tx, site.organisation(), "organisation");
  if (!body.ok()) return body.status();
  if (auto s = MayBegin(&body->facts, site.applied_date(), "organisation"); !s.ok()) return s;
  if (Holds(SiteRuleOf(RegionOf(site.name())).educational_kinds(), site.kind()) &&
      !IsEducational(body->kind)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_NOT_EDUCATIONAL_ORGANISATION,
                      "a site of this kind is an educational organisation");
  }
  site.set_municipality(body->facts.municipality);
  if (site.site_call().empty()) return absl::OkStatus();
  auto call = Table<v1::SiteCall>(engine).Get(tx, site.site_call());
  return call.ok() ? MayApply(*call, site) : call.status();
}

absl::Status PrepareSite(pg::Tx& tx, const Engine& engine, const Site* before, Site& site) {
  if (before == nullptr) return PrepareApplication(tx, engine, site);
  if (!site.has_status_from_date()) return absl::OkStatus();
  if (!before->has_status_from_date()) {
    auto body = FindBody(tx, site.organisation(), "organisation");
    if (!body.ok()) return body.status();
    if (auto s = MayBegin(&body->facts, site.status_from_date(), "organisation"); !s.ok()) return s;
    site.set_organisation_name(body->official_name);
    auto act = FindAct(tx, engine, site.decision_document(),
                       {.path = "decision_document",
                        .day = site.status_from_date(),
                        .level = site.level(),
                        .municipality = site.municipality(),
                        .organisation = site.organisation()});
    return act.ok() ? CheckStatusFree(tx, site) : act.status();
  }
  if (site.has_ended_date()) return absl::OkStatus();  // the rule sees whether it lies in the term
  const Period was = StatusPeriod(*before), is = StatusPeriod(site);
  return is.last > was.last ? CheckStatusFree(tx, site) : absl::OkStatus();
}

// --- the reserve

absl::Status PrepareCandidate(pg::Tx& tx, const Engine& engine, const v1::ReserveCandidate* before,
                              v1::ReserveCandidate& candidate) {
  if (before != nullptr) {
    if (candidate.decision_document() == before->decision_document()) return absl::OkStatus();
    return FindAct(tx, engine, candidate.decision_document(),
                   {.path = "decision_document",
                    .day = candidate.included_date(),
                    .level = v1::Document::LEVEL_MUNICIPALITY,
                    .municipality = candidate.municipality()})
        .status();
  }
  if (auto s = CheckPerson(tx, candidate.person(), "person"); !s.ok()) return s;
  auto body = FindBody(tx, candidate.organisation(), "organisation");
  if (!body.ok()) return body.status();
  candidate.set_municipality(body->facts.municipality);
  return absl::OkStatus();
}

// --- consulting requests

// Who asks for themselves need not see, nor name, the body they work in.
absl::Status TakeWorkplace(pg::Tx& tx, v1::ConsultingRequest& request) {
  const std::string region = RegionOf(request.person());
  auto rows =
      tx.Query(kSqlWorkplace, region, IdOf(request.person()), ToIso(request.received_date()));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  const auto& row = (*rows)[0];
  request.set_organisation(
      absl::StrCat("regions/", region, "/organisations/", row["organisation_id"].c_str()));
  if (!row["municipality_id"].is_null()) {
    request.set_municipality(
        absl::StrCat("regions/", region, "/municipalities/", row["municipality_id"].c_str()));
  }
  return absl::OkStatus();
}

absl::Status PrepareConsulting(pg::Tx& tx, const v1::ConsultingRequest* before,
                               v1::ConsultingRequest& request) {
  if (before == nullptr) {
    if (!request.person().empty()) {
      if (auto s = CheckPerson(tx, request.person(), "person"); !s.ok()) return s;
    }
    if (request.organisation().empty()) {
      return request.person().empty() ? absl::OkStatus() : TakeWorkplace(tx, request);
    }
    auto body = FindBody(tx, request.organisation(), "organisation");
    if (!body.ok()) return body.status();
    request.set_municipality(body->facts.municipality);
    return absl::OkStatus();
  }
  if (request.expert().empty() || request.expert() == before->expert()) return absl::OkStatus();
  return CheckPerson(tx, request.expert(), "expert");
}

}  // namespace

void AddRules(Engine& engine) {
  engine.Rule<v1::SiteCall>(&CheckSiteCall);
  engine.Rule<Site>(&CheckSite);
  engine.Rule<v1::ReserveCandidate>(
      [](resource::Change change, const v1::ReserveCandidate* before, v1::ReserveCandidate* after) {
        const auto& named = before != nullptr ? *before : *after;
        return CheckReserveCandidate(ReserveRuleOf(RegionOf(named.name())), change, before, after);
      });
  engine.Rule<v1::ConsultingRequest>(&CheckConsultingRequest);
  engine.PrepareFor(Site::descriptor(),
                    Each<Site>([&engine](pg::Tx& tx, const Site* before, Site& after) {
                      return PrepareSite(tx, engine, before, after);
                    }));
  engine.PrepareFor(
      v1::ReserveCandidate::descriptor(),
      Each<v1::ReserveCandidate>(
          [&engine](pg::Tx& tx, const v1::ReserveCandidate* before, v1::ReserveCandidate& after) {
            return PrepareCandidate(tx, engine, before, after);
          }));
  engine.PrepareFor(v1::ConsultingRequest::descriptor(),
                    Each<v1::ConsultingRequest>(&PrepareConsulting));
}

}  // namespace rsnms::registry::sites
