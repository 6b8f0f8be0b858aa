// How invented people answer questionnaires and tests. Known by resource name, so that whoever
// drives a campaign needs nothing but what the registry lists.
#ifndef RSNMS_TOOLS_DEMO_ANSWERS_H_
#define RSNMS_TOOLS_DEMO_ANSWERS_H_

#include <string_view>

#include "tools/demo/dice.h"

namespace rsnms::demo {

// How well a person copes with an item, in [0, 1): the person's own level, the item's ease and a
// little chance. Items of one instrument go together in a person, so that deficits gather instead
// of spreading evenly.
//   person      resource name; `item` any stable key, such as `instruments/x` + "/" + item code
double Mastery(const Dice& dice, std::string_view person, std::string_view item);

// The option a person chooses of `options` (2 or more) that are ordered from the weakest to the
// strongest.
int ChooseOption(const Dice& dice, std::string_view person, std::string_view item, int options);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_ANSWERS_H_
