#include "tools/rsnmsctl/frdo.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/sheet.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::ctl {
namespace {

using programs::v1::FrdoColumn;
using programs::v1::FrdoPackage;
using programs::v1::FrdoRow;
using sheet::Cell;

constexpr char kService[] = "rsnms.programs.v1.Certificates/";
constexpr char kSheet[] = "Шаблон";
constexpr int kPage = 200;
constexpr size_t kStatePrefix = sizeof("STATE_") - 1;

absl::Status ToDate(const std::string& text, google::type::Date* date) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    return absl::InvalidArgumentError("дата пишется так: 2026-09-01, а не " + text);
  }
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<sheet::Writer>> CreateFile(const std::string& path) {
  const std::string lower = absl::AsciiStrToLower(path);
  if (absl::EndsWith(lower, ".xlsx")) return sheet::CreateXlsx(path, kSheet);
  if (absl::EndsWith(lower, ".csv")) return sheet::CreateCsv(path);
  return absl::InvalidArgumentError("имя файла должно кончаться на .csv или .xlsx");
}

absl::StatusOr<programs::v1::ExportFrdoRequest> Asking(const FrdoOptions& options) {
  programs::v1::ExportFrdoRequest request;
  request.set_parent("regions/" + options.region);
  request.set_template_(options.merged ? programs::v1::FRDO_TEMPLATE_MERGED_MARKS
                                       : programs::v1::FRDO_TEMPLATE_SEPARATE_MARKS);
  request.set_provider(options.provider);
  request.set_purpose(options.purpose);
  request.set_selection(options.all        ? programs::v1::FRDO_SELECTION_ALL
                        : options.compared ? programs::v1::FRDO_SELECTION_COMPARED
                                           : programs::v1::FRDO_SELECTION_CHANGED);
  request.set_check_only(options.check_only);
  request.set_skip_faulty(options.skip_faulty);
  if (!options.first.empty()) {
    if (auto s = ToDate(options.first, request.mutable_issue_start_date()); !s.ok()) return s;
  }
  if (!options.last.empty()) {
    if (auto s = ToDate(options.last, request.mutable_issue_end_date()); !s.ok()) return s;
  }
  return request;
}

Cell CellOf(const FrdoColumn& column, const std::string& text) {
  if (column.kind() == FrdoColumn::KIND_NUMBER) return {text, Cell::Kind::kNumber, {}};
  if (column.kind() == FrdoColumn::KIND_DATE && text.size() == 10) {
    return {absl::StrCat(text.substr(6), "-", text.substr(3, 2), "-", text.substr(0, 2)),
            Cell::Kind::kDate,
            {}};
  }
  return {text, Cell::Kind::kText, {}};
}

// Writes the parts of the stream as they come. The file is begun before the call, so that what
// cannot be written is not asked for, and appears under its name when rows came and all are in it.
class Writing {
 public:
  explicit Writing(const FrdoOptions& options) : options_(options) {}

  absl::Status Begin() {
    if (options_.check_only) return absl::OkStatus();
    auto writer = CreateFile(options_.out);
    if (!writer.ok()) return writer.status();
    writer_ = *std::move(writer);
    return absl::OkStatus();
  }

  absl::Status Take(const programs::v1::ExportFrdoResponse& part) {
    if (part.has_summary()) outcome_.summary = part.summary();
    if (part.has_fault()) outcome_.faults.push_back(part.fault());
    if (!part.has_line()) return absl::OkStatus();
    if (writer_ == nullptr) return absl::InternalError("строки пришли без спроса");
    if (rows_++ == 0) {
      if (auto s = WriteHeader(); !s.ok()) return s;
    }
    std::vector<Cell> cells;
    for (int i = 0; i < part.line().values_size(); ++i) {
      cells.push_back(CellOf(outcome_.summary.columns(i), part.line().values(i)));
    }
    return writer_->Add(cells);
  }
  absl::Status Finish() {
    if (outcome_.summary.frdo_package().empty()) return absl::OkStatus();
    if (rows_ != outcome_.summary.row_count()) {
      return absl::DataLossError(
          absl::StrCat("пришло строк ", rows_, " из ", outcome_.summary.row_count()));
    }
    return writer_->Finish();
  }
  FrdoOutcome& outcome() { return outcome_; }

 private:
  absl::Status WriteHeader() {
    std::vector<Cell> header;
    for (const FrdoColumn& column : outcome_.summary.columns()) {
      header.push_back({column.title(), Cell::Kind::kText, {}});
    }
    return writer_->Add(header);
  }

  const FrdoOptions& options_;
  FrdoOutcome outcome_;
  std::unique_ptr<sheet::Writer> writer_;
  int rows_ = 0;
};

// The package was recorded and its file is not to be had: its rows would wait for receipts for
// ever. Answers why, and what is left to do.
absl::Status GiveUp(Session& session, const std::string& package, const absl::Status& why) {
  if (package.empty()) return why;
  programs::v1::CancelFrdoPackageRequest request;
  request.set_name(package);
  request.set_reason("файл не записан");
  request.set_request_id(NewRequestId());
  FrdoPackage cancelled;
  const auto status =
      session.Call(absl::StrCat(kService, "CancelFrdoPackage"), request, &cancelled);
  const std::string left = status.ok()
                               ? absl::StrCat("пакет ", package, " отменён, повторите выгрузку")
                               : absl::StrCat("отмените пакет: rsnmsctl frdo cancel ", package,
                                              " --reason \"файл не записан\"");
  return absl::Status(why.code(), absl::StrCat(std::string(why.message()), "; ", left));
}

absl::Status Step(Session& session, const char* method, const google::protobuf::Message& request) {
  FrdoPackage package;
  auto status = session.Call(absl::StrCat(kService, method), request, &package);
  if (status.ok()) {
    std::printf("%s: %s, строк %d, принято %d, отклонено %d\n", package.name().c_str(),
                FrdoPackage::State_Name(package.state()).c_str(), package.row_count(),
                package.accepted_count(), package.rejected_count());
  }
  return status;
}

// The columns of a table of receipts.
struct ReceiptColumns {
  int row = -1, result = -1, message = -1, document = -1;
};
absl::StatusOr<ReceiptColumns> FindColumns(const sheet::Row& header) {
  ReceiptColumns columns;
  for (size_t i = 0; i < header.cells.size(); ++i) {
    const std::string title = sheet::Fold(header.cells[i].text);
    const int at = static_cast<int>(i);
    if (title == "строка" || title == "номерстроки") columns.row = at;
    if (title == "результат" || title == "статус") columns.result = at;
    if (title == "номердокумента" || title == "документ") columns.document = at;
    if (title == "сообщение" || title == "ошибка" || title == "причина") columns.message = at;
  }
  if (columns.row < 0 || columns.result < 0) {
    return absl::InvalidArgumentError(
        "в таблице квитанций нужны столбцы «Строка», «Результат» и «Сообщение»");
  }
  return columns;
}

absl::Status TakeReceipt(const sheet::Row& row, const ReceiptColumns& columns,
                         programs::v1::FrdoReceipt* receipt) {
  const auto bad = [&](std::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("строка ", row.number, " файла: ", std::string(what)));
  };
  const auto text = [&](int column) {
    return column >= 0 && static_cast<size_t>(column) < row.cells.size()
               ? sheet::Clean(row.cells[static_cast<size_t>(column)].text)
               : std::string();
  };
  int number = 0;
  if (!absl::SimpleAtoi(text(columns.row), &number)) {
    return bad("«Строка» – номер строки отправленного файла, целое число от 2");
  }
  const std::string result = sheet::Fold(text(columns.result));
  if (result != "принято" && result != "отклонено") {
    return bad("«Результат» – Принято или Отклонено");
  }
  receipt->set_row_number(number);
  receipt->set_state(result == "принято" ? FrdoRow::STATE_ACCEPTED : FrdoRow::STATE_REJECTED);
  receipt->set_message(text(columns.message));
  receipt->set_document_number(text(columns.document));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FrdoOutcome> ExportFrdo(Session& session, const FrdoOptions& options) {
  if (!options.check_only && !absl::EndsWith(absl::AsciiStrToLower(options.out), ".xlsx") &&
      !absl::EndsWith(absl::AsciiStrToLower(options.out), ".csv")) {
    return absl::InvalidArgumentError("имя файла должно кончаться на .csv или .xlsx");
  }
  auto request = Asking(options);
  if (!request.ok()) return request.status();
  Writing writing(options);
  if (auto s = writing.Begin(); !s.ok()) return s;
  absl::Status taken;
  programs::v1::ExportFrdoResponse part;
  auto status = session.client("programs")
                    .ServerStream(
                        absl::StrCat(kService, "ExportFrdo"), *request, &part,
                        [&] {
                          taken = writing.Take(part);
                          return taken.ok();
                        },
                        session.deadline());
  if (taken.ok()) taken = status;
  if (taken.ok()) taken = writing.Finish();
  if (!taken.ok()) {
    return GiveUp(session, writing.outcome().summary.frdo_package(), taken);
  }
  return std::move(writing.outcome());
}

absl::Status ExportFrdoAndTell(Session& session, const FrdoOptions& options) {
  const auto outcome = ExportFrdo(session, options);
  if (!outcome.ok()) return outcome.status();
  const auto& summary = outcome->summary;
  if (!outcome->faults.empty()) {
    Table table({"документ", "столбец", "что не так", "что делать"});
    for (const auto& fault : outcome->faults) {
      table.Add({fault.number(), absl::StrCat(fault.column_number(), " ", fault.column_title()),
                 fault.what_ru(), fault.mend_ru()});
    }
    table.Print();
  }
  std::printf("строк %d, с ошибками %d, без изменений %d, ждут квитанции %d\n", summary.row_count(),
              summary.faulty_count(), summary.unchanged_count(), summary.awaiting_count());
  if (!summary.frdo_package().empty()) {
    std::printf("%s: %s\n", options.out.c_str(), summary.frdo_package().c_str());
  }
  if (summary.more()) std::puts("поместились не все: отправьте пакет и повторите выгрузку");
  if (outcome->faults.empty() || options.skip_faulty || options.check_only) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "файл не записан: исправьте ошибки или выгрузите остальное с --skip-faulty");
}

absl::Status ListFrdo(Session& session, const FrdoOptions& options) {
  programs::v1::ListFrdoPackagesRequest request;
  request.set_parent("regions/" + options.region);
  request.set_order_by("create_time desc");
  request.set_page_size(kPage);
  Table table({"пакет", "состояние", "строк", "принято", "отклонено", "кто выдал"});
  do {
    programs::v1::ListFrdoPackagesResponse page;
    auto status = session.Call(absl::StrCat(kService, "ListFrdoPackages"), request, &page);
    if (!status.ok()) return status;
    for (const FrdoPackage& package : page.frdo_packages()) {
      table.Add({package.name(), FrdoPackage::State_Name(package.state()).substr(kStatePrefix),
                 absl::StrCat(package.row_count()), absl::StrCat(package.accepted_count()),
                 absl::StrCat(package.rejected_count()), package.provider()});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  table.Print();
  return absl::OkStatus();
}

absl::Status SendFrdo(Session& session, const FrdoOptions& options) {
  programs::v1::SendFrdoPackageRequest request;
  request.set_name(options.package);
  if (auto s = ToDate(options.day, request.mutable_send_date()); !s.ok()) return s;
  request.set_register_number(options.number);
  request.set_request_id(NewRequestId());
  return Step(session, "SendFrdoPackage", request);
}

absl::Status CancelFrdo(Session& session, const FrdoOptions& options) {
  programs::v1::CancelFrdoPackageRequest request;
  request.set_name(options.package);
  request.set_reason(options.reason);
  request.set_request_id(NewRequestId());
  return Step(session, "CancelFrdoPackage", request);
}

absl::Status RecordFrdoReceipts(Session& session, const FrdoOptions& options) {
  auto reader = sheet::Open(options.file, {});
  if (!reader.ok()) return reader.status();
  programs::v1::RecordFrdoReceiptsRequest request;
  request.set_name(options.package);
  request.set_request_id(NewRequestId());
  ReceiptColumns columns;
  sheet::Row row;
  for (bool first = true;; first = false) {
    const auto more = (*reader)->Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (first) {
      auto found = FindColumns(row);
      if (!found.ok()) return found.status();
      columns = *found;
      continue;
    }
    if (auto s = TakeReceipt(row, columns, request.add_receipts()); !s.ok()) return s;
  }
  return Step(session, "RecordFrdoReceipts", request);
}

}  // namespace rsnms::ctl
