// What the fault suite's naive reference knows of the mirrored fields: how each side says them and
// how each side changes them. It shares nothing with the mirror's own mapping.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_FIELDS_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_FIELDS_H_

#include <functional>
#include <string>
#include <vector>

#include "rsnms/federal/v1/programme_register.pb.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs {

// A field whose values both sides make up afresh may be changed by both; of the others (flags,
// forms, kinds) each entry belongs to one side, by the last digit of its number, so that the sides
// never come to say the same by chance.
struct MirroredField {
  std::string name;
  std::function<std::string(const federal::v1::Programme&)> theirs;
  std::function<std::string(const v1::Programme&)> ours;
  // Make a value of this turn; false when the field of this entry is not that side's to change.
  std::function<bool(int turn, federal::v1::Programme&)> change_theirs;
  std::function<bool(int turn, const std::string& number, v1::Programme&)> change_ours;
};

// Every field the register says and a region may say otherwise.
const std::vector<MirroredField>& MirroredFields();
const MirroredField& FieldNamed(const std::string& name);

// True when title and provider of the entry may change: then the number never does, so that an
// entry is recognised by one of them at every moment.
bool TitleChanges(const std::string& number);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_FIELDS_H_
