#include "services/registry/people/people.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/people/people_store.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;
using resource::Change;
using Pending = resource::Engine::Pending;

constexpr char kPersonType[] = "registry.rsnms/Person";

// The columns of a resource that refer to people.
std::vector<const resource::Column*> PersonColumns(const resource::Type& type) {
  std::vector<const resource::Column*> columns;
  for (const auto& column : type.columns()) {
    if (column.target.type == kPersonType) columns.push_back(&column);
  }
  return columns;
}

std::vector<std::string> NamesIn(const resource::Column& column, const Message* message) {
  std::vector<std::string> names;
  if (message == nullptr) return names;
  const auto* reflection = message->GetReflection();
  if (column.field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(*message, column.field); ++i) {
      names.push_back(reflection->GetRepeatedString(*message, column.field, i));
    }
  } else if (auto name = reflection->GetString(*message, column.field); !name.empty()) {
    names.push_back(std::move(name));
  }
  return names;
}

// What `row` refers to and did not refer to before, as (field, name).
std::vector<std::pair<std::string, std::string>> NewNames(
    const std::vector<const resource::Column*>& columns, const Pending& row) {
  std::vector<std::pair<std::string, std::string>> added;
  for (const auto* column : columns) {
    const auto before = NamesIn(*column, row.before);
    for (auto& name : NamesIn(*column, row.after)) {
      if (std::find(before.begin(), before.end(), name) == before.end()) {
        added.emplace_back(column->field->name(), std::move(name));
      }
    }
  }
  return added;
}

absl::Status MayRefer(const PersonPlace& place, const std::string& path) {
  if (!place.deleted) return absl::OkStatus();
  if (place.merged_into.empty()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_DELETED,
                      "the person is deleted")
        .Field(path, "is deleted", "Карточка работника удалена.");
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_MERGED,
                    "the person was merged into another")
      .With("merged_into", place.merged_into)
      .Field(path, absl::StrCat("was merged into ", place.merged_into),
             "Карточка объединена с другой.");
}

absl::Status RefuseTombstones(const std::vector<const resource::Column*>& columns, pg::Tx& tx,
                              std::vector<Pending>& rows) {
  std::vector<std::string> names;
  for (const Pending& row : rows) {
    for (auto& [field, name] : NewNames(columns, row)) names.push_back(std::move(name));
  }
  if (names.empty()) return absl::OkStatus();
  auto places = FindPlaces(tx, names);
  if (!places.ok()) return places.status();
  for (Pending& row : rows) {
    for (const auto& [field, name] : NewNames(columns, row)) {
      const auto found = places->find(name);
      if (found == places->end() || !row.status.ok()) continue;
      row.status = MayRefer(found->second, field);
    }
  }
  return absl::OkStatus();
}

absl::Status PrepareQualifications(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto& after = static_cast<const v1::Qualification&>(*row.after);
    if (!NeedsHighest(after.category())) continue;
    auto holds = HoldsHighest(tx, after.person(), after.decision_date());
    if (!holds.ok()) return holds.status();
    if (*holds) continue;
    row.status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                            v1::REGISTRY_REASON_HIGHEST_CATEGORY_REQUIRED,
                            "the person does not hold the highest category on that day")
                     .Field("category", "needs the highest category in force",
                            "Нужна высшая категория, действующая на дату решения.");
  }
  return absl::OkStatus();
}

absl::Status PrepareThemes(pg::Tx& tx, std::vector<Pending>& rows) {
  using v1::SelfEducationTheme;
  for (Pending& row : rows) {
    const auto* before = static_cast<const SelfEducationTheme*>(row.before);
    const auto& after = static_cast<const SelfEducationTheme&>(*row.after);
    const bool published = after.state() == SelfEducationTheme::STATE_PUBLISHED &&
                           (before == nullptr || before->state() != after.state());
    if (!published) continue;
    row.status = RequireConsent(tx, after.person(), v1::CONSENT_PURPOSE_PUBLICATION,
                                after.publish_date(), "publish_date");
  }
  return absl::OkStatus();
}

// Deleting asks no rule: what was right stays right.
template <class R, class Check>
void AddRule(resource::Engine& engine, Check check) {
  engine.Rule<R>([check](Change change, const R*, R* after) {
    return change == Change::kDelete ? absl::OkStatus() : check(*after);
  });
}

// A tombstone comes back by UnmergePersons alone, which clears `merged_into` first.
absl::Status CheckUndelete(Change change, const v1::Person*, v1::Person* after) {
  if (change != Change::kUndelete || after->merged_into().empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_MERGED,
                    "the person was merged into another: unmerge them")
      .With("merged_into", after->merged_into());
}

}  // namespace

const google::protobuf::ServiceDescriptor* PeopleContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "rsnms.registry.v1.People");
}

void AddPeopleRules(resource::Engine& engine) {
  AddRule<v1::Consent>(engine, &CheckConsentDates);
  AddRule<v1::Qualification>(engine, &CheckQualification);
  AddRule<v1::CorporateTraining>(engine, &CheckCorporateTraining);
  AddRule<v1::SelfEducationTheme>(engine, &CheckSelfEducationTheme);
  AddRule<v1::CareerEvidence>(engine, &CheckCareerEvidence);
  engine.Rule<v1::Person>(&CheckUndelete);
  engine.PrepareFor(v1::Qualification::descriptor(), &PrepareQualifications);
  engine.PrepareFor(v1::SelfEducationTheme::descriptor(), &PrepareThemes);
  for (const resource::Type* type : engine.types()) {
    auto columns = PersonColumns(*type);
    if (columns.empty() || type->resource_type() == kPersonType) continue;
    engine.PrepareFor(type->descriptor(), [columns](pg::Tx& tx, std::vector<Pending>& rows) {
      return RefuseTombstones(columns, tx, rows);
    });
  }
}

}  // namespace rsnms::registry
