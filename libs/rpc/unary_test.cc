// Unary calls: the chain, its errors on the wire, limits.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/test_server.h"

namespace rsnms::rpc {
namespace {

using ::testing::HasSubstr;

template <class Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const google::rpc::Status proto = ToProto(status);
  for (const auto& any : proto.details()) any.UnpackTo(&detail);
  return detail;
}

class UnaryTest : public ServerTest {
 protected:
  // Sends bytes as they are, with the metadata given; the answer's status.
  grpc::Status Raw(const std::string& path, const std::string& bytes,
                   const std::vector<std::pair<std::string, std::string>>& metadata,
                   grpc_compression_algorithm compression = GRPC_COMPRESS_NONE) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    grpc::GenericStub stub(
        grpc::CreateCustomChannel(target(), grpc::InsecureChannelCredentials(), arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.set_compression_algorithm(compression);
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, path, {}, &request, &response, [&](grpc::Status result) {
      status = std::move(result);
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }
  static std::pair<std::string, std::string> Bearer() {
    return {"authorization", "Bearer " + Issuer::Get().Token()};
  }
  static std::string ReasonIn(const grpc::Status& status) {
    google::rpc::Status proto;
    proto.ParseFromString(status.error_details());
    return ReasonOf(FromProto(proto));
  }
};

TEST_F(UnaryTest, AnswersWhatTheHandlerAnswers) {
  Start();
  Note response;
  ASSERT_TRUE(Send(kSay, NoteOf(7, "привет"), &response).ok());
  EXPECT_EQ(response.text(), "привет");
  EXPECT_EQ(response.number(), 7);
}

TEST(ErrorText, SaysASentenceOnce) {
  const auto said = [](const absl::Status& status) {
    return DetailOf<google::rpc::LocalizedMessage>(status).message();
  };
  const char* sentence = "Работа не может начаться раньше.";
  rpc::Error whole(absl::StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_FORMAT,
                   "too early");
  whole.Russian(sentence).Field("start_date", "is too early", sentence);
  EXPECT_EQ(said(whole), sentence);
  rpc::Error fields(absl::StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_FORMAT,
                    "two fields");
  fields.Russian("Ошибка.").Field("a", "x", "плохо").Field("b", "x", "плохо");
  EXPECT_EQ(said(fields), "Ошибка. плохо");
}

TEST_F(UnaryTest, ErrorDetailsCrossTheWire) {
  say_ = [](Call&, const Note&, Note*) -> absl::Status {
    return Error(absl::StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_FORMAT,
                 "inn has 9 digits")
        .Field("organisation.inn", "must have 10 or 12 digits", "ИНН состоит из 10 или 12 цифр")
        .With("inn_length", "9")
        .RetryAfter(absl::Milliseconds(1500))
        .Resource("registry.rsnms/Organisation", "regions/86/organisations/x");
  };
  Start();
  const absl::Status status = Send(kSay, Note());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "inn has 9 digits");
  EXPECT_EQ(ReasonOf(status), "INVALID_FORMAT");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.domain(), "rsnms");
  EXPECT_EQ(info.metadata().at("inn_length"), "9");
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "organisation.inn");
  EXPECT_EQ(DetailOf<google::rpc::LocalizedMessage>(status).message(),
            "Значение не соответствует требуемому формату. ИНН состоит из 10 или 12 цифр");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(status).retry_delay().nanos(), 500'000'000);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(),
            "regions/86/organisations/x");
}

TEST_F(UnaryTest, ManyViolationsAreCutToFitTheTrailer) {
  say_ = [](Call&, const Note&, Note*) -> absl::Status {
    Error error(absl::StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_REQUEST,
                std::string(5000, 'm'));
    for (int i = 0; i < 1000; ++i) {
      error.Field("rows[" + std::to_string(i) + "].inn", "must have 10 or 12 digits", "Нет");
    }
    return error;
  };
  Start();
  const absl::Status status = Send(kSay, Note());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_GT(DetailOf<google::rpc::BadRequest>(status).field_violations_size(), 10);
}

TEST_F(UnaryTest, WhatACallerSentIsCutToFitTheTrailer) {
  const std::string sent(100'000, 'x');
  say_ = [&](Call&, const Note&, Note*) -> absl::Status {
    return Error(absl::StatusCode::kNotFound, options::v1::COMMON_REASON_NOT_FOUND, sent)
        .With("name", sent)
        .Resource("registry.rsnms/Organisation", sent)
        .Field(sent, "is unknown");
  };
  Start();
  const absl::Status status = Send(kSay, Note());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("name").size(), 256u);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name().size(), 256u);
}

TEST_F(UnaryTest, RequestsOfDomainMethodsAreCheckedBeforeTheirHandlers) {
  say_ = [](Call&, const Note&, Note* response) {
    response->set_text("handled");
    return absl::OkStatus();
  };
  Start();
  server_->CheckDomainRequests([](const Message& request) {
    return static_cast<const Note&>(request).number() == 13
               ? InvalidField("number", options::v1::COMMON_REASON_OUT_OF_RANGE, "is unlucky")
               : absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(Send(kSay, NoteOf(13, ""))), "OUT_OF_RANGE");
  Note response;
  EXPECT_TRUE(Send(kSay, NoteOf(14, ""), &response).ok());
  EXPECT_EQ(response.text(), "handled");
}

TEST_F(UnaryTest, TextThatDidNotComeThroughErrorNeverLeaves) {
  say_ = [](Call&, const Note&, Note*) { return absl::InternalError("SELECT secret FROM t"); };
  Start();
  const absl::Status status = Send(kSay, Note());
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("SELECT")));
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("trace_id").size(), 32u);
}

TEST_F(UnaryTest, ExceptionBecomesInternalAndTheServerLives) {
  say_ = [](Call&, const Note&, Note*) -> absl::Status { throw std::runtime_error("secret"); };
  Start();
  const absl::Status status = Send(kSay, Note());
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_TRUE(Send(kHello, Note()).ok());
}

TEST_F(UnaryTest, UnknownMethodIsUnimplementedWithDetails) {
  Start();
  for (const char* method : {"rsnms.rpc.testdata.Echo/Shout", "x.Y/Z", "x"}) {
    const absl::Status status = Send(method, Note());
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << method;
    EXPECT_EQ(ReasonOf(status), "UNIMPLEMENTED") << method;
  }
}

TEST_F(UnaryTest, CallWithoutTokenIsUnauthenticated) {
  std::atomic<int> runs{0};
  say_ = [&](Call&, const Note&, Note*) {
    ++runs;
    return absl::OkStatus();
  };
  Start();
  for (const char* token : {"", "x", "a.b.c"}) {
    client_ = NewClient(token);
    const absl::Status status = Send(kSay, Note());
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << token;
    EXPECT_EQ(ReasonOf(status), "UNAUTHENTICATED") << token;
  }
  EXPECT_EQ(ReasonIn(Raw(std::string("/") + kSay, "", {Bearer(), Bearer()})), "UNAUTHENTICATED");
  EXPECT_EQ(runs, 0);
}

TEST_F(UnaryTest, RolesThatGrantNothingAreDenied) {
  Start();
  absl::Status status = Send(kWhisper, Note());
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(status), "PERMISSION_DENIED");
  client_ = NewClient(Issuer::Get().Token("stranger"));
  EXPECT_EQ(Send(kSay, Note()).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(UnaryTest, PublicMethodNeedsNoToken) {
  Start();
  client_ = NewClient("");
  Note response;
  EXPECT_TRUE(Send(kHello, NoteOf(0, "you"), &response).ok());
  EXPECT_EQ(response.text(), "hello you");
}

TEST_F(UnaryTest, HandlerSeesTheCallerAndItsScopes) {
  say_ = [](Call& call, const Note&, Note* response) {
    response->set_text(call.identity().subject + " " + call.Tx().scopes + " " +
                       call.method().name());
    EXPECT_TRUE(call.ReadTx().read_only);
    EXPECT_FALSE(call.peer().empty());
    return absl::OkStatus();
  };
  Start();
  Note response;
  ASSERT_TRUE(Send(kSay, Note(), &response).ok());
  EXPECT_EQ(response.text(), "anna regions/86 Say");
}

TEST_F(UnaryTest, BytesThatAreNoMessageAreInvalidArgument) {
  Start();
  const std::string path = std::string("/") + kSay;
  std::string nested;
  for (int depth = 0; depth < 200; ++depth) {
    const size_t size = nested.size();
    std::string length(1, static_cast<char>(size));
    if (size > 127) length = {static_cast<char>(size | 0x80), static_cast<char>(size >> 7)};
    nested = "\x1a" + length + nested;
  }
  const std::string damaged[] = {"garbage bytes",
                                 std::string("\x0a\x7f"
                                             "a",
                                             3),
                                 std::string("\x14", 1), nested};
  for (const std::string& bytes : damaged) {
    const grpc::Status status = Raw(path, bytes, {Bearer()});
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << bytes.size();
    EXPECT_EQ(ReasonIn(status), "INVALID_REQUEST");
  }
}

TEST_F(UnaryTest, TextThatIsNotUtf8IsNamedByItsPath) {
  Start();
  const std::string path = std::string("/") + kSay;
  google::protobuf::SetLogHandler(nullptr);  // it warns of serialising such text
  const Note flat = NoteOf(1, "\xff\xfe");
  Note deep = NoteOf(2, "good");
  *deep.add_notes() = NoteOf(3, "good");
  *deep.add_notes()->add_notes() = flat;
  for (const auto& [note, field] :
       {std::pair(flat, "text"), std::pair(deep, "notes[1].notes[0].text")}) {
    const grpc::Status status = Raw(path, note.SerializeAsString(), {Bearer()});
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonIn(status), "INVALID_FORMAT");
    EXPECT_EQ(status.error_message(), absl::StrCat(field, ": is not valid UTF-8"));
  }
}

TEST_F(UnaryTest, AuthorisationComesBeforeParsing) {
  Start();
  EXPECT_EQ(ReasonIn(Raw(std::string("/") + kSay, "garbage", {})), "UNAUTHENTICATED");
  EXPECT_EQ(ReasonIn(Raw(std::string("/") + kWhisper, "garbage", {Bearer()})), "PERMISSION_DENIED");
}

TEST_F(UnaryTest, OversizeMessageIsRefused) {
  options_.max_message_bytes = 64 << 10;
  Start();
  EXPECT_EQ(Send(kSay, NoteOf(0, std::string(65 << 10, 'x'))).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Send(kSay, NoteOf(0, std::string(60 << 10, 'x'))).ok());
}

TEST_F(UnaryTest, CompressedMessagesAreRefusedUnread) {
  Start();
  for (auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    const grpc::Status status =
        Raw(std::string("/") + kSay, NoteOf(0, std::string(1 << 20, 'x')).SerializeAsString(),
            {Bearer()}, algorithm);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  }
}

TEST_F(UnaryTest, OversizeMetadataIsRefused) {
  Start();
  const grpc::Status status =
      Raw(std::string("/") + kHello, "", {{"x-padding", std::string(64 << 10, 'x')}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(UnaryTest, ClientRepeatsIdempotentCallsOnly) {
  std::atomic<int> runs{0};
  say_ = [&](Call&, const Note&, Note*) -> absl::Status {
    if (++runs % 3 == 0) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_DATABASE_UNAVAILABLE,
                 "no database");
  };
  Start();
  Note response;
  EXPECT_TRUE(client_->Unary(kSay, Note(), &response, absl::Now() + absl::Seconds(10), true).ok());
  EXPECT_EQ(runs, 3);
  EXPECT_FALSE(
      client_->Unary(kSay, Note(), &response, absl::Now() + absl::Seconds(10), false).ok());
  EXPECT_EQ(runs, 4);
}

TEST_F(UnaryTest, RandomBytesNeverKillTheServer) {
  Start();
  for (int i = 0; i < 200; ++i) {
    std::string noise;
    for (int n = 0; n < i; ++n) noise += static_cast<char>((i * 131 + n * 29 + n * n * 7) & 0xFF);
    const grpc::Status status = Raw(absl::StrCat("/", kSay), noise, {Bearer()});
    EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::INVALID_ARGUMENT)
        << status.error_message();
  }
  EXPECT_TRUE(Send(kSay, Note()).ok());
}

}  // namespace
}  // namespace rsnms::rpc
