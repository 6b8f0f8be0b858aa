#include "services/registry/life/fates.h"

namespace rsnms::registry {
namespace {

constexpr OnClosing kHolds = OnClosing::kHolds;
constexpr OnClosing kEnds = OnClosing::kEnds;
constexpr OnClosing kStays = OnClosing::kStays;
const Ending kNever = {{}, nullptr, nullptr, nullptr};

// A record that is living as long as its last day has not come.
Ending On(const char* date) { return {{}, nullptr, date, nullptr}; }

// History from the beginning: says what was, of the body as it was called then.
Fate History(const char* type, const char* field) {
  return {type, field, nullptr, kStays, kNever, {}, {}, false};
}

void AddMentoringAndAsset(std::vector<Fate>& all) {
  // People are paired on: their posts pass too. It is finished or dissolved before a body closes.
  all.push_back({"registry.rsnms/Mentorship",
                 "organisation",
                 "state NOT IN ('FINISHED', 'INCENTIVISED', 'LONG_TERM_BASE', 'DISSOLVED') AND "
                 "coalesce(end_date, 'infinity') >= $3::date",
                 kHolds,
                 kNever,
                 {},
                 {}});
  all.push_back({"registry.rsnms/MentorSchool",
                 "organisation",
                 "state IN ('NOMINATED', 'ADMITTED') AND coalesce(leave_date, 'infinity') >= "
                 "$3::date",
                 kEnds,
                 {{"ADMITTED"}, "LEFT", "leave_date", nullptr},
                 {},
                 {}});
  // The contract is the successor's, with the attachments under it.
  all.push_back(
      {"registry.rsnms/Methodologist",
       "organisation",
       "state NOT IN ('RELEASED', 'REJECTED')",
       kHolds,
       kNever,
       {{"registry.rsnms/WorkPlan", "methodologist_id = $2::uuid"},
        {"registry.rsnms/WorkPlanItem",
         "work_plan_id IN (SELECT id FROM work_plan WHERE region_code = $1 AND methodologist_id = "
         "$2::uuid)"}},
       {}});
  all.push_back({"registry.rsnms/MmsStaffMember",
                 "organisation",
                 "coalesce(exclude_date, 'infinity') >= $3::date",
                 kEnds,
                 On("exclude_date"),
                 {{"registry.rsnms/MmsTraining", "staff_member_id = $2::uuid"}},
                 {}});
  all.push_back(History("registry.rsnms/MmsTraining", "provider"));
  // Where the educator worked on the first day.
  all.push_back(History("registry.rsnms/Attachment", "organisation"));
  all.push_back(History("registry.rsnms/CorporateTraining", "organisation"));
}

void AddDocumentsAndSites(std::vector<Fate>& all) {
  // An act is of the body that issued it; what it had in work the successor goes on with.
  all.push_back({"registry.rsnms/Document",
                 "organisation",
                 "state IN ('DRAFT', 'DISCUSSION', 'REWORK')",
                 kStays,
                 kNever,
                 {},
                 {}});
  // The successor is party in its place; signatures name who signed. Where it is a party already,
  // obligations to oneself end.
  all.push_back({"registry.rsnms/Agreement",
                 "organisations",
                 "state NOT IN ('EXPIRED', 'TERMINATED') AND coalesce(last_date, 'infinity') >= "
                 "$3::date",
                 kHolds,
                 {{"SIGNED", "IN_FORCE"}, "TERMINATED", "ended_date", "ground"},
                 {},
                 {{"parties", "organisation"}, {"obligations", "organisation"}}});
  all.push_back({"registry.rsnms/Appointment",
                 "organisation",
                 "state NOT IN ('REFUSED', 'REPLACED', 'RELEASED') AND coalesce(end_date, "
                 "term_end_date, 'infinity') >= $3::date",
                 kEnds,
                 {{"APPOINTED", "ACCESS_GRANTED"}, "RELEASED", "end_date", "ground"},
                 {},
                 {}});
  all.push_back({"registry.rsnms/ResearchRequest",
                 "organisation",
                 "state NOT IN ('DECLINED', 'CLOSED')",
                 kHolds,
                 kNever,
                 {},
                 {}});
  all.push_back({"registry.rsnms/Site",
                 "organisation",
                 "state IN ('APPLIED', 'UNDER_EXPERT_REVIEW', 'SELECTED', 'STATUS_GRANTED', "
                 "'SUSPENDED') AND coalesce(ended_date, extended_until_date, status_until_date, "
                 "'infinity') >= $3::date",
                 kEnds,
                 {{"STATUS_GRANTED", "SUSPENDED"}, "STATUS_WITHDRAWN", "ended_date", "ground"},
                 {},
                 {}});
  all.push_back({"registry.rsnms/SiteCall",
                 "organisation",
                 "state IN ('PREPARED', 'OPEN')",
                 kHolds,
                 kNever,
                 {},
                 {}});
  all.push_back({"registry.rsnms/ReserveCandidate",
                 "organisation",
                 "state NOT IN ('APPOINTED', 'EXCLUDED')",
                 kHolds,
                 kNever,
                 {},
                 {}});
  all.push_back(History("registry.rsnms/ReserveCandidate", "appointed_organisation"));
  for (const char* side : {"organisation", "provider"}) {
    all.push_back({"registry.rsnms/ConsultingRequest",
                   side,
                   "state IN ('RECEIVED', 'ASSIGNED', 'IN_WORK')",
                   kHolds,
                   kNever,
                   {},
                   {}});
  }
}

void AddCommunitiesAndEvents(std::vector<Fate>& all) {
  const char* of_community = "community_id = $2::uuid";
  all.push_back(
      {"registry.rsnms/Community",
       "organisation",
       "state <> 'CLOSED'",
       kHolds,
       kNever,
       {{"registry.rsnms/Membership", of_community},
        {"registry.rsnms/Meeting", of_community},
        {"registry.rsnms/CommunityPlan", of_community},
        {"registry.rsnms/MeetingDecision",
         "meeting_id IN (SELECT id FROM meeting WHERE region_code = $1 AND community_id = "
         "$2::uuid)"}},
       {}});
  const char* ahead = "state IN ('PLANNED', 'ANNOUNCED', 'REGISTRATION')";
  all.push_back({"registry.rsnms/Event",
                 "organisation",
                 ahead,
                 kHolds,
                 kNever,
                 {{"registry.rsnms/Participation", "event_id = $2::uuid"}},
                 {}});
  all.push_back({"registry.rsnms/Event", "co_organisers", ahead, kStays, kNever, {}, {}});
  all.push_back(History("registry.rsnms/Participation", "sending_organisation"));
  all.push_back(
      {"registry.rsnms/EventPlan", "organisation", "state <> 'REPORTED'", kHolds, kNever, {}, {}});
  all.push_back({"registry.rsnms/Contest",
                 "organisation",
                 "state IN ('ANNOUNCED', 'APPLICATIONS_OPEN', 'FIRST_ROUND', 'FINAL')",
                 kHolds,
                 kNever,
                 {{"registry.rsnms/ContestEntry", "contest_id = $2::uuid"}},
                 {}});
  all.push_back(History("registry.rsnms/ContestEntry", "entrant_organisation"));
}

void AddPractices(std::vector<Fate>& all) {
  // A practice grew where it grew.
  all.push_back(History("registry.rsnms/Practice", "organisation"));
  all.push_back(History("registry.rsnms/PracticeSpread", "organisation"));
  all.push_back(History("registry.rsnms/Publication", "organisation"));
  const char* registered = "state <> 'RELEASED'";
  all.push_back({"registry.rsnms/Expert",
                 "organisation",
                 registered,
                 kHolds,
                 kNever,
                 {{"registry.rsnms/ExpertAssignment", "expert_id = $2::uuid"}},
                 {}});
  // Who may not review works of a body may not review those of its successor.
  all.push_back(
      {"registry.rsnms/Expert", "conflict_organisations", registered, kStays, kNever, {}, {}});
  const char* runs = "state NOT IN ('REJECTED', 'FINISHED', 'SPREAD', 'CLOSED')";
  all.push_back({"registry.rsnms/Project", "organisation", runs, kHolds, kNever, {}, {}});
  all.push_back({"registry.rsnms/Project", "participants", runs, kStays, kNever, {}, {}});
  all.push_back({"registry.rsnms/GrantCall",
                 "organisation",
                 "state = 'ANNOUNCED'",
                 kHolds,
                 kNever,
                 {{"registry.rsnms/Grant", "grant_call_id = $2::uuid"}},
                 {}});
  all.push_back({"registry.rsnms/Grant",
                 "applicant_organisation",
                 "state IN ('APPLIED', 'ASSESSED', 'AWARDED')",
                 kHolds,
                 kNever,
                 {},
                 {}});
}

void AddStructure(std::vector<Fate>& all) {
  all.push_back({"registry.rsnms/District", "centre", "state <> 'CLOSED'", kHolds, kNever, {}, {}});
  const char* lasts = "coalesce(valid_until_date, 'infinity') >= $3::date";
  const Ending until = On("valid_until_date");
  all.push_back({"registry.rsnms/DistrictOfficer", "organisation", lasts, kEnds, until, {}, {}});
  all.push_back({"registry.rsnms/DistrictResource", "owner", lasts, kEnds, until, {}, {}});
  // Who acts as a subject of an act on a date is asked of the past too.
  all.push_back({"registry.rsnms/ActingOrganisation",
                 "organisation",
                 lasts,
                 kEnds,
                 until,
                 {},
                 {},
                 /*renewed=*/true});
  // How an act writes the name of this very body.
  all.push_back(History("registry.rsnms/OrganisationProfileName", "organisation"));
}

}  // namespace

const std::vector<Fate>& Fates() {
  static const auto& fates = *[] {
    auto* all = new std::vector<Fate>;
    AddMentoringAndAsset(*all);
    AddDocumentsAndSites(*all);
    AddCommunitiesAndEvents(*all);
    AddPractices(*all);
    AddStructure(*all);
    return all;
  }();
  return fates;
}

}  // namespace rsnms::registry
