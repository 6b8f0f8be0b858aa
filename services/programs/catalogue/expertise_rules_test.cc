// What a round is judged by, and how long a post binds an expert: over the wire, with a real
// database.
#include <atomic>
#include <thread>

#include "services/programs/catalogue/catalogue_fixture.h"

namespace rsnms::programs {
namespace {

using ExpertiseRules = CatalogueTest;
using Version = v1::ProgrammeVersion;

TEST_F(ExpertiseRules, RoundIsJudgedByTheRulesItBeganUnder) {
  const v1::TrainingRules first =
      Done(Rule("criteria { code: 'novelty' title: 'Новизна' max_mark: 5 }"));
  const std::string version = InExpertise();
  EXPECT_EQ(Get(version).rules(), first.name());
  const std::string mark = "marks { criterion: 'novelty' mark: 5 }";
  EXPECT_TRUE(Opine(Done(Assign(version, Expert(21))).name(), "POSITIVE", mark).ok());
  ASSERT_TRUE(Rule("least_experts: 5", 2026).ok()) << "in force a month ago";
  EXPECT_TRUE(Opine(Done(Assign(version, Expert(22))).name(), "POSITIVE", mark).ok());
  EXPECT_TRUE(Approve(version).ok());
  const std::string next = InExpertise();
  Review(next, 21);
  Review(next, 22);
  EXPECT_EQ(Reason(Approve(next)), "NOT_ENOUGH_POSITIVE_REVIEWS") << "handed in under the new ones";
}

TEST_F(ExpertiseRules, NextRoundIsJudgedByTheRulesOfItsDay) {
  const std::string version = InExpertise();
  EXPECT_EQ(Get(version).rules(), "") << "the region has none";
  const std::string rules = Done(Rule("least_experts: 3")).name();
  EXPECT_EQ(Get(version).rules(), "");
  Done(Step("ReturnProgrammeVersion", version, "state_reason: 'Замечания экспертов'"));
  Done(Step("SendProgrammeVersionToExpertise", version));
  EXPECT_EQ(Get(version).rules(), rules);
  Review(version, 21);
  Review(version, 22);
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
}

TEST_F(ExpertiseRules, RulesAVersionWasHandedInUnderStay) {
  v1::TrainingRules rules = Done(Rule(""));
  const auto change = [&](int experts) {
    v1::UpdateTrainingRulesRequest update;
    update.mutable_training_rules()->set_name(rules.name());
    update.mutable_training_rules()->set_least_experts(experts);
    update.mutable_update_mask()->add_paths("least_experts");
    return Reason(Ask<v1::TrainingRules>(*admin_, "UpdateTrainingRules", update));
  };
  EXPECT_EQ(change(3), "") << "not used yet";
  const std::string version = InExpertise();
  EXPECT_EQ(change(2), "RULES_IN_USE");
  EXPECT_EQ(change(3), "") << "says the same";
  EXPECT_EQ(Reason(Step<v1::TrainingRules>("DeleteTrainingRules", rules.name())),
            "STILL_REFERENCED");
  EXPECT_NE(Sql(Cat("UPDATE programme_version SET rules_id = NULL WHERE id = '", IdOf(version),
                    "' RETURNING 'changed'")),
            "changed");
}

TEST_F(ExpertiseRules, RulesDoNotChangeOnceAVersionIsHandedInUnderThem) {
  const std::string rules = Done(Rule("")).name();
  std::vector<std::string> drafts;  // of 36 hours
  for (int i = 0; i < 8; ++i) drafts.push_back(Done(Create(Complete())).name());
  std::vector<std::thread> writers;
  for (const std::string& draft : drafts) {
    writers.emplace_back([&] {
      auto sent = Step("SendProgrammeVersionToExpertise", draft);
      EXPECT_TRUE(sent.ok() || Reason(sent) == "TOO_FEW_HOURS" || absl::IsAborted(sent.status()))
          << sent.status();
    });
  }
  writers.emplace_back([&] {
    for (int i = 0; i < 20; ++i) {
      v1::UpdateTrainingRulesRequest update;
      update.mutable_training_rules()->set_name(rules);
      update.mutable_training_rules()->set_least_development_hours(i % 2 == 0 ? 48 : 24);
      update.mutable_update_mask()->add_paths("least_development_hours");
      auto made = Ask<v1::TrainingRules>(*admin_, "UpdateTrainingRules", update);
      EXPECT_TRUE(made.ok() || Reason(made) == "RULES_IN_USE") << made.status();
    }
  });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(Sql("SELECT count(*) FROM programme_version v JOIN training_rules r "
                "ON r.region_code = v.region_code AND r.id = v.rules_id "
                "WHERE v.state = 'EXPERTISE' AND v.duration_hours < r.least_development_hours"),
            "0");
}

TEST_F(ExpertiseRules, RegionSaysHowLongAFormerPostBinds) {
  ASSERT_TRUE(Rule("conflict_days: 3650").ok());
  Employ(21, 1, 2015, 2018);
  EXPECT_EQ(Reason(Assign(InExpertise(), Expert(21))), "CONFLICT_OF_INTEREST");
}

TEST_F(ExpertiseRules, PeopleOfPartnersDoNotReview) {
  Version version = Complete();
  for (const int body : {3, 4}) {
    v1::NetworkPartner& partner = *version.add_network_partners();
    partner.set_organisation(Body(body));
    partner.set_agreement("Договор № 1");
  }
  const std::string name = Done(Create(version)).name();
  Done(Step("SendProgrammeVersionToExpertise", name));
  Employ(21, 4, 2015);
  EXPECT_EQ(Reason(Assign(name, Expert(21))), "CONFLICT_OF_INTEREST");
  people_->experts[Expert(22)].add_conflict_organisations(Body(3));
  EXPECT_EQ(Reason(Assign(name, programs::NameOf("86", "experts", Uuid(22)))),
            "CONFLICT_OF_INTEREST");
  const std::string review = Done(Assign(name, Expert(23))).name();
  Employ(23, 3, 2015, 2026);
  EXPECT_EQ(Reason(Opine(review)), "CONFLICT_OF_INTEREST") << "learnt of since";
}

}  // namespace
}  // namespace rsnms::programs
