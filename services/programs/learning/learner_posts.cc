#include "services/programs/learning/learner_posts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/learning/registry_projection.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"
#include "services/programs/provider_rights.h"

namespace rsnms::programs::learner_posts {
namespace {

using Pending = resource::Engine::Pending;
using v1::Enrolment;

// $2 people, by any name the feed gave them, $3 bodies, $4 first days, $5 groups or empty texts; $6
// today. The place, from 1, of each who has a post there, with the municipalities of the posts and
// the provider of the group.
constexpr char kSqlPosts[] = R"sql(
  SELECT w.place::int, coalesce(array_agg(DISTINCT e.municipality_id)
                                  FILTER (WHERE e.municipality_id IS NOT NULL), '{}')::text,
         coalesce(max(g.provider_id::text), '')
    FROM unnest($2::text[], $3::uuid[], $4::date[], $5::text[])
           WITH ORDINALITY AS w (person_id, organisation_id, first_date, group_id, place)
    LEFT JOIN redirected r ON r.region_code = $1 AND r.target_type = 'registry.rsnms/Person'
      AND r.original_id = w.person_id
    JOIN known_employment e ON e.region_code = $1 AND e.organisation_id = w.organisation_id
      AND e.person_id::text IN (w.person_id, r.present_id)
      AND e.start_date <= greatest(w.first_date, $6::date)
      AND (e.end_date IS NULL OR e.end_date >= least(w.first_date, $6::date))
    LEFT JOIN learner_group g ON g.region_code = $1 AND g.id = nullif(w.group_id, '')::uuid
   GROUP BY w.place)sql";

const Enrolment& Of(const Pending& row) { return static_cast<const Enrolment&>(*row.after); }

// What is malformed is refused by the declared validation.
bool Asks(const Pending& row) {
  return row.status.ok() && row.before == nullptr && Of(row).transferred_from().empty() &&
         resource::IsUuid(IdOf(Of(row).person())) && resource::IsUuid(IdOf(Of(row).organisation()));
}

absl::Status NotEmployed() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_LEARNER_NOT_EMPLOYED,
                    "the person has no post in this body that the caller may speak for")
      .Field("person", "has no post in the organisation",
             "в реестре нет его должности в этой организации");
}

bool Speaks(const std::string& scopes, const Enrolment& enrolment, const std::string& towns,
            const std::string& group_provider) {
  const std::string_view region = RegionOf(enrolment.name());
  const std::vector<std::string> municipalities = pg::FromArray(towns);
  return provider_rights::Hold(scopes, enrolment.organisation()) ||
         provider_rights::Hold(scopes, enrolment.person()) ||
         (!group_provider.empty() &&
          provider_rights::Hold(scopes, NameOf(region, "organisations", group_provider))) ||
         std::any_of(municipalities.begin(), municipalities.end(), [&](const std::string& town) {
           return provider_rights::Hold(scopes, NameOf(region, "municipalities", town));
         });
}

absl::Status Judge(pg::Tx& tx, const std::string& scopes, absl::CivilDay today,
                   const std::vector<Pending*>& asked) {
  const std::string region(RegionOf(Of(*asked.front()).name()));
  std::vector<std::string> people, bodies, days, groups;
  for (const Pending* row : asked) {
    people.emplace_back(IdOf(Of(*row).person()));
    bodies.emplace_back(IdOf(Of(*row).organisation()));
    days.push_back(learning::Iso(
        Of(*row).has_start_date() ? learning::ToCivil(Of(*row).start_date()) : today));
    groups.emplace_back(Of(*row).group().empty() ? "" : IdOf(Of(*row).group()));
  }
  std::vector<bool> speaks(asked.size());
  auto read = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlPosts, region, people, bodies, days, groups, learning::Iso(today));
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      const size_t at = row[0].as<size_t>() - 1;
      speaks[at] = Speaks(scopes, Of(*asked[at]), row[1].c_str(), row[2].c_str());
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  for (size_t i = 0; i < asked.size(); ++i) {
    if (!speaks[i]) asked[i]->status = NotEmployed();
  }
  return absl::OkStatus();
}

}  // namespace

resource::Engine::Preparation CheckBy(std::function<absl::Time()> now) {
  return [now = std::move(now)](pg::Tx& tx, std::vector<Pending>& rows) -> absl::Status {
    std::vector<Pending*> asked;
    for (Pending& row : rows) {
      if (Asks(row)) asked.push_back(&row);
    }
    if (asked.empty()) return absl::OkStatus();
    auto scopes = provider_rights::ScopesOf(tx);
    if (!scopes.ok()) return scopes.status();
    const std::string region = Cat("regions/", RegionOf(Of(*asked.front()).name()));
    if (provider_rights::Hold(*scopes, region)) return absl::OkStatus();
    auto known = IsRegistryKnown(tx);
    if (!known.ok() || !*known) return known.status();
    return Judge(tx, *scopes, LatestDay(now()), asked);
  };
}

}  // namespace rsnms::programs::learner_posts
