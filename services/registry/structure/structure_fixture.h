// The registry with this area, and the calls its tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_FIXTURE_H_

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "rsnms/registry/v1/structure_service.pb.h"
#include "services/registry/registry_fixture.h"
#include "services/registry/structure/structure.h"

namespace rsnms::registry {

class StructureTest : public RegistryTest {
 protected:
  std::vector<const google::protobuf::ServiceDescriptor*> AreaContracts() override {
    return {StructureContract()};
  }
  void WireArea(service::Host& host) override {
    AddStructureRules(host.engine());
    structure_ = std::make_unique<StructureService>(host.engine());
    structure_->Serve(host.server());
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.registry.v1.Structure/", method), request,
                               &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const char* method, const Request& request) {
    return Ask<Response>(*admin_, method, request);
  }

  static v1::SystemProfileFile File(const std::string& code) {
    std::ifstream stream(absl::StrCat("services/registry/profiles/", code, ".textproto"));
    std::stringstream text;
    text << stream.rdbuf();
    v1::SystemProfileFile file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text.str(), &file)) << code;
    return file;
  }
  // The region of a file, and its municipality if it has one.
  void MakeHome(const v1::SystemProfileFile& file) {
    v1::CreateRegionRequest region;
    region.set_region_id(file.region_code());
    region.mutable_region()->set_official_name(file.region_title());
    ASSERT_TRUE(Call<v1::Region>("CreateRegion", region).ok());
    if (file.municipality_oktmo_code().empty()) return;
    v1::CreateMunicipalityRequest request;
    request.set_parent(absl::StrCat("regions/", file.region_code()));
    request.set_municipality_id(file.municipality_oktmo_code());
    request.mutable_municipality()->set_official_name(file.municipality_title());
    request.mutable_municipality()->set_kind(v1::MUNICIPALITY_KIND_URBAN_OKRUG);
    ASSERT_TRUE(Call<v1::Municipality>("CreateMunicipality", request).ok());
  }
  absl::StatusOr<v1::LoadSystemProfileResponse> Load(const v1::SystemProfileFile& file,
                                                     bool validate_only = false) {
    v1::LoadSystemProfileRequest request;
    request.set_parent(absl::StrCat("regions/", file.region_code()));
    *request.mutable_file() = file;
    request.set_validate_only(validate_only);
    return Ask<v1::LoadSystemProfileResponse>("LoadSystemProfile", request);
  }
  absl::StatusOr<v1::FunctionsReport> Report(const v1::SystemProfileFile& file,
                                             CivilDay day = CivilDay(2026, 9, 1),
                                             std::optional<absl::Time> known = {}) {
    v1::ReportFunctionsRequest request;
    if (known) {
      const int64_t micros = absl::ToUnixMicros(*known);
      request.mutable_known_time()->set_seconds(micros / 1'000'000);
      request.mutable_known_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
    }
    request.set_parent(absl::StrCat("regions/", file.region_code()));
    request.set_profile(absl::StrCat(request.parent(), "/systemProfiles/", file.code()));
    *request.mutable_as_of_date() = ToDate(day);
    return Ask<v1::FunctionsReport>("ReportFunctions", request);
  }

  std::unique_ptr<StructureService> structure_;
};

// A profile of region 86 with two subjects, the second under the first, and two functions they
// perform jointly.
inline v1::SystemProfileFile SmallProfile() {
  v1::SystemProfileFile file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        code: "small"
        region_code: "86"
        title: "Малое положение"
        kinds { code: "AUTHORITY" title: "Орган управления" }
        kinds { code: "CNPPM" title: "Центр" }
        external_actors { code: "operator" title: "Федеральный оператор" kind: "AUTHORITY" }
        subjects {
          code: "ministry"
          official_name: "Министерство"
          kind: "AUTHORITY"
          standing: SUBJECT_STANDING_BODY
          level: SUBJECT_LEVEL_REGION
          clause: "1"
          functions {
            code: "ministry.monitor"
            canonical_code: "monitor"
            text: "Наблюдает"
            clause: "1#1"
            joint_codes: "centre"
            joint_codes: "operator"
            joint_form: JOINT_FORM_JOINT
          }
        }
        subjects {
          code: "centre"
          official_name: "Центр"
          abbreviation: "Ц"
          kind: "CNPPM"
          standing: SUBJECT_STANDING_UNIT
          level: SUBJECT_LEVEL_REGION
          clause: "2"
          parent_code: "ministry"
          hierarchy: HIERARCHY_ADMINISTRATIVE
          functions {
            code: "centre.monitor"
            canonical_code: "monitor"
            text: "Наблюдает"
            clause: "2#1"
            joint_codes: "ministry"
            joint_form: JOINT_FORM_JOINT
          }
          functions { code: "centre.teach" text: "Учит" clause: "2#2" deliver_to_code: "ministry" }
        })pb",
      &file));
  return file;
}

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_FIXTURE_H_
