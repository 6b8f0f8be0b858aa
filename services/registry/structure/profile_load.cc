#include "services/registry/structure/profile_load.h"

#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace rsnms::registry {
namespace {

using resource::Table;

// Makes the stored rows of a kind those of a file, and says what it did.
class ProfileLoad {
 public:
  ProfileLoad(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
              v1::LoadSystemProfileResponse* report)
      : engine_(engine), tx_(tx), author_(author), report_(report) {}

  // Rows deleted before come back, what differs is written.
  template <class R>
  absl::Status Put(std::vector<R>& rows, const std::vector<R>& stored) {
    absl::flat_hash_set<std::string> named;
    for (const R& row : rows) named.insert(row.name());
    for (const R& row : stored) {
      if (!row.has_delete_time() || !named.contains(row.name())) continue;
      if (auto s = Table<R>(engine_).Undelete(tx_, author_, row); !s.ok()) return s;
      report_->set_restored(report_->restored() + 1);
    }
    auto counts = Table<R>(engine_).Merge(tx_, author_, rows);
    if (!counts.ok()) return counts.status();
    report_->set_created(report_->created() + static_cast<int>(counts->created));
    report_->set_updated(report_->updated() + static_cast<int>(counts->updated));
    report_->set_unchanged(report_->unchanged() + static_cast<int>(counts->unchanged));
    return absl::OkStatus();
  }

  // What the file no longer names goes, those below before those above.
  template <class R>
  absl::Status Withdraw(const std::vector<R>& rows, std::vector<R> stored) {
    absl::flat_hash_set<std::string> named;
    for (const R& row : rows) named.insert(row.name());
    std::erase_if(
        stored, [&](const R& row) { return row.has_delete_time() || named.contains(row.name()); });
    while (!stored.empty()) {
      absl::flat_hash_set<std::string> above;
      if constexpr (std::is_same_v<R, v1::SystemSubject>) {
        for (const R& row : stored) above.insert(row.parent());
      }
      const size_t before = stored.size();
      for (auto row = stored.begin(); row != stored.end();) {
        if (above.contains(row->name())) {
          ++row;
          continue;
        }
        if (auto s = Table<R>(engine_).Delete(tx_, author_, *row); !s.ok()) return s;
        report_->set_deleted(report_->deleted() + 1);
        row = stored.erase(row);
      }
      if (stored.size() == before) return absl::InternalError("subjects form a circle");
    }
    return absl::OkStatus();
  }

 private:
  const resource::Engine& engine_;
  pg::Tx& tx_;
  const journal::Author& author_;
  v1::LoadSystemProfileResponse* report_;
};

}  // namespace

absl::Status Load(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                  ProfileRows rows, v1::LoadSystemProfileResponse* report) {
  ProfileLoad load(engine, tx, author, report);
  const std::string name = rows.profile.name();
  std::vector<v1::SystemProfile> profile = {std::move(rows.profile)};
  auto subjects = RowsOfProfile<v1::SystemSubject>(engine, tx, name);
  if (!subjects.ok()) return subjects.status();
  auto functions = RowsOfProfile<v1::FunctionAssignment>(engine, tx, name);
  if (!functions.ok()) return functions.status();
  if (auto s = load.Put<v1::SystemProfile>(profile, {}); !s.ok()) return s;
  if (auto s = load.Put(rows.subjects, *subjects); !s.ok()) return s;
  if (auto s = load.Put(rows.functions, *functions); !s.ok()) return s;
  if (auto s = load.Withdraw(rows.functions, *functions); !s.ok()) return s;
  if (auto s = load.Withdraw(rows.subjects, *subjects); !s.ok()) return s;
  auto stored = Table<v1::SystemProfile>(engine).Get(tx, name);
  if (!stored.ok()) return stored.status();
  *report->mutable_profile() = *std::move(stored);
  report->set_subjects(static_cast<int>(rows.subjects.size()));
  report->set_functions(static_cast<int>(rows.functions.size()));
  return absl::OkStatus();
}

}  // namespace rsnms::registry
