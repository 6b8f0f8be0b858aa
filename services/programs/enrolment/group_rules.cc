#include "services/programs/enrolment/group_rules.h"

#include <algorithm>

#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/enrolment/enrolment_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::group_rules {
namespace {

using enrolment_rules::Before;
using v1::Group;

absl::Status InvalidState(std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_INVALID_STATE,
                    message);
}

absl::Status StagesOutOfOrder(int at, std::string_view field, std::string_view why) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_STAGES_OUT_OF_ORDER,
                    "stages lie inside the group's dates, one after another")
      .Field(Cat("stages[", at, "].", field), why);
}

absl::Status CheckStages(const Group& group) {
  for (int i = 0; i < group.stages_size(); ++i) {
    const auto& stage = group.stages(i);
    if (Before(stage.start_date(), group.start_date())) {
      return StagesOutOfOrder(i, "start_date", "must not be before the group's");
    }
    if (i > 0 && !Before(group.stages(i - 1).end_date(), stage.start_date())) {
      return StagesOutOfOrder(i, "start_date", "must be after the end of the stage before");
    }
    if (Before(stage.end_date(), stage.start_date()) ||
        Before(group.end_date(), stage.end_date())) {
      return StagesOutOfOrder(i, "end_date", "must lie between its start_date and the group's end");
    }
  }
  return absl::OkStatus();
}

bool Ended(const Group& group) {
  return group.state() == Group::STATE_FINISHED || group.state() == Group::STATE_CANCELLED;
}

}  // namespace

absl::Status Check(resource::Change change, const Group* before, Group* after) {
  if (change == resource::Change::kDelete) {
    if (before->state() == Group::STATE_PLANNED || before->state() == Group::STATE_CANCELLED) {
      return absl::OkStatus();
    }
    return InvalidState("only a planned or cancelled group is deleted");
  }
  if (change == resource::Change::kUndelete) return absl::OkStatus();
  // Who has learnt may still be declared void, which counts down; nothing else changes.
  if (before != nullptr && Ended(*before) && before->taken_seats() == after->taken_seats()) {
    return InvalidState("the group has ended");
  }
  if (Before(after->end_date(), after->start_date())) {
    return rpc::InvalidField("end_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must not be before start_date",
                             "окончание обучения не раньше его начала");
  }
  if (before != nullptr && before->state() == Group::STATE_RUNNING &&
      (Before(before->start_date(), after->start_date()) ||
       Before(after->start_date(), before->start_date()))) {
    return rpc::InvalidField("start_date", options::v1::COMMON_REASON_IMMUTABLE_FIELD,
                             "is fixed once the group runs",
                             "обучение уже началось: дату начала изменить нельзя");
  }
  if (after->seats() < after->taken_seats()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_SEATS_BELOW_TAKEN,
                      "more seats are taken")
        .With("takenSeats", Cat(after->taken_seats()))
        .Field("seats", "must not be fewer than are taken", "занятых мест больше");
  }
  return CheckStages(*after);
}

absl::Status MayCome(const Group& group, bool apply) {
  if (group.state() == Group::STATE_OPEN || (!apply && group.state() == Group::STATE_RUNNING)) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_GROUP_NOT_OPEN,
                    "the group takes nobody")
      .Resource("programs.rsnms/Group", group.name());
}

absl::Status Arrive(bool may_wait, Group* group, v1::Enrolment* enrolment) {
  if (group->taken_seats() < group->seats()) {
    group->set_taken_seats(group->taken_seats() + 1);
    enrolment->set_seat(v1::ENROLMENT_SEAT_HELD);
    enrolment->clear_waiting_number();
    return absl::OkStatus();
  }
  if (!may_wait) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_NO_SEATS,
                      "all seats are taken")
        .With("seats", Cat(group->seats()))
        .Resource("programs.rsnms/Group", group->name());
  }
  group->set_waiting_count(group->waiting_count() + 1);
  group->set_last_waiting_number(group->last_waiting_number() + 1);
  enrolment->set_seat(v1::ENROLMENT_SEAT_WAITING);
  enrolment->set_waiting_number(group->last_waiting_number());
  return absl::OkStatus();
}

void Leave(v1::EnrolmentSeat seat, Group* group) {
  if (seat == v1::ENROLMENT_SEAT_HELD) group->set_taken_seats(group->taken_seats() - 1);
  if (seat == v1::ENROLMENT_SEAT_WAITING) group->set_waiting_count(group->waiting_count() - 1);
}

int Promotable(const Group& group) {
  return std::max(0, std::min(group.waiting_count(), group.seats() - group.taken_seats()));
}

void Promote(Group* group, v1::Enrolment* enrolment) {
  group->set_waiting_count(group->waiting_count() - 1);
  group->set_taken_seats(group->taken_seats() + 1);
  enrolment->set_seat(v1::ENROLMENT_SEAT_HELD);
  enrolment->clear_waiting_number();
}

}  // namespace rsnms::programs::group_rules
