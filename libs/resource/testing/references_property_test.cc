// Random lives of a few drawers and specimens, against a model that knows nothing of SQL.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "libs/resource/testing/drawers.h"

namespace rsnms::resource {
namespace {

constexpr int kDrawers = 3, kSpecimens = 4;
const journal::Author kJob = {"system:test", "", "", ""};

std::string DrawerName(int i) { return absl::StrCat("regions/86/drawers/d", i); }
std::string SpecimenName(int i) {
  return absl::StrCat("regions/86/specimens/00000000-0000-7000-8000-00000000000", i);
}

// What a specimen refers to; -1: nothing.
struct Refs {
  int drawer = -1, twin = -1;
  std::set<int> drawers;
  bool operator==(const Refs&) const = default;
};
struct Row {
  bool living = true;
  Refs refs;
};

Refs AnyRefs() {
  Refs refs;
  refs.drawer = *rc::gen::inRange(-1, kDrawers);
  refs.twin = *rc::gen::inRange(-1, kSpecimens);
  for (int d = 0; d < kDrawers; ++d) {
    if (*rc::gen::inRange(0, 4) == 0) refs.drawers.insert(d);
  }
  return refs;
}

museum::Specimen ImageOf(int i, const Refs& refs) {
  auto s = Specimen(absl::StrCat("s", i));
  s.set_name(SpecimenName(i));
  if (refs.drawer >= 0) s.set_drawer(DrawerName(refs.drawer));
  if (refs.twin >= 0) s.set_twin(SpecimenName(refs.twin));
  for (int d : refs.drawers) s.add_drawers(DrawerName(d));
  return s;
}

class Model {
 public:
  std::map<int, bool> drawers;  // -> living
  std::map<int, Row> specimens;

  bool DrawerLives(int i) const { return drawers.contains(i) && drawers.at(i); }
  bool SpecimenLives(int i) const { return specimens.contains(i) && specimens.at(i).living; }

  // Whether specimen `i` may newly refer so; `also`: specimens that begin to live with it.
  bool MayRefer(int i, const Refs& refs, const Refs& before, const std::set<int>& also) const {
    if (refs.drawer >= 0 && refs.drawer != before.drawer && !DrawerLives(refs.drawer)) return false;
    if (refs.twin >= 0 && refs.twin != before.twin && refs.twin != i && !SpecimenLives(refs.twin) &&
        !also.contains(refs.twin)) {
      return false;
    }
    for (int d : refs.drawers) {
      if (!before.drawers.contains(d) && !DrawerLives(d)) return false;
    }
    return true;
  }
  bool DrawerReferred(int d) const {
    for (const auto& [i, row] : specimens) {
      if (row.living && (row.refs.drawer == d || row.refs.drawers.contains(d))) return true;
    }
    return false;
  }
  bool SpecimenReferred(int s) const {
    for (const auto& [i, row] : specimens) {
      if (i != s && row.living && row.refs.twin == s) return true;
    }
    return false;
  }
  // Which of the rows a chunk would write are good: the greatest set that refers well.
  std::set<int> Good(const std::map<int, Refs>& rows, bool revives) const {
    std::set<int> good;
    for (const auto& [i, refs] : rows) {
      if (revives || !specimens.contains(i) || specimens.at(i).living) good.insert(i);
    }
    for (bool again = true; again;) {
      again = false;
      for (const auto& [i, refs] : rows) {
        const Refs before = SpecimenLives(i) ? specimens.at(i).refs : Refs();
        if (good.contains(i) && !MayRefer(i, refs, before, good)) {
          good.erase(i);
          again = true;
        }
      }
    }
    return good;
  }
  std::string Text() const {
    std::string text;
    for (const auto& [i, living] : drawers) absl::StrAppend(&text, "d", i, living ? "+ " : "- ");
    for (const auto& [i, row] : specimens) {
      absl::StrAppend(&text, "s", i, row.living ? "+" : "-", row.refs.drawer, ",", row.refs.twin);
      for (int d : row.refs.drawers) absl::StrAppend(&text, ",d", d);
      text += ' ';
    }
    return text;
  }
};

// One step on both; the answers must agree.
class Step {
 public:
  Step(Museum& m, Model& model) : m_(m), model_(model) {}

  void Run() {
    switch (*rc::gen::inRange(0, 9)) {
      case 0:
        return MakeOrReviveDrawer();
      case 1:
        return RemoveDrawer();
      case 2:
      case 3:
        return CreateSpecimen();
      case 4:
        return UpdateSpecimen();
      case 5:
        return RemoveSpecimen();
      case 6:
        return UndeleteSpecimen();
      case 7:
        return ImportRows();
      default:
        return MergeRows();
    }
  }

 private:
  static void Agree(const absl::Status& status, const std::string& reason) {
    RC_LOG() << "answer " << rpc::ReasonOf(status) << ", expected " << reason << "\n";
    RC_ASSERT(rpc::ReasonOf(status) == reason);
    RC_ASSERT(status.ok() == reason.empty());
  }

  void MakeOrReviveDrawer() {
    const int i = *rc::gen::inRange(0, kDrawers);
    const std::string id = absl::StrCat("d", i);
    RC_LOG() << "drawer " << i << "\n";
    if (!model_.drawers.contains(i)) {
      Agree(MakeDrawer(m_, id).status(), "");
    } else {
      Agree(ReviveDrawer(m_, id).status(), model_.drawers[i] ? "NOT_DELETED" : "");
    }
    model_.drawers[i] = true;
  }
  void RemoveDrawer() {
    const int i = *rc::gen::inRange(0, kDrawers);
    RC_LOG() << "remove drawer " << i << "\n";
    const std::string reason = !model_.DrawerLives(i)     ? "NOT_FOUND"
                               : model_.DrawerReferred(i) ? "STILL_REFERENCED"
                                                          : "";
    Agree(DropDrawer(m_, absl::StrCat("d", i)).status(), reason);
    if (reason.empty()) model_.drawers[i] = false;
  }
  void CreateSpecimen() {
    const int i = *rc::gen::inRange(0, kSpecimens);
    const Refs refs = AnyRefs();
    RC_LOG() << "create " << i << " " << ImageOf(i, refs).ShortDebugString() << "\n";
    museum::CreateSpecimenRequest request;
    request.set_parent("regions/86");
    *request.mutable_specimen() = ImageOf(i, refs);
    request.set_specimen_id(SpecimenName(i).substr(sizeof("regions/86/specimens/") - 1));
    const std::string reason = !model_.MayRefer(i, refs, {}, {}) ? "REFERENCE_NOT_FOUND"
                               : model_.specimens.contains(i)    ? "ALREADY_EXISTS"
                                                                 : "";
    Agree(m_.Call<museum::Specimen>("CreateSpecimen", request).status(), reason);
    if (reason.empty()) model_.specimens[i] = {true, refs};
  }
  void UpdateSpecimen() {
    const int i = *rc::gen::inRange(0, kSpecimens);
    const Refs refs = AnyRefs();
    RC_LOG() << "update " << i << " " << ImageOf(i, refs).ShortDebugString() << "\n";
    const bool known = model_.specimens.contains(i);
    const std::string reason = !known                     ? "NOT_FOUND"
                               : !model_.SpecimenLives(i) ? "DELETED"
                               : !model_.MayRefer(i, refs, model_.specimens.at(i).refs, {})
                                   ? "REFERENCE_NOT_FOUND"
                                   : "";
    Agree(m_.Update(ImageOf(i, refs), {"drawer", "drawers", "twin"}).status(), reason);
    if (reason.empty()) model_.specimens[i].refs = refs;
  }
  void RemoveSpecimen() {
    const int i = *rc::gen::inRange(0, kSpecimens);
    RC_LOG() << "remove " << i << "\n";
    const std::string reason = !model_.SpecimenLives(i)     ? "NOT_FOUND"
                               : model_.SpecimenReferred(i) ? "STILL_REFERENCED"
                                                            : "";
    Agree(DropSpecimen(m_, SpecimenName(i)).status(), reason);
    if (reason.empty()) model_.specimens[i].living = false;
  }
  void UndeleteSpecimen() {
    const int i = *rc::gen::inRange(0, kSpecimens);
    RC_LOG() << "undelete " << i << "\n";
    const std::string reason = !model_.specimens.contains(i) ? "NOT_FOUND"
                               : model_.SpecimenLives(i)     ? "NOT_DELETED"
                               : !model_.MayRefer(i, model_.specimens.at(i).refs, {}, {})
                                   ? "REFERENCE_NOT_FOUND"
                                   : "";
    Agree(ReviveSpecimen(m_, SpecimenName(i)).status(), reason);
    if (reason.empty()) model_.specimens[i].living = true;
  }

  static std::map<int, Refs> AnyRows() {
    std::map<int, Refs> rows;
    const int n = *rc::gen::inRange(1, kSpecimens + 1);
    for (int k = 0; k < n; ++k) rows[*rc::gen::inRange(0, kSpecimens)] = AnyRefs();
    for (const auto& [i, refs] : rows) {
      RC_LOG() << "  row " << i << " " << ImageOf(i, refs).ShortDebugString() << "\n";
    }
    return rows;
  }
  void Keep(const std::map<int, Refs>& rows, const std::set<int>& good) {
    for (int i : good) model_.specimens[i] = {true, rows.at(i)};
  }
  void ImportRows() {
    options::v1::ImportHeader header;
    header.set_parent("regions/86");
    const bool skip = *rc::gen::arbitrary<bool>();
    header.set_mode(skip ? options::v1::IMPORT_MODE_SKIP_BAD
                         : options::v1::IMPORT_MODE_ALL_OR_NOTHING);
    RC_LOG() << "import " << (skip ? "good rows" : "all or nothing") << "\n";
    const auto rows = AnyRows();
    std::vector<museum::Specimen> images;
    for (const auto& [i, refs] : rows) images.push_back(ImageOf(i, refs));
    const auto good = model_.Good(rows, /*revives=*/false);
    const auto report = m_.Import(header, images);
    const bool refused = !skip && good.size() < rows.size();
    Agree(report.status(), refused ? "IMPORT_REJECTED" : "");
    if (refused) return;
    RC_ASSERT(report->rejected_count() == static_cast<int64_t>(rows.size() - good.size()));
    Keep(rows, good);
  }
  void MergeRows() {
    RC_LOG() << "merge\n";
    const auto rows = AnyRows();
    std::vector<museum::Specimen> images;
    for (const auto& [i, refs] : rows) images.push_back(ImageOf(i, refs));
    const bool good = model_.Good(rows, /*revives=*/true).size() == rows.size();
    pg::TxOptions options;
    options.scopes = "*";
    Agree(m_.database->app().Run(options,
                                 [&](pg::Tx& tx) {
                                   Table<museum::Specimen> table(*m_.engine);
                                   return table.Merge(tx, kJob, images).status();
                                 }),
          good ? "" : "REFERENCE_NOT_FOUND");
    if (!good) return;
    for (const auto& [i, refs] : rows) model_.specimens[i] = {true, refs};
  }

  Museum& m_;
  Model& model_;
};

// What is stored, told as Model::Text tells it.
constexpr char kSqlText[] =
    "SELECT coalesce((SELECT string_agg(id || CASE WHEN delete_time IS NULL THEN '+ ' ELSE '- ' "
    "END, '' ORDER BY id) FROM drawer), '') || coalesce((SELECT string_agg('s' || "
    "right(id::text, 1) || CASE WHEN delete_time IS NULL THEN '+' ELSE '-' END || "
    "coalesce(substr(drawer_id, 2), '-1') || ',' || coalesce(right(twin_id::text, 1), '-1') || "
    "coalesce((SELECT string_agg(',' || d, '' ORDER BY d) FROM unnest(drawers_ids) d), '') || ' ', "
    "'' ORDER BY id) FROM specimen), '')";

TEST(ReferencesProperty, NoLivingRowRefersToADeadOne) {
  Museum m;
  EXPECT_TRUE(rc::check("every answer and every row is as the model says", [&] {
    m.Value("DELETE FROM specimen");
    m.Value("DELETE FROM drawer");
    Model model;
    for (int i = 0; i < kDrawers; ++i) {
      RC_ASSERT(MakeDrawer(m, absl::StrCat("d", i)).ok());
      model.drawers[i] = true;
    }
    const int steps = *rc::gen::inRange(1, 40);
    for (int k = 0; k < steps; ++k) {
      Step(m, model).Run();
      RC_ASSERT(m.Value(kSqlText) == model.Text());
      RC_ASSERT(m.Value(kSqlDangling) == "0");
    }
  }));
}

}  // namespace
}  // namespace rsnms::resource
