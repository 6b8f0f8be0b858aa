#include "services/programs/orders/plan_gathering.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/orders/plan_rules.h"

namespace rsnms::programs {
namespace {

using Order = v1::TrainingOrder;
using Plan = v1::TrainingPlan;

Plan PlanOf(int start_year, int end_year) {
  Plan plan;
  plan.set_name(NameOf("86", "trainingPlans", "p"));
  plan.set_state(Plan::STATE_DRAFT);
  plan.set_start_year(start_year);
  plan.set_end_year(end_year);
  return plan;
}

Order OrderOf(const std::string& id, int year, int lines) {
  Order order;
  order.set_name(NameOf("86", "trainingOrders", id));
  order.set_year(year);
  order.set_state(Order::STATE_APPROVED);
  for (int i = 0; i < lines; ++i) {
    auto& line = *order.add_lines();
    line.set_id(std::to_string(i));
    line.set_places(10);
    line.add_topic_codes("assessment");
  }
  return order;
}

// `a0 a1 b0`: order and line of each gathered line, in the plan's order.
std::string Told(const Plan& plan) {
  std::string told;
  for (const auto& line : plan.lines()) {
    told = Cat(told, told.empty() ? "" : " ", IdOf(line.training_order()), line.ordered().id());
  }
  return told;
}

void Must(const std::vector<Order>& orders, Plan* plan) { ASSERT_TRUE(Gather(orders, plan).ok()); }

TEST(PlanGathering, OrdersInForceAreGatheredByYearThenOrder) {
  for (int state = Order::STATE_DRAFT; state <= Order::STATE_WITHDRAWN; ++state) {
    Plan plan = PlanOf(2026, 2027);
    Order order = OrderOf("a", 2026, 1);
    order.set_state(static_cast<Order::State>(state));
    Must({order}, &plan);
    EXPECT_EQ(plan.lines_size(), plan_rules::InForce(order) ? 1 : 0) << state;
  }
  Plan plan = PlanOf(2026, 2027);
  Must({OrderOf("c", 2027, 1), OrderOf("b", 2026, 2), OrderOf("a", 2027, 1), OrderOf("d", 2028, 1)},
       &plan);
  EXPECT_EQ(Told(plan), "b0 b1 a0 c0");
}

TEST(PlanGathering, AnOwnersPlanTakesItsOrders) {
  Order own = OrderOf("a", 2026, 1), town = OrderOf("b", 2026, 1), other = OrderOf("c", 2026, 1);
  own.set_organisation("o");
  own.set_municipality("m");
  town.set_municipality("m");
  other.set_organisation("x");
  const auto of = [&](const std::string& organisation, const std::string& municipality) {
    Plan plan = PlanOf(2026, 2026);
    plan.set_organisation(organisation);
    plan.set_municipality(municipality);
    Must({own, town, other}, &plan);
    return Told(plan);
  };
  EXPECT_EQ(of("o", ""), "a0");
  EXPECT_EQ(of("o", "m"), "a0");
  EXPECT_EQ(of("", "m"), "a0 b0");
  EXPECT_EQ(of("", ""), "a0 b0 c0");
}

TEST(PlanGathering, DoneAgainItFindsWhatIsNewAlone) {
  Plan plan = PlanOf(2026, 2026);
  Must({OrderOf("b", 2026, 1)}, &plan);
  EXPECT_EQ(plan.gathering().added_lines_size(), 1);
  EXPECT_EQ(plan.gathering().number(), 1);
  Must({OrderOf("b", 2026, 1)}, &plan);
  const Plan settled = plan;
  EXPECT_EQ(plan.gathering().added_lines_size(), 0);
  Must({OrderOf("b", 2026, 1)}, &plan);
  EXPECT_EQ(plan.SerializeAsString(), settled.SerializeAsString());
  Must({OrderOf("a", 2026, 1), OrderOf("b", 2026, 1)}, &plan);
  EXPECT_EQ(Told(plan), "b0 a0") << "what is new comes last";
  EXPECT_EQ(plan.gathering().number(), 2);
}

TEST(PlanGathering, WhatPeopleEditedStays) {
  Plan plan = PlanOf(2026, 2026);
  auto& own = *plan.add_lines();
  own.set_id("own");
  Must({OrderOf("a", 2026, 2)}, &plan);
  plan.mutable_lines(1)->set_places(7);
  plan.mutable_lines(2)->set_exclusion_reason("нет средств");
  Order now = OrderOf("a", 2026, 2);
  now.mutable_lines(0)->set_places(12);
  now.mutable_lines(0)->set_quarter(2);
  now.mutable_lines(1)->set_places(1);
  Must({now}, &plan);
  EXPECT_EQ(plan.lines(0).id(), "own");
  EXPECT_EQ(plan.lines(1).places(), 7) << "people's";
  EXPECT_EQ(plan.lines(1).quarter(), 2) << "the order's: nobody had changed it";
  EXPECT_EQ(plan.lines(1).ordered().places(), 12);
  EXPECT_EQ(plan.lines(2).places(), 1);
  EXPECT_FALSE(plan_rules::IsPlanned(plan.lines(2)));
  EXPECT_EQ(plan.gathering().updated_lines_size(), 2);
  ASSERT_EQ(plan.gathering().kept_lines_size(), 1);
  EXPECT_EQ(plan.gathering().kept_lines(0), plan.lines(1).id());
}

TEST(PlanGathering, ALineWhoseOrderEndedIsMarkedAndStays) {
  Plan plan = PlanOf(2026, 2026);
  Must({OrderOf("a", 2026, 2)}, &plan);
  Must({}, &plan);
  EXPECT_FALSE(plan.lines(0).order_withdrawn()) << "an order not seen says nothing";
  Order gone = OrderOf("a", 2026, 1);
  Must({gone}, &plan);
  EXPECT_FALSE(plan.lines(0).order_withdrawn());
  EXPECT_TRUE(plan.lines(1).order_withdrawn()) << "the line is not in the order any more";
  gone.set_state(Order::STATE_WITHDRAWN);
  Must({gone}, &plan);
  EXPECT_TRUE(plan.lines(0).order_withdrawn());
  ASSERT_EQ(plan.gathering().withdrawn_lines_size(), 1);
  EXPECT_EQ(plan.gathering().withdrawn_lines(0), plan.lines(0).id());
  Must({gone}, &plan);
  EXPECT_EQ(plan.gathering().withdrawn_lines_size(), 0) << "said once";
}

TEST(PlanGathering, APlanHoldsSoManyLinesAndNoMore) {
  std::vector<Order> orders;
  for (int i = 0; i < plan_rules::kMostLines / 200; ++i) {
    orders.push_back(OrderOf(std::to_string(i), 2026, 200));
  }
  Plan plan = PlanOf(2026, 2026);
  EXPECT_TRUE(Gather(orders, &plan).ok());
  EXPECT_EQ(plan.lines_size(), plan_rules::kMostLines);
  orders.push_back(OrderOf("b", 2026, 1));
  EXPECT_EQ(rpc::ReasonOf(Gather(orders, &plan)), "PLAN_TOO_LARGE");
}

// Random orders, edits and withdrawals between gatherings: every line in force stands in the plan
// once, what people wrote is never lost, ids do not move.
TEST(PlanGathering, NothingIsLostWhateverHappensBetweenGatherings) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    Plan plan = PlanOf(2026, 2027);
    std::vector<Order> orders;
    std::map<std::string, int> edited;       // places people wrote, by source
    std::map<std::string, std::string> ids;  // of sources
    const auto source = [](const v1::PlanLine& line) {
      return Cat(line.training_order(), "/", line.ordered().id());
    };
    for (int round = 0; round < 8; ++round) {
      if (random() % 2 == 0) {
        orders.push_back(OrderOf(Cat("o", seed, "-", round), 2025 + random() % 4, random() % 4));
      }
      for (Order& order : orders) {
        if (random() % 6 == 0) order.set_state(Order::STATE_WITHDRAWN);
        for (auto& line : *order.mutable_lines()) {
          if (random() % 5 == 0) line.set_places(10 + random() % 5);
        }
      }
      for (auto& line : *plan.mutable_lines()) {
        if (random() % 5 != 0) continue;
        line.set_places(100 + random() % 50);
        edited[source(line)] = line.places();
      }
      Must(orders, &plan);
      std::set<std::string> seen;
      for (const auto& line : plan.lines()) {
        EXPECT_TRUE(seen.insert(source(line)).second) << "once";
        auto [it, fresh] = ids.emplace(source(line), line.id());
        EXPECT_EQ(it->second, line.id());
        auto word = edited.find(source(line));
        if (word != edited.end()) {
          EXPECT_EQ(line.places(), word->second);
        }
        for (const Order& order : orders) {
          if (order.name() != line.training_order()) continue;
          EXPECT_EQ(line.order_withdrawn(), !plan_rules::InForce(order));
        }
      }
      for (const auto& [was, id] : ids) EXPECT_TRUE(seen.contains(was));
      for (const Order& order : orders) {
        if (!plan_rules::InForce(order) || order.year() < 2026 || order.year() > 2027) continue;
        for (const auto& line : order.lines()) {
          EXPECT_TRUE(seen.contains(Cat(order.name(), "/", line.id())));
        }
      }
    }
  }
}

}  // namespace
}  // namespace rsnms::programs
