#include "services/registry/asset/attachment_preparations.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/asset/asset_rules.h"
#include "services/registry/asset/asset_store.h"
#include "services/registry/person_store.h"

namespace rsnms::registry {
namespace {

using Pending = resource::Engine::Pending;

v1::Attachment& After(Pending& row) { return static_cast<v1::Attachment&>(*row.after); }
const v1::Attachment* Before(const Pending& row) {
  return static_cast<const v1::Attachment*>(row.before);
}

absl::Status FailedPrecondition(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

// What the rows rest on, read once for all of them.
struct Ground {
  absl::flat_hash_map<std::string, v1::Methodologist> methodologists;
  absl::flat_hash_map<std::string, PersonFacts> persons;
  std::vector<std::optional<Workplace>> workplaces;  // one for each row
  LoadBook loads;
};

absl::StatusOr<Ground> ReadGround(const resource::Engine& engine, pg::Tx& tx,
                                  std::vector<Pending>& rows) {
  absl::flat_hash_set<std::string> methodologists, educators;
  std::vector<WorkplaceQuestion> questions;
  for (Pending& row : rows) {
    const v1::Attachment& after = After(row);
    methodologists.insert(after.methodologist());
    educators.insert(after.educator());
    questions.push_back({.person = after.educator(), .day = after.start_date()});
  }
  const std::vector<std::string> names(methodologists.begin(), methodologists.end());
  auto held = HoldMethodologists(engine, tx, names);
  if (!held.ok()) return held.status();
  auto persons = FindPersons(tx, {educators.begin(), educators.end()});
  if (!persons.ok()) return persons.status();
  auto workplaces = FindWorkplaces(tx, questions);
  if (!workplaces.ok()) return workplaces.status();
  auto loads = ReadLoads(tx, names);
  if (!loads.ok()) return loads.status();
  Ground ground{.methodologists = {},
                .persons = *std::move(persons),
                .workplaces = *std::move(workplaces),
                .loads = *std::move(loads)};
  for (auto& methodologist : *held) {
    std::string name = methodologist.name();
    ground.methodologists.emplace(std::move(name), std::move(methodologist));
  }
  return ground;
}

absl::Status CheckNew(const Ground& ground, const v1::Methodologist& methodologist,
                      const v1::Attachment& attachment) {
  const auto person = ground.persons.find(attachment.educator());
  if (auto s = MayBeNamed(person == ground.persons.end() ? nullptr : &person->second, "educator");
      !s.ok())
    return s;
  if (methodologist.state() != v1::METHODOLOGIST_STATE_ACTIVE) {
    return FailedPrecondition(v1::REGISTRY_REASON_METHODOLOGIST_NOT_ACTIVE,
                              "the methodologist does not work");
  }
  if (attachment.educator() != methodologist.person()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_ATTACHED_TO_THEMSELVES,
                    "a methodologist is not attached to themselves")
      .Field("educator", "is the methodologist");
}

absl::Status FindPlace(LoadBook& loads, const v1::Methodologist& methodologist,
                       const v1::Attachment& attachment) {
  const Period period = PeriodOf(attachment.start_date(),
                                 attachment.has_end_date() ? &attachment.end_date() : nullptr);
  if (loads.HasEducator(methodologist.name(), attachment.name(), attachment.educator(), period)) {
    return FailedPrecondition(v1::REGISTRY_REASON_SECOND_ATTACHMENT,
                              "the educator is attached on some of these days");
  }
  const int limit = methodologist.attachment_limit();
  if (limit > 0 && loads.MostOn(methodologist.name(), attachment.name(), period) >= limit) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_ATTACHMENT_LIMIT_REACHED,
                      "no place is left on some of these days")
        .With("limit", absl::StrCat(limit));
  }
  loads.Put(methodologist.name(), attachment.name(), attachment.educator(), period);
  return absl::OkStatus();
}

absl::Status Prepare(Ground& ground, size_t i, const v1::Attachment* before,
                     v1::Attachment& after) {
  const auto found = ground.methodologists.find(after.methodologist());
  if (found == ground.methodologists.end()) {
    return rpc::InvalidField("methodologist", options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                             "does not exist", "запись не найдена");
  }
  const v1::Methodologist& methodologist = found->second;
  if (before == nullptr) {
    if (auto s = CheckNew(ground, methodologist, after); !s.ok()) return s;
    after.set_methodologist_person(methodologist.person());
  }
  if (auto s = InsideContract(methodologist, after); !s.ok()) return s;
  if (before == nullptr || ToIso(before->start_date()) != ToIso(after.start_date())) {
    if (!ground.workplaces[i]) {
      return FailedPrecondition(v1::REGISTRY_REASON_EDUCATOR_NOT_EMPLOYED,
                                "the educator is not employed on the first day");
    }
    after.set_organisation(ground.workplaces[i]->organisation);
    after.set_municipality(ground.workplaces[i]->municipality);
  }
  return FindPlace(ground.loads, methodologist, after);
}

}  // namespace

absl::Status PrepareAttachments(const resource::Engine& engine, pg::Tx& tx,
                                std::vector<Pending>& rows) {
  auto ground = ReadGround(engine, tx, rows);
  if (!ground.ok()) return ground.status();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].status.ok()) continue;
    rows[i].status = Prepare(*ground, i, Before(rows[i]), After(rows[i]));
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
