// Expressions over facts: names joined by AND, OR, NOT (or `-`) and parentheses. As in AIP-160, OR
// binds tighter than AND. Pure; immutable once parsed; safe to share between threads.
#ifndef RSNMS_SERVICES_MONITORING_EXPRESSION_H_
#define RSNMS_SERVICES_MONITORING_EXPRESSION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/monitoring/fact_rules.h"

namespace rsnms::monitoring {

class Expression {
 public:
  // Named expressions a text may use like facts.
  using Settings = absl::flat_hash_map<std::string, Expression>;

  // Holds for every subject.
  Expression() = default;

  // INVALID_ARGUMENT INVALID_EXPRESSION with the place of the fault. The empty text is the
  // expression that always holds. At most 4 000 characters, 32 levels of nesting and 10 000 nodes
  // with settings spelt out.
  static absl::StatusOr<Expression> Parse(const std::string& text, const Settings& settings);
  // Both must hold.
  static Expression Both(const Expression& a, const Expression& b);

  bool Holds(FactMask mask) const;
  // With settings spelt out, in a form Parse accepts; empty for the expression that always holds.
  std::string Text() const;
  bool always() const { return nodes_.empty(); }

 private:
  friend class Parser;
  enum class Kind { kFact, kNot, kAnd, kOr };
  // Postfix order: operands stand before their operator.
  struct Node {
    Kind kind;
    v1::Fact fact;  // of kFact
  };
  std::vector<Node> nodes_;
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_EXPRESSION_H_
