// The service `programs` in the test's process, with a federal operator of its own.
#ifndef RSNMS_SERVICES_PROGRAMS_PROGRAMS_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_PROGRAMS_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/auth/verifier.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "libs/testing/service.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "services/programs/catalogue/catalogue.h"
#include "services/programs/coverage/coverage_service.h"
#include "services/programs/enrolment/training_service.h"
#include "services/programs/learning/learning_service.h"
#include "services/programs/names.h"
#include "services/programs/orders/orders_service.h"
#include "services/programs/programs_service.h"
#include "services/programs/register/register.h"
#include "services/programs/register/register_mirror.h"
#include "services/programs/submission/submission.h"
#include "tools/federal_sim/sim.h"

namespace rsnms::programs {

// Lets everybody in: the operator's stand-in is not what these tests are about.
class OpenDoor : public auth::Verifier {
 public:
  absl::StatusOr<std::shared_ptr<const auth::Identity>> Verify(std::string_view) const override {
    return std::make_shared<const auth::Identity>(auth::Identity::System("test"));
  }
};

inline std::string Uuid(int n) {
  std::string digits = std::to_string(n);
  return "01900000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class ProgramsFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    federal_sim::SimOptions options;
    options.programmes = 60;
    auto sim = federal_sim::Sim::Start(options, &open_door_);
    ASSERT_TRUE(sim.ok()) << sim.status();
    sim_ = *std::move(sim);
    const auto* file = v1::SelectProgrammesRequest::descriptor()->file();
    service_ = testing::Service::Start(
        {.name = "programs",
         .contracts = {file->FindServiceByName("Programs"), CatalogueContract(),
                       federal_register::Contract(), TrainingService::Contract(),
                       OrdersService::Contract(), CoverageService::Contract(),
                       LearningService::Contract(), submission::Contract()},
         .upstreams = {}},
        [this](service::Host& host) {
          programs_ = std::make_unique<ProgramsService>(
              &host.engine(), [this] { ++wakes_; }, today_, diagnostics_);
          programs_->Serve(host.server());
          federal_register::AddRules(host.engine());
          register_ = std::make_unique<federal_register::RegisterService>(host.engine(),
                                                                          [this] { ++wakes_; });
          register_->Serve(host.server());
          AddCatalogueRules(host.engine(), now_);
          catalogue_ = std::make_unique<CatalogueService>(host.engine(), registry_, now_);
          catalogue_->Serve(host.server());
          submission::AddRules(host.engine());
          submissions_ = std::make_unique<submission::SubmissionService>(host.engine(), connected_,
                                                                         [this] { ++wakes_; });
          submissions_->Serve(host.server());
          training_ = std::make_unique<TrainingService>(
              &host.engine(), host.Key(resource::KeyPurpose::kReportPages), absl::Now,
              diagnostics_);
          training_->Serve(host.server());
          orders_ = std::make_unique<OrdersService>(&host.engine(), registry_);
          orders_->Serve(host.server());
          coverage_ = std::make_unique<CoverageService>(
              &host.engine(), diagnostics_, host.Key(resource::KeyPurpose::kReportPages), today_);
          coverage_->Serve(host.server());
          learning_ = std::make_unique<LearningService>(
              &host.engine(), registry_, host.Key(resource::KeyPurpose::kReportPages), now_);
          learning_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
  }

  // A call as the administrator; the answer must be OK.
  template <class Response, class Request>
  Response Must(const std::string& method, const Request& request) {
    Response response;
    const absl::Status status = Call(*admin_, method, request, &response);
    EXPECT_TRUE(status.ok()) << method << ": " << status;
    return response;
  }
  template <class Response, class Request>
  absl::Status Try(const std::string& method, const Request& request) {
    Response response;
    return Call(*admin_, method, request, &response);
  }
  static absl::Status Call(rpc::Client& client, const std::string& method,
                           const google::protobuf::Message& request,
                           google::protobuf::Message* response) {
    const bool named = method.find('/') != std::string::npos;  // `Register/KeepOurs`
    return client.Unary("rsnms.programs.v1." + (named ? "" : std::string("Programs/")) + method,
                        request, response, absl::Now() + absl::Seconds(20), false);
  }

  v1::Programme CreateProgramme(const std::string& title = "Практикум",
                                const std::string& register_number = "") {
    v1::CreateProgrammeRequest request;
    request.set_parent("regions/86");
    v1::Programme& programme = *request.mutable_programme();
    programme.set_title(title);
    programme.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
    programme.set_duration_hours(36);
    programme.set_for_pedagogues(true);
    programme.set_provider_title("Институт");
    programme.set_federal_register_number(register_number);
    programme.add_topic_codes("education-quality-management");
    programme.add_competencies()->set_competency("regions/86/competencies/methodical-lesson");
    return Must<v1::Programme>("CreateProgramme", request);
  }

  // All programmes of region 86, deleted ones included, by register number or name.
  std::map<std::string, v1::Programme> Programmes() {
    std::map<std::string, v1::Programme> programmes;
    v1::ListProgrammesRequest request;
    request.set_parent("regions/86");
    request.set_page_size(1000);
    request.set_show_deleted(true);
    do {
      const auto page = Must<v1::ListProgrammesResponse>("ListProgrammes", request);
      for (const v1::Programme& programme : page.programmes()) {
        const std::string& number = programme.federal_register_number();
        programmes[number.empty() ? programme.name() : number] = programme;
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return programmes;
  }

  std::shared_ptr<rpc::Client> Federal() {
    rpc::ClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(sim_->server().port());
    options.token = [] { return std::string("anything"); };
    return rpc::Client::Create(options);
  }

  OpenDoor open_door_;
  std::unique_ptr<federal_sim::Sim> sim_;
  int wakes_ = 0;
  bool connected_ = true;                          // there is a channel to the register
  std::shared_ptr<rpc::Client> registry_;          // set by those who play the registry
  std::shared_ptr<rpc::Client> diagnostics_;       // set by those who play diagnostics
  std::function<absl::Time()> now_ = absl::Now;    // of catalogue and learning
  std::function<absl::Time()> today_ = absl::Now;  // of steps, selection and coverage
  std::unique_ptr<ProgramsService> programs_;
  std::unique_ptr<federal_register::RegisterService> register_;
  std::unique_ptr<CatalogueService> catalogue_;
  std::unique_ptr<submission::SubmissionService> submissions_;
  std::unique_ptr<TrainingService> training_;
  std::unique_ptr<OrdersService> orders_;
  std::unique_ptr<CoverageService> coverage_;
  std::unique_ptr<LearningService> learning_;
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_PROGRAMS_FIXTURE_H_
