#include "services/programs/orders/plan_rules.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
#include "services/programs/orders/ground_rules.h"
#include "services/programs/orders/order_rules.h"
#include "services/programs/orders/written.h"

namespace rsnms::programs::plan_rules {
namespace {

using google::protobuf::util::MessageDifferencer;
using resource::Change;
using Line = v1::PlanLine;
using Plan = v1::TrainingPlan;

absl::Status Refuse(v1::ProgramsReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

absl::Status CheckYears(const Plan& plan) {
  const int years = plan.end_year() - plan.start_year() + 1;
  if (years >= 1 && years <= kMostYears) return absl::OkStatus();
  return rpc::InvalidField("end_year", options::v1::COMMON_REASON_OUT_OF_RANGE,
                           "must lie between start_year and nine years later",
                           "план составляют на срок от одного года до десяти лет");
}

bool HasYear(const Plan& plan, int year) {
  return year >= plan.start_year() && year <= plan.end_year();
}

absl::Status CheckLines(const Plan& plan) {
  absl::flat_hash_set<std::string_view> ids;
  for (int i = 0; i < plan.lines_size(); ++i) {
    const Line& line = plan.lines(i);
    const std::string path = Cat("lines[", i, "]");
    if (!ids.insert(line.id()).second) {
      return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_REPEATED_LINE,
                        "two lines have one id")
          .Field(Cat(path, ".id"), "is another line's");
    }
    if (IsPlanned(line) && !HasYear(plan, line.year())) {
      return rpc::InvalidField(Cat(path, ".year"), options::v1::COMMON_REASON_OUT_OF_RANGE,
                               "must be one of the plan's years", "год строки вне срока плана");
    }
    if (auto s = order_rules::CheckSubject(Planned(line), RegionOf(plan.name()), path); !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

// Whether the line comes from where it came, its year included.
bool SameSource(const Line& a, const Line& b) {
  return a.training_order() == b.training_order() && a.order_withdrawn() == b.order_withdrawn() &&
         a.has_ordered() == b.has_ordered() && MessageDifferencer::Equals(a.ordered(), b.ordered());
}

absl::Status Gathered(int line, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_PLAN_LINE_GATHERED,
                    text)
      .Field(line < 0 ? std::string("lines") : Cat("lines[", line, "]", path), text);
}

// What people do to lines: sources stay with their lines, and what was gathered in the plan's years
// is not removed.
absl::Status CheckSources(const Plan* before, const Plan& after) {
  absl::flat_hash_map<std::string_view, const Line*> was;
  if (before != nullptr) {
    for (const Line& line : before->lines()) was[line.id()] = &line;
  }
  for (int i = 0; i < after.lines_size(); ++i) {
    const Line& line = after.lines(i);
    auto found = was.find(line.id());
    const Line& old = found == was.end() ? Line::default_instance() : *found->second;
    if (!SameSource(old, line)) return Gathered(i, "", "must come from where it came");
    if (IsGathered(line) && line.year() != old.year()) {
      return Gathered(i, ".year", "must be the order's");
    }
    if (found != was.end()) was.erase(found);
  }
  for (const auto& [id, line] : was) {
    if (!IsGathered(*line) || !HasYear(after, line->year())) continue;
    return Gathered(-1, "", Cat("lack the gathered line ", id, ": exclude it instead"));
  }
  return absl::OkStatus();
}

// Gathering and amending bring lines with their sources.
bool BringsSources(const Plan* before, const Plan& after) {
  return before == nullptr ? !after.former().empty()
                           : before->gathering().number() != after.gathering().number();
}

// Planned lines are not wanted after the terms of their grounds.
absl::Status CheckTerms(const Plan& plan) {
  for (int i = 0; i < plan.lines_size(); ++i) {
    const Line& line = plan.lines(i);
    if (!IsPlanned(line)) continue;
    auto s = ground_rules::CheckTerm(Planned(line), line.year(), Cat("lines[", i, "]"));
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status CheckStep(const Plan& before, Plan& after) {
  if (after.state() != Plan::STATE_ON_APPROVAL && after.state() != Plan::STATE_APPROVED) {
    return absl::OkStatus();
  }
  after.clear_state_reason();
  if (std::none_of(after.lines().begin(), after.lines().end(), IsPlanned)) {
    return Refuse(v1::PROGRAMS_REASON_PLAN_EMPTY, "there is nothing in the plan");
  }
  // What was handed in before terms were asked for stands as it is.
  return before.state() == Plan::STATE_DRAFT ? CheckTerms(after) : absl::OkStatus();
}

}  // namespace

absl::Status Check(Change change, const Plan* before, Plan* after) {
  if (change == Change::kUndelete) return absl::OkStatus();
  const bool edits =
      before != nullptr && (change == Change::kDelete || WrittenDiffers(*before, *after));
  if (edits && before->state() != Plan::STATE_DRAFT) {
    return Refuse(v1::PROGRAMS_REASON_PLAN_FROZEN, "a plan that is no draft does not change");
  }
  if (change == Change::kDelete) return absl::OkStatus();
  if (before == nullptr || edits) {
    if (auto s = CheckYears(*after); !s.ok()) return s;
    if (auto s = CheckLines(*after); !s.ok()) return s;
    if (!BringsSources(before, *after)) {
      if (auto s = CheckSources(before, *after); !s.ok()) return s;
    }
  }
  if (after->revision() == 0) after->set_revision(1);
  const bool stepped = before != nullptr && before->state() != after->state();
  return stepped ? CheckStep(*before, *after) : absl::OkStatus();
}

bool InForce(const v1::TrainingOrder& order) {
  return !order.has_delete_time() && (order.state() == v1::TrainingOrder::STATE_APPROVED ||
                                      order.state() == v1::TrainingOrder::STATE_IN_WORK ||
                                      order.state() == v1::TrainingOrder::STATE_EXECUTED);
}

bool IsGathered(const Line& line) { return !line.training_order().empty(); }

bool IsPlanned(const Line& line) { return line.exclusion_reason().empty(); }

v1::OrderLine Planned(const Line& line) {
  v1::OrderLine asked;
  asked.set_id(line.id());
  asked.set_programme(line.programme());
  *asked.mutable_competencies() = line.competencies();
  *asked.mutable_topic_codes() = line.topic_codes();
  asked.set_places(line.places());
  asked.set_listener_category(line.listener_category());
  asked.set_ground(line.ground());
  asked.set_quarter(line.quarter());
  asked.set_note(line.note());
  if (line.has_ground_date()) *asked.mutable_ground_date() = line.ground_date();
  asked.set_ground_resource(line.ground_resource());
  if (line.has_due_date()) *asked.mutable_due_date() = line.due_date();
  return asked;
}

void SetPlanned(const v1::OrderLine& asked, Line* line) {
  line->set_programme(asked.programme());
  *line->mutable_competencies() = asked.competencies();
  *line->mutable_topic_codes() = asked.topic_codes();
  line->set_places(asked.places());
  line->set_listener_category(asked.listener_category());
  line->set_ground(asked.ground());
  line->set_quarter(asked.quarter());
  line->set_note(asked.note());
  line->clear_ground_date();
  if (asked.has_ground_date()) *line->mutable_ground_date() = asked.ground_date();
  line->set_ground_resource(asked.ground_resource());
  line->clear_due_date();
  if (asked.has_due_date()) *line->mutable_due_date() = asked.due_date();
}

const Line* FindLine(const Plan& plan, std::string_view id) {
  auto found = std::find_if(plan.lines().begin(), plan.lines().end(),
                            [&](const Line& line) { return line.id() == id; });
  return found == plan.lines().end() ? nullptr : &*found;
}

}  // namespace rsnms::programs::plan_rules
