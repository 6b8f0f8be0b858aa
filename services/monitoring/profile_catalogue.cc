#include "services/monitoring/profile_catalogue.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "services/monitoring/profile_rules.h"

namespace rsnms::monitoring {

namespace {

absl::StatusOr<v1::Profile> ReadProfile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  v1::Profile profile;
  if (!file || !google::protobuf::TextFormat::ParseFromString(text.str(), &profile)) {
    return absl::FailedPreconditionError(absl::StrCat(path.string(), " is not a profile"));
  }
  if (auto compiled = CompileProfile(profile); !compiled.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path.string(), ": ", compiled.status().message()));
  }
  return profile;
}

}  // namespace

absl::StatusOr<ProfileCatalogue> LoadProfiles(const std::string& directory) {
  ProfileCatalogue catalogue;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".textproto") continue;
    auto profile = ReadProfile(entry.path());
    if (!profile.ok()) return profile.status();
    catalogue[entry.path().stem().string()] = *std::move(profile);
  }
  if (error) return absl::FailedPreconditionError(absl::StrCat("cannot read ", directory));
  return catalogue;
}

}  // namespace rsnms::monitoring
