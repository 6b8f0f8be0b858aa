// Approved routes, and what the feed of `programs` says of learning by them.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_FOLLOW_FIXTURE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_FOLLOW_FIXTURE_H_

#include <string>
#include <vector>

#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "services/diagnostics/service_test_support.h"

namespace rsnms::diagnostics {

using Item = v1::RouteItem;
using programs::v1::Enrolment;

class RouteFollowTest : public ServiceTest {
 protected:
  static void SetUpTestSuite() {
    ServiceTest::SetUpTestSuite();
    Offer(1, 72, true, {"digital-distance", "digital-office", "digital-network"});
    Offer(2, 36, true, {"methodical-lesson", "methodical-inclusion"});
    Offer(3, 16, false, {"communication-parents"});
  }
  static v1::Route Get(const std::string& name) {
    v1::Route route;
    EXPECT_TRUE(On<v1::GetRouteRequest>("GetRoute", name, &route).ok());
    return route;
  }
  template <class Request>
  static void Do(const std::string& method, v1::Route* route, const std::string& reason = "") {
    Request request;
    request.set_name(route->name());
    if constexpr (requires { request.set_reason(reason); }) request.set_reason(reason);
    const auto status = Call(method, request, route);
    ASSERT_TRUE(status.ok()) << status;
  }
  // Built, agreed and approved; three items by programmes 1 to 3.
  static v1::Route Approved(int person) {
    v1::Route route = BuiltRoute(person);
    Do<v1::AgreeRouteRequest>("AgreeRoute", &route);
    Do<v1::ApproveRouteRequest>("ApproveRoute", &route);
    return route;
  }
  // Number of the item by that programme.
  static int NumberOf(const v1::Route& route, int programme) {
    for (const auto& item : route.items()) {
      if (item.programme() == NameOf("programmes", programme)) return item.number();
    }
    return 0;
  }
  static const Item& ItemOf(const v1::Route& route, int programme) {
    return route.items(NumberOf(route, programme) - 1);
  }
  static Enrolment Learns(int id, const std::string& route, int programme, Enrolment::State state,
                          int day = 1) {
    Enrolment e;
    e.set_name(NameOf("enrolments", id));
    e.set_route(route);
    e.set_programme(NameOf("programmes", programme));
    e.set_state(state);
    e.mutable_state_time()->set_seconds(1716200000 + day);
    *e.mutable_state_date() = DateOf(2024, 5, day);
    return e;
  }
  static feed::v1::Change Said(const Enrolment& e) { return ChangeOf(kEnrolmentType, e.name(), e); }
  static feed::v1::Change Mastered(int id, const Enrolment& e, int day) {
    programs::v1::Completion c;
    c.set_name(NameOf("completions", id));
    c.set_enrolment(e.name());
    c.set_person(e.person());
    c.set_route(e.route());
    c.set_route_item_id(e.route_item_id());
    c.set_programme(e.programme());
    *c.mutable_completion_date() = DateOf(2024, 5, day);
    return ChangeOf(kCompletionType, c.name(), c);
  }
};

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_FOLLOW_FIXTURE_H_
