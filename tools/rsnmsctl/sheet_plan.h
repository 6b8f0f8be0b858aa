// Which columns a table of a collection has, and what the columns of a given file mean.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_PLAN_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_PLAN_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "tools/rsnmsctl/sheet.h"
#include "tools/rsnmsctl/sheet_report.h"

namespace rsnms::ctl {

enum class Role {
  kRecord,       // id of the resource itself
  kField,        // a field of the contract
  kFullName,     // surname, given name and patronymic in one cell; read only
  kPersonSnils,  // names the person of `field` by СНИЛС
  kBodyOgrn,     // names the body of `field` by ОГРН, ИНН or official name
  kBodyInn,
  kBodyTitle,
  kPersonTitle,  // shown for people, not read
};

struct SheetColumn {
  Role role = Role::kField;
  const google::protobuf::FieldDescriptor* field = nullptr;  // null for kRecord and kFullName
  std::string title;
  std::vector<std::string> synonyms;
  bool exported = true;
};

// The columns of an export, in order, and those an import understands besides. Fields the service
// derives are left out; fields added to a contract later appear under their own names.
std::vector<SheetColumn> ColumnsOf(const std::string& collection,
                                   const google::protobuf::Descriptor* resource);

// Words of a file that stand for ours: «ФИО директора» → «ФИО», or `-` to leave a column out. Keys
// are folded.
using ColumnMap = std::map<std::string, std::string>;
// `ЗАГОЛОВОК=СТОЛБЕЦ`, by the last `=`.
absl::Status AddMapping(const std::string& line, ColumnMap* map);
// A file of such lines; empty ones and those that begin with # are skipped.
absl::Status ReadMappings(const std::string& path, ColumnMap* map);

struct Plan {
  std::vector<const SheetColumn*> of_file;  // null: left out or empty heading
  std::vector<std::string> titles;          // as the file heads them
  int64_t header_row = 0;

  const SheetColumn* Find(Role role) const;
  bool Fills(const google::protobuf::FieldDescriptor* field) const;
  // `Фамилия (столбец B)`, for a field of the contract.
  std::string Describe(const std::string& field_path,
                       const google::protobuf::Descriptor* type) const;
  std::string Describe(size_t column) const;
};

// How many cells of a row head columns we know.
int KnownHeadings(const sheet::Row& row, const std::vector<SheetColumn>& columns,
                  const ColumnMap& map);

// Unknown, repeated and missing columns are findings; the plan is then not to be used.
Plan MakePlan(const sheet::Row& header, const std::vector<SheetColumn>& columns,
              const ColumnMap& map, Findings* findings);

// Whether the registry has a row's record already; a row that brings its code is not asked about.
enum class Standing { kUnknown, kStored, kFresh };

// One row of a file as a resource on its way.
struct Draft {
  int64_t row = 0;
  std::unique_ptr<google::protobuf::Message> message;
  // What names the row's references in place of an id: СНИЛС, ОГРН…, cleaned.
  std::vector<std::pair<const SheetColumn*, std::string>> keys;
  bool bad = false;
  Standing standing = Standing::kUnknown;
};

// Reads a row; what is wrong with it goes to `findings`.
Draft ReadDraft(const Plan& plan, const sheet::Row& row, bool fixed_width,
                const google::protobuf::Descriptor* type, const std::string& region,
                Findings* findings);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_PLAN_H_
