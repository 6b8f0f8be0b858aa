// Plans of training, and the calls their tests make most.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_PLANS_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_PLANS_FIXTURE_H_

#include <string>

#include "services/programs/orders/orders_fixture.h"

namespace rsnms::programs {

class PlansFixture : public OrdersFixture {
 protected:
  absl::StatusOr<v1::TrainingPlan> CreatePlan(rpc::Client& client, const std::string& more = "",
                                              int end_year = 2026) {
    return Ask<v1::TrainingPlan>(
        client, "CreateTrainingPlan",
        Cat("parent: 'regions/86' training_plan {title: 'План' start_year: 2026 "
            "end_year: ",
            end_year, " ", more, "}"));
  }
  std::string Plan(const std::string& more = "") { return Need(CreatePlan(*admin_, more)).name(); }
  // A line of the plan's own.
  static std::string Own(const std::string& id, int places, const std::string& more = "") {
    return Cat("lines {id: '", id, "' year: 2026 places: ", places,
               " listener_category: LISTENER_CATEGORY_PEDAGOGUE ground: ORDER_GROUND_RESERVE ",
               more.empty() ? "topic_codes: 'education-quality-management'" : more, "} ");
  }
  v1::TrainingPlan Gathered(const std::string& plan) {
    return Need(Do<v1::TrainingPlan>("GatherTrainingPlan", plan));
  }
  absl::StatusOr<v1::TrainingPlan> Approve(const std::string& plan, int day = 25) {
    return Do<v1::TrainingPlan>("ApproveTrainingPlan", plan,
                                "approval_document: 'Приказ' approval_date " + Day(1, day));
  }
  absl::StatusOr<v1::TrainingPlan> Write(const v1::TrainingPlan& plan, const std::string& path) {
    v1::UpdateTrainingPlanRequest request;
    *request.mutable_training_plan() = plan;
    request.mutable_update_mask()->add_paths(path);
    return Ask<v1::TrainingPlan>(*admin_, "UpdateTrainingPlan", request.DebugString());
  }
  // Order's ids of the plan's lines, in their order; `~` before what is excluded.
  static std::string Lines(const v1::TrainingPlan& plan) {
    std::string told;
    for (const auto& line : plan.lines()) {
      told = Cat(told, line.exclusion_reason().empty() ? "" : "~",
                 line.training_order().empty() ? line.id() : line.ordered().id());
    }
    return told;
  }
  // `places:applied/learning/completed/dropped,free` of the line at `i`.
  std::string Counts(const std::string& plan, int i) {
    const auto told = Need(Do<v1::TrainingPlanExecution>("GetTrainingPlanExecution", plan));
    if (i >= told.lines_size()) return "";
    const auto& c = told.lines(i).counts();
    return Cat(c.places(), ":", c.applied(), "/", c.learning(), "/", c.completed(), "/",
               c.dropped(), ",", c.free());
  }
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_PLANS_FIXTURE_H_
