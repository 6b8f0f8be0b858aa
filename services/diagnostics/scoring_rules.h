// From answers to findings: a pure function of a session's answers and an instrument's published
// version. All arithmetic is in whole points; shares are compared by cross-multiplication, never
// divided.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_SCORING_RULES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_SCORING_RULES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "rsnms/diagnostics/v1/instrument.pb.h"
#include "rsnms/diagnostics/v1/result.pb.h"
#include "rsnms/diagnostics/v1/session.pb.h"

namespace rsnms::diagnostics {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

// An instrument prepared for scoring thousands of sheets. Immutable, thread-safe, holds its own
// copy.
class Sheet {
 public:
  // A row to answer. Views into the sheet.
  struct Row {
    const v1::Item* item;
    const v1::Scale* scale;
    int weight;                     // at least 1
    int most_points;                // of its scale, weight included
    std::vector<int> competencies;  // indexes into competency_codes()
  };
  // The instrument must be consistent (instrument_rules.h).
  static std::shared_ptr<const Sheet> Of(const v1::Instrument& instrument);

  const v1::Instrument& instrument() const { return instrument_; }
  const std::vector<Row>& rows() const { return rows_; }
  // Distinct codes, ascending.
  const std::vector<std::string>& competency_codes() const { return competency_codes_; }
  // Null when there is no such row.
  const Row* Find(std::string_view item_code) const;
  // Points mean difficulty rather than mastery.
  bool measures_difficulty() const {
    return instrument_.kind() == v1::INSTRUMENT_KIND_QUESTIONNAIRE;
  }

 private:
  explicit Sheet(const v1::Instrument& instrument);
  void Add(const v1::Item& item);
  v1::Instrument instrument_;
  std::vector<Row> rows_;
  std::vector<std::string> competency_codes_;
  absl::flat_hash_map<std::string_view, int> by_code_;
};

// INVALID_ARGUMENT UNKNOWN_ANSWER with the path `{path}[i]` when an answer names no row, an option
// its scale lacks, or a row twice.
absl::Status CheckAnswers(const Sheet& sheet, const Answers& answers, std::string_view path);

// FAILED_PRECONDITION TOO_FEW_ANSWERS when fewer rows are answered than the instrument requires.
// Answers are valid.
absl::Status CheckComplete(const Sheet& sheet, const Answers& answers);

// Fills scores, deficit and strength codes, heaviest severity, totals and level of `result`.
// Answers are valid; their order does not matter.
void Score(const Sheet& sheet, const Answers& answers, v1::Result& result);

// Severity of a share of `deficit` in `most` points; UNSPECIFIED when `most` is 0.
v1::Severity SeverityOf(const v1::Thresholds& thresholds, int64_t deficit, int64_t most);

// a is heavier than b: by severity, then by share, then by code. A strict total order over distinct
// codes.
bool Heavier(const v1::CompetencyScore& a, const v1::CompetencyScore& b);

// Every score with its rows and the finding in words, heaviest first.
std::vector<v1::ScoreExplanation> Explain(const Sheet& sheet, const Answers& answers);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_SCORING_RULES_H_
