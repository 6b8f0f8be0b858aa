// Calls of the running system with requests said as text.
#ifndef RSNMS_TESTS_E2E_TEXT_CALL_H_
#define RSNMS_TESTS_E2E_TEXT_CALL_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {

// Whose token a call bears.
struct Caller {
  std::string role = "administrator";
  std::string scope;
};

// `method` as in `Catalogue/GetTrainingRules` of the contracts `rsnms.{service}.v1`.
template <class Request, class Response>
absl::StatusOr<Response> CallText(const System& system, const Caller& caller,
                                  const std::string& service, const std::string& method,
                                  const std::string& text) {
  Request request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  Response response;
  auto status = system.Connect(service, system.Token(caller.role, caller.scope))
                    ->Unary(absl::StrCat("rsnms.", service, ".v1.", method), request, &response,
                            absl::Now() + absl::Seconds(20), /*idempotent=*/false);
  if (!status.ok()) return status;
  return response;
}

}  // namespace rsnms::e2e

#endif  // RSNMS_TESTS_E2E_TEXT_CALL_H_
