// Sessions of diagnostics that enrolments name, against a real database and diagnostics played by
// the test.
#include <map>

#include "rsnms/diagnostics/v1/session_methods.pb.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using E = v1::Enrolment;
using diagnostics::v1::Session;
using diagnostics::v1::SessionFact;

// Diagnostics: facts by name of the session.
class PlayedSessions : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    ++asked;
    if (away) return absl::UnavailableError("away");
    if (method != "rsnms.diagnostics.v1.Diagnostics/LookUpSessions") {
      return absl::UnimplementedError("");
    }
    const auto& names = static_cast<const diagnostics::v1::LookUpSessionsRequest&>(request).names();
    most = std::max(most, names.size());
    auto& page = *static_cast<diagnostics::v1::LookUpSessionsResponse*>(response);
    for (const auto& name : names) {
      if (facts.contains(name)) *page.add_sessions() = facts[name];
    }
    return absl::OkStatus();
  }
  absl::Status ServerStream(std::string_view, const google::protobuf::Message&,
                            google::protobuf::Message*, const std::function<bool()>&,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }
  absl::Status ClientStream(std::string_view, google::protobuf::Message*,
                            const std::function<bool()>&, google::protobuf::Message*,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }

  std::atomic<int> asked = 0;
  bool away = false;
  int most = 0;
  std::map<std::string, SessionFact> facts;
};

class Sessions : public TrainingFixture {
 protected:
  Sessions() { diagnostics_ = played_; }

  static std::string Name(int session) { return NameOf("86", "sessions", Uuid(session)); }
  // A session of the person, submitted on that day of March; 0: not yet.
  void Know(int session, int person, int day) {
    SessionFact& fact = played_->facts[Name(session)];
    fact.Clear();
    fact.set_session(Name(session));
    fact.set_person(Person(person));
    fact.set_state(day == 0 ? Session::STATE_IN_PROGRESS : Session::STATE_SUBMITTED);
    if (day == 0) return;
    fact.mutable_submit_date()->set_year(2026);
    fact.mutable_submit_date()->set_month(3);
    fact.mutable_submit_date()->set_day(day);
  }
  absl::StatusOr<E> Put(const std::string& enrolment, const std::string& field, int session,
                        const std::string& more = "") {
    return Send<E>("UpdateEnrolment", Cat("enrolment {name: '", enrolment, "' ", field, ": '",
                                          session == 0 ? "" : Name(session),
                                          "'} update_mask {paths: '", field, "'} ", more));
  }
  absl::StatusOr<E> Start(const std::string& enrolment, int day) {
    return Step<E>("StartEnrolment", enrolment, "start_date " + Day(3, day));
  }
  // An enrolment that begins learning in a running group.
  E Learner(int person) {
    const std::string group = OpenGroup(3);
    const E made = Need(Apply(group, person));
    Need(Step<E>("ConfirmEnrolment", made.name(), "state_date " + Day(3, 2)));
    Need(Step<v1::Group>("RunGroup", group));
    return made;
  }

  const std::shared_ptr<PlayedSessions> played_ = std::make_shared<PlayedSessions>();
};

TEST_F(Sessions, AreTheLearnersAndSubmitted) {
  const E made = Need(Apply(OpenGroup(2), 1));
  Know(1, 2, 5);
  const auto others = Put(made.name(), "entry_session", 1);
  EXPECT_REASON(others, "SESSION_MISMATCH");
  EXPECT_THAT(Told(others.status()), HasSubstr("\"enrolment.entry_session\""));
  EXPECT_REASON(Put(made.name(), "entry_session", 404), "SESSION_MISMATCH");
  Know(2, 1, 0);
  EXPECT_REASON(Put(made.name(), "entry_session", 2), "SESSION_NOT_SUBMITTED");
  EXPECT_EQ(Read(made.name()).etag(), made.etag());
  Know(2, 1, 5);
  const E linked = Need(Put(made.name(), "entry_session", 2));
  EXPECT_EQ(linked.entry_session_date().day(), 5);
  EXPECT_FALSE(Need(Put(made.name(), "entry_session", 0)).has_entry_session_date());
  Know(3, 1, 6);
  const E tried = Need(Put(made.name(), "entry_session", 3, "validate_only: true"));
  EXPECT_EQ(tried.entry_session_date().day(), 6);
  EXPECT_EQ(Read(made.name()).entry_session(), "");
}

TEST_F(Sessions, EveryWayOfMakingAnEnrolmentAsks) {
  Know(1, 2, 5);
  const std::string wrong = Cat("entry_session: '", Name(1), "'");
  EXPECT_REASON(Send<E>("CreateEnrolment", Cat("parent: 'regions/86' enrolment ",
                                               Application(programme_, 1, 7, wrong))),
                "SESSION_MISMATCH");
  EXPECT_REASON(Send<v1::BatchCreateEnrolmentsResponse>(
                    "BatchCreateEnrolments",
                    Cat("parent: 'regions/86' enrolments ", Application(programme_, 1, 7, wrong))),
                "SESSION_MISMATCH");
  EXPECT_REASON(Send<E>("UpdateEnrolment", Cat("allow_missing: true enrolment {name: '",
                                               NameOf("86", "enrolments", Uuid(77)), "' ",
                                               Application(programme_, 1, 7, wrong).substr(1))),
                "SESSION_MISMATCH");
  const std::string group = OpenGroup(2);
  const auto enrol = [&](int person) {
    return Send<E>("EnrolInGroup", Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                                       Application(programme_, person, 7, wrong)));
  };
  EXPECT_REASON(enrol(1), "SESSION_MISMATCH");
  EXPECT_EQ(Counts(group), "0+0");
  EXPECT_EQ(Need(enrol(2)).entry_session_date().day(), 5);
  EXPECT_EQ(played_->most, 1);
}

TEST_F(Sessions, ABatchAsksOnce) {
  std::string batch = "parent: 'regions/86' ";
  for (int i = 1; i <= 20; ++i) {
    Know(i, i, 5);
    batch += Cat("enrolments ",
                 Application(programme_, i, 7, Cat("entry_session: '", Name(i), "'")), " ");
  }
  const auto made = Need(Send<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", batch));
  EXPECT_EQ(played_->asked, 1);
  EXPECT_EQ(played_->most, 20);
  for (const E& one : made.enrolments()) EXPECT_EQ(one.entry_session_date().day(), 5);
}

TEST_F(Sessions, EntryIsNotAfterLearningBeganWhicheverIsSaidLast) {
  const E made = Learner(1);
  Know(1, 1, 10);
  Need(Put(made.name(), "entry_session", 1));
  const auto early = Start(made.name(), 9);
  EXPECT_REASON(early, "SESSION_OUT_OF_ORDER");
  EXPECT_THAT(Told(early.status()), HasSubstr("\"start_date\""));
  EXPECT_REASON(Step<E>("StartEnrolment", made.name(), "state_date " + Day(3, 9)),
                "SESSION_OUT_OF_ORDER");
  Need(Start(made.name(), 10));
  const auto back =
      Send<E>("UpdateEnrolment", Cat("enrolment {name: '", made.name(), "' start_date ", Day(3, 9),
                                     "} update_mask {paths: 'start_date'}"));
  EXPECT_REASON(back, "SESSION_OUT_OF_ORDER");
  const auto late = Send<v1::BatchCreateEnrolmentsResponse>(
      "BatchCreateEnrolments",
      Cat("parent: 'regions/86' initial_state: STATE_IN_PROGRESS enrolments ",
          Application(CreateProgramme("Другой").name(), 1, 7,
                      Cat("entry_session: '", Name(1), "' start_date ", Day(3, 9)))));
  EXPECT_REASON(late, "SESSION_OUT_OF_ORDER");
  EXPECT_THAT(Told(late.status()), HasSubstr("entry_session\""));
}

TEST_F(Sessions, ExitIsNotBeforeLearningBegan) {
  const E made = Learner(1);
  Know(1, 1, 3);
  Know(2, 1, 9);
  Know(3, 1, 20);
  Need(Put(made.name(), "entry_session", 1));
  Need(Start(made.name(), 10));
  const auto early = Put(made.name(), "exit_session", 2);
  EXPECT_REASON(early, "SESSION_OUT_OF_ORDER");
  EXPECT_THAT(Told(early.status()), HasSubstr("\"enrolment.exit_session\""));
  EXPECT_EQ(Need(Put(made.name(), "exit_session", 3)).exit_session_date().day(), 20);
  // Days go along with a transfer, and nobody is asked about them again.
  const int asked = played_->asked;
  const std::string there = OpenGroup(2);
  Need(Step<v1::Group>("RunGroup", there));
  const E left = Need(Step<E>("TransferEnrolment", made.name(),
                              Cat("group: '", there, "' reason: 'р' state_date ", Day(3, 25))));
  const E next = Read(left.transferred_to());
  EXPECT_EQ(next.entry_session_date().day(), 3);
  EXPECT_EQ(next.exit_session_date().day(), 20);
  EXPECT_EQ(played_->asked, asked);
}

TEST_F(Sessions, WithoutADayOfLearningExitIsNotBeforeEntry) {
  const E made = Learner(1);
  Know(1, 1, 5);
  Know(2, 1, 4);
  Need(Put(made.name(), "entry_session", 1));
  Need(Step<E>("StartEnrolment", made.name()));
  EXPECT_REASON(Put(made.name(), "exit_session", 2), "SESSION_OUT_OF_ORDER");
  Know(2, 1, 5);
  EXPECT_REASON(Put(made.name(), "exit_session", 1), "SAME_SESSION");
  Need(Put(made.name(), "exit_session", 2));
}

TEST_F(Sessions, DiagnosticsAwayAreNotPassedOverUnlessTheyToldBefore) {
  const E made = Need(Apply(OpenGroup(2), 1));
  Know(1, 1, 5);
  played_->away = true;
  const auto away = Put(made.name(), "entry_session", 1);
  EXPECT_REASON(away, "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(away.status().code(), absl::StatusCode::kUnavailable);
  // What names no session, or the same, asks nobody.
  const int asked = played_->asked;
  Need(Send<E>("UpdateEnrolment", Cat("enrolment {name: '", made.name(),
                                      "' group_code: 'А'} update_mask {paths: 'group_code'}")));
  EXPECT_EQ(played_->asked, asked);
  played_->away = false;
  const std::string id = "request_id: '01900000-0000-4000-8000-0000000000ab'";
  Need(Put(made.name(), "entry_session", 1, id));
  played_->away = true;
  EXPECT_EQ(Need(Put(made.name(), "entry_session", 1, id)).entry_session_date().day(), 5);
  EXPECT_EQ(Need(Put(made.name(), "entry_session", 1)).entry_session(), Name(1));
  Need(Put(made.name(), "entry_session", 0));
  Need(Put(made.name(), "entry_session", 1));  // a submitted session stays so
  Know(2, 1, 0);
  played_->away = false;
  EXPECT_REASON(Put(made.name(), "entry_session", 2), "SESSION_NOT_SUBMITTED");
  played_->away = true;
  EXPECT_REASON(Put(made.name(), "entry_session", 2), "UPSTREAM_UNAVAILABLE");
}

TEST_F(Sessions, MergedPeopleAreOne) {
  const E made = Need(Apply(OpenGroup(2), 1));
  Know(1, 2, 5);
  EXPECT_REASON(Put(made.name(), "entry_session", 1), "SESSION_MISMATCH");
  EXPECT_EQ(Sql(Cat("INSERT INTO redirected (region_code, target_type, original_id, present_id) "
                    "VALUES ('86', 'registry.rsnms/Person', '",
                    Uuid(2), "', '", Uuid(1), "') RETURNING 1")),
            "1");
  Need(Put(made.name(), "entry_session", 1));
}

TEST_F(Sessions, AnotherRegionLearnsNothing) {
  const E made = Need(Apply(OpenGroup(2), 1));
  Know(1, 1, 5);
  auto other = service_->Connect({"administrator"}, {"regions/61"});
  const int asked = played_->asked;
  for (const int session : {1, 404}) {
    const std::string row =
        Cat("{name: '", made.name(), "' ",
            Application(programme_, 1, 7, Cat("entry_session: '", Name(session), "'")).substr(1));
    EXPECT_EQ(Send<E>(*other, "UpdateEnrolment", Cat("enrolment ", row)).status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(Send<E>(*other, "UpdateEnrolment", Cat("allow_missing: true enrolment ", row))
                  .status()
                  .code(),
              absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(
        Send<E>(*other, "CreateEnrolment",
                Cat("parent: 'regions/86' enrolment ",
                    Application(programme_, 1, 7, Cat("entry_session: '", Name(session), "'"))))
            .status()
            .code(),
        absl::StatusCode::kPermissionDenied);
  }
  EXPECT_EQ(played_->asked, asked);
}

}  // namespace
}  // namespace rsnms::programs
