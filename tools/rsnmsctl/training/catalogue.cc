// What the region writes itself: rules of expertise, a programme of the institute's through
// expertise to the register, one under expertise, one still being written for what nobody teaches.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/practices_service.pb.h"
#include "tools/rsnmsctl/training/expertise.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;
using v1::Programme;

constexpr int kControlHours = 2;

// Registered experts on programmes, by name.
absl::StatusOr<std::vector<std::string>> ProgrammeExperts(const Desk& desk) {
  registry::v1::ListExpertsRequest list;
  list.set_parent(desk.parent());
  list.set_filter("state = REGISTERED");
  list.set_page_size(1000);
  registry::v1::ListExpertsResponse page;
  if (auto s = desk.session().Call("rsnms.registry.v1.Practices/ListExperts", list, &page);
      !s.ok()) {
    return s;
  }
  std::vector<std::string> names;
  for (const auto& each : page.experts()) {
    const auto& fields = each.fields();
    if (std::find(fields.begin(), fields.end(), registry::v1::EXPERT_FIELD_PROGRAMME) !=
        fields.end()) {
      names.push_back(each.name());
    }
  }
  return names;
}

Acts Rules(const Desk& desk) {
  std::string rules = absl::StrCat(Text("document", "Положение об экспертизе программ (выдумано)"),
                                   On("start_date", desk.options().year, 1, 1),
                                   "least_experts: 2 conflict_days: 365 ");
  const std::pair<const char*, const char*> criteria[] = {
      {"relevance", "Отвечает профессиональным дефицитам"},
      {"structure", "Учебный план и содержание согласованы"},
      {"assessment", "Оценочные материалы проверяют результаты"}};
  for (const auto& [code, title] : criteria) {
    absl::StrAppend(&rules, "criteria { ", Text("code", code), Text("title", title),
                    "max_mark: 5 } ");
  }
  return {{"Catalogue/CreateTrainingRules",
           Creation(desk, "training_rules", desk.NameOf("trainingRules", "expertise"), rules)}};
}

// A section of lectures and practice and the final control: as many hours as the programme has.
std::string Syllabus(int hours) {
  const int lectures = (hours - kControlHours) / 3;
  return absl::StrCat("syllabus { title: 'Содержание и методы' hours { lecture_hours: ", lectures,
                      " practical_hours: ", hours - kControlHours - lectures,
                      " } } syllabus { title: 'Итоговая аттестация' hours { control_hours: ",
                      kControlHours, " } control: CONTROL_FORM_CREDIT } ");
}

// The next version of a programme says what the programme says, and all that experts judge.
std::string VersionOf(const Programme& p, const std::vector<Somebody>& authors, bool cascade) {
  std::string version = absl::StrCat(
      Text("programme", p.name()), Text("title", p.title()),
      "kind: ", v1::ProgrammeKind_Name(p.kind()), " ", Text("provider", p.provider()),
      Text("provider_title",
           p.provider_title().empty() ? "Институт развития образования" : p.provider_title()),
      p.provider_inn().empty() ? "" : Text("provider_inn", p.provider_inn()),
      "duration_hours: ", p.duration_hours(), " form: ",
      v1::StudyForm_Name(p.form() == v1::STUDY_FORM_UNSPECIFIED ? v1::STUDY_FORM_PART_TIME
                                                                : p.form()),
      p.distance() ? " distance: true" : "", cascade ? " cascade: true " : " ",
      p.annotation().empty() ? "" : Text("annotation", p.annotation()));
  if (!p.for_managers() || p.for_pedagogues()) {
    version += "listener_categories: LISTENER_CATEGORY_PEDAGOGUE ";
  }
  if (p.for_managers()) version += "listener_categories: LISTENER_CATEGORY_MANAGER ";
  for (const auto& covered : p.competencies()) {
    absl::StrAppend(&version, "competencies { ", covered.ShortDebugString(), " } ");
  }
  for (const auto& topic : p.topic_codes()) absl::StrAppend(&version, Text("topic_codes", topic));
  for (const Somebody& author : authors) absl::StrAppend(&version, Text("authors", author.person));
  return absl::StrCat(
      version, Syllabus(p.duration_hours()),
      Text("goal", "Совершенствование профессиональных компетенций слушателей"),
      Text("planned_results", "Слушатель применяет освоенные приёмы в своей работе"),
      Text("conditions", "Аудитория, система дистанционного обучения, преподаватели-практики"),
      Text("assessment_materials", "Практические задания"), "final_control: CONTROL_FORM_CREDIT ");
}

// The institute's programme in the register that most have mastered and that asks for no partners
// and no internship; by name of equals. Null when there is none.
const Programme* MostMastered(const Programmes& programmes, const Roll& roll) {
  std::map<std::string, int> mastered;
  for (const auto& [name, enrolment] : roll.enrolments()) {
    mastered[enrolment.programme()] +=
        enrolment.state() == v1::Enrolment::STATE_COMPLETED && !enrolment.municipality().empty();
  }
  const Programme* best = nullptr;
  int most = 0;
  for (const auto& [name, count] : mastered) {
    const auto found = programmes.find(name);
    if (found == programmes.end() || count <= most) continue;
    const Programme& p = found->second;
    const bool plain = !p.provider().empty() && !p.network() && p.internship_hours() == 0 &&
                       p.register_state() == v1::REGISTER_STATE_LISTED &&
                       p.kind() == v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT;
    if (!plain) continue;
    best = &p;
    most = count;
  }
  return best;
}

// A programme of the institute's own beside the register; the first by title.
const Programme* OwnProgramme(const Programmes& programmes) {
  const Programme* first = nullptr;
  for (const auto& [name, p] : programmes) {
    if (p.provider().empty() || !p.federal_register_number().empty()) continue;
    if (first == nullptr || p.title() < first->title()) first = &p;
  }
  return first;
}

Act Write(const Desk& desk, const std::string& name, const std::string& version) {
  return {"Catalogue/CreateProgrammeVersion", Creation(desk, "programme_version", name, version)};
}

// For the topic an order asks for in vain (orders.cc).
std::string NewProgramme(const Desk& desk, const Programme& like, const Somebody& author) {
  return absl::StrCat(
      Text("title", "Кочевая школа: организация обучения детей оленеводов"),
      "kind: PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT duration_hours: 36 form: "
      "STUDY_FORM_PART_TIME ",
      Text("provider", like.provider()), Text("provider_title", "Институт развития образования"),
      Text("authors", author.person), "listener_categories: LISTENER_CATEGORY_PEDAGOGUE ",
      Text("topic_codes", kUnmetTopic), Text("ground", "Заявки муниципалитетов без предложения"),
      "grounds { ", Text("training_order", UnmetOrder(desk)), "order_line: 'topic' } ");
}

}  // namespace

absl::Status WriteProgrammes(const Desk& desk, const Programmes& programmes, const Roll& roll,
                             std::string* cascade) {
  const Programme* listed = MostMastered(programmes, roll);
  const Programme* own = OwnProgramme(programmes);
  if (listed == nullptr || own == nullptr) return absl::OkStatus();
  const auto experts = ProgrammeExperts(desk);
  if (!experts.ok()) return experts.status();
  const auto authors = StaffOf(desk, own->provider(), 2);
  if (!authors.ok()) return authors.status();
  if (authors->empty()) return absl::OkStatus();
  const auto name = [&](const char* what) { return desk.NameOf("programmeVersions", what); };
  if (auto s = desk.Play(Rules(desk)); !s.ok()) return s;
  for (const Acts& acts :
       {Acts{Write(desk, name("listed"), VersionOf(*listed, *authors, /*cascade=*/true))},
        Acts{Write(desk, name("own"), VersionOf(*own, *authors, /*cascade=*/false))},
        Acts{Write(desk, name("new"), NewProgramme(desk, *own, authors->front()))}}) {
    if (auto s = desk.Play(acts); !s.ok()) return s;
  }
  const Expertise expertise(desk, *experts);
  const auto listed_now = expertise.ToRegister(name("listed"), listed->federal_register_number());
  if (!listed_now.ok()) return listed_now.status();
  if (*listed_now) *cascade = listed->name();
  return expertise.ToExpertise(name("own"));
}

}  // namespace rsnms::ctl
