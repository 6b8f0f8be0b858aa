// ФИС ФРДО on the command line: the file of a package, and what the register answered.
#ifndef RSNMS_TOOLS_RSNMSCTL_FRDO_H_
#define RSNMS_TOOLS_RSNMSCTL_FRDO_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/programs/v1/frdo.pb.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

struct FrdoOptions {
  std::string region = "86";
  std::string out;       // .xlsx or .csv
  std::string provider;  // `regions/86/organisations/…`; empty only with `check_only`
  std::string purpose = "внесение сведений о документах в ФИС ФРДО (273-ФЗ, статья 98)";
  std::string first, last;  // days of issue, `2026-01-31`
  bool merged = false;      // the template of 38 columns
  bool all = false, compared = false;
  bool check_only = false, skip_faulty = false;
  std::string package;  // `regions/86/frdoPackages/…`
  std::string file;     // of receipts
  std::string day, number, reason;
};

struct FrdoOutcome {
  programs::v1::FrdoSummary summary;
  std::vector<programs::v1::FrdoFault> faults;
};

// Asks for a package and writes its file: headings, then the rows, dates as dates and numbers as
// numbers. No file is written when there is a fault that is not to be skipped, or nothing to send.
// The file is begun before the call; when it cannot be finished the package is cancelled, or, if
// that fails too, the error names the package and the command.
absl::StatusOr<FrdoOutcome> ExportFrdo(Session& session, const FrdoOptions& options);
// The same, telling what was done; faults row by row. FAILED_PRECONDITION when there were any that
// kept the file from being written.
absl::Status ExportFrdoAndTell(Session& session, const FrdoOptions& options);

// Packages, the newest first, with their states: PREPARED are those whose file was not sent.
absl::Status ListFrdo(Session& session, const FrdoOptions& options);
absl::Status SendFrdo(Session& session, const FrdoOptions& options);
absl::Status CancelFrdo(Session& session, const FrdoOptions& options);

// Reads receipts from a table with the columns «Строка» (of the file, from 2), «Результат» (Принято
// or Отклонено), «Сообщение» and perhaps «Номер документа», which is then compared, and records
// them. INVALID_ARGUMENT names the row that cannot be read; nothing is recorded then.
absl::Status RecordFrdoReceipts(Session& session, const FrdoOptions& options);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_FRDO_H_
