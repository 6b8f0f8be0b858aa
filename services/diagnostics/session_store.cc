#include "services/diagnostics/session_store.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/campaign_rules.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/open_deficits.h"
#include "services/diagnostics/session_rules.h"

namespace rsnms::diagnostics {
namespace {

constexpr std::string_view kSqlHoldShared =
    "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 8601))";
constexpr std::string_view kSqlHoldExclusive =
    "SELECT pg_advisory_xact_lock(hashtextextended($1, 8601))";

// Fields of a result that come from its session.
v1::Result ResultOf(const v1::Session& session, const Sheet& sheet) {
  v1::Result result;
  result.set_name(ResultName(session.name()));
  result.set_session(session.name());
  result.set_campaign(session.campaign());
  result.set_instrument(session.instrument());
  result.set_person(session.person());
  result.set_organisation(session.organisation());
  result.set_municipality(session.municipality());
  result.set_category(session.category());
  *result.mutable_submit_date() = session.submit_date();
  result.set_held_at_centre(session.held_at_centre());
  Score(sheet, session.answers(), result);
  return result;
}

absl::Status AlreadyDiagnosed(std::string_view path) {
  return rpc::Error(absl::StatusCode::kAlreadyExists, v1::DIAGNOSTICS_REASON_ALREADY_DIAGNOSED,
                    "the person has a session with this instrument in this campaign")
      .Field(path, "has a session already", "уже проходит эту диагностику");
}

absl::Status CheckReferences(const v1::Session& session, std::string_view region,
                             std::string_view path) {
  const auto check = [&](std::string_view field, const std::string& value) -> absl::Status {
    if (RegionOf(value) == region && !IdOf(value).empty()) return absl::OkStatus();
    return rpc::InvalidField(resource::Cat(path, ".", field),
                             value.empty() ? options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING
                                           : options::v1::COMMON_REASON_INVALID_NAME,
                             "must name a resource of the region",
                             "должно называть запись этого региона");
  };
  if (auto s = check("instrument", session.instrument()); !s.ok()) return s;
  if (auto s = check("person", session.person()); !s.ok()) return s;
  return check("organisation", session.organisation());
}

// What a batch finds stored already, by name.
using Stored = absl::flat_hash_map<std::string, v1::Session>;

absl::StatusOr<Stored> LoadStored(const resource::Table<v1::Session>& table, pg::Tx& tx,
                                  std::string_view region,
                                  const std::vector<v1::Session>& sessions) {
  std::vector<std::string> ids;
  ids.reserve(sessions.size());
  for (const auto& s : sessions) ids.emplace_back(IdOf(s.name()));
  auto rows = table.Select(tx, "region_code = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE",
                           region, ids);
  if (!rows.ok()) return rows.status();
  Stored stored;
  for (auto& row : *rows) {
    std::string name = row.name();
    stored.emplace(std::move(name), std::move(row));
  }
  return stored;
}

}  // namespace

absl::StatusOr<v1::Campaign> SessionStore::HoldOpen(pg::Tx& tx, const std::string& campaign) {
  if (auto held = tx.Query(kSqlHoldShared, campaign); !held.ok()) return held.status();
  return campaigns_.Get(tx, campaign);
}

absl::Status SessionStore::HoldForClosing(pg::Tx& tx, const std::string& campaign) {
  return tx.Query(kSqlHoldExclusive, campaign).status();
}

absl::Status SessionStore::Start(pg::Tx& tx, const journal::Author& author, std::string_view region,
                                 const google::type::Date& today, v1::Session& session) {
  if (auto s = CheckReferences(session, region, "session"); !s.ok()) return s;
  auto campaign = HoldOpen(tx, session.campaign());
  if (!campaign.ok()) return campaign.status();
  if (auto s = CheckTakes(*campaign, session.instrument(), today); !s.ok()) return s;
  auto sheet = sheets_.Get(tx, session.instrument());
  if (!sheet.ok()) return sheet.status();
  if (auto s = CheckAnswers(**sheet, session.answers(), "session.answers"); !s.ok()) return s;
  session.set_name(SessionName(region, session.campaign(), session.instrument(), session.person()));
  session.set_state(v1::Session::STATE_IN_PROGRESS);
  session.clear_submit_date();
  session.set_held_at_centre(campaign->held_at_centre());
  if (sessions_.Get(tx, session.name()).ok()) return AlreadyDiagnosed("session.person");
  return sessions_.Insert(tx, author, session);
}

absl::Status SessionStore::CheckSaving(pg::Tx& tx, const v1::Session& session) {
  auto campaign = HoldOpen(tx, session.campaign());
  if (!campaign.ok()) return campaign.status();
  if (auto s = CheckTakes(*campaign, session.instrument(), campaign->start_date()); !s.ok()) {
    return s;
  }
  auto sheet = sheets_.Get(tx, session.instrument());
  if (!sheet.ok()) return sheet.status();
  return CheckAnswers(**sheet, session.answers(), "answers");
}

absl::StatusOr<v1::Result> SessionStore::Submit(pg::Tx& tx, const journal::Author& author,
                                                const v1::Session& before,
                                                const google::type::Date& day) {
  auto campaign = HoldOpen(tx, before.campaign());
  if (!campaign.ok()) return campaign.status();
  v1::Session after = before;
  if (auto s = Move(SessionAction::kSubmit, after); !s.ok()) return s;
  if (auto s = CheckTakes(*campaign, before.instrument(), day); !s.ok()) return s;
  auto sheet = sheets_.Get(tx, before.instrument());
  if (!sheet.ok()) return sheet.status();
  if (auto s = CheckComplete(**sheet, after.answers()); !s.ok()) return s;
  *after.mutable_submit_date() = day;
  if (auto s = sessions_.Update(tx, author, before, after); !s.ok()) return s;
  v1::Result result = ResultOf(after, **sheet);
  if (auto s = results_.Insert(tx, author, result); !s.ok()) return s;
  return result;
}

absl::Status SessionStore::Complete(pg::Tx& tx, const v1::Campaign& campaign,
                                    std::string_view region, int i, const google::type::Date& day,
                                    v1::Session& session) {
  const std::string path = resource::Cat("sessions[", i, "]");
  if (auto s = CheckReferences(session, region, path); !s.ok()) return s;
  if (auto s = CheckTakes(campaign, session.instrument(), day); !s.ok()) return s;
  auto sheet = sheets_.Get(tx, session.instrument());
  if (!sheet.ok()) return sheet.status();
  if (auto s = CheckAnswers(**sheet, session.answers(), resource::Cat(path, ".answers")); !s.ok()) {
    return s;
  }
  if (auto s = CheckComplete(**sheet, session.answers()); !s.ok()) return s;
  session.set_campaign(campaign.name());
  session.set_name(SessionName(region, campaign.name(), session.instrument(), session.person()));
  session.set_state(v1::Session::STATE_SUBMITTED);
  *session.mutable_submit_date() = day;
  session.set_held_at_centre(campaign.held_at_centre());
  return absl::OkStatus();
}

absl::Status SessionStore::SubmitMany(pg::Tx& tx, const journal::Author& author,
                                      const v1::BatchSubmitSessionsRequest& request,
                                      const google::type::Date& day,
                                      v1::BatchSubmitSessionsResponse* response) {
  response->Clear();
  const std::string_view region = RegionOf(request.parent());
  auto campaign = HoldOpen(tx, request.campaign());
  if (!campaign.ok()) return campaign.status();
  std::vector<v1::Session> sessions(request.sessions().begin(), request.sessions().end());
  absl::flat_hash_set<std::string> seen;
  for (size_t i = 0; i < sessions.size(); ++i) {
    if (auto s = Complete(tx, *campaign, region, static_cast<int>(i), day, sessions[i]); !s.ok()) {
      return s;
    }
    if (!seen.insert(sessions[i].name()).second) {
      return AlreadyDiagnosed(resource::Cat("sessions[", i, "].person"));
    }
    response->add_results(ResultName(sessions[i].name()));
  }
  auto stored = LoadStored(sessions_, tx, region, sessions);
  if (!stored.ok()) return stored.status();
  std::vector<v1::Session> fresh;
  std::vector<v1::Result> results;
  for (auto& session : sessions) {
    const auto it = stored->find(session.name());
    if (it != stored->end() && it->second.state() == v1::Session::STATE_SUBMITTED &&
        SameAnswers(it->second.answers(), session.answers())) {
      response->set_unchanged_count(response->unchanged_count() + 1);
      continue;
    }
    if (it != stored->end()) {  // begun before: its place of work is the one it was begun with
      v1::Session& begun = it->second;
      if (auto s = Move(SessionAction::kSubmit, begun); !s.ok()) return s;
      begun.mutable_answers()->Swap(session.mutable_answers());
      *begun.mutable_submit_date() = day;
      session = begun;
    }
    results.push_back(ResultOf(session, **sheets_.Get(tx, session.instrument())));
    fresh.push_back(std::move(session));
  }
  response->set_submitted_count(static_cast<int>(fresh.size()));
  if (fresh.empty()) return absl::OkStatus();
  if (auto merged = sessions_.Merge(tx, author, fresh); !merged.ok()) return merged.status();
  return results_.Merge(tx, author, results).status();
}

absl::Status SessionStore::AnnulRest(pg::Tx& tx, const journal::Author& author,
                                     const v1::Campaign& campaign) {
  auto rows = sessions_.Select(tx,
                               "region_code = $1 AND campaign_id = $2::uuid AND "
                               "state = 'IN_PROGRESS' ORDER BY id FOR UPDATE",
                               RegionOf(campaign.name()), IdOf(campaign.name()));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  for (auto& session : *rows) {
    if (auto s = Move(SessionAction::kAnnul, session); !s.ok()) return s;
  }
  return sessions_.Merge(tx, author, *rows).status();
}

absl::Status SessionStore::Summarize(pg::Tx& tx, std::string_view region,
                                     std::string_view campaign_id,
                                     v1::SummarizeCampaignResponse* response) {
  constexpr std::string_view kSqlSessions =
      "SELECT state, count(*) FROM session WHERE region_code = $1 AND campaign_id = $2::uuid "
      "GROUP BY state ORDER BY state";
  constexpr std::string_view kSqlDiagnosed =
      "SELECT count(DISTINCT person_id) FROM session WHERE region_code = $1 AND "
      "campaign_id = $2::uuid AND state = 'SUBMITTED'";
  constexpr std::string_view kSqlRoutes =
      "SELECT state, count(*) FROM route WHERE region_code = $1 AND campaign_id = $2::uuid "
      "GROUP BY state ORDER BY state";
  // Small cells would tell about persons: under five is nothing. A person may have several results.
  constexpr std::string_view kSqlDeficits =
      "SELECT score->>'competency_code', count(DISTINCT person_id) "
      "FROM result, jsonb_array_elements(scores) score "
      "WHERE region_code = $1 AND campaign_id = $2::uuid "
      "AND score->>'severity' IN ('SEVERITY_MODERATE', 'SEVERITY_SEVERE') "
      "GROUP BY 1 HAVING count(DISTINCT person_id) >= 5 ORDER BY 2 DESC, 1";
  const auto counts = [&](std::string_view sql, auto* out) -> absl::Status {
    auto rows = tx.Query(sql, region, campaign_id);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      auto& count = *out->Add();
      count.set_label(row[0].c_str());
      count.set_count(row[1].as<int64_t>());
    }
    return absl::OkStatus();
  };
  if (auto s = counts(kSqlSessions, response->mutable_sessions()); !s.ok()) return s;
  if (auto s = counts(kSqlRoutes, response->mutable_routes()); !s.ok()) return s;
  if (auto s = counts(kSqlDeficits, response->mutable_deficits()); !s.ok()) return s;
  auto diagnosed = tx.Query(kSqlDiagnosed, region, campaign_id);
  if (!diagnosed.ok()) return diagnosed.status();
  response->set_diagnosed_count((*diagnosed)[0][0].as<int64_t>());
  return absl::OkStatus();
}

absl::Status SessionStore::MapDeficits(pg::Tx& tx, const v1::MapDeficitsRequest& request,
                                       v1::MapDeficitsResponse* response) {
  constexpr std::string_view kSqlMap =
      "SELECT unit, score->>'competency_code' AS code, count(DISTINCT person_id), "
      "count(DISTINCT person_id) FILTER "
      "(WHERE score->>'severity' IN ('SEVERITY_MODERATE', 'SEVERITY_SEVERE')) "
      "FROM (SELECT CASE WHEN $3 THEN organisation_id::text ELSE municipality_id END AS unit, "
      "person_id, scores "
      "FROM result WHERE region_code = $1 AND campaign_id = $2::uuid) AS r, "
      "jsonb_array_elements(scores) score "
      "WHERE unit IS NOT NULL AND coalesce(score->>'severity', '') NOT IN ('', "
      "'SEVERITY_UNSPECIFIED') "
      "GROUP BY 1, 2 HAVING count(DISTINCT person_id) >= $4 ORDER BY 1, 2";
  const bool organisations = request.unit() == v1::DEFICIT_MAP_UNIT_ORGANISATION;
  const std::string_view region = RegionOf(request.name());
  auto rows = tx.Query(kSqlMap, region, IdOf(request.name()), organisations, kSmallCell);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    auto& out = *response->add_rows();
    out.set_unit(resource::Cat("regions/", region,
                               organisations ? "/organisations/" : "/municipalities/",
                               row[0].c_str()));
    out.set_competency_code(row[1].c_str());
    const int64_t assessed = row[2].as<int64_t>(), deficits = row[3].as<int64_t>();
    out.set_assessed_count(assessed);
    out.set_suppressed((deficits > 0 && deficits < kSmallCell) ||
                       (assessed > deficits && assessed - deficits < kSmallCell));
    if (!out.suppressed()) out.set_deficit_count(deficits);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::diagnostics
