// The monitoring service inside a test: real gRPC, a real database, an operator that answers what
// it is told to. Feeds are simulated by the consumers' own Apply.
#ifndef RSNMS_SERVICES_MONITORING_TEST_SERVICE_H_
#define RSNMS_SERVICES_MONITORING_TEST_SERVICE_H_

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "libs/testing/service.h"
#include "rsnms/federal/v1/passport_exchange.pb.h"
#include "rsnms/monitoring/v1/monitoring_service.pb.h"
#include "rsnms/options/v1/options.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "services/monitoring/followers.h"
#include "services/monitoring/monitoring_service.h"
#include "services/monitoring/page_mark.h"
#include "services/monitoring/passport_bytes.h"
#include "services/monitoring/passport_service.h"
#include "services/monitoring/projection.h"
#include "services/monitoring/test_world.h"

namespace rsnms::monitoring {
inline const google::protobuf::ServiceDescriptor* Contract(const char* name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}

inline std::string MakeKey() {
  const std::string path = ::testing::TempDir() + "passport.pem";
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  return path;
}

// Stands in for the federal operator: answers what it is told to, and remembers what it got.
class Operator : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    if (method.ends_with("GetPassportReceipt")) {
      *static_cast<federal::v1::PassportReceipt*>(response) = receipt;
      return absl::OkStatus();
    }
    submissions.push_back(static_cast<const federal::v1::SubmitPassportRequest&>(request));
    if (!failure.ok()) return failure;
    const auto& envelope = submissions.back().envelope();
    receipt.set_name("regions/86/passportReceipts/1");
    receipt.set_receipt_number("Р-1");
    receipt.set_passport(envelope.passport());
    receipt.set_sha256(lie ? std::string(64, '0') : Sha256Hex(envelope.payload()));
    *static_cast<federal::v1::PassportReceipt*>(response) = receipt;
    return absl::OkStatus();
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

  std::vector<federal::v1::SubmitPassportRequest> submissions;
  federal::v1::PassportReceipt receipt;
  absl::Status failure;
  bool lie = false;
};

class Monitoring : public ::testing::Test {
 protected:
  void SetUp() override {
    auto catalogue = LoadProfiles("services/monitoring/profiles");
    ASSERT_TRUE(catalogue.ok()) << catalogue.status();
    auto signer = Signer::FromFile(MakeKey());
    ASSERT_TRUE(signer.ok()) << signer.status();
    service_ = testing::Service::Start(
        {.name = "monitoring",
         .contracts = {Contract("rsnms.monitoring.v1.Monitoring")},
         .upstreams = {}},
        [&](service::Host& host) {
          AddRules(host.engine());
          methods_ = std::make_unique<MonitoringService>(
              host.engine(), MonitoringService::Options{.catalogue = *catalogue,
                                                        .page_key = std::string(32, 'p'),
                                                        .followers = followers_.get()});
          PassportService::Options passports;
          passports.signer = *std::move(signer);
          passports.federal = operator_;
          passports_ = std::make_unique<PassportService>(host.engine(), passports);
          methods_->Serve(host.server());
          passports_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
  }
  void TearDown() override {
    followers_.reset();  // before the pool they work on
    service_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.monitoring.v1.Monitoring/", method), request,
                               &response, absl::Now() + absl::Seconds(30));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  Response Must(const char* method, const Request& request) {
    auto response = Ask<Response>(*admin_, method, request);
    EXPECT_TRUE(response.ok()) << method << ": " << response.status();
    return response.ok() ? *response : Response();
  }

  absl::Status Run(const std::function<absl::Status(pg::Tx&)>& body) {
    pg::TxOptions everything;
    everything.scopes = "*";
    return service_->database().app().Run(everything, body);
  }
  void Apply(const std::vector<feed::v1::Change>& changes) {
    const auto status = Run([&](pg::Tx& tx) { return ApplyChanges(tx, changes); });
    ASSERT_TRUE(status.ok()) << status;
  }
  // As after a first snapshot of every feed, at this position.
  void MarkLoaded(int position) {
    ASSERT_TRUE(Run([&](pg::Tx& tx) {
                  return tx
                      .Execute(
                          "INSERT INTO feed_cursor (source, name, epoch, position) "
                          "SELECT s, 'facts', 'epoch', $1 "
                          "FROM unnest('{registry,diagnostics,programs}'::text[]) s "
                          "ON CONFLICT (source, name) DO UPDATE SET position = $1",
                          position)
                      .status();
                }).ok());
  }
  // By the region's authority: its scope must suffice.
  void InstallAndOpen() {
    auto authority = service_->Connect({"authority"}, {"regions/86"});
    v1::InstallProfileRequest install;
    install.set_parent("regions/86");
    install.set_profile_code("yugra");
    auto profile = Ask<v1::Profile>(*authority, "InstallProfile", install);
    ASSERT_TRUE(profile.ok()) << profile.status();
    ASSERT_EQ(profile->indicators_size(), 6);
    v1::OpenPeriodRequest open;
    open.set_parent("regions/86");
    open.set_period_year(2026);
    auto period = Ask<v1::Period>(*authority, "OpenPeriod", open);
    ASSERT_TRUE(period.ok()) << period.status();
    ASSERT_EQ(period->cut_off_date().day(), 31);
  }
  // Region 86 with a random history, loaded.
  void Load(int steps = 3000) {
    InstallAndOpen();
    std::vector<feed::v1::Change> changes;
    for (int i = 0; i < steps; ++i) changes.push_back(world_.Step());
    Apply(changes);
    MarkLoaded(steps);
  }
  std::vector<v1::IndicatorValue> Compute(bool by_municipality = false) {
    v1::ComputeIndicatorsRequest request;
    request.set_parent("regions/86");
    request.set_period_year(2026);
    request.set_by_municipality(by_municipality);
    const auto response = Must<v1::ComputeIndicatorsResponse>("ComputeIndicators", request);
    return {response.values().begin(), response.values().end()};
  }
  v1::Passport Assemble() {
    v1::AssemblePassportRequest request;
    request.set_parent("regions/86");
    request.set_period_year(2026);
    return Must<v1::Passport>("AssemblePassport", request);
  }
  template <class Request>
  absl::StatusOr<v1::Passport> Move(const char* method, const v1::Passport& passport) {
    Request request;
    request.set_name(passport.name());
    return Ask<v1::Passport>(*admin_, method, request);
  }
  v1::Passport Approved() {
    const auto passport = Assemble();
    EXPECT_TRUE(Move<v1::RequestPassportApprovalRequest>("RequestPassportApproval", passport).ok());
    auto approved = Move<v1::ApprovePassportRequest>("ApprovePassport", passport);
    EXPECT_TRUE(approved.ok()) << approved.status();
    return approved.ok() ? *approved : v1::Passport();
  }

  World world_{"86", 2026, 5};
  std::shared_ptr<Operator> operator_ = std::make_shared<Operator>();
  std::unique_ptr<Followers> followers_ = std::make_unique<Followers>();
  std::unique_ptr<MonitoringService> methods_;
  std::unique_ptr<PassportService> passports_;
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_TEST_SERVICE_H_
