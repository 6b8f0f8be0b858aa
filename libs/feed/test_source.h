// A source of changes and a projection of it, for the feed's tests.
#ifndef RSNMS_LIBS_FEED_TEST_SOURCE_H_
#define RSNMS_LIBS_FEED_TEST_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/feed/consumer.h"
#include "libs/journal/sealer.h"
#include "libs/pg/pool.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/testing/database.h"
#include "rsnms/registry/v1/organisation.pb.h"

namespace rsnms::feed {

constexpr char kOrganisation[] = "registry.rsnms/Organisation";
constexpr char kPerson[] = "registry.rsnms/Person";
constexpr absl::Duration kLong = absl::Seconds(30);

pg::TxOptions Everything();
std::string Uuid(int n);
std::string OrganisationName(int n, const std::string& region = "86");

// A service that serves the feed over `pool`, with its sealer. Tokens are the caller's scopes in
// clear, after `;` the permissions (all without it).
class Source {
 public:
  explicit Source(pg::Pool& pool, journal::SealerOptions sealing = {});
  ~Source();

  resource::Engine& engine() { return *engine_; }
  journal::Sealer& sealer() { return *sealer_; }
  std::shared_ptr<rpc::Client> Client(const std::string& scopes = "*") const;

  // Creates or renames an organisation; leaves a deleted one alone.
  absl::Status Rename(int n, const std::string& official_name, const std::string& region = "86");
  absl::Status Delete(int n);
  // The same inside the caller's transaction.
  absl::Status RenameIn(pg::Tx& tx, int n, const std::string& official_name,
                        const std::string& region = "86");
  absl::Status DeleteIn(pg::Tx& tx, int n);

 private:
  class Trusting;

  pg::Pool& pool_;
  std::unique_ptr<journal::Sealer> sealer_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<Trusting> verifier_;
  std::unique_ptr<rpc::Server> server_;
};

// What a consumer does to `replica` and `effect`. `regions` of its selector: empty means all.
std::unique_ptr<Consumer> Follow(pg::Pool& pool, std::shared_ptr<rpc::Client> client,
                                 const std::string& projection, int batch = 50,
                                 const std::vector<std::string>& regions = {});

// `name|version|official name` of what lives, sorted.
std::vector<std::string> SourceRows(pg::Pool& pool);
std::vector<std::string> ReplicaRows(pg::Pool& pool, const std::string& projection);
// Effects that happened twice, or went back in version: must be empty.
std::vector<std::string> WrongEffects(pg::Pool& pool);
// The single column of a query.
std::vector<std::string> Column(pg::Pool& pool, const std::string& sql);

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_TEST_SOURCE_H_
