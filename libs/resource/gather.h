// Concurrent Gets of one type, region and scope go to the database as one query. While a query runs
// the next ones pile up and leave together, so the batch grows with the load and a lone Get waits
// for nothing.
#ifndef RSNMS_LIBS_RESOURCE_GATHER_H_
#define RSNMS_LIBS_RESOURCE_GATHER_H_

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/pg/pool.h"
#include "libs/resource/store.h"
#include "libs/rpc/server.h"

namespace rsnms::resource {

// Thread-safe. Destruction answers what was asked.
class Gatherer {
 public:
  // `lanes` queries in flight at most, a thread each.
  Gatherer(pg::Pool* pool, int lanes);
  ~Gatherer();

  // Never blocks. `done` is called on a lane's thread, `response` filled when OK.
  void Get(const Store& store, std::string_view region, std::string_view id,
           std::shared_ptr<rpc::Call> call, Message* response, rpc::Server::Done done);

 private:
  struct Waiter {
    std::string id;
    std::shared_ptr<rpc::Call> call;
    Message* response;
    rpc::Server::Done done;
  };
  using Batch = std::vector<Waiter>;
  using Key = std::tuple<const Store*, std::string, std::string>;  // store, region, scopes

  void Lane();
  void Answer(const Key& key, Batch& batch);

  pg::Pool* const pool_;
  absl::Mutex mutex_;
  std::deque<Key> ready_ ABSL_GUARDED_BY(mutex_);  // keys of non-empty batches, oldest first
  absl::flat_hash_map<Key, Batch> batches_ ABSL_GUARDED_BY(mutex_);
  int idle_ ABSL_GUARDED_BY(mutex_) = 0;  // lanes that wait for work
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar wake_;
  std::vector<std::thread> lanes_;
};

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_GATHER_H_
