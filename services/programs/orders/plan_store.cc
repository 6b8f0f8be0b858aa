#include "services/programs/orders/plan_store.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/programs/names.h"
#include "services/programs/orders/grounds.h"
#include "services/programs/orders/line_programmes.h"
#include "services/programs/orders/plan_execution.h"
#include "services/programs/orders/plan_rules.h"

namespace rsnms::programs::plan_store {
namespace {

using resource::Engine;
using Plan = v1::TrainingPlan;
using Pending = Engine::Pending;

constexpr char kWhereGathered[] = R"sql(
  region_code = $1 AND delete_time IS NULL AND (id = ANY ($2::uuid[])
    OR (year BETWEEN $3::int AND $4::int AND state IN ('APPROVED', 'IN_WORK', 'EXECUTED')
        AND ($5 = '' OR organisation_id::text = $5) AND ($6 = '' OR municipality_id = $6)))
  ORDER BY year, id)sql";

constexpr char kSqlByOrder[] = R"sql(
  SELECT training_order_id::text, order_line,
         count(*) FILTER (WHERE state = 'APPLIED'),
         count(*) FILTER (WHERE state IN ('ENROLLED', 'IN_PROGRESS', 'DEFERRED')),
         count(*) FILTER (WHERE state = 'COMPLETED'),
         count(*) FILTER (WHERE state IN ('WITHDRAWN', 'FAILED'))
  FROM enrolment
  WHERE region_code = $1 AND training_order_id = ANY ($2::uuid[]) AND delete_time IS NULL
  GROUP BY 1, 2)sql";

constexpr char kSqlByGroup[] = R"sql(
  SELECT group_id::text, category,
         count(*) FILTER (WHERE state = 'APPLIED'),
         count(*) FILTER (WHERE state IN ('ENROLLED', 'IN_PROGRESS', 'DEFERRED')),
         count(*) FILTER (WHERE state = 'COMPLETED'),
         count(*) FILTER (WHERE state IN ('WITHDRAWN', 'FAILED'))
  FROM enrolment
  WHERE region_code = $1 AND group_id = ANY ($2::uuid[]) AND training_order_id IS NULL
    AND delete_time IS NULL
    AND ($3 = '' OR organisation_id::text = $3) AND ($4 = '' OR municipality_id = $4)
  GROUP BY 1, 2)sql";

// Lines of orders, of $3, that another plan in force plans too.
constexpr char kSqlAlsoPlanned[] = R"sql(
  SELECT DISTINCT l->>'training_order', l->'ordered'->>'id'
  FROM training_plan p, jsonb_array_elements(p.lines) l
  WHERE p.region_code = $1 AND p.state = 'APPROVED' AND p.delete_time IS NULL AND p.id <> $2::uuid
    AND l->>'training_order' = ANY ($3::text[]) AND coalesce(l->>'exclusion_reason', '') = '')sql";

// Of those kSqlByGroup counts, who is of the owner of another plan in force that names the group
// for a line they may be listeners of (MayBeOf).
constexpr char kSqlAlsoInGroup[] = R"sql(
  SELECT e.group_id::text, e.category, count(*)
  FROM enrolment e
  WHERE e.region_code = $1 AND e.group_id = ANY ($2::uuid[]) AND e.training_order_id IS NULL
    AND e.delete_time IS NULL
    AND e.state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED', 'COMPLETED', 'WITHDRAWN', 'FAILED')
    AND ($3 = '' OR e.organisation_id::text = $3) AND ($4 = '' OR e.municipality_id = $4)
    AND EXISTS (
      SELECT FROM training_plan p, jsonb_array_elements(p.line_groups) g
      WHERE p.region_code = $1 AND p.state = 'APPROVED' AND p.delete_time IS NULL
        AND p.id <> $5::uuid
        AND coalesce(g->'groups', '[]') ? ('regions/' || $1 || '/groups/' || e.group_id)
        AND CASE WHEN p.organisation_id IS NOT NULL THEN p.organisation_id = e.organisation_id
            ELSE coalesce(p.municipality_id = e.municipality_id, p.municipality_id IS NULL) END
        AND EXISTS (
          SELECT FROM jsonb_array_elements(p.lines) l
          WHERE l->>'id' = g->>'line' AND CASE l->>'listener_category'
            WHEN 'LISTENER_CATEGORY_PEDAGOGUE' THEN e.category = 'PEDAGOGUE'
            WHEN 'LISTENER_CATEGORY_YOUNG_SPECIALIST' THEN e.category = 'PEDAGOGUE'
            WHEN 'LISTENER_CATEGORY_MANAGER' THEN e.category = 'MANAGER'
            ELSE true END))
  GROUP BY 1, 2)sql";

// Lines of orders in force a plan would gather and has not yet ($6 orders, $7 their lines), counted
// up to $8.
constexpr char kSqlNewLines[] = R"sql(
  SELECT count(*) FROM (
    SELECT FROM training_order o, jsonb_array_elements(o.lines) l
    WHERE o.region_code = $1 AND o.delete_time IS NULL
      AND o.year BETWEEN $2::int AND $3::int AND o.state IN ('APPROVED', 'IN_WORK', 'EXECUTED')
      AND ($4 = '' OR o.organisation_id::text = $4) AND ($5 = '' OR o.municipality_id = $5)
      AND NOT EXISTS (SELECT FROM unnest($6::text[], $7::text[]) AS s (order_id, line)
                      WHERE s.order_id = o.id::text AND s.line = l->>'id')
    LIMIT $8::int) AS n)sql";

constexpr char kSqlWait[] =
    "SELECT pg_advisory_xact_lock(hashtextextended('training_plan/' || $1, 0))";

constexpr char kSqlOtherInForce[] = R"sql(
  SELECT FROM training_plan
  WHERE region_code = $1 AND state = 'APPROVED' AND delete_time IS NULL
    AND start_year = $2::int AND end_year = $3::int
    AND coalesce(organisation_id::text, '') = $4
    AND ($4 <> '' OR coalesce(municipality_id, '') = $5) AND id::text NOT IN ($6, $7))sql";

constexpr char kSqlInAmendment[] = R"sql(
  SELECT FROM training_plan
  WHERE region_code = $1 AND former_id = $2::uuid AND state IN ('DRAFT', 'ON_APPROVAL')
    AND delete_time IS NULL)sql";

constexpr char kSqlInForce[] = R"sql(
  SELECT id::text FROM training_order
  WHERE region_code = $1 AND id = ANY ($2::uuid[]) AND state IN ('APPROVED', 'IN_WORK', 'EXECUTED')
    AND delete_time IS NULL
  ORDER BY id FOR SHARE)sql";

bool Equals(const v1::OrderLine& a, const v1::OrderLine& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// The organisation's plan is its own whatever municipality it names.
std::string OwnerOf(const Plan& plan) { return std::string(IdOf(plan.organisation())); }
std::string TownOf(const Plan& plan) {
  return plan.organisation().empty() ? std::string(IdOf(plan.municipality())) : "";
}

std::vector<std::string> OrderIds(const Plan& plan) {
  absl::flat_hash_set<std::string> ids;
  for (const auto& line : plan.lines()) {
    if (plan_rules::IsGathered(line)) ids.emplace(IdOf(line.training_order()));
  }
  std::vector<std::string> sorted(ids.begin(), ids.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

v1::LearnerCategory CategoryOf(const char* stored) {
  v1::LearnerCategory category = v1::LEARNER_CATEGORY_UNSPECIFIED;
  (void)v1::LearnerCategory_Parse(Cat("LEARNER_CATEGORY_", stored), &category);
  return category;
}

v1::PlanCounts Tally(const pqxx::row& row) {
  v1::PlanCounts counts;
  counts.set_applied(row[2].as<int>());
  counts.set_learning(row[3].as<int>());
  counts.set_completed(row[4].as<int>());
  counts.set_dropped(row[5].as<int>());
  return counts;
}

// All of a line's enrolments are another plan's too that plans the line.
absl::Status CountAlsoPlanned(pg::Tx& tx, const Plan& plan, PlanTallies* tallies) {
  const std::string region(RegionOf(plan.name()));
  std::vector<std::string> orders;
  for (const std::string& id : OrderIds(plan)) {
    orders.push_back(NameOf(region, "trainingOrders", id));
  }
  auto rows = tx.Query(kSqlAlsoPlanned, region, std::string(IdOf(plan.name())), orders);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    auto found = tallies->by_order_line.find(Cat(row[0].c_str(), "/", row[1].c_str()));
    if (found == tallies->by_order_line.end()) continue;
    v1::PlanCounts& counts = found->second;
    counts.set_also_counted(counts.applied() + counts.learning() + counts.completed() +
                            counts.dropped());
  }
  return absl::OkStatus();
}

absl::StatusOr<PlanTallies> Count(pg::Tx& tx, const Plan& plan) {
  PlanTallies tallies;
  const std::string region(RegionOf(plan.name()));
  auto rows = tx.Query(kSqlByOrder, region, OrderIds(plan));
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    const std::string order = NameOf(region, "trainingOrders", row[0].c_str());
    tallies.by_order_line[Cat(order, "/", row[1].c_str())] = Tally(row);
  }
  if (auto s = CountAlsoPlanned(tx, plan, &tallies); !s.ok()) return s;
  std::vector<std::string> groups;
  for (const auto& link : plan.line_groups()) {
    for (const std::string& group : link.groups()) groups.emplace_back(IdOf(group));
  }
  if (groups.empty()) return tallies;
  rows = tx.Query(kSqlByGroup, region, groups, OwnerOf(plan), TownOf(plan));
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    const std::string group = NameOf(region, "groups", row[0].c_str());
    tallies.by_group[group][CategoryOf(row[1].c_str())] = Tally(row);
  }
  rows = tx.Query(kSqlAlsoInGroup, region, groups, OwnerOf(plan), TownOf(plan),
                  std::string(IdOf(plan.name())));
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    const std::string group = NameOf(region, "groups", row[0].c_str());
    tallies.by_group[group][CategoryOf(row[1].c_str())].set_also_counted(row[2].as<int>());
  }
  return tallies;
}

// Lines in which people say something new: not what they said before, nor what the order says. An
// amendment begins with what its former said.
std::vector<PlacedLine> WrittenLines(const Plan* before, const Plan& after) {
  std::vector<PlacedLine> written;
  if (before == nullptr && !after.former().empty()) return written;
  absl::flat_hash_map<std::string_view, const v1::PlanLine*> was;
  if (before != nullptr) {
    for (const auto& line : before->lines()) was[line.id()] = &line;
  }
  for (int i = 0; i < after.lines_size(); ++i) {
    const v1::PlanLine& line = after.lines(i);
    v1::OrderLine now = plan_rules::Planned(line);
    auto found = was.find(line.id());
    if (found != was.end() && Equals(plan_rules::Planned(*found->second), now)) continue;
    written.emplace_back(i, now);
    now.set_id(line.ordered().id());
    if (plan_rules::IsGathered(line) && Equals(line.ordered(), now)) written.pop_back();
  }
  return written;
}

absl::Status CheckOrders(pg::Tx& tx, const Plan& plan) {
  auto rows = tx.Query(kSqlInForce, std::string(RegionOf(plan.name())), OrderIds(plan));
  if (!rows.ok()) return rows.status();
  absl::flat_hash_set<std::string> in_force;
  for (const auto& row : *rows) in_force.insert(row[0].c_str());
  rpc::Error error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_PLAN_ORDER_WITHDRAWN,
                   "an order is not in force any more");
  bool all = true;
  for (int i = 0; i < plan.lines_size(); ++i) {
    const auto& line = plan.lines(i);
    if (!plan_rules::IsGathered(line) || !plan_rules::IsPlanned(line)) continue;
    if (in_force.contains(std::string(IdOf(line.training_order())))) continue;
    all = false;
    error.Field(Cat("lines[", i, "].training_order"), "is not in force any more",
                "заявка больше не действует");
  }
  return all ? absl::OkStatus() : error.ToStatus();
}

absl::Status CompleteGrounds(pg::Tx& tx, const Engine& engine, absl::CivilDay latest, Plan* plan) {
  Grounds grounds(engine, tx, RegionOf(plan->name()), latest);
  for (int i = 0; i < plan->lines_size(); ++i) {
    v1::PlanLine& line = *plan->mutable_lines(i);
    v1::OrderLine planned = plan_rules::Planned(line);
    if (auto s = grounds.Complete(Cat("lines[", i, "]"), &planned); !s.ok()) return s;
    plan_rules::SetPlanned(planned, &line);
  }
  return absl::OkStatus();
}

absl::Status PreparePlan(pg::Tx& tx, const Engine& engine, absl::CivilDay latest,
                         const Plan* before, Plan& after) {
  if (before == nullptr || before->state() == Plan::STATE_DRAFT) {
    if (auto s = CompleteGrounds(tx, engine, latest, &after); !s.ok()) return s;
  }
  const auto written = WrittenLines(before, after);
  if (auto s = CheckLineProgrammes(tx, engine, RegionOf(after.name()), written); !s.ok()) return s;
  if (before == nullptr || before->state() == after.state()) return absl::OkStatus();
  const bool begins =
      after.state() == Plan::STATE_ON_APPROVAL || after.state() == Plan::STATE_APPROVED;
  return begins ? CheckOrders(tx, after) : absl::OkStatus();
}

// Counted as whoever closes it sees it, for the refusal tells the counts.
absl::Status CheckClosing(pg::Tx& tx, const Plan* before, const Plan& after) {
  if (after.state() != Plan::STATE_CLOSED) return absl::OkStatus();
  if (before == nullptr || before->state() == Plan::STATE_CLOSED) return absl::OkStatus();
  auto execution = Execution(tx, after, absl::CivilDay());
  return execution.ok() ? MayClose(after, *execution) : execution.status();
}

absl::Status Mismatch(std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_PLAN_GROUP_MISMATCH,
                    text)
      .Field(path, text);
}

absl::Status CheckGroup(pg::Tx& tx, const Engine& engine, const v1::PlanLine& line,
                        const std::string& name, std::string_view path) {
  auto group = resource::Table<v1::Group>(engine).Get(tx, name);
  if (absl::IsNotFound(group.status()) || (group.ok() && group->has_delete_time())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, "there is no such group")
        .Field(path, "does not exist", "группа не найдена");
  }
  if (!group.ok()) return group.status();
  if (group->state() == v1::Group::STATE_CANCELLED) return Mismatch(path, "was cancelled");
  auto programme = resource::Table<v1::Programme>(engine).Get(tx, group->programme());
  if (!programme.ok()) return programme.status();
  auto meant = LoadMeant(tx, RegionOf(name), {&*programme});
  if (!meant.ok()) return meant.status();
  return Answers(*programme, *meant, plan_rules::Planned(line))
             ? absl::OkStatus()
             : Mismatch(path, "does not teach what the line plans, or whom it plans to teach");
}

}  // namespace

absl::StatusOr<std::vector<v1::TrainingOrder>> Orders(pg::Tx& tx, const Engine& engine,
                                                      const Plan& plan) {
  return resource::Table<v1::TrainingOrder>(engine).Select(
      tx, kWhereGathered, std::string(RegionOf(plan.name())), OrderIds(plan), plan.start_year(),
      plan.end_year(), OwnerOf(plan), TownOf(plan));
}

absl::StatusOr<bool> IsTooLarge(pg::Tx& tx, const Plan& plan) {
  std::vector<std::string> orders, lines;
  for (const auto& line : plan.lines()) {
    if (!plan_rules::IsGathered(line)) continue;
    orders.emplace_back(IdOf(line.training_order()));
    lines.push_back(line.ordered().id());
  }
  const int left = std::max(0, plan_rules::kMostLines - plan.lines_size());
  auto rows = tx.Query(kSqlNewLines, std::string(RegionOf(plan.name())), plan.start_year(),
                       plan.end_year(), OwnerOf(plan), TownOf(plan), orders, lines, left + 1);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int>() > left;
}

absl::StatusOr<v1::TrainingPlanExecution> Execution(pg::Tx& tx, const Plan& plan,
                                                    absl::CivilDay day) {
  auto tallies = Count(tx, plan);
  if (!tallies.ok()) return tallies.status();
  return TellExecution(plan, *tallies, day);
}

absl::StatusOr<bool> IsOtherInForce(pg::Tx& tx, const Plan& plan) {
  const std::string region(RegionOf(plan.name()));
  auto waited = tx.Query(kSqlWait, Cat(region, "/", OwnerOf(plan), "/", TownOf(plan)));
  if (!waited.ok()) return waited.status();
  auto rows =
      tx.Query(kSqlOtherInForce, region, plan.start_year(), plan.end_year(), OwnerOf(plan),
               TownOf(plan), std::string(IdOf(plan.name())), std::string(IdOf(plan.former())));
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

absl::StatusOr<bool> IsInAmendment(pg::Tx& tx, const Plan& plan) {
  auto rows =
      tx.Query(kSqlInAmendment, std::string(RegionOf(plan.name())), std::string(IdOf(plan.name())));
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

absl::Status CheckGroups(pg::Tx& tx, const Engine& engine, const Plan& plan,
                         const v1::SetPlanLineGroupsRequest& request) {
  const v1::PlanLine* line = plan_rules::FindLine(plan, request.line());
  if (line == nullptr) return Mismatch("line", "is no line of the plan");
  if (!plan_rules::IsPlanned(*line)) return Mismatch("line", "is excluded from the plan");
  absl::flat_hash_map<std::string, std::string> line_of;
  for (const auto& link : plan.line_groups()) {
    if (link.line() == line->id()) continue;
    for (const std::string& group : link.groups()) line_of[group] = link.line();
  }
  const std::string region(RegionOf(plan.name()));
  return tx.Unscoped(region, [&]() -> absl::Status {
    for (int i = 0; i < request.groups_size(); ++i) {
      const std::string& group = request.groups(i);
      const std::string path = Cat("groups[", i, "]");
      if (RegionOf(group) != region) {
        return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                                 "must lie in the plan's region",
                                 "группа должна быть из региона плана");
      }
      if (!line_of.emplace(group, line->id()).second) {
        return Mismatch(path, Cat("carries out line ", line_of[group], " already"));
      }
      if (auto s = CheckGroup(tx, engine, *line, group, path); !s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

absl::Status PreparePlans(pg::Tx& tx, const Engine& engine, absl::CivilDay latest,
                          std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    auto& after = static_cast<Plan&>(*row.after);
    const auto* before = static_cast<const Plan*>(row.before);
    if (!row.status.ok()) continue;
    row.status = tx.Unscoped(RegionOf(after.name()),
                             [&] { return PreparePlan(tx, engine, latest, before, after); });
    if (row.status.ok()) row.status = CheckClosing(tx, before, after);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::plan_store
