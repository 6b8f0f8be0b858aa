// Why a message did not parse: the field whose text is not UTF-8, which the parser itself does not
// name.
#ifndef RSNMS_LIBS_RPC_BAD_TEXT_H_
#define RSNMS_LIBS_RPC_BAD_TEXT_H_

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/zero_copy_stream.h"

namespace rsnms::rpc {

// Path of the first string that is not valid UTF-8, `organisation.names[1]`; empty when there is
// none up to the first damaged byte, or only below 32 levels of nesting.
std::string FindBadText(const google::protobuf::Descriptor& type,
                        google::protobuf::io::ZeroCopyInputStream* bytes);

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_BAD_TEXT_H_
