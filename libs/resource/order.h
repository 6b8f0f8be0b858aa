// order_by and keyset paging: the rows after a given row, at any depth, by index-friendly
// conditions.
//
// The order is total: the declared keys, then region_code (when several regions are listed), then
// id, in the direction of the last key. NULLs come last ascending and first descending, as
// PostgreSQL's indexes have them.
#ifndef RSNMS_LIBS_RESOURCE_ORDER_H_
#define RSNMS_LIBS_RESOURCE_ORDER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/type.h"

namespace rsnms::resource {

struct OrderKey {
  std::string sql;  // column
  bool descending = false;
  bool nullable = false;
  int select_index = 0;  // position in SelectList
};
using Order = std::vector<OrderKey>;

// `official_name, kind desc`; at most five keys. INVALID_ARGUMENT INVALID_ORDER_BY.
absl::StatusOr<Order> ParseOrder(const Type& type, std::string_view order_by, bool many_regions);

std::string OrderBySql(const Order& order);

// The rows after the row with `key` values, as conditions whose results, taken in turn, follow the
// order: each is one index range. Parameters are appended to copies of `params`.
struct Range {
  std::string condition;
  pg::Params params;
};
std::vector<Range> RangesAfter(const Order& order, const Values& key, const pg::Params& params);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_ORDER_H_
