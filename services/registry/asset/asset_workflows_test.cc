// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/asset/asset.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Orenburg methodical_active, Dagestan WF_ACTIVE: nominated, assessed, trained, contracted, at
// work, released.
TEST(AssetWorkflows, MethodologistIsThatOfTheActs) {
  ExpectMachine(*AssetContract(), "Methodologist", 13,
                {
                    {"ConfirmDiagnostics", {"CANDIDATE"}, "DIAGNOSED"},
                    {"ConfirmTraining", {"DIAGNOSED"}, "TRAINED"},
                    {"ContractMethodologist", {"TRAINED"}, "CONTRACTED"},
                    {"ActivateMethodologist", {"CONTRACTED"}, "ACTIVE"},
                    {"SuspendMethodologist", {"ACTIVE"}, "SUSPENDED"},
                    {"ResumeMethodologist", {"SUSPENDED"}, "ACTIVE"},
                    {"RenewContract", {"ACTIVE"}, "ACTIVE"},
                    {"RejectMethodologist", {"CANDIDATE", "DIAGNOSED", "TRAINED"}, "REJECTED"},
                    {"ReleaseMethodologist", {"CONTRACTED", "ACTIVE", "SUSPENDED"}, "RELEASED"},
                });
}

// Dagestan WF_METHODIST_PLAN: drafted, approved by the head, closed.
TEST(AssetWorkflows, WorkPlanIsThatOfTheActs) {
  ExpectMachine(*AssetContract(), "WorkPlan", 3,
                {
                    {"ApproveWorkPlan", {"DRAFT"}, "APPROVED"},
                    {"ReturnWorkPlan", {"APPROVED"}, "DRAFT"},
                    {"ReportWorkPlan", {"APPROVED"}, "REPORTED"},
                });
}

// Dagestan WF_METHODIST_PLAN: each row marked done or not done with a reason.
TEST(AssetWorkflows, WorkPlanItemIsThatOfTheActs) {
  ExpectMachine(*AssetContract(), "WorkPlanItem", 6,
                {
                    {"MarkDone", {"PLANNED"}, "DONE"},
                    {"MarkNotDone", {"PLANNED"}, "NOT_DONE"},
                    {"CancelWorkPlanItem", {"PLANNED"}, "CANCELLED"},
                    {"ReopenWorkPlanItem", {"DONE", "NOT_DONE", "CANCELLED"}, "PLANNED"},
                });
}

// Altai mms_training: planned, enrolled, in progress, attested, completed or not.
TEST(AssetWorkflows, MmsTrainingIsThatOfTheActs) {
  ExpectMachine(
      *AssetContract(), "MmsTraining", 8,
      {
          {"EnrolMmsTraining", {"PLANNED"}, "ENROLLED"},
          {"StartMmsTraining", {"ENROLLED"}, "IN_PROGRESS"},
          {"AttestMmsTraining", {"IN_PROGRESS"}, "ATTESTED"},
          {"CompleteMmsTraining", {"ATTESTED"}, "COMPLETED"},
          {"FailMmsTraining", {"PLANNED", "ENROLLED", "IN_PROGRESS", "ATTESTED"}, "NOT_COMPLETED"},
      });
}

}  // namespace
}  // namespace rsnms::registry
