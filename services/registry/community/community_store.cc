#include "services/registry/community/community_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlCommunities[] = R"sql(
SELECT 'regions/' || region_code || '/communities/' || id AS name,
       'regions/' || region_code || '/organisations/' || organisation_id AS organisation,
       coalesce('regions/' || region_code || '/communities/' || parent_id, '') AS parent,
       kind, act, state, title, quorum_percent, delete_time IS NOT NULL AS deleted
  FROM community
 WHERE region_code = $1 AND id = ANY($2::uuid[])
)sql";

constexpr char kSqlMemberPeriods[] = R"sql(
SELECT 'regions/' || region_code || '/communities/' || community_id AS community,
       'regions/' || region_code || '/persons/' || person_id AS person,
       'regions/' || region_code || '/memberships/' || id AS name, role,
       start_date - DATE '1970-01-01' AS first, end_date - DATE '1970-01-01' AS last
  FROM membership
 WHERE region_code = $1 AND community_id = ANY($2::uuid[]) AND delete_time IS NULL
)sql";

constexpr char kSqlRoster[] = R"sql(
SELECT 'regions/' || region_code || '/persons/' || person_id AS person, role
  FROM membership
 WHERE region_code = $1 AND community_id = $2::uuid AND delete_time IS NULL
   AND start_date <= $3::date AND coalesce(end_date, 'infinity') >= $3::date
)sql";

constexpr char kSqlMeetings[] = R"sql(
SELECT 'regions/' || region_code || '/meetings/' || id AS name,
       'regions/' || region_code || '/communities/' || community_id AS community,
       'regions/' || region_code || '/organisations/' || organisation_id AS organisation,
       state, held_date - DATE '1970-01-01' AS held
  FROM meeting
 WHERE region_code = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL
   FOR SHARE
)sql";

constexpr char kSqlOpenDecisions[] = R"sql(
SELECT count(*) FROM meeting_decision
 WHERE region_code = $1 AND meeting_id = $2::uuid AND state = 'ASSIGNED' AND delete_time IS NULL
)sql";

template <class Enum, class Parse>
Enum EnumOf(Parse parse, std::string_view prefix, const char* value) {
  Enum found{};
  (void)parse(absl::StrCat(std::string(prefix), value), &found);
  return found;
}

CommunityFacts FactsOf(const pqxx::row& row) {
  CommunityFacts facts;
  facts.organisation = row["organisation"].c_str();
  facts.parent = row["parent"].c_str();
  facts.title = row["title"].c_str();
  facts.kind = EnumOf<v1::CommunityKind>(
      [](const std::string& n, auto* v) { return v1::CommunityKind_Parse(n, v); },
      "COMMUNITY_KIND_", row["kind"].c_str());
  facts.act = EnumOf<v1::RegulationAct>(
      [](const std::string& n, auto* v) { return v1::RegulationAct_Parse(n, v); },
      "REGULATION_ACT_", row["act"].c_str());
  facts.state = EnumOf<v1::Community::State>(
      [](const std::string& n, auto* v) { return v1::Community::State_Parse(n, v); }, "STATE_",
      row["state"].c_str());
  (void)absl::SimpleAtoi(row["quorum_percent"].c_str(), &facts.quorum_percent);
  facts.deleted = row["deleted"].c_str()[0] == 't';
  return facts;
}

}  // namespace

absl::StatusOr<absl::flat_hash_map<std::string, CommunityFacts>> FindCommunities(
    pg::Tx& tx, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, CommunityFacts> found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlCommunities, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) found.emplace(row["name"].c_str(), FactsOf(row));
  }
  return found;
}

absl::StatusOr<PeriodBook> ReadMembershipPeriods(pg::Tx& tx,
                                                 const std::vector<std::string>& communities) {
  PeriodBook book;
  for (const auto& [region, ids] : IdsByRegion(communities)) {
    auto rows = tx.Query(kSqlMemberPeriods, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      Period period{.first = 0};
      (void)absl::SimpleAtoi(row["first"].c_str(), &period.first);
      if (!absl::SimpleAtoi(row["last"].c_str(), &period.last)) period.last = Period::kOpen;
      const std::string community = row["community"].c_str();
      book.Put(absl::StrCat(community, "|", row["person"].c_str()), row["name"].c_str(), period);
      if (std::string_view(row["role"].c_str()) == "CHAIR") {
        book.Put(absl::StrCat(community, "|"), row["name"].c_str(), period);
      }
    }
  }
  return book;
}

absl::StatusOr<Roster> ReadRoster(pg::Tx& tx, const std::string& community,
                                  const google::type::Date& day) {
  auto rows = tx.Query(kSqlRoster, RegionOf(community), IdOf(community), ToIso(day));
  if (!rows.ok()) return rows.status();
  Roster roster;
  for (const auto& row : *rows) {
    roster.members.insert(row["person"].c_str());
    if (std::string_view(row["role"].c_str()) == "CHAIR") roster.chair = row["person"].c_str();
  }
  return roster;
}

absl::StatusOr<absl::flat_hash_map<std::string, MeetingFacts>> FindMeetings(
    pg::Tx& tx, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, MeetingFacts> found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlMeetings, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      MeetingFacts facts;
      facts.community = row["community"].c_str();
      facts.organisation = row["organisation"].c_str();
      (void)v1::Meeting::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &facts.state);
      int day = 0;
      if (absl::SimpleAtoi(row["held"].c_str(), &day))
        facts.held = absl::CivilDay(1970, 1, 1) + day;
      found.emplace(row["name"].c_str(), std::move(facts));
    }
  }
  return found;
}

absl::StatusOr<int> CountOpenDecisions(pg::Tx& tx, const std::string& meeting) {
  auto rows = tx.Query(kSqlOpenDecisions, RegionOf(meeting), IdOf(meeting));
  if (!rows.ok()) return rows.status();
  int count = 0;
  (void)absl::SimpleAtoi((*rows)[0][0].c_str(), &count);
  return count;
}

}  // namespace rsnms::registry
