#include "tools/demo/generator.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace rsnms::demo {

absl::StatusOr<std::unique_ptr<Generator>> Generator::Create(const Options& options) {
  if (options.educators < 100 || options.educators > 2'500'000) {
    return absl::InvalidArgumentError("educators must lie between 100 and 2500000");
  }
  if (options.regions.empty()) return absl::InvalidArgumentError("name at least one region");
  absl::flat_hash_set<std::string> known;
  for (const RegionPlace& region : AllRegions()) known.insert(region.code);
  for (const std::string& code : options.regions) {
    if (known.erase(code) == 0)
      return absl::InvalidArgumentError(absl::StrCat("unknown or repeated region ", code));
  }
  return std::unique_ptr<Generator>(new Generator(options));
}

std::string Generator::RegionName(int region) const {
  return absl::StrCat("regions/", plan_.regions()[region].place.code);
}

Counts Generator::Count(int region) const {
  const RegionPlan& place = plan_.regions()[region];
  Counts counts{.municipalities = static_cast<int64_t>(place.municipalities.size()),
                .organisations = place.end_body - place.first_body,
                .persons = place.end_person - place.first_person};
  for (int64_t b = place.first_body; b < place.end_body; ++b) {
    const Body& body = plan_.bodies()[b];
    registry::v1::OrganisationLink link;
    for (const bool administrative : {true, false})
      counts.links += FillLink(b, administrative, &link);
    counts.teams += Educates(body.kind) && body.managers > 0;
    for (int64_t p = body.first_person; p < body.first_person + body.staff; ++p) {
      for (int slot = kMain; slot < kSlots; ++slot)
        counts.employments += HasSlot(p, body, static_cast<Slot>(slot));
      counts.support_records += IsSupported(p, body);
    }
  }
  return counts;
}

registry::v1::Region Generator::Region(int region) const {
  const RegionPlan& place = plan_.regions()[region];
  registry::v1::Region out;
  out.set_name(RegionName(region));
  out.set_official_name(place.place.name);
  out.set_oktmo_code(place.bodies.oktmo);
  out.set_time_zone(place.bodies.time_zone);
  return out;
}

Stream<registry::v1::Municipality> Generator::Municipalities(int region) const {
  return [this, region, i = size_t{0}](registry::v1::Municipality* out) mutable {
    const auto& places = plan_.regions()[region].municipalities;
    if (i == places.size()) return false;
    out->Clear();
    out->set_name(absl::StrCat(RegionName(region), "/municipalities/", places[i].oktmo));
    out->set_official_name(places[i].name);
    out->set_kind(places[i].kind);
    out->set_oktmo_code(places[i].oktmo);
    ++i;
    return true;
  };
}

Stream<registry::v1::Organisation> Generator::Organisations(int region) const {
  return [this, end = plan_.regions()[region].end_body,
          b = plan_.regions()[region].first_body](registry::v1::Organisation* out) mutable {
    if (b == end) return false;
    FillOrganisation(b++, out);
    return true;
  };
}

Stream<registry::v1::OrganisationLink> Generator::Links(int region) const {
  return [this, end = 2 * plan_.regions()[region].end_body,
          i = 2 * plan_.regions()[region].first_body](registry::v1::OrganisationLink* out) mutable {
    for (; i < end; ++i) {
      if (FillLink(i / 2, i % 2 == 0, out)) {
        ++i;
        return true;
      }
    }
    return false;
  };
}

Stream<registry::v1::Person> Generator::Persons(int region) const {
  return [this, end = plan_.regions()[region].end_person,
          p = plan_.regions()[region].first_person](registry::v1::Person* out) mutable {
    if (p == end) return false;
    FillPerson(p++, out);
    return true;
  };
}

Stream<registry::v1::Employment> Generator::Employments(int region) const {
  return [this, end = plan_.regions()[region].end_person, p = plan_.regions()[region].first_person,
          slot = 0](registry::v1::Employment* out) mutable {
    for (; p < end; ++p, slot = 0) {
      const int64_t b = plan_.BodyOf(p);
      while (slot < kSlots) {
        const auto current = static_cast<Slot>(slot++);
        if (!HasSlot(p, plan_.bodies()[b], current)) continue;
        FillEmployment(p, b, current, out);
        return true;
      }
    }
    return false;
  };
}

Stream<registry::v1::SupportRecord> Generator::SupportRecords(int region) const {
  return [this, end = plan_.regions()[region].end_person,
          p = plan_.regions()[region].first_person](registry::v1::SupportRecord* out) mutable {
    for (; p < end; ++p) {
      const Body& body = plan_.bodies()[plan_.BodyOf(p)];
      if (!IsSupported(p, body)) continue;
      FillSupport(p++, body, out);
      return true;
    }
    return false;
  };
}

Stream<registry::v1::ManagementTeam> Generator::Teams(int region) const {
  return [this, end = plan_.regions()[region].end_body,
          b = plan_.regions()[region].first_body](registry::v1::ManagementTeam* out) mutable {
    for (; b < end; ++b) {
      const Body& body = plan_.bodies()[b];
      if (!Educates(body.kind) || body.managers == 0) continue;
      FillTeam(b++, out);
      return true;
    }
    return false;
  };
}

}  // namespace rsnms::demo
