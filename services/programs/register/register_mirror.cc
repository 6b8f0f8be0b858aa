// The run's control and its reading of the register; what is made of the entries stands in
// register_apply.cc.
#include "services/programs/register/register_mirror.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "libs/observe/log.h"
#include "libs/rpc/status.h"
#include "rsnms/federal/v1/errors.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs {
namespace {

constexpr char kListProgrammes[] = "rsnms.federal.v1.ProgrammeRegister/ListProgrammes";

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  out->set_seconds(absl::ToUnixSeconds(time));
  out->set_nanos(
      static_cast<int>((time - absl::FromUnixSeconds(out->seconds())) / absl::Microseconds(1)) *
      1000);
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// The delay the operator asked for; zero when it asked for none.
absl::Duration RetryDelay(const absl::Status& status) {
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    google::rpc::RetryInfo info;
    if (detail.UnpackTo(&info)) {
      return absl::Seconds(info.retry_delay().seconds()) +
             absl::Nanoseconds(info.retry_delay().nanos());
    }
  }
  return absl::ZeroDuration();
}

// The walk, not the call, has gone wrong: its snapshot or page token is no longer good.
bool WalkLost(const absl::Status& status) {
  const std::string reason = rpc::ReasonOf(status);
  return reason == "SNAPSHOT_EXPIRED" || reason == "INVALID_PAGE_TOKEN";
}

bool WorthRepeating(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return true;
    default:
      return false;
  }
}

absl::Duration Backoff(const MirrorOptions& options, int failures) {
  static thread_local absl::BitGen bits;
  absl::Duration delay = options.backoff;
  for (int i = 1; i < failures && delay < options.greatest_backoff; ++i) delay *= 2;
  return std::min(delay, options.greatest_backoff) * absl::Uniform(bits, 0.5, 1.0);
}

}  // namespace

RegisterMirror::RegisterMirror(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                               MirrorOptions options)
    : engine_(engine),
      federal_(std::move(federal)),
      options_(std::move(options)),
      syncs_(*engine),
      programmes_(*engine),
      changes_(*engine),
      conflicts_(*engine),
      notices_(*engine) {
  author_.subject = "system:register-sync";
}

absl::StatusOr<std::vector<v1::RegisterSync>> RegisterMirror::Living() {
  std::vector<v1::RegisterSync> living;
  pg::TxOptions options;
  options.scopes = "*";
  options.read_only = true;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) {
    auto rows = syncs_.Select(tx,
                              "state IN ('PENDING', 'RUNNING') AND delete_time IS NULL "
                              "AND NOT (source = 'FILE' AND phase = 'FETCHING') "
                              "ORDER BY create_time, id");
    if (!rows.ok()) return rows.status();
    living = *std::move(rows);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return living;
}

absl::StatusOr<absl::Duration> RegisterMirror::Step(const v1::RegisterSync& sync) {
  if (sync.has_retry_time()) {
    const absl::Duration rest = TimeOf(sync.retry_time()) - options_.now();
    if (rest > absl::ZeroDuration()) return rest;
  }
  auto rest = TakeStep(sync);
  if (rest.ok() || rest.status().code() != absl::StatusCode::kInvalidArgument) return rest;
  observe::LogError("a run of the register's mirror cannot go on",
                    {{"register_sync", sync.name()}, {"status", rest.status().ToString()}});
  auto status = Advance(sync, [&](pg::Tx&, v1::RegisterSync& after) {
    End(after, v1::RegisterSync::STATE_FAILED, "REGISTER_BROKEN");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return absl::ZeroDuration();
}

absl::StatusOr<absl::Duration> RegisterMirror::TakeStep(const v1::RegisterSync& sync) {
  absl::Status status;
  if (sync.state() == v1::RegisterSync::STATE_PENDING) {
    status = Begin(sync);
  } else {
    switch (sync.phase()) {
      case v1::RegisterSync::PHASE_FETCHING:
        return Fetch(sync);
      case v1::RegisterSync::PHASE_COMPARING:
        status = Compare(sync);
        break;
      case v1::RegisterSync::PHASE_VERIFYING:
        return Verify(sync);
      case v1::RegisterSync::PHASE_APPLYING:
        status = ApplyBatch(sync);
        break;
      case v1::RegisterSync::PHASE_NOTIFYING:
        status = NotifyBatch(sync);
        break;
      default:
        status = WithdrawBatch(sync);
    }
  }
  if (!status.ok()) return status;
  return absl::ZeroDuration();
}

absl::Status RegisterMirror::Advance(const v1::RegisterSync& seen, const Body& body) {
  pg::TxOptions options;
  options.scopes = "*";
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) -> absl::Status {
    if (auto status = register_store::PlanAfresh(tx); !status.ok()) return status;
    auto locked = syncs_.Get(tx, seen.name(), resource::Lock::kUpdate);
    if (!locked.ok()) return locked.status();
    // Cancelled by a person, or another replica was faster: what it did stands.
    if (locked->etag() != seen.etag()) return absl::OkStatus();
    v1::RegisterSync after = *locked;
    if (auto status = body(tx, after); !status.ok()) return status;
    if (auto status = syncs_.Update(tx, author_, *locked, after); !status.ok()) return status;
    // However a run ends or comes to rest, or rejected ones would pile up.
    if (after.state() != v1::RegisterSync::STATE_RUNNING) {
      auto status = register_store::Prune(tx, after, options_.kept_snapshots);
      if (!status.ok()) return status;
    }
    return Interrupt("before-commit");
  });
  if (status.ok()) engine_->WakeSealer();
  if (status.ok()) return Interrupt("after-commit");
  return status;
}

absl::Status RegisterMirror::Interrupt(std::string_view point) const {
  return options_.interrupt ? options_.interrupt(point) : absl::OkStatus();
}

void RegisterMirror::WaitForTurn() {
  const absl::Time now = absl::Now();
  if (next_call_ > now) absl::SleepFor(next_call_ - now);
  next_call_ = std::max(now, next_call_) + absl::Seconds(1) / options_.calls_per_second;
}

absl::Status RegisterMirror::Begin(const v1::RegisterSync& sync) {
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    auto policy = register_store::ReadPolicy(tx, RegionOf(sync.name()));
    if (!policy.ok()) return policy.status();
    after.set_shrink_percent(policy->shrink_percent.value_or(options_.shrink_percent));
    after.set_shrink_days(policy->shrink_days.value_or(options_.shrink_days));
    after.set_source(v1::REGISTER_SOURCE_FEDERAL);
    after.set_state(v1::RegisterSync::STATE_RUNNING);
    after.set_phase(v1::RegisterSync::PHASE_FETCHING);
    SetTime(options_.now(), after.mutable_start_time());
    return absl::OkStatus();
  });
}

absl::StatusOr<absl::Duration> RegisterMirror::Fetch(const v1::RegisterSync& sync) {
  federal::v1::ListProgrammesRequest request;
  request.set_page_size(options_.page_size);
  request.set_page_token(sync.cursor());
  if (sync.has_changed_since()) *request.mutable_changed_since() = sync.changed_since();
  WaitForTurn();
  federal::v1::ListProgrammesResponse page;
  const absl::Status answer =
      federal_->Unary(kListProgrammes, request, &page, absl::Now() + options_.call_timeout, false);
  if (!answer.ok()) return FetchFailed(sync, answer);
  if (auto status = Interrupt("fetched"); !status.ok()) return status;
  const absl::Status broken = register_rules::CheckPage(sync, page, absl::Now());
  const absl::Duration rest =
      broken.ok() ? absl::ZeroDuration() : Backoff(options_, sync.restart_count() + 1);
  auto status = Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    after.set_failure_count(0);
    after.clear_retry_time();
    after.set_page_count(sync.page_count() + 1);
    if (!broken.ok()) {
      SetTime(options_.now() + rest, after.mutable_retry_time());
      return Restart(tx, after, rpc::ReasonOf(broken));
    }
    return KeepPage(tx, page, after);
  });
  if (!status.ok()) return status;
  return rest;
}

absl::Status RegisterMirror::KeepPage(pg::Tx& tx, const federal::v1::ListProgrammesResponse& page,
                                      v1::RegisterSync& sync) {
  auto fresh = register_store::Keep(tx, sync, register_rules::Entries(page));
  if (!fresh.ok()) return fresh.status();
  sync.set_fetched_count(sync.fetched_count() + *fresh);
  sync.set_expected_count(page.total_size());
  sync.set_snapshot_version(page.snapshot_version());
  // Of the first page: what changed while later ones were read is asked for again next time.
  if (!sync.has_snapshot_time()) *sync.mutable_snapshot_time() = page.snapshot_time();
  sync.set_cursor(page.next_page_token());
  if (!page.next_page_token().empty()) return absl::OkStatus();
  auto count = register_store::Count(tx, sync);
  if (!count.ok()) return count.status();
  if (*count != page.total_size()) return Restart(tx, sync, "REGISTER_INCOMPLETE");
  sync.set_phase(v1::RegisterSync::PHASE_COMPARING);
  return absl::OkStatus();
}

absl::StatusOr<absl::Duration> RegisterMirror::FetchFailed(const v1::RegisterSync& sync,
                                                           const absl::Status& failure) {
  absl::Duration rest;
  auto status = Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    rest = NoteFailure(failure, after);
    return WalkLost(failure) ? Restart(tx, after, rpc::ReasonOf(failure)) : absl::OkStatus();
  });
  if (!status.ok()) return status;
  return rest;
}

absl::Duration RegisterMirror::NoteFailure(const absl::Status& failure,
                                           v1::RegisterSync& sync) const {
  const int failures = sync.failure_count() + 1;
  const absl::Duration rest = std::max(
      Backoff(options_, failures), std::min(RetryDelay(failure), options_.greatest_retry_delay));
  sync.set_failure_count(failures);
  SetTime(options_.now() + rest, sync.mutable_retry_time());
  if (!WalkLost(failure) && !WorthRepeating(failure)) {
    const std::string reason = rpc::ReasonOf(failure);
    End(sync, v1::RegisterSync::STATE_FAILED, reason.empty() ? "REGISTER_BROKEN" : reason);
  } else if (failures > options_.max_failures) {
    End(sync, v1::RegisterSync::STATE_FAILED, "REGISTER_UNREACHABLE");
  }
  return rest;
}

absl::Status RegisterMirror::Restart(pg::Tx& tx, v1::RegisterSync& sync, std::string_view reason) {
  if (sync.restart_count() >= options_.max_restarts) {
    End(sync, v1::RegisterSync::STATE_FAILED, reason);
    return absl::OkStatus();
  }
  sync.set_restart_count(sync.restart_count() + 1);
  sync.set_phase(v1::RegisterSync::PHASE_FETCHING);
  sync.set_shrink_confirmed(false);  // a person's word was about the snapshot that is gone
  sync.set_missing_count(0);
  sync.set_left_before_count(0);
  sync.set_verified_count(0);
  sync.clear_cursor();
  sync.clear_snapshot_version();
  sync.clear_snapshot_time();
  sync.set_expected_count(0);
  sync.set_fetched_count(0);
  return register_store::Clear(tx, sync);
}

void RegisterMirror::End(v1::RegisterSync& sync, v1::RegisterSync::State state,
                         std::string_view reason) const {
  sync.set_state(state);
  if (state == v1::RegisterSync::STATE_SUCCEEDED) sync.set_phase(v1::RegisterSync::PHASE_DONE);
  sync.set_error_reason(std::string(reason));
  sync.clear_retry_time();
  SetTime(options_.now(), sync.mutable_end_time());
}

}  // namespace rsnms::programs
