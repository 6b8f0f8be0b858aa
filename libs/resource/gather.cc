#include "libs/resource/gather.h"

#include <algorithm>

#include "libs/resource/access_log.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

constexpr size_t kMaxBatch = 256;

}  // namespace

Gatherer::Gatherer(pg::Pool* pool, int lanes) : pool_(pool) {
  for (int i = 0; i < std::max(1, lanes); ++i) lanes_.emplace_back([this] { Lane(); });
}

Gatherer::~Gatherer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    wake_.SignalAll();
  }
  for (auto& lane : lanes_) lane.join();
}

void Gatherer::Get(const Store& store, std::string_view region, std::string_view id,
                   std::shared_ptr<rpc::Call> call, Message* response, rpc::Server::Done done) {
  Key key{&store, std::string(region), call->identity().ScopesSetting()};
  absl::MutexLock lock(&mutex_);
  Batch& batch = batches_[key];
  if (batch.empty()) ready_.push_back(std::move(key));
  batch.push_back({std::string(id), std::move(call), response, std::move(done)});
  if (idle_ > 0) wake_.Signal();
}

void Gatherer::Lane() {
  for (;;) {
    Key key;
    Batch batch;
    {
      absl::MutexLock lock(&mutex_);
      while (ready_.empty() && !stopping_) {
        ++idle_;
        wake_.Wait(&mutex_);
        --idle_;
      }
      if (ready_.empty()) return;
      key = std::move(ready_.front());
      ready_.pop_front();
      const auto it = batches_.find(key);
      batch = std::move(it->second);
      batches_.erase(it);
      if (batch.size() > kMaxBatch) {
        Batch& rest = batches_[key];
        rest.assign(std::make_move_iterator(batch.begin() + kMaxBatch),
                    std::make_move_iterator(batch.end()));
        batch.resize(kMaxBatch);
        ready_.push_back(key);
      }
    }
    Answer(key, batch);
  }
}

void Gatherer::Answer(const Key& key, Batch& batch) {
  const auto& [store, region, scopes] = key;
  pg::TxOptions options;
  options.scopes = scopes;
  options.read_only = !store->type().personal();
  options.deadline = absl::InfinitePast();
  absl::flat_hash_map<std::string, std::vector<size_t>> waiters;
  for (size_t i = 0; i < batch.size(); ++i) {
    options.deadline = std::max(options.deadline, batch[i].call->deadline());
    waiters[batch[i].id].push_back(i);
  }
  std::vector<std::string> ids;
  ids.reserve(waiters.size());
  for (const auto& [id, list] : waiters) ids.push_back(id);
  std::sort(ids.begin(), ids.end());

  const Type& type = store->type();
  std::vector<absl::Status> answers(batch.size());
  const auto fill = [&](const pqxx::result& rows, AccessLog* log) {
    for (auto& answer : answers) answer = absl::NotFoundError("");
    for (const auto& row : rows) {
      const auto it = waiters.find(row[1].c_str());
      if (it == waiters.end()) continue;
      for (size_t i : it->second) {
        answers[i] = DecodeRow(type, row, batch[i].response);
        log->Add(*batch[i].call, region, it->first);
      }
    }
  };
  const auto params = pg::Params::Of(region, ids);
  absl::Status status;
  if (!type.personal()) {
    AccessLog none(type);
    auto rows = pool_->Read(options, store->sql().get, params);
    status = rows.status();
    if (rows.ok()) fill(*rows, &none);
  } else {
    status = pool_->Run(options, [&](pg::Tx& tx) -> absl::Status {
      AccessLog log(type);
      auto rows = tx.Query(store->sql().get, params);
      if (!rows.ok()) return rows.status();
      fill(*rows, &log);
      return log.Write(tx);
    });
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    absl::Status answer = status.ok() ? answers[i] : status;
    if (!answer.ok()) batch[i].response->Clear();
    if (status.ok() && absl::IsNotFound(answer)) {
      answer = store->NotFound(type.pattern().Format(region, batch[i].id));
    }
    batch[i].done(std::move(answer));
  }
}

}  // namespace rsnms::resource
