#include "services/registry/events/event_views_store.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr int kMaxEvents = 10'000;

// $1 region, $2 first and $3 last day of the year, $4 level, $5 organiser, $6 municipality: null
// takes all; $7 cancelled too, $8 row limit.
constexpr char kSqlCalendar[] = R"sql(
SELECT id, title, form, level, state, organisation_id, count(*) OVER () AS total,
       extract(month FROM start_date)::int AS month, extract(day FROM start_date)::int AS day,
       extract(year FROM end_date)::int AS end_year, extract(month FROM end_date)::int AS end_month,
       extract(day FROM end_date)::int AS end_day
  FROM event
 WHERE region_code = $1 AND delete_time IS NULL AND start_date BETWEEN $2::date AND $3::date
   AND ($4::text IS NULL OR level = $4) AND ($5::uuid IS NULL OR organisation_id = $5)
   AND ($6::text IS NULL OR municipality_id = $6) AND ($7::boolean OR state <> 'CANCELLED')
 ORDER BY start_date, title, id
 LIMIT $8
)sql";

// $1 region, $2 level or null, $3 year or null, $4 awards, $5 row limit.
constexpr char kSqlWinners[] = R"sql(
SELECT e.id, e.contest_id, c.bank_title, c.level, c.year, e.nomination, e.award, e.place,
       e.person_id, e.entrant_organisation_id, e.practice_id
  FROM contest c
  JOIN contest_entry e ON e.region_code = c.region_code AND e.contest_id = c.id
 WHERE c.region_code = $1 AND c.delete_time IS NULL AND c.state IN ('RESULTS_APPROVED', 'CLOSED')
   AND e.delete_time IS NULL AND e.state = 'JUDGED' AND e.award = ANY ($4::text[])
   AND ($2::text IS NULL OR c.level = $2) AND ($3::int IS NULL OR c.year = $3)
 ORDER BY c.year DESC,
          array_position(
            '{INTERNATIONAL,FEDERAL,REGION,DISTRICT,MUNICIPALITY,ORGANISATION}'::text[], c.level),
          c.bank_title, e.nomination,
          array_position('{WINNER,PRIZE,LAUREATE,FINALIST,PARTICIPANT}'::text[], e.award),
          e.place NULLS LAST, e.id
 LIMIT $5
)sql";

int Number(const pqxx::row& row, const char* column) {
  int number = 0;
  (void)absl::SimpleAtoi(row[column].c_str(), &number);
  return number;
}

// The name of a row of the region; empty when the column is.
std::string NameIn(const std::string& parent, const char* collection, const pqxx::row& row,
                   const char* column) {
  if (row[column].is_null()) return "";
  return absl::StrCat(parent, "/", collection, "/", row[column].c_str());
}

v1::ActivityLevel LevelOf(const pqxx::row& row) {
  v1::ActivityLevel level = v1::ACTIVITY_LEVEL_UNSPECIFIED;
  (void)v1::ActivityLevel_Parse(absl::StrCat("ACTIVITY_LEVEL_", row["level"].c_str()), &level);
  return level;
}

std::optional<std::string> LevelColumn(v1::ActivityLevel level) {
  if (level == v1::ACTIVITY_LEVEL_UNSPECIFIED) return std::nullopt;
  return v1::ActivityLevel_Name(level).substr(sizeof("ACTIVITY_LEVEL_") - 1);
}

std::optional<std::string> IdColumn(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return IdOf(name);
}

void FillEvent(const pqxx::row& row, const v1::GetEventCalendarRequest& request,
               v1::CalendarEvent* event) {
  event->set_event(NameIn(request.parent(), "events", row, "id"));
  event->set_title(row["title"].c_str());
  v1::EventForm form = v1::EVENT_FORM_UNSPECIFIED;
  (void)v1::EventForm_Parse(absl::StrCat("EVENT_FORM_", row["form"].c_str()), &form);
  event->set_form(form);
  event->set_level(LevelOf(row));
  v1::Event::State state = v1::Event::STATE_UNSPECIFIED;
  (void)v1::Event::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &state);
  event->set_state(state);
  event->mutable_start_date()->set_year(request.year());
  event->mutable_start_date()->set_month(Number(row, "month"));
  event->mutable_start_date()->set_day(Number(row, "day"));
  if (!row["end_year"].is_null()) {
    event->mutable_end_date()->set_year(Number(row, "end_year"));
    event->mutable_end_date()->set_month(Number(row, "end_month"));
    event->mutable_end_date()->set_day(Number(row, "end_day"));
  }
  event->set_organisation(NameIn(request.parent(), "organisations", row, "organisation_id"));
}

void FillWinner(const pqxx::row& row, const std::string& parent, v1::Winner* winner) {
  winner->set_entry(NameIn(parent, "contestEntries", row, "id"));
  winner->set_contest(NameIn(parent, "contests", row, "contest_id"));
  winner->set_contest_title(row["bank_title"].c_str());
  winner->set_level(LevelOf(row));
  winner->set_year(Number(row, "year"));
  winner->set_nomination(row["nomination"].c_str());
  v1::ContestAward award = v1::CONTEST_AWARD_UNSPECIFIED;
  (void)v1::ContestAward_Parse(absl::StrCat("CONTEST_AWARD_", row["award"].c_str()), &award);
  winner->set_award(award);
  winner->set_place(Number(row, "place"));
  winner->set_person(NameIn(parent, "persons", row, "person_id"));
  winner->set_organisation(NameIn(parent, "organisations", row, "entrant_organisation_id"));
  winner->set_practice(NameIn(parent, "practices", row, "practice_id"));
}

}  // namespace

absl::Status ReadCalendar(pg::Tx& tx, const v1::GetEventCalendarRequest& request,
                          v1::EventCalendar* calendar) {
  auto rows =
      tx.Query(kSqlCalendar, RegionOf(request.parent()), absl::StrCat(request.year(), "-01-01"),
               absl::StrCat(request.year(), "-12-31"), LevelColumn(request.level()),
               IdColumn(request.organisation()), IdColumn(request.municipality()),
               request.show_cancelled(), kMaxEvents);
  if (!rows.ok()) return rows.status();
  calendar->Clear();  // the transaction may run again
  for (int month = 1; month <= 12; ++month) calendar->add_months()->set_month(month);
  if (!rows->empty()) calendar->set_event_count(Number((*rows)[0], "total"));
  for (const auto& row : *rows) {
    FillEvent(row, request, calendar->mutable_months(Number(row, "month") - 1)->add_events());
  }
  return absl::OkStatus();
}

absl::Status ReadWinners(pg::Tx& tx, const v1::ListWinnersRequest& request,
                         v1::ListWinnersResponse* response) {
  std::vector<std::string> awards = {"WINNER", "PRIZE"};
  if (request.award() != v1::CONTEST_AWARD_UNSPECIFIED) {
    awards = {v1::ContestAward_Name(request.award()).substr(sizeof("CONTEST_AWARD_") - 1)};
  }
  std::optional<int32_t> year;
  if (request.year() != 0) year = request.year();
  const int limit = request.limit() == 0 ? 100 : std::min(request.limit(), 1000);
  auto rows = tx.Query(kSqlWinners, RegionOf(request.parent()), LevelColumn(request.level()), year,
                       awards, limit + 1);
  if (!rows.ok()) return rows.status();
  response->Clear();  // the transaction may run again
  for (const auto& row : *rows) {
    if (response->winners_size() == limit) {
      response->set_truncated(true);
      break;
    }
    FillWinner(row, request.parent(), response->add_winners());
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
