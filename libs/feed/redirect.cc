#include "libs/feed/redirect.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "libs/observe/log.h"
#include "libs/resource/repoint.h"

namespace rsnms::feed {
namespace {

using google::protobuf::Message;

// What the image says the resource was merged into; empty when it was not, or cannot be read.
std::string MergedInto(const v1::Change& change, const std::string& field_name) {
  std::string type;
  if (!google::protobuf::Any::ParseAnyTypeUrl(change.image().type_url(), &type)) return "";
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return "";
  const auto* field = descriptor->FindFieldByName(field_name);
  const std::unique_ptr<Message> image(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (field == nullptr || !image->ParseFromString(change.image().value())) return "";
  return image->GetReflection()->GetString(*image, field);
}

// Apply and look take turns, in all replicas.
constexpr char kSqlTurn[] =
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/redirects/' || $1, 0))";

// Brings references where they belong: of `among`, or all. A row that leaves may make room for
// another, so refused ones are asked again as long as rows move.
absl::Status Settle(pg::Tx& tx, const resource::Engine& engine, const Redirect& redirect,
                    const std::vector<std::string>* among, std::vector<std::string>* refused) {
  journal::Author author;
  author.subject = "system:redirects";
  for (bool moved = true; moved;) {
    moved = false;
    refused->clear();
    auto unsettled = resource::FindUnsettled(tx, engine, redirect.resource_type, among);
    if (!unsettled.ok()) return unsettled.status();
    // What returns goes first: nobody else's row takes its place.
    std::vector<std::pair<std::string, std::string>> moves(unsettled->begin(), unsettled->end());
    std::stable_partition(moves.begin(), moves.end(),
                          [](const auto& move) { return move.first == move.second; });
    for (const auto& [name, target] : moves) {
      auto done = resource::Repoint(tx, engine, author, redirect.resource_type, {name}, target);
      if (!done.ok()) return done.status();
      moved = moved || done->count > 0;
      refused->insert(refused->end(), done->refused.begin(), done->refused.end());
    }
    if (refused->empty()) break;
  }
  return absl::OkStatus();
}

// The consumer, and the looks beside it.
class Redirects : public Consumer {
 public:
  Redirects(resource::Engine& engine, Redirect redirect, std::unique_ptr<Consumer> consumer)
      : engine_(engine),
        redirect_(std::move(redirect)),
        consumer_(std::move(consumer)),
        looks_([this] { Loop(); }) {}
  ~Redirects() override {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    looks_.join();
  }
  State state() const override { return consumer_->state(); }
  absl::Status CatchUp(absl::Duration timeout) override { return consumer_->CatchUp(timeout); }

 private:
  void Loop() {
    absl::Duration pause = redirect_.look_every;
    while (!WaitUntilStopped(pause)) {
      if (consumer_->state().epoch.empty()) continue;  // not everything was heard yet
      const absl::Time start = absl::Now();
      pg::TxOptions options;
      options.scopes = "*";
      options.deadline = start + absl::Minutes(1);
      const auto status = engine_.pool().Run(
          options, [&](pg::Tx& tx) { return SettleRedirects(tx, engine_, redirect_); });
      if (!status.ok()) {
        observe::LogWarning("references to merged resources were not looked at",
                            {{"status", status.ToString()}});
      }
      pause = std::max(redirect_.look_every, 20 * (absl::Now() - start));
    }
  }
  bool WaitUntilStopped(absl::Duration limit) {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&stopping_), limit);
  }

  resource::Engine& engine_;
  const Redirect redirect_;
  const std::unique_ptr<Consumer> consumer_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread looks_;
};

}  // namespace

absl::Status ApplyRedirects(pg::Tx& tx, const resource::Engine& engine, const Redirect& redirect,
                            const std::vector<v1::Change>& changes) {
  std::map<std::string, std::string> targets;  // of the last change of each resource
  for (const auto& change : changes) {
    if (change.resource_type() != redirect.resource_type) continue;
    const std::string merged = MergedInto(change, redirect.field);
    targets[change.resource()] = merged.empty() ? change.resource() : merged;
  }
  if (targets.empty()) return absl::OkStatus();
  if (auto turn = tx.Query(kSqlTurn, redirect.resource_type); !turn.ok()) return turn.status();
  if (auto s = resource::RememberTargets(tx, redirect.resource_type, targets); !s.ok()) return s;
  std::vector<std::string> names, refused;
  for (const auto& [name, target] : targets) names.push_back(name);
  if (auto s = Settle(tx, engine, redirect, &names, &refused); !s.ok()) return s;
  for (const auto& row : refused) {
    observe::LogWarning("a reference keeps the name of a merged resource", {{"resource", row}});
  }
  return absl::OkStatus();
}

absl::Status SettleRedirects(pg::Tx& tx, const resource::Engine& engine, const Redirect& redirect) {
  if (auto turn = tx.Query(kSqlTurn, redirect.resource_type); !turn.ok()) return turn.status();
  std::vector<std::string> refused;
  return Settle(tx, engine, redirect, nullptr, &refused);
}

std::unique_ptr<Consumer> FollowRedirects(resource::Engine& engine,
                                          std::shared_ptr<rpc::Client> source, Redirect redirect) {
  ConsumerOptions options;
  options.name = "redirected";
  options.source = redirect.source;
  options.metrics = redirect.metrics;
  options.selector.add_resource_types(redirect.resource_type);
  auto consumer = Consumer::Start(
      &engine.pool(), std::move(source), options,
      [&engine, redirect](pg::Tx& tx, const std::vector<v1::Change>& changes) {
        return ApplyRedirects(tx, engine, redirect, changes);
      },
      [](pg::Tx&) { return absl::OkStatus(); });
  return std::make_unique<Redirects>(engine, std::move(redirect), std::move(consumer));
}

}  // namespace rsnms::feed
