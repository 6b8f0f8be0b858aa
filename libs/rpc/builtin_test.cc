// Start-up checks, health, reflection, metrics and traces.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/sync_stream.h>

#include <thread>

#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "libs/observe/metrics.h"
#include "libs/rpc/reflection.h"
#include "libs/rpc/test_server.h"

namespace rsnms::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class BuiltinTest : public ServerTest {
 protected:
  // The status by Check; UNKNOWN for an error.
  HealthCheckResponse::ServingStatus Check(const std::string& service) {
    HealthCheckRequest request;
    HealthCheckResponse response;
    request.set_service(service);
    const auto anyone = NewClient("");
    last_ = anyone->Unary("grpc.health.v1.Health/Check", request, &response,
                          absl::Now() + absl::Seconds(5));
    return response.status();
  }
  std::string WhyNot() const { return std::string(server_->Start().message()); }

  absl::Status last_;
};

// --- start-up ---

TEST_F(BuiltinTest, StartRefusesRpcsWithoutHandler) {
  server_ = Server::Create(options_, Issuer::Get().verifier());
  server_->Serve(EchoService());
  server_->Unary<Note, Note>(kSay, say_);
  EXPECT_EQ(server_->Start().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(WhyNot(), HasSubstr("Echo/Count has no handler"));
  EXPECT_THAT(WhyNot(), HasSubstr("Echo/Hello has no handler"));
  EXPECT_THAT(WhyNot(), Not(HasSubstr("Echo/Say")));
}

TEST_F(BuiltinTest, StartRefusesRpcsWithoutPermission) {
  server_ = Server::Create(options_, Issuer::Get().verifier());
  server_->Serve(Note::descriptor()->file()->FindServiceByName("Careless"));
  server_->Unary<Note, Note>("rsnms.rpc.testdata.Careless/Forget", say_);
  EXPECT_THAT(WhyNot(), HasSubstr("Careless/Forget declares no permission"));
}

TEST_F(BuiltinTest, StartRefusesOtherTypesShapesAndNames) {
  server_ = Server::Create(options_, Issuer::Get().verifier());
  server_->Serve(EchoService());
  server_->Unary<HealthCheckRequest, Note>(
      kSay, [](Call&, const HealthCheckRequest&, Note*) { return absl::OkStatus(); });
  server_->Unary<Note, Note>(kCount, say_);
  server_->Unary<Note, Note>("rsnms.rpc.testdata.Echo/Shout", say_);
  EXPECT_THAT(WhyNot(), HasSubstr("its handler takes grpc.health.v1.HealthCheckRequest"));
  EXPECT_THAT(WhyNot(), HasSubstr("Echo/Count is a server_stream method"));
  EXPECT_THAT(WhyNot(), HasSubstr("no contract declares rsnms.rpc.testdata.Echo/Shout"));
}

TEST_F(BuiltinTest, StartRefusesTwoHandlersOfOneRpcAndHandlersOfNoService) {
  server_ = Server::Create(options_, Issuer::Get().verifier());
  server_->Unary<Note, Note>(kSay, say_);
  server_->Unary<Note, Note>(kSay, say_);
  EXPECT_THAT(WhyNot(), HasSubstr("Echo/Say has two handlers"));
  EXPECT_THAT(WhyNot(), HasSubstr("its service is not served"));
}

TEST_F(BuiltinTest, StartRefusesATakenPort) {
  Start();
  options_.address = target();
  const auto first = std::move(server_);
  server_ = Server::Create(options_, Issuer::Get().verifier());
  EXPECT_EQ(server_->Start().code(), absl::StatusCode::kUnavailable);
}

// --- health ---

TEST_F(BuiltinTest, HealthNamesEveryServiceAndNoOther) {
  Start();
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("rsnms.rpc.testdata.Echo"), HealthCheckResponse::SERVING);
  Check("rsnms.Other");
  EXPECT_EQ(last_.code(), absl::StatusCode::kNotFound);
}

// Probes are asked every second; how long a second is on a busy machine is not this test's
// business.
TEST_F(BuiltinTest, HealthFollowsReadinessAtTheNextProbe) {
  std::atomic<bool> ready{true};
  std::atomic<int> asked{0};
  probes_.push_back([&] {
    ++asked;
    return ready ? absl::OkStatus() : absl::UnavailableError("away");
  });
  Start();
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  const auto becomes = [&](bool value, HealthCheckResponse::ServingStatus wanted) {
    ready = value;
    const int before = asked;
    for (const absl::Time end = absl::Now() + absl::Minutes(1); absl::Now() < end;) {
      const int now = asked;
      if (Check("") == wanted) return true;
      if (now >= before + 2) return false;  // the first probe after the change has been answered
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  };
  EXPECT_TRUE(becomes(false, HealthCheckResponse::NOT_SERVING));
  EXPECT_EQ(Check("rsnms.rpc.testdata.Echo"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check("liveness"), HealthCheckResponse::SERVING);
  EXPECT_TRUE(becomes(true, HealthCheckResponse::SERVING));
}

TEST_F(BuiltinTest, ServerThatIsNotReadySaysSoFromItsFirstAnswer) {
  probes_.push_back([] { return absl::UnavailableError("away"); });
  Start();
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
}

TEST_F(BuiltinTest, HealthAnswersWhileEveryWorkerIsBusy) {
  options_.workers = 1;
  options_.queue = 1;
  absl::Notification go;
  say_ = [&](Call&, const Note&, Note*) {
    go.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  std::thread one([&] { EXPECT_TRUE(Send(kSay, Note()).ok()); });
  std::thread two([&] { EXPECT_TRUE(Send(kSay, Note()).ok()); });
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  go.Notify();
  one.join();
  two.join();
}

TEST_F(BuiltinTest, WatchersSeeEachChangeUntilTheDrain) {
  std::atomic<bool> ready{true};
  probes_.push_back([&] { return ready ? absl::OkStatus() : absl::UnavailableError("away"); });
  Start();
  std::vector<int> seen;
  absl::Mutex mutex;
  absl::Status status;
  std::thread watcher([&] {
    HealthCheckResponse response;
    status =
        client_->ServerStream("grpc.health.v1.Health/Watch", HealthCheckRequest(), &response, [&] {
          absl::MutexLock lock(&mutex);
          seen.push_back(response.status());
          ready = seen.size() != 1;
          return true;
        });
  });
  for (int i = 0; i < 500; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
    absl::MutexLock lock(&mutex);
    if (seen.size() == 3) break;
  }
  const absl::Time begun = absl::Now();
  server_->Drain();
  watcher.join();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(3));
  ASSERT_GE(seen.size(), 3u);
  EXPECT_THAT(std::vector<int>(seen.begin(), seen.begin() + 3),
              ElementsAre(HealthCheckResponse::SERVING, HealthCheckResponse::NOT_SERVING,
                          HealthCheckResponse::SERVING));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

// --- reflection ---

namespace reflection = grpc::reflection::v1;

TEST_F(BuiltinTest, ReflectionListsContractsOverBothVersions) {
  Start();
  for (const std::string version : {"v1", "v1alpha"}) {
    const std::string path =
        "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
    const auto channel = grpc::CreateChannel(target(), grpc::InsecureChannelCredentials());
    grpc::ClientContext context;
    const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
            channel.get(),
            grpc::internal::RpcMethod(path.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING),
            &context));
    reflection::ServerReflectionRequest request;
    request.set_list_services("*");
    for (int round = 0; round < 3; ++round) {
      const grpc::Slice slice(request.SerializeAsString());
      ASSERT_TRUE(stream->Write(grpc::ByteBuffer(&slice, 1)));
      grpc::ByteBuffer bytes;
      ASSERT_TRUE(stream->Read(&bytes));
      reflection::ServerReflectionResponse response;
      grpc::ProtoBufferReader reader(&bytes);
      ASSERT_TRUE(response.ParseFromZeroCopyStream(&reader));
      std::vector<std::string> names;
      for (const auto& service : response.list_services_response().service()) {
        names.push_back(service.name());
      }
      EXPECT_THAT(names, ElementsAre("rsnms.rpc.testdata.Echo", "grpc.health.v1.Health",
                                     "grpc.reflection.v1.ServerReflection",
                                     "grpc.reflection.v1alpha.ServerReflection"));
    }
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
}

class ReflectionTest : public ::testing::Test {
 protected:
  std::vector<std::string> FilesOf(const reflection::ServerReflectionResponse& response) {
    std::vector<std::string> names;
    for (const auto& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  const std::vector<std::string> services_;
  Reflection reflection_{&services_};
  reflection::ServerReflectionRequest request_;
};

TEST_F(ReflectionTest, SymbolBringsItsFileAndWhatItImportsOnce) {
  request_.set_file_containing_symbol("rsnms.rpc.testdata.Echo.Say");
  EXPECT_THAT(FilesOf(reflection_.Answer(request_)),
              ElementsAre(HasSubstr("echo.proto"), "rsnms/options/v1/options.proto",
                          "google/protobuf/descriptor.proto"));
  EXPECT_THAT(FilesOf(reflection_.Answer(request_)), ElementsAre(HasSubstr("echo.proto")));
}

TEST_F(ReflectionTest, FilesExtensionsAndTheirNumbersAreFound) {
  request_.set_file_by_filename("rsnms/options/v1/options.proto");
  EXPECT_THAT(FilesOf(reflection_.Answer(request_)).front(), "rsnms/options/v1/options.proto");
  auto* extension = request_.mutable_file_containing_extension();
  extension->set_containing_type("google.protobuf.MethodOptions");
  extension->set_extension_number(86003);
  EXPECT_THAT(FilesOf(reflection_.Answer(request_)).front(), "rsnms/options/v1/options.proto");
  request_.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  EXPECT_THAT(reflection_.Answer(request_).all_extension_numbers_response().extension_number(),
              ::testing::Contains(86003));
}

TEST_F(ReflectionTest, WhatIsNotThereIsNotFound) {
  request_.set_file_by_filename("absent.proto");
  EXPECT_EQ(reflection_.Answer(request_).error_response().error_code(), 5);
  request_.set_file_containing_symbol("no.Such");
  EXPECT_EQ(reflection_.Answer(request_).error_response().error_code(), 5);
  request_.set_all_extension_numbers_of_type("no.Such");
  EXPECT_EQ(reflection_.Answer(request_).error_response().error_code(), 5);
  request_.clear_message_request();
  EXPECT_EQ(reflection_.Answer(request_).error_response().error_code(), 3);
}

// --- what can be seen from outside ---

TEST_F(BuiltinTest, MetricsHaveTheEcosystemsNames) {
  const auto metrics = observe::Metrics::Create();
  options_.metrics = metrics.get();
  Start();
  ASSERT_TRUE(Send(kSay, Note()).ok());
  EXPECT_FALSE(Send(kWhisper, Note()).ok());
  Note note;
  ASSERT_TRUE(client_->ServerStream(kCount, NoteOf(3), &note, [] { return true; }).ok());
  server_->Drain();
  const std::string text = metrics->Render();
  const std::string say =
      "grpc_method=\"Say\",grpc_service=\"rsnms.rpc.testdata.Echo\",grpc_type=\"unary\"";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + say + "} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"OK\"," + say + "} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + say + "} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_code=\"PermissionDenied\",grpc_method=\"Whisper\""));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total{" + say + "} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total{grpc_method=\"Count\",grpc_service="
                              "\"rsnms.rpc.testdata.Echo\",grpc_type=\"server_stream\"} 3"));
  EXPECT_THAT(text, HasSubstr("rsnms_rpc_workers_busy{pool=\"unary\"} 0"));
}

TEST_F(BuiltinTest, TraceIsCarriedFromCallerToHandlerToTheNextServer) {
  observe::TraceContext caller = observe::NewTrace();
  std::string seen_trace, seen_parent;
  say_ = [&](Call& call, const Note& request, Note* response) {
    if (request.number() == 0) {
      Note next = NoteOf(1);
      return client_->Unary(kSay, next, response, call.deadline(), false, &call);
    }
    seen_trace = call.trace().trace_id;
    seen_parent = call.trace().parent_id;
    response->set_text(call.trace().state);
    return absl::OkStatus();
  };
  Start();
  caller.state = "vendor=1";
  Note response;
  {
    const observe::TraceScope scope(caller);
    ASSERT_TRUE(Send(kSay, Note(), &response).ok());
  }
  EXPECT_EQ(seen_trace, caller.trace_id);
  EXPECT_NE(seen_parent, caller.span_id);
  EXPECT_EQ(seen_parent.size(), 16u);
  EXPECT_EQ(response.text(), "vendor=1");
}

TEST_F(BuiltinTest, SpansReachTheCollector) {
  observe::ExportRequest got;
  absl::Notification arrived;
  const auto tracer =
      observe::Tracer::Create({.service = "echo", .interval = absl::Milliseconds(20)},
                              [&](const observe::ExportRequest& request) {
                                if (arrived.HasBeenNotified()) return absl::OkStatus();
                                got = request;
                                arrived.Notify();
                                return absl::OkStatus();
                              });
  options_.tracer = tracer.get();
  Start();
  ASSERT_TRUE(Send(kSay, Note()).ok());
  ASSERT_TRUE(arrived.WaitForNotificationWithTimeout(absl::Seconds(5)));
  const auto& span = got.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(span.name(), kSay);
  EXPECT_EQ(span.trace_id().size(), 16u);
  EXPECT_EQ(span.span_id().size(), 8u);
  EXPECT_LE(span.start_time_unix_nano(), span.end_time_unix_nano());
  server_->Drain();
}

TEST_F(BuiltinTest, AbsentCollectorCostsSpansNotCalls) {
  ClientOptions options;
  options.target = "127.0.0.1:1";
  const auto collector = Client::Create(options);
  const auto tracer = observe::Tracer::Create(
      {.service = "echo", .queue = 4, .interval = absl::Seconds(60)},
      [&](const observe::ExportRequest& request) {
        opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse response;
        return collector->Unary("opentelemetry.proto.collector.trace.v1.TraceService/Export",
                                request, &response, absl::Now() + absl::Seconds(5), false);
      });
  options_.tracer = tracer.get();
  Start();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Send(kSay, Note()).ok());
  EXPECT_GE(tracer->dropped(), 16);
  server_->Drain();
}

}  // namespace
}  // namespace rsnms::rpc
