// Whose learning moves a route, what takes it back, and where a transfer leads.
#include "rsnms/programs/v1/certificate.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follow_fixture.h"

namespace rsnms::diagnostics {
namespace {

using programs::v1::Certificate;

class RouteLearnerTest : public RouteFollowTest {
 protected:
  // The feed tells that the person mastered a programme by the route.
  static void Masters(int id, const std::string& route, int programme, int person) {
    Enrolment e = Learns(id, route, programme, Enrolment::STATE_COMPLETED);
    e.set_person(NameOf("persons", person));
    Tell({Said(e), Mastered(id, e, 9)});
  }
  static void Certified(int id, int completion, Certificate::State state, int successor = 0) {
    Certificate c;
    c.set_name(NameOf("certificates", id));
    c.set_completion(NameOf("completions", completion));
    c.set_state(state);
    if (successor > 0) c.set_successor(NameOf("certificates", successor));
    Tell({ChangeOf("programs.rsnms/Certificate", c.name(), c)});
  }
  static void Run(const std::string& sql, const std::string& parameter) {
    pg::TxOptions options;
    options.scopes = "*";
    const auto status = host_->database().app().Run(
        options, [&](pg::Tx& tx) { return tx.Query(sql, parameter).status(); });
    EXPECT_TRUE(status.ok()) << status;
  }
  // As a merge of people makes it.
  static void Hand(const v1::Route& route, int person) {
    Run("UPDATE route SET person_id = '" + std::string(IdOf(NameOf("persons", person))) +
            "' WHERE id = $1::uuid",
        std::string(IdOf(route.name())));
    FollowRoutes();
  }
};

TEST_F(RouteLearnerTest, LearningOfAnotherPersonMovesNothing) {
  const v1::Route route = Approved(22001);
  Masters(601, route.name(), 1, 22999);
  EXPECT_EQ(Get(route.name()).etag(), route.etag());
  Masters(602, route.name(), 1, 22001);
  EXPECT_EQ(ItemOf(Get(route.name()), 1).completion(), NameOf("completions", 602));
}

TEST_F(RouteLearnerTest, RouteThatChangesHandsFindsTheLearningOfItsPerson) {
  const v1::Route route = Approved(22002);
  Masters(611, route.name(), 1, 22998);
  Hand(route, 22998);
  EXPECT_EQ(ItemOf(Get(route.name()), 1).state(), Item::STATE_DONE);
  Hand(route, 22002);
  const v1::Route back = Get(route.name());
  EXPECT_EQ(ItemOf(back, 1).state(), Item::STATE_PLANNED);
  EXPECT_FALSE(back.needs_attention()) << "nobody lost a document";
}

TEST_F(RouteLearnerTest, LearningUnderAFormerNameOfTheRoutesPersonCounts) {
  const v1::Route route = Approved(22003);
  Run("INSERT INTO redirected (region_code, target_type, original_id, present_id) "
      "VALUES ('86', 'registry.rsnms/Person', $1, '" +
          std::string(IdOf(route.person())) + "')",
      std::string(IdOf(NameOf("persons", 22997))));
  Masters(621, route.name(), 1, 22997);
  EXPECT_EQ(ItemOf(Get(route.name()), 1).state(), Item::STATE_DONE);
  // Told under both names, whatever this service has heard of the merge.
  Run("DELETE FROM redirected WHERE original_id = $1", std::string(IdOf(NameOf("persons", 22997))));
  Masters(621, route.name(), 1, 22003);
  Masters(621, route.name(), 1, 22997);
  EXPECT_EQ(ItemOf(Get(route.name()), 1).state(), Item::STATE_DONE);
}

TEST_F(RouteLearnerTest, RevokedCertificateVoidsItsCompletionAndNoOtherStateDoes) {
  const v1::Route route = Approved(22004);
  Masters(631, route.name(), 1, 22004);
  const auto item = [&] { return ItemOf(Get(route.name()), 1); };
  for (const auto state :
       {Certificate::STATE_ISSUED, Certificate::STATE_REPLACED, Certificate::STATE_DUPLICATED}) {
    Certified(631, 631, state, 632);
    EXPECT_EQ(item().state(), Item::STATE_DONE) << state;
  }
  Certified(632, 631, Certificate::STATE_ISSUED);
  EXPECT_EQ(item().state(), Item::STATE_DONE);
  Certified(632, 631, Certificate::STATE_REVOKED);
  EXPECT_EQ(item().state(), Item::STATE_PLANNED);
  ASSERT_EQ(item().attention_size(), 1);
  EXPECT_EQ(item().attention(0), Item::ATTENTION_COMPLETION_VOIDED);
  Masters(631, route.name(), 1, 22004);  // told again
  Certified(631, 631, Certificate::STATE_DUPLICATED, 632);
  EXPECT_EQ(item().state(), Item::STATE_PLANNED);
  // The order does not matter.
  Certified(633, 633, Certificate::STATE_REVOKED);
  Masters(633, route.name(), 2, 22004);
  EXPECT_EQ(ItemOf(Get(route.name()), 2).state(), Item::STATE_PLANNED);
}

TEST_F(RouteLearnerTest, TransferWhoseContinuationIsVoidNeedsAttention) {
  const v1::Route route = Approved(22005);
  const Enrolment failed = Learns(641, route.name(), 1, Enrolment::STATE_FAILED, 1);
  Enrolment left = Learns(642, route.name(), 1, Enrolment::STATE_TRANSFERRED, 3);
  Enrolment next = Learns(643, route.name(), 1, Enrolment::STATE_IN_PROGRESS, 4);
  left.set_transferred_to(next.name());
  Tell({Said(failed), Said(left)});
  v1::Route now = Get(route.name());
  EXPECT_EQ(ItemOf(now, 1).enrolment(), left.name()) << "it goes on, where is told soon";
  EXPECT_FALSE(now.needs_attention());
  Tell({Said(next)});
  EXPECT_EQ(ItemOf(Get(route.name()), 1).enrolment(), next.name());
  next.set_state(Enrolment::STATE_VOID);
  Tell({Said(next)});
  now = Get(route.name());
  EXPECT_EQ(ItemOf(now, 1).learning_state(), Item::LEARNING_TRANSFERRED);
  ASSERT_EQ(ItemOf(now, 1).attention_size(), 1);
  EXPECT_EQ(ItemOf(now, 1).attention(0), Item::ATTENTION_LEARNING_WITHDRAWN);
}

TEST_F(RouteLearnerTest, EnrolmentThatSaysNothingNewOfLearningMarksNoRoute) {
  const v1::Route route = Approved(22006);
  Enrolment e = Learns(651, route.name(), 1, Enrolment::STATE_IN_PROGRESS);
  e.set_person(route.person());
  Tell({Said(e)});
  e.set_group_code("Г-2");
  pg::TxOptions options;
  options.scopes = "*";
  const auto told = host_->database().app().Run(
      options, [&](pg::Tx& tx) { return ApplyProgrammeChanges(tx, {Said(e)}); });
  ASSERT_TRUE(told.ok()) << told;
  EXPECT_EQ(Count("SELECT count(*) FROM route_to_follow"), 0);
}

}  // namespace
}  // namespace rsnms::diagnostics
