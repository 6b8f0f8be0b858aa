#include "services/programs/certificates/frdo_people.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/rpc/on_behalf.h"
#include "libs/rpc/status.h"

namespace rsnms::programs {
namespace {

constexpr size_t kBatch = 500;
constexpr absl::Duration kPatience = absl::Seconds(20);

using Names = std::vector<std::string>::const_iterator;

// One who is hidden fails the batch: halves are asked then, down to the one.
absl::Status Ask(const rpc::Call& caller, rpc::Client& registry, Names begin, Names end,
                 PeopleByName* found) {
  if (begin == end) return absl::OkStatus();
  registry::v1::BatchGetPersonsRequest request;
  for (auto name = begin; name != end; ++name) request.add_names(*name);
  registry::v1::BatchGetPersonsResponse response;
  const auto status =
      registry.Unary("rsnms.registry.v1.Registry/BatchGetPersons", request, &response,
                     std::min(caller.deadline(), absl::Now() + kPatience),
                     /*idempotent=*/true, &caller);
  if (absl::IsNotFound(status)) {
    if (end - begin == 1) return absl::OkStatus();
    const Names middle = begin + (end - begin) / 2;
    if (auto s = Ask(caller, registry, begin, middle, found); !s.ok()) return s;
    return Ask(caller, registry, middle, end, found);
  }
  if (absl::IsUnavailable(status)) {
    return rpc::Error(absl::StatusCode::kUnavailable,
                      options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                      "the registry does not answer");
  }
  if (!status.ok()) return status;
  for (auto& person : *response.mutable_persons()) {
    std::string name = person.name();
    found->emplace(std::move(name), std::move(person));
  }
  return absl::OkStatus();
}

}  // namespace

People PeopleOfRegistry(rpc::ClientOptions registry) {
  return [registry = std::move(registry)](const rpc::Call& caller,
                                          const std::vector<std::string>& names,
                                          PeopleByName* found) -> absl::Status {
    auto client = rpc::ConnectAs(caller, registry);
    if (!client.ok()) return client.status();
    for (size_t i = 0; i < names.size(); i += kBatch) {
      const auto begin = names.begin() + static_cast<int64_t>(i);
      const auto end = names.begin() + static_cast<int64_t>(std::min(i + kBatch, names.size()));
      if (auto s = Ask(caller, **client, begin, end, found); !s.ok()) return s;
    }
    return absl::OkStatus();
  };
}

}  // namespace rsnms::programs
