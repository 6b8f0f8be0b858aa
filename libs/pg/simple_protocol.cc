// The simple protocol: scripts and COPY, which libpq's pipeline does not carry.
#include <poll.h>

#include <exception>
#include <utility>

#include "absl/time/clock.h"
#include "libs/pg/connection.h"

namespace rsnms::pg {
namespace {

constexpr size_t kCopyChunk = 256 * 1024;

bool HasNul(const CopyRow& row) {
  for (const auto& value : row) {
    if (value && value->find('\0') != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<Failure> Connection::LeavePipeline(const Limits& limits) {
  if (auto failure = Exchange(limits, nullptr)) return failure;
  while (PGresult* rest = PQgetResult(conn_)) PQclear(rest);
  if (PQexitPipelineMode(conn_) == 1) return std::nullopt;
  broken_ = true;
  return Broken();
}

// Reads the answers of the simple protocol to their end.
std::optional<Failure> Connection::ReadSimple(const Limits& limits) {
  std::optional<Failure> first;
  while (true) {
    if (!Await(limits)) {
      broken_ = true;
      if (!first) first = Broken();
      break;
    }
    PGresult* answer = PQgetResult(conn_);
    if (answer == nullptr) break;
    const ExecStatusType status = PQresultStatus(answer);
    if (status == PGRES_FATAL_ERROR && !first) first = FailureOf(answer);
    PQclear(answer);
    if (status == PGRES_COPY_IN) return first;
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) broken_ = true;
    if (broken_) break;
  }
  if (!broken_) PQenterPipelineMode(conn_);
  FinishCancel(limits);
  return Explained(std::move(first), limits);
}

std::optional<Failure> Connection::Script(const std::string& sql, const Limits& limits) {
  if (auto failure = LeavePipeline(limits)) return failure;
  if (PQsendQuery(conn_, sql.c_str()) != 1) broken_ = true;
  if (broken_) return Broken();
  return ReadSimple(limits);
}

bool Connection::Put(const std::string& chunk, const Limits& limits) {
  while (true) {
    const int sent = PQputCopyData(conn_, chunk.data(), static_cast<int>(chunk.size()));
    if (sent != 0) return sent == 1;
    if (!Pause(POLLOUT, limits)) return false;
  }
}

// Feeds rows until the source ends, refuses or the connection breaks. What was refused by us, if
// anything.
std::optional<Failure> Connection::Feed(const std::function<bool(CopyRow&)>& next,
                                        const Limits& limits, int64_t& rows) {
  std::string chunk;
  CopyRow row;
  try {
    while (!broken_ && next(row)) {
      if (HasNul(row)) return OwnFailure(Failure::Cause::kInput);
      AppendCopyRow(chunk, row);
      ++rows;
      if (chunk.size() < kCopyChunk) continue;
      if (!CheckLimits(limits, absl::Now()) || !Put(chunk, limits)) broken_ = true;
      chunk.clear();
    }
  } catch (const std::exception&) {
    return OwnFailure(Failure::Cause::kBody);
  }
  if (!broken_ && !chunk.empty() && !Put(chunk, limits)) broken_ = true;
  return std::nullopt;
}

std::optional<Failure> Connection::CopyIn(const std::string& copy,
                                          const std::function<bool(CopyRow&)>& next,
                                          const Limits& limits, int64_t& rows) {
  if (auto failure = LeavePipeline(limits)) return failure;
  if (PQsendQuery(conn_, copy.c_str()) != 1) broken_ = true;
  if (broken_) return Broken();
  if (auto failure = ReadSimple(limits)) return failure;
  auto refused = Feed(next, limits, rows);
  while (!broken_) {
    const int sent = PQputCopyEnd(conn_, refused ? "refused by the client" : nullptr);
    if (sent == 1) break;
    if (sent < 0 || !Pause(POLLOUT, limits)) broken_ = true;
  }
  if (broken_) return Explained(Broken(), limits);
  auto failure = ReadSimple(limits);
  if (failure && refused && !broken_) return refused;
  return failure;
}

void AppendCopyRow(std::string& out, const CopyRow& row) {
  bool first = true;
  for (const auto& value : row) {
    if (!std::exchange(first, false)) out += '\t';
    if (!value) {
      out += "\\N";
      continue;
    }
    for (char c : *value) {
      switch (c) {
        case '\\':
          out += "\\\\";
          break;
        case '\t':
          out += "\\t";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        default:
          out += c;
      }
    }
  }
  out += '\n';
}

}  // namespace rsnms::pg
