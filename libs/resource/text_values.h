// Values between protobuf and PostgreSQL's text form. Parsers accept what PostgreSQL prints with
// DateStyle ISO.
#ifndef RSNMS_LIBS_RESOURCE_TEXT_VALUES_H_
#define RSNMS_LIBS_RESOURCE_TEXT_VALUES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace rsnms::resource {

// A whole calendar date, years 1 to 9999.
bool IsDate(const google::type::Date& date);
std::string DateText(const google::type::Date& date);  // `2026-11-22`
bool ParseDate(std::string_view text, google::type::Date* date);

// Seconds and nanoseconds in protobuf's range; PostgreSQL keeps microseconds.
bool IsTimestamp(const google::protobuf::Timestamp& time);
std::string TimestampText(const google::protobuf::Timestamp& time);  // UTC, microseconds
// `2026-11-22 10:54:14.5+00`, `2026-11-22T10:54:14Z`, any offset. False for infinity and years
// before 1.
bool ParseTimestamp(std::string_view text, google::protobuf::Timestamp* time);

// The canonical form of a decimal: no exponent, no superfluous zeros, no plus (`-0.5`, `12`). Empty
// when it is not a decimal of at most 100 digits.
std::optional<std::string> CanonicalDecimal(std::string_view text);

// text[]: {"a","b"}.
std::string ArrayText(const std::vector<std::string>& elements);
// bytea: \x0a0b.
std::string BytesText(std::string_view bytes);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TEXT_VALUES_H_
