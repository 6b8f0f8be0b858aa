// People's data for one export, asked of the registry on behalf of who exports.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_PEOPLE_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_PEOPLE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "rsnms/registry/v1/person.pb.h"

namespace rsnms::programs {

using PeopleByName = std::map<std::string, registry::v1::Person>;
// Adds those of `names` whom the registry shows the caller; who is absent or hidden is left out.
// PERMISSION_DENIED when the caller may read nobody. The registry records each read as the
// caller's.
using People = std::function<absl::Status(
    const rpc::Call& caller, const std::vector<std::string>& names, PeopleByName* found)>;

// Asks the registry there, with the caller's own token: this service's own token may not read
// persons (deploy/roles.textproto, role `service`).
People PeopleOfRegistry(rpc::ClientOptions registry);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_PEOPLE_H_
