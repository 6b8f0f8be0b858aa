#include "services/monitoring/passport_form.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace rsnms::monitoring {

namespace {

constexpr auto kComputed = v1::PASSPORT_FIELD_ORIGIN_COMPUTED;
constexpr auto kManual = v1::PASSPORT_FIELD_ORIGIN_MANUAL;

struct FieldForm {
  const char* id;
  const char* title;
  const char* unit;  // empty: a text
  v1::PassportFieldOrigin origin;
};

struct BlockForm {
  v1::PassportBlockKind kind;
  const char* title;
  std::vector<FieldForm> fields;
};

const std::vector<BlockForm>& Form() {
  static const auto* const form = new std::vector<BlockForm>{
      {v1::PASSPORT_BLOCK_KIND_STAFF,
       "Кадровый состав",
       {{"staff.total", "Педагогические работники и управленческие кадры", "чел.", kComputed},
        {"staff.pedagogues", "Педагогические работники", "чел.", kComputed},
        {"staff.managers", "Управленческие кадры", "чел.", kComputed},
        {"staff.young", "Молодые педагоги до 35 лет в первые три года работы", "чел.", kComputed},
        {"staff.teams", "Управленческие команды", "ед.", kComputed},
        {"staff.methodologists", "Региональные методисты", "чел.", kManual}}},
      {v1::PASSPORT_BLOCK_KIND_PROGRAMMES,
       "Программы дополнительного профессионального образования",
       {{"programmes.total", "Программы ДПО организаций региона", "ед.", kComputed},
        {"programmes.retraining", "из них программы профессиональной переподготовки", "ед.",
         kComputed},
        {"programmes.distance", "из них с дистанционными технологиями", "ед.", kComputed},
        {"programmes.register", "Программы, включённые в федеральный реестр", "ед.", kComputed},
        {"programmes.institute", "Программы института развития образования и ЦНППМ", "ед.",
         kComputed},
        {"programmes.institute_register", "из них включённые в федеральный реестр", "ед.",
         kComputed},
        {"programmes.completions", "Выдано документов об освоении программ", "ед.", kComputed},
        {"programmes.learners", "Освоили хотя бы одну программу", "чел.", kComputed}}},
      {v1::PASSPORT_BLOCK_KIND_INFRASTRUCTURE,
       "Региональная инфраструктура ДПО",
       {{"infrastructure.municipalities", "Муниципальные образования", "ед.", kComputed},
        {"infrastructure.institutes", "Институты развития образования", "ед.", kComputed},
        {"infrastructure.centres", "Центры непрерывного повышения профессионального мастерства",
         "ед.", kComputed},
        {"infrastructure.municipal_services", "Муниципальные методические службы", "ед.",
         kComputed},
        {"infrastructure.schools", "Общеобразовательные организации", "ед.", kComputed},
        {"infrastructure.preschools", "Дошкольные образовательные организации", "ед.", kComputed},
        {"infrastructure.additional", "Организации дополнительного образования", "ед.", kComputed},
        {"infrastructure.colleges", "Профессиональные образовательные организации", "ед.",
         kComputed},
        {"infrastructure.sites", "Стажировочные площадки", "ед.", kManual}}},
      {v1::PASSPORT_BLOCK_KIND_FUNDING,
       "Финансовое обеспечение",
       {{"funding.federal", "Средства федерального бюджета", "тыс. руб.", kManual},
        {"funding.regional", "Средства бюджета региона", "тыс. руб.", kManual},
        {"funding.municipal", "Средства местных бюджетов", "тыс. руб.", kManual},
        {"funding.other", "Внебюджетные средства", "тыс. руб.", kManual}}},
      {v1::PASSPORT_BLOCK_KIND_INVOLVEMENT,
       "Вовлечение педагогических работников в мероприятия",
       {{"involvement.campaigns", "Диагностические кампании в ЦНППМ", "ед.", kComputed},
        {"involvement.diagnosed", "Прошли диагностику профессиональных дефицитов в ЦНППМ", "чел.",
         kComputed},
        {"involvement.routes", "Имеют утверждённый индивидуальный образовательный маршрут", "чел.",
         kComputed},
        {"involvement.supported", "Участвуют в формах поддержки и сопровождения", "чел.",
         kComputed},
        {"involvement.events", "Проведено мероприятий системы", "ед.", kManual},
        {"involvement.participants", "Участников мероприятий системы", "чел.", kManual}}},
      {v1::PASSPORT_BLOCK_KIND_INFORMATION_RESOURCES,
       "Информационные ресурсы",
       {{"information.sites", "Сайты и порталы системы", "", kManual},
        {"information.learning_systems", "Системы дистанционного обучения", "", kManual},
        {"information.databases", "Базы данных и методические ресурсы", "", kManual}}},
      {v1::PASSPORT_BLOCK_KIND_RESULTS,
       "Результативность и связь с результатами обучающихся",
       {{"results.pupils", "Связь с результатами обучающихся (ВПР, ОГЭ, ЕГЭ)", "", kManual}}},
  };
  return *form;
}

void FillCount(const PassportData& data, v1::PassportField& field) {
  auto found = data.counts.find(field.id());
  if (!data.complete || found == data.counts.end()) {
    field.set_no_data_reason("Данные источника ещё не загружены.");
  } else {
    field.set_value(absl::StrCat(found->second));
  }
}

void AddIndicator(const v1::IndicatorValue& value, v1::PassportBlock& block) {
  auto& field = *block.add_fields();
  field.set_id(absl::StrCat("results.", value.indicator_id()));
  field.set_title(value.title());
  field.set_origin(kComputed);
  field.set_unit(value.unit() == v1::UNIT_PERCENT ? "%" : "ед.");
  if (value.state() == v1::VALUE_STATE_PRESENT) {
    field.set_value(value.value().value());
  } else {
    field.set_no_data_reason(value.reason());
  }
}

}  // namespace

google::protobuf::RepeatedPtrField<v1::PassportBlock> BuildBlocks(const PassportData& data) {
  google::protobuf::RepeatedPtrField<v1::PassportBlock> blocks;
  for (const BlockForm& block_form : Form()) {
    auto& block = *blocks.Add();
    block.set_kind(block_form.kind);
    block.set_title(block_form.title);
    if (block.kind() == v1::PASSPORT_BLOCK_KIND_RESULTS) {
      for (const auto& value : data.indicators) AddIndicator(value, block);
    }
    for (const FieldForm& form : block_form.fields) {
      auto& field = *block.add_fields();
      field.set_id(form.id);
      field.set_title(form.title);
      field.set_unit(form.unit);
      field.set_origin(form.origin);
      if (form.origin == kComputed) FillCount(data, field);
    }
  }
  return blocks;
}

std::string BlockCode(v1::PassportBlockKind kind) {
  constexpr size_t kPrefix = sizeof("PASSPORT_BLOCK_KIND_") - 1;
  return absl::AsciiStrToLower(v1::PassportBlockKind_Name(kind).substr(kPrefix));
}

}  // namespace rsnms::monitoring
