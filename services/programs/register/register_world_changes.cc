// What happens in the fault world between runs: to the register, and here.
#include "absl/strings/str_cat.h"
#include "services/programs/register/register_fields.h"
#include "services/programs/register/register_world.h"

namespace rsnms::programs {

void World::ChangeTheRegister(int changes) {
  for (int i = 0; i < changes; ++i) {
    const auto truth = reg().Truth();
    const auto& entry = DrawEntry(truth);
    const std::string number = entry.register_number();
    ++turn_;
    switch (Draw(10)) {
      case 0:
        if (anew_.contains(number)) break;
        if (entry.has_withdrawn_date() && Draw(2) == 0) {
          reg().Edit(number, [&](auto& e) { e.mutable_withdrawn_date()->set_day(1 + turn_ % 28); });
          break;
        }
        entry.has_withdrawn_date() ? reg().Restore(number) : reg().Withdraw(number);
        break;
      case 1: {
        // Of namesakes often several at once.
        const auto namesakes = NamesakesOf(entry);
        Renumber(entry);
        for (const auto& other : namesakes) {
          if (Draw(2) == 0) Renumber(other);
        }
        break;
      }
      case 2: {
        federal::v1::Programme fresh = truth.front();
        // Sometimes under a number another entry bore: what the register promises not to do.
        const bool again = !free_.empty() && Draw(3) == 0;
        fresh.set_register_number(again ? free_.back() : absl::StrCat("N", turn_, "-0"));
        if (again) free_.pop_back();
        fresh.set_name("programmes/" + fresh.register_number());
        fresh.set_title(absl::StrCat("Новая программа ", turn_));
        fresh.clear_withdrawn_date();
        reg().Put(fresh);
        break;
      }
      case 3:
        if (Draw(2) == 0) RegisterAnew(entry);
        break;
      case 4:
        PutNamesake(entry);
        break;
      default: {
        const auto& fields = MirroredFields();
        const MirroredField& field = fields[Draw(static_cast<int>(fields.size()))];
        federal::v1::Programme trial = entry;
        if (!field.change_theirs(turn_, trial)) break;
        reg().Edit(number, [&](auto& e) { field.change_theirs(turn_, e); });
      }
    }
  }
}

// Withdrawn by name, and put down under another number: another programme, unless the register
// hides the withdrawal.
void World::RegisterAnew(const federal::v1::Programme& entry) {
  const std::string number = entry.register_number();
  if (entry.has_withdrawn_date() || anew_.contains(number) || number.size() > 40) return;
  federal::v1::Programme anew = entry;
  anew.set_register_number(absl::StrCat("Y", turn_, "-", number));
  anew.set_name("programmes/" + anew.register_number());
  reg().Withdraw(number);
  reg().Put(anew);
  anew_.insert({number, anew.register_number()});
}

// One of all; as often as not, when there is one, one that has namesakes.
const federal::v1::Programme& World::DrawEntry(const std::vector<federal::v1::Programme>& truth) {
  const int count = static_cast<int>(truth.size()), from = Draw(count);
  for (int i = 0; i < count && Draw(2) == 0; ++i) {
    if (const auto& entry = truth[(from + i) % count]; !NamesakesOf(entry).empty()) return entry;
  }
  return truth[from];
}

std::vector<federal::v1::Programme> World::NamesakesOf(const federal::v1::Programme& entry) const {
  std::vector<federal::v1::Programme> namesakes;
  const std::string name = WordsOf(entry).name;
  for (auto& other : reg().Truth()) {
    if (other.register_number() != entry.register_number() && WordsOf(other).name == name) {
      namesakes.push_back(std::move(other));
    }
  }
  return namesakes;
}

void World::Renumber(const federal::v1::Programme& entry) {
  const std::string number = entry.register_number();
  const std::string other = absl::StrCat("R", ++turn_, "-", number);
  if (TitleChanges(number) || number.size() > 40 || anew_.contains(number) ||
      !reg().Renumber(number, other)) {
    return;
  }
  // Of a withdrawn entry it depends on whether the mirror heard of the withdrawal.
  if (auto it = names_.find(number); it != names_.end() && !entry.has_withdrawn_date()) {
    names_[other] = it->second;
  }
  names_.erase(number);
  left_.push_back(number);
  moved_.insert(other);
}

void World::MixNamesakes(int changes) {
  for (int i = 0; i < changes; ++i) {
    const auto truth = reg().Truth();
    const auto& entry = DrawEntry(truth);
    const auto namesakes = NamesakesOf(entry);
    ++turn_;
    if (namesakes.empty() || Draw(3) == 0) {
      PutNamesake(entry);
    } else if (Draw(3) == 0) {
      RegisterAnew(entry);
    } else {
      Renumber(entry);
      Renumber(namesakes[Draw(static_cast<int>(namesakes.size()))]);
    }
  }
}

// Another entry of the same title and provider, in another form and of other hours.
void World::PutNamesake(const federal::v1::Programme& entry) {
  const std::string number = entry.register_number();
  if (number.size() > 40) return;
  federal::v1::Programme namesake = entry;
  namesake.set_register_number(absl::StrCat("M", turn_, "-", number));
  namesake.set_name("programmes/" + namesake.register_number());
  namesake.set_form(static_cast<federal::v1::StudyForm>(entry.form() % 3 + 1));
  namesake.set_duration_hours(entry.duration_hours() + 2 * (1 + turn_ % 20));
  namesake.clear_withdrawn_date();
  reg().Put(namesake);
}

void World::EditHere(int edits) {
  const auto programmes = Programmes();
  for (int i = 0; i < edits && !programmes.empty(); ++i) {
    auto it = programmes.begin();
    std::advance(it, Draw(static_cast<int>(programmes.size())));
    const auto& fields = MirroredFields();
    const MirroredField& field = fields[Draw(static_cast<int>(fields.size()))];
    v1::UpdateProgrammeRequest request;
    v1::Programme& programme = *request.mutable_programme();
    programme = it->second;
    programme.clear_etag();
    request.mutable_update_mask()->add_paths(field.name);
    ++turn_;
    if (!field.change_ours(turn_, it->first, programme)) continue;
    const auto after = Must<v1::Programme>("Programs/UpdateProgramme", request);
    // Edited again: what the register had said is the same.
    auto [edit, fresh] = edits_.try_emplace({it->second.name(), field.name});
    if (fresh) edit->second.base = field.ours(it->second);
    edit->second.value = field.ours(after);
  }
}

}  // namespace rsnms::programs
