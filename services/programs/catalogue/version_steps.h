// Steps of versions that rooms other than the catalogue take too: what the federal register answers
// reaches a version by a person's hand or by the submission that was sent.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_VERSION_STEPS_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_VERSION_STEPS_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/journal/journal.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"

namespace rsnms::programs::version_steps {

// Makes the step the catalogue declares for its method, with the values of that method's request.
// FAILED_PRECONDITION INVALID_STATE when it does not begin where the version stands.
absl::Status Make(const resource::Engine& engine, std::string_view method,
                  const google::protobuf::Message& request, v1::ProgrammeVersion* version);

// Gives the version's number of the register to the programme that shows it, unless the register's
// own listing has given it one; then it is the same. FAILED_PRECONDITION REGISTER_NUMBER_TAKEN,
// REGISTER_NUMBER_DIFFERS.
absl::Status NumberProgramme(const resource::Engine& engine, pg::Tx& tx,
                             const journal::Author& author, const v1::ProgrammeVersion& version);

// Writes a programme after `change`, under a lock; when that says no, nothing.
absl::Status ChangeProgramme(const resource::Engine& engine, pg::Tx& tx,
                             const journal::Author& author, const std::string& name,
                             const std::function<bool(v1::Programme&)>& change);

}  // namespace rsnms::programs::version_steps

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_VERSION_STEPS_H_
