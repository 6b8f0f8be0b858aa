// What tests of references do with drawers and specimens, and the rule they all keep.
#ifndef RSNMS_LIBS_RESOURCE_TESTING_DRAWERS_H_
#define RSNMS_LIBS_RESOURCE_TESTING_DRAWERS_H_

#include <string>

#include "google/rpc/error_details.pb.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {

// Living specimens that refer to what is absent or deleted: there are never any.
inline constexpr char kSqlDangling[] =
    "SELECT count(*) FROM specimen s WHERE s.delete_time IS NULL AND ("
    "(s.drawer_id IS NOT NULL AND NOT EXISTS (SELECT FROM drawer d WHERE d.region_code = "
    "s.region_code AND d.id = s.drawer_id AND d.delete_time IS NULL)) OR "
    "(s.twin_id IS NOT NULL AND NOT EXISTS (SELECT FROM specimen t WHERE t.region_code = "
    "s.region_code AND t.id = s.twin_id AND t.delete_time IS NULL)) OR "
    "EXISTS (SELECT FROM unnest(s.drawers_ids) u(id) WHERE NOT EXISTS (SELECT FROM drawer d WHERE "
    "d.region_code = s.region_code AND d.id = u.id AND d.delete_time IS NULL)))";

inline absl::StatusOr<museum::Drawer> MakeDrawer(Museum& m, const std::string& id) {
  museum::CreateDrawerRequest request;
  request.set_parent("regions/86");
  request.set_drawer_id(id);
  request.mutable_drawer()->set_title(id);
  return m.Call<museum::Drawer>("CreateDrawer", request);
}
inline absl::StatusOr<museum::Drawer> DropDrawer(Museum& m, const std::string& id) {
  museum::DeleteDrawerRequest request;
  request.set_name("regions/86/drawers/" + id);
  return m.Call<museum::Drawer>("DeleteDrawer", request);
}
inline absl::StatusOr<museum::Drawer> ReviveDrawer(Museum& m, const std::string& id) {
  museum::UndeleteDrawerRequest request;
  request.set_name("regions/86/drawers/" + id);
  return m.Call<museum::Drawer>("UndeleteDrawer", request);
}
inline absl::StatusOr<museum::Specimen> DropSpecimen(Museum& m, const std::string& name) {
  museum::DeleteSpecimenRequest request;
  request.set_name(name);
  return m.Call<museum::Specimen>("DeleteSpecimen", request);
}
inline absl::StatusOr<museum::Specimen> ReviveSpecimen(Museum& m, const std::string& name) {
  museum::UndeleteSpecimenRequest request;
  request.set_name(name);
  return m.Call<museum::Specimen>("UndeleteSpecimen", request);
}

// Path of the first field violation; empty when there is none.
inline std::string FirstField(const absl::Status& status) {
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& any : proto.details()) {
    google::rpc::BadRequest bad;
    if (any.UnpackTo(&bad) && bad.field_violations_size() > 0) {
      return bad.field_violations(0).field();
    }
  }
  return "";
}

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TESTING_DRAWERS_H_
