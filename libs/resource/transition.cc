#include "libs/resource/transition.h"

#include <algorithm>

#include "google/protobuf/text_format.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::MethodDescriptor;

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

bool SameType(const FieldDescriptor& a, const FieldDescriptor& b) {
  return a.type() == b.type() && a.is_repeated() == b.is_repeated() &&
         a.message_type() == b.message_type() && a.enum_type() == b.enum_type();
}

// Copies a value between messages of different types; the fields agree in type.
void CopyValue(const Message& from, const FieldDescriptor* source, Message* to,
               const FieldDescriptor* target) {
  using google::protobuf::TextFormat;
  const auto* in = from.GetReflection();
  const auto* out = to->GetReflection();
  out->ClearField(to, target);
  const bool many = source->is_repeated();
  const int n = many ? in->FieldSize(from, source) : 1;
  for (int i = 0; i < n; ++i) {
    if (source->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message* element = many ? out->AddMessage(to, target) : out->MutableMessage(to, target);
      element->CopyFrom(many ? in->GetRepeatedMessage(from, source, i)
                             : in->GetMessage(from, source));
      continue;
    }
    std::string text;
    TextFormat::PrintFieldValueToString(from, source, many ? i : -1, &text);
    TextFormat::ParseFieldValueFromString(text, target, to);
  }
}

std::string StateText(const EnumDescriptor& states, int number) {
  const auto* value = states.FindValueByNumber(number);
  return value == nullptr ? Cat(number) : value->name().substr(EnumPrefix(states).size());
}

}  // namespace

absl::StatusOr<Step> BindStep(const MethodDescriptor* rpc, const Type& type) {
  const auto& declared = rpc->options().GetExtension(options::v1::method).transition();
  const auto unfit = [&](std::string_view why) {
    return absl::InvalidArgumentError(Cat(rpc->full_name(), ": ", why));
  };
  Step step;
  const std::string field = declared.field().empty() ? "state" : declared.field();
  step.state = type.descriptor()->FindFieldByName(field);
  if (step.state == nullptr || step.state->enum_type() == nullptr || step.state->is_repeated()) {
    return unfit(Cat("`", field, "` is not an enum field of the resource"));
  }
  const EnumDescriptor& states = *step.state->enum_type();
  const auto number = [&](const std::string& name) {
    const auto* value = states.FindValueByName(Cat(EnumPrefix(states), name));
    return value == nullptr ? 0 : value->number();
  };
  if (declared.from().empty()) return unfit("a transition begins somewhere");
  for (const auto& from : declared.from()) {
    if (number(from) == 0) return unfit(Cat("no such state: ", from));
    step.from.push_back(number(from));
  }
  step.to = number(declared.to());
  if (step.to == 0) return unfit(Cat("no such state: ", declared.to()));
  for (int i = 0; i < rpc->input_type()->field_count(); ++i) {
    const auto* value = rpc->input_type()->field(i);
    const std::string_view name = value->name();
    if (name == "name" || name == "etag" || name == "request_id" || name == "validate_only" ||
        name == "reason") {
      continue;
    }
    const auto* target = type.descriptor()->FindFieldByName(value->name());
    if (target == nullptr || !SameType(*value, *target)) {
      return unfit(Cat("`", value->name(), "` is not a field of the resource"));
    }
    step.values.emplace_back(value, target);
  }
  return step;
}

bool MayBegin(const Step& step, int state) {
  return std::find(step.from.begin(), step.from.end(), state) != step.from.end();
}

absl::Status MakeStep(const Step& step, const Type& type, const Message& request,
                      Message* resource) {
  const auto* reflection = resource->GetReflection();
  const EnumDescriptor& states = *step.state->enum_type();
  const int state = reflection->GetEnumValue(*resource, step.state);
  if (!MayBegin(step, state)) {
    std::string permitted;
    for (int from : step.from) {
      Append(&permitted, permitted.empty() ? "" : ",", StateText(states, from));
    }
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_INVALID_STATE,
                      Cat("the resource is ", StateText(states, state), "; this needs ", permitted))
        .With("state", StateText(states, state))
        .With("permitted", permitted)
        .Resource(type.resource_type(), type.NameOf(*resource));
  }
  std::vector<const FieldDescriptor*> given;
  for (const auto& [value, target] : step.values) {
    if (!IsSet(request, value)) continue;
    CopyValue(request, value, resource, target);
    given.push_back(target);
  }
  reflection->SetEnumValue(resource, step.state, step.to);
  return ValidateValues(type, given, resource);
}

absl::Status MakeDeclaredStep(const Engine& engine, const rpc::Call& call, const Message& request,
                              Message* resource) {
  const Type& type = engine.TypeOf(resource->GetDescriptor());
  auto step = BindStep(&call.method(), type);
  if (!step.ok()) return step.status();
  return MakeStep(*step, type, request, resource);
}

}  // namespace rsnms::resource
