// What the mirror makes of the federal register's answers. Pure: the register is outside and
// unreliable, so every page and entry is judged before it is believed.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "rsnms/federal/v1/programme_register.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"

namespace rsnms::programs::register_rules {

// A page as it is kept: one row per distinct number.
struct Entry {
  std::string number;   // `?` and the hash when the entry has no readable number
  std::string payload;  // serialised, unknown fields included
  std::string sha256;   // of payload, hexadecimal
  std::string match_key;
  std::string problem;     // why it cannot be applied; empty when it can
  bool withdrawn = false;  // the entry says that it is withdrawn
};

// How far an incremental run reads back behind the moment of the last snapshot. An entry may become
// visible later than the moment it bears; those read twice are known by their hash.
inline constexpr absl::Duration kOverlap = absl::Hours(1);

// Lower bound of the incremental run after one whose snapshot was taken at `snapshot_time`.
google::protobuf::Timestamp ChangedSince(const google::protobuf::Timestamp& snapshot_time);

// How far the operator's clock may be ahead of ours. The next incremental run reads from the moment
// of this snapshot: one of a far year would leave out all that changes until then.
inline constexpr absl::Duration kGreatestLead = absl::Hours(24);

// Judges a page against the walk it belongs to. FAILED_PRECONDITION REGISTER_BROKEN: the walk must
// begin again.
absl::Status CheckPage(const v1::RegisterSync& sync,
                       const federal::v1::ListProgrammesResponse& page, absl::Time now);

// The page's entries; repeated ones once, contradicting ones with a problem.
std::vector<Entry> Entries(const federal::v1::ListProgrammesResponse& page);

// Why an entry cannot be mirrored, in English; empty when it can.
std::string Problem(const federal::v1::Programme& entry);

// What finds a programme whose number does not: title and provider, folded to lower case and single
// spaces; of long ones their hash, as no index takes more.
std::string MatchKey(std::string_view title, std::string_view provider_inn,
                     std::string_view provider_title);
std::string MatchKey(const federal::v1::Programme& entry);
std::string MatchKey(const v1::Programme& programme);

// The problem of an entry nothing was learnt of: the walk lacks it and the register refuses to
// tell.
inline constexpr char kNotVerified[] =
    "the walk lacks it, and the register does not say what became of it";

// How much leaves the register: by this run, and by earlier runs that are weighed with it.
struct Shrink {
  int64_t leaving = 0;  // now
  int64_t left = 0;     // before, and still gone
  int64_t listed = 0;   // before this run; what left before is not among them
};
// True when what leaves is, together with what left before, more than `percent` of what would be
// listed had none of it left. It does not matter in how many runs it leaves; what does not leave
// now is no question.
bool ShrinksTooMuch(const Shrink& shrink, int percent);

}  // namespace rsnms::programs::register_rules

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_RULES_H_
