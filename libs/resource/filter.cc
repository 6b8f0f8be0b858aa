#include "libs/resource/filter.h"

#include "absl/strings/ascii.h"
#include "libs/resource/clean_text.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

bool IsFieldChar(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<FilterNode> Parse() {
    SkipSpace();
    if (AtEnd()) return FilterNode{};
    auto node = Expression(0);
    if (!node.ok()) return node;
    if (!AtEnd()) return Fail("unexpected `)`", "лишняя скобка");
    return node;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void SkipSpace() {
    while (!AtEnd() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  absl::Status Fail(std::string_view english, std::string_view russian) const {
    return InvalidFilter(at_, english, russian);
  }

  // Takes a keyword that stands as a word of its own.
  bool TakeWord(std::string_view word) {
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word)) return false;
    if (rest.size() > word.size()) {
      const char after = rest[word.size()];
      if (!absl::ascii_isspace(after) && after != '(') return false;
    }
    at_ += word.size();
    SkipSpace();
    return true;
  }

  absl::StatusOr<FilterNode> Expression(int depth) {
    if (depth > kMaxFilterDepth) return Fail("nested too deeply", "слишком много скобок");
    std::vector<FilterNode> factors;
    do {
      auto factor = Factor(depth);
      if (!factor.ok()) return factor;
      factors.push_back(*std::move(factor));
      const bool keyword = TakeWord("AND");
      if (keyword && (AtEnd() || Peek() == ')')) {
        return Fail("an operand of AND is missing", "после AND нет условия");
      }
    } while (!AtEnd() && Peek() != ')');
    return Join(FilterNode::Op::kAnd, std::move(factors));
  }

  absl::StatusOr<FilterNode> Factor(int depth) {
    std::vector<FilterNode> terms;
    do {
      auto term = Term(depth);
      if (!term.ok()) return term;
      terms.push_back(*std::move(term));
    } while (TakeWord("OR"));
    return Join(FilterNode::Op::kOr, std::move(terms));
  }

  static FilterNode Join(FilterNode::Op op, std::vector<FilterNode> parts) {
    if (parts.size() == 1) return std::move(parts[0]);
    FilterNode node;
    node.op = op;
    node.children = std::move(parts);
    return node;
  }

  absl::StatusOr<FilterNode> Term(int depth) {
    bool negative = TakeWord("NOT");
    if (!negative && Peek() == '-') {
      negative = true;
      ++at_;
      SkipSpace();
    }
    auto node = Peek() == '(' ? Composite(depth) : Restriction();
    if (!node.ok() || !negative) return node;
    FilterNode wrapped;
    wrapped.op = FilterNode::Op::kNot;
    wrapped.children.push_back(*std::move(node));
    return wrapped;
  }

  absl::StatusOr<FilterNode> Composite(int depth) {
    ++at_;
    SkipSpace();
    if (Peek() == ')') return Fail("empty parentheses", "пустые скобки");
    auto node = Expression(depth + 1);
    if (!node.ok()) return node;
    if (Peek() != ')') return Fail("`)` is missing", "не хватает закрывающей скобки");
    ++at_;
    SkipSpace();
    return node;
  }

  absl::StatusOr<FilterNode> Restriction() {
    if (++comparisons_ > kMaxFilterComparisons) {
      return Fail("too many comparisons", "слишком много сравнений");
    }
    FilterNode node;
    node.op = FilterNode::Op::kCompare;
    node.position = at_;
    while (!AtEnd() && IsFieldChar(Peek())) node.field += text_[at_++];
    if (node.field.empty()) return Fail("a field name is expected", "ожидается имя поля");
    SkipSpace();
    if (!TakeComparator(&node.comparator)) {
      return Fail("a comparison such as `=` is expected after the field",
                  "после имени поля ожидается сравнение, например `=`");
    }
    SkipSpace();
    if (auto s = Value(&node); !s.ok()) return s;
    SkipSpace();
    return node;
  }

  bool TakeComparator(Comparator* comparator) {
    static constexpr std::pair<std::string_view, Comparator> kAll[] = {
        {"!=", Comparator::kNotEqual},
        {"<=", Comparator::kLessEqual},
        {">=", Comparator::kGreaterEqual},
        {"<", Comparator::kLess},
        {">", Comparator::kGreater},
        {"=", Comparator::kEqual},
        {":", Comparator::kHas}};
    for (const auto& [text, value] : kAll) {
      if (!text_.substr(at_).starts_with(text)) continue;
      at_ += text.size();
      *comparator = value;
      return true;
    }
    return false;
  }

  absl::Status Value(FilterNode* node) {
    node->pieces.emplace_back();
    const char quote = Peek();
    if (quote == '"' || quote == '\'') return Quoted(quote, node);
    const size_t start = at_;
    while (!AtEnd() && !absl::ascii_isspace(Peek()) && !absl::StrContains("()\"'=<>!,", Peek())) {
      Take(node);
    }
    if (at_ == start) return Fail("a value is expected", "ожидается значение");
    if (!AtEnd() && !absl::ascii_isspace(Peek()) && Peek() != ')') {
      return Fail("put the value in quotes", "заключите значение в кавычки");
    }
    return absl::OkStatus();
  }

  absl::Status Quoted(char quote, FilterNode* node) {
    ++at_;
    while (!AtEnd() && Peek() != quote) {
      if (Peek() == '\\') {
        ++at_;
        if (AtEnd() || !Contains("\\\"'*", Peek())) {
          return Fail("unknown escape", "неизвестная последовательность после обратной черты");
        }
        node->pieces.back() += text_[at_++];
      } else {
        Take(node);
      }
    }
    if (AtEnd()) return Fail("the quote is not closed", "кавычка не закрыта");
    ++at_;
    if (!AtEnd() && !absl::ascii_isspace(Peek()) && Peek() != ')') {
      return Fail("a space is expected after the value", "после значения нужен пробел");
    }
    return absl::OkStatus();
  }

  // One character of a value, wildcards included.
  void Take(FilterNode* node) {
    const char c = text_[at_++];
    if (c == '*') {
      node->pieces.emplace_back();
    } else {
      node->pieces.back() += c;
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
  int comparisons_ = 0;
};

}  // namespace

absl::Status InvalidFilter(size_t position, std::string_view english, std::string_view russian) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_FILTER,
                    Cat("filter: at byte ", position, ": ", english))
      .Field("filter", Cat("at byte ", position, ": ", english), russian);
}

absl::StatusOr<FilterNode> ParseFilter(std::string_view text) {
  if (text.size() > kMaxFilterBytes) {
    return InvalidFilter(kMaxFilterBytes, "longer than 8192 bytes", "условие слишком длинное");
  }
  if (!IsCleanText(text)) {
    return InvalidFilter(0, "is not valid UTF-8 without NUL", "недопустимые символы в условии");
  }
  return Parser(text).Parse();
}

}  // namespace rsnms::resource
