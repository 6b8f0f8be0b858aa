// The SQL texts of one resource type, built once. Writes are single statements: the business row,
// its journal row and, when the request carries an id, its row in request_log.
#ifndef RSNMS_LIBS_RESOURCE_STATEMENTS_H_
#define RSNMS_LIBS_RESOURCE_STATEMENTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "libs/resource/type.h"

namespace rsnms::resource {

struct Statements {
  explicit Statements(const Type& type);

  std::string select;                   // SELECT <SelectList> FROM t, to be completed
  std::string get;                      // $1 region_code, $2 ids (array)
  std::string get_one;                  // $1 region_code, $2 id
  std::string lock_share, lock_update;  // as get_one
  std::string lock_bare;                // lock_update, reading nothing
  std::string lock_many;                // as get, FOR UPDATE in the order of id
  // As get, for rows about to be referred to: the ids that live, held against deletion. `living` is
  // its beginning up to the array of ids, kLockReferred its end.
  std::string lock_living, living;
  static constexpr std::string_view kLockReferred = ") ORDER BY id FOR KEY SHARE";
  std::string_view id_type;  // `uuid` or `text`

  // Parameters: kWrite…, the columns, for updates the delete mode, and when logged the request's
  // five. One row: request_log rows written, the row's time (NULL when it was not written).
  std::string insert, insert_logged;
  std::string update, update_logged;

  // Bulk: the staging table's columns in the order of COPY, its creation, and the statement that
  // writes rows and journal from it. Parameters of `merge`: actor, request_id, trace_id, reason.
  // One row: inserted, updated.
  std::vector<std::string> stage_columns;
  // Emptying: TRUNCATE is cheap for many rows, DELETE for few.
  std::string stage_table, create_stage, empty_stage, empty_small_stage, merge;
};

// What delete_time becomes in `update`.
enum class DeleteMode { kKeep = 0, kSet = 1, kClear = 2 };

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_STATEMENTS_H_
