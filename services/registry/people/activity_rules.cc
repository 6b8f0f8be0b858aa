#include "services/registry/people/activity_rules.h"

#include "services/registry/people/standing_rules.h"

namespace rsnms::registry {
namespace {

using v1::PeopleProfile;

// An empty id is always answered.
const PeopleProfile& ProfileOf(const std::string& region) {
  return **FindPeopleProfile("", region);
}

const PeopleProfile& Federal() { return **FindPeopleProfile("federal", ""); }

// The rule of the region's profile, of the federal one when that says nothing.
template <class Rule>
const Rule& RuleOf(const std::string& region, bool (PeopleProfile::*has)() const,
                   const Rule& (PeopleProfile::*rule)() const) {
  const PeopleProfile& own = ProfileOf(region);
  const PeopleProfile& said = (own.*has)() ? own : Federal();
  return (said.*rule)();
}

}  // namespace

const v1::ReserveRule& ReserveRuleOf(const std::string& region) {
  return RuleOf(region, &PeopleProfile::has_reserve, &PeopleProfile::reserve);
}

const v1::ExpertiseRule& ExpertiseRuleOf(const std::string& region) {
  return RuleOf(region, &PeopleProfile::has_expertise, &PeopleProfile::expertise);
}

const v1::SiteRule& SiteRuleOf(const std::string& region) {
  return RuleOf(region, &PeopleProfile::has_sites, &PeopleProfile::sites);
}

const google::protobuf::RepeatedPtrField<v1::GrantRule>& GrantRulesOf(const std::string& region) {
  return ProfileOf(region).grants();
}

}  // namespace rsnms::registry
