// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/events/events.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Altai event_lifecycle.
TEST(EventsWorkflows, EventIsThatOfTheActs) {
  ExpectMachine(*EventsContract(), "Event", 9,
                {
                    {"AnnounceEvent", {"PLANNED"}, "ANNOUNCED"},
                    {"OpenEventRegistration", {"PLANNED", "ANNOUNCED"}, "REGISTRATION"},
                    {"HoldEvent", {"ANNOUNCED", "REGISTRATION"}, "HELD"},
                    {"ReportEvent", {"HELD"}, "REPORTED"},
                    {"CancelEvent", {"PLANNED", "ANNOUNCED", "REGISTRATION"}, "CANCELLED"},
                });
}

// Altai event_lifecycle: who registered came, did not come, or cancelled.
TEST(EventsWorkflows, ParticipationIsThatOfTheActs) {
  ExpectMachine(*EventsContract(), "Participation", 3,
                {
                    {"ConfirmParticipation", {"REGISTERED"}, "ATTENDED"},
                    {"MissParticipation", {"REGISTERED"}, "ABSENT"},
                    {"CancelParticipation", {"REGISTERED"}, "CANCELLED"},
                });
}

// Altai pd_planning, Orenburg 3.3.7#4: collected, drafted, submitted, consolidated, carried out,
// reported.
TEST(EventsWorkflows, EventPlanIsThatOfTheActs) {
  ExpectMachine(*EventsContract(), "EventPlan", 9,
                {
                    {"DraftEventPlan", {"COLLECTING"}, "DRAFT"},
                    {"SubmitEventPlan", {"DRAFT"}, "SUBMITTED"},
                    {"ReturnEventPlan", {"SUBMITTED"}, "DRAFT"},
                    {"AcceptEventPlan", {"SUBMITTED"}, "ACCEPTED"},
                    {"ConsolidateEventPlan", {"ACCEPTED"}, "CONSOLIDATED"},
                    {"ApproveEventPlan", {"DRAFT"}, "APPROVED"},
                    {"StartEventPlan", {"APPROVED", "CONSOLIDATED"}, "IN_EXECUTION"},
                    {"ReportEventPlan", {"IN_EXECUTION"}, "REPORTED"},
                });
}

// Altai competition.
TEST(EventsWorkflows, ContestIsThatOfTheActs) {
  ExpectMachine(*EventsContract(), "Contest", 10,
                {
                    {"OpenContest", {"ANNOUNCED"}, "APPLICATIONS_OPEN"},
                    {"StartContest", {"APPLICATIONS_OPEN"}, "FIRST_ROUND"},
                    {"StartContestFinal", {"FIRST_ROUND"}, "FINAL"},
                    {"ApproveContestResults", {"FIRST_ROUND", "FINAL"}, "RESULTS_APPROVED"},
                    {"CloseContest", {"RESULTS_APPROVED"}, "CLOSED"},
                    {"CancelContest",
                     {"ANNOUNCED", "APPLICATIONS_OPEN", "FIRST_ROUND", "FINAL"},
                     "CANCELLED"},
                });
}

// Altai competition, seen by an entry.
TEST(EventsWorkflows, ContestEntryIsThatOfTheActs) {
  ExpectMachine(*EventsContract(), "ContestEntry", 8,
                {
                    {"AdmitContestEntry", {"SUBMITTED"}, "ADMITTED"},
                    {"RejectContestEntry", {"SUBMITTED"}, "REJECTED"},
                    {"JudgeContestEntry", {"ADMITTED", "FINALIST"}, "JUDGED"},
                    {"PassContestEntry", {"ADMITTED"}, "FINALIST"},
                    {"WithdrawContestEntry", {"SUBMITTED", "ADMITTED", "FINALIST"}, "WITHDRAWN"},
                });
}

}  // namespace
}  // namespace rsnms::registry
