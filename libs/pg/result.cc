#include "libs/pg/result.h"

#include <pqxx/connection_base>
#include <pqxx/internal/encoding_group.hxx>
#include <pqxx/pipeline>

#include <pqxx/internal/gates/result-creation.hxx>
#include <string>

namespace rsnms::pg {
namespace {

using Create = pqxx::result(PGresult*, const std::string&, pqxx::internal::encoding_group);

Create* Creator();

// The arguments of an explicit instantiation are exempt from access checks: the language's own door
// to the factory libpqxx keeps for its connection class.
template <Create* create>
struct Door {
  friend Create* Creator() { return create; }
};
template struct Door<&pqxx::internal::gate::result_creation::create>;

}  // namespace

pqxx::result MakeResult(PGresult* answer) {
  static const std::string kNoText;
  return Creator()(answer, kNoText, pqxx::internal::encoding_group::UTF8);
}

}  // namespace rsnms::pg
