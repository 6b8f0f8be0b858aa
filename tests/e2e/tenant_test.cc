// No caller of another region can read, list, count or change anything: every RPC of every service
// is tried. The RPCs are taken from the contracts, so a new one is covered by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "rsnms/options/v1/import.pb.h"
#include "rsnms/programs/v1/register_service.pb.h"
#include "tests/e2e/requests.h"

namespace rsnms::e2e {
namespace {

using google::protobuf::Message;

constexpr char kOwn[] = "regions/61";
constexpr char kForeign[] = "regions/86";

// What a foreigner may be answered: nothing of the region, or a refusal that does not tell whether
// the thing exists.
void ExpectNothing(const std::string& what, const absl::Status& status, const Message& response) {
  if (status.ok()) {
    EXPECT_THAT(response.DebugString(),
                testing::Not(testing::HasSubstr(absl::StrCat(kForeign, "/"))))
        << what;
    return;
  }
  EXPECT_THAT(status.code(),
              testing::AnyOf(absl::StatusCode::kNotFound, absl::StatusCode::kPermissionDenied))
      << what << ": " << status;
}

class TenantTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto& system = System::Shared();
    const auto job = system.MainJob();
    ASSERT_EQ(job.exit_code, 0) << job.err;
    victims_ = new Samples(system, kForeign);
    ASSERT_GE(victims_->size(), 15U);
  }

  static Samples* victims_;
};

Samples* TenantTest::victims_ = nullptr;

TEST_F(TenantTest, NoUnaryMethodShowsOrChangesAnotherRegion) {
  auto& system = System::Shared();
  const std::string before = Digest(system, "86");
  ASSERT_FALSE(before.empty());
  const std::string token = system.Token("administrator", kOwn);
  int tried = 0;
  for (const auto& contract : Contracts()) {
    auto client = system.Connect(contract.service, token);
    for (const auto* method : MethodsOf(contract)) {
      if (Streams(method)) continue;
      auto request = New(method->input_type());
      victims_->Aim(method, request.get());
      auto response = New(method->output_type());
      const auto status =
          client->Unary(FullName(method), *request, response.get(), absl::Now() + absl::Seconds(20),
                        /*idempotent=*/false);
      ExpectNothing(FullName(method), status, *response);
      ++tried;
    }
  }
  EXPECT_GT(tried, 100);
  EXPECT_EQ(Digest(system, "86"), before);
}

TEST_F(TenantTest, WildcardParentShowsOnlyOwnRegion) {
  auto& system = System::Shared();
  const std::string token = system.Token("administrator", kOwn);
  for (const auto& contract : Contracts()) {
    auto client = system.Connect(contract.service, token);
    for (const auto* method : MethodsOf(contract)) {
      if (StandardOf(method) != options::v1::STANDARD_LIST) continue;
      auto request = New(method->input_type());
      request->GetReflection()->SetString(
          request.get(), method->input_type()->FindFieldByName("parent"), "regions/-");
      auto response = New(method->output_type());
      const auto status = client->Unary(FullName(method), *request, response.get(),
                                        absl::Now() + absl::Seconds(20));
      EXPECT_TRUE(status.ok()) << FullName(method) << ": " << status;
      EXPECT_EQ(response->GetReflection()->FieldSize(*response, method->output_type()->field(0)), 0)
          << FullName(method);
    }
  }
}

TEST_F(TenantTest, NoImportWritesAnotherRegion) {
  auto& system = System::Shared();
  const std::string before = Digest(system, "86");
  const std::string token = system.Token("administrator", kOwn);
  for (const auto& contract : Contracts()) {
    auto client = system.Connect(contract.service, token);
    for (const auto* method : MethodsOf(contract)) {
      if (StandardOf(method) != options::v1::STANDARD_IMPORT) continue;
      // Once under the foreign parent, once smuggled under the own one.
      for (const char* parent : {kForeign, kOwn}) {
        auto request = New(method->input_type());
        auto response = New(method->output_type());
        int sent = 0;
        const auto status = client->ClientStream(
            FullName(method), request.get(),
            [&] {
              request->Clear();
              const auto* r = request->GetReflection();
              if (sent++ == 0) {
                options::v1::ImportHeader header;
                header.set_parent(parent);
                header.set_mode(options::v1::IMPORT_MODE_SKIP_BAD);
                r->MutableMessage(request.get(), method->input_type()->FindFieldByName("header"))
                    ->CopyFrom(header);
                return true;
              }
              const auto* field = method->input_type()->field(1);
              const auto victims = victims_->Of(field->message_type());
              if (sent > 2 || victims.empty()) return false;
              r->MutableMessage(request.get(), field)->CopyFrom(*victims[0]);
              return true;
            },
            response.get(), absl::Now() + absl::Seconds(20));
        if (!status.ok()) {
          EXPECT_THAT(status.code(), testing::AnyOf(absl::StatusCode::kNotFound,
                                                    absl::StatusCode::kPermissionDenied))
              << FullName(method) << " " << parent << ": " << status;
        }
      }
    }
  }
  EXPECT_EQ(Digest(system, "86"), before);
}

TEST_F(TenantTest, NoFileOfTheRegisterReachesAnotherRegion) {
  auto& system = System::Shared();
  const std::string before = Digest(system, "86");
  auto client = system.Connect("programs", system.Token("administrator", kOwn));
  programs::v1::LoadRegisterRequest request;
  request.mutable_header()->set_parent(kForeign);
  request.mutable_header()->set_sha256(std::string(64, 'a'));
  programs::v1::RegisterSync run;
  bool sent = false;
  const auto status = client->ClientStream(
      "rsnms.programs.v1.Register/LoadRegister", &request,
      [&] { return !std::exchange(sent, true); }, &run, absl::Now() + absl::Seconds(20));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_EQ(Digest(system, "86"), before);
}

TEST_F(TenantTest, FeedStreamShowsOnlyOwnRegion) {
  auto& system = System::Shared();
  for (const std::string service : {"registry", "diagnostics", "programs", "monitoring"}) {
    auto client = system.Connect(service, system.Token("administrator", kOwn));
    feed::v1::StreamChangesRequest request;
    feed::v1::StreamChangesResponse batch;
    int changes = 0;
    const auto status = client->ServerStream(
        "rsnms.feed.v1.ChangeFeed/StreamChanges", request, &batch,
        [&] {
          changes += batch.changes_size();
          return true;
        },
        absl::Now() + absl::Seconds(2));
    EXPECT_EQ(changes, 0) << service;
    EXPECT_FALSE(absl::IsInternal(status)) << status;
  }
}

TEST_F(TenantTest, WithoutTokenEveryMethodIsUnauthenticated) {
  auto& system = System::Shared();
  for (const auto& contract : Contracts()) {
    auto client = system.Connect(contract.service, "");
    for (const auto* method : MethodsOf(contract)) {
      if (Streams(method)) continue;
      auto request = New(method->input_type());
      victims_->Aim(method, request.get());
      auto response = New(method->output_type());
      const auto status = client->Unary(FullName(method), *request, response.get(),
                                        absl::Now() + absl::Seconds(20));
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated)
          << FullName(method) << ": " << status;
    }
  }
}

}  // namespace
}  // namespace rsnms::e2e
