#include "services/registry/practices/practice_search_store.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

// $1 region, $2 text, $3 kind, $4 direction, $5 organisation, $6 subject, $7 levels: null or empty
// takes all; $8 row limit. A text fits when its trigrams, up to a misspelling or two a word, occur
// in title or summary: 0.4 is the least share that still finds a word with one letter wrong.
constexpr char kSqlSearch[] = R"sql(
WITH asked AS (SELECT practice_search_text($2, '') AS words)
SELECT p.id, p.title, p.summary, p.kind, p.level, p.direction_code, p.organisation_id,
       extract(year FROM p.publish_date)::int AS year, extract(month FROM p.publish_date)::int AS month,
       extract(day FROM p.publish_date)::int AS day,
       CASE WHEN $2 = '' THEN 1000
            ELSE (1000 * word_similarity(btrim(asked.words), practice_search_text(p.title, p.summary)))::int
       END AS relevance
  FROM practice p, asked
 WHERE p.region_code = $1 AND p.state IN ('PUBLISHED', 'INTRODUCED') AND p.delete_time IS NULL
   AND ($2 = '' OR word_similarity(btrim(asked.words), practice_search_text(p.title, p.summary)) >= 0.4)
   AND ($3::text IS NULL OR p.kind = $3) AND ($4 = '' OR p.direction_code = $4)
   AND ($5::uuid IS NULL OR p.organisation_id = $5) AND ($6 = '' OR $6 = ANY (p.subject_codes))
   AND ($7::text[] IS NULL OR p.level = ANY ($7::text[]))
 ORDER BY relevance DESC, p.publish_date DESC, p.title, p.id
 LIMIT $8
)sql";

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
                             v1::SearchPracticesResponse* response) {
  std::optional<std::string> kind, organisation;
  if (request.kind() != v1::PRACTICE_KIND_UNSPECIFIED) {
    kind = v1::PracticeKind_Name(request.kind()).substr(sizeof("PRACTICE_KIND_") - 1);
  }
  if (!request.organisation().empty()) organisation = IdOf(request.organisation());
  const int limit = request.limit() == 0 ? 50 : std::min(request.limit(), 200);
  auto rows = tx.Query(kSqlSearch, RegionOf(request.parent()), request.text(), kind,
                       request.direction_code(), organisation, request.subject_code(),
                       Levels(request.least_level()), limit + 1);
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

}  // namespace rsnms::registry
