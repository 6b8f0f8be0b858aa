// What the composition, the officers and the resources of a district must respect.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/district_member.pb.h"
#include "rsnms/registry/v1/district_resource.pb.h"
#include "services/registry/organisation_store.h"
#include "services/registry/person_store.h"
#include "services/registry/structure/pending_rows.h"
#include "services/registry/structure/structure_store.h"

namespace rsnms::registry {
namespace {

using Districts = ByName<DistrictFacts>;

template <class R>
absl::StatusOr<Districts> DistrictsOf(pg::Tx& tx, std::vector<Pending>& rows) {
  return LockDistricts(tx, NamesIn<R>(rows, [](const auto& r) { return r.district(); }));
}

// Null facts: absent or unseen, which the foreign key or this says.
absl::Status MayGrow(const DistrictFacts* district) {
  if (district == nullptr) {
    return rpc::InvalidField("district", options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                             "does not exist", "округ не найден");
  }
  if (!district->closed) return absl::OkStatus();
  return Refused(v1::REGISTRY_REASON_DISTRICT_CLOSED, "the district is closed");
}

absl::Status PrepareMembers(pg::Tx& tx, std::vector<Pending>& rows) {
  auto districts = DistrictsOf<v1::DistrictMember>(tx, rows);
  if (!districts.ok()) return districts.status();
  auto book = ReadMemberPeriods(
      tx, NamesIn<v1::DistrictMember>(rows, [](const auto& m) { return m.municipality(); }));
  if (!book.ok()) return book.status();
  for (Pending& row : rows) {
    auto& member = After<v1::DistrictMember>(row);
    const DistrictFacts* district = FindIn(*districts, member.district());
    if (row.before == nullptr) row.status = MayGrow(district);
    if (!row.status.ok()) continue;
    if (district != nullptr) member.set_kind(district->kind);
    const std::string kind =
        v1::DistrictKind_Name(member.kind()).substr(sizeof("DISTRICT_KIND_") - 1);
    row.status = Reserve(*book, absl::StrCat(kind, " ", member.municipality()), member,
                         v1::REGISTRY_REASON_SECOND_DISTRICT,
                         "the municipality is in a district of this kind on some of these dates");
  }
  return absl::OkStatus();
}

// Council members speak for a member municipality; so does a head whose turn it is.
absl::Status CheckMunicipality(pg::Tx& tx, const DistrictFacts& district,
                               const v1::DistrictOfficer& officer) {
  const bool in_turn = officer.role() == v1::DISTRICT_ROLE_HEAD &&
                       district.head_mode == v1::DISTRICT_HEAD_MODE_IN_TURN;
  if (officer.municipality().empty()) {
    if (!in_turn && officer.role() != v1::DISTRICT_ROLE_COUNCIL_MEMBER) return absl::OkStatus();
    return rpc::InvalidField("municipality", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "is required here", "укажите муниципальное образование");
  }
  if (officer.role() == v1::DISTRICT_ROLE_CURATOR) return absl::OkStatus();
  auto members = MembersOn(tx, officer.district(), officer.valid_from_date());
  if (!members.ok()) return members.status();
  if (!members->contains(officer.municipality())) {
    return Refused(v1::REGISTRY_REASON_NOT_A_DISTRICT_MEMBER,
                   "the municipality is not in the district on the first day");
  }
  if (!in_turn) return absl::OkStatus();
  auto turns = TurnsBefore(tx, officer.district(), officer.valid_from_date());
  if (!turns.ok()) return turns.status();
  return CheckTurn(*members, *turns, officer.municipality());
}

absl::Status ReserveOfficer(PeriodBook& book, const v1::DistrictOfficer& officer) {
  const std::string role =
      v1::DistrictRole_Name(officer.role()).substr(sizeof("DISTRICT_ROLE_") - 1);
  const std::string key = absl::StrCat(role, " ", officer.district());
  if (officer.role() == v1::DISTRICT_ROLE_HEAD) {
    auto s = Reserve(book, key, officer, v1::REGISTRY_REASON_SECOND_DISTRICT_HEAD,
                     "the district has a head on some of these dates");
    if (!s.ok()) return s;
  }
  return Reserve(book, absl::StrCat(key, " ", officer.person()), officer,
                 v1::REGISTRY_REASON_ALREADY_IN_DISTRICT_ROLE,
                 "the person has this role in the district on some of these dates");
}

absl::Status PrepareOfficer(pg::Tx& tx, const DistrictFacts* district, const PersonFacts* person,
                            const v1::DistrictOfficer* before, const v1::DistrictOfficer& officer,
                            PeriodBook& book) {
  if (before == nullptr) {
    if (auto s = MayGrow(district); !s.ok()) return s;
    if (auto s = MayBeNamed(person, "person"); !s.ok()) return s;
    if (auto s = CheckMunicipality(tx, *district, officer); !s.ok()) return s;
  }
  if (district != nullptr && officer.role() == v1::DISTRICT_ROLE_HEAD) {
    if (auto s = CheckHeadTerm(district->head_mode, before == nullptr, officer); !s.ok()) return s;
  }
  return ReserveOfficer(book, officer);
}

absl::Status PrepareOfficers(pg::Tx& tx, std::vector<Pending>& rows) {
  auto districts = DistrictsOf<v1::DistrictOfficer>(tx, rows);
  if (!districts.ok()) return districts.status();
  auto persons =
      FindPersons(tx, NamesIn<v1::DistrictOfficer>(rows, [](const auto& o) { return o.person(); }));
  if (!persons.ok()) return persons.status();
  auto book = ReadOfficerPeriods(
      tx, NamesIn<v1::DistrictOfficer>(rows, [](const auto& o) { return o.district(); }));
  if (!book.ok()) return book.status();
  for (Pending& row : rows) {
    const auto& officer = After<v1::DistrictOfficer>(row);
    row.status = PrepareOfficer(
        tx, FindIn(*districts, officer.district()), FindIn(*persons, officer.person()),
        static_cast<const v1::DistrictOfficer*>(row.before), officer, *book);
  }
  return absl::OkStatus();
}

absl::Status PrepareResources(pg::Tx& tx, std::vector<Pending>& rows) {
  auto districts = DistrictsOf<v1::DistrictResource>(tx, rows);
  if (!districts.ok()) return districts.status();
  auto owners = FindOrganisations(
      tx, NamesIn<v1::DistrictResource>(rows, [](const auto& r) { return r.owner(); }));
  if (!owners.ok()) return owners.status();
  for (Pending& row : rows) {
    const auto& resource = After<v1::DistrictResource>(row);
    if (row.before != nullptr) continue;
    row.status = MayGrow(FindIn(*districts, resource.district()));
    if (!row.status.ok()) continue;
    row.status = MayBegin(FindIn(*owners, resource.owner()), resource.valid_from_date(), "owner");
  }
  return absl::OkStatus();
}

}  // namespace

void AddDistrictPreparations(resource::Engine& engine) {
  engine.PrepareFor(v1::DistrictMember::descriptor(), &PrepareMembers);
  engine.PrepareFor(v1::DistrictOfficer::descriptor(), &PrepareOfficers);
  engine.PrepareFor(v1::DistrictResource::descriptor(), &PrepareResources);
}

}  // namespace rsnms::registry
