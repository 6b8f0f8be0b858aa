#include "services/registry/people/name_search.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlWords[] =
    "SELECT word FROM unnest(string_to_array(person_search_form($1), ' ')) AS word "
    "WHERE word <> ''";

constexpr char kSqlPlace[] =
    "SELECT search_family, search_given, search_patronymic FROM person "
    "WHERE region_code = $1 AND id = $2::uuid";

// Whether sorts are planned where an index gives the order.
constexpr char kSqlSorting[] = "SELECT set_config('enable_sort', $1, true)";

constexpr char kLiving[] = "region_code = $1 AND delete_time IS NULL";
constexpr char kOrder[] = " ORDER BY search_family, search_given, search_patronymic, id";

// Parts of a name that a word may begin. Everybody has the first three; the second word of a double
// family name and of another double part few have, and their indexes hold nobody else.
constexpr size_t kParts = 5, kMainParts = 3;
constexpr const char* kColumns[kParts] = {"search_family", "search_given", "search_patronymic",
                                          "search_second", "search_other"};

// So many people are not sorted for a page of them.
constexpr int kMany = 500;

// Above every text that begins with a word.
constexpr char kLast[] = "\U0010FFFF";

// Adds the two ends of the range of texts that begin with a word; the number of the first.
size_t AddWord(const std::string& word, pg::Params* params) {
  params->Add(word);
  params->Add(absl::StrCat(word, kLast));
  return params->size() - 1;
}

std::string BeginsWith(const char* column, size_t first) {
  return absl::StrCat(column, " >= $", first, " AND ", column, " < $", first + 1);
}

std::string Behind(const SearchPlace* after, pg::Params* params) {
  if (after == nullptr) return "";
  for (const auto* part : {&after->family, &after->given, &after->patronymic, &after->id}) {
    params->Add(*part);
  }
  const size_t n = params->size();
  return absl::StrCat(" AND (search_family, search_given, search_patronymic, id) > ($", n - 3,
                      ", $", n - 2, ", $", n - 1, ", $", n, "::uuid)");
}

// A word of the query: where its parameters are, and which parts of names it begins.
struct Asked {
  size_t number;
  std::array<bool, kParts> begins;
  std::string Begins(size_t part) const {
    const std::string range = BeginsWith(kColumns[part], number);
    return part < kMainParts ? range : absl::StrCat(kColumns[part], " <> '' AND ", range);
  }
};

// Which parts of some living person's name in the region the words begin, seen by the caller or
// not: under a narrow scope a look for one visible row would walk all the others, and what is
// learnt here only spares ways that find nobody.
absl::Status AskWhatBegins(pg::Tx& tx, const std::string& region, const pg::Params& params,
                           std::vector<Asked>* words) {
  std::vector<std::string> looks;
  for (const Asked& word : *words) {
    for (size_t part = 0; part < kParts; ++part) {
      looks.push_back(absl::StrCat("EXISTS (SELECT FROM person WHERE ", kLiving, " AND ",
                                   word.Begins(part), ")"));
    }
  }
  return tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(absl::StrCat("SELECT ", absl::StrJoin(looks, ", ")), params);
    if (!rows.ok()) return rows.status();
    int column = 0;
    for (Asked& word : *words) {
      for (bool& begins : word.begins) begins = (*rows)[0][column++].c_str()[0] == 't';
    }
    return absl::OkStatus();
  });
}

// A way for the words to be found in a name: conditions, each begun by AND.
struct Way {
  std::string condition;
  bool in_order;  // a range of the index of names: found in the order they are shown
};

// Each way to share the words out among family name, given name and patronymic, one each: the
// columns of one index, so the others are compared without a look at the table.
void AddMainWays(const std::vector<Asked>& words, std::vector<Way>* ways) {
  if (words.size() > kMainParts) return;
  std::array<size_t, kMainParts> chosen{};  // 1 + the word of each part; 0: none
  for (size_t i = 0; i < words.size(); ++i) chosen[kMainParts - words.size() + i] = i + 1;
  do {
    Way way{.condition = "", .in_order = chosen[0] != 0};
    bool possible = words.size() > 1 || !way.in_order;  // FamilyCondition finds those
    for (size_t part = 0; part < kMainParts; ++part) {
      if (chosen[part] == 0) continue;
      const Asked& word = words[chosen[part] - 1];
      possible &= word.begins[part];
      absl::StrAppend(&way.condition, " AND ", word.Begins(part));
    }
    if (possible) ways->push_back(std::move(way));
  } while (std::next_permutation(chosen.begin(), chosen.end()));
}

// Ways in which some word begins a part that few people have, and the others any part.
void AddRareWays(const std::vector<Asked>& words, size_t rare, std::vector<Way>* ways) {
  for (const Asked& first : words) {
    if (!first.begins[rare]) continue;
    Way way{.condition = absl::StrCat(" AND ", first.Begins(rare)), .in_order = false};
    bool possible = true;
    for (const Asked& word : words) {
      if (&word == &first) continue;
      std::vector<std::string> any;
      for (size_t part = 0; part < kParts; ++part) {
        if (part != rare && word.begins[part]) {
          any.push_back(absl::StrCat("(", word.Begins(part), ")"));
        }
      }
      possible &= !any.empty();
      absl::StrAppend(&way.condition, " AND (", absl::StrJoin(any, " OR "), ")");
    }
    if (possible) ways->push_back(std::move(way));
  }
}

// Whether a way finds more people than are sorted for a page; those are met soon enough on a walk
// through the region in the order of names.
absl::StatusOr<bool> FindsMany(pg::Tx& tx, const std::string& condition, const pg::Params& params) {
  auto rows = tx.Query(absl::StrCat("SELECT count(*) FROM (SELECT FROM person WHERE ", kLiving,
                                    condition, " LIMIT ", kMany, ") AS found"),
                       params);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int>() == kMany;
}

// The first people of one way: walked in the order of names, or collected and sorted.
std::string FirstOf(const std::string& condition, bool walk, int limit) {
  const std::string people =
      absl::StrCat("SELECT id, search_family, search_given, search_patronymic FROM person WHERE ",
                   kLiving, condition);
  return walk ? absl::StrCat("(", people, kOrder, " LIMIT ", limit, ")")
              : absl::StrCat("(WITH collected AS MATERIALIZED (", people,
                             ") SELECT * FROM collected", kOrder, " LIMIT ", limit, ")");
}

// Runs a statement made of FirstOf. The planner takes every name for a rare one: left to itself it
// collects and sorts the bearers of a frequent one rather than walk through them in order.
absl::StatusOr<std::vector<std::string>> Ids(pg::Tx& tx, const std::string& sql,
                                             const pg::Params& params) {
  if (auto walk = tx.Query(kSqlSorting, "off"); !walk.ok()) return walk.status();
  auto rows = tx.Query(sql, params);
  if (!rows.ok()) return rows.status();
  if (auto sort = tx.Query(kSqlSorting, "on"); !sort.ok()) return sort.status();
  std::vector<std::string> ids;
  for (const auto& row : *rows) ids.emplace_back(row[0].c_str());
  return ids;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SearchWords(pg::Tx& tx, const std::string& text) {
  auto rows = tx.Query(kSqlWords, text);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> words;
  for (const auto& row : *rows) words.emplace_back(row[0].c_str());
  return words;
}

std::vector<std::string> WithoutImplied(std::vector<std::string> words) {
  std::vector<std::string> kept;
  for (size_t i = 0; i < words.size(); ++i) {
    bool implied = false;
    for (size_t k = 0; k < words.size(); ++k) {
      implied |= k != i && absl::StartsWith(words[k], words[i]) && (words[k] != words[i] || k < i);
    }
    if (!implied) kept.push_back(words[i]);
  }
  return kept;
}

absl::StatusOr<SearchPlace> PlaceOf(pg::Tx& tx, const std::string& person, bool by_family) {
  auto rows = tx.Query(kSqlPlace, RegionOf(person), IdOf(person));
  if (!rows.ok()) return rows.status();
  const auto row = (*rows)[0];
  return SearchPlace{by_family, row[0].c_str(), row[1].c_str(), row[2].c_str(), IdOf(person)};
}

std::string FamilyCondition(const std::string& word, const SearchPlace* after, int limit,
                            pg::Params* params) {
  const std::string range = BeginsWith(kColumns[0], AddWord(word, params));
  return absl::StrCat(kLiving, " AND ", range, Behind(after, params), kOrder, " LIMIT ", limit);
}

absl::StatusOr<std::vector<std::string>> FindBeginnings(pg::Tx& tx, const std::string& region,
                                                        const std::vector<std::string>& words,
                                                        const SearchPlace* after, int limit) {
  auto params = pg::Params::Of(region);
  std::vector<Asked> asked;
  for (const std::string& word : words) {
    asked.push_back({.number = AddWord(word, &params), .begins = {}});
  }
  if (auto s = AskWhatBegins(tx, region, params, &asked); !s.ok()) return s;
  std::vector<Way> ways;
  AddMainWays(asked, &ways);
  for (size_t rare = kMainParts; rare < kParts; ++rare) AddRareWays(asked, rare, &ways);
  if (ways.empty()) return std::vector<std::string>();
  std::string further = Behind(after, &params);
  if (asked.size() == 1) absl::StrAppend(&further, " AND NOT (", asked[0].Begins(0), ")");
  std::vector<std::string> firsts;
  for (const Way& way : ways) {
    const std::string condition = absl::StrCat(way.condition, further);
    bool walk = way.in_order;
    if (!walk) {
      auto many = FindsMany(tx, condition, params);
      if (!many.ok()) return many.status();
      walk = *many;
    }
    firsts.push_back(FirstOf(condition, walk, limit));
  }
  return Ids(tx,
             absl::StrCat("SELECT id FROM (", absl::StrJoin(firsts, " UNION "), ") AS found",
                          kOrder, " LIMIT ", limit),
             params);
}

std::string PeopleCondition(const std::vector<std::string>& ids, pg::Params* params) {
  params->Add(ids);
  return absl::StrCat("region_code = $1 AND id = ANY($", params->size(), "::uuid[])", kOrder);
}

std::string FragmentCondition(const std::vector<std::string>& words, const SearchPlace* after,
                              int limit, pg::Params* params) {
  std::string all = kLiving;
  for (const std::string& word : words) {
    params->Add(word);
    // A word does not go on into the next name.
    absl::StrAppend(&all, " AND strpos(search_family || ',' || search_given || ',' || ",
                    "search_patronymic, $", params->size(), ") > 0");
  }
  return absl::StrCat(all, Behind(after, params), kOrder, " LIMIT ", limit);
}

}  // namespace rsnms::registry
