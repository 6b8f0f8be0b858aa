#include "services/monitoring/projection.h"

#include "services/monitoring/fact_store.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/known_store.h"

namespace rsnms::monitoring {

absl::Status ApplyChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
  const KnownBatch batch = ReadChanges(changes);
  if (auto status = EnterGate(tx); !status.ok()) return status;
  Affected affected;
  if (auto status = WriteKnown(tx, batch, affected); !status.ok()) return status;
  return RefreshFacts(tx, affected);
}

absl::Status ResetSource(pg::Tx& tx, const std::string& source) {
  if (auto status = EnterGate(tx); !status.ok()) return status;
  if (auto status = ForgetSource(tx, source); !status.ok()) return status;
  return RebuildAllFacts(tx);
}

Consumers FollowSources(pg::Pool* pool,
                        const absl::btree_map<std::string, std::shared_ptr<rpc::Client>>& clients) {
  Consumers consumers;
  for (const std::string& source : Sources()) {
    feed::ConsumerOptions options;
    options.name = kProjectionName;
    options.source = source;
    for (const std::string& type : TypesOf(source)) options.selector.add_resource_types(type);
    consumers[source] =
        feed::Consumer::Start(pool, clients.at(source), options, ApplyChanges,
                              [source](pg::Tx& tx) { return ResetSource(tx, source); });
  }
  return consumers;
}

}  // namespace rsnms::monitoring
