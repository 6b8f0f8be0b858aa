// Facts and indicators as callers meet them.
#include "services/monitoring/test_service.h"

namespace rsnms::monitoring {
namespace {

using absl::StatusCode;

// The six indicators by SQL that knows neither facts nor cube: numerator, denominator.
constexpr const char* kSqlRecount[] = {
    R"(SELECT count(*) FILTER (WHERE EXISTS (
              SELECT FROM known_session s WHERE s.person_id = w.person_id AND s.held_at_centre
                 AND s.submit_date BETWEEN '2026-01-01' AND '2026-12-31')), count(*)
         FROM (SELECT DISTINCT e.person_id FROM known_employment e
                 JOIN known_person p ON p.id = e.person_id
                WHERE e.start_date <= '2026-12-31' AND COALESCE(e.end_date, 'infinity') >= '2026-12-31') w)",
    R"(SELECT count(*) FILTER (WHERE EXISTS (
              SELECT FROM known_route r WHERE r.person_id = w.person_id AND r.on_centre
                 AND r.approve_date BETWEEN '2026-01-01' AND '2026-12-31')), count(*)
         FROM (SELECT DISTINCT e.person_id FROM known_employment e
                 JOIN known_person p ON p.id = e.person_id
                WHERE e.start_date <= '2026-12-31' AND COALESCE(e.end_date, 'infinity') >= '2026-12-31') w)",
    R"(SELECT count(*) FILTER (WHERE EXISTS (
              SELECT FROM known_completion c
                JOIN known_route r ON r.id = c.route_id AND r.person_id = c.person_id AND r.on_centre
               WHERE c.person_id = w.person_id AND c.register_programme AND c.chosen_by_diagnostics
                 AND c.completion_date BETWEEN '2026-01-01' AND '2026-12-31')), count(*)
         FROM (SELECT DISTINCT e.person_id FROM known_employment e
                 JOIN known_person p ON p.id = e.person_id
                WHERE e.category = 'PEDAGOGUE' AND e.start_date <= '2026-12-31'
                  AND COALESCE(e.end_date, 'infinity') >= '2026-12-31') w)",
    R"(SELECT count(*) FILTER (WHERE 2 * trained >= members), count(*)
         FROM (SELECT t.id, count(*) AS members, count(*) FILTER (WHERE EXISTS (
                        SELECT FROM known_completion c
                         WHERE c.person_id = m.person_id AND c.quality_management
                           AND c.completion_date BETWEEN '2026-01-01' AND '2026-12-31')) AS trained
                 FROM known_team t JOIN known_team_member m ON m.team_id = t.id
                WHERE '2026-12-31' BETWEEN t.formed_date AND COALESCE(t.disbanded_date, 'infinity')
                GROUP BY t.id) x)",
    R"(SELECT count(*) FILTER (WHERE EXISTS (
              SELECT FROM known_support s WHERE s.person_id = p.id AND s.start_date <= '2026-12-31'
                 AND COALESCE(s.end_date, 'infinity') >= '2026-01-01')), count(*)
         FROM known_person p
        WHERE '2026-12-31' BETWEEN p.teaching_start_date AND p.young_until_date
          AND EXISTS (SELECT FROM known_employment e
                       WHERE e.person_id = p.id AND e.category = 'PEDAGOGUE'
                         AND e.start_date <= '2026-12-31'
                         AND COALESCE(e.end_date, 'infinity') >= '2026-12-31'))",
    R"(SELECT count(*) FILTER (WHERE g.listed AND COALESCE(g.listed_date, '-infinity') <= '2026-12-31'
                                 AND COALESCE(g.withdrawn_date, 'infinity') > '2026-12-31'), count(*)
         FROM known_programme g JOIN known_organisation o ON o.id = g.provider_id
        WHERE o.kind IN ('INSTITUTE', 'CENTRE'))"};

TEST_F(Monitoring, SixIndicatorsAgreeWithPlainSqlAndWithANaiveCount) {
  Load();
  const auto values = Compute();
  ASSERT_EQ(values.size(), 6u);
  for (int i = 0; i < 6; ++i) {
    SCOPED_TRACE(values[i].indicator_id());
    ASSERT_TRUE(Run([&](pg::Tx& tx) -> absl::Status {
                  auto rows = tx.Query(kSqlRecount[i]);
                  if (!rows.ok()) return rows.status();
                  EXPECT_EQ(values[i].numerator(), (*rows)[0][0].as<int64_t>());
                  EXPECT_EQ(values[i].denominator(), (*rows)[0][1].as<int64_t>());
                  EXPECT_GT(values[i].denominator(), 0);
                  return absl::OkStatus();
                }).ok());
    EXPECT_EQ(values[i].state(), v1::VALUE_STATE_PRESENT);
    EXPECT_EQ(values[i].value().value(),
              Percent(values[i].numerator(), values[i].denominator(), 2));
  }
  int64_t staff = 0, diagnosed = 0;
  for (const auto& [key, facts] : world_.Facts(2026, 20261231)) {
    if (key.first != v1::SUBJECT_KIND_PERSON || (facts.mask & 3) == 0) continue;
    ++staff;
    diagnosed += (facts.mask & 4) != 0;
  }
  EXPECT_EQ(values[0].denominator(), staff);
  EXPECT_EQ(values[0].numerator(), diagnosed);
}

TEST_F(Monitoring, SourcesNeverReadMakeValuesMissingNotZero) {
  InstallAndOpen();
  for (const auto& value : Compute()) {
    EXPECT_EQ(value.state(), v1::VALUE_STATE_MISSING);
    EXPECT_FALSE(value.has_value());
    EXPECT_NE(value.reason(), "");
  }
  MarkLoaded(1);
  for (const auto& value : Compute()) EXPECT_EQ(value.state(), v1::VALUE_STATE_ZERO_DENOMINATOR);
}

TEST_F(Monitoring, WhatIsNotSetUpIsSaidPrecisely) {
  v1::ComputeIndicatorsRequest request;
  request.set_parent("regions/86");
  request.set_period_year(2026);
  const auto reason = [&](const char* method, const auto& r) {
    return rpc::ReasonOf(Ask<v1::ComputeIndicatorsResponse>(*admin_, method, r).status());
  };
  EXPECT_EQ(reason("ComputeIndicators", request), "PROFILE_NOT_CHOSEN");
  v1::InstallProfileRequest install;
  install.set_parent("regions/86");
  install.set_profile_code("atlantis");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Profile>(*admin_, "InstallProfile", install).status()),
            "PROFILE_UNKNOWN");
  InstallAndOpen();
  request.set_period_year(2025);
  EXPECT_EQ(reason("ComputeIndicators", request), "PERIOD_NOT_OPEN");
  request.set_period_year(2026);
  request.set_profile("regions/86/profiles/none");
  EXPECT_EQ(reason("ComputeIndicators", request), "NOT_FOUND");
  request.set_parent("regions/eighty-six");
  EXPECT_EQ(reason("ComputeIndicators", request), "INVALID_PARENT");
  v1::OpenPeriodRequest open;
  open.set_parent("regions/86");
  open.set_period_year(2026);
  *open.mutable_cut_off_date() = ToDate(20260230);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Period>(*admin_, "OpenPeriod", open).status()), "OUT_OF_RANGE");
}

TEST_F(Monitoring, MovingTheCutOffDateCountsAnew) {
  Load();
  v1::OpenPeriodRequest open;
  open.set_parent("regions/86");
  open.set_period_year(2026);
  *open.mutable_cut_off_date() = ToDate(20260601);
  EXPECT_EQ(Must<v1::Period>("OpenPeriod", open).cut_off_date().month(), 6);
  v1::ListFactSubjectsRequest list;
  list.set_parent("regions/86");
  list.set_period_year(2026);
  list.set_subject_kind(v1::SUBJECT_KIND_PERSON);
  list.set_page_size(7);
  std::map<std::string, FactMask> listed;
  do {
    const auto page = Must<v1::ListFactSubjectsResponse>("ListFactSubjects", list);
    for (const auto& subject : page.subjects()) {
      FactMask mask = 0;
      for (const int fact : subject.facts()) mask |= BitOf(static_cast<v1::Fact>(fact));
      EXPECT_TRUE(listed.emplace(subject.subject(), mask).second) << "listed twice";
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  std::map<std::string, FactMask> expected;
  for (const auto& [key, facts] : world_.Facts(2026, 20260601)) {
    if (key.first == v1::SUBJECT_KIND_PERSON)
      expected["regions/86/persons/" + key.second] = facts.mask;
  }
  EXPECT_EQ(listed, expected);
}

TEST_F(Monitoring, PageTokensBelongToTheirRequest) {
  Load();
  v1::ListFactSubjectsRequest list;
  list.set_parent("regions/86");
  list.set_period_year(2026);
  list.set_subject_kind(v1::SUBJECT_KIND_PERSON);
  list.set_page_size(1);
  list.set_page_token(
      Must<v1::ListFactSubjectsResponse>("ListFactSubjects", list).next_page_token());
  list.set_expression("supported");
  EXPECT_EQ(
      rpc::ReasonOf(Ask<v1::ListFactSubjectsResponse>(*admin_, "ListFactSubjects", list).status()),
      "INVALID_PAGE_TOKEN");
  list.clear_page_token();
  list.set_page_size(-1);
  EXPECT_EQ(
      rpc::ReasonOf(Ask<v1::ListFactSubjectsResponse>(*admin_, "ListFactSubjects", list).status()),
      "INVALID_PAGE_SIZE");
}

TEST_F(Monitoring, ExplanationAddsUpToTheValue) {
  Load();
  for (const auto& value : Compute()) {
    v1::ExplainIndicatorRequest request;
    request.set_parent("regions/86");
    request.set_period_year(2026);
    request.set_indicator_id(value.indicator_id());
    request.set_part(v1::INDICATOR_PART_DENOMINATOR);
    request.set_page_size(1000);
    const auto whole = Must<v1::ExplainIndicatorResponse>("ExplainIndicator", request);
    EXPECT_EQ(whole.subjects_size(), value.denominator());
    EXPECT_EQ(whole.value().numerator(), value.numerator());
    int64_t inputs = 0;
    for (const auto& row : whole.inputs()) inputs += row.count();
    EXPECT_EQ(inputs, value.denominator());
    EXPECT_NE(whole.numerator_expression(), "");
    EXPECT_EQ(whole.value().watermarks_size(), 3);
    request.set_part(v1::INDICATOR_PART_NUMERATOR);
    EXPECT_EQ(Must<v1::ExplainIndicatorResponse>("ExplainIndicator", request).subjects_size(),
              value.numerator());
    request.set_part(v1::INDICATOR_PART_REMAINDER);
    EXPECT_EQ(Must<v1::ExplainIndicatorResponse>("ExplainIndicator", request).subjects_size(),
              value.denominator() - value.numerator());
  }
}

TEST_F(Monitoring, SmallCellsAreWithheldFromReadersWithoutTheRight) {
  Load();
  auto dashboard = service_->Connect({"dashboard"}, {"regions/86"});
  v1::QueryCubeRequest cube;
  cube.set_parent("regions/86");
  cube.set_period_year(2026);
  cube.set_subject_kind(v1::SUBJECT_KIND_PERSON);
  cube.add_group_by(v1::CUBE_DIMENSION_MUNICIPALITY);
  const auto full = Must<v1::QueryCubeResponse>("QueryCube", cube);
  auto seen = Ask<v1::QueryCubeResponse>(*dashboard, "QueryCube", cube);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(full.suppressed_rows(), 0);
  EXPECT_GT(seen->suppressed_rows(), 0);
  EXPECT_EQ(seen->rows_size() + seen->suppressed_rows(), full.rows_size());
  for (const auto& row : seen->rows()) EXPECT_GE(row.count(), kSmallCell);
}

TEST_F(Monitoring, RecordedValuesStayWhenFactsMove) {
  Load();
  v1::RecordIndicatorValuesRequest record;
  record.set_parent("regions/86");
  record.set_period_year(2026);
  record.set_by_municipality(true);
  record.set_request_id("6f1c2a34-0000-4000-8000-000000000001");
  const auto first = Must<v1::RecordIndicatorValuesResponse>("RecordIndicatorValues", record);
  const auto again = Must<v1::RecordIndicatorValuesResponse>("RecordIndicatorValues", record);
  EXPECT_EQ(first.recording_id(), again.recording_id());
  ASSERT_GT(first.values_size(), 6);
  std::vector<feed::v1::Change> changes;
  for (int i = 0; i < 200; ++i) changes.push_back(world_.Step());
  Apply(changes);
  v1::ListIndicatorValuesRequest list;
  list.set_parent("regions/86");
  list.set_filter(absl::StrCat("recording_id = \"", first.recording_id(), "\""));
  list.set_page_size(1000);
  const auto stored = Must<v1::ListIndicatorValuesResponse>("ListIndicatorValues", list);
  ASSERT_EQ(stored.indicator_values_size(), first.values_size());
  std::map<std::string, v1::IndicatorValue> by_name;
  for (const auto& value : stored.indicator_values()) by_name[value.name()] = value;
  for (const auto& value : first.values()) {
    const auto& kept = by_name[value.name()];
    EXPECT_EQ(kept.numerator(), value.numerator());
    EXPECT_EQ(kept.denominator(), value.denominator());
    EXPECT_EQ(kept.value().value(), value.value().value());
    EXPECT_EQ(kept.state(), value.state());
    EXPECT_EQ(kept.municipality(), value.municipality());
    EXPECT_EQ(kept.watermarks_size(), 3);
  }
}

TEST_F(Monitoring, CallersOfOtherRegionsFindNothing) {
  Load();
  auto foreign = service_->Connect({"administrator"}, {"regions/61"});
  v1::ComputeIndicatorsRequest compute;
  compute.set_parent("regions/86");
  compute.set_period_year(2026);
  EXPECT_EQ(
      Ask<v1::ComputeIndicatorsResponse>(*foreign, "ComputeIndicators", compute).status().code(),
      StatusCode::kNotFound);
  v1::ListProfilesRequest list;
  list.set_parent("regions/-");
  auto profiles = Ask<v1::ListProfilesResponse>(*foreign, "ListProfiles", list);
  ASSERT_TRUE(profiles.ok()) << profiles.status();
  EXPECT_EQ(profiles->profiles_size(), 0);
}

TEST_F(Monitoring, CallerOfAMunicipalityCountsOnlyItsOwnAndIsToldSo) {
  Load();
  auto local = service_->Connect({"administrator"}, {"regions/86/municipalities/71871000"});
  v1::ComputeIndicatorsRequest compute;
  compute.set_parent("regions/86");
  compute.set_period_year(2026);
  auto own = Ask<v1::ComputeIndicatorsResponse>(*local, "ComputeIndicators", compute);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_TRUE(own->partial());
  int64_t expected = 0;
  for (const auto& [key, facts] : world_.Facts(2026, 20261231)) {
    expected += key.first == v1::SUBJECT_KIND_PERSON && (facts.mask & 3) != 0 &&
                facts.municipality_id == "71871000";
  }
  EXPECT_EQ(own->values(0).denominator(), expected);
  v1::RecordIndicatorValuesRequest record;
  record.set_parent("regions/86");
  record.set_period_year(2026);
  EXPECT_EQ(Ask<v1::RecordIndicatorValuesResponse>(*local, "RecordIndicatorValues", record)
                .status()
                .code(),
            StatusCode::kPermissionDenied);
}

// A registry that keeps persons and nothing else is enough of a source.
TEST_F(Monitoring, RealFeedReachesTheIndicators) {
  auto registry = testing::Service::Start(
      {.name = "registry",
       .contracts = {Contract("rsnms.registry.v1.Registry"), Contract("rsnms.registry.v1.People")},
       .upstreams = {}},
      [](service::Host& host) {
        for (const char* name : {"rsnms.registry.v1.Registry", "rsnms.registry.v1.People"}) {
          const auto* contract = Contract(name);
          for (int i = 0; i < contract->method_count(); ++i) {
            const auto* method = contract->method(i);
            const auto& declared = method->options().GetExtension(options::v1::method);
            if (declared.standard() != options::v1::STANDARD_UNSPECIFIED) continue;
            host.server().Handle(method, [](rpc::Call&, const google::protobuf::Message&,
                                            google::protobuf::Message*) {
              return absl::UnimplementedError("not in this test");
            });
          }
        }
      });
  InstallAndOpen();
  rpc::ClientOptions options;
  options.target = registry->target();
  options.token = [] { return testing::TestToken({"service"}, {"*"}, "monitoring"); };
  std::shared_ptr<rpc::Client> client = rpc::Client::Create(options);
  auto& engine = registry->host().engine();
  pg::TxOptions everything;
  everything.scopes = "*";
  const auto write = [&](int number, int year) {
    return registry->database().app().Run(everything, [&](pg::Tx& tx) -> absl::Status {
      journal::Author author;
      author.subject = "tester";
      registry::v1::Organisation body;
      body.set_name(world_.Name("organisations", number));
      body.set_official_name("Школа");
      body.set_kind(registry::v1::ORGANISATION_KIND_SCHOOL);
      registry::v1::Person person;
      person.set_name(world_.Name("persons", number));
      person.set_family_name("Айпина");
      person.set_given_name("Анна");
      registry::v1::Employment post;
      post.set_name(world_.Name("employments", number));
      post.set_person(person.name());
      post.set_organisation(body.name());
      post.set_category(registry::v1::STAFF_CATEGORY_PEDAGOGUE);
      post.set_post_code("teacher");
      post.set_main(true);
      *post.mutable_start_date() = ToDate(year * 10000 + 901);
      for (absl::Status s :
           {resource::Table<registry::v1::Organisation>(engine).Insert(tx, author, body),
            resource::Table<registry::v1::Person>(engine).Insert(tx, author, person),
            resource::Table<registry::v1::Employment>(engine).Insert(tx, author, post)}) {
        if (!s.ok()) return s;
      }
      return absl::OkStatus();
    });
  };
  ASSERT_TRUE(registry->database()
                  .app()
                  .Run(everything,
                       [&](pg::Tx& tx) {
                         journal::Author author;
                         author.subject = "tester";
                         registry::v1::Region region;
                         region.set_name("regions/86");
                         region.set_official_name("Югра");
                         return resource::Table<registry::v1::Region>(engine).Insert(tx, author,
                                                                                     region);
                       })
                  .ok());
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(write(i, 2020).ok()) << write(i, 2020);
  // Diagnostics and programs are followed at the same source: it has nothing of theirs.
  followers_->Start(&service_->database().app(),
                    {{"registry", client}, {"diagnostics", client}, {"programs", client}});
  for (int i = 4; i <= 9; ++i) ASSERT_TRUE(write(i, i == 9 ? 2030 : 2020).ok());
  v1::AwaitCatchUpRequest await;
  await.add_sources("registry");
  await.set_timeout_millis(20000);
  const auto marks = Must<v1::FeedWatermarks>("AwaitCatchUp", await);
  ASSERT_EQ(marks.watermarks_size(), 3);
  EXPECT_EQ(marks.watermarks(0).position(), 28);  // the region, and three for each of nine
  EXPECT_NE(marks.watermarks(0).epoch(), "");
  v1::ComputeIndicatorsRequest compute;
  compute.set_parent("regions/86");
  compute.set_period_year(2026);
  const auto values = Must<v1::ComputeIndicatorsResponse>("ComputeIndicators", compute);
  v1::QueryCubeRequest cube;
  cube.set_parent("regions/86");
  cube.set_period_year(2026);
  cube.set_subject_kind(v1::SUBJECT_KIND_PERSON);
  int64_t staff = 0;
  const auto rows = Must<v1::QueryCubeResponse>("QueryCube", cube);
  for (const auto& row : rows.rows()) staff += row.count();
  EXPECT_EQ(staff, 8);  // the ninth begins in 2030
}

}  // namespace
}  // namespace rsnms::monitoring
