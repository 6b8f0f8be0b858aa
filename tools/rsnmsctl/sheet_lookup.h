// What the registry stores that a row of a table may be about, and the words it is known by.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_LOOKUP_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_LOOKUP_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::ctl {

// By name.
using Bodies = std::map<std::string, registry::v1::Organisation>;
using People = std::map<std::string, registry::v1::Person>;
using Posts = std::map<std::string, registry::v1::Employment>;

// Adds to `out` the living records of the region whose `field` is one of `values`; posts are asked
// for by the names of their people.
absl::Status FindBodies(Session& session, const std::string& region, const char* field,
                        const std::set<std::string>& values, Bodies* out);
absl::Status FindPeople(Session& session, const std::string& region, const char* field,
                        const std::set<std::string>& values, People* out);
absl::Status FindPosts(Session& session, const std::string& region,
                       const std::set<std::string>& people, Posts* out);

// Several records fit where one must.
sheet::Flaw Ambiguous();

// The only stored resource that fits; null when none does. `flaw` when several do.
template <class R, class Fits>
const R* Only(const std::map<std::string, R>& stored, const Fits& fits, sheet::Flaw* flaw) {
  const R* found = nullptr;
  for (const auto& [name, resource] : stored) {
    if (!fits(resource)) continue;
    if (found != nullptr) {
      *flaw = Ambiguous();
      return nullptr;
    }
    found = &resource;
  }
  return found;
}

// The stored record a row without a name is about; null when there is none.
const registry::v1::Organisation* StoredBody(const Bodies& stored,
                                             const registry::v1::Organisation& row,
                                             sheet::Flaw* flaw);
const registry::v1::Person* StoredPerson(const People& stored, const registry::v1::Person& row,
                                         sheet::Flaw* flaw);

// What tells a row from others of the file, before it has a name: empty when nothing does.
std::string NaturalKey(const std::string& collection, const google::protobuf::Message& message);

// A UUID (version 8) made from words: the same words give the same id.
std::string DerivedId(const std::string& words);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_LOOKUP_H_
