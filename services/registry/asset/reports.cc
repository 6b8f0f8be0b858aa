// The load board and the numbers of staff: SQL and what is made of it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/registry/asset/asset_store.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlLoadBoard[] = R"sql(
SELECT m.id, m.person_id, m.municipality_id, m.attachment_limit, m.state = 'SUSPENDED' AS suspended,
       count(a.id) AS attached
  FROM methodologist m
  LEFT JOIN attachment a
    ON a.region_code = m.region_code AND a.methodologist_id = m.id AND a.delete_time IS NULL
   AND a.start_date <= $2::date AND coalesce(a.end_date, 'infinity') >= $2::date
 WHERE m.region_code = $1 AND m.delete_time IS NULL AND ($3 = '' OR m.municipality_id = $3)
   AND m.activation_date <= $2::date AND coalesce(m.release_date, 'infinity') >= $2::date
   AND coalesce(m.contract_end_date, 'infinity') >= $2::date
 GROUP BY m.region_code, m.id
 ORDER BY m.municipality_id NULLS FIRST, attached DESC, m.id
)sql";

constexpr char kSqlStaff[] = R"sql(
SELECT s.municipality_id, count(DISTINCT s.person_id) AS staff,
       count(DISTINCT s.person_id) FILTER (WHERE s.municipal_tutor) AS tutors,
       count(DISTINCT s.person_id) FILTER (WHERE EXISTS (
         SELECT FROM mms_training t
          WHERE t.region_code = s.region_code AND t.staff_member_id = s.id AND t.delete_time IS NULL
            AND t.state = 'COMPLETED' AND t.completion_date <= $2::date)) AS trained
  FROM mms_staff_member s
 WHERE s.region_code = $1 AND s.delete_time IS NULL
   AND s.include_date <= $2::date AND coalesce(s.exclude_date, 'infinity') >= $2::date
 GROUP BY GROUPING SETS ((s.municipality_id), ())
 ORDER BY grouping(s.municipality_id) DESC, s.municipality_id NULLS FIRST
)sql";

std::string Municipality(const std::string& region, const pqxx::field& id) {
  return id.is_null() ? "" : absl::StrCat(region, "/municipalities/", id.c_str());
}

v1::MethodologistLoad LoadOf(const std::string& region, const pqxx::row& row) {
  v1::MethodologistLoad load;
  load.set_methodologist(absl::StrCat(region, "/methodologists/", row["id"].c_str()));
  load.set_person(absl::StrCat(region, "/persons/", row["person_id"].c_str()));
  load.set_municipality(Municipality(region, row["municipality_id"]));
  load.set_attached_count(row["attached"].as<int64_t>());
  load.set_attachment_limit(row["attachment_limit"].as<int>());
  load.set_suspended(row["suspended"].c_str()[0] == 't');
  if (load.attachment_limit() > 0)
    load.set_free_count(load.attachment_limit() - load.attached_count());
  return load;
}

void Add(const v1::MethodologistLoad& load, v1::MunicipalityLoad* sum) {
  sum->set_methodologist_count(sum->methodologist_count() + 1);
  sum->set_attached_count(sum->attached_count() + load.attached_count());
  sum->set_max_attached_count(std::max(sum->max_attached_count(), load.attached_count()));
  if (load.has_free_count() && load.free_count() <= 0) sum->set_full_count(sum->full_count() + 1);
}

}  // namespace

absl::Status ReadLoadBoard(pg::Tx& tx, const v1::GetLoadBoardRequest& request,
                           v1::LoadBoard* board) {
  const std::string asked = request.municipality().empty() ? "" : IdOf(request.municipality());
  auto rows = tx.Query(kSqlLoadBoard, IdOf(request.parent()), ToIso(request.as_of_date()), asked);
  if (!rows.ok()) return rows.status();
  board->mutable_total();
  for (const auto& row : *rows) {
    const v1::MethodologistLoad load = LoadOf(request.parent(), row);
    auto* sums = board->mutable_municipalities();
    if (sums->empty() || sums->rbegin()->municipality() != load.municipality())
      sums->Add()->set_municipality(load.municipality());
    Add(load, &*sums->rbegin());
    Add(load, board->mutable_total());
    *board->add_methodologists() = load;
  }
  std::stable_sort(
      board->mutable_methodologists()->begin(), board->mutable_methodologists()->end(),
      [](const auto& a, const auto& b) { return a.attached_count() > b.attached_count(); });
  return absl::OkStatus();
}

absl::Status CountStaff(pg::Tx& tx, const v1::CountMmsStaffRequest& request,
                        v1::CountMmsStaffResponse* response) {
  auto rows = tx.Query(kSqlStaff, IdOf(request.parent()), ToIso(request.as_of_date()));
  if (!rows.ok()) return rows.status();
  bool total = true;  // the first row
  for (const auto& row : *rows) {
    auto* counts = total ? response->mutable_total() : response->add_municipalities();
    if (!total) counts->set_municipality(Municipality(request.parent(), row["municipality_id"]));
    counts->set_staff_count(row["staff"].as<int64_t>());
    counts->set_tutor_count(row["tutors"].as<int64_t>());
    counts->set_trained_count(row["trained"].as<int64_t>());
    total = false;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
