#include "services/programs/learning/learning_service.h"

#include <utility>
#include <vector>

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/learning/acceptance_rules.h"
#include "services/programs/learning/cascade_rules.h"
#include "services/programs/learning/learning_step.h"
#include "services/programs/learning/learning_store.h"
#include "services/programs/learning/record_rules.h"
#include "services/programs/learning/registry_lookup.h"
#include "services/programs/learning/settings_rules.h"
#include "services/programs/learning/team_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr char kContract[] = "rsnms.programs.v1.Learning";

using resource::Change;
using Pending = resource::Engine::Pending;

absl::Status Moved() {
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                    "the record changed meanwhile");
}

}  // namespace

const google::protobuf::ServiceDescriptor* LearningService::Contract() {
  v1::LearningRecord::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

LearningService::LearningService(resource::Engine* engine, std::shared_ptr<rpc::Client> registry,
                                 std::string page_key, std::function<absl::Time()> now)
    : engine_(engine),
      registry_(std::move(registry)),
      pages_(std::move(page_key)),
      now_(std::move(now)) {
  const auto latest = [now = now_] { return LatestDay(now()); };
  engine->Rule<v1::LearningRecord>(
      [latest](Change change, const v1::LearningRecord* before, v1::LearningRecord* after) {
        return record_rules::Check(change, before, after, latest());
      });
  engine->Rule<v1::TeamTraining>(
      [latest](Change change, const v1::TeamTraining* before, v1::TeamTraining* after) {
        return team_rules::Check(change, before, after, latest());
      });
  engine->Rule<v1::PracticeAcceptance>(
      [latest](Change change, const v1::PracticeAcceptance* before, v1::PracticeAcceptance* after) {
        return acceptance_rules::Check(change, before, after, latest());
      });
  engine->Rule<v1::CascadeSession>(cascade_rules::Check);
  engine->Rule<v1::LearningRules>(settings_rules::Check);
  engine->PrepareFor(v1::LearningRecord::descriptor(),
                     [engine](pg::Tx& tx, std::vector<Pending>& rows) {
                       return learning_store::PrepareRecords(tx, *engine, rows);
                     });
  engine->PrepareFor(v1::TeamTraining::descriptor(), learning_store::PrepareTeams);
  engine->PrepareFor(v1::CascadeSession::descriptor(), learning_store::PrepareSessions);
  engine->PrepareFor(v1::PracticeAcceptance::descriptor(),
                     [engine](pg::Tx& tx, std::vector<Pending>& rows) {
                       return learning_store::PrepareAcceptances(tx, *engine, rows);
                     });
}

void LearningService::Serve(rpc::Server& server) {
  auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat(kContract, "/", method), this, fn);
  };
  serve("AgreeLearningRecord", &LearningService::AgreeLearningRecord);
  serve("AcceptLearningRecord", &LearningService::AcceptLearningRecord);
  serve("AcceptPracticeAcceptance", &LearningService::AcceptPracticeAcceptance);
  serve("StartTeamTraining", &LearningService::StartTeamTraining);
  serve("EnrolTeam", &LearningService::EnrolTeam);
  serve("CompleteTeamTraining", &LearningService::CompleteTeamTraining);
  serve("GetTeamTrainingProgress", &LearningService::GetTeamTrainingProgress);
  serve("HoldCascadeSession", &LearningService::HoldCascadeSession);
  serve("VoidLearningRecord", &LearningService::VoidLearningRecord);
  serve("VoidCascadeSession", &LearningService::VoidCascadeSession);
  serve("VoidTeamTraining", &LearningService::VoidTeamTraining);
  serve("VoidPracticeAcceptance", &LearningService::VoidPracticeAcceptance);
  serve("ListCascadeCoverage", &LearningService::ListCascadeCoverage);
  serve("GetCorporateHours", &LearningService::GetCorporateHours);
  serve("ListCorporateHours", &LearningService::ListCorporateHours);
  serve("GetAcademyCoverage", &LearningService::GetAcademyCoverage);
}

absl::Status LearningService::AgreeLearningRecord(rpc::Call& call,
                                                  const v1::AgreeLearningRecordRequest& request,
                                                  v1::LearningRecord* response) {
  v1::LearningRecord seen;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto record = resource::Table<v1::LearningRecord>(*engine_).Get(tx, request.name());
    if (record.ok()) seen = *std::move(record);
    return record.status();
  });
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  // What is not there, or not to be agreed, is refused below, or answered again.
  if (!seen.site().empty() && seen.state() == v1::LearningRecord::STATE_PLANNED) {
    auto site = FindSite(call, registry_.get(), seen.site());
    if (!site.ok()) return site.status();
    status = record_rules::CheckSite(seen, site->has_value() ? &**site : nullptr);
    if (!status.ok()) return status;
  }
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx&, const v1::LearningRecord& record) {
        const bool same =
            record.site() == seen.site() &&
            record.host_organisation() == seen.host_organisation() &&
            record.start_date().SerializeAsString() == seen.start_date().SerializeAsString();
        return same || record.site().empty() ? absl::OkStatus() : Moved();
      },
      response);
}

absl::Status LearningService::AcceptLearningRecord(rpc::Call& call,
                                                   const v1::AcceptLearningRecordRequest& request,
                                                   v1::LearningRecord* response) {
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx&, const v1::LearningRecord& record) {
        return record_rules::MayAccept(call.identity(), record.person());
      },
      response);
}

absl::Status LearningService::AcceptPracticeAcceptance(
    rpc::Call& call, const v1::AcceptPracticeAcceptanceRequest& request,
    v1::PracticeAcceptance* response) {
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx&, const v1::PracticeAcceptance& acceptance) {
        return record_rules::MayAccept(call.identity(), acceptance.person());
      },
      response);
}

}  // namespace rsnms::programs
