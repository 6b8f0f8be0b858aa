// A service in the test's own process: the wiring of its main.cc over a database of its own, keys
// and tokens made on the spot, real gRPC on a free port. Services started by one process trust each
// other's tokens.
#ifndef RSNMS_LIBS_TESTING_SERVICE_H_
#define RSNMS_LIBS_TESTING_SERVICE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/rpc/client.h"
#include "libs/service/host.h"
#include "libs/testing/database.h"

namespace rsnms::testing {

class Service {
 public:
  // `wire` does what main.cc does between making the host and running it (rules, domain methods,
  // jobs). Aborts the test process with the reason when the service does not start.
  static std::unique_ptr<Service> Start(const service::Definition& definition,
                                        const std::function<void(service::Host&)>& wire,
                                        const std::map<std::string, std::string>& upstreams = {});
  virtual ~Service() = default;

  virtual Database& database() = 0;
  virtual service::Host& host() = 0;
  virtual std::string target() const = 0;  // `127.0.0.1:41234`

  // A client with a channel of its own and a token of these roles (deploy/roles.textproto) and
  // scopes.
  std::unique_ptr<rpc::Client> Connect(const std::vector<std::string>& roles,
                                       const std::vector<std::string>& scopes,
                                       const std::string& subject = "tester") const;
  // May everything, everywhere.
  std::unique_ptr<rpc::Client> ConnectAsAdministrator() const {
    return Connect({"administrator"}, {"*"});
  }
};

// A token that every Service of this process accepts.
std::string TestToken(const std::vector<std::string>& roles, const std::vector<std::string>& scopes,
                      const std::string& subject = "tester");

}  // namespace rsnms::testing

#endif  // RSNMS_LIBS_TESTING_SERVICE_H_
