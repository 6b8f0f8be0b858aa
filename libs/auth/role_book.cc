#include "libs/auth/role_book.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace rsnms::auth {
namespace {

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!text.empty()) return;
    text = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " +
           message;
  }

  std::string text;
};

// Dotted lower-case names; a whole segment may be `*`.
bool IsPattern(const std::string& permission) {
  for (const std::string& segment : std::vector<std::string>(absl::StrSplit(permission, '.'))) {
    if (segment == "*") continue;
    if (segment.empty() || !absl::ascii_islower(segment[0])) return false;
    for (char c : segment) {
      if (!absl::ascii_isalnum(c) && c != '_') return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<RoleBook> RoleBook::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return absl::NotFoundError("cannot read " + path);
  auto book = Parse(text.str());
  if (!book.ok()) {
    return absl::InvalidArgumentError(path + ": " + std::string(book.status().message()));
  }
  return book;
}

absl::StatusOr<RoleBook> RoleBook::Parse(const std::string& textproto) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  v1::RoleSet set;
  if (!parser.ParseFromString(textproto, &set)) return absl::InvalidArgumentError(error.text);
  RoleBook book;
  for (v1::Role& role : *set.mutable_roles()) {
    for (const std::string& permission : role.permissions()) {
      if (!IsPattern(permission)) {
        return absl::InvalidArgumentError(role.name() + ": bad permission " + permission);
      }
    }
    const std::string name = role.name();
    if (name.empty() || !book.roles_.emplace(name, std::move(role)).second) {
      return absl::InvalidArgumentError("role without a name of its own: " + name);
    }
  }
  return book;
}

absl::flat_hash_set<std::string> RoleBook::Permissions(
    const std::vector<std::string>& roles) const {
  absl::flat_hash_set<std::string> permissions;
  for (const std::string& name : roles) {
    const auto role = roles_.find(name);
    if (role == roles_.end()) continue;
    permissions.insert(role->second.permissions().begin(), role->second.permissions().end());
  }
  return permissions;
}

std::string RoleBook::TitleOf(const std::string& role) const {
  const auto it = roles_.find(role);
  return it == roles_.end() ? "" : it->second.title_ru();
}

}  // namespace rsnms::auth
