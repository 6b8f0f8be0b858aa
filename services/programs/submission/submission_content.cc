#include "services/programs/submission/submission_content.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/programs/catalogue/version_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::submission_content {
namespace {

using federal::v1::ApplicationUnit;
using federal::v1::ProgrammeApplication;
using v1::ProgrammeVersion;

// Both contracts number these alike; a value added to one alone must be thought about.
template <class To, class From>
To SameNumber(From value) {
  return static_cast<To>(static_cast<int>(value));
}
static_assert(static_cast<int>(v1::ControlForm_MAX) ==
              static_cast<int>(federal::v1::ApplicationControl_MAX));
static_assert(static_cast<int>(v1::ListenerCategory_MAX) ==
              static_cast<int>(federal::v1::ApplicantCategory_MAX));
static_assert(static_cast<int>(v1::ProgrammeKind_MAX) ==
              static_cast<int>(federal::v1::ProgrammeKind_MAX));
static_assert(static_cast<int>(v1::StudyForm_MAX) == static_cast<int>(federal::v1::StudyForm_MAX));
static_assert(static_cast<int>(v1::CoverageDepth_MAX) ==
              static_cast<int>(federal::v1::CoverageDepth_MAX));

// What sections, modules and topics have in common.
template <class Part>
void FillUnit(const Part& part, ApplicationUnit* unit) {
  unit->set_title(part.title());
  unit->set_lecture_hours(part.hours().lecture_hours());
  unit->set_practical_hours(part.hours().practical_hours());
  unit->set_internship_hours(part.hours().internship_hours());
  unit->set_independent_hours(part.hours().independent_hours());
  unit->set_control_hours(part.hours().control_hours());
  unit->set_distance_hours(part.hours().distance_hours());
  unit->set_control(SameNumber<federal::v1::ApplicationControl>(part.control()));
}

void FillSyllabus(const ProgrammeVersion& version, ProgrammeApplication& application) {
  for (const auto& section : version.syllabus()) {
    ApplicationUnit* first = application.add_syllabus();
    FillUnit(section, first);
    for (const auto& module : section.modules()) {
      ApplicationUnit* second = first->add_parts();
      FillUnit(module, second);
      for (const auto& topic : module.topics()) FillUnit(topic, second->add_parts());
    }
  }
}

// What an entry of the register tells, by the programme that shows the version: one mapping of
// listeners and network form, not two.
void FillEntry(const ProgrammeVersion& version, ProgrammeApplication& application) {
  v1::Programme shown;
  version_rules::Show(version, shown);
  application.set_title(shown.title());
  application.set_kind(SameNumber<federal::v1::ProgrammeKind>(shown.kind()));
  application.mutable_provider()->set_title(shown.provider_title());
  application.mutable_provider()->set_inn(shown.provider_inn());
  application.mutable_provider()->set_region_code(std::string(RegionOf(version.name())));
  application.set_duration_hours(shown.duration_hours());
  application.set_internship_hours(shown.internship_hours());
  application.set_form(SameNumber<federal::v1::StudyForm>(shown.form()));
  application.set_distance(shown.distance());
  application.set_network(shown.network());
  application.set_for_pedagogues(shown.for_pedagogues());
  application.set_for_managers(shown.for_managers());
  application.set_annotation(shown.annotation());
  *application.mutable_topic_codes() = shown.topic_codes();
  for (const auto& covered : shown.competencies()) {
    auto* competency = application.add_competencies();
    competency->set_competency_code(std::string(IdOf(covered.competency())));
    competency->set_depth(SameNumber<federal::v1::CoverageDepth>(covered.depth()));
  }
}

void FillPartners(const ProgrammeVersion& version, ProgrammeApplication& application) {
  for (const auto& partner : version.network_partners()) {
    auto* sent = application.add_network_partners();
    sent->set_title(partner.title());
    sent->set_organisation(partner.organisation());
    sent->set_agreement(partner.agreement());
    sent->set_part(partner.part());
  }
}

void FillActs(const ProgrammeVersion& version, ProgrammeApplication& application) {
  constexpr std::string_view kPrefix = "KIND_";
  for (const auto& act : version.acts()) {
    auto* sent = application.add_acts();
    sent->set_kind(v1::ProgrammeAct::Kind_Name(act.kind()).substr(kPrefix.size()));
    sent->set_title(act.title());
    sent->set_url(act.url());
  }
}

}  // namespace

ProgrammeApplication ApplicationOf(const ProgrammeVersion& version,
                                   std::string_view register_number) {
  ProgrammeApplication application;
  application.set_programme_version(version.name());
  application.set_version_number(version.number());
  application.set_register_number(std::string(register_number));
  FillEntry(version, application);
  for (const int category : version.listener_categories()) {
    application.add_listener_categories(
        SameNumber<federal::v1::ApplicantCategory>(static_cast<v1::ListenerCategory>(category)));
  }
  application.set_entry_requirements(version.entry_requirements());
  FillPartners(version, application);
  application.set_cascade(version.cascade());
  application.set_internship_site_count(version.internship_sites_size());
  if (version.has_price_rubles()) *application.mutable_price_rubles() = version.price_rubles();
  application.set_goal(version.goal());
  application.set_planned_results(version.planned_results());
  application.set_conditions(version.conditions());
  application.set_assessment_materials(version.assessment_materials());
  application.set_final_control(
      SameNumber<federal::v1::ApplicationControl>(version.final_control()));
  FillSyllabus(version, application);
  FillActs(version, application);
  application.set_ground(version.ground());
  application.set_approval_document(version.approval_document());
  if (version.has_approval_date()) *application.mutable_approval_date() = version.approval_date();
  return application;
}

std::string BytesOf(const ProgrammeApplication& application) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    application.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string NameAtRegister(std::string_view submission) {
  return NameOf(RegionOf(submission), "programmeSubmissions", IdOf(submission));
}

}  // namespace rsnms::programs::submission_content
