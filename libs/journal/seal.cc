#include "libs/journal/seal.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/journal/chain.h"

namespace rsnms::journal {
namespace {

// A statement of its own: the next one must see what the lock's last holder committed. The walk is
// along indexes, whatever the statistics say: a restored database has none, and a planner that
// sorts the journal for each batch, or scans the seals for each row, would never end.
constexpr char kSqlLock[] =
    "SELECT pg_try_advisory_xact_lock(8600001, hashtext(current_schema())), "
    "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), "
    "set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)";

// `server` changes when the server restarted or another one took over: transaction ids may have
// gone back then.
constexpr char kSqlState[] =
    "SELECT e.epoch, e.base_seq, coalesce(s.position, 0) AS position, coalesce(s.seq, 0) AS seq, "
    "s.xid, coalesce(s.hash, '') AS hash, coalesce(e.system_identifier = c.system_identifier AND "
    "e.database_oid = d.oid::bigint, false) AS same, pg_snapshot_xmin(pg_current_snapshot()) AS "
    "horizon, pg_snapshot_xmax(pg_current_snapshot()) AS newest, "
    "concat(pg_postmaster_start_time()::text, ' ', e.epoch) AS server "
    "FROM pg_control_system() c "
    "JOIN pg_database d ON d.datname = current_database() "
    "LEFT JOIN LATERAL (SELECT * FROM journal_epoch ORDER BY number DESC LIMIT 1) e ON true "
    "LEFT JOIN LATERAL (SELECT * FROM journal_seal ORDER BY position DESC LIMIT 1) s ON true";

// `seq + 0` keeps the planner on the (xid, seq) index.
constexpr char kSqlNext[] =
    "SELECT %s FROM journal j WHERE (j.xid, j.seq) > ($1::xid8, $2) AND j.xid < $3::xid8 "
    "AND j.seq + 0 > $4 ORDER BY j.xid, j.seq LIMIT $5";

constexpr char kSqlLag[] =
    "SELECT (extract(epoch FROM clock_timestamp() - j.change_time) * 1000)::bigint "
    "FROM journal j WHERE j.xid >= $1::xid8 AND j.seq + 0 > $2 ORDER BY j.xid, j.seq LIMIT 1";

// Restored rows carry transaction ids of another server: what is unsealed is found by absence, not
// by order.
constexpr char kSqlUnsealed[] =
    "SELECT %s FROM journal j WHERE (j.xid, j.seq) > ($1::xid8, $2) AND NOT EXISTS "
    "(SELECT FROM journal_seal s WHERE s.seq = j.seq) ORDER BY j.xid, j.seq LIMIT $3";

constexpr char kSqlHold[] = "SELECT set_config('lock_timeout', '5s', true), journal_hold()";

constexpr char kSqlNewEpoch[] =
    "INSERT INTO journal_epoch (system_identifier, database_oid, base_seq, base_position) "
    "SELECT c.system_identifier, d.oid::bigint, "
    "coalesce((SELECT max(seq) FROM journal_seal), 0), $1 "
    "FROM pg_control_system() c JOIN pg_database d ON d.datname = current_database()";

std::string WithColumns(const char* sql) {
  return absl::StrReplaceAll(sql, {{"%s", kChainColumns}});
}

struct State {
  bool same = false;
  std::string epoch, server, hash, xid;
  int64_t base_seq = 0, position = 0, seq = 0;
  uint64_t horizon = 0, newest = 0, last_xid = 0;
};

uint64_t Xid(const pqxx::field& field) {
  uint64_t value = 0;
  if (!field.is_null() && !absl::SimpleAtoi(field.c_str(), &value)) value = 0;
  return value;
}

absl::StatusOr<State> ReadState(pg::Tx& tx) {
  auto rows = tx.Query(kSqlState);
  if (!rows.ok()) return rows.status();
  const auto row = (*rows)[0];
  State state;
  state.same = row["same"].as<bool>();
  state.epoch = row["epoch"].as<std::string>("");
  state.server = row["server"].as<std::string>("");
  state.hash = pg::FromBytea(row["hash"].c_str());
  state.base_seq = row["base_seq"].as<int64_t>(0);
  state.position = row["position"].as<int64_t>();
  state.seq = row["seq"].as<int64_t>();
  state.horizon = Xid(row["horizon"]);
  state.newest = Xid(row["newest"]);
  // Ids of an earlier epoch's rows say nothing about this one's.
  if (state.seq > state.base_seq) {
    state.last_xid = Xid(row["xid"]);
  } else {
    state.seq = 0;
  }
  return state;
}

absl::StatusOr<bool> TakeLock(pg::Tx& tx) {
  auto rows = tx.Query(kSqlLock);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<bool>();
}

// Stamps `rows` after `position` and stores the stamps.
absl::Status Stamp(pg::Tx& tx, const pqxx::result& rows, int64_t position, Chain& chain) {
  size_t i = 0;
  auto copied =
      tx.CopyIn("journal_seal", {"position", "seq", "xid", "hash"}, [&](pg::CopyRow& out) {
        if (i == rows.size()) return false;
        const auto row = rows[i++];
        out.resize(4);
        out[0] = absl::StrCat(++position);
        out[1] = row[0].c_str();
        out[2] = row[1].c_str();
        out[3] = absl::StrCat("\\x", absl::BytesToHexString(chain.Add(position, row)));
        return true;
      });
  return copied.status();
}

// `open_from` becomes the transaction id at which unsealed rows begin.
absl::Status SealNext(pg::Tx& tx, const State& state, int batch, Step& step, uint64_t& open_from) {
  const bool remembered = step.walk.clear_below > state.last_xid;
  const uint64_t xid = remembered ? step.walk.clear_below : state.last_xid;
  auto rows = tx.Query(WithColumns(kSqlNext), absl::StrCat(xid), remembered ? 0 : state.seq,
                       absl::StrCat(state.horizon), state.base_seq, batch);
  if (!rows.ok()) return rows.status();
  step.sealed = rows->size();
  step.position += step.sealed;
  step.more = step.sealed == batch;
  if (!step.more) step.walk.clear_below = state.horizon;
  if (rows->empty()) return absl::OkStatus();
  if (step.more) open_from = Xid(rows->back()[1]);
  Chain chain(state.hash);
  return Stamp(tx, *rows, state.position, chain);
}

}  // namespace

absl::StatusOr<Step> SealStep(pg::Tx& tx, const Walk& walk, int batch) {
  Step step;
  auto mine = TakeLock(tx);
  if (!mine.ok()) return mine.status();
  if (!*mine) return step;
  auto state = ReadState(tx);
  if (!state.ok()) return state.status();
  step.mine = true;
  step.epoch_ended = !state->same;
  if (step.epoch_ended) return step;
  step.epoch = state->epoch;
  step.position = state->position;
  step.walk = walk.server == state->server ? walk : Walk{state->server, 0};
  uint64_t open_from = state->horizon;
  if (step.walk.clear_below < state->horizon) {
    if (auto s = SealNext(tx, *state, batch, step, open_from); !s.ok()) return s;
  }
  if (state->newest == state->horizon && !step.more) return step;  // nothing can be waiting
  auto lag = tx.Query(kSqlLag, absl::StrCat(open_from), state->base_seq);
  if (!lag.ok()) return lag.status();
  if (!lag->empty()) step.lag = absl::Milliseconds((*lag)[0][0].as<int64_t>());
  return step;
}

absl::Status BeginEpoch(pg::Tx& tx, int batch) {
  auto mine = TakeLock(tx);
  if (!mine.ok()) return mine.status();
  if (!*mine) return absl::OkStatus();
  if (auto held = tx.Query(kSqlHold); !held.ok()) return held.status();
  auto state = ReadState(tx);
  if (!state.ok()) return state.status();
  if (state->same) return absl::OkStatus();
  Chain chain(state->hash);
  std::string xid = "0", seq = "0";
  for (int64_t position = state->position;;) {
    auto rows = tx.Query(WithColumns(kSqlUnsealed), xid, seq, batch);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return tx.Execute(kSqlNewEpoch, position).status();
    if (auto status = Stamp(tx, *rows, position, chain); !status.ok()) return status;
    position += rows->size();
    xid = rows->back()[1].as<std::string>();
    seq = rows->back()[0].as<std::string>();
  }
}

}  // namespace rsnms::journal
