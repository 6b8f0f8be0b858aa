#include "services/programs/orders/order_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs::order_rules {
namespace {

using resource::Change;
using ::testing::HasSubstr;
using Order = v1::TrainingOrder;

constexpr char kId[] = "01900000-0000-7000-8000-000000000001";

class OrderRules : public ::testing::Test {
 protected:
  OrderRules() {
    order_.set_name(NameOf("86", "trainingOrders", kId));
    order_.set_organisation(NameOf("86", "organisations", kId));
    order_.set_state(Order::STATE_DRAFT);
    AddLine("a");
  }
  v1::OrderLine* AddLine(const std::string& id) {
    auto* line = order_.add_lines();
    line->set_id(id);
    line->set_places(2);
    line->set_programme(NameOf("86", "programmes", kId));
    return line;
  }
  absl::Status Create() { return Check(Change::kCreate, nullptr, &order_); }
  static void ExpectRefused(const absl::Status& status, const std::string& reason,
                            const std::string& path) {
    EXPECT_EQ(rpc::ReasonOf(status), reason) << status;
    EXPECT_THAT(rpc::ToProto(status).DebugString(), HasSubstr(path));
  }

  Order order_;
};

TEST_F(OrderRules, ALineNamesAProgrammeCompetenciesOrTopics) {
  EXPECT_TRUE(Create().ok()) << Create();
  order_.mutable_lines(0)->clear_programme();
  ExpectRefused(Create(), "LINE_SUBJECT_REQUIRED", "lines[0]");
  order_.mutable_lines(0)->add_topic_codes("assessment");
  EXPECT_TRUE(Create().ok());
  order_.mutable_lines(0)->clear_topic_codes();
  order_.mutable_lines(0)->add_competencies("regions/86/competencies/methodical-lesson");
  EXPECT_TRUE(Create().ok());
}

TEST_F(OrderRules, IdsOfLinesDoNotRepeat) {
  AddLine("b");
  EXPECT_TRUE(Create().ok());
  AddLine("a");
  ExpectRefused(Create(), "REPEATED_LINE", "lines[2].id");
}

TEST_F(OrderRules, WhatLinesNameLiesInTheRegion) {
  order_.mutable_lines(0)->set_programme(NameOf("61", "programmes", kId));
  ExpectRefused(Create(), "INVALID_NAME", "lines[0].programme");
  order_.mutable_lines(0)->set_programme("regions/86/programmes/x");
  ExpectRefused(Create(), "INVALID_NAME", "lines[0].programme");
  order_.mutable_lines(0)->clear_programme();
  for (const char* bad : {"regions/61/competencies/a", "regions/86/competencies/",
                          "regions/86/competencies/a/b", "a"}) {
    order_.mutable_lines(0)->clear_competencies();
    order_.mutable_lines(0)->add_competencies(bad);
    ExpectRefused(Create(), "INVALID_NAME", "lines[0].competencies[0]");
  }
  order_.mutable_lines(0)->clear_competencies();
  for (int i = 0; i < 2; ++i) {
    order_.mutable_lines(0)->add_competencies("regions/86/competencies/a");
  }
  ExpectRefused(Create(), "INVALID_REQUEST", "lines[0].competencies[1]");
}

TEST_F(OrderRules, PeopleWriteInDraftAndReturnedAlone) {
  for (int state = Order::STATE_DRAFT; state <= Order::STATE_WITHDRAWN; ++state) {
    order_.set_state(static_cast<Order::State>(state));
    Order after = order_;
    after.mutable_lines(0)->set_places(3);
    const bool writes = state == Order::STATE_DRAFT || state == Order::STATE_RETURNED;
    EXPECT_EQ(rpc::ReasonOf(Check(Change::kUpdate, &order_, &after)), writes ? "" : "ORDER_FROZEN");
    EXPECT_EQ(rpc::ReasonOf(Check(Change::kDelete, &order_, nullptr)),
              writes ? "" : "ORDER_FROZEN");
  }
}

TEST_F(OrderRules, ACompletedPlaceIsNotFree) {
  v1::OrderLineExecution line;
  line.set_places(5);
  line.set_applied(1);
  line.set_learning(1);
  line.set_completed(2);
  line.set_dropped(7);
  Conclude(order_, {}, {}, &line);
  EXPECT_EQ(line.free(), 1);
  line.set_completed(9);
  Conclude(order_, {}, {}, &line);
  EXPECT_EQ(line.free(), 0);
}

TEST_F(OrderRules, AnOrderExecutedInPartSaysWhy) {
  v1::TrainingOrderExecution execution;
  auto* line = execution.add_lines();
  line->set_places(2);
  line->set_completed(1);
  order_.set_state(Order::STATE_EXECUTED);
  ExpectRefused(MayEnd(order_, execution), "ORDER_NOT_EXECUTED", "1 of 2 have completed");
  order_.set_state_reason("двое уволились");
  EXPECT_TRUE(MayEnd(order_, execution).ok());
  order_.clear_state_reason();
  line->set_completed(2);
  EXPECT_TRUE(MayEnd(order_, execution).ok());
  line->set_learning(1);
  EXPECT_EQ(rpc::ReasonOf(MayEnd(order_, execution)), "ORDER_HAS_LEARNERS");
}

}  // namespace
}  // namespace rsnms::programs::order_rules
