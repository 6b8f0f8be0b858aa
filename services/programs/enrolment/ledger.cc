#include "services/programs/enrolment/ledger.h"

#include <set>
#include <utility>
#include <vector>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "services/programs/enrolment/group_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::ledger {
namespace {

using resource::Table;

constexpr char kEnrolmentType[] = "programs.rsnms/Enrolment";
constexpr char kSeatFreed[] = "освободилось место в группе";

constexpr char kSqlGroupOf[] =
    "SELECT group_id::text, version FROM enrolment WHERE region_code = $1 AND id = $2::uuid";

constexpr char kWhoWaits[] =
    "region_code = $1 AND group_id = $2::uuid AND seat = 'WAITING' AND delete_time IS NULL "
    "ORDER BY waiting_number LIMIT $3 FOR UPDATE";

absl::Status InvalidName(std::string_view path) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                           "must be a name of the request's region",
                           "имя должно принадлежать региону запроса");
}

absl::Status CheckForm(std::string_view name, std::string_view etag) {
  const std::string_view id = IdOf(name);
  if (!resource::IsUuid(id) || name != NameOf(RegionOf(name), "enrolments", id)) {
    return InvalidName("name");
  }
  if (etag.empty() || resource::ParseEtag(etag)) return absl::OkStatus();
  return rpc::InvalidField("etag", options::v1::COMMON_REASON_INVALID_ETAG,
                           "is not an etag of this service", "метка версии записана неверно");
}

absl::Status CheckEtag(std::string_view etag, int64_t version, std::string_view name) {
  if (etag.empty() || resource::ParseEtag(etag) == version) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the resource has changed since this etag was read")
      .Resource(kEnrolmentType, name);
}

// Judges what was read under the lock.
absl::Status CheckSeen(const resource::Type& type, const v1::Enrolment& enrolment,
                       std::string_view etag) {
  if (auto s = CheckEtag(etag, type.VersionOf(enrolment), enrolment.name()); !s.ok()) return s;
  if (!enrolment.has_delete_time()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_DELETED,
                    "the resource is deleted; undelete it first")
      .Resource(kEnrolmentType, enrolment.name());
}

bool SameCounts(const v1::Group& a, const v1::Group& b) {
  return a.taken_seats() == b.taken_seats() && a.waiting_count() == b.waiting_count() &&
         a.last_waiting_number() == b.last_waiting_number();
}

}  // namespace

absl::Status TakeInWaiting(pg::Tx& tx, const resource::Engine& engine,
                           const journal::Author& author, v1::Group* group) {
  const int n = group_rules::Promotable(*group);
  if (n == 0) return absl::OkStatus();
  const Table<v1::Enrolment> enrolments(engine);
  auto waiting = enrolments.Select(tx, kWhoWaits, RegionOf(group->name()), IdOf(group->name()), n);
  if (!waiting.ok()) return waiting.status();
  journal::Author promoted = author;
  promoted.reason = kSeatFreed;
  for (const v1::Enrolment& before : *waiting) {
    v1::Enrolment after = before;
    group_rules::Promote(group, &after);
    if (auto s = enrolments.Update(tx, promoted, before, after); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Ledger::LockGroup(std::string_view name) {
  if (groups_.contains(name)) return absl::OkStatus();
  return tx_.Unscoped(RegionOf(name), [&]() -> absl::Status {
    auto group = Table<v1::Group>(engine_).Get(tx_, name, resource::Lock::kUpdate);
    if (!group.ok()) return group.status();
    if (group->has_delete_time()) return rpc::NotFound("programs.rsnms/Group", name);
    groups_[std::string(name)] = {*group, *group};
    return absl::OkStatus();
  });
}

v1::Group* Ledger::FindGroup(std::string_view name) {
  auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second.now;
}

absl::StatusOr<v1::Enrolment> Ledger::LockAlone(std::string_view name, std::string_view etag) {
  if (auto s = CheckForm(name, etag); !s.ok()) return s;
  auto enrolment = Table<v1::Enrolment>(engine_).Get(tx_, name, resource::Lock::kUpdate);
  if (!enrolment.ok()) return enrolment.status();
  if (auto s = CheckSeen(engine_.TypeOf(v1::Enrolment::descriptor()), *enrolment, etag); !s.ok()) {
    return s;
  }
  return enrolment;
}

absl::StatusOr<v1::Enrolment> Ledger::Lock(std::string_view name, std::string_view etag,
                                           std::string_view other) {
  if (auto s = CheckForm(name, etag); !s.ok()) return s;
  const std::string region(RegionOf(name));
  auto rows = tx_.Query(kSqlGroupOf, region, IdOf(name));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return rpc::NotFound(kEnrolmentType, name);
  // A stale etag outweighs whatever is wrong with the other group; versions only grow.
  if (auto s = CheckEtag(etag, (*rows)[0][1].as<int64_t>(), name); !s.ok()) return s;
  std::set<std::string> groups;  // locked in the order of their names
  if (!(*rows)[0][0].is_null()) groups.insert(NameOf(region, "groups", (*rows)[0][0].c_str()));
  if (!other.empty()) groups.insert(std::string(other));
  for (const std::string& group : groups) {
    if (auto s = LockGroup(group); !s.ok()) return s;
  }
  auto enrolment = LockAlone(name, etag);
  if (!enrolment.ok()) return enrolment.status();
  // Placed meanwhile: the one way a group appears; it never changes.
  if (!enrolment->group().empty()) {
    if (auto s = LockGroup(enrolment->group()); !s.ok()) return s;
  }
  return enrolment;
}

absl::Status Ledger::Write(const v1::Enrolment& before, v1::Enrolment& after) {
  if (auto s = Table<v1::Enrolment>(engine_).Update(tx_, author_, before, after); !s.ok()) return s;
  v1::Group* group = FindGroup(before.group());
  if (group == nullptr || before.seat() == after.seat()) return absl::OkStatus();
  if (after.seat() == v1::ENROLMENT_SEAT_UNSPECIFIED) group_rules::Leave(before.seat(), group);
  return absl::OkStatus();
}

absl::Status Ledger::Add(v1::Enrolment& enrolment) {
  return Table<v1::Enrolment>(engine_).Insert(tx_, author_, enrolment);
}

absl::Status Ledger::Close() {
  for (auto& [name, group] : groups_) {
    auto status = tx_.Unscoped(RegionOf(name), [&]() -> absl::Status {
      if (auto s = TakeInWaiting(tx_, engine_, author_, &group.now); !s.ok()) return s;
      if (SameCounts(group.before, group.now)) return absl::OkStatus();
      return Table<v1::Group>(engine_).Update(tx_, author_, group.before, group.now);
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::ledger
