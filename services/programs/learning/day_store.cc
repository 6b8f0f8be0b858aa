#include "services/programs/learning/day_store.h"

#include <map>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/learning/day_rules.h"
#include "services/programs/learning/learning_store.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::day_store {
namespace {

using day_rules::Span;
using Pending = resource::Engine::Pending;
using Record = v1::LearningRecord;

// In one order, whoever waits for several.
constexpr char kSqlWaitForLearners[] = R"sql(
  SELECT pg_advisory_xact_lock(hashtextextended('days/' || $1::text || '/' || learner, 0))
  FROM (SELECT learner FROM unnest($2::text[]) AS learner ORDER BY learner OFFSET 0) learners)sql";

// What day_rules::SpanOf says, of the learners' records but those being written ($3).
constexpr char kSqlSpans[] = R"sql(
  SELECT person_id::text, start_date::text, coalesce(completion_date, end_date)::text,
         CASE WHEN completion_date IS NULL THEN hours ELSE completed_hours END
  FROM learning_record
  WHERE region_code = $1 AND person_id = ANY ($2::uuid[]) AND id <> ALL ($3::uuid[])
    AND state IN ('AGREED', 'IN_PROGRESS', 'REPORTED', 'ACCEPTED') AND delete_time IS NULL)sql";

bool Same(const Span& a, const Span& b) {
  return a.first == b.first && a.last == b.last && a.hours == b.hours;
}

// What the write adds to the learner's days; nothing when it takes what it took.
std::optional<Span> Added(const Pending& row) {
  const auto& after = static_cast<const Record&>(*row.after);
  const auto span = day_rules::SpanOf(after);
  if (!span || row.before == nullptr) return span;
  const auto& before = static_cast<const Record&>(*row.before);
  const auto taken = day_rules::SpanOf(before);
  if (taken && Same(*taken, *span) && before.person() == after.person()) return std::nullopt;
  return span;
}

using Learners = absl::flat_hash_map<std::string, std::vector<Span>>;  // by the person's id

absl::StatusOr<Learners> ReadOthers(pg::Tx& tx, const std::string& region,
                                    const std::vector<Pending*>& rows) {
  std::set<std::string> people;
  std::vector<std::string> written;
  for (const Pending* row : rows) {
    const auto& record = static_cast<const Record&>(*row->after);
    people.emplace(IdOf(record.person()));
    written.emplace_back(IdOf(record.name()));
  }
  const std::vector<std::string> ids(people.begin(), people.end());
  if (auto s = tx.Query(kSqlWaitForLearners, region, ids); !s.ok()) return s.status();
  auto found = tx.Query(kSqlSpans, region, ids, written);
  if (!found.ok()) return found.status();
  Learners others;
  for (const auto& row : *found) {
    Span span{{}, {}, row[3].as<int>()};
    if (!absl::ParseCivilTime(row[1].c_str(), &span.first) ||
        !absl::ParseCivilTime(row[2].c_str(), &span.last)) {
      return absl::InternalError("no date");
    }
    others[row[0].c_str()].push_back(span);
  }
  return others;
}

// Says nothing of the others: they may be another body's.
absl::Status TooFull(const Span& added, int most) {
  const std::string first = learning::Iso(added.first), last = learning::Iso(added.last);
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_LEARNING_DAYS_OVERFULL,
                    Cat(added.hours, " hours from ", first, " to ", last,
                        " do not fit beside what else is learned, at most ", most, " a day"))
      .With("daily_maximum", Cat(most))
      .Russian(Cat("С ", first, " по ", last, " не помещается часов: ", added.hours,
                   ". В день, вместе с другим обучением человека, не больше ", most, "."));
}

absl::Status CheckRegion(pg::Tx& tx, const resource::Engine& engine, const std::string& region,
                         const std::vector<Pending*>& rows) {
  auto rules = learning_store::RulesOf(tx, engine, region);
  if (!rules.ok()) return rules.status();
  const int most = rules->daily_hours_maximum();
  auto learners = ReadOthers(tx, region, rows);
  if (!learners.ok()) return learners.status();
  for (Pending* row : rows) {
    const auto& record = static_cast<const Record&>(*row->after);
    const Span added = *Added(*row);
    auto& others = (*learners)[std::string(IdOf(record.person()))];
    if (day_rules::Overfull(added, others, most)) row->status = TooFull(added, most);
    others.push_back(added);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDays(pg::Tx& tx, const resource::Engine& engine, std::vector<Pending>& rows) {
  std::map<std::string, std::vector<Pending*>> by_region;
  for (Pending& row : rows) {
    if (!row.status.ok() || !Added(row)) continue;
    const auto& record = static_cast<const Record&>(*row.after);
    by_region[std::string(RegionOf(record.name()))].push_back(&row);
  }
  for (const auto& [region, of_region] : by_region) {
    const std::string& code = region;
    const auto& pending = of_region;
    auto status = tx.Unscoped(code, [&] { return CheckRegion(tx, engine, code, pending); });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::day_store
