#include "services/registry/scope_look.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlWiden[] = R"sql(
SELECT coalesce(before, ''), set_config('rsnms.scopes', '*', true)
  FROM (SELECT current_setting('rsnms.scopes', true) AS before OFFSET 0) AS now
)sql";
constexpr char kSqlNarrow[] = "SELECT set_config('rsnms.scopes', $1, true)";

}  // namespace

absl::Status LookPastScope(pg::Tx& tx, const std::function<absl::Status()>& look) {
  auto widened = tx.Query(kSqlWiden);
  if (!widened.ok()) return widened.status();
  const std::string before = (*widened)[0][0].c_str();
  if (auto s = look(); !s.ok()) return s;
  return tx.Query(kSqlNarrow, before).status();
}

}  // namespace rsnms::registry
