// What one command has learnt of the registry, and what its files hold: files that come later in a
// set find here what they refer to.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_MEMORY_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_MEMORY_H_

#include <map>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// Grows with the people and bodies of the files: about 200 bytes each.
class Memory {
 public:
  // Without `rows` it keeps answers of the registry alone: nothing follows the file.
  explicit Memory(bool rows = true) : rows_(rows) {}

  // A good row with its name. `fresh`: the registry had no such record before this command.
  void Remember(const google::protobuf::Message& row, bool fresh);
  bool IsFresh(const std::string& name) const { return fresh_.contains(name); }

  // Learns who has these СНИЛС; the registry is asked only for those that were neither asked for
  // before nor stand in a file of this command.
  absl::Status LearnPeople(Session& session, const std::string& region,
                           const std::set<std::string>& snils);
  // Name of the person with a СНИЛС that was learnt; empty: nobody has it.
  const std::string& PersonOf(const std::string& snils) const;

  // The same for bodies by `ogrn`, `inn` or `official_name`, which may be that of several. A file's
  // bodies count beside the registry's: only together they tell whether a name is ambiguous.
  absl::Status LearnBodies(Session& session, const std::string& region, const std::string& field,
                           const std::set<std::string>& values);
  const std::set<std::string>& BodiesOf(const std::string& field, const std::string& value) const;

  // A record that a dry run would have created. What refers to it, the registry cannot judge yet.
  void Await(const std::string& name) { awaited_.insert(name); }
  bool Awaits(const google::protobuf::Message& row) const;

 private:
  struct Index {
    absl::flat_hash_set<std::string> asked;
    absl::flat_hash_map<std::string, std::set<std::string>> names;
  };

  const bool rows_;
  absl::flat_hash_map<std::string, std::string> people_;  // by СНИЛС
  std::map<std::string, Index> bodies_;                   // by field
  absl::flat_hash_set<std::string> fresh_, awaited_;
};

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_MEMORY_H_
