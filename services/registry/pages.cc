#include "services/registry/pages.h"

#include <algorithm>
#include <memory>

#include "absl/time/clock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "libs/resource/page_token.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;

std::string TokenOf(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("page_token");
  return request.GetReflection()->GetString(request, field);
}

// Everything that shapes the answer; a request has one serialisation within a build.
std::string ShapeOf(const Message& request) {
  const std::unique_ptr<Message> shape(request.New());
  shape->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    shape->GetReflection()->ClearField(shape.get(), shape->GetDescriptor()->FindFieldByName(name));
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    shape->SerializeToCodedStream(&out);
  }
  return bytes;
}

resource::PageBinding BindingOf(const rpc::Call& call, const Message& request) {
  resource::PageBinding binding;
  binding.method = request.GetDescriptor()->full_name();
  binding.filter = ShapeOf(request);
  binding.subject = call.identity().subject;
  binding.scopes = call.identity().ScopesSetting();
  return binding;
}

}  // namespace

int PageSize(int asked, int by_default, int most) {
  return asked == 0 ? by_default : std::min(asked, most);
}

absl::StatusOr<std::optional<resource::Values>> Pages::Place(const rpc::Call& call,
                                                             const Message& request,
                                                             size_t columns) const {
  const std::string token = TokenOf(request);
  if (token.empty()) return std::nullopt;
  auto values =
      resource::ReadPageToken(key_, BindingOf(call, request), token, columns, absl::Now());
  if (!values.ok()) return values.status();
  return *std::move(values);
}

std::string Pages::Next(const rpc::Call& call, const Message& request,
                        const resource::Values& last) const {
  return resource::MakePageToken(key_, BindingOf(call, request), last, absl::Now());
}

}  // namespace rsnms::registry
