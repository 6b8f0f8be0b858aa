// What a passport counts beyond the cube, and its frozen revisions.
#ifndef RSNMS_SERVICES_MONITORING_PASSPORT_STORE_H_
#define RSNMS_SERVICES_MONITORING_PASSPORT_STORE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/monitoring/v1/passport.pb.h"
#include "services/monitoring/passport_form.h"

namespace rsnms::monitoring {

// Every computed field of the form but the indicators.
absl::StatusOr<PassportCounts> LoadPassportCounts(pg::Tx& tx, const std::string& region_code,
                                                  int year);

// Keeps the bytes of an approved passport for good.
absl::Status FreezeRevision(pg::Tx& tx, const v1::Passport& passport, const std::string& canonical);

// NOT_FOUND for a revision that was never frozen.
absl::StatusOr<v1::ExportPassportResponse> LoadRevision(pg::Tx& tx, const std::string& name,
                                                        int revision);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PASSPORT_STORE_H_
