// A look past the caller's scope, for what a rule must know and the caller need not see.
#ifndef RSNMS_SERVICES_REGISTRY_SCOPE_LOOK_H_
#define RSNMS_SERVICES_REGISTRY_SCOPE_LOOK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "libs/pg/tx.h"

namespace rsnms::registry {

// Runs `look` seeing every row, then narrows the transaction to its scopes again; an error of
// `look` ends the transaction anyway. Only to refuse a write or to copy what is public: nothing
// read here reaches the caller.
absl::Status LookPastScope(pg::Tx& tx, const std::function<absl::Status()>& look);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_SCOPE_LOOK_H_
