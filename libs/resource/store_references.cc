// What one resource's rows refer to and by which they are referred to. A living row refers to
// living rows only: every write locks the rows it newly refers to against deletion, and a deletion
// locks its own row before it looks for referrers, so that of the two one waits and then sees the
// other. Foreign keys see neither soft deletion nor arrays.
//
// Questions about references are asked with the whole region in scope (a hidden row is referred to
// all the same). Whether some row refers by an array is answered by reading the referring table's
// rows of the region: under row level security no index serves arrays. So repeated references suit
// tables of thousands of rows in a region, not of millions.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "libs/resource/store.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using absl::StatusCode;

constexpr size_t kCollectionsTold = 6;
constexpr int kNamesTold = 2;       // of each
constexpr int64_t kCounted = 1000;  // more than so many are not counted

// Ids a field refers to, sorted, each once. What is no name of its pattern is left to the column's
// type to refuse.
std::vector<std::string> IdsOf(const Column& column, const Message& resource) {
  const auto* reflection = resource.GetReflection();
  std::vector<std::string> ids;
  const auto add = [&](const std::string& name) {
    if (const auto parts = ParseName(column.target.pattern, name)) ids.emplace_back(parts->id);
  };
  if (column.kind == Kind::kReference) {
    add(reflection->GetString(resource, column.field));
  } else {
    const int n = reflection->FieldSize(resource, column.field);
    for (int i = 0; i < n; ++i) add(reflection->GetRepeatedString(resource, column.field, i));
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return ids;
}

// Ids of `after` that are not of `before`, which may be null.
std::vector<std::string> NewIds(const Column& column, const Message* before, const Message& after) {
  std::vector<std::string> ids = IdsOf(column, after);
  if (before == nullptr || ids.empty()) return ids;
  const auto old = IdsOf(column, *before);
  std::erase_if(
      ids, [&](const std::string& id) { return std::binary_search(old.begin(), old.end(), id); });
  return ids;
}

absl::Status DeadReference(const Column& column) {
  constexpr std::string_view kWhat = "refers to a resource that is absent or deleted";
  return rpc::Error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                    Cat(column.field->name(), ": ", kWhat))
      .Field(column.field->name(), kWhat);
}

}  // namespace

void Store::AddReferrer(const Store& store, const Column& column) {
  const std::string refers = column.kind == Kind::kReference
                                 ? Cat(column.sql, " = $2::", sql_.id_type)
                                 : Cat(column.sql, " @> ARRAY[$2::text]");
  for (Referrer& known : referrers_) {
    if (known.store != &store) continue;
    Append(&known.condition, " OR ", refers);
    return;
  }
  referrers_.push_back({&store, refers});
}

void Store::AddReference(const Column& column, const Store& target) {
  references_.push_back({&column, &target});
  const std::string rule = Cat(type_->table(), "_", column.sql, "_lives");
  const std::string ids = Cat("$", references_.size() + 1, "::", target.sql().id_type, "[]");
  Append(&demand_sql_, demand_sql_.empty() ? "" : " UNION ALL ", "SELECT '", rule,
         "' WHERE (SELECT count(*) FROM (", target.sql().living, ids, Statements::kLockReferred,
         ") AS living) < cardinality(", ids, ")");
  constraint_fields_[rule] = column.field->name();
}

// Sent with the write: costs no round trip.
absl::Status Store::DemandLivingReferences(pg::Tx& tx, Change change, const NameParts& parts,
                                           const Message* before, const Message& after) const {
  if (references_.empty() || change == Change::kDelete) return absl::OkStatus();
  const Message* known = change == Change::kUpdate ? before : nullptr;
  auto params = pg::Params::Of(parts.region);
  bool any = false;
  for (const auto& [column, target] : references_) {
    auto ids = NewIds(*column, known, after);
    if (target == this) std::erase(ids, parts.id);
    any = any || !ids.empty();
    params.Add(ids);
  }
  if (!any) return absl::OkStatus();
  return tx.Unscoped(parts.region, [&] { return tx.DeferDemand(demand_sql_, params); });
}

namespace {

// The living rows of a table that refer to $2; one that refers to itself may go.
std::string FromReferrers(const Store& store, std::string_view condition, bool own,
                          std::string_view id_type) {
  return Cat(" FROM ", store.type().table(),
             " WHERE region_code = $1 AND delete_time IS NULL AND (", condition, ")",
             own ? Cat(" AND id <> $2::", id_type) : "");
}

}  // namespace

// "employments: 57 (regions/86/employments/…, …); …": how many there are in all, names of those the
// caller sees.
absl::StatusOr<std::string> Store::NameReferrers(pg::Tx& tx, const NameParts& parts) const {
  std::string told;
  size_t collections = 0;
  for (const Referrer& referrer : referrers_) {
    const std::string from =
        FromReferrers(*referrer.store, referrer.condition, referrer.store == this, sql_.id_type);
    int64_t count = 0;
    auto s = tx.Unscoped(parts.region, [&]() -> absl::Status {
      auto rows =
          tx.Query(Cat("SELECT count(*) FROM (SELECT", from, " LIMIT ", kCounted + 1, ") AS found"),
                   parts.region, parts.id);
      if (rows.ok()) count = (*rows)[0][0].as<int64_t>();
      return rows.status();
    });
    if (!s.ok()) return s;
    if (count == 0) continue;
    if (++collections > kCollectionsTold) continue;
    auto rows =
        tx.Query(Cat("SELECT id", from, " ORDER BY id LIMIT ", kNamesTold), parts.region, parts.id);
    if (!rows.ok()) return rows.status();
    const NamePattern& pattern = referrer.store->type().pattern();
    Append(&told, told.empty() ? "" : "; ", pattern.collection, ": ",
           count > kCounted ? Cat("> ", kCounted) : Cat(count));
    for (size_t i = 0; i < rows->size(); ++i)
      Append(&told, i == 0 ? " (" : ", ", pattern.Format(parts.region, (*rows)[i][0].c_str()));
    if (!rows->empty()) Append(&told, count > static_cast<int64_t>(rows->size()) ? ", …)" : ")");
  }
  if (collections > kCollectionsTold) Append(&told, "; +", collections - kCollectionsTold);
  return told;
}

absl::Status Store::CheckUnreferenced(pg::Tx& tx, const NameParts& parts) const {
  if (referrers_.empty()) return absl::OkStatus();
  // Whoever is about to refer to the row holds it shared: wait, then look.
  if (auto s = tx.Defer(sql_.lock_bare, pg::Params::Of(parts.region, parts.id)); !s.ok()) return s;
  std::string any;
  for (const Referrer& referrer : referrers_) {
    Append(&any, any.empty() ? "SELECT " : " OR ", "EXISTS (SELECT",
           FromReferrers(*referrer.store, referrer.condition, referrer.store == this, sql_.id_type),
           ")");
  }
  bool referred = false;
  auto s = tx.Unscoped(parts.region, [&]() -> absl::Status {
    auto rows = tx.Query(any, parts.region, parts.id);
    if (rows.ok()) referred = (*rows)[0][0].c_str() == std::string_view("t");
    return rows.status();
  });
  if (!s.ok() || !referred) return s;
  auto told = NameReferrers(tx, parts);
  if (!told.ok()) return told.status();
  return rpc::Error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_STILL_REFERENCED,
                    Cat("other resources refer to it: ", *told))
      .Russian(Cat("Удалить нельзя: на запись ссылаются другие. ", *told,
                   ". Сначала удалите их или укажите в них другое."));
}

// What the rows to be written newly refer to.
std::vector<Store::Need> Store::NeedsOf(std::vector<Plan>* plans) const {
  std::vector<Need> needs;
  for (auto& plan : *plans) {
    if (!plan.status.ok() || plan.kind == feed::v1::CHANGE_KIND_UNSPECIFIED) continue;
    const bool revived = plan.kind == feed::v1::CHANGE_KIND_UNDELETED;
    for (const auto& reference : references_) {
      const Message* known = revived ? nullptr : plan.before.get();
      for (auto& id : NewIds(*reference.column, known, *plan.row->image)) {
        needs.push_back({&plan, &reference, std::move(id)});
      }
    }
  }
  return needs;
}

// Those of them that live, held against deletion: one question per kind of resource and region.
absl::StatusOr<Store::Living> Store::LockLiving(pg::Tx& tx, const std::vector<Need>& needs) const {
  Living wanted, living;
  for (const auto& need : needs) {
    wanted[{need.reference->target, need.plan->region}].insert(need.id);
  }
  for (const auto& [key, ids] : wanted) {
    const std::vector<std::string> list(ids.begin(), ids.end());
    auto s = tx.Unscoped(key.second, [&, key = key]() -> absl::Status {
      auto rows = tx.Query(key.first->sql().lock_living, key.second, list);
      if (!rows.ok()) return rows.status();
      for (const auto& row : *rows) living[key].emplace(row[0].c_str());
      return absl::OkStatus();
    });
    if (!s.ok()) return s;
  }
  return living;
}

absl::Status Store::RefuseDeadReferences(pg::Tx& tx, std::vector<Plan>* plans) const {
  const auto needs = NeedsOf(plans);
  if (needs.empty()) return absl::OkStatus();
  auto living = LockLiving(tx, needs);
  if (!living.ok()) return living.status();
  // Rows of the chunk may refer to one another; whoever refers to a refused one is refused too.
  absl::flat_hash_map<std::pair<std::string, std::string>, const Plan*> chunk;
  for (const auto& plan : *plans) chunk.try_emplace({plan.region, plan.id}, &plan);
  const auto lives = [&](const Need& need) {
    if ((*living)[{need.reference->target, need.plan->region}].contains(need.id)) return true;
    if (need.reference->target != this) return false;
    const auto it = chunk.find({need.plan->region, need.id});
    return it != chunk.end() && it->second->status.ok();
  };
  for (bool again = true; again;) {
    again = false;
    for (const auto& need : needs) {
      if (!need.plan->status.ok() || lives(need)) continue;
      need.plan->status = DeadReference(*need.reference->column);
      again = need.reference->target == this || again;
    }
  }
  return absl::OkStatus();
}

}  // namespace rsnms::resource
