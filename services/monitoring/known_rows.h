// What the projection keeps of a change: one narrow row per resource, ready for a set-based write.
// Pure.
#ifndef RSNMS_SERVICES_MONITORING_KNOWN_ROWS_H_
#define RSNMS_SERVICES_MONITORING_KNOWN_ROWS_H_

#include <array>
#include <string>
#include <vector>

#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::monitoring {

// The tables of the projection that hold what is known from the feeds.
enum class Known {
  kOrganisation,
  kPerson,
  kEmployment,
  kSupport,
  kTeam,
  kSession,
  kRoute,
  kProgramme,
  kCompletion,
  kEnrolment,
  kCertificate,
  kVersion,
  kCorporate,
  kRecord,
  kRules,
};
inline constexpr int kKnownCount = 15;

// Resource types followed, per source service.
std::vector<std::string> TypesOf(const std::string& source);
// `registry`, `diagnostics`, `programs`.
const std::vector<std::string>& Sources();

// Rows of one table by columns, as unnest takes them: element i of every column belongs to row i.
// Columns: region_code, id, gone (the resource was deleted, or its image lacks what the table
// needs), then the table's own columns in the order of its statement in known_store.cc; an empty
// text is NULL.
struct KnownColumns {
  std::vector<std::vector<std::string>> columns;
  size_t rows() const { return columns.empty() ? 0 : columns[0].size(); }
};

// Index: Known.
using KnownBatch = std::array<KnownColumns, kKnownCount>;

// Reads a batch; the last change of each resource wins. Changes of other types are left out.
KnownBatch ReadChanges(const std::vector<feed::v1::Change>& changes);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_KNOWN_ROWS_H_
