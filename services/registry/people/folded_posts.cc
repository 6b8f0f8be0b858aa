#include "services/registry/people/folded_posts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Lock;
using resource::Table;
using v1::Employment;
using v1::FoldedEmployment;
using v1::PersonMerge;

Period SpanOf(const Employment& post) {
  return PeriodOf(post.start_date(), post.has_end_date() ? &post.end_date() : nullptr);
}

int64_t Days(const Employment& post) {
  constexpr int64_t kOpen = 1'000'000;
  const Period period = SpanOf(post);
  return std::min(period.last, kOpen) - period.first;
}

absl::StatusOr<std::vector<Employment>> PostsOf(pg::Tx& tx, resource::Engine& engine,
                                                const std::string& person) {
  return Table<Employment>(engine).Select(
      tx,
      "region_code = $1 AND person_id = $2::uuid AND delete_time IS NULL ORDER BY start_date, id "
      "FOR UPDATE",
      RegionOf(person), IdOf(person));
}

// A note whose two employments are now of different people.
struct Loose {
  Employment post;
  size_t merge;  // its place among the merges
  int note;      // its place among that merge's notes
};

class Unfolding {
 public:
  Unfolding(pg::Tx& tx, resource::Engine& engine, const journal::Author& author)
      : tx_(tx), engine_(engine), author_(author), posts_(engine), merges_(engine) {}

  absl::Status Run(const std::vector<std::string>& people, const std::string& ended) {
    std::vector<std::string> names(people);
    auto merges =
        merges_.Select(tx_,
                       "region_code = $1 AND duplicate = ANY($2::text[]) AND state = 'MERGED' "
                       "AND jsonb_array_length(folded_employments) > 0 ORDER BY id FOR UPDATE",
                       RegionOf(ended), names);
    if (!merges.ok()) return merges.status();
    before_ = *std::move(merges);
    after_ = before_;
    for (size_t i = 0; i < after_.size(); ++i) {
      if (auto s = FindLoose(i); !s.ok()) return s;
    }
    // The widest first: it may keep the others.
    std::sort(loose_.begin(), loose_.end(), [](const Loose& a, const Loose& b) {
      return std::tuple(-Days(a.post), a.post.name()) < std::tuple(-Days(b.post), b.post.name());
    });
    for (const Loose& loose : loose_) {
      if (auto s = Settle(loose, before_[loose.merge].name() == ended); !s.ok()) return s;
    }
    return Write(ended);
  }

 private:
  absl::Status FindLoose(size_t merge) {
    for (int i = 0; i < after_[merge].folded_employments_size(); ++i) {
      auto& note = *after_[merge].mutable_folded_employments(i);
      auto post = posts_.Get(tx_, note.employment(), Lock::kUpdate);
      if (!post.ok()) return post.status();
      auto kept = posts_.Get(tx_, note.kept());
      if (!kept.ok()) return kept.status();
      if (!post->has_delete_time()) {
        note.Clear();  // somebody brought it back
      } else if (post->person() != kept->person()) {
        loose_.push_back({*std::move(post), merge, i});
      }
    }
    return absl::OkStatus();
  }

  absl::Status Settle(const Loose& loose, bool ends) {
    FoldedEmployment& note = *after_[loose.merge].mutable_folded_employments(loose.note);
    if (!ends) {
      auto others = PostsOf(tx_, engine_, loose.post.person());
      if (!others.ok()) return others.status();
      for (const Employment& other : *others) {
        if (!SaysAll(other, loose.post)) continue;
        note.set_kept(other.name());
        return absl::OkStatus();
      }
    }
    note.Clear();
    auto back = posts_.Undelete(tx_, author_, loose.post);
    if (!absl::IsFailedPrecondition(back) && !absl::IsAlreadyExists(back)) return back;
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_MERGE_CONFLICT,
                      absl::StrCat("an employment cannot come back: ", loose.post.name()))
        .With("resource", loose.post.name());
  }

  absl::Status Write(const std::string& ended) {
    for (size_t i = 0; i < after_.size(); ++i) {
      auto& notes = *after_[i].mutable_folded_employments();
      notes.erase(std::remove_if(notes.begin(), notes.end(),
                                 [](const auto& note) { return note.employment().empty(); }),
                  notes.end());
      if (after_[i].name() == ended ||
          google::protobuf::util::MessageDifferencer::Equals(before_[i], after_[i])) {
        continue;
      }
      if (auto s = merges_.Update(tx_, author_, before_[i], after_[i]); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  pg::Tx& tx_;
  resource::Engine& engine_;
  const journal::Author& author_;
  const Table<Employment> posts_;
  const Table<PersonMerge> merges_;
  std::vector<PersonMerge> before_, after_;
  std::vector<Loose> loose_;
};

}  // namespace

bool SaysAll(const Employment& kept, const Employment& folded) {
  if (kept.organisation() != folded.organisation() || kept.category() != folded.category() ||
      kept.post_code() != folded.post_code() || kept.main() != folded.main()) {
    return false;
  }
  const Period mine = SpanOf(kept), its = SpanOf(folded);
  if (kept.main()) return mine.first <= its.first && its.last <= mine.last;
  Employment a = kept, b = folded;
  for (Employment* post : {&a, &b}) {
    post->clear_name();
    post->clear_person();
    post->clear_etag();
    post->clear_create_time();
    post->clear_update_time();
    post->clear_delete_time();
  }
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

absl::StatusOr<std::vector<FoldedEmployment>> FoldEmployments(pg::Tx& tx, resource::Engine& engine,
                                                              const journal::Author& author,
                                                              const std::string& survivor,
                                                              const std::string& duplicate) {
  auto own = PostsOf(tx, engine, survivor);
  if (!own.ok()) return own.status();
  auto other = PostsOf(tx, engine, duplicate);
  if (!other.ok()) return other.status();
  const Table<Employment> posts(engine);
  std::vector<FoldedEmployment> notes;
  const auto fold = [&](std::vector<Employment>& from, const std::vector<Employment>& into) {
    for (auto it = from.begin(); it != from.end();) {
      const auto kept = std::find_if(into.begin(), into.end(),
                                     [&](const auto& post) { return SaysAll(post, *it); });
      if (kept == into.end()) {
        ++it;
        continue;
      }
      if (auto s = posts.Delete(tx, author, *it); !s.ok()) return s;
      auto& note = notes.emplace_back();
      note.set_employment(it->name());
      note.set_kept(kept->name());
      it = from.erase(it);
    }
    return absl::OkStatus();
  };
  if (auto s = fold(*other, *own); !s.ok()) return s;
  if (auto s = fold(*own, *other); !s.ok()) return s;
  return notes;
}

absl::Status UnfoldEmployments(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
                               const std::vector<std::string>& people, const PersonMerge& ended) {
  return Unfolding(tx, engine, author).Run(people, ended.name());
}

}  // namespace rsnms::registry
