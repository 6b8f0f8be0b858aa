#include "services/registry/people/person_merge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/names.h"
#include "libs/resource/repoint.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

using resource::Lock;
using resource::Table;
using v1::Person;
using v1::PersonMerge;

constexpr char kPersonType[] = "registry.rsnms/Person";
// What a survivor may lack and the duplicate know.
constexpr const char* kFillable[] = {"patronymic", "birth_date",         "sex", "snils", "email",
                                     "phone",      "teaching_start_date"};

constexpr char kSqlLock[] =
    "SELECT pg_advisory_xact_lock(hashtextextended('person_merge/' || $1, 0))";
// Everybody who was merged into a person, directly or through others.
constexpr char kSqlBelow[] = R"sql(
WITH RECURSIVE below (name) AS (
  SELECT duplicate FROM person_merge WHERE region_code = $1 AND survivor = $2 AND state = 'MERGED'
  UNION
  SELECT m.duplicate FROM below b
    JOIN person_merge m ON m.region_code = $1 AND m.survivor = b.name AND m.state = 'MERGED'
)
SELECT name FROM below ORDER BY name
)sql";

absl::Status Refuse(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

absl::Status MustLive(const Person& person, std::string_view path) {
  if (!person.has_delete_time()) return absl::OkStatus();
  if (person.merged_into().empty()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_DELETED,
                      "the person is deleted")
        .Field(path, "is deleted", "Карточка работника удалена.");
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_MERGED,
                    "the person was merged into another")
      .With("merged_into", person.merged_into())
      .Field(path, "was merged into another", "Карточка объединена с другой.");
}

absl::Status MustMatch(const Person& person, const std::string& etag) {
  if (etag.empty() || etag == person.etag()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the person has changed since this etag was read")
      .Resource(kPersonType, person.name());
}

bool IsSet(const Person& person, const google::protobuf::FieldDescriptor* field) {
  return person.GetReflection()->HasField(person, field);
}

// Copies what `survivor` lacks; the names of the fields.
std::vector<std::string> Fill(const Person& duplicate, Person* survivor) {
  std::vector<std::string> filled;
  for (const char* name : kFillable) {
    const auto* field = Person::descriptor()->FindFieldByName(name);
    if (IsSet(*survivor, field) || !IsSet(duplicate, field)) continue;
    resource::CopyField(field, duplicate, survivor);
    filled.emplace_back(name);
  }
  return filled;
}

// One merge or its undoing.
class Merge {
 public:
  Merge(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
        const std::string& region)
      : tx_(tx),
        engine_(engine),
        author_(author),
        region_(region),
        people_(engine),
        merges_(engine) {}

  absl::Status Begin() { return tx_.Query(kSqlLock, region_).status(); }

  absl::StatusOr<Person> Read(const std::string& name) {
    return people_.Get(tx_, name, Lock::kUpdate);
  }

  // `person` and everybody below.
  absl::StatusOr<std::vector<std::string>> Members(const std::string& person) {
    std::vector<std::string> members = {person};
    auto rows = tx_.Query(kSqlBelow, region_, person);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) members.emplace_back(row[0].c_str());
    return members;
  }

  // References to the members come to name `present`; how many.
  absl::StatusOr<int> Repoint(const std::vector<std::string>& members, const std::string& present) {
    auto done = resource::Repoint(tx_, engine_, author_, kPersonType, members, present);
    if (!done.ok()) return done.status();
    if (done->refused.empty()) return done->count;
    return rpc::Error(
               absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_MERGE_CONFLICT,
               absl::StrCat("a row of one cannot be the other's too: ", done->refused.front()))
        .With("resource", done->refused.front())
        .ToStatus();
  }

  // Living or tombstone.
  absl::Status Put(const Person& before, Person& after) {
    return before.has_delete_time() ? people_.Rewrite(tx_, author_, before, after)
                                    : people_.Update(tx_, author_, before, after);
  }

  absl::Status Bury(const Person& person, const std::string& survivor) {
    if (auto s = people_.Delete(tx_, author_, person); !s.ok()) return s;
    auto before = Read(person.name());
    if (!before.ok()) return before.status();
    Person after = *before;
    after.set_merged_into(survivor);
    return people_.Rewrite(tx_, author_, *before, after);
  }

  absl::Status Revive(const Person& tombstone) {
    Person cleared = tombstone;
    cleared.clear_merged_into();
    if (auto s = people_.Rewrite(tx_, author_, tombstone, cleared); !s.ok()) return s;
    // Merged again, it names whom it is merged into then.
    if (auto s = resource::ForgetRepointed(tx_, kPersonType, tombstone.name(), "merged_into");
        !s.ok()) {
      return s;
    }
    return people_.Undelete(tx_, author_, cleared);
  }

  absl::StatusOr<PersonMerge> MergeOf(const std::string& duplicate) {
    auto found =
        merges_.Select(tx_, "region_code = $1 AND duplicate = $2 AND state = 'MERGED' FOR UPDATE",
                       region_, duplicate);
    if (!found.ok()) return found.status();
    if (found->empty()) {
      return Refuse(v1::REGISTRY_REASON_NOT_MERGED, "the person was not merged into another");
    }
    return found->front();
  }

  // Takes what came from `tombstone` back from those it was handed up to, tombstones too.
  absl::Status TakeBack(const Person& tombstone, PersonMerge merge) {
    std::vector<std::string> fields(merge.filled_fields().begin(), merge.filled_fields().end());
    while (!fields.empty()) {
      auto before = Read(merge.survivor());
      if (!before.ok()) return before.status();
      Person after = *before;
      for (const auto& name : fields) {
        const auto& column = *engine_.TypeOf(Person::descriptor()).Find(name);
        if (resource::FieldsEqual(column, tombstone, *before)) {
          after.GetReflection()->ClearField(&after, column.field);
        }
      }
      if (auto s = Put(*before, after); !s.ok()) return s;
      if (before->merged_into().empty()) break;
      auto next = MergeOf(before->name());
      if (!next.ok()) return next.status();
      merge = *std::move(next);
      const auto& filled = merge.filled_fields();
      std::erase_if(fields, [&](const std::string& field) {
        return std::find(filled.begin(), filled.end(), field) == filled.end();
      });
    }
    return absl::OkStatus();
  }

  absl::Status Record(PersonMerge* merge) { return merges_.Insert(tx_, author_, *merge); }
  absl::Status Close(const PersonMerge& before, PersonMerge* after) {
    return merges_.Update(tx_, author_, before, *after);
  }

 private:
  pg::Tx& tx_;
  resource::Engine& engine_;
  const journal::Author& author_;
  const std::string region_;
  const Table<Person> people_;
  const Table<PersonMerge> merges_;
};

}  // namespace

absl::Status MergePeople(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
                         const v1::MergePersonsRequest& request, PersonMerge* merge) {
  const std::string region = RegionOf(request.name());
  Merge work(tx, engine, author, region);
  if (auto s = work.Begin(); !s.ok()) return s;
  auto survivor = work.Read(request.name());
  if (!survivor.ok()) return survivor.status();
  auto duplicate = work.Read(request.duplicate());
  if (!duplicate.ok()) return duplicate.status();
  for (auto status :
       {MustLive(*survivor, "name"), MustLive(*duplicate, "duplicate"),
        MustMatch(*survivor, request.etag()), MustMatch(*duplicate, request.duplicate_etag())}) {
    if (!status.ok()) return status;
  }
  auto members = work.Members(duplicate->name());
  if (!members.ok()) return members.status();
  auto count = work.Repoint(*members, survivor->name());
  if (!count.ok()) return count.status();
  if (auto s = work.Bury(*duplicate, survivor->name()); !s.ok()) return s;
  Person filled = *survivor;
  const auto fields = Fill(*duplicate, &filled);
  if (!fields.empty()) {
    if (auto s = work.Put(*survivor, filled); !s.ok()) return s;
  }
  merge->Clear();
  merge->set_name(absl::StrCat("regions/", region));
  merge->set_survivor(survivor->name());
  merge->set_duplicate(duplicate->name());
  merge->set_reason(request.reason());
  merge->mutable_filled_fields()->Add(fields.begin(), fields.end());
  merge->set_repointed_count(*count);
  return work.Record(merge);
}

absl::Status UnmergePeople(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
                           const v1::UnmergePersonsRequest& request, PersonMerge* merge) {
  Merge work(tx, engine, author, RegionOf(request.name()));
  if (auto s = work.Begin(); !s.ok()) return s;
  auto tombstone = work.Read(request.name());
  if (!tombstone.ok()) return tombstone.status();
  auto recorded = work.MergeOf(request.name());
  if (!recorded.ok()) return recorded.status();
  if (auto s = work.TakeBack(*tombstone, *recorded); !s.ok()) return s;
  if (auto s = work.Revive(*tombstone); !s.ok()) return s;
  auto members = work.Members(tombstone->name());
  if (!members.ok()) return members.status();
  auto count = work.Repoint(*members, tombstone->name());
  if (!count.ok()) return count.status();
  *merge = *recorded;
  merge->set_state(PersonMerge::STATE_UNMERGED);
  return work.Close(*recorded, merge);
}

}  // namespace rsnms::registry
