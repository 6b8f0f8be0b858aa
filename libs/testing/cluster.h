// PostgreSQL clusters for tests, made by tools/pg.
#ifndef RSNMS_LIBS_TESTING_CLUSTER_H_
#define RSNMS_LIBS_TESTING_CLUSTER_H_

#include <string>

namespace rsnms::testing {

// Superuser conninfo of the cluster of this test run: the one RSNMS_TEST_PG names, else one started
// for this process in .run/test-<pid> and removed at its exit. Thread-safe. Aborts when there is
// none to be had.
const std::string& ClusterConninfo();

// Whether a process of this id runs; leftovers of dead ones may be removed.
bool IsAlive(int pid);

// A cluster of a test's own, to stop, freeze and start again at will. Removed on destruction.
class Cluster {
 public:
  // `durable` keeps the settings of tools/up (fsync, replication allowed) instead of the tests'
  // fast ones.
  explicit Cluster(const std::string& name, bool durable = false);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void Start();
  void Stop();
  std::string conninfo() const;  // superuser, Unix socket; valid after a restart too
  int port() const;              // TCP port on 127.0.0.1; may change with a restart
  int postmaster_pid() const;

 private:
  std::string directory_;
  bool durable_;
};

}  // namespace rsnms::testing

#endif  // RSNMS_LIBS_TESTING_CLUSTER_H_
