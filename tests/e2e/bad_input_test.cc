// What is sent to the running services by mistake or malice: each piece is refused with a precise
// status, a reason and the path of the field at fault; nothing is written; the service lives on.
// The requests are made from the contracts: every field of every unary RPC is spoiled in every way
// its type allows, so a new RPC is covered by itself.
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/import.pb.h"
#include "tests/e2e/requests.h"
#include "tests/e2e/spoiler.h"

namespace rsnms::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kHuge = 5'000'000;

// Paths of the fields an error names.
std::vector<std::string> PathsIn(const absl::Status& status) {
  std::vector<std::string> paths;
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& any : proto.details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) paths.push_back(violation.field());
  }
  return paths;
}

class BadInputTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    google::protobuf::SetLogHandler(nullptr);  // it tells of every text that is not UTF-8
    auto& system = System::Shared();
    const auto job = system.MainJob();
    ASSERT_EQ(job.exit_code, 0) << job.err;
    samples_ = new Samples(system, "regions/86");
    ASSERT_GE(samples_->size(), 15U);
  }
  void SetUp() override {
    before_ = Settled();
    ASSERT_FALSE(before_.empty());
  }
  void TearDown() override {
    EXPECT_EQ(Digest(System::Shared()), before_) << "something was written";
    for (const auto& contract : Contracts()) {
      auto client = System::Shared().Connect(contract.service, token_);
      auto response = New(FeedState()->output_type());
      const auto status =
          client->Unary(FullName(FeedState()), *New(FeedState()->input_type()), response.get(),
                        absl::Now() + absl::Seconds(20), /*idempotent=*/false);
      EXPECT_TRUE(status.ok()) << contract.service << " does not serve any more: " << status;
    }
  }
  static const MethodDescriptor* FeedState() {
    return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        "rsnms.feed.v1.ChangeFeed.GetFeedState");
  }

  // The digest once the followers of feeds have nothing left to apply.
  static std::string Settled() {
    std::string digest = Digest(System::Shared()), earlier;
    for (int i = 0; i < 60 && digest != earlier; ++i) {
      absl::SleepFor(absl::Milliseconds(500));
      earlier = std::exchange(digest, Digest(System::Shared()));
    }
    return digest;
  }

  // For every unary method of every service: `check` with a client and a request that is good.
  void ForEach(const std::function<void(rpc::Client&, const MethodDescriptor*, Message*)>& check) {
    for (const auto& contract : Contracts()) {
      auto client = System::Shared().Connect(contract.service, token_);
      for (const auto* method : MethodsOf(contract)) {
        if (Streams(method)) continue;
        auto request = New(method->input_type());
        samples_->Aim(method, request.get());
        check(*client, method, request.get());
        if (HasFatalFailure()) return;
      }
    }
  }

  static absl::Status Send(rpc::Client& client, const MethodDescriptor* method,
                           const Message& request, Message* response = nullptr) {
    const auto own = New(method->output_type());
    return client.Unary(FullName(method), request, response == nullptr ? own.get() : response,
                        absl::Now() + absl::Seconds(20), /*idempotent=*/false);
  }

  static void ExpectRefused(const std::string& what, const std::string& path,
                            const Reasons& reasons, const absl::Status& status) {
    const auto paths = PathsIn(status);
    const std::string reason = rpc::ReasonOf(status);
    // Faults of several kinds have one reason together.
    const bool told =
        reasons.count(reason) == 1 || (paths.size() > 1 && reason == "INVALID_REQUEST");
    const bool named = std::find(paths.begin(), paths.end(), path) != paths.end();
    if (absl::IsInvalidArgument(status) && told && named) return;
    ADD_FAILURE() << what << " is answered " << absl::StatusCodeToString(status.code()) << " "
                  << reason << " at [" << absl::StrJoin(paths, ", ") << "]: " << status.message();
  }

  // An update changes what its mask names.
  static void AimMask(const MethodDescriptor* method, const std::string& path, Message* request) {
    if (StandardOf(method) != options::v1::STANDARD_UPDATE) return;
    const auto* field = method->input_type()->FindFieldByName("update_mask");
    auto* mask = static_cast<google::protobuf::FieldMask*>(
        request->GetReflection()->MutableMessage(request, field));
    const std::vector<std::string> steps = absl::StrSplit(path, absl::ByAnyChar(".["));
    if (steps[0] == "update_mask") return;
    mask->Clear();
    if (steps.size() > 1 && steps[1] != "name" && steps[1] != "etag") mask->add_paths(steps[1]);
  }

  static Samples* samples_;
  const std::string token_ = System::Shared().Token("administrator", "*");
  std::string before_;
};

Samples* BadInputTest::samples_ = nullptr;

TEST_F(BadInputTest, EverySpoiledFieldIsRefusedByItsPath) {
  int tried = 0;
  ForEach([&](rpc::Client& client, const MethodDescriptor* method, Message* request) {
    // An update reads the row before it looks at the values: it needs one the main job made.
    if (StandardOf(method) == options::v1::STANDARD_UPDATE &&
        samples_->Of(method->output_type()).empty())
      return;
    Spoiler(method, request, [&](const std::string& path, const char* how, const Reasons& reasons) {
      AimMask(method, path, request);
      ExpectRefused(absl::StrCat(FullName(method), " ", path, ": ", how), path, reasons,
                    Send(client, method, *request));
      ++tried;
    });
  });
  EXPECT_GT(tried, 1000);
}

TEST_F(BadInputTest, FiveMegabytesOfTextAreRefusedByTheirPath) {
  std::set<std::string> tried;  // one method of each kind and service: each takes its time
  ForEach([&](rpc::Client& client, const MethodDescriptor* method, Message* request) {
    if (!tried.insert(absl::StrCat(method->service()->name(), StandardOf(method))).second) return;
    for (const char* name : {"name", "parent", "epoch", "page_token"}) {
      const auto* field = method->input_type()->FindFieldByName(name);
      if (field == nullptr) continue;
      request->GetReflection()->SetString(request, field, std::string(kHuge, 'x'));
      return ExpectRefused(FullName(method), name, And({"INVALID_FORMAT"}, field),
                           Send(client, method, *request));
    }
  });
  EXPECT_GT(tried.size(), 20U);
}

TEST_F(BadInputTest, HugePagesAreCut) {
  ForEach([&](rpc::Client& client, const MethodDescriptor* method, Message* request) {
    const auto* size = method->input_type()->FindFieldByName("page_size");
    if (size == nullptr) return;
    request->GetReflection()->SetInt32(request, size, 1'000'000'000);
    auto response = New(method->output_type());
    const auto status = Send(client, method, *request, response.get());
    EXPECT_TRUE(status.ok()) << FullName(method) << ": " << status;
    const auto* reflection = response->GetReflection();
    for (int i = 0; i < method->output_type()->field_count(); ++i) {
      const auto* field = method->output_type()->field(i);
      if (!field->is_repeated()) continue;
      EXPECT_LE(reflection->FieldSize(*response, field), 5000) << FullName(method);
    }
  });
}

TEST_F(BadInputTest, StaleEtagsAreAborted) {
  int tried = 0;
  ForEach([&](rpc::Client& client, const MethodDescriptor* method, Message* request) {
    Message* holder = request;
    if (StandardOf(method) == options::v1::STANDARD_UPDATE) {
      const auto* field = method->input_type()->field(0);
      holder = request->GetReflection()->MutableMessage(request, field);
    }
    const auto* etag = holder->GetDescriptor()->FindFieldByName("etag");
    const auto* resource = StandardOf(method) == options::v1::STANDARD_UPDATE
                               ? holder->GetDescriptor()
                               : method->output_type();
    if (etag == nullptr || samples_->Of(resource).empty()) return;
    // A submission is answered as the first was, whatever became of the passport since.
    if (method->name() == "SubmitPassport") return;
    // Who is not the expert is told so, whatever the version.
    if (method->name() == "SubmitExpertReview") return;
    holder->GetReflection()->SetString(holder, etag, "\"999999\"");
    const auto status = Send(client, method, *request);
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << FullName(method) << ": " << status;
    EXPECT_EQ(rpc::ReasonOf(status), "ETAG_MISMATCH") << FullName(method);
    ++tried;
  });
  EXPECT_GT(tried, 30);
}

// Sends an import: a header, then the rows. With `cut`, the stream is never ended well.
absl::Status Import(rpc::Client& client, const MethodDescriptor* method,
                    const std::vector<std::unique_ptr<Message>>& rows, bool cut = false) {
  const auto* type = method->input_type();
  auto request = New(type);
  auto response = New(method->output_type());
  size_t sent = 0;
  const absl::Time deadline = absl::Now() + (cut ? absl::Seconds(1) : absl::Seconds(60));
  return client.ClientStream(
      FullName(method), request.get(),
      [&] {
        request->Clear();
        const auto* r = request->GetReflection();
        if (sent++ == 0) {
          options::v1::ImportHeader header;
          header.set_parent("regions/86");
          r->MutableMessage(request.get(), type->FindFieldByName("header"))->CopyFrom(header);
          return true;
        }
        if (sent - 2 < rows.size()) {
          r->MutableMessage(request.get(), type->field(1))->CopyFrom(*rows[sent - 2]);
          return true;
        }
        if (cut) absl::SleepFor(deadline - absl::Now() + absl::Milliseconds(100));
        return cut;
      },
      response.get(), deadline);
}

// The first text a client may set in a resource: spoiled, its row is broken.
const FieldDescriptor* SomeText(const google::protobuf::Descriptor* resource) {
  for (int i = 0; i < resource->field_count(); ++i) {
    const auto* field = resource->field(i);
    const bool own = field->name() == "name" || field->name() == "etag";
    if (field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() && !own &&
        !Has(field, google::api::OUTPUT_ONLY)) {
      return field;
    }
  }
  return nullptr;
}

TEST_F(BadInputTest, BrokenRowsDuplicatesAndCutStreamsChangeNothing) {
  int tried = 0;
  for (const auto& contract : Contracts()) {
    auto client = System::Shared().Connect(contract.service, token_);
    for (const auto* method : MethodsOf(contract)) {
      if (StandardOf(method) != options::v1::STANDARD_IMPORT) continue;
      const auto* resource = method->input_type()->field(1)->message_type();
      const auto samples = samples_->Of(resource);
      const auto* text = SomeText(resource);
      if (samples.size() < 3 || text == nullptr) continue;
      // Rows that would change what is stored, the middle one broken.
      std::vector<std::unique_ptr<Message>> rows;
      for (const auto* sample : samples) {
        rows.emplace_back(sample->New())->CopyFrom(*sample);
        std::string value = sample->GetReflection()->GetString(*sample, text);
        sample->GetReflection()->SetString(rows.back().get(), text, value + "1");
      }
      const auto cut = Import(*client, method, rows, /*cut=*/true);
      EXPECT_EQ(cut.code(), absl::StatusCode::kDeadlineExceeded) << FullName(method) << cut;
      const auto before = New(resource);
      before->CopyFrom(*rows[1]);
      rows[1]->GetReflection()->SetString(rows[1].get(), text, kNul);
      const auto broken = Import(*client, method, rows);
      EXPECT_EQ(rpc::ReasonOf(broken), "IMPORT_REJECTED") << FullName(method) << broken;
      EXPECT_THAT(PathsIn(broken), testing::Contains(absl::StrCat("rows[2].", text->name())))
          << FullName(method);
      rows[1]->CopyFrom(*rows[0]);
      const auto doubled = Import(*client, method, rows);
      EXPECT_EQ(rpc::ReasonOf(doubled), "IMPORT_REJECTED") << FullName(method) << doubled;
      EXPECT_THAT(PathsIn(doubled), testing::Contains("rows[2].name")) << FullName(method);
      ++tried;
    }
  }
  EXPECT_GE(tried, 8);
}

// One request of each service that writes, and how its repetition with another body looks.
struct Write {
  std::string service, method;
  std::string request, other;  // text format, without request_id
  std::string count;           // SQL: rows it made
};

TEST_F(BadInputTest, RequestIdsAreNotForAnotherBody) {
  // In a region of their own, which no other test counts.
  const std::vector<Write> writes = {
      {"registry", "rsnms.registry.v1.Registry.CreateRegion",
       "parent: 'regions/77' region_id: '77' region { official_name: 'A' oktmo_code: '45000000' }",
       "parent: 'regions/77' region_id: '77' region { official_name: 'B' oktmo_code: '45000000' }",
       "SELECT count(*) FROM registry.region WHERE id = '77'"},
      {"diagnostics", "rsnms.diagnostics.v1.Diagnostics.CreateCompetency",
       "parent: 'regions/77' competency_id: 'bad' competency { title: 'A' kind: "
       "COMPETENCY_KIND_SUBJECT }",
       "parent: 'regions/77' competency_id: 'bad' competency { title: 'B' kind: "
       "COMPETENCY_KIND_SUBJECT }",
       "SELECT count(*) FROM diagnostics.competency WHERE region_code = '77'"},
      {"programs", "rsnms.programs.v1.Programs.CreateProgramme",
       "parent: 'regions/77' programme { title: 'A' kind: PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT "
       "duration_hours: 16 }",
       "parent: 'regions/77' programme { title: 'B' kind: PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT "
       "duration_hours: 16 }",
       "SELECT count(*) FROM programs.programme WHERE region_code = '77'"},
      {"monitoring", "rsnms.monitoring.v1.Monitoring.OpenPeriod",
       "parent: 'regions/77' period_year: 2030", "parent: 'regions/77' period_year: 2031",
       "SELECT count(*) FROM monitoring.period WHERE region_code = '77'"}};
  for (const auto& write : writes) {
    auto client = System::Shared().Connect(write.service, token_);
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(write.method);
    const auto make = [&](const std::string& body) {
      auto request = New(method->input_type());
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
          body + " request_id: '01020304-0000-4000-8000-000000000001'", request.get()));
      return request;
    };
    auto first = New(method->output_type()), again = New(method->output_type());
    auto status = Send(*client, method, *make(write.request), first.get());
    ASSERT_TRUE(status.ok()) << write.method << ": " << status;
    status = Send(*client, method, *make(write.request), again.get());
    EXPECT_TRUE(status.ok()) << write.method << ": " << status;
    EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString()) << write.method;
    before_ = Settled();
    status = Send(*client, method, *make(write.other));
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << write.method << ": " << status;
    EXPECT_EQ(rpc::ReasonOf(status), "REQUEST_ID_REUSED") << write.method;
    EXPECT_THAT(PathsIn(status), testing::ElementsAre("request_id")) << write.method;
    const auto made =
        System::Run({"psql", "-qXAt", System::Shared().conninfo(), "-c", write.count});
    EXPECT_EQ(made.out, "1\n") << write.method;
  }
}

TEST_F(BadInputTest, ForgedTokensAreUnauthenticated) {
  const std::string stripped = token_.substr(0, token_.rfind('.') + 1);
  const std::string unsigned_one =
      "eyJhbGciOiJub25lIn0" + token_.substr(token_.find('.'), token_.rfind('.') - token_.find('.'));
  for (const std::string& token :
       {std::string("x"), std::string("a.b.c"), std::string(7000, 'x'), token_ + "x", stripped,
        unsigned_one + ".", std::string("Bearer ") + token_}) {
    for (const auto& contract : Contracts()) {
      auto client = System::Shared().Connect(contract.service, token);
      const auto status = Send(*client, FeedState(), *New(FeedState()->input_type()));
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << contract.service << status;
      EXPECT_EQ(rpc::ReasonOf(status), "UNAUTHENTICATED");
    }
  }
}

}  // namespace
}  // namespace rsnms::e2e
