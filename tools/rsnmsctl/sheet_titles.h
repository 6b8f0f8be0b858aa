// The Russian words of tables: titles of columns, values of enumerations, posts.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_TITLES_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_TITLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace rsnms::ctl {

// Title of a field's column and other words people head it with. A field nobody has named yet is
// headed with its name in the contract, so that a table still carries it.
struct Titles {
  std::string title;
  std::vector<std::string> synonyms;
};
Titles TitlesOf(std::string_view collection, std::string_view field);

// The collection, one of `all`, that a file's name tells of: «Организации 2026», `86_persons`;
// empty when it tells of none or of several.
std::string CollectionNamed(std::string_view stem, const std::vector<std::string>& all);

// `школа` for ORGANISATION_KIND_SCHOOL; the value's own name when it has no title.
std::string EnumTitle(const google::protobuf::EnumValueDescriptor* value);
// The value a text means: a title, an abbreviation or the name; null when it is none.
const google::protobuf::EnumValueDescriptor* EnumNamed(const google::protobuf::EnumDescriptor* type,
                                                       std::string_view text);
// All titles, for a message: «школа», «детский сад»…
std::string EnumTitles(const google::protobuf::EnumDescriptor* type);

// Code of the post a title begins with: `teacher` for «Учитель физики»; empty when it is not one of
// the common posts.
std::string PostCodeOf(std::string_view title);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_TITLES_H_
