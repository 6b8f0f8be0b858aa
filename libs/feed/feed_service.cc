#include "libs/feed/feed_service.h"

#include <algorithm>
#include <future>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/feed/reader.h"
#include "libs/feed/snapshot.h"
#include "libs/journal/verify.h"
#include "libs/rpc/status.h"

namespace rsnms::feed {
namespace {

using options::v1::COMMON_REASON_INVALID_PAGE_SIZE;
using options::v1::COMMON_REASON_OUT_OF_RANGE;
using options::v1::COMMON_REASON_PERMISSION_DENIED;

constexpr int kDefaultPage = 500, kGreatestPage = 5000, kStreamPage = 2000;
constexpr absl::Duration kHeartbeat = absl::Seconds(1);
constexpr absl::Duration kLook = absl::Milliseconds(100);  // at the caller's absence
constexpr absl::Duration kPassing = absl::Milliseconds(200);
constexpr absl::Duration kFlushLimit = absl::Milliseconds(500);
constexpr absl::Duration kReadLimit = absl::Seconds(30);

// Streams of this process wait on it for the sealer.
class Sealed {
 public:
  explicit Sealed(journal::Sealer& sealer) : sealer_(sealer) {
    listener_ = sealer.OnSealed([this](int64_t position) {
      absl::MutexLock lock(&mutex_);
      position_ = position;
    });
  }
  ~Sealed() { sealer_.Forget(listener_); }

  // Returns when a position beyond `known` was sealed, at the latest after `limit`.
  bool Wait(int64_t known, absl::Duration limit) {
    auto moved = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return position_ > known; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&moved), limit);
  }

 private:
  journal::Sealer& sealer_;
  int listener_;
  absl::Mutex mutex_;
  int64_t position_ ABSL_GUARDED_BY(mutex_) = 0;
};

absl::StatusOr<int> PageSize(int requested) {
  if (requested < 0) {
    return rpc::InvalidField("page_size", COMMON_REASON_INVALID_PAGE_SIZE, "must not be negative");
  }
  return requested == 0 ? kDefaultPage : std::min(requested, kGreatestPage);
}

absl::Status CheckPosition(int64_t position) {
  if (position >= 0) return absl::OkStatus();
  return rpc::InvalidField("after_position", COMMON_REASON_OUT_OF_RANGE, "must not be negative");
}

class FeedService {
 public:
  FeedService(pg::Pool& pool, journal::Sealer& sealer, const resource::Engine& engine,
              std::string key)
      : pool_(pool), sealer_(sealer), engine_(engine), key_(std::move(key)), sealed_(sealer) {}

  absl::Status PullChanges(rpc::Call& call, const v1::PullChangesRequest& request,
                           v1::PullChangesResponse* response);
  absl::Status StreamChanges(rpc::Call& call, const v1::StreamChangesRequest& request,
                             rpc::Writer<v1::StreamChangesResponse>& writer);
  absl::Status PullSnapshot(rpc::Call& call, const v1::PullSnapshotRequest& request,
                            v1::PullSnapshotResponse* response);
  absl::Status GetFeedState(rpc::Call& call, const v1::GetFeedStateRequest& request,
                            v1::FeedState* response);
  absl::Status VerifyJournal(rpc::Call& call, const v1::VerifyJournalRequest& request,
                             v1::VerifyJournalResponse* response);

 private:
  absl::Status Read(const rpc::Call& call, const std::string& scopes,
                    const std::function<absl::Status(pg::Tx&)>& body) {
    auto options = call.ReadTx();
    options.scopes = scopes;
    // The ends of the journal, the place's check and the rows are of one moment: rows pruned
    // between two statements would be passed over in silence.
    options.isolation = pg::Isolation::kRepeatableRead;
    options.deadline = std::min(options.deadline, absl::Now() + kReadLimit);
    return pool_.Run(options, body);
  }

  absl::StatusOr<v1::StreamChangesResponse> ReadBatch(const rpc::Call& call, const Reader& reader,
                                                      const Place& place);

  pg::Pool& pool_;
  journal::Sealer& sealer_;
  const resource::Engine& engine_;
  const std::string key_;
  Sealed sealed_;
};

absl::Status FeedService::PullChanges(rpc::Call& call, const v1::PullChangesRequest& request,
                                      v1::PullChangesResponse* response) {
  if (auto status = CheckPosition(request.after_position()); !status.ok()) return status;
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const auto reader = MakeReader(call.identity(), request.selector(), engine_);
  if (!reader.ok()) return reader.status();
  if (auto status = CheckSelection(*reader, request.selection()); !status.ok()) return status;
  const Place place{request.epoch(), request.after_position(), request.after_hash()};
  return Read(call, reader->scopes, [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto ends = ReadEnds(tx);
    if (!ends.ok()) return ends.status();
    if (auto status = CheckPlace(tx, *ends, place); !status.ok()) return status;
    auto next = ReadChanges(tx, engine_, *reader, place.position, ends->sealed, *size,
                            response->mutable_changes());
    if (!next.ok()) return next.status();
    response->set_epoch(next->epoch);
    response->set_next_position(next->position);
    response->set_next_hash(next->hash);
    response->set_oldest_position(ends->oldest);
    response->set_sealed_position(ends->sealed.position);
    response->set_selection(reader->selection);
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::StreamChangesResponse> FeedService::ReadBatch(const rpc::Call& call,
                                                                 const Reader& reader,
                                                                 const Place& place) {
  v1::StreamChangesResponse batch;
  auto status = Read(call, reader.scopes, [&](pg::Tx& tx) -> absl::Status {
    batch.Clear();
    auto ends = ReadEnds(tx);
    if (!ends.ok()) return ends.status();
    if (auto checked = CheckPlace(tx, *ends, place); !checked.ok()) return checked;
    auto next = ReadChanges(tx, engine_, reader, place.position, ends->sealed, kStreamPage,
                            batch.mutable_changes());
    if (!next.ok()) return next.status();
    batch.set_epoch(next->epoch);
    batch.set_next_position(next->position);
    batch.set_next_hash(next->hash);
    batch.set_sealed_position(ends->sealed.position);
    batch.set_selection(reader.selection);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return batch;
}

absl::Status FeedService::StreamChanges(rpc::Call& call, const v1::StreamChangesRequest& request,
                                        rpc::Writer<v1::StreamChangesResponse>& writer) {
  if (auto status = CheckPosition(request.after_position()); !status.ok()) return status;
  const auto reader = MakeReader(call.identity(), request.selector(), engine_);
  if (!reader.ok()) return reader.status();
  if (auto status = CheckSelection(*reader, request.selection()); !status.ok()) return status;
  Place place{request.epoch(), request.after_position(), request.after_hash()};
  absl::Time heartbeat = absl::InfinitePast();
  int64_t told = -1;  // position of the last message
  std::future<absl::StatusOr<v1::StreamChangesResponse>> ahead;
  while (!call.cancelled()) {
    const auto batch = ahead.valid() ? ahead.get() : ReadBatch(call, *reader, place);
    if (!batch.ok()) return batch.status();
    place = {batch->epoch(), batch->next_position(), batch->next_hash()};
    const bool more = place.position < batch->sealed_position();
    if (more) {  // is read while this batch is packed and sent
      ahead = std::async(std::launch::async,
                         [this, &call, &reader, place] { return ReadBatch(call, *reader, place); });
    }
    const absl::Time now = absl::Now();
    // Positions whose changes the selector leaves out are told too, but not each by itself.
    const bool passed = place.position != told && now >= heartbeat - kHeartbeat + kPassing;
    if (batch->changes_size() > 0 || passed || now >= heartbeat) {
      if (!writer.Write(*batch)) return absl::OkStatus();
      heartbeat = absl::Now() + kHeartbeat;
      told = place.position;
    }
    if (more) continue;
    const absl::Time poll = now + (place.position == told ? kHeartbeat : kPassing);
    while (!call.cancelled() && absl::Now() < poll && !sealed_.Wait(place.position, kLook)) {
    }
  }
  return absl::OkStatus();
}

absl::Status FeedService::PullSnapshot(rpc::Call& call, const v1::PullSnapshotRequest& request,
                                       v1::PullSnapshotResponse* response) {
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const auto reader = MakeReader(call.identity(), request.selector(), engine_);
  if (!reader.ok()) return reader.status();
  SnapshotPlace from;
  if (!request.page_token().empty()) {
    auto opened = OpenToken(request.page_token(), *reader, key_);
    if (!opened.ok()) return opened.status();
    from = *std::move(opened);
  }
  return Read(call, reader->scopes, [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    SnapshotPlace place = from;
    // What is sealed at the first page is in the rows; the tail brings what later pages show newer.
    auto ends = ReadEnds(tx);
    if (!ends.ok()) return ends.status();
    if (place.began.epoch.empty()) place.began = ends->sealed;
    if (auto status = CheckPlace(tx, *ends, place.began); !status.ok()) return status;
    auto more = ReadSnapshot(tx, engine_, *reader, *size, place, response->mutable_resources());
    if (!more.ok()) return more.status();
    if (*more) response->set_next_page_token(SealToken(place, *reader, key_));
    response->set_epoch(place.began.epoch);
    response->set_position(place.began.position);
    response->set_next_hash(place.began.hash);
    response->set_selection(reader->selection);
    return absl::OkStatus();
  });
}

absl::Status FeedService::GetFeedState(rpc::Call& call, const v1::GetFeedStateRequest&,
                                       v1::FeedState* response) {
  const auto reader = MakeReader(call.identity(), {}, engine_);
  if (!reader.ok()) return reader.status();
  // Whoever waits for this position waits for all that was committed before the call. A transaction
  // that holds the horizon may keep some of it back: the lag then says so.
  (void)sealer_.Flush(kFlushLimit);
  return Read(call, reader->scopes, [&](pg::Tx& tx) -> absl::Status {
    auto ends = ReadEnds(tx);
    if (!ends.ok()) return ends.status();
    response->set_epoch(ends->sealed.epoch);
    response->set_oldest_position(ends->oldest);
    response->set_sealed_position(ends->sealed.position);
    response->set_chain_hash(absl::BytesToHexString(ends->sealed.hash));
    response->set_lag_millis(absl::ToInt64Milliseconds(sealer_.state().lag));
    return absl::OkStatus();
  });
}

absl::Status FeedService::VerifyJournal(rpc::Call& call, const v1::VerifyJournalRequest& request,
                                        v1::VerifyJournalResponse* response) {
  if (request.from_position() < 0 || request.to_position() < 0) {
    return rpc::InvalidField(request.from_position() < 0 ? "from_position" : "to_position",
                             COMMON_REASON_OUT_OF_RANGE, "must not be negative");
  }
  if (!call.identity().CoversAll()) {
    return rpc::Error(absl::StatusCode::kPermissionDenied, COMMON_REASON_PERMISSION_DENIED,
                      "the chain runs through all regions: verification needs every scope");
  }
  auto options = call.ReadTx();
  options.scopes = "*";
  auto found = journal::Verify(pool_, options, request.from_position(), request.to_position());
  if (!found.ok()) return found.status();
  response->set_checked_rows(found->checked_rows);
  for (const int64_t position : found->broken_positions) response->add_broken_positions(position);
  response->set_chain_hash(absl::BytesToHexString(found->chain_hash));
  return absl::OkStatus();
}

}  // namespace

void ServeFeed(rpc::Server& server, pg::Pool& pool, journal::Sealer& sealer,
               const resource::Engine& engine, const std::string& token_key) {
  const auto feed = std::make_shared<FeedService>(pool, sealer, engine, token_key);
  const std::string name = "rsnms.feed.v1.ChangeFeed/";
  server.Serve(v1::FeedState::descriptor()->file()->FindServiceByName("ChangeFeed"));
  server.Unary<v1::PullChangesRequest, v1::PullChangesResponse>(
      name + "PullChanges", [feed](rpc::Call& call, const auto& request, auto* response) {
        return feed->PullChanges(call, request, response);
      });
  server.ServerStream<v1::StreamChangesRequest, v1::StreamChangesResponse>(
      name + "StreamChanges", [feed](rpc::Call& call, const auto& request, auto& writer) {
        return feed->StreamChanges(call, request, writer);
      });
  server.Unary<v1::PullSnapshotRequest, v1::PullSnapshotResponse>(
      name + "PullSnapshot", [feed](rpc::Call& call, const auto& request, auto* response) {
        return feed->PullSnapshot(call, request, response);
      });
  server.Unary<v1::GetFeedStateRequest, v1::FeedState>(
      name + "GetFeedState", [feed](rpc::Call& call, const auto& request, auto* response) {
        return feed->GetFeedState(call, request, response);
      });
  server.Unary<v1::VerifyJournalRequest, v1::VerifyJournalResponse>(
      name + "VerifyJournal", [feed](rpc::Call& call, const auto& request, auto* response) {
        return feed->VerifyJournal(call, request, response);
      });
}

}  // namespace rsnms::feed
