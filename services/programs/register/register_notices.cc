// Whoever learns by a programme that left the register gets a notice. The rule is one question to
// the tables, asked again at the end of every run: an enrolment made while the programme was being
// withdrawn, or a run cut short, is made good by the next.
#include <utility>

#include "services/programs/names.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {
namespace {

// States in which an enrolment has ended; whatever else it may be, its learner is concerned.
constexpr char kSqlConcerned[] = R"sql(
  SELECT e.id::text, p.id::text, p.federal_register_number,
         extract(year FROM p.register_withdrawn_date)::int,
         extract(month FROM p.register_withdrawn_date)::int,
         extract(day FROM p.register_withdrawn_date)::int,
         e.person_id::text, e.organisation_id::text, coalesce(e.municipality_id, ''),
         coalesce(e.route_id::text, ''), e.route_item_id, p.register_sync_id::text
  FROM programme p JOIN enrolment e ON e.region_code = p.region_code AND e.programme_id = p.id
  WHERE p.region_code = $1 AND p.register_state = 'WITHDRAWN' AND p.register_sync_id IS NOT NULL
    AND p.delete_time IS NULL AND e.delete_time IS NULL AND e.id > $3::uuid
    AND e.state NOT IN ('COMPLETED', 'FAILED', 'WITHDRAWN', 'TRANSFERRED', 'VOID')
    AND NOT EXISTS (SELECT FROM register_notice n
                    WHERE n.region_code = $1
                      AND n.enrolment = 'regions/' || $1 || '/enrolments/' || e.id
                      AND n.register_sync_id = p.register_sync_id)
  ORDER BY e.id LIMIT $2)sql";

// Open notices whose programme stands in the register again, or whose enrolment has ended.
constexpr char kLiftable[] =
    "region_code = $1 AND state = 'OPEN' AND delete_time IS NULL AND id > $2::uuid AND NOT EXISTS ("
    "SELECT FROM enrolment e JOIN programme p ON p.region_code = e.region_code "
    "AND p.id = e.programme_id WHERE e.region_code = $1 "
    "AND e.id = split_part(enrolment, '/', 4)::uuid AND e.delete_time IS NULL "
    "AND e.state NOT IN ('COMPLETED', 'FAILED', 'WITHDRAWN', 'TRANSFERRED', 'VOID') "
    "AND p.register_state = 'WITHDRAWN') ORDER BY id LIMIT $3 FOR UPDATE";

// Open notices whose programme was given another day since.
constexpr char kSqlRedated[] = R"sql(
  SELECT n.id::text, extract(year FROM p.register_withdrawn_date)::int,
         extract(month FROM p.register_withdrawn_date)::int,
         extract(day FROM p.register_withdrawn_date)::int
  FROM register_notice n
  JOIN programme p ON p.region_code = n.region_code AND p.id = split_part(n.programme, '/', 4)::uuid
  WHERE n.region_code = $1 AND n.state = 'OPEN' AND n.delete_time IS NULL AND n.id > $2::uuid
    AND p.register_state = 'WITHDRAWN' AND p.register_withdrawn_date <> n.withdrawn_date
  ORDER BY n.id LIMIT $3)sql";

// The run's cursor: first along the enrolments, then, behind these marks, along the notices, twice.
constexpr char kLifting[] = "lift/", kRedating[] = "redate/";
constexpr char kFirst[] = "00000000-0000-0000-0000-000000000000";

void SetDay(const pqxx::row& row, int column, v1::RegisterNotice& notice) {
  if (row[column].is_null()) return;
  notice.mutable_withdrawn_date()->set_year(row[column].as<int>());
  notice.mutable_withdrawn_date()->set_month(row[column + 1].as<int>());
  notice.mutable_withdrawn_date()->set_day(row[column + 2].as<int>());
}

v1::RegisterNotice MakeNotice(std::string_view region, const pqxx::row& row) {
  const auto name = [&](std::string_view collection, int column) -> std::string {
    const std::string id = row[column].c_str();
    return id.empty() ? "" : NameOf(region, collection, id);
  };
  v1::RegisterNotice notice;
  notice.set_enrolment(name("enrolments", 0));
  notice.set_programme(name("programmes", 1));
  notice.set_register_number(row[2].c_str());
  SetDay(row, 3, notice);
  notice.set_person(name("persons", 6));
  notice.set_organisation(name("organisations", 7));
  notice.set_municipality(name("municipalities", 8));
  notice.set_route(name("routes", 9));
  notice.set_route_item_id(row[10].c_str());
  notice.set_register_sync(name("registerSyncs", 11));
  notice.set_state(v1::RegisterNotice::STATE_OPEN);
  notice.set_name(NameOf(region, "registerNotices",
                         StableUuid(Cat(notice.register_sync(), "/", notice.enrolment()))));
  return notice;
}

}  // namespace

absl::Status RegisterMirror::NotifyBatch(const v1::RegisterSync& sync) {
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    if (sync.cursor().starts_with(kLifting)) return LiftBatch(tx, after);
    if (sync.cursor().starts_with(kRedating)) return RedateBatch(tx, after);
    const std::string region(RegionOf(sync.name()));
    auto rows = tx.Query(kSqlConcerned, region, options_.apply_batch,
                         sync.cursor().empty() ? kFirst : sync.cursor());
    if (!rows.ok()) return rows.status();
    if (rows->empty()) {
      after.set_cursor(Cat(kLifting, kFirst));
      return absl::OkStatus();
    }
    after.set_cursor((*rows)[rows->size() - 1][0].c_str());
    std::vector<v1::RegisterNotice> notices;
    for (const auto& row : *rows) notices.push_back(MakeNotice(region, row));
    after.set_notice_count(after.notice_count() + static_cast<int>(notices.size()));
    return notices_.Merge(tx, author_, notices).status();
  });
}

absl::Status RegisterMirror::LiftBatch(pg::Tx& tx, v1::RegisterSync& sync) const {
  auto liftable = notices_.Select(tx, kLiftable, std::string(RegionOf(sync.name())),
                                  sync.cursor().substr(sizeof(kLifting) - 1), options_.apply_batch);
  if (!liftable.ok()) return liftable.status();
  if (liftable->empty()) {
    sync.set_cursor(Cat(kRedating, kFirst));
    return absl::OkStatus();
  }
  sync.set_cursor(Cat(kLifting, IdOf(liftable->back().name())));
  for (auto& notice : *liftable) notice.set_state(v1::RegisterNotice::STATE_LIFTED);
  return notices_.Merge(tx, author_, *liftable).status();
}

absl::Status RegisterMirror::RedateBatch(pg::Tx& tx, v1::RegisterSync& sync) const {
  const std::string region(RegionOf(sync.name()));
  auto rows = tx.Query(kSqlRedated, region, sync.cursor().substr(sizeof(kRedating) - 1),
                       options_.apply_batch);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) {
    sync.clear_cursor();
    End(sync, v1::RegisterSync::STATE_SUCCEEDED, "");
    return absl::OkStatus();
  }
  std::vector<std::string> ids;
  for (const auto& row : *rows) ids.push_back(row[0].c_str());
  sync.set_cursor(Cat(kRedating, ids.back()));
  auto notices = notices_.Select(
      tx, "region_code = $1 AND id = ANY ($2::uuid[]) AND state = 'OPEN' ORDER BY id FOR UPDATE",
      region, ids);
  if (!notices.ok()) return notices.status();
  absl::flat_hash_map<std::string, v1::RegisterNotice*> by_id;
  for (auto& notice : *notices) by_id[std::string(IdOf(notice.name()))] = &notice;
  for (const auto& row : *rows) {
    if (auto it = by_id.find(row[0].c_str()); it != by_id.end()) SetDay(row, 1, *it->second);
  }
  return notices_.Merge(tx, author_, *notices).status();
}

}  // namespace rsnms::programs
