// Calls that wait: full queues, deadlines, callers that go away, handlers that answer later.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "libs/rpc/test_server.h"

namespace rsnms::rpc {
namespace {

class WaitingTest : public ServerTest {};

google::rpc::RetryInfo RetryInfoOf(const absl::Status& status) {
  google::rpc::RetryInfo info;
  const google::rpc::Status proto = ToProto(status);
  for (const auto& any : proto.details()) any.UnpackTo(&info);
  return info;
}

TEST_F(WaitingTest, FullQueueShedsWithRetryInfo) {
  options_.workers = 2;
  options_.queue = 3;
  absl::Notification go;
  std::atomic<int> running{0};
  say_ = [&](Call&, const Note&, Note*) {
    ++running;
    go.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  std::atomic<int> answered{0}, shed{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      const absl::Status status = Send(kSay, Note());
      if (status.ok()) return void(++answered);
      EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
      EXPECT_EQ(ReasonOf(status), "OVERLOADED");
      EXPECT_GT(RetryInfoOf(status).retry_delay().nanos(), 0);
      ++shed;
    });
  }
  while (shed < 15) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(running, 2);
  go.Notify();
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(answered, 5);
}

TEST_F(WaitingTest, CallThatExpiredInTheQueueIsNotRun) {
  options_.workers = 1;
  absl::Notification go;
  std::atomic<int> runs{0};
  say_ = [&](Call&, const Note&, Note*) {
    if (++runs == 1) go.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  std::thread first([&] { EXPECT_TRUE(Send(kSay, Note()).ok()); });
  while (runs == 0) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(Send(kSay, Note(), nullptr, absl::Milliseconds(50)).code(),
            absl::StatusCode::kDeadlineExceeded);
  // The server counts the deadline from the call's arrival, so it ends later than the client's.
  absl::SleepFor(absl::Milliseconds(300));
  go.Notify();
  first.join();
  EXPECT_TRUE(Send(kHello, Note()).ok());
  EXPECT_EQ(runs, 1);
}

TEST_F(WaitingTest, DeadlineReachesTheHandler) {
  say_ = [](Call& call, const Note&, Note* response) {
    response->set_number(absl::ToInt64Milliseconds(call.deadline() - absl::Now()));
    return absl::OkStatus();
  };
  options_.default_deadline = absl::Seconds(77);
  Start();
  Note response;
  ASSERT_TRUE(Send(kSay, Note(), &response, absl::Seconds(5)).ok());
  EXPECT_GT(response.number(), 4000);
  EXPECT_LT(response.number(), 5200);  // the wire rounds up
  ASSERT_TRUE(client_->Unary(kSay, Note(), &response, absl::InfiniteFuture()).ok());
  EXPECT_GT(response.number(), 76'000);
  EXPECT_LE(response.number(), 77'000);
}

TEST_F(WaitingTest, HandlerLearnsThatItsCallerWentAway) {
  absl::Notification noticed;
  say_ = [&](Call& call, const Note&, Note*) {
    for (int i = 0; i < 2000 && !call.cancelled(); ++i) absl::SleepFor(absl::Milliseconds(5));
    EXPECT_TRUE(call.Tx().cancelled());
    noticed.Notify();
    return absl::CancelledError();  // its end may race with the caller's deadline
  };
  Start();
  EXPECT_FALSE(Send(kSay, Note(), nullptr, absl::Milliseconds(100)).ok());
  EXPECT_TRUE(noticed.WaitForNotificationWithTimeout(absl::Seconds(5)));
}

TEST_F(WaitingTest, AsynchronousHandlersAnswerLaterOnce) {
  server_ = Server::Create(options_, Issuer::Get().verifier());
  server_->Serve(EchoService());
  std::vector<Server::Done> waiting;
  absl::Mutex mutex;
  for (const char* name : {"Say", "Whisper", "Hello"}) {
    server_->HandleAsync(
        EchoService()->FindMethodByName(name),
        [&](std::shared_ptr<Call>, const Message& request, Message* response, Server::Done done) {
          response->CopyFrom(request);
          absl::MutexLock lock(&mutex);
          waiting.push_back(std::move(done));
        });
  }
  server_->ServerStream<Note, Note>(kCount, count_);
  server_->ClientStream<Note, Note>(kSum, sum_);
  ASSERT_TRUE(server_->Start().ok());
  client_ = NewClient(Issuer::Get().Token());
  std::thread gatherer([&] {
    mutex.LockWhen(absl::Condition(
        +[](std::vector<Server::Done>* dones) { return dones->size() == 8; }, &waiting));
    for (auto& done : waiting) {
      done(absl::OkStatus());
      done(absl::InternalError("twice"));
    }
    mutex.Unlock();
  });
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this, i] {
      Note response;
      EXPECT_TRUE(Send(kSay, NoteOf(i), &response).ok());
      EXPECT_EQ(response.number(), i);
    });
  }
  for (auto& caller : callers) caller.join();
  gatherer.join();
}

}  // namespace
}  // namespace rsnms::rpc
