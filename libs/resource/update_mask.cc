#include "libs/resource/update_mask.h"

#include "absl/strings/str_split.h"
#include "libs/resource/clean_text.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

constexpr int kMaxPaths = 100;

bool IsSet(const FieldDescriptor* field, const Message& message) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

absl::Status BadPath() {
  return rpc::InvalidField("update_mask", options::v1::COMMON_REASON_INVALID_FIELD_MASK,
                           "names a field that does not exist",
                           "маска называет поле, которого нет");
}

// Copies what the rest of a path names.
absl::Status CopyPath(const std::vector<std::string>& steps, size_t at, const Message& from,
                      Message* to) {
  const auto* field = from.GetDescriptor()->FindFieldByName(steps[at]);
  if (field == nullptr) return BadPath();
  if (at + 1 == steps.size()) {
    CopyField(field, from, to);
    return absl::OkStatus();
  }
  if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return BadPath();
  }
  return CopyPath(steps, at + 1, from.GetReflection()->GetMessage(from, field),
                  to->GetReflection()->MutableMessage(to, field));
}

absl::Status CopyNamed(const Type& type, const std::string& path, const Message& incoming,
                       Message* after) {
  if (path.size() > 500 || !IsCleanText(path)) return BadPath();
  const std::vector<std::string> steps = absl::StrSplit(path, '.');
  const auto* field = type.descriptor()->FindFieldByName(steps[0]);
  if (field == nullptr) return BadPath();
  const Column* column = type.Find(steps[0]);
  const bool computed = column == nullptr || type.IndexOf(*column) < 0;
  if (computed || column->output_only) return absl::OkStatus();
  return CopyPath(steps, 0, incoming, after);
}

}  // namespace

absl::Status ApplyMask(const Type& type, const google::protobuf::FieldMask& mask,
                       std::string_view path, const Message& incoming, Message* after) {
  if (mask.paths_size() > kMaxPaths) return BadPath();
  const std::unique_ptr<Message> before(after->New());
  before->CopyFrom(*after);
  const bool all = mask.paths_size() == 1 && mask.paths(0) == "*";
  if (all || mask.paths_size() == 0) {
    for (const auto& column : type.columns()) {
      if (column.output_only) continue;
      const bool set = IsSet(column.field, incoming);
      // A full replacement without an immutable field's value does not mean to change it.
      if (set || (all && !column.immutable)) CopyField(column.field, incoming, after);
    }
  } else {
    for (const auto& p : mask.paths()) {
      if (auto s = CopyNamed(type, p, incoming, after); !s.ok()) return s;
    }
  }
  Violations violations;
  for (const auto& column : type.columns()) {
    if (!column.immutable || FieldsEqual(column, *before, *after)) continue;
    violations.Add(path.empty() ? column.field->name() : Cat(path, ".", column.field->name()),
                   options::v1::COMMON_REASON_IMMUTABLE_FIELD, "never changes after creation",
                   "поле нельзя изменить после создания");
  }
  return violations.ToStatus();
}

}  // namespace rsnms::resource
