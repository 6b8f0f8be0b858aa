// Before anything is flagged as gone: the register is asked for it by number. A walk over pages
// that shift while they are read may skip an entry and still add up.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {
namespace {

constexpr char kGetProgramme[] = "rsnms.federal.v1.ProgrammeRegister/GetProgramme";
constexpr char kOtherEntry[] = "the register answers another entry under this number";

// The run's cursor while it asks about what was withdrawn before, and how many it asked about: no
// number begins so.
constexpr char kAgain[] = "?again/";

enum class Standing { kGone, kNamed, kStands, kNotTold };

// What an answer to a question about one number means; kNotTold: a refusal, which proves nothing.
// An error is the call's.
absl::StatusOr<Standing> Read(const absl::Status& answer, const federal::v1::Programme& programme,
                              const std::string& number) {
  if (answer.ok()) {
    // Of another entry nothing is believed, least of all that it is gone.
    const bool named = programme.register_number() == number && programme.has_withdrawn_date();
    return named ? Standing::kNamed : Standing::kStands;
  }
  switch (answer.code()) {
    case absl::StatusCode::kNotFound:
      return Standing::kGone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
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

// What the register withdrew by name. Its number, name and date alone say so, whatever else of it
// cannot be read; under another name it proves nothing and stays, with its problem.
register_rules::Entry Named(const federal::v1::Programme& programme, const std::string& number) {
  register_rules::Entry entry = Found(programme, number);
  if (entry.problem.empty() || programme.name() != Cat("programmes/", number)) return entry;
  federal::v1::Programme bare;
  bare.set_name(programme.name());
  bare.set_register_number(programme.register_number());
  *bare.mutable_withdrawn_date() = programme.withdrawn_date();
  entry.payload = bare.SerializeAsString();
  entry.sha256 = Sha256Hex(entry.payload);
  entry.match_key = register_rules::MatchKey(bare);
  entry.problem.clear();
  return entry;
}

// Stands in the snapshot for an entry nothing was learnt of: its programme stays as it is, the
// report names it, and the next run is a full one.
register_rules::Entry Unknown(const std::string& number) {
  return {.number = number,
          .payload = "",
          .sha256 = Sha256Hex(""),
          .match_key = "|",
          .problem = register_rules::kNotVerified};
}

}  // namespace

absl::StatusOr<std::vector<register_store::Leaving>> RegisterMirror::ReadToAsk(
    const v1::RegisterSync& sync, bool again, int limit) {
  std::vector<register_store::Leaving> programmes;
  pg::TxOptions options;
  options.scopes = "*";
  options.read_only = true;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) {
    if (auto s = register_store::PlanAfresh(tx); !s.ok()) return s;
    auto found = again ? register_store::AskedLongestAgo(tx, sync, limit)
                       : register_store::FindLeaving(tx, sync, register_store::Leave::kAsked,
                                                     sync.cursor(), limit);
    if (!found.ok()) return found.status();
    programmes = *std::move(found);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return programmes;
}

RegisterMirror::Answers RegisterMirror::Ask(const std::vector<register_store::Leaving>& programmes,
                                            bool again) {
  Answers answers;
  const absl::Time end = absl::Now() + options_.verify_time;
  for (const register_store::Leaving& programme : programmes) {
    if (!answers.last.empty() && absl::Now() > end) break;
    federal::v1::GetProgrammeRequest request;
    request.set_name(Cat("programmes/", programme.number));
    federal::v1::Programme entry;
    WaitForTurn();
    const absl::Status answer =
        federal_->Unary(kGetProgramme, request, &entry, absl::Now() + options_.call_timeout, false);
    auto read = Read(answer, entry, programme.number);
    if (!read.ok()) {
      answers.failure = answer;
      break;
    }
    answers.last = programme.number;
    answers.asked.push_back(programme.id);
    register_rules::Entry answered;
    if (*read == Standing::kStands) {
      ++answers.standing;
      answered = Found(entry, programme.number);
    } else if (*read == Standing::kNamed) {
      answered = Named(entry, programme.number);
    } else if (*read == Standing::kNotTold) {
      answered = Unknown(programme.number);
    }
    // What is withdrawn stays so until the register clearly says otherwise.
    const bool clear = !answered.number.empty() && (!again || answered.problem.empty());
    if (clear) answers.kept.push_back(std::move(answered));
  }
  return answers;
}

absl::Status RegisterMirror::KeepAnswers(pg::Tx& tx, const Answers& answers, v1::RegisterSync& sync,
                                         absl::Duration& rest) const {
  rest = absl::ZeroDuration();
  sync.clear_retry_time();
  if (!answers.last.empty()) sync.set_failure_count(0);
  // What was told before the failure is kept, so that the next call asks on from there.
  if (!answers.failure.ok()) rest = NoteFailure(answers.failure, sync);
  if (answers.kept.empty()) return absl::OkStatus();
  return register_store::Keep(tx, sync, answers.kept).status();
}

absl::StatusOr<absl::Duration> RegisterMirror::Verify(const v1::RegisterSync& sync) {
  if (sync.cursor().starts_with(kAgain)) return VerifyAgain(sync);
  auto missing = ReadToAsk(sync, /*again=*/false, options_.verify_batch);
  if (!missing.ok()) return missing.status();
  const Answers answers = Ask(*missing, /*again=*/false);
  if (auto status = Interrupt("verified"); !status.ok()) return status;
  absl::Duration rest;
  auto status = Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    if (missing->empty()) {
      after.set_cursor(Cat(kAgain, 0));
      return absl::OkStatus();
    }
    if (!answers.last.empty()) after.set_cursor(answers.last);
    after.set_verified_count(after.verified_count() + answers.standing);
    return KeepAnswers(tx, answers, after, rest);
  });
  if (!status.ok()) return status;
  return rest;
}

absl::StatusOr<absl::Duration> RegisterMirror::VerifyAgain(const v1::RegisterSync& sync) {
  int asked = 0;
  if (!absl::SimpleAtoi(sync.cursor().substr(sizeof(kAgain) - 1), &asked)) asked = 0;
  const int limit = std::min(options_.verify_batch, options_.asked_again - asked);
  std::vector<register_store::Leaving> withdrawn;
  if (limit > 0) {
    auto found = ReadToAsk(sync, /*again=*/true, limit);
    if (!found.ok()) return found.status();
    withdrawn = *std::move(found);
  }
  const Answers answers = Ask(withdrawn, /*again=*/true);
  if (auto status = Interrupt("asked again"); !status.ok()) return status;
  absl::Duration rest;
  auto status = Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    // Entries that seemed renumbered may have turned out to be withdrawn by name.
    if (withdrawn.empty()) return Verified(tx, after);
    after.set_cursor(Cat(kAgain, asked + static_cast<int>(answers.asked.size())));
    if (auto s = register_store::SetAsked(tx, sync, answers.asked); !s.ok()) return s;
    return KeepAnswers(tx, answers, after, rest);
  });
  if (!status.ok()) return status;
  return rest;
}

}  // namespace rsnms::programs
