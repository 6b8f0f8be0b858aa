#include "services/monitoring/expression.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"

namespace rsnms::monitoring {

namespace {
constexpr size_t kMaxLength = 4000;
constexpr int kMaxDepth = 32;
constexpr size_t kMaxNodes = 10000;
}  // namespace

// Recursive descent over AND of OR of NOT of names and parentheses.
class Parser {
 public:
  Parser(const std::string& text, const Expression::Settings& settings)
      : text_(text), settings_(settings) {}

  absl::StatusOr<Expression> Run() {
    if (text_.size() > kMaxLength) return Fault("is longer than 4000 characters");
    Next();
    if (token_.empty()) return Expression();
    Expression out;
    if (auto status = And(out, 0); !status.ok()) return status;
    if (!token_.empty()) return Fault(absl::StrCat("unexpected '", token_, "'"));
    return out;
  }

 private:
  using Kind = Expression::Kind;

  absl::Status And(Expression& out, int depth) {
    if (auto status = Or(out, depth); !status.ok()) return status;
    while (token_ == "AND") {
      Next();
      if (auto status = Or(out, depth); !status.ok()) return status;
      out.nodes_.push_back({Kind::kAnd, {}});
    }
    return absl::OkStatus();
  }

  absl::Status Or(Expression& out, int depth) {
    if (auto status = Not(out, depth); !status.ok()) return status;
    while (token_ == "OR") {
      Next();
      if (auto status = Not(out, depth); !status.ok()) return status;
      out.nodes_.push_back({Kind::kOr, {}});
    }
    return absl::OkStatus();
  }

  absl::Status Not(Expression& out, int depth) {
    if (token_ != "NOT" && token_ != "-") return Simple(out, depth);
    if (depth >= kMaxDepth) return Fault("is nested too deeply");
    Next();
    if (auto status = Not(out, depth + 1); !status.ok()) return status;
    out.nodes_.push_back({Kind::kNot, {}});
    return absl::OkStatus();
  }

  absl::Status Simple(Expression& out, int depth) {
    if (token_ == "(") {
      if (depth >= kMaxDepth) return Fault("is nested too deeply");
      Next();
      if (auto status = And(out, depth + 1); !status.ok()) return status;
      if (token_ != ")") return Fault("lacks a closing parenthesis");
      Next();
      return absl::OkStatus();
    }
    if (auto fact = FactByName(token_)) {
      out.nodes_.push_back({Kind::kFact, *fact});
    } else if (auto it = settings_.find(token_); it != settings_.end() && !it->second.always()) {
      out.nodes_.insert(out.nodes_.end(), it->second.nodes_.begin(), it->second.nodes_.end());
    } else {
      return Fault(token_.empty() ? "ends too early"
                                  : absl::StrCat("'", token_, "' is neither a fact nor a setting"));
    }
    if (out.nodes_.size() > kMaxNodes) return Fault("is too large");
    Next();
    return absl::OkStatus();
  }

  // Reads the next token: a word, a parenthesis, a minus; empty at the end; any other character
  // stands for itself.
  void Next() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
    start_ = at_;
    while (at_ < text_.size() && (absl::ascii_isalnum(text_[at_]) || text_[at_] == '_')) ++at_;
    if (at_ == start_ && at_ < text_.size()) ++at_;
    token_ = text_.substr(start_, at_ - start_);
  }

  absl::Status Fault(const std::string& what) const {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::MONITORING_REASON_INVALID_EXPRESSION,
                      absl::StrCat("expression ", what, " (at character ", start_ + 1, ")"))
        .Field("expression", what)
        .With("position", absl::StrCat(start_ + 1));
  }

  const std::string& text_;
  const Expression::Settings& settings_;
  size_t at_ = 0, start_ = 0;
  std::string token_;
};

absl::StatusOr<Expression> Expression::Parse(const std::string& text, const Settings& settings) {
  return Parser(text, settings).Run();
}

Expression Expression::Both(const Expression& a, const Expression& b) {
  if (a.always()) return b;
  if (b.always()) return a;
  Expression out = a;
  out.nodes_.insert(out.nodes_.end(), b.nodes_.begin(), b.nodes_.end());
  out.nodes_.push_back({Kind::kAnd, {}});
  return out;
}

bool Expression::Holds(FactMask mask) const {
  if (nodes_.empty()) return true;
  std::vector<bool> stack;
  for (const Node& node : nodes_) {
    if (node.kind == Kind::kFact) {
      stack.push_back((mask & BitOf(node.fact)) != 0);
      continue;
    }
    const bool last = stack.back();
    if (node.kind == Kind::kNot) {
      stack.back() = !last;
      continue;
    }
    stack.pop_back();
    stack.back() = node.kind == Kind::kAnd ? stack.back() && last : stack.back() || last;
  }
  return stack.back();
}

std::string Expression::Text() const {
  // Text and the operator on top of it: a name or NOT needs no parentheses.
  std::vector<std::pair<std::string, Kind>> stack;
  auto wrapped = [](const std::pair<std::string, Kind>& part, Kind within) {
    const bool bare =
        part.second == Kind::kFact || part.second == Kind::kNot || part.second == within;
    return bare ? part.first : absl::StrCat("(", part.first, ")");
  };
  for (const Node& node : nodes_) {
    if (node.kind == Kind::kFact) {
      stack.emplace_back(NameOf(node.fact), Kind::kFact);
      continue;
    }
    auto last = std::move(stack.back());
    if (node.kind == Kind::kNot) {
      stack.back() = {absl::StrCat("NOT ", wrapped(last, Kind::kNot)), Kind::kNot};
      continue;
    }
    stack.pop_back();
    stack.back() = {
        absl::StrCat(wrapped(stack.back(), node.kind), node.kind == Kind::kAnd ? " AND " : " OR ",
                     wrapped(last, node.kind)),
        node.kind};
  }
  return stack.empty() ? "" : stack.back().first;
}

}  // namespace rsnms::monitoring
