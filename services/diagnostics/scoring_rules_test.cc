#include "services/diagnostics/scoring_rules.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/catalogue.h"

namespace rsnms::diagnostics {
namespace {

using google::protobuf::util::MessageDifferencer;

std::shared_ptr<const Sheet> School() {
  static const auto sheet =
      Sheet::Of(*ReadInstrument("services/diagnostics/catalogue", "difficulties-school-1", "86"));
  return sheet;
}

void Put(Answers& answers, std::string_view item, std::string_view option) {
  auto& answer = *answers.Add();
  answer.set_item(std::string(item));
  answer.set_option(std::string(option));
}

v1::CompetencyScore ScoreOf(const Answers& answers, std::string_view code) {
  v1::Result result;
  Score(*School(), answers, result);
  for (const auto& score : result.scores()) {
    if (score.competency_code() == code) return score;
  }
  return {};
}

// A whole sheet of random answers; each row is left out with the given chance in ten.
rc::Gen<Answers> RandomAnswers(int left_out) {
  return rc::gen::map(
      rc::gen::container<std::vector<std::pair<int, int>>>(
          School()->rows().size(), rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange(0, 4))),
      [left_out](const std::vector<std::pair<int, int>>& draws) {
        Answers answers;
        for (size_t i = 0; i < draws.size(); ++i) {
          if (draws[i].first < left_out) continue;
          const auto& row = School()->rows()[i];
          Put(answers, row.item->code(), row.scale->options(draws[i].second).code());
        }
        return answers;
      });
}

TEST(ScoringTest, SeverityFollowsTheThresholdsExactly) {
  v1::Thresholds t;
  t.set_mild_from_permille(500);
  t.set_moderate_from_permille(666);
  t.set_severe_from_permille(833);
  EXPECT_EQ(SeverityOf(t, 0, 0), v1::SEVERITY_UNSPECIFIED);
  EXPECT_EQ(SeverityOf(t, 4, 9), v1::SEVERITY_NONE);      // 444
  EXPECT_EQ(SeverityOf(t, 3, 6), v1::SEVERITY_MILD);      // 500 exactly
  EXPECT_EQ(SeverityOf(t, 6, 9), v1::SEVERITY_MODERATE);  // a mean of 2.0
  EXPECT_EQ(SeverityOf(t, 5, 6), v1::SEVERITY_SEVERE);    // a mean of 2.5
  EXPECT_EQ(SeverityOf(t, 499, 1000), v1::SEVERITY_NONE);
  EXPECT_EQ(SeverityOf(t, 832, 1000), v1::SEVERITY_MODERATE);
}

TEST(ScoringTest, CompetencyGathersItsRows) {
  Answers answers;  // methodical-inclusion is asked about by GS.M.15 and GS.M.16
  Put(answers, "GS.M.15", "YES_NEED_HELP");
  Put(answers, "GS.M.16", "RATHER_YES");
  const auto score = ScoreOf(answers, "methodical-inclusion");
  EXPECT_EQ(score.deficit_points(), 5);
  EXPECT_EQ(score.max_points(), 6);
  EXPECT_EQ(score.answered_rows(), 2);
  EXPECT_EQ(score.total_rows(), 2);
  EXPECT_EQ(score.help_rows(), 1);
  EXPECT_EQ(score.severity(), v1::SEVERITY_SEVERE);
  EXPECT_FALSE(score.strength());
}

TEST(ScoringTest, ReadinessToShareIsAStrengthOnlyWithoutDeficit) {
  Answers answers;
  Put(answers, "GS.M.15", "NO_CAN_SHARE");
  Put(answers, "GS.M.16", "RATHER_NO");
  EXPECT_TRUE(ScoreOf(answers, "methodical-inclusion").strength());
  answers[1].set_option("YES_NEED_HELP");
  EXPECT_FALSE(ScoreOf(answers, "methodical-inclusion").strength());
}

TEST(ScoringTest, UnansweredCompetencyHasNoFinding) {
  Answers answers;
  Put(answers, "GS.M.15", "YES_NEED_HELP");
  EXPECT_EQ(ScoreOf(answers, "digital-office").severity(), v1::SEVERITY_UNSPECIFIED);
}

TEST(ScoringTest, UnknownRowsOptionsAndRepeatsAreRefusedWithTheirPath) {
  Answers answers;
  Put(answers, "GS.M.15", "YES_NEED_HELP");
  EXPECT_TRUE(CheckAnswers(*School(), answers, "answers").ok());
  Put(answers, "GS.G.1", "RATHER_NO");  // a heading
  const auto status = CheckAnswers(*School(), answers, "answers");
  EXPECT_EQ(rpc::ReasonOf(status), "UNKNOWN_ANSWER");
  EXPECT_NE(rpc::ToProto(status).DebugString().find("answers[1]"), std::string::npos);
  answers[1].set_item("GS.M.16");
  answers[1].set_option("MAYBE");
  EXPECT_FALSE(CheckAnswers(*School(), answers, "answers").ok());
  answers[1].set_item("GS.M.15");
  answers[1].set_option("RATHER_NO");
  EXPECT_FALSE(CheckAnswers(*School(), answers, "answers").ok());
}

TEST(ScoringTest, FourFifthsOfTheRowsAreRequired) {
  Answers answers;
  for (const auto& row : School()->rows()) {
    if (answers.size() < 44) Put(answers, row.item->code(), "RATHER_NO");
  }
  EXPECT_TRUE(CheckComplete(*School(), answers).ok());  // 44 of 55
  answers.RemoveLast();
  EXPECT_EQ(rpc::ReasonOf(CheckComplete(*School(), answers)), "TOO_FEW_ANSWERS");
}

TEST(ScoringProperty, OrderOfAnswersDoesNotMatter) {
  EXPECT_TRUE(rc::check([] {
    Answers answers = *RandomAnswers(1);
    v1::Result straight, shuffled;
    Score(*School(), answers, straight);
    const auto seed = *rc::gen::arbitrary<uint32_t>();
    for (int i = answers.size() - 1; i > 0; --i) {
      answers.SwapElements(i,
                           static_cast<int>((seed + uint32_t(i) * 2654435761u) % uint32_t(i + 1)));
    }
    Score(*School(), answers, shuffled);
    RC_ASSERT(MessageDifferencer::Equals(straight, shuffled));
  }));
}

TEST(ScoringProperty, AgreesWithNaiveSumsOverTheRows) {
  EXPECT_TRUE(rc::check([] {
    const Answers answers = *RandomAnswers(2);
    v1::Result result;
    Score(*School(), answers, result);
    std::map<std::string, int> points, most;
    int total = 0;
    for (const auto& answer : answers) {
      const auto* row = School()->Find(answer.item());
      for (const auto& option : row->scale->options()) {
        if (option.code() != answer.option()) continue;
        total += option.points();
        for (const auto& code : row->item->competency_codes()) {
          points[code] += option.points();
          most[code] += 3;
        }
      }
    }
    RC_ASSERT(result.total_points() == total);
    RC_ASSERT(result.max_points() == 55 * 3);
    for (const auto& s : result.scores()) {
      RC_ASSERT(s.deficit_points() == points[s.competency_code()]);
      RC_ASSERT(s.max_points() == most[s.competency_code()]);
      const bool deficit = std::count(result.deficit_codes().begin(), result.deficit_codes().end(),
                                      s.competency_code()) == 1;
      RC_ASSERT(deficit == (s.max_points() > 0 && 2 * s.deficit_points() >= s.max_points()));
    }
  }));
}

TEST(ScoringProperty, MoreDifficultyNeverMakesADeficitLighter) {
  EXPECT_TRUE(rc::check([] {
    Answers answers = *RandomAnswers(0);
    v1::Result before, after;
    Score(*School(), answers, before);
    const int i = *rc::gen::inRange(0, answers.size());
    answers[i].set_option("YES_NEED_HELP");
    Score(*School(), answers, after);
    for (int c = 0; c < before.scores_size(); ++c) {
      RC_ASSERT(after.scores(c).severity() >= before.scores(c).severity());
    }
    RC_ASSERT(after.heaviest_severity() >= before.heaviest_severity());
  }));
}

TEST(ScoringTest, ExplanationShowsEveryRowBehindAScore) {
  Answers answers;
  Put(answers, "GS.M.15", "YES_NEED_HELP");
  Put(answers, "GS.M.16", "RATHER_YES");
  const auto explained = Explain(*School(), answers);
  ASSERT_FALSE(explained.empty());
  EXPECT_EQ(explained[0].score().competency_code(), "methodical-inclusion");
  ASSERT_EQ(explained[0].rows_size(), 2);
  EXPECT_EQ(explained[0].rows(0).option_text(), "Да. Хотелось бы получить помощь");
  EXPECT_EQ(explained[0].text(),
            "5 из 6 баллов дефицита (83,3 %), отвечено строк: 2 из 2. Острый дефицит: порог 83,3 % "
            "достигнут.");
}

}  // namespace
}  // namespace rsnms::diagnostics
