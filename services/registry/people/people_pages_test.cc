// Pages of search and of candidates for merging.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_join.h"
#include "services/registry/paging_test.h"
#include "services/registry/people/people_fixture.h"

namespace rsnms::registry {
namespace {

class PeoplePages : public PeopleTest {
 protected:
  using Search = Paged<v1::SearchPersonsRequest, v1::SearchPersonsResponse>;
  Search SearchBy(rpc::Client& client) {
    return {[this, &client](const auto& request) {
              return Ask<v1::SearchPersonsResponse>(client, "SearchPersons", request);
            },
            [](const auto& page) {
              std::vector<std::string> names;
              for (const auto& person : page.persons()) names.push_back(person.name());
              return names;
            }};
  }
  static v1::SearchPersonsRequest Asking(const std::string& query) {
    v1::SearchPersonsRequest request;
    request.set_parent(kRegion);
    request.set_query(query);
    request.set_page_size(100);
    return request;
  }
  using Duplicates = Paged<v1::FindDuplicatePersonsRequest, v1::FindDuplicatePersonsResponse>;
  Duplicates DuplicatesBy(rpc::Client& client) {
    return {[this, &client](const auto& request) {
              return Ask<v1::FindDuplicatePersonsResponse>(client, "FindDuplicatePersons", request);
            },
            [](const auto& page) {
              std::vector<std::string> pairs;
              for (const auto& c : page.candidates()) {
                pairs.push_back(absl::StrCat(c.score(), " ", c.person(), " ", c.other()));
              }
              return pairs;
            }};
  }
};

TEST_F(PeoplePages, SearchPagesAreTheWholeAndWhatWasAskedFor) {
  // Given names that begin like family names: both halves of a one-word answer are long.
  const std::vector<std::string> families = {"Маринина", "Марков", "Иванова",
                                             "Иванов",   "Ан-Мар", "Маркина-Мария"};
  const std::vector<std::string> given = {"Мария", "Иван", "Марк", "Анна"};
  const std::vector<std::string> patronymics = {"", "Ивановна", "Марковна", "Марк-оглы"};
  std::mt19937 random(7);
  std::vector<v1::Person> people;
  for (int i = 0; i < 100; ++i) {
    people.push_back(Named(families[random() % families.size()], given[random() % given.size()],
                           patronymics[random() % patronymics.size()]));
  }
  const auto fits = [](const v1::Person& person, const std::vector<std::string>& words) {
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      for (const std::string& name :
           {person.family_name(), person.given_name(), person.patronymic()}) {
        if (name.rfind(word, 0) == 0 || name.find("-" + word) != std::string::npos) return true;
      }
      return false;
    });
  };
  const std::vector<std::vector<std::string>> queries = {{"Мар"},
                                                         {"Иван"},
                                                         {"Анна"},
                                                         {"Мария", "Ив"},
                                                         {"Мар", "Марк"},
                                                         {"Нет"},
                                                         {"ог"},
                                                         {"Ив", "Ма", "Мар"},
                                                         {"Ан", "Ив", "М"},
                                                         {"Марк", "Мария"},
                                                         {"М", "Ив"},
                                                         {"Ма", "Ан", "ог"},
                                                         {"Ан", "Нет"},
                                                         {"Ан", "Ан"},
                                                         {"Мари", "Марк", "Ив", "А"}};
  for (const auto& words : queries) {
    const auto found = SearchBy(*admin_).ExpectPagesMakeTheWhole(Asking(absl::StrJoin(words, " ")));
    std::vector<std::string> expected;
    for (const auto& person : people) {
      if (fits(person, words)) expected.push_back(person.name());
    }
    EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(expected)) << absl::StrJoin(words, " ");
  }
}

// More than are sorted for a page: met on a walk in the order of names, the last ones sorted.
TEST_F(PeoplePages, PagesOfManyAreTheWhole) {
  Sql("INSERT INTO person (region_code, id, version, create_time, update_time, family_name, "
      "given_name, patronymic, sex, email, phone) SELECT '86', gen_random_uuid(), 1, now(), now(), "
      "chr(1072 + n % 20) || 'ова', CASE n % 8 WHEN 0 THEN 'Ольга' ELSE 'Анна' END, '', "
      "'UNSPECIFIED', '', '' "
      "FROM generate_series(1, 800) AS n RETURNING 1");
  std::string found;
  for (const auto& name : SearchBy(*admin_).Pages(Asking("анна"), 90)) {
    absl::StrAppend(&found, found.empty() ? "" : " ", name.substr(name.rfind('/') + 1));
  }
  EXPECT_EQ(found, Sql("SELECT string_agg(id::text, ' ' ORDER BY search_family, id) FROM person "
                       "WHERE given_name = 'Анна'"));
}

TEST_F(PeoplePages, SearchTokenIsOfItsQuestionAndCaller) {
  for (const char* given : {"Анна", "Мария", "Ольга"}) Named("Айпина", given);
  const auto other = service_->Connect({"administrator"}, {kRegion});
  SearchBy(*admin_).ExpectTokensAreBound(Asking("айпина"), Asking("айпин"), SearchBy(*other));
}

TEST_F(PeoplePages, CandidatesArePaged) {
  for (int i = 0; i < 5; ++i) Named("Айпина", "Анна");
  Named("Айпина", "Анны");
  v1::FindDuplicatePersonsRequest request;
  request.set_parent(kRegion);
  const auto pages = DuplicatesBy(*admin_);
  EXPECT_EQ(pages.ExpectPagesMakeTheWhole(request).size(), 15u);
  const auto other = service_->Connect({"administrator"}, {kRegion});
  auto otherwise = request;
  otherwise.set_min_score(61);
  pages.ExpectTokensAreBound(request, otherwise, DuplicatesBy(*other));
}

TEST_F(PeoplePages, TokenOfAnotherMethodIsRefused) {
  for (int i = 0; i < 3; ++i) Named("Айпина", "Анна");
  v1::FindDuplicatePersonsRequest request;
  request.set_parent(kRegion);
  request.set_page_size(1);
  auto page = Ask<v1::FindDuplicatePersonsResponse>("FindDuplicatePersons", request);
  ASSERT_TRUE(page.ok()) << page.status();
  auto search = Asking("айпина");
  search.set_page_token(page->next_page_token());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::SearchPersonsResponse>("SearchPersons", search).status()),
            "INVALID_PAGE_TOKEN");
}

}  // namespace
}  // namespace rsnms::registry
