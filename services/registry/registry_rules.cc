#include "services/registry/registry_rules.h"

#include <algorithm>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {
namespace {

constexpr int kYoungAge = 35;      // clause 6.1.5: under 35 …
constexpr int kYoungYears = 3;     // … in the first three years of work
constexpr int kLeastWorkAge = 14;  // Labour Code, article 63

template <class Reason>
absl::Status Invalid(Reason reason, std::string_view path, std::string_view text,
                     std::string_view text_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text, text_ru);
}

bool LiesInMunicipality(v1::OrganisationKind kind) {
  switch (kind) {
    case v1::ORGANISATION_KIND_MUNICIPAL_AUTHORITY:
    case v1::ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE:
    case v1::ORGANISATION_KIND_SCHOOL:
    case v1::ORGANISATION_KIND_PRESCHOOL:
    case v1::ORGANISATION_KIND_ADDITIONAL_EDUCATION:
      return true;
    default:
      return false;
  }
}

absl::Status ReferenceNotFound(std::string_view path) {
  return Invalid(options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, path,
                 "refers to nothing you can see", "Запись, на которую дана ссылка, не найдена.");
}

}  // namespace

absl::Status CheckMunicipality(v1::Municipality& municipality) {
  const std::string& name = municipality.name();
  const std::string id = name.substr(name.rfind('/') + 1);
  if (municipality.oktmo_code().empty()) municipality.set_oktmo_code(id);
  const bool digits = id.size() == 8 && std::all_of(id.begin(), id.end(), absl::ascii_isdigit);
  if (digits && municipality.oktmo_code() == id) return absl::OkStatus();
  return Invalid(v1::REGISTRY_REASON_MUNICIPALITY_CODE_MISMATCH, "oktmo_code",
                 "must be 8 digits and equal to the id",
                 "Код ОКТМО состоит из 8 цифр и совпадает с идентификатором.");
}

absl::Status CheckOrganisation(const v1::Organisation& organisation) {
  if (organisation.municipality().empty() && LiesInMunicipality(organisation.kind())) {
    return Invalid(v1::REGISTRY_REASON_MUNICIPALITY_REQUIRED, "municipality",
                   "must be set for this kind of body", "Укажите муниципальное образование.");
  }
  if (!organisation.has_founded_date() || !organisation.has_closed_date()) return absl::OkStatus();
  return CheckOrder(organisation.founded_date(), &organisation.closed_date(), "closed_date");
}

absl::Status CheckLink(const v1::OrganisationLink& link) {
  if (link.child() == link.parent()) {
    return Invalid(v1::REGISTRY_REASON_LINKED_TO_ITSELF, "parent", "must differ from the child",
                   "Организация не может быть вышестоящей для самой себя.");
  }
  return CheckOrder(link.valid_from_date(),
                    link.has_valid_until_date() ? &link.valid_until_date() : nullptr,
                    "valid_until_date");
}

std::optional<absl::CivilDay> YoungSpecialistUntil(absl::CivilDay birth,
                                                   absl::CivilDay teaching_start) {
  const absl::CivilDay birthday = YearsLater(birth, kYoungAge);
  if (teaching_start >= birthday) return std::nullopt;
  return std::min(birthday, YearsLater(teaching_start, kYoungYears)) - 1;
}

absl::Status CheckPerson(v1::Person& person) {
  person.clear_young_specialist_until_date();
  if (!person.has_birth_date() || !person.has_teaching_start_date()) return absl::OkStatus();
  const absl::CivilDay birth = ToCivil(person.birth_date());
  const absl::CivilDay start = ToCivil(person.teaching_start_date());
  if (auto status =
          OldEnough({.birth = birth}, person.teaching_start_date(), "teaching_start_date");
      !status.ok()) {
    return status;
  }
  if (auto until = YoungSpecialistUntil(birth, start)) {
    *person.mutable_young_specialist_until_date() = ToDate(*until);
  }
  return absl::OkStatus();
}

absl::Status CheckEmployment(const v1::Employment& employment) {
  if (employment.has_rate()) {
    double rate = 0;
    if (!absl::SimpleAtod(employment.rate().value(), &rate) || !(rate > 0 && rate <= 2)) {
      return Invalid(v1::REGISTRY_REASON_RATE_OUT_OF_RANGE, "rate", "must be above 0 and at most 2",
                     "Ставка должна быть больше 0 и не больше 2.");
    }
  }
  return CheckOrder(employment.start_date(),
                    employment.has_end_date() ? &employment.end_date() : nullptr, "end_date");
}

absl::Status CheckSupportRecord(const v1::SupportRecord& record) {
  if (!record.mentor().empty() && record.mentor() == record.person()) {
    return Invalid(v1::REGISTRY_REASON_OWN_MENTOR, "mentor", "must differ from the person",
                   "Человек не может быть наставником самому себе.");
  }
  return CheckOrder(record.start_date(), record.has_end_date() ? &record.end_date() : nullptr,
                    "end_date");
}

absl::Status CheckManagementTeam(const v1::ManagementTeam& team) {
  absl::flat_hash_set<std::string_view> seen;
  for (const std::string& member : team.members()) {
    if (!seen.insert(member).second) {
      return Invalid(v1::REGISTRY_REASON_REPEATED_MEMBER, "members", "must not repeat",
                     "Один и тот же человек указан в составе дважды.");
    }
  }
  if (seen.empty()) {
    return Invalid(options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING, "members",
                   "must name at least one person", "В команде должен быть хотя бы один человек.");
  }
  return CheckOrder(team.formed_date(),
                    team.has_disbanded_date() ? &team.disbanded_date() : nullptr, "disbanded_date");
}

absl::Status MayBegin(const OrganisationFacts* facts, const google::type::Date& start,
                      std::string_view path) {
  if (facts == nullptr) return ReferenceNotFound(path);
  if (!facts->deleted && (!facts->closed || ToCivil(start) <= *facts->closed))
    return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_ORGANISATION_CLOSED,
                    "the body is closed by that day")
      .Field(path, "is closed by that day", "Организация к этой дате закрыта.");
}

absl::Status MayBeNamed(const PersonFacts* facts, std::string_view path) {
  if (facts == nullptr) return ReferenceNotFound(path);
  if (!facts->deleted) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_DELETED,
                    "the person is deleted")
      .Field(path, "is deleted", "Карточка работника удалена.");
}

absl::Status OldEnough(const PersonFacts& facts, const google::type::Date& start,
                       std::string_view path) {
  if (!facts.birth || ToCivil(start) >= YearsLater(*facts.birth, kLeastWorkAge))
    return absl::OkStatus();
  return Invalid(v1::REGISTRY_REASON_WORK_BEFORE_ALLOWED_AGE, path,
                 "must not lie before the 14th birthday",
                 "Работа не может начаться раньше, чем человеку исполнится 14 лет.");
}

}  // namespace rsnms::registry
