// Who says what became of learning, and how that is taken back.
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using E = v1::Enrolment;
using C = v1::Completion;
using ::testing::HasSubstr;

class Ending : public TrainingFixture {
 protected:
  static constexpr int kSchool = 7, kProvider = 9;

  void SetUp() override {
    TrainingFixture::SetUp();
    taught_ = Taught(kProvider);
    outside_ = programme_;  // its provider is a title
    employer_ = service_->Connect({"institute"}, {Body(kSchool)});
    town_ = service_->Connect({"centre"}, {"regions/86/municipalities/71876000"});
    provider_ = service_->Connect({"institute"}, {Body(kProvider)});
    region_ = service_->Connect({"centre"}, {"regions/86"});
  }
  std::string Taught(int provider) {
    return Need(Send<v1::Programme>(
                    "CreateProgramme",
                    Cat("parent: 'regions/86' programme {title: 'Практикум ", ++titles_,
                        "' kind: PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT duration_hours: 36 "
                        "for_pedagogues: true provider_title: 'Институт' provider: '",
                        Body(provider), "'}")))
        .name();
  }
  // Learns without a group, recorded by whoever the client is.
  E Learner(rpc::Client& client, const std::string& programme, int person) {
    return Need(Send<v1::BatchCreateEnrolmentsResponse>(
                    client, "BatchCreateEnrolments",
                    Cat("parent: 'regions/86' initial_state: STATE_IN_PROGRESS enrolments ",
                        Application(programme, person, kSchool,
                                    Cat("municipality: 'regions/86/municipalities/71876000' "
                                        "start_date ",
                                        Day(3, 2))))))
        .enrolments(0);
  }
  E Learner(const std::string& programme, int person) {
    return Learner(*admin_, programme, person);
  }
  // Learns in a group, which the body runs.
  E InGroup(const std::string& programme, int body, int person) {
    const std::string group =
        Need(Send<v1::Group>(
                 "CreateGroup",
                 Cat("parent: 'regions/86' group {programme: '", programme, "' provider: '",
                     Body(body), "' code: 'ПК' form: STUDY_FORM_FULL_TIME start_date ", Day(3, 2),
                     " end_date ", Day(3, 31), " seats: 5}")))
            .name();
    Need(Step<v1::Group>("OpenGroup", group));
    const E made =
        Need(Send<E>("EnrolInGroup", Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                                         Application(programme, person, kSchool))));
    Need(Move("ConfirmEnrolment", made.name()));
    Need(Step<v1::Group>("RunGroup", group));
    return Need(Move("StartEnrolment", made.name()));
  }
  absl::StatusOr<C> Complete(rpc::Client& client, const E& learner,
                             const std::string& number = "") {
    return Send<C>(client, "CompleteEnrolment",
                   Cat("name: '", learner.name(), "' certificate_number: '",
                       number.empty() ? IdOf(learner.name()) : std::string_view(number),
                       "' completion_date ", Day(3, 30)));
  }
  absl::StatusOr<v1::BatchCompleteEnrolmentsResponse> CompleteBoth(rpc::Client& client,
                                                                   const E& one, const E& other) {
    const auto request = [&](const E& e) {
      return Cat("requests {name: '", e.name(), "' certificate_number: '", IdOf(e.name()),
                 "' completion_date ", Day(3, 30), "}");
    };
    return Send<v1::BatchCompleteEnrolmentsResponse>(
        client, "BatchCompleteEnrolments",
        Cat("parent: 'regions/86' ", request(one), " ", request(other)));
  }
  absl::StatusOr<E> Do(rpc::Client& client, const std::string& method, const E& learner,
                       int day = 30) {
    return Send<E>(client, method,
                   Cat("name: '", learner.name(), "' reason: 'ошибка записи' state_date ",
                       day > 31 ? Day(4, day - 31) : Day(3, day)));
  }
  C ReadCompletion(const std::string& name) {
    return Need(Send<C>("GetCompletion", Cat("name: '", name, "'")));
  }
  // What the statement is refused with under these scopes, past the service.
  std::string Refused(const std::string& scopes, const std::string& sql) {
    pg::TxOptions options;
    options.scopes = scopes;
    return rpc::ReasonOf(service_->database().app().Run(
        options, [&](pg::Tx& tx) { return tx.Query(sql).status(); }));
  }

  std::string taught_, outside_;
  std::unique_ptr<rpc::Client> employer_, town_, provider_, region_;
  int titles_ = 0;
};

TEST_F(Ending, WhatAnotherTeachesTheLearnersBodyNeitherCompletesNorFails) {
  const E learner = Learner(*employer_, taught_, 1);
  for (rpc::Client* client : {employer_.get(), town_.get()}) {
    const auto refused = Complete(*client, learner);
    EXPECT_REASON(refused, "NOT_THE_PROVIDER");
    EXPECT_THAT(Told(refused.status()), HasSubstr(learner.name()));
    EXPECT_REASON(Do(*client, "FailEnrolment", learner), "NOT_THE_PROVIDER");
  }
  const E own = Learner(*employer_, Taught(kSchool), 2);
  EXPECT_REASON(CompleteBoth(*employer_, own, learner), "NOT_THE_PROVIDER");
  EXPECT_EQ(Read(own.name()).etag(), own.etag()) << "all or none";
  EXPECT_EQ(Read(learner.name()).etag(), learner.etag());
  EXPECT_EQ(Sql("SELECT count(*) FROM completion"), "0");
  Need(CompleteBoth(*region_, own, learner));
  Need(Do(*region_, "FailEnrolment", Learner(taught_, 3)));
}

TEST_F(Ending, WhoTeachesEndsTheLearningOfItsGroup) {
  const E one = InGroup(taught_, kProvider, 1), other = InGroup(taught_, kProvider, 2);
  EXPECT_REASON(Complete(*employer_, one), "NOT_THE_PROVIDER");
  EXPECT_REASON(Do(*employer_, "FailEnrolment", other), "NOT_THE_PROVIDER");
  const C completion = Need(Complete(*provider_, one));
  EXPECT_EQ(completion.provider(), Body(kProvider));
  EXPECT_EQ(Need(Do(*provider_, "FailEnrolment", other)).state(), E::STATE_FAILED);
  EXPECT_REASON(Do(*employer_, "VoidEnrolment", other, 32), "NOT_THE_PROVIDER")
      << "nor takes it back";
  Need(Do(*provider_, "VoidEnrolment", other, 32));
}

TEST_F(Ending, AGroupOfOnesOwnMakesNobodyTheProvider) {
  const E learner = InGroup(taught_, kSchool, 1);
  EXPECT_REASON(Complete(*employer_, learner), "NOT_THE_PROVIDER");
  Need(Complete(*region_, learner));
}

TEST_F(Ending, AProviderEndsTheLearningOfItsOwnStaff) {
  Need(Complete(*employer_, Learner(*employer_, Taught(kSchool), 1)));
}

TEST_F(Ending, OfAProviderOutsideTheLearnersBodyRecordsWhatThePaperSays) {
  Need(Complete(*employer_, Learner(*employer_, outside_, 1)));
  Need(Complete(*town_, Learner(*town_, outside_, 2)));
  Need(Do(*employer_, "FailEnrolment", Learner(outside_, 3)));
  Need(Complete(*region_, Learner(outside_, 4)));
  const E taken_back = Learner(outside_, 5);
  Need(Complete(*employer_, taken_back));
  Need(Do(*employer_, "VoidEnrolment", taken_back, 32));
}

TEST_F(Ending, InAGroupOfAnOutsideProgrammeTheGroupsBodyTeaches) {
  const E learner = InGroup(outside_, kProvider, 1);
  EXPECT_REASON(Complete(*employer_, learner), "NOT_THE_PROVIDER");
  Need(Complete(*provider_, learner));
}

TEST_F(Ending, NobodySaysItOfThemselves) {
  for (const std::string& other : {std::string("regions/86"), Body(kProvider), Body(kSchool)}) {
    auto self = service_->Connect({"centre"}, {other, Person(1)});
    for (const std::string& programme : {Taught(kSchool), Taught(kProvider), outside_}) {
      const E learner = Learner(programme, 1);
      EXPECT_REASON(Complete(*self, learner), "SELF_ACCEPTANCE") << other;
      EXPECT_REASON(Do(*self, "FailEnrolment", learner), "SELF_ACCEPTANCE");
      Need(Complete(*admin_, learner));
      EXPECT_REASON(Do(*self, "VoidEnrolment", learner, 32), "SELF_ACCEPTANCE");
      Need(Do(*admin_, "VoidEnrolment", learner, 32));
    }
  }
}

TEST_F(Ending, TheDatabaseLetsNobodyElseRecordOrChange) {
  const E learner = Learner(taught_, 1);
  const C completion = Need(Complete(*region_, learner));
  const std::string copy = Sql(
      "SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE "
      "attrelid = 'completion'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN "
      "('id', 'enrolment_id', 'certificate_number', 'number_key')");
  const E again = Learner(taught_, 2);
  const auto insert =
      Cat("INSERT INTO completion (id, enrolment_id, certificate_number, ", copy,
          ") SELECT gen_random_uuid(), '", IdOf(again.name()), "', 'ПК-2', ", copy,
          " FROM completion WHERE id = '", IdOf(completion.name()), "' RETURNING 1");
  const std::string change = Cat("UPDATE completion SET version = 2 WHERE id = '",
                                 IdOf(completion.name()), "' RETURNING 1");
  for (const auto& scopes :
       {Body(kSchool), Person(1), std::string("regions/86/municipalities/71876000")}) {
    EXPECT_EQ(Refused(scopes, insert), "PERMISSION_DENIED") << scopes;
    EXPECT_EQ(Refused(scopes, change), "PERMISSION_DENIED") << scopes;
  }
  EXPECT_EQ(Refused("regions/86", insert), "");
  EXPECT_NE(Sql(Cat("UPDATE completion SET voided = true WHERE id = '", IdOf(completion.name()),
                    "' RETURNING 1")),
            "1")
      << "without a day";
  EXPECT_EQ(Sql(Cat("UPDATE completion SET voided = true, void_date = '2026-04-01' WHERE id = '",
                    IdOf(completion.name()), "' RETURNING 1")),
            "1");
  EXPECT_NE(Sql(Cat("UPDATE completion SET voided = false, void_date = NULL WHERE id = '",
                    IdOf(completion.name()), "' RETURNING 1")),
            "1")
      << "once for good";
}

TEST_F(Ending, ACompletionByMistakeIsTakenBackWithReasonAndDay) {
  const E wrong = Learner(taught_, 1);
  const C completion = Need(Complete(*region_, wrong, "ПК-1"));
  EXPECT_REASON(Do(*region_, "VoidEnrolment", wrong, 29), "STEP_OUT_OF_ORDER");
  EXPECT_REASON(Send<E>(*region_, "VoidEnrolment", Cat("name: '", wrong.name(), "'")),
                "REQUIRED_FIELD_MISSING");
  const E gone = Need(Do(*region_, "VoidEnrolment", wrong, 32));
  EXPECT_EQ(gone.state(), E::STATE_VOID);
  EXPECT_EQ(gone.state_reason(), "ошибка записи");
  const C stays = ReadCompletion(completion.name());
  EXPECT_TRUE(stays.voided());
  EXPECT_EQ(stays.void_date().month(), 4);
  EXPECT_EQ(stays.person(), Person(1)) << "the record stays";
  EXPECT_EQ(Sql(Cat("SELECT string_agg(reason, ',') FROM journal WHERE resource_id = '",
                    IdOf(completion.name()), "' AND version = 2")),
            "ошибка записи");
  EXPECT_REASON(Do(*region_, "VoidEnrolment", wrong, 32), "INVALID_STATE");
  const auto listed = Need(Send<v1::ListCompletionsResponse>(
      "ListCompletions", "parent: 'regions/86' filter: 'voided = false'"));
  EXPECT_EQ(listed.completions_size(), 0);
  // Whoever was meant gets the number, and the person may learn it in earnest.
  EXPECT_FALSE(Need(Complete(*region_, Learner(taught_, 2), "пк 1")).voided());
  EXPECT_REASON(Complete(*region_, Learner(taught_, 1), "ПК-1"), "CERTIFICATE_NUMBER_TAKEN");
}

TEST_F(Ending, NothingIsCompletedBeforeAnythingNorInDaysToCome) {
  const E undated =
      Need(Send<v1::BatchCreateEnrolmentsResponse>(
               "BatchCreateEnrolments", Cat("parent: 'regions/86' initial_state: STATE_IN_PROGRESS "
                                            "enrolments ",
                                            Application(outside_, 1))))
          .enrolments(0);
  const auto complete = [&](const std::string& day) {
    return Send<C>("CompleteEnrolment", Cat("name: '", undated.name(),
                                            "' certificate_number: '1' completion_date ", day));
  };
  for (const auto& day : {Day(5, 20, 1926), Day(1, 1, 2099)}) {
    const auto refused = complete(day);
    EXPECT_REASON(refused, "OUT_OF_RANGE");
    EXPECT_THAT(Told(refused.status()), HasSubstr("\"completion_date\""));
    const auto batch = Send<v1::BatchCompleteEnrolmentsResponse>(
        "BatchCompleteEnrolments", Cat("parent: 'regions/86' requests {name: '", undated.name(),
                                       "' certificate_number: '1' completion_date ", day, "}"));
    EXPECT_THAT(Told(batch.status()), HasSubstr("\"requests[0].completion_date\""));
  }
  EXPECT_EQ(Read(undated.name()).etag(), undated.etag());
  Need(complete(Day(5, 20)));
}

TEST_F(Ending, ASeatTakenByMistakeGoesToWhoWaits) {
  const std::string group = OpenGroup(1);
  const E wrong = Need(Apply(group, 1)), waits = Need(Apply(group, 2));
  Need(Move("ConfirmEnrolment", wrong.name()));
  Need(Step<v1::Group>("RunGroup", group));
  Need(Move("StartEnrolment", wrong.name()));
  Need(Complete(*provider_, wrong));
  EXPECT_EQ(Counts(group), "1+1");
  Need(Do(*provider_, "VoidEnrolment", wrong, 32));
  EXPECT_EQ(Counts(group), "1+0");
  EXPECT_EQ(Read(waits.name()).seat(), v1::ENROLMENT_SEAT_HELD);
}

TEST_F(Ending, TakenBackTwiceAtOnceIsTakenBackOnce) {
  for (int round = 1; round <= 5; ++round) {
    const E learner = Learner(taught_, round);
    const C completion = Need(Complete(*region_, learner));
    const auto statuses =
        Race(8, [&](int) { return Do(*admin_, "VoidEnrolment", learner, 32).status(); });
    EXPECT_EQ(std::count_if(statuses.begin(), statuses.end(), [](const auto& s) { return s.ok(); }),
              1);
    EXPECT_TRUE(ReadCompletion(completion.name()).voided());
  }
}

}  // namespace
}  // namespace rsnms::programs
