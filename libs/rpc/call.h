// The context of one request, from the wire to the transaction.
#ifndef RSNMS_LIBS_RPC_CALL_H_
#define RSNMS_LIBS_RPC_CALL_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/auth/identity.h"
#include "libs/observe/trace.h"
#include "libs/pg/pool.h"

namespace rsnms::rpc {

// Where the call stands in its trace; made new when the caller sent none.
using TraceContext = observe::TraceContext;

// Lives while the handler runs. Handlers run on a worker thread and may block.
class Call {
 public:
  virtual ~Call() = default;
  virtual const google::protobuf::MethodDescriptor& method() const = 0;
  virtual const auth::Identity& identity() const = 0;
  virtual absl::Time deadline() const = 0;  // InfiniteFuture is replaced by the server's default
  // The caller went away or its deadline passed. When the server drains: at once in a server
  // stream, after ServerOptions::drain in other calls. Cheap: may be polled.
  virtual bool cancelled() const = 0;
  virtual const TraceContext& trace() const = 0;
  virtual std::string peer() const = 0;

  // Options for a transaction on behalf of the caller: its scopes, deadline and cancellation.
  pg::TxOptions Tx() const;
  pg::TxOptions ReadTx() const;
};

// A call made by the service itself (jobs, tests): system identity by default, no peer.
std::unique_ptr<Call> LocalCall(auth::Identity identity,
                                absl::Time deadline = absl::InfiniteFuture(),
                                const google::protobuf::MethodDescriptor* method = nullptr);

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_CALL_H_
