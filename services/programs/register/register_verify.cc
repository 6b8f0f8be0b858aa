// Before anything is flagged as gone: the register is asked for it by number. A walk over pages
// that shift while they are read may skip an entry and still add up.
#include "google/protobuf/timestamp.pb.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {
namespace {

constexpr char kGetProgramme[] = "rsnms.federal.v1.ProgrammeRegister/GetProgramme";
constexpr char kOtherEntry[] = "the register answers another entry under this number";

enum class Standing { kGone, kStands, kNotTold };

// What an answer to a question about one number means; kNotTold: nobody answers such questions.
absl::StatusOr<Standing> Read(const absl::Status& answer, const federal::v1::Programme& programme,
                              const std::string& number) {
  if (answer.ok()) {
    // Of another entry nothing is believed, least of all that it is gone.
    const bool gone = programme.register_number() == number && programme.has_withdrawn_date();
    return gone ? Standing::kGone : Standing::kStands;
  }
  switch (answer.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
      return Standing::kGone;
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kPermissionDenied:
      return Standing::kNotTold;
    default:
      return answer;
  }
}

// The entry as one of the walk, under the number that was asked for.
register_rules::Entry Found(const federal::v1::Programme& programme, const std::string& number) {
  federal::v1::ListProgrammesResponse page;
  *page.add_programmes() = programme;
  register_rules::Entry entry = register_rules::Entries(page).front();
  if (entry.number != number && entry.problem.empty()) entry.problem = kOtherEntry;
  entry.number = number;
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<register_store::Missing>> RegisterMirror::ReadMissing(
    const v1::RegisterSync& sync, int limit) {
  std::vector<register_store::Missing> missing;
  pg::TxOptions options;
  options.scopes = "*";
  options.read_only = true;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) {
    auto found = register_store::FindMissing(tx, sync, sync.cursor(), limit);
    if (!found.ok()) return found.status();
    missing = *std::move(found);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return missing;
}

absl::StatusOr<absl::Duration> RegisterMirror::Verify(const v1::RegisterSync& sync) {
  auto missing = ReadMissing(sync, options_.verify_batch);
  if (!missing.ok()) return missing.status();
  std::vector<register_rules::Entry> standing;
  bool told = true;
  for (const register_store::Missing& programme : *missing) {
    federal::v1::GetProgrammeRequest request;
    request.set_name(Cat("programmes/", programme.number));
    federal::v1::Programme entry;
    WaitForTurn();
    const absl::Status answer =
        federal_->Unary(kGetProgramme, request, &entry, absl::Now() + options_.call_timeout, false);
    auto read = Read(answer, entry, programme.number);
    if (!read.ok()) return FetchFailed(sync, answer);
    told = *read != Standing::kNotTold;
    if (!told) break;
    if (*read == Standing::kStands) standing.push_back(Found(entry, programme.number));
  }
  if (auto status = Interrupt("verified"); !status.ok()) return status;
  auto status = Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    after.set_failure_count(0);
    after.clear_retry_time();
    after.set_cursor(missing->empty() ? "" : missing->back().number);
    if (missing->empty() || !told) {
      after.clear_cursor();
      after.set_phase(v1::RegisterSync::PHASE_APPLYING);
    }
    after.set_verified_count(after.verified_count() + static_cast<int>(standing.size()));
    return standing.empty() ? absl::OkStatus() : register_store::Keep(tx, sync, standing);
  });
  if (!status.ok()) return status;
  return absl::ZeroDuration();
}

}  // namespace rsnms::programs
