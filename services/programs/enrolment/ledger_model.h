// A naive model of the ledger of enrolments: what a clerk with a notebook would do. It knows no
// counters and no SQL; seats are counted by looking at everybody.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_LEDGER_MODEL_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_LEDGER_MODEL_H_

#include <algorithm>
#include <string>
#include <vector>

namespace rsnms::programs::model {

struct Person {
  int number = 0;  // who
  std::string state = "APPLIED";
  int group = -1;
  bool held = false;
  int day = 0;                                // of the last step, in March; 0 when none said
  int planned = 0;                            // last day of learning, in March; 0 when not planned
  bool mastered = false, taken_back = false;  // a completion was issued; and was a mistake

  friend bool operator==(const Person&, const Person&) = default;
};

struct Group {
  std::string state = "OPEN";
  int seats = 1;
  int end = 31;            // last day, in March
  std::vector<int> queue;  // enrolments that wait, in their order
};

enum class Kind {
  kApply,
  kCreate,
  kPlace,
  kPlan,
  kConfirm,
  kStart,
  kComplete,
  kFail,
  kWithdraw,
  kDefer,
  kResume,
  kTransfer,
  kVoid,
  kOpenGroup,
  kRunGroup,
  kFinishGroup,
  kCancelGroup,
  kResize,
  kEndGroup
};

struct Command {
  Kind kind = Kind::kApply;
  int e = 0, g = 0, p = 0;  // enrolment, group, person
  int day = 0;              // of the step, or the day planned
  int seats = 1;
  bool seat_only = false;
};

class Ledger {
 public:
  std::vector<Person> enrolments;
  std::vector<Group> groups;

  // Every command answers the reason it is refused for, or nothing; refused, it changes nothing.
  std::string Do(const Command& c) {
    switch (c.kind) {
      case Kind::kApply:
        return Apply(c.p, c.g, c.seat_only);
      case Kind::kCreate:
        if (Learns(c.p)) return "ALREADY_ENROLLED";
        enrolments.push_back({.number = c.p});
        return "";
      case Kind::kPlace:
        return Place(c.e, c.g);
      case Kind::kPlan:
        return Plan(c.e, c.day);
      case Kind::kTransfer:
        return Transfer(c.e, c.g, c.day);
      case Kind::kOpenGroup:
        return Move(c.g, "OPEN", {"PLANNED"});
      case Kind::kRunGroup:
        return Move(c.g, "RUNNING", {"OPEN"});
      case Kind::kFinishGroup:
        return Move(c.g, "FINISHED", {"RUNNING"});
      case Kind::kCancelGroup:
        return Move(c.g, "CANCELLED", {"PLANNED", "OPEN", "RUNNING"});
      case Kind::kResize:
        return Resize(c.g, c.seats);
      case Kind::kEndGroup:
        return EndOn(c.g, c.day);
      default:
        return Step(c);
    }
  }

  int Taken(int g) const {
    return static_cast<int>(
        std::count_if(enrolments.begin(), enrolments.end(),
                      [&](const auto& one) { return one.group == g && one.held; }));
  }
  // 0 when it does not wait.
  int Rank(int e) const {
    if (enrolments[e].group < 0) return 0;
    const auto& queue = groups[enrolments[e].group].queue;
    const auto found = std::find(queue.begin(), queue.end(), e);
    return found == queue.end() ? 0 : static_cast<int>(found - queue.begin()) + 1;
  }

 private:
  using States = std::vector<std::string>;

  // A step on an enrolment, with a day.
  std::string Step(const Command& c) {
    Person& one = enrolments[c.e];
    const auto from = [&](const States& states) {
      if (std::find(states.begin(), states.end(), one.state) == states.end()) {
        return "INVALID_STATE";
      }
      if (c.day >= one.day) return "";
      return c.kind == Kind::kComplete ? "OUT_OF_RANGE" : "STEP_OUT_OF_ORDER";
    };
    std::string no, to;
    switch (c.kind) {
      case Kind::kConfirm:
        no = from({"APPLIED"}), to = "ENROLLED";
        if (no.empty() && one.group >= 0 && !one.held) no = "SEAT_NOT_HELD";
        break;
      case Kind::kStart:
        no = from({"ENROLLED"}), to = "IN_PROGRESS";
        if (no.empty() && one.group >= 0 && groups[one.group].state != "RUNNING") {
          no = "GROUP_NOT_RUNNING";
        }
        break;
      case Kind::kResume:
        no = from({"DEFERRED"}), to = "ENROLLED";
        if (no.empty()) no = Return(one);
        break;
      case Kind::kComplete:
        no = from({"IN_PROGRESS"}), to = "COMPLETED";
        break;
      case Kind::kFail:
        no = from({"IN_PROGRESS"}), to = "FAILED";
        break;
      case Kind::kWithdraw:
        no = from({"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED"}), to = "WITHDRAWN";
        break;
      case Kind::kDefer:
        no = from({"ENROLLED", "IN_PROGRESS"}), to = "DEFERRED";
        break;
      default:
        no = from(
            {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED", "WITHDRAWN", "FAILED", "COMPLETED"});
        to = "VOID";
    }
    if (!no.empty()) return no;
    if (to == "COMPLETED") one.mastered = true;
    if (to == "VOID" && one.mastered) one.taken_back = true;
    one.day = c.day;
    if (to == "WITHDRAWN" || to == "DEFERRED" || to == "VOID") {
      StandUp(c.e, to);  // COMPLETED and FAILED have used the seat up
    } else {
      one.state = to;
    }
    return "";
  }
  std::string Return(Person& one) {
    if (one.group < 0) return "";
    if (!Takes(one.group)) return "GROUP_NOT_OPEN";
    if (Full(one.group)) return "NO_SEATS";
    if (Outside(one.planned, one.group)) return "DATES_OUTSIDE_GROUP";
    one.held = true;
    return "";
  }
  std::string Apply(int person, int g, bool seat_only) {
    if (groups[g].state != "OPEN") return "GROUP_NOT_OPEN";
    if (Full(g) && seat_only) return "NO_SEATS";
    if (Learns(person)) return "ALREADY_ENROLLED";
    enrolments.push_back({.number = person, .group = g});
    SitOrQueue(static_cast<int>(enrolments.size()) - 1, g);
    return "";
  }
  std::string Place(int e, int g) {
    Person& one = enrolments[e];
    if (!Active(one)) return "INVALID_STATE";
    if (one.group >= 0) return "IN_GROUP_ALREADY";
    if (one.state == "APPLIED" && groups[g].state == "RUNNING") return "GROUP_NOT_OPEN";
    if (const auto no = MayGoOn(one, g); !no.empty()) return no;
    if (Full(g) && one.state != "APPLIED") return "NO_SEATS";
    if (Outside(one.planned, g)) return "DATES_OUTSIDE_GROUP";
    one.group = g;
    SitOrQueue(e, g);
    return "";
  }
  std::string Plan(int e, int day) {
    Person& one = enrolments[e];
    if (one.group >= 0 && one.planned != day && Outside(day, one.group)) {
      return "DATES_OUTSIDE_GROUP";
    }
    one.planned = day;
    return "";
  }
  std::string Transfer(int e, int g, int day) {
    const Person old = enrolments[e];
    if (!Active(old) && old.state != "DEFERRED") return "INVALID_STATE";
    if (day < old.day) return "STEP_OUT_OF_ORDER";
    if (old.group < 0 || old.group == g) return "GROUP_MISMATCH";
    if (const auto no = MayGoOn(old, g); !no.empty()) return no;
    if (Full(g)) return "NO_SEATS";
    enrolments[e].day = day;
    StandUp(e, "TRANSFERRED");
    enrolments.push_back({.number = old.number,
                          .state = old.state == "DEFERRED" ? "ENROLLED" : old.state,
                          .group = g,
                          .held = true,
                          .day = day});
    return "";
  }
  bool Ended(int g) const {
    return groups[g].state == "FINISHED" || groups[g].state == "CANCELLED";
  }
  std::string Resize(int g, int seats) {
    if (Ended(g)) return "INVALID_STATE";
    if (seats < Taken(g)) return "SEATS_BELOW_TAKEN";
    groups[g].seats = seats;
    TakeIn(g);
    return "";
  }
  std::string EndOn(int g, int day) {
    if (Ended(g)) return "INVALID_STATE";
    for (const Person& one : enrolments) {
      if (one.group == g && Active(one) && one.planned > day) return "MEMBERS_OUTSIDE_DATES";
    }
    groups[g].end = day;
    return "";
  }
  std::string Move(int g, const std::string& to, const States& from) {
    if (std::find(from.begin(), from.end(), groups[g].state) == from.end()) return "INVALID_STATE";
    const bool ends = to == "FINISHED" || to == "CANCELLED";
    for (const Person& one : enrolments) {
      if (ends && one.group == g && Active(one)) return "GROUP_NOT_EMPTY";
    }
    groups[g].state = to;
    return "";
  }
  bool Outside(int day, int g) const { return day > groups[g].end; }
  static bool Active(const Person& one) {
    return one.state == "APPLIED" || one.state == "ENROLLED" || one.state == "IN_PROGRESS";
  }
  bool Learns(int person) const {
    return std::any_of(enrolments.begin(), enrolments.end(), [&](const auto& one) {
      return one.number == person && (Active(one) || one.state == "DEFERRED");
    });
  }
  bool Full(int g) const { return Taken(g) >= groups[g].seats; }
  bool Takes(int g) const { return groups[g].state == "OPEN" || groups[g].state == "RUNNING"; }
  std::string MayGoOn(const Person& one, int g) const {
    if (!Takes(g)) return "GROUP_NOT_OPEN";
    if (one.state == "IN_PROGRESS" && groups[g].state != "RUNNING") return "GROUP_NOT_RUNNING";
    return "";
  }
  void SitOrQueue(int e, int g) {
    if (Full(g)) {
      groups[g].queue.push_back(e);
    } else {
      enrolments[e].held = true;
    }
  }
  void StandUp(int e, const std::string& to) {
    Person& one = enrolments[e];
    one.state = to;
    one.held = false;
    if (one.group < 0) return;
    auto& queue = groups[one.group].queue;
    queue.erase(std::remove(queue.begin(), queue.end(), e), queue.end());
    TakeIn(one.group);
  }
  void TakeIn(int g) {
    while (!Full(g) && !groups[g].queue.empty()) {
      enrolments[groups[g].queue.front()].held = true;
      groups[g].queue.erase(groups[g].queue.begin());
    }
  }
};

}  // namespace rsnms::programs::model

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_LEDGER_MODEL_H_
