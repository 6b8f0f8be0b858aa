// Names for rows that people wrote without them, found by what identifies the thing in life.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_RESOLVE_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_RESOLVE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_memory.h"
#include "tools/rsnmsctl/sheet_plan.h"

namespace rsnms::ctl {

// Rows resolved together: each kind of question is asked of the registry a few times for all.
inline constexpr size_t kResolveBatch = 200;

// Gives every good draft what the file only hints at:
//   - references: a person by СНИЛС, a body by ОГРН, else ИНН, else official name;
//   - the resource's own name, so that a repeated load updates and does not double: a body is found
//     by ОГРН, ИНН (with КПП), official name in a municipality; a person by СНИЛС, else by full
//     name and day of birth; an employment by person, body, post and first day. What is not found
//     gets a name derived from the same words, always the same. Only people get a random one: a
//     name made from a СНИЛС would betray it to whoever tries all of them, and names are not
//     secret;
//   - fields the file has no column for, kept as they are stored (with the etag they were read
//     under). A file with every column is a full image and needs no look.
// `memory` answers for what this command has asked or loaded before; the caller lets it remember
// the good rows. Ambiguity is never resolved by chance: it is a finding. The status is that of the
// registry.
absl::Status Resolve(Session& session, const std::string& region, const std::string& collection,
                     const Plan& plan, std::vector<Draft>& drafts, Memory& memory,
                     Findings* findings);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_RESOLVE_H_
