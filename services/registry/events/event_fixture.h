// The registry with its events and contests, and the things their tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_FIXTURE_H_

#include <memory>
#include <string>

#include "services/registry/area_fixture.h"
#include "services/registry/events/events.h"

namespace rsnms::registry {

class EventsTest : public AreaTest {
 protected:
  EventsTest()
      : AreaTest(EventsContract(), [this](service::Host& host) {
          AddEventRules(host.engine());
          area_ = std::make_unique<EventsService>(host.engine());
          area_->Serve(host.server());
        }) {}

  std::string Event(const std::string& more = "", const std::string& day = Day(2024, 10, 5)) {
    return NameOf(
        Create<v1::Event>("event", absl::StrCat("title: 'Семинар' form: EVENT_FORM_SEMINAR level: "
                                                "ACTIVITY_LEVEL_MUNICIPALITY organisation: '",
                                                school_, "' start_date ", day, more)));
  }
  std::string OpenEvent(const std::string& more = "") {
    const std::string event = Event(more);
    NameOf(Step<v1::Event>("OpenEventRegistration", event));
    return event;
  }
  absl::StatusOr<v1::Participation> Register(const std::string& event, const std::string& person,
                                             const std::string& role = "LISTENER") {
    return Create<v1::Participation>("participation",
                                     absl::StrCat("event: '", event, "' person: '", person,
                                                  "' role: PARTICIPATION_ROLE_", role));
  }
  absl::StatusOr<v1::Event> Hold(const std::string& event) {
    return Step<v1::Event>("HoldEvent", event, "held_date " + Day(2024, 10, 5));
  }
  std::string Contest(const std::string& more = "", int year = 2024,
                      const std::string& level = "REGION") {
    return NameOf(Create<v1::Contest>(
        "contest", absl::StrCat("title: 'Учитель года' level: ACTIVITY_LEVEL_", level,
                                " year: ", year, " organisation: '", school_, "' ", more)));
  }
  std::string OpenContest(const std::string& more = "", int year = 2024,
                          const std::string& level = "REGION") {
    const std::string contest = Contest(more, year, level);
    NameOf(Step<v1::Contest>("OpenContest", contest));
    return contest;
  }
  absl::StatusOr<v1::ContestEntry> Enter(const std::string& contest, const std::string& person,
                                         const std::string& more = "") {
    return Create<v1::ContestEntry>(
        "contest_entry", absl::StrCat("contest: '", contest, "' person: '", person, "' ", more));
  }
  absl::StatusOr<v1::ContestEntry> Judge(const std::string& entry, const std::string& award,
                                         int place) {
    return Step<v1::ContestEntry>(
        "JudgeContestEntry", entry,
        absl::StrCat("award: CONTEST_AWARD_", award, " place: ", place, " points {value: '87.5'}"));
  }
  absl::StatusOr<v1::Contest> Approve(const std::string& contest) {
    return Step<v1::Contest>("ApproveContestResults", contest,
                             "results_document: 'приказ' results_date " + Day(2024, 12, 1));
  }
  std::string PlanOf(const std::string& organisation, int year) {
    return NameOf(Create<v1::EventPlan>(
        "event_plan", absl::StrCat("organisation: '", organisation, "' year: ", year,
                                   " level: ACTIVITY_LEVEL_MUNICIPALITY")));
  }

  std::unique_ptr<EventsService> area_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_FIXTURE_H_
