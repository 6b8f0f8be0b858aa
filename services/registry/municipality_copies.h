// Copies of a body's municipality in what belongs to the body: they say who sees it. Found by the
// contracts: an output-only field of the scope role MUNICIPALITY beside the field `organisation`.
#ifndef RSNMS_SERVICES_REGISTRY_MUNICIPALITY_COPIES_H_
#define RSNMS_SERVICES_REGISTRY_MUNICIPALITY_COPIES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/resource/type.h"

namespace rsnms::registry {

struct MunicipalityCopy {
  const resource::Type* type;
  const resource::Column* municipality;
  const resource::Column* body;
};

// Those of all areas the engine serves.
std::vector<MunicipalityCopy> MunicipalityCopies(const resource::Engine& engine);

// Something that belongs, or belonged, to the body carries its municipality, seen by the caller or
// not; or the body lay elsewhere before.
absl::StatusOr<bool> MunicipalityIsCopied(pg::Tx& tx, const resource::Engine& engine,
                                          const std::string& organisation);

// Where bodies lay before.
class FormerPlaces {
 public:
  static absl::StatusOr<FormerPlaces> Of(pg::Tx& tx, const std::vector<std::string>& bodies);
  // Where the body lay on a day; `present` when it has not moved since, or `day` is null.
  const std::string& On(const std::string& body, const google::type::Date* day,
                        const std::string& present) const;

 private:
  struct Place {
    absl::CivilDay last;  // day there
    std::string municipality;
  };
  absl::flat_hash_map<std::string, std::vector<Place>> places_;  // in order of time
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_MUNICIPALITY_COPIES_H_
