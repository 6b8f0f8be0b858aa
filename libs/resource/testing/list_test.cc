// List: filters against a naive evaluator, paging as properties, orders, scopes.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <set>

#include "libs/resource/filter.h"
#include "libs/resource/names.h"
#include "libs/resource/testing/filter_oracle.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

museum::ListSpecimensRequest ListOf(const std::string& filter, const std::string& order_by = "") {
  museum::ListSpecimensRequest request;
  request.set_parent("regions/86");
  request.set_filter(filter);
  request.set_order_by(order_by);
  request.set_page_size(1000);
  return request;
}

// Reads every page; `between` runs after each.
std::vector<museum::Specimen> ReadAll(Museum& m, museum::ListSpecimensRequest request,
                                      int page_size,
                                      const std::function<void()>& between = nullptr) {
  std::vector<museum::Specimen> all;
  request.set_page_size(page_size);
  for (int page = 0; page < 1000; ++page) {
    auto answer = m.Call<museum::ListSpecimensResponse>("ListSpecimens", request);
    if (!answer.ok()) {
      ADD_FAILURE() << answer.status();
      return all;
    }
    EXPECT_LE(answer->specimens_size(), page_size);
    for (const auto& s : answer->specimens()) all.push_back(s);
    if (answer->next_page_token().empty()) return all;
    request.set_page_token(answer->next_page_token());
    if (between) between();
  }
  ADD_FAILURE() << "endless";
  return all;
}

// Small domains, so that values meet.
const std::vector<std::string> kWords = {"", "ab", "Жук", "жук-олень", "a%b", "a_b", "x\\y", "zz"};

museum::Specimen Random(std::mt19937& dice) {
  const auto roll = [&](int n) { return static_cast<int>(dice() % n); };
  museum::Specimen s;
  s.set_title("т" + kWords[roll(kWords.size())]);
  s.set_weight(roll(5) - 2);
  if (roll(3) > 0) s.set_rank(roll(4));
  s.set_ratio(roll(4) * 0.5);
  s.set_rare(roll(2) == 0);
  s.set_colour(static_cast<museum::Colour>(roll(4)));
  if (roll(3) > 0) {
    s.mutable_found_date()->set_year(2024);
    s.mutable_found_date()->set_month(1 + roll(3));
    s.mutable_found_date()->set_day(1 + roll(2));
  }
  if (roll(3) > 0) s.mutable_seen_time()->set_seconds(1'700'000'000 + roll(3));
  if (roll(3) > 0) s.mutable_price()->set_value(absl::StrCat(roll(4), ".", roll(2) * 5));
  for (int i = roll(3); i > 0; --i) s.add_tags(kWords[1 + roll(4)]);
  if (roll(3) > 0) s.set_drawer(absl::StrCat("regions/86/drawers/d", roll(2)));
  for (int i = roll(3); i > 0; --i) s.add_drawers(absl::StrCat("regions/86/drawers/d", i));
  return s;
}

// A museum with rows enough, shared by the properties.
Museum& Filled() {
  static Museum& m = *[] {
    auto* made = new Museum();
    for (const char* id : {"d0", "d1", "d2"}) {
      museum::CreateDrawerRequest request;
      request.set_parent("regions/86");
      request.set_drawer_id(id);
      request.mutable_drawer()->set_title(id);
      if (!made->Call<museum::Drawer>("CreateDrawer", request).ok()) std::abort();
    }
    std::mt19937 dice(7);
    std::vector<museum::Specimen> rows;
    for (int i = 0; i < 300; ++i) rows.push_back(Random(dice));
    options::v1::ImportHeader header;
    header.set_parent("regions/86");
    auto report = made->Import(header, rows);
    if (!report.ok()) {
      std::fprintf(stderr, "%s\n", report.status().ToString().c_str());
      std::abort();
    }
    return made;
  }();
  return m;
}

std::string RandomValue(std::mt19937& dice, const std::string& field) {
  const auto pick = [&](std::vector<std::string> all) { return all[dice() % all.size()]; };
  if (field == "title") {
    return pick({"\"тab\"", "\"тЖук\"", "\"т*\"", "\"*b\"", "\"т*-*\"", "\"тa%b\"", "\"тa_b\"",
                 "\"тx\\\\y\"", "т", "\"\"", "\"*\""});
  }
  if (field == "weight") return pick({"-2", "0", "1", "\"2\"", "99"});
  if (field == "rank") return pick({"0", "1", "3", "*"});
  if (field == "ratio") return pick({"0", "0.5", "1.5", "5e-1"});
  if (field == "rare") return pick({"true", "false"});
  if (field == "colour") return pick({"RED", "COLOUR_GREEN", "\"BLUE\"", "UNSPECIFIED"});
  if (field == "found_date") return pick({"2024-01-01", "2024-02-02", "\"2024-03-01\""});
  if (field == "seen_time") return pick({"2023-11-14T22:13:20Z", "\"2023-11-15T03:13:21+05:00\""});
  if (field == "price") return pick({"0.5", "1.50", "2", "3.0"});
  if (field == "drawer") return pick({"regions/86/drawers/d0", "\"regions/86/drawers/d1\""});
  if (field == "drawers") return pick({"regions/86/drawers/d1", "regions/86/drawers/d2"});
  return pick({"ab", "\"Жук\"", "\"a%b\"", "none"});  // tags
}

std::string RandomComparator(std::mt19937& dice, const std::string& field) {
  const auto pick = [&](std::vector<std::string> all) { return all[dice() % all.size()]; };
  if (field == "tags" || field == "drawers") return ":";
  if (field == "rare" || field == "colour" || field == "drawer" || field == "title") {
    return pick({"=", "!="});
  }
  return pick({"=", "!=", "<", "<=", ">", ">="});
}

std::string RandomFilter(std::mt19937& dice, int depth) {
  static const std::vector<std::string> kFields = {"title", "weight", "rank",       "ratio",
                                                   "rare",  "colour", "found_date", "seen_time",
                                                   "price", "drawer", "drawers",    "tags"};
  const auto leaf = [&]() -> std::string {
    const std::string& field = kFields[dice() % kFields.size()];
    if (dice() % 8 == 0) return field + ":*";
    if (field == "title" && dice() % 4 == 0) return "title:\"УК\"";
    std::string value = RandomValue(dice, field);
    if (field == "rank" && value == "*") return "rank:*";
    return field + " " + RandomComparator(dice, field) + " " + value;
  };
  if (depth == 0 || dice() % 4 == 0) return leaf();
  std::string out;
  const int parts = 1 + dice() % 3;
  for (int i = 0; i < parts; ++i) {
    if (i > 0) out += std::vector<std::string>{" AND ", " OR ", " "}[dice() % 3];
    const std::string inner = RandomFilter(dice, depth - 1);
    switch (dice() % 4) {
      case 0:
        out += "NOT (" + inner + ")";
        break;
      case 1:
        out += "-(" + inner + ")";
        break;
      default:
        out += "(" + inner + ")";
    }
  }
  return out;
}

RC_GTEST_PROP(Filter, FindsExactlyWhatANaiveEvaluatorFinds, (unsigned seed)) {
  static const auto& everything =
      *new std::vector<museum::Specimen>(ReadAll(Filled(), ListOf(""), 1000));
  RC_ASSERT(everything.size() == 300u);
  std::mt19937 dice(seed);
  const std::string filter = RandomFilter(dice, 3);
  const auto tree = ParseFilter(filter);
  RC_ASSERT(tree.ok());
  std::set<std::string> expected, found;
  for (const auto& s : everything) {
    if (OracleMatches(*tree, s)) expected.insert(s.name());
  }
  auto answer = Filled().Call<museum::ListSpecimensResponse>("ListSpecimens", ListOf(filter));
  if (!answer.ok()) RC_FAIL(filter + ": " + answer.status().ToString());
  for (const auto& s : answer->specimens()) found.insert(s.name());
  if (expected != found) {
    RC_FAIL(filter + ": expected " + std::to_string(expected.size()) + ", found " +
            std::to_string(found.size()));
  }
}

const std::vector<std::string> kOrders = {"",
                                          "title",
                                          "title desc",
                                          "weight, title desc",
                                          "rank",
                                          "rank desc",
                                          "found_date desc, rank",
                                          "rank, weight desc, found_date"};

RC_GTEST_PROP(Paging, EveryRowOnceInTheSameOrderUnderAnyPageSize, (unsigned seed)) {
  std::mt19937 dice(seed);
  const auto request = ListOf(dice() % 2 ? "" : "weight >= 0", kOrders[dice() % kOrders.size()]);
  const auto whole = ReadAll(Filled(), request, 1000);
  const auto paged = ReadAll(Filled(), request, 1 + static_cast<int>(dice() % 60) + 10);
  RC_ASSERT(whole.size() == paged.size());
  std::set<std::string> names;
  for (size_t i = 0; i < whole.size(); ++i) {
    RC_ASSERT(whole[i].name() == paged[i].name());
    RC_ASSERT(names.insert(whole[i].name()).second);
  }
}

TEST(Paging, OrdersNullsLastAscendingAndFirstDescending) {
  const auto up = ReadAll(Filled(), ListOf("", "rank"), 50);
  const auto down = ReadAll(Filled(), ListOf("", "rank desc"), 50);
  EXPECT_TRUE(up.front().has_rank());
  EXPECT_FALSE(up.back().has_rank());
  EXPECT_FALSE(down.front().has_rank());
  EXPECT_TRUE(down.back().has_rank());
  for (size_t i = 0; i + 1 < up.size(); ++i) {
    EXPECT_TRUE(!up[i + 1].has_rank() || up[i].rank() <= up[i + 1].rank());
    EXPECT_EQ(up[i].name(), down[down.size() - 1 - i].name());
  }
}

TEST(Paging, RowsInsertedBetweenPagesNeitherRepeatNorHideOthers) {
  Museum m;
  std::set<std::string> before;
  for (int i = 0; i < 40; ++i) before.insert(m.Create(Specimen(absl::StrCat("t", i)))->name());
  const auto seen = ReadAll(m, ListOf("", "title"), 7, [&] {
    ASSERT_TRUE(m.Create(Specimen("a")).ok());
    ASSERT_TRUE(m.Create(Specimen("t2")).ok());
    ASSERT_TRUE(m.Create(Specimen("zz")).ok());
  });
  std::set<std::string> names;
  for (const auto& s : seen) EXPECT_TRUE(names.insert(s.name()).second) << s.title();
  for (const auto& name : before) EXPECT_TRUE(names.contains(name));
}

TEST(Paging, TokenOfAnotherListIsRefused) {
  Museum& m = Filled();
  auto request = ListOf("weight >= 0", "title");
  request.set_page_size(5);
  auto page = m.Call<museum::ListSpecimensResponse>("ListSpecimens", request);
  ASSERT_FALSE(page->next_page_token().empty());
  const auto reason = [&](const museum::ListSpecimensRequest& r,
                          const auth::Identity& who = Caller({"regions/86"})) {
    return rpc::ReasonOf(m.Call<museum::ListSpecimensResponse>("ListSpecimens", r, who).status());
  };
  request.set_page_token(page->next_page_token());
  EXPECT_EQ(reason(request), "");
  request.set_page_size(50);
  EXPECT_EQ(reason(request), "") << "page_size may change";
  auto other = request;
  other.set_filter("weight >= 1");
  EXPECT_EQ(reason(other), "INVALID_PAGE_TOKEN");
  other = request;
  other.set_order_by("title desc");
  EXPECT_EQ(reason(other), "INVALID_PAGE_TOKEN");
  other = request;
  other.set_parent("regions/-");
  EXPECT_EQ(reason(other), "INVALID_PAGE_TOKEN");
  other = request;
  other.set_show_deleted(true);
  EXPECT_EQ(reason(other), "INVALID_PAGE_TOKEN");
  EXPECT_EQ(reason(request, Caller({"regions/86"}, "mallory")), "INVALID_PAGE_TOKEN");
  EXPECT_EQ(reason(request, Caller({"regions/86", "regions/61"})), "INVALID_PAGE_TOKEN");
  const std::string token = page->next_page_token();
  for (size_t i = 0; i < token.size(); i += 7) {
    other = request;
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    other.set_page_token(forged);
    EXPECT_EQ(reason(other), "INVALID_PAGE_TOKEN") << i;
  }
}

TEST(Paging, SizesAreCoercedAndNegativeOnesRefused) {
  auto request = ListOf("");
  request.set_page_size(0);
  EXPECT_EQ(
      Filled().Call<museum::ListSpecimensResponse>("ListSpecimens", request)->specimens_size(), 50);
  request.set_page_size(1'000'000'000);
  EXPECT_EQ(
      Filled().Call<museum::ListSpecimensResponse>("ListSpecimens", request)->specimens_size(),
      300);
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(
                Filled().Call<museum::ListSpecimensResponse>("ListSpecimens", request).status()),
            "INVALID_PAGE_SIZE");
}

TEST(List, AllRegionsInScopeAreListedByDash) {
  Museum m;
  for (const char* region : {"86", "61", "05"}) {
    museum::CreateSpecimenRequest request;
    request.set_parent(absl::StrCat("regions/", region));
    *request.mutable_specimen() = Specimen(region);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(m.Call<museum::Specimen>("CreateSpecimen", request, Caller({"*"})).ok());
    }
  }
  const auto titles = [&](const std::string& parent, const auth::Identity& who) {
    museum::ListSpecimensRequest request;
    request.set_parent(parent);
    request.set_page_size(2);
    std::string out;
    do {
      auto page = m.Call<museum::ListSpecimensResponse>("ListSpecimens", request, who);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return out;
      for (const auto& s : page->specimens()) out += s.title() + " ";
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return out;
  };
  EXPECT_EQ(titles("regions/-", Caller({"*"})), "05 05 05 61 61 61 86 86 86 ");
  EXPECT_EQ(titles("regions/-", Caller({"regions/61", "regions/86"})), "61 61 61 86 86 86 ");
  EXPECT_EQ(titles("regions/61", Caller({"regions/86"})), "");
  EXPECT_EQ(titles("regions/-", Caller({})), "");
}

TEST(List, DeletedRowsAreShownOnlyWhenAskedFor) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  museum::DeleteSpecimenRequest remove;
  remove.set_name(s->name());
  ASSERT_TRUE(m.Call<museum::Specimen>("DeleteSpecimen", remove).ok());
  auto request = ListOf("");
  EXPECT_EQ(m.Call<museum::ListSpecimensResponse>("ListSpecimens", request)->specimens_size(), 0);
  request.set_show_deleted(true);
  EXPECT_EQ(m.Call<museum::ListSpecimensResponse>("ListSpecimens", request)->specimens_size(), 1);
}

}  // namespace
}  // namespace rsnms::resource
