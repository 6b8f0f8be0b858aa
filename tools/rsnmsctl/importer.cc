#include "tools/rsnmsctl/importer.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "rsnms/options/v1/options.pb.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;

// The field of an Import request that carries the resource: the one beside the header.
const google::protobuf::FieldDescriptor* ResourceField(
    const google::protobuf::Descriptor* request) {
  for (int i = 0; i < request->field_count(); ++i) {
    if (request->field(i)->name() != "header") return request->field(i);
  }
  return nullptr;
}

// Visits the Import methods of the contracts with the collections they take.
void EachImport(const std::function<void(const std::string& collection,
                                         const google::protobuf::MethodDescriptor*)>& visit) {
  for (const char* name : kContracts) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const auto standard = method->options().GetExtension(options::v1::method).standard();
      if (standard != options::v1::STANDARD_IMPORT) continue;
      const auto* field = ResourceField(method->input_type());
      if (field == nullptr) continue;
      visit(field->message_type()->options().GetExtension(google::api::resource).plural(), method);
    }
  }
}

}  // namespace

const google::protobuf::MethodDescriptor* FindImport(const std::string& collection) {
  const google::protobuf::MethodDescriptor* found = nullptr;
  EachImport([&](const std::string& plural, const auto* method) {
    if (plural == collection && found == nullptr) found = method;
  });
  return found;
}

std::vector<std::string> ImportedCollections() {
  std::vector<std::string> all;
  EachImport([&](const std::string& plural, const auto*) { all.push_back(plural); });
  std::sort(all.begin(), all.end());
  return all;
}

std::unique_ptr<Message> ImportedType(const std::string& collection) {
  const auto* method = FindImport(collection);
  return method == nullptr ? nullptr
                           : NewMessage(ResourceField(method->input_type())->message_type());
}

absl::StatusOr<options::v1::ImportReport> Import(Session& session, const std::string& collection,
                                                 const options::v1::ImportHeader& header,
                                                 const std::string& title, int64_t total,
                                                 const std::function<bool(Message*)>& next) {
  const auto* method = FindImport(collection);
  if (method == nullptr)
    return absl::NotFoundError("загрузка не предусмотрена для вида записей: " + collection);
  const std::string name = absl::StrCat(method->service()->full_name(), "/", method->name());
  auto request = NewMessage(method->input_type());
  auto response = NewMessage(method->output_type());
  const auto* header_field = method->input_type()->FindFieldByName("header");
  const auto* resource_field = ResourceField(method->input_type());
  Progress progress(title, total);
  int64_t sent = -1;
  auto status = session.client_of(name).ClientStream(
      name, request.get(),
      [&] {
        request->Clear();
        const auto* reflection = request->GetReflection();
        if (++sent == 0) {
          reflection->MutableMessage(request.get(), header_field)->CopyFrom(header);
          return true;
        }
        progress.Set(sent - 1);
        return next(reflection->MutableMessage(request.get(), resource_field));
      },
      response.get(), session.deadline());
  if (sent > 0) progress.Set(sent - 1);
  if (!status.ok()) return status;
  options::v1::ImportReport report;
  const auto* report_field = response->GetDescriptor()->FindFieldByName("report");
  report.CopyFrom(response->GetReflection()->GetMessage(*response, report_field));
  return report;
}

}  // namespace rsnms::ctl
