// Binds methods of a service object to the RPCs they are named after.
#ifndef RSNMS_SERVICES_MONITORING_SERVICE_BINDING_H_
#define RSNMS_SERVICES_MONITORING_SERVICE_BINDING_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/server.h"

namespace rsnms::monitoring {

template <class Service, class Request, class Response>
void Bind(rpc::Server& server, Service& service, const std::string& rpc,
          absl::Status (Service::*method)(rpc::Call&, const Request&, Response*)) {
  server.Unary<Request, Response>(
      absl::StrCat("rsnms.monitoring.v1.Monitoring/", rpc),
      [&service, method](rpc::Call& call, const Request& request, Response* response) {
        return (service.*method)(call, request, response);
      });
}

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_SERVICE_BINDING_H_
