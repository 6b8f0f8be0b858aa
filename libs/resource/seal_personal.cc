// Brings stored values of encrypted fields under the current key (Engine::SealPersonal).
#include "absl/strings/escaping.h"
#include "libs/resource/engine_core.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

constexpr int kBatch = 1000;

// The row reached so far.
struct Place {
  std::string region, id;
};

// One field of one type: every statement names its column.
class Field {
 public:
  Field(const Type& type, const Column& column) : type_(type), column_(column) {}

  // FAILED_PRECONDITION when a stored value does not open, or its index is of another key.
  absl::Status Check(pg::Tx& tx) const {
    auto rows = tx.Query(Cat(SelectSql(), "substr(", column_.sql, ", 1, 1) <> '\\x00' LIMIT 1"));
    if (!rows.ok() || rows->empty()) return rows.status();
    const auto row = (*rows)[0];
    const auto text = Open(row);
    const std::string index = type_.keys()->Index(SealedFieldOf(type_, column_), text.value_or(""));
    if (text && pg::FromBytea(row[3].c_str()) == index) return absl::OkStatus();
    return Foreign();
  }

  // Seals a batch of the rows after `place` that `condition` finds; `place` moves on. False at the
  // end.
  absl::StatusOr<bool> Step(pg::Tx& tx, std::string_view condition, Place* place) const {
    const std::string_view id_type =
        type_.pattern().id_kind == options::v1::ID_KIND_UUID ? "uuid" : "text";
    auto rows = tx.Query(Cat(SelectSql(), condition, " AND (region_code, id) > ($1, $2::", id_type,
                             ") ORDER BY region_code, id LIMIT ", kBatch),
                         place->region, place->id);
    if (!rows.ok()) return rows.status();
    std::vector<std::string> regions, ids, was, sealed, indexes;
    for (const auto& row : *rows) {
      const auto text = Open(row);
      if (!text) return Foreign();
      place->region = row[0].c_str();
      place->id = row[1].c_str();
      const std::string bound = SealedPlaceOf(type_, column_, Name(row));
      regions.push_back(place->region);
      ids.push_back(place->id);
      was.push_back(absl::BytesToHexString(pg::FromBytea(row[2].c_str())));
      sealed.push_back(absl::BytesToHexString(type_.keys()->Seal(bound, *text)));
      indexes.push_back(
          absl::BytesToHexString(type_.keys()->Index(SealedFieldOf(type_, column_), *text)));
    }
    const std::string& c = column_.sql;
    auto done = tx.Execute(
        Cat("UPDATE ", type_.table(), " t SET ", c, " = decode(s.sealed, 'hex'), ", c,
            "_index = decode(s.indexed, 'hex') FROM unnest($1::text[], $2::", id_type,
            "[], $3::text[], $4::text[], $5::text[]) AS s (region_code, id, was, sealed, indexed) "
            "WHERE t.region_code = s.region_code AND t.id = s.id AND t.",
            c, " = decode(s.was, 'hex')"),
        regions, ids, was, sealed, indexes);
    if (!done.ok()) return done.status();
    return rows->size() == kBatch;
  }

  std::string InClear() const { return Cat("substr(", column_.sql, ", 1, 1) = '\\x00'"); }
  std::string UnderFormerKeys() const {
    const auto id = static_cast<char>(type_.keys()->current());
    return Cat(column_.sql, " IS NOT NULL AND substr(", column_.sql, ", 1, 1) <> '\\x",
               absl::BytesToHexString(absl::string_view(&id, 1)), "'");
  }
  std::string FirstId() const {
    return type_.pattern().id_kind == options::v1::ID_KIND_UUID
               ? "00000000-0000-0000-0000-000000000000"
               : "";
  }

 private:
  std::string SelectSql() const {
    return Cat("SELECT region_code, id, ", column_.sql, ", ", column_.sql, "_index FROM ",
               type_.table(), " WHERE ");
  }
  std::string Name(const pqxx::row& row) const {
    return type_.pattern().Format(row[0].c_str(), row[1].c_str());
  }
  std::optional<std::string> Open(const pqxx::row& row) const {
    return type_.keys()->Open(SealedPlaceOf(type_, column_, Name(row)),
                              pg::FromBytea(row[2].c_str()));
  }
  absl::Status Foreign() const {
    return absl::FailedPreconditionError(Cat("values of ", type_.table(), ".", column_.sql,
                                             " are not of these keys of personal data"));
  }

  const Type& type_;
  const Column& column_;
};

absl::Status SealField(pg::Pool& pool, const Field& field, const std::string& condition) {
  pg::TxOptions everything;
  everything.scopes = "*";
  Place place{"", field.FirstId()};
  for (bool more = true; more;) {
    auto s = pool.Run(everything, [&](pg::Tx& tx) -> absl::Status {
      Place next = place;
      auto stepped = field.Step(tx, condition, &next);
      if (!stepped.ok()) return stepped.status();
      more = *stepped;
      place = next;
      return absl::OkStatus();
    });
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status EngineCore::SealPersonal() {
  pg::TxOptions everything;
  everything.scopes = "*";
  for (const auto& store : stores_) {
    const Type& type = store->type();
    for (const auto& column : type.columns()) {
      if (!column.options.encrypted()) continue;
      const Field field(type, column);
      auto s = pool_->Run(everything, [&](pg::Tx& tx) { return field.Check(tx); });
      if (s.ok()) s = SealField(*pool_, field, field.InClear());
      if (s.ok() && type.keys()->rotating()) s = SealField(*pool_, field, field.UnderFormerKeys());
      if (!s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

}  // namespace rsnms::resource
