#include "services/diagnostics/competency_rules.h"

#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {

absl::Status CheckCompetency(resource::Change, const v1::Competency*, v1::Competency* after) {
  if (after->revision() == 0) after->set_revision(1);
  if (after->parent_competency().empty()) return absl::OkStatus();
  const std::string prefix = resource::Cat(IdOf(after->parent_competency()), "-");
  if (IdOf(after->name()).starts_with(prefix)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::DIAGNOSTICS_REASON_CODE_OUTSIDE_PARENT,
                    "the code does not begin with the parent's code and a hyphen")
      .Field("parent_competency", resource::Cat("the code must begin with ", prefix),
             resource::Cat("код должен начинаться с «", prefix, "»"));
}

}  // namespace rsnms::diagnostics
