// A real PostgreSQL for every test: one private cluster per test run, one database per test cloned
// from a migrated template (0.1 s). Durability is off in the test cluster; nothing else differs
// from production.
#ifndef RSNMS_LIBS_TESTING_DATABASE_H_
#define RSNMS_LIBS_TESTING_DATABASE_H_

#include <memory>
#include <string>

#include "libs/pg/pool.h"

namespace rsnms::testing {

// A database with the platform's and one service's migrations applied; dropped on destruction.
// Aborts the test process with a clear message when PostgreSQL cannot be started.
class Database {
 public:
  // `schema` is a service's name (`registry`), whose migrations lie in
  // services/<schema>/migrations, or a test's own: then `migrations` names the directory. The empty
  // directory gives the platform's tables only.
  static std::unique_ptr<Database> Create(const std::string& schema,
                                          const std::string& migrations = "");
  virtual ~Database() = default;

  virtual pg::Pool& app() = 0;    // as `<schema>_app`: row level security applies
  virtual pg::Pool& owner() = 0;  // as `<schema>_owner`
  virtual std::string app_conninfo() const = 0;
  virtual std::string owner_conninfo() const = 0;
  virtual std::string superuser_conninfo() const = 0;
  virtual const std::string& schema() const = 0;
};

}  // namespace rsnms::testing

#endif  // RSNMS_LIBS_TESTING_DATABASE_H_
