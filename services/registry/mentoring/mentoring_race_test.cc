// What the database keeps among racing writers: 64 of them each time.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/registry/mentoring/mentoring_fixture.h"

namespace rsnms::registry {
namespace {

constexpr int kWriters = 64;

class MentoringRace : public MentoringTest {
 protected:
  // Runs `write` in 64 threads that begin together, each with its number and a pool for all; how
  // many succeeded.
  int Race(const std::function<absl::Status(pg::Tx&, int)>& write) {
    pg::PoolOptions options;
    options.conninfo = service_->database().app_conninfo();
    options.schema = "registry";
    options.size = kWriters;
    options.acquire_timeout = absl::Seconds(60);
    auto pool = pg::Pool::Create(options);
    pg::TxOptions everything;
    everything.scopes = "*";
    everything.max_attempts = 50;
    std::atomic<int> ready = 0, won = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        ++ready;
        while (ready < kWriters) std::this_thread::yield();
        if (pool->Run(everything, [&](pg::Tx& tx) { return write(tx, i); }).ok()) ++won;
      });
    }
    for (auto& writer : writers) writer.join();
    return won;
  }
  // As many calls at once; how many succeeded.
  int RaceCalls(const std::function<absl::Status(int)>& call) {
    std::atomic<int> ready = 0, won = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < kWriters; ++i) {
      callers.emplace_back([&, i] {
        ++ready;
        while (ready < kWriters) std::this_thread::yield();
        if (call(i).ok()) ++won;
      });
    }
    for (auto& caller : callers) caller.join();
    return won;
  }
};

TEST_F(MentoringRace, OneOfSixtyFourPairsOfTheSamePeopleIsFormed) {
  const std::string a = Worker(), b = Worker();
  std::vector<std::string> names;
  for (int i = 0; i < kWriters; ++i) {
    auto made =
        i % 2 == 0 ? Make(Draft({a}, {b})) : Make(Draft({b}, {a}, v1::MENTORING_MODEL_REVERSE));
    ASSERT_TRUE(made.ok()) << made.status();
    names.push_back(made->name());
  }
  EXPECT_EQ(Race([&](pg::Tx& tx, int i) {
              return tx
                  .Query("UPDATE mentorship SET state = 'PAIRED' WHERE id = $1::uuid",
                         IdOf(names[i]))
                  .status();
            }),
            1)
      << "past the service's own checks";
  EXPECT_EQ(Sql("SELECT count(*) FROM mentorship WHERE state = 'PAIRED'"), "1");
  EXPECT_EQ(Sql("SELECT count(*) FROM mentorship_pair"), "1");
}

TEST_F(MentoringRace, SixtyFourCallersFormOnePair) {
  const std::string a = Worker(), b = Worker();
  std::vector<std::string> names;
  for (int i = 0; i < kWriters; ++i) names.push_back(Make(Draft({a}, {b}))->name());
  EXPECT_EQ(RaceCalls([&](int i) { return Form(names[i]).status(); }), 1);
}

TEST_F(MentoringRace, SixOfSixtyFourMenteesJoinAGroup) {
  auto group = Make(Draft({Worker()}, {}, v1::MENTORING_MODEL_GROUP));
  ASSERT_TRUE(group.ok()) << group.status();
  std::vector<std::string> people;
  for (int i = 0; i < kWriters; ++i) people.push_back(Worker());
  EXPECT_EQ(RaceCalls([&](int i) {
              v1::AddMenteeRequest request;
              request.set_name(group->name());
              request.set_mentee(people[i]);
              return Ask<v1::Mentorship>("AddMentee", request).status();
            }),
            6);
  EXPECT_EQ(Sql("SELECT cardinality(mentees_ids) FROM mentorship"), "6");
  EXPECT_TRUE(Form(group->name()).ok());
}

TEST_F(MentoringRace, GroupNeverOutgrowsItsModelWhoeverWrites) {
  auto group = Make(Draft({Worker()}, {}, v1::MENTORING_MODEL_GROUP));
  ASSERT_TRUE(group.ok());
  std::vector<std::string> people;
  for (int i = 0; i < kWriters; ++i) people.push_back(Worker());
  EXPECT_EQ(Race([&](pg::Tx& tx, int i) {
              return tx
                  .Query("UPDATE mentorship SET mentees_ids = mentees_ids || $1::text",
                         IdOf(people[i]))
                  .status();
            }),
            6);
}

TEST_F(MentoringRace, SelfMentoringIsRefusedWhoeverWrites) {
  const std::string a = Worker(), b = Worker();
  auto pair = Make(Draft({a}, {b}));
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(Race([&](pg::Tx& tx, int) {
              return tx.Query("UPDATE mentorship SET mentees_ids = mentors_ids").status();
            }),
            0);
}

// Half the writers end the mentee's employment, half begin a mentorship that needs it: whoever
// comes first wins, and no mentorship ever hangs outside an employment.
TEST_F(MentoringRace, MentorshipAndDismissalNeverBothWin) {
  for (int round = 0; round < 4; ++round) {
    const std::string mentor = Worker(), mentee = Worker();
    const std::string post = IdOf(posts_[mentee].name());
    Race([&](pg::Tx& tx, int i) {
      if (i % 2 == 0) {
        return tx.Query("UPDATE employment SET end_date = '2024-12-31' WHERE id = $1::uuid", post)
            .status();
      }
      return tx
          .Query(
              "INSERT INTO mentorship SELECT '86', gen_random_uuid(), 1, now(), now(), NULL, "
              "'VIRTUAL', '', '', $1::uuid, NULL, ARRAY[$2::text], ARRAY[$3::text], '{}', '', "
              "'{}', '', '', '2024-09-01', '2025-05-31', 'PREPARED', '{}', '{}', '', '', '', NULL, "
              "'', '', '', '{}'",
              IdOf(school_), IdOf(mentor), IdOf(mentee))
          .status();
    });
    EXPECT_EQ(
        Sql("SELECT count(*) FROM mentorship m, employment e WHERE e.id = '" + post +
            "' AND m.mentees_ids @> ARRAY['" + IdOf(mentee) + "'] AND e.end_date < m.end_date"),
        "0");
  }
}

}  // namespace
}  // namespace rsnms::registry
