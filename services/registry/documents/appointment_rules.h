// What must hold inside one appointment. Pure: images in, status out.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_APPOINTMENT_RULES_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_APPOINTMENT_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/appointment.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry::documents {

// RECORD_FROZEN outside PROPOSED and RETURNED; OPERATOR_AGREEMENT_REQUIRED; DATES_OUT_OF_ORDER.
absl::Status CheckAppointment(resource::Change change, const v1::Appointment* before,
                              v1::Appointment* after);

// The days the person holds the role; meaningful once `start_date` is set.
Period HeldPeriod(const v1::Appointment& appointment);

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_APPOINTMENT_RULES_H_
