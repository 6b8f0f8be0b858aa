#include "tools/rsnmsctl/training/expertise.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/auth/verifier.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/catalogue_service.pb.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;
using v1::ExpertReview;
using Version = v1::ProgrammeVersion;

constexpr int kExperts = 2;
constexpr int kDays = 14;   // an expert has for an opinion; a day more in each round
constexpr int kSteps = 12;  // more than the way to the register has

// The day of the register, Moscow's, or so many days later.
std::string Today(std::string_view field, int later = 0) {
  const absl::CivilDay day =
      absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(3 * 60 * 60)) + later;
  return On(field, static_cast<int>(day.year()), day.month(), day.day());
}

absl::StatusOr<std::vector<ExpertReview>> ReviewsOf(const Desk& desk, const Version& version) {
  const auto page = desk.Ask<v1::ListExpertReviewsResponse>(
      "Catalogue/ListExpertReviews",
      absl::StrCat(Text("parent", desk.parent()), "page_size: 1000 order_by: '' ",
                   Text("filter", absl::StrCat("programme_version = \"", version.name(), "\""))));
  if (!page.ok()) return page.status();
  std::vector<ExpertReview> reviews;
  for (const ExpertReview& review : page->expert_reviews()) {
    if (review.round() == version.round()) reviews.push_back(review);
  }
  std::sort(reviews.begin(), reviews.end(),
            [](const ExpertReview& a, const ExpertReview& b) { return a.expert() < b.expert(); });
  return reviews;
}

// Whether the expert is merely not to be asked about this programme.
bool IsBound(const absl::Status& status) {
  const std::string reason = rpc::ReasonOf(status);
  return reason == "CONFLICT_OF_INTEREST" || reason == "OWN_PROGRAMME" ||
         reason == "EXPERT_NOT_REGISTERED";
}

// The step that leads on from where the version stands; none once it is in the register, or has
// left the way.
Act NextStep(const Version& version, const std::string& number) {
  const std::string named = Text("name", version.name());
  switch (version.state()) {
    case Version::STATE_DRAFT:
      return {"Catalogue/SendProgrammeVersionToExpertise", named};
    case Version::STATE_REWORK:
      return {"Catalogue/SendProgrammeVersionToExpertise",
              absl::StrCat(named, Text("reason", "Доработано по замечаниям"))};
    case Version::STATE_EXPERTISE:
      if (version.round() == 1) {
        return {"Catalogue/ReturnProgrammeVersion",
                absl::StrCat(named, Text("state_reason", "Доработать оценочные материалы"))};
      }
      return {"Catalogue/ApproveProgrammeVersion",
              absl::StrCat(named, Text("approval_document", "Протокол РУМО № 4"),
                           Today("approval_date"))};
    case Version::STATE_APPROVED:
      return {"Catalogue/SubmitProgrammeVersion",
              absl::StrCat(named, Text("submission_number", "З-1"), Today("submission_date"))};
    case Version::STATE_SUBMITTED:
      return {"Catalogue/RecordRegisterEntry",
              absl::StrCat(named, Text("federal_register_number", number),
                           Today("register_answer_date"))};
    default:
      return {};
  }
}

}  // namespace

absl::StatusOr<Version> Expertise::Get(const std::string& version) const {
  return desk_.Ask<Version>("Catalogue/GetProgrammeVersion", Text("name", version));
}

absl::Status Expertise::Assign(const Version& version) const {
  const auto reviews = ReviewsOf(desk_, version);
  if (!reviews.ok()) return reviews.status();
  absl::flat_hash_set<std::string> asked;
  for (const ExpertReview& review : *reviews) asked.insert(review.expert());
  for (const std::string& expert : experts_) {
    if (asked.size() >= kExperts) break;
    if (asked.contains(expert)) continue;
    // The day tells a later round's request from an earlier one's.
    const auto status = desk_.Do(
        {"Catalogue/AssignExpert",
         absl::StrCat(Text("parent", desk_.parent()), Text("programme_version", version.name()),
                      Text("expert", expert), Today("due_date", kDays + version.round()))});
    if (IsBound(status)) continue;
    if (!status.ok()) return status;
    asked.insert(expert);
  }
  return absl::OkStatus();
}

// By the expert's own scope, alone: nobody gives an opinion for another.
absl::Status Expertise::Answer(const ExpertReview& review, bool positive) const {
  const char* issuer = std::getenv("RSNMS_ISSUER");
  auth::TokenClaims claims;
  claims.issuer = issuer == nullptr ? "https://rsnms.local" : issuer;
  claims.subject = review.person();
  claims.roles = {"educator"};
  claims.scopes = {review.person()};
  const auto token = auth::IssueToken(desk_.options().people_key, "", claims);
  if (!token.ok()) return token.status();
  std::string fields = absl::StrCat(
      Text("name", review.name()), "decision: REVIEW_DECISION_", positive ? "POSITIVE " : "REWORK ",
      Text("opinion", positive ? "Программа отвечает дефицитам, содержание современно"
                               : "Оценочные материалы не проверяют результаты"),
      Today("review_date"));
  for (const char* criterion : {"relevance", "structure", "assessment"}) {
    const bool weak = !positive && std::string_view(criterion) == "assessment";
    absl::StrAppend(&fields, "marks { ", Text("criterion", criterion), "mark: ", weak ? 1 : 4,
                    " } ");
  }
  if (!positive) {
    absl::StrAppend(&fields, "remarks { field: 'assessment_materials' ",
                    Text("text", "Добавьте задания с критериями оценки"), "} ");
  }
  return desk_.As(*token, {"Catalogue/SubmitExpertReview", fields});
}

absl::Status Expertise::Rework(const Version& version) const {
  return desk_.Do({"Catalogue/UpdateProgrammeVersion",
                   absl::StrCat("programme_version { ", Text("name", version.name()),
                                Text("assessment_materials",
                                     "Задания с критериями, образцы работ, лист самооценки"),
                                "} update_mask { paths: 'assessment_materials' }")});
}

absl::StatusOr<int> Expertise::HoldRound(const Version& version, int answers) const {
  if (auto s = Assign(version); !s.ok()) return s;
  if (desk_.options().people_key.empty()) return 0;
  const auto reviews = ReviewsOf(desk_, version);
  if (!reviews.ok()) return reviews.status();
  int given = 0;
  for (const ExpertReview& review : *reviews) {
    if (given == answers) break;
    if (review.state() == ExpertReview::STATE_ASSIGNED) {
      if (auto s = Answer(review, version.round() > 1 || given > 0); !s.ok()) return s;
    } else if (review.state() != ExpertReview::STATE_GIVEN) {
      continue;
    }
    ++given;
  }
  return given;
}

absl::Status Expertise::ToExpertise(const std::string& name) const {
  const auto version = Get(name);
  if (!version.ok()) return version.status();
  if (version->state() == Version::STATE_DRAFT) {
    if (auto s = desk_.Do({"Catalogue/SendProgrammeVersionToExpertise", Text("name", name)});
        !s.ok()) {
      return s;
    }
  }
  const auto now = Get(name);
  if (!now.ok()) return now.status();
  return now->state() == Version::STATE_EXPERTISE ? HoldRound(*now, 1).status() : absl::OkStatus();
}

absl::StatusOr<bool> Expertise::ToRegister(const std::string& name,
                                           const std::string& number) const {
  for (int step = 0; step < kSteps; ++step) {
    const auto version = Get(name);
    if (!version.ok()) return version.status();
    if (version->state() == Version::STATE_EXPERTISE) {
      const auto given = HoldRound(*version, kExperts);
      if (!given.ok()) return given.status();
      if (*given < kExperts) return false;
    }
    if (version->state() == Version::STATE_REWORK) {
      if (auto s = Rework(*version); !s.ok()) return s;
    }
    const Act act = NextStep(*version, number);
    if (act.method.empty()) return version->state() == Version::STATE_IN_REGISTER;
    if (auto s = desk_.Do(act); !s.ok()) return s;
  }
  return false;
}

}  // namespace rsnms::ctl
