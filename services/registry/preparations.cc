#include "services/registry/preparations.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/resource/client_rule.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/employment_store.h"
#include "services/registry/link_store.h"
#include "services/registry/municipality_copies.h"
#include "services/registry/names.h"
#include "services/registry/organisation_store.h"
#include "services/registry/person_store.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using Pending = resource::Engine::Pending;
using Organisations = absl::flat_hash_map<std::string, OrganisationFacts>;
using Persons = absl::flat_hash_map<std::string, PersonFacts>;

template <class R>
R& After(Pending& row) {
  return static_cast<R&>(*row.after);
}

template <class Map>
const typename Map::mapped_type* Find(const Map& facts, const std::string& name) {
  auto found = facts.find(name);
  return found == facts.end() ? nullptr : &found->second;
}

// Distinct, not empty names that the rows refer to.
template <class R>
std::vector<std::string> Names(
    std::vector<Pending>& rows,
    const std::function<void(const R&, const std::function<void(const std::string&)>&)>& each) {
  absl::flat_hash_set<std::string> names;
  for (Pending& row : rows) {
    each(After<R>(row), [&](const std::string& name) {
      if (!name.empty()) names.insert(name);
    });
  }
  return {names.begin(), names.end()};
}

bool SameDay(const google::type::Date& a, const google::type::Date& b) {
  return ToCivil(a) == ToCivil(b);
}

absl::Status FailedPrecondition(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

// Refuses an overlap with another row of the same key, else notes the row for those that come after
// it.
absl::Status Reserve(PeriodBook& book, const std::string& key, const std::string& id, Period period,
                     v1::RegistryReason reason, std::string_view text) {
  if (book.Clashes(key, id, period)) return FailedPrecondition(reason, text);
  book.Put(key, id, period);
  return absl::OkStatus();
}

// --- organisations

// By a move its records follow (OrganisationLife); an update would leave them behind.
absl::Status StaysInMunicipality(pg::Tx& tx, const resource::Engine& engine,
                                 const v1::Organisation& before, const v1::Organisation& after) {
  if (before.municipality() == after.municipality()) return absl::OkStatus();
  auto copied = MunicipalityIsCopied(tx, engine, before.name());
  if (!copied.ok()) return copied.status();
  if (!*copied) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_MUNICIPALITY_IN_USE,
                    "its records carry the municipality: RelocateOrganisations moves them")
      .Russian(
          "У организации есть записи в этом муниципальном образовании. Переход с даты оформляет "
          "RelocateOrganisations, ошибку ввода исправляет CorrectOrganisation.");
}

// --- links

// The bodies must be there when the link begins: asked when it is made, and again when it is to
// begin on another day.
absl::Status CheckEnds(const Organisations& organisations, const v1::OrganisationLink* before,
                       const v1::OrganisationLink& link) {
  if (before != nullptr && SameDay(before->valid_from_date(), link.valid_from_date())) {
    return absl::OkStatus();
  }
  for (const auto& [name, path] :
       {std::pair{link.child(), "child"}, std::pair{link.parent(), "parent"}}) {
    if (auto s = MayBegin(Find(organisations, name), link.valid_from_date(), path); !s.ok())
      return s;
  }
  return absl::OkStatus();
}

// `rows` share a region and hierarchy.
absl::Status AddToGraph(pg::Tx& tx, const std::string& region, v1::Hierarchy hierarchy,
                        const std::vector<Pending*>& rows) {
  if (auto s = LockHierarchy(tx, region, hierarchy); !s.ok()) return s;
  auto graph = ReadGraph(tx, region, hierarchy);
  if (!graph.ok()) return graph.status();
  for (Pending* row : rows) {
    const auto& link = After<v1::OrganisationLink>(*row);
    if (!row->status.ok() || link.child() == link.parent()) continue;
    row->status = graph->Add(
        {.id = link.name(),
         .child = link.child(),
         .parent = link.parent(),
         .period = PeriodOf(link.valid_from_date(),
                            link.has_valid_until_date() ? &link.valid_until_date() : nullptr)});
  }
  return absl::OkStatus();
}

absl::Status PrepareLinks(pg::Tx& tx, std::vector<Pending>& rows) {
  auto organisations = FindOrganisations(
      tx, Names<v1::OrganisationLink>(rows, [](const auto& link, const auto& take) {
        take(link.child());
        take(link.parent());
      }));
  if (!organisations.ok()) return organisations.status();
  std::map<std::pair<std::string, v1::Hierarchy>, std::vector<Pending*>>
      graphs;  // sorted: locks in one order
  for (Pending& row : rows) {
    const auto& link = After<v1::OrganisationLink>(row);
    row.status =
        CheckEnds(*organisations, static_cast<const v1::OrganisationLink*>(row.before), link);
    graphs[{RegionOf(link.child()), link.hierarchy()}].push_back(&row);
  }
  for (const auto& [graph, members] : graphs) {
    if (auto s = AddToGraph(tx, graph.first, graph.second, members); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// --- people

// The clock is the preparation's: rules have none. The day is that of Kamchatka, where it begins.
absl::CivilDay Today() { return absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(12 * 60 * 60)); }

bool BirthChanges(const Pending& row) {
  const auto& after = static_cast<const v1::Person&>(*row.after);
  const auto* before = static_cast<const v1::Person*>(row.before);
  return before != nullptr && after.has_birth_date() &&
         (!before->has_birth_date() || !SameDay(before->birth_date(), after.birth_date()));
}

absl::Status PreparePersons(pg::Tx& tx, std::vector<Pending>& rows) {
  std::vector<std::string> changed;
  for (Pending& row : rows) {
    row.status = CheckAgainstToday(After<v1::Person>(row), Today());
    if (BirthChanges(row)) changed.push_back(After<v1::Person>(row).name());
  }
  if (changed.empty()) return absl::OkStatus();
  auto earliest = FindEarliestDays(tx, changed);
  if (!earliest.ok()) return earliest.status();
  for (Pending& row : rows) {
    if (!row.status.ok() || !BirthChanges(row)) continue;
    const auto& person = After<v1::Person>(row);
    const absl::CivilDay* day = Find(*earliest, person.name());
    if (day != nullptr) row.status = CheckBirth(person, *day);
  }
  return absl::OkStatus();
}

// --- employments

// Person and body never change: they are asked about when the post is made. The body is asked again
// when the first day moves; a later closing of the body does not touch those who work there.
absl::Status PrepareEmployment(const Organisations& organisations, const FormerPlaces& former,
                               const Persons& persons, PeriodBook& book,
                               const v1::Employment* before, v1::Employment& employment) {
  const OrganisationFacts* organisation = Find(organisations, employment.organisation());
  const PersonFacts* person = Find(persons, employment.person());
  if (before == nullptr) {
    if (auto s = MayBeNamed(person, "person"); !s.ok()) return s;
  }
  if (before == nullptr || !SameDay(before->start_date(), employment.start_date())) {
    if (auto s = MayBegin(organisation, employment.start_date(), "organisation"); !s.ok()) return s;
  }
  if (person != nullptr) {
    if (auto s = OldEnough(*person, employment.start_date(), "start_date"); !s.ok()) return s;
  }
  if (organisation != nullptr) {
    employment.set_municipality(former.On(
        employment.organisation(), employment.has_end_date() ? &employment.end_date() : nullptr,
        organisation->municipality));
  }
  if (!employment.main()) {
    book.Remove(employment.person(), employment.name());
    return absl::OkStatus();
  }
  return Reserve(book, employment.person(), employment.name(),
                 PeriodOf(employment.start_date(),
                          employment.has_end_date() ? &employment.end_date() : nullptr),
                 v1::REGISTRY_REASON_SECOND_MAIN_EMPLOYMENT,
                 "the person has a main employment on some of these dates");
}

absl::Status PrepareEmployments(pg::Tx& tx, std::vector<Pending>& rows) {
  const auto people =
      Names<v1::Employment>(rows, [](const auto& e, const auto& take) { take(e.person()); });
  const auto bodies =
      Names<v1::Employment>(rows, [](const auto& e, const auto& take) { take(e.organisation()); });
  auto organisations = FindOrganisations(tx, bodies);
  if (!organisations.ok()) return organisations.status();
  auto former = FormerPlaces::Of(tx, bodies);
  if (!former.ok()) return former.status();
  auto persons = FindPersons(tx, people);
  if (!persons.ok()) return persons.status();
  auto book = ReadMainPeriods(tx, people);
  if (!book.ok()) return book.status();
  for (Pending& row : rows) {
    row.status = PrepareEmployment(*organisations, *former, *persons, *book,
                                   static_cast<const v1::Employment*>(row.before),
                                   After<v1::Employment>(row));
  }
  return absl::OkStatus();
}

// --- support records

absl::Status PrepareSupportRecords(pg::Tx& tx, std::vector<Pending>& rows) {
  auto persons =
      FindPersons(tx, Names<v1::SupportRecord>(rows, [](const auto& record, const auto& take) {
                    take(record.person());
                    take(record.mentor());
                  }));
  if (!persons.ok()) return persons.status();
  for (Pending& row : rows) {
    const auto& record = After<v1::SupportRecord>(row);
    const auto* before = static_cast<const v1::SupportRecord*>(row.before);
    if (before == nullptr) row.status = MayBeNamed(Find(*persons, record.person()), "person");
    const bool new_mentor = before == nullptr || before->mentor() != record.mentor();
    const PersonFacts* person = Find(*persons, record.person());
    if (row.status.ok() && person != nullptr) {
      row.status = OldEnough(*person, record.start_date(), "start_date");
    }
    if (row.status.ok() && new_mentor && !record.mentor().empty()) {
      row.status = MayBeNamed(Find(*persons, record.mentor()), "mentor");
    }
  }
  return absl::OkStatus();
}

// --- management teams

absl::Status PrepareTeam(const Organisations& organisations, const FormerPlaces& former,
                         const Persons& persons, PeriodBook& book, const v1::ManagementTeam* before,
                         v1::ManagementTeam& team) {
  const OrganisationFacts* organisation = Find(organisations, team.organisation());
  if (before == nullptr || !SameDay(before->formed_date(), team.formed_date())) {
    if (auto s = MayBegin(organisation, team.formed_date(), "organisation"); !s.ok()) return s;
  }
  if (organisation != nullptr) {
    team.set_municipality(former.On(team.organisation(),
                                    team.has_disbanded_date() ? &team.disbanded_date() : nullptr,
                                    organisation->municipality));
  }
  const absl::flat_hash_set<std::string> old(
      before == nullptr
          ? absl::flat_hash_set<std::string>()
          : absl::flat_hash_set<std::string>(before->members().begin(), before->members().end()));
  for (const std::string& member : team.members()) {
    if (old.contains(member)) continue;
    if (auto s = MayBeNamed(Find(persons, member), "members"); !s.ok()) return s;
  }
  return Reserve(
      book, team.organisation(), team.name(),
      PeriodOf(team.formed_date(), team.has_disbanded_date() ? &team.disbanded_date() : nullptr),
      v1::REGISTRY_REASON_SECOND_MANAGEMENT_TEAM, "the body has a team on some of these dates");
}

absl::Status PrepareTeams(pg::Tx& tx, std::vector<Pending>& rows) {
  const auto bodies = Names<v1::ManagementTeam>(
      rows, [](const auto& t, const auto& take) { take(t.organisation()); });
  auto organisations = FindOrganisations(tx, bodies);
  if (!organisations.ok()) return organisations.status();
  auto former = FormerPlaces::Of(tx, bodies);
  if (!former.ok()) return former.status();
  auto persons =
      FindPersons(tx, Names<v1::ManagementTeam>(rows, [](const auto& team, const auto& take) {
                    for (const std::string& member : team.members()) take(member);
                  }));
  if (!persons.ok()) return persons.status();
  auto book = ReadTeamPeriods(tx, bodies);
  if (!book.ok()) return book.status();
  for (Pending& row : rows) {
    row.status = PrepareTeam(*organisations, *former, *persons, *book,
                             static_cast<const v1::ManagementTeam*>(row.before),
                             After<v1::ManagementTeam>(row));
  }
  return absl::OkStatus();
}

// Deleting asks no rule: what was right stays right.
template <class R>
void AddRule(resource::Engine& engine, absl::Status (*check)(R&)) {
  engine.Rule<R>([check](Change change, const R*, R* after) {
    return change == Change::kDelete ? absl::OkStatus() : check(*after);
  });
}
template <class R>
void AddRule(resource::Engine& engine, absl::Status (*check)(const R&)) {
  engine.Rule<R>([check](Change change, const R*, R* after) {
    return change == Change::kDelete ? absl::OkStatus() : check(*after);
  });
}

}  // namespace

void AddRules(resource::Engine& engine) {
  AddRule(engine, &CheckMunicipality);
  AddRule(engine, &CheckOrganisation);
  AddRule(engine, &CheckLink);
  AddRule(engine, &CheckPerson);
  AddRule(engine, &CheckEmployment);
  AddRule(engine, &CheckSupportRecord);
  AddRule(engine, &CheckManagementTeam);
  resource::AddClientRule(engine, v1::Organisation::descriptor(),
                          [&engine](pg::Tx& tx, const auto& before, const auto& after) {
                            return StaysInMunicipality(tx, engine,
                                                       static_cast<const v1::Organisation&>(before),
                                                       static_cast<const v1::Organisation&>(after));
                          });
  engine.PrepareFor(v1::OrganisationLink::descriptor(), &PrepareLinks);
  engine.PrepareFor(v1::Person::descriptor(), &PreparePersons);
  engine.PrepareFor(v1::Employment::descriptor(), &PrepareEmployments);
  engine.PrepareFor(v1::SupportRecord::descriptor(), &PrepareSupportRecords);
  engine.PrepareFor(v1::ManagementTeam::descriptor(), &PrepareTeams);
}

}  // namespace rsnms::registry
