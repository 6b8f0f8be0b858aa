// Names and bits of facts. Pure.
#ifndef RSNMS_SERVICES_MONITORING_FACT_RULES_H_
#define RSNMS_SERVICES_MONITORING_FACT_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/repeated_field.h"
#include "rsnms/monitoring/v1/fact.pb.h"

namespace rsnms::monitoring {

// A set of facts: bit `number - 1` of v1::Fact.
using FactMask = int64_t;

FactMask BitOf(v1::Fact fact);
// The facts of a mask in the enum's order; bits without a name are left out.
google::protobuf::RepeatedField<int> FactsOf(FactMask mask);
// `employed_pedagogue` -> FACT_EMPLOYED_PEDAGOGUE.
std::optional<v1::Fact> FactByName(const std::string& name);
// FACT_EMPLOYED_PEDAGOGUE -> `employed_pedagogue`.
std::string NameOf(v1::Fact fact);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_FACT_RULES_H_
