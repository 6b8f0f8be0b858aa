// Activities of an invented region: stories played step by step, staff and attachments imported.
#include "tools/demo/activities.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/registry/v1/asset_regulation.pb.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;

// How many stories are told at a time: a story waits for the answer to each of its steps, so one
// after the other they would mostly wait.
constexpr int kTellers = 6;

using Telling = std::function<demo::Story()>;

const google::protobuf::Descriptor* AnswerOf(const std::string& method) {
  const size_t slash = method.find('/');
  return google::protobuf::DescriptorPool::generated_pool()
      ->FindServiceByName(method.substr(0, slash))
      ->FindMethodByName(method.substr(slash + 1))
      ->output_type();
}

// Plays stories and counts what they create.
class Player {
 public:
  Player(Session& session, const std::string& title, int64_t total)
      : session_(session), client_(session.client("registry")), progress_(title, total) {}

  // Stories that do not need each other, in any order; the first failure ends them.
  absl::Status PlayAll(const std::vector<Telling>& stories) {
    std::atomic<size_t> next = 0;
    absl::Status failure;
    const auto tell = [&] {
      for (size_t i = next++; i < stories.size(); i = next++) {
        const auto status = Play(stories[i]());
        if (status.ok()) continue;
        next = stories.size();
        const std::lock_guard lock(mutex_);
        failure.Update(status);
      }
    };
    std::vector<std::thread> tellers;
    for (int i = 0; i < kTellers; ++i) tellers.emplace_back(tell);
    for (auto& teller : tellers) teller.join();
    return failure;
  }
  const ActivityCounts& counts() const { return counts_; }

 private:
  // A story told before, and told long ago at that, is not told again: its beginning is found, and
  // what it went on to is past.
  absl::Status Play(const demo::Story& story) {
    bool told = false;
    for (const demo::Step& step : story) {
      const auto answer = NewMessage(AnswerOf(step.method));
      const auto status =
          client_.Unary(step.method, *step.request, answer.get(), session_.deadline());
      told = told || (&step == story.data() && absl::IsAlreadyExists(status));
      if (!status.ok() && !told) return status;
    }
    const std::lock_guard lock(mutex_);
    for (const demo::Step& step : story) {
      if (!step.created.empty()) ++counts_[step.created];
    }
    progress_.Set(++played_);
    return absl::OkStatus();
  }

  Session& session_;
  rpc::Client& client_;
  std::mutex mutex_;  // guards what follows
  Progress progress_;
  int64_t played_ = 0;
  ActivityCounts counts_;
};

// Everybody with a completed programme.
absl::StatusOr<absl::flat_hash_set<std::string>> Learned(Session& session,
                                                         const std::string& parent) {
  programs::v1::ListCompletionsRequest list;
  list.set_parent(parent);
  absl::flat_hash_set<std::string> people;
  const auto status =
      ForEachPage<programs::v1::ListCompletionsRequest, programs::v1::ListCompletionsResponse>(
          session, "rsnms.programs.v1.Programs/ListCompletions", list, [&](const auto& page) {
            for (const auto& completion : page.completions()) people.insert(completion.person());
            return absl::OkStatus();
          });
  if (!status.ok()) return status;
  return people;
}

// The region's own regulation of the asset, if it has one, is kept.
absl::StatusOr<bool> IsRegulated(Session& session, const std::string& parent) {
  registry::v1::ListAssetRegulationsRequest list;
  list.set_parent(parent);
  list.set_page_size(1);
  registry::v1::ListAssetRegulationsResponse page;
  auto status = session.Call("rsnms.registry.v1.Asset/ListAssetRegulations", list, &page);
  if (!status.ok()) return status;
  return page.asset_regulations_size() > 0;
}

template <class R>
absl::Status Send(Session& session, const std::string& parent, const char* collection,
                  const char* title, const demo::Stream<R>& stream, ActivityCounts* counts) {
  options::v1::ImportHeader header;
  header.set_parent(parent);
  header.set_mode(options::v1::IMPORT_MODE_ALL_OR_NOTHING);
  header.set_request_id(NewRequestId());
  const auto report = Import(session, collection, header, title, 0,
                             [&](Message* message) { return stream(static_cast<R*>(message)); });
  if (!report.ok()) return report.status();
  PrintRejected(*report);
  Loaded loaded;
  loaded.Add(*report);
  if (loaded.rejected > 0)
    return absl::FailedPreconditionError(absl::StrCat("не загружено: ", title));
  (*counts)[collection] = loaded.total();
  return absl::OkStatus();
}

// True of kinds whose stories cite other kinds'.
bool ComesLater(demo::Activity kind) {
  return kind == demo::Activity::kAppointment || kind == demo::Activity::kSite ||
         kind == demo::Activity::kPractice;
}

absl::Status PlayStories(Player& player, const demo::Activities& activities, bool regulated,
                         const std::vector<int64_t>& methodologists) {
  std::vector<Telling> first, later;
  for (const auto kind : demo::kActivities) {
    if (kind == demo::Activity::kRegulation && regulated) continue;
    for (int64_t i = 0; i < activities.Count(kind); ++i) {
      (ComesLater(kind) ? later : first).push_back([&activities, kind, i] {
        return activities.Tell(kind, i);
      });
    }
  }
  for (size_t i = 0; i < methodologists.size(); ++i) {
    later.push_back([&activities, i, person = methodologists[i]] {
      return activities.TellMethodologist(static_cast<int64_t>(i), person);
    });
  }
  if (auto s = player.PlayAll(first); !s.ok()) return s;
  return player.PlayAll(later);
}

}  // namespace

absl::StatusOr<ActivityCounts> LoadActivities(Session& session, const DemoOptions& options,
                                              int64_t limit) {
  const auto made = demo::Generator::Create(
      {.seed = options.seed, .educators = options.educators, .regions = {options.region}});
  if (!made.ok()) return made.status();
  const std::string parent = absl::StrCat("regions/", options.region);
  const demo::Activities activities(**made, 0, limit);
  const auto learned = Learned(session, parent);
  if (!learned.ok()) return learned.status();
  const auto regulated = IsRegulated(session, parent);
  if (!regulated.ok()) return regulated.status();
  const auto chosen = activities.ChooseMethodologists(
      [&](const std::string& person) { return learned->contains(person); });
  int64_t total = static_cast<int64_t>(chosen.size());
  for (const auto kind : demo::kActivities) total += activities.Count(kind);
  Player player(session, "Деятельность", total);
  if (auto s = PlayStories(player, activities, *regulated, chosen); !s.ok()) return s;
  ActivityCounts counts = player.counts();
  counts.erase("assetRegulations");  // the region's own, or this one
  if (auto s = Send<registry::v1::MmsStaffMember>(session, parent, "mmsStaffMembers",
                                                  "Работники методических служб",
                                                  activities.ServiceStaff(), &counts);
      !s.ok()) {
    return s;
  }
  if (auto s = Send<registry::v1::Attachment>(session, parent, "attachments",
                                              "Прикрепления к методистам",
                                              activities.Attachments(chosen), &counts);
      !s.ok()) {
    return s;
  }
  return counts;
}

}  // namespace rsnms::ctl
