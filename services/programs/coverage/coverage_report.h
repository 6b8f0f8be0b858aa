// What is lacking and ordered beside what is on offer. Pure: the same facts give the same report.
#ifndef RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_REPORT_H_
#define RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "rsnms/programs/v1/coverage.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/training_order.pb.h"
#include "services/programs/orders/line_programmes.h"

namespace rsnms::programs {

// A line of an order in force.
struct OrderedLine {
  std::string order, organisation, municipality;
  int year = 0;
  int place = 0;  // of the line in its order
  v1::OrderLine line;
  int open_places = 0;  // nobody holds them
};

// What diagnostics tell of a competency.
struct DeficitCount {
  std::optional<int64_t> count;
  bool suppressed = false;
};

// Versions in work by what they were begun for: a competency's name, or `{order name}/{line id}`.
using VersionsInWork = std::map<std::string, std::vector<std::string>>;

struct CoverageFacts {
  absl::CivilDay today;                          // groups that ended before it teach nobody
  std::vector<v1::Programme> programmes;         // on offer
  MeantFor meant;                                // whom they are for
  std::vector<v1::Group> groups;                 // of them
  std::vector<OrderedLine> lines;                // of orders in force
  std::map<std::string, DeficitCount> deficits;  // by name of the competency
  VersionsInWork in_work;
};

// Whether a programme, a group, an order's line is looked at. A group: only while it is open with a
// free seat and its last day is not before `today`.
bool IsInScope(const v1::CoverageScope& scope, const v1::Programme& programme);
bool IsInScope(const v1::CoverageScope& scope, const v1::Group& group, absl::CivilDay today);
bool IsInScope(const v1::CoverageScope& scope, const OrderedLine& line);

// Every competency lacked, withheld or ordered, by state, then demand, then name; the whole list.
std::vector<v1::CompetencyNeed> TellNeeds(const v1::CoverageScope& scope,
                                          const CoverageFacts& facts);

// Lines with open places that no programme on offer answers (Answers), by open places, then order
// and line.
std::vector<v1::UnmetOrderLine> TellUnmet(const v1::CoverageScope& scope,
                                          const CoverageFacts& facts);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_REPORT_H_
