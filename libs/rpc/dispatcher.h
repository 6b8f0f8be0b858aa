// The one generic gRPC service behind every contract: finds the method, admits the caller, starts
// the exchange.
#ifndef RSNMS_LIBS_RPC_DISPATCHER_H_
#define RSNMS_LIBS_RPC_DISPATCHER_H_

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "libs/rpc/call.h"
#include "libs/rpc/exchange.h"
#include "libs/rpc/table.h"
#include "libs/rpc/workers.h"

namespace rsnms::rpc {

// An exchange without a thread that may last as long as its client likes; the drain ends it.
class Lingering : public grpc::ServerGenericBidiReactor {
 public:
  virtual void HangUp() = 0;
};

// Thread-safe once the server has started.
class Dispatcher final : public grpc::CallbackGenericService {
 public:
  Dispatcher(const ServerOptions& options, const auth::Verifier* verifier);

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  // Identity and permission of the caller, in this order.
  absl::Status Admit(const Entry& entry, const grpc::GenericCallbackServerContext& context,
                     ServerCall* call) const;

  // False when there are too many already.
  bool Enlist(Lingering* lingering);
  void Dismiss(Lingering* lingering);

  // Server streams see themselves cancelled; lingering exchanges end.
  void BeginDrain();
  // After the gRPC server has shut down.
  void Stop();

  Table& table() { return table_; }
  // Shared with the gauges that measure them.
  const std::shared_ptr<Workers>& workers() { return workers_; }
  const std::shared_ptr<Workers>& streams() { return streams_; }
  // Asynchronous calls not yet answered.
  const std::shared_ptr<std::atomic<int>>& gathering() { return gathering_; }
  const ServerOptions& options() const { return options_; }
  std::shared_ptr<const std::atomic<bool>> draining() const { return draining_; }
  absl::Status Overloaded() const;

 private:
  const ServerOptions& options_;
  const auth::Verifier* const verifier_;
  Table table_;
  const std::shared_ptr<Workers> workers_, streams_;
  const std::shared_ptr<std::atomic<int>> gathering_ = std::make_shared<std::atomic<int>>(0);
  const std::shared_ptr<std::atomic<bool>> draining_ = std::make_shared<std::atomic<bool>>(false);
  absl::Mutex mutex_;
  absl::flat_hash_set<Lingering*> lingering_ ABSL_GUARDED_BY(mutex_);
};

// Adds grpc.health.v1 and grpc.reflection.{v1,v1alpha} to the dispatcher's table.
class Health;
void ServeHealth(Dispatcher& dispatcher, Health& health);
// `services` outlives the dispatcher.
void ServeReflection(Dispatcher& dispatcher, const std::vector<std::string>* services);

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_DISPATCHER_H_
