// Asking another service on behalf of a caller: with the token the caller brought, so that the
// other grants and records what it would if the caller had asked itself. For what a service must
// not learn in its own name, personal data above all.
#ifndef RSNMS_LIBS_RPC_ON_BEHALF_H_
#define RSNMS_LIBS_RPC_ON_BEHALF_H_

#include <memory>

#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"

namespace rsnms::rpc {

// A connection of its own to `options.target`, whose calls carry the caller's token;
// `options.token` is not used. For the length of the call. UNAUTHENTICATED when the caller brought
// none: a call the service made itself.
absl::StatusOr<std::unique_ptr<Client>> ConnectAs(const Call& caller, ClientOptions options);

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_ON_BEHALF_H_
