// Which educators a category of listeners is made of.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_LISTENERS_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_LISTENERS_H_

#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"

namespace rsnms::programs {

// Pedagogues, managers, or either: a mentor, a methodologist, one of the centre's staff, of the
// reserve or of a team may be a teacher as well as a deputy head.
enum class Whole { kPedagogues, kManagers, kEither };

// The one table of it: lines of orders, learners by them and programmes shown ask it.
constexpr Whole WholeOf(v1::ListenerCategory category) {
  switch (category) {
    case v1::LISTENER_CATEGORY_PEDAGOGUE:
    case v1::LISTENER_CATEGORY_YOUNG_SPECIALIST:
      return Whole::kPedagogues;
    case v1::LISTENER_CATEGORY_MANAGER:
      return Whole::kManagers;
    default:
      return Whole::kEither;
  }
}

constexpr bool MayBePedagogues(v1::ListenerCategory category) {
  return WholeOf(category) != Whole::kManagers;
}
constexpr bool MayBeManagers(v1::ListenerCategory category) {
  return WholeOf(category) != Whole::kPedagogues;
}

// Whether a learner of the category may be one of the listeners.
constexpr bool MayBeOf(v1::ListenerCategory listeners, v1::LearnerCategory learner) {
  const Whole whole = WholeOf(listeners);
  return whole == Whole::kEither ||
         learner == (whole == Whole::kManagers ? v1::LEARNER_CATEGORY_MANAGER
                                               : v1::LEARNER_CATEGORY_PEDAGOGUE);
}

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_LISTENERS_H_
