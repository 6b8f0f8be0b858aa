// What becomes of a programme when the federal register speaks of it. Pure.
//
// A mirrored field is merged three ways: what the register said before (the base), what it says now
// (theirs), what the programme says (ours). What only they changed is taken; what only we changed
// is ours and stays; what both changed is ours until a person decides (RegisterConflict). So a
// change made in the region is never lost, and needs no bookkeeping: ours differs from the base.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_MERGE_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_MERGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/type/date.pb.h"
#include "rsnms/federal/v1/programme_register.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/register_conflict.pb.h"
#include "rsnms/programs/v1/register_entry.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"

namespace rsnms::programs::register_merge {

// Where and by whom an entry is applied.
struct Context {
  std::string region_code;
  std::string register_sync;   // name of the run
  std::string payload_sha256;  // of the entry
  std::string provider;  // organisation of this region with the provider's ИНН; may be empty
  std::string fresh_id = "";  // of a new programme; empty: NewId
};

// A field both sides changed; values as ValueText gives them.
struct Disagreement {
  std::string field, base, theirs, ours;
};

// What applying did.
struct Applied {
  v1::Programme after;
  v1::RegisterChange::Kind kind =
      v1::RegisterChange::KIND_UNSPECIFIED;  // UNSPECIFIED: nothing changed
  std::vector<std::string> changed_fields = {};
  std::vector<v1::RegisterFieldChange> field_changes = {};
  std::vector<Disagreement> disagreements = {};
};

// The id of the programme a new entry makes: the same for the same number, so that a step may be
// done again.
std::string NewId(std::string_view region_code, std::string_view register_number);

// The programme an entry alone would make: mirrored fields only.
v1::Programme Image(const federal::v1::Programme& entry, std::string_view region_code);

// Mirrors an entry into the programme that stands for it, or into a new one. `base` is the entry as
// it was mirrored last; null when that is not known: then every value of ours that is not the
// default counts as changed by us. Kind, hours and hours of internship make sense together only:
// when the merged ones do not, ours are kept.
Applied Apply(const federal::v1::Programme& entry, const v1::Programme* existing,
              const federal::v1::Programme* base, const Context& context);

// Flags a programme the register no longer has.
Applied Withdraw(const v1::Programme& existing, const google::type::Date& day,
                 std::string_view register_sync);

// What becomes of the open conflicts of a programme, and which are new: the rows to be written.
// Those the two sides no longer disagree on are SETTLED, as are those where the register went back
// to what it said before we changed it.
std::vector<v1::RegisterConflict> Reconcile(const Applied& applied,
                                            const federal::v1::Programme& entry,
                                            const std::vector<v1::RegisterConflict>& open,
                                            std::string_view register_sync);

// Values of the mirrored fields as ValueText gives them, in one order.
std::vector<std::string> Values(const v1::Programme& programme);

// The field's value as protobuf JSON; empty for the default.
std::string ValueText(const v1::Programme& programme, std::string_view field);

// Stores a value of ValueText. INVALID_ARGUMENT when it is none of the field's.
absl::Status SetValue(std::string_view field, std::string_view text, v1::Programme& programme);

// Whose the fields are. `base` is null when the programme never stood in the register.
std::vector<v1::FieldProvenance> Provenance(const v1::Programme& programme,
                                            const federal::v1::Programme* base);

}  // namespace rsnms::programs::register_merge

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_MERGE_H_
