#include "services/registry/people/people_store.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlConsent[] = R"sql(
SELECT 'regions/' || region_code || '/consents/' || id
  FROM consent
 WHERE region_code = $1 AND person_id = $2::uuid AND purpose = $3 AND delete_time IS NULL
   AND state <> 'DRAFT' AND given_date <= $4::date
   AND coalesce(valid_until_date, 'infinity') >= $4::date
   AND coalesce(withdrawn_date, 'infinity') > $4::date
 ORDER BY given_date DESC, id LIMIT 1
)sql";

constexpr char kSqlHighest[] = R"sql(
SELECT 1
  FROM qualification
 WHERE region_code = $1 AND person_id = $2::uuid AND category = 'HIGHEST' AND delete_time IS NULL
   AND decision_date <= $3::date AND coalesce(valid_until_date, 'infinity') >= $3::date
 LIMIT 1
)sql";

constexpr char kSqlHours[] = R"sql(
SELECT coalesce(sum(hours), 0)
  FROM corporate_training
 WHERE region_code = $1 AND person_id = $2::uuid AND delete_time IS NULL
   AND end_date BETWEEN $3::date AND $4::date
)sql";

// $1 query, $2 region, $3 what stands above every text that begins with a word. OFFSET 0 keeps ||
// out of the comparisons: it is not leakproof, and row level security would take their index away.
constexpr char kSqlWords[] = R"sql(
SELECT word,
       EXISTS (SELECT FROM person WHERE region_code = $2 AND delete_time IS NULL
                AND search_family >= word AND search_family < above),
       EXISTS (SELECT FROM person WHERE region_code = $2 AND delete_time IS NULL
                AND search_given >= word AND search_given < above),
       EXISTS (SELECT FROM person WHERE region_code = $2 AND delete_time IS NULL
                AND search_patronymic >= word AND search_patronymic < above),
       EXISTS (SELECT FROM person WHERE region_code = $2 AND delete_time IS NULL
                AND search_second <> '' AND search_second >= word AND search_second < above),
       EXISTS (SELECT FROM person WHERE region_code = $2 AND delete_time IS NULL
                AND search_other <> '' AND search_other >= word AND search_other < above)
  FROM (SELECT word, word || $3 AS above
          FROM unnest(string_to_array(person_search_form($1), ' ')) AS word
         WHERE word <> '' OFFSET 0) AS asked
)sql";

constexpr char kOrder[] = " ORDER BY search_family, search_given, search_patronymic, id";

// Above every text that begins with a word.
constexpr char kLast[] = "\U0010FFFF";

// Columns of the parts of a name; everybody has the first three.
constexpr const char* kParts[kNameParts] = {"search_family", "search_given", "search_patronymic",
                                            "search_second", "search_other"};
constexpr size_t kMainParts = 3;

// A word and where its parameters are.
struct Asked {
  SearchWord word;
  size_t number;
  // The word begins this part of the name.
  std::string Begins(size_t part) const {
    return absl::StrCat(kParts[part], " >= $", number, " AND ", kParts[part], " < $", number + 1);
  }
};

// A word that begins another one of the query asks for nothing more. Of the rest, no two can begin
// the same part of a name.
void DropImplied(std::vector<SearchWord>* words) {
  std::vector<SearchWord> kept;
  for (size_t i = 0; i < words->size(); ++i) {
    const std::string& word = (*words)[i].text;
    bool implied = false;
    for (size_t k = 0; k < words->size(); ++k) {
      const std::string& other = (*words)[k].text;
      implied |= k != i && absl::StartsWith(other, word) && (other != word || k < i);
    }
    if (!implied) kept.push_back((*words)[i]);
  }
  *words = std::move(kept);
}

// Each way to share the words out among family name, given name and patronymic: every one is a
// range of an index, whose further columns are compared without a look at the table.
void AddMainWays(const std::vector<Asked>& words, std::vector<std::string>* ways) {
  if (words.empty() || words.size() > kMainParts) return;
  std::vector<size_t> chosen(kMainParts);  // 1 + the word of each part; 0: none
  for (size_t i = 0; i < words.size(); ++i) chosen[kMainParts - 1 - i] = words.size() - i;
  do {
    std::string way;
    bool possible = true;
    for (size_t part = 0; part < kMainParts; ++part) {
      if (chosen[part] == 0) continue;
      const Asked& word = words[chosen[part] - 1];
      possible &= word.word.begins[part];
      absl::StrAppend(&way, " AND ", word.Begins(part));
    }
    if (possible) ways->push_back(std::move(way));
  } while (std::next_permutation(chosen.begin(), chosen.end()));
}

// Ways in which some word begins a part that few people have; the others begin any part, which is
// looked up in the table.
void AddRareWays(const std::vector<Asked>& words, size_t rare, std::vector<std::string>* ways) {
  for (const Asked& first : words) {
    if (!first.word.begins[rare]) continue;
    std::string way = absl::StrCat(" AND ", kParts[rare], " <> '' AND ", first.Begins(rare));
    bool possible = true;
    for (const Asked& word : words) {
      if (&word == &first) continue;
      std::string any;
      for (size_t part = 0; part < kNameParts; ++part) {
        if (part == rare || !word.word.begins[part]) continue;
        absl::StrAppend(&any, any.empty() ? "" : " OR ", word.Begins(part));
      }
      possible &= !any.empty();
      absl::StrAppend(&way, " AND (", any, ")");
    }
    if (possible) ways->push_back(std::move(way));
  }
}

}  // namespace

absl::StatusOr<std::string> FindConsent(pg::Tx& tx, const std::string& person,
                                        v1::ConsentPurpose purpose,
                                        const google::type::Date& date) {
  auto rows = tx.Query(kSqlConsent, RegionOf(person), IdOf(person),
                       v1::ConsentPurpose_Name(purpose).substr(sizeof("CONSENT_PURPOSE_") - 1),
                       ToIso(date));
  if (!rows.ok()) return rows.status();
  return rows->empty() ? std::string() : std::string((*rows)[0][0].c_str());
}

absl::Status RequireConsent(pg::Tx& tx, const std::string& person, v1::ConsentPurpose purpose,
                            const google::type::Date& date, std::string_view path) {
  if (!NeedsConsent(purpose)) return absl::OkStatus();
  auto consent = FindConsent(tx, person, purpose, date);
  if (!consent.ok()) return consent.status();
  if (!consent->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::REGISTRY_REASON_PURPOSE_NEEDS_CONSENT,
                    "no consent of the person to this purpose is in force on the date")
      .With("purpose", v1::ConsentPurpose_Name(purpose))
      .With("date", ToIso(date))
      .Field(path, "no consent is in force",
             "На эту дату нет действующего согласия человека на эту цель.");
}

absl::StatusOr<bool> HoldsHighest(pg::Tx& tx, const std::string& person,
                                  const google::type::Date& date) {
  auto rows = tx.Query(kSqlHighest, RegionOf(person), IdOf(person), ToIso(date));
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

absl::StatusOr<int64_t> CorporateHours(pg::Tx& tx, const std::string& person, absl::CivilDay first,
                                       absl::CivilDay last) {
  auto rows = tx.Query(kSqlHours, RegionOf(person), IdOf(person), ToIso(ToDate(first)),
                       ToIso(ToDate(last)));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

absl::StatusOr<std::vector<SearchWord>> SearchWords(pg::Tx& tx, const std::string& region,
                                                    const std::string& query) {
  std::vector<SearchWord> words;
  // Under a narrow scope a look for one visible row would walk all the others; what is learnt here
  // only spares branches that find nobody.
  const auto ask = [&]() -> absl::Status {
    auto rows = tx.Query(kSqlWords, query, region, kLast);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      SearchWord& word = words.emplace_back();
      word.text = row[0].c_str();
      for (size_t i = 0; i < kNameParts; ++i) {
        word.begins[i] = row[static_cast<int>(i) + 1].c_str()[0] == 't';
      }
    }
    return absl::OkStatus();
  };
  if (auto s = tx.Unscoped(region, ask); !s.ok()) return s;
  return words;
}

std::string FamilyCondition(const std::string& word, int limit, pg::Params* params) {
  params->Add(word);
  params->Add(absl::StrCat(word, kLast));
  const size_t n = params->size();
  return absl::StrCat("region_code = $1 AND delete_time IS NULL AND search_family >= $", n - 1,
                      " AND search_family < $", n, kOrder, " LIMIT ", limit);
}

std::string SearchCondition(std::vector<SearchWord> words, int limit, pg::Params* params) {
  DropImplied(&words);
  std::vector<Asked> asked;
  for (SearchWord& word : words) {
    if (word.begins == decltype(word.begins){}) return "";
    params->Add(word.text);
    params->Add(absl::StrCat(word.text, kLast));
    asked.push_back({std::move(word), params->size() - 1});
  }
  std::vector<std::string> ways;
  AddMainWays(asked, &ways);
  for (size_t rare = kMainParts; rare < kNameParts; ++rare) AddRareWays(asked, rare, &ways);
  if (ways.empty()) return "";
  for (std::string& way : ways) {
    way = absl::StrCat("(SELECT id FROM person WHERE region_code = $1 AND delete_time IS NULL", way,
                       " LIMIT ", limit, ")");
  }
  return absl::StrCat("region_code = $1 AND id = ANY(ARRAY(SELECT id FROM (",
                      absl::StrJoin(ways, " UNION "), ") AS found LIMIT ", limit, "))", kOrder);
}

}  // namespace rsnms::registry
