#include "services/registry/people/standing_rules.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/people/people_profiles.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kFederal[] = "federal";

std::vector<v1::PeopleProfile> ReadProfiles() {
  std::vector<v1::PeopleProfile> profiles;
  for (const char* text : kPeopleProfileTexts) {
    if (!google::protobuf::TextFormat::ParseFromString(text, &profiles.emplace_back())) {
      std::cerr << "a profile of the rules on people does not parse" << std::endl;
      std::abort();
    }
  }
  return profiles;
}

std::string CategoryText(v1::QualificationCategory category) {
  switch (category) {
    case v1::QUALIFICATION_CATEGORY_COMPLIANCE:
      return "соответствие занимаемой должности";
    case v1::QUALIFICATION_CATEGORY_FIRST:
      return "первая";
    case v1::QUALIFICATION_CATEGORY_HIGHEST:
      return "высшая";
    case v1::QUALIFICATION_CATEGORY_METHODOLOGIST:
      return "педагог-методист";
    case v1::QUALIFICATION_CATEGORY_MENTOR:
      return "педагог-наставник";
    default:
      return "нет";
  }
}

bool Counts(const v1::CareerEvidence& evidence, absl::CivilDay day) {
  return ToCivil(evidence.evidence_date()) <= day &&
         (!evidence.has_valid_until_date() || day <= ToCivil(evidence.valid_until_date()));
}

const v1::CareerEvidence* Latest(const std::vector<v1::CareerEvidence>& evidence,
                                 const std::string& code, absl::CivilDay day) {
  const v1::CareerEvidence* latest = nullptr;
  const auto rank = [](const v1::CareerEvidence& e) {
    return std::pair(ToCivil(e.evidence_date()), e.name());
  };
  for (const auto& piece : evidence) {
    if (piece.criterion_code() != code || !Counts(piece, day)) continue;
    if (latest == nullptr || rank(*latest) < rank(piece)) latest = &piece;
  }
  return latest;
}

void Say(v1::LadderCriterion& criterion, v1::CriterionOutcome outcome, std::string reason) {
  criterion.set_outcome(outcome);
  criterion.set_reason_ru(std::move(reason));
}

void JudgeCategory(const v1::LadderCriterionRule& rule, const v1::Qualification* category,
                   v1::LadderCriterion& criterion) {
  const auto held =
      category == nullptr ? v1::QUALIFICATION_CATEGORY_UNSPECIFIED : category->category();
  const bool met = RankOf(held) >= RankOf(rule.least_category());
  Say(criterion, met ? v1::CRITERION_OUTCOME_MET : v1::CRITERION_OUTCOME_UNMET,
      absl::StrCat("Действующая категория: ", CategoryText(held),
                   "; нужна не ниже: ", CategoryText(rule.least_category()), "."));
}

void JudgeNumber(const v1::LadderCriterionRule& rule, const v1::CareerEvidence* evidence,
                 v1::LadderCriterion& criterion) {
  if (rule.has_min_value()) *criterion.mutable_min_value() = rule.min_value();
  criterion.set_reference_ru(rule.reference_ru());
  if (evidence == nullptr || !evidence->has_value()) {
    return Say(criterion, v1::CRITERION_OUTCOME_NOT_SHOWN, "Показатель не внесён.");
  }
  *criterion.mutable_value() = evidence->value();
  double least = 0, value = 0;
  if (!absl::SimpleAtod(evidence->value().value(), &value)) value = 0;
  if (!rule.has_min_value() || !absl::SimpleAtod(rule.min_value().value(), &least)) {
    return Say(criterion, v1::CRITERION_OUTCOME_MET,
               "Нижняя граница не установлена; верхняя показана справочно.");
  }
  const bool met = value >= least;
  Say(criterion, met ? v1::CRITERION_OUTCOME_MET : v1::CRITERION_OUTCOME_UNMET,
      absl::StrCat("Внесено ", evidence->value().value(), ", нужно не менее ",
                   rule.min_value().value(), "."));
}

void JudgeStatement(const v1::CareerEvidence* evidence, v1::LadderCriterion& criterion) {
  if (evidence == nullptr) {
    return Say(criterion, v1::CRITERION_OUTCOME_NOT_SHOWN, "Подтверждение не внесено.");
  }
  Say(criterion, v1::CRITERION_OUTCOME_MET, "Подтверждение внесено.");
}

}  // namespace

const std::vector<v1::PeopleProfile>& PeopleProfiles() {
  static const auto* const profiles = new std::vector<v1::PeopleProfile>(ReadProfiles());
  return *profiles;
}

absl::StatusOr<const v1::PeopleProfile*> FindPeopleProfile(const std::string& id,
                                                           const std::string& region) {
  const v1::PeopleProfile* federal = nullptr;
  for (const auto& profile : PeopleProfiles()) {
    if (!id.empty() && profile.id() == id) return &profile;
    if (profile.id() == kFederal) federal = &profile;
    const auto& own = profile.region_codes();
    if (id.empty() && std::find(own.begin(), own.end(), region) != own.end()) return &profile;
  }
  if (id.empty()) return federal;
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_UNKNOWN_PEOPLE_PROFILE,
                    "there is no such profile")
      .Field("profile", "is not a profile", "Такого профиля правил нет.");
}

YoungSpecialist JudgeYoung(const v1::PeopleProfile& profile, std::optional<absl::CivilDay> birth,
                           std::optional<absl::CivilDay> teaching_start, absl::CivilDay day) {
  YoungSpecialist judged;
  bool all = true, any = false;
  const auto say = [&](bool known, bool holds, std::string condition) {
    all = all && holds;
    any = any || holds;
    judged.notes.push_back(absl::StrCat(
        condition, !known ? ": дата не указана." : (holds ? ": выполнено." : ": не выполнено.")));
  };
  if (profile.young_age() > 0) {
    const int limit = profile.young_age() + (profile.young_age_included() ? 1 : 0);
    say(birth.has_value(), birth && day < YearsLater(*birth, limit),
        absl::StrCat("Возраст до ", profile.young_age(), " лет",
                     profile.young_age_included() ? " включительно" : ""));
  }
  if (profile.young_years() > 0) {
    say(teaching_start.has_value(),
        teaching_start && *teaching_start <= day &&
            day < YearsLater(*teaching_start, profile.young_years()),
        absl::StrCat("Первые годы педагогической работы (", profile.young_years(), ")"));
  }
  judged.young = !judged.notes.empty() && (profile.young_either() ? any : all);
  return judged;
}

std::pair<absl::CivilDay, absl::CivilDay> YearOf(const v1::PeopleProfile& profile,
                                                 absl::CivilDay day) {
  const int month = std::max(1, profile.year_start_month());
  absl::CivilDay first(day.year(), month, 1);
  if (day < first) first = absl::CivilDay(day.year() - 1, month, 1);
  return {first, absl::CivilDay(first.year() + 1, month, 1) - 1};
}

std::vector<v1::LadderStep> JudgeLadder(const v1::PeopleProfile& profile,
                                        const v1::Qualification* category,
                                        const std::vector<v1::CareerEvidence>& evidence,
                                        absl::CivilDay day) {
  std::vector<v1::LadderStep> steps;
  for (const auto& rule : profile.ladder()) {
    v1::LadderStep& step = steps.emplace_back();
    step.set_code(rule.code());
    step.set_title_ru(rule.title_ru());
    step.set_order(static_cast<int>(steps.size()));
    for (const auto& wanted : rule.criteria()) {
      v1::LadderCriterion& criterion = *step.add_criteria();
      criterion.set_code(wanted.code());
      criterion.set_text_ru(wanted.text_ru());
      const auto* shown = Latest(evidence, wanted.code(), day);
      if (wanted.least_category() != v1::QUALIFICATION_CATEGORY_UNSPECIFIED) {
        JudgeCategory(wanted, category, criterion);
      } else {
        if (shown != nullptr) criterion.set_evidence(shown->name());
        if (wanted.has_min_value() || !wanted.reference_ru().empty()) {
          JudgeNumber(wanted, shown, criterion);
        } else {
          JudgeStatement(shown, criterion);
        }
      }
      if (criterion.outcome() == v1::CRITERION_OUTCOME_MET) {
        step.set_met_count(step.met_count() + 1);
      }
    }
  }
  return steps;
}

}  // namespace rsnms::registry
