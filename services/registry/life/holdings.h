// What bodies hold beside posts, teams, support and links: by the table of fates.h.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_HOLDINGS_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_HOLDINGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// How many records by type, types without any left out.
using Holdings = std::map<std::string, int64_t>;

// A record that is no history on the day, and its place in the table.
struct Held {
  size_t fate;
  std::unique_ptr<Message> record;
};

// What a body holds on the day, kinds in the table's order, locked. A record that names it in two
// ways is there twice.
absl::StatusOr<std::vector<Held>> HeldBy(const Ledger& ledger, const std::string& body,
                                         absl::CivilDay day);

// `target` takes the place of `source` in the records, from the day on; what of it `target` may not
// have too ends the day before and is counted in `ended`. `ground` says why. FAILED_PRECONDITION of
// the database's constraint for what can do neither.
absl::Status Pass(Ledger& ledger, std::vector<Held> records, const v1::Organisation& source,
                  const v1::Organisation& target, absl::CivilDay day, const std::string& ground,
                  Holdings* ended);

// Ends what ends with a body that closes; names of what holds it open.
absl::StatusOr<std::vector<std::string>> EndHeld(Ledger& ledger, std::vector<Held> records,
                                                 absl::CivilDay day, const std::string& ground);

// Records no history on the day that name at least one of the bodies, each once a type.
absl::StatusOr<Holdings> CountHoldings(const Ledger& ledger, const std::vector<std::string>& bodies,
                                       absl::CivilDay day);

// Their names, each once, in order.
std::vector<std::string> NamesOf(const Ledger& ledger, const std::vector<Held>& records);

// A type of the table, or one that carries its copies: written and restored past the rules.
bool IsHolding(const std::string& resource_type);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_HOLDINGS_H_
