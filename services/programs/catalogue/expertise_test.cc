// Expertise of versions over the wire, with a real database: who may review, what an opinion holds,
// when opinions are enough.
#include <atomic>
#include <thread>

#include "services/programs/catalogue/catalogue_fixture.h"

namespace rsnms::programs {
namespace {

using Expertise = CatalogueTest;
using Version = v1::ProgrammeVersion;

TEST_F(Expertise, ApprovalTakesTwoPositiveOpinions) {
  const std::string version = InExpertise();
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
  Review(version, 21);
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
  Done(Assign(version, Expert(22)));
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS") << "asked for, not given";
  Review(version, 23);
  EXPECT_TRUE(Approve(version).ok());
}

TEST_F(Expertise, NumberOfExpertsIsTheRegions) {
  ASSERT_TRUE(Rule("least_experts: 3").ok());
  const std::string version = InExpertise();
  Review(version, 21);
  Review(version, 22);
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
  Review(version, 23);
  EXPECT_TRUE(Approve(version).ok());
}

TEST_F(Expertise, HalfAgainstIsNoApproval) {
  const std::string version = InExpertise();
  Review(version, 21);
  Review(version, 22);
  Review(version, 23, "NEGATIVE");
  Review(version, 24, "REWORK");
  EXPECT_EQ(Reason(Approve(version)), "EXPERTISE_NEGATIVE");
}

TEST_F(Expertise, OpinionsOfAFormerRoundDoNotCount) {
  const std::string version = InExpertise();
  Review(version, 21);
  Review(version, 22);
  const std::string late = Done(Assign(version, Expert(23))).name();
  Done(Step("ReturnProgrammeVersion", version, "state_reason: 'Замечания экспертов'"));
  EXPECT_EQ(Reason(Opine(late)), "INVALID_STATE") << "recalled with the round";
  Done(Step("SendProgrammeVersionToExpertise", version));
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
  Review(version, 21);
  Review(version, 22);
  EXPECT_TRUE(Approve(version).ok());
}

TEST_F(Expertise, AuthorsDoNotReviewTheirOwn) {
  EXPECT_EQ(Reason(Assign(InExpertise(), Expert(1))), "OWN_PROGRAMME");
}

TEST_F(Expertise, WhoLeavesTheListOfAuthorsDoesNotReviewTheirOwn) {
  Version version = Complete();
  version.add_authors(Person(21));
  const std::string name = Done(Create(version)).name();
  Done(Step("SendProgrammeVersionToExpertise", name));
  Done(Step("ReturnProgrammeVersion", name, "state_reason: 'Замечания экспертов'"));
  version.set_name(name);
  version.mutable_authors()->RemoveLast();
  const Version less = Done(Update(version, "authors"));
  ASSERT_EQ(less.authors_size(), 1);
  ASSERT_EQ(less.former_authors_size(), 1);
  EXPECT_EQ(less.former_authors(0), Person(21));
  Done(Step("SendProgrammeVersionToExpertise", name));
  EXPECT_EQ(Reason(Assign(name, Expert(21))), "OWN_PROGRAMME");
}

TEST_F(Expertise, AuthorsOfAFormerVersionDoNotReviewTheNext) {
  const std::string programme = Get(Approved()).programme();
  Version next = Complete(programme);
  next.set_authors(0, Person(31));
  const std::string name = Done(Create(next)).name();
  Done(Step("SendProgrammeVersionToExpertise", name));
  EXPECT_EQ(Reason(Assign(name, Expert(1))), "OWN_PROGRAMME");
  EXPECT_TRUE(Assign(name, Expert(32)).ok());
}

TEST_F(Expertise, OpinionsAndApprovalsAreDatedWhenTheyCanHaveBeenMade) {
  const std::string version = InExpertise();
  const std::string review = Done(Assign(version, Expert(21))).name();
  const auto opine = [&](const std::string& day) {
    return Answer(review, Cat("decision: REVIEW_DECISION_POSITIVE opinion: 'Заключение' ",
                              "review_date ", day));
  };
  EXPECT_EQ(Reason(opine(Day(2026, 2, 2))), "DATES_OUT_OF_ORDER") << "has not come";
  EXPECT_EQ(Reason(opine(Day(2026, 1, 31))), "DATES_OUT_OF_ORDER") << "before it was asked for";
  Travel(2026, 2, 10);
  EXPECT_TRUE(opine(Day(2026, 2, 9)).ok());
  Review(version, 22);
  const auto approve = [&](const std::string& day) {
    return Step("ApproveProgrammeVersion", version,
                Cat("approval_document: 'Приказ № 1' approval_date ", day));
  };
  EXPECT_EQ(Reason(approve(Day(2026, 2, 9))), "DATES_OUT_OF_ORDER") << "before an opinion";
  EXPECT_EQ(Reason(approve(Day(2026, 2, 11))), "DATES_OUT_OF_ORDER") << "has not come";
  EXPECT_TRUE(approve(Day(2026, 2, 10)).ok());
}

TEST_F(Expertise, PeopleWhoTurnOutToBeOneCountOnce) {
  const std::string version = InExpertise();
  Review(version, 21);
  Review(version, 22);
  Sql(Cat("UPDATE expert_review SET person_id = '", Uuid(21), "' WHERE person_id = '", Uuid(22),
          "' RETURNING id"));
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
  Review(version, 23);
  EXPECT_EQ(Done(Approve(version)).given_reviews(), 2);
}

TEST_F(Expertise, ExpertWhoTurnsOutToBeAnAuthorDoesNotCount) {
  const std::string version = InExpertise();
  Review(version, 21);
  Review(version, 22);
  Sql(Cat("UPDATE expert_review SET person_id = '", Uuid(1), "' WHERE person_id = '", Uuid(22),
          "' RETURNING id"));
  EXPECT_EQ(Reason(Approve(version)), "NOT_ENOUGH_POSITIVE_REVIEWS");
}

TEST_F(Expertise, EndOfARoundRecallsWhatWasNotGiven) {
  const auto state = [&](const std::string& review) {
    return Done(Step<v1::ExpertReview>("GetExpertReview", review)).state();
  };
  const std::string returned = InExpertise(), approved = InExpertise(), rejected = InExpertise();
  const std::string first = Done(Assign(returned, Expert(21))).name();
  Done(Step("ReturnProgrammeVersion", returned, "state_reason: 'Замечания экспертов'"));
  EXPECT_EQ(state(first), v1::ExpertReview::STATE_RECALLED);
  const std::string second = Done(Assign(approved, Expert(21))).name();
  Review(approved, 22);
  Review(approved, 23);
  Done(Approve(approved));
  EXPECT_EQ(state(second), v1::ExpertReview::STATE_RECALLED);
  const std::string third = Done(Assign(rejected, Expert(21))).name();
  Review(rejected, 22, "NEGATIVE");
  EXPECT_EQ(state(third), v1::ExpertReview::STATE_ASSIGNED);
  Done(Step("RejectProgrammeVersion", rejected, "state_reason: 'Не рекомендована'"));
  EXPECT_EQ(state(third), v1::ExpertReview::STATE_RECALLED);
}

TEST_F(Expertise, ExpertReadsTheCriteriaToMark) {
  const std::string rules =
      Done(Rule("criteria { code: 'novelty' title: 'Новизна' max_mark: 5 }")).name();
  auto expert = service_->Connect({"educator"}, {Person(21)});
  EXPECT_EQ(Done(Send<v1::TrainingRules>(*expert, "GetTrainingRules", Cat("name: '", rules, "'")))
                .criteria_size(),
            1);
  EXPECT_EQ(Done(Send<v1::ListTrainingRulesResponse>(*expert, "ListTrainingRules",
                                                     "parent: 'regions/86'"))
                .training_rules_size(),
            1);
  auto stranger = service_->Connect({"educator"}, {programs::NameOf("61", "persons", Uuid(21))});
  EXPECT_EQ(Send<v1::TrainingRules>(*stranger, "GetTrainingRules", Cat("name: '", rules, "'"))
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Expertise, NobodyGivesAnOpinionForTheExpert) {
  const std::string review = Done(Assign(InExpertise(), Expert(21))).name();
  const std::string opinion = Cat("name: '", review,
                                  "' decision: REVIEW_DECISION_POSITIVE opinion: 'Заключение' "
                                  "review_date ",
                                  Today());
  auto centre = service_->Connect({"centre"}, {"regions/86"});
  for (rpc::Client* other : {centre.get(), admin_.get()}) {
    EXPECT_EQ(Reason(Send<v1::ExpertReview>(*other, "SubmitExpertReview", opinion)),
              "PERMISSION_DENIED");
  }
  EXPECT_TRUE(Opine(review).ok());
}

TEST_F(Expertise, RejectionRestsOnAnOpinion) {
  const std::string version = InExpertise();
  const auto reject = [&] {
    return Step("RejectProgrammeVersion", version, "state_reason: 'Не рекомендована'");
  };
  EXPECT_EQ(Reason(reject()), "EXPERTISE_NOT_NEGATIVE") << "nobody was asked";
  Review(version, 21);
  EXPECT_EQ(Reason(reject()), "EXPERTISE_NOT_NEGATIVE") << "all are for it";
  Review(version, 22, "REWORK");
  EXPECT_TRUE(reject().ok());
}

TEST_F(Expertise, ProviderDoesNotDecideOnItsOwnVersions) {
  auto provider = service_->Connect({"institute"}, {Body(1)});
  const auto decide = [&](const std::string& method, const std::string& version,
                          const std::string& more) {
    return Reason(Send<Version>(*provider, method, Cat("name: '", version, "' ", more)));
  };
  const std::string version = InExpertise();
  Review(version, 21);
  Review(version, 22);
  Review(version, 23, "NEGATIVE");
  const std::string reason = "state_reason: 'Решение института'";
  EXPECT_EQ(decide("ApproveProgrammeVersion", version,
                   "approval_document: 'Приказ № 1' approval_date " + Today()),
            "PERMISSION_DENIED");
  EXPECT_EQ(decide("ReturnProgrammeVersion", version, reason), "PERMISSION_DENIED");
  EXPECT_EQ(decide("RejectProgrammeVersion", version, reason), "PERMISSION_DENIED");
  Done(Approve(version));
  EXPECT_EQ(decide("SubmitProgrammeVersion", version, "submission_date " + Today()), "");
  EXPECT_EQ(decide("RecordRegisterEntry", version,
                   "federal_register_number: 'ДПП-1' register_answer_date " + Today()),
            "PERMISSION_DENIED");
  EXPECT_EQ(
      decide("RecordRegisterRefusal", version, Cat(reason, " register_answer_date ", Today())),
      "PERMISSION_DENIED");
  EXPECT_EQ(Get(version).state(), Version::STATE_SUBMITTED);
  auto both = service_->Connect({"centre"}, {"regions/86", Body(1)});
  const std::string entry =
      Cat("name: '", version, "' federal_register_number: 'ДПП-1' register_answer_date ", Today());
  EXPECT_EQ(Reason(Send<Version>(*both, "RecordRegisterEntry", entry)), "PERMISSION_DENIED")
      << "who acts for the region and for the provider";
  auto other = service_->Connect({"centre"}, {"regions/86", Body(2)});
  EXPECT_EQ(Reason(Send<Version>(*other, "RecordRegisterEntry", entry)), "");
}

TEST_F(Expertise, PeopleOfTheProviderDoNotReview) {
  const std::string version = InExpertise();
  Employ(21, 1, 2015);
  EXPECT_EQ(Reason(Assign(version, Expert(21))), "CONFLICT_OF_INTEREST");
  Employ(22, 2, 2014, 2015);
  Employ(22, 1, 2015, 2026);
  EXPECT_EQ(Reason(Assign(version, Expert(22))), "CONFLICT_OF_INTEREST") << "left a month ago";
  Employ(25, 1, 2015, 2025);
  EXPECT_TRUE(Assign(version, Expert(25)).ok()) << "left more than a year ago";
  Employ(26, 1, 2027);
  EXPECT_TRUE(Assign(version, Expert(26)).ok()) << "does not work there yet";
  Employ(23, 2, 2015);
  EXPECT_TRUE(Assign(version, Expert(23)).ok()) << "works elsewhere";
  people_->experts[Expert(24)].add_conflict_organisations(Body(1));
  const std::string declared = programs::NameOf("86", "experts", Uuid(24));
  EXPECT_EQ(Reason(Assign(version, declared)), "CONFLICT_OF_INTEREST");
}

TEST_F(Expertise, ConflictThatCameAfterTheRequestIsSeenWhenTheOpinionIsGiven) {
  const std::string review = Done(Assign(InExpertise(), Expert(21))).name();
  Employ(21, 1, 2015);
  EXPECT_EQ(Reason(Opine(review)), "CONFLICT_OF_INTEREST");
}

TEST_F(Expertise, OnlyRegisteredExpertsOnProgrammesReview) {
  const std::string version = InExpertise();
  const std::string candidate = Expert(21);
  people_->experts[candidate].set_state(registry::v1::Expert::STATE_CANDIDATE);
  EXPECT_EQ(Reason(Assign(version, candidate)), "EXPERT_NOT_REGISTERED");
  const std::string juror = Expert(22);
  people_->experts[juror].set_fields(0, registry::v1::EXPERT_FIELD_CONTEST_JURY);
  EXPECT_EQ(Reason(Assign(version, juror)), "EXPERT_NOT_REGISTERED");
  EXPECT_EQ(Reason(Assign(version, programs::NameOf("86", "experts", Uuid(99)))),
            "EXPERT_NOT_REGISTERED");
}

TEST_F(Expertise, WithoutTheRegistryNobodyIsAsked) {
  const std::string version = InExpertise(), expert = Expert(21);
  people_->away = true;
  EXPECT_EQ(Reason(Assign(version, expert)), "UPSTREAM_UNAVAILABLE");
  people_->away = false;
  const std::string review = Done(Assign(version, expert)).name();
  people_->away = true;
  EXPECT_EQ(Reason(Opine(review)), "UPSTREAM_UNAVAILABLE");
}

TEST_F(Expertise, ExpertIsAskedOnceInARound) {
  const std::string version = InExpertise(), expert = Expert(21);
  const std::string review = Done(Assign(version, expert)).name();
  EXPECT_EQ(Reason(Assign(version, expert)), "EXPERT_ALREADY_ASSIGNED");
  Done(Step<v1::ExpertReview>("DeclineExpertReview", review, "state_reason: 'Нет времени'"));
  EXPECT_TRUE(Assign(version, expert).ok()) << "may be asked again after refusing";
}

TEST_F(Expertise, RacingRequestsToOneExpertGiveOneReview) {
  const std::string version = InExpertise(), expert = Expert(21);
  std::atomic<int> made = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 64; ++i) {
    writers.emplace_back([&] {
      if (Assign(version, expert).ok()) ++made;
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(made, 1);
}

TEST_F(Expertise, OnlyWhatIsUnderExpertiseIsReviewed) {
  const std::string draft = Done(Create(Complete())).name();
  EXPECT_EQ(Reason(Assign(draft, Expert(21))), "VERSION_NOT_IN_EXPERTISE");
}

TEST_F(Expertise, ReviewLiesInTheRegionOfItsVersion) {
  const std::string version = InExpertise();
  EXPECT_EQ(Reason(Assign(version, programs::NameOf("61", "experts", Uuid(21)))), "INVALID_NAME");
  auto refused = Send<v1::ExpertReview>(
      *admin_, "AssignExpert",
      Cat("parent: 'regions/61' programme_version: '", version, "' expert: '", Expert(21), "'"));
  EXPECT_EQ(Reason(refused), "INVALID_PARENT");
}

TEST_F(Expertise, CriteriaOfTheRegionAreMarked) {
  ASSERT_TRUE(Rule("criteria { code: 'novelty' title: 'Новизна' max_mark: 5 }").ok());
  const std::string review = Done(Assign(InExpertise(), Expert(21))).name();
  EXPECT_EQ(Reason(Opine(review)), "CRITERIA_MISMATCH");
  EXPECT_EQ(Reason(Opine(review, "POSITIVE", "marks { criterion: 'novelty' mark: 6 }")),
            "CRITERIA_MISMATCH");
  const auto given = Done(Opine(review, "REWORK",
                                "marks { criterion: 'novelty' mark: 2 comment: 'Устарело' } "
                                "remarks { field: 'syllabus[0].modules[1].hours' text: 'Мало' }"));
  EXPECT_EQ(given.state(), v1::ExpertReview::STATE_GIVEN);
  EXPECT_EQ(given.marks(0).mark(), 2);
  EXPECT_EQ(given.remarks_size(), 2);
}

TEST_F(Expertise, RemarkAboutAFieldThatIsNotThereIsRefused) {
  const std::string review = Done(Assign(InExpertise(), Expert(21))).name();
  EXPECT_EQ(Reason(Opine(review, "POSITIVE", "remarks { field: 'syllabus[7]' text: 'Мало' }")),
            "REMARK_FIELD_UNKNOWN");
}

TEST_F(Expertise, ExpertSeesAndAnswersTheirOwnRequestsAlone) {
  const std::string version = InExpertise();
  const std::string mine = Done(Assign(version, Expert(21))).name();
  const std::string other = Done(Assign(version, Expert(22))).name();
  auto expert = service_->Connect({"methodologist"}, {Person(21)});
  EXPECT_TRUE(Send<Version>(*expert, "GetProgrammeVersion", Cat("name: '", version, "'")).ok());
  const std::string opinion =
      Cat("decision: REVIEW_DECISION_POSITIVE opinion: 'Заключение' review_date ", Today());
  auto foreign =
      Send<v1::ExpertReview>(*expert, "SubmitExpertReview", Cat("name: '", other, "' ", opinion));
  EXPECT_EQ(foreign.status().code(), absl::StatusCode::kNotFound) << foreign.status();
  auto given =
      Send<v1::ExpertReview>(*expert, "SubmitExpertReview", Cat("name: '", mine, "' ", opinion));
  EXPECT_TRUE(given.ok()) << given.status();
}

TEST_F(Expertise, ProviderReadsOpinionsAndWritesNone) {
  const std::string review = Done(Assign(InExpertise(), Expert(21))).name();
  auto provider = service_->Connect({"institute"}, {Body(1)});
  EXPECT_TRUE(
      Send<v1::ExpertReview>(*provider, "GetExpertReview", Cat("name: '", review, "'")).ok());
  auto refused = Send<v1::ExpertReview>(
      *provider, "SubmitExpertReview",
      Cat("name: '", review,
          "' decision: REVIEW_DECISION_POSITIVE opinion: 'Заключение' review_date ", Today()));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kPermissionDenied) << refused.status();
  auto stranger = service_->Connect({"institute"}, {Body(2)});
  EXPECT_EQ(Send<v1::ExpertReview>(*stranger, "GetExpertReview", Cat("name: '", review, "'"))
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace rsnms::programs
