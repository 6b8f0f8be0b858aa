// What every paged answer promises: its pages together are the whole, and a token works for the
// request and the caller it was made for only.
#ifndef RSNMS_SERVICES_REGISTRY_PAGING_TEST_H_
#define RSNMS_SERVICES_REGISTRY_PAGING_TEST_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/rpc/status.h"

namespace rsnms::registry {

// `ask` calls the method, `items` names what a page shows, in order.
template <class Request, class Response>
struct Paged {
  std::function<absl::StatusOr<Response>(const Request&)> ask;
  std::function<std::vector<std::string>(const Response&)> items;

  std::vector<std::string> Pages(Request request, int size) const {
    request.set_page_size(size);
    std::vector<std::string> all;
    do {
      auto page = ask(request);
      if (!page.ok()) return {page.status().ToString()};
      const auto shown = items(*page);
      EXPECT_LE(shown.size(), size_t(size));
      all.insert(all.end(), shown.begin(), shown.end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && all.size() < 10'000);
    return all;
  }

  // Answers the whole.
  std::vector<std::string> ExpectPagesMakeTheWhole(const Request& request) const {
    auto whole = ask(request);
    EXPECT_TRUE(whole.ok()) << whole.status();
    if (!whole.ok()) return {};
    EXPECT_EQ(whole->next_page_token(), "") << "the whole fits one page";
    for (const int size : {1, 3, 7}) {
      EXPECT_EQ(Pages(request, size), items(*whole)) << "by " << size;
    }
    return items(*whole);
  }

  // `other` is the same question put otherwise. The answer has more than one row.
  void ExpectTokensAreBound(Request request, Request other, const Paged& stranger) const {
    request.set_page_size(1);
    auto page = ask(request);
    ASSERT_TRUE(page.ok()) << page.status();
    const std::string token = page->next_page_token();
    ASSERT_NE(token, "");
    request.set_page_token(token);
    request.set_page_size(2);
    EXPECT_TRUE(ask(request).ok()) << "the size may change between pages";
    const auto refused = [](const absl::StatusOr<Response>& answer) {
      EXPECT_EQ(rpc::ReasonOf(answer.status()), "INVALID_PAGE_TOKEN") << answer.status();
    };
    refused(stranger.ask(request));
    other.set_page_token(token);
    refused(ask(other));
    std::string touched = token;
    touched[touched.size() / 2] = touched[touched.size() / 2] == 'A' ? 'B' : 'A';
    for (const std::string& bad : {touched, token.substr(1), token + "A", std::string("1")}) {
      request.set_page_token(bad);
      refused(ask(request));
    }
  }
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PAGING_TEST_H_
