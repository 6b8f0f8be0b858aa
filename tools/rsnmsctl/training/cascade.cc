// Who learned a programme of the cascade teaches colleagues: sessions held, one ahead, one
// cancelled.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

constexpr size_t kSessions = 5, kParticipants = 6;

// One for each body: the first by name of the enrolment.
std::vector<Somebody> Leaders(const Roll& roll, const std::string& programme) {
  const std::map<std::string, programs::v1::Enrolment> sorted(roll.enrolments().begin(),
                                                              roll.enrolments().end());
  std::map<std::string, Somebody> by_body;
  for (const auto& [name, e] : sorted) {
    if (e.programme() != programme || e.state() != programs::v1::Enrolment::STATE_COMPLETED ||
        e.municipality().empty()) {
      continue;
    }
    by_body.emplace(e.organisation(), Somebody{e.person(), e.organisation(), e.municipality()});
  }
  std::vector<Somebody> leaders;
  for (const auto& [body, leader] : by_body) {
    if (leaders.size() < kSessions) leaders.push_back(leader);
  }
  return leaders;
}

}  // namespace

absl::Status TeachOn(const Desk& desk, const Roll& roll, const std::string& programme) {
  if (programme.empty()) return absl::OkStatus();
  const int year = desk.options().year;
  const std::vector<Somebody> leaders = Leaders(roll, programme);
  std::vector<Acts> stories;
  for (size_t i = 0; i < leaders.size(); ++i) {
    const Somebody& leader = leaders[i];
    const auto colleagues = StaffOf(desk, leader.organisation, kParticipants + 1);
    if (!colleagues.ok()) return colleagues.status();
    std::string session =
        absl::StrCat(Text("programme", programme), Text("organisation", leader.organisation),
                     Text("municipality", leader.municipality), Text("leader", leader.person),
                     Text("title", "Передача опыта коллегам: приёмы программы на практике"),
                     "hours: 4 ", On("planned_date", year, 8, 27));
    size_t named = 0;
    for (const Somebody& who : *colleagues) {
      if (who.person == leader.person || named++ == kParticipants) continue;
      absl::StrAppend(&session, Text("participants", who.person));
    }
    if (named == 0) continue;
    const std::string name = desk.NameOf("cascadeSessions", leader.organisation);
    Acts acts = {
        {"Learning/CreateCascadeSession", Creation(desk, "cascade_session", name, session)}};
    const std::string called = Text("name", name);
    if (i == 1) {
      acts.push_back({"Learning/CancelCascadeSession",
                      absl::StrCat(called, Text("state_reason", "Ведущий заболел"))});
    } else if (i != 2) {
      acts.push_back(
          {"Learning/HoldCascadeSession", absl::StrCat(called, On("held_date", year, 8, 27))});
    }
    stories.push_back(std::move(acts));
  }
  return desk.PlayAll(stories);
}

}  // namespace rsnms::ctl
