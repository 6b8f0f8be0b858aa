#include "tools/rsnmsctl/sheet_import.h"

#include <openssl/evp.h>

#include <cstring>
#include <fstream>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/importer.h"
#include "libs/resource/spool.h"
#include "libs/rpc/status.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/sheet_chunks.h"
#include "tools/rsnmsctl/sheet_lookup.h"
#include "tools/rsnmsctl/sheet_plan.h"
#include "tools/rsnmsctl/sheet_resolve.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;
using options::v1::ImportHeader;
using options::v1::ImportReport;

constexpr size_t kHeaderSearch = 20;  // rows above which headings are looked for
constexpr int kAttempts = 3;
constexpr int kAsked = 1 << 20;  // counts more than any row's headings

absl::uint128 Fingerprint(const std::string& text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha256(), nullptr);
  uint64_t halves[2];
  std::memcpy(halves, hash, sizeof(halves));
  return absl::MakeUint128(halves[0], halves[1]);
}

// One file on its way in. Rows wait in a spool, encrypted, outside memory.
class Loading {
 public:
  Loading(Session& session, const SheetOptions& options, const google::protobuf::Descriptor* type,
          Memory& memory)
      : session_(session),
        options_(options),
        type_(type),
        memory_(memory),
        columns_(ColumnsOf(options.collection, type)) {}

  absl::StatusOr<SheetOutcome> Run() {
    for (const std::string& line : options_.maps) {
      if (auto s = AddMapping(line, &map_); !s.ok()) return s;
    }
    if (!options_.map_file.empty()) {
      if (auto s = ReadMappings(options_.map_file, &map_); !s.ok()) return s;
    }
    auto reader = sheet::Open(options_.path, options_.open);
    if (!reader.ok()) return reader.status();
    auto rows = FindHeader(**reader);
    if (!rows.ok()) return rows.status();
    if (!outcome_.findings.empty()) {  // the headings are wrong: no row can be judged
      outcome_.loaded.rejected = 1;
      outcome_.usable = false;
      return std::move(outcome_);
    }
    if (auto s = ReadRows(**reader, *std::move(rows)); !s.ok()) return s;
    outcome_.notes = (*reader)->notes();
    if (options_.only_read) return std::move(outcome_);
    if (auto s = Send(); !s.ok()) return s;
    if (!outcome_.written) Await();
    return std::move(outcome_);
  }

 private:
  // Reads up to the headings: the first row, among the first, that most of our titles head.
  // Answers the rows read beyond it.
  absl::StatusOr<std::vector<sheet::Row>> FindHeader(sheet::Reader& reader) {
    std::vector<sheet::Row> head;
    sheet::Row row;
    size_t best = 0;
    int best_count = 0;
    while (head.size() < kHeaderSearch && best_count < kAsked) {
      const auto more = reader.Next(&row);
      if (!more.ok()) return more.status();
      if (!*more) break;
      if (row.number < options_.header_row) continue;
      const int count = row.number == options_.header_row ? kAsked
                        : options_.header_row > 0         ? 0
                                                          : KnownHeadings(row, columns_, map_);
      if (count > best_count) {
        best = head.size();
        best_count = count;
      }
      head.push_back(std::move(row));
    }
    if (best_count == 0) return NoHeader();
    plan_ = MakePlan(head[best], columns_, map_, &outcome_.findings);
    head.erase(head.begin(), head.begin() + static_cast<int64_t>(best) + 1);
    return head;
  }
  absl::Status NoHeader() const {
    std::vector<std::string> titles;
    for (const SheetColumn& column : columns_) titles.push_back("«" + column.title + "»");
    return absl::InvalidArgumentError(
        absl::StrCat("не найдена строка заголовков: в первых строках нет ни одного из столбцов ",
                     absl::StrJoin(titles, ", "),
                     ". Назовите столбцы так, укажите --map или номер строки --header-row"));
  }

  absl::Status ReadRows(sheet::Reader& reader, std::vector<sheet::Row> head) {
    std::vector<Draft> batch;
    const auto take = [&](const sheet::Row& row) {
      batch.push_back(
          ReadDraft(plan_, row, reader.fixed_width(), type_, options_.region, &outcome_.findings));
      return batch.size() < kResolveBatch ? absl::OkStatus() : Keep(&batch);
    };
    for (const sheet::Row& row : head) {
      if (auto s = take(row); !s.ok()) return s;
    }
    sheet::Row row;
    while (true) {
      const auto more = reader.Next(&row);
      if (!more.ok()) return more.status();
      if (!*more) break;
      if (auto s = take(row); !s.ok()) return s;
    }
    if (auto s = Keep(&batch); !s.ok()) return s;
    for (const sheet::Merge& merge : reader.merges()) {
      if (merge.last_row <= plan_.header_row) continue;
      ++outcome_.loaded.rejected;
      outcome_.usable = false;
      outcome_.findings.Add(merge.first_row, "",
                            {absl::StrCat("ячейки ", merge.range, " объединены"),
                             "разъедините их и заполните каждую"});
    }
    return absl::OkStatus();
  }

  // Resolves a batch and spools its good rows.
  absl::Status Keep(std::vector<Draft>* batch) {
    if (!options_.only_read) {
      if (auto s = Resolve(session_, options_.region, options_.collection, plan_, *batch, memory_,
                           &outcome_.findings);
          !s.ok())
        return s;
    }
    for (Draft& draft : *batch) {
      if (!draft.bad && !options_.only_read) RefuseRepeated(&draft);
      outcome_.loaded.rejected += draft.bad;
      if (draft.bad || options_.only_read || Defer(draft)) continue;
      if (!spool_.Append(draft.row, draft.message->SerializeAsString()))
        return absl::ResourceExhaustedError("нет места для временного файла");
      if (++good_ > resource::kMaxImportRows)
        return absl::OutOfRangeError("в файле больше 5 000 000 строк: разделите его");
    }
    batch->clear();
    return absl::OkStatus();
  }

  // Remembers a good row for the files that follow. True when the registry cannot judge it yet:
  // it refers to a record that this dry run has not created.
  bool Defer(const Draft& draft) {
    const auto* name = type_->FindFieldByName("name");
    memory_.Remember(*draft.message, draft.standing == Standing::kFresh);
    if (options_.validate_only && draft.standing != Standing::kStored) {
      uncreated_.emplace_back(draft.message->GetReflection()->GetString(*draft.message, name),
                              draft.standing);
    }
    if (!memory_.Awaits(*draft.message)) {
      sent_fresh_ += draft.standing == Standing::kFresh;
      return false;
    }
    ++outcome_.deferred;
    return true;
  }

  // Nothing was written: tells the files that follow what the registry lacks. Of rows with codes
  // nobody knows which are new, unless none is.
  void Await() {
    const bool coded_new = outcome_.deferred > 0 || outcome_.loaded.created > sent_fresh_;
    for (const auto& [name, standing] : uncreated_) {
      if (standing == Standing::kFresh || coded_new) memory_.Await(name);
    }
  }

  // Two rows of a file about the same thing: which one is right, only a person knows.
  void RefuseRepeated(Draft* draft) {
    const auto* field = type_->FindFieldByName("name");
    const std::string name = draft->message->GetReflection()->GetString(*draft->message, field);
    std::vector<std::string> keys = {name};
    const std::string natural = NaturalKey(options_.collection, *draft->message);
    if (options_.collection == "persons" && !natural.empty()) keys.push_back(natural);
    for (const std::string& key : keys) {
      const auto [first, fresh] = seen_.try_emplace(Fingerprint(key), draft->row);
      if (fresh || draft->bad) continue;
      draft->bad = true;
      outcome_.findings.Add(draft->row, "",
                            {absl::StrCat("повторяет строку ", first->second),
                             "оставьте одну из двух или различите их кодами записей"});
    }
  }

  ImportHeader Header(bool validate_only) const {
    ImportHeader header;
    header.set_parent("regions/" + options_.region);
    header.set_mode(options_.skip_bad ? options::v1::IMPORT_MODE_SKIP_BAD
                                      : options::v1::IMPORT_MODE_ALL_OR_NOTHING);
    header.set_validate_only(validate_only);
    if (!validate_only) header.set_request_id(request_id_);
    return header;
  }

  // Streams the spool; a cut call is repeated with the same request_id.
  absl::StatusOr<ImportReport> Stream(bool validate_only) {
    absl::StatusOr<ImportReport> report = absl::UnavailableError("");
    for (int attempt = 0; attempt < kAttempts && absl::IsUnavailable(report.status()); ++attempt) {
      if (attempt > 0) absl::SleepFor(absl::Seconds(1 << attempt));
      if (!spool_.Rewind()) return absl::DataLossError("временный файл не читается");
      rows_.clear();
      std::string bytes;
      int64_t row = 0;
      report = Import(session_, options_.collection, Header(validate_only),
                      validate_only ? "Проверка" : "Загрузка", good_, [&](Message* message) {
                        if (!spool_.Next(&row, &bytes)) return false;
                        rows_.push_back(static_cast<uint32_t>(row));
                        return message->ParseFromString(bytes);
                      });
      if (spool_.failed()) return absl::DataLossError("временный файл не читается");
    }
    return report;
  }

  // What tells loads of one file apart.
  std::string How() const {
    return absl::StrCat(options_.collection, "|", options_.region, "|", options_.skip_bad, "|",
                        options_.header_row, "|", options_.open.sheet, "|", options_.open.encoding,
                        "|", std::string(1, options_.open.delimiter), "|",
                        absl::StrJoin(map_, ",", absl::PairFormatter("=")));
  }

  // The end of a stream is taken for the end of the rows: what a failing disk would cut short must
  // be found before.
  absl::Status CheckSpool() {
    std::string bytes;
    int64_t row = 0, count = 0;
    const auto message = NewMessage(type_);
    if (spool_.Rewind()) {
      while (spool_.Next(&row, &bytes) && message->ParseFromString(bytes)) ++count;
    }
    return count == good_ ? absl::OkStatus() : absl::DataLossError("временный файл не читается");
  }

  absl::Status Send() {
    if (auto s = CheckSpool(); !s.ok()) return s;
    const bool broken = outcome_.loaded.rejected > 0 && (!outcome_.usable || !options_.skip_bad);
    const bool dry = options_.validate_only || broken;
    if (good_ == 0) return absl::OkStatus();
    if (options_.chunk > 0 && !dry) {
      ImportHeader header = Header(false);
      return SendByChunks({session_, options_, std::move(header), How(), spool_, rows_, outcome_,
                           [this](const auto& error) { AddError(error); }});
    }
    auto report = Stream(dry);
    const bool written = !dry && report.ok();
    if (!report.ok() && !dry && IsRejected(report.status())) {
      report = Stream(/*validate_only=*/true);  // the whole list of what is wrong
      if (report.ok() && report->rejected_count() == 0)
        return absl::AbortedError("реестр меняется во время загрузки: повторите команду");
    }
    if (!report.ok()) return report.status();
    outcome_.loaded.Add(*report);
    outcome_.written = written;
    for (const auto& error : report->errors()) AddError(error);
    return absl::OkStatus();
  }

  void AddError(const options::v1::ImportRowError& error) {
    const auto index = static_cast<size_t>(error.row() - 1);
    const int64_t row = index < rows_.size() ? rows_[index] : 0;
    outcome_.findings.Add(
        row, error.field().empty() ? "" : plan_.Describe(error.field(), type_),
        {error.message_ru().empty() ? error.message() : error.message_ru(), MendFor(error)});
  }

  Session& session_;
  const SheetOptions& options_;
  const google::protobuf::Descriptor* type_;
  Memory& memory_;
  std::vector<SheetColumn> columns_;
  ColumnMap map_;
  Plan plan_;
  SheetOutcome outcome_;
  resource::Spool spool_;
  int64_t good_ = 0, sent_fresh_ = 0;
  std::vector<std::pair<std::string, Standing>> uncreated_;  // maybe, of the rows remembered
  std::vector<uint32_t> rows_;                               // of the file, by number in the stream
  absl::flat_hash_map<absl::uint128, uint32_t> seen_;
  const std::string request_id_ = NewRequestId();
};

}  // namespace

bool HoldsJson(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char sign = 0;
  return file >> sign && sign == '{';
}

absl::StatusOr<SheetOutcome> ImportSheet(Session& session, const SheetOptions& options) {
  Memory memory(/*rows=*/false);
  return ImportSheet(session, options, memory);
}

absl::StatusOr<SheetOutcome> ImportSheet(Session& session, const SheetOptions& options,
                                         Memory& memory) {
  const auto type = ImportedType(options.collection);
  if (type == nullptr) {
    return absl::NotFoundError("загрузка не предусмотрена для вида записей: " + options.collection);
  }
  auto outcome = Loading(session, options, type->GetDescriptor(), memory).Run();
  if (outcome.ok() && !options.report.empty()) {
    if (auto s = outcome->findings.Write(options.report); !s.ok()) return s;
  }
  return outcome;
}

}  // namespace rsnms::ctl
