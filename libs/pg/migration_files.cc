#include "libs/pg/migration_files.h"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace rsnms::pg {
namespace {

std::string Sha256(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), size));
}

absl::Status Malformed(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("migration ", path, ": ", why));
}

// Puts one file into its place among `found`.
absl::Status Take(const std::filesystem::path& path, std::map<int, Migration>& found) {
  const std::string file = path.filename().string();
  absl::string_view stem = file;
  const bool up = absl::ConsumeSuffix(&stem, ".up.sql");
  if (!up && !absl::ConsumeSuffix(&stem, ".down.sql")) {
    return Malformed(path.string(), "the name must end in .up.sql or .down.sql");
  }
  int version = 0;
  if (stem.size() < 6 || stem[4] != '_' || !absl::SimpleAtoi(stem.substr(0, 4), &version) ||
      version < 1) {
    return Malformed(path.string(), "the name must begin with NNNN_");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream || text.empty()) return Malformed(path.string(), "unreadable or empty");
  Migration& migration = found[version];
  const std::string name(stem.substr(5));
  if (!migration.name.empty() && migration.name != name) {
    return Malformed(path.string(), absl::StrCat("the number is taken by ", migration.name));
  }
  migration.version = version;
  migration.name = name;
  (up ? migration.up : migration.down) = std::move(text);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Migration>> ReadMigrations(const MigrationSet& set) {
  std::map<int, Migration> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(set.directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".sql") continue;
    if (auto status = Take(entry->path(), found); !status.ok()) return status;
  }
  std::vector<Migration> migrations;
  for (auto& [version, migration] : found) {
    const std::string place = absl::StrCat(set.family, "/", version);
    if (version != static_cast<int>(migrations.size()) + 1) {
      return Malformed(place, "a number is missing before it");
    }
    if (migration.up.empty() || migration.down.empty())
      return Malformed(place, "one direction is missing");
    migration.checksum = Sha256(migration.up);
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

}  // namespace rsnms::pg
