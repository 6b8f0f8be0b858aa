#include "tools/rsnmsctl/import_command.h"

#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/sheet_set.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

void PrintLoaded(Session& session, const std::string& what, const Loaded& loaded) {
  if (session.json()) {
    absl::PrintF(
        "{\"collection\":\"%s\",\"created\":%d,\"updated\":%d,\"unchanged\":%d,\"rejected\":%d}\n",
        what, loaded.created, loaded.updated, loaded.unchanged, loaded.rejected);
    return;
  }
  absl::PrintF("%s: создано %d, изменено %d, без изменений %d, отклонено %d\n", what,
               loaded.created, loaded.updated, loaded.unchanged, loaded.rejected);
}

// What a table held: what was done, then what a person has to mend.
void PrintOutcome(Session& session, const std::string& collection, const SheetOutcome& outcome) {
  if (!session.json()) {
    for (const std::string& note : outcome.notes) std::printf("%s\n", note.c_str());
    outcome.findings.Print();
    if (!outcome.written) std::puts("Ничего не изменено. Было бы:");
  }
  PrintLoaded(session, collection, outcome.loaded);
  if (outcome.deferred > 0 && !session.json()) {
    absl::PrintF(
        "%s: ссылаются на записи, которых в реестре пока нет, и будут проверены при загрузке: %d\n",
        collection, outcome.deferred);
  }
}

absl::Status ImportOne(Session& session, const SheetOptions& options) {
  if (HoldsJson(options.path)) {
    if (options.chunk > 0)
      return absl::InvalidArgumentError("частями (--chunk) загружаются только таблицы");
    const auto loaded = ImportFile(session, options.region, options.collection, options.path,
                                   options.skip_bad, options.validate_only);
    if (loaded.ok()) PrintLoaded(session, options.collection, *loaded);
    return loaded.status();
  }
  const auto outcome = ImportSheet(session, options);
  if (!outcome.ok()) return outcome.status();
  PrintOutcome(session, options.collection, *outcome);
  if (outcome->loaded.rejected == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(outcome->written ? "загружены только верные строки"
                                                        : "в файле есть ошибки");
}

absl::Status Verdict(const SheetOptions& options, const std::vector<SetFile>& files,
                     const SetOutcome& set) {
  int64_t rejected = 0;
  for (const SheetOutcome& outcome : set.files) rejected += outcome.loaded.rejected;
  if (set.dry && set.status.ok()) {
    if (rejected == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(options.validate_only
                                             ? "в файлах есть ошибки"
                                             : "в файлах есть ошибки: не загружено ничего");
  }
  if (set.complete) {
    if (rejected == 0) return absl::OkStatus();
    return absl::FailedPreconditionError("загружены только верные строки");
  }
  std::string left;
  for (size_t i = set.status.ok() ? set.files.size() - 1 : set.files.size(); i < files.size(); ++i)
    absl::StrAppend(&left, left.empty() ? "" : ", ", files[i].path);
  std::fprintf(stderr,
               "Не загружено: %s. Исправьте и повторите ту же команду: что загружено, останется "
               "как есть.\n",
               left.c_str());
  return set.status.ok() ? absl::FailedPreconditionError("в файле есть ошибки") : set.status;
}

}  // namespace

absl::Status ImportWhat(Session& session, SheetOptions options,
                        const std::vector<std::string>& what) {
  if (what.size() == 2 && (ImportedType(what[0]) != nullptr || !std::filesystem::exists(what[0]))) {
    options.collection = what[0];
    options.path = what[1];
    if (!std::filesystem::exists(options.path))
      return absl::NotFoundError("нет такого файла: " + options.path);
    return ImportOne(session, options);
  }
  const auto files = ArrangeSet(what);
  if (!files.ok()) return files.status();
  const auto set = ImportSet(session, options, *files);
  if (!set.ok()) return set.status();
  for (size_t i = 0; i < set->files.size(); ++i) {
    if (!session.json()) std::printf("— %s\n", (*files)[i].path.c_str());
    PrintOutcome(session, (*files)[i].collection, set->files[i]);
  }
  return Verdict(options, *files, *set);
}

}  // namespace rsnms::ctl
