#include "tools/rsnmsctl/training/people.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/type/date.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "rsnms/registry/v1/sites_service.pb.h"

namespace rsnms::ctl {
namespace {

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

}  // namespace

absl::CivilDay LearningDay(const Desk& desk) { return absl::CivilDay(desk.options().year, 5, 4); }

std::string WhoIs(const Somebody& who) {
  return absl::StrCat(Text("person", who.person), Text("organisation", who.organisation),
                      who.municipality.empty() ? "" : Text("municipality", who.municipality));
}

std::vector<Somebody> LearnersOf(const Roll& roll) {
  const std::map<std::string, programs::v1::Enrolment> sorted(roll.enrolments().begin(),
                                                              roll.enrolments().end());
  std::vector<Somebody> people;
  absl::flat_hash_set<std::string> seen;
  for (const auto& [name, e] : sorted) {
    if (e.category() != programs::v1::LEARNER_CATEGORY_PEDAGOGUE) continue;
    if (e.route().empty() || e.municipality().empty() || !seen.insert(e.person()).second) continue;
    people.push_back({e.person(), e.organisation(), e.municipality()});
  }
  return people;
}

absl::StatusOr<std::vector<Somebody>> WhoWorked(const Desk& desk,
                                                const std::vector<Somebody>& people,
                                                absl::CivilDay day, size_t count) {
  std::vector<Somebody> worked;
  for (const Somebody& who : people) {
    if (worked.size() == count) break;
    registry::v1::ListEmploymentsRequest list;
    list.set_parent(desk.parent());
    list.set_filter(absl::StrCat("person = \"", who.person, "\""));
    registry::v1::ListEmploymentsResponse page;
    auto s = desk.session().Call("rsnms.registry.v1.Registry/ListEmployments", list, &page);
    if (!s.ok()) return s;
    const auto& posts = page.employments();
    const bool there = std::any_of(posts.begin(), posts.end(), [&](const auto& post) {
      return post.organisation() == who.organisation && DayOf(post.start_date()) <= day &&
             (!post.has_end_date() || DayOf(post.end_date()) >= day);
    });
    if (there) worked.push_back(who);
  }
  return worked;
}

absl::StatusOr<std::vector<Somebody>> StaffOf(const Desk& desk, const std::string& organisation,
                                              size_t count) {
  registry::v1::ListEmploymentsRequest list;
  list.set_parent(desk.parent());
  list.set_filter(absl::StrCat("organisation = \"", organisation, "\" AND main = true"));
  list.set_page_size(1000);
  registry::v1::ListEmploymentsResponse page;
  if (auto s = desk.session().Call("rsnms.registry.v1.Registry/ListEmployments", list, &page);
      !s.ok()) {
    return s;
  }
  std::vector<Somebody> people;
  for (const auto& each : page.employments()) {
    if (each.has_end_date() || LearningDay(desk) < DayOf(each.start_date())) continue;
    people.push_back({each.person(), organisation, each.municipality()});
  }
  std::sort(people.begin(), people.end(),
            [](const Somebody& a, const Somebody& b) { return a.person < b.person; });
  if (people.size() > count) people.resize(count);
  return people;
}

absl::StatusOr<std::vector<std::string>> BodiesOf(const Desk& desk, const std::string& kind) {
  registry::v1::ListOrganisationsRequest list;
  list.set_parent(desk.parent());
  list.set_filter("kind = " + kind);
  registry::v1::ListOrganisationsResponse page;
  if (auto s = desk.session().Call("rsnms.registry.v1.Registry/ListOrganisations", list, &page);
      !s.ok()) {
    return s;
  }
  std::vector<std::string> names;
  for (const auto& each : page.organisations()) names.push_back(each.name());
  return names;
}

absl::StatusOr<std::vector<Host>> FindHosts(const Desk& desk, size_t count) {
  registry::v1::ListSitesRequest list;
  list.set_parent(desk.parent());
  list.set_filter("state = STATUS_GRANTED");
  list.set_page_size(1000);
  registry::v1::ListSitesResponse page;
  if (auto s = desk.session().Call("rsnms.registry.v1.Sites/ListSites", list, &page); !s.ok()) {
    return s;
  }
  const absl::CivilDay day = LearningDay(desk);
  std::vector<Host> hosts;
  for (const auto& site : page.sites()) {
    const auto& from = site.status_from_date();
    if (hosts.size() == count) break;
    if (day < DayOf(from)) continue;
    const auto staff = StaffOf(desk, site.organisation(), 1);
    if (!staff.ok()) return staff.status();
    if (staff->empty()) continue;
    hosts.push_back({site.organisation(), site.name(), staff->front().person});
  }
  return hosts;
}

}  // namespace rsnms::ctl
