// SQL on what is recorded about people.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_

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

// Words of a name or query in the form names are searched in (person_search_form of the schema).
absl::StatusOr<std::vector<std::string>> SearchWords(pg::Tx& tx, const std::string& text);

// Where somebody stands in the order of search.
struct SearchPlace {
  bool by_family = false;  // found by FamilyCondition
  std::string family, given, patronymic, id;
};
absl::StatusOr<SearchPlace> PlaceOf(pg::Tx& tx, const std::string& person, bool by_family);

// Conditions on `person` with their order; $1 is the region, further parameters are appended. With
// `after`, only people who stand behind it.
//
// The first `limit` people whose family name begins with the word: a range of the index, in order.
std::string FamilyCondition(const std::string& word, const SearchPlace* after, int limit,
                            pg::Params* params);
// The first `limit` people in whose names some word begins with each of `words`; those a single
// word would find by the family name are left out. Few candidates are materialised and sorted;
// `many` are met soon enough on a walk through the region in the order of names.
std::string SearchCondition(const std::vector<std::string>& words, const SearchPlace* after,
                            bool many, int limit, pg::Params* params);
absl::StatusOr<bool> FindsMany(pg::Tx& tx, const std::string& region,
                               const std::vector<std::string>& words, const SearchPlace* after);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_
