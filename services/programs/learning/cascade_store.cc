#include "services/programs/learning/cascade_store.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/programs/learning/cascade_rules.h"
#include "services/programs/learning/employment_store.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::cascade_store {
namespace {

// What the session is made of, whichever body's it is.
struct Source {
  v1::Programme programme;
  v1::Completion learned;  // the leader's
};

absl::StatusOr<Source> Read(pg::Tx& tx, const resource::Engine& engine,
                            const v1::CascadeSession& session) {
  Source source;
  auto status = tx.Unscoped(RegionOf(session.name()), [&]() -> absl::Status {
    auto programme = resource::Table<v1::Programme>(engine).Get(tx, session.programme());
    if (!programme.ok()) return programme.status();
    auto learned = resource::Table<v1::Completion>(engine).Get(tx, session.leader_completion());
    if (!learned.ok()) return learned.status();
    if (learned->voided()) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        v1::PROGRAMS_REASON_CASCADE_LEADER_NOT_TRAINED,
                        "what the leader mastered was taken back");
    }
    source.programme = *std::move(programme);
    source.learned = *std::move(learned);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return source;
}

v1::LearningRecord RecordOf(const v1::CascadeSession& session, const v1::Programme& programme,
                            const std::string& participant) {
  v1::LearningRecord record;
  record.set_name(NameOf(RegionOf(session.name()), "learningRecords",
                         StableUuid(Cat(session.name(), "/", participant))));
  record.set_state(v1::LearningRecord::STATE_ACCEPTED);
  record.set_person(participant);
  record.set_organisation(session.organisation());
  record.set_municipality(session.municipality());
  record.set_kind(v1::LEARNING_KIND_CASCADE);
  record.set_title(session.title());
  record.set_supervisor(session.leader());
  record.set_cascade_session(session.name());
  absl::flat_hash_set<std::string> covered;
  for (const auto& covers : programme.competencies()) {
    if (record.competencies_size() < 50 && covered.insert(covers.competency()).second) {
      record.add_competencies(covers.competency());
    }
  }
  *record.mutable_start_date() = session.held_date();
  *record.mutable_end_date() = session.held_date();
  *record.mutable_completion_date() = session.held_date();
  *record.mutable_acceptance_date() = session.held_date();
  record.set_hours(session.hours());
  record.set_completed_hours(session.hours());
  return record;
}

}  // namespace

absl::Status Hold(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                  const v1::CascadeSession& session, absl::CivilDay latest) {
  if (session.participants().empty()) {
    return learning::Refuse(v1::PROGRAMS_REASON_NOBODY_CAME, "nobody is named who came");
  }
  if (auto s = cascade_rules::CheckParticipants(session); !s.ok()) return s;
  auto source = Read(tx, engine, session);
  if (!source.ok()) return source.status();
  auto status = learning::CheckBetween(session.held_date(),
                                       learning::ToCivil(source->learned.completion_date()), latest,
                                       "held_date");
  if (!status.ok()) return status;
  if (auto s = employment_store::CheckParticipants(tx, session); !s.ok()) return s;
  std::vector<v1::LearningRecord> records;
  for (const auto& participant : session.participants()) {
    records.push_back(RecordOf(session, source->programme, participant));
  }
  return resource::Table<v1::LearningRecord>(engine).Merge(tx, author, records).status();
}

}  // namespace rsnms::programs::cascade_store
