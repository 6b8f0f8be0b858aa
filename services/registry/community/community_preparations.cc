// What must hold between a row about to be written and other rows: one query for a batch, steps of
// state machines one by one.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/registry/community/community.h"
#include "services/registry/community/community_store.h"
#include "services/registry/pending.h"
#include "services/registry/person_store.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using Communities = absl::flat_hash_map<std::string, CommunityFacts>;

template <class R>
std::vector<std::string> CommunitiesOf(std::vector<Pending>& rows) {
  return NamesIn<R>(rows, [](const R& r, const auto& take) { take(r.community()); });
}

// The body of a new row works, and lends its organisation.
template <class R>
absl::Status TakeOrganisation(const CommunityFacts* community, const Pending& row, R& after) {
  if (community == nullptr) return Unknown("community");
  after.set_organisation(community->organisation);
  if (row.before != nullptr || !IsEnded(*community)) return absl::OkStatus();
  return Refuse(v1::REGISTRY_REASON_COMMUNITY_CLOSED, "the body is closed");
}

absl::Status PrepareCommunities(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    if (!Enters<v1::Community>(row, v1::Community::STATE_ACTIVE)) continue;
    const auto& after = AfterOf<v1::Community>(row);
    auto roster = ReadRoster(tx, after.name(), after.active_date());
    if (!roster.ok()) return roster.status();
    if (roster->chair.empty()) {
      row.status = Refuse(v1::REGISTRY_REASON_CHAIR_REQUIRED, "nobody chairs the body that day");
    }
  }
  return absl::OkStatus();
}

// Refuses an overlap, else notes the row for those that come after it.
absl::Status Reserve(PeriodBook& book, const v1::Membership& membership) {
  const Period period = PeriodOf(membership.start_date(),
                                 membership.has_end_date() ? &membership.end_date() : nullptr);
  const std::string person = absl::StrCat(membership.community(), "|", membership.person());
  if (book.Clashes(person, membership.name(), period)) {
    return Refuse(v1::REGISTRY_REASON_MEMBERSHIP_OVERLAP,
                  "the person is a member on some of these days");
  }
  book.Put(person, membership.name(), period);
  const std::string chair = absl::StrCat(membership.community(), "|");
  if (membership.role() != v1::COMMUNITY_ROLE_CHAIR) {
    book.Remove(chair, membership.name());
    return absl::OkStatus();
  }
  if (book.Clashes(chair, membership.name(), period)) {
    return Refuse(v1::REGISTRY_REASON_SECOND_CHAIR, "the body has a chair on some of these days");
  }
  book.Put(chair, membership.name(), period);
  return absl::OkStatus();
}

absl::Status PrepareMemberships(pg::Tx& tx, std::vector<Pending>& rows) {
  const auto names = CommunitiesOf<v1::Membership>(rows);
  auto communities = FindCommunities(tx, names);
  if (!communities.ok()) return communities.status();
  auto persons = FindPersons(
      tx, NamesIn<v1::Membership>(rows, [](const auto& m, const auto& take) { take(m.person()); }));
  if (!persons.ok()) return persons.status();
  auto book = ReadMembershipPeriods(tx, names);
  if (!book.ok()) return book.status();
  for (Pending& row : rows) {
    auto& after = AfterOf<v1::Membership>(row);
    const CommunityFacts* community = FindIn(*communities, after.community());
    row.status = TakeOrganisation(community, row, after);
    if (row.status.ok() && row.before == nullptr) {
      row.status = MayBeNamed(FindIn(*persons, after.person()), "person");
    }
    if (row.status.ok()) row.status = CheckConsideration(*community, after);
    if (row.status.ok()) row.status = Reserve(*book, after);
  }
  return absl::OkStatus();
}

// Guests need not belong to the body, but must exist.
absl::Status CheckGuests(pg::Tx& tx, const v1::Meeting& meeting) {
  auto persons = FindPersons(tx, {meeting.guests().begin(), meeting.guests().end()});
  if (!persons.ok()) return persons.status();
  for (const std::string& guest : meeting.guests()) {
    if (auto s = MayBeNamed(FindIn(*persons, guest), "guests"); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status PrepareMeetings(pg::Tx& tx, std::vector<Pending>& rows) {
  auto communities = FindCommunities(tx, CommunitiesOf<v1::Meeting>(rows));
  if (!communities.ok()) return communities.status();
  for (Pending& row : rows) {
    auto& after = AfterOf<v1::Meeting>(row);
    const CommunityFacts* community = FindIn(*communities, after.community());
    row.status = TakeOrganisation(community, row, after);
    if (!row.status.ok()) continue;
    if (Enters<v1::Meeting>(row, v1::Meeting::STATE_HELD)) {
      auto roster = ReadRoster(tx, after.community(), after.held_date());
      if (!roster.ok()) return roster.status();
      row.status = CheckHeldMeeting(*community, *roster, after);
      if (row.status.ok()) row.status = CheckGuests(tx, after);
    } else if (Enters<v1::Meeting>(row, v1::Meeting::STATE_RECORDED)) {
      after.set_community_title(community->title);
      row.status = CheckOrder(after.held_date(), &after.minutes_date(), "minutes_date");
    } else if (Enters<v1::Meeting>(row, v1::Meeting::STATE_CONTROLLED)) {
      auto open = CountOpenDecisions(tx, after.name());
      if (!open.ok()) return open.status();
      if (*open > 0) row.status = Refuse(v1::REGISTRY_REASON_DECISIONS_OPEN, "decisions are open");
    }
  }
  return absl::OkStatus();
}

absl::Status PrepareDecisions(pg::Tx& tx, std::vector<Pending>& rows) {
  auto meetings =
      FindMeetings(tx, NamesIn<v1::MeetingDecision>(
                           rows, [](const auto& d, const auto& take) { take(d.meeting()); }));
  if (!meetings.ok()) return meetings.status();
  auto persons = FindPersons(
      tx,
      NamesIn<v1::MeetingDecision>(rows, [](const auto& d, const auto& take) { take(d.owner()); }));
  if (!persons.ok()) return persons.status();
  for (Pending& row : rows) {
    auto& after = AfterOf<v1::MeetingDecision>(row);
    const auto* before = BeforeOf<v1::MeetingDecision>(row);
    const MeetingFacts* meeting = FindIn(*meetings, after.meeting());
    if (meeting == nullptr) {
      row.status = Unknown("meeting");
      continue;
    }
    after.set_organisation(meeting->organisation);
    row.status = CheckDecision(*meeting, before, after);
    if (row.status.ok() && (before == nullptr || before->owner() != after.owner())) {
      row.status = MayBeNamed(FindIn(*persons, after.owner()), "owner");
    }
  }
  return absl::OkStatus();
}

absl::Status PreparePlans(pg::Tx& tx, std::vector<Pending>& rows) {
  auto communities = FindCommunities(tx, CommunitiesOf<v1::CommunityPlan>(rows));
  if (!communities.ok()) return communities.status();
  auto meetings = FindMeetings(
      tx, NamesIn<v1::CommunityPlan>(
              rows, [](const auto& p, const auto& take) { take(p.approving_meeting()); }));
  if (!meetings.ok()) return meetings.status();
  for (Pending& row : rows) {
    auto& after = AfterOf<v1::CommunityPlan>(row);
    const CommunityFacts* community = FindIn(*communities, after.community());
    row.status = TakeOrganisation(community, row, after);
    if (row.status.ok() && Enters<v1::CommunityPlan>(row, v1::CommunityPlan::STATE_APPROVED)) {
      const MeetingFacts* meeting = FindIn(*meetings, after.approving_meeting());
      row.status = meeting == nullptr && !after.approving_meeting().empty()
                       ? Unknown("approving_meeting")
                       : CheckPlanApproval(*community, meeting);
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddCommunityRules(resource::Engine& engine) {
  engine.Rule<v1::Community>([](Change change, const v1::Community* before, v1::Community* after) {
    return CheckCommunity(change, before, *after);
  });
  engine.Rule<v1::Membership>([](Change change, const v1::Membership*, v1::Membership* after) {
    return change == Change::kDelete ? absl::OkStatus() : CheckMembership(*after);
  });
  engine.Rule<v1::Meeting>([](Change change, const v1::Meeting* before, v1::Meeting* after) {
    return CheckMeeting(change, before, *after);
  });
  engine.Rule<v1::CommunityPlan>(
      [](Change change, const v1::CommunityPlan* before, v1::CommunityPlan* after) {
        return CheckCommunityPlan(change, before, *after);
      });
  engine.PrepareFor(v1::Community::descriptor(), &PrepareCommunities);
  engine.PrepareFor(v1::Membership::descriptor(), &PrepareMemberships);
  engine.PrepareFor(v1::Meeting::descriptor(), &PrepareMeetings);
  engine.PrepareFor(v1::MeetingDecision::descriptor(), &PrepareDecisions);
  engine.PrepareFor(v1::CommunityPlan::descriptor(), &PreparePlans);
}

}  // namespace rsnms::registry
