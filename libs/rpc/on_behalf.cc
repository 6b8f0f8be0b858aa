#include "libs/rpc/on_behalf.h"

#include <string>
#include <utility>

#include "libs/rpc/exchange.h"
#include "libs/rpc/status.h"

namespace rsnms::rpc {

absl::StatusOr<std::unique_ptr<Client>> ConnectAs(const Call& caller, ClientOptions options) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto* call = dynamic_cast<const ServerCall*>(&caller);
  const std::string_view brought = call == nullptr ? "" : call->authorization();
  if (brought.substr(0, kBearer.size()) != kBearer) {
    return Error(absl::StatusCode::kUnauthenticated, options::v1::COMMON_REASON_UNAUTHENTICATED,
                 "the caller brought no token")
        .ToStatus();
  }
  options.token = [token = std::string(brought.substr(kBearer.size()))] { return token; };
  return Client::Create(std::move(options));
}

}  // namespace rsnms::rpc
