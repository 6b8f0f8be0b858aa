// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/sites/sites.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Altai internship_site_selection: the call.
TEST(SitesWorkflows, SiteCallIsThatOfTheActs) {
  ExpectMachine(*sites::Contract(), "SiteCall", 4,
                {
                    {"OpenSiteCall", {"PREPARED"}, "OPEN"},
                    {"CloseSiteCall", {"OPEN"}, "CLOSED"},
                    {"CancelSiteCall", {"PREPARED", "OPEN"}, "CANCELLED"},
                });
}

// Altai internship_site_selection.
TEST(SitesWorkflows, SiteIsThatOfTheActs) {
  ExpectMachine(*sites::Contract(), "Site", 13,
                {
                    {"ReviewSite", {"APPLIED"}, "UNDER_EXPERT_REVIEW"},
                    {"SelectSite", {"UNDER_EXPERT_REVIEW"}, "SELECTED"},
                    {"RejectSite", {"APPLIED", "UNDER_EXPERT_REVIEW"}, "REJECTED"},
                    {"GrantSiteStatus", {"SELECTED"}, "STATUS_GRANTED"},
                    {"ReportSite", {"STATUS_GRANTED"}, "STATUS_GRANTED"},
                    {"ExtendSiteStatus", {"STATUS_GRANTED"}, "STATUS_GRANTED"},
                    {"SuspendSite", {"STATUS_GRANTED"}, "SUSPENDED"},
                    {"ResumeSite", {"SUSPENDED"}, "STATUS_GRANTED"},
                    {"RevokeSite", {"STATUS_GRANTED", "SUSPENDED"}, "STATUS_WITHDRAWN"},
                    {"ExpireSite", {"STATUS_GRANTED", "SUSPENDED"}, "EXPIRED"},
                });
}

// Orenburg headreserve; Dagestan WF_RESERVE: include, train, appoint.
TEST(SitesWorkflows, ReserveCandidateIsThatOfTheActs) {
  ExpectMachine(
      *sites::Contract(), "ReserveCandidate", 15,
      {
          {"DiagnoseReserveCandidate", {"APPLICATION"}, "DIAGNOSED"},
          {"InterviewReserveCandidate", {"DIAGNOSED"}, "INTERVIEW"},
          {"IncludeReserveCandidate", {"APPLICATION", "DIAGNOSED", "INTERVIEW"}, "INCLUDED"},
          {"TrainReserveCandidate", {"INCLUDED"}, "IN_TRAINING"},
          {"RecommendReserveCandidate", {"IN_TRAINING"}, "RECOMMENDED"},
          {"AppointReserveCandidate", {"IN_TRAINING", "RECOMMENDED"}, "APPOINTED"},
          {"ExcludeReserveCandidate",
           {"APPLICATION", "DIAGNOSED", "INTERVIEW", "INCLUDED", "IN_TRAINING", "RECOMMENDED"},
           "EXCLUDED"},
      });
}

// Altai targeted_support, Dagestan WF_CONSULT.
TEST(SitesWorkflows, ConsultingRequestIsThatOfTheActs) {
  ExpectMachine(*sites::Contract(), "ConsultingRequest", 8,
                {
                    {"AssignConsultingRequest", {"RECEIVED", "ASSIGNED"}, "ASSIGNED"},
                    {"StartConsultingRequest", {"ASSIGNED"}, "IN_WORK"},
                    {"AnswerConsultingRequest", {"ASSIGNED", "IN_WORK"}, "ANSWERED"},
                    {"CloseConsultingRequest", {"ANSWERED"}, "CLOSED"},
                    {"RejectConsultingRequest", {"RECEIVED", "ASSIGNED"}, "REJECTED"},
                });
}

}  // namespace
}  // namespace rsnms::registry
