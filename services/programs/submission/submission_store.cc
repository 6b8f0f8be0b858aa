#include "services/programs/submission/submission_store.h"

#include "absl/time/clock.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs::submission_store {
namespace {

using v1::RegisterSubmission;

constexpr char kSqlPutContent[] = R"sql(
INSERT INTO register_submission_content (region_code, id, content) VALUES ($1, $2::uuid, $3))sql";

constexpr char kSqlPutAnswer[] = R"sql(
UPDATE register_submission_content SET answer = $3 WHERE region_code = $1 AND id = $2::uuid)sql";

constexpr char kSqlContent[] = R"sql(
SELECT content, answer FROM register_submission_content WHERE region_code = $1 AND id = $2::uuid)sql";

constexpr char kSqlDue[] = R"sql(
state IN ('QUEUED', 'SENDING', 'SENT') AND delete_time IS NULL
AND (next_attempt_time IS NULL OR next_attempt_time <= $3::timestamptz)
AND (region_code, id) > ($1, $2::uuid) ORDER BY region_code, id LIMIT 200)sql";
static_assert(kPage == 200);

constexpr char kSqlUnderWay[] = R"sql(
region_code = $1 AND programme_version_id = $2::uuid AND state IN ('QUEUED', 'SENDING', 'SENT')
AND delete_time IS NULL ORDER BY id FOR NO KEY UPDATE)sql";

constexpr char kLeastId[] = "00000000-0000-0000-0000-000000000000";

std::string Text(std::string_view text) { return std::string(text); }

pg::Params KeyAnd(std::string_view submission, std::string_view bytes) {
  pg::Params params = pg::Params::Of(Text(RegionOf(submission)), Text(IdOf(submission)));
  params.AddBytes(bytes);
  return params;
}

}  // namespace

absl::Status PutContent(pg::Tx& tx, std::string_view submission, std::string_view content) {
  return tx.Query(kSqlPutContent, KeyAnd(submission, content)).status();
}

absl::Status PutAnswer(pg::Tx& tx, std::string_view submission, std::string_view answer) {
  return tx.Query(kSqlPutAnswer, KeyAnd(submission, answer)).status();
}

absl::StatusOr<Content> ReadContent(pg::Tx& tx, std::string_view submission) {
  auto rows = tx.Query(kSqlContent, Text(RegionOf(submission)), Text(IdOf(submission)));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return rpc::NotFound("programs.rsnms/RegisterSubmission", submission);
  const auto& row = (*rows)[0];
  Content content{.content = pg::FromBytea(row[0].c_str()), .answer = ""};
  if (!row[1].is_null()) content.answer = pg::FromBytea(row[1].c_str());
  return content;
}

absl::StatusOr<std::vector<RegisterSubmission>> Due(const resource::Engine& engine, pg::Tx& tx,
                                                    std::string_view after, absl::Time now) {
  return resource::Table<RegisterSubmission>(engine).Select(
      tx, kSqlDue, Text(RegionOf(after)), after.empty() ? std::string(kLeastId) : Text(IdOf(after)),
      absl::FormatTime(now, absl::UTCTimeZone()));
}

absl::StatusOr<std::vector<RegisterSubmission>> HoldUnderWay(const resource::Engine& engine,
                                                             pg::Tx& tx, std::string_view version) {
  std::vector<RegisterSubmission> held;
  auto status = tx.Unscoped(RegionOf(version), [&] {
    auto found = resource::Table<RegisterSubmission>(engine).Select(
        tx, kSqlUnderWay, Text(RegionOf(version)), Text(IdOf(version)));
    if (found.ok()) held = *std::move(found);
    return found.status();
  });
  if (!status.ok()) return status;
  return held;
}

}  // namespace rsnms::programs::submission_store
