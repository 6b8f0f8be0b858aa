// How the invented people and bodies look as resources: the part of Generator that fills messages.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/demo/generator.h"
#include "tools/demo/identifiers.h"
#include "tools/demo/people.h"

namespace rsnms::demo {
namespace {

using namespace registry::v1;  // NOLINT(google-build-using-namespace): this file speaks of nothing
                               // else
using absl::CivilDay;

google::type::Date ToDate(CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

struct Title {
  std::string official, brief;
};

constexpr const char* kKindergartens[] = {"Сказка",        "Солнышко", "Ромашка",    "Теремок",
                                          "Золотая рыбка", "Родничок", "Белоснежка", "Северок",
                                          "Буратино",      "Журавлик"};
constexpr const char* kCentres[] = {"Центр детского творчества", "Дом детского творчества",
                                    "Станция юных техников", "Детская школа искусств",
                                    "Спортивная школа"};
constexpr const char* kColleges[] = {"политехнический", "педагогический", "технологический",
                                     "социально-гуманитарный"};

Title EducationalTitle(const Dice& dice, const Body& body, int64_t index,
                       const std::string& place) {
  const auto number = body.serial;
  switch (body.kind) {
    case ORGANISATION_KIND_SCHOOL:
      return {absl::StrCat("Муниципальное бюджетное общеобразовательное учреждение «Средняя "
                           "общеобразовательная школа № ",
                           number, "» ", place),
              absl::StrCat("МБОУ СОШ № ", number)};
    case ORGANISATION_KIND_PRESCHOOL: {
      const char* word =
          kKindergartens[dice.Below(Ask::kBodyName, index, std::size(kKindergartens))];
      return {absl::StrCat(
                  "Муниципальное автономное дошкольное образовательное учреждение «Детский сад № ",
                  number, " «", word, "» ", place),
              absl::StrCat("МАДОУ № ", number, " «", word, "»")};
    }
    case ORGANISATION_KIND_ADDITIONAL_EDUCATION: {
      const char* word = kCentres[dice.Below(Ask::kBodyName, index, std::size(kCentres))];
      return {absl::StrCat("Муниципальное бюджетное учреждение дополнительного образования «", word,
                           " № ", number, "» ", place),
              absl::StrCat("МБУ ДО «", word, " № ", number, "»")};
    }
    default: {
      const char* word = kColleges[dice.Below(Ask::kBodyName, index, std::size(kColleges))];
      return {absl::StrCat("Бюджетное учреждение профессионального образования «", word,
                           " колледж № ", number, "» ", place),
              absl::StrCat("БУ «", word, " колледж № ", number, "»")};
    }
  }
}

Title TitleOf(const Dice& dice, const RegionPlan& region, const Body& body, int64_t index) {
  const std::string place =
      body.municipality < 0 ? "" : region.municipalities[body.municipality].genitive;
  switch (body.kind) {
    case ORGANISATION_KIND_AUTHORITY:
      return {region.bodies.authority, "Департамент"};
    case ORGANISATION_KIND_INSTITUTE:
      return {region.bodies.institute, region.bodies.institute_short};
    case ORGANISATION_KIND_CENTRE:
      return {region.bodies.centre, region.bodies.centre_short};
    case ORGANISATION_KIND_MUNICIPAL_AUTHORITY:
      return {absl::StrCat("Управление образования администрации ", place),
              absl::StrCat("Управление образования ", place)};
    case ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE:
      return {absl::StrCat("Муниципальная методическая служба ", place),
              absl::StrCat("ММС ", place)};
    default:
      return EducationalTitle(dice, body, index, place);
  }
}

constexpr SupportForm kForms[] = {
    SUPPORT_FORM_MENTORING, SUPPORT_FORM_MENTORING,  SUPPORT_FORM_YOUNG_TEACHER_SCHOOL,
    SUPPORT_FORM_COMMUNITY, SUPPORT_FORM_CONSULTING, SUPPORT_FORM_INTERNSHIP};
constexpr const char* kRates[] = {"1", "1", "1", "1", "1", "1.25", "1.5", "0.75"};

}  // namespace

std::string Generator::OrganisationName(int64_t body) const {
  return absl::StrCat(RegionName(plan_.bodies()[body].region), "/organisations/",
                      Uuid(plan_.dice(), UuidOf::kOrganisation, body));
}

std::string Generator::PersonName(int64_t person) const {
  return absl::StrCat(RegionName(plan_.bodies()[plan_.BodyOf(person)].region), "/persons/",
                      Uuid(plan_.dice(), UuidOf::kPerson, person));
}

void Generator::FillOrganisation(int64_t b, Organisation* out) const {
  const Body& body = plan_.bodies()[b];
  const RegionPlan& region = plan_.regions()[body.region];
  const Title title = TitleOf(plan_.dice(), region, body, b);
  out->Clear();
  out->set_name(OrganisationName(b));
  out->set_official_name(title.official);
  out->set_short_name(title.brief);
  out->set_kind(body.kind);
  if (body.municipality >= 0) {
    out->set_municipality(absl::StrCat(RegionName(body.region), "/municipalities/",
                                       region.municipalities[body.municipality].oktmo));
  }
  *out->mutable_founded_date() = ToDate(FoundedOn(b));
  // The centre is a unit of the institute (Yugra, Terms#20): it has no registration of its own.
  if (body.kind == ORGANISATION_KIND_CENTRE) return;
  const auto local = static_cast<uint64_t>(b - region.first_body);
  out->set_inn(Inn(region.place.code, plan_.dice(), local));
  out->set_kpp(Kpp(out->inn()));
  out->set_ogrn(Ogrn(region.place.code, plan_.dice(), local, 2002 + static_cast<int>(local % 10)));
}

bool Generator::FillLink(int64_t b, bool administrative, OrganisationLink* out) const {
  const Body& body = plan_.bodies()[b];
  const int64_t authority = plan_.regions()[body.region].first_body;
  const int64_t institute = authority + 1, centre = authority + 2;
  int64_t parent = -1;
  switch (body.kind) {
    case ORGANISATION_KIND_AUTHORITY:
      break;
    case ORGANISATION_KIND_INSTITUTE:
      if (administrative) parent = authority;
      break;
    case ORGANISATION_KIND_CENTRE:
      if (administrative) parent = institute;
      break;
    case ORGANISATION_KIND_MUNICIPAL_AUTHORITY:  // self-government: under nobody
      break;
    case ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE:
      parent = administrative ? plan_.AuthorityOf(body) : centre;
      break;
    case ORGANISATION_KIND_COLLEGE:
      parent = administrative ? authority : centre;
      break;
    default:
      parent = administrative ? plan_.AuthorityOf(body) : plan_.MethodServiceOf(body);
  }
  if (parent < 0) return false;
  out->Clear();
  out->set_name(absl::StrCat(
      RegionName(body.region), "/organisationLinks/",
      Uuid(plan_.dice(), UuidOf::kLink, static_cast<uint64_t>(b) * 2 + !administrative)));
  out->set_child(OrganisationName(b));
  out->set_parent(OrganisationName(parent));
  out->set_hierarchy(administrative ? HIERARCHY_ADMINISTRATIVE : HIERARCHY_METHODOLOGICAL);
  const CivilDay founded = std::max(FoundedOn(b), FoundedOn(parent));
  *out->mutable_valid_from_date() = ToDate(administrative ? founded : CivilDay(2021, 9, 1));
  return true;
}

void Generator::FillPerson(int64_t p, Person* out) const {
  const Life life = LifeOf(p, plan_.bodies()[plan_.BodyOf(p)]);
  const FullName name = NameOfPerson(plan_.dice(), p);
  out->Clear();
  out->set_name(PersonName(p));
  out->set_family_name(name.family_name);
  out->set_given_name(name.given_name);
  out->set_patronymic(name.patronymic);
  *out->mutable_birth_date() = ToDate(life.birth);
  out->set_sex(name.female ? SEX_FEMALE : SEX_MALE);
  out->set_snils(Snils(plan_.dice(), p));
  out->set_email(absl::StrCat("educator", p, "@example.org"));
  *out->mutable_teaching_start_date() = ToDate(life.teaching_start);
}

void Generator::FillEmployment(int64_t p, int64_t b, Slot slot, Employment* out) const {
  const Dice& dice = plan_.dice();
  const Body& own = plan_.bodies()[b];
  const Life life = LifeOf(p, own);
  const bool manager = slot == kMain && IsManager(p, own);
  const int64_t where =
      slot == kMain || (slot == kSecond && IsManager(p, own)) ? b : OtherBody(p, own);
  const OrganisationKind kind = plan_.bodies()[where].kind;
  const uint64_t asked = static_cast<uint64_t>(p) * kSlots + slot;
  const Post post = manager ? ManagerPost(kind, static_cast<int>(p - own.first_person))
                            : PedagoguePost(dice, kind, asked);
  out->Clear();
  out->set_name(absl::StrCat(RegionName(own.region), "/employments/",
                             Uuid(dice, UuidOf::kEmployment, asked)));
  out->set_person(PersonName(p));
  out->set_organisation(OrganisationName(where));
  out->set_category(manager ? STAFF_CATEGORY_MANAGER : STAFF_CATEGORY_PEDAGOGUE);
  out->set_post_code(post.code);
  out->set_post_title(post.title);
  if (!post.subject_code.empty()) out->add_subject_codes(post.subject_code);
  *out->mutable_start_date() = ToDate(slot == kPast ? life.teaching_start : life.main_start);
  if (slot == kPast) *out->mutable_end_date() = ToDate(life.main_start - 1);
  out->set_main(slot != kSecond);
  out->mutable_rate()->set_value(
      slot == kSecond ? "0.25" : kRates[dice.Below(Ask::kRate, asked, std::size(kRates))]);
}

void Generator::FillSupport(int64_t p, const Body& body, SupportRecord* out) const {
  const Dice& dice = plan_.dice();
  const Life life = LifeOf(p, body);
  SupportForm form =
      kForms[dice.Below(Ask::kSupport, ~static_cast<uint64_t>(p), std::size(kForms))];
  const int64_t mentor = form == SUPPORT_FORM_MENTORING ? MentorOf(p, body) : -1;
  if (form == SUPPORT_FORM_MENTORING && mentor < 0) form = SUPPORT_FORM_YOUNG_TEACHER_SCHOOL;
  out->Clear();
  out->set_name(
      absl::StrCat(RegionName(body.region), "/supportRecords/", Uuid(dice, UuidOf::kSupport, p)));
  out->set_person(PersonName(p));
  out->set_form(form);
  if (mentor >= 0) {
    out->set_mentor(PersonName(mentor));
    out->set_organisation(OrganisationName(plan_.BodyOf(p)));
  } else {
    const int64_t institute = plan_.regions()[body.region].first_body + 1;
    out->set_organisation(
        OrganisationName(body.municipality < 0 ? institute : plan_.MethodServiceOf(body)));
  }
  if (form == SUPPORT_FORM_YOUNG_TEACHER_SCHOOL) out->set_title("Школа молодого педагога");
  if (form == SUPPORT_FORM_COMMUNITY) out->set_title("Клуб молодых педагогов");
  const CivilDay start = life.main_start + static_cast<int>(dice.Below(Ask::kSupportStart, p, 60));
  *out->mutable_start_date() = ToDate(std::min(start, options_.as_of));
}

void Generator::FillTeam(int64_t b, ManagementTeam* out) const {
  const Body& body = plan_.bodies()[b];
  out->Clear();
  out->set_name(absl::StrCat(RegionName(body.region), "/managementTeams/",
                             Uuid(plan_.dice(), UuidOf::kTeam, b)));
  out->set_organisation(OrganisationName(b));
  for (int64_t p = body.first_person; p < body.first_person + body.managers; ++p)
    out->add_members(PersonName(p));
  const uint64_t roll = plan_.dice().Below(Ask::kTeam, b, 100);
  if (roll < 5) out->set_mentoring_role(MENTORING_ROLE_EXPERIENCED);
  if (roll >= 93) out->set_mentoring_role(MENTORING_ROLE_WITH_DIFFICULTIES);
  *out->mutable_formed_date() =
      ToDate(options_.as_of - 100 - static_cast<int>(plan_.dice().Below(Ask::kTeam, ~b, 1200)));
}

}  // namespace rsnms::demo
