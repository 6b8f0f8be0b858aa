#include "tools/rsnmsctl/sheet_set.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/sheet_titles.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool IsTable(const std::string& path) {
  const std::string name = absl::AsciiStrToLower(path);
  return absl::EndsWith(name, ".csv") || absl::EndsWith(name, ".xlsx");
}

bool IsDerived(const FieldDescriptor* field) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY)
      return true;
  }
  return false;
}

// Types of what a resource's writable fields refer to.
std::set<std::string> ReferredBy(const Descriptor* resource) {
  std::set<std::string> types;
  for (int i = 0; i < resource->field_count(); ++i) {
    const auto* field = resource->field(i);
    const auto& reference = field->options().GetExtension(google::api::resource_reference);
    if (!reference.type().empty() && !IsDerived(field)) types.insert(reference.type());
  }
  return types;
}

// Collections, each after those it refers to; the order of the alphabet otherwise.
std::vector<std::string> Ordered(std::set<std::string> collections) {
  std::map<std::string, std::string> by_type;
  std::map<std::string, std::set<std::string>> needs;
  for (const std::string& collection : collections) {
    const auto* resource = ImportedType(collection)->GetDescriptor();
    by_type[resource->options().GetExtension(google::api::resource).type()] = collection;
    needs[collection] = ReferredBy(resource);
  }
  std::vector<std::string> order;
  while (!collections.empty()) {
    const auto ready =
        std::find_if(collections.begin(), collections.end(), [&](const std::string& candidate) {
          for (const std::string& type : needs[candidate]) {
            const auto other = by_type.find(type);
            if (other != by_type.end() && other->second != candidate &&
                collections.count(other->second) > 0)
              return false;
          }
          return true;
        });
    // Collections that refer to each other in a circle: none of them can wait for all others.
    const auto next = ready == collections.end() ? collections.begin() : ready;
    order.push_back(*next);
    collections.erase(next);
  }
  return order;
}

// Tables in a directory, by name; what editors leave beside them is passed over.
absl::Status AddDirectory(const std::string& directory, std::vector<std::string>* paths) {
  std::error_code failed;
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    const std::string name = entry.path().filename();
    if (entry.is_directory() || name[0] == '.' || absl::StartsWith(name, "~$")) continue;
    if (IsTable(name)) found.push_back(entry.path());
  }
  if (failed) return absl::NotFoundError("не открыть каталог " + directory);
  if (found.empty())
    return absl::InvalidArgumentError("в каталоге нет файлов .csv и .xlsx: " + directory);
  std::sort(found.begin(), found.end());
  paths->insert(paths->end(), found.begin(), found.end());
  return absl::OkStatus();
}

absl::Status UnknownName(const std::string& path) {
  return absl::InvalidArgumentError(absl::StrCat(
      "по имени файла не понять, что в нём: ", path,
      ". Назовите его «организации», «люди», «трудоустройства», «муниципалитеты» или видом записей "
      "(organisations, persons …), либо загрузите отдельно: import ВИД ФАЙЛ"));
}

// Judges every file by itself; true when each can be loaded.
absl::StatusOr<bool> AllReadable(Session& session, SheetOptions options,
                                 const std::vector<SetFile>& files) {
  options.only_read = true;
  bool readable = true;
  for (const SetFile& file : files) {
    options.collection = file.collection;
    options.path = file.path;
    const auto outcome = ImportSheet(session, options);
    if (!outcome.ok())
      return absl::Status(outcome.status().code(),
                          absl::StrCat(file.path, ": ", std::string(outcome.status().message())));
    readable &= outcome->usable && (options.skip_bad || outcome->loaded.rejected == 0);
  }
  return readable;
}

absl::Status WriteReport(const std::string& path, const std::vector<SetFile>& files,
                         const SetOutcome& outcome) {
  std::vector<std::pair<std::string, const Findings*>> all;
  for (size_t i = 0; i < outcome.files.size(); ++i)
    all.emplace_back(files[i].path, &outcome.files[i].findings);
  return Findings::Write(path, all);
}

}  // namespace

absl::StatusOr<std::vector<SetFile>> ArrangeSet(const std::vector<std::string>& paths) {
  std::vector<std::string> tables;
  for (const std::string& path : paths) {
    if (!std::filesystem::exists(path))
      return absl::NotFoundError("нет такого файла или каталога: " + path);
    if (!std::filesystem::is_directory(path)) {
      if (HoldsJson(path))
        return absl::InvalidArgumentError("файл JSON загружают отдельно, import ВИД ФАЙЛ: " + path);
      tables.push_back(path);
    } else if (auto s = AddDirectory(path, &tables); !s.ok()) {
      return s;
    }
  }
  const auto all = ImportedCollections();
  std::map<std::string, std::vector<std::string>> by_collection;
  std::set<std::string> collections;
  for (const std::string& path : tables) {
    const std::string collection =
        CollectionNamed(std::filesystem::path(path).stem().string(), all);
    if (collection.empty()) return UnknownName(path);
    by_collection[collection].push_back(path);
    collections.insert(collection);
  }
  std::vector<SetFile> files;
  for (const std::string& collection : Ordered(collections)) {
    for (const std::string& path : by_collection[collection]) files.push_back({collection, path});
  }
  return files;
}

absl::StatusOr<SetOutcome> ImportSet(Session& session, SheetOptions options,
                                     const std::vector<SetFile>& files) {
  const std::string report = std::exchange(options.report, "");
  const auto readable = AllReadable(session, options, files);
  if (!readable.ok()) return readable.status();
  SetOutcome set;
  set.dry = options.validate_only = options.validate_only || !*readable;
  Memory memory;
  bool stopped = false;
  for (const SetFile& file : files) {
    options.collection = file.collection;
    options.path = file.path;
    auto outcome = ImportSheet(session, options, memory);
    if (!outcome.ok()) {
      set.status = outcome.status();
      break;
    }
    stopped = !set.dry && !outcome->written && outcome->loaded.rejected > 0;
    set.files.push_back(*std::move(outcome));
    if (stopped) break;
  }
  set.complete = !set.dry && !stopped && set.status.ok();
  if (report.empty()) return set;
  if (auto s = WriteReport(report, files, set); !s.ok()) return s;
  return set;
}

}  // namespace rsnms::ctl
