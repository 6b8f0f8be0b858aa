// Whom a body may enrol: those who work there, as far as the registry has told.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNER_POSTS_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNER_POSTS_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"

namespace rsnms::programs::learner_posts {

// The engine's preparation of enrolments, before any that tells whether the person learns already:
// a new one by a caller without the whole region names a person with a post in `organisation`, on
// some day between the first of learning and today, and the caller has that body, the post's
// municipality, the person or the group's provider in scope. LEARNER_NOT_EMPLOYED. Nothing is asked
// while the registry was never read whole, nor of what continues an enrolment in another group.
resource::Engine::Preparation CheckBy(std::function<absl::Time()> now);

}  // namespace rsnms::programs::learner_posts

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNER_POSTS_H_
