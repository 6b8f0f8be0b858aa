// The service `programs` with diagnostics played by the test, and what its reports on coverage
// tell.
#ifndef RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_FIXTURE_H_

#include <map>
#include <memory>
#include <set>
#include <string>

#include "rsnms/diagnostics/v1/campaign.pb.h"
#include "rsnms/diagnostics/v1/campaign_methods.pb.h"
#include "services/programs/orders/orders_fixture.h"

namespace rsnms::programs {

// Diagnostics: people who lack something, by campaign.
class PlayedDiagnostics : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time deadline, bool,
                     const rpc::Call*) override {
    deadlines.insert(deadline);
    if (denied) {
      return rpc::Error(absl::StatusCode::kPermissionDenied,
                        options::v1::COMMON_REASON_PERMISSION_DENIED, "not for you");
    }
    if (away) return absl::UnavailableError("away");
    if (method == "rsnms.diagnostics.v1.Diagnostics/ListCampaigns") {
      filter = static_cast<const diagnostics::v1::ListCampaignsRequest&>(request).filter();
      auto& page = *static_cast<diagnostics::v1::ListCampaignsResponse*>(response);
      for (const auto& [campaign, people] : lacking) page.add_campaigns()->set_name(campaign);
      if (!deleted.empty()) page.add_campaigns()->set_name(deleted);
      return absl::OkStatus();
    }
    if (method == "rsnms.diagnostics.v1.Diagnostics/CountOpenDeficits") {
      const auto& asked = static_cast<const diagnostics::v1::CountOpenDeficitsRequest&>(request);
      auto& answer = *static_cast<diagnostics::v1::CountOpenDeficitsResponse*>(response);
      ++counts;
      towns.insert(std::string(IdOf(asked.municipality())));
      std::map<std::string, std::set<int>> people;
      for (const auto& campaign : asked.campaigns()) {
        if (!lacking.contains(campaign)) continue;
        answer.add_campaigns(campaign);
        for (const auto& [code, who] : lacking[campaign]) {
          people[code].insert(who.begin(), who.end());
        }
      }
      for (const auto& [code, who] : people) {
        auto& deficit = *answer.add_deficits();
        deficit.set_competency_code(code);
        deficit.set_suppressed(who.size() < 5);
        if (who.size() >= 5) deficit.set_people_count(static_cast<int>(who.size()));
      }
      return absl::OkStatus();
    }
    return absl::UnimplementedError("");
  }
  absl::Status ServerStream(std::string_view, const google::protobuf::Message&,
                            google::protobuf::Message*, const std::function<bool()>&,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }
  absl::Status ClientStream(std::string_view, google::protobuf::Message*,
                            const std::function<bool()>&, google::protobuf::Message*,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }

  bool away = false, denied = false;
  std::string filter, deleted;  // a campaign listed and not known any more
  std::set<absl::Time> deadlines;
  int counts = 0;               // questions for counts
  std::set<std::string> towns;  // of these
  // Who lacks what, by campaign and competency. No town is told apart, and nothing is rounded.
  std::map<std::string, std::map<std::string, std::set<int>>> lacking;
};

class CoverageTest : public OrdersFixture {
 protected:
  CoverageTest() {
    diagnostics_ = played_diagnostics_;
    today_ = [this] { return absl::FromCivil(day_, absl::UTCTimeZone()); };
  }

  template <class R>
  absl::StatusOr<R> Report(rpc::Client& client, const std::string& method,
                           const std::string& text) {
    const auto* rpc = CoverageService::Contract()->FindMethodByName(method);
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(rpc->input_type())
            ->New());
    if (!google::protobuf::TextFormat::ParseFromString("parent: 'regions/86' " + text,
                                                       request.get())) {
      return absl::InvalidArgumentError("not a request: " + text);
    }
    R response;
    auto status = client.Unary(Cat(rpc->service()->full_name(), "/", method), *request, &response,
                               absl::Now() + absl::Seconds(60), false);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ListCompetencyCoverageResponse> Ask(const std::string& text = "") {
    return Report<v1::ListCompetencyCoverageResponse>(*admin_, "ListCompetencyCoverage", text);
  }
  absl::StatusOr<v1::ListUnmetOrderLinesResponse> AskUnmet(const std::string& text = "") {
    return Report<v1::ListUnmetOrderLinesResponse>(*admin_, "ListUnmetOrderLines", text);
  }
  // A line by subject alone.
  static std::string By(const std::string& id, int places, const std::string& subject) {
    return Cat("lines {id: '", id, "' places: ", places, " ground: ORDER_GROUND_DEFICIT ",
               "listener_category: LISTENER_CATEGORY_PEDAGOGUE ", subject, "} ");
  }
  // `a:NOBODY_TEACHES:3` of each.
  static std::string Told(const v1::ListCompetencyCoverageResponse& needs) {
    std::string told;
    for (const auto& need : needs.competencies()) {
      told = Cat(told, told.empty() ? "" : " ", IdOf(need.competency()), ":",
                 v1::CoverageState_Name(need.state()).substr(15), ":", need.demand());
    }
    return told;
  }
  static std::set<int> People(int first, int last) {
    std::set<int> people;
    for (int n = first; n <= last; ++n) people.insert(n);
    return people;
  }
  absl::CivilDay day_{2026, 3, 15};
  static std::string Campaign(int n) { return NameOf("86", "campaigns", Uuid(n)); }

  const std::shared_ptr<PlayedDiagnostics> played_diagnostics_ =
      std::make_shared<PlayedDiagnostics>();
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_FIXTURE_H_
