// The registry in the test's own process, and the calls its tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_REGISTRY_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_REGISTRY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "libs/testing/service.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "services/registry/period_rules.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"
#include "tools/demo/generator.h"

namespace rsnms::registry {

using absl::CivilDay;

inline constexpr char kRegion[] = "regions/86";
inline constexpr char kSurgut[] = "regions/86/municipalities/71876000";
inline constexpr char kUrai[] = "regions/86/municipalities/71878000";

inline google::type::Date D(int year, int month, int day) {
  return ToDate(CivilDay(year, month, day));
}

class RegistryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<const google::protobuf::ServiceDescriptor*> contracts = AreaContracts();
    contracts.push_back(Contract());
    service_ = testing::Service::Start(
        {.name = "registry", .contracts = contracts, .upstreams = {}}, [this](service::Host& host) {
          AddRules(host.engine());
          methods_ = std::make_unique<RegistryService>(host.engine());
          methods_->Serve(host.server());
          WireArea(host);
        });
    admin_ = service_->ConnectAsAdministrator();
  }
  void TearDown() override { service_.reset(); }

  // What an area of the registry adds to the service its tests run.
  virtual std::vector<const google::protobuf::ServiceDescriptor*> AreaContracts() { return {}; }
  virtual void WireArea(service::Host&) {}

  template <class Response, class Request>
  absl::StatusOr<Response> Call(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.registry.v1.Registry/", method), request,
                               &response, absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Call(const char* method, const Request& request) {
    return Call<Response>(*admin_, method, request);
  }

  // Region 86 with two municipalities.
  void MakeRegion() {
    v1::CreateRegionRequest region;
    region.set_parent(kRegion);
    region.set_region_id("86");
    region.mutable_region()->set_official_name("Югра");
    ASSERT_TRUE(Call<v1::Region>("CreateRegion", region).ok())
        << Call<v1::Region>("CreateRegion", region).status();
    for (const char* name : {kSurgut, kUrai}) {
      v1::CreateMunicipalityRequest request;
      request.set_parent(kRegion);
      request.set_municipality_id(
          std::string(name).substr(sizeof("regions/86/municipalities/") - 1));
      request.mutable_municipality()->set_official_name("город");
      request.mutable_municipality()->set_kind(v1::MUNICIPALITY_KIND_URBAN_OKRUG);
      auto made = Call<v1::Municipality>("CreateMunicipality", request);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_EQ(made->oktmo_code(), request.municipality_id());
    }
  }
  absl::StatusOr<v1::Organisation> MakeBody(
      const std::string& title, const std::string& municipality = kSurgut,
      v1::OrganisationKind kind = v1::ORGANISATION_KIND_SCHOOL) {
    v1::CreateOrganisationRequest request;
    request.set_parent(kRegion);
    request.mutable_organisation()->set_official_name(title);
    request.mutable_organisation()->set_kind(kind);
    request.mutable_organisation()->set_municipality(municipality);
    return Call<v1::Organisation>("CreateOrganisation", request);
  }
  absl::StatusOr<v1::Person> MakePerson(const std::string& family_name = "Айпина") {
    v1::CreatePersonRequest request;
    request.set_parent(kRegion);
    request.mutable_person()->set_family_name(family_name);
    request.mutable_person()->set_given_name("Анна");
    *request.mutable_person()->mutable_birth_date() = D(2000, 5, 10);
    *request.mutable_person()->mutable_teaching_start_date() = D(2022, 9, 1);
    return Call<v1::Person>("CreatePerson", request);
  }
  static v1::Employment Post(const std::string& person, const std::string& body, CivilDay start,
                             bool main = true) {
    v1::Employment employment;
    employment.set_person(person);
    employment.set_organisation(body);
    employment.set_category(v1::STAFF_CATEGORY_PEDAGOGUE);
    employment.set_post_code("teacher");
    *employment.mutable_start_date() = ToDate(start);
    employment.set_main(main);
    return employment;
  }
  absl::StatusOr<v1::Employment> Employ(const v1::Employment& employment) {
    v1::CreateEmploymentRequest request;
    request.set_parent(kRegion);
    *request.mutable_employment() = employment;
    return Call<v1::Employment>("CreateEmployment", request);
  }
  absl::StatusOr<v1::OrganisationLink> Move(const std::string& child, const std::string& parent,
                                            CivilDay day, const std::string& request_id = "") {
    v1::MoveOrganisationRequest request;
    request.set_name(child);
    request.set_parent(parent);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_valid_from_date() = ToDate(day);
    request.set_request_id(request_id);
    return Call<v1::OrganisationLink>("MoveOrganisation", request);
  }
  std::vector<std::string> Tree(CivilDay day, const std::string& root = "", int max_depth = -1) {
    v1::GetOrganisationTreeRequest request;
    request.set_parent(kRegion);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_as_of_date() = ToDate(day);
    request.set_root(root);
    if (max_depth >= 0) request.set_max_depth(max_depth);
    auto tree = Call<v1::OrganisationTree>("GetOrganisationTree", request);
    EXPECT_TRUE(tree.ok()) << tree.status();
    std::vector<std::string> lines;
    if (!tree.ok()) return lines;
    for (const auto& node : tree->nodes())
      lines.push_back(absl::StrCat(node.depth(), " ", node.official_name()));
    return lines;
  }
  std::vector<v1::OrganisationLink> Links() {
    v1::ListOrganisationLinksRequest request;
    request.set_parent(kRegion);
    request.set_page_size(1000);
    auto page = Call<v1::ListOrganisationLinksResponse>("ListOrganisationLinks", request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->organisation_links().begin(), page->organisation_links().end()};
  }

  // Streams `next` into Import<method>.
  template <class Request, class Response, class R>
  absl::StatusOr<options::v1::ImportReport> Import(const char* method, R* (Request::*row)(),
                                                   demo::Stream<R> next,
                                                   options::v1::ImportMode mode,
                                                   const std::string& parent = kRegion) {
    Request message;
    Response response;
    bool header = true;
    auto status = admin_->ClientStream(
        absl::StrCat("rsnms.registry.v1.Registry/", method), &message,
        [&] {
          if (header) {
            message.mutable_header()->set_parent(parent);
            message.mutable_header()->set_mode(mode);
            header = false;
            return true;
          }
          return next((message.*row)());
        },
        &response, absl::Now() + absl::Seconds(120));
    if (!status.ok()) return status;
    return response.report();
  }
  std::string Sql(const std::string& query) {
    std::string value;
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) {
      auto rows = tx.Query(query);
      if (rows.ok()) value = (*rows)[0][0].c_str();
      return rows.status();
    });
    return status.ok() ? value : status.ToString();
  }

  std::unique_ptr<RegistryService> methods_;  // outlives the server
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_REGISTRY_FIXTURE_H_
