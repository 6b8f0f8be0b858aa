// Identifiers with a structure of their own, judged by their check digits (options.proto, Format).
#ifndef RSNMS_LIBS_RESOURCE_IDENTIFIERS_H_
#define RSNMS_LIBS_RESOURCE_IDENTIFIERS_H_

#include <string>
#include <string_view>

#include "rsnms/options/v1/options.pb.h"

namespace rsnms::resource {

enum class Flaw { kNone, kShape, kCheckDigits };

// Brings `value` to its stored form (СНИЛС and telephone without separators, UUID and the host of
// an e-mail in lower case) and checks it. The value is left as it was when it has a flaw.
Flaw NormaliseIdentifier(options::v1::Format format, std::string* value);

// What the format asks for, to show beside the field: English and Russian.
struct FormatText {
  std::string_view english, russian;
};
FormatText DescribeFormat(options::v1::Format format);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_IDENTIFIERS_H_
