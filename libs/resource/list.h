// List: a page of a resource's rows, at any depth for the same price.
#ifndef RSNMS_LIBS_RESOURCE_LIST_H_
#define RSNMS_LIBS_RESOURCE_LIST_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/resource/methods.h"
#include "libs/resource/order.h"
#include "libs/resource/page_token.h"
#include "libs/resource/store.h"

namespace rsnms::resource {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// A list request, checked and compiled: no SQL has run yet.
struct ListPlan {
  std::string where;  // conditions beside the page's own; never empty
  pg::Params params;  // of `where`
  Order order;
  int page_size = kDefaultPageSize;
  PageBinding binding;
  std::optional<Values> after;  // key of the row before the page
};

// INVALID_ARGUMENT INVALID_PARENT, _PAGE_SIZE, _FILTER, _ORDER_BY, _PAGE_TOKEN. `identity` is the
// caller's: it narrows `regions/-` to the regions its scopes lie in, and page tokens are bound to
// it.
absl::StatusOr<ListPlan> PlanList(const Type& type, const Method& method, const Message& request,
                                  const auth::Identity& identity, std::string_view key);

// Reads the page into the response.
absl::Status ReadPage(pg::Tx& tx, const Store& store, const Method& method, const ListPlan& plan,
                      const rpc::Call& call, std::string_view key, Message* response);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_LIST_H_
