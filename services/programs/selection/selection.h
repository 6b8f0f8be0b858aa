// Which programmes close a learner's deficits. Pure: the same catalogue and selection give the same
// answer.
#ifndef RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_H_
#define RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "rsnms/programs/v1/group.pb.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs {

// How much of a deficit a programme of this depth closes, in (0, 1].
double DepthFactor(v1::CoverageDepth depth);

// Whether the selection asks when or where, so that groups matter.
bool WantsGroups(const v1::ProgrammeSelection& selection);

// The programmes on offer of one region, indexed by competency, and their groups. Immutable after
// construction.
class Catalogue {
 public:
  // Programmes that are not on offer (programme_rules::OnOffer) are left out.
  // `groups` may be any; those that are open with a free seat and end `today` or later count.
  explicit Catalogue(std::vector<v1::Programme> programmes, std::vector<v1::Group> groups = {},
                     absl::CivilDay today = {});

  // Ranks the programmes that cover any of the deficits or competencies: register programmes first,
  // then those with an open group there and then, if that was asked, then by score, the wanted
  // form, fewer hours, name. A deficit named twice counts once, with the greater weight.
  v1::SelectedProgrammes Select(const v1::ProgrammeSelection& selection) const;

 private:
  struct Link {
    int programme;
    v1::CoverageDepth depth;
  };
  bool Fits(const v1::Programme& programme, const v1::ProgrammeSelection& selection) const;
  void AddGroups(const v1::ProgrammeSelection& selection, v1::RankedProgramme* ranked) const;

  std::vector<v1::Programme> programmes_;
  absl::flat_hash_map<std::string, std::vector<Link>> by_competency_;
  absl::flat_hash_map<std::string, std::vector<v1::Group>>
      groups_;  // by programme, first day, name
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_H_
