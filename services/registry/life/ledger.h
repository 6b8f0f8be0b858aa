// Writes of one change of bodies, noted as they are made.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LEDGER_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LEDGER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/journal/journal.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "rsnms/registry/v1/organisation_change.pb.h"

namespace rsnms::registry {

using google::protobuf::Message;
using Records = std::vector<std::unique_ptr<Message>>;

// Lives in one transaction. The engine and the transaction must outlive it.
class Ledger {
 public:
  Ledger(const resource::Engine& engine, pg::Tx& tx, journal::Author author)
      : engine_(engine), tx_(tx), author_(std::move(author)) {}

  pg::Tx& tx() const { return tx_; }
  const resource::Engine& engine() const { return engine_; }
  const journal::Author& author() const { return author_; }
  const resource::Rows& RowsOf(const Message& m) const {
    return resource::RowsOf(engine_, m.GetDescriptor());
  }
  const resource::Type& TypeOf(const Message& m) const { return engine_.TypeOf(m.GetDescriptor()); }

  // The engine's writes. A record without an id gets one.
  absl::Status Insert(Message* record);
  absl::Status Update(const Message& before, Message* after);
  absl::Status Delete(const Message& record);
  // Past rules and references: what the record says stays as it was.
  absl::Status Rewrite(const Message& before, Message* after);
  // Full images of one type, new or as they are to be; a deleted one revives. What they carry as
  // etag is the version they were read at. Empty lists are nothing to do.
  absl::Status Merge(const Records& records);

  // A savepoint: what a `body` that fails wrote is not noted either.
  absl::Status Try(const std::function<absl::Status()>& body);

  // What was written so far, each record once, in the order of first writing.
  const std::vector<v1::OrganisationEffect>& effects() const { return effects_; }

 private:
  void Note(const std::string& name, v1::OrganisationEffectKind kind, int64_t before,
            int64_t after);

  const resource::Engine& engine_;
  pg::Tx& tx_;
  const journal::Author author_;
  std::vector<v1::OrganisationEffect> effects_;
  std::map<std::string, size_t> place_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LEDGER_H_
