#include "services/programs/selection/selection_store.h"

#include <algorithm>
#include <limits>

#include "absl/container/btree_set.h"
#include "services/programs/names.h"

namespace rsnms::programs::selection_store {
namespace {

// A row for each wanted competency of a programme, those of one programme together.
constexpr char kSqlCandidates[] = R"sql(
  SELECT p.id::text, c.competency, c.depth, p.title, p.duration_hours, p.form, p.register_state,
         p.for_pedagogues, p.for_managers, p.provider_id::text
  FROM programme_competency c
  JOIN programme p ON p.region_code = c.region_code AND p.id = c.programme_id
  WHERE c.region_code = $1 AND c.competency = ANY ($2::text[]) AND on_offer(p)
    AND (p.for_pedagogues AND $3::boolean OR p.for_managers AND $4::boolean)
    AND p.duration_hours BETWEEN $5::int AND $6::int
    AND (p.register_state = 'LISTED' OR NOT $7::boolean)
  ORDER BY c.programme_id)sql";

// What all of the selections together may find.
struct Wanted {
  explicit Wanted(const Selections& selections) {
    for (const auto& selection : selections) {
      for (const auto& deficit : selection.deficits()) competencies.insert(deficit.competency());
      competencies.insert(selection.competencies().begin(), selection.competencies().end());
      (selection.manager() ? managers : pedagogues) = true;
      least = std::min(least, selection.min_duration_hours());
      const bool any = selection.max_duration_hours() <= 0;
      most = any ? std::numeric_limits<int>::max() : std::max(most, selection.max_duration_hours());
      listed_only = listed_only && selection.register_only();
    }
  }

  absl::btree_set<std::string> competencies;
  bool pedagogues = false, managers = false, listed_only = true;
  int least = std::numeric_limits<int>::max(), most = 0;
};

v1::Programme Read(const pqxx::row& row, const std::string& region) {
  v1::Programme programme;
  programme.set_name(NameOf(region, "programmes", row[0].c_str()));
  programme.set_title(row[3].c_str());
  programme.set_duration_hours(row[4].as<int>());
  v1::StudyForm form = v1::STUDY_FORM_UNSPECIFIED;
  (void)v1::StudyForm_Parse(Cat("STUDY_FORM_", row[5].c_str()), &form);
  programme.set_form(form);
  v1::RegisterState state = v1::REGISTER_STATE_UNSPECIFIED;
  (void)v1::RegisterState_Parse(Cat("REGISTER_STATE_", row[6].c_str()), &state);
  programme.set_register_state(state);
  programme.set_for_pedagogues(row[7].as<bool>());
  programme.set_for_managers(row[8].as<bool>());
  if (!row[9].is_null()) programme.set_provider(NameOf(region, "organisations", row[9].c_str()));
  return programme;
}

}  // namespace

absl::StatusOr<std::vector<v1::Programme>> ReadCandidates(pg::Tx& tx, const std::string& region,
                                                          const Selections& selections) {
  const Wanted wanted(selections);
  const std::vector<std::string> competencies(wanted.competencies.begin(),
                                              wanted.competencies.end());
  auto rows = tx.Query(kSqlCandidates, region, competencies, wanted.pedagogues, wanted.managers,
                       wanted.least, wanted.most, wanted.listed_only);
  if (!rows.ok()) return rows.status();
  std::vector<v1::Programme> programmes;
  std::string last;
  for (const auto& row : *rows) {
    if (last != row[0].c_str()) {
      programmes.push_back(Read(row, region));
      last = row[0].c_str();
    }
    auto& coverage = *programmes.back().add_competencies();
    coverage.set_competency(row[1].c_str());
    v1::CoverageDepth depth = v1::COVERAGE_DEPTH_UNSPECIFIED;
    (void)v1::CoverageDepth_Parse(row[2].c_str(), &depth);
    coverage.set_depth(depth);
  }
  return programmes;
}

}  // namespace rsnms::programs::selection_store
