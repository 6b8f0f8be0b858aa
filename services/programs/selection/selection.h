// Which programmes close a learner's deficits. Pure: the same catalogue and selection give the same
// answer.
#ifndef RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_H_
#define RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs {

// How much of a deficit a programme of this depth closes, in (0, 1].
double DepthFactor(v1::CoverageDepth depth);

// The programmes on offer of one region, indexed by competency. Immutable after construction.
class Catalogue {
 public:
  // Programmes that are deleted or withdrawn from the register are left out.
  explicit Catalogue(std::vector<v1::Programme> programmes);

  // Ranks the programmes that cover any of the deficits: register programmes first, then by score,
  // the wanted form, fewer hours, name. A deficit named twice counts once, with the greater weight.
  v1::SelectedProgrammes Select(const v1::ProgrammeSelection& selection) const;

 private:
  struct Link {
    int programme;
    v1::CoverageDepth depth;
  };
  bool Fits(const v1::Programme& programme, const v1::ProgrammeSelection& selection) const;

  std::vector<v1::Programme> programmes_;
  absl::flat_hash_map<std::string, std::vector<Link>> by_competency_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_H_
