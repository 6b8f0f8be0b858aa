#include "tools/demo/plan.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace rsnms::demo {
namespace {

using namespace registry::v1;  // NOLINT(google-build-using-namespace): kinds of organisations

constexpr int64_t kStaffOfABody =
    60;  // mean, of educational bodies: 2.5 M educators make some 40 000 bodies

// Relative number of employees.
int SizeOf(OrganisationKind kind) {
  switch (kind) {
    case ORGANISATION_KIND_SCHOOL:
      return 80;
    case ORGANISATION_KIND_COLLEGE:
      return 90;
    case ORGANISATION_KIND_PRESCHOOL:
      return 40;
    case ORGANISATION_KIND_ADDITIONAL_EDUCATION:
      return 25;
    case ORGANISATION_KIND_INSTITUTE:
      return 60;
    case ORGANISATION_KIND_CENTRE:
      return 30;
    case ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE:
      return 6;
    default:
      return 0;
  }
}

OrganisationKind KindOfBody(const Dice& dice, int64_t body) {
  const uint64_t roll = dice.Below(Ask::kBodyKind, body, 100);
  if (roll < 50) return ORGANISATION_KIND_SCHOOL;
  if (roll < 87) return ORGANISATION_KIND_PRESCHOOL;
  if (roll < 97) return ORGANISATION_KIND_ADDITIONAL_EDUCATION;
  return ORGANISATION_KIND_COLLEGE;
}

int32_t ManagersOf(OrganisationKind kind, int64_t staff) {
  if (kind == ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE) return staff > 3 ? 1 : 0;
  return static_cast<int32_t>(std::min<int64_t>({staff, 1 + staff / 20, 6}));
}

}  // namespace

bool Educates(OrganisationKind kind) {
  return kind == ORGANISATION_KIND_SCHOOL || kind == ORGANISATION_KIND_PRESCHOOL ||
         kind == ORGANISATION_KIND_ADDITIONAL_EDUCATION || kind == ORGANISATION_KIND_COLLEGE;
}

Plan::Plan(const Options& options) : dice_(options.seed) {
  const auto count = static_cast<int64_t>(options.regions.size());
  for (int64_t i = 0; i < count; ++i) {
    const auto& all = AllRegions();
    const auto place = std::find_if(all.begin(), all.end(), [&](const RegionPlace& candidate) {
      return options.regions[i] == candidate.code;
    });
    const int64_t first = options.educators * i / count;
    AddRegion(*place, first, options.educators * (i + 1) / count - first);
  }
}

void Plan::AddRegion(const RegionPlace& place, int64_t first_person, int64_t educators) {
  RegionPlan region{.place = place,
                    .bodies = BodiesOf(place),
                    .municipalities = MunicipalitiesOf(place.code),
                    .first_body = static_cast<int64_t>(bodies_.size()),
                    .end_body = 0,
                    .first_person = first_person,
                    .end_person = first_person + educators};
  regions_.push_back(std::move(region));
  AddBodies(regions_.back(), educators);
  Staff(regions_.back());
}

void Plan::AddBody(const RegionPlan& region, int32_t municipality, OrganisationKind kind) {
  bodies_.push_back({.region = static_cast<int32_t>(&region - regions_.data()),
                     .municipality = municipality,
                     .kind = kind,
                     .serial = 0,
                     .first_person = 0,
                     .staff = 0,
                     .managers = 0});
}

void Plan::AddBodies(RegionPlan& region, int64_t educators) {
  AddBody(region, -1, ORGANISATION_KIND_AUTHORITY);
  AddBody(region, -1, ORGANISATION_KIND_INSTITUTE);
  AddBody(region, -1, ORGANISATION_KIND_CENTRE);
  const auto municipalities = static_cast<int32_t>(region.municipalities.size());
  for (int32_t i = 0; i < municipalities; ++i) {
    AddBody(region, i, ORGANISATION_KIND_MUNICIPAL_AUTHORITY);
    AddBody(region, i, ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE);
  }
  int total_weight = 0;
  for (const auto& place : region.municipalities) total_weight += place.weight;
  std::map<std::pair<int32_t, OrganisationKind>, int32_t> serials;
  const int64_t wanted = std::max<int64_t>(3, educators / kStaffOfABody);
  for (int64_t i = 0; i < wanted; ++i) {
    const auto body = static_cast<int64_t>(bodies_.size());
    auto weight = static_cast<int64_t>(dice_.Below(Ask::kBodyMunicipality, body, total_weight));
    int32_t municipality = 0;
    while ((weight -= region.municipalities[municipality].weight) >= 0) ++municipality;
    AddBody(region, municipality, i == 0 ? ORGANISATION_KIND_SCHOOL : KindOfBody(dice_, body));
    bodies_.back().serial = ++serials[{municipality, bodies_.back().kind}];
  }
  region.end_body = static_cast<int64_t>(bodies_.size());
}

// Shares the region's people out: one for each body that employs, the rest by size, without
// remainder.
void Plan::Staff(RegionPlan& region) {
  int64_t total_size = 0;
  int64_t employers = 0;
  const auto size_of = [&](int64_t i) -> int64_t {
    return static_cast<int64_t>(SizeOf(bodies_[i].kind)) *
           (70 + dice_.Below(Ask::kBodySize, i, 61));
  };
  for (int64_t i = region.first_body; i < region.end_body; ++i) {
    total_size += size_of(i);
    if (size_of(i) > 0) ++employers;
  }
  const int64_t people = region.end_person - region.first_person;
  const int64_t spare = std::max<int64_t>(0, people - employers);
  int64_t size_before = 0;
  int64_t next = region.first_person;
  for (int64_t i = region.first_body; i < region.end_body; ++i) {
    Body& body = bodies_[i];
    body.first_person = next;
    const int64_t size = size_of(i);
    if (size == 0) continue;
    const int64_t share =
        spare * (size_before + size) / total_size - spare * size_before / total_size;
    size_before += size;
    body.staff = static_cast<int32_t>(std::min(share + 1, region.end_person - next));
    body.managers = ManagersOf(body.kind, body.staff);
    next += body.staff;
  }
}

int64_t Plan::BodyOf(int64_t person) const {
  auto after = std::upper_bound(bodies_.begin(), bodies_.end(), person,
                                [](int64_t p, const Body& body) { return p < body.first_person; });
  // Bodies without staff share their first_person with the next one that has some: it is the last
  // of them.
  while (after != bodies_.begin()) {
    --after;
    if (person < after->first_person + after->staff) break;
  }
  return after - bodies_.begin();
}

int64_t Plan::AuthorityOf(const Body& body) const {
  return regions_[body.region].first_body + 3 + 2 * static_cast<int64_t>(body.municipality);
}

int64_t Plan::MethodServiceOf(const Body& body) const { return AuthorityOf(body) + 1; }

}  // namespace rsnms::demo
