// Loading: files of resources, and the catalogue of competencies and instruments.
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "rsnms/diagnostics/v1/competency_methods.pb.h"
#include "rsnms/diagnostics/v1/instrument_methods.pb.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;
namespace diag = diagnostics::v1;

options::v1::ImportHeader Header(const std::string& region, bool skip_bad, bool validate_only) {
  options::v1::ImportHeader header;
  header.set_parent(absl::StrCat("regions/", region));
  header.set_mode(skip_bad ? options::v1::IMPORT_MODE_SKIP_BAD
                           : options::v1::IMPORT_MODE_ALL_OR_NOTHING);
  header.set_validate_only(validate_only);
  header.set_request_id(NewRequestId());
  return header;
}

// A catalogue file speaks of `regions/-`: the region it is loaded into takes that place.
absl::StatusOr<std::string> ReadFor(const std::string& region, const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("не открыть файл ", path.string()));
  std::stringstream text;
  text << file.rdbuf();
  return absl::StrReplaceAll(text.str(), {{"regions/-/", absl::StrCat("regions/", region, "/")}});
}

absl::Status Parse(const std::string& text, const std::string& path, Message* message) {
  if (google::protobuf::TextFormat::ParseFromString(text, message)) return absl::OkStatus();
  return absl::InvalidArgumentError("не разобрать файл " + path);
}

absl::Status LoadCompetencies(Session& session, const std::string& region,
                              const std::string& path) {
  const auto text = ReadFor(region, path);
  if (!text.ok()) return text.status();
  diag::BatchGetCompetenciesResponse
      file;  // the shape of the catalogue: `competencies { … }` one after another
  if (auto s = Parse(*text, path, &file); !s.ok()) return s;
  int i = 0;
  const auto report = Import(session, "competencies", Header(region, false, false), "Компетенции",
                             file.competencies_size(), [&](Message* message) {
                               if (i == file.competencies_size()) return false;
                               message->CopyFrom(file.competencies(i++));
                               return true;
                             });
  if (!report.ok()) return report.status();
  PrintRejected(*report);
  return absl::OkStatus();
}

// Loads an instrument unless it is published already (a published edition never changes), then
// publishes it.
absl::Status LoadInstrument(Session& session, const std::string& region, const std::string& path) {
  const auto text = ReadFor(region, path);
  if (!text.ok()) return text.status();
  diag::Instrument instrument;
  if (auto s = Parse(*text, path, &instrument); !s.ok()) return s;
  diag::GetInstrumentRequest get;
  get.set_name(instrument.name());
  diag::Instrument stored;
  auto found = session.Call("rsnms.diagnostics.v1.Diagnostics/GetInstrument", get, &stored);
  if (found.ok() && stored.state() != diag::Instrument::STATE_DRAFT) return absl::OkStatus();
  if (!found.ok() && !absl::IsNotFound(found)) return found;
  if (!found.ok()) {
    diag::CreateInstrumentRequest create;
    create.set_parent(absl::StrCat("regions/", region));
    create.set_instrument_id(std::filesystem::path(instrument.name()).filename());
    *create.mutable_instrument() = instrument;
    create.set_request_id(NewRequestId());
    if (auto s = session.Call("rsnms.diagnostics.v1.Diagnostics/CreateInstrument", create, &stored);
        !s.ok())
      return s;
  }
  diag::PublishInstrumentRequest publish;
  publish.set_name(stored.name());
  publish.set_etag(stored.etag());
  publish.set_request_id(NewRequestId());
  return session.Call("rsnms.diagnostics.v1.Diagnostics/PublishInstrument", publish, &stored);
}

// The lines of a file, each a resource in protobuf JSON.
class Lines {
 public:
  explicit Lines(const std::string& path) : path_(path), file_(path) {
    if (!file_) status_ = absl::NotFoundError("не открыть файл " + path);
  }
  bool Next(Message* message) {
    std::string line;
    do {
      if (!status_.ok() || !std::getline(file_, line)) return false;
      ++number_;
    } while (line.empty());
    message->Clear();
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, message);
    if (!parsed.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          path_, ":", number_, ": не разобрать JSON: ", std::string(parsed.message())));
    }
    count_ += parsed.ok();
    return parsed.ok();
  }
  const absl::Status& status() const { return status_; }
  int64_t count() const { return count_; }

 private:
  std::string path_;
  std::ifstream file_;
  absl::Status status_;
  int64_t number_ = 0, count_ = 0;
};

}  // namespace

void Loaded::Add(const options::v1::ImportReport& report) {
  created += report.created_count();
  updated += report.updated_count();
  unchanged += report.unchanged_count();
  rejected += report.rejected_count();
}

void PrintRejected(const options::v1::ImportReport& report) {
  if (report.errors().empty()) return;
  Table table({"строка", "поле", "что не так", "запись"});
  for (const auto& error : report.errors()) {
    table.Add({absl::StrCat(error.row()), error.field(),
               error.message_ru().empty() ? error.message() : error.message_ru(), error.name()});
  }
  table.Print();
}

absl::StatusOr<Loaded> ImportFile(Session& session, const std::string& region,
                                  const std::string& collection, const std::string& path,
                                  bool skip_bad, bool validate_only) {
  // Read twice: a line that is not JSON is found before anything is sent, so nothing is
  // half-loaded.
  const auto type = ImportedType(collection);
  if (type == nullptr) {
    return absl::NotFoundError("загрузка не предусмотрена для вида записей: " + collection);
  }
  Lines check(path);
  while (check.Next(type.get())) {
  }
  if (!check.status().ok()) return check.status();
  Lines lines(path);
  const auto report =
      Import(session, collection, Header(region, skip_bad, validate_only), collection,
             check.count(), [&](Message* message) { return lines.Next(message); });
  if (!report.ok()) return report.status();
  PrintRejected(*report);
  Loaded loaded;
  loaded.Add(*report);
  return loaded;
}

absl::Status LoadCatalogue(Session& session, const std::string& region,
                           const std::string& directory) {
  if (auto s = LoadCompetencies(session, region, directory + "/competencies.textproto"); !s.ok())
    return s;
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    const std::string name = entry.path().filename();
    if (absl::EndsWith(name, ".textproto") && name != "competencies.textproto")
      paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    if (auto s = LoadInstrument(session, region, path); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
