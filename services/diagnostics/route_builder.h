// Builds a route from deficits and offers: a pure, deterministic function.
//
// Greedy, then pruned. Again and again the heaviest open deficit is taken and, among the offers
// that cover it and fit into the hours left, the best is chosen: register programmes first, then
// the greatest weight of open deficits covered (SEVERE 16, MODERATE 4, MILD 1), then fewer hours,
// then the lesser name. Afterwards steps are taken out, the last first, whose deficits the others
// cover too. The order of deficits and offers given does not matter. Each deficit is credited to
// one step: the first that covers it.
//
// Against an exhaustive search over small cases (route_builder_test.cc): without a limit of hours
// the same deficits are always covered, since a covering offer is always taken; the route may be
// longer than the shortest, by how much the test measures.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_BUILDER_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_BUILDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "rsnms/diagnostics/v1/result.pb.h"
#include "rsnms/diagnostics/v1/route.pb.h"
#include "rsnms/diagnostics/v1/session.pb.h"

namespace rsnms::diagnostics {

// A programme on offer.
struct Offer {
  std::string programme;  // full name
  std::string title;
  int hours = 0;  // at least 1
  bool register_programme = false;
  bool for_pedagogues = true, for_managers = true;
  std::vector<std::string> competency_codes;
};

// Offers of one region with an index by competency. Immutable, thread-safe.
class Offers {
 public:
  explicit Offers(std::vector<Offer> offers);
  const std::vector<const Offer*>& Covering(std::string_view competency_code) const;
  // The same without some programmes, by full name.
  Offers Without(const absl::flat_hash_set<std::string>& programmes) const;
  size_t size() const { return offers_.size(); }

 private:
  std::vector<Offer> offers_;
  absl::flat_hash_map<std::string, std::vector<const Offer*>> by_competency_;
};

struct Constraints {
  int hours_limit = 0;  // 0: none
  v1::EducatorCategory category = v1::EDUCATOR_CATEGORY_PEDAGOGUE;
};

// Weight of one deficit.
int WeightOf(v1::Severity severity);

// Deficits of a result from `least` up, heaviest first.
std::vector<v1::RouteDeficit> DeficitsOf(const v1::Result& result, v1::Severity least);

// Fills deficits, items, uncovered and total hours of `route`.
void BuildRoute(const std::vector<v1::RouteDeficit>& deficits, const Offers& offers,
                const Constraints& constraints, v1::Route& route);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_BUILDER_H_
