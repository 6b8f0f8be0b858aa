#include "libs/resource/repoint.h"

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "libs/resource/table.h"
#include "libs/resource/text.h"
#include "libs/resource/type.h"

namespace rsnms::resource {
namespace {

// $1 region, $2 target type, $3 original, $4 referring type, $5 field, $6 present wanted.
constexpr char kSqlMoved[] =
    "SELECT row_id, present_id FROM repointed WHERE region_code = $1 AND target_type = $2 AND "
    "original_id = $3 AND resource_type = $4 AND field = $5 AND present_id <> $6";
// $1 region, $2 referring type, $3 row, $4 field, $5 target type, $6 original, $7 present.
constexpr char kSqlRemember[] =
    "INSERT INTO repointed (region_code, resource_type, row_id, field, target_type, original_id, "
    "present_id) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (region_code, resource_type, "
    "row_id, field, original_id) DO UPDATE SET present_id = excluded.present_id";
constexpr char kSqlForget[] =
    "DELETE FROM repointed WHERE region_code = $1 AND resource_type = $2 AND row_id = $3 AND field "
    "= $4 AND original_id = $5";
constexpr char kSqlForgetField[] =
    "DELETE FROM repointed WHERE region_code = $1 AND resource_type = $2 AND row_id = $3 AND field "
    "= $4";
// Columns with something to follow are found by one statement; most have nothing.
// $1 region, $2 target type, $3 originals, $4 present wanted.
constexpr char kSqlMovedAnywhere[] =
    "SELECT DISTINCT resource_type || '/' || field, original_id FROM repointed WHERE region_code = "
    "$1 AND target_type = $2 AND original_id = ANY($3::text[]) AND present_id <> $4";
// $1 target type, $2 regions, $3 originals, $4 presents; those that stand alone are forgotten.
constexpr char kSqlForgetTargets[] =
    "DELETE FROM redirected r USING unnest($2::text[], $3::text[], $4::text[]) AS t (region, "
    "original, present) WHERE r.region_code = t.region AND r.target_type = $1 AND r.original_id = "
    "t.original AND t.present = t.original";
constexpr char kSqlRememberTargets[] =
    "INSERT INTO redirected (region_code, target_type, original_id, present_id) SELECT region, $1, "
    "original, present FROM unnest($2::text[], $3::text[], $4::text[]) AS t (region, original, "
    "present) WHERE present <> original ON CONFLICT (region_code, target_type, original_id) DO "
    "UPDATE SET present_id = excluded.present_id";
// Rows that left what they named at first and stand where they should not.
// $1 target type, $2 names looked at.
constexpr char kSqlAstray[] =
    "SELECT p.region_code, p.original_id, coalesce(r.present_id, p.original_id) AS present_id FROM "
    "repointed p LEFT JOIN redirected r USING (region_code, target_type, original_id) WHERE "
    "p.target_type = $1 AND p.present_id <> coalesce(r.present_id, p.original_id)";
// Nothing comes to name what is itself merged as far as is known: the news of it is on its way, and
// its own rows come home first.
constexpr char kSqlReady[] =
    " WHERE NOT EXISTS (SELECT FROM redirected r WHERE r.region_code = u.region_code AND "
    "r.target_type = $1 AND r.original_id = u.present_id)";

// Puts `to` in the place of `from`; false when the field does not name `from`, or names `to` too.
bool Replace(const Column& column, const std::string& from, const std::string& to, Message* row) {
  const auto* reflection = row->GetReflection();
  if (!column.field->is_repeated()) {
    if (reflection->GetString(*row, column.field) != from) return false;
    reflection->SetString(row, column.field, to);
    return true;
  }
  int at = -1;
  for (int i = 0; i < reflection->FieldSize(*row, column.field); ++i) {
    const std::string name = reflection->GetRepeatedString(*row, column.field, i);
    if (name == to) return false;
    if (name == from) at = i;
  }
  if (at >= 0) reflection->SetRepeatedString(row, column.field, at, to);
  return at >= 0;
}

bool Names(const Column& column, const std::string& name, const Message& row) {
  const std::unique_ptr<Message> copy(row.New());
  copy->CopyFrom(row);
  return Replace(column, name, "", copy.get());
}

// One referring field of one type.
class Referrer {
 public:
  Referrer(pg::Tx& tx, const Engine& engine, const journal::Author& author, const Type& type,
           const Column& column)
      : tx_(tx),
        author_(author),
        type_(type),
        column_(column),
        rows_(RowsOf(engine, type.descriptor())) {}

  absl::Status Follow(const NameParts& original, const NameParts& present, Repointed* done) {
    if (auto s = MoveOn(original, present, done); !s.ok()) return s;
    return original.id == present.id ? absl::OkStatus() : Begin(original, present, done);
  }

 private:
  std::string NameOf(std::string_view region, std::string_view id) const {
    return column_.target.pattern.Format(region, id);
  }

  // References that left `original` before.
  absl::Status MoveOn(const NameParts& original, const NameParts& present, Repointed* done) {
    auto moved = tx_.Query(kSqlMoved, original.region, column_.target.type, original.id,
                           type_.resource_type(), column_.field->name(), present.id);
    if (!moved.ok()) return moved.status();
    for (const auto& row : *moved) {
      const std::string id = row[0].c_str();
      const auto before = type_.New();
      auto s =
          rows_.Get(tx_, type_.pattern().Format(original.region, id), Lock::kUpdate, before.get());
      if (!s.ok()) return s;
      const std::string from = NameOf(original.region, row[1].c_str());
      const std::string to = NameOf(present.region, present.id);
      auto written = Write(*before, from, to, done);
      if (!written.ok()) return written.status();
      bool gone = !*written && !Names(column_, from, *before);
      const bool home = original.id == present.id;
      if (!*written && !gone && !home) {  // refused: it does not stay with a third one
        auto back = Write(*before, from, NameOf(original.region, original.id), done);
        if (!back.ok()) return back.status();
        gone = *back;
      }
      // Somebody changed it meanwhile, or it is home: nothing to remember.
      if (gone || (*written && home)) {
        s = Forget(original, id);
      } else if (*written) {
        s = Remember(original, id, present);
      }
      if (!s.ok()) return s;
    }
    return absl::OkStatus();
  }

  // References that name `original` and always did.
  absl::Status Begin(const NameParts& original, const NameParts& present, Repointed* done) {
    const bool many = column_.kind == Kind::kReferences;
    const std::string id_type = many ? "text" : column_.pg_type;
    std::vector<std::unique_ptr<Message>> found;
    auto s = rows_.Select(
        tx_,
        Cat("region_code = $1 AND ", column_.sql,
            many ? " @> ARRAY[$2::text]" : " = $2::", many ? "" : id_type,
            " AND NOT EXISTS (SELECT FROM repointed r WHERE r.region_code = ", type_.table(),
            ".region_code AND r.resource_type = $3 AND r.row_id = ", type_.table(),
            ".id::text AND r.field = $4 AND r.present_id = $2::text) ORDER BY id FOR UPDATE"),
        pg::Params::Of(original.region, original.id, type_.resource_type(), column_.field->name()),
        [&] { return found.emplace_back(type_.New()).get(); });
    if (!s.ok()) return s;
    for (const auto& before : found) {
      auto written = Write(*before, NameOf(original.region, original.id),
                           NameOf(present.region, present.id), done);
      if (!written.ok()) return written.status();
      if (!*written) continue;
      const std::string name = type_.NameOf(*before);  // outlives its parts
      const auto parts = ParseName(type_.pattern(), name);
      if (s = Remember(original, std::string(parts->id), present); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  // False when the row does not name `from`, or is refused.
  absl::StatusOr<bool> Write(const Message& before, const std::string& from, const std::string& to,
                             Repointed* done) {
    const std::unique_ptr<Message> after(before.New());
    after->CopyFrom(before);
    if (!Replace(column_, from, to, after.get())) {
      if (Names(column_, from, before)) done->refused.push_back(type_.NameOf(before));
      return false;
    }
    const auto s = tx_.Savepoint([&] { return rows_.Rewrite(tx_, author_, before, after.get()); });
    if (absl::IsFailedPrecondition(s) || absl::IsAlreadyExists(s)) {
      done->refused.push_back(type_.NameOf(before));
      return false;
    }
    if (!s.ok()) return s;
    ++done->count;
    return true;
  }

  absl::Status Remember(const NameParts& original, const std::string& row,
                        const NameParts& present) {
    return tx_
        .Execute(kSqlRemember, original.region, type_.resource_type(), row, column_.field->name(),
                 column_.target.type, original.id, present.id)
        .status();
  }
  absl::Status Forget(const NameParts& original, const std::string& row) {
    return tx_
        .Execute(kSqlForget, original.region, type_.resource_type(), row, column_.field->name(),
                 original.id)
        .status();
  }

  pg::Tx& tx_;
  const journal::Author& author_;
  const Type& type_;
  const Column& column_;
  const Rows& rows_;
};

struct ReferringColumn {
  const Type* type;
  const Column* column;
  std::string Label() const { return Cat(type->resource_type(), "/", column->field->name()); }
  bool many() const { return column->kind == Kind::kReferences; }
};

std::vector<ReferringColumn> ColumnsOf(const Engine& engine, std::string_view target_type) {
  std::vector<ReferringColumn> columns;
  for (const Type* type : engine.types()) {
    for (const auto& column : type->columns()) {
      if (column.target.type == target_type) columns.push_back({type, &column});
    }
  }
  return columns;
}

// Columns in which something names an original, or left it and is not where it should be: labels
// with ids of originals.
using Busy = std::set<std::pair<std::string, std::string>>;
absl::StatusOr<Busy> BusyColumns(pg::Tx& tx, const std::vector<ReferringColumn>& columns,
                                 std::string_view target_type,
                                 const std::vector<std::string>& originals, const NameParts& to) {
  std::string sql = kSqlMovedAnywhere;
  for (const auto& c : columns) {
    Append(&sql, " UNION ALL SELECT '", c.Label(),
           "', o FROM unnest($3::text[]) AS o WHERE o <> $4 AND EXISTS (SELECT FROM ",
           c.type->table(), " WHERE region_code = $1 AND ", c.column->sql,
           c.many() ? " @> ARRAY[o])" : Cat(" = o::", c.column->pg_type, ")"));
  }
  auto rows = tx.Query(sql, to.region, target_type, originals, to.id);
  if (!rows.ok()) return rows.status();
  Busy busy;
  for (const auto& row : *rows) busy.emplace(row[0].c_str(), row[1].c_str());
  return busy;
}

std::string UnsettledSql(const std::vector<ReferringColumn>& columns, bool some) {
  std::string sql = Cat("SELECT region_code, original_id, present_id FROM (", kSqlAstray);
  if (some) {
    sql +=
        " AND (p.original_id = ANY($2::text[]) OR coalesce(r.present_id, p.original_id) = "
        "ANY($2::text[]))";
  }
  for (const auto& c : columns) {
    // A row that came to a name from another is the other's matter.
    Append(&sql, " UNION SELECT r.region_code, r.original_id, r.present_id FROM redirected r JOIN ",
           c.type->table(), " t ON t.region_code = r.region_code AND ",
           c.many() ? Cat("r.original_id = ANY(t.", c.column->sql, ")")
                    : Cat("t.", c.column->sql, " = r.original_id::", c.column->pg_type),
           " WHERE r.target_type = $1",
           some ? " AND (r.original_id = ANY($2::text[]) OR r.present_id = ANY($2::text[]))" : "",
           " AND NOT EXISTS (SELECT FROM repointed p WHERE p.region_code = r.region_code AND "
           "p.resource_type = '",
           c.type->resource_type(), "' AND p.row_id = t.id::text AND p.field = '",
           c.column->field->name(), "' AND p.present_id = r.original_id)");
  }
  return Cat(sql, ") AS u", kSqlReady);
}

}  // namespace

absl::StatusOr<Repointed> Repoint(pg::Tx& tx, const Engine& engine, const journal::Author& author,
                                  std::string_view target_type,
                                  const std::vector<std::string>& originals,
                                  const std::string& present) {
  const NamePattern* pattern = FindPattern(target_type);
  if (pattern == nullptr) return absl::InvalidArgumentError("no such type");
  const auto to = ParseName(*pattern, present);
  std::vector<NameParts> from;
  std::vector<std::string> ids;
  for (const auto& original : originals) {
    const auto parts = ParseName(*pattern, original);
    if (!to || !parts || parts->region != to->region) {
      return absl::InvalidArgumentError("names of one region are needed");
    }
    from.push_back(*parts);
    ids.emplace_back(parts->id);
  }
  Repointed done;
  if (from.empty()) return done;
  const auto columns = ColumnsOf(engine, target_type);
  auto busy = BusyColumns(tx, columns, target_type, ids, *to);
  if (!busy.ok()) return busy.status();
  // What one row may name can depend on what others name: refused rows are asked again as long as
  // others moved.
  for (int before = -1; before < done.count;) {
    before = done.count;
    done.refused.clear();
    for (const auto& original : from) {
      for (const auto& c : columns) {
        if (!busy->contains({c.Label(), std::string(original.id)})) continue;
        Referrer referrer(tx, engine, author, *c.type, *c.column);
        if (auto s = referrer.Follow(original, *to, &done); !s.ok()) return s;
      }
    }
    if (done.refused.empty()) break;
  }
  return done;
}

absl::Status RememberTargets(pg::Tx& tx, std::string_view target_type,
                             const std::map<std::string, std::string>& targets) {
  const NamePattern* pattern = FindPattern(target_type);
  if (pattern == nullptr) return absl::InvalidArgumentError("no such type");
  std::vector<std::string> regions, originals, presents;
  for (const auto& [name, target] : targets) {
    const auto from = ParseName(*pattern, name), to = ParseName(*pattern, target);
    if (!from || !to || from->region != to->region) continue;
    regions.emplace_back(from->region);
    originals.emplace_back(from->id);
    presents.emplace_back(to->id);
  }
  if (regions.empty()) return absl::OkStatus();
  for (const char* sql : {kSqlForgetTargets, kSqlRememberTargets}) {
    auto done = tx.Execute(sql, target_type, regions, originals, presents);
    if (!done.ok()) return done.status();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> FindUnsettled(
    pg::Tx& tx, const Engine& engine, std::string_view target_type,
    const std::vector<std::string>* among) {
  const NamePattern* pattern = FindPattern(target_type);
  if (pattern == nullptr) return absl::InvalidArgumentError("no such type");
  auto params = pg::Params::Of(target_type);
  if (among != nullptr) {
    std::vector<std::string> ids;
    for (const auto& name : *among) {
      if (const auto parts = ParseName(*pattern, name)) ids.emplace_back(parts->id);
    }
    params.Add(ids);
  }
  auto rows = tx.Query(UnsettledSql(ColumnsOf(engine, target_type), among != nullptr), params);
  if (!rows.ok()) return rows.status();
  std::map<std::string, std::string> found;
  for (const auto& row : *rows) {
    const std::string region = row[0].c_str();
    found[pattern->Format(region, row[1].c_str())] = pattern->Format(region, row[2].c_str());
  }
  return found;
}

absl::Status ForgetRepointed(pg::Tx& tx, std::string_view resource_type, const std::string& name,
                             std::string_view field) {
  const NamePattern* pattern = FindPattern(resource_type);
  const auto parts = pattern == nullptr ? std::nullopt : ParseName(*pattern, name);
  if (!parts) return absl::InvalidArgumentError("no such row");
  return tx.Execute(kSqlForgetField, parts->region, resource_type, parts->id, field).status();
}

}  // namespace rsnms::resource
