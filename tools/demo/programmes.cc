#include "tools/demo/programmes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/demo/dice.h"

namespace rsnms::demo {
namespace {

struct Offer {
  const char* title;
  int hours;
  bool managers;
  std::vector<const char*> competencies;
};

const std::vector<Offer>& Offers() {
  static const std::vector<Offer> kOffers = {
      {"Регионоведение Югры на уроках и во внеурочной деятельности",
       24,
       false,
       {"subject-content", "methodical-lesson"}},
      {"Родные языки коренных малочисленных народов Севера: методика преподавания",
       72,
       false,
       {"subject-methods", "methodical-technologies"}},
      {"Работа малокомплектной школы: совмещённый урок",
       36,
       false,
       {"methodical-groups", "methodical-lesson"}},
      {"Дистанционное обучение в труднодоступных поселениях",
       36,
       false,
       {"digital-distance", "digital-network"}},
      {"Профилактика эмоционального выгорания педагога на Севере",
       18,
       false,
       {"general-health", "general-reflection"}},
      {"Наставник молодого педагога: первые три года",
       36,
       false,
       {"communication-mentoring", "communication-experience"}},
      {"Школьная команда и методическая работа", 24, true, {"managerial-team"}},
      {"Разговор с родителями: трудные случаи",
       18,
       false,
       {"communication-parents", "communication-conflict"}},
  };
  return kOffers;
}

// A UUID of version 8 for the programme of this title at this parent.
std::string IdOf(const std::string& parent, const char* title) {
  const uint64_t high = Mix(HashOf(absl::StrCat(parent, title)));
  const uint64_t low = Mix(high);
  return absl::StrFormat("%08x-%04x-8%03x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

}  // namespace

std::vector<programs::v1::Programme> OwnProgrammes(const std::string& parent,
                                                   const std::string& provider) {
  std::vector<programs::v1::Programme> programmes;
  for (const auto& offer : Offers()) {
    auto& p = programmes.emplace_back();
    p.set_name(absl::StrCat(parent, "/programmes/", IdOf(parent, offer.title)));
    p.set_title(offer.title);
    p.set_kind(programs::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
    p.set_provider(provider);
    p.set_duration_hours(offer.hours);
    p.set_form(programs::v1::STUDY_FORM_PART_TIME);
    p.set_distance(true);
    p.set_for_pedagogues(!offer.managers);
    p.set_for_managers(offer.managers);
    for (const char* code : offer.competencies) {
      auto* covered = p.add_competencies();
      covered->set_competency(absl::StrCat(parent, "/competencies/", code));
      covered->set_depth(programs::v1::COVERAGE_DEPTH_WORKING);
    }
  }
  return programmes;
}

}  // namespace rsnms::demo
