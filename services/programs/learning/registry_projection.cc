#include "services/programs/learning/registry_projection.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "rsnms/registry/v1/corporate_training.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr char kEmployment[] = "registry.rsnms/Employment";
constexpr char kTraining[] = "registry.rsnms/CorporateTraining";
constexpr char kOrganisation[] = "registry.rsnms/Organisation";

// Empty texts of these columns stand for NULL.
constexpr char kSqlEmployments[] = R"sql(
  INSERT INTO known_employment (region_code, id, person_id, organisation_id, municipality_id, category,
                                start_date, end_date)
  SELECT region, id::uuid, person::uuid, organisation::uuid, nullif(municipality, ''), category,
         first::date, nullif(last, '')::date
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS told (region, id, person, organisation, municipality, category, first, last)
  ON CONFLICT (region_code, id) DO UPDATE SET person_id = excluded.person_id,
    organisation_id = excluded.organisation_id, municipality_id = excluded.municipality_id,
    category = excluded.category, start_date = excluded.start_date, end_date = excluded.end_date)sql";

constexpr char kSqlTrainings[] = R"sql(
  INSERT INTO known_training (region_code, id, person_id, organisation_id, end_date, hours)
  SELECT region, id::uuid, person::uuid, organisation::uuid, last::date, hours::int
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS told (region, id, person, organisation, last, hours)
  ON CONFLICT (region_code, id) DO UPDATE SET person_id = excluded.person_id,
    organisation_id = excluded.organisation_id, end_date = excluded.end_date, hours = excluded.hours)sql";

constexpr char kSqlOrganisations[] = R"sql(
  INSERT INTO known_organisation (region_code, id, kind, municipality_id)
  SELECT region, id::uuid, kind, nullif(municipality, '')
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS told (region, id, kind, municipality)
  ON CONFLICT (region_code, id) DO UPDATE SET kind = excluded.kind, municipality_id = excluded.municipality_id)sql";

constexpr char kSqlForgetEmployments[] =
    "DELETE FROM known_employment k USING unnest($1::text[], $2::text[]) AS gone (region, id) "
    "WHERE k.region_code = gone.region AND k.id = gone.id::uuid";
constexpr char kSqlForgetTrainings[] =
    "DELETE FROM known_training k USING unnest($1::text[], $2::text[]) AS gone (region, id) "
    "WHERE k.region_code = gone.region AND k.id = gone.id::uuid";
constexpr char kSqlForgetOrganisations[] =
    "DELETE FROM known_organisation k USING unnest($1::text[], $2::text[]) AS gone (region, id) "
    "WHERE k.region_code = gone.region AND k.id = gone.id::uuid";

bool Gone(const feed::v1::Change& change) {
  return change.kind() == feed::v1::CHANGE_KIND_DELETED ||
         change.kind() == feed::v1::CHANGE_KIND_PURGED;
}

// Texts of rows, column by column; the first two are region and id.
struct Columns {
  explicit Columns(size_t count) : values(count) {}
  void Add(const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) values[i].push_back(row[i]);
  }
  std::vector<std::vector<std::string>> values;
};

std::string Id(const std::string& name) { return std::string(IdOf(name)); }

std::string DayOf(const google::type::Date& date) { return learning::Iso(learning::ToCivil(date)); }

// `PEDAGOGUE` of STAFF_CATEGORY_PEDAGOGUE.
template <class Enum>
std::string Short(Enum value, std::string_view prefix) {
  const auto* known =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(static_cast<int>(value));
  return known == nullptr ? "" : known->name().substr(prefix.size());
}

std::vector<std::string> RowOf(const std::string& name, const registry::v1::Employment& post) {
  return {std::string(RegionOf(name)), Id(name),
          Id(post.person()),           Id(post.organisation()),
          Id(post.municipality()),     Short(post.category(), "STAFF_CATEGORY_"),
          DayOf(post.start_date()),    post.has_end_date() ? DayOf(post.end_date()) : ""};
}

std::vector<std::string> RowOf(const std::string& name,
                               const registry::v1::CorporateTraining& training) {
  return {std::string(RegionOf(name)), Id(name),
          Id(training.person()),       Id(training.organisation()),
          DayOf(training.end_date()),  Cat(training.hours())};
}

std::vector<std::string> RowOf(const std::string& name, const registry::v1::Organisation& body) {
  return {std::string(RegionOf(name)), Id(name), Short(body.kind(), "ORGANISATION_KIND_"),
          Id(body.municipality())};
}

// Writes the last image of each resource of one type.
template <class R>
absl::Status Keep(pg::Tx& tx, const std::vector<feed::v1::Change>& changes, std::string_view type,
                  size_t columns, std::string_view sql, std::string_view forget) {
  std::map<std::string, const feed::v1::Change*> latest;
  for (const auto& change : changes) {
    if (change.resource_type() == type) latest[change.resource()] = &change;
  }
  Columns kept(columns), gone(2);
  for (const auto& [name, change] : latest) {
    R image;
    const bool there =
        !Gone(*change) && change->image().UnpackTo(&image) && !image.has_delete_time();
    if (there) {
      kept.Add(RowOf(name, image));
    } else {
      gone.Add({std::string(RegionOf(name)), Id(name)});
    }
  }
  if (!gone.values[0].empty()) {
    auto done = tx.Query(forget, gone.values[0], gone.values[1]);
    if (!done.ok()) return done.status();
  }
  if (kept.values[0].empty()) return absl::OkStatus();
  pg::Params params;
  for (const auto& column : kept.values) params.Add(column);
  return tx.Query(sql, params).status();
}

}  // namespace

absl::Status ApplyRegistryChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
  auto s = Keep<registry::v1::Organisation>(tx, changes, kOrganisation, 4, kSqlOrganisations,
                                            kSqlForgetOrganisations);
  if (!s.ok()) return s;
  s = Keep<registry::v1::Employment>(tx, changes, kEmployment, 8, kSqlEmployments,
                                     kSqlForgetEmployments);
  if (!s.ok()) return s;
  return Keep<registry::v1::CorporateTraining>(tx, changes, kTraining, 6, kSqlTrainings,
                                               kSqlForgetTrainings);
}

absl::Status ForgetRegistry(pg::Tx& tx) {
  for (const char* table : {"known_employment", "known_training", "known_organisation"}) {
    if (auto done = tx.Query(Cat("DELETE FROM ", table), pg::Params()); !done.ok()) {
      return done.status();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> IsRegistryKnown(pg::Tx& tx) {
  auto rows = tx.Query("SELECT FROM feed_cursor WHERE source = $1 AND name = $2 AND epoch <> ''",
                       kRegistrySource, kRegistryConsumer);
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

std::unique_ptr<feed::Consumer> FollowRegistry(resource::Engine& engine,
                                               std::shared_ptr<rpc::Client> registry,
                                               observe::Metrics* metrics,
                                               std::function<absl::Status(pg::Tx&)> placed) {
  if (placed != nullptr) {
    pg::TxOptions everything;
    everything.scopes = "*";
    (void)engine.pool().Run(everything, placed);  // what fails now is done after the next batch
  }
  feed::ConsumerOptions options;
  options.name = kRegistryConsumer;
  options.source = kRegistrySource;
  options.metrics = metrics;
  for (const char* type : {kOrganisation, kEmployment, kTraining}) {
    options.selector.add_resource_types(type);
  }
  const auto apply = [placed = std::move(placed)](pg::Tx& tx,
                                                  const std::vector<feed::v1::Change>& changes) {
    auto status = ApplyRegistryChanges(tx, changes);
    const bool told = std::any_of(
        changes.begin(), changes.end(),
        [](const feed::v1::Change& change) { return change.resource_type() == kOrganisation; });
    return status.ok() && told && placed != nullptr ? placed(tx) : status;
  };
  return feed::Consumer::Start(&engine.pool(), std::move(registry), options, apply, ForgetRegistry);
}

}  // namespace rsnms::programs
