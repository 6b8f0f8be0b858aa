#include "services/registry/people/people_store.h"

#include "absl/strings/str_cat.h"
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

constexpr char kSqlWords[] =
    "SELECT word FROM unnest(string_to_array(person_search_form($1), ' ')) AS word "
    "WHERE word <> ''";

constexpr char kOrder[] = " ORDER BY search_family, search_given, search_patronymic, id";

constexpr char kSqlPlace[] =
    "SELECT search_family, search_given, search_patronymic FROM person "
    "WHERE region_code = $1 AND id = $2::uuid";

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

// Who is found by `words` behind `after`.
std::string Matching(const std::vector<std::string>& words, const SearchPlace* after,
                     pg::Params* params) {
  std::string all = "region_code = $1 AND delete_time IS NULL";
  for (const std::string& word : words) {
    const size_t n = AddWord(word, params);
    std::string any;
    for (const char* column :
         {"search_family", "search_given", "search_patronymic", "search_second", "search_other"}) {
      absl::StrAppend(&any, any.empty() ? "" : " OR ", "(", BeginsWith(column, n), ")");
    }
    absl::StrAppend(&all, " AND (", any, ")");
    if (words.size() == 1) absl::StrAppend(&all, " AND NOT (", BeginsWith("search_family", n), ")");
  }
  return absl::StrCat(all, Behind(after, params));
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

absl::StatusOr<std::vector<std::string>> SearchWords(pg::Tx& tx, const std::string& text) {
  auto rows = tx.Query(kSqlWords, text);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> words;
  for (const auto& row : *rows) words.emplace_back(row[0].c_str());
  return words;
}

absl::StatusOr<SearchPlace> PlaceOf(pg::Tx& tx, const std::string& person, bool by_family) {
  auto rows = tx.Query(kSqlPlace, RegionOf(person), IdOf(person));
  if (!rows.ok()) return rows.status();
  const auto row = (*rows)[0];
  return SearchPlace{by_family, row[0].c_str(), row[1].c_str(), row[2].c_str(), IdOf(person)};
}

std::string FamilyCondition(const std::string& word, const SearchPlace* after, int limit,
                            pg::Params* params) {
  const std::string range = BeginsWith("search_family", AddWord(word, params));
  return absl::StrCat("region_code = $1 AND delete_time IS NULL AND ", range, Behind(after, params),
                      kOrder, " LIMIT ", limit);
}

absl::StatusOr<bool> FindsMany(pg::Tx& tx, const std::string& region,
                               const std::vector<std::string>& words, const SearchPlace* after) {
  auto params = pg::Params::Of(region);
  const std::string all = Matching(words, after, &params);
  auto rows = tx.Query(absl::StrCat("SELECT count(*) FROM (SELECT FROM person WHERE ", all,
                                    " LIMIT ", kMany, ") AS found"),
                       params);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int>() == kMany;
}

std::string SearchCondition(const std::vector<std::string>& words, const SearchPlace* after,
                            bool many, int limit, pg::Params* params) {
  const std::string all = Matching(words, after, params);
  if (many) return absl::StrCat(all, kOrder, " LIMIT ", limit);
  return absl::StrCat("region_code = $1 AND id = ANY(ARRAY(WITH found AS MATERIALIZED (SELECT id, ",
                      "search_family, search_given, search_patronymic FROM person WHERE ", all,
                      ") SELECT id FROM found", kOrder, " LIMIT ", limit, "))", kOrder);
}

}  // namespace rsnms::registry
