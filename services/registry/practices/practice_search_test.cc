// Search in the bank goes by an index and page by page, and finds what reading everything finds.
#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_join.h"
#include "services/registry/paging_test.h"
#include "services/registry/practices/practice_fixture.h"

namespace rsnms::registry {
namespace {

class PracticeSearch : public PracticesTest {
 protected:
  void SetUp() override {
    PracticesTest::SetUp();
    // Some of every state; equal titles and days, so that only the id tells some apart.
    Sql(absl::StrCat(R"sql(
WITH w AS (SELECT ARRAY['чтение', 'Ёлка', 'клуб', 'шахматы', 'урок', 'проект', 'геометрия'] AS w)
INSERT INTO practice (region_code, id, version, create_time, update_time, title, kind, organisation_id,
  authors_ids, direction_code, subject_codes, summary, description, effect_evidence, materials_urls,
  state, stage, level, expert_count, round, decision_document, publication_url, publish_date, introduction_report)
SELECT '86', gen_random_uuid(), 1, now(), now(), w[1 + n % 7] || ' ' || w[1 + n / 7 % 7], 'TEACHING', ')sql",
                     IdOfName(school_), R"sql(', ARRAY[')sql", IdOfName(author_),
                     R"sql('], 'd' || n % 3, '{}',
  'как ' || w[1 + n / 3 % 7], '', '', '{}',
  CASE n % 5 WHEN 0 THEN 'CONFIRMED' WHEN 1 THEN 'INTRODUCED' ELSE 'PUBLISHED' END, 'FOUND', 'BASE', 2, 1, '', '',
  DATE '2024-01-01' + n % 4, ''
  FROM w, generate_series(1, 200) AS n RETURNING id)sql"));
  }
  using Search = Paged<v1::SearchPracticesRequest, v1::SearchPracticesResponse>;
  Search SearchBy(rpc::Client& client) {
    return {[this, &client](const auto& request) {
              v1::SearchPracticesResponse response;
              auto status = client.Unary("rsnms.registry.v1.Practices/SearchPractices", request,
                                         &response, absl::Now() + absl::Seconds(20));
              return status.ok() ? absl::StatusOr<v1::SearchPracticesResponse>(response) : status;
            },
            [](const auto& page) {
              std::vector<std::string> ids;
              for (const auto& p : page.practices()) ids.push_back(IdOfName(p.practice()));
              return ids;
            }};
  }
  static v1::SearchPracticesRequest Asking(const std::string& text) {
    v1::SearchPracticesRequest request;
    request.set_parent(kRegion);
    request.set_text(text);
    request.set_page_size(200);
    return request;
  }
  // What reading the whole region finds, in order.
  std::string Naive(const std::string& text) {
    return Sql(absl::StrCat(R"sql(
SELECT coalesce(string_agg(id::text, ' ' ORDER BY relevance DESC, publish_date DESC, title, id), '')
  FROM (SELECT *, (1000 * word_similarity(practice_search_text(')sql",
                            text, R"sql(', ''),
                    practice_search_text(title, summary)))::int AS relevance
          FROM practice WHERE state IN ('PUBLISHED', 'INTRODUCED') AND delete_time IS NULL) AS p
 WHERE ')sql",
                            text, R"sql(' = '' OR word_similarity(btrim(practice_search_text(')sql",
                            text,
                            R"sql(', '')), practice_search_text(title, summary)) >= 0.4)sql"));
  }
};

TEST_F(PracticeSearch, PagesAreTheWholeAndWhatReadingEverythingFinds) {
  for (const char* text : {"чтение", "ЕЛКА", "шахмоты", "клуб урок", "проект чтение", "химия"}) {
    const auto found = SearchBy(*admin_).ExpectPagesMakeTheWhole(Asking(text));
    EXPECT_EQ(absl::StrJoin(found, " "), Naive(text)) << text;
  }
  const auto all = SearchBy(*admin_).ExpectPagesMakeTheWhole(Asking(""));
  EXPECT_EQ(all.size(), 160u);
  EXPECT_EQ(absl::StrJoin(all, " "),
            Sql("SELECT string_agg(id::text, ' ' ORDER BY publish_date DESC, title, id) FROM "
                "practice WHERE state <> 'CONFIRMED'"));
}

TEST_F(PracticeSearch, TokenIsOfItsQuestionAndCaller) {
  const auto other = service_->Connect({"educator"}, {author_});
  SearchBy(*admin_).ExpectTokensAreBound(Asking("клуб"), Asking("клубы"), SearchBy(*other));
}

TEST_F(PracticeSearch, FormerLimitHolds) {
  v1::SearchPracticesRequest request;
  request.set_parent(kRegion);
  request.set_limit(3);
  auto page = SearchBy(*admin_).ask(request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->practices_size(), 3);
  EXPECT_TRUE(page->truncated());
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(SearchBy(*admin_).ask(request).status()), "INVALID_PAGE_SIZE");
}

// What is searched follows the practice: published, renamed, archived, deleted.
TEST_F(PracticeSearch, IndexFollowsThePractices) {
  const char kDiffers[] = R"sql(
SELECT count(*) FROM (
  SELECT id, practice_search_text(title, summary) AS words FROM practice
   WHERE state IN ('PUBLISHED', 'INTRODUCED') AND delete_time IS NULL) AS p
  FULL JOIN practice_search s ON s.practice_id = p.id
 WHERE s.words IS DISTINCT FROM p.words)sql";
  EXPECT_EQ(Sql(kDiffers), "0");
  for (const char* change : {"title = 'иначе'", "summary = 'иначе'", "state = 'ARCHIVED'",
                             "state = 'PUBLISHED'", "delete_time = now()", "delete_time = NULL"}) {
    Sql(absl::StrCat("UPDATE practice SET ", change,
                     " WHERE id IN (SELECT id FROM practice ORDER BY id LIMIT 40) RETURNING id"));
    EXPECT_EQ(Sql(kDiffers), "0") << change;
  }
}

// Trigrams under row level security of `practice` would never use it.
TEST_F(PracticeSearch, PlanUsesTheIndexUnderRowLevelSecurity) {
  pg::TxOptions scoped;
  scoped.scopes = kRegion;
  std::string plan;
  auto status = service_->database().app().Run(scoped, [&](pg::Tx& tx) {
    plan.clear();
    auto off = tx.Query("SELECT set_config('enable_seqscan', 'off', true)");
    if (!off.ok()) return off.status();
    auto rows = tx.Query("EXPLAIN SELECT practice_id FROM practice_search WHERE 'клуб' <% words");
    if (rows.ok()) {
      for (const auto& row : *rows) absl::StrAppend(&plan, row[0].c_str(), "\n");
    }
    return rows.status();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(plan, ::testing::HasSubstr("practice_search_trigram"));
}

}  // namespace
}  // namespace rsnms::registry
