// What an instrument must be, and that a published one never changes. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_INSTRUMENT_RULES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_INSTRUMENT_RULES_H_

#include <array>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/diagnostics/v1/instrument.pb.h"
#include "services/diagnostics/transitions.h"

namespace rsnms::diagnostics {

enum class InstrumentAction { kPublish, kRetire };
inline constexpr std::array<Transition<v1::Instrument::State, InstrumentAction>, 2>
    kInstrumentTransitions = {{
        {v1::Instrument::STATE_DRAFT, InstrumentAction::kPublish, v1::Instrument::STATE_PUBLISHED},
        {v1::Instrument::STATE_PUBLISHED, InstrumentAction::kRetire, v1::Instrument::STATE_RETIRED},
    }};

// Moves the instrument; FAILED_PRECONDITION INVALID_STATE when the table does not permit it.
absl::Status Move(InstrumentAction action, v1::Instrument& instrument);

// The rule of every write. A new instrument is a DRAFT named `{family}-{edition}` with default
// thresholds where none are given. FAILED_PRECONDITION INSTRUMENT_FROZEN when anything but the
// state of a published or retired one would change, or when such a one would be deleted. Becoming
// PUBLISHED demands CheckConsistent.
absl::Status CheckInstrument(resource::Change change, const v1::Instrument* before,
                             v1::Instrument* after);

// INVALID_ARGUMENT INSTRUMENT_INCONSISTENT with every place at fault: codes repeat, a row lacks its
// scale or a competency, a heading has one, thresholds do not ascend, levels overlap, the rows do
// not give the stated maximum.
absl::Status CheckConsistent(const v1::Instrument& instrument);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_INSTRUMENT_RULES_H_
