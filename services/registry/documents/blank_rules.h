// Blanks of texts: where they are, what they take, how a text reads once they are filled. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_BLANK_RULES_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_BLANK_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "rsnms/registry/v1/document.pb.h"
#include "rsnms/registry/v1/document_blank.pb.h"
#include "rsnms/registry/v1/document_template.pb.h"

namespace rsnms::registry::documents {

using Blanks = google::protobuf::RepeatedPtrField<v1::DocumentBlank>;
using BlankValues = google::protobuf::RepeatedPtrField<v1::DocumentBlankValue>;

// Keys of `{{key}}` in the order of their first occurrence, each once. What stands between braces
// and is no key (`{{ФИО}}`) is none.
std::vector<std::string> KeysIn(std::string_view text);

// Blanks nobody declared: runs of at least three underscores or four hyphens («не реже одного раза
// в ______ года», «надбавка ----%»), and whatever `{{…}}` is not in `declared`. Each as the text
// before it, at most 40 characters of its line.
std::vector<std::string> DrawnBlanks(std::string_view text, const Blanks& declared);

// INVALID_ARGUMENT TEMPLATE_BLANKS_MISMATCH, field by field, when declared and used keys differ, a
// key is declared twice, or a blank is drawn.
absl::Status CheckTemplate(const v1::DocumentTemplate& document_template);

// How a value reads in the text. INVALID_ARGUMENT BLANK_VALUE_INVALID when it is not of the kind.
absl::StatusOr<std::string> Reading(const v1::DocumentBlank& blank, std::string_view value);

// Sets or takes away values. INVALID_ARGUMENT UNKNOWN_BLANK, BLANK_VALUE_INVALID.
absl::Status SetValues(const BlankValues& values, v1::Document* document);

// Declared blanks without a value, in their order.
std::vector<const v1::DocumentBlank*> Remaining(const v1::Document& document);

// FAILED_PRECONDITION BLANKS_REMAIN naming what waits for a value, declared or drawn.
absl::Status CheckFilled(const v1::Document& document);

// The text with its values.
std::string FinalText(const v1::Document& document);

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_BLANK_RULES_H_
