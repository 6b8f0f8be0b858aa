#include "libs/testing/cluster.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/testing/admin.h"

namespace rsnms::testing {
namespace {

constexpr char kRoot[] = RSNMS_SOURCE_DIR;

// Output of tools/pg; aborts when it fails.
std::string RunTool(const std::string& command, const std::string& directory,
                    const std::string& mode = "") {
  const std::string line =
      absl::StrCat("'", kRoot, "/tools/pg' ", command, " '", directory, "' ", mode);
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) Abort(absl::StrCat("cannot run ", line));
  std::string output;
  char buffer[512];
  while (size_t size = fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, size);
  if (pclose(pipe) != 0) Abort(absl::StrCat(line, " failed"));
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

// Clusters of test processes that died without a farewell: their directories begin with
// `test-<pid>`.
void RemoveLeftovers() {
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(absl::StrCat(kRoot, "/.run"), error)) {
    const std::string name = entry.path().filename().string();
    const std::vector<std::string> parts = absl::StrSplit(name, '-');
    int pid = 0;
    if (parts.size() < 2 || parts[0] != "test" || !absl::SimpleAtoi(parts[1], &pid)) continue;
    if (!IsAlive(pid)) RunTool("remove", entry.path().string());
  }
}

int started_by = 0;  // the process that must remove the shared cluster; its forks must not

std::string SharedDirectory() { return absl::StrCat(kRoot, "/.run/test-", started_by); }

void RemoveShared() {
  if (getpid() == started_by) RunTool("remove", SharedDirectory());
}

}  // namespace

bool IsAlive(int pid) { return kill(pid, 0) == 0 || errno == EPERM; }

const std::string& ClusterConninfo() {
  static const std::string conninfo = [] {
    if (const char* given = std::getenv("RSNMS_TEST_PG"); given != nullptr && *given != '\0') {
      return std::string(given);
    }
    RemoveLeftovers();
    started_by = getpid();
    RunTool("start", SharedDirectory(), "test");
    std::atexit(RemoveShared);
    return RunTool("conninfo", SharedDirectory());
  }();
  return conninfo;
}

Cluster::Cluster(const std::string& name, bool durable)
    : directory_(absl::StrCat(kRoot, "/.run/test-", getpid(), "-", name)), durable_(durable) {
  RemoveLeftovers();
  Start();
}

Cluster::~Cluster() { RunTool("remove", directory_); }

void Cluster::Start() { RunTool("start", directory_, durable_ ? "" : "test"); }
void Cluster::Stop() { RunTool("stop", directory_); }

std::string Cluster::conninfo() const { return RunTool("conninfo", directory_); }

int Cluster::port() const {
  const std::string url = RunTool("url", directory_);
  int port = 0;
  const size_t colon = url.rfind(':');
  if (!absl::SimpleAtoi(url.substr(colon + 1, url.rfind('/') - colon - 1), &port)) {
    Abort(absl::StrCat("no port in ", url));
  }
  return port;
}

int Cluster::postmaster_pid() const {
  Admin admin(conninfo());
  const std::string file = admin.Value("SELECT pg_read_file('postmaster.pid')");
  int pid = 0;
  if (!absl::SimpleAtoi(file.substr(0, file.find('\n')), &pid)) Abort("no postmaster.pid");
  return pid;
}

}  // namespace rsnms::testing
