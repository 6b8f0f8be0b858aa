#include "services/programs/enrolment/ending_store.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
#include "services/programs/provider_rights.h"

namespace rsnms::programs::ending_store {
namespace {

using Pending = resource::Engine::Pending;
using resource::Table;
using v1::Completion;
using v1::Enrolment;

constexpr char kEnrolmentType[] = "programs.rsnms/Enrolment";

// Who teaches each programme, or else the group: the place, from 1, and the body.
constexpr char kSqlProviders[] = R"sql(
  SELECT w.place::int, coalesce(p.provider_id, g.provider_id)::text
    FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS w (programme_id, group_id, place)
    JOIN programme p ON p.region_code = $1 AND p.id = w.programme_id
    LEFT JOIN learner_group g ON g.region_code = $1 AND g.id = nullif(w.group_id, '')::uuid
   WHERE p.provider_id IS NOT NULL OR g.provider_id IS NOT NULL)sql";

constexpr char kWhereEnrolment[] =
    "region_code = $1 AND enrolment_id = $2::uuid AND delete_time IS NULL FOR UPDATE";

constexpr char kSqlInForce[] = R"sql(
  SELECT id::text FROM certificate
   WHERE region_code = $1 AND completion_id = $2::uuid AND state = 'ISSUED' LIMIT 1)sql";

constexpr char kSqlInPractice[] = R"sql(
  SELECT count(*) FROM practice_acceptance
   WHERE region_code = $1 AND completion_id = $2::uuid AND state = 'ACCEPTED'
     AND delete_time IS NULL)sql";

// Nothing that is in force rests on the completion.
absl::Status CheckUnused(pg::Tx& tx, const std::string& region, const Completion& completion) {
  auto in_force = tx.Query(kSqlInForce, region, IdOf(completion.name()));
  if (!in_force.ok()) return in_force.status();
  if (!in_force->empty()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_CERTIFICATE_IN_FORCE,
                      "a certificate of the completion is in force: revoke it first")
        .Resource("programs.rsnms/Certificate",
                  NameOf(region, "certificates", (*in_force)[0][0].c_str()));
  }
  auto practice = tx.Query(kSqlInPractice, region, IdOf(completion.name()));
  if (!practice.ok()) return practice.status();
  if ((*practice)[0][0].as<int>() == 0) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_LEARNING_IN_PRACTICE,
                    "what was accepted into practice rests on the completion")
      .With("acceptances", (*practice)[0][0].c_str());
}

bool Ended(Enrolment::State state) {
  return state == Enrolment::STATE_COMPLETED || state == Enrolment::STATE_FAILED;
}

// Whether the step says what became of learning, or takes that back.
bool Tells(const Pending& row) {
  if (row.before == nullptr || !row.status.ok()) return false;
  const auto was = static_cast<const Enrolment*>(row.before)->state();
  const auto is = static_cast<const Enrolment*>(row.after)->state();
  return was != is && (Ended(is) || (Ended(was) && is == Enrolment::STATE_VOID));
}

}  // namespace

absl::Status CheckRights(pg::Tx& tx, std::vector<Pending>& rows) {
  std::vector<Pending*> told;
  for (Pending& row : rows) {
    if (Tells(row)) told.push_back(&row);
  }
  if (told.empty()) return absl::OkStatus();
  auto scopes = provider_rights::ScopesOf(tx);
  if (!scopes.ok()) return scopes.status();
  const auto enrolment = [&](size_t i) -> const Enrolment& {
    return static_cast<const Enrolment&>(*told[i]->after);
  };
  const std::string region(RegionOf(enrolment(0).name()));
  std::vector<std::string> programmes, groups;
  for (size_t i = 0; i < told.size(); ++i) {
    programmes.emplace_back(IdOf(enrolment(i).programme()));
    groups.emplace_back(enrolment(i).group().empty() ? "" : IdOf(enrolment(i).group()));
  }
  std::vector<std::string> providers(told.size());
  auto read = tx.Unscoped(region, [&]() -> absl::Status {
    auto found = tx.Query(kSqlProviders, region, programmes, groups);
    if (!found.ok()) return found.status();
    for (const auto& row : *found) {
      providers[row[0].as<int>() - 1] = NameOf(region, "organisations", row[1].c_str());
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  for (size_t i = 0; i < told.size(); ++i) {
    const std::string& learner = enrolment(i).person();
    told[i]->status = providers[i].empty()
                          ? provider_rights::CheckOther(*scopes, learner)
                          : provider_rights::Check(*scopes, providers[i], learner, kEnrolmentType,
                                                   enrolment(i).name());
  }
  return absl::OkStatus();
}

absl::Status TakeBack(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                      const Enrolment& enrolment) {
  const std::string region(RegionOf(enrolment.name()));
  const Table<Completion> completions(engine);
  return tx.Unscoped(region, [&]() -> absl::Status {
    auto found = completions.Select(tx, kWhereEnrolment, region, IdOf(enrolment.name()));
    if (!found.ok()) return found.status();
    for (const Completion& before : *found) {
      if (auto s = CheckUnused(tx, region, before); !s.ok()) return s;
      Completion after = before;
      after.set_voided(true);
      *after.mutable_void_date() = enrolment.state_date();
      if (auto s = completions.Update(tx, author, before, after); !s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::programs::ending_store
