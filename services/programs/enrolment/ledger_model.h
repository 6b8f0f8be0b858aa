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
};

struct Group {
  std::string state = "OPEN";
  int seats = 1;
  std::vector<int> queue;  // enrolments that wait, in their order
};

class Ledger {
 public:
  std::vector<Person> enrolments;
  std::vector<Group> groups;

  // Every command answers the reason it is refused for, or nothing; refused, it changes nothing.
  std::string Apply(int person, int g, bool seat_only) {
    if (groups[g].state != "OPEN") return "GROUP_NOT_OPEN";
    if (Full(g) && seat_only) return "NO_SEATS";
    if (Learns(person)) return "ALREADY_ENROLLED";
    enrolments.push_back({person, "APPLIED", g, false});
    SitOrQueue(static_cast<int>(enrolments.size()) - 1, g);
    return "";
  }
  std::string Create(int person) {
    if (Learns(person)) return "ALREADY_ENROLLED";
    enrolments.push_back({person, "APPLIED", -1, false});
    return "";
  }
  std::string Place(int e, int g) {
    Person& one = enrolments[e];
    if (!Active(one)) return "INVALID_STATE";
    if (one.group >= 0) return "IN_GROUP_ALREADY";
    if (const auto no = MayGoOn(one, g); !no.empty()) return no;
    if (Full(g) && one.state != "APPLIED") return "NO_SEATS";
    one.group = g;
    SitOrQueue(e, g);
    return "";
  }
  std::string Confirm(int e) {
    Person& one = enrolments[e];
    if (one.state != "APPLIED") return "INVALID_STATE";
    if (one.group >= 0 && !one.held) return "SEAT_NOT_HELD";
    one.state = "ENROLLED";
    return "";
  }
  std::string Start(int e) {
    Person& one = enrolments[e];
    if (one.state != "ENROLLED") return "INVALID_STATE";
    if (one.group >= 0 && groups[one.group].state != "RUNNING") return "GROUP_NOT_RUNNING";
    one.state = "IN_PROGRESS";
    return "";
  }
  std::string End(int e, const std::string& to) {  // COMPLETED or FAILED: the seat is used up
    if (enrolments[e].state != "IN_PROGRESS") return "INVALID_STATE";
    enrolments[e].state = to;
    return "";
  }
  std::string Leave(int e, const std::string& to, const std::vector<std::string>& from) {
    if (std::find(from.begin(), from.end(), enrolments[e].state) == from.end()) {
      return "INVALID_STATE";
    }
    StandUp(e, to);
    return "";
  }
  std::string Resume(int e) {
    Person& one = enrolments[e];
    if (one.state != "DEFERRED") return "INVALID_STATE";
    if (one.group >= 0) {
      if (!Takes(one.group)) return "GROUP_NOT_OPEN";
      if (Full(one.group)) return "NO_SEATS";
      one.held = true;
    }
    one.state = "ENROLLED";
    return "";
  }
  std::string Transfer(int e, int g) {
    const Person old = enrolments[e];
    if (!Active(old) && old.state != "DEFERRED") return "INVALID_STATE";
    if (old.group < 0 || old.group == g) return "GROUP_MISMATCH";
    if (const auto no = MayGoOn(old, g); !no.empty()) return no;
    if (Full(g)) return "NO_SEATS";
    StandUp(e, "TRANSFERRED");
    enrolments.push_back({old.number, old.state == "DEFERRED" ? "ENROLLED" : old.state, g, true});
    return "";
  }
  std::string Resize(int g, int seats) {
    if (groups[g].state == "FINISHED" || groups[g].state == "CANCELLED") return "INVALID_STATE";
    if (seats < Taken(g)) return "SEATS_BELOW_TAKEN";
    groups[g].seats = seats;
    TakeIn(g);
    return "";
  }
  std::string Move(int g, const std::string& to, const std::vector<std::string>& from) {
    if (std::find(from.begin(), from.end(), groups[g].state) == from.end()) return "INVALID_STATE";
    const bool ends = to == "FINISHED" || to == "CANCELLED";
    for (const Person& one : enrolments) {
      if (ends && one.group == g && Active(one)) return "GROUP_NOT_EMPTY";
    }
    groups[g].state = to;
    return "";
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
