// Learning along the routes: enrolments on their programmes, and completions of a share of them.
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using diagnostics::v1::Route;
using programs::v1::Enrolment;

constexpr int kBatch = 500;
constexpr int kCompletedPercent = 70;

std::string Method(const char* name) { return absl::StrCat("rsnms.programs.v1.Programs/", name); }

void SetDate(google::type::Date* date, int year, int month, int day) {
  date->set_year(year);
  date->set_month(month);
  date->set_day(day);
}

// Gathers enrolments and sends them batch by batch, each followed by the completions of its share.
class Learners {
 public:
  Learners(Session& session, const CampaignOptions& options)
      : session_(session), options_(options), progress_("Обучение: зачислено", 0) {
    request_.set_parent(absl::StrCat("regions/", options.region));
    request_.set_initial_state(Enrolment::STATE_IN_PROGRESS);
  }

  // `key` names the learning: the same key is the same enrolment.
  absl::Status Add(Enrolment enrolment, const std::string& key) {
    enrolment.set_name(
        absl::StrCat(request_.parent(), "/enrolments/", RequestIdFor("enrolment " + key)));
    SetDate(enrolment.mutable_start_date(), options_.year, 4, 10);
    *request_.add_enrolments() = std::move(enrolment);
    return request_.enrolments_size() < kBatch ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    if (request_.enrolments().empty()) return absl::OkStatus();
    std::string names;
    for (const auto& e : request_.enrolments()) names += e.name();
    request_.set_request_id(RequestIdFor("enrol " + names));
    programs::v1::BatchCreateEnrolmentsResponse created;
    if (auto s = session_.Call(Method("BatchCreateEnrolments"), request_, &created); !s.ok())
      return s;
    outcome_.enrolments += created.enrolments_size();
    progress_.Set(outcome_.enrolments);
    request_.clear_enrolments();
    return Complete(created, RequestIdFor("complete " + names));
  }

  const LearningOutcome& outcome() const { return outcome_; }

 private:
  absl::Status Complete(const programs::v1::BatchCreateEnrolmentsResponse& created,
                        const std::string& request_id) {
    programs::v1::BatchCompleteEnrolmentsRequest request;
    request.set_parent(absl::StrCat("regions/", options_.region));
    request.set_request_id(request_id);
    for (const auto& enrolment : created.enrolments()) {
      if (!TakesPart(options_.seed + 1, enrolment.name(), kCompletedPercent)) continue;
      auto* done = request.add_requests();
      done->set_name(enrolment.name());
      const std::vector<std::string> parts = absl::StrSplit(enrolment.name(), '/');
      done->set_certificate_number(
          absl::StrCat("ПК-", options_.year, "-", parts.back().substr(0, 18)));
      SetDate(done->mutable_completion_date(), options_.year, 6, 20);
    }
    if (request.requests().empty()) return absl::OkStatus();
    programs::v1::BatchCompleteEnrolmentsResponse completed;
    if (auto s = session_.Call(Method("BatchCompleteEnrolments"), request, &completed); !s.ok())
      return s;
    outcome_.completions += completed.completions_size();
    return absl::OkStatus();
  }

  Session& session_;
  const CampaignOptions& options_;
  programs::v1::BatchCreateEnrolmentsRequest request_;
  Progress progress_;
  LearningOutcome outcome_;
};

// One enrolment for the first programme of each active route.
absl::Status AlongRoutes(Session& session, const CampaignOptions& options,
                         const std::string& campaign, Learners& learners) {
  diagnostics::v1::ListRoutesRequest list;
  list.set_parent(absl::StrCat("regions/", options.region));
  list.set_filter(
      absl::StrCat("campaign = \"", campaign, "\" AND (state = ACTIVE OR state = COMPLETED)"));
  return ForEachPage<diagnostics::v1::ListRoutesRequest, diagnostics::v1::ListRoutesResponse>(
      session, "rsnms.diagnostics.v1.Diagnostics/ListRoutes", list, [&](const auto& page) {
        for (const Route& route : page.routes()) {
          for (const auto& item : route.items()) {
            if (item.programme().empty()) continue;
            Enrolment enrolment;
            enrolment.set_person(route.person());
            enrolment.set_organisation(route.organisation());
            enrolment.set_municipality(route.municipality());
            enrolment.set_category(static_cast<programs::v1::LearnerCategory>(route.category()));
            enrolment.set_programme(item.programme());
            enrolment.set_route(route.name());
            enrolment.set_route_item_id(absl::StrCat(item.number()));
            enrolment.set_basis(programs::v1::ENROLMENT_BASIS_DIAGNOSTICS);
            if (auto s = learners.Add(enrolment, absl::StrCat(route.name(), " ", item.number()));
                !s.ok())
              return s;
          }
        }
        return absl::OkStatus();
      });
}

// A programme on managing the quality of education, by its topic code; empty when none is offered.
absl::StatusOr<std::string> QualityProgramme(Session& session, const CampaignOptions& options) {
  programs::v1::ListProgrammesRequest list;
  list.set_parent(absl::StrCat("regions/", options.region));
  list.set_filter("topic_codes:\"education-quality-management\"");
  list.set_page_size(50);
  programs::v1::ListProgrammesResponse page;
  if (auto s = session.Call(Method("ListProgrammes"), list, &page); !s.ok()) return s;
  for (const auto& programme : page.programmes()) {
    if (programme.register_state() != programs::v1::REGISTER_STATE_WITHDRAWN)
      return programme.name();
  }
  return std::string();
}

// Leaders and deputies of the management teams learn to manage quality; a team that is not chosen
// waits for next year.
absl::Status Teams(Session& session, const CampaignOptions& options, Learners& learners) {
  const auto programme = QualityProgramme(session, options);
  if (!programme.ok()) return programme.status();
  if (programme->empty()) return absl::OkStatus();
  registry::v1::ListManagementTeamsRequest list;
  list.set_parent(absl::StrCat("regions/", options.region));
  absl::flat_hash_set<std::string> seen;
  return ForEachPage<registry::v1::ListManagementTeamsRequest,
                     registry::v1::ListManagementTeamsResponse>(
      session, "rsnms.registry.v1.Registry/ListManagementTeams", list, [&](const auto& page) {
        for (const auto& team : page.management_teams()) {
          if (!TakesPart(options.seed + 2, team.name(), 60)) continue;
          for (const auto& member : team.members()) {
            if (!seen.insert(member).second) continue;
            Enrolment enrolment;
            enrolment.set_person(member);
            enrolment.set_organisation(team.organisation());
            enrolment.set_municipality(team.municipality());
            enrolment.set_category(programs::v1::LEARNER_CATEGORY_MANAGER);
            enrolment.set_programme(*programme);
            enrolment.set_basis(programs::v1::ENROLMENT_BASIS_PLAN);
            if (auto s = learners.Add(enrolment, absl::StrCat(member, " ", *programme)); !s.ok())
              return s;
          }
        }
        return absl::OkStatus();
      });
}

}  // namespace

absl::StatusOr<LearningOutcome> Learn(Session& session, const CampaignOptions& options,
                                      const std::string& campaign) {
  Learners learners(session, options);
  if (auto s = AlongRoutes(session, options, campaign, learners); !s.ok()) return s;
  if (auto s = learners.Flush(); !s.ok()) return s;
  if (auto s = Teams(session, options, learners); !s.ok()) return s;
  if (auto s = learners.Flush(); !s.ok()) return s;
  return learners.outcome();
}

}  // namespace rsnms::ctl
