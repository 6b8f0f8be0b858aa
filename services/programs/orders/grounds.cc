#include "services/programs/orders/grounds.h"

#include <utility>

#include "services/programs/catalogue/catalogue_store.h"
#include "services/programs/orders/ground_rules.h"

namespace rsnms::programs {

absl::Status Grounds::Complete(std::string_view path, v1::OrderLine* line) {
  if (auto s = ground_rules::Check(*line, region_, latest_, path); !s.ok()) return s;
  if (!ground_rules::HasTerm(*line)) {
    line->clear_due_date();
    return absl::OkStatus();
  }
  const auto& date = line->ground_date();
  const absl::CivilDay day(date.year(), date.month(), date.day());
  auto known = rules_.find(day);
  if (known == rules_.end()) {
    auto rules = catalogue_store::RulesInForce(engine_, tx_, region_, day);
    if (!rules.ok()) return rules.status();
    known = rules_.emplace(day, *std::move(rules)).first;
  }
  ground_rules::SetDue(known->second, line);
  return absl::OkStatus();
}

}  // namespace rsnms::programs
