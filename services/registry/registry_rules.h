// What must hold inside one row, and what a row must respect in the rows it refers to. Pure: images
// and facts in, status out. Field paths are relative to the resource.
#ifndef RSNMS_SERVICES_REGISTRY_REGISTRY_RULES_H_
#define RSNMS_SERVICES_REGISTRY_REGISTRY_RULES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/municipality.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/organisation_link.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "rsnms/registry/v1/support_record.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

// Completes `oktmo_code`. INVALID_ARGUMENT MUNICIPALITY_CODE_MISMATCH.
absl::Status CheckMunicipality(v1::Municipality& municipality);

// INVALID_ARGUMENT END_BEFORE_START, MUNICIPALITY_REQUIRED (municipal authorities and services,
// schools, kindergartens and additional education always lie in a municipality).
absl::Status CheckOrganisation(const v1::Organisation& organisation);

// INVALID_ARGUMENT LINKED_TO_ITSELF, END_BEFORE_START.
absl::Status CheckLink(const v1::OrganisationLink& link);

// Last day as a young specialist (Yugra, order 10-П-1000, clause 6.1.5): the day before the earlier
// of the 35th birthday and the third anniversary of the first day of teaching. Null for who started
// at 35 or later.
std::optional<absl::CivilDay> YoungSpecialistUntil(absl::CivilDay birth,
                                                   absl::CivilDay teaching_start);

// Sets `young_specialist_until_date`. INVALID_ARGUMENT WORK_BEFORE_ALLOWED_AGE.
absl::Status CheckPerson(v1::Person& person);

// INVALID_ARGUMENT END_BEFORE_START, RATE_OUT_OF_RANGE.
absl::Status CheckEmployment(const v1::Employment& employment);

// INVALID_ARGUMENT OWN_MENTOR, END_BEFORE_START.
absl::Status CheckSupportRecord(const v1::SupportRecord& record);

// INVALID_ARGUMENT REPEATED_MEMBER, END_BEFORE_START, REQUIRED_FIELD_MISSING (no member).
absl::Status CheckManagementTeam(const v1::ManagementTeam& team);

// A body as others refer to it.
struct OrganisationFacts {
  std::string municipality;  // name; empty for bodies of the region
  std::optional<absl::CivilDay> closed;
  bool deleted = false;
};

// A person as others refer to them.
struct PersonFacts {
  std::optional<absl::CivilDay> birth;
  bool deleted = false;
};

// FAILED_PRECONDITION ORGANISATION_CLOSED when the body is deleted or was closed before `start`;
// INVALID_ARGUMENT REFERENCE_NOT_FOUND at `path` when `facts` is null: absent, or not visible to
// the caller.
absl::Status MayBegin(const OrganisationFacts* facts, const google::type::Date& start,
                      std::string_view path);

// FAILED_PRECONDITION PERSON_DELETED; INVALID_ARGUMENT REFERENCE_NOT_FOUND at `path` when `facts`
// is null.
absl::Status MayBeNamed(const PersonFacts* facts, std::string_view path);

// INVALID_ARGUMENT WORK_BEFORE_ALLOWED_AGE when `start` lies before the 14th birthday.
absl::Status OldEnough(const PersonFacts& facts, const google::type::Date& start,
                       std::string_view path);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_REGISTRY_RULES_H_
