// Histories of merges over everything of the registry that refers to people, against a naive model.
// What refers is found in the contracts: a new reference is covered by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor_database.h"
#include "libs/resource/engine.h"
#include "libs/resource/keyring.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "libs/testing/admin.h"
#include "libs/testing/database.h"
#include "services/registry/people/merge_model.h"
#include "services/registry/people/people.h"
#include "services/registry/people/person_merge.h"
#include "services/registry/preparations.h"

namespace rsnms::registry {
namespace {

using google::protobuf::DescriptorPool;
using resource::Column;
using resource::Kind;
using resource::Type;

constexpr char kPersonType[] = "registry.rsnms/Person";
constexpr int kPeople = 7, kPosts = 3, kWorldSteps = 200, kTypesInAWorld = 8;

std::vector<const google::protobuf::ServiceDescriptor*> EveryService() {
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::sort(files.begin(), files.end());
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto& name : files) {
    if (name.rfind("rsnms/registry/", 0) != 0) continue;
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

class MergeWorlds : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::Database::Create("registry");
    resource::EngineOptions options;
    options.secret_key = std::string(32, 'k');
    options.personal_keys = *resource::Keyring::Parse(
        absl::StrCat("index:", std::string(64, 'a'), ",1:", std::string(64, 'b')));
    auto engine = resource::Engine::Create(&database_->app(), EveryService(), std::move(options));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    ASSERT_TRUE(engine_->Check().ok()) << engine_->Check();
    AddRules(*engine_);
    AddPeopleRules(*engine_);
    admin_ = std::make_unique<testing::Admin>(database_->superuser_conninfo());
    admin_->Do("SET search_path TO registry");
    for (const Type* type : engine_->types()) {
      for (const auto& column : type->columns()) {
        if (column.target.type != kPersonType || type->resource_type() == kPersonType) continue;
        referring_[type->table()].push_back(&column);
        types_[type->table()] = type;
      }
    }
    tables_ = {"person", "person_merge", "organisation"};
    for (const auto& [table, columns] : referring_) tables_.push_back(table);
    types_["person"] = engine_->FindType(kPersonType);
    types_["organisation"] = engine_->FindType("registry.rsnms/Organisation");
    Loosen();
  }

  // Rows of every type are made without the others they need: what refuses them is not what is
  // tested. Who holds one main post on a date stays refused.
  void Loosen() {
    const std::string tables = absl::StrCat("'", absl::StrJoin(tables_, "','"), "'");
    admin_->Do(absl::StrCat(R"sql(
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
            WHERE conrelid::regclass::text IN ()sql",
                            tables, R"sql()
              AND (contype IN ('c', 'f') OR contype = 'x' AND conrelid <> 'employment'::regclass) LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname);
  END LOOP;
  FOR r IN SELECT indexrelid::regclass AS i FROM pg_index
            WHERE indrelid::regclass::text IN ()sql",
                            tables, R"sql()
              AND indisunique AND NOT indisprimary AND indrelid <> 'person_merge'::regclass
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) LOOP
    EXECUTE format('DROP INDEX %s', r.i);
  END LOOP;
  FOR r IN SELECT tgrelid::regclass AS t, tgname FROM pg_trigger
            WHERE NOT tgisinternal AND tgrelid::regclass::text IN ()sql",
                            tables, R"sql() LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', r.tgname, r.t);
  END LOOP;
END $$)sql"));
  }

  std::string NewId() { return absl::StrFormat("00000000-0000-4000-8000-%012d", ++ids_); }

  // What the table insists on.
  std::string DefaultsOf(const Type& type) {
    std::string& defaults = defaults_[type.table()];
    if (!defaults.empty()) return defaults;
    defaults =
        admin_->Value(absl::StrCat(R"sql(
SELECT jsonb_object_agg(attname, CASE format_type(atttypid, NULL)
         WHEN 'text' THEN '""' WHEN 'boolean' THEN 'false' WHEN 'text[]' THEN '[]'
         WHEN 'jsonb' THEN '[]' WHEN 'date' THEN '"2020-01-01"'
         WHEN 'timestamp with time zone' THEN '"2020-01-01T00:00:00Z"'
         WHEN 'uuid' THEN '"00000000-0000-4000-9000-000000000000"' ELSE '1' END::jsonb)
  FROM pg_attribute
 WHERE attrelid = ')sql",
                                   type.table(), R"sql('::regclass AND attnum > 0 AND attnotnull
   AND NOT attisdropped AND attgenerated = '')sql"));
    std::vector<std::string> more = {R"("region_code":"86")"};
    for (const auto& column : type.columns()) {
      if (column.kind == Kind::kEnum) {
        const std::string& initial = column.options.initial();
        more.push_back(absl::StrCat(
            "\"", column.sql, "\":\"",
            initial.empty()
                ? column.field->enum_type()->value(1)->name().substr(column.enum_prefix.size())
                : initial,
            "\""));
      } else if (column.field->is_map() ||
                 (column.kind == Kind::kJson && !column.field->is_repeated())) {
        more.push_back(absl::StrCat("\"", column.sql, "\":{}"));
      } else if (column.field->is_repeated()) {
        more.push_back(absl::StrCat("\"", column.sql, "\":[]"));
      }
    }
    defaults = absl::StrCat("'", defaults, "'::jsonb || '{", absl::StrJoin(more, ","), "}'::jsonb");
    return defaults;
  }

  // A row with these columns, as JSON; its id. How it looks is remembered.
  std::string Insert(const std::string& table, const std::vector<std::string>& values) {
    const Type& type = *types_.at(table);
    std::string& columns = columns_[table];
    if (columns.empty()) {
      columns = admin_->Value(absl::StrCat(
          "SELECT string_agg(quote_ident(attname), ',') FROM pg_attribute WHERE attrelid = '",
          table, "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"));
    }
    const std::string id = NewId();
    const std::string more = absl::StrJoin(values, ",");
    admin_->Do(absl::StrCat("INSERT INTO ", table, " (", columns, ") SELECT ", columns,
                            " FROM jsonb_populate_record(NULL::", table, ", ", DefaultsOf(type),
                            " || '{\"id\":\"", id, "\"", more.empty() ? "" : ",", more,
                            "}'::jsonb)"));
    looks_[absl::StrCat(table, " ", id)] = LookOf(table, id);
    return id;
  }
  std::string LookOf(const std::string& table, const std::string& id) {
    return admin_->Value(absl::StrCat("SELECT to_jsonb(t) - 'version' - 'update_time' FROM ", table,
                                      " AS t WHERE id::text = '", id, "'"));
  }

  template <class Body>
  absl::Status Run(const Body& body) {
    pg::TxOptions options;
    options.scopes = "*";
    return database_->app().Run(options, body);
  }
  static std::string NameOf(const std::string& id) {
    return absl::StrCat("regions/86/persons/", id);
  }
  absl::Status Merge(const std::string& survivor, const std::string& duplicate) {
    v1::MergePersonsRequest request;
    request.set_name(NameOf(survivor));
    request.set_duplicate(NameOf(duplicate));
    request.set_reason("одна карточка");
    v1::PersonMerge merge;
    return Run([&](pg::Tx& tx) { return MergePeople(tx, *engine_, author_, request, &merge); });
  }
  absl::Status Unmerge(const std::string& person) {
    v1::UnmergePersonsRequest request;
    request.set_name(NameOf(person));
    request.set_reason("разные люди");
    v1::PersonMerge merge;
    return Run([&](pg::Tx& tx) { return UnmergePeople(tx, *engine_, author_, request, &merge); });
  }

  // A row of the table whose references name people, recorded in the model.
  template <class Roll>
  void AddReferences(const std::string& table, const std::vector<std::string>& roots,
                     const Roll& roll, MergeModel* model) {
    std::vector<std::string> values;
    std::vector<MergeModel::Reference> references;
    for (const Column* column : referring_.at(table)) {
      MergeModel::Reference reference{
          "", absl::StrCat(table, ".", column->sql), column->kind == Kind::kReferences, {}};
      std::set<std::string> named = {roots[roll(roots.size())]};
      if (reference.list) named.insert(roots[roll(roots.size())]);
      reference.named.assign(named.begin(), named.end());
      values.push_back(reference.list
                           ? absl::StrCat("\"", column->sql, "\":[\"",
                                          absl::StrJoin(reference.named, "\",\""), "\"]")
                           : absl::StrCat("\"", column->sql, "\":\"", reference.named[0], "\""));
      references.push_back(std::move(reference));
    }
    if (table == "employment") values.push_back(absl::StrCat("\"post_code\":\"p", ids_, "\""));
    const std::string id = Insert(table, values);
    for (auto& reference : references) {
      reference.row = id;
      model->references.push_back(std::move(reference));
    }
  }

  // A main post as both cards of one person hold it: of posts that begin in one year a person has
  // one.
  void AddPost(const std::string& person, int year, MergeModel* model) {
    const std::string id =
        Insert("employment", {absl::StrCat("\"person_id\":\"", person, "\""), "\"main\":true",
                              "\"post_code\":\"teacher\"",
                              absl::StrCat("\"organisation_id\":\"", organisation_, "\""),
                              absl::StrCat("\"start_date\":\"", year, "-09-01\",\"end_date\":\"",
                                           year + 1, "-08-31\"")});
    model->references.push_back({id, "employment.person_id", false, {person}});
  }

  std::string Actual() {
    if (actual_.empty()) {
      actual_ =
          "SELECT id || ' person.merged_into_id ' || merged_into_id AS line FROM person "
          "WHERE merged_into_id IS NOT NULL";
      for (const auto& [table, columns] : referring_) {
        for (const Column* column : columns) {
          const std::string value = column->kind == Kind::kReferences
                                        ? absl::StrCat("array_to_string(", column->sql, ", ',')")
                                        : column->sql + "::text";
          absl::StrAppend(&actual_, " UNION ALL SELECT id || ' ", table, ".", column->sql, " ' || ",
                          value, " FROM ", table);
        }
      }
      actual_ = absl::StrCat("SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM (",
                             actual_, ") AS lines");
    }
    return admin_->Value(actual_);
  }
  // Of equal main posts of one person exactly one lives.
  std::string OddPosts() {
    return admin_->Value(
        "SELECT count(*) FROM (SELECT FROM employment WHERE main GROUP BY person_id, start_date "
        "HAVING count(*) FILTER (WHERE delete_time IS NULL) <> 1) AS odd");
  }
  std::string Dangling() {
    return admin_->Value(
        "SELECT count(*) FROM person AS p JOIN person AS q ON q.id = "
        "p.merged_into_id WHERE q.delete_time IS NOT NULL");
  }

  std::unique_ptr<testing::Database> database_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<testing::Admin> admin_;
  const journal::Author author_ = {
      .subject = "tester", .request_id = "", .trace_id = "", .reason = ""};
  std::map<std::string, std::vector<const Column*>> referring_;  // by table
  std::map<std::string, const Type*> types_;
  std::vector<std::string> tables_;
  std::map<std::string, std::string> defaults_, columns_, looks_;
  std::string actual_, organisation_;
  int ids_ = 0;
};

TEST_F(MergeWorlds, EverythingThatRefersToPeopleFollowsAndReturns) {
  ASSERT_GT(referring_.size(), 20u);
  const char* wanted = std::getenv("RSNMS_MERGE_STEPS");
  const int steps = wanted != nullptr ? std::atoi(wanted) : 10'000;
  std::vector<std::string> tables;
  for (const auto& [table, columns] : referring_) tables.push_back(table);
  std::set<std::string> moved;
  int merges = 0;
  for (int seed = 0; seed * kWorldSteps < steps; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 dice(seed);
    const auto roll = [&](size_t n) {
      return std::uniform_int_distribution<size_t>(0, n - 1)(dice);
    };
    admin_->Do(absl::StrCat("TRUNCATE repointed, ", absl::StrJoin(tables_, ", "), " CASCADE"));
    looks_.clear();
    MergeModel model;
    organisation_ = Insert("organisation", {"\"official_name\":\"школа\""});
    std::vector<std::string> people;
    for (int i = 0; i < kPeople; ++i) {
      std::vector<std::string> values = {R"("family_name":"Человек","given_name":"Анна")",
                                         R"("sex":"UNSPECIFIED")"};
      if (roll(2) == 0) values.push_back(absl::StrCat("\"email\":\"p", i, "@example.org\""));
      if (roll(2) == 0) values.push_back(absl::StrCat("\"phone\":\"+7900000000", i, "\""));
      if (roll(3) == 0) values.push_back(R"("birth_date":"1980-02-03")");
      if (roll(3) == 0) values.push_back(R"("patronymic":"Ивановна")");
      people.push_back(Insert("person", values));
    }
    const auto add = [&](const std::string& table) {
      std::vector<std::string> roots;
      for (const auto& p : people) roots.push_back(model.Root(p));
      AddReferences(table, roots, roll, &model);
    };
    for (int i = 0; i < kTypesInAWorld; ++i) {
      add(tables[(static_cast<size_t>(seed) * kTypesInAWorld + i) % tables.size()]);
    }
    for (const auto& person : people) {
      for (int post = 0; post < kPosts; ++post) {
        if (roll(6) == 0) AddPost(person, 2015 + post, &model);
      }
    }
    for (int step = 0; step < kWorldSteps; ++step) {
      const size_t what = roll(20);
      const std::string a = people[roll(kPeople)], b = people[roll(kPeople)];
      if (what == 0 && model.references.size() < 18) {
        add(tables[roll(tables.size())]);
      } else if (what < 11 && a != b) {
        const bool may =
            !model.into.contains(a) && !model.into.contains(b) && !model.Conflicts(a, b);
        const auto merged = Merge(a, b);
        ASSERT_EQ(merged.ok(), may) << merged << " at step " << step;
        if (!may) continue;
        for (const auto& reference : model.references) {
          for (const auto& p : reference.named) {
            if (model.Root(p) == b) moved.insert(reference.field);
          }
        }
        model.into[b] = a;
        ++merges;
      } else {
        const auto undone = Unmerge(a);
        ASSERT_EQ(undone.ok(), model.into.contains(a)) << undone << " at step " << step;
        model.into.erase(a);
      }
      if (step % 10 != 0) continue;
      ASSERT_EQ(Actual(), model.Expected()) << "step " << step;
      ASSERT_EQ(OddPosts(), "0") << "step " << step;
      ASSERT_EQ(Dangling(), "0");
    }
    // Separated in any order, every row is what it was when it was written, people too.
    while (!model.into.empty()) {
      const auto it = std::next(model.into.begin(), static_cast<long>(roll(model.into.size())));
      const auto undone = Unmerge(it->first);
      ASSERT_TRUE(undone.ok()) << undone;
      model.into.erase(it);
    }
    for (const auto& [row, look] : looks_) {
      const size_t space = row.find(' ');
      ASSERT_EQ(LookOf(row.substr(0, space), row.substr(space + 1)), look) << row;
    }
    ASSERT_EQ(admin_->Value("SELECT count(*) FROM repointed"), "0");
  }
  if (steps < 10'000) return;
  for (const auto& [table, columns] : referring_) {
    for (const Column* column : columns) {
      EXPECT_TRUE(moved.contains(absl::StrCat(table, ".", column->sql)))
          << table << "." << column->sql << " never moved";
    }
  }
  EXPECT_GT(merges, steps / 10) << "most steps were refused";
}

}  // namespace
}  // namespace rsnms::registry
