// Walking a List method to its end.
#ifndef RSNMS_TOOLS_RSNMSCTL_PAGING_H_
#define RSNMS_TOOLS_RSNMSCTL_PAGING_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// Calls `method` page by page with `request`, handing each page to `visit`.
template <class Request, class Response>
absl::Status ForEachPage(Session& session, std::string_view method, Request request,
                         const std::function<absl::Status(const Response&)>& visit) {
  request.set_page_size(1000);
  do {
    Response page;
    if (auto s = session.Call(method, request, &page); !s.ok()) return s;
    if (auto s = visit(page); !s.ok()) return s;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_PAGING_H_
