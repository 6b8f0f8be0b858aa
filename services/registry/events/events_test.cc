// Events, participation, plans and contests over gRPC.
#include "absl/strings/str_join.h"
#include "services/registry/events/event_fixture.h"

namespace rsnms::registry {
namespace {

using rpc::ReasonOf;

TEST_F(EventsTest, RegistrationIsTakenWhileItIsOpen) {
  const std::string event = Event(), person = Person();
  EXPECT_EQ(ReasonOf(Register(event, person).status()), "REGISTRATION_CLOSED");
  ASSERT_TRUE(Step<v1::Event>("OpenEventRegistration", event).ok());
  const auto made = Register(event, person);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->organisation(), school_);
  EXPECT_EQ(Register(event, person).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(Register(event, person, "SPEAKER").ok()) << "another role";
  EXPECT_EQ(ReasonOf(Step<v1::Participation>("ConfirmParticipation", made->name()).status()),
            "EVENT_NOT_HELD");
  ASSERT_TRUE(Hold(event).ok());
  EXPECT_TRUE(
      Step<v1::Participation>("ConfirmParticipation", made->name(), "result: 'доклад' hours: 4")
          .ok());
  const auto unannounced = Register(event, Person());
  ASSERT_TRUE(unannounced.ok()) << "who came unannounced is recorded";
  EXPECT_TRUE(
      Send<v1::Participation>("DeleteParticipation", "name: '" + unannounced->name() + "'").ok())
      << "and may be taken back until the report";
  const auto reported = Step<v1::Event>("ReportEvent", event, "report: 'проведён'");
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_EQ(reported->attended_count(), 1);
  EXPECT_EQ(
      ReasonOf(
          Send<v1::Participation>("DeleteParticipation", "name: '" + made->name() + "'").status()),
      "CONSTRAINT_VIOLATED")
      << "attendance stays with the report";
  EXPECT_EQ(ReasonOf(Register(event, Person()).status()), "REGISTRATION_CLOSED");
  EXPECT_EQ(
      ReasonOf(Send<v1::Event>("UpdateEvent", "event {name: '" + event + "' theme: 'x'}").status()),
      "EVENT_FROZEN");
}

TEST_F(EventsTest, OneOf64RacingWritersTakesTheLastPlace) {
  const std::string event = OpenEvent("capacity: 3");
  ASSERT_TRUE(Register(event, Person()).ok());
  ASSERT_TRUE(Register(event, Person()).ok());
  std::vector<std::string> people;
  for (int i = 0; i < 64; ++i) people.push_back(Person());
  EXPECT_EQ(Race([&](int i) { return Register(event, people[i]).status(); }, "NO_PLACES_LEFT"), 1);
  EXPECT_EQ(Sql("SELECT count(*) FROM participation"), "3");
}

TEST_F(EventsTest, PlacesAreKeptByTheDatabaseWhoeverWrites) {
  const std::string event = OpenEvent("capacity: 1");
  ASSERT_TRUE(Register(event, Person()).ok());
  const std::string copy =
      "INSERT INTO participation SELECT region_code, gen_random_uuid(), version, create_time, "
      "update_time, delete_time, event_id, '" +
      IdOfName(Person()) +
      "', role, sending_organisation_id, state, result, certificate_number, hours, "
      "organisation_id FROM participation RETURNING id";
  EXPECT_NE(Sql(copy).find("a constraint refuses the change"), std::string::npos) << Sql(copy);
  EXPECT_EQ(Sql("SELECT count(*) FROM participation"), "1");
}

TEST_F(EventsTest, JuryAndOrganisersTakeNoPlaceAndCancellingFreesOne) {
  const std::string event = OpenEvent("capacity: 1");
  const auto listener = Register(event, Person());
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(Register(event, Person(), "JURY").ok());
  EXPECT_TRUE(Register(event, Person(), "ORGANISER").ok());
  EXPECT_EQ(ReasonOf(Register(event, Person()).status()), "NO_PLACES_LEFT");
  ASSERT_TRUE(
      Step<v1::Participation>("CancelParticipation", listener->name(), "reason: 'болезнь'").ok());
  EXPECT_TRUE(Register(event, Person()).ok());
}

TEST_F(EventsTest, PlacesAreNeverFewerThanPeopleRegistered) {
  const std::string event = OpenEvent("capacity: 5");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Register(event, Person()).ok());
  const auto set = [&](int capacity) {
    return ReasonOf(Send<v1::Event>("UpdateEvent", absl::StrCat("event {name: '", event,
                                                                "' capacity: ", capacity, "}"))
                        .status());
  };
  EXPECT_EQ(set(2), "CAPACITY_BELOW_REGISTERED");
  EXPECT_EQ(set(3), "");
}

TEST_F(EventsTest, EducatorRegistersThemselvesAndSeesOnlyThemselves) {
  const std::string event = OpenEvent("capacity: 2"), me = Person(), other = Person();
  ASSERT_TRUE(Register(event, other).ok());
  const auto educator = service_->Connect({"educator"}, {me});
  const auto ask = [&](const std::string& person) {
    return Send<v1::Participation>(*educator, "CreateParticipation",
                                   "parent: 'regions/86' participation {event: '" + event +
                                       "' person: '" + person +
                                       "' role: PARTICIPATION_ROLE_LISTENER}");
  };
  EXPECT_FALSE(ask(Person()).ok());
  const auto mine = ask(me);
  ASSERT_TRUE(mine.ok()) << mine.status();
  const auto seen =
      Send<v1::ListParticipationsResponse>(*educator, "ListParticipations", "parent: 'regions/86'");
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->participations_size(), 1);
  EXPECT_EQ(ReasonOf(Register(event, Person()).status()), "NO_PLACES_LEFT")
      << "places are counted whoever asks";
}

// Policies tell seeing from writing: services/registry/RIGHTS.md.
TEST_F(EventsTest, WhoSendsPeopleNeitherJudgesNorConfirmsThem) {
  const std::string sender = MakeBody("Школа Урая", kUrai)->name(), person = Person();
  ASSERT_TRUE(Employ(Post(person, sender, CivilDay(2020, 9, 1))).ok());
  const auto urai = service_->Connect({"municipal_service"}, {kUrai});
  const auto denied = [](const auto& answer) {
    return absl::IsPermissionDenied(answer.status()) ? "" : answer.status().ToString();
  };
  const std::string contest = OpenContest();
  const auto entry =
      Send<v1::ContestEntry>(*urai, "CreateContestEntry",
                             "parent: 'regions/86' contest_entry {contest: '" + contest +
                                 "' person: '" + person + "' title: 'Урок'}");
  ASSERT_TRUE(entry.ok()) << entry.status();
  const std::string name = "name: '" + entry->name() + "' ";
  EXPECT_TRUE(Send<v1::ContestEntry>(*urai, "UpdateContestEntry",
                                     "contest_entry {" + name + "title: 'Урок чтения'}")
                  .ok());
  EXPECT_EQ(denied(Send<v1::ContestEntry>(*urai, "AdmitContestEntry", name)), "");
  ASSERT_TRUE(Step<v1::ContestEntry>("AdmitContestEntry", entry->name()).ok());
  ASSERT_TRUE(Step<v1::Contest>("StartContest", contest).ok());
  EXPECT_EQ(denied(Send<v1::ContestEntry>(*urai, "JudgeContestEntry",
                                          name + "award: CONTEST_AWARD_WINNER place: 1")),
            "");
  const auto withdrawn =
      Send<v1::ContestEntry>(*urai, "WithdrawContestEntry", name + "reason: 'болезнь'");
  EXPECT_TRUE(withdrawn.ok()) << withdrawn.status();

  const std::string event = OpenEvent();
  const auto registered =
      Send<v1::Participation>(*urai, "CreateParticipation",
                              "parent: 'regions/86' participation {event: '" + event +
                                  "' person: '" + person + "' role: PARTICIPATION_ROLE_LISTENER}");
  ASSERT_TRUE(registered.ok()) << registered.status();
  const std::string its = "name: '" + registered->name() + "' ";
  ASSERT_TRUE(Hold(event).ok());
  EXPECT_EQ(denied(Send<v1::Participation>(*urai, "ConfirmParticipation", its)), "");
  EXPECT_EQ(denied(Send<v1::Participation>(
                *urai, "UpdateParticipation",
                "participation {" + its + "hours: 72 certificate_number: '1'}")),
            "");
  EXPECT_TRUE(Step<v1::Participation>("ConfirmParticipation", registered->name()).ok());
}

TEST_F(EventsTest, CalendarShowsTheYearByMonth) {
  Event("municipality: '" + std::string(kSurgut) + "'", Day(2024, 10, 5));
  Event("", Day(2024, 1, 31));
  Event("", Day(2023, 12, 31));
  const std::string cancelled = Event("", Day(2024, 10, 1));
  ASSERT_TRUE(Step<v1::Event>("CancelEvent", cancelled, "reason: 'карантин'").ok());
  const auto calendar = [&](const std::string& more) {
    const auto year =
        Send<v1::EventCalendar>("GetEventCalendar", "parent: 'regions/86' year: 2024 " + more);
    EXPECT_TRUE(year.ok()) << year.status();
    EXPECT_EQ(year->months_size(), 12);
    std::string counts;
    for (const auto& month : year->months()) {
      if (month.events_size() > 0) {
        absl::StrAppend(&counts, month.month(), ":", month.events_size(), " ");
      }
    }
    return counts;
  };
  EXPECT_EQ(calendar(""), "1:1 10:1 ");
  EXPECT_EQ(calendar("show_cancelled: true"), "1:1 10:2 ");
  EXPECT_EQ(calendar("level: ACTIVITY_LEVEL_REGION"), "");
  EXPECT_EQ(calendar("municipality: '" + std::string(kSurgut) + "'"), "10:1 ");
}

TEST_F(EventsTest, EventStandsInAPlanOfItsYear) {
  const std::string plan = PlanOf(school_, 2025);
  const auto planned = Create<v1::Event>(
      "event",
      "title: 'Чтения' form: EVENT_FORM_PEDAGOGICAL_READINGS level: ACTIVITY_LEVEL_REGION "
      "organisation: '" +
          school_ + "' plan: '" + plan + "' start_date " + Day(2024, 3, 1));
  EXPECT_EQ(ReasonOf(planned.status()), "EVENT_OUTSIDE_PLAN");
  Event("plan: '" + plan + "'", Day(2025, 3, 1));
  EXPECT_EQ(Create<v1::EventPlan>("event_plan", "organisation: '" + school_ +
                                                    "' year: 2025 level: ACTIVITY_LEVEL_REGION")
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
}

// Orenburg 3.3.7#4: the municipal service submits its plan, the centre consolidates it.
TEST_F(EventsTest, MunicipalPlanIsConsolidatedIntoThePlanOfTheSameYear) {
  const std::string municipal = PlanOf(school_, 2025);
  const std::string centre = MakeBody("Центр")->name();
  for (const char* step : {"DraftEventPlan", "SubmitEventPlan", "AcceptEventPlan"}) {
    ASSERT_TRUE(Step<v1::EventPlan>(step, municipal).ok()) << step;
  }
  const auto into = [&](int year) {
    return Step<v1::EventPlan>("ConsolidateEventPlan", municipal,
                               "consolidated_into: '" + PlanOf(centre, year) + "'");
  };
  EXPECT_EQ(ReasonOf(into(2024).status()), "EVENT_OUTSIDE_PLAN");
  EXPECT_TRUE(into(2025).ok());
}

TEST_F(EventsTest, EntriesAreTakenInTheContestsNominationsByOthersThanTheJury) {
  const std::string judge = Person(), person = Person();
  const std::string contest = Contest("nominations: 'Дебют' jury: '" + judge + "'");
  EXPECT_EQ(ReasonOf(Enter(contest, person, "nomination: 'Дебют'").status()), "ENTRIES_CLOSED");
  ASSERT_TRUE(Step<v1::Contest>("OpenContest", contest).ok());
  EXPECT_EQ(ReasonOf(Enter(contest, judge, "nomination: 'Дебют'").status()), "JURY_IS_ENTRANT");
  EXPECT_EQ(ReasonOf(Enter(contest, person, "nomination: 'Другая'").status()),
            "UNKNOWN_NOMINATION");
  EXPECT_EQ(ReasonOf(Create<v1::ContestEntry>("contest_entry",
                                              "contest: '" + contest + "' nomination: 'Дебют'")
                         .status()),
            "ENTRANT_REQUIRED");
  ASSERT_TRUE(Enter(contest, person, "nomination: 'Дебют'").ok());
  EXPECT_EQ(Enter(contest, person, "nomination: 'Дебют'").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(Send<v1::Contest>("UpdateContest",
                                       "contest {name: '" + contest + "' jury: '" + person + "'}")
                         .status()),
            "JURY_IS_ENTRANT");
}

TEST_F(EventsTest, ApplicationsAfterTheLastDayAreRefused) {
  const std::string contest = OpenContest("entries_until_date " + Day(2024, 9, 30));
  EXPECT_EQ(ReasonOf(Enter(contest, Person(), "applied_date " + Day(2024, 10, 1)).status()),
            "ENTRIES_CLOSED");
  EXPECT_EQ(ReasonOf(Enter(contest, Person()).status()), "ENTRIES_CLOSED") << "today is later";
  EXPECT_TRUE(Enter(contest, Person(), "applied_date " + Day(2024, 9, 30)).ok());
  const std::string open = OpenContest("entries_until_date " + Day(2199, 12, 31));
  const auto entry = Enter(open, Person());
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_TRUE(entry->has_applied_date()) << "the day it was recorded counts";
}

// The jury is named while entrants wait for the contest: what they then see is the new jury.
TEST_F(EventsTest, NoneOf64WaitingWritersEntersBeforeAJuryTheySitIn) {
  const std::string contest = OpenContest();
  std::vector<std::string> people, ids;
  for (int i = 0; i < 64; ++i) people.push_back(Person());
  for (const auto& person : people) ids.push_back(IdOfName(person));
  RunWhileOthersWait(
      absl::StrCat("UPDATE contest SET jury_ids = '{", absl::StrJoin(ids, ","), "}' WHERE id = '",
                   IdOfName(contest), "' RETURNING id"),
      [&] {
        EXPECT_EQ(
            Race([&](int i) { return Enter(contest, people[i]).status(); }, "JURY_IS_ENTRANT"), 0);
      });
  EXPECT_EQ(Sql("SELECT count(*) FROM contest_entry"), "0");
}

TEST_F(EventsTest, Of64RacingWritersNobodyIsJuryAndEntrant) {
  std::vector<std::string> contests, people;
  for (int i = 0; i < 32; ++i) {
    contests.push_back(OpenContest("", 2000 + i));
    people.push_back(Person());
  }
  const int won = Race(
      [&](int i) -> absl::Status {
        const std::string &contest = contests[i / 2], &person = people[i / 2];
        if (i % 2 == 0) return Enter(contest, person).status();
        return Send<v1::Contest>("UpdateContest",
                                 "contest {name: '" + contest + "' jury: '" + person + "'}")
            .status();
      },
      "JURY_IS_ENTRANT");
  EXPECT_EQ(won, 32);
  EXPECT_EQ(Sql("SELECT count(*) FROM contest c JOIN contest_entry e ON e.contest_id = c.id AND "
                "e.person_id::text = ANY (c.jury_ids)"),
            "0");
}

TEST_F(EventsTest, DatabaseKeepsJuryAndEntrantsApartWhoeverWrites) {
  const std::string contest = OpenContest(), person = Person();
  ASSERT_TRUE(Enter(contest, person).ok());
  const std::string forced =
      Sql("UPDATE contest SET jury_ids = '{" + IdOfName(person) + "}' RETURNING id");
  EXPECT_NE(forced.find("a constraint refuses the change"), std::string::npos) << forced;
}

TEST_F(EventsTest, PlansAreNotConsolidatedInACircle) {
  const std::string first = PlanOf(school_, 2025), second = PlanOf(MakeBody("Центр")->name(), 2025);
  for (const std::string& plan : {first, second}) {
    for (const char* step : {"DraftEventPlan", "SubmitEventPlan", "AcceptEventPlan"}) {
      ASSERT_TRUE(Step<v1::EventPlan>(step, plan).ok()) << step;
    }
  }
  const auto into = [&](const std::string& plan, const std::string& whole) {
    return Step<v1::EventPlan>("ConsolidateEventPlan", plan, "consolidated_into: '" + whole + "'");
  };
  ASSERT_TRUE(into(first, second).ok());
  EXPECT_EQ(ReasonOf(into(second, first).status()), "RECORD_CYCLE");
  const std::string forced =
      Sql("UPDATE event_plan SET consolidated_into_id = '" + IdOfName(first) + "' WHERE id = '" +
          IdOfName(second) + "' RETURNING id");
  EXPECT_NE(forced.find("a constraint refuses the change"), std::string::npos) << forced;
}

TEST_F(EventsTest, ApprovedResultsFreezeTheContestAndFillTheBankOfWinners) {
  const std::string winner = Person(), second = Person();
  const std::string contest = OpenContest();
  const std::string first_entry = NameOf(Enter(contest, winner));
  const std::string second_entry = NameOf(Enter(contest, second));
  for (const auto& entry : {first_entry, second_entry}) {
    ASSERT_TRUE(Step<v1::ContestEntry>("AdmitContestEntry", entry).ok());
  }
  EXPECT_EQ(ReasonOf(Judge(first_entry, "WINNER", 1).status()), "CONTEST_NOT_RUNNING");
  ASSERT_TRUE(Step<v1::Contest>("StartContest", contest).ok());
  ASSERT_TRUE(Step<v1::ContestEntry>("PassContestEntry", first_entry,
                                     "stage_results {stage: 1 points_thousandths: 87500}")
                  .ok());
  ASSERT_TRUE(Judge(second_entry, "PARTICIPANT", 2).ok());
  EXPECT_EQ(ReasonOf(Approve(contest).status()), "RESULTS_MISSING");
  ASSERT_TRUE(Step<v1::Contest>("StartContestFinal", contest).ok());
  ASSERT_TRUE(Judge(first_entry, "WINNER", 1).ok());
  Consent(winner, "CONTEST");
  const auto unasked = Approve(contest);
  EXPECT_EQ(ReasonOf(unasked.status()), "PURPOSE_NEEDS_CONSENT") << "results name the second too";
  Consent(second, "CONTEST");
  const auto approved = Approve(contest);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->bank_title(), "Учитель года");
  EXPECT_EQ(
      ReasonOf(Send<v1::Contest>("UpdateContest", "contest {name: '" + contest + "' title: 'x'}")
                   .status()),
      "CONTEST_FROZEN");
  EXPECT_EQ(
      ReasonOf(
          Send<v1::ContestEntry>("DeleteContestEntry", "name: '" + first_entry + "'").status()),
      "CONTEST_FROZEN");
}

TEST_F(EventsTest, WinnersAreListedByLevelAndYear) {
  for (const auto& [year, level] : std::vector<std::pair<int, std::string>>{
           {2023, "REGION"}, {2024, "MUNICIPALITY"}, {2024, "FEDERAL"}}) {
    const std::string contest = OpenContest("", year, level);
    const std::string winner = Person();
    Consent(winner, "CONTEST");
    const std::string entry = NameOf(Enter(contest, winner));
    ASSERT_TRUE(Step<v1::ContestEntry>("AdmitContestEntry", entry).ok());
    ASSERT_TRUE(Step<v1::Contest>("StartContest", contest).ok());
    ASSERT_TRUE(Judge(entry, "WINNER", 1).ok());
    ASSERT_TRUE(Approve(contest).ok());
  }
  OpenContest("", 2024, "REGION");  // has no results yet
  const auto bank = [&](const std::string& more) {
    const auto found = Send<v1::ListWinnersResponse>("ListWinners", "parent: 'regions/86' " + more);
    EXPECT_TRUE(found.ok()) << found.status();
    std::string lines;
    for (const auto& winner : found->winners()) {
      absl::StrAppend(&lines, winner.year(), " ", v1::ActivityLevel_Name(winner.level()).substr(15),
                      "; ");
    }
    return lines + (found->truncated() ? "…" : "");
  };
  EXPECT_EQ(bank(""), "2024 FEDERAL; 2024 MUNICIPALITY; 2023 REGION; ");
  EXPECT_EQ(bank("year: 2024"), "2024 FEDERAL; 2024 MUNICIPALITY; ");
  EXPECT_EQ(bank("level: ACTIVITY_LEVEL_REGION"), "2023 REGION; ");
  EXPECT_EQ(bank("award: CONTEST_AWARD_PRIZE"), "");
  EXPECT_EQ(bank("limit: 1"), "2024 FEDERAL; …");
}

}  // namespace
}  // namespace rsnms::registry
