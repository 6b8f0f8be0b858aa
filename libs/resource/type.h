// Everything the engine derives from one resource message, once, at start: its name pattern and its
// columns.
#ifndef RSNMS_LIBS_RESOURCE_TYPE_H_
#define RSNMS_LIBS_RESOURCE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/resource/keyring.h"
#include "libs/resource/names.h"
#include "rsnms/options/v1/options.pb.h"

namespace rsnms::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// How a field is stored (the mapping stands in engine.h).
enum class Kind {
  kString,
  kInteger,
  kDouble,
  kBool,
  kBytes,
  kEnum,
  kDate,
  kTimestamp,
  kDecimal,
  kReference,   // one resource's name
  kReferences,  // repeated
  kStrings,     // repeated string
  kEnums,       // repeated enum
  kJson,        // any other message, repeated field or map
};

// The type another resource's name points to.
struct Target {
  std::string type;     // `registry.rsnms/Organisation`; `*` for any
  NamePattern pattern;  // meaningless for `*`
};

struct Column {
  const FieldDescriptor* field = nullptr;
  Kind kind = Kind::kString;
  std::string sql;      // the column's name
  std::string pg_type;  // as pg_type.typname has it: `text`, `int8`, `_text`
  options::v1::Field options;
  bool required = false, output_only = false, immutable = false;
  bool personal = false;  // or holds a personal field inside
  bool nullable = false;  // by the contract; Engine::Check refines it by the catalogue
  Target target;          // of references
  std::string enum_prefix;
};

// A column as the table has it: an encrypted field has two.
struct Stored {
  std::string sql, pg_type;
};

// `resource` holds google.api.resource and rsnms.options.v1.resource.
class Type {
 public:
  // INVALID_ARGUMENT with a sentence for the developer when the contract is not one the engine can
  // execute.
  static absl::StatusOr<std::unique_ptr<Type>> Create(const Descriptor* resource);

  const Descriptor* descriptor() const { return descriptor_; }
  const Message& prototype() const { return *prototype_; }
  const std::string& resource_type() const {
    return resource_type_;
  }  // `registry.rsnms/Organisation`
  const std::string& table() const { return table_; }
  const NamePattern& pattern() const { return pattern_; }
  bool is_region() const { return pattern_.collection.empty(); }
  bool published() const { return published_; }
  // Whoever holds one of them may read what lives of this type as it is published: the permissions
  // of its Get and List methods, and `<service>.<collection>.follow` for those who may know it
  // without its personal fields (the change feed).
  const std::vector<std::string>& read_permissions() const { return read_permissions_; }
  void AddReadPermission(const std::string& permission) { read_permissions_.push_back(permission); }
  // Some field is personal: journals are stripped, reads are recorded.
  bool personal() const { return personal_; }
  // Stored fields in the order of the contract; the computed ones (name, etag, times) are not among
  // them.
  const std::vector<Column>& columns() const { return columns_; }
  std::vector<Column>& mutable_columns() { return columns_; }
  // The table's columns for them, in the order EncodeColumns gives their values.
  const std::vector<Stored>& stored() const { return stored_; }
  // Of encrypted fields; null when there are none.
  const Keyring* keys() const { return keys_.get(); }
  void SetKeys(std::shared_ptr<const Keyring> keys) { keys_ = std::move(keys); }
  bool encrypted() const { return stored_.size() > columns_.size(); }
  // A column or one of the computed times by field name; null when there is none.
  const Column* Find(std::string_view field) const;
  // Index in columns(), -1 for the times.
  int IndexOf(const Column& column) const;

  // Computed fields. etag and times are null when the message has none.
  const FieldDescriptor* name_field() const { return name_; }
  const FieldDescriptor* etag_field() const { return etag_; }
  const FieldDescriptor* create_time_field() const { return create_time_; }
  const FieldDescriptor* update_time_field() const { return update_time_; }
  const FieldDescriptor* delete_time_field() const { return delete_time_; }

  std::string NameOf(const Message& resource) const;
  void SetName(Message* resource, std::string_view region, std::string_view id) const;
  // Version of the etag a resource carries; 0 when it has none.
  int64_t VersionOf(const Message& resource) const;
  void SetVersion(Message* resource, int64_t version) const;
  bool IsDeleted(const Message& resource) const;
  std::unique_ptr<Message> New() const { return std::unique_ptr<Message>(prototype_->New()); }

 private:
  absl::Status ReadNames();
  absl::Status ReadField(const FieldDescriptor* field);

  const Descriptor* descriptor_ = nullptr;
  const Message* prototype_ = nullptr;
  std::string resource_type_, table_;
  NamePattern pattern_;
  std::vector<std::string> read_permissions_;
  bool published_ = true, personal_ = false;
  std::vector<Column> columns_, times_;
  std::vector<Stored> stored_;
  std::shared_ptr<const Keyring> keys_;
  const FieldDescriptor *name_ = nullptr, *etag_ = nullptr, *create_time_ = nullptr,
                        *update_time_ = nullptr, *delete_time_ = nullptr;
};

// The name pattern of any resource type of RSNMS, of this service or another; null when no contract
// declares it.
const NamePattern* FindPattern(std::string_view resource_type);

// The prefix of an enum's values, `ORGANISATION_KIND_`, read off its zero value.
std::string EnumPrefix(const google::protobuf::EnumDescriptor& type);

// What the blind index of an encrypted field is bound to, and what a sealed value of it is.
std::string SealedFieldOf(const Type& type, const Column& column);
std::string SealedPlaceOf(const Type& type, const Column& column, std::string_view name);

bool HasBehavior(const FieldDescriptor& field, int behavior);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TYPE_H_
