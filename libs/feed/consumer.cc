#include "libs/feed/consumer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/feed/cursor.h"
#include "libs/observe/log.h"
#include "libs/rpc/status.h"

namespace rsnms::feed {
namespace {

constexpr char kPullSnapshot[] = "rsnms.feed.v1.ChangeFeed/PullSnapshot";
constexpr char kStreamChanges[] = "rsnms.feed.v1.ChangeFeed/StreamChanges";
constexpr char kGetFeedState[] = "rsnms.feed.v1.ChangeFeed/GetFeedState";
constexpr absl::Duration kCallLimit = absl::Seconds(30);
// A stream is opened anew now and then, so that a source that hangs without closing is left.
constexpr absl::Duration kStreamLimit = absl::Minutes(5);
constexpr absl::Duration kApplyLimit = absl::Minutes(2);
constexpr absl::Duration kShortestBackOff = absl::Milliseconds(50);
constexpr absl::Duration kLongestBackOff = absl::Seconds(5);

// Shared with the metrics, which may outlive the consumer.
struct Shared {
  mutable absl::Mutex mutex;
  Consumer::State state ABSL_GUARDED_BY(mutex);
  bool stopping ABSL_GUARDED_BY(mutex) = false;
};

// The cursor does not say what was read up to it, and the source does: a release that did not keep
// the selection left it, or a source that did not tell.
absl::Status UnknownSelection() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    options::v1::COMMON_REASON_RESYNC_REQUIRED,
                    "what was read up to the cursor is not known");
}

// Answered inside transactions when another replica has moved the cursor: read it again.
absl::Status Moved() { return absl::AbortedError("another replica moved the cursor"); }

pg::TxOptions ApplyTx() {
  pg::TxOptions options;
  options.scopes = "*";
  options.deadline = absl::Now() + kApplyLimit;
  return options;
}

class ThreadConsumer : public Consumer {
 public:
  ThreadConsumer(pg::Pool* pool, std::shared_ptr<rpc::Client> source, ConsumerOptions options,
                 Apply apply, Reset reset)
      : pool_(pool),
        source_(std::move(source)),
        options_(std::move(options)),
        apply_(std::move(apply)),
        reset_(std::move(reset)) {
    AddMetrics();
    thread_ = std::thread([this] { Loop(); });
  }

  ~ThreadConsumer() override {
    {
      absl::MutexLock lock(&shared_->mutex);
      shared_->stopping = true;
    }
    thread_.join();
  }

  State state() const override {
    absl::MutexLock lock(&shared_->mutex);
    return shared_->state;
  }

  absl::Status CatchUp(absl::Duration timeout) override;

 private:
  void AddMetrics();
  void Loop();
  absl::Status Cycle();
  // Resets everything when the cursor is still the one seen, then reads the snapshot.
  absl::Status Resync(const Cursor& seen);
  absl::Status PullSnapshot(Cursor cursor);
  absl::Status Stream(Cursor cursor);
  absl::Status ApplySnapshotPage(const v1::PullSnapshotResponse& page, Cursor& cursor);
  absl::Status ApplyBatch(const v1::StreamChangesResponse& batch, Cursor& cursor);
  absl::StatusOr<Cursor> ReadCursor();
  void Heard(const Cursor& cursor, int64_t sealed, int64_t applied);
  bool Stopping() const {
    absl::MutexLock lock(&shared_->mutex);
    return shared_->stopping;
  }

  pg::Pool* const pool_;
  const std::shared_ptr<rpc::Client> source_;
  const ConsumerOptions options_;
  const Apply apply_;
  const Reset reset_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  absl::BitGen random_;
  bool progressed_ = false;  // since the last failure; the thread's
  std::thread thread_;
};

void ThreadConsumer::AddMetrics() {
  if (options_.metrics == nullptr) return;
  const observe::Metrics::Labels labels = {{"source", options_.source}, {"name", options_.name}};
  auto gauge = [&](const char* name, const char* help, auto read) {
    options_.metrics->Gauge(name, help, labels, [shared = shared_, read] {
      absl::MutexLock lock(&shared->mutex);
      return static_cast<double>(read(shared->state));
    });
  };
  gauge("rsnms_feed_position", "Position of the followed feed the projection stands at",
        [](const State& s) { return s.position; });
  gauge("rsnms_feed_lag_changes", "Sealed changes of the followed feed not applied yet",
        [](const State& s) { return std::max<int64_t>(0, s.sealed_position - s.position); });
  gauge("rsnms_feed_silent_seconds", "Time since the followed feed was last heard",
        [](const State& s) { return absl::ToDoubleSeconds(absl::Now() - s.heard); });
  gauge("rsnms_feed_resyncs", "Snapshots begun since start",
        [](const State& s) { return s.resyncs; });
}

void ThreadConsumer::Heard(const Cursor& cursor, int64_t sealed, int64_t applied) {
  progressed_ = true;
  absl::MutexLock lock(&shared_->mutex);
  auto& state = shared_->state;
  state.epoch = cursor.place.epoch;
  state.position = cursor.place.position;
  state.sealed_position = sealed;
  state.connected = true;
  state.heard = absl::Now();
  state.applied += applied;
}

absl::StatusOr<Cursor> ThreadConsumer::ReadCursor() {
  Cursor cursor;
  auto status = pool_->Run(ApplyTx(), [&](pg::Tx& tx) -> absl::Status {
    auto locked = LockCursor(tx, options_.source, options_.name);
    if (locked.ok()) cursor = *std::move(locked);
    return locked.status();
  });
  if (!status.ok()) return status;
  return cursor;
}

absl::Status ThreadConsumer::Resync(const Cursor& seen) {
  auto status = pool_->Run(ApplyTx(), [&](pg::Tx& tx) -> absl::Status {
    auto cursor = LockCursor(tx, options_.source, options_.name);
    if (!cursor.ok()) return cursor.status();
    if (*cursor != seen) return Moved();
    if (auto reset = reset_(tx); !reset.ok()) return reset;
    return ForgetCursor(tx, cursor->id);
  });
  if (!status.ok()) return status;
  observe::LogInfo("a snapshot of a feed begins",
                   {{"source", options_.source}, {"name", options_.name}});
  {
    absl::MutexLock lock(&shared_->mutex);
    ++shared_->state.resyncs;
    shared_->state.epoch.clear();
    shared_->state.position = 0;
  }
  return PullSnapshot(Cursor{seen.id, {}, {}, {}});
}

absl::Status ThreadConsumer::ApplySnapshotPage(const v1::PullSnapshotResponse& page,
                                               Cursor& cursor) {
  Cursor next = cursor;
  int64_t applied = 0;
  auto status = pool_->Run(ApplyTx(), [&](pg::Tx& tx) -> absl::Status {
    auto locked = LockCursor(tx, options_.source, options_.name);
    if (!locked.ok()) return locked.status();
    if (*locked != cursor) return Moved();
    auto fresh = KeepNew(tx, cursor.id, page.resources());
    if (!fresh.ok()) return fresh.status();
    if (!fresh->empty()) {
      if (auto done = apply_(tx, *fresh); !done.ok()) return done;
    }
    applied = fresh->size();
    next = *locked;
    if (page.next_page_token().empty()) {
      next.snapshot_token.reset();
      next.place = {page.epoch(), page.position(), page.next_hash()};
      next.selection = page.selection();
    } else {
      next.snapshot_token = page.next_page_token();
    }
    return SaveCursor(tx, next);
  });
  if (!status.ok()) return status;
  cursor = next;
  Heard(cursor, page.position(), applied);
  return absl::OkStatus();
}

absl::Status ThreadConsumer::PullSnapshot(Cursor cursor) {
  v1::PullSnapshotRequest request;
  *request.mutable_selector() = options_.selector;
  request.set_page_size(options_.batch);
  v1::PullSnapshotResponse page;
  while (!Stopping()) {
    request.set_page_token(cursor.snapshot_token.value_or(""));
    auto status = source_->Unary(kPullSnapshot, request, &page, absl::Now() + kCallLimit);
    // A token of another epoch, or sealed with another key: from the beginning.
    if (!status.ok() && cursor.snapshot_token.has_value() &&
        (absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status))) {
      return Resync(cursor);
    }
    if (!status.ok()) return status;
    if (auto applied = ApplySnapshotPage(page, cursor); !applied.ok()) return applied;
    if (!cursor.snapshot_token.has_value()) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status ThreadConsumer::ApplyBatch(const v1::StreamChangesResponse& batch, Cursor& cursor) {
  Cursor next = cursor;
  int64_t applied = 0;
  auto status = pool_->Run(ApplyTx(), [&](pg::Tx& tx) -> absl::Status {
    applied = 0;
    auto locked = LockCursor(tx, options_.source, options_.name);
    if (!locked.ok()) return locked.status();
    next = *locked;
    const bool same_feed = next.place.epoch == batch.epoch() && !next.snapshot_token.has_value();
    if (!same_feed || next.place.position < cursor.place.position) return Moved();
    if (next.selection != cursor.selection) return Moved();
    if (next.place.position >= batch.next_position()) return absl::OkStatus();  // a replica did it
    auto fresh = KeepNew(tx, next.id, batch.changes());
    if (!fresh.ok()) return fresh.status();
    if (!fresh->empty()) {
      if (auto done = apply_(tx, *fresh); !done.ok()) return done;
    }
    applied = fresh->size();
    next.place = {batch.epoch(), batch.next_position(), batch.next_hash()};
    return SaveCursor(tx, next);
  });
  if (!status.ok()) return status;
  // Batches that a replica applied are passed over until this stream reaches the cursor.
  cursor.place = {batch.epoch(), batch.next_position(), batch.next_hash()};
  Heard(next, batch.sealed_position(), applied);
  return absl::OkStatus();
}

absl::Status ThreadConsumer::Stream(Cursor cursor) {
  v1::StreamChangesRequest request;
  *request.mutable_selector() = options_.selector;
  request.set_epoch(cursor.place.epoch);
  request.set_after_position(cursor.place.position);
  request.set_after_hash(cursor.place.hash);
  request.set_selection(cursor.selection);
  v1::StreamChangesResponse batch;
  absl::Status applied;
  const auto status = source_->ServerStream(
      kStreamChanges, request, &batch,
      [&] {
        if (Stopping()) return false;
        if (cursor.selection.empty() && !batch.selection().empty()) {
          applied = UnknownSelection();
          return false;
        }
        if (batch.next_position() == cursor.place.position && batch.changes().empty()) {
          Heard(cursor, batch.sealed_position(), 0);  // a heartbeat
          return true;
        }
        applied = ApplyBatch(batch, cursor);
        return applied.ok();
      },
      absl::Now() + kStreamLimit);
  const absl::Status& ended = applied.ok() ? status : applied;
  if (rpc::ReasonOf(ended) == "RESYNC_REQUIRED") return Resync(cursor);
  if (!applied.ok()) return applied;
  if (absl::IsDeadlineExceeded(status)) return absl::OkStatus();
  return status;
}

absl::Status ThreadConsumer::Cycle() {
  auto cursor = ReadCursor();
  if (!cursor.ok()) return cursor.status();
  if (!cursor->place.epoch.empty() && !cursor->snapshot_token.has_value()) return Stream(*cursor);
  return cursor->snapshot_token.has_value() ? PullSnapshot(*cursor) : Resync(*cursor);
}

void ThreadConsumer::Loop() {
  absl::Duration back_off = absl::ZeroDuration();
  while (!Stopping()) {
    progressed_ = false;
    const auto status = Cycle();
    absl::MutexLock lock(&shared_->mutex);
    auto& state = shared_->state;
    const bool news = state.last_status.code() != status.code();
    state.last_status = status;
    if (progressed_) back_off = absl::ZeroDuration();
    if (progressed_ && status.ok()) continue;
    if (!status.ok() && !absl::IsAborted(status)) state.connected = false;
    if (news && !status.ok() && !shared_->stopping) {
      observe::LogWarning(
          "a feed was interrupted",
          {{"source", options_.source}, {"name", options_.name}, {"status", status.ToString()}});
    }
    back_off = std::clamp(back_off * 2, kShortestBackOff, kLongestBackOff);
    shared_->mutex.AwaitWithTimeout(absl::Condition(&shared_->stopping),
                                    back_off * absl::Uniform(random_, 0.5, 1.0));
  }
}

absl::Status ThreadConsumer::CatchUp(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  v1::FeedState source;
  auto status = source_->Unary(kGetFeedState, v1::GetFeedStateRequest(), &source, deadline);
  if (!status.ok()) return status;
  auto caught_up = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared_->mutex) {
    return shared_->state.epoch == source.epoch() &&
           shared_->state.position >= source.sealed_position();
  };
  absl::MutexLock lock(&shared_->mutex);
  if (shared_->mutex.AwaitWithDeadline(absl::Condition(&caught_up), deadline)) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError(
      absl::StrCat("the projection stands at ", shared_->state.position, " of ",
                   source.sealed_position(), ": ", shared_->state.last_status.ToString()));
}

}  // namespace

std::unique_ptr<Consumer> Consumer::Start(pg::Pool* pool, std::shared_ptr<rpc::Client> source,
                                          ConsumerOptions options, Apply apply, Reset reset) {
  return std::make_unique<ThreadConsumer>(pool, std::move(source), std::move(options),
                                          std::move(apply), std::move(reset));
}

}  // namespace rsnms::feed
