// Who speaks for the provider: says what became of learning, and gives documents about it. Pure but
// for reading the transaction's scopes.
#ifndef RSNMS_SERVICES_PROGRAMS_PROVIDER_RIGHTS_H_
#define RSNMS_SERVICES_PROGRAMS_PROVIDER_RIGHTS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace rsnms::programs::provider_rights {

// The scopes the transaction runs under, as row level security reads them.
absl::StatusOr<std::string> ScopesOf(pg::Tx& tx);

// True when one of the scopes (names separated by commas, or `*`) is the name, its region or all.
bool Hold(std::string_view scopes, std::string_view name);

// PERMISSION_DENIED SELF_ACCEPTANCE when a scope is the learner, whatever the others are; else
// NOT_THE_PROVIDER unless the scopes hold the provider (a name; empty for one outside the region)
// or the learner's whole region. `resource_type` and `resource` are what the error speaks of.
absl::Status Check(std::string_view scopes, std::string_view provider, std::string_view learner,
                   std::string_view resource_type, std::string_view resource);

// The first half of Check alone.
absl::Status CheckOther(std::string_view scopes, std::string_view learner);

}  // namespace rsnms::programs::provider_rights

#endif  // RSNMS_SERVICES_PROGRAMS_PROVIDER_RIGHTS_H_
