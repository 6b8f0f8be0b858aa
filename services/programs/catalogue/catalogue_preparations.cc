#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/catalogue.h"
#include "services/programs/catalogue/catalogue_store.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/programme_rules.h"
#include "services/programs/catalogue/version_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using programme_rules::Minima;
using resource::Change;
using Pending = resource::Engine::Pending;
using Version = v1::ProgrammeVersion;

constexpr char kSqlWaiting[] = R"sql(
region_code = $1 AND programme_version_id = $2::uuid AND state = 'ASSIGNED' AND delete_time IS NULL
ORDER BY id FOR NO KEY UPDATE)sql";

Minima MinimaOf(const v1::TrainingRules& rules) {
  return {.development = rules.least_development_hours(),
          .retraining = rules.least_retraining_hours()};
}

// Minima by region, asked once for all rows of a write.
class MinimaOfRegions {
 public:
  MinimaOfRegions(const resource::Engine& engine, pg::Tx& tx, absl::CivilDay day)
      : engine_(engine), tx_(tx), day_(day) {}
  absl::StatusOr<Minima> Of(std::string_view name) {
    const std::string region(RegionOf(name));
    if (auto known = known_.find(region); known != known_.end()) return known->second;
    auto rules = catalogue_store::RulesInForce(engine_, tx_, region, day_);
    if (!rules.ok()) return rules.status();
    return known_[region] = MinimaOf(*rules);
  }

 private:
  const resource::Engine& engine_;
  pg::Tx& tx_;
  const absl::CivilDay day_;
  absl::flat_hash_map<std::string, Minima> known_;
};

template <class R>
bool HoursStay(const R* before, const R& after) {
  return before != nullptr && before->kind() == after.kind() &&
         before->duration_hours() == after.duration_hours();
}

bool NumberedByHand(const Pending& row) {
  const auto& after = static_cast<const v1::Programme&>(*row.after);
  const auto* before = static_cast<const v1::Programme*>(row.before);
  const bool listed = after.register_state() == v1::REGISTER_STATE_LISTED ||
                      after.register_state() == v1::REGISTER_STATE_WITHDRAWN;
  return row.status.ok() && !listed && !after.federal_register_number().empty() &&
         (before == nullptr ||
          before->federal_register_number() != after.federal_register_number());
}

// A number somebody types is not that of another programme's version; what the register says is.
absl::Status PrepareNumbers(pg::Tx& tx, std::vector<Pending>& rows) {
  absl::btree_map<std::string, std::vector<std::string>> numbers;  // by region
  for (const Pending& row : rows) {
    const auto& after = static_cast<const v1::Programme&>(*row.after);
    if (!NumberedByHand(row)) continue;
    numbers[std::string(RegionOf(after.name()))].push_back(after.federal_register_number());
  }
  for (const auto& [region, asked] : numbers) {
    auto taken = catalogue_store::ReadNumbersOfVersions(tx, region, asked);
    if (!taken.ok()) return taken.status();
    for (Pending& row : rows) {
      const auto& after = static_cast<const v1::Programme&>(*row.after);
      if (!NumberedByHand(row) || RegionOf(after.name()) != region) continue;
      const auto of = taken->find(after.federal_register_number());
      if (of == taken->end() || (of->second.size() == 1 && of->second.contains(after.name()))) {
        continue;
      }
      row.status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                              v1::PROGRAMS_REASON_REGISTER_NUMBER_TAKEN,
                              "a version of another programme has this number");
    }
  }
  return absl::OkStatus();
}

// What a body of the region enters awaits an approval, what the region enters does not; and what
// the region offers by its own word is not rewritten below it.
absl::Status PrepareOffers(pg::Tx& tx, std::vector<Pending>& rows) {
  absl::flat_hash_map<std::string, bool> covered;  // by region
  for (Pending& row : rows) {
    const auto* before = static_cast<const v1::Programme*>(row.before);
    auto& after = static_cast<v1::Programme&>(*row.after);
    if (!row.status.ok()) continue;
    if (before != nullptr && !programme_rules::RewritesTheRegionsWord(*before, after)) continue;
    const std::string region(RegionOf(after.name()));
    auto known = covered.find(region);
    if (known == covered.end()) {
      auto covers = catalogue_store::CoversRegion(tx, region);
      if (!covers.ok()) return covers.status();
      known = covered.emplace(region, *covers).first;
    }
    if (before == nullptr) after.set_awaits_approval(!known->second);
    if (before == nullptr || known->second) continue;
    row.status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                            v1::PROGRAMS_REASON_PROGRAMME_OFFERED_BY_REGION,
                            "what the region offers is changed by the region or by a version");
  }
  return absl::OkStatus();
}

absl::Status PrepareProgrammes(const resource::Engine& engine, pg::Tx& tx,
                               std::vector<Pending>& rows, absl::CivilDay today) {
  const Minima order;
  MinimaOfRegions regions(engine, tx, today);
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
    const auto& after = static_cast<const v1::Programme&>(*row.after);
    if (HoursStay(static_cast<const v1::Programme*>(row.before), after)) continue;
    auto minima = regions.Of(after.name());
    if (!minima.ok()) return minima.status();
    row.status = programme_rules::CheckHours(
        {.development = std::min(order.development, minima->development),
         .retraining = std::min(order.retraining, minima->retraining)},
        after.kind(), after.duration_hours());
  }
  if (auto s = PrepareOffers(tx, rows); !s.ok()) return s;
  return PrepareNumbers(tx, rows);
}

// Numbers a new version after the others of its programme, one in work at a time.
absl::Status PrepareNewVersion(pg::Tx& tx, Pending& row) {
  auto& after = static_cast<Version&>(*row.after);
  after.set_number(1);
  if (after.programme().empty()) return absl::OkStatus();
  auto versions = catalogue_store::HoldVersions(tx, after.programme());
  if (!versions.ok()) return versions.status();
  if (!versions->exists) {
    row.status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                            options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                            "there is no such programme to write a version of")
                     .Field("programme", "does not exist", "программа не найдена");
  } else if (versions->in_work) {
    row.status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                            v1::PROGRAMS_REASON_VERSION_IN_WORK, "another version is in work");
  }
  after.set_number(versions->greatest_number + 1);
  return absl::OkStatus();
}

// A round that ended waits for no opinion.
absl::Status RecallReviews(const resource::Engine& engine, pg::Tx& tx, const Version& version) {
  journal::Author author;
  author.subject = "system:expertise";
  const resource::Table<v1::ExpertReview> reviews(engine);
  const std::string region(RegionOf(version.name())), id(IdOf(version.name()));
  return tx.Unscoped(region, [&]() -> absl::Status {
    auto waiting = reviews.Select(tx, kSqlWaiting, region, id);
    if (!waiting.ok()) return waiting.status();
    for (const v1::ExpertReview& before : *waiting) {
      v1::ExpertReview after = before;
      after.set_state(v1::ExpertReview::STATE_RECALLED);
      after.set_state_reason("Экспертиза завершена.");
      if (auto s = reviews.Update(tx, author, before, after); !s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

// What is handed in now is judged by the rules of now to the end of the round.
absl::Status BeginRound(const resource::Engine& engine, pg::Tx& tx, absl::CivilDay today,
                        Pending& row) {
  auto& after = static_cast<Version&>(*row.after);
  auto rules = catalogue_store::HoldRulesInForce(engine, tx, RegionOf(after.name()), today);
  if (!rules.ok()) return rules.status();
  after.set_rules(rules->name());
  row.status = programme_rules::CheckHours(MinimaOf(*rules), after.kind(), after.duration_hours());
  return absl::OkStatus();
}

// What is written or handed in now is judged by the rules of now.
absl::Status PrepareVersions(const resource::Engine& engine, pg::Tx& tx, std::vector<Pending>& rows,
                             absl::CivilDay today) {
  MinimaOfRegions regions(engine, tx, today);
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
    const auto* before = static_cast<const Version*>(row.before);
    const auto& after = static_cast<const Version&>(*row.after);
    const bool handed_in = before != nullptr && before->state() != after.state() &&
                           after.state() == Version::STATE_EXPERTISE;
    if (handed_in) {
      if (auto s = BeginRound(engine, tx, today, row); !s.ok()) return s;
    } else if (before == nullptr || !HoursStay(before, after)) {
      auto minima = regions.Of(after.name());
      if (!minima.ok()) return minima.status();
      row.status = programme_rules::CheckHours(*minima, after.kind(), after.duration_hours());
    }
    if (before != nullptr && before->state() == Version::STATE_EXPERTISE &&
        after.state() != Version::STATE_EXPERTISE) {
      if (auto s = RecallReviews(engine, tx, *before); !s.ok()) return s;
    }
    if (before != nullptr || !row.status.ok()) continue;
    if (auto s = PrepareNewVersion(tx, row); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// What a round is judged by stays as it was. The row is locked, so no version is handed in under it
// meanwhile.
absl::Status PrepareRules(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    if (row.before == nullptr || !row.status.ok() ||
        google::protobuf::util::MessageDifferencer::Equals(*row.before, *row.after)) {
      continue;
    }
    auto used =
        catalogue_store::AreRulesUsed(tx, static_cast<const v1::TrainingRules&>(*row.after).name());
    if (!used.ok()) return used.status();
    if (!*used) continue;
    row.status = rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_RULES_IN_USE,
                            "versions were handed in under them");
  }
  return absl::OkStatus();
}

}  // namespace

void AddCatalogueRules(resource::Engine& engine, const std::function<absl::Time()>& now) {
  engine.Rule<Version>(version_rules::Check);
  engine.Rule<v1::TrainingRules>(
      [](Change change, const v1::TrainingRules*, v1::TrainingRules* after) {
        return change == Change::kDelete ? absl::OkStatus() : version_rules::CheckRules(after);
      });
  engine.PrepareFor(v1::TrainingRules::descriptor(), PrepareRules);
  engine.PrepareFor(v1::Programme::descriptor(),
                    [&engine, now](pg::Tx& tx, std::vector<Pending>& rows) {
                      return PrepareProgrammes(engine, tx, rows, RegisterDay(now()));
                    });
  engine.PrepareFor(Version::descriptor(), [&engine, now](pg::Tx& tx, std::vector<Pending>& rows) {
    return PrepareVersions(engine, tx, rows, RegisterDay(now()));
  });
}

}  // namespace rsnms::programs
