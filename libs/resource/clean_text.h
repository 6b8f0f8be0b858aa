// Text as it came: whether it can be stored, and how long it is.
#ifndef RSNMS_LIBS_RESOURCE_CLEAN_TEXT_H_
#define RSNMS_LIBS_RESOURCE_CLEAN_TEXT_H_

#include <cstdint>
#include <string_view>

namespace rsnms::resource {

// Valid UTF-8 without NUL. Used for strings that no declaration describes (filters, tokens).
bool IsCleanText(std::string_view text);
// Number of code points, or -1 when the text is not valid UTF-8.
int64_t CountCodePoints(std::string_view text);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_CLEAN_TEXT_H_
