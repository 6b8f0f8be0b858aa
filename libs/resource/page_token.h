// Page tokens: the key of the last row shown, sealed and bound to everything that shaped the list,
// the caller included. A token used with another filter, order, parent or caller, or altered by a
// bit, is refused.
#ifndef RSNMS_LIBS_RESOURCE_PAGE_TOKEN_H_
#define RSNMS_LIBS_RESOURCE_PAGE_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/resource/row_codec.h"

namespace rsnms::resource {

// What a token belongs to. page_size may change between pages (AIP-158).
struct PageBinding {
  std::string method, parent, filter, order_by;
  bool show_deleted = false;
  std::string subject, scopes;

  std::string Serialize() const;
};

inline constexpr absl::Duration kPageTokenLifetime = absl::Hours(72);

std::string MakePageToken(std::string_view key, const PageBinding& binding, const Values& row_key,
                          absl::Time now);
// INVALID_ARGUMENT INVALID_PAGE_TOKEN when damaged, forged, expired or of another request.
absl::StatusOr<Values> ReadPageToken(std::string_view key, const PageBinding& binding,
                                     std::string_view token, size_t key_columns, absl::Time now);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_PAGE_TOKEN_H_
