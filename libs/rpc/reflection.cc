#include "libs/rpc/reflection.h"

#include <algorithm>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/rpc/code.pb.h"

namespace rsnms::rpc {
namespace {

namespace v1 = grpc::reflection::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

void SetError(v1::ServerReflectionResponse* response, google::rpc::Code code, std::string message) {
  auto* error = response->mutable_error_response();
  error->set_error_code(code);
  error->set_error_message(std::move(message));
}

// The file itself, even when sent before, then those of its dependencies the stream does not hold
// yet.
void AddFiles(const FileDescriptor* file, bool asked, absl::flat_hash_set<std::string>* sent,
              v1::FileDescriptorResponse* out) {
  if (!sent->insert(file->name()).second && !asked) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  out->add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) {
    AddFiles(file->dependency(i), false, sent, out);
  }
}

void SetFile(const FileDescriptor* file, const std::string& what,
             absl::flat_hash_set<std::string>* sent, v1::ServerReflectionResponse* response) {
  if (file == nullptr) return SetError(response, google::rpc::NOT_FOUND, what + " was not found");
  AddFiles(file, true, sent, response->mutable_file_descriptor_response());
}

void SetExtensionNumbers(const std::string& type, v1::ServerReflectionResponse* response) {
  const auto* pool = DescriptorPool::generated_pool();
  const auto* message = pool->FindMessageTypeByName(type);
  if (message == nullptr) {
    return SetError(response, google::rpc::NOT_FOUND, type + " was not found");
  }
  std::vector<const FieldDescriptor*> extensions;
  pool->FindAllExtensions(message, &extensions);
  auto* out = response->mutable_all_extension_numbers_response();
  out->set_base_type_name(type);
  for (const auto* extension : extensions) out->add_extension_number(extension->number());
  std::sort(out->mutable_extension_number()->begin(), out->mutable_extension_number()->end());
}

}  // namespace

v1::ServerReflectionResponse Reflection::Answer(const v1::ServerReflectionRequest& request) {
  const auto* pool = DescriptorPool::generated_pool();
  v1::ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case v1::ServerReflectionRequest::kListServices:
      for (const auto& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case v1::ServerReflectionRequest::kFileByFilename:
      SetFile(pool->FindFileByName(request.file_by_filename()), request.file_by_filename(), &sent_,
              &response);
      break;
    case v1::ServerReflectionRequest::kFileContainingSymbol:
      SetFile(pool->FindFileContainingSymbol(request.file_containing_symbol()),
              request.file_containing_symbol(), &sent_, &response);
      break;
    case v1::ServerReflectionRequest::kFileContainingExtension: {
      const auto& wanted = request.file_containing_extension();
      const auto* message = pool->FindMessageTypeByName(wanted.containing_type());
      const auto* extension = message == nullptr
                                  ? nullptr
                                  : pool->FindExtensionByNumber(message, wanted.extension_number());
      SetFile(extension == nullptr ? nullptr : extension->file(), wanted.containing_type(), &sent_,
              &response);
      break;
    }
    case v1::ServerReflectionRequest::kAllExtensionNumbersOfType:
      SetExtensionNumbers(request.all_extension_numbers_of_type(), &response);
      break;
    default:
      SetError(&response, google::rpc::INVALID_ARGUMENT, "message_request is not set");
  }
  return response;
}

}  // namespace rsnms::rpc
