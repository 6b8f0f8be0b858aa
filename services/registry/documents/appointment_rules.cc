#include "services/registry/documents/appointment_rules.h"

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/frozen.h"

namespace rsnms::registry::documents {

using resource::Change;
using v1::Appointment;

absl::Status CheckAppointment(Change change, const Appointment* before, Appointment* after) {
  const bool editable = before == nullptr || before->state() == Appointment::STATE_PROPOSED ||
                        before->state() == Appointment::STATE_RETURNED;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  if (change == Change::kDelete) return absl::OkStatus();
  if (before != nullptr && before->state() == Appointment::STATE_PROPOSED &&
      after->state() == Appointment::STATE_APPOINTED &&
      after->role() == Appointment::ROLE_HEAD_OF_CENTRE) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_OPERATOR_AGREEMENT_REQUIRED,
                      "the federal operator has not agreed");
  }
  for (const absl::Status& status :
       {RSNMS_DATES(*after, sent_date, decided_date), RSNMS_DATES(*after, decided_date, start_date),
        RSNMS_DATES(*after, start_date, term_end_date),
        RSNMS_DATES(*after, start_date, access_date), RSNMS_DATES(*after, start_date, end_date),
        RSNMS_DATES(*after, access_date, end_date)}) {
    if (!status.ok()) return status;
  }
  if (after->has_end_date() && after->has_term_end_date() &&
      ToCivil(after->end_date()) > ToCivil(after->term_end_date())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_DATES_OUT_OF_ORDER,
                      "end_date lies after the term")
        .Field("end_date", "lies after term_end_date", "дата позже окончания срока полномочий");
  }
  return absl::OkStatus();
}

Period HeldPeriod(const Appointment& appointment) {
  return PeriodOf(appointment.start_date(), appointment.has_end_date() ? &appointment.end_date()
                                            : appointment.has_term_end_date()
                                                ? &appointment.term_end_date()
                                                : nullptr);
}

}  // namespace rsnms::registry::documents
