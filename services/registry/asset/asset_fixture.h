// The registry with its asset in the test's own process, `diagnostics` and `programs` played by the
// test, and the calls these tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_ASSET_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_ASSET_FIXTURE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rsnms/diagnostics/v1/result.pb.h"
#include "rsnms/diagnostics/v1/result_methods.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/registry/v1/asset_service.pb.h"
#include "services/registry/asset/asset.h"
#include "services/registry/names.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry {

// Answers as `diagnostics` and `programs` do, from what the test put in.
class FakeUpstream : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    asked.push_back(request.ShortDebugString());
    if (away) {
      return rpc::Error(absl::StatusCode::kUnavailable,
                        options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE, "away");
    }
    if (method == "rsnms.diagnostics.v1.Diagnostics/ListResults") {
      for (const auto& result : results)
        if (request.ShortDebugString().find(result.person()) != std::string::npos)
          *static_cast<diagnostics::v1::ListResultsResponse*>(response)->add_results() = result;
      return absl::OkStatus();
    }
    if (method == "rsnms.diagnostics.v1.Diagnostics/GetResult") {
      for (const auto& result : results) {
        if (result.name() != static_cast<const diagnostics::v1::GetResultRequest&>(request).name())
          continue;
        *static_cast<diagnostics::v1::Result*>(response) = result;
        return absl::OkStatus();
      }
      return rpc::NotFound("diagnostics.rsnms/Result", "");
    }
    if (method == "rsnms.programs.v1.Programs/ListCompletions") {
      for (const auto& completion : completions)
        if (request.ShortDebugString().find(completion.person()) != std::string::npos)
          *static_cast<programs::v1::ListCompletionsResponse*>(response)->add_completions() =
              completion;
      return absl::OkStatus();
    }
    return absl::UnimplementedError("");
  }
  absl::Status ServerStream(std::string_view, const google::protobuf::Message&,
                            google::protobuf::Message*, const std::function<bool()>&,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }
  absl::Status ClientStream(std::string_view, google::protobuf::Message*,
                            const std::function<bool()>&, google::protobuf::Message*,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }

  bool away = false;
  std::vector<diagnostics::v1::Result> results;
  std::vector<programs::v1::Completion> completions;
  std::vector<std::string> asked;
};

class AssetTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ = testing::Service::Start(
        {.name = "registry", .contracts = {Contract(), AssetContract()}, .upstreams = {}},
        [this](service::Host& host) {
          AddRules(host.engine());
          AddAssetRules(host.engine());
          methods_ = std::make_unique<RegistryService>(host.engine());
          methods_->Serve(host.server());
          asset_ = std::make_unique<AssetService>(
              host.engine(), AssetUpstreams{.diagnostics = upstream_, .programs = upstream_});
          asset_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
    MakeRegion();
    auto school = MakeBody("Школа № 1");
    ASSERT_TRUE(school.ok()) << school.status();
    school_ = school->name();
  }
  void TearDown() override {
    service_.reset();
    asset_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const std::string& method, const Request& request) {
    Response response;
    auto status = admin_->Unary(absl::StrCat("rsnms.registry.v1.Asset/", method), request,
                                &response, absl::Now() + absl::Seconds(60));
    if (!status.ok()) return status;
    return response;
  }
  // Somebody who works at the school from 2015 on.
  std::string Worker() {
    auto person = MakePerson();
    EXPECT_TRUE(person.ok()) << person.status();
    auto post = Employ(Post(person->name(), school_, CivilDay(2015, 1, 1), false));
    EXPECT_TRUE(post.ok()) << post.status();
    return person->name();
  }
  absl::StatusOr<v1::AssetRegulation> Regulate(int limit, CivilDay start = CivilDay(2015, 1, 1)) {
    v1::CreateAssetRegulationRequest request;
    request.set_parent(kRegion);
    auto* regulation = request.mutable_asset_regulation();
    regulation->set_document("Положение о региональном методическом активе");
    *regulation->mutable_start_date() = ToDate(start);
    regulation->set_attachment_limit(limit);
    regulation->add_selection_months(9);
    regulation->add_selection_months(1);
    regulation->add_training_topic_codes("methodological-support");
    return Ask<v1::AssetRegulation>("CreateAssetRegulation", request);
  }
  absl::StatusOr<v1::Methodologist> Nominate(const std::string& person,
                                             CivilDay day = CivilDay(2023, 9, 10)) {
    v1::CreateMethodologistRequest request;
    request.set_parent(kRegion);
    request.mutable_methodologist()->set_person(person);
    request.mutable_methodologist()->set_organisation(school_);
    *request.mutable_methodologist()->mutable_nomination_date() = ToDate(day);
    return Ask<v1::Methodologist>("CreateMethodologist", request);
  }
  void Diagnose(const std::string& person) {
    diagnostics::v1::Result result;
    result.set_name("regions/86/results/0190b6a0-0000-7000-8000-000000000001");
    result.set_person(person);
    *result.mutable_submit_date() = D(2023, 3, 15);
    upstream_->results.push_back(result);
  }
  void Train(const std::string& person, const std::string& topic = "methodological-support") {
    programs::v1::Completion completion;
    completion.set_name("regions/86/completions/0190b6a0-0000-7000-8000-000000000002");
    completion.set_person(person);
    completion.add_topic_codes(topic);
    *completion.mutable_completion_date() = D(2023, 10, 1);
    upstream_->completions.push_back(completion);
  }
  template <class Request>
  absl::StatusOr<v1::Methodologist> Step(const char* method, const std::string& name) {
    Request request;
    request.set_name(name);
    return Ask<v1::Methodologist>(method, request);
  }
  static v1::ContractMethodologistRequest Contract2023(const std::string& name) {
    v1::ContractMethodologistRequest request;
    request.set_name(name);
    request.set_contract_kind(v1::METHODOLOGIST_CONTRACT_KIND_CIVIL);
    request.set_contract_number("17-ГПХ");
    *request.mutable_contract_date() = D(2023, 10, 20);
    *request.mutable_contract_start_date() = D(2023, 11, 1);
    *request.mutable_contract_end_date() = D(2025, 10, 31);
    return request;
  }
  // From nomination to work under a contract of November 2023 to October 2025.
  std::string Active() {
    const std::string person = Worker();
    Diagnose(person);
    Train(person);
    auto candidate = Nominate(person);
    EXPECT_TRUE(candidate.ok()) << candidate.status();
    const std::string name = candidate->name();
    auto s = Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", name);
    EXPECT_TRUE(s.ok()) << s.status();
    s = Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name);
    EXPECT_TRUE(s.ok()) << s.status();
    s = Ask<v1::Methodologist>("ContractMethodologist", Contract2023(name));
    EXPECT_TRUE(s.ok()) << s.status();
    v1::ActivateMethodologistRequest activate;
    activate.set_name(name);
    *activate.mutable_activation_date() = D(2023, 11, 1);
    s = Ask<v1::Methodologist>("ActivateMethodologist", activate);
    EXPECT_TRUE(s.ok()) << s.status();
    return name;
  }
  static v1::Attachment Draft(const std::string& methodologist, const std::string& educator,
                              CivilDay start = CivilDay(2024, 1, 1)) {
    v1::Attachment attachment;
    attachment.set_methodologist(methodologist);
    attachment.set_educator(educator);
    *attachment.mutable_start_date() = ToDate(start);
    return attachment;
  }
  absl::StatusOr<v1::Attachment> Attach(const v1::Attachment& attachment) {
    v1::CreateAttachmentRequest request;
    request.set_parent(kRegion);
    *request.mutable_attachment() = attachment;
    return Ask<v1::Attachment>("CreateAttachment", request);
  }

  std::string school_;
  std::shared_ptr<FakeUpstream> upstream_ = std::make_shared<FakeUpstream>();
  std::unique_ptr<AssetService> asset_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_ASSET_FIXTURE_H_
