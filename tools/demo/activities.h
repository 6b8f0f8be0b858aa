// Activities of an invented region beside its people and posts: districts, acts, agreements,
// appointments, sites, communities, events, practices, mentoring, the methodological asset and the
// staff of municipal services. Most of them have states that only steps reach, so they are stories
// (story.h), to be played in the order of `Activity`; staff and attachments are imported.
//
// Needs the region's municipalities, organisations, persons and employments. Everything follows
// from the generator and an index; memory grows with the bodies only.
#ifndef RSNMS_TOOLS_DEMO_ACTIVITIES_H_
#define RSNMS_TOOLS_DEMO_ACTIVITIES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rsnms/registry/v1/attachment.pb.h"
#include "rsnms/registry/v1/mms_staff.pb.h"
#include "tools/demo/generator.h"
#include "tools/demo/story.h"

namespace rsnms::demo {

// Part of the data's identity: never renumber.
enum class Activity : uint64_t {
  kDistrict = 1,
  kAct,          // orders; the first is what appointments and sites cite
  kAgreement,    // three-party, one for each municipality
  kAppointment,  // five roles of the centre
  kSiteCall,     // one
  kSite,
  kCommunity,  // with members, a meeting and its decision
  kEvent,      // with participants
  kExpert,
  kPractice,  // with reviews
  kMentorship,
  kRegulation,  // of the asset, one
  kMethodologist,
};
inline constexpr Activity kActivities[] = {
    Activity::kDistrict, Activity::kAct,      Activity::kAgreement,  Activity::kAppointment,
    Activity::kSiteCall, Activity::kSite,     Activity::kCommunity,  Activity::kEvent,
    Activity::kExpert,   Activity::kPractice, Activity::kMentorship, Activity::kRegulation,
};

// Thread-safe.
class Activities {
 public:
  // At most `limit` stories of a kind. The generator must outlive it.
  Activities(const Generator& generator, int region, int64_t limit);

  // How many stories of a kind there are: in proportion to the region's educators.
  int64_t Count(Activity kind) const;
  // The story number `index`, below Count.
  Story Tell(Activity kind, int64_t index) const;

  // Everybody who works in a municipal methodological service.
  Stream<registry::v1::MmsStaffMember> ServiceStaff() const;

  // People for the asset, one for every two hundred educators: those of a fixed choice of educators
  // whom `is_fit` (diagnosed, trained) takes.
  std::vector<int64_t> ChooseMethodologists(
      const std::function<bool(const std::string& person)>& is_fit) const;
  // Nomination, both preconditions, contract, work, a plan; every eighth waits for the contract.
  // `index` is the person's place among the chosen.
  Story TellMethodologist(int64_t index, int64_t person) const;
  // Whom the chosen ones at work support: less than the limit of the region's regulation each,
  // nobody twice, no methodologist.
  Stream<registry::v1::Attachment> Attachments(std::vector<int64_t> methodologists) const;

 private:
  // A body of education and the people who have worked in it for a year.
  struct Team {
    int64_t body;
    std::vector<int64_t> people;
  };

  Story District(int64_t index) const;
  Story Act(int64_t index) const;
  Story Agreement(int64_t index) const;
  Story Appointment(int64_t index) const;
  Story SiteCall() const;
  Story Site(int64_t index) const;
  Story Community(int64_t index) const;
  Story Event(int64_t index) const;
  Story Expert(int64_t index) const;
  Story Practice(int64_t index) const;
  Story Mentorship(int64_t index) const;
  Story Regulation() const;
  void FillAttachment(int64_t index, int64_t person, registry::v1::Attachment* out) const;

  Teller Begin(Activity kind, int64_t index) const;
  // The name of what story `index` of a kind creates in its step number `step`.
  std::string NameOf(Activity kind, int64_t index, const char* collection, int step = 0) const;
  Team TeamOf(int64_t index) const;
  std::string Body(int64_t body) const { return generator_.OrganisationName(body); }
  std::string Person(int64_t person) const { return generator_.PersonName(person); }
  std::string Municipality(int64_t index) const;
  int64_t Authority() const { return plan_.first_body; }
  int64_t Institute() const { return plan_.first_body + 1; }
  int64_t Centre() const { return plan_.first_body + 2; }
  int64_t MunicipalAuthority(int64_t municipality) const {
    return plan_.first_body + 3 + 2 * municipality;
  }
  int64_t Service(int64_t municipality) const { return MunicipalAuthority(municipality) + 1; }
  int64_t Municipalities() const { return static_cast<int64_t>(plan_.municipalities.size()); }
  // Two registered experts with nothing to do with the body; fewer when there are none.
  std::vector<std::string> ExpertsFor(int64_t index, int64_t body) const;
  absl::CivilDay Ago(int days) const { return generator_.options().as_of - days; }

  const Generator& generator_;
  const int region_;
  const RegionPlan& plan_;
  const int64_t limit_;
  std::vector<int64_t> teams_;  // bodies of education with enough people
};

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_ACTIVITIES_H_
