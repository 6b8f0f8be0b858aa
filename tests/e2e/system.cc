#include "tests/e2e/system.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpc/grpc.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpc/health/v1/health.pb.h"

namespace rsnms::e2e {
namespace {

const char* const kServices[] = {"registry", "programs", "diagnostics", "monitoring"};

std::string Bin(const std::string& program) { return absl::StrCat(RSNMS_BIN_DIR, "/", program); }

// A port nobody listens on now. Another process could take it before we do; then the service fails
// to start and says so.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

// Until somebody listens, at most 30 s: a channel refused once waits a second before it tries
// again.
void AwaitListening(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  for (int i = 0; i < 3000; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const bool up = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (up) return;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

[[noreturn]] void Die(const std::string& what) {
  std::cerr << "e2e: " << what << std::endl;
  std::abort();
}

Outcome Must(const Outcome& outcome, const std::string& what) {
  if (outcome.exit_code != 0) Die(absl::StrCat(what, " failed: ", outcome.out, outcome.err));
  return outcome;
}

std::string Trim(const std::string& text) { return std::string(absl::StripAsciiWhitespace(text)); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The child's environment: ours with additions.
std::vector<std::string> Environment(const std::map<std::string, std::string>& additions) {
  std::vector<std::string> all;
  for (char** e = environ; *e != nullptr; ++e) {
    if (additions.count(std::string(*e, std::string(*e).find('='))) == 0) all.emplace_back(*e);
  }
  for (const auto& [key, value] : additions) all.push_back(absl::StrCat(key, "=", value));
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The same server with another database and role: of a keyword given twice, libpq takes the last.
std::string With(const std::string& conninfo, const std::string& database,
                 const std::string& user = "") {
  return absl::StrCat(conninfo, " dbname=", database, user.empty() ? "" : " user=", user);
}

}  // namespace

System& System::Shared() {
  static System system(/*alone=*/false);
  return system;
}

std::unique_ptr<System> System::Alone() {
  return std::unique_ptr<System>(new System(/*alone=*/true));
}

System::System(bool alone) {
  // Held for good: otherwise gRPC shuts down with the last client and keeps the test waiting.
  grpc_init();
  directory_ = absl::StrCat(".run/e2e-", getpid(), alone ? "-alone" : "");
  std::filesystem::create_directories(directory_ + "/keys");
  CreateDatabase(alone);
  Migrate();
  Must(Run({Bin("rsnms_token"), "keys", directory_ + "/keys"}), "rsnms_token keys");
  std::filesystem::create_directories(directory_ + "/certificates");
  Must(Run({Bin("rsnms_token"), "keys", directory_ + "/certificates"}), "rsnms_token keys");
  ports_["federal"] = FreePort();
  for (const auto* service : kServices) ports_[service] = FreePort();
  Spawn("federal");
  for (const auto* service : kServices) Spawn(service);
  for (const auto* service : kServices) AwaitServing(service);
}

System::~System() {
  for (const auto& [service, pid] : processes_) kill(pid, SIGTERM);
  for (const auto& [service, pid] : processes_) waitpid(pid, nullptr, 0);
  Run({"psql", "-qX", superuser_, "-c",
       absl::StrCat("DROP DATABASE IF EXISTS ", database_, " WITH (FORCE)")});
  if (!cluster_.empty()) Run({"tools/pg", "remove", cluster_});
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void System::CreateDatabase(bool alone) {
  const char* given = std::getenv("RSNMS_TEST_PG");
  if (!alone && given != nullptr && *given != 0) {
    superuser_ = given;
  } else {
    cluster_ = directory_ + "/pg";
    Must(Run({"tools/pg", "start", cluster_, "test"}), "tools/pg start");
    superuser_ = Trim(Must(Run({"tools/pg", "conninfo", cluster_}), "tools/pg conninfo").out);
  }
  database_ = absl::StrCat("e2e_", getpid());
  Must(Run({"psql", "-qX", superuser_, "-c", absl::StrCat("CREATE DATABASE ", database_)}),
       "CREATE DATABASE");
  conninfo_ = With(superuser_, database_);
}

void System::Migrate() {
  for (const std::string service : kServices) {
    Must(Run({Bin("rsnms_migrate"), "--database", conninfo_, "--root", ".", "--service", service,
              "up"}),
         "rsnms_migrate " + service);
  }
}

std::string System::target(const std::string& service) const {
  return absl::StrCat("127.0.0.1:", ports_.at(service));
}

std::vector<std::string> System::CommandOf(const std::string& service) const {
  if (service == "federal")
    return {Bin("federal_sim"), "--listen", target("federal"), "--roles-file",
            "deploy/roles.textproto"};
  static const std::map<std::string, std::vector<std::string>> kUpstreams = {
      {"registry", {"diagnostics", "programs"}},
      {"programs", {"registry", "diagnostics", "federal"}},
      {"diagnostics", {"registry", "programs"}},
      {"monitoring", {"registry", "diagnostics", "programs", "federal"}}};
  std::vector<std::string> command = {Bin(service), "--listen", target(service), "--database",
                                      With(conninfo_, database_, service + "_app")};
  for (const auto& upstream : kUpstreams.at(service)) {
    command.push_back("--upstream");
    command.push_back(absl::StrCat(upstream, "=", target(upstream)));
  }
  return command;
}

void System::Spawn(const std::string& service) {
  auto command = CommandOf(service);
  auto environment =
      Environment({{"RSNMS_ISSUER", "https://rsnms.local"},
                   {"RSNMS_JWKS", directory_ + "/keys/jwks.json"},
                   {"RSNMS_ROLES", "deploy/roles.textproto"},
                   {"RSNMS_SERVICE_KEY", directory_ + "/keys/key.pem"},
                   {"RSNMS_CERTIFICATE_KEY", directory_ + "/certificates/key.pem"},
                   {"RSNMS_SECRET_KEY", std::string(64, 'a')},
                   {"RSNMS_PERSONAL_DATA_KEYS",
                    absl::StrCat("index:", std::string(64, 'b'), ",1:", std::string(64, 'c'))},
                   {"RSNMS_TERMS_INTERVAL", "never"},  // what tests count does not end by itself
                   {"RSNMS_MIGRATIONS", "."}});
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const std::string log = absl::StrCat(directory_, "/", service, ".log");
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t pid = 0;
  if (posix_spawn(&pid, command[0].c_str(), &files, nullptr, Pointers(command).data(),
                  Pointers(environment).data()) != 0) {
    Die("cannot start " + command[0]);
  }
  posix_spawn_file_actions_destroy(&files);
  processes_[service] = pid;
}

void System::AwaitServing(const std::string& service) const {
  AwaitListening(ports_.at(service));
  auto client = Connect(service, "");
  for (int i = 0; i < 1500; ++i) {
    grpc::health::v1::HealthCheckRequest request;
    grpc::health::v1::HealthCheckResponse response;
    const auto status = client->Unary("grpc.health.v1.Health/Check", request, &response,
                                      absl::Now() + absl::Seconds(1), /*idempotent=*/false);
    if (status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING) return;
    if (waitpid(processes_.at(service), nullptr, WNOHANG) != 0) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  Die(absl::StrCat(service, " does not serve:\n",
                   ReadFile(absl::StrCat(directory_, "/", service, ".log"))));
}

void System::StopDatabase() const { Must(Run({"tools/pg", "stop", cluster_}), "tools/pg stop"); }

void System::StartDatabase() const {
  Must(Run({"tools/pg", "start", cluster_, "test"}), "tools/pg start");
}

void System::Kill(const std::string& service) {
  kill(processes_.at(service), SIGKILL);
  waitpid(processes_.at(service), nullptr, 0);
  processes_.erase(service);
}

void System::Start(const std::string& service) {
  Spawn(service);
  if (service != "federal") AwaitServing(service);
}

int64_t System::ResidentBytes(const std::string& service) const {
  std::ifstream statm(absl::StrCat("/proc/", processes_.at(service), "/statm"));
  int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

std::string System::Token(const std::string& role, const std::string& scope,
                          const std::string& subject) const {
  return Trim(Must(Run({Bin("rsnms_token"), "issue", "--key", directory_ + "/keys/key.pem",
                        "--role", role, "--scope", scope, "--subject", subject}),
                   "rsnms_token issue")
                  .out);
}

std::unique_ptr<rpc::Client> System::Connect(const std::string& service,
                                             const std::string& token) const {
  rpc::ClientOptions options;
  options.target = target(service);
  options.token = [token] { return token; };
  return rpc::Client::Create(options);
}

Outcome System::Ctl(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {Bin("rsnmsctl"), "--token", Token("administrator", "*")};
  for (const auto* service : kServices) {
    command.push_back(absl::StrCat("--", service));
    command.push_back(target(service));
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Run(command);
}

Outcome System::Run(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& additions) {
  auto arguments = command;
  auto environment = Environment(additions);
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) Die("pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  posix_spawn_file_actions_adddup2(&files, err[1], 2);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, arguments[0].c_str(), &files, nullptr,
                                  Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  close(out[1]);
  close(err[1]);
  Outcome outcome;
  if (failed == 0) {
    pollfd fds[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
    std::string* texts[2] = {&outcome.out, &outcome.err};
    for (int open = 2; open > 0;) {
      poll(fds, 2, -1);
      for (int i = 0; i < 2; ++i) {
        if (fds[i].fd < 0 || fds[i].revents == 0) continue;
        char buffer[4096];
        const ssize_t n = read(fds[i].fd, buffer, sizeof(buffer));
        if (n > 0) {
          texts[i]->append(buffer, static_cast<size_t>(n));
        } else {
          fds[i].fd = -1;
          --open;
        }
      }
    }
    int status = 0;
    waitpid(pid, &status, 0);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  close(out[0]);
  close(err[0]);
  return outcome;
}

}  // namespace rsnms::e2e
