// What the engine asks before it writes the asset's resources; attachments have a file of their
// own.
#include <string>
#include <vector>

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/work_plan.pb.h"
#include "rsnms/registry/v1/work_plan_item.pb.h"
#include "services/registry/asset/asset.h"
#include "services/registry/asset/asset_rules.h"
#include "services/registry/asset/asset_store.h"
#include "services/registry/asset/attachment_preparations.h"
#include "services/registry/names.h"
#include "services/registry/organisation_store.h"
#include "services/registry/person_store.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using resource::Engine;
using resource::Table;

absl::Status FailedPrecondition(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

// The body exists and is not closed by `start`; its municipality is copied.
template <class R>
absl::Status TakeMunicipality(pg::Tx& tx, bool created, const google::type::Date& start, R& r) {
  auto bodies = FindOrganisations(tx, {r.organisation()});
  if (!bodies.ok()) return bodies.status();
  const auto found = bodies->find(r.organisation());
  if (created) {
    if (auto s = MayBegin(found == bodies->end() ? nullptr : &found->second, start, "organisation");
        !s.ok())
      return s;
  }
  if (found != bodies->end()) r.set_municipality(found->second.municipality);
  return absl::OkStatus();
}

absl::Status CheckPerson(pg::Tx& tx, const std::string& person) {
  auto persons = FindPersons(tx, {person});
  if (!persons.ok()) return persons.status();
  const auto found = persons->find(person);
  return MayBeNamed(found == persons->end() ? nullptr : &found->second, "person");
}

// Whose a plan, an item or a training is, copied from what it hangs on.
template <class From, class To>
void TakeOwner(const From& from, To& to) {
  to.set_person(from.person());
  to.set_organisation(from.organisation());
  to.set_municipality(from.municipality());
}

template <class R>
absl::StatusOr<R> Parent(const Engine& engine, pg::Tx& tx, const std::string& name,
                         std::string_view path) {
  auto parent = Table<R>(engine).Get(tx, name, resource::Lock::kShare);
  if (!absl::IsNotFound(parent.status())) return parent;
  return rpc::InvalidField(path, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, "does not exist",
                           "запись не найдена");
}

absl::Status PrepareRegulation(const Engine&, pg::Tx& tx, const v1::AssetRegulation*,
                               v1::AssetRegulation& after) {
  auto overlaps = RegulationOverlaps(tx, after);
  if (!overlaps.ok()) return overlaps.status();
  return *overlaps ? FailedPrecondition(v1::REGISTRY_REASON_SECOND_ASSET_REGULATION,
                                        "another regulation holds on some of these days")
                   : absl::OkStatus();
}

absl::Status Nominate(const Engine& engine, pg::Tx& tx, v1::Methodologist& candidate) {
  if (auto s = CheckPerson(tx, candidate.person()); !s.ok()) return s;
  auto regulation =
      FindRegulation(engine, tx, RegionOf(candidate.name()), candidate.nomination_date());
  if (!regulation.ok()) return regulation.status();
  if (auto s = InWindow(*regulation, candidate.nomination_date()); !s.ok()) return s;
  candidate.set_regulation(regulation->name());
  auto known = IsInAsset(tx, candidate);
  if (!known.ok()) return known.status();
  return *known ? FailedPrecondition(v1::REGISTRY_REASON_SECOND_METHODOLOGIST,
                                     "the person stands in the asset already")
                : absl::OkStatus();
}

// The contract freezes the limit of the regulation it is made under.
absl::Status FreezeTerms(const Engine& engine, pg::Tx& tx, v1::Methodologist& after) {
  auto regulation = FindRegulation(engine, tx, RegionOf(after.name()), after.contract_start_date());
  if (!regulation.ok()) return regulation.status();
  after.set_regulation(regulation->name());
  after.set_attachment_limit(regulation->attachment_limit());
  return absl::OkStatus();
}

absl::Status PrepareMethodologist(const Engine& engine, pg::Tx& tx, const v1::Methodologist* before,
                                  v1::Methodologist& after) {
  const auto start = after.nomination_date();
  if (auto s = TakeMunicipality(tx, before == nullptr, start, after); !s.ok()) return s;
  if (before == nullptr) return Nominate(engine, tx, after);
  const bool contracted = after.state() == v1::METHODOLOGIST_STATE_CONTRACTED &&
                          before->state() != v1::METHODOLOGIST_STATE_CONTRACTED;
  return contracted ? FreezeTerms(engine, tx, after) : absl::OkStatus();
}

absl::Status PrepareWorkPlan(const Engine& engine, pg::Tx& tx, const v1::WorkPlan* before,
                             v1::WorkPlan& after) {
  auto methodologist =
      Parent<v1::Methodologist>(engine, tx, after.methodologist(), "methodologist");
  if (!methodologist.ok()) return methodologist.status();
  TakeOwner(*methodologist, after);
  if (before == nullptr) return absl::OkStatus();
  if (before->state() == after.state()) {
    return before->state() == v1::WORK_PLAN_STATE_DRAFT
               ? absl::OkStatus()
               : FailedPrecondition(v1::REGISTRY_REASON_WORK_PLAN_FIXED, "the plan is approved");
  }
  auto items = CountItems(tx, after.name());
  if (!items.ok()) return items.status();
  if (after.state() == v1::WORK_PLAN_STATE_APPROVED && items->all == 0)
    return FailedPrecondition(v1::REGISTRY_REASON_WORK_PLAN_EMPTY, "the plan has no items");
  if (after.state() == v1::WORK_PLAN_STATE_REPORTED && items->unmarked > 0)
    return FailedPrecondition(v1::REGISTRY_REASON_WORK_PLAN_UNMARKED, "some items are not marked");
  return absl::OkStatus();
}

// Written in a draft, marked in an approved plan.
absl::Status PrepareItem(const Engine& engine, pg::Tx& tx, const v1::WorkPlanItem* before,
                         v1::WorkPlanItem& after) {
  auto plan = Parent<v1::WorkPlan>(engine, tx, after.work_plan(), "work_plan");
  if (!plan.ok()) return plan.status();
  TakeOwner(*plan, after);
  if (after.due_date().year() != plan->plan_year()) {
    return rpc::InvalidField("due_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "lies outside the plan's year", "дата лежит вне года плана");
  }
  const bool marked = before != nullptr && before->state() != after.state();
  if (plan->state() == (marked ? v1::WORK_PLAN_STATE_APPROVED : v1::WORK_PLAN_STATE_DRAFT))
    return absl::OkStatus();
  return FailedPrecondition(v1::REGISTRY_REASON_WORK_PLAN_FIXED,
                            "items are written in a draft and marked in an approved plan");
}

absl::Status PrepareStaffMember(const Engine&, pg::Tx& tx, const v1::MmsStaffMember* before,
                                v1::MmsStaffMember& after) {
  const auto start = after.include_date();
  if (auto s = TakeMunicipality(tx, before == nullptr, start, after); !s.ok()) return s;
  if (before == nullptr) {
    if (auto s = CheckPerson(tx, after.person()); !s.ok()) return s;
  }
  auto against = FindAgainst(tx, after);
  if (!against.ok()) return against.status();
  if (before == nullptr && !against->employed) {
    return FailedPrecondition(v1::REGISTRY_REASON_NOT_EMPLOYED_AT_SERVICE,
                              "the person is not employed at the service on the first day");
  }
  return against->repeated ? FailedPrecondition(v1::REGISTRY_REASON_SECOND_MMS_MEMBERSHIP,
                                                "the person stands in the register already")
                           : absl::OkStatus();
}

// Copies the term of the agreement the training names; without one, the caller tells it.
absl::Status TakeAgreement(pg::Tx& tx, v1::MmsTraining& training) {
  if (training.agreement().empty()) {
    if (!training.agreement_document().empty() && training.has_agreement_start_date())
      return absl::OkStatus();
    return rpc::InvalidField("agreement", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "name the agreement, or its document and first day",
                             "укажите соглашение или его реквизиты и дату начала");
  }
  auto term = FindAgreement(tx, training.agreement(), training.municipality());
  if (!term.ok()) return term.status();
  if (!term->has_value()) {
    return FailedPrecondition(v1::REGISTRY_REASON_TRAINING_OUTSIDE_AGREEMENT,
                              "no three-party agreement in force that covers the municipality");
  }
  training.set_agreement_document((*term)->document);
  *training.mutable_agreement_start_date() = (*term)->start;
  training.clear_agreement_end_date();
  if ((*term)->end) *training.mutable_agreement_end_date() = *(*term)->end;
  return absl::OkStatus();
}

absl::Status PrepareTraining(const Engine& engine, pg::Tx& tx, const v1::MmsTraining* before,
                             v1::MmsTraining& after) {
  auto member = Parent<v1::MmsStaffMember>(engine, tx, after.staff_member(), "staff_member");
  if (!member.ok()) return member.status();
  TakeOwner(*member, after);
  const bool only_steps = before != nullptr && before->state() != after.state();
  return only_steps ? absl::OkStatus() : TakeAgreement(tx, after);
}

template <class R>
void Prepare(Engine& engine,
             absl::Status (*prepare)(const Engine&, pg::Tx&, const R* before, R& after)) {
  engine.PrepareFor(R::descriptor(), [&engine, prepare](pg::Tx& tx, auto& rows) {
    for (auto& row : rows) {
      if (!row.status.ok()) continue;
      row.status =
          prepare(engine, tx, static_cast<const R*>(row.before), static_cast<R&>(*row.after));
    }
    return absl::OkStatus();
  });
}

template <class R>
void Rule(Engine& engine, absl::Status (*check)(const R&)) {
  engine.Rule<R>([check](Change change, const R*, R* after) {
    return change == Change::kDelete ? absl::OkStatus() : check(*after);
  });
}

}  // namespace

void AddAssetRules(Engine& engine) {
  Rule(engine, &CheckRegulation);
  engine.Rule<v1::Methodologist>([](Change change, const v1::Methodologist* before,
                                    v1::Methodologist* after) {
    return change == Change::kDelete ? MayDeleteMethodologist(*before) : CheckMethodologist(*after);
  });
  Rule(engine, &CheckAttachment);
  Rule(engine, &CheckStaffMember);
  Rule(engine, &CheckTraining);
  Prepare(engine, &PrepareRegulation);
  Prepare(engine, &PrepareMethodologist);
  Prepare(engine, &PrepareWorkPlan);
  Prepare(engine, &PrepareItem);
  Prepare(engine, &PrepareStaffMember);
  Prepare(engine, &PrepareTraining);
  engine.PrepareFor(v1::Attachment::descriptor(), [&engine](pg::Tx& tx, auto& rows) {
    return PrepareAttachments(engine, tx, rows);
  });
}

}  // namespace rsnms::registry
