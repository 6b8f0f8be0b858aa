// Programmes of further education that the region's institute offers on its own, beside the federal
// register.
#ifndef RSNMS_TOOLS_DEMO_PROGRAMMES_H_
#define RSNMS_TOOLS_DEMO_PROGRAMMES_H_

#include <string>
#include <vector>

#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::demo {

// `parent` is `regions/86`, `provider` the institute's name. Deterministic; none of them is in the
// register.
std::vector<programs::v1::Programme> OwnProgrammes(const std::string& parent,
                                                   const std::string& provider);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_PROGRAMMES_H_
