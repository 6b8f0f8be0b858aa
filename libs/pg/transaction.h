// The Tx a pool hands to its callers: one transaction on one connection.
#ifndef RSNMS_LIBS_PG_TRANSACTION_H_
#define RSNMS_LIBS_PG_TRANSACTION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/connection.h"
#include "libs/pg/pool.h"
#include "libs/pg/tx.h"

namespace rsnms::pg {

// How a transaction ended.
struct Outcome {
  absl::Status status;
  bool retry = false;     // running the body again may succeed
  bool in_doubt = false;  // the commit's fate is unknown
};

class Transaction final : public Tx {
 public:
  Transaction(Connection& connection, const TxOptions& options, absl::Duration grace);

  using Tx::Query;
  absl::StatusOr<pqxx::result> Query(std::string_view sql, const Params& params) override;
  absl::Status Defer(std::string_view sql, const Params& params) override;
  absl::Status DeferDemand(std::string_view sql, const Params& params) override;
  absl::Status Unscoped(std::string_view region,
                        const std::function<absl::Status()>& body) override;
  absl::StatusOr<int64_t> CopyIn(std::string_view table, const std::vector<std::string>& columns,
                                 const std::function<bool(CopyRow&)>& next) override;
  absl::Status Script(std::string_view sql) override;
  absl::Status Savepoint(const std::function<absl::Status()>& body) override;

  // The body threw: the transaction is lost.
  void BodyThrew();
  // Commits when `body_status` is OK and nothing failed, rolls back otherwise.
  Outcome Finish(absl::Status body_status);

 private:
  // Opens the transaction with its first statement; refuses when it is lost, late or cancelled.
  std::optional<Failure> Prepare(const Params* params);
  void Begin();
  absl::Status Fail(Failure failure);
  void Lose(Failure failure);
  Outcome Commit();
  void RollBack();

  Connection& connection_;
  const TxOptions& options_;
  Limits limits_;
  bool begun_ = false;
  bool deferred_ = false;  // Defer's statements wait to be sent
  bool demanded_ = false;  // a demand is among them: COMMIT must not go with it
  int savepoints_ = 0;
  std::optional<Failure> failure_;  // the transaction is lost
  absl::Status failure_status_;     // what its caller is told
};

// What set_config takes as statement_timeout: milliseconds left, at least 1; `0` without a
// deadline.
std::string StatementTimeout(absl::Time deadline);
// The deadline has passed or the caller has cancelled.
std::optional<Failure> Stopped(const TxOptions& options);
// The scopes show every row of the region.
bool SeesRegion(std::string_view scopes, std::string_view region);
// A NUL in a text parameter.
bool HasNul(const Params& params);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_TRANSACTION_H_
