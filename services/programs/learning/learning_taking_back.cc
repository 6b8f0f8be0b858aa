// Methods that take back what was accepted, held or declared.
#include "services/programs/learning/learning_service.h"
#include "services/programs/learning/learning_step.h"
#include "services/programs/learning/record_rules.h"
#include "services/programs/learning/taking_back_store.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

// Nobody of these takes it back.
template <class Names>
absl::Status NoneIsTheCaller(const rpc::Call& call, const Names& people) {
  for (const std::string& person : people) {
    if (auto s = record_rules::MayTakeBack(call.identity(), person); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LearningService::VoidLearningRecord(rpc::Call& call,
                                                 const v1::VoidLearningRecordRequest& request,
                                                 v1::LearningRecord* response) {
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx& tx, const v1::LearningRecord& record) -> absl::Status {
        auto s = record_rules::MayTakeBack(call.identity(), record.person());
        if (!s.ok()) return s;
        return taking_back_store::CheckUnused(tx, RegionOf(record.name()),
                                              {std::string(IdOf(record.name()))});
      },
      response);
}

absl::Status LearningService::VoidCascadeSession(rpc::Call& call,
                                                 const v1::VoidCascadeSessionRequest& request,
                                                 v1::CascadeSession* response) {
  const auto author = resource::AuthorOf(call, request);
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx& tx, const v1::CascadeSession& session) -> absl::Status {
        if (auto s = NoneIsTheCaller(call, session.participants()); !s.ok()) return s;
        return taking_back_store::VoidRecordsOf(tx, *engine_, call.identity(), author, session);
      },
      response);
}

absl::Status LearningService::VoidTeamTraining(rpc::Call& call,
                                               const v1::VoidTeamTrainingRequest& request,
                                               v1::TeamTraining* response) {
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx&, const v1::TeamTraining& training) {
        return NoneIsTheCaller(call, training.members());
      },
      response);
}

absl::Status LearningService::VoidPracticeAcceptance(
    rpc::Call& call, const v1::VoidPracticeAcceptanceRequest& request,
    v1::PracticeAcceptance* response) {
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx&, const v1::PracticeAcceptance& acceptance) {
        return record_rules::MayTakeBack(call.identity(), acceptance.person());
      },
      response);
}

}  // namespace rsnms::programs
