// What must hold inside one record of learning. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_RECORD_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_RECORD_RULES_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/auth/identity.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/registry/v1/site.pb.h"

namespace rsnms::programs::record_rules {

// The rule of every write. `latest` is the last day that has begun anywhere in Russia.
//   LEARNING_FROZEN for what people change after agreement, or delete once it was agreed;
//   INTERNSHIP_INCOMPLETE, SUPERVISOR_IS_LEARNER, PROVIDER_REQUIRED, CASCADE_BY_SESSION,
//   INVALID_REQUEST, OUT_OF_RANGE for what they write;
//   OUT_OF_RANGE, REPORT_REQUIRED, LEARNING_CERTIFICATE_REQUIRED for a report, OUT_OF_RANGE for an
//   acceptance. Forgets the reason of a return once the learner reports again.
absl::Status Check(resource::Change change, const v1::LearningRecord* before,
                   v1::LearningRecord* after, absl::CivilDay latest);

// SELF_ACCEPTANCE when the caller is the learner, whatever else they are: some scope of theirs is
// the learner's own. Whether they may write the record at all is row level security's matter.
absl::Status MayAccept(const auth::Identity& caller, std::string_view learner);

// The same of who takes an acceptance back, with words of its own.
absl::Status MayTakeBack(const auth::Identity& caller, std::string_view learner);

// SITE_UNFIT unless the site, as the registry has it, is the host's and has its status on the first
// day. `site` is null when the registry has none.
absl::Status CheckSite(const v1::LearningRecord& record, const registry::v1::Site* site);

}  // namespace rsnms::programs::record_rules

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_RECORD_RULES_H_
