// The stages of the invented region's training year, in the order of year.cc. Each may be repeated:
// what is done is left alone.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_YEAR_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_YEAR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/training/desk.h"
#include "tools/rsnmsctl/training/learners.h"
#include "tools/rsnmsctl/training/people.h"
#include "tools/rsnmsctl/training/roll.h"

namespace rsnms::ctl {

// orders.cc
// ------------------------------------------------------------------------------------------------
// Orders of the bodies and municipalities that send most learners, approved and in work; the
// learners' enrolments name them. A few orders that went another way.
absl::Status OrderTraining(const Desk& desk, const Programmes& programmes,
                           std::vector<Learner>* learners);
// Declares executed what nobody learns by any more.
absl::Status ExecuteOrders(const Desk& desk);

// The order that no programme on offer answers; the topic its line `topic` asks for.
std::string UnmetOrder(const Desk& desk);
inline constexpr char kUnmetTopic[] = "nomadic-school";

// plans.cc
// ------------------------------------------------------------------------------------------------
// The region's plan of the year, gathered from orders and approved, with a line of its own for the
// teams; a municipality's plan of three years, handed in.
absl::Status PlanYear(const Desk& desk, const std::vector<TaughtTeam>& teams);
// Groups that carry out the plan's own line.
absl::Status LinkPlan(const Desk& desk, const std::vector<std::string>& groups);
// How far the region's plan has come by September: lines, places, people.
absl::Status CountPlan(const Desk& desk, TrainingCounts* counts);

// records.cc
// ------------------------------------------------------------------------------------------------
// Internships, self-study and courses outside of some of the people, the centre's at the academy;
// what was learned is shown in practice. Sites must be there: after LoadActivities.
absl::Status RecordLearning(const Desk& desk, const std::vector<Somebody>& people);

// applications.cc
// ------------------------------------------------------------------------------------------------
// Two open groups of late autumn: people apply for one by themselves, some of them wait.
absl::Status TakeApplications(const Desk& desk, const Programmes& programmes, const Roll& roll);

// coverage.cc
// ------------------------------------------------------------------------------------------------
// The report of competencies by what is offered against a campaign's deficits, and the lines of
// orders nobody answers.
absl::Status CountCoverage(const Desk& desk, const std::string& campaign, TrainingCounts* counts);

// catalogue.cc
// ------------------------------------------------------------------------------------------------
// Rules of expertise; three versions of programmes: one goes through expertise into the register,
// one is under expertise, one is being written for UnmetOrder. `cascade` becomes the programme of
// the first, which is taught on by those who learned it; it stays empty when nobody may speak for
// the experts (CampaignOptions::people_key). Experts must be there: after LoadActivities.
absl::Status WriteProgrammes(const Desk& desk, const Programmes& programmes, const Roll& roll,
                             std::string* cascade);

// cascade.cc
// ------------------------------------------------------------------------------------------------
// Sessions of the cascade led by those who mastered the programme; none when it is empty.
absl::Status TeachOn(const Desk& desk, const Roll& roll, const std::string& programme);

// teams.cc
// ------------------------------------------------------------------------------------------------
// The first of the teams learn the programme as teams; those that count as trained are said so.
absl::Status TrainTeams(const Desk& desk, std::vector<TaughtTeam> teams,
                        const std::string& programme);

// certificates.cc
// ------------------------------------------------------------------------------------------------
// A document for each completion whose programme a body of the region teaches.
absl::Status IssueCertificates(const Desk& desk, const Programmes& programmes);
// One was lost and is followed by a duplicate, one is revoked, one held an error and is exchanged.
absl::Status ChangeCertificates(const Desk& desk);

// frdo_year.cc
// ------------------------------------------------------------------------------------------------
// What each issuer tells ФИС ФРДО: a package with its receipts, one of them a refusal, and a second
// one of what was mended and of what ChangeCertificates changed. Nothing stays due.
absl::Status ReportToFrdo(const Desk& desk);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_YEAR_H_
