#include "tools/rsnmsctl/training/roll.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/programs/v1/training_service.pb.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;
using v1::Enrolment;
using v1::Group;

constexpr int kBatch = 500;
constexpr int kSeats = 25;

bool Lives(const Enrolment& enrolment) {
  return enrolment.state() == Enrolment::STATE_APPLIED ||
         enrolment.state() == Enrolment::STATE_ENROLLED ||
         enrolment.state() == Enrolment::STATE_IN_PROGRESS ||
         enrolment.state() == Enrolment::STATE_DEFERRED;
}

std::string Learning(const Enrolment& enrolment) {
  return absl::StrCat(enrolment.person(), " ", enrolment.programme());
}

// The names of learners to whom something is still to be done, by what.
template <class Condition>
std::vector<const Learner*> Those(const std::vector<Learner>& learners, Condition condition) {
  std::vector<const Learner*> chosen;
  for (const Learner& learner : learners) {
    if (condition(learner)) chosen.push_back(&learner);
  }
  return chosen;
}

// How a learner who does not complete ends, or goes on.
Act EndOf(const Learner& learner, int year) {
  const std::string name = Text("name", learner.enrolment.name());
  switch (learner.fate) {
    case Fate::kWithdraws:
      return {"Programs/WithdrawEnrolment", absl::StrCat(name, Text("reason", "Смена места работы"),
                                                         On("state_date", year, 5, 12))};
    case Fate::kFails:
      return {"Programs/FailEnrolment",
              absl::StrCat(name, Text("reason", "Итоговая аттестация не пройдена"),
                           On("state_date", year, 6, 20))};
    default:
      return {"Training/DeferEnrolment",
              absl::StrCat(name, Text("reason", "Академический отпуск по заявлению"),
                           On("state_date", year, 5, 20), On("deferred_until_date", year, 9, 1))};
  }
}

}  // namespace

absl::Status Roll::Read() {
  v1::ListEnrolmentsRequest enrolments;
  enrolments.set_parent(desk_.parent());
  auto status = ForEachPage<v1::ListEnrolmentsRequest, v1::ListEnrolmentsResponse>(
      desk_.session(), "rsnms.programs.v1.Programs/ListEnrolments", enrolments,
      [&](const auto& page) {
        for (const Enrolment& each : page.enrolments()) enrolments_[each.name()] = each;
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  v1::ListGroupsRequest groups;
  groups.set_parent(desk_.parent());
  return ForEachPage<v1::ListGroupsRequest, v1::ListGroupsResponse>(
      desk_.session(), "rsnms.programs.v1.Training/ListGroups", groups, [&](const auto& page) {
        for (const Group& each : page.groups()) groups_[each.name()] = each;
        return absl::OkStatus();
      });
}

absl::Status Roll::Lead(std::vector<Learner> learners) {
  if (auto s = Enrol(learners); !s.ok()) return s;
  std::sort(learners.begin(), learners.end(), [](const Learner& a, const Learner& b) {
    return a.enrolment.name() < b.enrolment.name();
  });
  learners.erase(std::remove_if(learners.begin(), learners.end(),
                                [&](const Learner& learner) {
                                  return enrolments_.count(learner.enrolment.name()) == 0;
                                }),
                 learners.end());
  const auto plans = PlanGroups(learners);
  if (auto s = Open(plans); !s.ok()) return s;
  if (auto s = Place(plans); !s.ok()) return s;
  if (auto s = Complete(learners); !s.ok()) return s;
  return End(learners);
}

absl::Status Roll::Enrol(const std::vector<Learner>& learners) {
  absl::flat_hash_set<std::string> living;
  for (const auto& [name, enrolment] : enrolments_) {
    if (Lives(enrolment)) living.insert(Learning(enrolment));
  }
  const auto missing = Those(learners, [&](const Learner& learner) {
    return enrolments_.count(learner.enrolment.name()) == 0 &&
           living.insert(Learning(learner.enrolment)).second;
  });
  Progress progress("Обучение: зачислено", static_cast<int64_t>(missing.size()));
  for (size_t begin = 0; begin < missing.size(); begin += kBatch) {
    v1::BatchCreateEnrolmentsRequest request;
    request.set_parent(desk_.parent());
    request.set_initial_state(Enrolment::STATE_IN_PROGRESS);
    request.set_request_id(NewRequestId());
    for (size_t i = begin; i < missing.size() && i < begin + kBatch; ++i) {
      *request.add_enrolments() = missing[i]->enrolment;
    }
    v1::BatchCreateEnrolmentsResponse created;
    if (auto s = desk_.session().Call("rsnms.programs.v1.Programs/BatchCreateEnrolments", request,
                                      &created);
        !s.ok()) {
      return s;
    }
    for (const Enrolment& each : created.enrolments()) enrolments_[each.name()] = each;
    progress.Add(created.enrolments_size());
  }
  return absl::OkStatus();
}

bool Roll::IsOurs(const std::string& programme) const {
  const auto found = programmes_.find(programme);
  return found != programmes_.end() && !found->second.provider().empty();
}

std::vector<Roll::Plan> Roll::PlanGroups(const std::vector<Learner>& learners) {
  std::map<std::pair<std::string, bool>, std::vector<std::string>> waiting;
  for (const Learner& learner : learners) {
    const Enrolment& now = enrolments_.at(learner.enrolment.name());
    if (now.state() != Enrolment::STATE_IN_PROGRESS || !now.group().empty()) continue;
    if (!IsOurs(now.programme())) continue;
    waiting[{now.programme(), learner.first_stream()}].push_back(now.name());
  }
  const int year = desk_.options().year;
  std::vector<Plan> plans;
  for (const auto& [stream, names] : waiting) {
    const auto& [programme, first] = stream;
    size_t placed = 0;
    for (int number = 1; placed < names.size(); ++number) {
      const std::string name =
          desk_.NameOf("groups", absl::StrCat(programme, first ? " first " : " second ", number));
      const auto known = groups_.find(name);
      const bool open = known == groups_.end() || known->second.state() == Group::STATE_PLANNED ||
                        known->second.state() == Group::STATE_OPEN ||
                        known->second.state() == Group::STATE_RUNNING;
      const int taken = known == groups_.end() ? 0 : known->second.taken_seats();
      if (!open || taken >= kSeats) continue;
      Plan plan;
      plan.group.set_name(name);
      plan.group.set_programme(programme);
      plan.group.set_code(absl::StrCat("ПК-", year, "-", std::string(IdOf(programme).substr(0, 4)),
                                       first ? "-В" : "-О", number));
      for (int seat = taken; seat < kSeats && placed < names.size(); ++seat) {
        plan.learners.push_back(names[placed++]);
      }
      plans.push_back(std::move(plan));
    }
  }
  return plans;
}

absl::Status Roll::Open(const std::vector<Plan>& plans) {
  const int year = desk_.options().year;
  std::vector<Acts> stories;
  for (const Plan& plan : plans) {
    const auto& programme = programmes_.at(plan.group.programme());
    const bool first = plan.group.code().find("-В") != std::string::npos;
    const auto form = programme.form() == v1::STUDY_FORM_UNSPECIFIED ? v1::STUDY_FORM_PART_TIME
                                                                     : programme.form();
    const std::string group =
        absl::StrCat(Text("programme", programme.name()), Text("provider", programme.provider()),
                     Text("code", plan.group.code()), "form: ", v1::StudyForm_Name(form),
                     " seats: ", kSeats, " ", On("start_date", year, 4, 10),
                     first ? On("end_date", year, 6, 20) : On("end_date", year, 12, 15));
    const std::string name = Text("name", plan.group.name());
    stories.push_back({{"Training/CreateGroup", Creation(desk_, "group", plan.group.name(), group)},
                       {"Training/OpenGroup", name},
                       {"Training/RunGroup", name}});
  }
  return desk_.PlayAll(stories);
}

absl::Status Roll::Place(const std::vector<Plan>& plans) {
  std::vector<std::pair<std::string, std::string>> places;  // enrolment, group
  for (const Plan& plan : plans) {
    for (const std::string& learner : plan.learners)
      places.emplace_back(learner, plan.group.name());
  }
  std::vector<Enrolment> placed(places.size());
  auto status = Together(places.size(), [&](size_t i) {
    return desk_.Tell("Training/PlaceEnrolment",
                      absl::StrCat(Text("name", places[i].first), Text("group", places[i].second)),
                      &placed[i]);
  });
  if (!status.ok()) return status;
  for (Enrolment& each : placed) {
    const std::string name = each.name();
    enrolments_[name] = std::move(each);
  }
  return absl::OkStatus();
}

absl::Status Roll::Complete(const std::vector<Learner>& learners) {
  const auto those = Those(learners, [&](const Learner& learner) {
    return learner.fate == Fate::kCompletes &&
           enrolments_.at(learner.enrolment.name()).state() == Enrolment::STATE_IN_PROGRESS;
  });
  const int year = desk_.options().year;
  for (size_t begin = 0; begin < those.size(); begin += kBatch) {
    v1::BatchCompleteEnrolmentsRequest request;
    request.set_parent(desk_.parent());
    request.set_request_id(NewRequestId());
    for (size_t i = begin; i < those.size() && i < begin + kBatch; ++i) {
      auto* done = request.add_requests();
      done->set_name(those[i]->enrolment.name());
      done->set_certificate_number(
          absl::StrCat("ПК-", year, "-", std::string(IdOf(done->name()).substr(0, 18))));
      auto& day = *done->mutable_completion_date();
      day.set_year(year);
      day.set_month(6);
      day.set_day(20);
    }
    v1::BatchCompleteEnrolmentsResponse completed;
    if (auto s = desk_.session().Call("rsnms.programs.v1.Programs/BatchCompleteEnrolments", request,
                                      &completed);
        !s.ok()) {
      return s;
    }
    for (const auto& completion : completed.completions()) {
      enrolments_[completion.enrolment()].set_state(Enrolment::STATE_COMPLETED);
    }
  }
  return absl::OkStatus();
}

absl::Status Roll::End(const std::vector<Learner>& learners) {
  const auto those = Those(learners, [&](const Learner& learner) {
    return learner.fate != Fate::kCompletes && learner.fate != Fate::kLearns &&
           enrolments_.at(learner.enrolment.name()).state() == Enrolment::STATE_IN_PROGRESS;
  });
  std::vector<Enrolment> ended(those.size());
  auto status = Together(those.size(), [&](size_t i) {
    const Act act = EndOf(*those[i], desk_.options().year);
    return desk_.Tell(act.method, act.fields, &ended[i]);
  });
  if (!status.ok()) return status;
  for (Enrolment& each : ended) {
    const std::string name = each.name();
    enrolments_[name] = std::move(each);
  }
  return absl::OkStatus();
}

std::vector<std::string> Roll::GroupsOf(const std::string& programme) const {
  std::vector<std::string> names;
  for (const auto& [name, group] : groups_) {
    if (group.programme() == programme) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status Roll::FinishGroups() {
  absl::flat_hash_set<std::string> busy;
  for (const auto& [name, enrolment] : enrolments_) {
    if (Lives(enrolment) && enrolment.state() != Enrolment::STATE_DEFERRED) {
      busy.insert(enrolment.group());
    }
  }
  if (auto s = Read(); !s.ok()) return s;
  std::vector<Acts> stories;
  for (const auto& [name, group] : groups_) {
    const bool over = group.state() == Group::STATE_RUNNING && group.end_date().month() <= 6 &&
                      group.end_date().year() == desk_.options().year;
    if (over && !busy.contains(name))
      stories.push_back({{"Training/FinishGroup", Text("name", name)}});
  }
  return desk_.PlayAll(stories);
}

}  // namespace rsnms::ctl
