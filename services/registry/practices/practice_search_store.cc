#include "services/registry/practices/practice_search_store.h"

#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/pages.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr int kDefaultPage = 50, kLargestPage = 200;

// $1 region, $2 text, $3 kind, $4 direction, $5 organisation, $6 subject, $7 levels: null or empty
// takes all; $8 row limit; $9 to $12 the place the page before ended at, null on the first one. A
// text fits when its trigrams, up to a misspelling or two a word, occur in title or summary. The
// index (practice_search) finds the candidates; what the caller may see is judged on `practice`.
constexpr char kSqlSearch[] = R"sql(
WITH candidate AS MATERIALIZED (
  SELECT s.practice_id, (1000 * word_similarity($2, s.words))::int AS relevance
    FROM practice_search s
   WHERE s.region_code = $1 AND $2 <% s.words
)
SELECT p.id, p.title, p.summary, p.kind, p.level, p.direction_code, p.organisation_id,
       extract(year FROM p.publish_date)::int AS year, extract(month FROM p.publish_date)::int AS month,
       extract(day FROM p.publish_date)::int AS day, c.relevance
  FROM candidate c JOIN practice p ON p.region_code = $1 AND p.id = c.practice_id
 WHERE p.state IN ('PUBLISHED', 'INTRODUCED') AND p.delete_time IS NULL
   AND ($3::text IS NULL OR p.kind = $3) AND ($4 = '' OR p.direction_code = $4)
   AND ($5::uuid IS NULL OR p.organisation_id = $5) AND ($6 = '' OR $6 = ANY (p.subject_codes))
   AND ($7::text[] IS NULL OR p.level = ANY ($7::text[]))
   AND ($9::int IS NULL OR c.relevance < $9::int OR c.relevance = $9::int
        AND (p.publish_date < $10::date OR p.publish_date = $10::date AND (p.title, p.id) > ($11, $12::uuid)))
 ORDER BY c.relevance DESC, p.publish_date DESC, p.title, p.id
 LIMIT $8
)sql";

// The same for an empty text: the latest published, in the order of an index. $9 is not needed.
constexpr char kSqlLatest[] = R"sql(
SELECT p.id, p.title, p.summary, p.kind, p.level, p.direction_code, p.organisation_id,
       extract(year FROM p.publish_date)::int AS year, extract(month FROM p.publish_date)::int AS month,
       extract(day FROM p.publish_date)::int AS day, 1000 AS relevance
  FROM practice p
 WHERE p.region_code = $1 AND p.state IN ('PUBLISHED', 'INTRODUCED') AND p.delete_time IS NULL
   AND $2 = ''
   AND ($3::text IS NULL OR p.kind = $3) AND ($4 = '' OR p.direction_code = $4)
   AND ($5::uuid IS NULL OR p.organisation_id = $5) AND ($6 = '' OR $6 = ANY (p.subject_codes))
   AND ($7::text[] IS NULL OR p.level = ANY ($7::text[]))
   AND p.publish_date <= coalesce($10::date, 'infinity')
   AND ($9::int IS NULL OR p.publish_date < $10::date OR (p.title, p.id) > ($11, $12::uuid))
 ORDER BY p.publish_date DESC, p.title, p.id
 LIMIT $8
)sql";

// Words as they are searched. The least share of trigrams that still finds a word with one letter
// wrong holds for this transaction.
constexpr char kSqlWords[] =
    "SELECT btrim(practice_search_text($1, '')), "
    "set_config('pg_trgm.word_similarity_threshold', '0.4', true)";

int Number(const pqxx::row& row, const char* column) {
  int number = 0;
  (void)absl::SimpleAtoi(row[column].c_str(), &number);
  return number;
}

// Levels from the least asked for upwards.
std::optional<std::string> Levels(v1::PracticeLevel least) {
  switch (least) {
    case v1::PRACTICE_LEVEL_ADVANCED:
      return "{ADVANCED,HIGHEST}";
    case v1::PRACTICE_LEVEL_HIGHEST:
      return "{HIGHEST}";
    case v1::PRACTICE_LEVEL_BASE:
      return "{BASE,ADVANCED,HIGHEST}";
    default:
      return std::nullopt;
  }
}

void FillFound(const pqxx::row& row, const std::string& parent, v1::FoundPractice* found) {
  found->set_practice(absl::StrCat(parent, "/practices/", row["id"].c_str()));
  found->set_title(row["title"].c_str());
  found->set_summary(row["summary"].c_str());
  v1::PracticeKind kind = v1::PRACTICE_KIND_UNSPECIFIED;
  (void)v1::PracticeKind_Parse(absl::StrCat("PRACTICE_KIND_", row["kind"].c_str()), &kind);
  found->set_kind(kind);
  v1::PracticeLevel level = v1::PRACTICE_LEVEL_UNSPECIFIED;
  (void)v1::PracticeLevel_Parse(absl::StrCat("PRACTICE_LEVEL_", row["level"].c_str()), &level);
  found->set_level(level);
  found->set_direction_code(row["direction_code"].c_str());
  found->set_organisation(absl::StrCat(parent, "/organisations/", row["organisation_id"].c_str()));
  found->mutable_publish_date()->set_year(Number(row, "year"));
  found->mutable_publish_date()->set_month(Number(row, "month"));
  found->mutable_publish_date()->set_day(Number(row, "day"));
  found->set_relevance_thousandths(Number(row, "relevance"));
}

}  // namespace

absl::Status SearchPractices(pg::Tx& tx, const v1::SearchPracticesRequest& request,
                             const std::optional<resource::Values>& after,
                             v1::SearchPracticesResponse* response) {
  std::optional<std::string> kind, organisation;
  if (request.kind() != v1::PRACTICE_KIND_UNSPECIFIED) {
    kind = v1::PracticeKind_Name(request.kind()).substr(sizeof("PRACTICE_KIND_") - 1);
  }
  if (!request.organisation().empty()) organisation = IdOf(request.organisation());
  const int limit = PageSize(request.page_size() == 0 ? request.limit() : request.page_size(),
                             kDefaultPage, kLargestPage);
  auto words = tx.Query(kSqlWords, request.text());
  if (!words.ok()) return words.status();
  const std::string text = (*words)[0][0].c_str();
  const auto& place = after ? *after : resource::Values(kPracticePlaceColumns);
  auto rows =
      tx.Query(text.empty() ? kSqlLatest : kSqlSearch, RegionOf(request.parent()), text, kind,
               request.direction_code(), organisation, request.subject_code(),
               Levels(request.least_level()), limit + 1, place[0], place[1], place[2], place[3]);
  if (!rows.ok()) return rows.status();
  response->Clear();  // the transaction may run again
  for (const auto& row : *rows) {
    if (response->practices_size() == limit) {
      response->set_truncated(true);
      break;
    }
    FillFound(row, request.parent(), response->add_practices());
  }
  return absl::OkStatus();
}

resource::Values LastPlace(const v1::SearchPracticesResponse& response) {
  const auto& last = *(response.practices().end() - 1);
  return {absl::StrCat(last.relevance_thousandths()), ToIso(last.publish_date()), last.title(),
          IdOf(last.practice())};
}

}  // namespace rsnms::registry
