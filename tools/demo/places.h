// Regions and municipalities of the invented country: the regions' codes and names are real, so are
// Yugra's municipalities and their ОКТМО codes; municipalities of the other regions are invented.
#ifndef RSNMS_TOOLS_DEMO_PLACES_H_
#define RSNMS_TOOLS_DEMO_PLACES_H_

#include <string>
#include <vector>

#include "rsnms/registry/v1/municipality.pb.h"

namespace rsnms::demo {

struct RegionPlace {
  const char* code;  // of the tax service, `86`
  const char* name;
};

// All 89 subjects, by code.
const std::vector<RegionPlace>& AllRegions();

struct MunicipalityPlace {
  std::string oktmo;  // 8 digits
  std::string name;  // «город Сургут», «Сургутский муниципальный район»
  std::string genitive;  // «города Сургута», «Сургутского района»
  registry::v1::MunicipalityKind kind;
  int weight;  // relative number of inhabitants
};

// 22 for Yugra, an invented handful elsewhere.
std::vector<MunicipalityPlace> MunicipalitiesOf(const std::string& region_code);

// Bodies of the region's level.
struct RegionBodies {
  std::string authority, institute, institute_short, centre, centre_short, time_zone, oktmo;
};
RegionBodies BodiesOf(const RegionPlace& region);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_PLACES_H_
