// What other services ask: counts of open deficits, and facts of sessions they refer to.
#include "libs/resource/names.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/batch_checks.h"
#include "services/diagnostics/diagnostics_service.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/open_deficits.h"

namespace rsnms::diagnostics {
namespace {

constexpr int kMostCampaigns = 20;

constexpr std::string_view kSqlSessions =
    "SELECT id::text, person_id::text, state, extract(year FROM submit_date)::int, "
    "extract(month FROM submit_date)::int, extract(day FROM submit_date)::int FROM session "
    "WHERE region_code = $1 AND id = ANY ($2::uuid[]) AND delete_time IS NULL ORDER BY id";

absl::Status CheckRegion(const rpc::Call& call, const std::string& parent) {
  if (auto s = CheckParent(parent); !s.ok()) return s;
  if (call.identity().TouchesRegion(RegionOf(parent))) return absl::OkStatus();
  return rpc::NotFound("registry.rsnms/Region", parent);
}

// From one to `most` names `{parent}/{collection}/{uuid}`.
absl::Status CheckNames(std::string_view parent, std::string_view field,
                        std::string_view collection, int most,
                        const google::protobuf::RepeatedPtrField<std::string>& names) {
  if (names.empty() || names.size() > most) {
    return rpc::InvalidField(field, options::v1::COMMON_REASON_OUT_OF_RANGE,
                             resource::Cat("must hold from 1 to ", most, " names"),
                             resource::Cat("укажите от 1 до ", most, " имён"));
  }
  for (int i = 0; i < names.size(); ++i) {
    const std::string_view id = IdOf(names[i]);
    if (resource::IsUuid(id) && names[i] == resource::Cat(parent, "/", collection, "/", id)) {
      continue;
    }
    return rpc::InvalidField(resource::Cat(field, "[", i, "]"),
                             options::v1::COMMON_REASON_INVALID_NAME, "must lie in the parent",
                             "запись должна принадлежать региону");
  }
  return absl::OkStatus();
}

v1::Session::State StateOf(const std::string& word) {
  v1::Session::State state = v1::Session::STATE_UNSPECIFIED;
  v1::Session::State_Parse("STATE_" + word, &state);
  return state;
}

}  // namespace

absl::Status DiagnosticsService::CountOpenDeficits(rpc::Call& call,
                                                   const v1::CountOpenDeficitsRequest& request,
                                                   v1::CountOpenDeficitsResponse* response) {
  if (auto s = CheckRegion(call, request.parent()); !s.ok()) return s;
  auto named =
      CheckNames(request.parent(), "campaigns", "campaigns", kMostCampaigns, request.campaigns());
  if (!named.ok()) return named;
  const std::string& town = request.municipality();
  if (!town.empty() && town != resource::Cat(request.parent(), "/municipalities/", IdOf(town))) {
    return rpc::InvalidField("municipality", options::v1::COMMON_REASON_INVALID_NAME,
                             "must lie in the parent", "муниципалитет должен быть из региона");
  }
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) {
    return diagnostics::CountOpenDeficits(tx, request, response);
  });
}

absl::Status DiagnosticsService::LookUpSessions(rpc::Call& call,
                                                const v1::LookUpSessionsRequest& request,
                                                v1::LookUpSessionsResponse* response) {
  if (auto s = CheckRegion(call, request.parent()); !s.ok()) return s;
  auto named = CheckNames(request.parent(), "names", "sessions", kMostOfBatch, request.names());
  if (!named.ok()) return named;
  std::vector<std::string> ids;
  for (const std::string& name : request.names()) ids.emplace_back(IdOf(name));
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto rows = tx.Query(kSqlSessions, std::string(RegionOf(request.parent())), ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      v1::SessionFact& fact = *response->add_sessions();
      fact.set_session(resource::Cat(request.parent(), "/sessions/", row[0].c_str()));
      fact.set_person(resource::Cat(request.parent(), "/persons/", row[1].c_str()));
      fact.set_state(StateOf(row[2].c_str()));
      if (row[3].is_null()) continue;
      auto& day = *fact.mutable_submit_date();
      day.set_year(row[3].as<int>());
      day.set_month(row[4].as<int>());
      day.set_day(row[5].as<int>());
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::diagnostics
