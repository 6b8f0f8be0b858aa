#include "services/diagnostics/scoring_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"

namespace rsnms::diagnostics {
namespace {

const v1::ScaleOption* FindOption(const Sheet::Row& row, std::string_view code) {
  for (const auto& option : row.scale->options()) {
    if (option.code() == code) return &option;
  }
  return nullptr;
}

// Points of deficit an answer brings.
int DeficitPoints(const Sheet& sheet, const Sheet::Row& row, const v1::ScaleOption& option) {
  const int points = option.points() * row.weight;
  return sheet.measures_difficulty() ? points : row.most_points - points;
}

absl::Status UnknownAnswer(std::string_view path, int i, std::string_view text,
                           std::string_view text_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::DIAGNOSTICS_REASON_UNKNOWN_ANSWER,
                    "an answer does not fit the instrument")
      .Field(resource::Cat(path, "[", i, "]"), text, text_ru);
}

std::vector<v1::CompetencyScore> ScoresOf(const Sheet& sheet, const Answers& answers) {
  std::vector<v1::CompetencyScore> scores(sheet.competency_codes().size());
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i].set_competency_code(sheet.competency_codes()[i]);
  }
  for (const auto& row : sheet.rows()) {
    for (const int c : row.competencies) scores[c].set_total_rows(scores[c].total_rows() + 1);
  }
  for (const auto& answer : answers) {
    const Sheet::Row& row = *sheet.Find(answer.item());
    const v1::ScaleOption& option = *FindOption(row, answer.option());
    const int deficit = DeficitPoints(sheet, row, option);
    for (const int c : row.competencies) {
      v1::CompetencyScore& s = scores[c];
      s.set_deficit_points(s.deficit_points() + deficit);
      s.set_max_points(s.max_points() + row.most_points);
      s.set_answered_rows(s.answered_rows() + 1);
      if (option.can_share()) s.set_share_rows(s.share_rows() + 1);
      if (option.wants_help()) s.set_help_rows(s.help_rows() + 1);
    }
  }
  const v1::Thresholds& t = sheet.instrument().thresholds();
  for (auto& s : scores) {
    s.set_severity(SeverityOf(t, s.deficit_points(), s.max_points()));
    s.set_strength(s.severity() == v1::SEVERITY_NONE && s.share_rows() > 0 &&
                   int64_t{s.share_rows()} * 1000 >=
                       int64_t{t.strength_from_permille()} * s.answered_rows());
  }
  return scores;
}

void SetTotals(const Sheet& sheet, const Answers& answers, v1::Result& result) {
  int total = 0, most = 0;
  for (const auto& row : sheet.rows()) {
    if (!row.item->excluded_from_total()) most += row.most_points;
  }
  for (const auto& answer : answers) {
    const Sheet::Row& row = *sheet.Find(answer.item());
    if (!row.item->excluded_from_total()) {
      total += FindOption(row, answer.option())->points() * row.weight;
    }
  }
  result.set_total_points(total);
  result.set_max_points(most);
  for (const auto& band : sheet.instrument().levels()) {
    if (band.min_points() <= total && total <= band.max_points()) {
      result.set_level_code(band.code());
    }
  }
}

// Thousandths as a percentage with one decimal, as Russian prints it: 666 -> `66,6 %`.
std::string Percent(int64_t permille) {
  return resource::Cat(permille / 10, ",", permille % 10, " %");
}

std::string Finding(const v1::Thresholds& t, const v1::CompetencyScore& s) {
  if (s.max_points() == 0) return "Ни на одну строку не дан ответ: вывод невозможен.";
  std::string text = absl::StrFormat("%d из %d баллов дефицита (%s), отвечено строк: %d из %d. ",
                                     s.deficit_points(), s.max_points(),
                                     Percent(int64_t{s.deficit_points()} * 1000 / s.max_points()),
                                     s.answered_rows(), s.total_rows());
  switch (s.severity()) {
    case v1::SEVERITY_SEVERE:
      return text + "Острый дефицит: порог " + Percent(t.severe_from_permille()) + " достигнут.";
    case v1::SEVERITY_MODERATE:
      return text + "Выраженный дефицит: порог " + Percent(t.moderate_from_permille()) +
             " достигнут.";
    case v1::SEVERITY_MILD:
      return text + "Слабо выраженный дефицит: порог " + Percent(t.mild_from_permille()) +
             " достигнут.";
    default:
      break;
  }
  text += "Дефицита нет: порог " + Percent(t.mild_from_permille()) + " не достигнут.";
  if (s.strength()) text += " Сильная сторона: готовность поделиться опытом.";
  return text;
}

}  // namespace

std::shared_ptr<const Sheet> Sheet::Of(const v1::Instrument& instrument) {
  return std::shared_ptr<const Sheet>(new Sheet(instrument));
}

Sheet::Sheet(const v1::Instrument& instrument) : instrument_(instrument) {
  for (const auto& group : instrument_.groups()) {
    for (const auto& item : group.items()) Add(item);
  }
  for (const auto& row : rows_) {
    competency_codes_.insert(competency_codes_.end(), row.item->competency_codes().begin(),
                             row.item->competency_codes().end());
  }
  std::sort(competency_codes_.begin(), competency_codes_.end());
  competency_codes_.erase(std::unique(competency_codes_.begin(), competency_codes_.end()),
                          competency_codes_.end());
  for (size_t i = 0; i < rows_.size(); ++i) {
    by_code_.emplace(rows_[i].item->code(), i);
    for (const auto& code : rows_[i].item->competency_codes()) {
      const auto at = std::lower_bound(competency_codes_.begin(), competency_codes_.end(), code);
      rows_[i].competencies.push_back(static_cast<int>(at - competency_codes_.begin()));
    }
  }
}

void Sheet::Add(const v1::Item& item) {
  for (const auto& sub : item.sub_items()) Add(sub);
  if (item.sub_items_size() > 0) return;
  for (const auto& scale : instrument_.scales()) {
    if (scale.code() != item.scale()) continue;
    int most = 0;
    for (const auto& option : scale.options()) most = std::max(most, option.points());
    const int weight = std::max(1, item.weight());
    rows_.push_back({&item, &scale, weight, most * weight, {}});
  }
}

const Sheet::Row* Sheet::Find(std::string_view item_code) const {
  const auto it = by_code_.find(item_code);
  return it == by_code_.end() ? nullptr : &rows_[it->second];
}

absl::Status CheckAnswers(const Sheet& sheet, const Answers& answers, std::string_view path) {
  absl::flat_hash_set<const Sheet::Row*> seen;
  seen.reserve(answers.size());
  for (int i = 0; i < answers.size(); ++i) {
    const Sheet::Row* row = sheet.Find(answers[i].item());
    if (row == nullptr) {
      return UnknownAnswer(path, i, "there is no such row to answer", "нет такой строки");
    }
    if (FindOption(*row, answers[i].option()) == nullptr) {
      return UnknownAnswer(path, i, "the row's scale has no such option",
                           "в шкале нет такого варианта");
    }
    if (!seen.insert(row).second) {
      return UnknownAnswer(path, i, "the row is answered twice", "на строку дано два ответа");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckComplete(const Sheet& sheet, const Answers& answers) {
  const int64_t rows = static_cast<int64_t>(sheet.rows().size());
  const int64_t required = sheet.instrument().thresholds().required_answers_permille();
  if (int64_t{answers.size()} * 1000 >= rows * required) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::DIAGNOSTICS_REASON_TOO_FEW_ANSWERS,
                    "too few rows are answered")
      .With("answered", resource::Cat(answers.size()))
      .With("rows", resource::Cat(rows))
      .With("requiredPermille", resource::Cat(required));
}

v1::Severity SeverityOf(const v1::Thresholds& t, int64_t deficit, int64_t most) {
  if (most <= 0) return v1::SEVERITY_UNSPECIFIED;
  const auto reaches = [&](int64_t permille) { return deficit * 1000 >= permille * most; };
  if (reaches(t.severe_from_permille())) return v1::SEVERITY_SEVERE;
  if (reaches(t.moderate_from_permille())) return v1::SEVERITY_MODERATE;
  if (reaches(t.mild_from_permille())) return v1::SEVERITY_MILD;
  return v1::SEVERITY_NONE;
}

bool Heavier(const v1::CompetencyScore& a, const v1::CompetencyScore& b) {
  if (a.severity() != b.severity()) return a.severity() > b.severity();
  const int64_t left = int64_t{a.deficit_points()} * std::max(1, b.max_points());
  const int64_t right = int64_t{b.deficit_points()} * std::max(1, a.max_points());
  if (left != right) return left > right;
  return a.competency_code() < b.competency_code();
}

void Score(const Sheet& sheet, const Answers& answers, v1::Result& result) {
  std::vector<v1::CompetencyScore> scores = ScoresOf(sheet, answers);
  for (const auto& s : scores) {
    *result.add_scores() = s;
    if (s.strength()) result.add_strength_codes(s.competency_code());
  }
  std::sort(scores.begin(), scores.end(), Heavier);
  for (const auto& s : scores) {
    if (s.severity() >= v1::SEVERITY_MILD) result.add_deficit_codes(s.competency_code());
  }
  result.set_heaviest_severity(scores.empty() ? v1::SEVERITY_NONE
                                              : std::max(v1::SEVERITY_NONE, scores[0].severity()));
  SetTotals(sheet, answers, result);
}

std::vector<v1::ScoreExplanation> Explain(const Sheet& sheet, const Answers& answers) {
  std::vector<v1::ScoreExplanation> out;
  for (auto& score : ScoresOf(sheet, answers)) {
    auto& e = out.emplace_back();
    e.set_text(Finding(sheet.instrument().thresholds(), score));
    *e.mutable_score() = std::move(score);
  }
  for (const auto& answer : answers) {
    const Sheet::Row& row = *sheet.Find(answer.item());
    const v1::ScaleOption& option = *FindOption(row, answer.option());
    for (const int c : row.competencies) {
      auto& explained = *out[c].add_rows();
      explained.set_item(row.item->code());
      explained.set_item_text(row.item->text());
      explained.set_option_text(option.text());
      explained.set_deficit_points(DeficitPoints(sheet, row, option));
      explained.set_max_points(row.most_points);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return Heavier(a.score(), b.score()); });
  return out;
}

}  // namespace rsnms::diagnostics
