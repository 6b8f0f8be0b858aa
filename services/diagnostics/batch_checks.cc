#include "services/diagnostics/batch_checks.h"

#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {

absl::Status CheckParent(std::string_view parent) {
  if (!RegionOf(parent).empty() && IdOf(parent).empty()) return absl::OkStatus();
  return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                           "must be regions/{region}", "ожидается regions/{код региона}");
}

absl::Status CheckBatch(std::string_view parent, std::string_view campaign,
                        const google::protobuf::RepeatedPtrField<std::string>& names,
                        std::string_view field) {
  if (auto s = CheckParent(parent); !s.ok()) return s;
  if (names.size() > kMostOfBatch) {
    return rpc::InvalidField(field, options::v1::COMMON_REASON_OUT_OF_RANGE, "at most 1000",
                             "не более 1000 за один вызов");
  }
  if (names.empty() && (RegionOf(campaign) != RegionOf(parent) || IdOf(campaign).empty())) {
    return rpc::InvalidField("campaign", options::v1::COMMON_REASON_INVALID_NAME,
                             "name the rows or a campaign of the region",
                             "укажите записи или кампанию этого региона");
  }
  for (int i = 0; i < names.size(); ++i) {
    if (RegionOf(names[i]) == RegionOf(parent) && !IdOf(names[i]).empty()) continue;
    return rpc::InvalidField(resource::Cat(field, "[", i, "]"),
                             options::v1::COMMON_REASON_INVALID_NAME, "must lie in the parent",
                             "запись должна принадлежать региону");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::diagnostics
