// Rows of a resource's table to messages and back, and what of a message others may see.
#ifndef RSNMS_LIBS_RESOURCE_ROW_CODEC_H_
#define RSNMS_LIBS_RESOURCE_ROW_CODEC_H_

#include <optional>
#include <pqxx/result>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/resource/type.h"

namespace rsnms::resource {

// Text values of columns; nullopt is NULL.
using Values = std::vector<std::optional<std::string>>;

// `region_code, id, version, create_time, update_time, delete_time, <columns>`: the list every
// SELECT of resources uses. `alias` qualifies it (`t.`).
std::string SelectList(const Type& type, std::string_view alias = "");
// Position of the first of type.columns() in SelectList.
inline constexpr int kFirstColumn = 6;

// Reads a row selected by SelectList, `offset` columns into the result. `out` is cleared first.
absl::Status DecodeRow(const Type& type, const pqxx::row& row, Message* out, int offset = 0);

// Appends the values of type.stored(), sealing what is encrypted. INVALID_ARGUMENT INVALID_FORMAT
// naming the field whose message has no JSON form (a google.protobuf.Duration out of range); `out`
// is then of no use.
absl::Status EncodeColumns(const Type& type, const Message& resource, Values* out);

// Copies one field, presence included.
void CopyField(const FieldDescriptor* field, const Message& from, Message* to);
bool FieldsEqual(const Column& column, const Message& a, const Message& b);
// Names of the fields that differ, personal ones included; computed fields are not looked at.
std::vector<std::string> ChangedFields(const Type& type, const Message& before,
                                       const Message& after);

// Clears every field marked personal, inside messages too. Works on any message.
void StripPersonal(Message* message);
// The journal's image: without personal fields, output-only times and etag; serialised
// deterministically.
std::string ImageOf(const Type& type, const Message& resource);
std::string SerializeDeterministic(const Message& message);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_ROW_CODEC_H_
