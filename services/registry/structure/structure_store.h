// SQL on profiles, subjects, acting organisations and districts.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_STORE_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "libs/pg/tx.h"
#include "services/registry/period_rules.h"
#include "services/registry/structure/district_rules.h"
#include "services/registry/structure/functions_report.h"

namespace rsnms::registry {

template <class Facts>
using ByName = absl::flat_hash_map<std::string, Facts>;

// Codes of the kinds of each profile. Locks the profiles: their subjects change one writer at a
// time, so that two writers never close a circle between them.
absl::StatusOr<ByName<absl::flat_hash_set<std::string>>> LockKinds(
    pg::Tx& tx, const std::vector<std::string>& profiles);

struct SubjectFacts {
  std::string profile, parent;  // names; parent may be empty
  bool deleted = false;
};
// All subjects of the profiles.
absl::StatusOr<ByName<SubjectFacts>> SubjectsOf(pg::Tx& tx,
                                                const std::vector<std::string>& profiles);

// Living periods; the keys are `<subject> <organisation>`.
absl::StatusOr<PeriodBook> ReadActingPeriods(pg::Tx& tx,
                                             const std::vector<std::string>& organisations);
// Living periods; the keys are `<profile> <organisation>`.
absl::StatusOr<PeriodBook> ReadProfileNamePeriods(pg::Tx& tx,
                                                  const std::vector<std::string>& organisations);
// Who acts as the subjects of a profile on a date, in the order of their names.
absl::StatusOr<Acting> ReadActing(pg::Tx& tx, const std::string& profile,
                                  const google::type::Date& day);

// Districts by name. Locks them: composition and heads change one writer at a time, and nobody
// closes them meanwhile.
absl::StatusOr<ByName<DistrictFacts>> LockDistricts(pg::Tx& tx,
                                                    const std::vector<std::string>& districts);
// Living periods of municipalities in districts; the keys are `<kind> <municipality>`.
absl::StatusOr<PeriodBook> ReadMemberPeriods(pg::Tx& tx,
                                             const std::vector<std::string>& municipalities);
// Living periods of the officers of districts; the keys are `HEAD <district>`, and
// `<role> <district> <person>` for everybody.
absl::StatusOr<PeriodBook> ReadOfficerPeriods(pg::Tx& tx,
                                              const std::vector<std::string>& districts);
// Names of the municipalities in a district on a day.
absl::StatusOr<absl::flat_hash_set<std::string>> MembersOn(pg::Tx& tx, const std::string& district,
                                                           const google::type::Date& day);
// How many terms of heads of each municipality began before a day.
absl::StatusOr<std::map<std::string, int>> TurnsBefore(pg::Tx& tx, const std::string& district,
                                                       const google::type::Date& day);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_STORE_H_
