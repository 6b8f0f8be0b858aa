// What the stand-in does wrong on purpose. Everything is counted or drawn from a seed: tests repeat
// exactly.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_MISBEHAVIOUR_H_
#define RSNMS_TOOLS_FEDERAL_SIM_MISBEHAVIOUR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rsnms/federal/v1/programme_register.pb.h"

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
  bool lie_fields = false;       // each 7th entry has fields of another wire type, and unknown ones
  bool lie_numbers = false;      // what is asked for by number is answered with another entry
  int shrink_percent = 0;        // so much of the register is gone overnight
  int skip = 0;                  // so many entries are left out of walks that still add up
  bool short_pages = false;      // pages hold fewer entries than asked for, some none
  int shift_every = 0;           // each n-th call the register changes, and walks go on by offset
  int unsteady_percent = 0;      // so many calls of a hundred fail in one of the ways above
  uint64_t seed = 1;             // of the unsteady calls
  // For tests that bring their own; no words stand for them.
  // What a question by number is answered with, by its place from 1; OK: the truth.
  std::function<absl::Status(int64_t question)> asked;
  // The last hand on each page.
  std::function<void(federal::v1::ListProgrammesResponse&)> spoil;
};

// One or several misbehaviours, the same for the same seed. What makes a register useless (endless,
// always truncated) is not among them.
Misbehaviour DrawMisbehaviour(uint64_t seed);

// Reads words such as `unavailable:3,truncate:2,repeat,shrink:40` (README.md has them all).
// INVALID_ARGUMENT names the word it does not know.
absl::StatusOr<Misbehaviour> ParseMisbehaviour(std::string_view text);

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_MISBEHAVIOUR_H_
