// The commands `certificate` and `frdo` with their flags.
#ifndef RSNMS_TOOLS_RSNMSCTL_CERTIFICATE_FLAGS_H_
#define RSNMS_TOOLS_RSNMSCTL_CERTIFICATE_FLAGS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// A chosen command is left in `action`.
void AddCertificates(CLI::App& app, std::function<absl::Status(Session&)>& action);
void AddFrdo(CLI::App& app, std::function<absl::Status(Session&)>& action);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_CERTIFICATE_FLAGS_H_
