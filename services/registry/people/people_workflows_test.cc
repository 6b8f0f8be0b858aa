// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/people/people.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// 152-ФЗ, article 9: given, withdrawn.
TEST(PeopleWorkflows, ConsentIsThatOfTheActs) {
  ExpectMachine(*PeopleContract(), "Consent", 2,
                {
                    {"GiveConsent", {"DRAFT"}, "GIVEN"},
                    {"WithdrawConsent", {"GIVEN"}, "WITHDRAWN"},
                });
}

// Dagestan WF_SELF_STUDY: written, agreed, reported, published.
TEST(PeopleWorkflows, SelfEducationThemeIsThatOfTheActs) {
  ExpectMachine(*PeopleContract(), "SelfEducationTheme", 4,
                {
                    {"AgreeSelfEducationTheme", {"DRAFT"}, "AGREED"},
                    {"ReportSelfEducationTheme", {"AGREED"}, "REPORTED"},
                    {"PublishSelfEducationTheme", {"REPORTED"}, "PUBLISHED"},
                    {"WithdrawSelfEducationTheme", {"PUBLISHED"}, "REPORTED"},
                });
}

}  // namespace
}  // namespace rsnms::registry
