// Cells of a table to fields of a resource and back.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_VALUES_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_VALUES_H_

#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::ctl {

// Sets the field to what the cell means, in a resource of `region`; an empty cell clears it. The
// flaw says why the cell means nothing; the field is then left as it was.
//
// Forgiven, because it is how people and Excel write: odd spaces; dates as 01.09.2024, 2024-09-01,
// 31/08/2024 or Excel's number of a day of 1927 to 2099; 0,5; да/нет; zeros Excel dropped from the
// front of СНИЛС and ИНН, when the check digits agree; telephones without +7. Never guessed:
// two-digit years, which number of 03/04/1984 is the day, zeros of КПП and ОКТМО, numbers Excel has
// rounded (1,02E+12).
sheet::Flaw SetField(google::protobuf::Message* resource,
                     const google::protobuf::FieldDescriptor* field, const sheet::Cell& cell,
                     const std::string& region);

// The cell SetField reads back to the same value.
sheet::Cell FieldCell(const google::protobuf::Message& resource,
                      const google::protobuf::FieldDescriptor* field, const std::string& region);

// Full name from an id or a name: `regions/86/persons/…`; empty when it is neither.
std::string NameFrom(std::string_view collection, std::string_view text, const std::string& region);
// The id when the name lies in the region, else the whole name.
std::string ShortName(std::string_view name, const std::string& region);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_VALUES_H_
