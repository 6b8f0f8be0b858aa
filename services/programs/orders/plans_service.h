// The methods of rsnms.programs.v1.Orders that deal with plans of training. Standard methods and
// plain steps are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_PLANS_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_PLANS_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/training_plan.pb.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class PlansService {
 public:
  // Adds the rules of plans to the engine. `registry` says where organisations lie; without it no
  // plan that names both an organisation and a municipality is handed in. `now` says the day.
  PlansService(resource::Engine* engine, std::shared_ptr<rpc::Client> registry,
               std::function<absl::Time()> now);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

 private:
  absl::Status GatherTrainingPlan(rpc::Call& call, const v1::GatherTrainingPlanRequest& request,
                                  v1::TrainingPlan* response);
  absl::Status SubmitTrainingPlan(rpc::Call& call, const v1::SubmitTrainingPlanRequest& request,
                                  v1::TrainingPlan* response);
  absl::Status ApproveTrainingPlan(rpc::Call& call, const v1::ApproveTrainingPlanRequest& request,
                                   v1::TrainingPlan* response);
  absl::Status AmendTrainingPlan(rpc::Call& call, const v1::AmendTrainingPlanRequest& request,
                                 v1::TrainingPlan* response);
  absl::Status SetPlanLineGroups(rpc::Call& call, const v1::SetPlanLineGroupsRequest& request,
                                 v1::TrainingPlan* response);
  absl::Status GetTrainingPlanExecution(rpc::Call& call,
                                        const v1::GetTrainingPlanExecutionRequest& request,
                                        v1::TrainingPlanExecution* response);

  // Whether the owner of the plan of this name, which the call is to hand in or approve, is one.
  absl::Status CheckOwner(const rpc::Call& call, const std::string& name);

  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> registry_;
  const std::function<absl::Time()> now_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_PLANS_SERVICE_H_
