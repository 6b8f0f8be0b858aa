#include "libs/resource/filter_sql.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "libs/resource/identifiers.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"

namespace rsnms::resource {
namespace {

using options::v1::FilterIndex;

// The comparator that holds exactly when `c` does not, both sides being set.
Comparator Opposite(Comparator c) {
  switch (c) {
    case Comparator::kEqual:
      return Comparator::kNotEqual;
    case Comparator::kNotEqual:
      return Comparator::kEqual;
    case Comparator::kLess:
      return Comparator::kGreaterEqual;
    case Comparator::kLessEqual:
      return Comparator::kGreater;
    case Comparator::kGreater:
      return Comparator::kLessEqual;
    case Comparator::kGreaterEqual:
      return Comparator::kLess;
    case Comparator::kHas:
      break;
  }
  return c;
}

std::string_view SqlOf(Comparator c) {
  switch (c) {
    case Comparator::kNotEqual:
      return "<>";
    case Comparator::kLess:
      return "<";
    case Comparator::kLessEqual:
      return "<=";
    case Comparator::kGreater:
      return ">";
    case Comparator::kGreaterEqual:
      return ">=";
    default:
      return "=";
  }
}

// `*` to `%`, with LIKE's own characters escaped.
std::string LikePattern(const std::vector<std::string>& pieces) {
  std::string out;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) out += '%';
    for (char c : pieces[i]) {
      if (c == '%' || c == '_' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

class Compiler {
 public:
  Compiler(const Type& type, pg::Params* params) : type_(type), params_(params) {}

  absl::StatusOr<std::string> Compile(const FilterNode& node, bool negated) {
    switch (node.op) {
      case FilterNode::Op::kCompare:
        return Compare(node, negated);
      case FilterNode::Op::kNot:
        return Compile(node.children[0], !negated);
      case FilterNode::Op::kAnd:
      case FilterNode::Op::kOr:
        break;
    }
    const bool all = (node.op == FilterNode::Op::kAnd) != negated;
    std::string out;
    for (const auto& child : node.children) {
      auto part = Compile(child, negated);
      if (!part.ok()) return part;
      Append(&out, out.empty() ? "(" : all ? " AND " : " OR ", *part);
    }
    return out.empty() ? out : out + ")";
  }

 private:
  // Appends a parameter and returns its placeholder.
  std::string Param(std::string_view value) {
    params_->Add(value);
    return Cat("$", params_->size());
  }

  absl::Status Fail(const FilterNode& node, std::string_view english,
                    std::string_view russian) const {
    return InvalidFilter(node.position, Cat(node.field, ": ", english),
                         Cat(node.field, ": ", russian));
  }

  absl::StatusOr<std::string> Compare(const FilterNode& node, bool negated) {
    const Column* column = type_.Find(node.field);
    if (column == nullptr || column->options.filter() == options::v1::FILTER_INDEX_UNSPECIFIED) {
      return Fail(node, "is not a filterable field", "по этому полю отбирать нельзя");
    }
    if (node.comparator == Comparator::kHas && node.IsPresence()) {
      return Presence(*column, negated);
    }
    if (column->field->is_repeated()) return Element(node, *column, negated);
    if (node.comparator == Comparator::kHas || node.HasWildcard()) {
      return Pattern(node, *column, negated);
    }
    if (column->options.encrypted()) return Sealed(node, *column, negated);
    if (column->kind == Kind::kReference) return Reference(node, *column, negated);
    auto literal = Literal(node, *column);
    if (!literal.ok()) return literal;
    const Comparator comparator = negated ? Opposite(node.comparator) : node.comparator;
    std::string sql = Cat(column->sql, " ", SqlOf(comparator), " ", Param(*literal));
    // True for unset fields: `!=`, and the negation of any other comparison.
    const bool true_when_unset = (node.comparator == Comparator::kNotEqual) != negated;
    return OrUnset(*column, std::move(sql), true_when_unset);
  }

  static std::string OrUnset(const Column& column, std::string sql, bool true_when_unset) {
    if (!column.nullable || !true_when_unset) return sql;
    return Cat("(", sql, " OR ", column.sql, " IS NULL)");
  }

  // By the blind index.
  absl::StatusOr<std::string> Sealed(const FilterNode& node, const Column& column, bool negated) {
    if (node.comparator != Comparator::kEqual && node.comparator != Comparator::kNotEqual) {
      return Fail(node,
                  "is encrypted: compared by = or !=", "поле зашифровано, допустимы только = и !=");
    }
    const bool equal = (node.comparator == Comparator::kEqual) != negated;
    std::string text = node.value();
    if (text.empty()) return Cat(column.sql, equal ? " IS NULL" : " IS NOT NULL");
    NormaliseIdentifier(column.options.format(), &text);
    std::string sql =
        Cat(column.sql, "_index ", equal ? "= " : "<> ",
            Param(BytesText(type_.keys()->Index(SealedFieldOf(type_, column), text))), "::bytea");
    return equal ? sql : Cat("(", sql, " OR ", column.sql, " IS NULL)");
  }

  static std::string Presence(const Column& column, bool negated) {
    if (column.options.encrypted()) {
      return Cat(column.sql, negated ? " IS NULL" : " IS NOT NULL");
    }
    std::string set;
    switch (column.kind) {
      case Kind::kString:
        set = Cat(column.sql, " <> ''");
        break;
      case Kind::kEnum:
        set = Cat(column.sql, " <> 'UNSPECIFIED'");
        break;
      case Kind::kInteger:
      case Kind::kDouble:
        set = Cat(column.sql, " <> 0");
        break;
      case Kind::kBool:
        set = column.sql;
        break;
      case Kind::kStrings:
      case Kind::kEnums:
      case Kind::kReferences:
        set = Cat("cardinality(", column.sql, ") > 0");
        break;
      default:
        return Cat(column.sql, negated ? " IS NULL" : " IS NOT NULL");
    }
    if (!negated) return column.nullable ? Cat("(", set, ")") : set;
    return Cat("(", set, ") IS NOT TRUE");
  }

  // `repeated:element`.
  absl::StatusOr<std::string> Element(const FilterNode& node, const Column& column, bool negated) {
    if (node.comparator != Comparator::kHas || node.HasWildcard()) {
      return Fail(node, "a repeated field is compared by `:`",
                  "для списка допустимо только сравнение `:`");
    }
    std::string value = node.value(), region;
    if (column.kind == Kind::kEnums) {
      auto name = EnumName(node, column);
      if (!name.ok()) return name;
      value = *std::move(name);
    } else if (column.kind == Kind::kReferences) {
      const auto parts = ParseName(column.target.pattern, value);
      if (!parts) return BadReference(node, column);
      region = std::string(parts->region);
      value = std::string(parts->id);
    }
    const std::string one = Param(value);
    if (region.empty()) {
      const std::string sql = Cat(column.sql, " @> ARRAY[", one, "]::text[]");
      return negated ? Cat("(", sql, ") IS NOT TRUE") : sql;
    }
    const std::string its = Param(region);
    const std::string sql = Cat("(region_code = ", its, " AND ", column.sql, " @> ARRAY[",
                                Followed(column, its, one, "text"), "]::text[])");
    return negated ? Cat("(", sql, ") IS NOT TRUE") : sql;
  }

  // Wildcards of `=` and `!=`, and `text:part`.
  absl::StatusOr<std::string> Pattern(const FilterNode& node, const Column& column, bool negated) {
    const bool has = node.comparator == Comparator::kHas;
    const auto index = column.options.filter();
    const bool indexed =
        index == options::v1::FILTER_INDEX_TRIGRAM || index == options::v1::FILTER_INDEX_NONE_SMALL;
    if (column.kind != Kind::kString || !indexed ||
        (!has && node.comparator != Comparator::kEqual &&
         node.comparator != Comparator::kNotEqual)) {
      return Fail(node, "does not support wildcards or `:` here",
                  "здесь нельзя использовать `*` и `:`");
    }
    std::string like = LikePattern(node.pieces);
    if (has) like = Cat("%", like, "%");
    const bool wants_match = (node.comparator != Comparator::kNotEqual) != negated;
    std::string sql =
        Cat(column.sql, wants_match ? "" : " NOT", has ? " ILIKE " : " LIKE ", Param(like));
    return OrUnset(column, std::move(sql), !wants_match);
  }

  absl::StatusOr<std::string> Reference(const FilterNode& node, const Column& column,
                                        bool negated) {
    if (node.comparator != Comparator::kEqual && node.comparator != Comparator::kNotEqual) {
      return Fail(node, "a reference is compared by = or !=",
                  "ссылку можно сравнить только через = или !=");
    }
    const auto parts = ParseName(column.target.pattern, node.value());
    if (!parts) return BadReference(node, column);
    const std::string id = Param(parts->id), region = Param(parts->region);
    const std::string sql = Cat(column.sql, " = ", Followed(column, region, id, column.pg_type),
                                " AND region_code = ", region);
    const bool equal = (node.comparator == Comparator::kEqual) != negated;
    return equal ? Cat("(", sql, ")") : Cat("(", sql, ") IS NOT TRUE");
  }

  // The id a reference to `id` stands under now: nothing refers to a merged row any more.
  static std::string Followed(const Column& column, const std::string& region,
                              const std::string& id, std::string_view type) {
    const std::string& table = column.target.merging_table;
    if (table.empty() || column.field->name() == "merged_into") return id;
    return Cat("coalesce((SELECT into_another.merged_into_id FROM ", table,
               " AS into_another WHERE into_another.region_code = ", region,
               " AND into_another.id = ", id, "::uuid)::", type, ", ", id, "::", type, ")");
  }

  absl::Status BadReference(const FilterNode& node, const Column& column) const {
    return Fail(node,
                Cat("must be a name such as ", column.target.pattern.Format("{region}", "{id}")),
                "укажите полное имя записи");
  }

  absl::StatusOr<std::string> EnumName(const FilterNode& node, const Column& column) const {
    std::string_view name = node.value();
    if (!column.enum_prefix.empty() && name.starts_with(column.enum_prefix)) {
      name.remove_prefix(column.enum_prefix.size());
    }
    const std::string full = Cat(column.enum_prefix, name);
    if (column.field->enum_type()->FindValueByName(full) == nullptr) {
      return Fail(node, "is not compared with one of its values", "нет такого значения");
    }
    return std::string(name);
  }

  absl::StatusOr<std::string> Literal(const FilterNode& node, const Column& column) const {
    const std::string& value = node.value();
    const bool ordered =
        node.comparator != Comparator::kEqual && node.comparator != Comparator::kNotEqual;
    switch (column.kind) {
      case Kind::kString:
        return value;
      case Kind::kInteger: {
        int64_t number = 0;
        if (ParseInteger(value, &number)) return Cat(number);
        return Fail(node, "must be compared with an integer", "ожидается целое число");
      }
      case Kind::kDouble:
      case Kind::kDecimal: {
        auto number = CanonicalDecimal(value);
        if (number) return *std::move(number);
        return Fail(node, "must be compared with a number", "ожидается число");
      }
      case Kind::kBool:
        if (!ordered && (value == "true" || value == "false")) return value;
        return Fail(node, "must be = or != true or false", "ожидается true или false");
      case Kind::kEnum:
        if (!ordered) return EnumName(node, column);
        return Fail(node, "an enum is compared by = or !=", "допустимы только = и !=");
      case Kind::kDate: {
        google::type::Date date;
        if (ParseDate(value, &date)) return DateText(date);
        return Fail(node, "must be compared with a date such as 2026-09-01",
                    "ожидается дата вида 2026-09-01");
      }
      case Kind::kTimestamp: {
        google::protobuf::Timestamp time;
        if (ParseTimestamp(value, &time)) return TimestampText(time);
        return Fail(node, "must be compared with a time such as 2026-09-01T00:00:00Z",
                    "ожидается момент времени вида 2026-09-01T00:00:00Z");
      }
      default:
        return Fail(node, "cannot be compared", "сравнение невозможно");
    }
  }

  const Type& type_;
  pg::Params* const params_;
};

}  // namespace

absl::StatusOr<std::string> CompileFilter(const Type& type, const FilterNode& filter,
                                          pg::Params* params) {
  return Compiler(type, params).Compile(filter, /*negated=*/false);
}

}  // namespace rsnms::resource
