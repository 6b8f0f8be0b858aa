// Search of people by their names: the conditions on `person` that answer a query.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_NAME_SEARCH_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_NAME_SEARCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace rsnms::registry {

// Words of a name or query in the form names are searched in (person_search_form of the schema).
absl::StatusOr<std::vector<std::string>> SearchWords(pg::Tx& tx, const std::string& text);

// The words that ask for something: one that begins another asks for nothing more.
std::vector<std::string> WithoutImplied(std::vector<std::string> words);

// Where somebody stands in the order of search.
struct SearchPlace {
  bool by_family = false;  // found by FamilyCondition
  std::string family, given, patronymic, id;
  bool anywhere = false;  // found by FragmentCondition
};
absl::StatusOr<SearchPlace> PlaceOf(pg::Tx& tx, const std::string& person, bool by_family);

// Conditions on `person` with their order; $1 is the region, further parameters are appended. With
// `after`, only people who stand behind it.
//
// The first `limit` people whose family name begins with the word: a range of the index, in order.
std::string FamilyCondition(const std::string& word, const SearchPlace* after, int limit,
                            pg::Params* params);

// The ids of the first `limit` people in whose names some word begins with each of `words`, none of
// which is implied by another; those a single word would find by the family name are left out.
// Looks first which parts of a name the words begin at all.
absl::StatusOr<std::vector<std::string>> FindBeginnings(pg::Tx& tx, const std::string& region,
                                                        const std::vector<std::string>& words,
                                                        const SearchPlace* after, int limit);
// Those people.
std::string PeopleCondition(const std::vector<std::string>& ids, pg::Params* params);

// The first `limit` people in whose names each of `words` stands anywhere. Looks at all people of
// the region whom the caller sees: row level security lets no index answer this.
std::string FragmentCondition(const std::vector<std::string>& words, const SearchPlace* after,
                              int limit, pg::Params* params);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_NAME_SEARCH_H_
