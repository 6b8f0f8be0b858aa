// Which activities there are, who takes part in them, and what is imported rather than played.
#include "tools/demo/activities.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "tools/demo/identifiers.h"

namespace rsnms::demo {
namespace {

constexpr int kSettledDays = 330;  // in the post at least so long when an activity begins
constexpr size_t kTeamOf = 7;      // people a story of a body needs
constexpr int kNumberBits = 24;    // stories of a kind
constexpr int64_t kAttachedEach = 12;

int64_t Share(int64_t educators, int64_t every, int64_t least) {
  return std::max(least, educators / every);
}

void SetDate(absl::CivilDay day, google::type::Date* date) {
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
}

}  // namespace

Activities::Activities(const Generator& generator, int region, int64_t limit)
    : generator_(generator),
      region_(region),
      plan_(generator.plan().regions()[region]),
      limit_(limit) {
  const auto& bodies = generator.plan().bodies();
  for (int64_t b = plan_.first_body; b < plan_.end_body; ++b) {
    if (!Educates(bodies[b].kind)) continue;
    size_t settled = 0;
    for (int64_t p = bodies[b].first_person;
         p < bodies[b].first_person + bodies[b].staff && settled < kTeamOf; ++p)
      settled += generator.MainStart(p) <= Ago(kSettledDays);
    if (settled == kTeamOf) teams_.push_back(b);
  }
}

Activities::Team Activities::TeamOf(int64_t index) const {
  Team team{.body = teams_[index % static_cast<int64_t>(teams_.size())], .people = {}};
  const demo::Body& body = generator_.plan().bodies()[team.body];
  for (int64_t p = body.first_person; p < body.first_person + body.staff; ++p) {
    if (generator_.MainStart(p) <= Ago(kSettledDays)) team.people.push_back(p);
  }
  // Another story of the same body begins with other people.
  const int64_t turn = index / static_cast<int64_t>(teams_.size()) * 3;
  std::rotate(team.people.begin(),
              team.people.begin() + turn % static_cast<int64_t>(team.people.size()),
              team.people.end());
  return team;
}

int64_t Activities::Count(Activity kind) const {
  const int64_t educators = plan_.end_person - plan_.first_person;
  const auto teams = static_cast<int64_t>(teams_.size());
  const auto with_teams = [&](int64_t wanted) { return teams == 0 ? 0 : wanted; };
  int64_t count = 1;
  switch (kind) {
    case Activity::kDistrict:
      count = Municipalities() / 5;
      break;
    case Activity::kAct:
      count = Share(educators, 250, 4);
      break;
    case Activity::kAgreement:
      count = Municipalities();
      break;
    case Activity::kAppointment:
      count = generator_.plan().bodies()[Centre()].staff > 0 ? 5 : 0;
      break;
    case Activity::kSite:
      count = std::min(teams, Share(educators, 250, 4));
      break;
    case Activity::kCommunity:
      count = with_teams(Share(educators, 200, 3));
      break;
    case Activity::kEvent:
      count = with_teams(Share(educators, 200, 3));
      break;
    case Activity::kExpert:
      count = std::min<int64_t>(teams, Share(educators, 2000, 3));
      break;
    case Activity::kPractice:
      count = teams < 3 ? 0 : Share(educators, 200, 4);
      break;
    case Activity::kMentorship:
      count = std::min(teams, Share(educators, 100, 6));
      break;
    default:
      break;
  }
  return limit_ > 0 ? std::min(count, limit_) : count;
}

Story Activities::Tell(Activity kind, int64_t index) const {
  switch (kind) {
    case Activity::kDistrict:
      return District(index);
    case Activity::kAct:
      return Act(index);
    case Activity::kAgreement:
      return Agreement(index);
    case Activity::kAppointment:
      return Appointment(index);
    case Activity::kSiteCall:
      return SiteCall();
    case Activity::kSite:
      return Site(index);
    case Activity::kCommunity:
      return Community(index);
    case Activity::kEvent:
      return Event(index);
    case Activity::kExpert:
      return Expert(index);
    case Activity::kPractice:
      return Practice(index);
    case Activity::kMentorship:
      return Mentorship(index);
    case Activity::kRegulation:
      return Regulation();
    case Activity::kMethodologist:
      break;  // chosen, not counted
  }
  std::abort();
}

Teller Activities::Begin(Activity kind, int64_t index) const {
  return Teller(generator_, region_,
                static_cast<uint64_t>(kind) << kNumberBits | static_cast<uint64_t>(index));
}

std::string Activities::NameOf(Activity kind, int64_t index, const char* collection,
                               int step) const {
  return absl::StrCat(
      generator_.RegionName(region_), "/", collection, "/",
      Teller::IdOf(generator_, region_,
                   static_cast<uint64_t>(kind) << kNumberBits | static_cast<uint64_t>(index),
                   step));
}

std::string Activities::Municipality(int64_t index) const {
  return absl::StrCat(generator_.RegionName(region_), "/municipalities/",
                      plan_.municipalities[index].oktmo);
}

Stream<registry::v1::MmsStaffMember> Activities::ServiceStaff() const {
  return [this, m = int64_t{0}, i = int64_t{0}](registry::v1::MmsStaffMember* out) mutable {
    while (m < Municipalities() && i == generator_.plan().bodies()[Service(m)].staff) {
      ++m;
      i = 0;
    }
    if (m == Municipalities()) return false;
    const demo::Body& body = generator_.plan().bodies()[Service(m)];
    const int64_t person = body.first_person + i;
    const Dice& dice = generator_.plan().dice();
    out->Clear();
    out->set_name(absl::StrCat(generator_.RegionName(region_), "/mmsStaffMembers/",
                               Uuid(dice, UuidOf::kServiceStaff, person)));
    out->set_person(Person(person));
    out->set_organisation(Body(Service(m)));
    out->set_post_title(i < body.managers ? "руководитель службы" : "методист");
    out->set_municipal_tutor(dice.Chance(Ask::kStory, person, 30));
    SetDate(generator_.MainStart(person), out->mutable_include_date());
    ++i;
    return true;
  };
}

std::vector<int64_t> Activities::ChooseMethodologists(
    const std::function<bool(const std::string& person)>& is_fit) const {
  std::vector<int64_t> chosen;
  int64_t wanted = Share(plan_.end_person - plan_.first_person, 200, 2);
  if (limit_ > 0) wanted = std::min(wanted, limit_);
  // One of a team, then another one, until there are enough.
  for (size_t turn = 0; turn < kTeamOf; ++turn) {
    for (const int64_t b : teams_) {
      if (static_cast<int64_t>(chosen.size()) == wanted) return chosen;
      const demo::Body& body = generator_.plan().bodies()[b];
      const int64_t p = body.first_person + body.managers + static_cast<int64_t>(turn);
      if (p >= body.first_person + body.staff || generator_.MainStart(p) > Ago(kSettledDays))
        continue;
      if (is_fit(Person(p))) chosen.push_back(p);
    }
  }
  return chosen;
}

void Activities::FillAttachment(int64_t index, int64_t person,
                                registry::v1::Attachment* out) const {
  out->Clear();
  out->set_name(absl::StrCat(generator_.RegionName(region_), "/attachments/",
                             Uuid(generator_.plan().dice(), UuidOf::kAttachment, person)));
  out->set_methodologist(NameOf(Activity::kMethodologist, index, "methodologists"));
  out->set_educator(Person(person));
  out->set_purpose("Сопровождение индивидуального образовательного маршрута");
  SetDate(std::max(generator_.MainStart(person), Ago(15)), out->mutable_start_date());
  SetDate(Ago(-300), out->mutable_end_date());
}

Stream<registry::v1::Attachment> Activities::Attachments(
    std::vector<int64_t> methodologists) const {
  auto taken =
      std::make_shared<std::unordered_set<int64_t>>(methodologists.begin(), methodologists.end());
  return [this, taken, methodologists, m = size_t{0}, i = int64_t{0},
          next = plan_.first_person](registry::v1::Attachment* out) mutable {
    while (m < methodologists.size() && (m % 8 == 7 || i == kAttachedEach)) {
      ++m;
      i = 0;
    }
    while (next < plan_.end_person && taken->contains(next)) ++next;
    if (m == methodologists.size() || next == plan_.end_person) return false;
    const int64_t person = next++;
    ++i;
    FillAttachment(static_cast<int64_t>(m), person, out);
    return true;
  };
}

}  // namespace rsnms::demo
