// Records that belong to a body for some days, and how they pass to its successor.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_DATED_RECORDS_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_DATED_RECORDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// A kind of record with the names of its fields; the columns of the dates are named like them.
struct DatedKind {
  const google::protobuf::Descriptor* type;
  const char* body;  // field that names the body
  const char* body_column;
  const char* start;
  const char* end;
};

extern const DatedKind kEmployments, kTeams, kSupport;
extern const DatedKind kActing;      // as which subjects of an act the body acts
extern const DatedKind kLinksBelow;  // links by which others stand below the body
extern const DatedKind kLinksAbove;  // links by which the body stands below others
// What a body has and a successor takes over: all of them but kLinksAbove.
const std::vector<DatedKind>& ApportionedKinds();

// Living records of a body that last until `day` or longer, by id, locked.
absl::StatusOr<Records> LastingRecords(const Ledger& ledger, const DatedKind& kind,
                                       const std::string& body, absl::CivilDay day);

// Ends the records the day before `day`; what would begin later is deleted.
absl::Status EndRecords(Ledger& ledger, const DatedKind& kind, Records records, absl::CivilDay day);

// The records end the day before `day` and go on at `target` from it; what begins later is handed
// over as it is. FAILED_PRECONDITION TARGET_BELOW_SOURCE for a link of the target itself, and
// whatever the registry's rules say of the records.
absl::Status HandOver(Ledger& ledger, const DatedKind& kind, Records records,
                      const std::string& target, absl::CivilDay day);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_DATED_RECORDS_H_
