// What must hold of bodies, members, meetings, decisions and plans. Pure: images and facts in,
// status out. Field paths are relative to the resource.
#ifndef RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_RULES_H_
#define RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_RULES_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/community.pb.h"
#include "rsnms/registry/v1/community_plan.pb.h"
#include "rsnms/registry/v1/meeting.pb.h"
#include "rsnms/registry/v1/meeting_decision.pb.h"
#include "rsnms/registry/v1/membership.pb.h"

namespace rsnms::registry {

// A body as others refer to it.
struct CommunityFacts {
  std::string organisation, parent, title;
  v1::CommunityKind kind = v1::COMMUNITY_KIND_UNSPECIFIED;
  v1::RegulationAct act = v1::REGULATION_ACT_UNSPECIFIED;
  v1::Community::State state = v1::Community::STATE_UNSPECIFIED;
  int quorum_percent = 0;  // 0: none
  bool deleted = false;
};

// Who belongs to a body on a day.
struct Roster {
  absl::flat_hash_set<std::string> members;
  std::string chair;  // empty: nobody
};

// A meeting as decisions and plans refer to it.
struct MeetingFacts {
  std::string community, organisation;
  v1::Meeting::State state = v1::Meeting::STATE_UNSPECIFIED;
  std::optional<absl::CivilDay> held;
};

// Closed, reorganised or deleted.
bool IsEnded(const CommunityFacts& facts);

// Fills `level` and `clause` from the catalogue. INVALID_ARGUMENT KIND_NOT_IN_ACT;
// FAILED_PRECONDITION FOUNDING_DECISION_REQUIRED (Dagestan L3440) when it is created or closed
// without the decision its act wants.
absl::Status CheckCommunity(resource::Change change, const v1::Community* before,
                            v1::Community& after);

// INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckMembership(const v1::Membership& membership);

// FAILED_PRECONDITION CONSIDERATION_REQUIRED (Dagestan L3555).
absl::Status CheckConsideration(const CommunityFacts& community, const v1::Membership& membership);

// What the step `hold` demands, and freezes: `chair`, `member_count`. FAILED_PRECONDITION
// COMMUNITY_NOT_ACTIVE, NO_QUORUM; INVALID_ARGUMENT ATTENDEE_NOT_MEMBER, REPEATED_MEMBER,
// REQUIRED_FIELD_MISSING (no agenda).
absl::Status CheckHeldMeeting(const CommunityFacts& community, const Roster& roster,
                              v1::Meeting& meeting);

// True when so many of the members are enough.
bool HasQuorum(int present, int members, int quorum_percent);

// FAILED_PRECONDITION MINUTES_FROZEN when anything but the state changes after the minutes were
// approved, deletion included.
absl::Status CheckMeeting(resource::Change change, const v1::Meeting* before,
                          const v1::Meeting& after);

// FAILED_PRECONDITION MINUTES_FROZEN, MEETING_NOT_HELD; INVALID_ARGUMENT
// DECISION_DUE_BEFORE_MEETING. `before` is null for a new decision.
absl::Status CheckDecision(const MeetingFacts& meeting, const v1::MeetingDecision* before,
                           const v1::MeetingDecision& after);

// FAILED_PRECONDITION PLAN_FROZEN; INVALID_ARGUMENT REQUIRED_FIELD_MISSING when an empty plan goes
// to approval.
absl::Status CheckCommunityPlan(resource::Change change, const v1::CommunityPlan* before,
                                const v1::CommunityPlan& after);

// FAILED_PRECONDITION PLAN_APPROVAL_REQUIRED (Dagestan CK10): the act wants the approval of the
// body above, at a meeting whose minutes are approved. `meeting` is null when none is named.
absl::Status CheckPlanApproval(const CommunityFacts& community, const MeetingFacts* meeting);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_RULES_H_
