// Wraps a libpq answer into libpqxx's result, whose constructor only libpqxx's own connection may
// call.
#ifndef RSNMS_LIBS_PG_RESULT_H_
#define RSNMS_LIBS_PG_RESULT_H_

#include <libpq-fe.h>

#include <pqxx/result>

namespace rsnms::pg {

// Takes ownership of `answer`, which must be a success.
pqxx::result MakeResult(PGresult* answer);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_RESULT_H_
