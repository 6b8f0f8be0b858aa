#include "services/programs/orders/order_rules.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/listeners.h"
#include "services/programs/names.h"
#include "services/programs/orders/ground_rules.h"
#include "services/programs/orders/written.h"

namespace rsnms::programs::order_rules {
namespace {

using resource::Change;
using Order = v1::TrainingOrder;

absl::Status Invalid(v1::ProgramsReason reason, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text);
}

absl::Status Refuse(v1::ProgramsReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

// The engine does not look into lines: a name of another region would slip through.
absl::Status CheckName(std::string_view name, std::string_view prefix, std::string_view path) {
  if (name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix &&
      name.find('/', prefix.size()) == std::string_view::npos) {
    return absl::OkStatus();
  }
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                           Cat("must be ", prefix, "{id}"),
                           "имя должно принадлежать региону заявки");
}

absl::Status CheckLines(const Order& order) {
  absl::flat_hash_set<std::string_view> ids;
  for (int i = 0; i < order.lines_size(); ++i) {
    const std::string path = Cat("lines[", i, "]");
    if (!ids.insert(order.lines(i).id()).second) {
      return Invalid(v1::PROGRAMS_REASON_REPEATED_LINE, Cat(path, ".id"), "is another line's");
    }
    if (auto s = CheckSubject(order.lines(i), RegionOf(order.name()), path); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// A step just made.
absl::Status CheckStep(Order& after) {
  if (after.state() == Order::STATE_SUBMITTED) {
    after.clear_state_reason();
    if (after.lines().empty()) {
      return Refuse(v1::PROGRAMS_REASON_ORDER_EMPTY, "there is nothing in the order");
    }
    for (int i = 0; i < after.lines_size(); ++i) {
      auto s = ground_rules::CheckTerm(after.lines(i), after.year(), Cat("lines[", i, "]"));
      if (!s.ok()) return s;
    }
  }
  if (after.state() == Order::STATE_EXECUTED &&
      DayOf(after.execution_date()) < DayOf(after.approval_date())) {
    return rpc::InvalidField("execution_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must not be before the approval",
                             "дата исполнения не раньше даты утверждения");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSubject(const v1::OrderLine& line, std::string_view region,
                          std::string_view path) {
  if (line.programme().empty() && line.competencies().empty() && line.topic_codes().empty()) {
    return Invalid(v1::PROGRAMS_REASON_LINE_SUBJECT_REQUIRED, path,
                   "names neither a programme nor competencies nor topics");
  }
  if (!line.programme().empty()) {
    const std::string where = Cat(path, ".programme");
    if (auto s = CheckName(line.programme(), NameOf(region, "programmes", ""), where); !s.ok()) {
      return s;
    }
    if (!resource::IsUuid(IdOf(line.programme()))) {
      return rpc::InvalidField(where, options::v1::COMMON_REASON_INVALID_NAME, "must end in a UUID",
                               "имя программы записано неверно");
    }
  }
  absl::flat_hash_set<std::string_view> seen;
  for (int i = 0; i < line.competencies_size(); ++i) {
    const std::string where = Cat(path, ".competencies[", i, "]");
    if (auto s = CheckName(line.competencies(i), NameOf(region, "competencies", ""), where);
        !s.ok()) {
      return s;
    }
    if (!seen.insert(line.competencies(i)).second) {
      return rpc::InvalidField(where, options::v1::COMMON_REASON_INVALID_REQUEST, "is named twice",
                               "компетенция указана дважды");
    }
  }
  return absl::OkStatus();
}

absl::Status Check(Change change, const Order* before, Order* after) {
  if (change == Change::kUndelete) return absl::OkStatus();
  const bool edits =
      before != nullptr && (change == Change::kDelete || WrittenDiffers(*before, *after));
  if (edits && !IsEditable(before->state())) {
    return Refuse(v1::PROGRAMS_REASON_ORDER_FROZEN, "what was handed in does not change");
  }
  if (change == Change::kDelete) return absl::OkStatus();
  if (after->organisation().empty() && after->municipality().empty()) {
    return Invalid(v1::PROGRAMS_REASON_CUSTOMER_REQUIRED, "organisation",
                   "nobody asks: name the organisation or the municipality");
  }
  if (before == nullptr || edits) {
    if (auto s = CheckLines(*after); !s.ok()) return s;
  }
  const bool stepped = before != nullptr && before->state() != after->state();
  return stepped ? CheckStep(*after) : absl::OkStatus();
}

absl::Status CheckNotToCome(const Order* before, const Order& after, absl::CivilDay latest) {
  const bool stepped = before != nullptr && before->state() != after.state();
  const auto to_come = [&](const google::type::Date& day, std::string_view field) -> absl::Status {
    if (DayOf(day) <= latest) return absl::OkStatus();
    return rpc::InvalidField(field, options::v1::COMMON_REASON_OUT_OF_RANGE, "must not be to come",
                             "дата ещё не наступила");
  };
  if (stepped && after.state() == Order::STATE_APPROVED) {
    return to_come(after.approval_date(), "approval_date");
  }
  if (stepped && after.state() == Order::STATE_EXECUTED) {
    return to_come(after.execution_date(), "execution_date");
  }
  return absl::OkStatus();
}

const v1::OrderLine* FindLine(const Order& order, std::string_view id) {
  auto found = std::find_if(order.lines().begin(), order.lines().end(),
                            [&](const v1::OrderLine& line) { return line.id() == id; });
  return found == order.lines().end() ? nullptr : &*found;
}

absl::StatusOr<const v1::OrderLine*> LineFor(const Order& order, const v1::Enrolment& enrolment) {
  if (order.state() != Order::STATE_APPROVED && order.state() != Order::STATE_IN_WORK) {
    return Refuse(v1::PROGRAMS_REASON_ORDER_NOT_OPEN, "the order is not approved, or has ended");
  }
  const auto mismatch = [](std::string_view path, std::string_view text) {
    return Invalid(v1::PROGRAMS_REASON_ORDER_LINE_MISMATCH, path, text);
  };
  const v1::OrderLine* line = FindLine(order, enrolment.order_line());
  if (line == nullptr) return mismatch("order_line", "is no line of the order");
  if (!line->programme().empty() && line->programme() != enrolment.programme()) {
    return mismatch("programme", "must be the line's");
  }
  if (!MayBeOf(line->listener_category(), enrolment.category())) {
    return mismatch("category", "must be the line's");
  }
  if (!order.organisation().empty() && order.organisation() != enrolment.organisation()) {
    return mismatch("organisation", "must be the one that ordered");
  }
  if (order.organisation().empty() && order.municipality() != enrolment.municipality()) {
    return mismatch("municipality", "must be the one that ordered");
  }
  return line;
}

bool IsEditable(Order::State state) {
  return state == Order::STATE_DRAFT || state == Order::STATE_RETURNED;
}

void Conclude(const Order& order, const v1::OrderLine& line, absl::CivilDay day,
              v1::OrderLineExecution* told) {
  const int held = told->applied() + told->learning() + told->completed();
  told->set_free(std::max(0, told->places() - held));
  const absl::CivilDay last = ground_rules::LastDay(order.year(), line.quarter(), line.due_date());
  *told->mutable_due_date() = ToDate(last);
  if (day > last) told->set_overdue(std::max(0, told->places() - told->completed()));
}

absl::Status MayEnd(const Order& order, const v1::TrainingOrderExecution& execution) {
  for (const auto& line : execution.lines()) {
    if (line.applied() + line.learning() > 0) {
      return Refuse(v1::PROGRAMS_REASON_ORDER_HAS_LEARNERS, "people apply or learn by the order");
    }
  }
  if (order.state() != Order::STATE_EXECUTED || !order.state_reason().empty()) {
    return absl::OkStatus();
  }
  rpc::Error error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_ORDER_NOT_EXECUTED,
                   "fewer have completed than asked for");
  bool executed = true;
  for (int i = 0; i < execution.lines_size(); ++i) {
    const auto& line = execution.lines(i);
    if (line.completed() >= line.places()) continue;
    executed = false;
    error.Field(Cat("lines[", i, "]"),
                Cat(line.completed(), " of ", line.places(), " have completed"),
                Cat("обучено ", line.completed(), " из ", line.places()));
  }
  return executed ? absl::OkStatus() : error.ToStatus();
}

}  // namespace rsnms::programs::order_rules
