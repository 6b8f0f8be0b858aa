#include "services/programs/register/register_load.h"

#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
#include "services/programs/register/register_rules.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs {
namespace {

using resource::Table;
using v1::RegisterSync;

constexpr int kGreatestPiece = 1000;
constexpr int kDefaultShrinkPercent = 30, kDefaultShrinkDays = 30;

constexpr char kLiving[] =
    "region_code = $1 AND state IN ('PENDING', 'RUNNING', 'NEEDS_CONFIRMATION') FOR UPDATE";

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  out->set_seconds(absl::ToUnixSeconds(time));
}

void Fail(std::string_view reason, absl::Time now, RegisterSync& sync) {
  sync.set_state(RegisterSync::STATE_FAILED);
  sync.set_error_reason(std::string(reason));
  SetTime(now, sync.mutable_end_time());
}

RegisterSync Fresh(const v1::LoadRegisterHeader& header, absl::Time now) {
  RegisterSync sync;
  sync.set_name(header.parent());
  sync.set_source(v1::REGISTER_SOURCE_FILE);
  sync.set_state(RegisterSync::STATE_RUNNING);
  sync.set_phase(RegisterSync::PHASE_FETCHING);
  sync.set_mode(header.mode() == RegisterSync::MODE_INCREMENTAL ? RegisterSync::MODE_INCREMENTAL
                                                                : RegisterSync::MODE_FULL);
  sync.set_expected_count(header.total_size());
  sync.set_snapshot_version(header.sha256());
  sync.set_ask_again(header.ask_again());
  SetTime(now, sync.mutable_snapshot_time());
  SetTime(now, sync.mutable_start_time());
  return sync;
}

absl::Status TakePlace(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                       absl::Time now, RegisterSync& sync) {
  const Table<RegisterSync> syncs(engine);
  const std::string region(RegionOf(sync.name()));
  auto living = syncs.Select(tx, kLiving, region);
  if (!living.ok()) return living.status();
  for (const RegisterSync& run : *living) {
    if (!Abandoned(run, now)) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_SYNC_IN_PROGRESS,
                        "a run of this region is living")
          .With("registerSync", run.name());
    }
    if (auto s = Retire(tx, engine, author, now, run); !s.ok()) return s;
  }
  auto policy = register_store::ReadPolicy(tx, region);
  if (!policy.ok()) return policy.status();
  sync.set_shrink_percent(policy->shrink_percent.value_or(kDefaultShrinkPercent));
  sync.set_shrink_days(policy->shrink_days.value_or(kDefaultShrinkDays));
  return syncs.Insert(tx, author, sync);
}

}  // namespace

bool Abandoned(const RegisterSync& sync, absl::Time now) {
  return sync.source() == v1::REGISTER_SOURCE_FILE && sync.state() == RegisterSync::STATE_RUNNING &&
         sync.phase() == RegisterSync::PHASE_FETCHING &&
         absl::FromUnixSeconds(sync.update_time().seconds()) + kAbandonedAfter < now;
}

absl::Status Retire(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                    absl::Time now, const RegisterSync& load) {
  RegisterSync ended = load;
  Fail("LOAD_ABANDONED", now, ended);
  return Table<RegisterSync>(engine).Update(tx, author, load, ended);
}

absl::StatusOr<RegisterLoad> RegisterLoad::Begin(resource::Engine& engine, rpc::Call& call,
                                                 const v1::LoadRegisterHeader& header,
                                                 absl::Time now) {
  const auto region = resource::ParseParent(header.parent());
  if (!region.has_value() || *region == "-") {
    return rpc::InvalidField("header.parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{region}", "укажите регион, например regions/86");
  }
  if (!call.identity().TouchesRegion(*region)) {
    return rpc::NotFound("registry.rsnms/Region", header.parent());
  }
  if (auto s = resource::ValidateRequest(header); !s.ok()) return rpc::UnderField(s, "header");
  RegisterSync sync;
  const auto author = resource::AuthorOf(call, header);
  auto status = engine.pool().Run(call.Tx(), [&](pg::Tx& tx) {
    sync = Fresh(header, now);
    return TakePlace(tx, engine, author, now, sync);
  });
  if (!status.ok()) return status;
  engine.WakeSealer();
  return RegisterLoad(engine, std::move(sync), header.total_size(), now);
}

absl::Status RegisterLoad::Write(
    const pg::TxOptions& options, const journal::Author& author,
    const std::function<absl::Status(pg::Tx&, RegisterSync&)>& change) {
  const Table<RegisterSync> syncs(*engine_);
  RegisterSync written;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) -> absl::Status {
    auto stored = syncs.Get(tx, sync_.name(), resource::Lock::kUpdate);
    if (!stored.ok()) return stored.status();
    if (stored->etag() != sync_.etag()) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        options::v1::COMMON_REASON_INVALID_STATE, "the load was ended by another");
    }
    written = *stored;
    if (auto s = change(tx, written); !s.ok()) return s;
    return syncs.Update(tx, author, *stored, written);
  });
  if (!status.ok()) return status;
  sync_ = written;
  engine_->WakeSealer();
  return absl::OkStatus();
}

absl::Status RegisterLoad::Add(rpc::Call& call, const v1::LoadRegisterEntries& entries) {
  if (entries.programmes_size() > kGreatestPiece) {
    return rpc::InvalidField("entries.programmes", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must hold at most 1000 elements", "не больше 1000 записей");
  }
  federal::v1::ListProgrammesResponse page;
  *page.mutable_programmes() = entries.programmes();
  for (federal::v1::Programme& programme : *page.mutable_programmes()) {
    // A file need not say the number twice.
    if (programme.name().empty())
      programme.set_name(Cat("programmes/", programme.register_number()));
  }
  auto status = Write(call.Tx(), resource::AuthorOf(call, entries),
                      [&](pg::Tx& tx, RegisterSync& sync) -> absl::Status {
                        sync.set_page_count(sync.page_count() + 1);
                        auto fresh = register_store::Keep(tx, sync, register_rules::Entries(page));
                        if (!fresh.ok()) return fresh.status();
                        sync.set_fetched_count(sync.fetched_count() + *fresh);
                        return absl::OkStatus();
                      });
  if (status.ok()) received_ += entries.programmes_size();
  return status;
}

absl::StatusOr<RegisterSync> RegisterLoad::Finish(rpc::Call& call) {
  const bool whole = received_ == declared_;
  auto status = Write(call.Tx(), resource::AuthorOf(call, v1::LoadRegisterHeader()),
                      [&](pg::Tx&, RegisterSync& sync) {
                        if (whole) {
                          sync.set_phase(RegisterSync::PHASE_COMPARING);
                        } else {
                          Fail("REGISTER_INCOMPLETE", now_, sync);
                        }
                        return absl::OkStatus();
                      });
  if (!status.ok()) {
    Abandon(now_);  // nobody will finish it later
    return status;
  }
  if (whole) return sync_;
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_REGISTER_INCOMPLETE,
                    Cat(received_, " entries came, ", declared_, " were declared"))
      .With("registerSync", sync_.name());
}

void RegisterLoad::Abandon(absl::Time now) {
  pg::TxOptions options;  // the caller may be gone, and with them their deadline
  options.scopes = "*";
  journal::Author author;
  author.subject = "system:register-sync";
  (void)Write(options, author, [&](pg::Tx&, RegisterSync& sync) {
    Fail("LOAD_ABANDONED", now, sync);
    return absl::OkStatus();
  });
}

}  // namespace rsnms::programs
