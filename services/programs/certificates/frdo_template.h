// The templates of ФИС ФРДО for additional professional education, and certificates as their rows.
// Pure.
//
// Headings and lists of values are the register's own, to the letter: it compares them exactly. One
// layout (SEPARATE_MARKS) gives loss, exchange and destruction a column each; the other
// (MERGED_MARKS) one together, and words some headings anew.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_TEMPLATE_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_TEMPLATE_H_

#include <string>
#include <string_view>
#include <vector>

#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/frdo.pb.h"
#include "rsnms/registry/v1/person.pb.h"

namespace rsnms::programs::frdo {

// What a column tells; the order is that of the long template.
enum class Field {
  kDocument,
  kStatus,
  kLost,
  kExchanged,
  kDestroyed,
  kMarked,  // the three in one: only of the merged layout
  kSeries,
  kNumber,
  kIssueDate,
  kRegistrationNumber,
  kProgrammeKind,
  kProgramme,
  kArea,
  kUgsn,
  kQualification,
  kPriorEducation,
  kPriorFamilyName,
  kPriorSeries,
  kPriorNumber,
  kStartYear,
  kEndYear,
  kHours,
  kFamilyName,
  kGivenName,
  kPatronymic,
  kBirthDate,
  kSex,
  kSnils,
  kStudyForm,
  kFunding,
  kEducationForm,
  kCitizenship,
  kOriginalDocument,
  kOriginalSeries,
  kOriginalNumber,
  kOriginalRegistrationNumber,
  kOriginalIssueDate,
  kOriginalFamilyName,
  kOriginalGivenName,
  kOriginalPatronymic,
  kChangedNumber,
};

struct Column {
  Field field;
  std::string_view title;
  v1::FrdoColumn::Kind kind = v1::FrdoColumn::KIND_TEXT;
  bool required = false;
  std::vector<std::string_view> values = {};  // empty: any text
  std::string_view mend = {};                 // where an empty or wrong cell is mended, in Russian
};

// 40 columns (A to AN), or 38. Empty for a template that is none of the two.
const std::vector<Column>& Columns(v1::FrdoTemplate layout);

// What a row is made of. `person` is null when the registry does not give them; `original` is what
// a duplicate was issued instead of, else null.
struct Source {
  const v1::Certificate* certificate = nullptr;
  const v1::Certificate* original = nullptr;
  const registry::v1::Person* person = nullptr;
  // The register has accepted a row of this certificate: now it is asked to change that one.
  bool accepted_before = false;
};

// One cell for each column; dates are `dd.mm.yyyy`, СНИЛС `XXX-XXX-XXX YY`.
std::vector<std::string> Row(v1::FrdoTemplate layout, const Source& source);

// What of a row is compared with what was sent: all but the number of the row to be changed, which
// depends on what was sent.
std::string Content(v1::FrdoTemplate layout, const std::vector<std::string>& row);

// Text as the register wants it: no-break and zero-width characters gone, white space single.
std::string Clean(std::string_view text);

// What would keep the row from being accepted; empty when nothing would.
std::vector<v1::FrdoFault> Check(v1::FrdoTemplate layout, const Source& source,
                                 const std::vector<std::string>& row);

}  // namespace rsnms::programs::frdo

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_TEMPLATE_H_
