#include "tools/rsnmsctl/sheet_memory.h"

#include "google/api/resource.pb.h"
#include "tools/rsnmsctl/sheet_lookup.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using registry::v1::Organisation;
using registry::v1::Person;

constexpr const char* kBodyFields[] = {"ogrn", "inn", "official_name"};

std::string TextOf(const Message& message, const std::string& field) {
  return message.GetReflection()->GetString(message,
                                            message.GetDescriptor()->FindFieldByName(field));
}

bool IsReference(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         field->options().HasExtension(google::api::resource_reference);
}

}  // namespace

void Memory::Remember(const Message& row, bool fresh) {
  if (!rows_) return;
  const std::string name = TextOf(row, "name");
  if (fresh) fresh_.insert(name);
  if (row.GetDescriptor() == Person::descriptor()) {
    const std::string snils = TextOf(row, "snils");
    if (!snils.empty()) people_[snils] = name;
  } else if (row.GetDescriptor() == Organisation::descriptor()) {
    for (const char* field : kBodyFields) {
      const std::string value = TextOf(row, field);
      if (!value.empty()) bodies_[field].names[value].insert(name);
    }
  }
}

absl::Status Memory::LearnPeople(Session& session, const std::string& region,
                                 const std::set<std::string>& snils) {
  std::set<std::string> unknown;
  for (const std::string& value : snils) {
    if (!people_.contains(value)) unknown.insert(value);
  }
  People stored;
  if (auto s = FindPeople(session, region, "snils", unknown, &stored); !s.ok()) return s;
  for (const std::string& value : unknown) people_.try_emplace(value);
  for (const auto& [name, person] : stored) people_[person.snils()] = name;
  return absl::OkStatus();
}

const std::string& Memory::PersonOf(const std::string& snils) const {
  static const std::string kNobody;
  const auto found = people_.find(snils);
  return found == people_.end() ? kNobody : found->second;
}

absl::Status Memory::LearnBodies(Session& session, const std::string& region,
                                 const std::string& field, const std::set<std::string>& values) {
  Index& index = bodies_[field];
  std::set<std::string> unknown;
  for (const std::string& value : values) {
    if (index.asked.insert(value).second) unknown.insert(value);
  }
  Bodies stored;
  if (auto s = FindBodies(session, region, field.c_str(), unknown, &stored); !s.ok()) return s;
  for (const auto& [name, body] : stored) index.names[TextOf(body, field)].insert(name);
  return absl::OkStatus();
}

const std::set<std::string>& Memory::BodiesOf(const std::string& field,
                                              const std::string& value) const {
  static const std::set<std::string> kNone;
  const auto index = bodies_.find(field);
  if (index == bodies_.end()) return kNone;
  const auto found = index->second.names.find(value);
  return found == index->second.names.end() ? kNone : found->second;
}

bool Memory::Awaits(const Message& row) const {
  if (awaited_.empty()) return false;
  const auto* reflection = row.GetReflection();
  for (int i = 0; i < row.GetDescriptor()->field_count(); ++i) {
    const auto* field = row.GetDescriptor()->field(i);
    if (!IsReference(field)) continue;
    const int count =
        field->is_repeated() ? reflection->FieldSize(row, field) : reflection->HasField(row, field);
    for (int k = 0; k < count; ++k) {
      const std::string name = field->is_repeated() ? reflection->GetRepeatedString(row, field, k)
                                                    : reflection->GetString(row, field);
      if (awaited_.contains(name)) return true;
    }
  }
  return false;
}

}  // namespace rsnms::ctl
