// Learners work in the body their records name, by what the registry tells.
#include "services/programs/learning/cascade_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;

class Employment : public CascadeFixture {
 protected:
  void EmployEverybody() override {}
  // Person `person` worked in body `body` between two days of 2026; `last` may be empty.
  void Work(int person, int body, const std::string& first, const std::string& last = "") {
    EXPECT_EQ(
        Sql(Cat("INSERT INTO known_employment (region_code, id, person_id, organisation_id, "
                "category, start_date, end_date) VALUES ('86', gen_random_uuid(), '",
                Uuid(person), "', '", Uuid(body), "', 'PEDAGOGUE', '2026-", first, "', nullif('",
                last.empty() ? "" : "2026-" + last, "', '')::date) RETURNING region_code")),
        "86");
  }
  // Whether a record of 2 to 6 March in body 7 is agreed.
  absl::StatusOr<v1::LearningRecord> Agree(int person) {
    return Do("AgreeLearningRecord", Need(Create(Plain("SELF_STUDY", person))).name());
  }
};

TEST_F(Employment, SomePostOnSomeDayOfTheLearningIsEnough) {
  const auto nobody = Agree(1);
  EXPECT_REASON(nobody, "LEARNER_NOT_EMPLOYED");
  EXPECT_EQ(nobody.status().code(), absl::StatusCode::kFailedPrecondition);
  Work(2, 8, "01-01");
  EXPECT_REASON(Agree(2), "LEARNER_NOT_EMPLOYED") << "elsewhere";
  Work(3, 7, "01-01", "03-01");
  EXPECT_REASON(Agree(3), "LEARNER_NOT_EMPLOYED") << "until the day before";
  Work(4, 7, "03-07");
  EXPECT_REASON(Agree(4), "LEARNER_NOT_EMPLOYED") << "from the day after";
  Work(5, 7, "01-01", "03-02");
  Need(Agree(5));
  Work(6, 7, "03-06");
  Need(Agree(6));
  Work(7, 7, "01-01", "02-01");
  Work(7, 7, "03-03", "03-03");
  Need(Agree(7));
}

TEST_F(Employment, NothingChangesForAStrangerAndAPostToldLaterIsFound) {
  const std::string name = Need(Create(Plain("SELF_STUDY"))).name();
  EXPECT_REASON(Do("AgreeLearningRecord", name), "LEARNER_NOT_EMPLOYED");
  EXPECT_REASON(Do("AgreeLearningRecord", name, "validate_only: true"), "LEARNER_NOT_EMPLOYED");
  EXPECT_EQ(ReadRecord(name).state(), v1::LearningRecord::STATE_PLANNED);
  Work(1, 7, "01-01");
  Need(Do("AgreeLearningRecord", name));
}

TEST_F(Employment, WhileTheRegistryIsNotReadWholeNobodyIsCalledAStranger) {
  const std::string name = Need(Create(Plain("SELF_STUDY"))).name();
  const std::string request = Cat("request_id: '", Uuid(91), "'");
  Sql("UPDATE feed_cursor SET epoch = '' WHERE name = 'programs.learning'");
  EXPECT_REASON(Do("AgreeLearningRecord", name, request), "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(ReadRecord(name).state(), v1::LearningRecord::STATE_PLANNED);
  Work(1, 7, "01-01");
  Need(Do("AgreeLearningRecord", name, request));  // told already, as far as it was read
  Master(9);
  const std::string session = Need(Plan(9, {1, 2})).name();
  EXPECT_REASON(Hold(session), "UPSTREAM_UNAVAILABLE");
  KnowRegistry();
  EXPECT_REASON(Hold(session), "LEARNER_NOT_EMPLOYED");
}

TEST_F(Employment, WhoComesToASessionWorksInItsBodyThatDay) {
  Master(9);  // leads, and works elsewhere
  Work(1, 7, "01-01");
  Work(2, 7, "01-01", "04-11");
  const std::string name = Need(Plan(9, {1, 2})).name();
  const auto held = Hold(name);  // on 12 April
  EXPECT_REASON(held, "LEARNER_NOT_EMPLOYED");
  EXPECT_THAT(Told(held.status()), HasSubstr("participants[1]"));
  EXPECT_EQ(Records(name), "0:0");
  Need(Hold(name, Cat("participants: '", Person(1), "'")));
  EXPECT_EQ(Records(name), "1:4");
}

TEST_F(Employment, PostsOfMergedPeopleAreTheirs) {
  Work(11, 7, "01-01");
  Work(12, 7, "01-01");
  MergePeople(11, 21);
  MergePeople(22, 12);
  Need(Agree(21));
  Need(Agree(22));
  EXPECT_REASON(Agree(23), "LEARNER_NOT_EMPLOYED");
}

}  // namespace
}  // namespace rsnms::programs
