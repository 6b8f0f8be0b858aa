// The registry with its bodies and communities, and the things their tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_FIXTURE_H_

#include <memory>
#include <string>

#include "services/registry/area_fixture.h"
#include "services/registry/community/community.h"

namespace rsnms::registry {

class CommunitiesTest : public AreaTest {
 protected:
  CommunitiesTest()
      : AreaTest(CommunitiesContract(), [this](service::Host& host) {
          AddCommunityRules(host.engine());
          area_ = std::make_unique<CommunitiesService>(host.engine());
          area_->Serve(host.server());
        }) {}

  std::string Body(const std::string& kind = "METHOD_COUNCIL", const std::string& more = "") {
    return NameOf(Create<v1::Community>(
        "community",
        absl::StrCat("title: 'Объединение' kind: COMMUNITY_KIND_", kind,
                     " act: REGULATION_ACT_DAGESTAN organisation: '", school_, "' ", more)));
  }
  absl::StatusOr<v1::Membership> Join(const std::string& body, const std::string& person,
                                      const std::string& role = "MEMBER",
                                      const std::string& more = "") {
    return Create<v1::Membership>(
        "membership",
        absl::StrCat("community: '", body, "' person: '", person, "' role: COMMUNITY_ROLE_", role,
                     " start_date ", Day(2024, 1, 1), more));
  }
  // A body at work, with a chair.
  std::string WorkingBody(const std::string& kind = "METHOD_COUNCIL",
                          const std::string& more = "") {
    const std::string body = Body(kind, more);
    chair_ = Person();
    NameOf(Join(body, chair_, "CHAIR"));
    NameOf(
        Step<v1::Community>("EstablishCommunity", body,
                            "established_date " + Day(2024, 1, 1) +
                                "founding_document: 'приказ 1' decision_document: 'протокол 1'"));
    NameOf(Step<v1::Community>("ActivateCommunity", body, "active_date " + Day(2024, 2, 1)));
    return body;
  }
  std::string Plan(const std::string& body) {
    return NameOf(
        Create<v1::Meeting>("meeting", absl::StrCat("community: '", body, "' planned_date ",
                                                    Day(2024, 9, 1), "agenda {title: 'План'}")));
  }
  absl::StatusOr<v1::Meeting> Hold(const std::string& meeting,
                                   const std::vector<std::string>& attendees) {
    std::string text = "held_date " + Day(2024, 9, 2);
    for (const auto& person : attendees) text += " attendees: '" + person + "'";
    return Step<v1::Meeting>("HoldMeeting", meeting, text);
  }
  absl::StatusOr<v1::Meeting> Record(const std::string& meeting) {
    return Step<v1::Meeting>("ApproveMinutes", meeting,
                             "minutes_date " + Day(2024, 9, 3) + "minutes_document: 'протокол 2'");
  }
  absl::StatusOr<v1::MeetingDecision> Decide(const std::string& meeting, int number = 1) {
    return Create<v1::MeetingDecision>("meeting_decision",
                                       absl::StrCat("meeting: '", meeting, "' number: ", number,
                                                    " text: 'Подготовить отчёт' owner: '", chair_,
                                                    "' due_date ", Day(2024, 12, 1)));
  }

  std::unique_ptr<CommunitiesService> area_;
  std::string chair_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_FIXTURE_H_
