#include "tools/rsnmsctl/sheet_titles.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

// Titles separated by bars: the first heads an export, all are understood.
struct FieldWords {
  const char* collection;
  const char* field;
  const char* titles;
};
constexpr FieldWords kFields[] = {
    {"organisations", "official_name",
     "Полное наименование|Наименование|Наименование организации|Официальное наименование|Полное "
     "наименование организации|Название|Организация"},
    {"organisations", "short_name",
     "Краткое наименование|Сокращённое наименование|Краткое название|Сокращение"},
    {"organisations", "kind", "Вид организации|Вид|Тип организации|Тип"},
    {"organisations", "municipality", "ОКТМО муниципалитета|ОКТМО|Код ОКТМО|Муниципалитет (ОКТМО)"},
    {"organisations", "inn", "ИНН|ИНН организации"},
    {"organisations", "kpp", "КПП|КПП организации"},
    {"organisations", "ogrn", "ОГРН|ОГРН организации"},
    {"organisations", "founded_date", "Дата основания|Дата создания|Дата регистрации"},
    {"organisations", "closed_date", "Дата закрытия|Дата ликвидации"},
    {"persons", "family_name", "Фамилия"},
    {"persons", "given_name", "Имя"},
    {"persons", "patronymic", "Отчество|Отчество (при наличии)"},
    {"persons", "birth_date", "Дата рождения|День рождения|Родился"},
    {"persons", "sex", "Пол"},
    {"persons", "snils", "СНИЛС|Номер СНИЛС|Страховой номер"},
    {"persons", "email", "Электронная почта|E-mail|Адрес электронной почты|Почта"},
    {"persons", "phone", "Телефон|Мобильный телефон|Номер телефона|Контактный телефон"},
    {"persons", "teaching_start_date",
     "Начало педагогической работы|Дата начала педагогической работы|Начало педагогического стажа"},
    {"employments", "person", "Код работника"},
    {"employments", "organisation", "Код организации"},
    {"employments", "category", "Категория работника|Категория|Категория персонала"},
    {"employments", "post_code", "Код должности"},
    {"employments", "post_title", "Должность|Наименование должности"},
    {"employments", "subject_codes", "Коды предметов|Предметы|Предмет"},
    {"employments", "start_date",
     "Дата начала работы|Дата приёма|Дата приёма на работу|Принят|Начало работы"},
    {"employments", "end_date", "Дата окончания работы|Дата увольнения|Уволен|Окончание работы"},
    {"employments", "main", "Основное место работы|Основное|Основная работа"},
    {"employments", "rate", "Ставка|Доля ставки|Размер ставки"},
    {"municipalities", "official_name", "Наименование|Муниципалитет|Муниципальное образование"},
    {"municipalities", "kind", "Вид муниципалитета|Вид"},
    {"municipalities", "oktmo_code", "ОКТМО|Код ОКТМО"},
};

// What people call the files of a collection, beside its name in the contract.
struct CollectionWords {
  const char* collection;
  const char* names;
};
constexpr CollectionWords kCollections[] = {
    {"municipalities", "муниципалитеты|муниципальные образования"},
    {"organisations", "организации|учреждения"},
    {"organisationLinks", "подчинённость|подчинение"},
    {"persons", "люди|педагоги|персоны"},
    {"employments", "трудоустройства|трудоустройство|места работы|должности"},
    {"supportRecords", "поддержка|сопровождение"},
    {"managementTeams", "управленческие команды"},
};

struct ValueWords {
  const char* value;
  const char* titles;
};
constexpr ValueWords kValues[] = {
    {"ORGANISATION_KIND_AUTHORITY", "орган управления образованием региона|РОИВ"},
    {"ORGANISATION_KIND_INSTITUTE", "институт развития образования|ИРО|институт"},
    {"ORGANISATION_KIND_CENTRE",
     "центр непрерывного повышения профессионального мастерства|ЦНППМ|ЦНППМПР"},
    {"ORGANISATION_KIND_MUNICIPAL_AUTHORITY",
     "муниципальный орган управления образованием|МОУО|управление образования"},
    {"ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE", "муниципальная методическая служба|ММС"},
    {"ORGANISATION_KIND_SCHOOL", "школа|общеобразовательная организация|СОШ|гимназия|лицей"},
    {"ORGANISATION_KIND_PRESCHOOL", "детский сад|дошкольная образовательная организация|ДОУ|ДОО"},
    {"ORGANISATION_KIND_ADDITIONAL_EDUCATION",
     "организация дополнительного образования|дополнительное образование|УДО"},
    {"ORGANISATION_KIND_COLLEGE",
     "колледж|профессиональная образовательная организация|техникум|ПОО"},
    {"ORGANISATION_KIND_UNIVERSITY",
     "вуз|университет|образовательная организация высшего образования"},
    {"ORGANISATION_KIND_METHOD_ASSOCIATION",
     "учебно-методическое объединение|РУМО|методическое объединение"},
    {"ORGANISATION_KIND_OTHER", "иная организация|иное|другое|прочее"},
    {"SEX_FEMALE", "женский|ж|жен|женщина"},
    {"SEX_MALE", "мужской|м|муж|мужчина"},
    {"STAFF_CATEGORY_PEDAGOGUE",
     "педагогический работник|педагог|педагогические работники|педагогический"},
    {"STAFF_CATEGORY_MANAGER",
     "управленческий работник|управленческие кадры|руководитель|руководящий работник|управленец"},
};

// Beginnings of posts, longer ones before what they begin with.
struct PostWords {
  const char* beginning;
  const char* code;
};
constexpr PostWords kPosts[] = {
    {"учитель начальных классов", "primary-teacher"},
    {"учитель-логопед", "speech-therapist"},
    {"учитель-дефектолог", "special-teacher"},
    {"учитель", "teacher"},
    {"воспитатель", "preschool-teacher"},
    {"педагог-психолог", "psychologist"},
    {"социальный педагог", "social-pedagogue"},
    {"педагог-организатор", "organising-teacher"},
    {"музыкальный руководитель", "music-leader"},
    {"инструктор по физической культуре", "pe-instructor"},
    {"педагог дополнительного образования", "additional-education-teacher"},
    {"методист", "methodologist"},
    {"преподаватель", "lecturer"},
    {"заместитель директора", "deputy-director"},
    {"заместитель заведующего", "deputy-director"},
    {"директор", "director"},
    {"заведующий", "director"},
};

std::vector<std::string> Words(const char* titles) { return absl::StrSplit(titles, '|'); }

const char* TitlesOfValue(const std::string& value) {
  for (const ValueWords& words : kValues) {
    if (value == words.value) return words.titles;
  }
  return nullptr;
}

bool IsUnspecified(const EnumValueDescriptor* value) { return value->number() == 0; }

}  // namespace

Titles TitlesOf(std::string_view collection, std::string_view field) {
  for (const FieldWords& words : kFields) {
    if (collection != words.collection || field != words.field) continue;
    auto titles = Words(words.titles);
    return {titles[0], {titles.begin() + 1, titles.end()}};
  }
  return {std::string(field), {}};
}

std::string CollectionNamed(std::string_view stem, const std::vector<std::string>& all) {
  const std::string key = sheet::Fold(stem);
  std::string found;
  for (const std::string& collection : all) {
    std::vector<std::string> names = {collection};
    for (const CollectionWords& words : kCollections) {
      if (collection != words.collection) continue;
      for (const std::string& name : Words(words.names)) names.push_back(name);
    }
    const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return key.find(sheet::Fold(name)) != std::string::npos;
    });
    if (!named) continue;
    if (!found.empty()) return "";
    found = collection;
  }
  return found;
}

std::string EnumTitle(const EnumValueDescriptor* value) {
  const char* titles = TitlesOfValue(value->name());
  return titles == nullptr ? value->name() : Words(titles)[0];
}

const EnumValueDescriptor* EnumNamed(const EnumDescriptor* type, std::string_view text) {
  const std::string key = sheet::Fold(text);
  for (int i = 0; i < type->value_count(); ++i) {
    const EnumValueDescriptor* value = type->value(i);
    if (IsUnspecified(value)) continue;
    if (sheet::Fold(value->name()) == key) return value;
    const char* titles = TitlesOfValue(value->name());
    if (titles == nullptr) continue;
    for (const std::string& title : Words(titles)) {
      if (sheet::Fold(title) == key) return value;
    }
  }
  return nullptr;
}

std::string EnumTitles(const EnumDescriptor* type) {
  std::string list;
  for (int i = 0; i < type->value_count(); ++i) {
    if (IsUnspecified(type->value(i))) continue;
    absl::StrAppend(&list, list.empty() ? "" : ", ", "«", EnumTitle(type->value(i)), "»");
  }
  return list;
}

std::string PostCodeOf(std::string_view title) {
  const std::string key = sheet::Fold(title);
  for (const PostWords& post : kPosts) {
    if (key.starts_with(sheet::Fold(post.beginning))) return post.code;
  }
  return "";
}

}  // namespace rsnms::ctl
