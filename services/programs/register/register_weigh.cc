// How much would leave the register at once, and what people said of it.
#include "absl/container/flat_hash_map.h"
#include "services/programs/names.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {
namespace {

// Fresh entries that programmes have not been set against yet, by title and provider.
using Fresh = absl::flat_hash_map<std::string, int>;

// Takes one fresh entry for a programme that has lost its number; false when others took them all.
bool TakeFresh(const register_store::Leaving& programme, Fresh& fresh) {
  for (const auto& [key, count] : programme.fresh) {
    int& left = fresh.try_emplace(key, count).first->second;
    if (left == 0) continue;
    --left;
    return true;
  }
  return false;
}

}  // namespace

absl::Status RegisterMirror::Compare(const v1::RegisterSync& sync) {
  providers_.clear();  // the registry may have learnt of a body since the last run
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    const std::string confirmed = after.shrink_confirmed() ? after.shrink_sha256() : "";
    const bool word = after.shrink_confirmed();
    auto renumbered = Weigh(tx, after);
    if (!renumbered.ok()) return renumbered.status();
    auto ask = ToAsk(tx, after);
    if (!ask.ok()) return ask.status();
    // A person's word is about the programmes they were shown. What looks renumbered is shown when
    // the register has told which of it is withdrawn.
    const bool later = ask->missing && *renumbered > 0;
    after.set_shrink_confirmed(word && !later && after.shrink_sha256() == confirmed);
    if (later) {
      after.clear_cursor();
      after.set_phase(v1::RegisterSync::PHASE_VERIFYING);
      return absl::OkStatus();
    }
    return Proceed(tx,
                   ask->missing || ask->again ? v1::RegisterSync::PHASE_VERIFYING
                                              : v1::RegisterSync::PHASE_APPLYING,
                   word, after);
  });
}

absl::StatusOr<RegisterMirror::Questions> RegisterMirror::ToAsk(
    pg::Tx& tx, const v1::RegisterSync& sync) const {
  Questions questions;
  // A file is all there is: nobody can be asked about what it lacks. A part lacks nothing.
  if (sync.source() == v1::REGISTER_SOURCE_FILE ||
      sync.mode() == v1::RegisterSync::MODE_INCREMENTAL) {
    return questions;
  }
  auto missing = register_store::FindLeaving(tx, sync, register_store::Leave::kAsked, "", 1);
  if (!missing.ok()) return missing.status();
  auto again = register_store::AskedLongestAgo(tx, sync, 1);
  if (!again.ok()) return again.status();
  questions.missing = !missing->empty();
  questions.again = !again->empty() && options_.asked_again > 0;
  return questions;
}

absl::Status RegisterMirror::Verified(pg::Tx& tx, v1::RegisterSync& sync) const {
  const std::string confirmed = sync.shrink_sha256();
  const int most = sync.missing_count();
  const bool word = sync.shrink_confirmed();
  auto renumbered = Weigh(tx, sync);
  if (!renumbered.ok()) return renumbered.status();
  // A word given before the register was asked covers those of the same programmes that are left:
  // nothing looked renumbered then, so none can have joined them.
  const bool same = sync.shrink_sha256() == confirmed || sync.missing_count() < most;
  sync.set_shrink_confirmed(word && same);
  return Proceed(tx, v1::RegisterSync::PHASE_APPLYING, word, sync);
}

absl::StatusOr<int> RegisterMirror::Weigh(pg::Tx& tx, v1::RegisterSync& sync) const {
  using register_store::Leave;
  const bool whole = sync.mode() != v1::RegisterSync::MODE_INCREMENTAL;
  int leaving = 0, renumbered = 0;
  std::string digest;
  Fresh fresh;
  for (std::string last;;) {
    auto page = register_store::FindLeaving(tx, sync, whole ? Leave::kBoth : Leave::kNamed, last,
                                            options_.apply_batch);
    if (!page.ok()) return page.status();
    if (page->empty()) break;
    last = page->back().number;
    for (const register_store::Leaving& programme : *page) {
      if (TakeFresh(programme, fresh)) {
        ++renumbered;
        continue;
      }
      ++leaving;
      digest = Sha256Hex(Cat(digest, "/", programme.number));
    }
  }
  auto listed = register_store::CountListed(tx, sync);
  if (!listed.ok()) return listed.status();
  auto left = register_store::CountLeftBefore(tx, sync);
  if (!left.ok()) return left.status();
  sync.set_missing_count(leaving);
  sync.set_shrink_sha256(digest);
  sync.set_listed_before_count(static_cast<int>(*listed));
  sync.set_left_before_count(static_cast<int>(*left));
  return renumbered;
}

absl::Status RegisterMirror::Proceed(pg::Tx& tx, v1::RegisterSync::Phase next, bool word,
                                     v1::RegisterSync& sync) const {
  bool rejected = false;
  if (sync.missing_count() > 0 && !sync.shrink_confirmed()) {
    // A part of the register does not show the picture that was rejected, and would carry it out
    // piece by piece. The very picture stays rejected though the days weighed with it pass.
    auto before = sync.mode() == v1::RegisterSync::MODE_INCREMENTAL
                      ? register_store::RejectionHolds(tx, sync)
                      : register_store::RejectedBefore(tx, sync);
    if (!before.ok()) return before.status();
    rejected = *before;
  }
  const bool much = register_rules::ShrinksTooMuch({.leaving = sync.missing_count(),
                                                    .left = sync.left_before_count(),
                                                    .listed = sync.listed_before_count()},
                                                   sync.shrink_percent());
  if (sync.shrink_confirmed() || !(much || rejected)) {
    sync.clear_cursor();
    sync.set_phase(next);
    return absl::OkStatus();
  }
  // The run waits where it stands: what was asked by number is not asked again.
  if (rejected && !sync.ask_again() && !word) {
    End(sync, v1::RegisterSync::STATE_CANCELLED, "SHRINK_REJECTED_BEFORE");
  } else {
    sync.set_state(v1::RegisterSync::STATE_NEEDS_CONFIRMATION);
    sync.set_error_reason("REGISTER_SHRUNK");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs
