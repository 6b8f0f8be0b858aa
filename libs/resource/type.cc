#include "libs/resource/type.h"

#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/decimal.pb.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

absl::Status Unfit(const FieldDescriptor& field, std::string_view why) {
  return absl::InvalidArgumentError(Cat(field.full_name(), ": ", why));
}

bool IsMessage(const FieldDescriptor& field, const Descriptor* type) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == type->full_name();
}

// Kinds of singular fields.
absl::StatusOr<Kind> SingularKind(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? Kind::kBytes : Kind::kString;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return Kind::kInteger;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Kind::kDouble;
    case FieldDescriptor::CPPTYPE_BOOL:
      return Kind::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Kind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsMessage(field, google::type::Date::descriptor())) return Kind::kDate;
      if (IsMessage(field, google::protobuf::Timestamp::descriptor())) return Kind::kTimestamp;
      if (IsMessage(field, google::type::Decimal::descriptor())) return Kind::kDecimal;
      return Kind::kJson;
    default:
      return Unfit(field, "unsigned and float fields have no column type");
  }
}

Kind RepeatedKind(const FieldDescriptor& field) {
  if (field.is_map()) return Kind::kJson;
  if (field.type() == FieldDescriptor::TYPE_STRING) return Kind::kStrings;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return Kind::kEnums;
  return Kind::kJson;
}

std::string PgType(const Column& column) {
  switch (column.kind) {
    case Kind::kString:
    case Kind::kEnum:
      return "text";
    case Kind::kInteger:
      return column.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? "int4" : "int8";
    case Kind::kDouble:
      return "float8";
    case Kind::kBool:
      return "bool";
    case Kind::kBytes:
      return "bytea";
    case Kind::kDate:
      return "date";
    case Kind::kTimestamp:
      return "timestamptz";
    case Kind::kDecimal:
      return "numeric";
    case Kind::kReference:
      return column.target.pattern.id_kind == options::v1::ID_KIND_UUID ? "uuid" : "text";
    case Kind::kReferences:
    case Kind::kStrings:
    case Kind::kEnums:
      return "_text";
    case Kind::kJson:
      return "jsonb";
  }
  return "";
}

// Turns a string column into a reference when the field is annotated as one.
absl::Status ReadTarget(Column* column) {
  const auto& field = *column->field;
  const auto& reference = field.options().GetExtension(google::api::resource_reference);
  if (reference.type().empty() || reference.type() == "*") return absl::OkStatus();
  if (column->kind != Kind::kString && column->kind != Kind::kStrings) {
    return Unfit(field, "a resource reference must be a string");
  }
  const NamePattern* pattern = FindPattern(reference.type());
  if (pattern == nullptr) {
    return Unfit(field, Cat("refers to the undeclared type ", reference.type()));
  }
  column->target = {reference.type(), *pattern};
  const bool repeated = field.is_repeated();
  column->kind = repeated ? Kind::kReferences : Kind::kReference;
  column->sql = Cat(field.name(), repeated ? "_ids" : "_id");
  return absl::OkStatus();
}

absl::Status CheckOptions(const Column& column) {
  const auto& options = column.options;
  const bool array = column.kind == Kind::kStrings || column.kind == Kind::kReferences ||
                     column.kind == Kind::kEnums;
  const bool opaque = column.kind == Kind::kJson || column.kind == Kind::kBytes;
  const auto filter = options.filter();
  if (filter != options::v1::FILTER_INDEX_UNSPECIFIED && opaque) {
    return Unfit(*column.field, "stored as jsonb or bytes, so it cannot be filterable");
  }
  if (filter == options::v1::FILTER_INDEX_GIN && !array) {
    return Unfit(*column.field, "FILTER_INDEX_GIN is for repeated fields");
  }
  if (filter == options::v1::FILTER_INDEX_BTREE && array) {
    return Unfit(*column.field, "a repeated field needs FILTER_INDEX_GIN");
  }
  if (filter == options::v1::FILTER_INDEX_TRIGRAM && column.kind != Kind::kString) {
    return Unfit(*column.field, "FILTER_INDEX_TRIGRAM is for text");
  }
  if (options.sortable() && (array || opaque)) return Unfit(*column.field, "cannot be sortable");
  if (options.encrypted()) {
    const bool plain = filter == options::v1::FILTER_INDEX_UNSPECIFIED ||
                       filter == options::v1::FILTER_INDEX_BTREE;
    if (column.kind != Kind::kString || column.field->has_presence() || !options.personal() ||
        options.sortable() || !plain) {
      return Unfit(*column.field,
                   "encrypted is for personal text without presence, never sortable, compared by "
                   "= and != only");
    }
  }
  if (options.format() != options::v1::FORMAT_UNSPECIFIED && column.kind != Kind::kString &&
      column.kind != Kind::kStrings) {
    return Unfit(*column.field, "a format is for strings");
  }
  return absl::OkStatus();
}

// True when the field, or one inside it, is personal.
bool HoldsPersonal(const FieldDescriptor& field, int depth = 0) {
  if (field.options().GetExtension(options::v1::field).personal()) return true;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || depth > 8) return false;
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    if (HoldsPersonal(*field.message_type()->field(i), depth + 1)) return true;
  }
  return false;
}

}  // namespace

bool HasBehavior(const FieldDescriptor& field, int behavior) {
  for (int b : field.options().GetRepeatedExtension(google::api::field_behavior)) {
    if (b == behavior) return true;
  }
  return false;
}

std::string EnumPrefix(const google::protobuf::EnumDescriptor& type) {
  std::string_view zero = type.value(0)->name();
  if (!zero.ends_with("UNSPECIFIED")) return "";
  zero.remove_suffix(std::string_view("UNSPECIFIED").size());
  return std::string(zero);
}

absl::StatusOr<std::unique_ptr<Type>> Type::Create(const Descriptor* resource) {
  std::unique_ptr<Type> type(new Type);
  type->descriptor_ = resource;
  type->prototype_ = google::protobuf::MessageFactory::generated_factory()->GetPrototype(resource);
  if (auto s = type->ReadNames(); !s.ok()) return s;
  for (int i = 0; i < resource->field_count(); ++i) {
    if (auto s = type->ReadField(resource->field(i)); !s.ok()) return s;
  }
  if (type->name_ == nullptr) {
    return absl::InvalidArgumentError(Cat(resource->full_name(), " has no field `name`"));
  }
  if (type->etag_ == nullptr) {
    return absl::InvalidArgumentError(Cat(resource->full_name(), " has no field `etag`"));
  }
  return type;
}

absl::Status Type::ReadNames() {
  const auto unfit = [&](std::string_view why) {
    return absl::InvalidArgumentError(Cat(descriptor_->full_name(), ": ", why));
  };
  const auto& api = descriptor_->options().GetExtension(google::api::resource);
  const auto& ours = descriptor_->options().GetExtension(options::v1::resource);
  resource_type_ = api.type();
  table_ = ours.table();
  published_ = !ours.unpublished();
  if (resource_type_.empty()) return unfit("google.api.resource names no type");
  if (table_.empty()) return unfit("rsnms.options.v1.resource names no table");
  if (!IsCode(table_)) return unfit("the table's name is not lower_snake_case");
  const NamePattern* pattern = FindPattern(resource_type_);
  if (pattern == nullptr) {
    return unfit("needs a pattern `regions/{region}/<collection>/{id}` and an id_kind");
  }
  pattern_ = *pattern;
  AddReadPermission(Cat(resource_type_.substr(0, resource_type_.find('.')), ".",
                        is_region() ? "regions" : pattern_.collection, ".follow"));
  return absl::OkStatus();
}

absl::Status Type::ReadField(const FieldDescriptor* field) {
  if (field->name() == "name") {
    name_ = field;
    return field->type() == FieldDescriptor::TYPE_STRING ? absl::OkStatus()
                                                         : Unfit(*field, "must be a string");
  }
  if (field->name() == "etag") {
    etag_ = field;
    return field->type() == FieldDescriptor::TYPE_STRING ? absl::OkStatus()
                                                         : Unfit(*field, "must be a string");
  }
  Column column;
  column.field = field;
  column.sql = field->name();
  column.options = field->options().GetExtension(options::v1::field);
  column.required = HasBehavior(*field, google::api::REQUIRED);
  column.output_only = HasBehavior(*field, google::api::OUTPUT_ONLY);
  column.immutable = HasBehavior(*field, google::api::IMMUTABLE);
  if (field->is_repeated()) {
    column.kind = RepeatedKind(*field);
  } else {
    auto kind = SingularKind(*field);
    if (!kind.ok()) return kind.status();
    column.kind = *kind;
  }
  if (auto s = ReadTarget(&column); !s.ok()) return s;
  if (auto s = CheckOptions(column); !s.ok()) return s;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    column.enum_prefix = EnumPrefix(*field->enum_type());
  }
  column.pg_type = column.options.encrypted() ? "bytea" : PgType(column);
  column.nullable =
      field->has_presence() || column.kind == Kind::kReference || column.options.encrypted();
  const FieldDescriptor** time = field->name() == "create_time"   ? &create_time_
                                 : field->name() == "update_time" ? &update_time_
                                 : field->name() == "delete_time" ? &delete_time_
                                                                  : nullptr;
  if (time != nullptr && column.kind == Kind::kTimestamp) {
    *time = field;
    column.nullable = time == &delete_time_;
    times_.push_back(std::move(column));
    return absl::OkStatus();
  }
  column.personal = HoldsPersonal(*field);
  personal_ = personal_ || column.personal;
  for (std::string_view reserved : {"region_code", "id", "version"}) {
    if (column.sql == reserved) return Unfit(*field, "would take the place of a key column");
  }
  stored_.push_back({column.sql, column.pg_type});
  if (column.options.encrypted()) stored_.push_back({column.sql + "_index", "bytea"});
  columns_.push_back(std::move(column));
  return absl::OkStatus();
}

const Column* Type::Find(std::string_view field) const {
  for (const auto& c : columns_) {
    if (c.field->name() == field) return &c;
  }
  for (const auto& c : times_) {
    if (c.field->name() == field) return &c;
  }
  return nullptr;
}

int Type::IndexOf(const Column& column) const {
  const auto index = &column - columns_.data();
  return index >= 0 && index < static_cast<ptrdiff_t>(columns_.size()) ? static_cast<int>(index)
                                                                       : -1;
}

std::string SealedFieldOf(const Type& type, const Column& column) {
  return Cat(type.resource_type(), ".", column.field->name());
}

std::string SealedPlaceOf(const Type& type, const Column& column, std::string_view name) {
  return Cat(SealedFieldOf(type, column), "\n", name);
}

std::string Type::NameOf(const Message& resource) const {
  return resource.GetReflection()->GetString(resource, name_);
}

void Type::SetName(Message* resource, std::string_view region, std::string_view id) const {
  resource->GetReflection()->SetString(resource, name_, pattern_.Format(region, id));
}

int64_t Type::VersionOf(const Message& resource) const {
  if (etag_ == nullptr) return 0;
  return ParseEtag(resource.GetReflection()->GetString(resource, etag_)).value_or(0);
}

void Type::SetVersion(Message* resource, int64_t version) const {
  if (etag_ != nullptr) resource->GetReflection()->SetString(resource, etag_, EtagOf(version));
}

bool Type::IsDeleted(const Message& resource) const {
  return delete_time_ != nullptr && resource.GetReflection()->HasField(resource, delete_time_);
}

}  // namespace rsnms::resource
