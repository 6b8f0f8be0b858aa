// The steps of the main job, each a conversation with one service. Commands run one; `job` runs
// them all.
//
// Steps are safe to repeat: request ids are derived from what is asked (the service answers again
// what it answered before), imports leave equal rows alone, and what is already done is skipped.
#ifndef RSNMS_TOOLS_RSNMSCTL_STEPS_H_
#define RSNMS_TOOLS_RSNMSCTL_STEPS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/diagnostics/v1/campaign_methods.pb.h"
#include "rsnms/monitoring/v1/indicator.pb.h"
#include "rsnms/monitoring/v1/passport.pb.h"
#include "rsnms/options/v1/import.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// What an import did, added up over files or collections.
struct Loaded {
  int64_t created = 0, updated = 0, unchanged = 0, rejected = 0;
  int64_t total() const { return created + updated + unchanged; }
  void Add(const options::v1::ImportReport& report);
};

// Prints the rows an import refused, as a person can act on them.
void PrintRejected(const options::v1::ImportReport& report);

// load.cc
// ------------------------------------------------------------------------------------------------------------
struct DemoOptions {
  std::string region = "86";
  int64_t educators = 1000;
  uint64_t seed = 1;
};
struct LoadedRegion {
  Loaded municipalities, organisations, links, persons, employments, support, teams, programmes;
};
// An invented region, streamed into the registry (and its providers' own programmes into programs).
absl::StatusOr<LoadedRegion> LoadDemo(Session& session, const DemoOptions& options);
// A file with one protobuf-JSON resource in a line into `collection` of `region`.
absl::StatusOr<Loaded> ImportFile(Session& session, const std::string& region,
                                  const std::string& collection, const std::string& path,
                                  bool skip_bad, bool validate_only);
// Competencies and instruments from services/diagnostics/catalogue; instruments are published.
absl::Status LoadCatalogue(Session& session, const std::string& region,
                           const std::string& directory);

// sync.cc
// ------------------------------------------------------------------------------------------------------------
// Starts a sync of the federal register, or joins the one under way, and waits for its end.
absl::StatusOr<programs::v1::RegisterSync> Sync(Session& session, const std::string& region,
                                                bool full, bool ask_again = false);
// Waits for a run to end, or for it to want a person's word.
absl::StatusOr<programs::v1::RegisterSync> Follow(Session& session, const std::string& name);

// campaign.cc
// --------------------------------------------------------------------------------------------------------
struct CampaignOptions {
  std::string region = "86";
  int year = 2026;
  int share_percent = 80;  // of educators who answer
  uint64_t seed = 1;
  // A private key, PEM, the services take tokens of: invented people speak for themselves by it,
  // where nobody may speak for them. Empty: they stay silent.
  std::string people_key;
};
struct CampaignOutcome {
  std::string name;
  int64_t sessions = 0, routes_built = 0, routes_approved = 0, without_deficit = 0;
};
// Opens a starting campaign at the region's centre, answers for its educators, scores; builds,
// agrees, approves and activates routes.
absl::StatusOr<CampaignOutcome> RunCampaign(Session& session, const CampaignOptions& options);

// training/year.cc
// --------------------------------------------------------------------------------------------------------
// Numbers by collection (`groups`) and by what tells its things apart (`FINISHED`).
using TrainingCounts = std::map<std::string, std::map<std::string, int64_t>>;
// A year of training: orders and plans, groups, learners along the active routes of a campaign and
// management teams on quality management; a share of them completes; documents.
absl::Status HoldTrainingYear(Session& session, const CampaignOptions& options,
                              const std::string& campaign);
// What comes beside it and after LoadActivities: learning no enrolment shows, teams as teams,
// applications, programmes through expertise, the cascade. Says what stands there in the end,
// whoever made it.
absl::StatusOr<TrainingCounts> EndTrainingYear(Session& session, const CampaignOptions& options,
                                               const std::string& campaign);

// activities.cc
// ------------------------------------------------------------------------------------------------------
// How many of each collection there are: `communities`, `mentorships` …
using ActivityCounts = std::map<std::string, int64_t>;
// What the region does beside teaching and learning: at most `limit` stories of a kind are played
// through their real steps, staff of municipal services and attachments are imported. Comes after
// HoldTrainingYear: methodologists are chosen among those who have learned. May be repeated.
absl::StatusOr<ActivityCounts> LoadActivities(Session& session, const DemoOptions& options,
                                              int64_t limit);

// monitoring.cc
// ------------------------------------------------------------------------------------------------------
absl::Status CatchUp(Session& session);
absl::StatusOr<std::vector<monitoring::v1::IndicatorValue>> Indicators(Session& session,
                                                                       const std::string& region,
                                                                       const std::string& profile,
                                                                       int year);
void PrintIndicators(Session& session, const std::vector<monitoring::v1::IndicatorValue>& values);
// Assembles, approves and submits; answers the passport with its receipt.
absl::StatusOr<monitoring::v1::Passport> ExchangePassport(Session& session,
                                                          const std::string& region,
                                                          const std::string& profile, int year);
void PrintPassport(Session& session, const monitoring::v1::Passport& passport);

// job.cc
// -------------------------------------------------------------------------------------------------------------
struct JobOptions {
  DemoOptions demo;
  std::string profile;
  int year = 2026;
  std::string people_key_file;  // holds CampaignOptions::people_key; may be empty
};
absl::Status Job(Session& session, const JobOptions& options);
// Waits until a service says SERVING.
absl::Status Wait(Session& session, const std::string& service, int seconds);

// A request id made from what is asked: the same words give the same id.
std::string RequestIdFor(const std::string& words);

// True for about `percent` of all keys, always the same ones for a seed: who answers, who
// completes.
bool TakesPart(uint64_t seed, const std::string& key, int percent);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_STEPS_H_
