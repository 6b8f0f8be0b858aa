// The lay-out of the invented country: how many of what, and who belongs where. Everything else is
// computed from an index when asked; only bodies are kept, two dozen bytes each, so that memory
// does not grow with the people.
#ifndef RSNMS_TOOLS_DEMO_PLAN_H_
#define RSNMS_TOOLS_DEMO_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "tools/demo/dice.h"
#include "tools/demo/places.h"

namespace rsnms::demo {

struct Options {
  uint64_t seed = 1;
  int64_t educators = 1000;                   // educators and managers in all, 100 … 2 500 000
  std::vector<std::string> regions = {"86"};  // codes; educators are spread over them
  absl::CivilDay as_of =
      absl::CivilDay(2026, 9, 1);  // the day the data describes: nobody starts later
};

// A body; its index in Plan::bodies is its identity.
struct Body {
  int32_t region;        // index in Plan::regions
  int32_t municipality;  // index in RegionPlan::municipalities; -1: a body of the region
  registry::v1::OrganisationKind kind;
  int32_t serial;        // among bodies of its kind in its municipality, from 1
  int64_t first_person;  // index of its first employee
  int32_t staff;         // employees whose main post is here
  int32_t managers;      // of them, the first so many manage
};

struct RegionPlan {
  RegionPlace place;
  RegionBodies bodies;
  std::vector<MunicipalityPlace> municipalities;
  int64_t first_body,
      end_body;  // indexes in Plan::bodies; the first three: authority, institute, centre
  int64_t first_person, end_person;  // people whose main post is in the region
};

class Plan {
 public:
  // `options` must be valid (see Generator::Create).
  explicit Plan(const Options& options);

  const Dice& dice() const { return dice_; }
  const std::vector<RegionPlan>& regions() const { return regions_; }
  const std::vector<Body>& bodies() const { return bodies_; }
  // Index of the body in which a person holds their main post.
  int64_t BodyOf(int64_t person) const;
  // The method service, or the authority, of a body's municipality; indexes in bodies().
  int64_t MethodServiceOf(const Body& body) const;
  int64_t AuthorityOf(const Body& body) const;

 private:
  void AddRegion(const RegionPlace& place, int64_t first_person, int64_t educators);
  void AddBodies(RegionPlan& region, int64_t educators);
  void AddBody(const RegionPlan& region, int32_t municipality, registry::v1::OrganisationKind kind);
  void Staff(RegionPlan& region);

  Dice dice_;
  std::vector<RegionPlan> regions_;
  std::vector<Body> bodies_;
};

// Educational bodies: those that have a management team.
bool Educates(registry::v1::OrganisationKind kind);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_PLAN_H_
