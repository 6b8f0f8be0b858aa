#include "services/programs/orders/plans_service.h"

#include <algorithm>
#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/names.h"
#include "services/programs/orders/organisation_lookup.h"
#include "services/programs/orders/plan_gathering.h"
#include "services/programs/orders/plan_rules.h"
#include "services/programs/orders/plan_store.h"

namespace rsnms::programs {
namespace {

using resource::Lock;
using Plan = v1::TrainingPlan;
using Plans = resource::Table<Plan>;

absl::Status Refuse(v1::ProgramsReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

absl::Status NotInForce() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_INVALID_STATE,
                    "the plan is not in force");
}

absl::Status OutOfRange(std::string_view text, std::string_view ru) {
  return rpc::InvalidField("approval_date", options::v1::COMMON_REASON_OUT_OF_RANGE, text, ru);
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// Whether two lines teach the same.
bool SameSubject(const v1::PlanLine& a, const v1::PlanLine& b) {
  const auto same = [](const auto& x, const auto& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
  };
  return a.programme() == b.programme() && same(a.competencies(), b.competencies()) &&
         same(a.topic_codes(), b.topic_codes());
}

// Links of the former whose lines are still planned and still teach the same.
void TakeGroups(const Plan& former, Plan* plan) {
  plan->clear_line_groups();
  for (const auto& link : former.line_groups()) {
    const v1::PlanLine* was = plan_rules::FindLine(former, link.line());
    const v1::PlanLine* line = plan_rules::FindLine(*plan, link.line());
    if (was != nullptr && line != nullptr && plan_rules::IsPlanned(*line) &&
        SameSubject(*was, *line)) {
      *plan->add_line_groups() = link;
    }
  }
}

// The plan an amendment takes the place of ends with its approval.
absl::Status Supersede(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                       Plan* plan) {
  if (plan->former().empty()) return absl::OkStatus();
  auto former = Plans(engine).Get(tx, plan->former(), Lock::kUpdate);
  if (!former.ok() && !absl::IsNotFound(former.status())) return former.status();
  if (!former.ok() || former->state() != Plan::STATE_APPROVED) {
    return Refuse(v1::PROGRAMS_REASON_PLAN_FORMER_ENDED, "the plan to amend is not in force");
  }
  if (DayOf(plan->approval_date()) < DayOf(former->approval_date())) {
    return OutOfRange("must not be before the former's", "изменение не утверждают раньше плана");
  }
  TakeGroups(*former, plan);
  Plan after = *former;
  after.set_state(Plan::STATE_SUPERSEDED);
  after.set_superseded_by(plan->name());
  return Plans(engine).Update(tx, author, *former, after);
}

// A draft that says what the plan says.
Plan AmendmentOf(const Plan& plan) {
  Plan draft;
  draft.set_name(NameOf(RegionOf(plan.name()), "trainingPlans", resource::NewUuid()));
  draft.set_state(Plan::STATE_DRAFT);
  draft.set_organisation(plan.organisation());
  draft.set_municipality(plan.municipality());
  draft.set_title(plan.title());
  draft.set_start_year(plan.start_year());
  draft.set_end_year(plan.end_year());
  *draft.mutable_lines() = plan.lines();
  draft.set_revision(plan.revision() + 1);
  draft.set_former(plan.name());
  return draft;
}

void SetGroups(const v1::SetPlanLineGroupsRequest& request, Plan* plan) {
  auto& links = *plan->mutable_line_groups();
  for (int i = 0; i < links.size(); ++i) {
    if (links[i].line() == request.line()) links.DeleteSubrange(i--, 1);
  }
  if (request.groups().empty()) return;
  auto& link = *plan->add_line_groups();
  link.set_line(request.line());
  *link.mutable_groups() = request.groups();
}

}  // namespace

PlansService::PlansService(resource::Engine* engine, std::shared_ptr<rpc::Client> registry,
                           std::function<absl::Time()> now)
    : engine_(engine), registry_(std::move(registry)), now_(std::move(now)) {
  engine->Rule<Plan>(plan_rules::Check);
  engine->PrepareFor(
      Plan::descriptor(),
      [engine, now = now_](pg::Tx& tx, std::vector<resource::Engine::Pending>& rows) {
        return plan_store::PreparePlans(tx, *engine, LatestDay(now()), rows);
      });
}

void PlansService::Serve(rpc::Server& server) {
  auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat("rsnms.programs.v1.Orders/", method), this, fn);
  };
  serve("GatherTrainingPlan", &PlansService::GatherTrainingPlan);
  serve("SubmitTrainingPlan", &PlansService::SubmitTrainingPlan);
  serve("ApproveTrainingPlan", &PlansService::ApproveTrainingPlan);
  serve("AmendTrainingPlan", &PlansService::AmendTrainingPlan);
  serve("SetPlanLineGroups", &PlansService::SetPlanLineGroups);
  serve("GetTrainingPlanExecution", &PlansService::GetTrainingPlanExecution);
}

absl::Status PlansService::GatherTrainingPlan(rpc::Call& call,
                                              const v1::GatherTrainingPlanRequest& request,
                                              Plan* response) {
  return engine_->Write<Plan>(
      call, request,
      [&](pg::Tx& tx, Plan& plan) -> absl::Status {
        if (plan.state() == Plan::STATE_DRAFT) {  // else it gathers nothing, and says so
          auto too_large = plan_store::IsTooLarge(tx, plan);
          if (!too_large.ok()) return too_large.status();
          if (*too_large) {
            return Refuse(v1::PROGRAMS_REASON_PLAN_TOO_LARGE,
                          "the orders have more lines than a plan holds");
          }
        }
        auto orders = plan_store::Orders(tx, *engine_, plan);
        if (!orders.ok()) return orders.status();
        return Gather(*std::move(orders), &plan);
      },
      response);
}

absl::Status PlansService::CheckOwner(const rpc::Call& call, const std::string& name) {
  auto step = resource::BindStep(&call.method(), engine_->TypeOf(Plan::descriptor()));
  if (!step.ok()) return step.status();
  Plan plan;
  auto read = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto found = Plans(*engine_).Get(tx, name);
    if (found.ok()) plan = *std::move(found);
    return found.status();
  });
  if (!read.ok()) return read;
  // The owner never changes: what the registry says holds for the write that follows. A step that
  // was taken already is refused, or answered again, without it.
  if (!resource::MayBegin(*step, plan.state())) return absl::OkStatus();
  return CheckOrganisation(call, registry_.get(), plan.organisation(), plan.municipality());
}

absl::Status PlansService::SubmitTrainingPlan(rpc::Call& call,
                                              const v1::SubmitTrainingPlanRequest& request,
                                              Plan* response) {
  if (auto s = CheckOwner(call, request.name()); !s.ok()) return s;
  return engine_->Write<Plan>(
      call, request,
      [&](pg::Tx&, Plan& plan) {
        return resource::MakeDeclaredStep(*engine_, call, request, &plan);
      },
      response);
}

absl::Status PlansService::ApproveTrainingPlan(rpc::Call& call,
                                               const v1::ApproveTrainingPlanRequest& request,
                                               Plan* response) {
  if (DayOf(request.approval_date()) > LatestDay(now_())) {
    return OutOfRange("must not be to come", "дата утверждения ещё не наступила");
  }
  if (auto s = CheckOwner(call, request.name()); !s.ok()) return s;
  return engine_->Write<Plan>(
      call, request,
      [&](pg::Tx& tx, Plan& plan) -> absl::Status {
        if (auto s = resource::MakeDeclaredStep(*engine_, call, request, &plan); !s.ok()) return s;
        bool other = false;
        auto asked = tx.Unscoped(RegionOf(plan.name()), [&] {
          auto in_force = plan_store::IsOtherInForce(tx, plan);
          other = in_force.ok() && *in_force;
          return in_force.status();
        });
        if (!asked.ok()) return asked;
        if (other) {
          return Refuse(v1::PROGRAMS_REASON_PLAN_IN_FORCE,
                        "another plan of the same owner and years is in force");
        }
        return Supersede(*engine_, tx, resource::AuthorOf(call, request), &plan);
      },
      response);
}

absl::Status PlansService::AmendTrainingPlan(rpc::Call& call,
                                             const v1::AmendTrainingPlanRequest& request,
                                             Plan* response) {
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto plan = Plans(*engine_).Get(tx, request.name(), Lock::kUpdate);
    if (!plan.ok()) return plan.status();
    if (!request.etag().empty() && request.etag() != plan->etag()) {
      return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                        "the plan has changed")
          .Resource("programs.rsnms/TrainingPlan", request.name());
    }
    if (plan->state() != Plan::STATE_APPROVED) return NotInForce();
    auto in_work = plan_store::IsInAmendment(tx, *plan);
    if (!in_work.ok()) return in_work.status();
    if (*in_work) {
      return Refuse(v1::PROGRAMS_REASON_PLAN_IN_AMENDMENT, "another amendment is in work");
    }
    Plan draft = AmendmentOf(*plan);
    auto status = Plans(*engine_).Insert(tx, resource::AuthorOf(call, request), draft);
    if (status.ok()) *response = std::move(draft);
    return status;
  });
}

absl::Status PlansService::SetPlanLineGroups(rpc::Call& call,
                                             const v1::SetPlanLineGroupsRequest& request,
                                             Plan* response) {
  return engine_->Write<Plan>(
      call, request,
      [&](pg::Tx& tx, Plan& plan) -> absl::Status {
        if (plan.state() != Plan::STATE_APPROVED) return NotInForce();
        if (auto s = plan_store::CheckGroups(tx, *engine_, plan, request); !s.ok()) return s;
        SetGroups(request, &plan);
        return absl::OkStatus();
      },
      response);
}

absl::Status PlansService::GetTrainingPlanExecution(
    rpc::Call& call, const v1::GetTrainingPlanExecutionRequest& request,
    v1::TrainingPlanExecution* response) {
  const absl::CivilDay day =
      request.has_as_of_date() ? DayOf(request.as_of_date()) : RegisterDay(now_());
  return engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto plan = Plans(*engine_).Get(tx, request.name());
    if (!plan.ok()) return plan.status();
    auto execution = plan_store::Execution(tx, *plan, day);
    if (execution.ok()) *response = *std::move(execution);
    return execution.status();
  });
}

}  // namespace rsnms::programs
