// What the stand-in does wrong on purpose. Everything is counted, nothing is random: tests repeat
// exactly.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_MISBEHAVIOUR_H_
#define RSNMS_TOOLS_FEDERAL_SIM_MISBEHAVIOUR_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace rsnms::federal_sim {

struct Misbehaviour {
  int unavailable_every = 0;  // each n-th call answers UNAVAILABLE (503)
  int exhausted_every = 0;    // each n-th call answers RESOURCE_EXHAUSTED (429) with RetryInfo
  int hang_every = 0;         // each n-th call answers only after `hang`
  absl::Duration hang = absl::Seconds(30);
  int expire_every = 0;          // each n-th call with a page token answers SNAPSHOT_EXPIRED
  bool repeat = false;           // pages repeat entries of their own and of the page before
  bool reorder = false;          // entries of a page come backwards
  int truncate_walks = 0;        // so many walks lose entries at the ends of pages; -1 means all
  bool lie_types = false;        // each 7th entry has impossible hours, kinds or forms
  bool lie_identifiers = false;  // each 7th entry has a wrong name, number or ИНН
  bool endless = false;          // the last page leads to another
  int shrink_percent = 0;        // so much of the register is not shown
};

// Reads words such as `unavailable:3,truncate:2,repeat,shrink:40` (README.md has them all).
// INVALID_ARGUMENT names the word it does not know.
absl::StatusOr<Misbehaviour> ParseMisbehaviour(std::string_view text);

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_MISBEHAVIOUR_H_
