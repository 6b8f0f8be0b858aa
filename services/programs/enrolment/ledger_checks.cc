// What enrolments and groups need from each other's rows.
#include "absl/container/flat_hash_map.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/enrolment/enrolment_rules.h"
#include "services/programs/enrolment/ledger.h"
#include "services/programs/names.h"

namespace rsnms::programs::ledger {
namespace {

using enrolment_rules::Before;
using Pending = resource::Engine::Pending;

// Held until the group is written, as for enrolments.
constexpr char kSqlOffered[] = R"sql(
  SELECT on_offer(programme) FROM programme
  WHERE region_code = $1 AND id = $2::uuid FOR SHARE)sql";

// Who has put learning off stays, and goes on in another group.
constexpr char kSqlMembers[] = R"sql(
  SELECT lower(state), count(*) FROM enrolment
  WHERE region_code = $1 AND group_id = $2::uuid AND delete_time IS NULL
    AND state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS')
  GROUP BY 1 ORDER BY 1)sql";

// Locks all members, those inside too: an update under way has their last word, and one that comes
// later reads the group's new dates. Locking the group there would turn the ledger's order round.
constexpr char kSqlOutside[] = R"sql(
  WITH members AS MATERIALIZED (
    SELECT start_date, planned_end_date, transferred_from_id FROM enrolment
    WHERE region_code = $1 AND group_id = $2::uuid AND delete_time IS NULL
      AND state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS')
    ORDER BY id FOR SHARE)
  SELECT count(*) FROM members
  WHERE NOT ((coalesce(start_date, $3::date) BETWEEN $3::date AND $4::date
              OR transferred_from_id IS NOT NULL AND start_date < $3::date)
             AND coalesce(planned_end_date, $3::date) BETWEEN $3::date AND $4::date))sql";

std::string Iso(const google::type::Date& day) {
  return Cat(day.year(), "-", day.month(), "-", day.day());
}

bool Differ(const google::type::Date& a, const google::type::Date& b) {
  return Before(a, b) || Before(b, a);
}

absl::Status CheckOffered(pg::Tx& tx, const v1::Group& group) {
  auto rows = tx.Query(kSqlOffered, RegionOf(group.name()), IdOf(group.programme()));
  if (!rows.ok()) return rows.status();
  if (rows->empty() || (*rows)[0][0].as<bool>()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_PROGRAMME_NOT_OFFERED,
                    "the programme is deleted, withdrawn or awaits approval")
      .Field("programme", "is deleted, withdrawn or awaits approval",
             "программа больше не реализуется или ещё не утверждена");
}

absl::Status CheckEmpty(pg::Tx& tx, const v1::Group& group) {
  auto rows = tx.Query(kSqlMembers, RegionOf(group.name()), IdOf(group.name()));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  rpc::Error error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_GROUP_NOT_EMPTY,
                   "people apply for, wait for or learn in the group");
  for (const auto& row : *rows) error.With(row[0].c_str(), row[1].c_str());
  return error;
}

absl::Status CheckMembersInside(pg::Tx& tx, const v1::Group& group) {
  auto rows = tx.Query(kSqlOutside, RegionOf(group.name()), IdOf(group.name()),
                       Iso(group.start_date()), Iso(group.end_date()));
  if (!rows.ok()) return rows.status();
  if ((*rows)[0][0].as<int>() == 0) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_MEMBERS_OUTSIDE_DATES,
                    "enrolments of the group have dates outside these")
      .With("enrolments", (*rows)[0][0].c_str());
}

absl::Status PrepareGroup(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                          const v1::Group* before, v1::Group& after) {
  const bool moved = before == nullptr || before->state() != after.state();
  if (moved && after.state() != v1::Group::STATE_RUNNING &&
      after.state() != v1::Group::STATE_FINISHED && after.state() != v1::Group::STATE_CANCELLED) {
    if (auto s = CheckOffered(tx, after); !s.ok()) return s;
  }
  if (before == nullptr) return absl::OkStatus();
  if (moved &&
      (after.state() == v1::Group::STATE_FINISHED || after.state() == v1::Group::STATE_CANCELLED)) {
    if (auto s = CheckEmpty(tx, after); !s.ok()) return s;
  }
  const bool in_order = !Before(after.end_date(), after.start_date());  // else the rule refuses
  if (in_order && (Differ(before->start_date(), after.start_date()) ||
                   Differ(before->end_date(), after.end_date()))) {
    if (auto s = CheckMembersInside(tx, after); !s.ok()) return s;
  }
  if (after.seats() <= before->seats()) return absl::OkStatus();
  return TakeInWaiting(tx, engine, author, &after);  // by the request that gave more seats
}

// Counts of seats alone ask nothing.
bool Asks(const v1::Group* before, const v1::Group& after) {
  return before == nullptr || before->state() != after.state() ||
         before->seats() != after.seats() || Differ(before->start_date(), after.start_date()) ||
         Differ(before->end_date(), after.end_date());
}

bool Matters(const Pending& row) {
  const auto& after = static_cast<const v1::Enrolment&>(*row.after);
  if (after.group().empty()) return false;
  if (row.before == nullptr) return true;
  const auto& before = static_cast<const v1::Enrolment&>(*row.before);
  return before.group() != after.group() || before.state() != after.state() ||
         Differ(before.start_date(), after.start_date()) ||
         Differ(before.planned_end_date(), after.planned_end_date());
}

}  // namespace

absl::Status CheckGroups(pg::Tx& tx, const resource::Engine& engine, std::vector<Pending>& rows) {
  std::vector<std::string> ids;
  for (const Pending& row : rows) {
    if (Matters(row)) ids.emplace_back(IdOf(static_cast<const v1::Enrolment&>(*row.after).group()));
  }
  if (ids.empty()) return absl::OkStatus();
  auto groups = resource::Table<v1::Group>(engine).Select(tx, "id = ANY ($1::uuid[])", ids);
  if (!groups.ok()) return groups.status();
  absl::flat_hash_map<std::string, const v1::Group*> by_name;
  for (const v1::Group& group : *groups) by_name[group.name()] = &group;
  for (Pending& row : rows) {
    if (!row.status.ok() || !Matters(row)) continue;
    const auto& after = static_cast<const v1::Enrolment&>(*row.after);
    auto group = by_name.find(after.group());
    if (group == by_name.end()) continue;  // the reference is judged with the write
    row.status = enrolment_rules::CheckInGroup(static_cast<const v1::Enrolment*>(row.before), after,
                                               *group->second);
  }
  return absl::OkStatus();
}

absl::Status PrepareGroups(pg::Tx& tx, const resource::Engine& engine, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    auto& after = static_cast<v1::Group&>(*row.after);
    const auto* before = static_cast<const v1::Group*>(row.before);
    if (!row.status.ok() || !Asks(before, after)) continue;
    row.status = tx.Unscoped(RegionOf(after.name()),
                             [&] { return PrepareGroup(tx, engine, *row.author, before, after); });
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::ledger
