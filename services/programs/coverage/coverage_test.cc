// Reports on coverage against a real database and diagnostics played by the
// test.
#include "services/programs/coverage/coverage_fixture.h"

#include "absl/strings/str_replace.h"
#include "rsnms/programs/v1/catalogue_service.pb.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using Needs = v1::ListCompetencyCoverageResponse;
using Unmet = v1::ListUnmetOrderLinesResponse;

TEST_F(CoverageTest, DeficitsAndOrdersStandBesideTheOffer) {
  const std::string order =
      Approved(By("a", 4, "competencies: 'regions/86/competencies/methodical-lesson'") +
               By("b", 3, "competencies: 'regions/86/competencies/other'"));
  played_diagnostics_->lacking = {
      {Campaign(1), {{"methodical-lesson", People(1, 5)}, {"third", People(1, 9)}}},
      {Campaign(2), {{"methodical-lesson", People(3, 7)}}}};
  Need(Enrol(order, "a", 1));
  const Needs needs = Need(Ask());
  // Each person once over the campaigns, and the places nobody holds.
  EXPECT_EQ(Told(needs),
            "third:NOBODY_TEACHES:9 other:NOBODY_TEACHES:3 "
            "methodical-lesson:NO_OPEN_GROUP:10");
  EXPECT_EQ(needs.campaigns_size(), 2);
  EXPECT_EQ(needs.competencies(2).ordered_places(), 4);
  EXPECT_EQ(needs.competencies(2).programmes(0).programme(), programme_);
  EXPECT_THAT(played_diagnostics_->filter, HasSubstr("CLOSED"));
  const std::string group = OpenGroup(9);
  EXPECT_THAT(Told(Need(Ask())), HasSubstr("methodical-lesson:SHORT_OF_SEATS:10"));
  const Needs orders = Need(Ask("orders_only: true"));
  EXPECT_EQ(Told(orders), "other:NOBODY_TEACHES:3 methodical-lesson:ENOUGH:3");
  EXPECT_EQ(orders.competencies(1).programmes(0).open_groups(0), group);
  EXPECT_EQ(Told(Need(Ask(Cat("campaigns: '", Campaign(2), "'")))),
            "other:NOBODY_TEACHES:3 methodical-lesson:ENOUGH:8");
}

TEST_F(CoverageTest, DiagnosticsAwayAreNotPassedOver) {
  played_diagnostics_->away = true;
  const auto away = Ask();
  EXPECT_REASON(away, "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(away.status().code(), absl::StatusCode::kUnavailable);
  Need(Ask("orders_only: true"));
  played_diagnostics_->away = false;
  EXPECT_REASON(Ask(Cat("campaigns: '", Campaign(404), "'")), "NOT_FOUND");
  EXPECT_REASON(Ask(Cat("campaigns: '", NameOf("61", "campaigns", Uuid(1)), "'")), "INVALID_NAME");
}

TEST_F(CoverageTest, DiagnosticsAreWaitedForOnceHoweverManyCampaigns) {
  for (int i = 1; i <= 5; ++i) played_diagnostics_->lacking[Campaign(i)];
  EXPECT_EQ(Need(Ask()).campaigns_size(), 5);
  EXPECT_EQ(played_diagnostics_->counts, 1);
  ASSERT_EQ(played_diagnostics_->deadlines.size(), 1u);
  EXPECT_LE(*played_diagnostics_->deadlines.begin(), absl::Now() + absl::Seconds(10));
}

TEST_F(CoverageTest, ARefusalOfDiagnosticsIsTheCallersAndADeletedCampaignIsPassedOver) {
  played_diagnostics_->denied = true;
  EXPECT_REASON(Ask(), "PERMISSION_DENIED");
  played_diagnostics_->denied = false;
  played_diagnostics_->lacking = {{Campaign(1), {{"third", People(1, 9)}}}};
  played_diagnostics_->deleted = Campaign(404);
  const Needs needs = Need(Ask());
  EXPECT_EQ(Told(needs), "third:NOBODY_TEACHES:9");
  ASSERT_EQ(needs.campaigns_size(), 1);
  EXPECT_EQ(needs.campaigns(0), Campaign(1));
  EXPECT_REASON(Ask(Cat("campaigns: '", Campaign(404), "'")), "NOT_FOUND");
}

TEST_F(CoverageTest, TheReportIsOfTheWholeRegion) {
  auto authority = service_->Connect({"authority"}, {"regions/86"});
  Need(Report<Needs>(*authority, "ListCompetencyCoverage", ""));
  const auto asked = [&](const std::string& role, const std::string& scope) {
    auto client = service_->Connect({role}, {scope});
    const auto code = Report<Needs>(*client, "ListCompetencyCoverage", "").status().code();
    EXPECT_EQ(Report<Unmet>(*client, "ListUnmetOrderLines", "").status().code(), code);
    return code;
  };
  EXPECT_EQ(asked("municipal_service", Town("north")), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(asked("organisation", Body(7)), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(asked("authority", "regions/61"), absl::StatusCode::kNotFound);
}

TEST_F(CoverageTest, ScopesThatHoldNothingAreRefused) {
  EXPECT_REASON(Ask(Cat("scope {start_date ", Day(2, 2), " end_date ", Day(2, 1), "}")),
                "OUT_OF_RANGE");
  EXPECT_REASON(Ask("scope {min_duration_hours: 9 max_duration_hours: 8}"), "OUT_OF_RANGE");
  EXPECT_REASON(Ask("scope {municipality: 'regions/61/municipalities/north'}"), "INVALID_NAME");
}

TEST_F(CoverageTest, PagesAddUpToTheReportAndAChangedOneBeginsAgain) {
  std::string lines;
  for (int i = 0; i < 7; ++i) {
    lines += By(Cat("l", i), 1 + i % 3, Cat("competencies: 'regions/86/competencies/c", i, "'"));
  }
  Approved(lines);
  const std::string only = "orders_only: true ";
  const Needs whole = Need(Ask(only));
  ASSERT_EQ(whole.competencies_size(), 7);
  for (int size = 1; size <= 8; ++size) {
    Needs pages;
    std::string token;
    do {
      const Needs page = Need(Ask(Cat(only, "page_size: ", size, " page_token: '", token, "'")));
      EXPECT_LE(page.competencies_size(), size);
      pages.mutable_competencies()->MergeFrom(page.competencies());
      token = page.next_page_token();
    } while (!token.empty());
    EXPECT_EQ(pages.SerializeAsString(), whole.SerializeAsString()) << size;
  }
  const std::string token = Need(Ask(only + "page_size: 2")).next_page_token();
  EXPECT_REASON(Ask(Cat("page_token: '", token, "'")),
                "INVALID_PAGE_TOKEN");  // another request
  Approved(By("a", 1, "competencies: 'regions/86/competencies/c9'"));
  const auto changed = Ask(Cat(only, "page_token: '", token, "'"));
  EXPECT_REASON(changed, "CONCURRENT_UPDATE");
  EXPECT_EQ(changed.status().code(), absl::StatusCode::kAborted);
}

TEST_F(CoverageTest, LinesNobodyAnswersAreToldUntilSomebodyDoes) {
  const std::string order =
      Approved(By("a", 4, "topic_codes: 'assessment'") + By("b", 2, "topic_codes: 'management'") +
               By("c", 1, "topic_codes: 'education-quality-management'") + Line("d", 1));
  Unmet unmet = Need(AskUnmet());
  ASSERT_EQ(unmet.lines_size(), 2);
  EXPECT_EQ(unmet.lines(0).training_order(), order);
  EXPECT_EQ(unmet.lines(0).line().id(), "a");
  EXPECT_EQ(unmet.lines(0).open_places(), 4);
  EXPECT_EQ(unmet.lines(1).line().id(), "b");
  EXPECT_EQ(Need(AskUnmet(Cat("scope {start_date ", Day(1, 1, 2027), "}"))).lines_size(), 0);
  EXPECT_EQ(Need(AskUnmet("scope {min_duration_hours: 100}")).lines_size(), 4);
}

TEST_F(CoverageTest, ALineIsAnsweredForItsListenersAlone) {
  const auto line = [](const std::string& id, const std::string& category) {
    return Cat("lines {id: '", id, "' places: 4 ground: ORDER_GROUND_DEFICIT competencies: ",
               "'regions/86/competencies/methodical-lesson' listener_category: ",
               "LISTENER_CATEGORY_", category, "} ");
  };
  const std::string order = Approved(line("a", "MANAGER") + line("b", "MENTOR"));
  const auto enrol_manager = [&] {
    return Send<v1::Enrolment>(
        "CreateEnrolment",
        Cat("parent: 'regions/86' enrolment ",
            absl::StrReplaceAll(Application(programme_, 1, 7,
                                            Cat("training_order: '", order, "' order_line: 'a' ")),
                                {{"CATEGORY_PEDAGOGUE", "CATEGORY_MANAGER"}})));
  };
  const Unmet unmet = Need(AskUnmet());
  ASSERT_EQ(unmet.lines_size(), 1);
  EXPECT_EQ(unmet.lines(0).line().id(), "a");
  const auto refused = enrol_manager();
  EXPECT_REASON(refused, "ORDER_LINE_MISMATCH");
  EXPECT_THAT(OrdersFixture::Told(refused.status()), HasSubstr("enrolment.programme"));
  Need(Enrol(order, "b", 2));
  EXPECT_EQ(Sql(Cat("UPDATE programme SET for_managers = true WHERE id = '", IdOf(programme_),
                    "' RETURNING 1")),
            "1");
  EXPECT_EQ(Need(AskUnmet()).lines_size(), 0);
  Need(enrol_manager());
}

TEST_F(CoverageTest, AGroupForgottenOpenIsNoOffer) {
  Approved(By("a", 4, "competencies: 'regions/86/competencies/methodical-lesson'"));
  OpenGroup(9);
  const auto groups = [&] {
    return Need(Send<v1::SelectProgrammesResponse>(
                    "SelectProgrammes",
                    Cat("parent: 'regions/86' selection {competencies: ",
                        "'regions/86/competencies/methodical-lesson' start_date ", Day(3, 1), "}")))
        .selected()
        .programmes(0)
        .open_groups_size();
  };
  day_ = absl::CivilDay(2026, 3, 31);
  EXPECT_EQ(Told(Need(Ask("orders_only: true"))), "methodical-lesson:ENOUGH:4");
  EXPECT_EQ(groups(), 1);
  day_ = absl::CivilDay(2026, 4, 1);
  EXPECT_EQ(Told(Need(Ask("orders_only: true"))), "methodical-lesson:NO_OPEN_GROUP:4");
  EXPECT_EQ(groups(), 0);
}

TEST_F(CoverageTest, AVersionNamesTheGroundItIsWrittenFor) {
  const std::string order = Approved(By("a", 4, "competencies: 'regions/86/competencies/other'"));
  const auto write = [&](const std::string& grounds) -> absl::StatusOr<v1::ProgrammeVersion> {
    v1::CreateProgrammeVersionRequest request;
    const std::string text =
        Cat("parent: 'regions/86' programme_version {title: 'Новая' kind: "
            "PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT provider: '",
            Body(9), "' provider_title: 'Институт' authors: '", Person(5),
            "' duration_hours: 16 form: STUDY_FORM_FULL_TIME listener_categories: "
            "LISTENER_CATEGORY_PEDAGOGUE ",
            grounds, "}");
    if (!google::protobuf::TextFormat::ParseFromString(text, &request)) {
      return absl::InvalidArgumentError("not a request: " + text);
    }
    v1::ProgrammeVersion version;
    auto status = Call(*admin_, "Catalogue/CreateProgrammeVersion", request, &version);
    if (!status.ok()) return status;
    return version;
  };
  const std::string by_line = Cat("grounds {training_order: '", order, "' order_line: 'a'} ");
  const std::string by_competency = "grounds {competency: 'regions/86/competencies/other'} ";
  EXPECT_REASON(write(Cat("grounds {training_order: '", order, "' order_line: 'x'}")),
                "GROUND_UNKNOWN");
  EXPECT_REASON(write("grounds {}"), "GROUND_UNKNOWN");
  EXPECT_REASON(write(Cat("grounds {competency: "
                          "'regions/86/competencies/other' training_order: '",
                          order, "' order_line: 'a'}")),
                "GROUND_UNKNOWN");
  EXPECT_REASON(write("grounds {competency: 'regions/61/competencies/other'}"), "INVALID_NAME");
  EXPECT_REASON(write(by_line + by_competency + by_line), "GROUND_UNKNOWN");
  const std::string draft =
      Need(Create(By("a", 4, "competencies: 'regions/86/competencies/other'"))).name();
  EXPECT_REASON(write(Cat("grounds {training_order: '", draft, "' order_line: 'a'}")),
                "GROUND_UNKNOWN");
  auto version = Need(write(by_line + by_competency));
  EXPECT_EQ(version.grounds_size(), 2);
  const Needs needs = Need(Ask("orders_only: true"));
  ASSERT_EQ(needs.competencies(0).versions_in_work_size(), 1);
  EXPECT_EQ(needs.competencies(0).versions_in_work(0), version.name());
  EXPECT_EQ(Need(AskUnmet()).lines(0).versions_in_work(0), version.name());
  // The order goes; who adds another ground is not asked about the first again.
  Need(Do("WithdrawTrainingOrder", order, "state_reason: 'не требуется'"));
  v1::UpdateProgrammeVersionRequest update;
  *update.mutable_programme_version() = version;
  update.mutable_programme_version()->add_grounds()->set_competency(
      "regions/86/competencies/third");
  update.mutable_update_mask()->add_paths("grounds");
  const auto added = Call(*admin_, "Catalogue/UpdateProgrammeVersion", update, &version);
  EXPECT_TRUE(added.ok()) << added;
  EXPECT_EQ(version.grounds_size(), 3);
  EXPECT_REASON(write(by_line), "GROUND_UNKNOWN");
}

TEST_F(CoverageTest, SelectionNamesGroupsThereAndThen) {
  const std::string group = OpenGroup(2),
                    wanted = "competencies: 'regions/86/competencies/methodical-lesson' ";
  const auto select = [&](const std::string& more) {
    return Send<v1::SelectProgrammesResponse>(
        "SelectProgrammes", Cat("parent: 'regions/86' selection {", wanted, more, "}"));
  };
  const auto first = [&](const std::string& more) {
    return Need(select(more)).selected().programmes(0);
  };
  EXPECT_EQ(first("").open_groups_size(), 0);
  ASSERT_EQ(first(Cat("start_date ", Day(3, 1))).open_groups_size(), 1);
  EXPECT_EQ(first(Cat("start_date ", Day(3, 1))).open_groups(0), group);
  EXPECT_EQ(first(Cat("start_date ", Day(4, 1))).open_groups_size(), 0);
  EXPECT_EQ(Need(select("min_duration_hours: 100")).selected().uncovered_size(), 1);
  EXPECT_REASON(select("min_duration_hours: 10 max_duration_hours: 9"), "OUT_OF_RANGE");
  EXPECT_REASON(select(Cat("start_date ", Day(3, 2), " end_date ", Day(3, 1))), "OUT_OF_RANGE");
  EXPECT_REASON(select("municipality: 'regions/61/municipalities/north'"), "INVALID_NAME");
  EXPECT_REASON(select("competencies: 'regions/61/competencies/other'"), "INVALID_NAME");
  EXPECT_REASON(
      Send<v1::SelectProgrammesResponse>("SelectProgrammes", "parent: 'regions/86' selection {}"),
      "OUT_OF_RANGE");
}

}  // namespace
}  // namespace rsnms::programs
