#include "services/programs/enrolment/enrolment_rules.h"

#include <set>
#include <tuple>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/options.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/programs/v1/training_service.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/certificate_number.h"
#include "services/programs/names.h"

namespace rsnms::programs::enrolment_rules {
namespace {

using options::v1::COMMON_REASON_INVALID_FORMAT;
using options::v1::COMMON_REASON_INVALID_STATE;
using options::v1::COMMON_REASON_OUT_OF_RANGE;
using options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING;

// The steps of the contract: both services' methods that declare one on an enrolment.
std::set<std::pair<int, int>> DeclaredSteps() {
  const auto* states = google::protobuf::GetEnumDescriptor<v1::Enrolment::State>();
  const auto number = [&](const std::string& name) {
    return states->FindValueByName("STATE_" + name)->number();
  };
  std::set<std::pair<int, int>> steps = {
      // CompleteEnrolment answers a Completion, hence declares no step of its own.
      {v1::Enrolment::STATE_IN_PROGRESS, v1::Enrolment::STATE_COMPLETED}};
  for (const auto* service :
       {v1::SelectProgrammesRequest::descriptor()->file()->FindServiceByName("Programs"),
        v1::EnrolInGroupRequest::descriptor()->file()->FindServiceByName("Training")}) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = service->method(i)->options().GetExtension(options::v1::method);
      if (method.resource() != "programs.rsnms/Enrolment" || !method.has_transition()) continue;
      for (const std::string& from : method.transition().from()) {
        steps.emplace(number(from), number(method.transition().to()));
      }
    }
  }
  return steps;
}

std::string_view Word(State state) {
  std::string_view name = v1::Enrolment::State_Name(state);
  name.remove_prefix(std::string_view("STATE_").size());
  return name;
}

absl::Status InvalidState(std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, COMMON_REASON_INVALID_STATE, message);
}

absl::Status OutOfOrder(std::string_view field) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_STEP_OUT_OF_ORDER,
                    "a step takes effect not before the last one")
      .Field(field, "must not be before that of the last step",
             "дата не может быть раньше предыдущего события");
}

absl::Status CheckState(const v1::Enrolment* before, v1::Enrolment& after) {
  if (before == nullptr) {
    if (after.state() == v1::Enrolment::STATE_UNSPECIFIED) {
      after.set_state(v1::Enrolment::STATE_APPLIED);
    }
    if (!MayBeginAs(after.state())) return InvalidState("an enrolment cannot begin ended");
    return absl::OkStatus();
  }
  if (before->state() == after.state()) return absl::OkStatus();
  if (!MayMove(before->state(), after.state())) {
    return InvalidState(Cat(Word(before->state()), " cannot become ", Word(after.state())));
  }
  if (after.state() == v1::Enrolment::STATE_ENROLLED &&
      before->seat() == v1::ENROLMENT_SEAT_WAITING) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_SEAT_NOT_HELD,
                      "the enrolment waits for a seat");
  }
  if (after.has_state_date() &&
      ((before->has_state_date() && Before(after.state_date(), before->state_date())) ||
       (before->has_enrolled_date() && Before(after.state_date(), before->enrolled_date())))) {
    return OutOfOrder("state_date");
  }
  if (after.has_deferred_until_date() && after.has_state_date() &&
      Before(after.deferred_until_date(), after.state_date())) {
    return rpc::InvalidField("deferred_until_date", COMMON_REASON_OUT_OF_RANGE,
                             "must not be before state_date",
                             "срок отсрочки не может закончиться раньше, чем она началась");
  }
  return absl::OkStatus();
}

// Diagnostics before and after learning.
absl::Status CheckSessions(const v1::Enrolment* before, const v1::Enrolment& after) {
  const v1::Enrolment& old = before == nullptr ? v1::Enrolment::default_instance() : *before;
  const bool entry = old.entry_session() != after.entry_session();
  const bool exit = old.exit_session() != after.exit_session();
  if (!entry && !exit) return absl::OkStatus();
  if (!after.exit_session().empty() && after.exit_session() == after.entry_session()) {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_SAME_SESSION,
                      "entry and exit diagnostics are two sessions")
        .Field(exit ? "exit_session" : "entry_session", "must differ from the other session");
  }
  if (before != nullptr && !Living(before->state())) {
    return InvalidState("the enrolment has ended: its diagnostics stand");
  }
  if (entry && before != nullptr && before->state() == v1::Enrolment::STATE_IN_PROGRESS) {
    return InvalidState("learning has begun: the diagnostics before it stand");
  }
  if (before == nullptr && !after.transferred_from().empty()) return absl::OkStatus();
  if (exit && !after.exit_session().empty() && after.state() != v1::Enrolment::STATE_IN_PROGRESS) {
    return InvalidState("exit diagnostics are recorded while IN_PROGRESS");
  }
  return absl::OkStatus();
}

absl::Status SessionOutOfOrder(std::string_view field) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_SESSION_OUT_OF_ORDER,
                    "entry diagnostics are held before learning, exit diagnostics after it began")
      .Field(field, "does not fit the days of diagnostics and of learning",
             "входная диагностика – не позже начала обучения, итоговая – не раньше");
}

// The day learning began; nothing when nobody said. A step without a day keeps that of the step
// before, and who comes from another group began there: neither says anything of it.
const google::type::Date* Began(const v1::Enrolment& old, const v1::Enrolment& after) {
  if (after.has_start_date()) return &after.start_date();
  const bool begins = old.state() != after.state() && after.transferred_from().empty() &&
                      after.state() == v1::Enrolment::STATE_IN_PROGRESS && after.has_state_date();
  const bool dated =
      begins && (!old.has_state_date() || Before(old.state_date(), after.state_date()));
  return dated ? &after.state_date() : nullptr;
}

// Where diagnostics told the days of their sessions.
absl::Status CheckSessionDays(const v1::Enrolment* before, const v1::Enrolment& after) {
  if (after.state() != v1::Enrolment::STATE_IN_PROGRESS &&
      after.state() != v1::Enrolment::STATE_COMPLETED &&
      after.state() != v1::Enrolment::STATE_FAILED) {
    return absl::OkStatus();
  }
  const v1::Enrolment& old = before == nullptr ? v1::Enrolment::default_instance() : *before;
  const auto* began = Began(old, after);
  const bool entry = after.has_entry_session_date(), exit = after.has_exit_session_date();
  if (entry && began != nullptr && Before(*began, after.entry_session_date())) {
    return SessionOutOfOrder(old.entry_session() != after.entry_session() ? "entry_session"
                                                                          : "start_date");
  }
  if (exit && ((began != nullptr && Before(after.exit_session_date(), *began)) ||
               (entry && Before(after.exit_session_date(), after.entry_session_date())))) {
    return SessionOutOfOrder(old.exit_session() != after.exit_session() ? "exit_session"
                                                                        : "start_date");
  }
  return absl::OkStatus();
}

bool Outside(const google::type::Date& day, const v1::Group& group) {
  return Before(day, group.start_date()) || Before(group.end_date(), day);
}

absl::Status OutsideGroup(std::string_view field) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_DATES_OUTSIDE_GROUP,
                    "the date lies outside the group's")
      .Field(field, "must lie inside the dates of the group", "дата вне сроков обучения группы");
}

absl::Status Refuse(v1::ProgramsReason reason, std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

}  // namespace

bool Before(const google::type::Date& a, const google::type::Date& b) {
  return std::make_tuple(a.year(), a.month(), a.day()) <
         std::make_tuple(b.year(), b.month(), b.day());
}

bool MayMove(State from, State to) {
  static const auto* const steps = new std::set<std::pair<int, int>>(DeclaredSteps());
  return steps->contains({from, to});
}

bool Living(State state) { return MayBeginAs(state) || state == v1::Enrolment::STATE_DEFERRED; }

bool MayBeginAs(State state) {
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

google::type::Date LastDay(absl::Time now) { return ToDate(LatestDay(now)); }

absl::Status CheckCompletionDay(const v1::Enrolment& before, const google::type::Date& day,
                                absl::Time now) {
  if (Before(LastDay(now), day)) {
    return rpc::InvalidField("completion_date", COMMON_REASON_OUT_OF_RANGE, "must not be to come",
                             "дата выдачи не может быть в будущем");
  }
  if (before.has_start_date() || before.has_enrolled_date() || before.has_state_date() ||
      !before.group().empty()) {
    return absl::OkStatus();
  }
  const absl::CivilDay recorded =
      RegisterDay(absl::FromUnixSeconds(before.create_time().seconds()));
  const absl::CivilDay first(recorded.year() - kBackRecordedYears, recorded.month(),
                             recorded.day());
  if (!Before(day, ToDate(first))) return absl::OkStatus();
  return rpc::InvalidField(
      "completion_date", COMMON_REASON_OUT_OF_RANGE,
      Cat("is more than ", kBackRecordedYears,
          " years before the enrolment was recorded: give the enrolment its start_date"),
      "слишком давняя дата: укажите в зачислении, когда началось обучение");
}

absl::Status CheckDay(const v1::Enrolment& before, const google::type::Date* day, absl::Time now,
                      std::string_view field) {
  if (day == nullptr) return absl::OkStatus();
  if (Before(LastDay(now), *day)) {
    return rpc::InvalidField(field, COMMON_REASON_OUT_OF_RANGE, "must not be to come",
                             "дата не может быть в будущем");
  }
  if ((before.has_state_date() && Before(*day, before.state_date())) ||
      (before.has_enrolled_date() && Before(*day, before.enrolled_date())) ||
      (before.state() == v1::Enrolment::STATE_IN_PROGRESS && before.has_start_date() &&
       Before(*day, before.start_date()))) {
    return OutOfOrder(field);
  }
  return absl::OkStatus();
}

void Conclude(const v1::Enrolment& before, const google::type::Date* day, std::string_view reason,
              absl::Time now, v1::Enrolment* after) {
  const State to = after->state();
  after->mutable_state_time()->set_seconds(absl::ToUnixSeconds(now));
  after->mutable_state_time()->set_nanos(0);
  after->set_state_reason(std::string(reason));
  if (day != nullptr) *after->mutable_state_date() = *day;
  if (day != nullptr && before.state() == v1::Enrolment::STATE_APPLIED &&
      to == v1::Enrolment::STATE_ENROLLED) {
    *after->mutable_enrolled_date() = *day;
  }
  if (to != v1::Enrolment::STATE_DEFERRED) after->clear_deferred_until_date();
  if (!MayBeginAs(to) && to != v1::Enrolment::STATE_COMPLETED &&
      to != v1::Enrolment::STATE_FAILED) {
    after->clear_seat();
    after->clear_waiting_number();
  }
}

absl::Status CheckInGroup(const v1::Enrolment* before, const v1::Enrolment& after,
                          const v1::Group& group) {
  const v1::Enrolment& old = before == nullptr ? v1::Enrolment::default_instance() : *before;
  const bool entered = old.group() != after.group();
  // The group's dates may have moved while learning was put off.
  const bool returns = old.state() == v1::Enrolment::STATE_DEFERRED &&
                       after.state() == v1::Enrolment::STATE_ENROLLED;
  const auto changed = [&](const google::type::Date& was, const google::type::Date& is) {
    return entered || returns || Before(was, is) || Before(is, was);
  };
  // Learning that began in another group stays begun.
  const bool began_elsewhere =
      !after.transferred_from().empty() && Before(after.start_date(), group.start_date()) &&
      (before == nullptr || !(Before(old.start_date(), after.start_date()) ||
                              Before(after.start_date(), old.start_date())));
  if (after.has_start_date() && !began_elsewhere && changed(old.start_date(), after.start_date()) &&
      Outside(after.start_date(), group)) {
    return OutsideGroup("start_date");
  }
  if (after.has_planned_end_date() && changed(old.planned_end_date(), after.planned_end_date()) &&
      Outside(after.planned_end_date(), group)) {
    return OutsideGroup("planned_end_date");
  }
  if (!entered && old.state() == after.state()) return absl::OkStatus();
  if (after.state() == v1::Enrolment::STATE_IN_PROGRESS) {
    if (group.state() != v1::Group::STATE_RUNNING) {
      return Refuse(v1::PROGRAMS_REASON_GROUP_NOT_RUNNING, "the group does not learn");
    }
    if (group.entry_diagnostics_required() && after.entry_session().empty()) {
      return Refuse(v1::PROGRAMS_REASON_ENTRY_DIAGNOSTICS_MISSING,
                    "the group wants diagnostics before learning");
    }
  }
  if (after.state() == v1::Enrolment::STATE_COMPLETED) {
    if (group.exit_diagnostics_required() && after.exit_session().empty()) {
      return Refuse(v1::PROGRAMS_REASON_EXIT_DIAGNOSTICS_MISSING,
                    "the group wants diagnostics after learning");
    }
    if (after.has_state_date() && Before(after.state_date(), group.start_date())) {
      return OutsideGroup("completion_date");
    }
  }
  return absl::OkStatus();
}

absl::Status Check(resource::Change change, const v1::Enrolment* before, v1::Enrolment* after) {
  if (change == resource::Change::kDelete) {
    if (!before->group().empty()) {
      return InvalidState("the enrolment has a group; withdraw it instead");
    }
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
  const v1::Enrolment* known = change == resource::Change::kCreate ? nullptr : before;
  if (auto s = CheckState(known, *after); !s.ok()) return s;
  if (auto s = CheckSessions(known, *after); !s.ok()) return s;
  return CheckSessionDays(known, *after);
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
  if (NumberKey(certificate_number).empty()) {
    return rpc::InvalidField("certificate_number", COMMON_REASON_INVALID_FORMAT,
                             "must have a letter or a digit", "в номере нет ни букв, ни цифр");
  }
  if (completion_date.year() == 0 || completion_date.month() == 0 || completion_date.day() == 0 ||
      (enrolment.has_start_date() && Before(completion_date, enrolment.start_date())) ||
      (enrolment.has_enrolled_date() && Before(completion_date, enrolment.enrolled_date())) ||
      (enrolment.has_state_date() && Before(completion_date, enrolment.state_date()))) {
    return rpc::InvalidField("completion_date", COMMON_REASON_OUT_OF_RANGE,
                             "must be a full date, not before enrolment and learning began",
                             "дата выдачи не может быть раньше зачисления и начала обучения");
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
  completion.set_programme_title(programme.title());
  completion.set_kind(programme.kind());
  completion.set_study_form(programme.form());
  completion.set_provider_title(programme.provider_title());
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
