// The whole system as processes: PostgreSQL, the federal operator's stand-in, the four services,
// each the binary that is deployed. Started once for a test binary, on free ports of 127.0.0.1,
// with a database of its own.
#ifndef RSNMS_TESTS_E2E_SYSTEM_H_
#define RSNMS_TESTS_E2E_SYSTEM_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/rpc/client.h"

namespace rsnms::e2e {

// How a program ended and what it said.
struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

class System {
 public:
  // Aborts the test process, with the services' last log lines, when the system does not come up.
  static System& Shared();
  // One with a PostgreSQL cluster of its own, which the test may stop and start.
  static std::unique_ptr<System> Alone();
  ~System();

  // Superuser's connection string to the system's database, for recounts by plain SQL.
  const std::string& conninfo() const { return conninfo_; }
  const std::string& directory() const { return directory_; }
  std::string target(const std::string& service) const;

  // A token signed with the system's key.
  std::string Token(const std::string& role, const std::string& scope,
                    const std::string& subject = "e2e") const;
  // A client with its own channel that sends this token (empty: none).
  std::unique_ptr<rpc::Client> Connect(const std::string& service, const std::string& token) const;

  // Runs rsnmsctl with the targets of this system and an administrator's token.
  Outcome Ctl(const std::vector<std::string>& arguments) const;
  // The main job on an invented region 86 of 400 educators, summary as one line of JSON. May be
  // repeated.
  Outcome MainJob() const {
    return Ctl({"--json", "--timeout", "120", "job", "--educators", "400", "--year", "2026",
                "--people-key", directory_ + "/keys/key.pem"});
  }
  // Runs any program to its end.
  static Outcome Run(const std::vector<std::string>& command,
                     const std::map<std::string, std::string>& environment = {});

  void StopDatabase() const;               // of a system that is alone
  void StartDatabase() const;              // on the same port
  void Kill(const std::string& service);   // SIGKILL
  void Start(const std::string& service);  // after Kill; waits until it serves
  int64_t ResidentBytes(const std::string& service) const;

 private:
  explicit System(bool alone);
  void CreateDatabase(bool alone);
  void Migrate();
  std::vector<std::string> CommandOf(const std::string& service) const;
  void Spawn(const std::string& service);
  void AwaitServing(const std::string& service) const;

  std::string directory_, superuser_, conninfo_, database_, cluster_;
  std::map<std::string, int> ports_;
  std::map<std::string, pid_t> processes_;
};

}  // namespace rsnms::e2e

#endif  // RSNMS_TESTS_E2E_SYSTEM_H_
