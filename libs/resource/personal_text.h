// Personal data that people write into free text although a contract says there is none.
#ifndef RSNMS_LIBS_RESOURCE_PERSONAL_TEXT_H_
#define RSNMS_LIBS_RESOURCE_PERSONAL_TEXT_H_

#include <string_view>

namespace rsnms::resource {

// What a text gives away. Names of people cannot be told from other words and are not looked for.
enum class Personal { kNone, kSnils, kPhone, kEmail };

// A СНИЛС: `112-233-445 95` whatever its check digits, or eleven digits whose check digits agree.
bool HoldsSnils(std::string_view text);

// The first of СНИЛС, telephone and e-mail address that the text holds. A telephone begins with +7
// or with 8 and has ten digits more; run together they count after 8 only for mobile codes (89…).
Personal FindPersonal(std::string_view text);

// Whether a field of this name tells why something was done or asked (`reason`, `ground`,
// `motivation`, `question`): such texts stay in journals, feeds and history for good.
bool TellsWhy(std::string_view field);

// What is wrong with the text, to show beside the field: English and Russian. Not for kNone.
struct PersonalWords {
  std::string_view english, russian;
};
PersonalWords DescribePersonal(Personal found);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_PERSONAL_TEXT_H_
