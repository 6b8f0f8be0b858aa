#include "services/programs/catalogue/programme_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs::programme_rules {
namespace {

using google::protobuf::util::FieldMaskUtil;
using options::v1::COMMON_REASON_IMMUTABLE_FIELD;
using options::v1::COMMON_REASON_INVALID_REQUEST;
using options::v1::COMMON_REASON_OUT_OF_RANGE;

// A person may not move an entry of the register to another programme; the mirror may (it changes
// the run as well).
bool RenumberedByHand(const v1::Programme& before, const v1::Programme& after) {
  return before.federal_register_number() != after.federal_register_number() &&
         before.register_state() != v1::REGISTER_STATE_NOT_LISTED &&
         before.register_sync() == after.register_sync();
}

// Fields of a programme that an approved version fills (version_rules::Show).
const google::protobuf::FieldMask& SaidByVersions() {
  static const auto* const mask = [] {
    auto* made = new google::protobuf::FieldMask;
    FieldMaskUtil::FromString(
        "title,kind,provider,provider_title,provider_inn,duration_hours,internship_hours,form,"
        "distance,network,for_pedagogues,for_managers,annotation,competencies,topic_codes",
        made);
    return made;
  }();
  return *mask;
}

bool SaysOtherwise(v1::Programme said, v1::Programme says) {
  FieldMaskUtil::TrimMessage(SaidByVersions(), &said);
  FieldMaskUtil::TrimMessage(SaidByVersions(), &says);
  return !google::protobuf::util::MessageDifferencer::Equals(said, says);
}

// What an approved version says stays until the next one is approved; the mirror may change it (it
// changes the run as well).
bool RewrittenByHand(const v1::Programme& before, const v1::Programme& after) {
  if (before.current_version().empty() || before.current_version() != after.current_version() ||
      before.register_sync() != after.register_sync()) {
    return false;
  }
  return SaysOtherwise(before, after);
}

}  // namespace

absl::Status CheckHours(const Minima& minima, v1::ProgrammeKind kind, int hours) {
  const bool retraining = kind == v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING;
  const int least = retraining ? minima.retraining : minima.development;
  if (hours >= least) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_TOO_FEW_HOURS,
                    Cat("duration_hours is below the minimum of ", least))
      .Field("duration_hours", Cat("must be at least ", least), Cat("не меньше ", least, " часов"));
}

void SortTopics(google::protobuf::RepeatedPtrField<std::string>& topics) {
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
}

absl::Status CheckCompetencies(
    std::string_view region_code,
    google::protobuf::RepeatedPtrField<v1::CompetencyCoverage>& competencies) {
  const std::string prefix = Cat("regions/", region_code, "/competencies/");
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < competencies.size(); ++i) {
    v1::CompetencyCoverage& coverage = competencies[i];
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

bool RewritesTheRegionsWord(const v1::Programme& before, const v1::Programme& after) {
  return !before.awaits_approval() && before.current_version().empty() &&
         before.register_state() == v1::REGISTER_STATE_NOT_LISTED && SaysOtherwise(before, after);
}

absl::Status Check(resource::Change change, const v1::Programme* before, v1::Programme* after) {
  if (change == resource::Change::kDelete || change == resource::Change::kUndelete) {
    return absl::OkStatus();
  }
  if (after->register_state() == v1::REGISTER_STATE_UNSPECIFIED) {
    after->set_register_state(v1::REGISTER_STATE_NOT_LISTED);
  }
  if (after->register_state() == v1::REGISTER_STATE_LISTED || !after->current_version().empty()) {
    after->set_awaits_approval(false);
  }
  if (change == resource::Change::kUpdate && RenumberedByHand(*before, *after)) {
    return rpc::InvalidField("federal_register_number", COMMON_REASON_IMMUTABLE_FIELD,
                             "belongs to the federal register once listed",
                             "номер присвоен федеральным реестром и меняется только сверкой");
  }
  SortTopics(*after->mutable_topic_codes());
  if (after->internship_hours() > after->duration_hours()) {
    return rpc::InvalidField("internship_hours", COMMON_REASON_OUT_OF_RANGE,
                             "must not exceed duration_hours",
                             "часов стажировки не больше, чем часов программы");
  }
  auto status = CheckCompetencies(RegionOf(after->name()), *after->mutable_competencies());
  if (!status.ok()) return status;
  if (change == resource::Change::kUpdate && RewrittenByHand(*before, *after)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_PROGRAMME_VERSIONED,
                      "what an approved version says changes with the next one");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::programme_rules
