// A server on 127.0.0.1, its issuer and its clients, for the server's own tests.
#ifndef RSNMS_LIBS_RPC_TEST_SERVER_H_
#define RSNMS_LIBS_RPC_TEST_SERVER_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "libs/auth/jose.h"
#include "libs/auth/testing.h"
#include "libs/auth/verifier.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testdata/echo.pb.h"

namespace rsnms::rpc {

using testdata::Note;

constexpr char kSay[] = "rsnms.rpc.testdata.Echo/Say";
constexpr char kWhisper[] = "rsnms.rpc.testdata.Echo/Whisper";
constexpr char kHello[] = "rsnms.rpc.testdata.Echo/Hello";
constexpr char kCount[] = "rsnms.rpc.testdata.Echo/Count";
constexpr char kSum[] = "rsnms.rpc.testdata.Echo/Sum";

inline const google::protobuf::ServiceDescriptor* EchoService() {
  return Note::descriptor()->file()->FindServiceByName("Echo");
}

// One issuer for all tests of the process: making keys is slow.
class Issuer {
 public:
  static Issuer& Get() {
    static auto& issuer = *new Issuer();
    return issuer;
  }
  const auth::Verifier* verifier() const { return verifier_.get(); }
  std::string Token(const std::string& role = "tester") const {
    auth::TokenClaims claims;
    claims.issuer = "https://issuer.test";
    claims.subject = "anna";
    claims.roles = {role};
    claims.scopes = {"regions/86"};
    return *auth::IssueToken(key_.private_pem, "test", claims);
  }

 private:
  Issuer() {
    directory_.WriteJwks({key_.jwk});
    auth::VerifierOptions options;
    options.jwks = directory_.jwks();
    options.issuer = "https://issuer.test";
    options.roles_file = directory_.Write(
        "roles.textproto",
        "roles { name: 'tester' permissions: 'test.echo.say' permissions: 'test.echo.count' "
        "permissions: 'test.echo.sum' }");
    verifier_ = *auth::Verifier::Create(options);
  }

  const auth::KeyPair key_ = *auth::GenerateKey(auth::Algorithm::kEs256, "test");
  auth::testing::KeyDirectory directory_;
  std::unique_ptr<auth::Verifier> verifier_;
};

// Handlers that do what the note says, unless a test replaces them before Start.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.drain = absl::Seconds(5);
    say_ = [](Call&, const Note& request, Note* response) {
      *response = request;
      return absl::OkStatus();
    };
    count_ = [](Call&, const Note& request, Writer<Note>& out) {
      Note note;
      for (int64_t i = 0; i < request.number(); ++i) {
        note.set_number(i);
        if (!out.Write(note)) return absl::CancelledError();
      }
      return absl::OkStatus();
    };
    sum_ = [](Call&, Reader<Note>& in, Note* response) {
      Note note;
      while (in.Read(&note)) response->set_number(response->number() + note.number());
      return in.status();
    };
  }

  void Start() {
    server_ = Server::Create(options_, Issuer::Get().verifier());
    server_->Serve(EchoService());
    server_->Unary<Note, Note>(kSay, [this](Call& call, const Note& request, Note* response) {
      return say_(call, request, response);
    });
    const auto hello = [](Call&, const Note& request, Note* response) {
      response->set_text("hello " + request.text());
      return absl::OkStatus();
    };
    server_->Unary<Note, Note>(kWhisper, hello);
    server_->Unary<Note, Note>(kHello, hello);
    server_->ServerStream<Note, Note>(kCount,
                                      [this](Call& call, const Note& request, Writer<Note>& out) {
                                        return count_(call, request, out);
                                      });
    server_->ClientStream<Note, Note>(kSum, [this](Call& call, Reader<Note>& in, Note* response) {
      return sum_(call, in, response);
    });
    for (const auto& probe : probes_) server_->AddReadiness("test", probe);
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
    client_ = NewClient(Issuer::Get().Token());
  }

  std::string target() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  std::unique_ptr<Client> NewClient(const std::string& token) const {
    ClientOptions options;
    options.target = target();
    options.token = [token] { return token; };
    return Client::Create(options);
  }

  absl::Status Send(const char* method, const Note& request, Note* response = nullptr,
                    absl::Duration patience = absl::Seconds(10)) {
    Note ignored;
    return client_->Unary(method, request, response != nullptr ? response : &ignored,
                          absl::Now() + patience, /*idempotent=*/false);
  }

  ServerOptions options_;
  std::function<absl::Status(Call&, const Note&, Note*)> say_;
  std::function<absl::Status(Call&, const Note&, Writer<Note>&)> count_;
  std::function<absl::Status(Call&, Reader<Note>&, Note*)> sum_;
  std::vector<std::function<absl::Status()>> probes_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

inline Note NoteOf(int64_t number, std::string text = "") {
  Note note;
  note.set_number(number);
  note.set_text(std::move(text));
  return note;
}

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_TEST_SERVER_H_
