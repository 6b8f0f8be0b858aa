// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/community/community.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Altai community_work and Dagestan WF_COMMUNITY: proposed, created, active, dormant, reorganised,
// closed.
TEST(CommunityWorkflows, CommunityIsThatOfTheActs) {
  ExpectMachine(*CommunitiesContract(), "Community", 11,
                {
                    {"EstablishCommunity", {"PROPOSED"}, "CREATED"},
                    {"ActivateCommunity", {"CREATED", "DORMANT"}, "ACTIVE"},
                    {"SuspendCommunity", {"ACTIVE"}, "DORMANT"},
                    {"ReorganiseCommunity", {"CREATED", "ACTIVE", "DORMANT"}, "REORGANISED"},
                    {"CloseCommunity", {"PROPOSED", "CREATED", "ACTIVE", "DORMANT"}, "CLOSED"},
                });
}

// Dagestan WF_COUNCIL: planned, held, recorded, controlled.
TEST(CommunityWorkflows, MeetingIsThatOfTheActs) {
  ExpectMachine(*CommunitiesContract(), "Meeting", 4,
                {
                    {"HoldMeeting", {"PLANNED"}, "HELD"},
                    {"ApproveMinutes", {"HELD"}, "RECORDED"},
                    {"CompleteMeeting", {"RECORDED"}, "CONTROLLED"},
                    {"CancelMeeting", {"PLANNED"}, "CANCELLED"},
                });
}

// Dagestan WF_COUNCIL: answers for decisions.
TEST(CommunityWorkflows, MeetingDecisionIsThatOfTheActs) {
  ExpectMachine(*CommunitiesContract(), "MeetingDecision", 2,
                {
                    {"FulfilMeetingDecision", {"ASSIGNED"}, "FULFILLED"},
                    {"AbandonMeetingDecision", {"ASSIGNED"}, "NOT_FULFILLED"},
                });
}

// Dagestan WF_DEPARTMENT: plan approved, yearly report.
TEST(CommunityWorkflows, CommunityPlanIsThatOfTheActs) {
  ExpectMachine(*CommunitiesContract(), "CommunityPlan", 4,
                {
                    {"SubmitCommunityPlan", {"DRAFT"}, "ON_APPROVAL"},
                    {"ReturnCommunityPlan", {"ON_APPROVAL"}, "DRAFT"},
                    {"ApproveCommunityPlan", {"ON_APPROVAL"}, "APPROVED"},
                    {"ReportCommunityPlan", {"APPROVED"}, "REPORTED"},
                });
}

}  // namespace
}  // namespace rsnms::registry
