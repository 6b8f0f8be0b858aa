#include "libs/resource/list.h"

#include <algorithm>
#include <set>

#include "absl/time/clock.h"
#include "libs/resource/access_log.h"
#include "libs/resource/filter_sql.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

// Codes of the regions a caller's scopes lie in; row level security narrows further.
std::vector<std::string> RegionsOf(const auth::Identity& identity) {
  std::set<std::string> codes;
  for (std::string_view scope : identity.scopes) {
    if (!TakePrefix(&scope, "regions/")) continue;
    codes.emplace(scope.substr(0, scope.find('/')));
  }
  return {codes.begin(), codes.end()};
}

// The region condition. Named in SQL although row level security repeats it: policies do not choose
// indexes.
absl::Status PlanRegion(const Type& type, const Method& method, const Message& request,
                        const auth::Identity& identity, ListPlan* plan, bool* many) {
  plan->binding.parent = StringOf(request, method.parent);
  std::string_view region = "-";
  if (!type.is_region() || !plan->binding.parent.empty()) {
    const auto parent = ParseParent(plan->binding.parent);
    if (!parent) {
      return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                               "must be regions/{code} or regions/-",
                               "укажите regions/{код} или regions/-");
    }
    region = *parent;
  }
  *many = region == "-";
  if (!*many) {
    plan->params.Add(region);
    plan->where = "region_code = $1";
  } else if (identity.CoversAll()) {
    plan->where = "true";
  } else {
    plan->params.Add(RegionsOf(identity));
    plan->where = "region_code = ANY($1::text[])";
  }
  return absl::OkStatus();
}

absl::Status PlanPageSize(const Message& request, const Method& method, ListPlan* plan) {
  const int32_t asked = request.GetReflection()->GetInt32(request, method.page_size);
  if (asked < 0) {
    return rpc::InvalidField("page_size", options::v1::COMMON_REASON_INVALID_PAGE_SIZE,
                             "must not be negative", "не может быть отрицательным");
  }
  if (asked > 0) plan->page_size = std::min(asked, kMaxPageSize);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ListPlan> PlanList(const Type& type, const Method& method, const Message& request,
                                  const auth::Identity& identity, std::string_view key) {
  ListPlan plan;
  bool many = false;
  if (auto s = PlanRegion(type, method, request, identity, &plan, &many); !s.ok()) return s;
  if (auto s = PlanPageSize(request, method, &plan); !s.ok()) return s;
  plan.binding.method = method.rpc->full_name();
  plan.binding.filter = StringOf(request, method.filter);
  plan.binding.order_by = StringOf(request, method.order_by);
  plan.binding.show_deleted = BoolOf(request, method.show_deleted);
  plan.binding.subject = identity.subject;
  plan.binding.scopes = identity.ScopesSetting();

  if (!plan.binding.show_deleted) plan.where += " AND delete_time IS NULL";
  auto filter = ParseFilter(plan.binding.filter);
  if (!filter.ok()) return filter.status();
  auto condition = CompileFilter(type, *filter, &plan.params);
  if (!condition.ok()) return condition.status();
  if (!condition->empty()) Append(&plan.where, " AND ", *condition);
  auto order = ParseOrder(type, plan.binding.order_by, many);
  if (!order.ok()) return order.status();
  plan.order = *std::move(order);

  const std::string token = StringOf(request, method.page_token);
  if (!token.empty()) {
    auto after = ReadPageToken(key, plan.binding, token, plan.order.size(), absl::Now());
    if (!after.ok()) return after.status();
    plan.after = *std::move(after);
  }
  return plan;
}

absl::Status ReadPage(pg::Tx& tx, const Store& store, const Method& method, const ListPlan& plan,
                      const rpc::Call& call, std::string_view key, Message* response) {
  response->Clear();
  const auto* reflection = response->GetReflection();
  AccessLog log(store.type());
  Values last;
  int shown = 0;
  const std::string order_by = OrderBySql(plan.order);
  std::vector<Range> ranges = {{"", plan.params}};
  if (plan.after) ranges = RangesAfter(plan.order, *plan.after, plan.params);
  for (auto& range : ranges) {
    range.params.Add(plan.page_size + 1 - shown);
    auto rows = tx.Query(
        Cat(store.sql().select, " WHERE ", plan.where, range.condition.empty() ? "" : " AND ",
            range.condition, " ORDER BY ", order_by, " LIMIT $", range.params.size()),
        range.params);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      if (shown == plan.page_size) {
        reflection->SetString(response, method.next_page_token,
                              MakePageToken(key, plan.binding, last, absl::Now()));
        return log.Write(tx);
      }
      if (auto s = DecodeRow(store.type(), row, reflection->AddMessage(response, method.items));
          !s.ok()) {
        return s;
      }
      log.Add(call, row[0].c_str(), row[1].c_str());
      if (++shown < plan.page_size) continue;
      last.clear();
      for (const auto& k : plan.order) {
        const auto cell = row[k.select_index];
        last.push_back(cell.is_null() ? std::nullopt : std::optional<std::string>(cell.c_str()));
      }
    }
  }
  return log.Write(tx);
}

}  // namespace rsnms::resource
