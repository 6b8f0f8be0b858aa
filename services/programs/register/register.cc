#include "services/programs/register/register.h"

#include <utility>

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
#include "services/programs/register/register_load.h"
#include "services/programs/register/register_merge.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs::federal_register {
namespace {

using resource::Change;
using resource::Table;
using v1::RegisterConflict;
using v1::RegisterSync;

constexpr char kService[] = "rsnms.programs.v1.Register/";

// What a person's word on a shrink means for the run.
absl::Status CheckSync(Change change, const RegisterSync* before, RegisterSync* after) {
  if (change != Change::kUpdate || before->state() != RegisterSync::STATE_NEEDS_CONFIRMATION) {
    return absl::OkStatus();
  }
  if (after->state() == RegisterSync::STATE_RUNNING) {
    after->set_shrink_confirmed(true);
    after->clear_error_reason();
  } else if (after->state() == RegisterSync::STATE_CANCELLED) {
    // Ending a run says nothing of the shrink (CancelRegisterSync forgets it).
    after->set_error_reason(after->shrink_sha256().empty() ? "" : "SHRINK_REJECTED");
  }
  return absl::OkStatus();
}

// A rule knows no clock.
absl::Status SetEnd(pg::Tx&, std::vector<resource::Engine::Pending>& rows) {
  for (auto& row : rows) {
    auto& after = static_cast<RegisterSync&>(*row.after);
    if (after.state() == RegisterSync::STATE_CANCELLED && !after.has_end_time()) {
      after.mutable_end_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPolicy(Change, const v1::RegisterPolicy*, v1::RegisterPolicy* after) {
  if (after == nullptr || IdOf(after->name()) == "mirror") return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_ONE_POLICY,
                    "the id of the settings is `mirror`")
      .Field("name", "must end in registerPolicies/mirror", "код настроек — mirror");
}

absl::Status NotOpen(const RegisterConflict& conflict) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_INVALID_STATE,
                    "the conflict is not OPEN")
      .Resource("programs.rsnms/RegisterConflict", conflict.name());
}

// The person decided about a value that another has replaced since.
absl::Status EditedSince(const RegisterConflict& conflict) {
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the programme's value is no longer the one the conflict shows; the next run "
                    "shows the new one")
      .Resource("programs.rsnms/Programme", conflict.programme());
}

// Locks the conflict and judges whether it may still be decided.
absl::StatusOr<RegisterConflict> Decidable(pg::Tx& tx, const Table<RegisterConflict>& conflicts,
                                           const v1::TakeTheirsRequest& request) {
  auto conflict = conflicts.Get(tx, request.name(), resource::Lock::kUpdate);
  if (!conflict.ok()) return conflict;
  if (!request.etag().empty() && request.etag() != conflict->etag()) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the conflict has changed")
        .Resource("programs.rsnms/RegisterConflict", conflict->name());
  }
  if (conflict->state() != RegisterConflict::STATE_OPEN) return NotOpen(*conflict);
  return conflict;
}

}  // namespace

const google::protobuf::ServiceDescriptor* Contract() {
  return v1::LoadRegisterRequest::descriptor()->file()->FindServiceByName("Register");
}

void AddRules(resource::Engine& engine) {
  engine.Rule<RegisterSync>(CheckSync);
  engine.Rule<v1::RegisterPolicy>(CheckPolicy);
  engine.PrepareFor(RegisterSync::descriptor(), SetEnd);
}

void RegisterService::Serve(rpc::Server& server) {
  server.ClientStream(Cat(kService, "LoadRegister"), this, &RegisterService::LoadRegister);
  server.Unary(Cat(kService, "GetProgrammeProvenance"), this,
               &RegisterService::GetProgrammeProvenance);
  server.Unary(Cat(kService, "TakeTheirs"), this, &RegisterService::TakeTheirs);
}

absl::Status RegisterService::LoadRegister(rpc::Call& call,
                                           rpc::Reader<v1::LoadRegisterRequest>& reader,
                                           RegisterSync* response) {
  v1::LoadRegisterRequest request;
  if (!reader.Read(&request) || !request.has_header()) {
    if (!reader.status().ok()) return reader.status();
    return rpc::InvalidField("header", options::v1::COMMON_REASON_INVALID_REQUEST,
                             "must be the first message", "первым передаётся заголовок");
  }
  auto load = RegisterLoad::Begin(engine_, call, request.header(), now_());
  if (!load.ok()) return load.status();
  absl::Status status;
  while (status.ok() && reader.Read(&request)) {
    status = request.has_entries()
                 ? load->Add(call, request.entries())
                 : rpc::InvalidField("entries", options::v1::COMMON_REASON_INVALID_REQUEST,
                                     "must follow the header", "после заголовка идут записи");
  }
  if (status.ok()) status = reader.status();
  if (!status.ok()) {
    load->Abandon(now_());
    return status;
  }
  auto sync = load->Finish(call);
  if (!sync.ok()) return sync.status();
  *response = *sync;
  wake_sync_();
  return absl::OkStatus();
}

absl::Status RegisterService::GetProgrammeProvenance(
    rpc::Call& call, const v1::GetProgrammeProvenanceRequest& request,
    v1::ProgrammeProvenance* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto programme = Table<v1::Programme>(engine_).Get(tx, request.name());
    if (!programme.ok()) return programme.status();
    response->set_programme(programme->name());
    const std::string region(RegionOf(request.name())), id(IdOf(request.name()));
    auto entries = Table<v1::RegisterEntry>(engine_).Select(
        tx, "region_code = $1 AND id = $2::uuid", region, id);
    if (!entries.ok()) return entries.status();
    federal::v1::Programme base;
    const bool mirrored = !entries->empty() && base.ParseFromString(entries->front().payload());
    if (mirrored) {
      response->set_register_entry(entries->front().name());
      response->set_match(entries->front().match());
    }
    auto open = Table<RegisterConflict>(engine_).Select(
        tx, "region_code = $1 AND programme = $2 AND state = 'OPEN' AND delete_time IS NULL",
        region, request.name());
    if (!open.ok()) return open.status();
    for (auto& field : register_merge::Provenance(*programme, mirrored ? &base : nullptr)) {
      for (const RegisterConflict& conflict : *open) {
        if (conflict.field() == field.field()) field.set_conflict(conflict.name());
      }
      *response->add_fields() = std::move(field);
    }
    return absl::OkStatus();
  });
}

absl::Status RegisterService::TakeTheirs(rpc::Call& call, const v1::TakeTheirsRequest& request,
                                         RegisterConflict* response) {
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    const Table<RegisterConflict> conflicts(engine_);
    const Table<v1::Programme> programmes(engine_);
    auto conflict = Decidable(tx, conflicts, request);
    if (!conflict.ok()) return conflict.status();
    auto programme = programmes.Get(tx, conflict->programme(), resource::Lock::kUpdate);
    if (!programme.ok()) return programme.status();
    if (programme->has_delete_time()) return NotOpen(*conflict);
    if (register_merge::ValueText(*programme, conflict->field()) != conflict->our_value()) {
      return EditedSince(*conflict);
    }
    v1::Programme after = *programme;
    if (auto s = register_merge::SetValue(conflict->field(), conflict->their_value(), after);
        !s.ok()) {
      return s;
    }
    if (auto s = programmes.Update(tx, author, *programme, after); !s.ok()) return s;
    *response = *conflict;
    response->set_state(RegisterConflict::STATE_THEIRS_TAKEN);
    response->set_our_value(conflict->their_value());
    return conflicts.Update(tx, author, *conflict, *response);
  });
}

}  // namespace rsnms::programs::federal_register
