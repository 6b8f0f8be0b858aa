// What the regulations of a region say of the reserve, expertise, grants and sites: data of
// people/profiles, those of the region before the federal ones. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_ACTIVITY_RULES_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_ACTIVITY_RULES_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "rsnms/registry/v1/professional_standing.pb.h"

namespace rsnms::registry {

// `region` is its code, `05`. Each answer lives as long as the program.
const v1::ReserveRule& ReserveRuleOf(const std::string& region);
const v1::ExpertiseRule& ExpertiseRuleOf(const std::string& region);
const v1::SiteRule& SiteRuleOf(const std::string& region);
// The region's own alone: a number of grants is nobody else's.
const google::protobuf::RepeatedPtrField<v1::GrantRule>& GrantRulesOf(const std::string& region);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_ACTIVITY_RULES_H_
