// What a filter means, written the slow and plain way over one message: the reference for the SQL
// compiler.
#ifndef RSNMS_LIBS_RESOURCE_TESTING_FILTER_ORACLE_H_
#define RSNMS_LIBS_RESOURCE_TESTING_FILTER_ORACLE_H_

#include "libs/resource/filter.h"
#include "libs/resource/testing/specimen.pb.h"

namespace rsnms::resource {

bool OracleMatches(const FilterNode& node, const rsnms::testing::v1::Specimen& s);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TESTING_FILTER_ORACLE_H_
