#include "services/diagnostics/route_learning.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

namespace rsnms::diagnostics {
namespace {

using Item = v1::RouteItem;

bool Open(const Item& item) {
  return item.state() == Item::STATE_PLANNED || item.state() == Item::STATE_UNSPECIFIED;
}

bool Ended(const v1::Route& route) {
  return route.state() == v1::Route::STATE_COMPLETED || route.state() == v1::Route::STATE_CLOSED;
}

bool Followed(const v1::Route& route) {
  return route.state() == v1::Route::STATE_APPROVED || route.state() == v1::Route::STATE_ACTIVE ||
         route.state() == v1::Route::STATE_PAUSED;
}

auto Key(const google::type::Date& day) {
  return std::make_tuple(day.year(), day.month(), day.day());
}

// Indices of the items that `number` and `programme` may mean, the likeliest first.
std::vector<int> Meant(const v1::Route& route, int number, std::string_view programme) {
  const int given = number - 1;
  const bool exists = given >= 0 && given < route.items_size();
  std::vector<int> out;
  if (!programme.empty()) {
    if (exists && route.items(given).programme() == programme) out.push_back(given);
    for (int i = 0; i < route.items_size(); ++i) {
      if (route.items(i).programme() == programme && (out.empty() || out[0] != i)) out.push_back(i);
    }
  }
  const bool fits =
      exists && (!programme.empty() || route.items(given).kind() != v1::ROUTE_ITEM_KIND_PROGRAMME);
  if (out.empty() && fits) out.push_back(given);
  return out;
}

// The greater serves.
int Rank(const KnownLearning& learning) {
  switch (learning.state) {
    case Item::LEARNING_COMPLETED:
      return 10;
    case Item::LEARNING_IN_PROGRESS:
      return 9;
    case Item::LEARNING_ENROLLED:
      return 8;
    case Item::LEARNING_DEFERRED:
      return 7;
    case Item::LEARNING_APPLIED:
      return 6;
    case Item::LEARNING_WAITING:
      return 5;
    case Item::LEARNING_FAILED:
    case Item::LEARNING_WITHDRAWN:
      return 3;  // the later of them
    case Item::LEARNING_TRANSFERRED:
      return learning.next == Continuation::kUnknown ? 4
             : learning.next == Continuation::kVoid  ? 3
                                                     : 2;
    default:
      return 0;
  }
}

bool Living(const KnownLearning& learning) { return Rank(learning) < 10 && Rank(learning) > 3; }

bool Serves(const KnownLearning& a, const KnownLearning* b) {
  const auto key = [](const KnownLearning& l) {
    return std::make_tuple(Rank(l), l.changed_millis, std::string_view(l.enrolment));
  };
  return b == nullptr || key(a) > key(*b);
}

// The learning that serves each item; null: none.
std::vector<const KnownLearning*> Serving(const Known& known, const v1::Route& route) {
  std::vector<const KnownLearning*> serving(route.items_size());
  for (const KnownLearning& learning : known.learning) {
    if (Rank(learning) == 0) continue;
    const auto meant = Meant(route, learning.item_number, learning.programme);
    if (!meant.empty() && Serves(learning, serving[meant[0]])) serving[meant[0]] = &learning;
  }
  return serving;
}

// Whether each item lost an outcome that could have closed it.
std::vector<bool> Voided(const Known& known, const v1::Route& route) {
  std::vector<bool> voided(route.items_size());
  for (const KnownOutcome& outcome : known.outcomes) {
    if (!outcome.voided) continue;
    const auto meant = Meant(route, outcome.item_number, outcome.programme);
    if (!meant.empty()) voided[meant[0]] = true;
  }
  return voided;
}

// Whether somebody learns for each item by another programme that is offered.
std::vector<bool> ServedOtherwise(const Known& known, const v1::Route& route) {
  std::vector<bool> served(route.items_size());
  for (const KnownLearning& learning : known.learning) {
    if (!Living(learning) || known.withdrawn.contains(learning.programme)) continue;
    const auto meant = Meant(route, learning.item_number, learning.programme);
    if (meant.empty() || route.items(meant[0]).programme() == learning.programme) continue;
    served[meant[0]] = true;
  }
  return served;
}

void Judge(const Known& known, const KnownLearning* serving, bool voided, bool served_otherwise,
           Item& item) {
  if (!item.programme().empty() && known.withdrawn.contains(item.programme()) &&
      !served_otherwise) {
    item.add_attention(Item::ATTENTION_PROGRAMME_WITHDRAWN);
  }
  if (voided && (serving == nullptr || !Living(*serving))) {
    item.add_attention(Item::ATTENTION_COMPLETION_VOIDED);
  }
  if (serving == nullptr) return;
  if (serving->state == Item::LEARNING_FAILED) {
    item.add_attention(Item::ATTENTION_LEARNING_FAILED);
  } else if (serving->state == Item::LEARNING_WITHDRAWN ||
             (serving->state == Item::LEARNING_TRANSFERRED &&
              serving->next == Continuation::kVoid)) {
    item.add_attention(Item::ATTENTION_LEARNING_WITHDRAWN);
  }
}

void Close(const KnownOutcome& outcome, Item& item) {
  item.set_state(Item::STATE_DONE);
  item.set_completion(outcome.name);
  *item.mutable_done_date() = outcome.day;
}

// The outcome that closes each item, the earliest first; null: none. Items dropped, done by hand or
// closed by an outcome nobody told of are not to be had.
std::vector<const KnownOutcome*> Closing(const Known& known, const v1::Route& route) {
  std::set<std::string_view> told;
  std::vector<const KnownOutcome*> valid;
  for (const KnownOutcome& outcome : known.outcomes) {
    told.insert(outcome.name);
    if (!outcome.voided && !outcome.foreign) valid.push_back(&outcome);
  }
  std::sort(valid.begin(), valid.end(), [](const KnownOutcome* a, const KnownOutcome* b) {
    return std::make_tuple(Key(a->day), std::string_view(a->name)) <
           std::make_tuple(Key(b->day), std::string_view(b->name));
  });
  std::vector<const KnownOutcome*> closing(route.items_size());
  for (const KnownOutcome* outcome : valid) {
    for (const int i : Meant(route, outcome->item_number, outcome->programme)) {
      const Item& item = route.items(i);
      if (closing[i] != nullptr || item.state() == Item::STATE_DROPPED) continue;
      if (item.state() == Item::STATE_DONE && !told.contains(item.completion())) continue;
      closing[i] = outcome;
      break;
    }
  }
  return closing;
}

}  // namespace

void ClearLearning(v1::Route& route) {
  for (auto& item : *route.mutable_items()) {
    item.clear_enrolment();
    item.clear_learning_state();
    item.clear_learning_changed_date();
    item.clear_attention();
  }
  route.clear_needs_attention();
}

void DeriveLearning(const Known& known, v1::Route& route) {
  ClearLearning(route);
  const auto serving = Serving(known, route);
  const auto voided = Voided(known, route);
  const auto otherwise = ServedOtherwise(known, route);
  for (int i = 0; i < route.items_size(); ++i) {
    Item& item = *route.mutable_items(i);
    if (serving[i] != nullptr) {
      item.set_enrolment(serving[i]->enrolment);
      item.set_learning_state(serving[i]->state);
      if (serving[i]->changed.year() > 0) {
        *item.mutable_learning_changed_date() = serving[i]->changed;
      }
    }
    if (Ended(route) || !Open(item)) continue;
    Judge(known, serving[i], voided[i], otherwise[i], item);
    if (item.attention_size() > 0) route.set_needs_attention(true);
  }
}

bool MarkItems(const Known& known, v1::Route& route) {
  if (!Followed(route) && route.state() != v1::Route::STATE_COMPLETED) return false;
  const auto closing = Closing(known, route);
  bool changed = false;
  for (int i = 0; i < route.items_size(); ++i) {
    Item& item = *route.mutable_items(i);
    if (closing[i] != nullptr) {
      if (item.state() == Item::STATE_DONE && item.completion() == closing[i]->name) continue;
      Close(*closing[i], item);
      changed = true;
      continue;
    }
    // Known, and it closes nothing, or another item.
    const bool lost = item.state() == Item::STATE_DONE &&
                      std::any_of(known.outcomes.begin(), known.outcomes.end(),
                                  [&](const auto& o) { return o.name == item.completion(); });
    if (!lost) continue;
    item.set_state(Item::STATE_PLANNED);
    item.clear_completion();
    item.clear_done_date();
    changed = true;
  }
  return changed;
}

bool LostAnOutcome(const Known& known, const v1::Route& route) {
  return std::any_of(known.outcomes.begin(), known.outcomes.end(), [&](const auto& outcome) {
    return outcome.voided &&
           std::any_of(route.items().begin(), route.items().end(), [&](const Item& item) {
             return item.state() == Item::STATE_DONE && item.completion() == outcome.name;
           });
  });
}

std::vector<std::string> PlannedProgrammes(const v1::Route& route) {
  std::set<std::string> out;
  if (Ended(route)) return {};
  for (const auto& item : route.items()) {
    if (Open(item) && !item.programme().empty()) out.insert(item.programme());
  }
  return {out.begin(), out.end()};
}

}  // namespace rsnms::diagnostics
