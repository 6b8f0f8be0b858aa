#include "tools/demo/people.h"

#include <iterator>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace rsnms::demo {
namespace {

using namespace registry::v1;  // NOLINT(google-build-using-namespace): kinds of organisations

constexpr const char* kFamilyNames[] = {
    "Абрамов",    "Авдеев",     "Айпин",      "Аксёнов",     "Алексеев",  "Андреев",
    "Антонов",    "Артемьев",   "Афанасьев",  "Баранов",     "Белов",     "Белоусов",
    "Беляев",     "Богданов",   "Бондаренко", "Борисов",     "Быков",     "Васильев",
    "Вдовин",     "Виноградов", "Власов",     "Волков",      "Воробьёв",  "Гаврилов",
    "Герасимов",  "Голубев",    "Гончаренко", "Горбунов",    "Григорьев", "Гусев",
    "Давыдов",    "Данилов",    "Денисов",    "Дмитриев",    "Дорофеев",  "Егоров",
    "Ермаков",    "Ефимов",     "Жданов",     "Жуков",       "Журавлёв",  "Зайцев",
    "Захаров",    "Зверев",     "Зимин",      "Иванов",      "Игнатьев",  "Ильин",
    "Исаев",      "Казанский",  "Калинин",    "Карпов",      "Киселёв",   "Климов",
    "Ковалёв",    "Коваленко",  "Козлов",     "Колесников",  "Комаров",   "Комиссаров",
    "Кондратьев", "Коновалов",  "Королёв",    "Котов",       "Крылов",    "Крюков",
    "Кудрявцев",  "Кузнецов",   "Кузьмин",    "Куликов",     "Лазарев",   "Лебедев",
    "Логинов",    "Макаров",    "Максимов",   "Марков",      "Мартынов",  "Матвеев",
    "Медведев",   "Мельников",  "Миронов",    "Михайлов",    "Молданов",  "Морозов",
    "Назаров",    "Наумов",     "Некрасов",   "Никитин",     "Николаев",  "Новиков",
    "Орлов",      "Осипов",     "Павлов",     "Панов",       "Петров",    "Поляков",
    "Попов",      "Потапов",    "Рогов",      "Родионов",    "Романов",   "Рыбаков",
    "Рябов",      "Савельев",   "Савченко",   "Сайнахов",    "Сафонов",   "Семёнов",
    "Сергеев",    "Сидоров",    "Смирнов",    "Соболевский", "Соколов",   "Соловьёв",
    "Сорокин",    "Степанов",   "Субботин",   "Тарасов",     "Тимофеев",  "Титов",
    "Тихонов",    "Ткаченко",   "Трофимов",   "Ушаков",      "Фадеев",    "Фёдоров",
    "Филатов",    "Филиппов",   "Фомин",      "Фролов",      "Хохлов",    "Цветков",
    "Чернов",     "Чернышёв",   "Шевченко",   "Шилов",       "Широков",   "Шубин",
    "Щербаков",   "Юдин",       "Яковлев",    "Яковенко",
};

constexpr const char* kFemaleNames[] = {
    "Александра", "Алина",     "Алла",      "Алёна",     "Анастасия", "Ангелина", "Анна",
    "Антонина",   "Валентина", "Валерия",   "Варвара",   "Вера",      "Вероника", "Виктория",
    "Галина",     "Дарья",     "Екатерина", "Елена",     "Елизавета", "Жанна",    "Зинаида",
    "Зоя",        "Инна",      "Ирина",     "Карина",    "Кристина",  "Ксения",   "Лариса",
    "Лидия",      "Любовь",    "Людмила",   "Маргарита", "Марина",    "Мария",    "Надежда",
    "Наталья",    "Нина",      "Оксана",    "Олеся",     "Ольга",     "Полина",   "Раиса",
    "Римма",      "Светлана",  "София",     "Тамара",    "Татьяна",   "Юлия",
};

constexpr const char* kMaleNames[] = {
    "Александр", "Алексей", "Анатолий", "Андрей", "Антон",      "Артём",    "Борис",
    "Вадим",     "Валерий", "Василий",  "Виктор", "Виталий",    "Владимир", "Вячеслав",
    "Геннадий",  "Георгий", "Григорий", "Даниил", "Денис",      "Дмитрий",  "Евгений",
    "Егор",      "Иван",    "Игорь",    "Кирилл", "Константин", "Леонид",   "Максим",
    "Михаил",    "Николай", "Олег",     "Павел",  "Роман",      "Сергей",   "Станислав",
    "Степан",    "Тимур",   "Фёдор",    "Юрий",   "Ярослав",
};

// Without the ending: + «ич» / «на» after «в», + «евич» …: both forms are written out where they
// differ in the stem.
struct Patronymic {
  const char* male;
  const char* female;
};
constexpr Patronymic kPatronymics[] = {
    {"Александрович", "Александровна"},
    {"Алексеевич", "Алексеевна"},
    {"Анатольевич", "Анатольевна"},
    {"Андреевич", "Андреевна"},
    {"Антонович", "Антоновна"},
    {"Борисович", "Борисовна"},
    {"Вадимович", "Вадимовна"},
    {"Валентинович", "Валентиновна"},
    {"Валерьевич", "Валерьевна"},
    {"Васильевич", "Васильевна"},
    {"Викторович", "Викторовна"},
    {"Витальевич", "Витальевна"},
    {"Владимирович", "Владимировна"},
    {"Геннадьевич", "Геннадьевна"},
    {"Георгиевич", "Георгиевна"},
    {"Григорьевич", "Григорьевна"},
    {"Дмитриевич", "Дмитриевна"},
    {"Евгеньевич", "Евгеньевна"},
    {"Иванович", "Ивановна"},
    {"Игоревич", "Игоревна"},
    {"Ильич", "Ильинична"},
    {"Константинович", "Константиновна"},
    {"Леонидович", "Леонидовна"},
    {"Львович", "Львовна"},
    {"Максимович", "Максимовна"},
    {"Михайлович", "Михайловна"},
    {"Николаевич", "Николаевна"},
    {"Олегович", "Олеговна"},
    {"Павлович", "Павловна"},
    {"Петрович", "Петровна"},
    {"Романович", "Романовна"},
    {"Сергеевич", "Сергеевна"},
    {"Станиславович", "Станиславовна"},
    {"Степанович", "Степановна"},
    {"Фёдорович", "Фёдоровна"},
    {"Юрьевич", "Юрьевна"},
};

struct Subject {
  const char* code;
  const char* genitive;
};
constexpr Subject kSubjects[] = {
    {"russian-language", "русского языка и литературы"},
    {"mathematics", "математики"},
    {"physics", "физики"},
    {"chemistry", "химии"},
    {"biology", "биологии"},
    {"geography", "географии"},
    {"history", "истории и обществознания"},
    {"informatics", "информатики"},
    {"english-language", "английского языка"},
    {"physical-education", "физической культуры"},
    {"music", "музыки"},
    {"art", "изобразительного искусства"},
    {"technology", "труда (технологии)"},
    {"life-safety", "основ безопасности и защиты Родины"},
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string Feminine(const std::string& family_name) {
  if (EndsWith(family_name, "ий"))
    return family_name.substr(0, family_name.size() - sizeof("ий") + 1) + "ая";
  if (EndsWith(family_name, "о")) return family_name;
  return family_name + "а";
}

template <class T, size_t n>
const T& Draw(const T (&from)[n], const Dice& dice, Ask ask, uint64_t index) {
  return from[dice.Below(ask, index, n)];
}

Post SubjectTeacher(const Dice& dice, const char* code, const char* title, uint64_t asked) {
  const Subject& subject = Draw(kSubjects, dice, Ask::kSubject, asked);
  return {code, absl::StrCat(title, " ", subject.genitive), subject.code};
}

Post SchoolPost(const Dice& dice, uint64_t asked) {
  const uint64_t roll = dice.Below(Ask::kPost, asked, 100);
  if (roll < 60) return SubjectTeacher(dice, "teacher", "учитель", asked);
  if (roll < 85) return {"primary-teacher", "учитель начальных классов", "primary-school"};
  if (roll < 90) return {"psychologist", "педагог-психолог", ""};
  if (roll < 94) return {"social-pedagogue", "социальный педагог", ""};
  if (roll < 97) return {"speech-therapist", "учитель-логопед", ""};
  return {"organising-teacher", "педагог-организатор", ""};
}

Post PreschoolPost(const Dice& dice, uint64_t asked) {
  const uint64_t roll = dice.Below(Ask::kPost, asked, 100);
  if (roll < 80) return {"preschool-teacher", "воспитатель", ""};
  if (roll < 87) return {"music-leader", "музыкальный руководитель", ""};
  if (roll < 92) return {"pe-instructor", "инструктор по физической культуре", ""};
  if (roll < 97) return {"speech-therapist", "учитель-логопед", ""};
  return {"psychologist", "педагог-психолог", ""};
}

}  // namespace

FullName NameOfPerson(const Dice& dice, uint64_t index) {
  FullName name{.female = dice.Chance(Ask::kSex, index, 87),
                .family_name = "",
                .given_name = "",
                .patronymic = ""};
  name.family_name = Draw(kFamilyNames, dice, Ask::kFamilyName, index);
  const Patronymic& patronymic = Draw(kPatronymics, dice, Ask::kPatronymic, index);
  if (name.female) {
    name.family_name = Feminine(name.family_name);
    name.given_name = Draw(kFemaleNames, dice, Ask::kGivenName, index);
    name.patronymic = patronymic.female;
  } else {
    name.given_name = Draw(kMaleNames, dice, Ask::kGivenName, index);
    name.patronymic = patronymic.male;
  }
  return name;
}

Post PedagoguePost(const Dice& dice, OrganisationKind kind, uint64_t asked) {
  switch (kind) {
    case ORGANISATION_KIND_SCHOOL:
      return SchoolPost(dice, asked);
    case ORGANISATION_KIND_PRESCHOOL:
      return PreschoolPost(dice, asked);
    case ORGANISATION_KIND_ADDITIONAL_EDUCATION:
      return {"additional-teacher", "педагог дополнительного образования", ""};
    case ORGANISATION_KIND_COLLEGE:
      return SubjectTeacher(dice, "lecturer", "преподаватель", asked);
    default:
      return {"methodologist", "методист", ""};
  }
}

Post ManagerPost(OrganisationKind kind, int rank) {
  if (rank == 0) {
    if (kind == ORGANISATION_KIND_PRESCHOOL) return {"director", "заведующий", ""};
    if (kind == ORGANISATION_KIND_CENTRE) return {"director", "руководитель центра", ""};
    return {"director", "директор", ""};
  }
  if (rank <= 3) return {"deputy-director", "заместитель директора", ""};
  return {"unit-head", "руководитель структурного подразделения", ""};
}

}  // namespace rsnms::demo
