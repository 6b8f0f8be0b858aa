#include "services/programs/learning/report_pages.h"

#include <algorithm>
#include <memory>

#include "absl/time/clock.h"
#include "libs/resource/names.h"
#include "libs/resource/page_token.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr int kPage = 50, kGreatestPage = 1000;

resource::PageBinding BindingOf(const rpc::Call& call, const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> asked(request.New());
  asked->CopyFrom(request);
  for (const char* field : {"page_size", "page_token"}) {
    asked->GetReflection()->ClearField(asked.get(), asked->GetDescriptor()->FindFieldByName(field));
  }
  resource::PageBinding binding;
  binding.method = request.GetDescriptor()->full_name();
  binding.filter = asked->SerializeAsString();
  binding.subject = call.identity().subject;
  binding.scopes = call.identity().ScopesSetting();
  return binding;
}

}  // namespace

absl::Status CheckReportParent(const rpc::Call& call, std::string_view parent) {
  const auto region = resource::ParseParent(parent);
  if (!region.has_value() || *region == "-") {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{region}", "укажите регион, например regions/86");
  }
  if (call.identity().TouchesRegion(*region)) return absl::OkStatus();
  return rpc::NotFound("registry.rsnms/Region", parent);
}

absl::Status CheckReportName(std::string_view parent, std::string_view name,
                             std::string_view collection, std::string_view path) {
  if (name.empty() || name == NameOf(RegionOf(parent), collection, IdOf(name))) {
    const bool code = collection == "municipalities";
    if (name.empty() || code || resource::IsUuid(IdOf(name))) return absl::OkStatus();
  }
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                           Cat("must be ", NameOf(RegionOf(parent), collection, "{id}")),
                           "имя должно принадлежать региону запроса");
}

int PageSize(int asked) { return asked == 0 ? kPage : std::min(asked, kGreatestPage); }

absl::StatusOr<std::optional<resource::Values>> ReportPages::Place(
    const rpc::Call& call, const google::protobuf::Message& request, size_t columns) const {
  const auto* field = request.GetDescriptor()->FindFieldByName("page_token");
  const std::string token = request.GetReflection()->GetString(request, field);
  if (token.empty()) return std::optional<resource::Values>();
  auto key = resource::ReadPageToken(key_, BindingOf(call, request), token, columns, absl::Now());
  if (!key.ok()) return key.status();
  return std::optional<resource::Values>(*std::move(key));
}

std::string ReportPages::Next(const rpc::Call& call, const google::protobuf::Message& request,
                              const resource::Values& last) const {
  return resource::MakePageToken(key_, BindingOf(call, request), last, absl::Now());
}

}  // namespace rsnms::programs
