// Versions of programmes over the wire, with a real database: minima, sums, what a programme shows,
// the register's answers.
#include <atomic>
#include <thread>

#include "services/programs/catalogue/catalogue_fixture.h"

namespace rsnms::programs {
namespace {

using Version = v1::ProgrammeVersion;

using Versions = CatalogueTest;

TEST_F(Versions, DraftIsKeptAsWritten) {
  Version version = Complete();
  version.mutable_price_rubles()->set_value("12500.50");
  version.add_acts()->set_kind(v1::ProgrammeAct::KIND_PROFESSIONAL_STANDARD);
  version.mutable_acts(0)->set_title("Педагог");
  version.set_cascade(true);
  auto made = Done(Create(version));
  EXPECT_EQ(made.state(), Version::STATE_DRAFT);
  EXPECT_EQ(made.number(), 1);
  EXPECT_EQ(made.round(), 0);
  EXPECT_EQ(made.programme(), "");
  EXPECT_EQ(made.price_rubles().value(), "12500.5");
  EXPECT_EQ(made.syllabus_size(), 2);
  const Version read = Get(made.name());
  EXPECT_EQ(read.SerializeAsString(), made.SerializeAsString());
}

TEST_F(Versions, HoursBelowTheMinimumOfTheRegionAreRefusedByField) {
  Version shorter = Complete();
  shorter.clear_syllabus();
  shorter.set_internship_hours(0);
  shorter.set_duration_hours(15);
  EXPECT_EQ(Reason(Create(shorter)), "TOO_FEW_HOURS");
  shorter.set_duration_hours(16);
  const std::string name = Done(Create(shorter)).name();
  ASSERT_TRUE(Rule("least_development_hours: 24").ok());
  ASSERT_TRUE(Rule("least_development_hours: 48", 2199).ok()) << "not in force yet";
  auto refused = Create(shorter);
  EXPECT_EQ(Reason(refused), "TOO_FEW_HOURS");
  EXPECT_NE(rpc::ToProto(refused.status()).DebugString().find("programme_version.duration_hours"),
            std::string::npos);
  shorter.set_duration_hours(24);
  EXPECT_TRUE(Create(shorter).ok());
  shorter.set_name(name);
  shorter.set_annotation("О чём");
  EXPECT_TRUE(Update(shorter, "annotation").ok()) << "its hours stay";
  EXPECT_EQ(Reason(Step("SendProgrammeVersionToExpertise", name)), "TOO_FEW_HOURS");
}

TEST_F(Versions, StrictRegionStillShowsShortProgrammesOfTheRegister) {
  ASSERT_TRUE(Rule("least_development_hours: 72").ok());
  EXPECT_EQ(CreateProgramme().duration_hours(), 36);
}

TEST_F(Versions, RegionMayLowerTheMinimumWithTheOrder) {
  ASSERT_TRUE(Rule("least_retraining_hours: 200").ok());
  v1::CreateProgrammeRequest request;
  request.set_parent("regions/86");
  request.mutable_programme()->set_title("Менеджмент");
  request.mutable_programme()->set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING);
  request.mutable_programme()->set_duration_hours(199);
  EXPECT_EQ(rpc::ReasonOf(Try<v1::Programme>("CreateProgramme", request)), "TOO_FEW_HOURS");
  request.mutable_programme()->set_duration_hours(200);
  Must<v1::Programme>("CreateProgramme", request);
}

TEST_F(Versions, RulesBeginOnceOnADay) {
  ASSERT_TRUE(Rule("").ok());
  EXPECT_EQ(Rule("").status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(Versions, SyllabusThatDoesNotAddUpIsRefusedByField) {
  Version version = Complete();
  version.mutable_syllabus(0)->mutable_modules(1)->mutable_hours()->set_practical_hours(15);
  auto refused = Create(version);
  EXPECT_EQ(Reason(refused), "SYLLABUS_SUMS_DISAGREE");
  EXPECT_NE(rpc::ToProto(refused.status())
                .DebugString()
                .find("programme_version.syllabus[0].hours.practical_hours"),
            std::string::npos);
}

TEST_F(Versions, ApprovedVersionOfANewProgrammeMakesIt) {
  const std::string name = Approved();
  const Version version = Get(name);
  EXPECT_EQ(version.state(), Version::STATE_APPROVED);
  EXPECT_EQ(version.positive_reviews(), 2);
  const v1::Programme shown = Shown(version.programme());
  EXPECT_EQ(shown.title(), version.title());
  EXPECT_EQ(shown.duration_hours(), 36);
  EXPECT_EQ(shown.internship_hours(), 8);
  EXPECT_EQ(shown.current_version(), name);
  EXPECT_EQ(shown.competencies_size(), 1);
  EXPECT_EQ(shown.register_state(), v1::REGISTER_STATE_NOT_LISTED);
}

TEST_F(Versions, NextApprovedVersionTakesThePlaceOfTheFormerWhichStays) {
  const std::string first = Approved();
  const std::string programme = Get(first).programme();
  Version next = Complete(programme);
  next.set_title("Второе издание");
  const std::string second = Done(Create(next)).name();
  EXPECT_EQ(Get(second).number(), 2);
  EXPECT_EQ(Shown(programme).title(), "Формирующее оценивание") << "until it is approved";
  Done(Step("SendProgrammeVersionToExpertise", second));
  Review(second, 21);
  Review(second, 22);
  Done(Approve(second));
  EXPECT_EQ(Shown(programme).title(), "Второе издание");
  EXPECT_EQ(Shown(programme).current_version(), second);
  const Version former = Get(first);
  EXPECT_EQ(former.title(), "Формирующее оценивание");
  EXPECT_EQ(former.state(), Version::STATE_APPROVED);
  EXPECT_EQ(former.superseded_by(), second);
}

TEST_F(Versions, ProgrammeEnteredByHandGetsItsFirstVersion) {
  const std::string programme = CreateProgramme("Введено вручную").name();
  const std::string version = Approved(programme);
  EXPECT_EQ(Get(version).programme(), programme);
  EXPECT_EQ(Shown(programme).title(), "Формирующее оценивание");
}

TEST_F(Versions, WhatAnApprovedVersionSaysIsNotRewrittenByHand) {
  const std::string programme = Get(Approved()).programme();
  v1::UpdateProgrammeRequest request;
  request.mutable_programme()->set_name(programme);
  request.mutable_programme()->set_title("Иначе");
  EXPECT_EQ(rpc::ReasonOf(Try<v1::Programme>("UpdateProgramme", request)), "PROGRAMME_VERSIONED");
}

TEST_F(Versions, HandedInVersionIsFrozenEvenForTheDatabase) {
  const std::string name = InExpertise();
  Version changed = Get(name);
  changed.set_title("Иначе");
  EXPECT_EQ(Reason(Update(changed, "title")), "VERSION_FROZEN");
  EXPECT_EQ(Reason(Step("DeleteProgrammeVersion", name)), "VERSION_FROZEN");
  EXPECT_NE(Sql(Cat("UPDATE programme_version SET title = 'Иначе' WHERE id = '", IdOf(name),
                    "' RETURNING title")),
            "Иначе");
  Done(Step("ReturnProgrammeVersion", name, "state_reason: 'Замечания экспертов'"));
  EXPECT_EQ(Done(Update(changed, "title")).title(), "Иначе") << "in rework it is written again";
}

TEST_F(Versions, OneVersionOfAProgrammeIsInWork) {
  const std::string programme = CreateProgramme().name();
  std::atomic<int> made = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 64; ++i) {
    writers.emplace_back([&] {
      auto version = Create(Complete(programme));
      if (version.ok()) {
        ++made;
      } else {
        EXPECT_EQ(Reason(version), "VERSION_IN_WORK") << version.status();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(made, 1);
}

TEST_F(Versions, NobodyWritesAVersionOfAProgrammeTheyDoNotSee) {
  Version version = Complete(CreateProgramme().name());  // of no body of the region
  v1::CreateProgrammeVersionRequest request;
  request.set_parent("regions/86");
  *request.mutable_programme_version() = version;
  auto institute = service_->Connect({"institute"}, {Body(1)});
  auto refused = Ask<Version>(*institute, "CreateProgrammeVersion", request);
  EXPECT_EQ(Reason(refused), "REFERENCE_NOT_FOUND") << refused.status();
  request.mutable_programme_version()->clear_programme();
  EXPECT_TRUE(Ask<Version>(*institute, "CreateProgrammeVersion", request).ok());
}

TEST_F(Versions, RegisterAnswersAreRecorded) {
  const std::string name = Approved();
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Day(2026, 2, 5)));
  const Version declined = Done(Step("RecordRegisterRefusal", name,
                                     "state_reason: 'Нет оценочных материалов' "
                                     "register_answer_date " +
                                         Day(2026, 3, 1)));
  EXPECT_EQ(declined.state(), Version::STATE_DECLINED);
  EXPECT_EQ(declined.state_reason(), "Нет оценочных материалов");
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Day(2026, 3, 5)));
  const std::string entry = "federal_register_number: 'ДПП-000777' register_answer_date ";
  Done(Step("RecordRegisterEntry", name, entry + Day(2026, 4, 1)));
  const Version listed = Get(name);
  EXPECT_EQ(listed.state(), Version::STATE_IN_REGISTER);
  EXPECT_EQ(listed.state_reason(), "");
  const v1::Programme shown = Shown(listed.programme());
  EXPECT_EQ(shown.federal_register_number(), "ДПП-000777");
  EXPECT_EQ(shown.register_state(), v1::REGISTER_STATE_NOT_LISTED) << "until a sync sees it";
}

TEST_F(Versions, NextApplicationToTheRegisterHasItsOwnNumber) {
  const std::string name = Approved();
  Done(Step("SubmitProgrammeVersion", name,
            "submission_number: 'З-1' submission_date " + Day(2026, 2, 5)));
  EXPECT_EQ(Get(name).submission_number(), "З-1");
  Done(Step("RecordRegisterRefusal", name,
            "state_reason: 'Нет материалов' register_answer_date " + Day(2026, 3, 1)));
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Day(2026, 3, 5)));
  EXPECT_EQ(Get(name).submission_number(), "");
}

TEST_F(Versions, ListenersAreNamedOnce) {
  Version version = Complete();
  version.add_listener_categories(v1::LISTENER_CATEGORY_PEDAGOGUE);
  EXPECT_EQ(Reason(Create(version)), "INVALID_REQUEST");
  version.set_listener_categories(1, v1::LISTENER_CATEGORY_UNSPECIFIED);
  EXPECT_NE(Reason(Create(version)), "");
  version.set_listener_categories(1, v1::LISTENER_CATEGORY_MENTOR);
  EXPECT_TRUE(Create(version).ok());
}

TEST_F(Versions, VersionGivenUpInReworkMakesRoomForTheNext) {
  const std::string programme = CreateProgramme().name();
  const std::string name = InExpertise(programme);
  Done(Step("ReturnProgrammeVersion", name, "state_reason: 'Замечания экспертов'"));
  EXPECT_EQ(Reason(Create(Complete(programme))), "VERSION_IN_WORK");
  Done(Step("ArchiveProgrammeVersion", name));
  EXPECT_TRUE(Create(Complete(programme)).ok());
}

TEST_F(Versions, RefusalOfTheRegisterHasAReason) {
  const std::string name = Approved();
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Day(2026, 2, 5)));
  EXPECT_EQ(Reason(Step("RecordRegisterRefusal", name, "register_answer_date " + Day(2026, 3, 1))),
            "REQUIRED_FIELD_MISSING");
}

TEST_F(Versions, NumberOfTheRegisterIsOfOneProgramme) {
  CreateProgramme("Чужая", "ДПП-000001");
  const std::string name = Approved();
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Day(2026, 2, 5)));
  EXPECT_EQ(
      Reason(Step("RecordRegisterEntry", name,
                  "federal_register_number: 'ДПП-000001' register_answer_date " + Day(2026, 3, 1))),
      "REGISTER_NUMBER_TAKEN");
  EXPECT_EQ(Get(name).state(), Version::STATE_SUBMITTED);
}

TEST_F(Versions, FormerVersionDoesNotNumberTheProgramme) {
  const std::string first = Approved();
  const std::string programme = Get(first).programme();
  const std::string second = Approved(programme);
  const auto enter = [&](const std::string& version, const std::string& number) {
    Done(Step("SubmitProgrammeVersion", version, "submission_date " + Day(2026, 2, 5)));
    return Reason(Step(
        "RecordRegisterEntry", version,
        Cat("federal_register_number: '", number, "' register_answer_date ", Day(2026, 3, 1))));
  };
  EXPECT_EQ(enter(second, "ДПП-2"), "");
  EXPECT_EQ(enter(first, "ДПП-1"), "");
  EXPECT_EQ(Shown(programme).federal_register_number(), "ДПП-2");
  EXPECT_EQ(enter(Approved(), "ДПП-1"), "REGISTER_NUMBER_TAKEN") << "a former version has it";
  v1::CreateProgrammeRequest typed;
  typed.set_parent("regions/86");
  *typed.mutable_programme() = Shown(programme);
  typed.mutable_programme()->clear_name();
  typed.mutable_programme()->set_federal_register_number("ДПП-1");
  EXPECT_EQ(rpc::ReasonOf(Try<v1::Programme>("CreateProgramme", typed)), "REGISTER_NUMBER_TAKEN");
  typed.mutable_programme()->set_federal_register_number("ДПП-3");
  EXPECT_EQ(rpc::ReasonOf(Try<v1::Programme>("CreateProgramme", typed)), "");
}

TEST_F(Versions, RacingEntriesGiveANumberToOneProgramme) {
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i) {
    names.push_back(Approved());
    Done(Step("SubmitProgrammeVersion", names.back(), "submission_date " + Day(2026, 2, 5)));
  }
  std::atomic<int> entered = 0;
  std::vector<std::thread> writers;
  for (const std::string& name : names) {
    writers.emplace_back([&] {
      auto entry = Step("RecordRegisterEntry", name,
                        "federal_register_number: 'ДПП-5' register_answer_date " + Day(2026, 3, 1));
      if (entry.ok()) {
        ++entered;
      } else {
        EXPECT_EQ(Reason(entry), "REGISTER_NUMBER_TAKEN") << entry.status();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(entered, 1);
}

TEST_F(Versions, EntryOfAListedProgrammeHasItsNumber) {
  const std::string name = Approved();
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Day(2026, 2, 5)));
  Sql(
      Cat("UPDATE programme SET register_state = 'LISTED', federal_register_number = 'ДПП-9' "
          "WHERE id = '",
          IdOf(Get(name).programme()), "' RETURNING id"));
  const auto enter = [&](const std::string& number) {
    return Reason(Step(
        "RecordRegisterEntry", name,
        Cat("federal_register_number: '", number, "' register_answer_date ", Day(2026, 3, 1))));
  };
  EXPECT_EQ(enter("ДПП-1"), "REGISTER_NUMBER_DIFFERS");
  EXPECT_EQ(Get(name).state(), Version::STATE_SUBMITTED);
  EXPECT_EQ(enter("ДПП-9"), "");
}

TEST_F(Versions, WithdrawnProgrammeIsOfferedNoMoreUntilItsNextVersion) {
  const std::string first = Approved();
  const std::string programme = Get(first).programme();
  v1::SelectProgrammesRequest select;
  select.set_parent("regions/86");
  select.mutable_selection()->add_deficits()->set_competency(
      "regions/86/competencies/methodical-lesson");
  const auto offered = [&] {
    return Must<v1::SelectProgrammesResponse>("SelectProgrammes", select)
        .selected()
        .programmes_size();
  };
  EXPECT_EQ(offered(), 1);
  const std::string withdrawal =
      "state_reason: 'Изменился стандарт' withdrawal_date " + Day(2026, 6, 1);
  EXPECT_EQ(Reason(Step("WithdrawProgrammeVersion", first, withdrawal)), "DATES_OUT_OF_ORDER")
      << "has not come";
  EXPECT_EQ(offered(), 1);
  Travel(2026, 6, 1);
  Done(Step("WithdrawProgrammeVersion", first, withdrawal));
  EXPECT_TRUE(Shown(programme).withdrawn());
  EXPECT_EQ(offered(), 0);
  v1::BatchCreateEnrolmentsRequest enrol;
  enrol.set_parent("regions/86");
  auto& enrolment = *enrol.add_enrolments();
  enrolment.set_person(Person(5));
  enrolment.set_organisation(Body(7));
  enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
  enrolment.set_programme(programme);
  enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
  EXPECT_EQ(rpc::ReasonOf(Try<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", enrol)),
            "PROGRAMME_NOT_OFFERED");
  v1::CreateGroupRequest gather;
  gather.set_parent("regions/86");
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      Cat("code: 'ПК-1' form: STUDY_FORM_FULL_TIME seats: 5 start_date ", Day(2026, 9, 1),
          " end_date ", Day(2026, 9, 30)),
      gather.mutable_group()));
  gather.mutable_group()->set_programme(programme);
  gather.mutable_group()->set_provider(Body(1));
  const auto gathered = [&] {
    v1::Group group;
    return rpc::ReasonOf(admin_->Unary("rsnms.programs.v1.Training/CreateGroup", gather, &group,
                                       absl::Now() + absl::Seconds(60), false));
  };
  EXPECT_EQ(gathered(), "PROGRAMME_NOT_OFFERED");
  Approved(programme);
  EXPECT_FALSE(Shown(programme).withdrawn());
  EXPECT_EQ(offered(), 1);
  EXPECT_EQ(gathered(), "");
}

TEST_F(Versions, WithdrawingAFormerVersionLeavesTheProgrammeOffered) {
  const std::string first = Approved();
  const std::string programme = Get(first).programme();
  Approved(programme);
  Travel(2026, 6, 1);
  Done(Step("WithdrawProgrammeVersion", first,
            "state_reason: 'Заменена новой' withdrawal_date " + Day(2026, 6, 1)));
  EXPECT_FALSE(Shown(programme).withdrawn());
}

}  // namespace
}  // namespace rsnms::programs
