#include "services/programs/enrolment/enrolment_rules.h"

#include <tuple>

#include "absl/time/time.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs::enrolment_rules {
namespace {

using options::v1::COMMON_REASON_INVALID_STATE;
using options::v1::COMMON_REASON_OUT_OF_RANGE;
using options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING;

struct Step {
  State from, to;
};
constexpr Step kSteps[] = {
    {v1::Enrolment::STATE_APPLIED, v1::Enrolment::STATE_ENROLLED},
    {v1::Enrolment::STATE_APPLIED, v1::Enrolment::STATE_WITHDRAWN},
    {v1::Enrolment::STATE_ENROLLED, v1::Enrolment::STATE_IN_PROGRESS},
    {v1::Enrolment::STATE_ENROLLED, v1::Enrolment::STATE_WITHDRAWN},
    {v1::Enrolment::STATE_IN_PROGRESS, v1::Enrolment::STATE_COMPLETED},
    {v1::Enrolment::STATE_IN_PROGRESS, v1::Enrolment::STATE_FAILED},
    {v1::Enrolment::STATE_IN_PROGRESS, v1::Enrolment::STATE_WITHDRAWN},
};

std::string_view Word(State state) {
  std::string_view name = v1::Enrolment::State_Name(state);
  name.remove_prefix(std::string_view("STATE_").size());
  return name;
}

absl::Status InvalidState(std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, COMMON_REASON_INVALID_STATE, message);
}

bool Before(const google::type::Date& a, const google::type::Date& b) {
  return std::make_tuple(a.year(), a.month(), a.day()) <
         std::make_tuple(b.year(), b.month(), b.day());
}

absl::Status CheckState(const v1::Enrolment* before, v1::Enrolment& after) {
  if (before == nullptr) {
    if (after.state() == v1::Enrolment::STATE_UNSPECIFIED) {
      after.set_state(v1::Enrolment::STATE_APPLIED);
    }
    if (!Living(after.state())) return InvalidState("an enrolment cannot begin ended");
    return absl::OkStatus();
  }
  if (before->state() == after.state() || MayMove(before->state(), after.state())) {
    return absl::OkStatus();
  }
  return InvalidState(Cat(Word(before->state()), " cannot become ", Word(after.state())));
}

}  // namespace

bool MayMove(State from, State to) {
  for (const Step& step : kSteps) {
    if (step.from == from && step.to == to) return true;
  }
  return false;
}

bool Living(State state) {
  return state == v1::Enrolment::STATE_APPLIED || state == v1::Enrolment::STATE_ENROLLED ||
         state == v1::Enrolment::STATE_IN_PROGRESS;
}

absl::Status Move(v1::Enrolment& enrolment, State to, absl::Time now) {
  if (!MayMove(enrolment.state(), to)) {
    return InvalidState(Cat(Word(enrolment.state()), " cannot become ", Word(to)));
  }
  enrolment.set_state(to);
  enrolment.mutable_state_time()->set_seconds(absl::ToUnixSeconds(now));
  return absl::OkStatus();
}

absl::Status Check(resource::Change change, const v1::Enrolment* before, v1::Enrolment* after) {
  if (change == resource::Change::kDelete) {
    if (before->state() == v1::Enrolment::STATE_APPLIED) return absl::OkStatus();
    return InvalidState("only an application can be deleted; withdraw the enrolment instead");
  }
  if (change == resource::Change::kUndelete) return absl::OkStatus();
  if (after->basis() == v1::ENROLMENT_BASIS_DIAGNOSTICS && after->route().empty()) {
    return rpc::InvalidField("route", COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "is required when the basis is DIAGNOSTICS",
                             "укажите маршрут, по которому выбрана программа");
  }
  if (after->has_start_date() && after->has_planned_end_date() &&
      Before(after->planned_end_date(), after->start_date())) {
    return rpc::InvalidField("planned_end_date", COMMON_REASON_OUT_OF_RANGE,
                             "must not be before start_date",
                             "окончание обучения не раньше его начала");
  }
  return CheckState(change == resource::Change::kCreate ? nullptr : before, *after);
}

std::string ProviderKey(const v1::Programme& programme) {
  if (!programme.provider().empty()) return std::string(IdOf(programme.provider()));
  if (!programme.provider_inn().empty()) return programme.provider_inn();
  return programme.provider_title();
}

absl::StatusOr<v1::Completion> MakeCompletion(const v1::Enrolment& enrolment,
                                              const v1::Programme& programme,
                                              std::string_view certificate_number,
                                              const google::type::Date& completion_date) {
  if (certificate_number.empty()) {
    return rpc::InvalidField("certificate_number", COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "is required", "укажите номер удостоверения или диплома");
  }
  if (completion_date.year() == 0 || completion_date.month() == 0 || completion_date.day() == 0 ||
      (enrolment.has_start_date() && Before(completion_date, enrolment.start_date()))) {
    return rpc::InvalidField("completion_date", COMMON_REASON_OUT_OF_RANGE,
                             "must be a full date, not before the first day of learning",
                             "дата выдачи не может быть раньше начала обучения");
  }
  const bool listed = programme.register_state() == v1::REGISTER_STATE_LISTED;
  v1::Completion completion;
  completion.set_enrolment(enrolment.name());
  completion.set_person(enrolment.person());
  completion.set_organisation(enrolment.organisation());
  completion.set_municipality(enrolment.municipality());
  completion.set_category(enrolment.category());
  completion.set_programme(enrolment.programme());
  completion.set_provider(programme.provider());
  completion.set_provider_key(ProviderKey(programme));
  completion.set_route(enrolment.route());
  completion.set_route_item_id(enrolment.route_item_id());
  completion.set_basis(enrolment.basis());
  completion.set_certificate_number(std::string(certificate_number));
  *completion.mutable_completion_date() = completion_date;
  completion.set_duration_hours(programme.duration_hours());
  completion.set_register_programme(listed);
  if (listed) completion.set_federal_register_number(programme.federal_register_number());
  completion.set_chosen_by_diagnostics(enrolment.basis() == v1::ENROLMENT_BASIS_DIAGNOSTICS &&
                                       !enrolment.route().empty());
  *completion.mutable_topic_codes() = programme.topic_codes();
  for (const v1::CompetencyCoverage& coverage : programme.competencies()) {
    completion.add_competencies(coverage.competency());
  }
  return completion;
}

}  // namespace rsnms::programs::enrolment_rules
