// Start-up refusals: what a contract declares must stand in the schema.
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_join.h"
#include "libs/resource/engine_core.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

using options::v1::FilterIndex;

constexpr char kSqlColumns[] =
    "SELECT a.attname, t.typname, a.attnotnull FROM pg_attribute a "
    "JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped";
// One row per index: method, primary, name, its columns in order, their operator classes, whether
// it leaves rows out.
constexpr char kSqlIndexes[] =
    "SELECT am.amname, i.indisprimary, c.relname, "
    "array(SELECT coalesce(a.attname, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(n, o) "
    "  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n AND k.n > 0 "
    "  ORDER BY k.o)::text[], "
    "array(SELECT o.opcname FROM unnest(i.indclass::oid[]) WITH ORDINALITY k(n, o2) "
    "  JOIN pg_opclass o ON o.oid = k.n ORDER BY k.o2)::text[], "
    "i.indpred IS NOT NULL "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam "
    "WHERE i.indrelid = to_regclass($1) AND i.indisvalid";
constexpr char kSqlConstraints[] =
    "SELECT conname, array(SELECT a.attname FROM unnest(conkey) k(n) "
    "  JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n)::text[] "
    "FROM pg_constraint WHERE conrelid = to_regclass($1) AND conkey IS NOT NULL";
constexpr char kSqlSecurity[] =
    "SELECT c.relrowsecurity AND c.relforcerowsecurity AND "
    "EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid), "
    "coalesce((SELECT string_agg(pg_get_expr(p.polqual, p.polrelid), ' ') FROM pg_policy p "
    "  WHERE p.polrelid = c.oid), '') "
    "FROM pg_class c WHERE c.oid = to_regclass($1)";

struct Index {
  std::string method, name;
  bool primary = false, partial = false;
  std::vector<std::string> columns, classes;
};

class Checker {
 public:
  Checker(pg::Tx& tx, Store& store) : tx_(tx), store_(store), type_(store.mutable_type()) {}

  absl::Status Check() {
    if (auto s = CheckColumns(); !s.ok()) return s;
    if (auto s = ReadIndexes(); !s.ok()) return s;
    if (auto s = CheckIndexes(); !s.ok()) return s;
    if (auto s = CheckSecurity(); !s.ok()) return s;
    return ReadConstraints();
  }

 private:
  absl::Status Refuse(std::string_view why) const {
    return absl::FailedPreconditionError(
        Cat("table ", type_.table(), " of ", type_.resource_type(), ": ", why));
  }

  absl::Status CheckColumns() {
    auto rows = tx_.Query(kSqlColumns, type_.table());
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return Refuse("does not exist");
    absl::flat_hash_map<std::string, std::pair<std::string, bool>> columns;
    for (const auto& row : *rows) {
      columns[row[0].c_str()] = {row[1].c_str(), row[2].as<bool>()};
    }
    std::vector<std::pair<std::string, std::string>> needed = {
        {"region_code", "text"},
        {"id", type_.pattern().id_kind == options::v1::ID_KIND_UUID ? "uuid" : "text"},
        {"version", "int8"},
        {"create_time", "timestamptz"},
        {"update_time", "timestamptz"},
        {"delete_time", "timestamptz"}};
    for (const auto& c : type_.stored()) needed.emplace_back(c.sql, c.pg_type);
    for (const auto& [name, pg_type] : needed) {
      const auto it = columns.find(name);
      if (it == columns.end()) return Refuse(Cat("column ", name, " is missing"));
      if (it->second.first != pg_type) {
        return Refuse(
            Cat("column ", name, " is ", it->second.first, ", the contract needs ", pg_type));
      }
    }
    for (auto& c : type_.mutable_columns()) {
      const bool not_null = columns[c.sql].second;
      if (!not_null && !c.nullable && c.options.sortable()) {
        return Refuse(Cat("column ", c.sql, " is sortable and never unset: make it NOT NULL"));
      }
      if (not_null) c.nullable = false;
    }
    return absl::OkStatus();
  }

  absl::Status ReadIndexes() {
    auto rows = tx_.Query(kSqlIndexes, type_.table());
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      Index index;
      index.method = row[0].c_str();
      index.primary = row[1].as<bool>();
      index.name = row[2].c_str();
      index.columns = pg::FromArray(row[3].c_str());
      index.classes = pg::FromArray(row[4].c_str());
      index.partial = row[5].as<bool>();
      indexes_.push_back(std::move(index));
    }
    return absl::OkStatus();
  }

  // Partial indexes do not count, not even those of living rows: `show_deleted` lists the others
  // too, and a plan is one for both.
  bool HasBtree(const std::string& column) const {
    for (const auto& index : indexes_) {
      if (index.method == "btree" && !index.partial && index.columns.size() >= 2 &&
          index.columns[0] == "region_code" && index.columns[1] == column) {
        return true;
      }
    }
    return false;
  }

  bool HasInverted(const std::string& column, bool trigram) const {
    for (const auto& index : indexes_) {
      if (index.partial) continue;
      if (index.method != "gin" && !(trigram && index.method == "gist")) continue;
      for (size_t i = 0; i < index.columns.size(); ++i) {
        const bool classed =
            i < index.classes.size() && index.classes[i].find("trgm") != std::string::npos;
        if (index.columns[i] == column && classed == trigram) return true;
      }
    }
    return false;
  }

  absl::Status CheckIndexes() const {
    bool keyed = false;
    for (const auto& index : indexes_) {
      keyed = keyed ||
              (index.primary && index.columns == std::vector<std::string>{"region_code", "id"});
    }
    if (!keyed) return Refuse("the primary key must be (region_code, id)");
    for (const auto& c : type_.columns()) {
      if (auto s = CheckIndex(c); !s.ok()) return s;
    }
    for (std::string_view time : {"create_time", "update_time", "delete_time"}) {
      const Column* c = type_.Find(time);
      if (c == nullptr) continue;
      if (auto s = CheckIndex(*c); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  absl::Status CheckIndex(const Column& c) const {
    const auto filter = c.options.filter();
    const bool small = filter == options::v1::FILTER_INDEX_NONE_SMALL;
    const std::string found = c.options.encrypted() ? c.sql + "_index" : c.sql;
    if (filter == options::v1::FILTER_INDEX_BTREE && !HasBtree(found)) {
      return Refuse(Cat("needs an index on (region_code, ", found, "): it is filterable"));
    }
    if (filter == options::v1::FILTER_INDEX_GIN && !HasInverted(c.sql, false)) {
      return Refuse(Cat("needs a GIN index on ", c.sql, ": it is filterable"));
    }
    if (filter == options::v1::FILTER_INDEX_TRIGRAM && !HasInverted(c.sql, true)) {
      return Refuse(Cat("needs a trigram index on ", c.sql, ": it is filterable"));
    }
    if (c.options.sortable() && !small && !type_.is_region() && !HasBtree(c.sql)) {
      return Refuse(Cat("needs an index on (region_code, ", c.sql, "): it is sortable"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckSecurity() const {
    auto rows = tx_.Query(kSqlSecurity, type_.table());
    if (!rows.ok()) return rows.status();
    if (rows->empty() || !(*rows)[0][0].as<bool>()) {
      return Refuse("row level security must be enabled and forced, with a policy");
    }
    const std::string_view policies = (*rows)[0][1].c_str();
    for (const auto& c : type_.columns()) {
      if (c.options.scope() == options::v1::SCOPE_ROLE_UNSPECIFIED) continue;
      if (policies.find(c.sql) != std::string_view::npos) continue;
      return Refuse(Cat("no policy looks at ", c.sql, ": the contract says it carries rights"));
    }
    return absl::OkStatus();
  }

  // Which field a refused constraint speaks of.
  absl::Status ReadConstraints() {
    auto rows = tx_.Query(kSqlConstraints, type_.table());
    if (!rows.ok()) return rows.status();
    absl::flat_hash_map<std::string, std::string> fields;
    for (const auto& row : *rows) {
      Note(row[0].c_str(), pg::FromArray(row[1].c_str()), &fields);
    }
    for (const auto& index : indexes_) Note(index.name, index.columns, &fields);
    store_.AddConstraintFields(fields);
    return absl::OkStatus();
  }

  void Note(const std::string& name, const std::vector<std::string>& columns,
            absl::flat_hash_map<std::string, std::string>* fields) const {
    for (const auto& column : columns) {
      for (const auto& c : type_.columns()) {
        if (c.sql == column || (c.options.encrypted() && c.sql + "_index" == column)) {
          fields->try_emplace(name, c.field->name());
          return;
        }
      }
    }
  }

  pg::Tx& tx_;
  Store& store_;
  Type& type_;
  std::vector<Index> indexes_;
};

}  // namespace

absl::Status CheckSchema(pg::Tx& tx, Store& store) { return Checker(tx, store).Check(); }

}  // namespace rsnms::resource
