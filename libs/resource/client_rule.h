// What clients may not change by Update and Import of a row that exists, though it is theirs to see
// and write: domain methods of the service change it, with what belongs to the change.
#ifndef RSNMS_LIBS_RESOURCE_CLIENT_RULE_H_
#define RSNMS_LIBS_RESOURCE_CLIENT_RULE_H_

#include <functional>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"

namespace rsnms::resource {

// Asked inside the transaction, row by row, before preparations and rules. Paths of its errors
// begin at the resource.
using ClientRule =
    std::function<absl::Status(pg::Tx&, const Message& before, const Message& after)>;

// Call before serving.
void AddClientRule(Engine& engine, const google::protobuf::Descriptor* resource, ClientRule rule);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_CLIENT_RULE_H_
