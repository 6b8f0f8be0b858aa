#include "libs/resource/order.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "libs/resource/clean_text.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

constexpr size_t kMaxKeys = 5;
constexpr size_t kMaxBytes = 500;

absl::Status Invalid(std::string_view english, std::string_view russian) {
  return rpc::InvalidField("order_by", options::v1::COMMON_REASON_INVALID_ORDER_BY, english,
                           russian);
}

// Position of a sortable field in SelectList; -1 when it is not sortable.
int SelectIndex(const Type& type, const Column& column) {
  if (!column.options.sortable()) return -1;
  const int index = type.IndexOf(column);
  if (index >= 0) return kFirstColumn + index;
  if (column.field == type.create_time_field()) return 3;
  return column.field == type.update_time_field() ? 4 : 5;
}

absl::StatusOr<OrderKey> ParseKey(const Type& type, std::string_view text) {
  const std::vector<std::string> words =
      absl::StrSplit(ToAbsl(text), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty() || words.size() > 2 ||
      (words.size() == 2 && words[1] != "desc" && words[1] != "asc")) {
    return Invalid("must be fields separated by commas, each with an optional `desc`",
                   "укажите поля через запятую, при необходимости с `desc`");
  }
  const Column* column = type.Find(words[0]);
  const int index = column == nullptr ? -1 : SelectIndex(type, *column);
  if (index < 0) {
    return Invalid("names a field that is not sortable", "по этому полю сортировать нельзя");
  }
  OrderKey key;
  key.sql = column->sql;
  key.descending = words.size() == 2 && words[1] == "desc";
  key.nullable = column->nullable;
  key.select_index = index;
  return key;
}

bool Uniform(const Order& order) {
  for (const auto& key : order) {
    if (key.nullable || key.descending != order[0].descending) return false;
  }
  return true;
}

// (a, b) > ($1, $2): one range of one index.
Range RowComparison(const Order& order, const Values& key, pg::Params params) {
  std::string columns, values;
  for (size_t i = 0; i < order.size(); ++i) {
    params.Add(key[i]);
    Append(&columns, i > 0 ? ", " : "(", order[i].sql);
    Append(&values, i > 0 ? ", $" : "($", params.size());
  }
  return {Cat(columns, ") ", order[0].descending ? "<" : ">", " ", values, ")"), params};
}

}  // namespace

absl::StatusOr<Order> ParseOrder(const Type& type, std::string_view order_by, bool many_regions) {
  Order order;
  if (order_by.size() > kMaxBytes || !IsCleanText(order_by)) {
    return Invalid("is too long or not clean text", "порядок сортировки слишком длинный");
  }
  if (!absl::StripAsciiWhitespace(ToAbsl(order_by)).empty()) {
    for (absl::string_view part : absl::StrSplit(ToAbsl(order_by), ',')) {
      auto key = ParseKey(type, ToStd(part));
      if (!key.ok()) return key.status();
      for (const auto& other : order) {
        if (other.sql == key->sql) {
          return Invalid("names a field twice", "поле указано дважды");
        }
      }
      order.push_back(*std::move(key));
      if (order.size() > kMaxKeys) return Invalid("has too many fields", "слишком много полей");
    }
  }
  const bool descending = !order.empty() && order.back().descending;
  if (many_regions) order.push_back({"region_code", descending, false, 0});
  order.push_back({"id", descending, false, 1});
  return order;
}

std::string OrderBySql(const Order& order) {
  std::string sql;
  for (const auto& key : order) {
    Append(&sql, sql.empty() ? "" : ", ", key.sql, key.descending ? " DESC" : "");
  }
  return sql;
}

std::vector<Range> RangesAfter(const Order& order, const Values& key, const pg::Params& params) {
  if (Uniform(order)) return {RowComparison(order, key, params)};
  // Longest equal prefix first: (a = $1, b = $2, id after), (a = $1, b after), (a after).
  std::vector<Range> ranges;
  for (size_t n = order.size(); n-- > 0;) {
    Range equal{"", params};
    for (size_t i = 0; i < n; ++i) {
      const char* conjunction = equal.condition.empty() ? "" : " AND ";
      if (!key[i]) {
        Append(&equal.condition, conjunction, order[i].sql, " IS NULL");
        continue;
      }
      equal.params.Add(key[i]);
      Append(&equal.condition, conjunction, order[i].sql, " = $", equal.params.size());
    }
    const auto add = [&](std::string condition, bool with_value) {
      Range range = equal;
      if (with_value) {
        range.params.Add(key[n]);
        Append(&condition, "$", range.params.size());
      }
      Append(&range.condition, range.condition.empty() ? "" : " AND ", condition);
      ranges.push_back(std::move(range));
    };
    const auto& last = order[n];
    if (key[n]) add(Cat(last.sql, last.descending ? " < " : " > "), true);
    // NULLs follow the values ascending, and precede them descending.
    if (key[n] && last.nullable && !last.descending) add(last.sql + " IS NULL", false);
    if (!key[n] && last.descending) add(last.sql + " IS NOT NULL", false);
  }
  return ranges;
}

}  // namespace rsnms::resource
