#include "services/registry/life/relocation.h"

#include <map>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/life/bodies.h"
#include "services/registry/life/dated_records.h"
#include "services/registry/life/life_rules.h"
#include "services/registry/life/life_store.h"
#include "services/registry/municipality_copies.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using Names = std::vector<std::string>;

constexpr size_t kMostBodies = 500;
constexpr size_t kMostEffects = 100'000;

constexpr char kSqlBodiesIn[] = R"sql(
SELECT id FROM organisation
 WHERE region_code = $1 AND municipality_id = ANY($2::text[]) AND delete_time IS NULL
   AND closed_date IS NULL
 ORDER BY id
 LIMIT $3
)sql";

absl::Status TooMany() {
  return rpc::InvalidField("organisations", options::v1::COMMON_REASON_OUT_OF_RANGE,
                           absl::StrCat("a move takes at most ", kMostBodies, " bodies and ",
                                        kMostEffects, " records: make several"),
                           "слишком много организаций или записей: разделите перевод на части");
}

// Who moves: those named, and those that work in the municipalities named.
absl::StatusOr<Names> BodiesOf(pg::Tx& tx, const v1::RelocateOrganisationsRequest& request) {
  const std::string region = RegionOf(request.parent());
  Names bodies(request.organisations().begin(), request.organisations().end()), codes;
  for (const std::string& from : request.from_municipalities()) {
    if (RegionOf(from) != region || from == request.municipality()) {
      return rpc::InvalidField("from_municipalities", options::v1::COMMON_REASON_INVALID_NAME,
                               "must lie in the parent and differ from `municipality`");
    }
    codes.push_back(IdOf(from));
  }
  if (!codes.empty()) {
    auto rows = tx.Query(kSqlBodiesIn, region, codes, static_cast<int64_t>(kMostBodies) + 1);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows)
      bodies.push_back(absl::StrCat("regions/", region, "/organisations/", row[0].c_str()));
  }
  if (bodies.empty()) {
    return rpc::InvalidField("organisations", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "nobody moves", "укажите организации, которые переходят");
  }
  if (bodies.size() > kMostBodies) return TooMany();
  if (auto s = CheckDistinct(bodies); !s.ok()) return s;
  return bodies;
}

// The living records of a body that carry its municipality follow it; posts and teams have their
// own way, deleted records take it when they come back.
absl::Status FollowAll(Ledger& ledger, const v1::Organisation& body, const std::string& to,
                       bool dated_too) {
  for (const MunicipalityCopy& copy : MunicipalityCopies(ledger.engine())) {
    const auto* type = copy.type->descriptor();
    if (!dated_too && (type == kEmployments.type || type == kTeams.type)) continue;
    Records rows;
    auto s = resource::RowsOf(ledger.engine(), type)
                 .Select(ledger.tx(),
                         absl::StrCat("region_code = $1 AND delete_time IS NULL AND ",
                                      copy.body->sql, " = $2::uuid AND ", copy.municipality->sql,
                                      " IS NOT DISTINCT FROM nullif($3::text, '') "
                                      "ORDER BY id FOR UPDATE"),
                         pg::Params::Of(RegionOf(body.name()), IdOf(body.name()),
                                        body.municipality().empty() ? std::string()
                                                                    : IdOf(body.municipality())),
                         [&] { return rows.emplace_back(copy.type->New()).get(); });
    if (!s.ok()) return s;
    for (const auto& row : rows) {
      const std::unique_ptr<Message> after(row->New());
      after->CopyFrom(*row);
      after->GetReflection()->SetString(after.get(), copy.municipality->field, to);
      if (s = ledger.Rewrite(*row, after.get()); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

absl::Status MoveBody(Ledger& ledger, const v1::Organisation& body, const std::string& to,
                      absl::CivilDay day) {
  if (body.municipality() == to) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_MUNICIPALITY_IN_USE, "the body lies there already")
        .With("organisation", body.name())
        .Russian("Организация уже относится к этому муниципальному образованию.");
  }
  if (auto s = MayChange(body, day, true); !s.ok()) return s;
  auto earlier = FormerMunicipalities(ledger.tx(), ledger.engine(), body.name());
  if (!earlier.ok()) return earlier.status();
  auto former = FormerMunicipality(body, *earlier, day);
  if (!former.ok()) return former.status();
  former->set_name(absl::StrCat("regions/", RegionOf(body.name())));
  if (auto s = ledger.Insert(&*former); !s.ok()) return s;
  v1::Organisation moved = body;
  moved.set_municipality(to);
  if (auto s = ledger.Update(body, &moved); !s.ok()) return s;
  // Posts and teams are counted by municipality on a date: they end and go on.
  for (const DatedKind* kind : {&kEmployments, &kTeams}) {
    auto records = LastingRecords(ledger, *kind, body.name(), day);
    if (!records.ok()) return records.status();
    if (auto s = HandOver(ledger, *kind, *std::move(records), body.name(), day); !s.ok()) return s;
  }
  return FollowAll(ledger, body, to, false);
}

absl::Status SameSums(const std::vector<v1::OrganisationSums>& before,
                      const std::vector<v1::OrganisationSums>& after) {
  for (size_t i = 0; i < before.size(); ++i) {
    if (google::protobuf::util::MessageDifferencer::Equals(before[i], after[i])) continue;
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_SUMS_DIFFER,
                      "the sums before and after the move differ")
        .With("before", before[i].ShortDebugString())
        .With("after", after[i].ShortDebugString());
  }
  return absl::OkStatus();
}

v1::OrganisationChange Describe(const v1::RelocateOrganisationsRequest& request,
                                const Names& bodies) {
  v1::OrganisationChange change;
  change.set_name(request.parent());
  change.set_kind(v1::ORGANISATION_CHANGE_KIND_RELOCATION);
  change.set_state(v1::ORGANISATION_CHANGE_STATE_APPLIED);
  *change.mutable_change_date() = request.change_date();
  change.set_basis_document(request.basis_document());
  change.set_municipality(request.municipality());
  for (const std::string& body : bodies) {
    change.add_sources(body);
    change.add_targets(body);
  }
  return change;
}

}  // namespace

absl::StatusOr<v1::OrganisationChange> Relocate(Ledger& ledger,
                                                const v1::RelocateOrganisationsRequest& request) {
  const std::string region = RegionOf(request.parent());
  const absl::CivilDay day = ToCivil(request.change_date());
  auto names = BodiesOf(ledger.tx(), request);
  if (!names.ok()) return names.status();
  auto bodies = HoldBodies(ledger, region, *names);
  if (!bodies.ok()) return bodies.status();
  auto before = SumUp(ledger.tx(), region, *names, {}, day);
  if (!before.ok()) return before.status();
  for (const auto& [name, body] : *bodies) {
    if (auto s = MoveBody(ledger, body, request.municipality(), day); !s.ok()) return s;
    if (ledger.effects().size() > kMostEffects) return TooMany();
  }
  auto after = SumUp(ledger.tx(), region, *names, {}, day);
  if (!after.ok()) return after.status();
  if (auto s = SameSums(*before, *after); !s.ok()) return s;
  v1::OrganisationChange change = Describe(request, *names);
  *change.mutable_sums() = (*after)[kOnTheDay];
  for (const auto& effect : ledger.effects()) *change.add_effects() = effect;
  auto s = resource::Table<v1::OrganisationChange>(ledger.engine())
               .Insert(ledger.tx(), ledger.author(), change);
  if (!s.ok()) return s;
  return change;
}

absl::Status RewriteCopies(Ledger& ledger, const v1::Organisation& body,
                           const std::string& municipality) {
  return FollowAll(ledger, body, municipality, true);
}

}  // namespace rsnms::registry
