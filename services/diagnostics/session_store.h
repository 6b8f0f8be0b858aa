// Taking sessions and making their results, one or a thousand at a time, inside the caller's
// transaction.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_SESSION_STORE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_SESSION_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/resource/table.h"
#include "rsnms/diagnostics/v1/campaign.pb.h"
#include "rsnms/diagnostics/v1/campaign_methods.pb.h"
#include "rsnms/diagnostics/v1/result.pb.h"
#include "rsnms/diagnostics/v1/session.pb.h"
#include "rsnms/diagnostics/v1/session_methods.pb.h"
#include "services/diagnostics/sheet_cache.h"

namespace rsnms::diagnostics {

class SessionStore {
 public:
  explicit SessionStore(const resource::Engine& engine)
      : campaigns_(engine), sessions_(engine), results_(engine), sheets_(engine) {}

  // Reads the campaign and keeps it from being closed until the transaction ends. Row locks would
  // ask for the right to write the campaign, which an educator lacks: an advisory lock is taken
  // instead.
  absl::StatusOr<v1::Campaign> HoldOpen(pg::Tx& tx, const std::string& campaign);
  // Waits for every holder, then lets none in.
  absl::Status HoldForClosing(pg::Tx& tx, const std::string& campaign);

  // Begins the session: fills its name, state and what it takes from the campaign.
  absl::Status Start(pg::Tx& tx, const journal::Author& author, std::string_view region,
                     const google::type::Date& today, v1::Session& session);
  // The campaign is open, the session goes on, the answers fit.
  absl::Status CheckSaving(pg::Tx& tx, const v1::Session& session);
  // Scores the session and stores both.
  absl::StatusOr<v1::Result> Submit(pg::Tx& tx, const journal::Author& author,
                                    const v1::Session& before, const google::type::Date& day);
  // Takes, submits and scores all of them, set by set.
  absl::Status SubmitMany(pg::Tx& tx, const journal::Author& author,
                          const v1::BatchSubmitSessionsRequest& request,
                          const google::type::Date& day, v1::BatchSubmitSessionsResponse* response);
  // Annuls the campaign's sessions in progress.
  absl::Status AnnulRest(pg::Tx& tx, const journal::Author& author, const v1::Campaign& campaign);

  // Counts behind SummarizeCampaign, over what the transaction may see.
  absl::Status Summarize(pg::Tx& tx, std::string_view region, std::string_view campaign_id,
                         v1::SummarizeCampaignResponse* response);

  // Rows behind MapDeficits, likewise.
  absl::Status MapDeficits(pg::Tx& tx, const v1::MapDeficitsRequest& request,
                           v1::MapDeficitsResponse* response);

  SheetCache& sheets() { return sheets_; }
  const resource::Table<v1::Session>& sessions() const { return sessions_; }
  const resource::Table<v1::Result>& results() const { return results_; }

 private:
  // One row of SubmitMany: completes `session`, checks it, or says at which path it is wrong.
  absl::Status Complete(pg::Tx& tx, const v1::Campaign& campaign, std::string_view region, int i,
                        const google::type::Date& day, v1::Session& session);

  resource::Table<v1::Campaign> campaigns_;
  resource::Table<v1::Session> sessions_;
  resource::Table<v1::Result> results_;
  SheetCache sheets_;
};

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_SESSION_STORE_H_
