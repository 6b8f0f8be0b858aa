// The monitoring service as its callers meet it: over gRPC, with tokens, on a real database. Feeds
// are simulated by the consumers' own Apply, once by a real feed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "libs/testing/service.h"
#include "rsnms/federal/v1/passport_exchange.pb.h"
#include "rsnms/monitoring/v1/monitoring_service.pb.h"
#include "rsnms/options/v1/options.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "services/monitoring/followers.h"
#include "services/monitoring/monitoring_service.h"
#include "services/monitoring/page_mark.h"
#include "services/monitoring/passport_bytes.h"
#include "services/monitoring/passport_service.h"
#include "services/monitoring/projection.h"
#include "services/monitoring/test_world.h"

namespace rsnms::monitoring {
namespace {

using absl::StatusCode;

const google::protobuf::ServiceDescriptor* Contract(const char* name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}

std::string MakeKey() {
  const std::string path = ::testing::TempDir() + "passport.pem";
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  return path;
}

// Stands in for the federal operator: answers what it is told to, and remembers what it got.
class Operator : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    if (method.ends_with("GetPassportReceipt")) {
      *static_cast<federal::v1::PassportReceipt*>(response) = receipt;
      return absl::OkStatus();
    }
    submissions.push_back(static_cast<const federal::v1::SubmitPassportRequest&>(request));
    if (!failure.ok()) return failure;
    const auto& envelope = submissions.back().envelope();
    receipt.set_name("regions/86/passportReceipts/1");
    receipt.set_receipt_number("Р-1");
    receipt.set_passport(envelope.passport());
    receipt.set_sha256(lie ? std::string(64, '0') : Sha256Hex(envelope.payload()));
    *static_cast<federal::v1::PassportReceipt*>(response) = receipt;
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

  std::vector<federal::v1::SubmitPassportRequest> submissions;
  federal::v1::PassportReceipt receipt;
  absl::Status failure;
  bool lie = false;
};

class Monitoring : public ::testing::Test {
 protected:
  void SetUp() override {
    auto catalogue = LoadProfiles("services/monitoring/profiles");
    ASSERT_TRUE(catalogue.ok()) << catalogue.status();
    auto signer = Signer::FromFile(MakeKey());
    ASSERT_TRUE(signer.ok()) << signer.status();
    service_ = testing::Service::Start(
        {.name = "monitoring",
         .contracts = {Contract("rsnms.monitoring.v1.Monitoring")},
         .upstreams = {}},
        [&](service::Host& host) {
          AddRules(host.engine());
          methods_ = std::make_unique<MonitoringService>(
              host.engine(),
              MonitoringService::Options{
                  .catalogue = *catalogue, .page_key = PageKey(""), .followers = followers_.get()});
          PassportService::Options passports;
          passports.signer = *std::move(signer);
          passports.federal = operator_;
          passports_ = std::make_unique<PassportService>(host.engine(), passports);
          methods_->Serve(host.server());
          passports_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
  }
  void TearDown() override {
    followers_.reset();  // before the pool they work on
    service_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(rpc::Client& client, const char* method, const Request& request) {
    Response response;
    auto status = client.Unary(absl::StrCat("rsnms.monitoring.v1.Monitoring/", method), request,
                               &response, absl::Now() + absl::Seconds(30));
    if (!status.ok()) return status;
    return response;
  }
  template <class Response, class Request>
  Response Must(const char* method, const Request& request) {
    auto response = Ask<Response>(*admin_, method, request);
    EXPECT_TRUE(response.ok()) << method << ": " << response.status();
    return response.ok() ? *response : Response();
  }

  absl::Status Run(const std::function<absl::Status(pg::Tx&)>& body) {
    pg::TxOptions everything;
    everything.scopes = "*";
    return service_->database().app().Run(everything, body);
  }
  void Apply(const std::vector<feed::v1::Change>& changes) {
    const auto status = Run([&](pg::Tx& tx) { return ApplyChanges(tx, changes); });
    ASSERT_TRUE(status.ok()) << status;
  }
  // As after a first snapshot of every feed, at this position.
  void MarkLoaded(int position) {
    ASSERT_TRUE(Run([&](pg::Tx& tx) {
                  return tx
                      .Execute(
                          "INSERT INTO feed_cursor (source, name, epoch, position) "
                          "SELECT s, 'facts', 'epoch', $1 "
                          "FROM unnest('{registry,diagnostics,programs}'::text[]) s "
                          "ON CONFLICT (source, name) DO UPDATE SET position = $1",
                          position)
                      .status();
                }).ok());
  }
  void InstallAndOpen() {
    v1::InstallProfileRequest install;
    install.set_parent("regions/86");
    install.set_profile_code("yugra");
    ASSERT_EQ(Must<v1::Profile>("InstallProfile", install).indicators_size(), 6);
    v1::OpenPeriodRequest open;
    open.set_parent("regions/86");
    open.set_period_year(2026);
    ASSERT_EQ(Must<v1::Period>("OpenPeriod", open).cut_off_date().day(), 31);
  }
  // Region 86 with a random history, loaded.
  void Load(int steps = 3000) {
    InstallAndOpen();
    std::vector<feed::v1::Change> changes;
    for (int i = 0; i < steps; ++i) changes.push_back(world_.Step());
    Apply(changes);
    MarkLoaded(steps);
  }
  std::vector<v1::IndicatorValue> Compute(bool by_municipality = false) {
    v1::ComputeIndicatorsRequest request;
    request.set_parent("regions/86");
    request.set_period_year(2026);
    request.set_by_municipality(by_municipality);
    const auto response = Must<v1::ComputeIndicatorsResponse>("ComputeIndicators", request);
    return {response.values().begin(), response.values().end()};
  }
  v1::Passport Assemble() {
    v1::AssemblePassportRequest request;
    request.set_parent("regions/86");
    request.set_period_year(2026);
    return Must<v1::Passport>("AssemblePassport", request);
  }
  template <class Request>
  absl::StatusOr<v1::Passport> Move(const char* method, const v1::Passport& passport) {
    Request request;
    request.set_name(passport.name());
    return Ask<v1::Passport>(*admin_, method, request);
  }
  v1::Passport Approved() {
    const auto passport = Assemble();
    EXPECT_TRUE(Move<v1::RequestPassportApprovalRequest>("RequestPassportApproval", passport).ok());
    auto approved = Move<v1::ApprovePassportRequest>("ApprovePassport", passport);
    EXPECT_TRUE(approved.ok()) << approved.status();
    return approved.ok() ? *approved : v1::Passport();
  }

  World world_{"86", 2026, 5};
  std::shared_ptr<Operator> operator_ = std::make_shared<Operator>();
  std::unique_ptr<Followers> followers_ = std::make_unique<Followers>();
  std::unique_ptr<MonitoringService> methods_;
  std::unique_ptr<PassportService> passports_;
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
};

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

TEST_F(Monitoring, PassportGoesFromDraftToTheOperatorsReceipt) {
  Load();
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
  auto passport = Assemble();
  ASSERT_EQ(passport.blocks_size(), 7);
  v1::UpdatePassportRequest update;
  update.mutable_passport()->set_name(passport.name());
  auto& entry = *update.mutable_passport()->add_manual_entries();
  entry.set_field_id("funding.regional");
  entry.set_value("1250.50");
  update.mutable_update_mask()->add_paths("manual_entries");
  passport = Must<v1::Passport>("UpdatePassport", update);
  EXPECT_EQ(passport.blocks(3).fields(1).value(), "1250.50");
  EXPECT_TRUE(Move<v1::RequestPassportApprovalRequest>("RequestPassportApproval", passport).ok());
  auto approved = Move<v1::ApprovePassportRequest>("ApprovePassport", passport);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->sha256().size(), 64u);
  update.mutable_passport()->mutable_manual_entries(0)->set_value("9");
  auto refused = Ask<v1::Passport>(*admin_, "UpdatePassport", update);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "PASSPORT_TRANSITION");

  auto sent = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->state(), v1::Passport::STATE_ACCEPTED);
  EXPECT_EQ(sent->receipt().receipt_number(), "Р-1");
  ASSERT_EQ(operator_->submissions.size(), 1u);
  const auto& envelope = operator_->submissions[0].envelope();
  EXPECT_EQ(envelope.sha256(), Sha256Hex(envelope.payload()));
  EXPECT_EQ(envelope.sha256(), approved->sha256());
  EXPECT_EQ(envelope.blocks_size(), 7);
  const auto& signature = envelope.signatures(0);
  EXPECT_EQ(signature.algorithm(), federal::v1::SIGNATURE_ALGORITHM_ED25519);
  EXPECT_TRUE(VerifySignature(signature.public_key(), envelope.payload(), signature.value()));

  auto again = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->etag(), sent->etag());
  EXPECT_EQ(operator_->submissions.size(), 1u);  // nothing was sent twice
}

TEST_F(Monitoring, LostAnswerLeavesThePassportApprovedAndTheRepetitionIsTheSameSubmission) {
  Load();
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
  const auto passport = Approved();
  operator_->failure = absl::UnavailableError("away");
  EXPECT_FALSE(Move<v1::SubmitPassportRequest>("SubmitPassport", passport).ok());
  v1::GetPassportRequest get;
  get.set_name(passport.name());
  EXPECT_EQ(Must<v1::Passport>("GetPassport", get).state(), v1::Passport::STATE_APPROVED);
  operator_->failure = absl::OkStatus();
  EXPECT_TRUE(Move<v1::SubmitPassportRequest>("SubmitPassport", passport).ok());
  ASSERT_EQ(operator_->submissions.size(), 2u);
  EXPECT_EQ(operator_->submissions[0].request_id(), operator_->submissions[1].request_id());
  EXPECT_EQ(operator_->submissions[0].SerializeAsString(),
            operator_->submissions[1].SerializeAsString());
}

TEST_F(Monitoring, ReceiptOfOtherBytesIsRefused) {
  Load();
  operator_->lie = true;
  const auto passport = Approved();
  auto sent = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  EXPECT_EQ(rpc::ReasonOf(sent.status()), "RECEIPT_MISMATCH");
}

TEST_F(Monitoring, ReturnedPassportIsRevisedAndSentAgain) {
  Load();
  operator_->receipt.set_state(federal::v1::RECEIPT_STATE_RETURNED);
  auto& item = *operator_->receipt.add_items();
  item.set_block_number(4);
  item.set_item_code("funding.regional");
  item.set_state(federal::v1::RECEIPT_STATE_RETURNED);
  item.set_remark_ru("Заполните сумму.");
  const auto passport = Approved();
  auto returned = Move<v1::SubmitPassportRequest>("SubmitPassport", passport);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state(), v1::Passport::STATE_RETURNED);
  EXPECT_EQ(returned->blocks(3).fields(1).remark(), "Заполните сумму.");
  auto revised = Move<v1::RevisePassportRequest>("RevisePassport", passport);
  ASSERT_TRUE(revised.ok()) << revised.status();
  EXPECT_EQ(revised->revision(), 2);
  EXPECT_EQ(revised->sha256(), "");
  v1::ExportPassportRequest first;  // the revision that was returned stays for good
  first.set_name(passport.name());
  first.set_revision(1);
  EXPECT_EQ(Must<v1::ExportPassportResponse>("ExportPassport", first).sha256(), passport.sha256());
}

TEST_F(Monitoring, SameDataAtTheSameWatermarkGivesTheSameBytes) {
  Load();
  const auto one = Assemble();
  v1::ExportPassportRequest request;
  request.set_name(one.name());
  const auto bytes = Must<v1::ExportPassportResponse>("ExportPassport", request);
  v1::DeletePassportRequest drop;
  drop.set_name(one.name());
  Must<v1::Passport>("DeletePassport", drop);
  // Facts and cube made anew, rows in another order: another node would have no other.
  v1::OpenPeriodRequest open;
  open.set_parent("regions/86");
  open.set_period_year(2026);
  *open.mutable_cut_off_date() = ToDate(20260101);
  Must<v1::Period>("OpenPeriod", open);
  *open.mutable_cut_off_date() = ToDate(20261231);
  Must<v1::Period>("OpenPeriod", open);
  const auto two = Assemble();
  request.set_name(two.name());
  const auto same = Must<v1::ExportPassportResponse>("ExportPassport", request);
  EXPECT_NE(one.name(), two.name());
  EXPECT_EQ(same.canonical(), bytes.canonical());
  EXPECT_EQ(same.sha256(), bytes.sha256());
}

TEST_F(Monitoring, DriftSinceApprovalIsFlagged) {
  Load();
  const auto passport = Approved();
  v1::DiffPassportsRequest diff;
  diff.set_name(passport.name());
  EXPECT_FALSE(Must<v1::DiffPassportsResponse>("DiffPassports", diff).drifted());
  registry::v1::Person person;
  person.set_name(world_.Name("persons", 500));
  registry::v1::Employment post;
  post.set_name(world_.Name("employments", 500));
  post.set_person(person.name());
  post.set_organisation(world_.Name("organisations", 1));
  post.set_category(registry::v1::STAFF_CATEGORY_MANAGER);
  *post.mutable_start_date() = ToDate(20260101);
  Apply({world_.Put(person), world_.Put(post)});
  const auto drift = Must<v1::DiffPassportsResponse>("DiffPassports", diff);
  EXPECT_TRUE(drift.drifted());
  ASSERT_GT(drift.differences_size(), 0);
  EXPECT_EQ(drift.differences(0).field_id(), "staff.total");
}

TEST_F(Monitoring, OnePassportOfAPeriodIsInWork) {
  Load();
  const auto passport = Assemble();
  v1::AssemblePassportRequest request;
  request.set_parent("regions/86");
  request.set_period_year(2026);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Passport>(*admin_, "AssemblePassport", request).status()),
            "PASSPORT_IN_WORK");
  EXPECT_EQ(rpc::ReasonOf(Move<v1::ApprovePassportRequest>("ApprovePassport", passport).status()),
            "PASSPORT_TRANSITION");
}

// A registry that keeps persons and nothing else is enough of a source.
TEST_F(Monitoring, RealFeedReachesTheIndicators) {
  auto registry = testing::Service::Start(
      {.name = "registry", .contracts = {Contract("rsnms.registry.v1.Registry")}, .upstreams = {}},
      [](service::Host& host) {
        const auto* contract = Contract("rsnms.registry.v1.Registry");
        for (int i = 0; i < contract->method_count(); ++i) {
          const auto* method = contract->method(i);
          const auto& declared = method->options().GetExtension(options::v1::method);
          if (declared.standard() != options::v1::STANDARD_UNSPECIFIED) continue;
          host.server().Handle(
              method, [](rpc::Call&, const google::protobuf::Message&, google::protobuf::Message*) {
                return absl::UnimplementedError("not in this test");
              });
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
  registry->host().sealer().Wake();
  v1::AwaitCatchUpRequest await;
  await.add_sources("registry");
  await.set_timeout_millis(20000);
  ASSERT_TRUE(registry->host().sealer().Flush(absl::Seconds(10)).ok());
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
