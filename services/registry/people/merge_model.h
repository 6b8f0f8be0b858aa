// A naive model of merges: references follow people to where they went and come back.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_MERGE_MODEL_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_MERGE_MODEL_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace rsnms::registry {

// What each reference named at first, and who was merged into whom.
struct MergeModel {
  struct Reference {
    std::string row, field;  // `table.column`
    bool list;
    std::vector<std::string> named;
  };
  std::vector<Reference> references;
  std::map<std::string, std::string> into;  // direct

  std::string Root(std::string person) const {
    for (auto it = into.find(person); it != into.end(); it = into.find(person)) person = it->second;
    return person;
  }
  // A list would name a person twice.
  bool Conflicts(const std::string& a, const std::string& b) const {
    return std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
      std::set<std::string> roots;
      for (const auto& p : reference.named) roots.insert(Root(p));
      return reference.list && roots.contains(a) && roots.contains(b);
    });
  }
  std::string Expected() const {
    std::vector<std::string> lines;
    for (const auto& reference : references) {
      std::vector<std::string> roots;
      for (const auto& p : reference.named) roots.push_back(Root(p));
      lines.push_back(
          absl::StrCat(reference.row, " ", reference.field, " ", absl::StrJoin(roots, ",")));
    }
    for (const auto& [tombstone, direct] : into) {
      lines.push_back(absl::StrCat(tombstone, " person.merged_into_id ", Root(tombstone)));
    }
    std::sort(lines.begin(), lines.end());
    return absl::StrJoin(lines, "\n");
  }
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_MERGE_MODEL_H_
