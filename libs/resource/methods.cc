#include "libs/resource/methods.h"

#include "google/protobuf/field_mask.pb.h"
#include "libs/resource/text.h"
#include "rsnms/options/v1/import.pb.h"

namespace rsnms::resource {
namespace {

using options::v1::Standard;

class Binder {
 public:
  Binder(const MethodDescriptor* rpc, const Type& type) : rpc_(rpc), type_(type) {}

  absl::StatusOr<Method> Bind(Standard standard) {
    Method m;
    m.rpc = rpc_;
    m.standard = standard;
    if (rpc_->server_streaming() ||
        rpc_->client_streaming() != (standard == options::v1::STANDARD_IMPORT)) {
      return Unfit("streams where the standard method does not, or the reverse");
    }
    BindRequest(&m);
    BindResponse(&m);
    if (!failure_.empty()) return Unfit(failure_);
    if (standard != options::v1::STANDARD_TRANSITION) return m;
    auto step = BindStep(rpc_, type_);
    if (!step.ok()) return step.status();
    m.step = *std::move(step);
    return m;
  }

 private:
  absl::Status Unfit(std::string_view why) const {
    return absl::InvalidArgumentError(Cat(rpc_->full_name(), ": ", why));
  }
  void Need(const FieldDescriptor* field, std::string_view what) {
    if (field == nullptr && failure_.empty()) failure_ = Cat("needs ", what);
  }

  const FieldDescriptor* In(std::string_view name, FieldDescriptor::CppType type,
                            bool repeated = false) const {
    const auto* field = rpc_->input_type()->FindFieldByName(std::string(name));
    if (field == nullptr || field->cpp_type() != type || field->is_repeated() != repeated) {
      return nullptr;
    }
    return field;
  }
  const FieldDescriptor* Text(std::string_view name) const {
    return In(name, FieldDescriptor::CPPTYPE_STRING);
  }
  const FieldDescriptor* Flag(std::string_view name) const {
    return In(name, FieldDescriptor::CPPTYPE_BOOL);
  }
  // The one field of a message type.
  static const FieldDescriptor* OfType(const Descriptor* message, std::string_view type,
                                       bool repeated) {
    for (int i = 0; i < message->field_count(); ++i) {
      const auto* field = message->field(i);
      if (field->is_repeated() == repeated && !field->is_map() &&
          field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
          field->message_type()->full_name() == type) {
        return field;
      }
    }
    return nullptr;
  }

  void BindRequest(Method* m) {
    const auto* request = rpc_->input_type();
    const std::string& resource = type_.descriptor()->full_name();
    m->validate_only = Flag("validate_only");
    m->etag = Text("etag");
    m->parent = Text("parent");
    switch (m->standard) {
      case options::v1::STANDARD_GET:
      case options::v1::STANDARD_DELETE:
      case options::v1::STANDARD_UNDELETE:
      case options::v1::STANDARD_TRANSITION:
        Need(m->name = Text("name"), "`string name`");
        break;
      case options::v1::STANDARD_BATCH_GET:
        Need(m->names = In("names", FieldDescriptor::CPPTYPE_STRING, true),
             "`repeated string names`");
        break;
      case options::v1::STANDARD_LIST:
        if (!type_.is_region()) Need(m->parent, "`string parent`");
        Need(m->page_size = In("page_size", FieldDescriptor::CPPTYPE_INT32), "`int32 page_size`");
        Need(m->page_token = Text("page_token"), "`string page_token`");
        m->filter = Text("filter");
        m->order_by = Text("order_by");
        m->show_deleted = Flag("show_deleted");
        break;
      case options::v1::STANDARD_CREATE:
        if (!type_.is_region()) Need(m->parent, "`string parent`");
        Need(m->resource = OfType(request, resource, false), "a field of the resource's type");
        if (m->resource != nullptr) m->resource_id = Text(m->resource->name() + "_id");
        if (type_.pattern().id_kind == options::v1::ID_KIND_CODE) {
          Need(m->resource_id, "`string <resource>_id`, the id being a code");
        }
        break;
      case options::v1::STANDARD_UPDATE:
        Need(m->resource = OfType(request, resource, false), "a field of the resource's type");
        Need(m->update_mask =
                 OfType(request, google::protobuf::FieldMask::descriptor()->full_name(), false),
             "`google.protobuf.FieldMask update_mask`");
        m->allow_missing = Flag("allow_missing");
        break;
      case options::v1::STANDARD_IMPORT:
        Need(m->resource = OfType(request, resource, false), "a field of the resource's type");
        Need(m->header =
                 OfType(request, options::v1::ImportHeader::descriptor()->full_name(), false),
             "a field of type ImportHeader");
        break;
      default:
        failure_ = "unknown standard method";
    }
  }

  void BindResponse(Method* m) {
    const auto* response = rpc_->output_type();
    const std::string& resource = type_.descriptor()->full_name();
    switch (m->standard) {
      case options::v1::STANDARD_BATCH_GET:
      case options::v1::STANDARD_LIST:
        Need(m->items = OfType(response, resource, true), "a response with the resources repeated");
        if (m->standard == options::v1::STANDARD_LIST) {
          m->next_page_token = response->FindFieldByName("next_page_token");
          Need(m->next_page_token, "`string next_page_token` in the response");
        }
        break;
      case options::v1::STANDARD_IMPORT:
        Need(m->report =
                 OfType(response, options::v1::ImportReport::descriptor()->full_name(), false),
             "a response with an ImportReport");
        break;
      default:
        if (response->full_name() != resource) Need(nullptr, "to return the resource itself");
    }
  }

  const MethodDescriptor* const rpc_;
  const Type& type_;
  std::string failure_;
};

}  // namespace

absl::StatusOr<Method> BindMethod(const MethodDescriptor* rpc, Standard standard,
                                  const Type& type) {
  return Binder(rpc, type).Bind(standard);
}

std::string StringOf(const Message& request, const FieldDescriptor* field) {
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

bool BoolOf(const Message& request, const FieldDescriptor* field) {
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

}  // namespace rsnms::resource
