// What the preparations of this area share: the rows at hand, the names they refer to, periods that
// must not overlap.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_PENDING_ROWS_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_PENDING_ROWS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

using Pending = resource::Engine::Pending;

template <class R>
R& After(Pending& row) {
  return static_cast<R&>(*row.after);
}

// Distinct, not empty names that `field` gives of the rows.
template <class R, class Field>
std::vector<std::string> NamesIn(std::vector<Pending>& rows, Field field) {
  absl::flat_hash_set<std::string> names;
  for (Pending& row : rows) {
    if (const std::string& name = field(After<R>(row)); !name.empty()) names.insert(name);
  }
  return {names.begin(), names.end()};
}

template <class Map>
const typename Map::mapped_type* FindIn(const Map& facts, const std::string& name) {
  auto found = facts.find(name);
  return found == facts.end() ? nullptr : &found->second;
}

// INVALID_ARGUMENT END_BEFORE_START.
template <class R>
absl::Status CheckValidity(const R& row) {
  return CheckOrder(row.valid_from_date(),
                    row.has_valid_until_date() ? &row.valid_until_date() : nullptr,
                    "valid_until_date");
}

inline absl::Status Refused(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

inline absl::Status Wrong(v1::RegistryReason reason, std::string_view path, std::string_view text,
                          std::string_view text_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text, text_ru);
}

// Refuses a period that ends before it starts or overlaps with another row's of the same key, else
// notes it for the rows after it.
template <class R>
absl::Status Reserve(PeriodBook& book, const std::string& key, const R& row,
                     v1::RegistryReason reason, std::string_view text) {
  if (auto s = CheckValidity(row); !s.ok()) return s;
  const Period period = PeriodOf(row.valid_from_date(),
                                 row.has_valid_until_date() ? &row.valid_until_date() : nullptr);
  if (book.Clashes(key, row.name(), period)) return Refused(reason, text);
  book.Put(key, row.name(), period);
  return absl::OkStatus();
}

// Adds the preparations of each half to the engine.
void AddSubjectPreparations(resource::Engine& engine);
void AddDistrictPreparations(resource::Engine& engine);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_PENDING_ROWS_H_
