#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "libs/observe/log.h"
#include "libs/observe/metrics.h"
#include "libs/observe/spans.h"
#include "libs/observe/trace.h"

namespace rsnms::observe {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, CallersTraceGoesOnUnderANewSpan) {
  const TraceContext trace = ServerTrace(kParent, "vendor=1");
  EXPECT_EQ(trace.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace.parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(trace.span_id.size(), 16u);
  EXPECT_NE(trace.span_id, trace.parent_id);
  EXPECT_EQ(trace.state, "vendor=1");
  EXPECT_TRUE(trace.sampled);
  EXPECT_FALSE(ServerTrace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "").sampled);
  EXPECT_EQ(ServerTrace(Traceparent(trace), "").parent_id, trace.span_id);
}

TEST(TraceTest, MalformedTraceparentBeginsANewTrace) {
  const std::string good = kParent;
  std::vector<std::string> bad = {"", "x", good + "-00", good.substr(1), good.substr(0, 54)};
  for (size_t i : {0, 2, 5, 35, 40, 52, 54}) {
    bad.push_back(good);
    bad.back()[i] = i == 2 || i == 35 || i == 52 ? 'a' : 'G';
  }
  bad.push_back("ff" + good.substr(2));
  bad.push_back("00-00000000000000000000000000000000-00f067aa0ba902b7-01");
  bad.push_back("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01");
  bad.push_back("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01");
  for (const std::string& text : bad) {
    const TraceContext trace = ServerTrace(text, "");
    EXPECT_NE(trace.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736") << text;
    EXPECT_EQ(trace.trace_id.size(), 32u);
    EXPECT_EQ(trace.parent_id, "");
  }
  EXPECT_EQ(ServerTrace("01" + good.substr(2) + "-extra", "").parent_id, "00f067aa0ba902b7");
}

TEST(TraceTest, ScopesNestAndBelongToTheirThread) {
  EXPECT_EQ(CurrentTrace(), nullptr);
  const TraceContext outer = NewTrace(), inner = NewTrace();
  {
    const TraceScope first(outer);
    {
      const TraceScope second(inner);
      EXPECT_EQ(CurrentTrace(), &inner);
    }
    EXPECT_EQ(CurrentTrace(), &outer);
    std::thread([] { EXPECT_EQ(CurrentTrace(), nullptr); }).join();
  }
  EXPECT_EQ(CurrentTrace(), nullptr);
}

TEST(LogTest, EveryLineIsOneJsonObjectWhateverIsLogged) {
  ::testing::internal::CaptureStdout();
  InitLogging("test\"service", "info");
  const TraceContext trace = NewTrace();
  {
    const TraceScope scope(trace);
    LogInfo("two\nlines", {{"key\"", "va\\lue"}, {"count", 7}, {"ratio", 0.5}});
  }
  spdlog::warn("plain {}", "\x01\xff\xc0Привет\t");
  spdlog::debug("not written");
  const std::string out = ::testing::internal::GetCapturedStdout();
  std::vector<json> lines;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["message"], "two\nlines");
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["service"], "test\"service");
  EXPECT_EQ(lines[0]["key\""], "va\\lue");
  EXPECT_EQ(lines[0]["count"], 7);
  EXPECT_EQ(lines[0]["ratio"], 0.5);
  EXPECT_EQ(lines[0]["trace_id"], trace.trace_id);
  EXPECT_EQ(lines[1]["message"], "plain \x01\uFFFD\uFFFDПривет\t");
  EXPECT_EQ(lines[1]["level"], "warning");
  EXPECT_FALSE(lines[1].contains("trace_id"));
}

TEST(MetricsTest, GaugesAreReadWhenRendered) {
  const auto metrics = Metrics::Create();
  double idle = 3;
  metrics->Gauge("rsnms_pool_idle", "Idle connections.", {{"pool", "app"}}, [&] { return idle; });
  metrics->Counter("rsnms_pool_retries_total", "Retries.", {}, [] { return 5; });
  EXPECT_THAT(metrics->Render(), HasSubstr("rsnms_pool_idle{pool=\"app\"} 3"));
  idle = 4;
  EXPECT_THAT(metrics->Render(), HasSubstr("rsnms_pool_idle{pool=\"app\"} 4"));
  EXPECT_THAT(metrics->Render(), HasSubstr("# TYPE rsnms_pool_retries_total counter"));
}

TEST(MetricsTest, CodesAreCountedApart) {
  const auto metrics = Metrics::Create();
  MethodMetrics* method = metrics->Method("a.B", "C", "unary");
  EXPECT_EQ(method, metrics->Method("a.B", "C", "unary"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        method->Handled(n % 2 == 0 ? absl::StatusCode::kOk : absl::StatusCode::kCancelled, 0.01);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics->Render(),
              HasSubstr("grpc_code=\"OK\",grpc_method=\"C\",grpc_service=\"a.B\","
                        "grpc_type=\"unary\"} 2000"));
  EXPECT_THAT(metrics->Render(), HasSubstr("grpc_code=\"Canceled\""));
}

std::string HttpGet(int port, const std::string& path) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    char buffer[4096];
    if (write(client, request.data(), request.size()) > 0) {
      for (ssize_t n; (n = read(client, buffer, sizeof(buffer))) > 0;) answer.append(buffer, n);
    }
  }
  close(client);
  return answer;
}

TEST(MetricsTest, ScraperGetsThemOverHttp) {
  const auto metrics = Metrics::Create();
  metrics->Gauge("rsnms_test_value", "A value.", {}, [] { return 42; });
  int port = 20000 + getpid() % 20000;
  for (int i = 0; i < 20 && !metrics->Expose("127.0.0.1:" + std::to_string(port)).ok(); ++i) ++port;
  EXPECT_THAT(HttpGet(port, "/metrics"), HasSubstr("rsnms_test_value 42"));
  const auto second = Metrics::Create();
  EXPECT_EQ(second->Expose("127.0.0.1:" + std::to_string(port)).code(),
            absl::StatusCode::kUnavailable);
}

TEST(MetricsTest, NothingIsReadOnceConcealed) {
  const auto metrics = Metrics::Create();
  std::atomic<int> reading = 0;
  std::atomic<bool> concealed = false, read_after = false;
  metrics->Gauge("rsnms_test_slow", "A slow value.", {}, [&] {
    ++reading;
    absl::SleepFor(absl::Milliseconds(200));
    read_after = read_after || concealed;
    return 1;
  });
  int port = 20000 + getpid() % 20000;
  for (int i = 0; i < 20 && !metrics->Expose("127.0.0.1:" + std::to_string(port)).ok(); ++i) ++port;
  std::thread scrape([port] { HttpGet(port, "/metrics"); });
  while (reading == 0) absl::SleepFor(absl::Milliseconds(1));
  metrics->Conceal();
  concealed = true;
  scrape.join();
  EXPECT_THAT(HttpGet(port, "/metrics"), Not(HasSubstr("rsnms_test_slow")));
  EXPECT_EQ(reading, 1);
  EXPECT_FALSE(read_after);
}

Span SpanOf(const char* name) {
  Span span;
  span.trace = NewTrace();
  span.name = name;
  span.start = absl::Now();
  span.end = span.start + absl::Milliseconds(3);
  return span;
}

TEST(TracerTest, WhatIsLeftIsSentAtTheEnd) {
  int spans = 0;
  const auto send = [&](const ExportRequest& request) {
    spans += request.resource_spans(0).scope_spans(0).spans_size();
    return absl::OkStatus();
  };
  auto tracer = Tracer::Create({.service = "test", .interval = absl::Seconds(60)}, send);
  for (int i = 0; i < 3; ++i) tracer->Record(SpanOf("a"));
  Span ignored = SpanOf("b");
  ignored.trace.sampled = false;
  tracer->Record(ignored);
  tracer = nullptr;
  EXPECT_EQ(spans, 3);
}

TEST(TracerTest, FullQueueDropsInsteadOfWaiting) {
  absl::Notification go;
  const auto send = [&](const ExportRequest&) {
    go.WaitForNotification();
    return absl::UnavailableError("away");
  };
  auto tracer = Tracer::Create(
      {.service = "test", .queue = 10, .batch = 5, .interval = absl::Seconds(60)}, send);
  for (int i = 0; i < 1000; ++i) tracer->Record(SpanOf("a"));
  EXPECT_GE(tracer->dropped(), 980);
  EXPECT_EQ(tracer->exported(), 0);
  go.Notify();
}

}  // namespace
}  // namespace rsnms::observe
