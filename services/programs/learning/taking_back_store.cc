#include "services/programs/learning/taking_back_store.h"

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "services/programs/learning/record_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::taking_back_store {
namespace {

constexpr char kSqlInPractice[] = R"sql(
  SELECT count(*) FROM practice_acceptance
  WHERE region_code = $1 AND learning_record_id = ANY ($2::uuid[]) AND state = 'ACCEPTED'
    AND delete_time IS NULL)sql";

}  // namespace

absl::Status CheckUnused(pg::Tx& tx, std::string_view region, const std::vector<std::string>& ids) {
  int resting = 0;
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlInPractice, std::string(region), ids);
    if (rows.ok()) resting = (*rows)[0][0].as<int>();
    return rows.status();
  });
  if (!status.ok() || resting == 0) return status;
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_LEARNING_IN_PRACTICE,
                    Cat(resting, " accepted into practice rest on it"))
      .With("acceptances", Cat(resting));
}

absl::Status VoidRecordsOf(pg::Tx& tx, const resource::Engine& engine, const auth::Identity& caller,
                           const journal::Author& author, const v1::CascadeSession& session) {
  const std::string region(RegionOf(session.name()));
  const resource::Table<v1::LearningRecord> table(engine);
  std::vector<v1::LearningRecord> records;
  // Whoever sees them; they are written under the caller's scope.
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto given = table.Select(tx,
                              "region_code = $1 AND cascade_session_id = $2::uuid AND state = "
                              "'ACCEPTED' AND delete_time IS NULL ORDER BY id FOR UPDATE",
                              region, IdOf(session.name()));
    if (given.ok()) records = *std::move(given);
    return given.status();
  });
  if (!status.ok()) return status;
  std::vector<std::string> ids;
  for (auto& record : records) {
    if (auto s = record_rules::MayTakeBack(caller, record.person()); !s.ok()) return s;
    ids.emplace_back(IdOf(record.name()));
    record.set_state(v1::LearningRecord::STATE_VOID);
    record.set_state_reason(session.state_reason());
  }
  if (auto s = CheckUnused(tx, region, ids); !s.ok()) return s;
  return table.Merge(tx, author, records).status();
}

}  // namespace rsnms::programs::taking_back_store
