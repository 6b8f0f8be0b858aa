#include "services/programs/catalogue/version_steps.h"

#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/catalogue.h"
#include "services/programs/catalogue/catalogue_store.h"

namespace rsnms::programs::version_steps {

absl::Status Make(const resource::Engine& engine, std::string_view method,
                  const google::protobuf::Message& request, v1::ProgrammeVersion* version) {
  const resource::Type& type = engine.TypeOf(v1::ProgrammeVersion::descriptor());
  const auto* rpc = CatalogueContract()->FindMethodByName(std::string(method));
  if (rpc == nullptr) return absl::InvalidArgumentError("the catalogue has no such method");
  auto step = resource::BindStep(rpc, type);
  if (!step.ok()) return step.status();
  return resource::MakeStep(*step, type, request, version);
}

absl::Status ChangeProgramme(const resource::Engine& engine, pg::Tx& tx,
                             const journal::Author& author, const std::string& name,
                             const std::function<bool(v1::Programme&)>& change) {
  const resource::Table<v1::Programme> programmes(engine);
  auto before = programmes.Get(tx, name, resource::Lock::kUpdate);
  if (!before.ok()) return before.status();
  v1::Programme after = *before;
  if (!change(after)) return absl::OkStatus();
  return programmes.Update(tx, author, *before, after);
}

absl::Status NumberProgramme(const resource::Engine& engine, pg::Tx& tx,
                             const journal::Author& author, const v1::ProgrammeVersion& version) {
  const std::string& number = version.federal_register_number();
  auto taken = catalogue_store::IsNumberTaken(tx, version);
  if (!taken.ok()) return taken.status();
  if (*taken) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_REGISTER_NUMBER_TAKEN,
                      "another programme of the region has this number");
  }
  if (version.programme().empty()) return absl::OkStatus();
  bool differs = false;
  auto status = ChangeProgramme(engine, tx, author, version.programme(), [&](v1::Programme& shown) {
    if (shown.current_version() != version.name()) return false;
    differs = shown.register_state() == v1::REGISTER_STATE_LISTED &&
              shown.federal_register_number() != number;
    if (shown.register_state() != v1::REGISTER_STATE_NOT_LISTED) return false;
    shown.set_federal_register_number(number);
    return true;
  });
  if (!status.ok() || !differs) return status;
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_REGISTER_NUMBER_DIFFERS,
                    "the register lists the programme under another number");
}

}  // namespace rsnms::programs::version_steps
