// Reading the rows a preparation is given (libs/resource/engine.h).
#ifndef RSNMS_SERVICES_REGISTRY_PENDING_H_
#define RSNMS_SERVICES_REGISTRY_PENDING_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "libs/resource/engine.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {

using Pending = resource::Engine::Pending;

template <class R>
R& AfterOf(Pending& row) {
  return static_cast<R&>(*row.after);
}
// Null when the row is created.
template <class R>
const R* BeforeOf(const Pending& row) {
  return static_cast<const R*>(row.before);
}

// Distinct, not empty names that the rows refer to; `each(row, take)` names them.
template <class R, class Each>
std::vector<std::string> NamesIn(std::vector<Pending>& rows, const Each& each) {
  absl::flat_hash_set<std::string> names;
  for (Pending& row : rows) {
    each(AfterOf<R>(row), [&](const std::string& name) {
      if (!name.empty()) names.insert(name);
    });
  }
  return {names.begin(), names.end()};
}

template <class Map>
const typename Map::mapped_type* FindIn(const Map& facts, const std::string& name) {
  auto found = facts.find(name);
  return found == facts.end() ? nullptr : &found->second;
}

inline absl::Status Refuse(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}
// INVALID_ARGUMENT at a field; people read the reason's own text.
inline absl::Status Invalid(v1::RegistryReason reason, std::string_view path,
                            std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text);
}
inline absl::Status Unknown(std::string_view path) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                           "refers to nothing known", "Ссылка указывает на то, чего нет.");
}

// A row changes its state (or is created): steps are judged by what they begin and end with.
template <class R>
bool Enters(const Pending& row, decltype(R().state()) state) {
  const R* before = BeforeOf<R>(row);
  return before != nullptr && before->state() != state &&
         static_cast<const R*>(row.after)->state() == state;
}

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PENDING_H_
