// Stories of bodies: districts, acts, agreements, appointments, sites, the asset's regulation.
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tools/demo/activities.h"

namespace rsnms::demo {
namespace {

constexpr int64_t kDistrictOf = 5;  // municipalities

const char* const kActTitles[] = {
    "О назначении ответственных лиц и присвоении статусов",
    "Об утверждении плана методических мероприятий на учебный год",
    "Об организации диагностики профессиональных дефицитов педагогов",
    "О проведении регионального методического дня",
    "Об утверждении порядка отбора стажировочных площадок",
    "О развитии наставничества в образовательных организациях",
};

const char* const kDirections[] = {
    "Функциональная грамотность на уроках",
    "Сопровождение молодых педагогов",
    "Цифровая образовательная среда школы",
    "Инклюзивное образование",
};

const char* const kRoles[] = {"HEAD_OF_CENTRE", "DIGITAL_ECOSYSTEM", "PASSPORT", "MONITORING",
                              "DIGITAL_RESOURCE"};

}  // namespace

Story Activities::District(int64_t index) const {
  Teller t = Begin(Activity::kDistrict, index);
  const char* const modes[] = {"PERMANENT", "ROTATING", "IN_TURN"};
  const int64_t first = index * kDistrictOf;
  const std::string district =
      t.Create("Structure", "District",
               absl::StrCat(Text("official_name", absl::StrCat("Методический округ № ", index + 1)),
                            "kind: DISTRICT_KIND_METHODOLOGICAL head_mode: DISTRICT_HEAD_MODE_",
                            modes[index % std::size(modes)], " ", Text("centre", Body(Institute())),
                            On("formed_date", Ago(800)),
                            Text("basis_document", "Приказ о создании методических округов")));
  for (int64_t m = first; m < first + kDistrictOf; ++m) {
    t.Create("Structure", "DistrictMember",
             absl::StrCat(Text("district", district), Text("municipality", Municipality(m)),
                          On("valid_from_date", Ago(800))));
  }
  const demo::Body& service = generator_.plan().bodies()[Service(first)];
  if (service.staff == 0) return t.Take();
  const std::string head = absl::StrCat(
      Text("person", Person(service.first_person)), Text("organisation", Body(Service(first))),
      Text("municipality", Municipality(first)), On("valid_from_date", Ago(300)));
  t.Create("Structure", "DistrictOfficer",
           absl::StrCat(Text("district", district), "role: DISTRICT_ROLE_COUNCIL_MEMBER ", head));
  t.Do("Structure", "AppointDistrictHead", district,
       absl::StrCat(head, On("valid_until_date", Ago(-200)),
                    Text("basis_document", "Решение совета округа")));
  t.Creates("districtOfficers");
  if (index % 4 != 3) t.Do("Structure", "LaunchDistrict", district);
  return t.Take();
}

// Four in a turn: in force and published, in force, approved, draft.
Story Activities::Act(int64_t index) const {
  Teller t = Begin(Activity::kAct, index);
  const std::string title = kActTitles[index % static_cast<int64_t>(std::size(kActTitles))];
  const std::string act = t.Create(
      "Documents", "Document",
      absl::StrCat(
          "kind: KIND_ORDER level: LEVEL_REGION ", Text("title", title),
          Text("organisation", Body(Authority())),
          Text("text", title + ". Исполнение возложить на институт развития образования.")));
  const int kept = static_cast<int>(3 - index % 4);
  if (kept > 0) {
    t.Do("Documents", "ApproveDocument", act,
         absl::StrCat(Text("number", absl::StrCat("10-П-", 100 + index)),
                      On("approved_date", Ago(400))));
  }
  if (kept > 1) t.Do("Documents", "EnactDocument", act, On("effective_date", Ago(398)));
  if (kept > 2) {
    t.Do("Documents", "PublishDocument", act,
         absl::StrCat(On("published_date", Ago(395)),
                      Text("published_url", absl::StrCat("https://example.org/acts/", index))));
  }
  return t.Take();
}

// Of seven one is a draft and one waits for two signatures; the others are in force.
Story Activities::Agreement(int64_t index) const {
  Teller t = Begin(Activity::kAgreement, index);
  const std::pair<int64_t, const char*> parties[] = {
      {Authority(), "REGIONAL_AUTHORITY"},
      {MunicipalAuthority(index), "MUNICIPAL_AUTHORITY"},
      {Institute(), "CENTRE_HOST"}};
  std::string fields = absl::StrCat(
      "kind: KIND_THREE_PARTY ", Text("number", absl::StrCat("С-", index + 1)),
      Text("title", absl::StrCat("Трёхстороннее соглашение: ", plan_.municipalities[index].name)),
      Text("subject", "Совместное сопровождение педагогических работников и управленческих кадров"),
      On("start_date", Ago(300)), On("end_date", Ago(-index % 3 * 365 - 60)));
  for (const auto& [body, role] : parties) {
    absl::StrAppend(&fields, "parties { ", Text("organisation", Body(body)), "role: ROLE_", role,
                    " } obligations { ", Text("organisation", Body(body)),
                    Text("text", "Обеспечить участие в совместных мероприятиях"), "} ");
  }
  const std::string agreement = t.Create("Documents", "Agreement", fields);
  if (index % 7 == 5) return t.Take();
  t.Do("Documents", "SendAgreement", agreement);
  for (const auto& [body, role] : parties) {
    t.Do("Documents", "SignAgreement", agreement,
         absl::StrCat(Text("organisation", Body(body)), On("signed_date", Ago(305))));
    if (index % 7 == 6) return t.Take();
  }
  t.Do("Documents", "EnactAgreement", agreement);
  return t.Take();
}

Story Activities::Appointment(int64_t index) const {
  Teller t = Begin(Activity::kAppointment, index);
  const demo::Body& centre = generator_.plan().bodies()[Centre()];
  const std::string order = absl::StrCat(
      Text("order_document", NameOf(Activity::kAct, 0, "documents")), On("start_date", Ago(360)));
  const std::string name =
      t.Create("Documents", "Appointment",
               absl::StrCat("role: ROLE_", kRoles[index], " ",
                            Text("person", Person(centre.first_person + index % centre.staff)),
                            Text("organisation", Body(index == 2 ? Authority() : Centre()))));
  if (index == 4) return t.Take();
  if (index == 0) {  // the operator agrees
    t.Do("Documents", "SendAppointment", name,
         absl::StrCat(Text("letter_number", "10-исх-17"), On("sent_date", Ago(380))));
    t.Do("Documents", "ReviewAppointment", name);
    t.Do("Documents", "AgreeAppointment", name,
         absl::StrCat(Text("operator_letter_number", "АП-204"), On("decided_date", Ago(370))));
  }
  t.Do("Documents", "ConfirmAppointment", name, order);
  if (index <= 1) t.Do("Documents", "GrantAppointmentAccess", name, On("access_date", Ago(355)));
  if (index == 3) {
    t.Do("Documents", "ReleaseAppointment", name,
         absl::StrCat(On("end_date", Ago(90)), Text("ground", "По собственному желанию")));
  }
  return t.Take();
}

Story Activities::SiteCall() const {
  Teller t = Begin(Activity::kSiteCall, 0);
  const std::string call =
      t.Create("Sites", "SiteCall",
               absl::StrCat("kind: KIND_INTERNSHIP ", Text("title", "Отбор стажировочных площадок"),
                            Text("organisation", Body(Institute())),
                            Text("criteria", "Опыт, кадры, программа стажировки, оснащение"),
                            On("open_date", Ago(250)), On("close_date", Ago(220))));
  t.Do("Sites", "OpenSiteCall", call);
  return t.Take();
}

// Four in a turn: granted twice, under review, rejected.
Story Activities::Site(int64_t index) const {
  Teller t = Begin(Activity::kSite, index);
  const std::string site = t.Create(
      "Sites", "Site",
      absl::StrCat("kind: KIND_INTERNSHIP level: LEVEL_ORGANISATION capacity: 25 ",
                   Text("organisation", Body(TeamOf(index).body)),
                   Text("site_call", NameOf(Activity::kSiteCall, 0, "siteCalls")),
                   Text("direction", kDirections[index % std::size(kDirections)]),
                   Text("experience", "Три года работы по направлению, 12 открытых мероприятий"),
                   Text("programme", "Программа стажировки на 24 часа"),
                   On("applied_date", Ago(240))));
  t.Do("Sites", "ReviewSite", site);
  if (index % 4 == 2) return t.Take();
  const std::string decided =
      absl::StrCat(Text("expert_opinion", "Материалы рассмотрены тремя экспертами"),
                   On("decided_date", Ago(210)));
  if (index % 4 == 3) {
    t.Do("Sites", "RejectSite", site, absl::StrCat(decided, Text("ground", "Опыт не подтверждён")));
    return t.Take();
  }
  t.Do("Sites", "SelectSite", site, decided);
  t.Do("Sites", "GrantSiteStatus", site,
       absl::StrCat(Text("decision_document", NameOf(Activity::kAct, 0, "documents")),
                    On("status_from_date", Ago(200)), On("status_until_date", Ago(-530))));
  return t.Take();
}

Story Activities::Regulation() const {
  Teller t = Begin(Activity::kRegulation, 0);
  t.Create("Asset", "AssetRegulation",
           absl::StrCat(Text("document", "Положение о региональном методическом активе (выдумано)"),
                        On("start_date", Ago(1500)), "attachment_limit: 25"));
  return t.Take();
}

}  // namespace rsnms::demo
