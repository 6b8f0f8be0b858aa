#include "libs/auth/identity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"

namespace rsnms::auth {
namespace {

constexpr char kEverything[] = "*";
constexpr size_t kLongestId = 63;

// Takes the text before the next separator off the front.
std::string_view Next(std::string_view* rest, char separator) {
  const size_t end = rest->find(separator);
  const std::string_view part = rest->substr(0, end);
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
  return part;
}

// `registry.*` grants all below; an inner `*` stands for one segment.
bool Matches(std::string_view pattern, std::string_view permission) {
  while (!pattern.empty()) {
    const std::string_view wanted = Next(&pattern, '.');
    if (wanted == kEverything && pattern.empty()) return !permission.empty();
    if (permission.empty()) return false;
    const std::string_view given = Next(&permission, '.');
    if (wanted != kEverything && wanted != given) return false;
  }
  return permission.empty();
}

// The region a scope lies in; empty for `*`.
std::string_view RegionOf(std::string_view scope) {
  Next(&scope, '/');
  return Next(&scope, '/');
}

bool IsWhole(std::string_view scope) { return std::count(scope.begin(), scope.end(), '/') == 1; }

bool IsRegionCode(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
}

}  // namespace

bool IsScope(std::string_view scope) {
  if (scope == kEverything) return true;
  const auto slashes = std::count(scope.begin(), scope.end(), '/');
  if (Next(&scope, '/') != "regions" || !IsRegionCode(Next(&scope, '/'))) return false;
  if (slashes == 1) return true;
  const std::string_view collection = Next(&scope, '/');
  return slashes == 3 &&
         (collection == "municipalities" || collection == "organisations" ||
          collection == "persons") &&
         IsId(scope);
}

bool Identity::May(std::string_view permission) const {
  if (permission.empty()) return false;
  if (permissions.contains(std::string(permission))) return true;
  return std::any_of(permissions.begin(), permissions.end(), [&](const std::string& pattern) {
    return pattern.find('*') != std::string::npos && Matches(pattern, permission);
  });
}

bool Identity::CoversAll() const {
  return std::find(scopes.begin(), scopes.end(), kEverything) != scopes.end();
}

bool Identity::CoversRegion(std::string_view region_code) const {
  return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
    return scope == kEverything || (IsWhole(scope) && RegionOf(scope) == region_code);
  });
}

bool Identity::TouchesRegion(std::string_view region_code) const {
  return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
    return scope == kEverything || RegionOf(scope) == region_code;
  });
}

std::string Identity::ScopesSetting() const {
  return CoversAll() ? kEverything : absl::StrJoin(scopes, ",");
}

Identity Identity::System(std::string_view job) {
  Identity identity;
  identity.subject = "system:" + std::string(job);
  identity.scopes = {kEverything};
  identity.permissions = {kEverything};
  return identity;
}

}  // namespace rsnms::auth
