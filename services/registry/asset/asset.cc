#include "services/registry/asset/asset.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/resource/validation.h"
#include "services/registry/asset/asset_store.h"
#include "services/registry/asset/preconditions.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Asset";

std::string Method(const char* name) { return absl::StrCat(kContract, "/", name); }

// Whom evidence is sought for, and the regulation of the nomination.
struct Candidate {
  v1::Methodologist methodologist;
  v1::AssetRegulation regulation;
};
absl::StatusOr<Candidate> ReadCandidate(const resource::Engine& engine, rpc::Call& call,
                                        const std::string& name) {
  Candidate candidate;
  auto read = engine.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto found = resource::Table<v1::Methodologist>(engine).Get(tx, name);
    if (!found.ok()) return found.status();
    candidate.methodologist = *std::move(found);
    auto held =
        resource::Table<v1::AssetRegulation>(engine).Get(tx, candidate.methodologist.regulation());
    if (held.ok()) candidate.regulation = *std::move(held);
    return held.status();
  });
  if (!read.ok()) return read;
  return candidate;
}

}  // namespace

const google::protobuf::ServiceDescriptor* AssetContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void AssetService::Serve(rpc::Server& server) {
  server.Unary<v1::ConfirmDiagnosticsRequest, v1::Methodologist>(
      Method("ConfirmDiagnostics"), [this](auto& call, const auto& request, auto* response) {
        return ConfirmDiagnostics(call, request, response);
      });
  server.Unary<v1::ConfirmTrainingRequest, v1::Methodologist>(
      Method("ConfirmTraining"), [this](auto& call, const auto& request, auto* response) {
        return ConfirmTraining(call, request, response);
      });
  server.Unary<v1::ReleaseMethodologistRequest, v1::Methodologist>(
      Method("ReleaseMethodologist"), [this](auto& call, const auto& request, auto* response) {
        return ReleaseMethodologist(call, request, response);
      });
  server.Unary<v1::GetLoadBoardRequest, v1::LoadBoard>(
      Method("GetLoadBoard"), [this](auto& call, const auto& request, auto* response) {
        return GetLoadBoard(call, request, response);
      });
  server.Unary<v1::CountMmsStaffRequest, v1::CountMmsStaffResponse>(
      Method("CountMmsStaff"), [this](auto& call, const auto& request, auto* response) {
        return CountMmsStaff(call, request, response);
      });
}

// The remote call stands between two transactions: one reads whom to ask about, one makes the step
// (and says first what is wrong with it: a stale etag or state before missing evidence).
absl::Status AssetService::ConfirmDiagnostics(rpc::Call& call,
                                              const v1::ConfirmDiagnosticsRequest& request,
                                              v1::Methodologist* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto candidate = ReadCandidate(engine_, call, request.name());
  if (!candidate.ok()) return candidate.status();
  const auto& regulation = candidate->regulation;
  Demand demand;
  demand.families = {regulation.diagnostics_families().begin(),
                     regulation.diagnostics_families().end()};
  demand.earliest =
      EarliestDay(candidate->methodologist.nomination_date(), regulation.diagnostics_months());
  auto evidence =
      FindDiagnostics(call, upstreams_.diagnostics.get(), candidate->methodologist.person(),
                      request.diagnostics_result(), demand);
  return engine_.Write<v1::Methodologist>(
      call, request,
      [&](pg::Tx&, v1::Methodologist& methodologist) -> absl::Status {
        if (auto s = MakeDeclaredStep(engine_, call, request, &methodologist); !s.ok()) return s;
        if (!evidence.ok()) return evidence.status();
        methodologist.set_diagnostics_result(evidence->name);
        *methodologist.mutable_diagnosed_date() = evidence->date;
        return absl::OkStatus();
      },
      response);
}

absl::Status AssetService::ConfirmTraining(rpc::Call& call,
                                           const v1::ConfirmTrainingRequest& request,
                                           v1::Methodologist* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto candidate = ReadCandidate(engine_, call, request.name());
  if (!candidate.ok()) return candidate.status();
  const auto& regulation = candidate->regulation;
  Demand demand;
  demand.topics = {regulation.training_topic_codes().begin(),
                   regulation.training_topic_codes().end()};
  demand.earliest =
      EarliestDay(candidate->methodologist.nomination_date(), regulation.training_months());
  auto evidence = FindTraining(call, upstreams_.programs.get(), candidate->methodologist.person(),
                               request.completion(), demand);
  return engine_.Write<v1::Methodologist>(
      call, request,
      [&](pg::Tx&, v1::Methodologist& methodologist) -> absl::Status {
        if (auto s = MakeDeclaredStep(engine_, call, request, &methodologist); !s.ok()) return s;
        if (!evidence.ok()) return evidence.status();
        methodologist.set_completion(evidence->name);
        *methodologist.mutable_trained_date() = evidence->date;
        return absl::OkStatus();
      },
      response);
}

absl::Status AssetService::ReleaseMethodologist(rpc::Call& call,
                                                const v1::ReleaseMethodologistRequest& request,
                                                v1::Methodologist* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Write<v1::Methodologist>(
      call, request,
      [&](pg::Tx& tx, v1::Methodologist& methodologist) -> absl::Status {
        if (auto s = MakeDeclaredStep(engine_, call, request, &methodologist); !s.ok()) return s;
        return EndAttachments(engine_, tx, author, methodologist.name(), request.release_date());
      },
      response);
}

absl::Status AssetService::GetLoadBoard(rpc::Call& call, const v1::GetLoadBoardRequest& request,
                                        v1::LoadBoard* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) {
    response->Clear();
    return ReadLoadBoard(tx, request, response);
  });
}

absl::Status AssetService::CountMmsStaff(rpc::Call& call, const v1::CountMmsStaffRequest& request,
                                         v1::CountMmsStaffResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) {
    response->Clear();
    return CountStaff(tx, request, response);
  });
}

}  // namespace rsnms::registry
