// What rules of the area must know of other rows: one query for a batch.
#ifndef RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_STORE_H_
#define RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/registry/community/community_rules.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

// By name. Bodies are public within a region, so what is absent does not exist.
absl::StatusOr<absl::flat_hash_map<std::string, CommunityFacts>> FindCommunities(
    pg::Tx& tx, const std::vector<std::string>& names);

// Living memberships of these bodies: under `{community}|{person}` those of a person, under
// `{community}|` those of chairs.
absl::StatusOr<PeriodBook> ReadMembershipPeriods(pg::Tx& tx,
                                                 const std::vector<std::string>& communities);

// Who belongs to the body on the day.
absl::StatusOr<Roster> ReadRoster(pg::Tx& tx, const std::string& community,
                                  const google::type::Date& day);

// Holds the meetings against approval of their minutes for the rest of the transaction.
absl::StatusOr<absl::flat_hash_map<std::string, MeetingFacts>> FindMeetings(
    pg::Tx& tx, const std::vector<std::string>& names);

// Decisions of the meeting that are neither fulfilled nor given up.
absl::StatusOr<int> CountOpenDecisions(pg::Tx& tx, const std::string& meeting);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_STORE_H_
