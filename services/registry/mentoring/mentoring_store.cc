#include "services/registry/mentoring/mentoring_store.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlModels[] = R"sql(
SELECT code, title, description, mentors_min, mentors_max, mentees_min, mentees_max, rhythm, pairing,
       end_date_needed, goals_needed, schedule_needed, clause
  FROM mentoring_model
 ORDER BY position
)sql";

constexpr char kSqlFormats[] = R"sql(
SELECT code, title, audiences, clause FROM mentoring_format ORDER BY position
)sql";

constexpr char kSqlFindings[] = R"sql(
SELECT unemployed, overlapping
  FROM mentorship_findings($1, coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000'),
                           $3::text[], $4::text[], $5::date, nullif($6, '')::date)
)sql";

constexpr char kSqlHeld[] = R"sql(
SELECT place - 1 AS place
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       WITH ORDINALITY AS e (region, employment, person, first, last, place)
 WHERE employment_is_held(region, employment::uuid, person::uuid, first::date, nullif(last, '')::date)
)sql";

constexpr char kSqlIsMember[] = R"sql(
SELECT EXISTS (
  SELECT FROM mentor_school
   WHERE region_code = $1 AND organisation_id = $2::uuid AND id <> $3::uuid AND delete_time IS NULL
     AND state IN ('ADMITTED', 'LEFT')
     AND daterange(admit_date, leave_date, '[]') && daterange($4::date, NULL))
)sql";

bool IsTrue(const pqxx::field& field) { return field.c_str()[0] == 't'; }

// The value of an enum whose column holds its name without the prefix.
template <class Enum>
Enum ValueOf(std::string_view prefix, std::string_view text) {
  const auto* value = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(
      std::string(prefix) + std::string(text));
  return static_cast<Enum>(value == nullptr ? 0 : value->number());
}

v1::MentoringModelCard CardOf(const pqxx::row& row) {
  v1::MentoringModelCard card;
  card.set_model(ValueOf<v1::MentoringModel>("MENTORING_MODEL_", row["code"].c_str()));
  card.set_title(row["title"].c_str());
  card.set_description(row["description"].c_str());
  card.set_mentors_min(row["mentors_min"].as<int>());
  if (!row["mentors_max"].is_null()) card.set_mentors_max(row["mentors_max"].as<int>());
  card.set_mentees_min(row["mentees_min"].as<int>());
  if (!row["mentees_max"].is_null()) card.set_mentees_max(row["mentees_max"].as<int>());
  card.set_rhythm(ValueOf<v1::MeetingRhythm>("MEETING_RHYTHM_", row["rhythm"].c_str()));
  card.set_pairing(ValueOf<v1::MentoringPairing>("MENTORING_PAIRING_", row["pairing"].c_str()));
  card.set_end_date_needed(IsTrue(row["end_date_needed"]));
  card.set_goals_needed(IsTrue(row["goals_needed"]));
  card.set_schedule_needed(IsTrue(row["schedule_needed"]));
  card.set_clause(row["clause"].c_str());
  return card;
}

std::vector<std::string> Ids(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::vector<std::string> ids;
  for (const std::string& name : names) ids.push_back(IdOf(name));
  return ids;
}

}  // namespace

absl::Status ReadCatalogue(pg::Tx& tx, v1::MentoringModel only, v1::MentoringCatalogue* out) {
  auto models = tx.Query(kSqlModels);
  if (!models.ok()) return models.status();
  for (const auto& row : *models) {
    v1::MentoringModelCard card = CardOf(row);
    if (only == v1::MENTORING_MODEL_UNSPECIFIED || card.model() == only)
      *out->add_models() = std::move(card);
  }
  auto formats = tx.Query(kSqlFormats);
  if (!formats.ok()) return formats.status();
  for (const auto& row : *formats) {
    auto* card = out->add_formats();
    card->set_format(ValueOf<v1::MentoringFormat>("MENTORING_FORMAT_", row["code"].c_str()));
    card->set_title(row["title"].c_str());
    for (const std::string& audience : pg::FromArray(row["audiences"].c_str()))
      card->add_audiences(ValueOf<v1::MentoringAudience>("MENTORING_AUDIENCE_", audience));
    card->set_clause(row["clause"].c_str());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<v1::MentoringModel, v1::MentoringModelCard>> ReadModels(pg::Tx& tx) {
  auto rows = tx.Query(kSqlModels);
  if (!rows.ok()) return rows.status();
  std::map<v1::MentoringModel, v1::MentoringModelCard> models;
  for (const auto& row : *rows) {
    v1::MentoringModelCard card = CardOf(row);
    models.emplace(card.model(), std::move(card));
  }
  return models;
}

absl::StatusOr<Findings> FindAgainst(pg::Tx& tx, const v1::Mentorship& mentorship) {
  // The name of what is about to be created may still be its parent's.
  const bool named = mentorship.name().find("/mentorships/") != std::string::npos;
  auto rows = tx.Query(kSqlFindings, RegionOf(mentorship.organisation()),
                       named ? IdOf(mentorship.name()) : "", Ids(mentorship.mentors()),
                       Ids(mentorship.mentees()), ToIso(mentorship.start_date()),
                       mentorship.has_end_date() ? ToIso(mentorship.end_date()) : "");
  if (!rows.ok()) return rows.status();
  return Findings{.unemployed = IsTrue((*rows)[0][0]), .overlapping = IsTrue((*rows)[0][1])};
}

absl::StatusOr<std::vector<size_t>> FindHeld(
    pg::Tx& tx, const std::vector<const v1::Employment*>& employments) {
  std::vector<std::string> regions, ids, persons, firsts, lasts;
  for (const v1::Employment* employment : employments) {
    regions.push_back(RegionOf(employment->name()));
    ids.push_back(IdOf(employment->name()));
    persons.push_back(IdOf(employment->person()));
    firsts.push_back(ToIso(employment->start_date()));
    lasts.push_back(employment->has_end_date() ? ToIso(employment->end_date()) : "");
  }
  auto rows = tx.Query(kSqlHeld, regions, ids, persons, firsts, lasts);
  if (!rows.ok()) return rows.status();
  std::vector<size_t> held;
  for (const auto& row : *rows) held.push_back(row["place"].as<size_t>());
  return held;
}

absl::StatusOr<bool> IsLeagueMember(pg::Tx& tx, const v1::MentorSchool& school) {
  auto rows = tx.Query(kSqlIsMember, RegionOf(school.name()), IdOf(school.organisation()),
                       IdOf(school.name()), ToIso(school.admit_date()));
  if (!rows.ok()) return rows.status();
  return IsTrue((*rows)[0][0]);
}

}  // namespace rsnms::registry
