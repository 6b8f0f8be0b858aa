// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/documents/documents.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Templates: written, published, retired.
TEST(DocumentsWorkflows, DocumentTemplateIsThatOfTheActs) {
  ExpectMachine(*documents::Contract(), "DocumentTemplate", 2,
                {
                    {"PublishDocumentTemplate", {"DRAFT"}, "PUBLISHED"},
                    {"RetireDocumentTemplate", {"PUBLISHED"}, "RETIRED"},
                });
}

// Altai strategy (draft, discussion, approved, in force, revised, repealed) and publication
// (prepared, published, withdrawn).
TEST(DocumentsWorkflows, DocumentIsThatOfTheActs) {
  ExpectMachine(*documents::Contract(), "Document", 12,
                {
                    {"SubmitDocument", {"DRAFT", "REWORK"}, "DISCUSSION"},
                    {"ReturnDocument", {"DISCUSSION"}, "REWORK"},
                    {"ApproveDocument", {"DRAFT", "REWORK", "DISCUSSION"}, "APPROVED"},
                    {"EnactDocument", {"APPROVED"}, "IN_FORCE"},
                    {"RepealDocument", {"APPROVED", "IN_FORCE"}, "REPEALED"},
                    {"PublishDocument", {"PREPARED", "WITHDRAWN"}, "publication_state=PUBLISHED"},
                    {"WithdrawDocumentPublication", {"PUBLISHED"}, "publication_state=WITHDRAWN"},
                });
}

// Altai tripartite_agreement, Dagestan WF_AGREEMENTS: draft, sent, signed, in force, expired or
// terminated.
TEST(DocumentsWorkflows, AgreementIsThatOfTheActs) {
  ExpectMachine(*documents::Contract(), "Agreement", 10,
                {
                    {"SendAgreement", {"DRAFT"}, "SENT_TO_PARTIES"},
                    {"ReturnAgreement", {"SENT_TO_PARTIES", "SIGNING"}, "DRAFT"},
                    {"SignAgreement", {"SENT_TO_PARTIES", "SIGNING"}, "SIGNING"},
                    {"EnactAgreement", {"SIGNED"}, "IN_FORCE"},
                    {"ProlongAgreement", {"IN_FORCE"}, "IN_FORCE"},
                    {"ExpireAgreement", {"IN_FORCE"}, "EXPIRED"},
                    {"TerminateAgreement", {"SIGNED", "IN_FORCE"}, "TERMINATED"},
                });
}

// Altai cnppm_head_approval and ecosystem_responsible.
TEST(DocumentsWorkflows, AppointmentIsThatOfTheActs) {
  ExpectMachine(*documents::Contract(), "Appointment", 16,
                {
                    {"SendAppointment", {"PROPOSED", "RETURNED"}, "SENT_TO_OPERATOR"},
                    {"ReviewAppointment", {"SENT_TO_OPERATOR"}, "UNDER_REVIEW"},
                    {"ReturnAppointment", {"SENT_TO_OPERATOR", "UNDER_REVIEW"}, "RETURNED"},
                    {"AgreeAppointment", {"SENT_TO_OPERATOR", "UNDER_REVIEW"}, "AGREED"},
                    {"RefuseAppointment", {"SENT_TO_OPERATOR", "UNDER_REVIEW"}, "REFUSED"},
                    {"ConfirmAppointment", {"PROPOSED", "AGREED"}, "APPOINTED"},
                    {"GrantAppointmentAccess", {"APPOINTED"}, "ACCESS_GRANTED"},
                    {"ReplaceAppointment", {"APPOINTED", "ACCESS_GRANTED"}, "REPLACED"},
                    {"ReleaseAppointment", {"APPOINTED", "ACCESS_GRANTED"}, "RELEASED"},
                });
}

// Altai research_request: to a support centre through the operator only.
TEST(DocumentsWorkflows, ResearchRequestIsThatOfTheActs) {
  ExpectMachine(*documents::Contract(), "ResearchRequest", 12,
                {
                    {"ApproveResearchRequest", {"DRAFT"}, "APPROVED_INTERNALLY"},
                    {"ReturnResearchRequest", {"APPROVED_INTERNALLY"}, "DRAFT"},
                    {"SendResearchRequest", {"APPROVED_INTERNALLY"}, "SENT_TO_OPERATOR"},
                    {"ForwardResearchRequest", {"SENT_TO_OPERATOR"}, "FORWARDED_TO_SUPPORT_CENTRE"},
                    {"AcceptResearchRequest",
                     {"SENT_TO_OPERATOR", "FORWARDED_TO_SUPPORT_CENTRE"},
                     "ACCEPTED"},
                    {"DeclineResearchRequest",
                     {"SENT_TO_OPERATOR", "FORWARDED_TO_SUPPORT_CENTRE"},
                     "DECLINED"},
                    {"StartResearch", {"ACCEPTED"}, "RESEARCH_IN_PROGRESS"},
                    {"RecordResearchResult", {"RESEARCH_IN_PROGRESS"}, "RESULT_RECEIVED"},
                    {"CloseResearchRequest", {"RESULT_RECEIVED", "DECLINED"}, "CLOSED"},
                });
}

}  // namespace
}  // namespace rsnms::registry
