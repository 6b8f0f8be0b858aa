#include "services/registry/community/community_rules.h"

#include "services/registry/community/community_kinds.h"
#include "services/registry/pending.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;

bool IsRecorded(v1::Meeting::State state) {
  return state == v1::Meeting::STATE_RECORDED || state == v1::Meeting::STATE_CONTROLLED;
}

absl::Status CheckPresent(const Roster& roster, const v1::Meeting& meeting) {
  absl::flat_hash_set<std::string_view> seen;
  for (const std::string& person : meeting.attendees()) {
    if (!seen.insert(person).second) {
      return Invalid(v1::REGISTRY_REASON_REPEATED_MEMBER, "attendees", "must not repeat");
    }
    if (!roster.members.contains(person)) {
      return Invalid(v1::REGISTRY_REASON_ATTENDEE_NOT_MEMBER, "attendees",
                     "names somebody who is not a member on that day");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsEnded(const CommunityFacts& facts) {
  return facts.deleted || facts.state == v1::Community::STATE_CLOSED ||
         facts.state == v1::Community::STATE_REORGANISED;
}

absl::Status CheckCommunity(Change change, const v1::Community* before, v1::Community& after) {
  if (change == Change::kDelete) return absl::OkStatus();
  const v1::CommunityKindEntry* kind = FindKind(after.act(), after.kind());
  if (kind == nullptr) {
    return Invalid(v1::REGISTRY_REASON_KIND_NOT_IN_ACT, "kind", "is not a kind of the act");
  }
  after.set_level(kind->level());
  after.set_clause(kind->clause());
  const bool founded = before != nullptr && before->state() == v1::Community::STATE_PROPOSED &&
                       after.state() == v1::Community::STATE_CREATED;
  const bool closed = before != nullptr && before->state() != v1::Community::STATE_PROPOSED &&
                      before->state() != v1::Community::STATE_CLOSED &&
                      after.state() == v1::Community::STATE_CLOSED;
  if (kind->founding_decision_required()) {
    // Closing takes a decision of its own: the founding one is not it.
    const bool missing = (founded && after.decision_document().empty()) ||
                         (closed && (after.decision_document().empty() ||
                                     after.decision_document() == before->decision_document()));
    if (missing) {
      return Refuse(v1::REGISTRY_REASON_FOUNDING_DECISION_REQUIRED,
                    "the act wants a decision of the collegiate body");
    }
  }
  if (!after.has_closed_date() || !after.has_established_date()) return absl::OkStatus();
  return CheckOrder(after.established_date(), &after.closed_date(), "closed_date");
}

absl::Status CheckMembership(const v1::Membership& membership) {
  return CheckOrder(membership.start_date(),
                    membership.has_end_date() ? &membership.end_date() : nullptr, "end_date");
}

absl::Status CheckConsideration(const CommunityFacts& community, const v1::Membership& membership) {
  const v1::CommunityKindEntry* kind = FindKind(community.act, community.kind);
  if (kind == nullptr || !kind->consideration_required()) return absl::OkStatus();
  if (!membership.basis_document().empty() && !membership.consideration_document().empty()) {
    return absl::OkStatus();
  }
  return Refuse(v1::REGISTRY_REASON_CONSIDERATION_REQUIRED,
                "a member is considered by the council and named by an order");
}

bool HasQuorum(int present, int members, int quorum_percent) {
  return static_cast<int64_t>(present) * 100 >= static_cast<int64_t>(members) * quorum_percent;
}

absl::Status CheckHeldMeeting(const CommunityFacts& community, const Roster& roster,
                              v1::Meeting& meeting) {
  if (community.state != v1::Community::STATE_CREATED &&
      community.state != v1::Community::STATE_ACTIVE) {
    return Refuse(v1::REGISTRY_REASON_COMMUNITY_NOT_ACTIVE, "the body does not work");
  }
  if (meeting.agenda().empty()) {
    return rpc::InvalidField("agenda", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "must not be empty", "Укажите повестку заседания.");
  }
  if (auto s = CheckPresent(roster, meeting); !s.ok()) return s;
  const int members = static_cast<int>(roster.members.size());
  if (!HasQuorum(meeting.attendees_size(), members, community.quorum_percent)) {
    return Refuse(v1::REGISTRY_REASON_NO_QUORUM, "fewer members came than the quorum");
  }
  meeting.set_member_count(members);
  meeting.set_chair(roster.chair);
  return absl::OkStatus();
}

absl::Status CheckMeeting(Change change, const v1::Meeting* before, const v1::Meeting& after) {
  const bool edits =
      change == Change::kDelete || (change == Change::kUpdate && before->state() == after.state());
  if (!edits || before == nullptr || !IsRecorded(before->state())) return absl::OkStatus();
  return Refuse(v1::REGISTRY_REASON_MINUTES_FROZEN, "the minutes are approved");
}

absl::Status CheckDecision(const MeetingFacts& meeting, const v1::MeetingDecision* before,
                           const v1::MeetingDecision& after) {
  const bool recorded = IsRecorded(meeting.state);
  if (before != nullptr && before->state() != after.state()) {
    return recorded ? absl::OkStatus()
                    : Refuse(v1::REGISTRY_REASON_MEETING_NOT_HELD, "the minutes are not approved");
  }
  if (recorded) return Refuse(v1::REGISTRY_REASON_MINUTES_FROZEN, "the minutes are approved");
  if (meeting.state != v1::Meeting::STATE_HELD) {
    return Refuse(v1::REGISTRY_REASON_MEETING_NOT_HELD, "the meeting is not held");
  }
  if (meeting.held && ToCivil(after.due_date()) < *meeting.held) {
    return Invalid(v1::REGISTRY_REASON_DECISION_DUE_BEFORE_MEETING, "due_date",
                   "must not lie before the meeting");
  }
  return absl::OkStatus();
}

absl::Status CheckCommunityPlan(Change change, const v1::CommunityPlan* before,
                                const v1::CommunityPlan& after) {
  using Plan = v1::CommunityPlan;
  const bool frozen = before != nullptr && (before->state() == Plan::STATE_APPROVED ||
                                            before->state() == Plan::STATE_REPORTED);
  const bool edits =
      change == Change::kDelete || (change == Change::kUpdate && before->state() == after.state());
  if (frozen && edits) return Refuse(v1::REGISTRY_REASON_PLAN_FROZEN, "the plan is approved");
  if (after.state() == Plan::STATE_ON_APPROVAL && after.items().empty()) {
    return rpc::InvalidField("items", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "must not be empty", "В плане нет ни одной строки.");
  }
  return absl::OkStatus();
}

absl::Status CheckPlanApproval(const CommunityFacts& community, const MeetingFacts* meeting) {
  const v1::CommunityKindEntry* kind = FindKind(community.act, community.kind);
  const bool wanted = kind != nullptr && kind->plan_approved_above();
  if (meeting == nullptr && !wanted) return absl::OkStatus();
  if (meeting != nullptr && meeting->community == community.parent && IsRecorded(meeting->state)) {
    return absl::OkStatus();
  }
  return Refuse(v1::REGISTRY_REASON_PLAN_APPROVAL_REQUIRED,
                "a meeting of the body above, with approved minutes, approves the plan");
}

}  // namespace rsnms::registry
