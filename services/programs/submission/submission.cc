#include "services/programs/submission/submission.h"

#include <string>

#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/programme_version_methods.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/version_steps.h"
#include "services/programs/names.h"
#include "services/programs/submission/submission_content.h"
#include "services/programs/submission/submission_rules.h"
#include "services/programs/submission/submission_step.h"
#include "services/programs/submission/submission_store.h"

namespace rsnms::programs::submission {
namespace {

using resource::Lock;
using resource::Table;
using v1::RegisterSubmission;
using Pending = resource::Engine::Pending;
using Version = v1::ProgrammeVersion;

constexpr char kContract[] = "rsnms.programs.v1.Submissions";

// A person said what became of the version: nobody asks the register any more.
absl::Status Close(const resource::Engine& engine, pg::Tx& tx, const Version& version,
                   absl::Time now) {
  auto held = submission_store::HoldUnderWay(engine, tx, version.name());
  if (!held.ok()) return held.status();
  return tx.Unscoped(RegionOf(version.name()), [&]() -> absl::Status {
    for (const RegisterSubmission& before : *held) {
      RegisterSubmission after = before;
      EndSubmission(RegisterSubmission::STATE_CLOSED, now, after);
      after.set_version_state(version.state());
      auto s = Table<RegisterSubmission>(engine).Update(tx, SubmissionAuthor(), before, after);
      if (!s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

absl::Status CloseWithVersions(const resource::Engine& engine, pg::Tx& tx,
                               std::vector<Pending>& rows, absl::Time now) {
  for (const Pending& row : rows) {
    const auto* before = static_cast<const Version*>(row.before);
    const auto& after = static_cast<const Version&>(*row.after);
    if (before == nullptr || !row.status.ok() || before->state() != Version::STATE_SUBMITTED ||
        after.state() == Version::STATE_SUBMITTED) {
      continue;
    }
    if (auto s = Close(engine, tx, after, now); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// Reads under a lock, and guards against a change in between.
template <class R, class Request>
absl::StatusOr<R> Hold(const resource::Engine& engine, pg::Tx& tx, const Request& request) {
  auto held = Table<R>(engine).Get(tx, request.name(), Lock::kUpdate);
  if (!held.ok()) return held;
  if (!request.etag().empty() && request.etag() != held->etag()) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the resource has changed since this etag was read")
        .ToStatus();
  }
  if (held->has_delete_time()) return rpc::NotFound("programs.rsnms", request.name());
  return held;
}

// The version's step, dated; what it said of a former submission goes into the new one.
absl::Status Submit(const resource::Engine& engine, absl::CivilDay today, Version& version) {
  v1::SubmitProgrammeVersionRequest step;
  *step.mutable_submission_date() = submission_rules::SendingDay(version, today);
  version.clear_submission_number();
  return version_steps::Make(engine, "SubmitProgrammeVersion", step, &version);
}

RegisterSubmission NewSubmission(const Version& former, const std::string& content) {
  RegisterSubmission made;
  made.set_name(Cat("regions/", RegionOf(former.name())));
  made.set_state(RegisterSubmission::STATE_QUEUED);
  made.set_programme_version(former.name());
  made.set_provider(former.provider());
  made.set_content_sha256(Sha256Hex(content));
  made.set_content_bytes(static_cast<int>(content.size()));
  made.set_former_state(former.state());
  made.set_former_state_reason(former.state_reason());
  made.set_former_submission_number(former.submission_number());
  if (former.has_submission_date()) {
    *made.mutable_former_submission_date() = former.submission_date();
  }
  if (former.has_register_answer_date()) {
    *made.mutable_former_answer_date() = former.register_answer_date();
  }
  return made;
}

// The version as it stood before the submission.
Version PutBack(const Version& version, const RegisterSubmission& submission) {
  Version back = version;
  back.set_state(submission.former_state());
  back.set_state_reason(submission.former_state_reason());
  back.set_submission_number(submission.former_submission_number());
  back.clear_submission_date();
  back.clear_register_answer_date();
  if (submission.has_former_submission_date()) {
    *back.mutable_submission_date() = submission.former_submission_date();
  }
  if (submission.has_former_answer_date()) {
    *back.mutable_register_answer_date() = submission.former_answer_date();
  }
  return back;
}

// Number of the entry the programme has already. The sender need not see the programme.
absl::StatusOr<std::string> ListedNumber(const resource::Engine& engine, pg::Tx& tx,
                                         const Version& version) {
  std::string number;
  if (version.programme().empty()) return number;
  auto status = tx.Unscoped(RegionOf(version.name()), [&] {
    auto programme = Table<v1::Programme>(engine).Get(tx, version.programme());
    if (programme.ok() && programme->register_state() == v1::REGISTER_STATE_LISTED) {
      number = programme->federal_register_number();
    }
    return programme.status();
  });
  if (!status.ok()) return status;
  return number;
}

absl::Status NotConnected() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_REGISTER_NOT_CONNECTED,
                    "the service runs without --upstream federal=…");
}

absl::Status TooLarge() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_SUBMISSION_TOO_LARGE,
                    "the application has more than 3 MiB");
}

// Queues the submission of a version that was locked, with its step.
absl::Status Queue(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                   const Version& version, absl::CivilDay today, RegisterSubmission* made) {
  Version after = version;
  if (auto s = Submit(engine, today, after); !s.ok()) return s;
  auto number = ListedNumber(engine, tx, version);
  if (!number.ok()) return number.status();
  const std::string content =
      submission_content::BytesOf(submission_content::ApplicationOf(version, *number));
  if (content.size() > submission_content::kGreatestBytes) return TooLarge();
  if (auto s = Table<Version>(engine).Update(tx, author, version, after); !s.ok()) return s;
  *made = NewSubmission(version, content);
  if (auto s = Table<RegisterSubmission>(engine).Insert(tx, author, *made); !s.ok()) return s;
  return submission_store::PutContent(tx, made->name(), content);
}

}  // namespace

const google::protobuf::ServiceDescriptor* Contract() {
  RegisterSubmission::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void AddRules(resource::Engine& engine, const std::function<absl::Time()>& now) {
  engine.PrepareFor(Version::descriptor(), [&engine, now](pg::Tx& tx, std::vector<Pending>& rows) {
    return CloseWithVersions(engine, tx, rows, now());
  });
}

void SubmissionService::Serve(rpc::Server& server) {
  auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat(kContract, "/", method), this, fn);
  };
  serve("SendProgrammeVersion", &SubmissionService::SendProgrammeVersion);
  serve("CancelRegisterSubmission", &SubmissionService::CancelRegisterSubmission);
  serve("GetRegisterSubmissionContent", &SubmissionService::GetRegisterSubmissionContent);
}

absl::Status SubmissionService::SendProgrammeVersion(rpc::Call& call,
                                                     const v1::SendProgrammeVersionRequest& request,
                                                     RegisterSubmission* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  auto status = engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto version = Hold<Version>(engine_, tx, request);
    if (!version.ok()) return version.status();
    if (!connected_) return NotConnected();
    return Queue(engine_, tx, author, *version, RegisterDay(now_()), response);
  });
  if (status.ok()) wake_();
  return status;
}

absl::Status SubmissionService::CancelRegisterSubmission(
    rpc::Call& call, const v1::CancelRegisterSubmissionRequest& request,
    RegisterSubmission* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    const Table<Version> versions(engine_);
    auto seen = Table<RegisterSubmission>(engine_).Get(tx, request.name());
    if (!seen.ok()) return seen.status();
    // The version first, as whoever answers for it does.
    auto version = versions.Get(tx, seen->programme_version(), Lock::kUpdate);
    if (!version.ok()) return version.status();
    auto before = Hold<RegisterSubmission>(engine_, tx, request);
    if (!before.ok()) return before.status();
    *response = *before;
    if (auto s = resource::MakeDeclaredStep(engine_, call, request, response); !s.ok()) return s;
    EndSubmission(RegisterSubmission::STATE_CANCELLED, now_(), *response);
    auto s = Table<RegisterSubmission>(engine_).Update(tx, author, *before, *response);
    if (!s.ok()) return s;
    Version back = PutBack(*version, *before);
    return versions.Update(tx, author, *version, back);
  });
}

absl::Status SubmissionService::GetRegisterSubmissionContent(
    rpc::Call& call, const v1::GetRegisterSubmissionContentRequest& request,
    v1::RegisterSubmissionContent* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto submission = Table<RegisterSubmission>(engine_).Get(tx, request.name());
    if (!submission.ok()) return submission.status();
    auto stored = submission_store::ReadContent(tx, request.name());
    if (!stored.ok()) return stored.status();
    response->set_register_submission(submission->name());
    response->set_format_version(submission_content::kFormatVersion);
    response->set_sha256(Sha256Hex(stored->content));
    response->set_content(std::move(stored->content));
    response->set_answer(std::move(stored->answer));
    return absl::OkStatus();
  });
}

}  // namespace rsnms::programs::submission
