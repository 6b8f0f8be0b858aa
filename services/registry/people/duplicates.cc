#include "services/registry/people/duplicates.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

// Pairs worth comparing are those who share a key that few share. Each key leaves room for 60
// points, and whatever scores 60 shares one: alone, a switchboard's number or a clerk's 1 January
// would pair thousands with each other for less. Keys shared by more than twenty cards tell nobody
// from nobody. $1 region; pairs (a, b) with a < b.
constexpr char kSqlAllPairs[] = R"sql(
WITH card AS MATERIALIZED (
  SELECT id, search_family, search_given, search_patronymic, birth_date, snils_index,
         extract(year FROM birth_date) * 10000
         + least(extract(month FROM birth_date), extract(day FROM birth_date)) * 100
         + greatest(extract(month FROM birth_date), extract(day FROM birth_date)) AS swapped,
         email COLLATE "C" AS email, phone COLLATE "C" AS phone
    FROM person WHERE region_code = $1 AND delete_time IS NULL
), crowd (ids) AS (
  SELECT array_agg(id) FROM card WHERE birth_date IS NOT NULL
   GROUP BY birth_date, search_family HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE birth_date IS NOT NULL
   GROUP BY birth_date, search_given HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE birth_date IS NOT NULL AND search_patronymic <> ''
   GROUP BY birth_date, search_given, search_patronymic HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE birth_date IS NOT NULL
   GROUP BY swapped, search_family, search_given HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE search_patronymic <> ''
   GROUP BY search_family, search_given, search_patronymic HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE email <> ''
   GROUP BY email, search_family, search_given HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE phone <> ''
   GROUP BY phone, search_family, search_given HAVING count(*) BETWEEN 2 AND 20
   UNION ALL
  SELECT array_agg(id) FROM card WHERE email <> '' AND phone <> ''
   GROUP BY email, phone HAVING count(*) BETWEEN 2 AND 20
), pair (a, b) AS (
  SELECT DISTINCT a, b FROM crowd, unnest(ids) AS a, unnest(ids) AS b WHERE a < b
)
)sql";

// The same for one person ($4), however many share the key. Branches that an index answers.
constexpr char kSqlPairsOfOne[] = R"sql(
WITH one AS MATERIALIZED (
  SELECT * FROM person WHERE region_code = $1 AND id = $4::uuid AND delete_time IS NULL
), pair (a, b) AS MATERIALIZED (
  SELECT a.id, b.id
    FROM one a JOIN person b
      ON b.region_code = $1 AND b.birth_date = a.birth_date AND b.delete_time IS NULL
   WHERE b.id <> a.id AND (b.search_given = a.search_given OR b.search_family = a.search_family)
   UNION
  SELECT a.id, b.id
    FROM one a JOIN person b
      ON b.region_code = $1 AND b.search_family = a.search_family
     AND b.search_given = a.search_given AND b.delete_time IS NULL
   WHERE b.id <> a.id
   UNION
  SELECT a.id, b.id
    FROM one a JOIN person b
      ON b.region_code = $1 AND b.email = a.email AND b.email <> '' AND b.delete_time IS NULL
   WHERE b.id <> a.id
     AND (b.search_given = a.search_given OR b.search_family = a.search_family
          OR b.birth_date = a.birth_date)
   UNION
  SELECT a.id, b.id
    FROM one a JOIN person b
      ON b.region_code = $1 AND b.phone = a.phone AND b.phone <> '' AND b.delete_time IS NULL
   WHERE b.id <> a.id
     AND (b.search_given = a.search_given OR b.search_family = a.search_family
          OR b.birth_date = a.birth_date)
), card AS (
  SELECT * FROM person
   WHERE region_code = $1 AND id = ANY (SELECT a FROM pair UNION SELECT b FROM pair)
)
)sql";

// The most a pair can score: names that may be similar count as if they were. Compare below judges
// what is left. $2 least score; $3 at most so many pairs.
constexpr char kSqlLikeliest[] = R"sql(
, bounded AS (
  SELECT p.a, p.b,
         CASE WHEN x.search_family = y.search_family AND x.search_given = y.search_given
                   AND (x.search_patronymic = y.search_patronymic OR x.search_patronymic = ''
                        OR y.search_patronymic = '')
              THEN 50 + CASE WHEN x.birth_date IS NULL OR y.birth_date IS NULL THEN 10 ELSE 0 END
              WHEN abs(length(x.search_family) - length(y.search_family))
                   + abs(length(x.search_given) - length(y.search_given)) <= 2 THEN 40
              WHEN x.search_given = y.search_given AND x.search_patronymic = y.search_patronymic
                   AND x.search_patronymic <> '' THEN 30
              ELSE 0 END
         + CASE WHEN x.birth_date = y.birth_date THEN 35
                WHEN extract(year FROM x.birth_date) = extract(year FROM y.birth_date)
                     AND extract(month FROM x.birth_date) = extract(day FROM y.birth_date)
                     AND extract(day FROM x.birth_date) = extract(month FROM y.birth_date) THEN 20
                ELSE 0 END
         + CASE WHEN x.email <> '' AND x.email = y.email THEN 15 ELSE 0 END
         + CASE WHEN x.phone <> '' AND x.phone = y.phone THEN 15 ELSE 0 END
         - CASE WHEN x.snils_index <> y.snils_index THEN 60 ELSE 0 END AS most
    FROM pair p JOIN card x ON x.id = p.a JOIN card y ON y.id = p.b
), likeliest AS (
  SELECT a, b FROM bounded WHERE most >= $2::int ORDER BY most DESC, a, b LIMIT $3::int
)
SELECT p.a, x.search_family, x.search_given, x.search_patronymic,
       x.birth_date - DATE '1970-01-01', x.email, x.phone, x.snils_index,
       p.b, y.search_family, y.search_given, y.search_patronymic,
       y.birth_date - DATE '1970-01-01', y.email, y.phone, y.snils_index
  FROM likeliest p
  JOIN person x ON x.region_code = $1 AND x.id = p.a
  JOIN person y ON y.region_code = $1 AND y.id = p.b
)sql";

// Read and compared at a time: a few megabytes.
constexpr int kMostPairs = 20'000;
// The keys of a large region are grouped in memory, for this transaction.
constexpr char kSqlMemory[] = "SELECT set_config('work_mem', '64MB', true)";

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
  if (a.family == b.family && given && patronymic) {
    // Full namesakes about whose birth nothing contradicts.
    const bool unknown = (!a.birth || !b.birth) && !a.patronymic.empty() && !b.patronymic.empty();
    return say(unknown ? 60 : 50, v1::DUPLICATE_REASON_SAME_NAME);
  }
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

absl::StatusOr<Duplicates> FindDuplicates(pg::Tx& tx, const std::string& region,
                                          const std::string& person, int min_score) {
  auto params = pg::Params::Of(region, min_score, kMostPairs);
  if (!person.empty()) params.Add(IdOf(person));
  const char* pairs = person.empty() ? kSqlAllPairs : kSqlPairsOfOne;
  if (auto s = tx.Query(kSqlMemory).status(); !s.ok()) return s;
  auto rows = tx.Query(absl::StrCat(pairs, kSqlLikeliest), params);
  if (!rows.ok()) return rows.status();
  Duplicates found;
  found.more = static_cast<int>(rows->size()) == kMostPairs;
  for (const auto& row : *rows) {
    const Likeness likeness = Compare(Read(row, 1), Read(row, 9));
    if (likeness.score < min_score) continue;
    auto& candidate = found.candidates.emplace_back();
    candidate.set_person(absl::StrCat("regions/", region, "/persons/", row[0].c_str()));
    candidate.set_other(absl::StrCat("regions/", region, "/persons/", row[8].c_str()));
    candidate.set_score(likeness.score);
    for (const auto reason : likeness.reasons) candidate.add_reasons(reason);
  }
  std::sort(found.candidates.begin(), found.candidates.end(), &LikelierThan);
  return found;
}

}  // namespace rsnms::registry
