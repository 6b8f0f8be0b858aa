// Identifiers with the check digits their classifiers demand. The numbers themselves are invented.
#ifndef RSNMS_TOOLS_DEMO_IDENTIFIERS_H_
#define RSNMS_TOOLS_DEMO_IDENTIFIERS_H_

#include <cstdint>
#include <string>

#include "tools/demo/dice.h"

namespace rsnms::demo {

// СНИЛС, 11 digits. Numbers start at 900-000-000, far above those ever issued; distinct for indexes
// below 10^8.
std::string Snils(const Dice& dice, uint64_t index);

// ИНН of an organisation, 10 digits, by a tax office of the region; distinct in a region for
// indexes below 10^7.
std::string Inn(const std::string& region_code, const Dice& dice, uint64_t index);

// ОГРН, 13 digits, of a body registered in `year`; distinct in a region for indexes below 10^7.
std::string Ogrn(const std::string& region_code, const Dice& dice, uint64_t index, int year);

// КПП of the same tax office.
std::string Kpp(const std::string& inn);

// What a UUID stands for; part of the data's identity: never renumber.
enum class UuidOf : uint64_t {
  kOrganisation = 1,
  kLink,
  kPerson,
  kEmployment,
  kSupport,
  kTeam,
  kServiceStaff,
  kAttachment,
  kStory,
  kRequest,
};

// UUID in the form of version 7: its leading bits grow with the index, as those a server makes grow
// with time.
std::string Uuid(const Dice& dice, UuidOf kind, uint64_t index);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_IDENTIFIERS_H_
