// The cascade against a real database: who leads, what a session gives, how far it reaches.
#include "services/programs/learning/cascade_fixture.h"

namespace rsnms::programs {
namespace {

using S = v1::CascadeSession;
using Cascade = CascadeFixture;

TEST_F(Cascade, WhoLeadsHasMasteredAProgrammeOfTheCascade) {
  EXPECT_REASON(Plan(1, {2}), "CASCADE_LEADER_NOT_TRAINED");
  Master(1, 8);
  EXPECT_REASON(Plan(1, {2}, 7, Day(3, 29)), "OUT_OF_RANGE");
  const auto made = Need(Plan(1, {2}));
  EXPECT_NE(made.leader_completion(), "") << "wherever they learned";
  EXPECT_REASON(Plan(1, {2, 2}), "REPEATED_PARTICIPANT");
  EXPECT_REASON(Plan(1, {1}), "LEADER_PARTICIPATES");
  programme_ = CreateProgramme("Обычная").name();
  EXPECT_REASON(Plan(1, {2}), "PROGRAMME_NOT_CASCADE");
}

TEST_F(Cascade, AHeldSessionGivesEachWhoCameAnAcceptedRecord) {
  Master(1);
  const std::string empty = Need(Plan(1, {})).name();
  EXPECT_REASON(Hold(empty), "NOBODY_CAME");
  const std::string name = Need(Plan(1, {2, 3, 4})).name();
  EXPECT_REASON(Hold(name, "", Day(3, 29)), "OUT_OF_RANGE");
  EXPECT_REASON(Hold(name, "", Day(6, 3)), "OUT_OF_RANGE");
  EXPECT_REASON(Hold(name, Cat("participants: '", Person(1), "'")), "LEADER_PARTICIPATES");
  Need(Hold(name, "validate_only: true"));
  EXPECT_EQ(Records(name), "0:0");
  const std::string came = Cat("participants: '", Person(2), "' participants: '", Person(5),
                               "' request_id: '", Uuid(71), "'");
  const auto held = Need(Hold(name, came));
  EXPECT_EQ(held.state(), S::STATE_HELD);
  EXPECT_EQ(held.participants_size(), 2);
  Need(Hold(name, came));
  EXPECT_EQ(Records(name), "2:8") << "once, however often it is asked";
  EXPECT_REASON(Hold(name), "INVALID_STATE");
  EXPECT_REASON(Do<S>("DeleteCascadeSession", name), "LEARNING_FROZEN");
  const auto records = Need(Ask<v1::ListLearningRecordsResponse>(
      *admin_, "ListLearningRecords",
      Cat("parent: 'regions/86' filter: 'cascade_session = \"", name, "\"'")));
  ASSERT_EQ(records.learning_records_size(), 2);
  EXPECT_EQ(records.learning_records(0).supervisor(), Person(1));
  EXPECT_EQ(records.learning_records(0).competencies_size(), 1) << "those of the programme";
}

TEST_F(Cascade, NobodyHoldsWhatTheyCameTo) {
  Master(1);
  const std::string name = Need(Plan(1, {2, 3})).name();
  auto head = service_->Connect({"organisation"}, {Body(7), Person(2)});
  EXPECT_REASON(
      Ask<S>(*head, "HoldCascadeSession", Cat("name: '", name, "' held_date ", Day(4, 12))),
      "SELF_ACCEPTANCE");
  EXPECT_EQ(Records(name), "0:0");
  EXPECT_TRUE(
      Ask<S>(*head, "HoldCascadeSession",
             Cat("name: '", name, "' held_date ", Day(4, 12), " participants: '", Person(3), "'"))
          .ok());
}

TEST_F(Cascade, RacingHoldsGiveOneRecordEach) {
  Master(1);
  const std::string name = Need(Plan(1, {2, 3})).name();
  const auto statuses = Race(16, [&](int) { return Hold(name).status(); });
  int held = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++held;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "INVALID_STATE") << status;
    }
  }
  EXPECT_EQ(held, 1);
  EXPECT_EQ(Records(name), "2:8");
}

TEST_F(Cascade, CoverageCountsAPersonOnce) {
  Master(1);
  Master(6);
  Need(Hold(Need(Plan(1, {2, 3})).name()));
  Need(Hold(Need(Plan(6, {3, 4})).name()));
  Need(Hold(Need(Plan(1, {2, 5}, 8)).name()));
  Need(Plan(1, {9}));  // not held
  EXPECT_EQ(Coverage(*admin_), "7:2/2/3/5 8:0/1/2/2 =4");
  EXPECT_EQ(Coverage(*admin_, Cat("organisation: '", Body(8), "'")), "8:0/1/2/2 =2");
  EXPECT_EQ(Coverage(*admin_, Cat("start_date ", Day(4, 13))), "7:2/0/0/5 =0");
  EXPECT_EQ(Coverage(*admin_, Cat("municipality: '", Town("south"), "'")), "=0");
  auto body = service_->Connect({"organisation"}, {Body(8)});
  EXPECT_EQ(Coverage(*body), "8:0/1/2/2 =2") << "others' are not shown";
  const auto first = Need(Ask<v1::ListCascadeCoverageResponse>(
      *admin_, "ListCascadeCoverage",
      Cat("parent: 'regions/86' page_size: 1 end_date ", Day(5, 31))));
  EXPECT_EQ(first.cascade_coverage_size(), 1);
  EXPECT_EQ(Coverage(*admin_, Cat("page_size: 1 page_token: '", first.next_page_token(), "'")),
            "8:0/1/2/2 =4");
  EXPECT_REASON(Ask<v1::ListCascadeCoverageResponse>(
                    *admin_, "ListCascadeCoverage",
                    Cat("parent: 'regions/86' end_date ", Day(1, 1), " start_date ", Day(1, 2))),
                "OUT_OF_RANGE");
}

TEST_F(Cascade, ParticipantsWhoTurnOutToBeOnePersonAreReachedOnce) {
  Master(1);
  const std::string name = Need(Plan(1, {2, 3, 4})).name();
  Need(Hold(name));
  EXPECT_EQ(Coverage(*admin_), "7:1/1/3/5 =3");
  MergePeople(2, 3);
  EXPECT_EQ(Records(name), "3:12") << "each record stays";
  EXPECT_EQ(Coverage(*admin_), "7:1/1/2/5 =2");
  auto body = service_->Connect({"organisation"}, {Body(7)});
  EXPECT_EQ(Coverage(*body), "7:1/1/2/5 =2") << "whoever asks";
  MergePeople(4, 3);
  EXPECT_EQ(Coverage(*admin_), "7:1/1/1/5 =1");
}

TEST_F(Cascade, ABodyPlansForItselfAndTheLeaderReads) {
  Master(1, 8);
  const std::string name = Need(Plan(1, {2})).name();
  const auto sees = [&](const std::string& scope) {
    auto client = service_->Connect({"organisation"}, {scope});
    return Ask<S>(*client, "GetCascadeSession", Cat("name: '", name, "'")).status().code();
  };
  EXPECT_EQ(sees(Body(7)), absl::StatusCode::kOk);
  EXPECT_EQ(sees(Body(8)), absl::StatusCode::kNotFound);
  EXPECT_EQ(sees(Person(1)), absl::StatusCode::kOk);
  EXPECT_EQ(sees(Person(2)), absl::StatusCode::kNotFound);
  auto leader = service_->Connect({"organisation"}, {Person(1)});
  EXPECT_EQ(Ask<S>(*leader, "HoldCascadeSession", Cat("name: '", name, "' held_date ", Day(4, 12)))
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace rsnms::programs
