// Trees of organisations: as a naive model has them, and large.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "services/registry/structure/structure_fixture.h"

namespace rsnms::registry {
namespace {

struct Body {
  std::string id, name;
  std::optional<CivilDay> closed = {};
};
struct Link {
  int child, parent;
  CivilDay from;
  std::optional<CivilDay> until = {};
};

class TreeTest : public StructureTest {
 protected:
  void SetUp() override {
    StructureTest::SetUp();
    MakeRegion();
  }
  static std::string Uuid(int number) {
    return absl::StrFormat("00000000-0000-4000-8000-%012d", number);
  }
  static std::string Quoted(const std::optional<CivilDay>& day) {
    return day ? "'" + absl::FormatCivilTime(*day) + "'" : "NULL";
  }
  void Store(const std::vector<Body>& bodies, const std::vector<Link>& links) {
    for (const Body& body : bodies) {
      Sql(absl::StrCat("INSERT INTO organisation VALUES ('86', '", body.id,
                       "', 1, now(), now(), NULL, '", body.name,
                       "', '', 'SCHOOL', NULL, '', '', '', NULL, ", Quoted(body.closed),
                       ") RETURNING 1"));
    }
    int number = 100000;
    for (const Link& link : links) {
      Sql(absl::StrCat("INSERT INTO organisation_link VALUES ('86', '", Uuid(++number),
                       "', 1, now(), now(), NULL, '", bodies[link.child].id, "', '",
                       bodies[link.parent].id, "', 'ADMINISTRATIVE', ", Quoted(link.from), ", ",
                       Quoted(link.until), ", '') RETURNING 1"));
    }
  }
};

// What the contract says, word by word: no indexes, no joins.
std::vector<std::string> NaiveTree(const std::vector<Body>& bodies, const std::vector<Link>& links,
                                   CivilDay day, int root, int limit) {
  const auto works = [&](int i) { return !bodies[i].closed || *bodies[i].closed >= day; };
  const auto under = [&](int parent) {
    std::vector<int> children;
    for (const Link& link : links) {
      const bool holds = link.from <= day && (!link.until || *link.until >= day);
      if (holds && link.parent == parent && works(link.child)) children.push_back(link.child);
    }
    std::sort(children.begin(), children.end(), [&](int a, int b) {
      return std::pair(bodies[a].name, bodies[a].id) < std::pair(bodies[b].name, bodies[b].id);
    });
    return children;
  };
  const auto has_parent = [&](int i) {
    return std::any_of(links.begin(), links.end(), [&](const Link& link) {
      return link.child == i && works(link.parent) && link.from <= day &&
             (!link.until || *link.until >= day);
    });
  };
  std::vector<std::string> lines;
  const std::function<void(int, int)> add = [&](int i, int depth) {
    lines.push_back(absl::StrCat(depth, " ", bodies[i].name));
    if (depth >= limit) return;
    for (int child : under(i)) add(child, depth + 1);
  };
  std::vector<int> order(bodies.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return bodies[a].name < bodies[b].name; });
  for (int i : order) {
    if (!works(i)) continue;
    const bool top = root >= 0 ? i == root : !has_parent(i) && !under(i).empty();
    if (top) add(i, 0);
  }
  return lines;
}

TEST_F(TreeTest, TreeIsThatOfANaiveModelOnAnyDateUnderAnyRoot) {
  std::mt19937 random(20260901);
  const auto number = [&](int below) { return static_cast<int>(random() % below); };
  const CivilDay first(2020, 1, 1);
  std::vector<Body> bodies(40);
  for (int i = 0; i < 40; ++i) {
    bodies[i] = {.id = Uuid(i + 1), .name = absl::StrFormat("body %02d", (i * 17) % 40)};
    if (number(6) == 0) bodies[i].closed = first + number(1000);
  }
  std::vector<Link> links;
  for (int child = 1; child < 40; ++child) {
    CivilDay from = first + number(200);
    for (int turn = number(4); turn > 0; --turn) {
      Link link{.child = child, .parent = number(child), .from = from};
      if (turn > 1) link.until = from + number(300);
      links.push_back(link);
      if (link.until) from = *link.until + 1 + number(50);
    }
  }
  Store(bodies, links);
  for (int day = -10; day < 1100; day += 74) {
    EXPECT_EQ(Tree(first + day), NaiveTree(bodies, links, first + day, -1, 1000));
    const int root = number(40);
    EXPECT_EQ(Tree(first + day, "regions/86/organisations/" + bodies[root].id, 2),
              NaiveTree(bodies, links, first + day, root, 2));
    EXPECT_EQ(Tree(first + day, "", 1), NaiveTree(bodies, links, first + day, -1, 1));
  }
}

TEST_F(TreeTest, TreeOfFortyThousandOrganisationsIsAnsweredWhole) {
  // 1 region's body, 100 municipal ones, the rest under these.
  Sql("INSERT INTO organisation SELECT '86', ('00000000-0000-4000-8000-' || lpad(i::text, 12, "
      "'0'))::uuid, 1, now(), now(), NULL, 'Муниципальное бюджетное общеобразовательное "
      "учреждение № ' || i, '', 'SCHOOL', NULL, '', '', '', NULL, NULL FROM generate_series(1, "
      "40000) AS i RETURNING 1");
  Sql("INSERT INTO organisation_link SELECT '86', ('00000000-0000-4000-8001-' || lpad(i::text, 12, "
      "'0'))::uuid, 1, now(), now(), NULL, ('00000000-0000-4000-8000-' || lpad(i::text, 12, "
      "'0'))::uuid, ('00000000-0000-4000-8000-' || lpad((CASE WHEN i <= 101 THEN 1 ELSE 2 + i % "
      "100 END)::text, 12, '0'))::uuid, 'ADMINISTRATIVE', '2020-01-01', NULL, '' FROM "
      "generate_series(2, 40000) AS i RETURNING 1");
  for (int turn = 0; turn < 3; ++turn) {
    const absl::Time begin = absl::Now();
    const auto tree = Tree(CivilDay(2026, 9, 1));
    std::printf("40 000 bodies in %s\n", absl::FormatDuration(absl::Now() - begin).c_str());
    ASSERT_EQ(tree.size(), 40000u);
    EXPECT_EQ(tree[0], "0 Муниципальное бюджетное общеобразовательное учреждение № 1");
  }
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Tree(CivilDay(2026, 9, 1), "regions/86/organisations/" + Uuid(2)).size(), 400u);
  std::printf("400 bodies under a root in %s\n", absl::FormatDuration(absl::Now() - begin).c_str());
}

}  // namespace
}  // namespace rsnms::registry
