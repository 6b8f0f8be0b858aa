#include "services/programs/catalogue/programme_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs::programme_rules {
namespace {

using options::v1::COMMON_REASON_IMMUTABLE_FIELD;
using options::v1::COMMON_REASON_INVALID_REQUEST;
using options::v1::COMMON_REASON_OUT_OF_RANGE;

absl::Status CheckHours(const v1::Programme& programme) {
  const bool retraining = programme.kind() == v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING;
  const int least = retraining ? kLeastRetrainingHours : kLeastDevelopmentHours;
  if (programme.duration_hours() < least) {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_TOO_FEW_HOURS,
                      Cat("duration_hours is below the minimum of ", least))
        .Field("duration_hours", Cat("must be at least ", least),
               Cat("не меньше ", least, " часов"));
  }
  if (programme.internship_hours() > programme.duration_hours()) {
    return rpc::InvalidField("internship_hours", COMMON_REASON_OUT_OF_RANGE,
                             "must not exceed duration_hours",
                             "часов стажировки не больше, чем часов программы");
  }
  return absl::OkStatus();
}

absl::Status CheckCompetencies(v1::Programme& programme) {
  const std::string prefix = Cat("regions/", RegionOf(programme.name()), "/competencies/");
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < programme.competencies_size(); ++i) {
    v1::CompetencyCoverage& coverage = *programme.mutable_competencies(i);
    const std::string path = Cat("competencies[", i, "].competency");
    if (!absl::StartsWith(coverage.competency(), prefix) ||
        !resource::IsCode(std::string_view(coverage.competency()).substr(prefix.size()))) {
      return rpc::InvalidField(path, COMMON_REASON_INVALID_REQUEST,
                               Cat("must be ", prefix, "{code}"),
                               "компетенция должна принадлежать тому же региону");
    }
    if (!seen.insert(coverage.competency()).second) {
      return rpc::InvalidField(path, COMMON_REASON_INVALID_REQUEST, "is named twice",
                               "компетенция указана дважды");
    }
    if (coverage.depth() == v1::COVERAGE_DEPTH_UNSPECIFIED) {
      coverage.set_depth(v1::COVERAGE_DEPTH_OVERVIEW);
    }
  }
  return absl::OkStatus();
}

void SortTopics(v1::Programme& programme) {
  auto& topics = *programme.mutable_topic_codes();
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
}

// A person may not move an entry of the register to another programme; the mirror may (it changes
// the run as well).
bool RenumberedByHand(const v1::Programme& before, const v1::Programme& after) {
  return before.federal_register_number() != after.federal_register_number() &&
         before.register_state() != v1::REGISTER_STATE_NOT_LISTED &&
         before.register_sync() == after.register_sync();
}

}  // namespace

absl::Status Check(resource::Change change, const v1::Programme* before, v1::Programme* after) {
  if (change == resource::Change::kDelete || change == resource::Change::kUndelete) {
    return absl::OkStatus();
  }
  if (after->register_state() == v1::REGISTER_STATE_UNSPECIFIED) {
    after->set_register_state(v1::REGISTER_STATE_NOT_LISTED);
  }
  if (change == resource::Change::kUpdate && RenumberedByHand(*before, *after)) {
    return rpc::InvalidField("federal_register_number", COMMON_REASON_IMMUTABLE_FIELD,
                             "belongs to the federal register once listed",
                             "номер присвоен федеральным реестром и меняется только сверкой");
  }
  SortTopics(*after);
  if (auto status = CheckHours(*after); !status.ok()) return status;
  return CheckCompetencies(*after);
}

}  // namespace rsnms::programs::programme_rules
