// A campaign's states and when it may change. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_CAMPAIGN_RULES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_CAMPAIGN_RULES_H_

#include <array>

#include "absl/status/status.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/diagnostics/v1/campaign.pb.h"
#include "services/diagnostics/transitions.h"

namespace rsnms::diagnostics {

enum class CampaignAction { kOpen, kClose };
inline constexpr std::array<Transition<v1::Campaign::State, CampaignAction>, 2>
    kCampaignTransitions = {{
        {v1::Campaign::STATE_DRAFT, CampaignAction::kOpen, v1::Campaign::STATE_OPEN},
        {v1::Campaign::STATE_OPEN, CampaignAction::kClose, v1::Campaign::STATE_CLOSED},
    }};

// Moves the campaign; FAILED_PRECONDITION INVALID_STATE when the table does not permit it.
absl::Status Move(CampaignAction action, v1::Campaign& campaign);

// The rule of every write: a new campaign is a DRAFT; its last day is not before its first; it
// names an instrument. FAILED_PRECONDITION CAMPAIGN_FROZEN when a campaign past DRAFT would change
// or be deleted.
absl::Status CheckCampaign(resource::Change change, const v1::Campaign* before,
                           v1::Campaign* after);

// A session may be taken into the campaign on that day with that instrument: it is OPEN, the
// instrument is one of its own, the day lies in its period. CAMPAIGN_NOT_OPEN,
// INSTRUMENT_NOT_IN_CAMPAIGN, OUT_OF_RANGE otherwise.
absl::Status CheckTakes(const v1::Campaign& campaign, std::string_view instrument,
                        const google::type::Date& day);

// Negative, zero or positive as a lies before, on or after b.
int Compare(const google::type::Date& a, const google::type::Date& b);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_CAMPAIGN_RULES_H_
