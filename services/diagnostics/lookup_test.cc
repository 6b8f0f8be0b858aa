// What others learn of sessions they refer to.
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/session_methods.pb.h"
#include "services/diagnostics/service_test_support.h"

namespace rsnms::diagnostics {
namespace {

class SessionLookUp : public ServiceTest {
 protected:
  static v1::LookUpSessionsRequest Of(const std::vector<std::string>& names) {
    v1::LookUpSessionsRequest request;
    request.set_parent("regions/86");
    for (const auto& name : names) request.add_names(name);
    return request;
  }
};

TEST_F(SessionLookUp, SaysWhoseAndWhenAndNoAnswers) {
  const v1::Campaign campaign = NewCampaign();
  v1::StartSessionRequest start;
  start.set_parent("regions/86");
  *start.mutable_session() = Filled(campaign, 70001, 3);
  v1::Session begun, submitted;
  ASSERT_TRUE(Call("StartSession", start, &begun).ok());
  *start.mutable_session() = Filled(campaign, 70002, 3);
  ASSERT_TRUE(Call("StartSession", start, &submitted).ok());
  v1::Result result;
  ASSERT_TRUE(On<v1::SubmitSessionRequest>("SubmitSession", submitted.name(), &result).ok());
  v1::LookUpSessionsResponse response;
  const auto status = Call(
      "LookUpSessions",
      Of({begun.name(), submitted.name(), submitted.name(), NameOf("sessions", 404)}), &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.sessions_size(), 2);
  for (const auto& fact : response.sessions()) {
    const bool is_submitted = fact.session() == submitted.name();
    EXPECT_EQ(fact.person(), NameOf("persons", is_submitted ? 70002 : 70001));
    EXPECT_EQ(fact.state(),
              is_submitted ? v1::Session::STATE_SUBMITTED : v1::Session::STATE_IN_PROGRESS);
    EXPECT_EQ(fact.has_submit_date(), is_submitted);
    EXPECT_EQ(fact.submit_date().day(), is_submitted ? 15 : 0);
  }
}

TEST_F(SessionLookUp, IsOfTheCallersScopeAndOfOneRegion) {
  const v1::Campaign campaign = NewCampaign();
  v1::StartSessionRequest start;
  start.set_parent("regions/86");
  *start.mutable_session() = Filled(campaign, 70003, 3);
  v1::Session begun;
  ASSERT_TRUE(Call("StartSession", start, &begun).ok());
  v1::LookUpSessionsResponse response;
  auto other = host_->Connect({"administrator"}, {NameOf("organisations", 999)});
  ASSERT_TRUE(Call(*other, "LookUpSessions", Of({begun.name()}), &response).ok());
  EXPECT_EQ(response.sessions_size(), 0);
  auto elsewhere = host_->Connect({"administrator"}, {"regions/61"});
  EXPECT_EQ(rpc::ReasonOf(Call(*elsewhere, "LookUpSessions", Of({begun.name()}), &response)),
            "NOT_FOUND");
  auto educator = host_->Connect({"educator"}, {NameOf("persons", 70003)});
  EXPECT_EQ(rpc::ReasonOf(Call(*educator, "LookUpSessions", Of({begun.name()}), &response)),
            "PERMISSION_DENIED");
  EXPECT_EQ(rpc::ReasonOf(Call(
                "LookUpSessions",
                Of({"regions/61/sessions/" + begun.name().substr(begun.name().rfind('/') + 1)}),
                &response)),
            "INVALID_NAME");
  EXPECT_FALSE(Call("LookUpSessions", Of({}), &response).ok());
}

}  // namespace
}  // namespace rsnms::diagnostics
