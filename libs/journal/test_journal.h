// Shorthands of the journal's and the feed's tests.
#ifndef RSNMS_LIBS_JOURNAL_TEST_JOURNAL_H_
#define RSNMS_LIBS_JOURNAL_TEST_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/journal/journal.h"
#include "libs/pg/pool.h"
#include "libs/testing/admin.h"
#include "libs/testing/database.h"

namespace rsnms::journal {

inline pg::TxOptions Everything() {
  pg::TxOptions options;
  options.scopes = "*";
  return options;
}

inline Entry EntryOf(const std::string& id, int64_t version, const std::string& region = "86") {
  return {region,
          "registry.rsnms/Organisation",
          id,
          feed::v1::CHANGE_KIND_UPDATED,
          version,
          {"official_name", "kind"},
          std::string("\x0a\0\xff image", 9)};
}

// One committed change.
inline absl::Status Write(pg::Pool& pool, const std::string& id, int64_t version = 1) {
  return pool.Run(Everything(), [&](pg::Tx& tx) {
    return Append(tx, {.subject = "system:test", .request_id = "r", .trace_id = "t", .reason = ""},
                  {EntryOf(id, version)});
  });
}

// The single column of a query, as text.
inline std::vector<std::string> Column(pg::Pool& pool, const std::string& sql) {
  std::vector<std::string> values;
  auto status = pool.Run(Everything(), [&](pg::Tx& tx) -> absl::Status {
    values.clear();
    auto rows = tx.Query(sql);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) values.push_back(row[0].is_null() ? "NULL" : row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) values = {status.ToString()};
  return values;
}

// A session outside of any pool that may leave a transaction open.
inline std::unique_ptr<testing::Admin> Session(const testing::Database& db) {
  auto session = std::make_unique<testing::Admin>(db.app_conninfo());
  session->Do("SET search_path = " + db.schema());
  session->Do("SET rsnms.scopes = '*'");
  return session;
}

// A superuser who means harm: no trigger stops him.
inline std::unique_ptr<testing::Admin> Intruder(const testing::Database& db) {
  auto session = std::make_unique<testing::Admin>(db.superuser_conninfo());
  session->Do("SET search_path = " + db.schema());
  session->Do("SET session_replication_role = replica");
  return session;
}

inline std::string InsertSql(const std::string& id, int64_t version = 1) {
  return "INSERT INTO journal (region_code, resource_type, resource_id, kind, version) VALUES "
         "('86', 'registry.rsnms/Organisation', '" +
         id + "', 2, " + std::to_string(version) + ")";
}

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_TEST_JOURNAL_H_
