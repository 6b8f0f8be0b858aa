// What the dispatcher itself costs: an empty unary RPC through the whole chain.
//   rpc_bench [--callers 64] [--seconds 3]   calls in process and prints requests/s
//   rpc_bench --serve 7199                   only serves, for h2load or buf curl; prints a token
#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "libs/rpc/test_server.h"

namespace rsnms::rpc {
namespace {

std::unique_ptr<Server> Serve(const std::string& address, observe::Metrics* metrics) {
  ServerOptions options;
  options.address = address;
  options.metrics = metrics;
  auto server = Server::Create(options, Issuer::Get().verifier());
  server->Serve(EchoService());
  const auto say = [](Call&, const Note& request, Note* response) {
    *response = request;
    return absl::OkStatus();
  };
  for (const char* method : {kSay, kWhisper, kHello}) server->Unary<Note, Note>(method, say);
  server->ServerStream<Note, Note>(kCount, [](Call&, const Note& request, Writer<Note>& out) {
    for (int64_t i = 0; i < request.number() && out.Write(NoteOf(i)); ++i) {
    }
    return absl::OkStatus();
  });
  server->ClientStream<Note, Note>(kSum, [](Call&, Reader<Note>& in, Note* response) {
    Note note;
    while (in.Read(&note)) response->set_number(response->number() + note.number());
    return in.status();
  });
  const absl::Status started = server->Start();
  if (!started.ok()) {
    std::cerr << started << "\n";
    std::exit(1);
  }
  return server;
}

void Load(const Server& server, int callers, int seconds) {
  ClientOptions options;
  options.target = "127.0.0.1:" + std::to_string(server.port());
  options.token = [token = Issuer::Get().Token()] { return token; };
  std::atomic<int64_t> calls{0}, failures{0};
  const absl::Time end = absl::Now() + absl::Seconds(seconds);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(Client::Create(options));
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, client = clients[i % 4].get()] {
      Note response;
      while (absl::Now() < end) {
        ++(client->Unary(kSay, Note(), &response, end + absl::Seconds(5), false).ok() ? calls
                                                                                      : failures);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::cout << callers << " callers: " << calls / seconds << " requests/s, " << failures
            << " failures\n";
}

}  // namespace
}  // namespace rsnms::rpc

int main(int argc, char** argv) {
  CLI::App app("The dispatcher's own cost");
  int port = 0, callers = 64, seconds = 3;
  app.add_option("--serve", port, "serve on this port until SIGTERM");
  app.add_option("--callers", callers, "threads that call");
  app.add_option("--seconds", seconds, "how long");
  CLI11_PARSE(app, argc, argv);
  const auto metrics = rsnms::observe::Metrics::Create();
  const auto server = rsnms::rpc::Serve("127.0.0.1:" + std::to_string(port), metrics.get());
  if (port == 0) {
    rsnms::rpc::Load(*server, callers, seconds);
    return 0;
  }
  std::cout << rsnms::rpc::Issuer::Get().Token() << std::endl;
  server->ServeUntilSignal();
  return 0;
}
