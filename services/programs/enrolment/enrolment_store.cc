#include "services/programs/enrolment/enrolment_store.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "google/rpc/error_details.pb.h"
#include "libs/resource/names.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "services/programs/certificate_number.h"
#include "services/programs/enrolment/enrolment_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::enrolment_store {
namespace {

using resource::Table;

constexpr char kEnrolmentType[] = "programs.rsnms/Enrolment";

// Held until the enrolment is written: a withdrawal under way has the last word, and a later one
// waits and finds the enrolment. The key share of a foreign key would not stop the mirror.
constexpr char kSqlProgrammes[] = R"sql(
  SELECT region_code || '/' || id::text, on_offer(programme)
  FROM programme WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE)sql";

constexpr char kSqlLiving[] = R"sql(
  SELECT e.person_id::text || '/' || e.programme_id::text
  FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS w (region_code, person_id, programme_id)
  JOIN enrolment e USING (region_code, person_id, programme_id)
  WHERE e.state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED') AND e.delete_time IS NULL)sql";

constexpr char kSqlExisting[] =
    "SELECT id::text FROM enrolment WHERE region_code = $1 AND id = ANY ($2::uuid[]) LIMIT 1";

// Places, from 1, of the numbers that a completion that stands or a certificate of the issuer
// bears.
constexpr char kSqlTaken[] = R"sql(
  SELECT w.place::text
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w (issuer_key, number_key, place)
   WHERE EXISTS (SELECT FROM completion c
                  WHERE c.region_code = $1 AND c.provider_key = w.issuer_key
                    AND c.number_key = w.number_key AND NOT c.voided)
      OR EXISTS (SELECT FROM certificate d
                  WHERE d.region_code = $1 AND d.issuer_key = w.issuer_key
                    AND d.number_key = w.number_key))sql";

constexpr char kWhereIds[] = "region_code = $1 AND id = ANY ($2::uuid[])";

absl::StatusOr<absl::flat_hash_set<std::string>> Strings(const absl::StatusOr<pqxx::result>& rows) {
  if (!rows.ok()) return rows.status();
  absl::flat_hash_set<std::string> strings;
  for (const auto& row : *rows) strings.insert(row[0].c_str());
  return strings;
}

// The rows of one table by name.
template <class R>
absl::StatusOr<absl::flat_hash_map<std::string, R>> ByName(const resource::Engine& engine,
                                                           pg::Tx& tx, std::string_view region_code,
                                                           const std::vector<std::string>& ids,
                                                           std::string_view tail = "") {
  auto rows = Table<R>(engine).Select(tx, Cat(kWhereIds, tail), region_code, ids);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, R> by_name;
  for (R& row : *rows) {
    std::string name = row.name();
    by_name.emplace(std::move(name), std::move(row));
  }
  return by_name;
}

// Whether each programme is on offer, absent ones left out: the offer is for the whole region,
// whichever body's programme it is.
absl::StatusOr<absl::flat_hash_map<std::string, bool>> Offered(
    pg::Tx& tx, std::string_view region, const std::vector<std::string>& programme_ids) {
  absl::flat_hash_map<std::string, bool> offered;
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlProgrammes, programme_ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) offered[row[0].c_str()] = row[1].as<bool>();
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return offered;
}

// False for what continues an enrolment in another group: a programme that is offered no more is
// still finished by those who learn it.
bool OwnBeginning(const resource::Engine::Pending& row) {
  return static_cast<const v1::Enrolment&>(*row.after).transferred_from().empty();
}

// The status with `prefix` before the paths of its field violations.
absl::Status Under(std::string_view prefix, const absl::Status& status) {
  google::rpc::Status proto = rpc::ToProto(status);
  for (auto& detail : *proto.mutable_details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (auto& violation : *bad.mutable_field_violations()) {
      violation.set_field(Cat(prefix, violation.field()));
    }
    detail.PackFrom(bad);
  }
  return rpc::FromProto(proto);
}

absl::Status InvalidName(std::string_view path) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                           "must be a name of the request's region, given once",
                           "имя должно принадлежать региону запроса и встречаться один раз");
}

bool IsNameOf(std::string_view name, std::string_view region_code, std::string_view collection) {
  const std::string_view id = IdOf(name);
  return resource::IsUuid(id) && name == NameOf(region_code, collection, id);
}

struct Known {
  absl::flat_hash_map<std::string, v1::Programme> programmes;
  absl::flat_hash_map<std::string, v1::Group> groups;
};

// One enrolment and what it becomes.
absl::StatusOr<v1::Completion> Complete(v1::Enrolment& enrolment,
                                        const v1::CompleteEnrolmentRequest& request,
                                        const Known& known, absl::Time now) {
  if (!request.etag().empty() && request.etag() != enrolment.etag()) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the enrolment has changed")
        .Resource(kEnrolmentType, enrolment.name());
  }
  auto programme = known.programmes.find(enrolment.programme());
  if (programme == known.programmes.end()) {
    return rpc::NotFound("programs.rsnms/Programme", enrolment.programme());
  }
  const v1::Enrolment before = enrolment;
  if (auto s = enrolment_rules::Move(enrolment, v1::Enrolment::STATE_COMPLETED, now); !s.ok()) {
    return s;
  }
  auto completion = enrolment_rules::MakeCompletion(
      before, programme->second, request.certificate_number(), request.completion_date());
  if (!completion.ok()) return completion.status();
  if (auto s = enrolment_rules::CheckCompletionDay(before, request.completion_date(), now);
      !s.ok()) {
    return s;
  }
  enrolment_rules::Conclude(before, &request.completion_date(), "", now, &enrolment);
  if (auto group = known.groups.find(enrolment.group()); group != known.groups.end()) {
    if (auto s = enrolment_rules::CheckInGroup(&before, enrolment, group->second); !s.ok()) {
      return s;
    }
  }
  completion->set_name(NameOf(RegionOf(enrolment.name()), "completions", resource::NewUuid()));
  return completion;
}

// The programmes and groups of the enrolments, whoever's they are: a certificate says what was
// learnt.
absl::StatusOr<Known> ReadKnown(const resource::Engine& engine, pg::Tx& tx,
                                std::string_view region_code,
                                const absl::flat_hash_map<std::string, v1::Enrolment>& enrolments) {
  std::vector<std::string> programme_ids, group_ids;
  for (const auto& [name, row] : enrolments) {
    programme_ids.emplace_back(IdOf(row.programme()));
    if (!row.group().empty()) group_ids.emplace_back(IdOf(row.group()));
  }
  Known known;
  auto status = tx.Unscoped(region_code, [&]() -> absl::Status {
    auto programmes = ByName<v1::Programme>(engine, tx, region_code, programme_ids);
    if (programmes.ok()) known.programmes = *std::move(programmes);
    return programmes.status();
  });
  if (!status.ok()) return status;
  if (group_ids.empty()) return known;
  auto groups = ByName<v1::Group>(engine, tx, region_code, group_ids);
  if (!groups.ok()) return groups.status();
  known.groups = *std::move(groups);
  return known;
}

// Refuses the first completion whose number its provider has already given, to a completion or to a
// document, or gives twice. Numbers are one issuer's matter, not one reader's.
absl::Status CheckNumbers(pg::Tx& tx, const Completing& completing,
                          const std::vector<v1::Completion>& completions) {
  std::vector<std::string> issuers, numbers;
  for (const v1::Completion& completion : completions) {
    issuers.push_back(completion.provider_key());
    numbers.push_back(NumberKey(completion.certificate_number()));
  }
  if (auto s = HoldNumbers(tx, completing.region_code, issuers, numbers); !s.ok()) return s;
  absl::flat_hash_set<std::string> taken, seen;
  auto status = tx.Unscoped(completing.region_code, [&] {
    auto places = Strings(tx.Query(kSqlTaken, completing.region_code, issuers, numbers));
    if (places.ok()) taken = *std::move(places);
    return places.status();
  });
  if (!status.ok()) return status;
  for (size_t i = 0; i < completions.size(); ++i) {
    const bool first = seen.insert(Cat(issuers[i], "/", numbers[i])).second;
    if (first && !taken.contains(std::to_string(i + 1))) continue;
    const std::string prefix = completing.batch ? Cat("requests[", i, "].") : "";
    return rpc::Error(absl::StatusCode::kAlreadyExists,
                      v1::PROGRAMS_REASON_CERTIFICATE_NUMBER_TAKEN,
                      "the provider has already issued this certificate number")
        .Field(Cat(prefix, "certificate_number"), "is taken", "номер уже использован");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> IdsOf(const Completing& completing) {
  std::vector<std::string> ids;
  absl::flat_hash_set<std::string> seen;
  for (size_t i = 0; i < completing.requests.size(); ++i) {
    const std::string& name = completing.requests[i]->name();
    if (!IsNameOf(name, completing.region_code, "enrolments") || !seen.insert(name).second) {
      return InvalidName(completing.batch ? Cat("requests[", i, "].name") : "name");
    }
    ids.emplace_back(IdOf(name));
  }
  return ids;
}

}  // namespace

absl::Status CheckProgrammes(pg::Tx& tx, std::vector<resource::Engine::Pending>& rows) {
  struct New {
    resource::Engine::Pending* row;
    std::string region, person, programme;
  };
  std::vector<New> created;
  std::vector<std::string> regions, persons, programmes;
  for (auto& row : rows) {
    const auto& enrolment = static_cast<const v1::Enrolment&>(*row.after);
    New one{&row, std::string(RegionOf(enrolment.name())), std::string(IdOf(enrolment.person())),
            std::string(IdOf(enrolment.programme()))};
    // What is malformed is refused by the declared validation.
    if (row.before != nullptr || !row.status.ok() || !resource::IsUuid(one.person) ||
        !resource::IsUuid(one.programme)) {
      continue;
    }
    regions.push_back(one.region);
    persons.push_back(one.person);
    programmes.push_back(one.programme);
    created.push_back(std::move(one));
  }
  if (created.empty()) return absl::OkStatus();
  auto asked = Offered(tx, created.front().region, programmes);
  if (!asked.ok()) return asked.status();
  const auto& offered = *asked;
  auto living = Strings(tx.Query(kSqlLiving, regions, persons, programmes));
  if (!living.ok()) return living.status();
  for (New& one : created) {
    auto offer = offered.find(Cat(one.region, "/", one.programme));
    if (offer == offered.end()) {
      one.row->status =
          rpc::Error(absl::StatusCode::kFailedPrecondition,
                     options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, "the programme does not exist")
              .Field("programme", "does not exist", "программа не найдена");
    } else if (!offer->second && OwnBeginning(*one.row)) {
      one.row->status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                                   v1::PROGRAMS_REASON_PROGRAMME_NOT_OFFERED,
                                   "the programme is deleted, withdrawn or awaits approval");
    } else if (!living->insert(Cat(one.person, "/", one.programme)).second) {
      one.row->status =
          rpc::Error(absl::StatusCode::kAlreadyExists, v1::PROGRAMS_REASON_ALREADY_ENROLLED,
                     "the person has a living enrolment in this programme");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Enrolment>> Prepare(const v1::BatchCreateEnrolmentsRequest& request,
                                                   std::string_view region_code, absl::Time now) {
  const v1::Enrolment::State state = request.initial_state() == v1::Enrolment::STATE_UNSPECIFIED
                                         ? v1::Enrolment::STATE_APPLIED
                                         : request.initial_state();
  if (!enrolment_rules::MayBeginAs(state)) {
    return rpc::InvalidField("initial_state", options::v1::COMMON_REASON_INVALID_STATE,
                             "must be APPLIED, ENROLLED or IN_PROGRESS",
                             "зачисление не может начинаться с завершённого состояния");
  }
  std::vector<v1::Enrolment> rows(request.enrolments().begin(), request.enrolments().end());
  absl::flat_hash_set<std::string> seen;
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::Enrolment& row = rows[i];
    if (row.name().empty()) row.set_name(NameOf(region_code, "enrolments", resource::NewUuid()));
    if (!IsNameOf(row.name(), region_code, "enrolments") || !seen.insert(row.name()).second) {
      return InvalidName(Cat("enrolments[", i, "].name"));
    }
    resource::ClearOutputOnly(&row);
    row.clear_etag();
    row.set_state(state);
    row.mutable_state_time()->set_seconds(absl::ToUnixSeconds(now));
  }
  return rows;
}

absl::Status CreateAll(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                       std::vector<v1::Enrolment>& rows,
                       v1::BatchCreateEnrolmentsResponse* response) {
  const std::string region(RegionOf(rows.front().name()));
  std::vector<std::string> ids;
  for (const v1::Enrolment& row : rows) ids.emplace_back(IdOf(row.name()));
  auto existing = Strings(tx.Query(kSqlExisting, region, ids));
  if (!existing.ok()) return existing.status();
  if (!existing->empty()) {
    return rpc::Error(absl::StatusCode::kAlreadyExists, options::v1::COMMON_REASON_ALREADY_EXISTS,
                      "an enrolment with this name exists")
        .Resource(kEnrolmentType, NameOf(region, "enrolments", *existing->begin()));
  }
  if (auto merged = Table<v1::Enrolment>(engine).Merge(tx, author, rows); !merged.ok()) {
    return merged.status();
  }
  auto stored = ByName<v1::Enrolment>(engine, tx, region, ids);
  if (!stored.ok()) return stored.status();
  response->clear_enrolments();
  for (const v1::Enrolment& row : rows) {
    *response->add_enrolments() = std::move(stored->at(row.name()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Completion>> CompleteAll(const resource::Engine& engine, pg::Tx& tx,
                                                        const journal::Author& author,
                                                        const Completing& completing) {
  auto ids = IdsOf(completing);
  if (!ids.ok()) return ids.status();
  auto enrolments = ByName<v1::Enrolment>(engine, tx, completing.region_code, *ids,
                                          " AND delete_time IS NULL ORDER BY id FOR UPDATE");
  if (!enrolments.ok()) return enrolments.status();
  auto known = ReadKnown(engine, tx, completing.region_code, *enrolments);
  if (!known.ok()) return known.status();
  std::vector<v1::Enrolment> moved;
  std::vector<v1::Completion> completions;
  for (size_t i = 0; i < completing.requests.size(); ++i) {
    const v1::CompleteEnrolmentRequest& request = *completing.requests[i];
    auto enrolment = enrolments->find(request.name());
    if (enrolment == enrolments->end()) return rpc::NotFound(kEnrolmentType, request.name());
    auto completion = Complete(enrolment->second, request, *known, completing.now);
    if (!completion.ok()) {
      return completing.batch ? Under(Cat("requests[", i, "]."), completion.status())
                              : completion.status();
    }
    completions.push_back(*std::move(completion));
    moved.push_back(std::move(enrolment->second));
  }
  if (auto s = CheckNumbers(tx, completing, completions); !s.ok()) return s;
  auto written = Table<v1::Enrolment>(engine).Merge(tx, author, moved);
  if (written.ok()) written = Table<v1::Completion>(engine).Merge(tx, author, completions);
  if (!written.ok()) return written.status();
  ids->clear();
  for (const v1::Completion& completion : completions) ids->emplace_back(IdOf(completion.name()));
  auto stored = ByName<v1::Completion>(engine, tx, completing.region_code, *ids);
  if (!stored.ok()) return stored.status();
  for (v1::Completion& completion : completions) {
    completion = std::move(stored->at(completion.name()));
  }
  return completions;
}

}  // namespace rsnms::programs::enrolment_store
