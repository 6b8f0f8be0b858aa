// Plain libpq for what the tests do outside any pool: creating and dropping databases.
#ifndef RSNMS_LIBS_TESTING_ADMIN_H_
#define RSNMS_LIBS_TESTING_ADMIN_H_

#include <libpq-fe.h>

#include <string>
#include <vector>

#include "libs/pg/migrate.h"

namespace rsnms::testing {

// Prints why and ends the test process: without a database no test says anything.
[[noreturn]] void Abort(const std::string& why);

// One connection, autocommit; any error aborts the test process.
class Admin {
 public:
  explicit Admin(const std::string& conninfo);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  void Do(const std::string& sql);
  // First column of the first row; empty when there is no row.
  std::string Value(const std::string& sql);

 private:
  PGconn* conn_;
};

// `conninfo` with another database and, unless empty, another user.
std::string ConninfoFor(const std::string& conninfo, const std::string& database,
                        const std::string& user);
// Changes when any migration file does.
std::string HashOf(const std::vector<pg::MigrationSet>& sets);

}  // namespace rsnms::testing

#endif  // RSNMS_LIBS_TESTING_ADMIN_H_
