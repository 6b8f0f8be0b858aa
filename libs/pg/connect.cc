#include <libpq-fe.h>
#include <spdlog/spdlog.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/pg/connection.h"

namespace rsnms::pg {
namespace {

// `-c name=value` of the startup packet; blanks and backslashes escaped.
void AppendSetting(std::string& options, std::string_view name, std::string_view value) {
  options.append(options.empty() ? "-c " : " -c ").append(name) += '=';
  for (char c : value) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '\\') options += '\\';
    options += c;
  }
}

// `options` of the conninfo itself, which ours follow.
std::string OwnOptions(const std::string& conninfo) {
  std::string own;
  PQconninfoOption* parsed = PQconninfoParse(conninfo.c_str(), nullptr);
  for (auto* option = parsed; option != nullptr && option->keyword != nullptr; ++option) {
    if (std::string_view(option->keyword) == "options" && option->val != nullptr) {
      own = option->val;
    }
  }
  PQconninfoFree(parsed);
  return own;
}

// Everything a session needs goes into the startup packet: no round trip after connecting.
std::string SessionOptions(const PoolOptions& options) {
  std::string text = OwnOptions(options.conninfo);
  if (!options.schema.empty()) AppendSetting(text, "search_path", options.schema);
  AppendSetting(text, "idle_in_transaction_session_timeout",
                absl::StrCat(absl::ToInt64Milliseconds(options.idle_in_transaction_timeout)));
  AppendSetting(text, "client_min_messages", "warning");
  AppendSetting(text, "TimeZone", "UTC");
  AppendSetting(text, "DateStyle", "ISO");
  AppendSetting(text, "bytea_output", "hex");
  AppendSetting(text, "extra_float_digits", "1");
  // Our statements are short: compiling them costs more than it saves.
  AppendSetting(text, "jit", "off");
  return text;
}

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::unique_ptr<Connection> Connection::Open(const PoolOptions& options, Failure& failure) {
  const std::string session = SessionOptions(options);
  // What stands before dbname gives way to the conninfo, what stands after it does not.
  const char* keywords[] = {"connect_timeout",  "keepalives_idle", "dbname", "client_encoding",
                            "application_name", "options",         nullptr};
  const char* values[] = {"2",
                          "30",
                          options.conninfo.c_str(),
                          "UTF8",
                          options.application_name.c_str(),
                          session.c_str(),
                          nullptr};
  PGconn* conn = PQconnectdbParams(keywords, values, /*expand_dbname=*/1);
  if (conn != nullptr && PQstatus(conn) == CONNECTION_OK) {
    return std::unique_ptr<Connection>(new Connection(conn));
  }
  failure.cause = Failure::Cause::kBroken;
  failure.sqlstate = "08001";
  if (conn != nullptr) {
    spdlog::warn("cannot connect to postgres: {}", FirstLine(PQerrorMessage(conn)));
    PQfinish(conn);
  }
  return nullptr;
}

}  // namespace rsnms::pg
