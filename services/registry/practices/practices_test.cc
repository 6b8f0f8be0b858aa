// The bank of practices, experts, projects and grants over gRPC.
#include "services/registry/practices/practice_fixture.h"

namespace rsnms::registry {
namespace {

using rpc::ReasonOf;

TEST_F(PracticesTest, LevelIsAssignedByAtLeastTwoExperts) {
  const std::string practice = PracticeInReview();
  Review(practice, 90);
  EXPECT_EQ(ReasonOf(Confirm(practice).status()), "TOO_FEW_EXPERTS");
  Review(practice, 85);
  const auto confirmed = Confirm(practice);
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->level(), v1::PRACTICE_LEVEL_HIGHEST);
  EXPECT_EQ(confirmed->score().value(), "87.50");
  EXPECT_EQ(confirmed->expert_count(), 2);
}

TEST_F(PracticesTest, PracticeMostExpertsDoNotRecommendIsNotConfirmed) {
  const std::string practice = PracticeInReview();
  Review(practice, 90);
  Review(practice, 20, "REJECT");
  EXPECT_EQ(ReasonOf(Confirm(practice).status()), "REVIEW_NEGATIVE");
}

TEST_F(PracticesTest, ReviewsOfAnEarlierRoundDoNotCount) {
  const std::string practice = PracticeInReview();
  Review(practice, 90);
  Review(practice, 90);
  const std::string late = NameOf(Assign(Expert(Person()), practice));
  ASSERT_TRUE(Step<v1::Practice>("ReturnPractice", practice, "reason: 'доработать'").ok());
  EXPECT_EQ(ReasonOf(Opine(late, 50).status()), "PRACTICE_NOT_UNDER_REVIEW");
  ASSERT_TRUE(Step<v1::Practice>("ResubmitPractice", practice).ok());
  ASSERT_TRUE(Step<v1::Practice>("StartPracticeReview", practice).ok());
  EXPECT_EQ(ReasonOf(Opine(late, 50).status()), "PRACTICE_NOT_UNDER_REVIEW");
  EXPECT_EQ(ReasonOf(Confirm(practice).status()), "TOO_FEW_EXPERTS");
}

TEST_F(PracticesTest, ExpertNeverReviewsTheirOwnPractice) {
  const std::string practice = PracticeInReview();
  const std::string expert = Expert(author_);
  EXPECT_EQ(ReasonOf(Assign(expert, practice).status()), "OWN_PRACTICE");
  const std::string other = NameOf(Assign(Expert(Person()), practice));
  const std::string forced =
      Sql("UPDATE expert_assignment SET expert_id = '" + IdOfName(expert) + "' RETURNING id");
  EXPECT_NE(forced.find("a constraint refuses the change"), std::string::npos) << forced;
}

TEST_F(PracticesTest, ConflictOfInterestIsRefused) {
  const std::string practice = PracticeInReview();
  const std::string colleague = Person();
  const auto post = Employ(Post(colleague, school_, CivilDay(2024, 1, 1)));
  ASSERT_TRUE(post.ok()) << post.status();
  EXPECT_EQ(ReasonOf(Assign(Expert(colleague), practice).status()), "CONFLICT_OF_INTEREST");
  const std::string former = Person();
  auto ended = Post(former, school_, CivilDay(2020, 1, 1));
  *ended.mutable_end_date() = D(2024, 9, 30);
  ASSERT_TRUE(Employ(ended).ok());
  EXPECT_TRUE(Assign(Expert(former), practice).ok()) << "left the day before";
  EXPECT_EQ(
      ReasonOf(
          Assign(Expert(Person(), "conflict_organisations: '" + school_ + "'"), practice).status()),
      "CONFLICT_OF_INTEREST");
}

TEST_F(PracticesTest, OnlyRegisteredExpertsOfTheFieldAreAssigned) {
  const std::string practice = PracticeInReview();
  EXPECT_EQ(ReasonOf(Assign(Candidate(Person()), practice).status()), "EXPERT_NOT_REGISTERED");
  const std::string expert = Expert(Person());
  const std::string text = "expert: '" + expert + "' assigned_date " + Day(2024, 1, 1);
  EXPECT_EQ(ReasonOf(Create<v1::ExpertAssignment>("expert_assignment",
                                                  text + "field: EXPERT_FIELD_PROGRAMME")
                         .status()),
            "EXPERT_FIELD_MISMATCH");
  EXPECT_EQ(ReasonOf(Create<v1::ExpertAssignment>("expert_assignment",
                                                  text + "field: EXPERT_FIELD_PRACTICE")
                         .status()),
            "REVIEW_SUBJECT_REQUIRED");
  EXPECT_EQ(ReasonOf(Assign(expert, Practice()).status()), "PRACTICE_NOT_UNDER_REVIEW");
  ASSERT_TRUE(Assign(expert, practice).ok());
  EXPECT_EQ(Assign(expert, practice).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(PracticesTest, OpinionAndReviewedTextAreFrozen) {
  const std::string practice = PracticeInReview();
  const std::string assignment = NameOf(Assign(Expert(Person()), practice));
  ASSERT_TRUE(Opine(assignment, 80).ok());
  EXPECT_EQ(ReasonOf(Send<v1::ExpertAssignment>("UpdateExpertAssignment",
                                                "expert_assignment {name: '" + assignment +
                                                    "' due_date " + Day(2025, 1, 1) + "}")
                         .status()),
            "OPINION_FROZEN");
  EXPECT_EQ(ReasonOf(Send<v1::Practice>("UpdatePractice",
                                        "practice {name: '" + practice + "' summary: 'иначе'}")
                         .status()),
            "PRACTICE_FROZEN");
  EXPECT_TRUE(Step<v1::Practice>("StudyPractice", practice).ok()) << "stages go on";
}

TEST_F(PracticesTest, ExpertReadsWhatTheyReviewAndGivesTheOpinionThemselves) {
  const std::string practice = PracticeInReview();
  const std::string person = Person();
  const auto expert = service_->Connect({"educator"}, {person});
  const std::string get = "name: '" + practice + "'";
  EXPECT_FALSE(Send<v1::Practice>(*expert, "GetPractice", get).ok());
  const std::string assignment = NameOf(Assign(Expert(person), practice));
  EXPECT_TRUE(Send<v1::Practice>(*expert, "GetPractice", get).ok());
  const std::string opinion =
      "name: '" + assignment +
      "' verdict: REVIEW_VERDICT_APPROVE score: 75 opinion: 'хорошо' review_date " +
      Day(2024, 10, 2);
  const auto colleague = service_->Connect({"methodologist"}, {centre_});
  EXPECT_TRUE(absl::IsPermissionDenied(
      Send<v1::ExpertAssignment>(*colleague, "SubmitReview", opinion).status()))
      << "whoever keeps the register does not speak for the expert";
  const auto given = Send<v1::ExpertAssignment>(*expert, "SubmitReview", opinion);
  EXPECT_TRUE(given.ok()) << given.status();
  const auto author = service_->Connect({"educator"}, {author_});
  EXPECT_TRUE(Send<v1::Practice>(*author, "GetPractice", get).ok()) << "authors see their own";
}

TEST_F(PracticesTest, SearchIsOpenTolerantAndShowsApprovedOnly) {
  Published("Читательский клуб «Ёлка»", 90, "direction_code: 'reading'");
  Published("Шахматный кружок", 60);
  PracticeInReview("", "Читательский клуб на проверке");
  const std::string other = MakeBody("Школа № 9")->name();
  const auto anyone = service_->Connect({"educator"}, {Person()});
  const auto found = [&](const std::string& more) {
    const auto result = Send<v1::SearchPracticesResponse>(*anyone, "SearchPractices",
                                                          "parent: 'regions/86' " + more);
    EXPECT_TRUE(result.ok()) << result.status();
    std::string titles;
    for (const auto& practice : result->practices())
      absl::StrAppend(&titles, practice.title(), ";");
    return titles;
  };
  const std::string club = "Читательский клуб «Ёлка»;";
  EXPECT_EQ(found("text: 'читательский клуб'"), club);
  EXPECT_EQ(found("text: 'читатильский клуб'"), club) << "a misspelling";
  EXPECT_EQ(found("text: 'ЕЛКА'"), club) << "ё as е, any case";
  EXPECT_EQ(found("text: 'геометрия'"), "");
  EXPECT_EQ(found("least_level: PRACTICE_LEVEL_ADVANCED"), club);
  EXPECT_EQ(found("direction_code: 'reading'"), club);
  EXPECT_EQ(found("text: 'шахматы'"), "Шахматный кружок;");
}

TEST_F(PracticesTest, OnlyConfirmedPracticesAreSpread) {
  const std::string practice = PracticeInReview();
  const std::string text = "practice: '" + practice +
                           "' form: EVENT_FORM_DEFENCE level: ACTIVITY_LEVEL_DISTRICT person: '" +
                           author_ + "'";
  EXPECT_EQ(ReasonOf(Create<v1::PracticeSpread>("practice_spread", text).status()),
            "PRACTICE_NOT_CONFIRMED");
  Review(practice, 70);
  Review(practice, 70);
  ASSERT_TRUE(Confirm(practice).ok());
  const std::string spread = NameOf(Create<v1::PracticeSpread>("practice_spread", text));
  NameOf(Step<v1::PracticeSpread>("SchedulePracticeSpread", spread,
                                  "scheduled_date " + Day(2024, 11, 20)));
  NameOf(Step<v1::PracticeSpread>("HoldPracticeSpread", spread,
                                  "protocol: 'протокол' held_date " + Day(2024, 11, 20)));
  const auto recognised = Step<v1::PracticeSpread>("RecognisePracticeSpread", spread);
  ASSERT_TRUE(recognised.ok()) << recognised.status();
  EXPECT_EQ(recognised->recognised_level(), v1::ACTIVITY_LEVEL_REGION) << "Dagestan R23, L446";
}

// Dagestan L162 (R02): 25 grants a year.
TEST_F(PracticesTest, OneOf64RacingAwardsTakesTheLastGrant) {
  const std::string call = GrantCall(2);
  std::vector<std::string> grants;
  for (int i = 0; i < 65; ++i) {
    grants.push_back(Apply(call));
    ASSERT_TRUE(Step<v1::Grant>("AssessGrant", grants.back(), "points {value: '50'}").ok());
  }
  const auto first = Award(grants[64]);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->amount_rubles().value(), "100000") << "frozen with the award";
  EXPECT_EQ(Race([&](int i) { return Award(grants[i]).status(); }, "GRANT_QUOTA_EXHAUSTED"), 1);
  EXPECT_EQ(Sql("SELECT count(*) FROM grant_award WHERE state = 'AWARDED'"), "2");
  EXPECT_EQ(
      ReasonOf(Send<v1::GrantCall>("UpdateGrantCall", "grant_call {name: '" + call + "' quota: 1}")
                   .status()),
      "GRANT_QUOTA_EXHAUSTED");
  ASSERT_TRUE(Step<v1::GrantCall>("CloseGrantCall", call, "closed_date " + Day(2024, 12, 31)).ok());
  EXPECT_EQ(
      ReasonOf(Create<v1::Grant>("grant", "grant_call: '" + call + "' person: '" + author_ + "'")
                   .status()),
      "GRANT_CALL_CLOSED");
}

TEST_F(PracticesTest, ProgrammeHasOneCallForGrantsAYear) {
  ASSERT_TRUE(Announce("«Лидерство учителя»", 25).ok());
  EXPECT_EQ(Announce("лидерство  УЧИТЕЛЯ", 25).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Race([&](int) { return Announce("Наставник года", 25).status(); }, "ALREADY_EXISTS"),
            1);
  EXPECT_EQ(Sql("SELECT sum(quota) FROM grant_call"), "50");
}

TEST_F(PracticesTest, NoneOf64WaitingWritersAppliesToACallThatClosed) {
  const std::string call = GrantCall(100);
  std::vector<std::string> people;
  for (int i = 0; i < 64; ++i) people.push_back(Person());
  RunWhileOthersWait("UPDATE grant_call SET state = 'CLOSED' RETURNING id", [&] {
    EXPECT_EQ(Race(
                  [&](int i) {
                    return Create<v1::Grant>(
                               "grant", "grant_call: '" + call + "' person: '" + people[i] + "'")
                        .status();
                  },
                  "GRANT_CALL_CLOSED"),
              0);
  });
  EXPECT_EQ(Sql("SELECT count(*) FROM grant_award"), "0");
}

TEST_F(PracticesTest, ApplicationsForGrantsAfterTheLastDayAreRefused) {
  const std::string call = GrantCall(5, "applications_until_date " + Day(2024, 9, 30));
  const auto apply = [&](const std::string& more) {
    return Create<v1::Grant>("grant",
                             "grant_call: '" + call + "' person: '" + Person() + "' " + more);
  };
  EXPECT_EQ(ReasonOf(apply("").status()), "GRANT_CALL_CLOSED") << "today is later";
  EXPECT_EQ(ReasonOf(apply("applied_date " + Day(2024, 10, 1)).status()), "GRANT_CALL_CLOSED");
  EXPECT_TRUE(apply("applied_date " + Day(2024, 9, 30)).ok());
}

TEST_F(PracticesTest, NothingIsPublishedWithoutTheConsentOfEachAuthor) {
  const std::string other = Person();
  const std::string practice = PracticeInReview("authors: '" + other + "'", "Клуб двоих");
  Review(practice, 90);
  Review(practice, 90);
  NameOf(Confirm(practice));
  const std::string article = NameOf(Create<v1::Publication>(
      "publication", "title: 'Статья' kind: PUBLICATION_KIND_ARTICLE organisation: '" + school_ +
                         "' authors: '" + other + "'"));
  const auto publish = [&](const char* step, const std::string& name) {
    return std::string(step) == "PublishPractice"
               ? Step<v1::Practice>(step, name, "publish_date " + Day(2024, 12, 1)).status()
               : Step<v1::Publication>(step, name, "publish_date " + Day(2024, 12, 1)).status();
  };
  for (const auto& [step, name] :
       {std::pair{"PublishPractice", practice}, std::pair{"PublishPublication", article}}) {
    EXPECT_EQ(ReasonOf(publish(step, name)), "PURPOSE_NEEDS_CONSENT") << step;
  }
  Consent(other, "PUBLICATION");
  Sql("UPDATE consent SET withdrawn_date = '2024-12-01' WHERE person_id = '" + IdOfName(other) +
      "' RETURNING id");
  EXPECT_EQ(ReasonOf(publish("PublishPublication", article)), "PURPOSE_NEEDS_CONSENT")
      << "withdrawn that day";
  Consent(other, "PUBLICATION");
  EXPECT_TRUE(publish("PublishPractice", practice).ok());
  EXPECT_TRUE(publish("PublishPublication", article).ok());
}

TEST_F(PracticesTest, PublicationChangedAfterItsReviewIsReviewedAgain) {
  const std::string name = NameOf(Create<v1::Publication>(
      "publication", "title: 'Самоанализ' kind: PUBLICATION_KIND_SELF_STUDY organisation: '" +
                         school_ + "' authors: '" + author_ + "'"));
  const auto update = [&](const std::string& fields) {
    return Send<v1::Publication>("UpdatePublication",
                                 "publication {name: '" + name + "' " + fields + "}");
  };
  const auto publish = [&] {
    return Step<v1::Publication>("PublishPublication", name, "publish_date " + Day(2024, 12, 1));
  };
  EXPECT_EQ(ReasonOf(update("kind: PUBLICATION_KIND_ARTICLE").status()), "REVIEW_REQUIRED");
  NameOf(Step<v1::Publication>("ReviewPublication", name, "review_document: 'протокол'"));
  const auto changed = update("title: 'Другое'");
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->state(), v1::Publication::STATE_PREPARED);
  EXPECT_EQ(changed->review_document(), "");
  EXPECT_EQ(ReasonOf(publish().status()), "REVIEW_REQUIRED");
  NameOf(Step<v1::Publication>("ReviewPublication", name, "review_document: 'протокол 2'"));
  ASSERT_TRUE(publish().ok());
  for (const char* field :
       {"title: 'Третье'", "main_field: true", "kind: PUBLICATION_KIND_MATERIAL",
        "edition_level: ACTIVITY_LEVEL_FEDERAL"}) {
    EXPECT_EQ(ReasonOf(update(field).status()), "RECORD_FROZEN") << field;
  }
  EXPECT_EQ(ReasonOf(Send<v1::Publication>("DeletePublication", "name: '" + name + "'").status()),
            "RECORD_FROZEN");
}

TEST_F(PracticesTest, ApprovedProjectAndAssessedGrantStayAsTheyWereAsked) {
  const std::string project = NameOf(Create<v1::Project>(
      "project", "title: 'Сетевой проект' kind: PROJECT_KIND_DISTRICT organisation: '" + school_ +
                     "' start_date " + Day(2024, 1, 1) + "end_date " + Day(2025, 1, 1)));
  NameOf(Step<v1::Project>("ApproveProject", project,
                           "approving_document: 'приказ' approved_date " + Day(2024, 1, 1)));
  const auto update = [&](const std::string& fields) {
    return ReasonOf(
        Send<v1::Project>("UpdateProject", "project {name: '" + project + "' " + fields + "}")
            .status());
  };
  EXPECT_EQ(update("title: 'Иной'"), "RECORD_FROZEN");
  EXPECT_EQ(update("goal: 'Иная'"), "RECORD_FROZEN");
  EXPECT_EQ(update("end_date " + Day(2030, 1, 1)), "RECORD_FROZEN");
  EXPECT_EQ(update("team: '" + author_ + "'"), "") << "people come and go";
  const std::string grant = Apply(GrantCall(5));
  NameOf(Step<v1::Grant>("AssessGrant", grant, "points {value: '50'}"));
  EXPECT_EQ(
      ReasonOf(
          Send<v1::Grant>("UpdateGrant", "grant {name: '" + grant + "' title: 'иное'}").status()),
      "RECORD_FROZEN");
}

TEST_F(PracticesTest, RecognisedSpreadingKeepsItsLevel) {
  const std::string spread = NameOf(Create<v1::PracticeSpread>(
      "practice_spread", "practice: '" + Published("Клуб") +
                             "' form: EVENT_FORM_MASTER_CLASS level: ACTIVITY_LEVEL_MUNICIPALITY "
                             "person: '" +
                             author_ + "'"));
  NameOf(Step<v1::PracticeSpread>("SchedulePracticeSpread", spread,
                                  "scheduled_date " + Day(2024, 11, 20)));
  NameOf(Step<v1::PracticeSpread>("HoldPracticeSpread", spread,
                                  "protocol: 'протокол' held_date " + Day(2024, 11, 20)));
  NameOf(Step<v1::PracticeSpread>("RecognisePracticeSpread", spread));
  EXPECT_EQ(ReasonOf(Send<v1::PracticeSpread>(
                         "UpdatePracticeSpread",
                         "practice_spread {name: '" + spread + "' level: ACTIVITY_LEVEL_FEDERAL}")
                         .status()),
            "RECORD_FROZEN");
  EXPECT_EQ(
      ReasonOf(Send<v1::PracticeSpread>("DeletePracticeSpread", "name: '" + spread + "'").status()),
      "RECORD_FROZEN");
}

TEST_F(PracticesTest, ProjectStartsWithACuratorAndEndsWithAProduct) {
  const std::string project = NameOf(Create<v1::Project>(
      "project", "title: 'Сетевой проект' kind: PROJECT_KIND_DISTRICT organisation: '" + school_ +
                     "' start_date " + Day(2024, 1, 1) + "end_date " + Day(2025, 1, 1)));
  ASSERT_TRUE(Step<v1::Project>("ApproveProject", project,
                                "approving_document: 'приказ' approved_date " + Day(2024, 1, 1))
                  .ok());
  EXPECT_EQ(ReasonOf(Step<v1::Project>("StartProject", project).status()), "CURATOR_REQUIRED");
  ASSERT_TRUE(Send<v1::Project>("UpdateProject",
                                "project {name: '" + project + "' curator: '" + author_ + "'}")
                  .ok());
  ASSERT_TRUE(Step<v1::Project>("StartProject", project).ok());
  ASSERT_TRUE(Step<v1::Project>("SubmitProjectReport", project, "report: 'отчёт'").ok());
  EXPECT_EQ(
      ReasonOf(
          Step<v1::Project>("FinishProject", project, "finished_date " + Day(2025, 1, 1)).status()),
      "REQUIRED_FIELD_MISSING");
}

}  // namespace
}  // namespace rsnms::registry
