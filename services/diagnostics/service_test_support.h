// A diagnostics service in the test's process with the catalogue loaded, and what tests ask of it.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_SERVICE_TEST_SUPPORT_H_
#define RSNMS_SERVICES_DIAGNOSTICS_SERVICE_TEST_SUPPORT_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "libs/testing/service.h"
#include "rsnms/diagnostics/v1/campaign.pb.h"
#include "rsnms/diagnostics/v1/route.pb.h"
#include "rsnms/diagnostics/v1/session.pb.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "services/diagnostics/diagnostics_service.h"
#include "services/diagnostics/scoring_rules.h"

namespace rsnms::diagnostics {

google::type::Date DateOf(int year, int month, int day);
// `regions/86/{collection}/00000000-0000-4000-8000-{number}`.
std::string NameOf(std::string_view collection, int number);

inline constexpr char kProgrammeType[] = "programs.rsnms/Programme";
inline constexpr char kEnrolmentType[] = "programs.rsnms/Enrolment";
inline constexpr char kCompletionType[] = "programs.rsnms/Completion";
inline constexpr char kLearningRecordType[] = "programs.rsnms/LearningRecord";
// What a feed says of a resource that lives, and of one that is gone.
feed::v1::Change ChangeOf(std::string_view type, const std::string& name,
                          const google::protobuf::Message& image);
feed::v1::Change GoneOf(std::string_view type, const std::string& name);

class ServiceTest : public ::testing::Test {
 protected:
  // One service for all tests of a suite; today is 15 March 2024.
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  template <class Request, class Response>
  static absl::Status Call(rpc::Client& client, const std::string& method, const Request& request,
                           Response* response) {
    return client.Unary("rsnms.diagnostics.v1.Diagnostics/" + method, request, response,
                        absl::Now() + absl::Seconds(60), false);
  }
  template <class Request, class Response>
  static absl::Status Call(const std::string& method, const Request& request, Response* response) {
    return Call(*admin_, method, request, response);
  }
  // Sends `{name: name}`.
  template <class Request, class Response>
  static absl::Status On(const std::string& method, const std::string& name, Response* response) {
    Request request;
    request.set_name(name);
    return Call(method, request, response);
  }

  // A campaign of March 2024 with the school's questionnaire, OPEN unless told otherwise.
  static v1::Campaign NewCampaign(bool open = true);
  // A session of a person with every row answered by the option of that number; −1: by a mixture.
  static v1::Session Filled(const v1::Campaign& campaign, int person, int option);
  static absl::Status SubmitBatch(const v1::Campaign& campaign, int first, int count, int option,
                                  v1::BatchSubmitSessionsResponse* response);
  // The programmes' feed tells of a programme on offer covering these competencies.
  static std::string Offer(int number, int hours, bool listed, std::vector<std::string> codes,
                           bool withdrawn = false);
  static void Complete(int number, const std::string& route, const std::string& programme);
  // The programmes' feed tells a batch, and the routes it marked are followed.
  static void Tell(const std::vector<feed::v1::Change>& changes);
  // Follows all routes that are marked.
  static void FollowRoutes();
  // A route of one educator with a severe deficit everywhere, built.
  static v1::Route BuiltRoute(int person);
  static int64_t Count(const std::string& sql);

  static std::unique_ptr<DiagnosticsService> service_;
  static std::unique_ptr<testing::Service> host_;
  static std::unique_ptr<rpc::Client> admin_;
};

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_SERVICE_TEST_SUPPORT_H_
