// Streams and the drain.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/sync_stream.h>

#include <thread>

#include "libs/rpc/test_server.h"

namespace rsnms::rpc {
namespace {

using StreamTest = ServerTest;

TEST_F(StreamTest, ServerStreamArrivesWholeAndInOrder) {
  Start();
  Note note;
  int64_t next = 0;
  const absl::Status status =
      client_->ServerStream(kCount, NoteOf(5000), &note, [&] { return note.number() == next++; });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(next, 5000);
}

TEST_F(StreamTest, ServerStreamsErrorComesAfterItsMessages) {
  count_ = [](Call&, const Note&, Writer<Note>& out) -> absl::Status {
    out.Write(NoteOf(1));
    return NotFound("test/Note", "notes/2");
  };
  Start();
  Note note;
  int received = 0;
  const absl::Status status = client_->ServerStream(kCount, Note(), &note, [&] {
    ++received;
    return true;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "NOT_FOUND");
  EXPECT_EQ(received, 1);
}

TEST_F(StreamTest, WriterLearnsThatTheReaderLeft) {
  absl::Notification left;
  count_ = [&](Call&, const Note&, Writer<Note>& out) {
    while (out.Write(NoteOf(1))) {
    }
    left.Notify();
    return absl::OkStatus();
  };
  Start();
  Note note;
  EXPECT_TRUE(client_->ServerStream(kCount, Note(), &note, [] { return false; }).ok());
  EXPECT_TRUE(left.WaitForNotificationWithTimeout(absl::Seconds(5)));
}

TEST_F(StreamTest, SlowReaderHoldsTheWriterBack) {
  std::atomic<int> written{0};
  count_ = [&](Call&, const Note&, Writer<Note>& out) {
    const Note note = NoteOf(1, std::string(100 << 10, 'x'));
    while (out.Write(note)) ++written;
    return absl::OkStatus();
  };
  Start();
  Note note;
  EXPECT_TRUE(client_
                  ->ServerStream(kCount, Note(), &note,
                                 [&] {
                                   absl::SleepFor(absl::Milliseconds(500));
                                   EXPECT_LT(written, 200);  // 20 MB would be no flow control
                                   return false;
                                 })
                  .ok());
}

TEST_F(StreamTest, ClientStreamIsReadToItsEnd) {
  Start();
  Note note, response;
  int64_t sent = 0;
  const absl::Status status = client_->ClientStream(
      kSum, &note,
      [&] {
        note.set_number(++sent);
        return sent <= 1000;
      },
      &response, absl::Now() + absl::Seconds(20));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.number(), 1000 * 1001 / 2);
}

TEST_F(StreamTest, EmptyClientStreamIsAnEndNotACut) {
  Start();
  Note note, response;
  EXPECT_TRUE(client_
                  ->ClientStream(
                      kSum, &note, [] { return false; }, &response, absl::Now() + absl::Seconds(5))
                  .ok());
}

TEST_F(StreamTest, HandlerMayAnswerBeforeTheEndOfTheStream) {
  sum_ = [](Call&, Reader<Note>& in, Note*) -> absl::Status {
    Note note;
    in.Read(&note);
    return InvalidField("number", options::v1::COMMON_REASON_OUT_OF_RANGE, "too small");
  };
  Start();
  Note note, response;
  const absl::Status status = client_->ClientStream(
      kSum, &note, [] { return true; }, &response, absl::Now() + absl::Seconds(20));
  EXPECT_EQ(ReasonOf(status), "OUT_OF_RANGE");
}

// A cut import must never look like a finished one: the reader tells them apart every time.
TEST_F(StreamTest, CutClientStreamIsNeverTakenForItsEnd) {
  std::atomic<int> clean{0}, cut{0};
  sum_ = [&](Call&, Reader<Note>& in, Note*) {
    Note note;
    while (in.Read(&note)) {
    }
    ++(in.status().ok() ? clean : cut);
    return in.status();
  };
  Start();
  const std::string path = std::string("/") + kSum;
  const auto channel = grpc::CreateChannel(target(), grpc::InsecureChannelCredentials());
  constexpr int kRounds = 200;
  for (int i = 0; i < kRounds; ++i) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + Issuer::Get().Token());
    grpc::ByteBuffer answer;
    const std::unique_ptr<grpc::ClientWriter<grpc::ByteBuffer>> writer(
        grpc::internal::ClientWriterFactory<grpc::ByteBuffer>::Create(
            channel.get(),
            grpc::internal::RpcMethod(path.c_str(), grpc::internal::RpcMethod::CLIENT_STREAMING),
            &context, &answer));
    const grpc::Slice slice(NoteOf(1).SerializeAsString());
    for (int n = 0; n < i % 4; ++n) writer->Write(grpc::ByteBuffer(&slice, 1));
    if (i % 3 == 0) absl::SleepFor(absl::Milliseconds(1));
    context.TryCancel();
    writer->Finish();
  }
  for (int i = 0; i < 500 && cut + clean < kRounds; ++i) absl::SleepFor(absl::Milliseconds(2));
  EXPECT_EQ(clean, 0);
  EXPECT_GT(cut, 0);
}

TEST_F(StreamTest, UnparsableMessageEndsTheClientStreamWithAnError) {
  Start();
  const std::string path = std::string("/") + kSum;
  const auto channel = grpc::CreateChannel(target(), grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Issuer::Get().Token());
  grpc::ByteBuffer answer;
  const std::unique_ptr<grpc::ClientWriter<grpc::ByteBuffer>> writer(
      grpc::internal::ClientWriterFactory<grpc::ByteBuffer>::Create(
          channel.get(),
          grpc::internal::RpcMethod(path.c_str(), grpc::internal::RpcMethod::CLIENT_STREAMING),
          &context, &answer));
  const grpc::Slice good(NoteOf(1).SerializeAsString()), bad(std::string("\x0a\x02\xff\xfe", 4));
  writer->Write(grpc::ByteBuffer(&good, 1));
  writer->Write(grpc::ByteBuffer(&bad, 1));
  writer->WritesDone();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(StreamTest, OversizeMessageIsNeverTakenForTheEnd) {
  options_.max_message_bytes = 1 << 10;
  std::atomic<int> clean{0};
  sum_ = [&](Call&, Reader<Note>& in, Note*) {
    Note note;
    while (in.Read(&note)) {
    }
    if (in.status().ok()) ++clean;
    return in.status();
  };
  Start();
  Note note, response;
  int sent = 0;
  const absl::Status status = client_->ClientStream(
      kSum, &note,
      [&] {
        note.set_text(std::string(sent == 2 ? 2 << 10 : 10, 'x'));
        return ++sent <= 3;
      },
      &response, absl::Now() + absl::Seconds(10));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  server_->Drain();
  EXPECT_EQ(clean, 0);
}

TEST_F(StreamTest, PeersThatStandStillAreCutOff) {
  options_.stream_idle = absl::Milliseconds(200);
  count_ = [](Call&, const Note&, Writer<Note>& out) {
    const Note note = NoteOf(1, std::string(1 << 20, 'x'));
    while (out.Write(note)) {
    }
    return absl::OkStatus();
  };
  Start();
  Note note, response;
  const absl::Status read = client_->ServerStream(kCount, Note(), &note, [] {
    absl::SleepFor(absl::Milliseconds(800));
    return true;
  });
  EXPECT_FALSE(read.ok());
  int sent = 0;
  const absl::Status sum = client_->ClientStream(
      kSum, &note,
      [&] {
        if (++sent == 2) absl::SleepFor(absl::Milliseconds(800));
        return sent < 3;
      },
      &response, absl::Now() + absl::Seconds(10));
  EXPECT_EQ(sum.code(), absl::StatusCode::kDeadlineExceeded) << sum;
}

TEST_F(StreamTest, StreamsBeyondTheLimitAreRefused) {
  options_.streams = 2;
  absl::Notification go;
  std::atomic<int> running{0};
  count_ = [&](Call&, const Note&, Writer<Note>&) {
    ++running;
    go.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([this] {
      Note note;
      EXPECT_TRUE(client_->ServerStream(kCount, Note(), &note, [] { return true; }).ok());
    });
  }
  while (running < 2) absl::SleepFor(absl::Milliseconds(1));
  Note note;
  const absl::Status status = client_->ServerStream(kCount, Note(), &note, [] { return true; });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  go.Notify();
  for (auto& caller : callers) caller.join();
}

TEST_F(StreamTest, DrainLetsRunningCallsEndAndRefusesNewOnes) {
  absl::Notification running;
  say_ = [&](Call& call, const Note& request, Note* response) {
    if (!running.HasBeenNotified()) running.Notify();
    absl::SleepFor(absl::Milliseconds(300));
    EXPECT_FALSE(call.cancelled());
    *response = request;
    return absl::OkStatus();
  };
  Start();
  std::thread caller([this] {
    Note response;
    EXPECT_TRUE(Send(kSay, NoteOf(3), &response).ok());
    EXPECT_EQ(response.number(), 3);
  });
  running.WaitForNotification();
  server_->Drain();
  caller.join();
  EXPECT_EQ(Send(kHello, Note(), nullptr, absl::Seconds(2)).code(), absl::StatusCode::kUnavailable);
}

TEST_F(StreamTest, DrainCancelsWhatOutlastsItsPatience) {
  options_.drain = absl::Milliseconds(200);
  absl::Notification running;
  say_ = [&](Call& call, const Note&, Note*) {
    running.Notify();
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(2));
    return absl::OkStatus();
  };
  Start();
  std::thread caller([this] { EXPECT_FALSE(Send(kSay, Note()).ok()); });
  running.WaitForNotification();
  const absl::Time begun = absl::Now();
  server_->Drain();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(3));
  caller.join();
}

TEST_F(StreamTest, DrainSendsServerStreamsElsewhereAtOnce) {
  absl::Notification running;
  count_ = [&](Call& call, const Note&, Writer<Note>&) {
    running.Notify();
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(2));
    return absl::CancelledError();
  };
  Start();
  absl::Status status;
  std::thread caller([&] {
    Note note;
    status = client_->ServerStream(kCount, Note(), &note, [] { return true; });
  });
  running.WaitForNotification();
  const absl::Time begun = absl::Now();
  server_->Drain();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(3));
  caller.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

// A rolling restart: callers that retry lose no call, and every call answered was run.
TEST_F(StreamTest, RestartUnderLoadLosesNoCall) {
  std::atomic<int> runs{0};
  say_ = [&](Call&, const Note&, Note*) {
    ++runs;
    return absl::OkStatus();
  };
  Start();
  const auto client = NewClient(Issuer::Get().Token());
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0}, failed{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        Note response;
        const absl::Status status =
            client->Unary(kSay, Note(), &response, absl::Now() + absl::Seconds(10), true);
        ++(status.ok() ? answered : failed);
        EXPECT_TRUE(status.ok()) << status;
      }
    });
  }
  absl::SleepFor(absl::Milliseconds(200));
  options_.address = target();
  server_->Drain();
  server_ = nullptr;
  Start();
  absl::SleepFor(absl::Milliseconds(500));
  stop = true;
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GE(runs, answered);
  EXPECT_GT(answered, 50);
}

}  // namespace
}  // namespace rsnms::rpc
