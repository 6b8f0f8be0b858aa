// Duplicates merged and separated, against a naive model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "services/registry/people/people_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;

std::string Id(const std::string& name) { return name.substr(name.rfind('/') + 1); }

class PersonMerges : public PeopleTest {
 protected:
  absl::StatusOr<v1::PersonMerge> Merge(const std::string& survivor, const std::string& duplicate,
                                        const std::string& request_id = "") {
    v1::MergePersonsRequest request;
    request.set_name(survivor);
    request.set_duplicate(duplicate);
    request.set_reason("одна и та же карточка");
    request.set_request_id(request_id);
    return Ask<v1::PersonMerge>("MergePersons", request);
  }
  absl::StatusOr<v1::PersonMerge> Unmerge(const std::string& name) {
    v1::UnmergePersonsRequest request;
    request.set_name(name);
    request.set_reason("разные люди");
    return Ask<v1::PersonMerge>("UnmergePersons", request);
  }
  v1::Person WithEmail(const std::string& family, const std::string& email) {
    v1::CreatePersonRequest request;
    request.set_parent(kRegion);
    request.mutable_person()->set_family_name(family);
    request.mutable_person()->set_given_name("Анна");
    request.mutable_person()->set_email(email);
    auto made = Call<v1::Person>("CreatePerson", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Person();
  }
  absl::StatusOr<v1::SupportRecord> Support(const std::string& person, const std::string& mentor) {
    v1::CreateSupportRecordRequest request;
    request.set_parent(kRegion);
    request.mutable_support_record()->set_person(person);
    request.mutable_support_record()->set_mentor(mentor);
    request.mutable_support_record()->set_form(v1::SUPPORT_FORM_MENTORING);
    *request.mutable_support_record()->mutable_start_date() = D(2025, 9, 1);
    return Call<v1::SupportRecord>("CreateSupportRecord", request);
  }
  absl::StatusOr<v1::ManagementTeam> Team(const std::vector<std::string>& members) {
    auto body = MakeBody("школа");
    if (!body.ok()) return body.status();
    v1::CreateManagementTeamRequest request;
    request.set_parent(kRegion);
    auto& team = *request.mutable_management_team();
    team.set_organisation(body->name());
    team.mutable_members()->Add(members.begin(), members.end());
    *team.mutable_formed_date() = D(2025, 9, 1);
    return Call<v1::ManagementTeam>("CreateManagementTeam", request);
  }
  // Everything that merges may touch, without versions and times.
  std::string Everything() {
    return Sql(R"sql(
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
  SELECT 'person ' || id || ' ' || coalesce(merged_into_id::text, '') || ' ' || email || ' ' ||
         (delete_time IS NOT NULL)::text AS line FROM person
  UNION ALL SELECT 'employment ' || id || ' ' || person_id FROM employment
  UNION ALL SELECT 'support ' || id || ' ' || person_id || ' ' || coalesce(mentor_id::text, '') FROM support_record
  UNION ALL SELECT 'team ' || id || ' ' || members_ids::text FROM management_team
  UNION ALL SELECT 'repointed ' || resource_type || row_id || field || original_id || present_id FROM repointed
) AS lines)sql");
  }
  // Living rows that refer to what is not a living person.
  std::string Dangling() {
    return Sql(R"sql(
SELECT count(*) FROM (
  SELECT region_code, person_id FROM employment WHERE delete_time IS NULL
  UNION ALL SELECT region_code, person_id FROM support_record WHERE delete_time IS NULL
  UNION ALL SELECT region_code, mentor_id FROM support_record WHERE delete_time IS NULL AND mentor_id IS NOT NULL
  UNION ALL SELECT region_code, unnest(members_ids)::uuid FROM management_team WHERE delete_time IS NULL
  UNION ALL SELECT region_code, merged_into_id FROM person WHERE merged_into_id IS NOT NULL
) r WHERE NOT EXISTS (SELECT FROM person p WHERE p.region_code = r.region_code AND p.id = r.person_id
                      AND p.delete_time IS NULL))sql");
  }
};

TEST_F(PersonMerges, OldNameAnswersATombstoneThatNamesTheSurvivor) {
  const auto a = Named("Айпина", "Анна"), b = Named("Айпина", "Анна", "Ивановна", "11223344595");
  auto body = MakeBody("школа");
  const auto post = Employ(Post(b.name(), body->name(), CivilDay(2020, 9, 1)));
  ASSERT_TRUE(post.ok());
  auto merge = Merge(a.name(), b.name());
  ASSERT_TRUE(merge.ok()) << merge.status();
  EXPECT_EQ(merge->repointed_count(), 1);
  EXPECT_THAT(merge->filled_fields(), ElementsAre("patronymic", "snils"));
  const auto tombstone = GetPerson(b.name());
  EXPECT_EQ(tombstone.merged_into(), a.name());
  EXPECT_TRUE(tombstone.has_delete_time());
  EXPECT_EQ(GetPerson(a.name()).snils(), "11223344595");
  EXPECT_EQ(Sql("SELECT person_id FROM employment"), Id(a.name()));
  EXPECT_EQ(Sql("SELECT count(*) FROM journal WHERE resource_type = 'registry.rsnms/Employment'"),
            "2")
      << "the re-pointed row is an event";
  // Nothing new refers to a tombstone, and it comes back by UnmergePersons alone.
  EXPECT_FALSE(Employ(Post(b.name(), body->name(), CivilDay(2021, 9, 1), false)).ok());
  v1::UndeletePersonRequest undelete;
  undelete.set_name(b.name());
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Person>("UndeletePerson", undelete).status()), "PERSON_MERGED");
  // A reader who sees the survivor sees the tombstone.
  auto municipal = service_->Connect({"administrator"}, {kSurgut});
  v1::GetPersonRequest get;
  get.set_name(b.name());
  EXPECT_TRUE(Call<v1::Person>(*municipal, "GetPerson", get).ok());

  auto undone = Unmerge(b.name());
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(undone->state(), v1::PersonMerge::STATE_UNMERGED);
  EXPECT_EQ(GetPerson(b.name()).merged_into(), "");
  EXPECT_FALSE(GetPerson(b.name()).has_delete_time());
  EXPECT_EQ(GetPerson(a.name()).snils(), "");
  EXPECT_EQ(GetPerson(b.name()).snils(), "11223344595");
  EXPECT_EQ(Sql("SELECT person_id FROM employment"), Id(b.name()));
  EXPECT_EQ(rpc::ReasonOf(Unmerge(b.name()).status()), "NOT_MERGED");
}

TEST_F(PersonMerges, RowsOnePersonCannotHoldRefuseTheMergeWhole) {
  const auto a = Named("Айпина", "Анна"), b = Named("Айпина", "Анна");
  auto body = MakeBody("школа"), other = MakeBody("лицей");
  ASSERT_TRUE(Employ(Post(a.name(), body->name(), CivilDay(2020, 9, 1))).ok());
  const auto second = Employ(Post(b.name(), other->name(), CivilDay(2021, 9, 1)));
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(Support(b.name(), "").ok());
  const std::string before = Everything();
  auto merge = Merge(a.name(), b.name());
  EXPECT_EQ(rpc::ReasonOf(merge.status()), "MERGE_CONFLICT") << merge.status();
  EXPECT_THAT(merge.status().ToString(), ::testing::HasSubstr(second->name()));
  EXPECT_EQ(Everything(), before);
}

TEST_F(PersonMerges, TheSamePostOnBothCardsIsOneWhileTheyAreOne) {
  const auto a = Named("Айпина", "Анна"), b = Named("Айпина", "Анна"), c = Named("Айпина", "Анна");
  auto body = MakeBody("школа");
  const auto first = Employ(Post(a.name(), body->name(), CivilDay(2020, 9, 1)));
  const auto second = Employ(Post(b.name(), body->name(), CivilDay(2021, 9, 1)));
  const auto third = Employ(Post(c.name(), body->name(), CivilDay(2019, 9, 1)));
  ASSERT_TRUE(first.ok() && second.ok() && third.ok());
  const auto living = [&] {
    return Sql(
        "SELECT string_agg(id::text, ',' ORDER BY start_date) FROM employment "
        "WHERE delete_time IS NULL");
  };
  const std::string before = Everything(), all = living();
  auto merge = Merge(a.name(), b.name());
  ASSERT_TRUE(merge.ok()) << merge.status();
  ASSERT_EQ(merge->folded_employments_size(), 1);
  EXPECT_EQ(merge->folded_employments(0).employment(), second->name());
  EXPECT_EQ(merge->folded_employments(0).kept(), first->name());
  // The longer one stays, whoever survives.
  merge = Merge(a.name(), c.name());
  ASSERT_TRUE(merge.ok()) << merge.status();
  EXPECT_EQ(living(), Id(third->name()));
  // Without what kept it the other is back, and keeps the third.
  ASSERT_TRUE(Unmerge(c.name()).ok());
  EXPECT_EQ(living(), absl::StrCat(Id(third->name()), ",", Id(first->name())));
  ASSERT_TRUE(Unmerge(b.name()).ok());
  EXPECT_EQ(living(), all);
  EXPECT_EQ(Everything(), before);
}

TEST_F(PersonMerges, DifferentSnilsAskForConfirmation) {
  const auto a = Named("Айпина", "Анна", "", "11223344595"),
             b = Named("Айпина", "Анна", "", "08765430300");
  EXPECT_EQ(rpc::ReasonOf(Merge(a.name(), b.name()).status()), "MERGE_CONFLICT");
  v1::MergePersonsRequest request;
  request.set_name(a.name());
  request.set_duplicate(b.name());
  request.set_reason("опечатка в номере");
  request.set_allow_different_snils(true);
  auto merged = Ask<v1::PersonMerge>("MergePersons", request);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(GetPerson(a.name()).snils(), "11223344595");
}

TEST_F(PersonMerges, MergingAsksForAgesLikeWriting) {
  const auto old = WithEmail("Айпина", "");    // birth not known
  const auto young = Named("Айпина", "Анна");  // born in 1985
  auto body = MakeBody("школа");
  ASSERT_TRUE(Employ(Post(old.name(), body->name(), CivilDay(1990, 9, 1))).ok());
  const std::string before = Everything();
  for (const auto& [survivor, duplicate] :
       {std::pair{old.name(), young.name()}, {young.name(), old.name()}}) {
    EXPECT_EQ(rpc::ReasonOf(Merge(survivor, duplicate).status()), "MERGE_CONFLICT");
  }
  EXPECT_EQ(Everything(), before);
}

TEST_F(PersonMerges, OldNamesAnswerWhereRulesAndListsAsk) {
  const auto a = Named("Айпина", "Анна"), b = Named("Айпина", "Анна");
  auto body = MakeBody("школа");
  ASSERT_TRUE(Employ(Post(b.name(), body->name(), CivilDay(2020, 9, 1))).ok());
  v1::CreateConsentRequest create;
  create.set_parent(kRegion);
  create.mutable_consent()->set_person(b.name());
  create.mutable_consent()->set_purpose(v1::CONSENT_PURPOSE_PUBLICATION);
  create.mutable_consent()->set_form_version("2025-09");
  auto consent = Ask<v1::Consent>("CreateConsent", create);
  ASSERT_TRUE(consent.ok()) << consent.status();
  v1::GiveConsentRequest give;
  give.set_name(consent->name());
  *give.mutable_given_date() = D(2025, 9, 1);
  give.set_document("вх. № 17");
  ASSERT_TRUE(Ask<v1::Consent>("GiveConsent", give).ok());
  ASSERT_TRUE(Merge(a.name(), b.name()).ok());
  v1::CheckConsentRequest check;
  check.set_name(b.name());
  check.set_purpose(v1::CONSENT_PURPOSE_PUBLICATION);
  *check.mutable_as_of_date() = D(2025, 10, 1);
  auto held = Ask<v1::CheckConsentResponse>("CheckConsent", check);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->consent(), consent->name());
  v1::ListEmploymentsRequest list;
  list.set_parent(kRegion);
  for (const std::string& name : {a.name(), b.name()}) {
    list.set_filter(absl::StrCat("person = \"", name, "\""));
    auto page = Call<v1::ListEmploymentsResponse>("ListEmployments", list);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->employments_size(), 1) << name;
  }
  auto team = Team({a.name()});
  ASSERT_TRUE(team.ok()) << team.status();
}

TEST_F(PersonMerges, OthersAreRefused) {
  const auto a = Named("Айпина", "Анна"), b = Named("Айпина", "Анна"), c = Named("Вах", "Анна");
  EXPECT_EQ(rpc::ReasonOf(Merge(a.name(), a.name()).status()), "MERGED_WITH_ITSELF");
  ASSERT_TRUE(Merge(a.name(), b.name()).ok());
  EXPECT_EQ(rpc::ReasonOf(Merge(c.name(), b.name()).status()), "PERSON_MERGED");
  EXPECT_EQ(rpc::ReasonOf(Merge(b.name(), c.name()).status()), "PERSON_MERGED");
  EXPECT_EQ(rpc::ReasonOf(Unmerge(c.name()).status()), "NOT_MERGED");
  auto municipal = service_->Connect({"administrator"}, {kSurgut});
  v1::MergePersonsRequest request;
  request.set_name(a.name());
  request.set_duplicate(c.name());
  request.set_reason("x");
  EXPECT_TRUE(
      absl::IsPermissionDenied(Ask<v1::PersonMerge>(*municipal, "MergePersons", request).status()));
  request.set_validate_only(true);
  const std::string before = Everything();
  EXPECT_TRUE(Ask<v1::PersonMerge>("MergePersons", request).ok());
  EXPECT_EQ(Everything(), before);
}

TEST_F(PersonMerges, MergesOfMergedPeopleAreUndoneInAnyOrder) {
  const auto a = WithEmail("А", "a@example.org"), b = WithEmail("Б", ""), c = WithEmail("В", "");
  ASSERT_TRUE(Support(a.name(), "").ok());
  ASSERT_TRUE(Support(b.name(), "").ok());
  const std::string first = Everything();
  ASSERT_TRUE(Merge(b.name(), a.name()).ok());
  ASSERT_TRUE(Merge(c.name(), b.name()).ok());
  EXPECT_EQ(GetPerson(a.name()).merged_into(), c.name());
  EXPECT_EQ(GetPerson(c.name()).email(), "a@example.org");
  EXPECT_EQ(Dangling(), "0");
  ASSERT_TRUE(Unmerge(a.name()).ok());
  EXPECT_EQ(GetPerson(c.name()).email(), "");
  EXPECT_EQ(GetPerson(b.name()).merged_into(), c.name());
  ASSERT_TRUE(Unmerge(b.name()).ok());
  EXPECT_EQ(Everything(), first);
}

// The naive model: what each row named at first, and who was merged into whom.
struct Model {
  std::map<std::string, std::vector<std::string>> rows;  // row -> people named at first
  std::map<std::string, std::string> into;               // direct

  std::string Root(std::string person) const {
    for (auto it = into.find(person); it != into.end(); it = into.find(person)) person = it->second;
    return person;
  }
  // One row would name a person twice.
  bool Conflicts(const std::string& a, const std::string& b) const {
    for (const auto& [row, people] : rows) {
      std::set<std::string> roots;
      for (const auto& p : people) roots.insert(Root(p));
      if (roots.contains(a) && roots.contains(b)) return true;
    }
    return false;
  }
};

TEST_F(PersonMerges, RandomHistoriesEqualANaiveModel) {
  constexpr int kSteps = 300, kSeedSteps = 100;  // over the network; more in merge_worlds_test.cc
  for (int seed = 0; seed * kSeedSteps < kSteps; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 dice(seed);
    const auto roll = [&](size_t n) {
      return std::uniform_int_distribution<size_t>(0, n - 1)(dice);
    };
    for (const char* table : {"management_team", "support_record", "employment", "person_merge",
                              "repointed", "person"}) {
      Sql(absl::StrCat("WITH d AS (DELETE FROM ", table, " RETURNING 1) SELECT count(*) FROM d"));
    }
    std::vector<std::string> people;
    Model model;
    for (int i = 0; i < 7; ++i) {
      people.push_back(
          WithEmail("Человек", i % 2 == 0 ? absl::StrCat("p", i, "@example.org") : "").name());
    }
    const auto any = [&] { return people[roll(people.size())]; };
    const auto living = [&] { return model.Root(any()); };
    const auto add = [&] {
      const std::string x = living(), y = living();
      switch (roll(3)) {
        case 0: {
          auto body = MakeBody("школа");
          auto made = Employ(Post(x, body->name(), CivilDay(2020, 9, 1), false));
          ASSERT_TRUE(made.ok()) << made.status();
          model.rows[made->name()] = {x};
          break;
        }
        case 1: {
          auto made = Support(x, x == y ? "" : y);
          ASSERT_TRUE(made.ok()) << made.status();
          model.rows[made->name()] = {x};
          if (x != y) model.rows[made->name()].push_back(y);
          break;
        }
        default: {
          std::vector<std::string> members = {x};
          if (x != y) members.push_back(y);
          auto made = Team(members);
          ASSERT_TRUE(made.ok()) << made.status();
          model.rows[made->name()] = members;
        }
      }
    };
    for (int i = 0; i < 4; ++i) add();
    for (int step = 0; step < kSeedSteps; ++step) {
      const size_t what = roll(10);
      if (what == 0 && model.rows.size() < 12) {
        add();
      } else if (what < 6) {
        const std::string survivor = any(), duplicate = any();
        auto merged = Merge(survivor, duplicate);
        const bool may = survivor != duplicate && !model.into.contains(survivor) &&
                         !model.into.contains(duplicate) && !model.Conflicts(survivor, duplicate);
        ASSERT_EQ(merged.ok(), may) << merged.status();
        if (may) model.into[duplicate] = survivor;
      } else {
        const std::string who = any();
        auto undone = Unmerge(who);
        ASSERT_EQ(undone.ok(), model.into.contains(who)) << undone.status();
        model.into.erase(who);
      }
      std::vector<std::string> expected;
      for (const auto& [row, named] : model.rows) {
        std::vector<std::string> roots;
        for (const auto& p : named) roots.push_back(Id(model.Root(p)));
        expected.push_back(absl::StrCat(Id(row), " ", absl::StrJoin(roots, ",")));
      }
      for (const auto& [tombstone, direct] : model.into) {
        expected.push_back(absl::StrCat(Id(tombstone), " ", Id(model.Root(tombstone))));
      }
      std::sort(expected.begin(), expected.end());
      ASSERT_EQ(Sql(R"sql(
SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
  SELECT id || ' ' || person_id AS line FROM employment
  UNION ALL SELECT id || ' ' || person_id || coalesce(',' || mentor_id, '') FROM support_record
  UNION ALL SELECT id || ' ' || array_to_string(members_ids, ',') FROM management_team
  UNION ALL SELECT id || ' ' || merged_into_id FROM person WHERE merged_into_id IS NOT NULL
) AS lines)sql"),
                absl::StrJoin(expected, "\n"))
          << "step " << step;
      ASSERT_EQ(Dangling(), "0");
    }
    // Separated in any order, everybody is who they were.
    while (!model.into.empty()) {
      auto it = std::next(model.into.begin(), static_cast<long>(roll(model.into.size())));
      auto undone = Unmerge(it->first);
      ASSERT_TRUE(undone.ok()) << undone.status();
      model.into.erase(it);
    }
    EXPECT_EQ(Sql("SELECT count(*) FROM repointed"), "0");
    for (size_t i = 0; i < people.size(); ++i) {
      EXPECT_EQ(GetPerson(people[i]).email(),
                i % 2 == 0 ? absl::StrCat("p", i, "@example.org") : "");
    }
  }
}

}  // namespace
}  // namespace rsnms::registry
