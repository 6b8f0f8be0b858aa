#include "libs/testing/admin.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/pg/migration_files.h"

namespace rsnms::testing {

void Abort(const std::string& why) {
  std::fprintf(stderr, "testing: %s\n", why.c_str());
  std::abort();
}

Admin::Admin(const std::string& conninfo) : conn_(PQconnectdb(conninfo.c_str())) {
  if (PQstatus(conn_) != CONNECTION_OK) {
    Abort(absl::StrCat("cannot connect to PostgreSQL: ", PQerrorMessage(conn_)));
  }
  PQsetNoticeProcessor(
      conn_, [](void*, const char*) {}, nullptr);
}

Admin::~Admin() { PQfinish(conn_); }

void Admin::Do(const std::string& sql) { Value(sql); }

std::string Admin::Value(const std::string& sql) {
  PGresult* result = PQexec(conn_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    Abort(absl::StrCat(sql, ": ", PQerrorMessage(conn_)));
  }
  std::string value;
  if (PQntuples(result) > 0) value = PQgetvalue(result, 0, 0);
  PQclear(result);
  return value;
}

std::string ConninfoFor(const std::string& conninfo, const std::string& database,
                        const std::string& user) {
  std::map<std::string, std::string> values;
  PQconninfoOption* parsed = PQconninfoParse(conninfo.c_str(), nullptr);
  for (auto* option = parsed; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  values["dbname"] = database;
  if (!user.empty()) values["user"] = user;
  std::string text;
  for (const auto& [keyword, value] : values) {
    absl::StrAppend(&text, text.empty() ? "" : " ", keyword, "='");
    for (char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "'";
  }
  return text;
}

std::string HashOf(const std::vector<pg::MigrationSet>& sets) {
  std::string text;
  for (const auto& set : sets) {
    auto migrations = pg::ReadMigrations(set);
    if (!migrations.ok()) Abort(std::string(migrations.status().message()));
    for (const auto& m : *migrations) {
      absl::StrAppend(&text, set.family, "/", m.version, m.name, m.checksum, ";");
    }
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), 6));
}

}  // namespace rsnms::testing
