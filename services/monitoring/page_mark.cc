#include "services/monitoring/page_mark.h"

#include <algorithm>
#include <memory>

#include "absl/time/clock.h"
#include "libs/resource/page_token.h"
#include "libs/rpc/status.h"

namespace rsnms::monitoring {

namespace {

void ClearField(google::protobuf::Message& message, const std::string& field) {
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
  if (descriptor != nullptr) message.GetReflection()->ClearField(&message, descriptor);
}

resource::PageBinding Bind(const rpc::Call& call, const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> bound(request.New());
  bound->CopyFrom(request);
  ClearField(*bound, "page_token");
  ClearField(*bound, "page_size");
  resource::PageBinding binding;
  binding.method = request.GetTypeName();
  binding.filter = bound->SerializeAsString();
  binding.subject = call.identity().subject;
  binding.scopes = call.identity().ScopesSetting();
  return binding;
}

}  // namespace

std::string SealPage(const std::string& key, const rpc::Call& call,
                     const google::protobuf::Message& request, const std::string& last_id) {
  return resource::MakePageToken(key, Bind(call, request), {last_id}, absl::Now());
}

absl::StatusOr<std::string> OpenPage(const std::string& key, const rpc::Call& call,
                                     const google::protobuf::Message& request,
                                     const std::string& token) {
  if (token.empty()) return std::string();
  auto values = resource::ReadPageToken(key, Bind(call, request), token, 1, absl::Now());
  if (!values.ok()) return values.status();
  return values->front().value_or("");
}

absl::StatusOr<int> PageSize(int asked, int by_default, int largest) {
  if (asked < 0) {
    return rpc::InvalidField("page_size", options::v1::COMMON_REASON_INVALID_PAGE_SIZE,
                             "must not be negative", "Размер страницы не может быть отрицательным");
  }
  return asked == 0 ? by_default : std::min(asked, largest);
}

}  // namespace rsnms::monitoring
