// An invented country, region by region, as resources of the registry, ready for its Import
// methods. The same options give the same bytes, in any order and on any machine. Memory grows with
// the bodies (24 bytes each), not the people.
//
//   auto generator = Generator::Create({.seed = 1, .educators = 20000});
//   auto next = generator->Persons(0);
//   v1::Person person;
//   while (next(&person)) …
//
// Import in this order: region (CreateRegion), municipalities, organisations, links, persons,
// employments, support records, teams: each collection refers to earlier ones only.
#ifndef RSNMS_TOOLS_DEMO_GENERATOR_H_
#define RSNMS_TOOLS_DEMO_GENERATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/municipality.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/organisation_link.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "rsnms/registry/v1/region.pb.h"
#include "rsnms/registry/v1/support_record.pb.h"
#include "tools/demo/plan.h"

namespace rsnms::demo {

// Fills the next resource (cleared first) and returns true, or returns false at the end. The
// generator must outlive it.
template <class R>
using Stream = std::function<bool(R*)>;

// How many of each a region has.
struct Counts {
  int64_t municipalities = 0, organisations = 0, links = 0, persons = 0, employments = 0,
          support_records = 0, teams = 0;
};

// Thread-safe.
class Generator {
 public:
  // INVALID_ARGUMENT: educators outside 100 … 2 500 000, an unknown or repeated region, no region.
  static absl::StatusOr<std::unique_ptr<Generator>> Create(const Options& options);

  const Plan& plan() const { return plan_; }
  int regions() const { return static_cast<int>(plan_.regions().size()); }
  // Walks the region's people without building them: a second for 2.5 M.
  Counts Count(int region) const;

  registry::v1::Region Region(int region) const;
  Stream<registry::v1::Municipality> Municipalities(int region) const;
  Stream<registry::v1::Organisation> Organisations(int region) const;
  Stream<registry::v1::OrganisationLink> Links(int region) const;
  Stream<registry::v1::Person> Persons(int region) const;
  Stream<registry::v1::Employment> Employments(int region) const;
  Stream<registry::v1::SupportRecord> SupportRecords(int region) const;
  Stream<registry::v1::ManagementTeam> Teams(int region) const;

  // First day of a person's main post.
  absl::CivilDay MainStart(int64_t person) const {
    return LifeOf(person, plan_.bodies()[plan_.BodyOf(person)]).main_start;
  }
  // True of the person's own body and of one they have, or may have, a second or past post in.
  bool MayWorkAt(int64_t person, int64_t body) const {
    const int64_t own = plan_.BodyOf(person);
    return body == own || body == OtherBody(person, plan_.bodies()[own]);
  }
  const Options& options() const { return options_; }

  // Resource names by index: regions of Plan::regions(), bodies of Plan::bodies(), people 0 …
  // educators - 1.
  std::string RegionName(int region) const;
  std::string OrganisationName(int64_t body) const;
  std::string PersonName(int64_t person) const;

 private:
  // What a person's dates are; derived from the index alone.
  struct Life {
    absl::CivilDay birth, teaching_start, main_start;
    bool young;  // under 35 and in the first three years of work on Options::as_of
  };
  // Up to three posts of a person; their order is part of the data's identity.
  enum Slot { kMain = 0, kSecond = 1, kPast = 2, kSlots = 3 };

  explicit Generator(const Options& options) : options_(options), plan_(options) {}

  Life LifeOf(int64_t person, const Body& body) const;
  bool HasSlot(int64_t person, const Body& body, Slot slot) const;
  bool IsManager(int64_t person, const Body& body) const {
    return person - body.first_person < body.managers;
  }
  bool IsSupported(int64_t person, const Body& body) const;
  int64_t OtherBody(int64_t person, const Body& body) const;
  int64_t MentorOf(int64_t person, const Body& body) const;
  absl::CivilDay FoundedOn(int64_t body) const;

  void FillOrganisation(int64_t body, registry::v1::Organisation* out) const;
  bool FillLink(int64_t body, bool administrative, registry::v1::OrganisationLink* out) const;
  void FillPerson(int64_t person, registry::v1::Person* out) const;
  void FillEmployment(int64_t person, int64_t body, Slot slot, registry::v1::Employment* out) const;
  void FillSupport(int64_t person, const Body& body, registry::v1::SupportRecord* out) const;
  void FillTeam(int64_t body, registry::v1::ManagementTeam* out) const;

  Options options_;
  Plan plan_;
};

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_GENERATOR_H_
