#include "tools/rsnmsctl/sheet_chunks.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/sheet_journal.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;
using options::v1::ImportReport;

// The next rows of the spool after the row `after`; empty at the end.
std::vector<std::string> NextChunk(const ChunkedLoad& load, int64_t after) {
  std::vector<std::string> chunk;
  std::string bytes;
  int64_t row = 0;
  load.rows.clear();
  while (chunk.size() < static_cast<size_t>(load.options.chunk) && load.spool.Next(&row, &bytes)) {
    if (row <= after) continue;
    load.rows.push_back(static_cast<uint32_t>(row));
    chunk.push_back(bytes);
  }
  return chunk;
}

// One chunk as a call of its own; a cut call is repeated with the same request_id.
absl::StatusOr<ImportReport> SendChunk(const ChunkedLoad& load,
                                       const std::vector<std::string>& chunk, bool validate_only) {
  auto header = load.header;
  header.set_validate_only(validate_only);
  header.set_request_id(validate_only ? "" : NewRequestId());
  absl::StatusOr<ImportReport> report = absl::UnavailableError("");
  for (int attempt = 0; attempt < kImportAttempts && absl::IsUnavailable(report.status());
       ++attempt) {
    if (attempt > 0) absl::SleepFor(absl::Seconds(1 << attempt));
    size_t next = 0;
    report = Import(load.session, load.options.collection, header,
                    absl::StrCat("Строки ", load.rows.front(), "–", load.rows.back()),
                    static_cast<int64_t>(chunk.size()), [&](Message* message) {
                      return next < chunk.size() && message->ParseFromString(chunk[next++]);
                    });
  }
  return report;
}

absl::Status Cut(const absl::Status& why, const Mark& mark) {
  std::fprintf(stderr,
               "Загружены строки до %lld; повторите команду, и загрузка продолжится дальше.\n",
               static_cast<long long>(mark.row));
  return why;
}

// What all runs did, with the rows that were refused before anything was sent.
void Total(const Mark& mark, SheetOutcome& outcome) {
  const int64_t unsent = outcome.loaded.rejected;
  outcome.loaded = mark.loaded;
  outcome.loaded.rejected += unsent;
}

}  // namespace

bool IsRejected(const absl::Status& status) {
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info) && info.reason() == "IMPORT_REJECTED") return true;
  }
  return false;
}

absl::Status SendByChunks(const ChunkedLoad& load) {
  const SheetOptions& options = load.options;
  SheetOutcome& outcome = load.outcome;
  auto journal =
      SheetJournal::Open(options.journal.empty() ? options.path + ".progress" : options.journal,
                         options.path, load.how);
  if (!journal.ok()) return journal.status();
  Mark mark = journal->mark();
  outcome.written = true;
  if (journal->continues())
    outcome.notes.push_back(absl::StrCat("Загрузка продолжена после строки ", mark.row, "."));
  if (!load.spool.Rewind()) return absl::DataLossError("временный файл не читается");
  while (true) {
    const auto chunk = NextChunk(load, mark.row);
    if (load.spool.failed()) return absl::DataLossError("временный файл не читается");
    if (chunk.empty()) break;
    auto report = SendChunk(load, chunk, /*validate_only=*/false);
    const bool rejected = !report.ok() && IsRejected(report.status());
    if (rejected) report = SendChunk(load, chunk, /*validate_only=*/true);  // all that is wrong
    if (!report.ok()) return Cut(report.status(), mark);
    for (const auto& error : report->errors()) load.add_error(error);
    if (rejected) {
      mark.loaded.rejected += report->rejected_count();
      outcome.notes.push_back(absl::StrCat("Загружены строки до ", mark.row,
                                           "; исправьте остальные и повторите команду."));
      Total(mark, outcome);
      return absl::OkStatus();  // the same file goes on here once the registry lets it
    }
    mark.row = load.rows.back();
    mark.loaded.Add(*report);
    if (auto s = journal->Take(mark); !s.ok()) return s;
    if (options.go_on && !options.go_on(mark.row))
      return Cut(absl::CancelledError("загрузка остановлена"), mark);
  }
  Total(mark, outcome);
  return journal->Close();
}

}  // namespace rsnms::ctl
