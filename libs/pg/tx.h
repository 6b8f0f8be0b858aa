// One running transaction, as the body of Pool::Run sees it.
#ifndef RSNMS_LIBS_PG_TX_H_
#define RSNMS_LIBS_PG_TX_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <pqxx/result>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rsnms::pg {

// Parameters of a statement; `std::nullopt` is NULL. Text form, bytea binary. Built by the
// overloads below. A NUL character in text is refused when the statement is run (INVALID_ARGUMENT
// NUL_CHARACTER).
class Params {
 public:
  Params() = default;
  template <class... T>
  static Params Of(T&&... values) {
    Params p;
    (p.Add(std::forward<T>(values)), ...);
    return p;
  }
  Params& Add(std::string_view text);
  Params& Add(const char* text) { return Add(std::string_view(text)); }
  Params& Add(const std::string& text) { return Add(std::string_view(text)); }
  Params& Add(int64_t number);
  Params& Add(int32_t number) { return Add(static_cast<int64_t>(number)); }
  Params& Add(bool value);
  Params& Add(double number);
  Params& Add(std::nullopt_t);
  template <class T>
  Params& Add(const std::optional<T>& v) {
    return v ? Add(*v) : Add(std::nullopt);
  }
  Params& AddBytes(std::string_view bytes);                 // bytea
  Params& Add(const std::vector<std::string>& text_array);  // text[] (cast in SQL for uuid[])
  Params& Add(const std::vector<int64_t>& numbers);         // bigint[]
  size_t size() const { return values_.size(); }
  const std::vector<std::optional<std::string>>& values() const { return values_; }
  // Indices of `values` that are raw bytes, ascending.
  const std::vector<size_t>& binary() const { return binary_; }

 private:
  std::vector<std::optional<std::string>> values_;
  std::vector<size_t> binary_;
};

// One row of COPY input, text values; nullopt is NULL.
using CopyRow = std::vector<std::optional<std::string>>;

// Used by one thread. Every statement is prepared once per connection (keyed by its text) and run
// with parameters. After any error the transaction is lost: return the status.
class Tx {
 public:
  virtual ~Tx() = default;

  virtual absl::StatusOr<pqxx::result> Query(std::string_view sql, const Params& params) = 0;

  // Query with the parameters in place: tx.Query("SELECT … WHERE id = $1", id).
  template <class... T>
  absl::StatusOr<pqxx::result> Query(std::string_view sql, T&&... values) {
    return Query(sql, Params::Of(std::forward<T>(values)...));
  }
  absl::StatusOr<pqxx::result> Query(std::string_view sql, Params& params) {
    return Query(sql, static_cast<const Params&>(params));
  }
  absl::StatusOr<pqxx::result> Query(std::string_view sql, Params&& params) {
    return Query(sql, static_cast<const Params&>(params));
  }

  // Like Query when only the effect matters; returns the number of affected rows.
  template <class... T>
  absl::StatusOr<int64_t> Execute(std::string_view sql, T&&... values) {
    auto result = Query(sql, std::forward<T>(values)...);
    if (!result.ok()) return result.status();
    return static_cast<int64_t>(result->affected_rows());
  }

  // Runs a statement whose rows nobody needs together with the next one, or with COMMIT: it costs
  // no round trip of its own. Its failure is answered by whatever sends it.
  virtual absl::Status Defer(std::string_view sql, const Params& params) = 0;

  // Like Defer, for a question that must be answered by no row. A row fails the transaction as the
  // foreign key named by its first value would: FAILED_PRECONDITION REFERENCE_NOT_FOUND with that
  // `constraint`. What is sent together with it is undone.
  virtual absl::Status DeferDemand(std::string_view sql, const Params& params) = 0;

  // Runs `body` with everything of the region in scope, for questions about integrity that row
  // level security would answer wrongly: whether a row is referred to, whether a reference leads to
  // a living row. What `body` reads must not reach the caller. Costs no round trip.
  virtual absl::Status Unscoped(std::string_view region,
                                const std::function<absl::Status()>& body) = 0;

  // COPY `table` (`columns`) FROM STDIN. `next` fills the row and returns false at the end.
  virtual absl::StatusOr<int64_t> CopyIn(std::string_view table,
                                         const std::vector<std::string>& columns,
                                         const std::function<bool(CopyRow&)>& next) = 0;

  // Several statements without parameters in one round trip (temporary tables, migrations).
  virtual absl::Status Script(std::string_view sql) = 0;

  // A savepoint: `body`'s failure undoes only its own statements.
  virtual absl::Status Savepoint(const std::function<absl::Status()>& body) = 0;
};

// bytea in text form -> bytes.
std::string FromBytea(std::string_view text);
// text[] / uuid[] in text form -> elements (NULL elements are refused by our tables).
std::vector<std::string> FromArray(std::string_view text);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_TX_H_
