// Filters bound to a resource's columns and compiled to SQL with parameters.
//
// Every comparison is two-valued: with an unset field `=`, `<`, `<=`, `>`, `>=` and `:` are false
// and `!=` is true; NOT is pushed down to the comparisons, so SQL's third value never decides.
//
// What may be compared:
//   text                      all comparators; `*` and `:` (contains, any case) need
//   FILTER_INDEX_TRIGRAM or _NONE_SMALL numbers, dates, times     = != < <= > >=         dates
//   `2026-09-01`, times RFC 3339 booleans, enums           = !=                   enums with or
//   without the prefix references                = !=                   full names repeated text,
//   enums, references   `:`           holds the element any                       `field:*` is set
//   (not empty, not zero)
//   encrypted text            = !=
#ifndef RSNMS_LIBS_RESOURCE_FILTER_SQL_H_
#define RSNMS_LIBS_RESOURCE_FILTER_SQL_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/filter.h"
#include "libs/resource/type.h"

namespace rsnms::resource {

// A condition whose parameters are appended to `params` ($n counts on from what it holds). Empty
// for the empty filter. INVALID_ARGUMENT INVALID_FILTER when a field is unknown or not filterable,
// or a value does not fit it.
absl::StatusOr<std::string> CompileFilter(const Type& type, const FilterNode& filter,
                                          pg::Params* params);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_FILTER_SQL_H_
