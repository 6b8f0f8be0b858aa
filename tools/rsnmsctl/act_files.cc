#include "tools/rsnmsctl/act_files.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/system_profile_file.pb.h"

namespace rsnms::ctl {
namespace {

// Says nothing on stderr: the caller names the file.
class Silent : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int, const std::string& message) override {
    if (first_.empty()) first_ = absl::StrCat("строка ", line + 1, ": ", message);
  }
  const std::string& first() const { return first_; }

 private:
  std::string first_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> PathsOf(const ActFiles& files) {
  std::vector<std::string> paths;
  for (const std::string& code : files.codes) {
    paths.push_back(absl::EndsWith(code, ".textproto")
                        ? code
                        : absl::StrCat(files.directory, "/", code, ".textproto"));
  }
  if (!paths.empty()) return paths;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(files.directory, failed)) {
    if (entry.path().extension() == ".textproto") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  if (paths.empty()) return absl::NotFoundError("нет файлов в каталоге " + files.directory);
  return paths;
}

absl::Status ReadTextFile(const std::string& path, google::protobuf::Message* message) {
  std::ifstream stream(path);
  if (!stream) return absl::NotFoundError("не открыть файл " + path);
  std::stringstream text;
  text << stream.rdbuf();
  google::protobuf::TextFormat::Parser parser;
  Silent errors;
  parser.RecordErrorsTo(&errors);
  if (parser.ParseFromString(text.str(), message)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("не разобрать файл ", path, ": ", errors.first()));
}

absl::StatusOr<std::string> ParentOf(const ActFiles& files, const std::string& path) {
  if (!files.region.empty()) return absl::StrCat("regions/", files.region);
  const std::string code = std::filesystem::path(path).stem();
  registry::v1::SystemProfileFile profile;
  const auto read = ReadTextFile(absl::StrCat(files.profiles, "/", code, ".textproto"), &profile);
  if (absl::IsNotFound(read)) {
    return absl::InvalidArgumentError(
        absl::StrCat("нет положения «", code, "»: назовите регион, --region"));
  }
  if (!read.ok()) return read;
  return absl::StrCat("regions/", profile.region_code());
}

}  // namespace rsnms::ctl
