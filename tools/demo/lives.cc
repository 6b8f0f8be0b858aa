// Who the invented people are and what they do: the part of Generator that decides.
#include <algorithm>

#include "tools/demo/generator.h"
#include "tools/demo/identifiers.h"
#include "tools/demo/people.h"

namespace rsnms::demo {
namespace {

using absl::CivilDay;

CivilDay YearsAfter(CivilDay day, int years) {
  return CivilDay(day.year() + years, day.month(), day.day());
}

// The last 1 September not after `as_of`, less so many years: the day most educators begin.
CivilDay SchoolYearStart(CivilDay as_of, int years_ago) {
  const CivilDay start(as_of.year(), 9, 1);
  return YearsAfter(start <= as_of ? start : YearsAfter(start, -1), -years_ago);
}

}  // namespace

Generator::Life Generator::LifeOf(int64_t person, const Body& body) const {
  const Dice& dice = plan_.dice();
  const CivilDay as_of = options_.as_of;
  const int day_of_year = static_cast<int>(dice.Below(Ask::kDayOfYear, person, 365));
  const auto born = [&](int youngest, int oldest) {
    return YearsAfter(as_of, -youngest - static_cast<int>(dice.Below(Ask::kAge, person,
                                                                     oldest - youngest + 1))) -
           1 - day_of_year;
  };
  Life life;
  life.young = false;
  const uint64_t youth = dice.Below(Ask::kYouth, person, 1000);
  if (!IsManager(person, body) && youth < 100) {  // beginners: nine of ten are under 35
    life.young = youth < 90;
    life.birth = life.young ? born(23, 32) : born(37, 50);
    life.teaching_start =
        SchoolYearStart(as_of, static_cast<int>(dice.Below(Ask::kTeachingStart, person, 3)));
    life.main_start = std::max(life.teaching_start, FoundedOn(plan_.BodyOf(person)));
    return life;
  }
  life.birth = IsManager(person, body) ? born(34, 64) : born(28, 67);
  life.teaching_start = SchoolYearStart(
      YearsAfter(life.birth, 23 + static_cast<int>(dice.Below(Ask::kTeachingStart, person, 5))), 0);
  life.teaching_start = std::min(life.teaching_start, SchoolYearStart(as_of, 4));
  const int64_t years = (as_of - life.teaching_start) / 365;
  life.main_start = YearsAfter(life.teaching_start,
                               static_cast<int>(dice.Below(Ask::kEmploymentStart, person, years)));
  life.main_start = std::max(life.main_start, FoundedOn(plan_.BodyOf(person)));
  return life;
}

bool Generator::HasSlot(int64_t person, const Body& body, Slot slot) const {
  const Dice& dice = plan_.dice();
  switch (slot) {
    case kMain:
      return true;
    case kSecond:  // managers teach in their own body, educators elsewhere
      if (IsManager(person, body))
        return Educates(body.kind) && dice.Chance(Ask::kSecondPost, person, 25);
      return dice.Chance(Ask::kSecondPost, person, 5);
    case kPast: {
      if (!dice.Chance(Ask::kPastPost, person, 12)) return false;
      const Life life = LifeOf(person, body);
      return life.main_start - life.teaching_start > 400;
    }
    default:
      return false;
  }
}

// A school of the region, chosen by chance, that is not the person's own where there is a choice.
int64_t Generator::OtherBody(int64_t person, const Body& body) const {
  const RegionPlan& region = plan_.regions()[body.region];
  const int64_t fixed = 3 + 2 * static_cast<int64_t>(region.municipalities.size());
  const int64_t first = region.first_body + fixed;
  const int64_t schools = region.end_body - first;
  int64_t other =
      first + static_cast<int64_t>(plan_.dice().Below(Ask::kSecondPost, ~person, schools));
  if (&plan_.bodies()[other] == &body) other = first + (other - first + 1) % schools;
  return other;
}

bool Generator::IsSupported(int64_t person, const Body& body) const {
  if (IsManager(person, body)) return false;
  const bool young = plan_.dice().Below(Ask::kYouth, person, 1000) < 90;
  return plan_.dice().Chance(Ask::kSupport, person, young ? 72 : 1);
}

// A colleague who is past the beginning; -1 when a few tries find none.
int64_t Generator::MentorOf(int64_t person, const Body& body) const {
  for (uint64_t attempt = 0; attempt < 8; ++attempt) {
    const int64_t colleague =
        body.first_person +
        static_cast<int64_t>(plan_.dice().Below(
            Ask::kMentor, static_cast<uint64_t>(person) * 8 + attempt, body.staff));
    if (colleague != person && plan_.dice().Below(Ask::kYouth, colleague, 1000) >= 100)
      return colleague;
  }
  return -1;
}

CivilDay Generator::FoundedOn(int64_t b) const {
  const Body& body = plan_.bodies()[b];
  if (body.kind == registry::v1::ORGANISATION_KIND_CENTRE) return CivilDay(2021, 8, 1);
  return CivilDay(1931 + static_cast<int>(plan_.dice().Below(Ask::kFounded, b, 45)), 9, 1);
}

}  // namespace rsnms::demo
