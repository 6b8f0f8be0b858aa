// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/mentoring/mentoring.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Dagestan WF_MENTORING: ten steps, the preparatory ones in any order.
TEST(MentoringWorkflows, MentorshipIsThatOfTheActs) {
  ExpectMachine(*MentoringContract(), "Mentorship", 37,
                {
                    {"RegisterMentees", {"PREPARED", "MENTORS_BASED"}, "MENTEES_BASED"},
                    {"RegisterMentors", {"PREPARED", "MENTEES_BASED"}, "MENTORS_BASED"},
                    {"TrainMentors", {"PREPARED", "MENTEES_BASED", "MENTORS_BASED"}, "TRAINED"},
                    {"FormMentorship",
                     {"PREPARED", "MENTEES_BASED", "MENTORS_BASED", "TRAINED", "DOCUMENTED"},
                     "PAIRED"},
                    {"DocumentMentorship",
                     {"PREPARED", "MENTEES_BASED", "MENTORS_BASED", "TRAINED", "PAIRED"},
                     "DOCUMENTED"},
                    {"StartMentorship", {"PAIRED", "DOCUMENTED"}, "WORKING"},
                    {"ReviewMentorship", {"WORKING", "CORRECTED"}, "INTERIM_ANALYSED"},
                    {"CorrectMentorship", {"INTERIM_ANALYSED"}, "CORRECTED"},
                    {"FinishMentorship", {"WORKING", "INTERIM_ANALYSED", "CORRECTED"}, "FINISHED"},
                    {"RewardMentorship", {"FINISHED"}, "INCENTIVISED"},
                    {"KeepMentorship", {"FINISHED", "INCENTIVISED"}, "LONG_TERM_BASE"},
                    {"DissolveMentorship",
                     {"PREPARED", "MENTEES_BASED", "MENTORS_BASED", "TRAINED", "PAIRED",
                      "DOCUMENTED", "WORKING", "INTERIM_ANALYSED", "CORRECTED"},
                     "DISSOLVED"},
                });
}

// Dagestan, league of mentors.
TEST(MentoringWorkflows, MentorSchoolIsThatOfTheActs) {
  ExpectMachine(*MentoringContract(), "MentorSchool", 3,
                {
                    {"AdmitMentorSchool", {"NOMINATED"}, "ADMITTED"},
                    {"RejectMentorSchool", {"NOMINATED"}, "REJECTED"},
                    {"RemoveMentorSchool", {"ADMITTED"}, "LEFT"},
                });
}

}  // namespace
}  // namespace rsnms::registry
