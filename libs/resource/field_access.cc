// The parts of row_codec.h that do not touch rows: copying and comparing fields, and stripping what
// is personal.
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "libs/resource/row_codec.h"

namespace rsnms::resource {
namespace {

using google::protobuf::Reflection;

void CopyRepeated(const FieldDescriptor* field, const Message& from, Message* to) {
  const Reflection* reflection = from.GetReflection();
  const int n = reflection->FieldSize(from, field);
  for (int i = 0; i < n; ++i) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        reflection->AddMessage(to, field)->CopyFrom(reflection->GetRepeatedMessage(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection->AddString(to, field, reflection->GetRepeatedString(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->AddEnumValue(to, field, reflection->GetRepeatedEnumValue(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->AddBool(to, field, reflection->GetRepeatedBool(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection->AddInt32(to, field, reflection->GetRepeatedInt32(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection->AddInt64(to, field, reflection->GetRepeatedInt64(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection->AddUInt32(to, field, reflection->GetRepeatedUInt32(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        reflection->AddUInt64(to, field, reflection->GetRepeatedUInt64(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection->AddDouble(to, field, reflection->GetRepeatedDouble(from, field, i));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection->AddFloat(to, field, reflection->GetRepeatedFloat(from, field, i));
        break;
    }
  }
}

bool FindPersonal(const Descriptor* type, absl::flat_hash_set<const Descriptor*>* seen) {
  if (!seen->insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->options().GetExtension(options::v1::field).personal()) return true;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        FindPersonal(field->message_type(), seen)) {
      return true;
    }
  }
  return false;
}

// Whether anything below a message type is personal, so that most images need no walk.
bool MayHoldPersonal(const Descriptor* type) {
  static absl::Mutex mutex;
  static auto& known = *new absl::flat_hash_map<const Descriptor*, bool>();
  absl::MutexLock lock(&mutex);
  const auto [it, fresh] = known.try_emplace(type, false);
  if (fresh) {
    absl::flat_hash_set<const Descriptor*> seen;
    it->second = FindPersonal(type, &seen);
  }
  return it->second;
}

}  // namespace

void CopyField(const FieldDescriptor* field, const Message& from, Message* to) {
  const Reflection* reflection = from.GetReflection();
  reflection->ClearField(to, field);
  if (field->is_repeated()) return CopyRepeated(field, from, to);
  if (!reflection->HasField(from, field)) return;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return reflection->MutableMessage(to, field)->CopyFrom(reflection->GetMessage(from, field));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->SetString(to, field, reflection->GetString(from, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->SetEnumValue(to, field, reflection->GetEnumValue(from, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(to, field, reflection->GetBool(from, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(to, field, reflection->GetInt32(from, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(to, field, reflection->GetInt64(from, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(to, field, reflection->GetUInt32(from, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->SetUInt64(to, field, reflection->GetUInt64(from, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(to, field, reflection->GetDouble(from, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection->SetFloat(to, field, reflection->GetFloat(from, field));
  }
}

bool FieldsEqual(const Column& column, const Message& a, const Message& b) {
  const Reflection* reflection = a.GetReflection();
  const auto* field = column.field;
  if (!field->is_repeated()) {
    if (reflection->HasField(a, field) != reflection->HasField(b, field)) return false;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string ours, theirs;
        return reflection->GetStringReference(a, field, &ours) ==
               reflection->GetStringReference(b, field, &theirs);
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->GetEnumValue(a, field) == reflection->GetEnumValue(b, field);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->GetBool(a, field) == reflection->GetBool(b, field);
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->GetInt32(a, field) == reflection->GetInt32(b, field);
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->GetInt64(a, field) == reflection->GetInt64(b, field);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection->GetDouble(a, field) == reflection->GetDouble(b, field);
      default:
        return SerializeDeterministic(reflection->GetMessage(a, field)) ==
               SerializeDeterministic(reflection->GetMessage(b, field));
    }
  }
  if (reflection->FieldSize(a, field) != reflection->FieldSize(b, field)) return false;
  if (reflection->FieldSize(a, field) == 0) return true;
  const std::unique_ptr<Message> ours(a.New()), theirs(b.New());
  CopyField(field, a, ours.get());
  CopyField(field, b, theirs.get());
  return SerializeDeterministic(*ours) == SerializeDeterministic(*theirs);
}

std::vector<std::string> ChangedFields(const Type& type, const Message& before,
                                       const Message& after) {
  std::vector<std::string> changed;
  for (const auto& column : type.columns()) {
    if (!FieldsEqual(column, before, after)) changed.push_back(column.field->name());
  }
  return changed;
}

void StripPersonal(Message* message) {
  if (!MayHoldPersonal(message->GetDescriptor())) return;
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    if (field->options().GetExtension(options::v1::field).personal()) {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        StripPersonal(reflection->MutableMessage(message, field));
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        StripPersonal(reflection->MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

std::string ImageOf(const Type& type, const Message& resource) {
  const std::unique_ptr<Message> image(resource.New());
  image->CopyFrom(resource);
  StripPersonal(image.get());
  const Reflection* reflection = image->GetReflection();
  for (const auto* field : {type.etag_field(), type.create_time_field(), type.update_time_field(),
                            type.delete_time_field()}) {
    if (field != nullptr) reflection->ClearField(image.get(), field);
  }
  return SerializeDeterministic(*image);
}

}  // namespace rsnms::resource
