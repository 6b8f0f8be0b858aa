#include "services/monitoring/fact_rules.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace rsnms::monitoring {

namespace {
const size_t kPrefix = sizeof("FACT_") - 1;
}

FactMask BitOf(v1::Fact fact) { return FactMask{1} << (fact - 1); }

google::protobuf::RepeatedField<int> FactsOf(FactMask mask) {
  google::protobuf::RepeatedField<int> facts;
  for (int number = v1::Fact_MIN + 1; number <= v1::Fact_MAX; ++number) {
    if (v1::Fact_IsValid(number) && (mask & BitOf(static_cast<v1::Fact>(number)))) {
      facts.Add(number);
    }
  }
  return facts;
}

std::optional<v1::Fact> FactByName(const std::string& name) {
  static const auto* const by_name = [] {
    auto* map = new absl::flat_hash_map<std::string, v1::Fact>;
    for (int number = v1::Fact_MIN + 1; number <= v1::Fact_MAX; ++number) {
      if (v1::Fact_IsValid(number)) {
        map->emplace(NameOf(static_cast<v1::Fact>(number)), static_cast<v1::Fact>(number));
      }
    }
    return map;
  }();
  auto it = by_name->find(name);
  if (it == by_name->end()) return std::nullopt;
  return it->second;
}

std::string NameOf(v1::Fact fact) {
  return absl::AsciiStrToLower(v1::Fact_Name(fact).substr(kPrefix));
}

}  // namespace rsnms::monitoring
