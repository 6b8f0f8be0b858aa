// SQL on what is recorded about people.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/consent.pb.h"

namespace rsnms::registry {

// The consent in force for a purpose on a date; empty when there is none.
absl::StatusOr<std::string> FindConsent(pg::Tx& tx, const std::string& person,
                                        v1::ConsentPurpose purpose, const google::type::Date& date);

// For every method that processes personal data beyond the tasks set by law: FAILED_PRECONDITION
// PURPOSE_NEEDS_CONSENT, blaming the field `path`, when the purpose needs a consent and none is in
// force on the date.
absl::Status RequireConsent(pg::Tx& tx, const std::string& person, v1::ConsentPurpose purpose,
                            const google::type::Date& date, std::string_view path);

// Whether the person holds the highest category on a date.
absl::StatusOr<bool> HoldsHighest(pg::Tx& tx, const std::string& person,
                                  const google::type::Date& date);

// Hours of corporate training that ended between two days, both included.
absl::StatusOr<int64_t> CorporateHours(pg::Tx& tx, const std::string& person, absl::CivilDay first,
                                       absl::CivilDay last);

// The parts of a name that a word may begin: family name, given name, patronymic, the second word
// of a family name, the second word of another part.
inline constexpr size_t kNameParts = 5;

// A word of a query in the form names are searched in (person_search_form of the schema), and which
// parts of some living person's name in the region it begins, seen by the caller or not.
struct SearchWord {
  std::string text;
  std::array<bool, kNameParts> begins;
};
absl::StatusOr<std::vector<SearchWord>> SearchWords(pg::Tx& tx, const std::string& region,
                                                    const std::string& query);

// Conditions on `person` with their order; $1 is the region, further parameters are appended.
//
// The first `limit` people whose family name begins with the word: a range of the index, in order.
std::string FamilyCondition(const std::string& word, int limit, pg::Params* params);
// At most `limit` people, any of those in whose names some word begins with each of `words`, in
// order; empty when nobody can be. One statement with a branch for each way the words may stand in
// a name: a branch walks one index and stops at `limit`, so that common names cost no more than
// rare ones. (One condition of ORs collects everybody who bears the commonest word before it looks
// at the others.)
std::string SearchCondition(std::vector<SearchWord> words, int limit, pg::Params* params);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_
