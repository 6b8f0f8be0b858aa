// One Import call: the header, then the resources one by one, then the report.
#ifndef RSNMS_TOOLS_RSNMSCTL_IMPORTER_H_
#define RSNMS_TOOLS_RSNMSCTL_IMPORTER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "rsnms/options/v1/import.pb.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// The Import method of a collection (`organisations`), found through the contracts; null when it
// has none.
const google::protobuf::MethodDescriptor* FindImport(const std::string& collection);

// Every collection that has an Import, by name.
std::vector<std::string> ImportedCollections();

// An empty resource of the collection's type; null when it has no Import.
std::unique_ptr<google::protobuf::Message> ImportedType(const std::string& collection);

// Streams what `next` fills (its argument is a message of the collection's resource type) until it
// returns false. `title` heads the progress line, `total` its bar (0: unknown).
absl::StatusOr<options::v1::ImportReport> Import(
    Session& session, const std::string& collection, const options::v1::ImportHeader& header,
    const std::string& title, int64_t total,
    const std::function<bool(google::protobuf::Message*)>& next);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_IMPORTER_H_
