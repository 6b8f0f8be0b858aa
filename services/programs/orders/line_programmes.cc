#include "services/programs/orders/line_programmes.h"

#include <algorithm>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/listeners.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using Categories = std::vector<v1::ListenerCategory>;

// Of living programmes: the categories their shown version says.
constexpr char kSqlMeant[] = R"sql(
  SELECT p.id::text, array_to_string(v.listener_categories, ',')
  FROM programme p JOIN programme_version v
    ON v.region_code = p.region_code AND v.id = p.current_version_id
  WHERE p.region_code = $1 AND p.id = ANY ($2::uuid[]))sql";

constexpr char kWhereLiving[] =
    "region_code = $1 AND id = ANY ($2::uuid[]) AND delete_time IS NULL";

absl::Status Mismatch(v1::ProgramsReason reason, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text).Field(path, text);
}

template <class Texts>
bool Has(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool CoversAny(const v1::Programme& programme, const v1::OrderLine& line) {
  const auto& covered = programme.competencies();
  return std::any_of(covered.begin(), covered.end(), [&](const v1::CompetencyCoverage& coverage) {
    return Has(line.competencies(), coverage.competency());
  });
}

// `PEDAGOGUE,MENTOR` as stored.
Categories Parse(std::string_view text) {
  Categories categories;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    v1::ListenerCategory category;
    if (v1::ListenerCategory_Parse(Cat("LISTENER_CATEGORY_", text.substr(0, end)), &category)) {
      categories.push_back(category);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return categories;
}

// Without a version a programme says but for pedagogues, for managers, or nothing.
Categories Flags(const v1::Programme& programme) {
  Categories categories;
  if (programme.for_pedagogues()) categories.push_back(v1::LISTENER_CATEGORY_PEDAGOGUE);
  if (programme.for_managers()) categories.push_back(v1::LISTENER_CATEGORY_MANAGER);
  return categories;
}

}  // namespace

bool IsFor(const Categories& meant, v1::ListenerCategory category) {
  return std::any_of(meant.begin(), meant.end(), [&](v1::ListenerCategory one) {
    return one == category ||
           (one == v1::LISTENER_CATEGORY_PEDAGOGUE && MayBePedagogues(category)) ||
           (one == v1::LISTENER_CATEGORY_MANAGER && MayBeManagers(category));
  });
}

bool Teaches(const v1::Programme& programme, const v1::OrderLine& line) {
  if (!line.programme().empty()) return line.programme() == programme.name();
  if (!line.competencies().empty()) return CoversAny(programme, line);
  const auto& topics = programme.topic_codes();
  return std::any_of(topics.begin(), topics.end(),
                     [&](const std::string& topic) { return Has(line.topic_codes(), topic); });
}

bool Answers(const v1::Programme& programme, const MeantFor& meant, const v1::OrderLine& line) {
  if (!Teaches(programme, line)) return false;
  auto said = meant.find(programme.name());
  return !line.programme().empty() || said == meant.end() || said->second.empty() ||
         IsFor(said->second, line.listener_category());
}

absl::Status CheckLineProgramme(const v1::OrderLine& line, const v1::Programme& programme,
                                const Categories& meant, std::string_view path) {
  if (!line.competencies().empty() && !CoversAny(programme, line)) {
    return Mismatch(v1::PROGRAMS_REASON_LINE_PROGRAMME_MISMATCH, Cat(path, ".programme"),
                    "covers none of the line's competencies");
  }
  if (!meant.empty() && !IsFor(meant, line.listener_category())) {
    return Mismatch(v1::PROGRAMS_REASON_LINE_CATEGORY_MISMATCH, Cat(path, ".listener_category"),
                    "is not one the programme is meant for");
  }
  return absl::OkStatus();
}

absl::StatusOr<MeantFor> LoadMeant(pg::Tx& tx, std::string_view region,
                                   const std::vector<const v1::Programme*>& programmes) {
  MeantFor meant;
  std::vector<std::string> ids;
  for (const v1::Programme* programme : programmes) {
    meant[programme->name()] = Flags(*programme);
    ids.emplace_back(IdOf(programme->name()));
  }
  if (ids.empty()) return meant;
  auto rows = tx.Query(kSqlMeant, std::string(region), ids);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    Categories said = Parse(row[1].c_str());
    if (!said.empty()) meant[NameOf(region, "programmes", row[0].c_str())] = std::move(said);
  }
  return meant;
}

absl::StatusOr<absl::flat_hash_map<std::string, v1::Programme>> LoadProgrammes(
    pg::Tx& tx, const resource::Engine& engine, std::string_view region,
    std::vector<std::string> ids) {
  absl::flat_hash_map<std::string, v1::Programme> by_name;
  std::erase_if(ids, [](const std::string& id) { return !resource::IsUuid(id); });
  if (ids.empty()) return by_name;
  auto rows =
      resource::Table<v1::Programme>(engine).Select(tx, kWhereLiving, std::string(region), ids);
  if (!rows.ok()) return rows.status();
  for (v1::Programme& programme : *rows) {
    const std::string name = programme.name();
    by_name.emplace(name, std::move(programme));
  }
  return by_name;
}

absl::Status CheckLineProgrammes(pg::Tx& tx, const resource::Engine& engine,
                                 std::string_view region, const std::vector<PlacedLine>& lines) {
  std::vector<std::string> ids;
  for (const auto& [place, line] : lines) {
    // What is malformed is refused by the rules.
    if (resource::IsUuid(IdOf(line.programme()))) ids.emplace_back(IdOf(line.programme()));
  }
  if (ids.empty()) return absl::OkStatus();
  auto programmes = LoadProgrammes(tx, engine, region, ids);
  if (!programmes.ok()) return programmes.status();
  std::vector<const v1::Programme*> named;
  for (const auto& [name, programme] : *programmes) named.push_back(&programme);
  auto meant = LoadMeant(tx, region, named);
  if (!meant.ok()) return meant.status();
  for (const auto& [place, line] : lines) {
    const std::string id(IdOf(line.programme())), path = Cat("lines[", place, "]");
    if (!resource::IsUuid(id)) continue;
    auto programme = programmes->find(line.programme());
    if (programme == programmes->end()) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                        "there is no such programme")
          .Field(Cat(path, ".programme"), "does not exist", "программа не найдена");
    }
    const Categories& said = (*meant)[line.programme()];
    if (auto s = CheckLineProgramme(line, programme->second, said, path); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs
