#include "services/programs/catalogue/syllabus_rules.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs::syllabus_rules {
namespace {

using v1::LessonHours;

struct Kind {
  const char* field;
  const char* title_ru;
  int32_t (LessonHours::*hours)() const;
};
constexpr std::array<Kind, 6> kKinds = {{
    {"lecture_hours", "лекции", &LessonHours::lecture_hours},
    {"practical_hours", "практические занятия", &LessonHours::practical_hours},
    {"internship_hours", "стажировка", &LessonHours::internship_hours},
    {"independent_hours", "самостоятельная работа", &LessonHours::independent_hours},
    {"control_hours", "аттестация", &LessonHours::control_hours},
    {"distance_hours", "с дистанционными технологиями", &LessonHours::distance_hours},
}};
constexpr size_t kInternship = 2, kDistance = 5;

// Hours by kind, wide enough for any number of parts.
using Sums = std::array<int64_t, kKinds.size()>;

int64_t WholeOf(const Sums& sums) {
  int64_t whole = 0;
  for (size_t i = 0; i < kDistance; ++i) whole += sums[i];
  return whole;
}

Sums SumsOf(const LessonHours& hours) {
  Sums sums;
  for (size_t i = 0; i < kKinds.size(); ++i) sums[i] = (hours.*kKinds[i].hours)();
  return sums;
}

// Goes down the tree and gathers what disagrees.
class Walk {
 public:
  // Answers the node's own hours; `parts` is false for what has none.
  template <class Node>
  Sums Judge(const Node& node, const std::string& path, bool parts, const Sums& of_parts) {
    const Sums own = SumsOf(node.hours());
    if (WholeOf(own) == 0) Disagree(Cat(path, ".hours"), "has no hours", "часы не указаны");
    if (own[kDistance] > WholeOf(own)) {
      Disagree(Cat(path, ".hours.distance_hours"), "is more than the whole",
               "дистанционных часов больше, чем всего");
    }
    if (!parts) {
      if (node.hours().control_hours() > 0 && node.control() == v1::CONTROL_FORM_UNSPECIFIED) {
        without_control_.push_back(Cat(path, ".control"));
      }
      return own;
    }
    for (size_t i = 0; i < kKinds.size(); ++i) {
      if (own[i] == of_parts[i]) continue;
      Disagree(Cat(path, ".hours.", kKinds[i].field),
               Cat("is ", own[i], ", its parts add up to ", of_parts[i]),
               Cat(kKinds[i].title_ru, ": указано ", own[i], ", по частям ", of_parts[i]));
    }
    return own;
  }

  void Disagree(std::string path, std::string en, std::string ru) {
    disagreements_.push_back({std::move(path), std::move(en), std::move(ru)});
  }

  absl::Status Verdict() const {
    if (!disagreements_.empty()) {
      rpc::Error error(absl::StatusCode::kInvalidArgument,
                       v1::PROGRAMS_REASON_SYLLABUS_SUMS_DISAGREE,
                       "the hours of the syllabus do not add up");
      for (const Said& said : disagreements_) error.Field(said.path, said.en, said.ru);
      return error;
    }
    if (without_control_.empty()) return absl::OkStatus();
    rpc::Error error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_CONTROL_FORM_REQUIRED,
                     "hours of control without a form of it");
    for (const std::string& path : without_control_) {
      error.Field(path, "must be named", "укажите форму контроля");
    }
    return error;
  }

 private:
  struct Said {
    std::string path, en, ru;
  };
  std::vector<Said> disagreements_;
  std::vector<std::string> without_control_;
};

void Add(const Sums& part, Sums& sums) {
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += part[i];
}

Sums WalkModule(const v1::SyllabusModule& module, const std::string& path, Walk& walk) {
  Sums topics = {};
  for (int i = 0; i < module.topics_size(); ++i) {
    Add(walk.Judge(module.topics(i), Cat(path, ".topics[", i, "]"), false, {}), topics);
  }
  return walk.Judge(module, path, module.topics_size() > 0, topics);
}

Sums WalkSection(const v1::SyllabusSection& section, const std::string& path, Walk& walk) {
  Sums modules = {};
  for (int i = 0; i < section.modules_size(); ++i) {
    Add(WalkModule(section.modules(i), Cat(path, ".modules[", i, "]"), walk), modules);
  }
  return walk.Judge(section, path, section.modules_size() > 0, modules);
}

}  // namespace

int64_t Total(const LessonHours& hours) { return WholeOf(SumsOf(hours)); }

absl::Status Check(const v1::ProgrammeVersion& version) {
  if (version.syllabus().empty()) return absl::OkStatus();
  Walk walk;
  Sums whole = {};
  for (int i = 0; i < version.syllabus_size(); ++i) {
    Add(WalkSection(version.syllabus(i), Cat("syllabus[", i, "]"), walk), whole);
  }
  const int64_t total = WholeOf(whole);
  if (total != version.duration_hours()) {
    walk.Disagree("duration_hours",
                  Cat("is ", version.duration_hours(), ", the syllabus adds up to ", total),
                  Cat("объём ", version.duration_hours(), " часов, по плану ", total));
  }
  if (whole[kInternship] != version.internship_hours()) {
    walk.Disagree(
        "internship_hours",
        Cat("is ", version.internship_hours(), ", the syllabus has ", whole[kInternship]),
        Cat("стажировки ", version.internship_hours(), " часов, по плану ", whole[kInternship]));
  }
  if (whole[kDistance] > 0 && !version.distance()) {
    walk.Disagree("distance", "the syllabus has distance hours",
                  "в плане есть часы с дистанционными технологиями");
  }
  return walk.Verdict();
}

}  // namespace rsnms::programs::syllabus_rules
