// Names and posts of invented people.
#ifndef RSNMS_TOOLS_DEMO_PEOPLE_H_
#define RSNMS_TOOLS_DEMO_PEOPLE_H_

#include <cstdint>
#include <string>

#include "rsnms/registry/v1/organisation.pb.h"
#include "tools/demo/dice.h"

namespace rsnms::demo {

struct FullName {
  bool female;
  std::string family_name, given_name, patronymic;
};

// Any coincidence with living people is accidental: each part is drawn by itself.
FullName NameOfPerson(const Dice& dice, uint64_t index);

struct Post {
  std::string code;          // `teacher`
  std::string title;         // «учитель физики»
  std::string subject_code;  // empty for posts without a subject
};

// An educator's post that suits a body of this kind. `asked` tells several posts of a person apart.
Post PedagoguePost(const Dice& dice, registry::v1::OrganisationKind kind, uint64_t asked);

// A manager's post: rank 0 is the head.
Post ManagerPost(registry::v1::OrganisationKind kind, int rank);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_PEOPLE_H_
