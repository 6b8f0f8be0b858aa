// A table sent by chunks, each a call of its own, with a journal of how far it has come.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_CHUNKS_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_CHUNKS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/resource/spool.h"
#include "rsnms/options/v1/import.pb.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_import.h"

namespace rsnms::ctl {

constexpr int kImportAttempts = 3;

// Rows that were read and judged, on their way to the registry.
struct ChunkedLoad {
  Session& session;
  const SheetOptions& options;
  options::v1::ImportHeader header;
  std::string how;  // tells loads of one file apart (sheet_journal.h)
  resource::Spool& spool;
  std::vector<uint32_t>& rows;  // of the file, by number in the stream of the present chunk
  SheetOutcome& outcome;
  std::function<void(const options::v1::ImportRowError&)> add_error;
};

// The registry refused rows, and nothing of the call was written.
bool IsRejected(const absl::Status& status);

// Sends what the journal does not say was taken. Counts and findings go to the outcome.
absl::Status SendByChunks(const ChunkedLoad& load);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_CHUNKS_H_
