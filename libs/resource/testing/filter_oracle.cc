#include "libs/resource/testing/filter_oracle.h"

#include <cstdlib>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

namespace rsnms::resource {
namespace {

namespace museum = ::rsnms::testing::v1;

template <class T>
bool Compare(Comparator c, const T& a, const T& b) {
  switch (c) {
    case Comparator::kEqual:
      return a == b;
    case Comparator::kNotEqual:
      return a != b;
    case Comparator::kLess:
      return a < b;
    case Comparator::kLessEqual:
      return a <= b;
    case Comparator::kGreater:
      return a > b;
    case Comparator::kGreaterEqual:
      return a >= b;
    case Comparator::kHas:
      std::abort();
  }
  return false;
}

// Unset: only `!=` holds.
template <class T>
bool CompareSet(Comparator c, const std::optional<T>& a, const T& b) {
  return a ? Compare(c, *a, b) : c == Comparator::kNotEqual;
}

// Whether `text` is the pieces with anything between them.
bool Like(const std::string& text, const std::vector<std::string>& pieces, size_t i = 0,
          size_t at = 0) {
  if (text.compare(at, pieces[i].size(), pieces[i]) != 0) return false;
  at += pieces[i].size();
  if (i + 1 == pieces.size()) return at == text.size();
  for (size_t next = at; next <= text.size(); ++next) {
    if (Like(text, pieces, i + 1, next)) return true;
  }
  return false;
}

std::string Lower(std::string text) {
  return absl::StrReplaceAll(text, {{"Ж", "ж"}, {"У", "у"}, {"К", "к"}, {"A", "a"}, {"B", "b"}});
}

double Number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

std::optional<double> DateNumber(const museum::Specimen& s) {
  if (!s.has_found_date()) return std::nullopt;
  return s.found_date().year() * 10000 + s.found_date().month() * 100 + s.found_date().day();
}

bool Present(const std::string& field, const museum::Specimen& s) {
  if (field == "title") return !s.title().empty();
  if (field == "weight") return s.weight() != 0;
  if (field == "rank") return s.rank() != 0;
  if (field == "ratio") return s.ratio() != 0;
  if (field == "rare") return s.rare();
  if (field == "colour") return s.colour() != 0;
  if (field == "found_date") return s.has_found_date();
  if (field == "seen_time") return s.has_seen_time();
  if (field == "price") return s.has_price();
  if (field == "drawer") return !s.drawer().empty();
  if (field == "drawers") return s.drawers_size() > 0;
  return s.tags_size() > 0;
}

template <class List>
bool Holds(const List& list, const std::string& value) {
  for (const auto& element : list) {
    if (element == value) return true;
  }
  return false;
}

bool Leaf(const FilterNode& n, const museum::Specimen& s) {
  const auto c = n.comparator;
  if (c == Comparator::kHas && n.IsPresence()) return Present(n.field, s);
  const std::string& v = n.value();
  if (n.field == "title") {
    if (c == Comparator::kHas) return absl::StrContains(Lower(s.title()), Lower(v));
    if (n.HasWildcard()) return Like(s.title(), n.pieces) == (c == Comparator::kEqual);
    return Compare(c, s.title(), v);
  }
  if (n.field == "weight") return Compare<double>(c, s.weight(), Number(v));
  if (n.field == "rank") {
    return CompareSet<double>(c, s.has_rank() ? std::optional<double>(s.rank()) : std::nullopt,
                              Number(v));
  }
  if (n.field == "ratio") return Compare<double>(c, s.ratio(), Number(v));
  if (n.field == "rare") return Compare(c, s.rare(), v == "true");
  if (n.field == "colour") {
    const std::string name = absl::StartsWith(v, "COLOUR_") ? v : absl::StrCat("COLOUR_", v);
    return Compare(c, museum::Colour_Name(s.colour()), name);
  }
  if (n.field == "found_date") {
    return CompareSet<double>(c, DateNumber(s), Number(absl::StrReplaceAll(v, {{"-", ""}})));
  }
  if (n.field == "seen_time") {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, v, &time, &error)) std::abort();
    return CompareSet<double>(
        c, s.has_seen_time() ? std::optional<double>(s.seen_time().seconds()) : std::nullopt,
        static_cast<double>(absl::ToUnixSeconds(time)));
  }
  if (n.field == "price") {
    return CompareSet<double>(
        c, s.has_price() ? std::optional<double>(Number(s.price().value())) : std::nullopt,
        Number(v));
  }
  if (n.field == "drawer") return Compare(c, s.drawer(), v);
  if (n.field == "drawers") return Holds(s.drawers(), v);
  return Holds(s.tags(), v);
}

}  // namespace

bool OracleMatches(const FilterNode& node, const museum::Specimen& s) {
  switch (node.op) {
    case FilterNode::Op::kCompare:
      return Leaf(node, s);
    case FilterNode::Op::kNot:
      return !OracleMatches(node.children[0], s);
    case FilterNode::Op::kAnd:
      for (const auto& child : node.children) {
        if (!OracleMatches(child, s)) return false;
      }
      return true;
    case FilterNode::Op::kOr:
      for (const auto& child : node.children) {
        if (OracleMatches(child, s)) return true;
      }
      return false;
  }
  return false;
}

}  // namespace rsnms::resource
