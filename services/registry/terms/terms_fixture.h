// The registry with the areas whose terms end, in the test's own process, and one record of each
// kind past or near its term. States and dates are set past the service: how records come to them
// is their areas' matter.
#ifndef RSNMS_SERVICES_REGISTRY_TERMS_TERMS_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_TERMS_TERMS_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "rsnms/registry/v1/agreement.pb.h"
#include "rsnms/registry/v1/appointment.pb.h"
#include "rsnms/registry/v1/asset_service.pb.h"
#include "rsnms/registry/v1/documents_service.pb.h"
#include "rsnms/registry/v1/mentoring_service.pb.h"
#include "rsnms/registry/v1/people_service.pb.h"
#include "rsnms/registry/v1/sites_service.pb.h"
#include "rsnms/registry/v1/structure_service.pb.h"
#include "services/registry/asset/asset.h"
#include "services/registry/documents/documents.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/people/people.h"
#include "services/registry/people/people_service.h"
#include "services/registry/registry_fixture.h"
#include "services/registry/sites/sites.h"
#include "services/registry/structure/structure.h"
#include "services/registry/terms/terms.h"

namespace rsnms::registry {

class TermsTest : public RegistryTest {
 protected:
  std::vector<const google::protobuf::ServiceDescriptor*> AreaContracts() override {
    return {AssetContract(),   documents::Contract(), MentoringContract(), PeopleContract(),
            sites::Contract(), StructureContract(),   TermsContract()};
  }
  void WireArea(service::Host& host) override {
    const std::string key = host.Key(resource::KeyPurpose::kReportPages);
    AddAssetRules(host.engine());
    asset_ = std::make_unique<AssetService>(host.engine(), AssetUpstreams{});
    asset_->Serve(host.server());
    documents::AddRules(host.engine());
    documents_ = std::make_unique<documents::DocumentsService>(host.engine());
    documents_->Serve(host.server());
    AddMentoringRules(host.engine());
    mentoring_ = std::make_unique<MentoringService>(host.engine());
    mentoring_->Serve(host.server());
    AddPeopleRules(host.engine());
    people_ = std::make_unique<PeopleService>(host.engine(), key);
    people_->Serve(host.server());
    sites::AddRules(host.engine());
    sites_ = std::make_unique<sites::SitesService>(host.engine());
    sites_->Serve(host.server());
    AddStructureRules(host.engine());
    structure_ = std::make_unique<StructureService>(host.engine());
    structure_->Serve(host.server());
    terms_ = std::make_unique<TermsService>(host.engine(), key, [this] { return now_; });
    terms_->Serve(host.server());
  }
  void SetUp() override {
    RegistryTest::SetUp();
    MakeRegion();
    school_ = MakeBody("Школа № 1")->name();
    authority_ = MakeBody("Департамент", "", v1::ORGANISATION_KIND_AUTHORITY)->name();
    institute_ = MakeBody("Институт", "", v1::ORGANISATION_KIND_INSTITUTE)->name();
    municipal_ = MakeBody("Управление", kSurgut, v1::ORGANISATION_KIND_MUNICIPAL_AUTHORITY)->name();
    Made<v1::AssetRegulation>("Asset", "asset_regulation",
                              "document: 'Положение' start_date " + Day(2015, 1, 1) +
                                  " attachment_limit: 5 selection_months: 9");
  }
  void TearDown() override {
    RegistryTest::TearDown();
    terms_.reset();
  }

  static std::string Day(int year, int month, int day) {
    return absl::StrCat("{year: ", year, " month: ", month, " day: ", day, "}");
  }
  static std::string Id(const std::string& name) { return name.substr(name.rfind('/') + 1); }

  // The name of a resource created through `service`.
  template <class R>
  std::string Made(const std::string& service, const std::string& field, const std::string& text) {
    const auto* rpc = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        absl::StrCat("rsnms.registry.v1.", service, ".Create", R::descriptor()->name()));
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(rpc->input_type())
            ->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat("parent: 'regions/86' ", field, " {", text, "}"), request.get()))
        << text;
    R made;
    auto status = admin_->Unary(absl::StrCat("rsnms.registry.v1.", service, "/", rpc->name()),
                                *request, &made, absl::Now() + absl::Seconds(20));
    EXPECT_TRUE(status.ok()) << rpc->name() << ": " << status;
    return made.name();
  }
  // Sets columns past the service.
  void Set(const std::string& table, const std::string& name, const std::string& columns) {
    const std::string id = Id(name);
    EXPECT_EQ(Sql(absl::StrCat("UPDATE ", table, " SET ", columns, " WHERE id = '", id,
                               "' RETURNING id")),
              id);
  }
  std::string Worker(const std::string& body = "", CivilDay since = CivilDay(2015, 1, 1)) {
    const std::string person = MakePerson()->name();
    EXPECT_TRUE(Employ(Post(person, body.empty() ? school_ : body, since)).ok());
    return person;
  }

  std::string Methodologist(const std::string& last, const std::string& state = "ACTIVE") {
    const std::string name =
        Made<v1::Methodologist>("Asset", "methodologist",
                                absl::StrCat("person: '", Worker(), "' organisation: '", school_,
                                             "' nomination_date ", Day(2023, 9, 10)));
    Set("methodologist", name,
        absl::StrCat(
            "state = '", state, "', contract_kind = 'CIVIL', contract_number = '1', ",
            "contract_date = '2023-10-01', contract_start_date = '2023-10-01', ",
            "activation_date = '2023-10-01', attachment_limit = 5, contract_end_date = ", last));
    return name;
  }
  std::string Attach(const std::string& methodologist) {
    return Made<v1::Attachment>("Asset", "attachment",
                                absl::StrCat("methodologist: '", methodologist, "' educator: '",
                                             Worker(), "' start_date ", Day(2023, 11, 1)));
  }
  std::string Agreement(const std::string& last, const std::string& state = "IN_FORCE") {
    const std::string name = Made<v1::Agreement>(
        "Documents", "agreement",
        absl::StrCat("kind: KIND_THREE_PARTY title: 'Соглашение' subject: 'Сопровождение' ",
                     "parties {organisation: '", municipal_, "' role: ROLE_MUNICIPAL_AUTHORITY} ",
                     "parties {organisation: '", authority_, "' role: ROLE_REGIONAL_AUTHORITY} ",
                     "parties {organisation: '", institute_, "' role: ROLE_CENTRE_HOST} ",
                     "start_date ", Day(2023, 1, 1)));
    Set("agreement", name, absl::StrCat("state = '", state, "', end_date = ", last));
    return name;
  }
  std::string Appointment(const std::string& last, const std::string& role = "PASSPORT",
                          const std::string& state = "APPOINTED") {
    const std::string name =
        Made<v1::Appointment>("Documents", "appointment",
                              absl::StrCat("role: ROLE_", role, " person: '", Worker(),
                                           "' organisation: '", institute_, "'"));
    Set("appointment", name,
        absl::StrCat("state = '", state, "', start_date = '2023-01-01', term_end_date = ", last));
    return name;
  }
  std::string Site(const std::string& last, const std::string& state = "STATUS_GRANTED",
                   const std::string& extended = "NULL") {
    const std::string name = Made<v1::Site>(
        "Sites", "site",
        absl::StrCat("kind: KIND_INTERNSHIP organisation: '", MakeBody("Школа")->name(),
                     "' direction: 'Наставничество' experience: 'Третий год.' applied_date ",
                     Day(2022, 2, 1)));
    Set("site", name,
        absl::StrCat("state = '", state,
                     "', decided_date = '2022-03-01', status_from_date = '2022-04-01', ",
                     "extended_until_date = ", extended, ", status_until_date = ", last));
    return name;
  }
  std::string Qualification(const std::string& person, const std::string& category,
                            const std::string& until) {
    return Made<v1::Qualification>(
        "People", "qualification",
        absl::StrCat("person: '", person, "' category: QUALIFICATION_CATEGORY_", category,
                     " decision_date ", Day(2019, 12, 1),
                     until.empty() ? "" : " valid_until_date " + until));
  }

  // What the worker does at noon of a Moscow day.
  static absl::Time Noon(int year, int month, int day) {
    return absl::FromCivil(absl::CivilSecond(year, month, day, 9), absl::UTCTimeZone());
  }

  std::unique_ptr<AssetService> asset_;
  std::unique_ptr<documents::DocumentsService> documents_;
  std::unique_ptr<MentoringService> mentoring_;
  std::unique_ptr<PeopleService> people_;
  std::unique_ptr<sites::SitesService> sites_;
  std::unique_ptr<StructureService> structure_;
  std::unique_ptr<TermsService> terms_;
  absl::Time now_ = Noon(2025, 1, 1);
  std::string school_, authority_, institute_, municipal_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_TERMS_TERMS_FIXTURE_H_
