// Ten thousand random merges and separations of people, while sessions, routes, enrolments and
// completions about them are written elsewhere: no service is left with a reference that dangles,
// and everybody gets back what was theirs.
#include "tests/e2e/merge_world.h"

namespace rsnms::e2e {
namespace {

constexpr int kRounds = 5;

// Every reference to a person of $ids: where it stands, whom it names, and what of it a person may
// have once only (empty: nothing).
constexpr char kSqlReferences[] = R"sql(
SELECT place, id, person_id, key FROM (
  SELECT 'registry.employment' AS place, id, person_id, '' AS key FROM registry.employment
  UNION ALL SELECT 'registry.support_record', id, person_id, '' FROM registry.support_record
  UNION ALL SELECT 'registry.support_record/mentor', id, mentor_id, '' FROM registry.support_record
  UNION ALL SELECT 'diagnostics.session', id, person_id, campaign_id || instrument_id FROM diagnostics.session
  UNION ALL SELECT 'diagnostics.result', id, person_id, '' FROM diagnostics.result
  UNION ALL SELECT 'diagnostics.route', id, person_id, '' FROM diagnostics.route
  UNION ALL SELECT 'diagnostics.route/tutor', id, tutor_id, '' FROM diagnostics.route
  UNION ALL SELECT 'programs.enrolment', id, person_id,
                   CASE WHEN state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS') THEN programme_id::text ELSE '' END
              FROM programs.enrolment
  UNION ALL SELECT 'programs.completion', id, person_id, '' FROM programs.completion
) AS r WHERE person_id = ANY ('{$ids}'::uuid[])
)sql";

// What monitoring knows of people's deeds otherwise than their owners do, and facts about people
// who are somebody else's tombstones.
constexpr char kSqlMonitoringAstray[] = R"sql(
SELECT (SELECT count(*) FROM monitoring.known_session k JOIN diagnostics.session s USING (region_code, id)
         WHERE k.person_id <> s.person_id)
     + (SELECT count(*) FROM monitoring.known_route k JOIN diagnostics.route r USING (region_code, id)
         WHERE k.person_id <> r.person_id)
     + (SELECT count(*) FROM monitoring.known_completion k JOIN programs.completion c USING (region_code, id)
         WHERE k.person_id <> c.person_id)
     + (SELECT count(*) FROM monitoring.known_employment k JOIN registry.employment e USING (region_code, id)
         WHERE k.person_id <> e.person_id)
     + (SELECT count(*) FROM monitoring.known_support k JOIN registry.support_record s USING (region_code, id)
         WHERE k.person_id <> s.person_id)
     + (SELECT count(*) FROM monitoring.subject_fact f
          JOIN registry.person p ON p.region_code = f.region_code AND p.id = f.subject_id
         WHERE f.subject_kind = 1 AND p.merged_into_id IS NOT NULL)
)sql";

// A multiple of the rounds and groups.
int Steps() {
  const char* wanted = std::getenv("RSNMS_MERGE_STEPS");
  return wanted != nullptr ? std::atoi(wanted) : 10'000;
}

class MergePropertyTest : public MergeWorld {
 protected:
  void SetUp() override {
    MergeWorld::SetUp();
    if (!HasFatalFailure()) Remember();
  }

  // --- what happens

  void Step(Group& group, int* done) {
    std::vector<std::string> merged;
    for (const auto& [person, survivor] : group.into) merged.push_back(person);
    // Few are merged at a time, some of them into merged ones.
    if (group.Roll(kGroupSize) >= 2 * merged.size()) {
      const auto &survivor = group.people[group.Roll(kGroupSize)],
                 &duplicate = group.people[group.Roll(kGroupSize)];
      if (!group.MayMerge(survivor, duplicate)) return;
      registry::v1::MergePersonsRequest request;
      request.set_name(Named("persons", survivor));
      request.set_duplicate(Named("persons", duplicate));
      request.set_reason("одна и та же");
      Ask<registry::v1::PersonMerge>("MergePersons", request);
      group.into[duplicate] = survivor;
    } else {
      Separate(group, merged[group.Roll(merged.size())]);
    }
    ++*done;
  }
  void Separate(Group& group, const std::string& person) {
    registry::v1::UnmergePersonsRequest request;
    request.set_name(Named("persons", person));
    request.set_reason("разные люди");
    Ask<registry::v1::PersonMerge>("UnmergePersons", request);
    group.into.erase(person);
  }
  // Somebody who writes names as they knew them, merged or not.
  void WriteElsewhere(std::mt19937& dice) {
    const auto roll = [&](size_t n) {
      return std::uniform_int_distribution<size_t>(0, n - 1)(dice);
    };
    const auto& person = groups_[roll(kGroups)].people[roll(kGroupSize)];
    if (roll(2) == 0) {
      const auto id = Enrol(person, programmes_[roll(kProgrammes)], false);
      if (!id.empty()) owners_["programs.enrolment|" + id] = person;
      return;
    }
    const std::string& campaign = campaigns_[roll(kCampaigns)];
    if (!sheets_.insert(person + campaign).second) return;
    diagnostics::v1::StartSessionRequest request;
    request.set_parent(kRegion);
    *request.mutable_session() = SheetOf(person, campaign);
    auto made = Try<diagnostics::v1::Session>("StartSession", request);
    if (made.ok()) owners_["diagnostics.session|" + IdOf(made->name())] = person;
  }
  int Round(int round) {
    std::array<int, kGroups> done{};
    std::vector<std::thread> writers;
    for (int g = 0; g < kGroups; ++g) {
      writers.emplace_back([&, g] {
        while (done[g] < Steps() / kRounds / kGroups) Step(groups_[g], &done[g]);
      });
    }
    std::mt19937 dice(round);
    for (int i = 0; i < 40; ++i) WriteElsewhere(dice);
    for (auto& writer : writers) writer.join();
    return std::accumulate(done.begin(), done.end(), 0);
  }

  // --- what must hold

  std::string References() {
    std::vector<std::string> ids;
    for (const auto& group : groups_)
      ids.insert(ids.end(), group.people.begin(), group.people.end());
    return absl::StrReplaceAll(kSqlReferences, {{"$ids", absl::StrJoin(ids, ",")}});
  }
  void Remember() {
    for (const auto& row : Select(References())) owners_[row[0] + "|" + row[1]] = row[2];
    std::set<std::string> places;
    for (const auto& [row, owner] : owners_) places.insert(row.substr(0, row.find('|')));
    ASSERT_EQ(places.size(), 8U) << "every kind but tutors";
  }
  std::string Root(const std::string& person) const {
    for (const auto& group : groups_) {
      if (std::count(group.people.begin(), group.people.end(), person) > 0)
        return group.Root(person);
    }
    return person;
  }
  // What is not as the model says, in words; empty when nothing is.
  std::vector<std::string> Wrong(int* kept) {
    std::vector<std::string> wrong;
    const auto rows = Select(References());
    std::set<std::string> taken;
    for (const auto& row : rows) taken.insert(absl::StrCat(row[0], row[3], row[2]));
    *kept = 0;
    for (const auto& row : rows) {
      const auto owner = owners_.find(row[0] + "|" + row[1]);
      if (owner == owners_.end()) return {"unknown: " + absl::StrJoin(row, " ")};
      const std::string root = Root(owner->second);
      if (row[2] == root) continue;
      // The survivor has such a one: the old name stays, and is answered by the registry.
      const bool blocked = !row[3].empty() && taken.contains(absl::StrCat(row[0], row[3], root));
      if (blocked && row[2] == owner->second) {
        ++*kept;
      } else {
        wrong.push_back(absl::StrJoin(row, " ") + " instead of " + root);
      }
    }
    if (rows.size() != owners_.size()) wrong.push_back("some rows name nobody we know");
    const auto astray = Select(kSqlMonitoringAstray)[0][0];
    if (astray != "0") wrong.push_back(astray + " things monitoring knows otherwise");
    return wrong;
  }
  void ExpectRegistryFollowsModel() {
    std::set<std::string> known, expected;
    for (const auto& row : Select(
             "SELECT id, merged_into_id FROM registry.person WHERE merged_into_id IS NOT NULL")) {
      known.insert(row[0] + " " + row[1]);
    }
    for (const auto& group : groups_) {
      for (const auto& [person, survivor] : group.into) {
        expected.insert(person + " " + group.Root(person));
      }
    }
    EXPECT_EQ(known, expected);
  }
  // The feeds drain; then everything is as the model says.
  int Settle() {
    ExpectRegistryFollowsModel();
    int kept = 0;
    std::vector<std::string> wrong;
    for (const absl::Time end = absl::Now() + absl::Seconds(60); absl::Now() < end;) {
      wrong = Wrong(&kept);
      if (wrong.empty()) break;
      absl::SleepFor(absl::Milliseconds(200));
    }
    EXPECT_THAT(wrong, testing::IsEmpty());
    return kept;
  }

  std::map<std::string, std::string> owners_;  // row -> whom it named at first
};

TEST_F(MergePropertyTest, TenThousandMergesAndSeparationsLeaveNoDanglingReference) {
  int done = 0, kept = 0;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    const absl::Time start = absl::Now();
    done += Round(round);
    const absl::Time written = absl::Now();
    kept += Settle();
    std::cout << "round " << round << ": " << done << " done, " << kept << " kept their names; "
              << written - start << ", drained in " << absl::Now() - written << std::endl;
  }
  EXPECT_EQ(done, Steps());
  EXPECT_GT(kept, 0) << "some rows collided";
  // Separated in any order, everybody is who they were and has what was theirs.
  for (auto& group : groups_) {
    while (!group.into.empty() && !HasFailure()) {
      Separate(group, std::next(group.into.begin(), group.Roll(group.into.size()))->first);
    }
  }
  EXPECT_EQ(Settle(), 0);
  for (const char* table : {"registry.repointed", "diagnostics.repointed", "programs.repointed",
                            "diagnostics.redirected", "programs.redirected"}) {
    EXPECT_EQ(Select(absl::StrCat("SELECT count(*) FROM ", table))[0][0], "0") << table;
  }
}

}  // namespace
}  // namespace rsnms::e2e
