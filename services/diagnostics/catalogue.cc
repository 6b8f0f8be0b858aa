#include "services/diagnostics/catalogue.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "libs/resource/text.h"

namespace rsnms::diagnostics {
namespace {

absl::Status Read(const std::string& path, std::string_view region,
                  google::protobuf::Message* out) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string placed =
      absl::StrReplaceAll(text.str(), {{"\"regions/-/", resource::Cat("\"regions/", region, "/")}});
  if (!file || placed.empty() || !google::protobuf::TextFormat::ParseFromString(placed, out)) {
    return absl::InternalError(resource::Cat("cannot read ", path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::CompetencyCatalogue> ReadCompetencies(const std::string& directory,
                                                         std::string_view region) {
  v1::CompetencyCatalogue catalogue;
  auto status = Read(resource::Cat(directory, "/competencies.textproto"), region, &catalogue);
  if (!status.ok()) return status;
  return catalogue;
}

absl::StatusOr<v1::Instrument> ReadInstrument(const std::string& directory, std::string_view file,
                                              std::string_view region) {
  v1::Instrument instrument;
  auto status = Read(resource::Cat(directory, "/", file, ".textproto"), region, &instrument);
  if (!status.ok()) return status;
  return instrument;
}

}  // namespace rsnms::diagnostics
