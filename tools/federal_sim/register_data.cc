#include "tools/federal_sim/register_data.h"

#include <array>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::Programme;

struct Theme {
  const char* competency;
  const char* parent;  // group it belongs to; empty for none
  const char* title;
  const char* topic;  // code; empty for none
  bool manager;
};

constexpr Theme kThemes[] = {
    {"methodical-lesson", "methodical", "Проектирование современного урока", "", false},
    {"managerial-quality", "managerial", "Эффективность управления качеством образования",
     "education-quality-management", true},
    {"digital-distance", "digital", "Дистанционные образовательные технологии", "", false},
    {"psychology-age", "psychology", "Возрастная психология в практике учителя", "", false},
    {"communication-conflict", "communication", "Медиация и разрешение конфликтов", "", false},
    {"general-content", "general", "Отбор содержания обучения на научной основе", "", false},
    {"methodical-assessment", "methodical", "Формирующее и критериальное оценивание", "", false},
    {"legal-standards", "legal", "Обновлённые ФГОС и федеральные образовательные программы", "",
     false},
    {"functional-literacy-reading", "functional-literacy", "Формирование читательской грамотности",
     "functional-literacy", false},
    {"managerial-team", "managerial", "Управленческая команда образовательной организации",
     "education-quality-management", true},
    {"methodical-programmes", "methodical", "Разработка рабочих программ", "", false},
    {"methodical-technologies", "methodical", "Современные педагогические технологии", "", false},
    {"methodical-motivation", "methodical", "Учебная мотивация обучающихся", "", false},
    {"methodical-results", "methodical", "Достижение метапредметных результатов", "", false},
    {"methodical-inclusion", "methodical", "Обучение детей с ОВЗ в общеобразовательном классе",
     "inclusive-education", false},
    {"methodical-individual", "methodical", "Индивидуальные учебные планы обучающихся", "", false},
    {"methodical-research", "methodical", "Проектная и исследовательская деятельность", "", false},
    {"methodical-safety", "methodical", "Безопасность образовательной среды", "", false},
    {"methodical-groups", "methodical", "Организация групповой работы", "", false},
    {"methodical-leisure", "methodical", "Воспитательная работа и внеурочная деятельность",
     "upbringing", false},
    {"subject-content", "subject", "Предметное содержание: трудные вопросы курса", "", false},
    {"subject-methods", "subject", "Методика преподавания учебного предмета", "", false},
    {"psychology-diagnosis", "psychology", "Психолого-педагогическая диагностика", "", false},
    {"psychology-specialists", "psychology", "Взаимодействие учителя со специалистами", "", false},
    {"digital-office", "digital", "Цифровая грамотность педагога", "", false},
    {"digital-network", "digital", "Сетевые сервисы в работе педагога", "", false},
    {"digital-multimedia", "digital", "Мультимедийные средства обучения", "", false},
    {"digital-textbooks", "digital", "Электронные учебники и библиотека ЦОК", "", false},
    {"communication-experience", "communication", "Обобщение и представление опыта", "", false},
    {"communication-public", "communication", "Публичное выступление педагога", "", false},
    {"communication-peers", "communication", "Профессиональные сообщества педагогов", "", false},
    {"communication-mentoring", "communication", "Наставничество в образовании", "mentoring",
     false},
    {"communication-parents", "communication", "Взаимодействие с родителями", "", false},
    {"communication-speech", "communication", "Культура речи педагога", "", false},
    {"general-health", "general", "Здоровьесберегающие технологии", "", false},
    {"general-planning", "general", "Планирование рабочего времени педагога", "", false},
    {"general-reflection", "general", "Рефлексия педагогической деятельности", "", false},
    {"legal-education-law", "legal", "Законодательство об образовании", "", false},
    {"legal-strategies", "legal", "Стратегические ориентиры развития образования", "", false},
    {"functional-literacy-mathematics", "functional-literacy",
     "Формирование математической грамотности", "functional-literacy", false},
    {"functional-literacy-science", "functional-literacy",
     "Формирование естественно-научной грамотности", "functional-literacy", false},
    {"functional-literacy-finance", "functional-literacy", "Формирование финансовой грамотности",
     "functional-literacy", false},
    {"functional-literacy-global", "functional-literacy", "Формирование глобальных компетенций",
     "functional-literacy", false},
    {"functional-literacy-creative", "functional-literacy", "Развитие креативного мышления",
     "functional-literacy", false},
};
constexpr size_t kThemeCount = std::size(kThemes);

constexpr const char* kTurns[] = {
    "",
    ": практикум",
    ": от диагностики к результату",
    " в начальной школе",
    " в основной и средней школе",
    " в дошкольной организации",
    " в дополнительном образовании детей",
    " в условиях обновления содержания образования",
    ": тьюторское сопровождение",
    ": стажировка на базе инновационной площадки",
    " в сельской школе",
    ": методические решения",
};

struct Body {
  const char* title;
  const char* nine_digits;  // of an invented ИНН
  const char* region_code;
};

constexpr Body kBodies[] = {
    {kInstituteTitle, "860199999", "86"},
    {"ФГАОУ ДПО «Государственный университет просвещения: академия»", "770999999", "77"},
    {"ГАОУ ТО ДПО «Тюменский областной институт развития регионального образования»", "720399999",
     "72"},
    {kInstituteTitle, "860199999", "86"},
    {"ГБУ ДПО «Санкт-Петербургская академия педагогического образования»", "780499999", "78"},
    {"ГАОУ ДПО СО «Уральский институт развития образования»", "665899999", "66"},
    {kInstituteTitle, "860199999", "86"},
    {"БУ ВО ХМАО – Югры «Северный педагогический университет»", "860299999", "86"},
    {"ГКУ НСО «Новосибирский институт мониторинга и развития образования»", "540699999", "54"},
};

constexpr int kHours[] = {16, 18, 24, 36, 36, 48, 72, 72, 108, 144};

void AddCompetency(std::string_view code, federal::v1::CoverageDepth depth, Programme& programme) {
  for (const auto& coverage : programme.competencies()) {
    if (coverage.competency_code() == code) return;
  }
  auto& coverage = *programme.add_competencies();
  coverage.set_competency_code(std::string(code));
  coverage.set_depth(depth);
}

void Link(int index, std::mt19937_64& random, Programme& programme) {
  const Theme& theme = kThemes[index % kThemeCount];
  AddCompetency(
      theme.competency,
      random() % 4 == 0 ? federal::v1::COVERAGE_DEPTH_MASTERY : federal::v1::COVERAGE_DEPTH_WORKING,
      programme);
  AddCompetency(theme.parent, federal::v1::COVERAGE_DEPTH_OVERVIEW, programme);
  for (uint64_t i = random() % 3; i > 0; --i) {
    const Theme& other = kThemes[random() % kThemeCount];
    if (other.manager == theme.manager) {
      AddCompetency(other.competency, federal::v1::COVERAGE_DEPTH_OVERVIEW, programme);
    }
  }
  if (*theme.topic != '\0') programme.add_topic_codes(theme.topic);
  programme.set_for_managers(theme.manager || random() % 8 == 0);
  programme.set_for_pedagogues(!theme.manager);
}

void SetTitle(int index, Programme& programme) {
  const size_t turn = index / kThemeCount;
  std::string title =
      absl::StrCat("«", kThemes[index % kThemeCount].title, kTurns[turn % std::size(kTurns)], "»");
  if (turn >= std::size(kTurns)) {
    absl::StrAppend(&title, ", поток ", turn / std::size(kTurns) + 1);
  }
  programme.set_title(title);
  programme.set_annotation(
      absl::StrCat("Программа ", title, " адресована работникам системы образования."));
}

void SetShape(int index, std::mt19937_64& random, Programme& programme) {
  const bool retraining = index % 23 == 22;
  programme.set_kind(retraining ? federal::v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING
                                : federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  programme.set_duration_hours(retraining ? 252 + static_cast<int>(random() % 4) * 72
                                          : kHours[random() % std::size(kHours)]);
  programme.set_internship_hours(random() % 5 == 0 ? programme.duration_hours() / 4 : 0);
  programme.set_form(static_cast<federal::v1::StudyForm>(1 + random() % 3));
  programme.set_distance(random() % 2 == 0);
  programme.set_network(random() % 10 == 0);
}

}  // namespace

std::string InnOf(const std::string& nine_digits) {
  constexpr std::array<int, 9> kWeights = {2, 4, 10, 3, 5, 9, 4, 6, 8};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += kWeights[i] * (nine_digits[i] - '0');
  return absl::StrCat(nine_digits, sum % 11 % 10);
}

std::vector<Programme> GenerateRegister(int count, uint64_t seed) {
  std::vector<Programme> programmes(count);
  for (int i = 0; i < count; ++i) {
    std::mt19937_64 random(seed * 1000003 + i);
    Programme& programme = programmes[i];
    programme.set_register_number(absl::StrFormat("DPP-%06d", i + 1));
    programme.set_name(absl::StrCat("programmes/", programme.register_number()));
    SetTitle(i, programme);
    const Body& body = kBodies[i % std::size(kBodies)];
    programme.mutable_provider()->set_title(body.title);
    programme.mutable_provider()->set_inn(InnOf(body.nine_digits));
    programme.mutable_provider()->set_region_code(body.region_code);
    SetShape(i, random, programme);
    Link(i, random, programme);
    auto& listed = *programme.mutable_listed_date();
    listed.set_year(2025);
    listed.set_month(1 + static_cast<int>(random() % 12));
    listed.set_day(1 + static_cast<int>(random() % 28));
  }
  return programmes;
}

}  // namespace rsnms::federal_sim
