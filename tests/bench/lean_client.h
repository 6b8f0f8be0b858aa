// Unary gRPC calls over plain HTTP/2 from one thread, at a few microseconds each: on a machine that
// the caller shares with the server, a full gRPC client would measure itself.
#ifndef RSNMS_TESTS_BENCH_LEAN_CLIENT_H_
#define RSNMS_TESTS_BENCH_LEAN_CLIENT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace rsnms::bench {

// What is called, again and again.
struct Load {
  std::string target;                 // host:port
  std::string method;                 // `package.Service/Method`
  std::string token;                  // bearer; empty: none
  std::vector<std::string> requests;  // serialised messages, taken in turn
  int callers = 64;                   // calls in flight
  int connections = 8;                // which they share evenly
};

struct LeanCalls {
  double rate = 0;              // calls answered per second
  std::vector<double> seconds;  // that each answered call took
};

// Calls for `duration`. An answer other than OK with a message, or a connection lost, ends the
// process.
LeanCalls LeanCall(const Load& load, absl::Duration duration);
inline double LeanRate(const Load& load, absl::Duration duration) {
  return LeanCall(load, duration).rate;
}

}  // namespace rsnms::bench

#endif  // RSNMS_TESTS_BENCH_LEAN_CLIENT_H_
