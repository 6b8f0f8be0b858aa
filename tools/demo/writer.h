// Streams of resources as files.
#ifndef RSNMS_TOOLS_DEMO_WRITER_H_
#define RSNMS_TOOLS_DEMO_WRITER_H_

#include <functional>
#include <ostream>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace rsnms::demo {

enum class FileFormat {
  kNdjson,  // protobuf JSON, one resource a line, field names as in the contract
  kCsv,  // a heading, one resource a line; dates ISO, lists joined by `;`, quoted as RFC 4180 asks
  kBinary,  // protobuf, each message led by its length as a varint
};

// Writes what `next` puts into `message` until it returns false; answers how many. UNAVAILABLE when
// the stream fails.
absl::StatusOr<int64_t> Write(FileFormat format, google::protobuf::Message& message,
                              const std::function<bool()>& next, std::ostream& out);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_WRITER_H_
