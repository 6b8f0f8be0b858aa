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

// Fields whose references left the original before.
// $1 region, $2 target type, $3 original, $4 present wanted.
constexpr char kSqlMovedFields[] =
    "SELECT DISTINCT resource_type, field FROM repointed WHERE region_code = $1 AND target_type = "
    "$2 AND original_id = $3 AND present_id <> $4";
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
constexpr char kSqlFind[] =
    "SELECT DISTINCT original_id FROM repointed WHERE region_code = $1 AND target_type = $2 AND "
    "original_id = ANY($3::text[])";

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
      // Somebody changed it meanwhile, or it is home: nothing to remember.
      const bool gone = !*written && !Names(column_, from, *before);
      if (*written || gone) {
        s = gone || original.id == present.id ? Forget(original, id)
                                              : Remember(original, id, present);
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
      const auto parts = ParseName(type_.pattern(), type_.NameOf(*before));
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

// What refers to `target_type`, field by field.
struct Field {
  const Type* type;
  const Column* column;
};
std::vector<Field> FieldsOf(const Engine& engine, std::string_view target_type) {
  std::vector<Field> fields;
  for (const Type* type : engine.types()) {
    for (const auto& column : type->columns()) {
      if (column.target.type == target_type) fields.push_back({type, &column});
    }
  }
  return fields;
}

// Those of the fields that name `original`, or named it at first and do not name `present`: most
// name neither, and one question for all is cheaper than two for each.
absl::StatusOr<std::vector<Field>> FieldsToMove(pg::Tx& tx, const Engine& engine,
                                                std::string_view target_type,
                                                const NameParts& original,
                                                const NameParts& present) {
  const std::vector<Field> all = FieldsOf(engine, target_type);
  if (all.empty()) return all;
  std::string sql;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto& [type, column] = all[i];
    const bool many = column->kind == Kind::kReferences;
    Append(&sql, i == 0 ? "" : " UNION ALL ", "SELECT ", i, " WHERE EXISTS (SELECT FROM ",
           type->table(), " WHERE region_code = $1 AND ", column->sql,
           many ? " @> ARRAY[$2::text])" : Cat(" = ($2::text)::", column->pg_type, ")"));
  }
  auto named = tx.Query(sql, original.region, original.id);
  if (!named.ok()) return named.status();
  std::set<size_t> found;
  for (const auto& row : *named) found.insert(row[0].as<size_t>());
  auto moved = tx.Query(kSqlMovedFields, original.region, target_type, original.id, present.id);
  if (!moved.ok()) return moved.status();
  for (const auto& row : *moved) {
    for (size_t i = 0; i < all.size(); ++i) {
      if (all[i].type->resource_type() == row[0].c_str() &&
          all[i].column->field->name() == row[1].c_str()) {
        found.insert(i);
      }
    }
  }
  std::vector<Field> fields;
  for (const size_t i : found) fields.push_back(all[i]);
  return fields;
}

}  // namespace

absl::StatusOr<Repointed> Repoint(pg::Tx& tx, const Engine& engine, const journal::Author& author,
                                  std::string_view target_type, const std::string& original,
                                  const std::string& present) {
  const NamePattern* pattern = FindPattern(target_type);
  if (pattern == nullptr) return absl::InvalidArgumentError("no such type");
  const auto from = ParseName(*pattern, original), to = ParseName(*pattern, present);
  if (!from || !to || from->region != to->region) {
    return absl::InvalidArgumentError("names of one region are needed");
  }
  auto fields = FieldsToMove(tx, engine, target_type, *from, *to);
  if (!fields.ok()) return fields.status();
  Repointed done;
  // What one row may name can depend on what others name: refused rows are asked again as long as
  // others moved.
  for (int before = -1; before < done.count;) {
    before = done.count;
    done.refused.clear();
    for (const auto& [type, column] : *fields) {
      auto s = Referrer(tx, engine, author, *type, *column).Follow(*from, *to, &done);
      if (!s.ok()) return s;
    }
    if (done.refused.empty()) break;
  }
  return done;
}

absl::StatusOr<std::vector<std::string>> FindRepointed(pg::Tx& tx, std::string_view target_type,
                                                       const std::vector<std::string>& names) {
  std::vector<std::string> found;
  const NamePattern* pattern = FindPattern(target_type);
  if (pattern == nullptr) return found;
  std::map<std::string, std::vector<std::string>> ids;
  for (const auto& name : names) {
    if (const auto parts = ParseName(*pattern, name)) {
      ids[std::string(parts->region)].emplace_back(parts->id);
    }
  }
  for (const auto& [region, list] : ids) {
    auto rows = tx.Query(kSqlFind, region, target_type, list);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) found.push_back(pattern->Format(region, row[0].c_str()));
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
