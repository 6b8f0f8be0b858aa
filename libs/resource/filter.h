// AIP-160 filters: text to tree. The tree knows nothing of types; filter_sql.h binds it to a
// resource's columns.
//
//   filter      = expression | nothing
//   expression  = factor { ["AND"] factor }          OR binds tighter than AND
//   factor      = term { "OR" term }
//   term        = ["NOT" | "-"] ( "(" expression ")" | restriction )
//   restriction = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" | ":" ) value
//   value       = word | "…" | '…'                  `*` is a wildcard unless escaped as \*
#ifndef RSNMS_LIBS_RESOURCE_FILTER_H_
#define RSNMS_LIBS_RESOURCE_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace rsnms::resource {

enum class Comparator { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kHas };

struct FilterNode {
  enum class Op { kAnd, kOr, kNot, kCompare };
  Op op = Op::kAnd;                  // kAnd without children: the empty filter, always true
  std::vector<FilterNode> children;  // kNot has one

  // kCompare:
  std::string field;
  Comparator comparator = Comparator::kEqual;
  std::vector<std::string> pieces;  // the value split at its wildcards; one piece when it has none
  size_t position = 0;              // of the field, in bytes, for messages

  bool HasWildcard() const { return pieces.size() > 1; }
  // `field:*`
  bool IsPresence() const { return pieces.size() == 2 && pieces[0].empty() && pieces[1].empty(); }
  const std::string& value() const { return pieces[0]; }
};

inline constexpr size_t kMaxFilterBytes = 8192;
inline constexpr int kMaxFilterDepth = 32;
inline constexpr int kMaxFilterComparisons = 100;

// INVALID_ARGUMENT INVALID_FILTER naming the field `filter` and the position at fault.
absl::StatusOr<FilterNode> ParseFilter(std::string_view text);

absl::Status InvalidFilter(size_t position, std::string_view english, std::string_view russian);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_FILTER_H_
