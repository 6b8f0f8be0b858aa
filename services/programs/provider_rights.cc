#include "services/programs/provider_rights.h"

#include <algorithm>

#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs::provider_rights {
namespace {

constexpr char kSqlScopes[] = "SELECT coalesce(current_setting('rsnms.scopes', true), '')";

// Whether `wanted` is one of the scopes, word for word.
bool Has(std::string_view scopes, std::string_view wanted) {
  while (!scopes.empty()) {
    const size_t comma = scopes.find(',');
    if (scopes.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) return false;
    scopes.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> ScopesOf(pg::Tx& tx) {
  auto rows = tx.Query(kSqlScopes);
  if (!rows.ok()) return rows.status();
  return std::string((*rows)[0][0].c_str());
}

bool Hold(std::string_view scopes, std::string_view name) {
  return Has(scopes, "*") || Has(scopes, Cat("regions/", RegionOf(name))) ||
         (!name.empty() && Has(scopes, name));
}

absl::Status CheckOther(std::string_view scopes, std::string_view learner) {
  if (learner.empty() || !Has(scopes, learner)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kPermissionDenied, v1::PROGRAMS_REASON_SELF_ACCEPTANCE,
                    "nobody says what became of their own learning, nor documents it");
}

absl::Status Check(std::string_view scopes, std::string_view provider, std::string_view learner,
                   std::string_view resource_type, std::string_view resource) {
  if (auto s = CheckOther(scopes, learner); !s.ok()) return s;
  const std::string region = Cat("regions/", RegionOf(resource));
  if (Hold(scopes, region) || (!provider.empty() && Hold(scopes, provider))) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kPermissionDenied, v1::PROGRAMS_REASON_NOT_THE_PROVIDER,
                    "neither the provider nor the whole region is in the caller's scope")
      .Resource(resource_type, resource);
}

}  // namespace rsnms::programs::provider_rights
