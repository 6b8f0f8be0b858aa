// The form of the passport: seven blocks and their fields (form version 1). The regulations name
// the blocks and no fields, so the layout is ours and carries a version. Pure.
#ifndef RSNMS_SERVICES_MONITORING_PASSPORT_FORM_H_
#define RSNMS_SERVICES_MONITORING_PASSPORT_FORM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "google/protobuf/repeated_field.h"
#include "rsnms/monitoring/v1/indicator.pb.h"
#include "rsnms/monitoring/v1/passport.pb.h"

namespace rsnms::monitoring {

// How the canonical bytes are to be read.
inline constexpr char kPassportFormat[] = "rsnms-passport/1";

// Counts of the projection by field id (`staff.pedagogues`).
using PassportCounts = absl::btree_map<std::string, int64_t>;

// What the blocks are built from.
struct PassportData {
  PassportCounts counts;
  std::vector<v1::IndicatorValue> indicators;  // of the region, in the profile's order: block 7
  bool complete = true;  // false: some source was never read; counts are then no data
};

// The seven blocks; manual fields are still without value.
google::protobuf::RepeatedPtrField<v1::PassportBlock> BuildBlocks(const PassportData& data);

// Code of a block as the operator's manifest names it: `staff`.
std::string BlockCode(v1::PassportBlockKind kind);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PASSPORT_FORM_H_
