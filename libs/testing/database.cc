#include "libs/testing/database.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/pg/migrate.h"
#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"

namespace rsnms::testing {
namespace {

constexpr char kSqlTemplateLock[] = "SELECT pg_advisory_lock(hashtextextended('rsnms.testing', 0))";
constexpr char kSqlTestDatabases[] =
    "SELECT string_agg(datname, ',') FROM pg_database WHERE datname LIKE 'test\\_%'";

std::vector<pg::MigrationSet> SetsOf(const std::string& schema, const std::string& migrations) {
  const std::string root = RSNMS_SOURCE_DIR;
  std::vector<pg::MigrationSet> sets = {{"platform", root + "/libs/journal/migrations"}};
  const std::string own = root + "/services/" + schema + "/migrations";
  if (!migrations.empty()) {
    sets.push_back({schema, migrations});
  } else if (std::filesystem::exists(own)) {
    sets.push_back({schema, own});
  }
  return sets;
}

// The migrated database others are cloned from; made by the first process that asks.
std::string Template(Admin& admin, const std::string& schema,
                     const std::vector<pg::MigrationSet>& sets) {
  const std::string name = absl::StrCat("template_", schema, "_", HashOf(sets));
  const std::string exists = absl::StrCat("SELECT 1 FROM pg_database WHERE datname = '", name, "'");
  if (!admin.Value(exists).empty()) return name;
  admin.Do(kSqlTemplateLock);
  if (admin.Value(exists).empty()) {
    const std::string draft = absl::StrCat(name, "_draft");
    admin.Do(absl::StrCat("DROP DATABASE IF EXISTS ", draft, " WITH (FORCE)"));
    admin.Do(absl::StrCat("CREATE DATABASE ", draft));
    pg::MigrateOptions options;
    options.conninfo = ConninfoFor(ClusterConninfo(), draft, "");
    options.schema = schema;
    options.sets = sets;
    if (auto status = pg::MigrateUp(options); !status.ok()) {
      Abort(absl::StrCat("migrations of ", schema, ": ", std::string(status.message())));
    }
    // Tests look at the schema with its owner's eyes too.
    admin.Do(absl::StrCat("ALTER ROLE ", schema, "_owner LOGIN"));
    admin.Do(absl::StrCat("ALTER DATABASE ", draft, " RENAME TO ", name));
    admin.Do(absl::StrCat("ALTER DATABASE ", name, " ALLOW_CONNECTIONS false"));
  }
  admin.Do("SELECT pg_advisory_unlock_all()");
  return name;
}

// Databases of test processes that died without a farewell.
void DropLeftovers(Admin& admin) {
  const std::vector<std::string> names = absl::StrSplit(admin.Value(kSqlTestDatabases), ',');
  for (const auto& name : names) {
    // test_<schema>_<pid>_<count>
    const std::vector<std::string> parts = absl::StrSplit(name, '_');
    int pid = 0;
    if (parts.size() < 4 || !absl::SimpleAtoi(parts[parts.size() - 2], &pid)) continue;
    if (!IsAlive(pid)) admin.Do(absl::StrCat("DROP DATABASE IF EXISTS ", name, " WITH (FORCE)"));
  }
}

class ClonedDatabase final : public Database {
 public:
  ClonedDatabase(std::string schema, std::string name)
      : schema_(std::move(schema)), name_(std::move(name)) {
    app_ = MakePool(app_conninfo());
    owner_ = MakePool(owner_conninfo());
  }

  ~ClonedDatabase() override {
    app_.reset();
    owner_.reset();
    Admin(ClusterConninfo()).Do(absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
  }

  pg::Pool& app() override { return *app_; }
  pg::Pool& owner() override { return *owner_; }
  std::string app_conninfo() const override {
    return ConninfoFor(ClusterConninfo(), name_, absl::StrCat(schema_, "_app"));
  }
  std::string owner_conninfo() const override {
    return ConninfoFor(ClusterConninfo(), name_, absl::StrCat(schema_, "_owner"));
  }
  std::string superuser_conninfo() const override {
    return ConninfoFor(ClusterConninfo(), name_, "");
  }
  const std::string& schema() const override { return schema_; }

 private:
  std::unique_ptr<pg::Pool> MakePool(const std::string& conninfo) const {
    pg::PoolOptions options;
    options.conninfo = conninfo;
    options.schema = schema_;
    options.application_name = "rsnms_test";
    return pg::Pool::Create(std::move(options));
  }

  const std::string schema_;
  const std::string name_;
  std::unique_ptr<pg::Pool> app_;
  std::unique_ptr<pg::Pool> owner_;
};

}  // namespace

std::unique_ptr<Database> Database::Create(const std::string& schema,
                                           const std::string& migrations) {
  static std::atomic<int> count = 0;
  Admin admin(ClusterConninfo());
  if (count == 0) DropLeftovers(admin);
  const std::string source = Template(admin, schema, SetsOf(schema, migrations));
  // A process id may come again over a crashed run's leftovers.
  const std::string name = absl::StrCat("test_", schema, "_", getpid(), "_", ++count);
  admin.Do(absl::StrCat("DROP DATABASE IF EXISTS ", name, " WITH (FORCE)"));
  admin.Do(absl::StrCat("CREATE DATABASE ", name, " TEMPLATE ", source));
  return std::make_unique<ClonedDatabase>(schema, name);
}

}  // namespace rsnms::testing
