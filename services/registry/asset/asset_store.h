// SQL of the asset: what only other rows tell, and the two reports.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_ASSET_STORE_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_ASSET_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/asset_regulation.pb.h"
#include "rsnms/registry/v1/load_board.pb.h"
#include "rsnms/registry/v1/methodologist.pb.h"
#include "rsnms/registry/v1/mms_staff.pb.h"
#include "services/registry/asset/load_rules.h"

namespace rsnms::registry {

// The regulation that holds in the region on the day. FAILED_PRECONDITION NO_ASSET_REGULATION.
absl::StatusOr<v1::AssetRegulation> FindRegulation(const resource::Engine& engine, pg::Tx& tx,
                                                   const std::string& region_code,
                                                   const google::type::Date& day);

// Another living regulation overlaps.
absl::StatusOr<bool> RegulationOverlaps(pg::Tx& tx, const v1::AssetRegulation& regulation);

// The person stands in the asset by another record.
absl::StatusOr<bool> IsInAsset(pg::Tx& tx, const v1::Methodologist& methodologist);

// The methodologists that exist and are visible, held until the transaction ends: one writer at a
// time counts the places of each.
absl::StatusOr<std::vector<v1::Methodologist>> HoldMethodologists(
    const resource::Engine& engine, pg::Tx& tx, const std::vector<std::string>& names);

// Their living attachments, whoever may see them; methodologists, attachments and educators are
// keyed by name.
absl::StatusOr<LoadBook> ReadLoads(pg::Tx& tx, const std::vector<std::string>& methodologists);

// Where somebody works on a day.
struct Workplace {
  std::string organisation, municipality;  // names; the municipality may be empty
};
// One answer for each question, the main place before others; none: does not work, or not visible.
struct WorkplaceQuestion {
  std::string person;
  google::type::Date day;
};
absl::StatusOr<std::vector<std::optional<Workplace>>> FindWorkplaces(
    pg::Tx& tx, const std::vector<WorkplaceQuestion>& questions);

// Ends what is attached on the methodologist's last day; what would begin later is deleted.
absl::Status EndAttachments(const resource::Engine& engine, pg::Tx& tx,
                            const journal::Author& author, const std::string& methodologist,
                            const google::type::Date& last_day);

// What stands against a record of the register in other rows.
struct StaffFindings {
  bool employed = false;  // at the service on the first day
  bool repeated = false;  // in the register of the service by another record on one of the days
};
absl::StatusOr<StaffFindings> FindAgainst(pg::Tx& tx, const v1::MmsStaffMember& member);

// A three-party agreement that has come into force and covers the municipality.
struct AgreementTerm {
  std::string document;  // number and day of signing
  google::type::Date start;
  std::optional<google::type::Date> end;
};
// None: absent, not visible, or not such an agreement.
absl::StatusOr<std::optional<AgreementTerm>> FindAgreement(pg::Tx& tx, const std::string& agreement,
                                                           const std::string& municipality);

// Items of a plan, and of them those not marked.
struct ItemCounts {
  int64_t all = 0, unmarked = 0;
};
absl::StatusOr<ItemCounts> CountItems(pg::Tx& tx, const std::string& work_plan);

absl::Status ReadLoadBoard(pg::Tx& tx, const v1::GetLoadBoardRequest& request,
                           v1::LoadBoard* board);
absl::Status CountStaff(pg::Tx& tx, const v1::CountMmsStaffRequest& request,
                        v1::CountMmsStaffResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_ASSET_STORE_H_
