// A step of a declared machine that the engine cannot take alone.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_STEP_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_STEP_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "libs/resource/transition.h"
#include "libs/rpc/call.h"

namespace rsnms::programs {

// Takes the step the call's method declares once `judge(tx, resource)` has nothing against it: it
// sees the resource as it becomes, under lock, and may complete it.
template <class R, class Request, class Judge>
absl::Status TakeStep(resource::Engine& engine, rpc::Call& call, const Request& request,
                      const Judge& judge, R* response) {
  const auto& type = engine.TypeOf(R::descriptor());
  auto step = resource::BindStep(&call.method(), type);
  if (!step.ok()) return step.status();
  return engine.Write<R>(
      call, request,
      [&](pg::Tx& tx, R& row) -> absl::Status {
        if (auto s = resource::MakeStep(*step, type, request, &row); !s.ok()) return s;
        return judge(tx, row);
      },
      response);
}

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_STEP_H_
