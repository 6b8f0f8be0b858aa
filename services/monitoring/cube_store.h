// Reads of cube, facts and watermarks, within the transaction's scopes.
#ifndef RSNMS_SERVICES_MONITORING_CUBE_STORE_H_
#define RSNMS_SERVICES_MONITORING_CUBE_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/monitoring/v1/fact.pb.h"
#include "services/monitoring/indicator_rules.h"

namespace rsnms::monitoring {

// Cells of all kinds, in the order of municipalities; with `by_municipality` false their
// municipality is empty.
absl::StatusOr<std::vector<Cell>> LoadCells(pg::Tx& tx, const std::string& region_code, int year,
                                            bool by_municipality);

// One row of a cube query; ids, not names; empty where not grouped by.
struct CubeCount {
  std::string municipality_id, organisation_id;
  FactMask mask;
  int64_t count;
};
struct CubeGrouping {
  bool by_municipality = false, by_organisation = false;
};
absl::StatusOr<std::vector<CubeCount>> LoadCube(pg::Tx& tx, const std::string& region_code,
                                                int year, v1::SubjectKind kind,
                                                CubeGrouping grouping);

// Sets of facts that occur among subjects of a kind.
absl::StatusOr<std::vector<FactMask>> LoadMasks(pg::Tx& tx, const std::string& region_code,
                                                int year, v1::SubjectKind kind);

// Which subjects to list.
struct SubjectQuery {
  std::string region_code;
  int year;
  v1::SubjectKind kind;
  std::vector<FactMask> masks;  // sets of facts wanted
  std::string municipality_id;  // empty: any
  std::string after;  // id of the last subject of the page before; empty: from the beginning
  int limit;
};
// In the order of ids.
absl::StatusOr<std::vector<v1::FactSubject>> LoadSubjects(pg::Tx& tx, const SubjectQuery& query);

// Up to which change of each source the projection is true, and which sources were read to the end
// at least once.
struct Standing {
  std::vector<v1::FeedWatermark> watermarks;  // in the order of Sources()
  absl::flat_hash_set<std::string> loaded;
};
absl::StatusOr<Standing> LoadStanding(pg::Tx& tx);

// Name of a subject's resource.
std::string SubjectName(const std::string& region_code, v1::SubjectKind kind,
                        const std::string& id);
// `regions/86/municipalities/71876000`; empty for an empty id. Likewise of organisations.
std::string MunicipalityName(const std::string& region_code, const std::string& id);
std::string OrganisationName(const std::string& region_code, const std::string& id);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_CUBE_STORE_H_
