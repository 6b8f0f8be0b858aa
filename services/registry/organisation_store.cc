#include "services/registry/organisation_store.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr int kMaxTree = 50'000;

constexpr char kSqlFind[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || id AS name,
       coalesce('regions/' || region_code || '/municipalities/' || municipality_id, '') AS municipality,
       founded_date - DATE '1970-01-01' AS founded, closed_date - DATE '1970-01-01' AS closed,
       delete_time IS NOT NULL AS deleted
  FROM organisation
 WHERE region_code = $1 AND id = ANY($2::uuid[])
   FOR SHARE
)sql";

// Every body that works on the date, every link that holds on it and every former name (without a
// kind) borne on it: $1 region, $2 hierarchy, $3 date. One statement, hence one snapshot; joined in
// code, because a join or recursion planned for a table just loaded looks up every body by itself.
constexpr char kSqlForest[] = R"sql(
SELECT id, NULL::uuid AS parent_id, official_name, kind
  FROM organisation
 WHERE region_code = $1 AND delete_time IS NULL AND coalesce(closed_date, 'infinity') >= $3::date
 UNION ALL
SELECT child_id, parent_id, '', ''
  FROM organisation_link
 WHERE region_code = $1 AND hierarchy = $2 AND delete_time IS NULL
   AND valid_from_date <= $3::date AND coalesce(valid_until_date, 'infinity') >= $3::date
 UNION ALL
SELECT organisation_id, NULL, official_name, ''
  FROM organisation_former_name
 WHERE region_code = $1 AND delete_time IS NULL
   AND coalesce(valid_from_date, '-infinity') <= $3::date AND valid_until_date >= $3::date
)sql";

std::string NameOf(const std::string& region_parent, const char* id) {
  return absl::StrCat(region_parent, "/organisations/", id);
}

// A body and its place in the forest. The texts are the result's.
struct Body {
  const char *id, *name, *kind;
  std::vector<int> children;
};

// What a tree is made of. The texts belong to whoever gave them.
struct Forest {
  std::vector<Body> bodies;
  absl::flat_hash_map<std::string_view, std::string_view> parents;  // by id of the body below
};

Forest ForestOf(const pqxx::result& rows) {
  Forest forest;
  absl::flat_hash_map<std::string_view, const char*> names;  // borne on the date, later not
  for (const auto& row : rows) {
    const auto id = row[0], parent = row[1], name = row[2], kind = row[3];
    if (!parent.is_null()) {
      forest.parents.emplace(id.c_str(), parent.c_str());
    } else if (*kind.c_str() == '\0') {
      names.emplace(id.c_str(), name.c_str());
    } else {
      forest.bodies.push_back({id.c_str(), name.c_str(), kind.c_str(), {}});
    }
  }
  if (names.empty()) return forest;
  for (Body& body : forest.bodies) {
    if (const auto name = names.find(body.id); name != names.end()) body.name = name->second;
  }
  return forest;
}

Forest ForestOf(const KnownBodies& known) {
  Forest forest;
  for (size_t i = 0; i < known.ids.size(); ++i) {
    forest.bodies.push_back(
        {known.ids[i].c_str(), known.names[i].c_str(), known.kinds[i].c_str(), {}});
  }
  for (size_t i = 0; i < known.children.size(); ++i)
    forest.parents.emplace(known.children[i], known.parents[i]);
  return forest;
}

// Turns bodies and links into trees: parents before children, siblings by name. A parent that is
// not among the bodies (closed on the date, or unseen by the caller) is none: what stands below it
// is shown as a tree of its own.
class TreeBuilder {
 public:
  TreeBuilder(Forest forest, const v1::GetOrganisationTreeRequest& request,
              v1::OrganisationTree* tree)
      : request_(request), tree_(tree), bodies_(std::move(forest.bodies)) {
    for (int i = 0; i < static_cast<int>(bodies_.size()); ++i) by_id_.emplace(bodies_[i].id, i);
    std::vector<int> tops;
    for (int i = 0; i < static_cast<int>(bodies_.size()); ++i) {
      const auto link = forest.parents.find(bodies_[i].id);
      const auto parent = link == forest.parents.end() ? by_id_.end() : by_id_.find(link->second);
      (parent == by_id_.end() ? tops : bodies_[parent->second].children).push_back(i);
    }
    Fill(std::move(tops));
  }

 private:
  void Fill(std::vector<int> tops) {
    const int limit = request_.has_max_depth() ? request_.max_depth() : INT_MAX;
    if (!request_.root().empty()) {
      const auto root = by_id_.find(IdOf(request_.root()));
      if (root != by_id_.end()) Add(root->second, nullptr, 0, limit);
      return;
    }
    Sort(tops);
    for (int top : tops) {  // a body without any link stands in no tree
      if (!bodies_[top].children.empty()) Add(top, nullptr, 0, limit);
    }
  }

  // By code points of the names, then by id: the same order in every database.
  void Sort(std::vector<int>& siblings) const {
    std::sort(siblings.begin(), siblings.end(), [this](int a, int b) {
      const int order = std::strcmp(bodies_[a].name, bodies_[b].name);
      return order != 0 ? order < 0 : std::strcmp(bodies_[a].id, bodies_[b].id) < 0;
    });
  }

  void Add(int at, const std::string* parent, int depth, int limit) {
    Body& body = bodies_[at];
    v1::OrganisationNode* node = tree_->add_nodes();
    node->set_organisation(NameOf(request_.parent(), body.id));
    if (parent != nullptr) node->set_parent(*parent);
    node->set_depth(depth);
    node->set_official_name(body.name);
    node->set_kind(KindOf(body.kind));
    if (depth >= limit) return;
    Sort(body.children);
    for (int child : body.children) Add(child, &node->organisation(), depth + 1, limit);
  }

  v1::OrganisationKind KindOf(const char* stored) {
    auto [found, fresh] = kinds_.try_emplace(stored, v1::ORGANISATION_KIND_UNSPECIFIED);
    if (fresh)
      v1::OrganisationKind_Parse(absl::StrCat("ORGANISATION_KIND_", stored), &found->second);
    return found->second;
  }

  const v1::GetOrganisationTreeRequest& request_;
  v1::OrganisationTree* tree_;
  std::vector<Body> bodies_;
  absl::flat_hash_map<std::string_view, int> by_id_;
  absl::flat_hash_map<std::string, v1::OrganisationKind> kinds_;
};

absl::Status Build(Forest forest, const v1::GetOrganisationTreeRequest& request,
                   v1::OrganisationTree* tree) {
  tree->Clear();  // the transaction may run again
  TreeBuilder(std::move(forest), request, tree);
  if (tree->nodes_size() > kMaxTree) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_TREE_TOO_LARGE,
                      "the tree holds more than 50000 bodies");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<absl::flat_hash_map<std::string, OrganisationFacts>> FindOrganisations(
    pg::Tx& tx, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, OrganisationFacts> found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlFind, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      OrganisationFacts facts;
      facts.municipality = row["municipality"].c_str();
      int day = 0;
      if (absl::SimpleAtoi(row["founded"].c_str(), &day))
        facts.founded = absl::CivilDay(1970, 1, 1) + day;
      if (absl::SimpleAtoi(row["closed"].c_str(), &day))
        facts.closed = absl::CivilDay(1970, 1, 1) + day;
      facts.deleted = row["deleted"].c_str()[0] == 't';
      found.emplace(row["name"].c_str(), std::move(facts));
    }
  }
  return found;
}

absl::Status ReadTree(pg::Tx& tx, const v1::GetOrganisationTreeRequest& request,
                      v1::OrganisationTree* tree) {
  const std::string region = RegionOf(request.parent());
  const std::string hierarchy =
      v1::Hierarchy_Name(request.hierarchy()).substr(sizeof("HIERARCHY_") - 1);
  auto rows = tx.Query(kSqlForest, region, hierarchy, ToIso(request.as_of_date()));
  if (!rows.ok()) return rows.status();
  return Build(ForestOf(*rows), request, tree);
}

absl::Status BuildTree(const KnownBodies& known, const v1::GetOrganisationTreeRequest& request,
                       v1::OrganisationTree* tree) {
  return Build(ForestOf(known), request, tree);
}

}  // namespace rsnms::registry
