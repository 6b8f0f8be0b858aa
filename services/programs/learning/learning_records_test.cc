// Records of learning against a real database: what they promise, who sees and accepts them.
#include "services/programs/learning/learning_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using Records = LearningFixture;
using R = v1::LearningRecord;

TEST_F(Records, LearningIsAgreedReportedAndAccepted) {
  const std::string name = Need(Create(Internship())).name();
  EXPECT_EQ(ReadRecord(name).state(), R::STATE_PLANNED);
  Need(Do("AgreeLearningRecord", name));
  Need(Do("StartLearningRecord", name));
  const auto reported = Need(Do("ReportLearningRecord", name, Report()));
  EXPECT_EQ(reported.completed_hours(), 18);
  const auto returned = Need(Do("ReturnLearningRecord", name, "state_reason: 'нет плана урока'"));
  EXPECT_EQ(returned.state(), R::STATE_IN_PROGRESS);
  EXPECT_EQ(returned.state_reason(), "нет плана урока");
  const auto again = Need(Do("ReportLearningRecord", name, Report("report_url: 'https://a.ru/1'")));
  EXPECT_EQ(again.state_reason(), "");
  const auto accepted = Need(Do("AcceptLearningRecord", name, OnDay(3, 10)));
  EXPECT_EQ(accepted.state(), R::STATE_ACCEPTED);
  EXPECT_EQ(accepted.report_url(), "https://a.ru/1");
}

TEST_F(Records, AnInternshipNamesItsHostAndWhoLeadsIt) {
  const auto lost = Create(Cat(Learner(1), "kind: LEARNING_KIND_INTERNSHIP title: 'Тема' ",
                               Period(), "supervisor: '", Person(2), "'"));
  EXPECT_REASON(lost, "INTERNSHIP_INCOMPLETE");
  EXPECT_THAT(Told(lost.status()), HasSubstr("learning_record.host_organisation"));
  EXPECT_REASON(Create(Plain("SELF_STUDY", 1, Cat("supervisor: '", Person(1), "'"))),
                "SUPERVISOR_IS_LEARNER");
}

TEST_F(Records, TheCascadeIsRecordedByItsSessionsAlone) {
  EXPECT_REASON(Create(Plain("CASCADE")), "CASCADE_BY_SESSION");
}

TEST_F(Records, WhatWasAgreedDoesNotChange) {
  const std::string name = Need(Create(Plain("SELF_STUDY"))).name();
  const auto change = [&](int hours) {
    return Ask(*admin_, "UpdateLearningRecord",
               Cat("learning_record {name: '", name, "' hours: ", hours,
                   "} update_mask {paths: 'hours'}"));
  };
  Need(change(30));
  Need(Do("AgreeLearningRecord", name));
  EXPECT_REASON(change(40), "LEARNING_FROZEN");
  EXPECT_REASON(Do("DeleteLearningRecord", name), "LEARNING_FROZEN");
  EXPECT_NE(Sql(Cat("UPDATE learning_record SET hours = 41 WHERE id = '", IdOf(name),
                    "' RETURNING hours")),
            "41")
      << "the database keeps it too";
  Need(Do("CancelLearningRecord", name, "state_reason: 'передумали'"));
  Need(Do("DeleteLearningRecord", name));
}

TEST_F(Records, ASiteIsAskedOfTheRegistryWhenAgreed) {
  const std::string name = Need(Create(Internship(Cat("site: '", Site(3), "'")))).name();
  people_->away = true;
  EXPECT_REASON(Do("AgreeLearningRecord", name), "UPSTREAM_UNAVAILABLE");
  people_->away = false;
  EXPECT_REASON(Do("AgreeLearningRecord", name), "SITE_UNFIT");
  auto& site = people_->sites[Site(3)];
  site.set_organisation(Body(9));
  site.set_state(registry::v1::Site::STATE_STATUS_GRANTED);
  EXPECT_REASON(Do("AgreeLearningRecord", name), "SITE_UNFIT");
  site.set_organisation(Body(8));
  site.set_state(registry::v1::Site::STATE_SUSPENDED);
  EXPECT_REASON(Do("AgreeLearningRecord", name), "SITE_UNFIT");
  EXPECT_EQ(ReadRecord(name).state(), R::STATE_PLANNED);
  site.set_state(registry::v1::Site::STATE_STATUS_GRANTED);
  const std::string again = Cat("request_id: '", Uuid(77), "'");
  Need(Do("AgreeLearningRecord", name, again));
  people_->away = true;
  EXPECT_EQ(Need(Do("AgreeLearningRecord", name, again)).state(), R::STATE_AGREED)
      << "a repeated request is answered again, without asking";
}

TEST_F(Records, ACertificateOfTheAcademyCountsOnce) {
  const std::string name = Need(Create(Plain("ACADEMY"))).name();
  Need(Do("AgreeLearningRecord", name));
  Need(Do("StartLearningRecord", name));
  EXPECT_REASON(Do("ReportLearningRecord", name, Report()), "LEARNING_CERTIFICATE_REQUIRED");
  const std::string shown = Report(Cat("certificate_number: 'А-1' certificate_date ", Day(3, 6)));
  Need(Do("ReportLearningRecord", name, shown));
  const std::string other = Need(Create(Plain("ACADEMY", 5))).name();
  Need(Do("AgreeLearningRecord", other));
  Need(Do("StartLearningRecord", other));
  EXPECT_REASON(Do("ReportLearningRecord", other, shown), "CERTIFICATE_NUMBER_TAKEN");
  EXPECT_REASON(Do("ReportLearningRecord", other,
                   Report(Cat("certificate_number: 'a 1' certificate_date ", Day(3, 6)))),
                "CERTIFICATE_NUMBER_TAKEN")
      << "in Latin letters and without the dash";
  Need(Do("FailLearningRecord", name, "state_reason: 'удостоверение чужое'"));
  Need(Do("ReportLearningRecord", other, shown));
}

TEST_F(Records, RacingReportsOfOneCertificateGiveOne) {
  std::vector<std::string> names;
  for (int i = 0; i < 16; ++i) {
    names.push_back(Need(Create(Plain("ACADEMY", 100 + i))).name());
    Need(Do("AgreeLearningRecord", names.back()));
    Need(Do("StartLearningRecord", names.back()));
  }
  const std::string shown = Report(Cat("certificate_number: 'А-9' certificate_date ", Day(3, 6)));
  const auto statuses =
      Race(16, [&](int i) { return Do("ReportLearningRecord", names[i], shown).status(); });
  int taken = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++taken;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_TAKEN") << status;
    }
  }
  EXPECT_EQ(taken, 1);
}

TEST_F(Records, BodiesTownsHostsAndSupervisorsSeeARecordAndOthersDoNot) {
  const std::string name = Need(Create(Internship())).name();
  const auto sees = [&](const std::string& role, const std::string& scope) {
    auto client = service_->Connect({role}, {scope});
    return Ask(*client, "GetLearningRecord", Cat("name: '", name, "'")).status().code();
  };
  for (const auto& [role, scope] :
       std::map<std::string, std::string>{{"organisation", Body(7)},
                                          {"municipal_service", Town("north")},
                                          {"educator", Person(1)},
                                          {"authority", "regions/86"}}) {
    EXPECT_EQ(sees(role, scope), absl::StatusCode::kOk) << scope;
  }
  EXPECT_EQ(sees("organisation", Body(8)), absl::StatusCode::kOk) << "the host";
  EXPECT_EQ(sees("educator", Person(2)), absl::StatusCode::kOk) << "who leads";
  EXPECT_EQ(sees("organisation", Body(9)), absl::StatusCode::kNotFound);
  EXPECT_EQ(sees("municipal_service", Town("south")), absl::StatusCode::kNotFound);
  EXPECT_EQ(sees("educator", Person(3)), absl::StatusCode::kNotFound);
  EXPECT_EQ(sees("authority", "regions/61"), absl::StatusCode::kNotFound);
}

TEST_F(Records, NobodyAcceptsTheirOwnResults) {
  const std::string name = Reported(Internship());
  const std::string accept = Cat("name: '", name, "' ", OnDay(3, 10));
  auto learner = service_->Connect({"educator"}, {Person(1)});
  EXPECT_EQ(Ask(*learner, "AcceptLearningRecord", accept).status().code(),
            absl::StatusCode::kPermissionDenied);
  auto head = service_->Connect({"organisation"}, {Body(7), Person(1)});
  EXPECT_REASON(Ask(*head, "AcceptLearningRecord", accept), "SELF_ACCEPTANCE");
  auto foreign = service_->Connect({"organisation"}, {Body(9)});
  EXPECT_EQ(Ask(*foreign, "AcceptLearningRecord", accept).status().code(),
            absl::StatusCode::kNotFound);
  auto supervisor = service_->Connect({"organisation"}, {Person(2)});
  EXPECT_EQ(Ask(*supervisor, "AcceptLearningRecord", accept).status().code(),
            absl::StatusCode::kPermissionDenied)
      << "who leads reads";
  EXPECT_EQ(ReadRecord(name).state(), R::STATE_REPORTED);
  auto host = service_->Connect({"organisation"}, {Body(8)});
  EXPECT_EQ(Need(Ask(*host, "AcceptLearningRecord", accept)).state(), R::STATE_ACCEPTED);
}

TEST_F(Records, AHostTakesNoStepsBeforeTheLearnersBodyAgrees) {
  auto host = service_->Connect({"organisation"}, {Body(8)});
  EXPECT_EQ(CreateAs(*host, Internship()).status().code(), absl::StatusCode::kPermissionDenied)
      << "whoever names itself as the host does not write for others";
  const std::string name = Need(Create(Internship())).name();
  const std::string agree = Cat("name: '", name, "'");
  EXPECT_EQ(Ask(*host, "AgreeLearningRecord", agree).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Ask(*host, "DeleteLearningRecord", agree).status().code(),
            absl::StatusCode::kPermissionDenied);
  Need(Do("AgreeLearningRecord", name));
  Need(Ask(*host, "StartLearningRecord", agree));
}

TEST_F(Records, ALearnerWritesTheirOwnAndNobodyElses) {
  auto learner = service_->Connect({"educator"}, {Person(1)});
  const std::string name = Need(CreateAs(*learner, Plain("SELF_STUDY"))).name();
  EXPECT_EQ(CreateAs(*learner, Plain("SELF_STUDY", 3)).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Ask(*learner, "AgreeLearningRecord", Cat("name: '", name, "'")).status().code(),
            absl::StatusCode::kPermissionDenied);
  Need(Do("AgreeLearningRecord", name));
  Need(Ask(*learner, "StartLearningRecord", Cat("name: '", name, "'")));
  Need(Ask(*learner, "ReportLearningRecord", Cat("name: '", name, "' ", Report())));
}

TEST_F(Records, StaleEtagsAndFutureDaysAreRefused) {
  const auto made = Need(Create(Plain("SELF_STUDY")));
  Need(Do("AgreeLearningRecord", made.name(), Cat("etag: '", made.etag(), "'")));
  EXPECT_REASON(Do("StartLearningRecord", made.name(), Cat("etag: '", made.etag(), "'")),
                "ETAG_MISMATCH");
  Need(Do("StartLearningRecord", made.name()));
  EXPECT_REASON(Do("ReportLearningRecord", made.name(),
                   Cat("report: 'Освоено' completed_hours: 2 completion_date ", Day(6, 3))),
                "OUT_OF_RANGE");
  EXPECT_REASON(Do("ReportLearningRecord", made.name(),
                   Cat("report: 'Освоено' completed_hours: 200 completion_date ", Day(3, 6))),
                "OUT_OF_RANGE");
  EXPECT_REASON(Do("ReportLearningRecord", made.name(),
                   Cat("completed_hours: 2 completion_date ", Day(3, 6))),
                "REPORT_REQUIRED");
}

TEST_F(Records, ARegionHasOneSetOfRules) {
  const auto update = [&](const std::string& id, const std::string& rules) {
    return Ask<v1::LearningRules>(*admin_, "UpdateLearningRules",
                                  Cat("learning_rules {name: 'regions/86/learningRules/", id, "' ",
                                      rules, "} allow_missing: true"));
  };
  EXPECT_REASON(update("other", "corporate_hours_minimum: 60"), "INVALID_NAME");
  EXPECT_REASON(update("default",
                       "corporate_kinds: LEARNING_KIND_ACADEMY "
                       "corporate_kinds: LEARNING_KIND_ACADEMY"),
                "INVALID_REQUEST");
  EXPECT_EQ(Need(update("default", "corporate_hours_minimum: 0")).corporate_hours_minimum(), 0);
  auto educator = service_->Connect({"educator"}, {Person(1)});
  EXPECT_TRUE(Need(Ask<v1::LearningRules>(*educator, "GetLearningRules",
                                          "name: 'regions/86/learningRules/default'"))
                  .has_corporate_hours_minimum());
}

}  // namespace
}  // namespace rsnms::programs
