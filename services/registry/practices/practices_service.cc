#include "absl/strings/str_cat.h"
#include "libs/resource/validation.h"
#include "services/registry/practices/practice_search_store.h"
#include "services/registry/practices/practices.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Practices";

}  // namespace

const google::protobuf::ServiceDescriptor* PracticesContract() {
  v1::Practice::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void PracticesService::Serve(rpc::Server& server) {
  server.Unary<v1::SearchPracticesRequest, v1::SearchPracticesResponse>(
      absl::StrCat(kContract, "/SearchPractices"),
      [this](auto& call, const auto& request, auto* response) {
        return SearchPractices(call, request, response);
      });
}

absl::Status PracticesService::SearchPractices(rpc::Call& call,
                                               const v1::SearchPracticesRequest& request,
                                               v1::SearchPracticesResponse* response) const {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto after = pages_.Place(call, request, kPracticePlaceColumns);
  if (!after.ok()) return after.status();
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    if (auto s = registry::SearchPractices(tx, request, *after, response); !s.ok()) return s;
    if (response->truncated()) {
      response->set_next_page_token(pages_.Next(call, request, LastPlace(*response)));
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::registry
