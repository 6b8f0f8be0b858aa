// What the tests of libs/pg share.
#ifndef RSNMS_LIBS_PG_TEST_SUPPORT_H_
#define RSNMS_LIBS_PG_TEST_SUPPORT_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "libs/pg/pool.h"
#include "libs/rpc/status.h"
#include "libs/testing/database.h"

namespace rsnms::pg {

// A database with testdata/migrations.
inline std::unique_ptr<testing::Database> TestDatabase() {
  return testing::Database::Create("pgtest", "libs/pg/testdata/migrations");
}

inline TxOptions Everything() {
  TxOptions options;
  options.scopes = "*";
  return options;
}

inline TxOptions Within(absl::Duration time) {
  TxOptions options = Everything();
  options.deadline = absl::Now() + time;
  return options;
}

inline std::unique_ptr<Pool> PoolOf(const std::string& conninfo, int size = 4,
                                    const std::string& schema = "pgtest") {
  PoolOptions options;
  options.conninfo = conninfo;
  options.schema = schema;
  options.size = size;
  options.acquire_timeout = absl::Milliseconds(400);
  options.watchdog_grace = absl::Milliseconds(300);
  return Pool::Create(options);
}

// Runs one statement in its own transaction.
template <class... T>
absl::Status Do(Pool& pool, std::string_view sql, T... values) {
  return pool.Run(Everything(), [&](Tx& tx) { return tx.Query(sql, values...).status(); });
}

// First column of the first row as text; `<error>` when it fails, empty when there is no row.
template <class... T>
std::string Value(Pool& pool, std::string_view sql, T... values) {
  auto rows = pool.Read(Everything(), sql, Params::Of(values...));
  if (!rows.ok()) return "<error>";
  return rows->empty() ? "" : (*rows)[0][0].c_str();
}

// ErrorInfo.metadata[key]; empty when there is none.
inline std::string Metadata(const absl::Status& status, const std::string& key) {
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info)) continue;
    auto found = info.metadata().find(key);
    if (found != info.metadata().end()) return found->second;
  }
  return "";
}

inline bool HasRetryInfo(const absl::Status& status) {
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    if (detail.Is<google::rpc::RetryInfo>()) return true;
  }
  return false;
}

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_TEST_SUPPORT_H_
