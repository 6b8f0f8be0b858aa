// What the catalogue's rules must know of other rows.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/programs/v1/training_rules.pb.h"
#include "services/programs/catalogue/review_rules.h"

namespace rsnms::programs::catalogue_store {

// The region's rules in force on `day`, seen by the caller or not; the defaults of
// TrainingRules when there are none.
absl::StatusOr<v1::TrainingRules> RulesInForce(const resource::Engine& engine, pg::Tx& tx,
                                               std::string_view region_code, absl::CivilDay day);

// The same, held against a change until the transaction ends; without a name while the region has
// none. ABORTED CONCURRENT_UPDATE when they change time and again meanwhile.
absl::StatusOr<v1::TrainingRules> HoldRulesInForce(const resource::Engine& engine, pg::Tx& tx,
                                                   std::string_view region_code,
                                                   absl::CivilDay day);

// The rules the version was handed in under, seen by the caller or not.
absl::StatusOr<v1::TrainingRules> RulesOfRound(const resource::Engine& engine, pg::Tx& tx,
                                               const v1::ProgrammeVersion& version);

// Whether any version, deleted or not, was last handed in under the rules.
absl::StatusOr<bool> AreRulesUsed(pg::Tx& tx, const std::string& rules);

// Takes the programme's row, so that its versions are made one by one, and says how many numbers
// are used and whether a version is in work.
struct Versions {
  bool exists = false;  // a living programme the caller sees
  int greatest_number = 0;
  bool in_work = false;
};
absl::StatusOr<Versions> HoldVersions(pg::Tx& tx, const std::string& programme);

// Persons who are or were authors of any version of the programme the version is of, deleted ones
// too, seen by the caller or not.
absl::StatusOr<std::vector<std::string>> ReadWriters(pg::Tx& tx, const std::string& version);

// Opinions given on a version in a round, seen by the caller or not.
absl::StatusOr<review_rules::Reviews> ReadReviews(pg::Tx& tx, const std::string& version,
                                                  int round);

// Whether that expert, or the person they are, was asked in the round and has not refused.
absl::StatusOr<bool> IsAsked(pg::Tx& tx, const v1::ExpertReview& review);

// Whether another programme of the region, deleted or not, or a version of one has the register's
// number of the version. Until the transaction ends nobody else asks about the number.
absl::StatusOr<bool> IsNumberTaken(pg::Tx& tx, const v1::ProgrammeVersion& version);

// Programmes whose versions have one of the numbers, seen by the caller or not, by number. Until
// the transaction ends nobody else asks about the numbers.
using NumbersOfVersions = absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>>;
absl::StatusOr<NumbersOfVersions> ReadNumbersOfVersions(pg::Tx& tx, const std::string& region,
                                                        const std::vector<std::string>& numbers);

// Whether the transaction's scopes cover the whole region.
absl::StatusOr<bool> CoversRegion(pg::Tx& tx, const std::string& region);

}  // namespace rsnms::programs::catalogue_store

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_STORE_H_
