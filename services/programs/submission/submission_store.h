// SQL on submissions to the federal register: the bytes beside them, and those that wait for a
// step.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/register_submission.pb.h"

namespace rsnms::programs::submission_store {

// Keeps what is to be sent, word for word.
absl::Status PutContent(pg::Tx& tx, std::string_view submission, std::string_view content);

// Keeps the decision as it came.
absl::Status PutAnswer(pg::Tx& tx, std::string_view submission, std::string_view answer);

struct Content {
  std::string content, answer;  // the answer is empty before there is one
};
// NOT_FOUND when the caller does not see the submission.
absl::StatusOr<Content> ReadContent(pg::Tx& tx, std::string_view submission);

// Submissions under way whose next attempt has come, in order of names, those after `after` (empty:
// from the first).
inline constexpr int kPage = 200;
absl::StatusOr<std::vector<v1::RegisterSubmission>> Due(const resource::Engine& engine, pg::Tx& tx,
                                                        std::string_view after, absl::Time now);

// Those of a version, whoever sees them, each locked.
absl::StatusOr<std::vector<v1::RegisterSubmission>> HoldUnderWay(const resource::Engine& engine,
                                                                 pg::Tx& tx,
                                                                 std::string_view version);

}  // namespace rsnms::programs::submission_store

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_STORE_H_
