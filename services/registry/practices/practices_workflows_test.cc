// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/practices/practices.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Altai practice_lifecycle; the stages are those of Dagestan WF_PRACTICE.
TEST(PracticesWorkflows, PracticeIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "Practice", 18,
                {
                    {"StartPracticeReview", {"SUBMITTED"}, "EXPERT_REVIEW"},
                    {"ReturnPractice", {"EXPERT_REVIEW"}, "RETURNED"},
                    {"ResubmitPractice", {"RETURNED"}, "SUBMITTED"},
                    {"ConfirmPractice", {"EXPERT_REVIEW"}, "CONFIRMED"},
                    {"RejectPractice", {"EXPERT_REVIEW"}, "REJECTED"},
                    {"PublishPractice", {"CONFIRMED"}, "PUBLISHED"},
                    {"IntroducePractice", {"PUBLISHED"}, "INTRODUCED"},
                    {"ArchivePractice", {"CONFIRMED", "PUBLISHED", "INTRODUCED"}, "ARCHIVED"},
                    {"StudyPractice", {"FOUND"}, "stage=STUDIED"},
                    {"GeneralisePractice", {"STUDIED"}, "stage=GENERALISED"},
                    {"GrowPractice", {"GENERALISED"}, "stage=GROWN"},
                    {"SpreadPractice", {"GENERALISED", "GROWN"}, "stage=SPREAD"},
                    {"ReplicatePractice", {"SPREAD"}, "stage=REPLICATED"},
                    {"SettlePractice", {"SPREAD", "REPLICATED"}, "stage=SETTLED"},
                });
}

// Dagestan WF_EXPERIENCE_DEFENCE.
TEST(PracticesWorkflows, PracticeSpreadIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "PracticeSpread", 6,
                {
                    {"SchedulePracticeSpread", {"REQUESTED"}, "SCHEDULED"},
                    {"HoldPracticeSpread", {"SCHEDULED"}, "DEFENDED"},
                    {"RecognisePracticeSpread", {"DEFENDED"}, "RECOGNISED"},
                    {"RejectPracticeSpread", {"REQUESTED", "SCHEDULED", "DEFENDED"}, "REJECTED"},
                });
}

// Dagestan WF_EXPERT: chosen, prepared, registered.
TEST(PracticesWorkflows, ExpertIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "Expert", 6,
                {
                    {"PrepareExpert", {"CANDIDATE"}, "PREPARED"},
                    {"RegisterExpert", {"PREPARED"}, "REGISTERED"},
                    {"ReleaseExpert", {"CANDIDATE", "PREPARED", "REGISTERED"}, "RELEASED"},
                    {"RecallExpert", {"RELEASED"}, "CANDIDATE"},
                });
}

// Dagestan WF_EXPERT: assigned, opinion.
TEST(PracticesWorkflows, ExpertAssignmentIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "ExpertAssignment", 3,
                {
                    {"SubmitReview", {"ASSIGNED"}, "REVIEWED"},
                    {"DeclineExpertAssignment", {"ASSIGNED"}, "DECLINED"},
                    {"WithdrawExpertAssignment", {"ASSIGNED"}, "WITHDRAWN"},
                });
}

// Altai publication and method_materials: prepared, reviewed, published, updated, withdrawn.
TEST(PracticesWorkflows, PublicationIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "Publication", 7,
                {
                    {"ReviewPublication", {"PREPARED"}, "REVIEWED"},
                    {"PublishPublication", {"PREPARED", "REVIEWED"}, "PUBLISHED"},
                    {"RevisePublication", {"PUBLISHED", "UPDATED"}, "UPDATED"},
                    {"WithdrawPublication", {"PUBLISHED", "UPDATED"}, "WITHDRAWN"},
                });
}

// Dagestan WF_PROJECT.
TEST(PracticesWorkflows, ProjectIsThatOfTheActs) {
  ExpectMachine(
      *PracticesContract(), "Project", 12,
      {
          {"ApproveProject", {"PROPOSED"}, "APPROVED"},
          {"RejectProject", {"PROPOSED"}, "REJECTED"},
          {"StartProject", {"APPROVED"}, "RUNNING"},
          {"SubmitProjectReport", {"RUNNING"}, "REPORTING"},
          {"ContinueProject", {"REPORTING"}, "RUNNING"},
          {"FinishProject", {"REPORTING"}, "FINISHED"},
          {"SpreadProject", {"FINISHED"}, "SPREAD"},
          {"CloseProject", {"APPROVED", "RUNNING", "REPORTING", "FINISHED", "SPREAD"}, "CLOSED"},
      });
}

// Dagestan WF_GRANT.
TEST(PracticesWorkflows, GrantCallIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "GrantCall", 1,
                {
                    {"CloseGrantCall", {"ANNOUNCED"}, "CLOSED"},
                });
}

// Dagestan WF_GRANT: applied, assessed, awarded.
TEST(PracticesWorkflows, GrantIsThatOfTheActs) {
  ExpectMachine(*PracticesContract(), "Grant", 5,
                {
                    {"AssessGrant", {"APPLIED"}, "ASSESSED"},
                    {"AwardGrant", {"ASSESSED"}, "AWARDED"},
                    {"DeclineGrant", {"APPLIED", "ASSESSED"}, "DECLINED"},
                    {"ReportGrant", {"AWARDED"}, "REPORTED"},
                });
}

}  // namespace
}  // namespace rsnms::registry
