#include "services/registry/people/duplicates.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

// Two people share something that few others share. What differs in both names and the day of birth
// is not found. $1 region; $2 one of the two, or null.
constexpr char kSqlPairs[] = R"sql(
WITH pair (a, b) AS (
  SELECT a.id, b.id
    FROM person a JOIN person b
      ON b.region_code = a.region_code AND b.birth_date = a.birth_date AND b.id <> a.id
     AND (b.search_given = a.search_given OR b.search_family = a.search_family)
   WHERE a.region_code = $1 AND a.delete_time IS NULL AND b.delete_time IS NULL
     AND CASE WHEN $2::uuid IS NULL THEN a.id < b.id ELSE a.id = $2::uuid END
  UNION
  SELECT a.id, b.id
    FROM person a JOIN person b
      ON b.region_code = a.region_code AND b.search_family = a.search_family
     AND b.search_given = a.search_given AND b.id <> a.id
     AND extract(year FROM b.birth_date) = extract(year FROM a.birth_date)
     AND extract(day FROM b.birth_date) = extract(month FROM a.birth_date)
     AND extract(month FROM b.birth_date) = extract(day FROM a.birth_date)
   WHERE a.region_code = $1 AND a.delete_time IS NULL AND b.delete_time IS NULL
     AND CASE WHEN $2::uuid IS NULL THEN a.id < b.id ELSE a.id = $2::uuid END
  UNION
  SELECT a.id, b.id
    FROM person a JOIN person b
      ON b.region_code = a.region_code AND b.email = a.email AND b.id <> a.id
   WHERE a.region_code = $1 AND a.delete_time IS NULL AND b.delete_time IS NULL
     AND a.email <> '' AND b.email <> ''
     AND CASE WHEN $2::uuid IS NULL THEN a.id < b.id ELSE a.id = $2::uuid END
  UNION
  SELECT a.id, b.id
    FROM person a JOIN person b
      ON b.region_code = a.region_code AND b.phone = a.phone AND b.id <> a.id
   WHERE a.region_code = $1 AND a.delete_time IS NULL AND b.delete_time IS NULL
     AND a.phone <> '' AND b.phone <> ''
     AND CASE WHEN $2::uuid IS NULL THEN a.id < b.id ELSE a.id = $2::uuid END
)
SELECT p.a, x.search_family, x.search_given, x.search_patronymic,
       x.birth_date - DATE '1970-01-01', x.email, x.phone, x.snils_index,
       p.b, y.search_family, y.search_given, y.search_patronymic,
       y.birth_date - DATE '1970-01-01', y.email, y.phone, y.snils_index
  FROM pair p
  JOIN person x ON x.region_code = $1 AND x.id = p.a
  JOIN person y ON y.region_code = $1 AND y.id = p.b
)sql";

constexpr int kSurely = 100;

std::u32string Letters(const std::string& text) {
  std::u32string out;
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    if ((c & 0xC0) == 0x80) {
      out.back() = (out.back() << 6) | (c & 0x3F);
    } else {
      out.push_back(c < 0x80 ? c : c < 0xE0 ? c & 0x1F : c < 0xF0 ? c & 0x0F : c & 0x07);
    }
  }
  return out;
}

// A patronymic that one of the two lacks says nothing.
bool Same(const std::string& a, const std::string& b) { return a.empty() || b.empty() || a == b; }

bool Swapped(absl::CivilDay a, absl::CivilDay b) {
  return a != b && a.year() == b.year() && a.day() == b.month() && a.month() == b.day();
}

void CompareNames(const PersonTraits& a, const PersonTraits& b, Likeness& likeness) {
  const auto say = [&](int score, v1::DuplicateReason reason) {
    likeness.score += score;
    likeness.reasons.push_back(reason);
  };
  const bool given = a.given == b.given, patronymic = Same(a.patronymic, b.patronymic);
  if (a.family == b.family && given && patronymic) return say(50, v1::DUPLICATE_REASON_SAME_NAME);
  const int apart = EditDistance(a.family, b.family) + EditDistance(a.given, b.given) +
                    (patronymic ? 0 : EditDistance(a.patronymic, b.patronymic));
  if (apart <= 2) return say(40, v1::DUPLICATE_REASON_SIMILAR_NAME);
  if (given && !a.patronymic.empty() && a.patronymic == b.patronymic) {
    say(30, v1::DUPLICATE_REASON_OTHER_FAMILY_NAME);
  }
}

PersonTraits Read(const pqxx::row& row, int first) {
  PersonTraits traits;
  traits.family = row[first].c_str();
  traits.given = row[first + 1].c_str();
  traits.patronymic = row[first + 2].c_str();
  int day = 0;
  if (absl::SimpleAtoi(row[first + 3].c_str(), &day)) {
    traits.birth = absl::CivilDay(1970, 1, 1) + day;
  }
  traits.email = row[first + 4].c_str();
  traits.phone = row[first + 5].c_str();
  traits.snils_index = row[first + 6].c_str();
  return traits;
}

}  // namespace

int EditDistance(const std::string& a, const std::string& b) {
  const std::u32string x = Letters(a), y = Letters(b);
  std::vector<int> row(y.size() + 1);
  for (size_t j = 0; j <= y.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= x.size(); ++i) {
    int corner = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= y.size(); ++j) {
      const int above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (x[i - 1] == y[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[y.size()];
}

Likeness Compare(const PersonTraits& a, const PersonTraits& b) {
  Likeness likeness;
  const auto say = [&](bool holds, int score, v1::DuplicateReason reason) {
    if (!holds) return;
    likeness.score += score;
    likeness.reasons.push_back(reason);
  };
  CompareNames(a, b, likeness);
  if (a.birth && b.birth) {
    say(*a.birth == *b.birth, 35, v1::DUPLICATE_REASON_SAME_BIRTH_DATE);
    say(Swapped(*a.birth, *b.birth), 20, v1::DUPLICATE_REASON_SWAPPED_BIRTH_DATE);
  }
  say(!a.email.empty() && a.email == b.email, 15, v1::DUPLICATE_REASON_SAME_EMAIL);
  say(!a.phone.empty() && a.phone == b.phone, 15, v1::DUPLICATE_REASON_SAME_PHONE);
  if (!a.snils_index.empty() && !b.snils_index.empty()) {
    const bool same = a.snils_index == b.snils_index;
    say(same, 60, v1::DUPLICATE_REASON_SAME_SNILS);
    say(!same, -60, v1::DUPLICATE_REASON_DIFFERENT_SNILS);
  }
  likeness.score = std::clamp(likeness.score, 0, kSurely);
  return likeness;
}

bool LikelierThan(const v1::DuplicateCandidate& a, const v1::DuplicateCandidate& b) {
  return a.score() != b.score() ? a.score() > b.score()
                                : std::tie(a.person(), a.other()) < std::tie(b.person(), b.other());
}

absl::StatusOr<std::vector<v1::DuplicateCandidate>> FindDuplicates(pg::Tx& tx,
                                                                   const std::string& region,
                                                                   const std::string& person,
                                                                   int min_score) {
  std::optional<std::string> one;
  if (!person.empty()) one = IdOf(person);
  auto rows = tx.Query(kSqlPairs, region, one);
  if (!rows.ok()) return rows.status();
  std::vector<v1::DuplicateCandidate> found;
  for (const auto& row : *rows) {
    const Likeness likeness = Compare(Read(row, 1), Read(row, 9));
    if (likeness.score < min_score) continue;
    auto& candidate = found.emplace_back();
    candidate.set_person(absl::StrCat("regions/", region, "/persons/", row[0].c_str()));
    candidate.set_other(absl::StrCat("regions/", region, "/persons/", row[8].c_str()));
    candidate.set_score(likeness.score);
    for (const auto reason : likeness.reasons) candidate.add_reasons(reason);
  }
  std::sort(found.begin(), found.end(), &LikelierThan);
  return found;
}

}  // namespace rsnms::registry
