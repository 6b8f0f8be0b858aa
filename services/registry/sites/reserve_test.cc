// The reserve of leaders over gRPC (Orenburg 5 dir.1#4-6, Annex2#r10; Dagestan L191, L3520).
#include "services/registry/sites/sites_fixture.h"

namespace rsnms::registry::sites {
namespace {

using absl::StatusCode;
using v1::ReserveCandidate;
using v1::ReserveInstrument;

class ReserveTest : public SitesTest {
 protected:
  v1::CreateReserveCandidateRequest Candidacy(const std::string& person) {
    v1::CreateReserveCandidateRequest request;
    request.set_parent("regions/" + region_);
    auto& candidate = *request.mutable_reserve_candidate();
    candidate.set_person(person);
    candidate.set_organisation(school_);
    candidate.set_position(ReserveCandidate::POSITION_HEAD);
    *candidate.mutable_applied_date() = D(2024, 2, 1);
    return request;
  }
  // Goes on in another region, with a body, a decision and people of its own.
  void MoveTo(const std::string& region) {
    region_ = region;
    const std::string parent = "regions/" + region;
    v1::CreateRegionRequest create;
    create.set_parent(parent);
    create.set_region_id(region);
    create.mutable_region()->set_official_name("Область");
    ASSERT_TRUE(Call<v1::Region>("CreateRegion", create).ok());
    v1::CreateOrganisationRequest body;
    body.set_parent(parent);
    body.mutable_organisation()->set_official_name("Министерство образования");
    body.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_AUTHORITY);
    const auto authority = Call<v1::Organisation>("CreateOrganisation", body);
    ASSERT_TRUE(authority.ok()) << authority.status();
    school_ = authority->name();
    v1::CreateDocumentRequest order;
    order.set_parent(parent);
    order.mutable_document()->set_kind(v1::Document::KIND_ORDER);
    order.mutable_document()->set_level(v1::Document::LEVEL_REGION);
    order.mutable_document()->set_title("О включении в резерв");
    order.mutable_document()->set_organisation(school_);
    v1::Document made;
    ASSERT_TRUE(admin_
                    ->Unary("rsnms.registry.v1.Documents/CreateDocument", order, &made,
                            absl::Now() + absl::Seconds(20))
                    .ok());
    order_ = made.name();
    v1::ApproveDocumentRequest approve;
    approve.set_name(order_);
    approve.set_number("17");
    *approve.mutable_approved_date() = D(2024, 1, 10);
    ASSERT_TRUE(admin_
                    ->Unary("rsnms.registry.v1.Documents/ApproveDocument", approve, &made,
                            absl::Now() + absl::Seconds(20))
                    .ok());
  }
  std::string Somebody() {
    v1::CreatePersonRequest request;
    request.set_parent("regions/" + region_);
    request.mutable_person()->set_family_name("Айпина");
    request.mutable_person()->set_given_name("Анна");
    const auto made = Call<v1::Person>("CreatePerson", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  }
  std::string Make() {
    const auto made = Ask<ReserveCandidate>("CreateReserveCandidate", Candidacy(Somebody()));
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  }
  absl::StatusOr<ReserveCandidate> Record(const std::string& name, ReserveInstrument::Kind kind,
                                          bool passed) {
    v1::RecordReserveInstrumentRequest request;
    request.set_name(name);
    request.mutable_instrument()->set_kind(kind);
    request.mutable_instrument()->set_passed(passed);
    request.mutable_instrument()->set_score_percent(passed ? 80 : 30);
    *request.mutable_instrument()->mutable_date() = D(2024, 2, 10);
    return Ask<ReserveCandidate>("RecordReserveInstrument", request);
  }
  template <class Request>
  absl::StatusOr<ReserveCandidate> Step(
      const char* rpc, const std::string& name,
      std::function<void(Request&)> fill = [](Request&) {}) {
    Request request;
    request.set_name(name);
    fill(request);
    return Ask<ReserveCandidate>(rpc, request);
  }
  absl::StatusOr<ReserveCandidate> Include(const std::string& name) {
    return Step<v1::IncludeReserveCandidateRequest>(
        "IncludeReserveCandidate", name, [&](auto& request) {
          request.set_decision_document(order_);
          *request.mutable_included_date() = D(2024, 3, 1);
        });
  }
  absl::StatusOr<ReserveCandidate> Train(const std::string& name) {
    return Step<v1::TrainReserveCandidateRequest>("TrainReserveCandidate", name, [](auto& request) {
      request.set_training_programme("Программа кадрового резерва");
      *request.mutable_training_start_date() = D(2024, 4, 1);
    });
  }
  absl::StatusOr<ReserveCandidate> Appoint(const std::string& name) {
    return Step<v1::AppointReserveCandidateRequest>(
        "AppointReserveCandidate", name, [&](auto& request) {
          request.set_appointed_organisation(school_);
          *request.mutable_appointed_date() = D(2024, 9, 1);
        });
  }

  std::string region_ = "86";
};

// Dagestan L191, L3520: include, train, appoint.
TEST_F(ReserveTest, StagesOfOrenburgAreNotImposedOnDagestan) {
  MoveTo("05");
  const std::string name = Make();
  const auto included = Include(name);
  ASSERT_TRUE(included.ok()) << included.status();
  EXPECT_EQ(rpc::ReasonOf(Appoint(name).status()), "INVALID_STATE") << "not trained";
  ASSERT_TRUE(Train(name).ok());
  const auto appointed = Appoint(name);
  EXPECT_TRUE(appointed.ok()) << appointed.status();
  const std::string weak = Make();
  ASSERT_TRUE(Record(weak, ReserveInstrument::KIND_TEST, false).ok());
  EXPECT_EQ(rpc::ReasonOf(Include(weak).status()), "INSTRUMENTS_MISSING") << "a test is failed";
}

// Orenburg 5 dir.1#4-6.
TEST_F(ReserveTest, OrenburgPassesOverNoStage) {
  MoveTo("56");
  const std::string name = Make();
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_DIAGNOSTICS, true).ok());
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_INTERVIEW, true).ok());
  EXPECT_EQ(rpc::ReasonOf(Include(name).status()), "INVALID_STATE") << "no interview";
  ASSERT_TRUE(Step<v1::DiagnoseReserveCandidateRequest>("DiagnoseReserveCandidate", name).ok());
  ASSERT_TRUE(Step<v1::InterviewReserveCandidateRequest>("InterviewReserveCandidate", name).ok());
  ASSERT_TRUE(Include(name).ok());
  ASSERT_TRUE(Train(name).ok());
  EXPECT_EQ(rpc::ReasonOf(Appoint(name).status()), "INVALID_STATE") << "not recommended";
}

TEST_F(ReserveTest, EachStageWaitsForItsInstrument) {
  MoveTo("56");
  const std::string name = Make();
  const auto diagnose = [&] {
    return Step<v1::DiagnoseReserveCandidateRequest>("DiagnoseReserveCandidate", name);
  };
  const auto interview = [&] {
    return Step<v1::InterviewReserveCandidateRequest>("InterviewReserveCandidate", name);
  };
  EXPECT_EQ(rpc::ReasonOf(diagnose().status()), "INSTRUMENTS_MISSING");
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_DIAGNOSTICS, false).ok());
  EXPECT_EQ(rpc::ReasonOf(diagnose().status()), "INSTRUMENTS_MISSING") << "not passed";
  const auto again = Record(name, ReserveInstrument::KIND_DIAGNOSTICS, true);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->instruments_size(), 1) << "the later result replaces the earlier one";
  ASSERT_TRUE(diagnose().ok());
  EXPECT_EQ(rpc::ReasonOf(interview().status()), "INSTRUMENTS_MISSING");
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_INTERVIEW, true).ok());
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_CASE, false).ok());
  ASSERT_TRUE(interview().ok());
  EXPECT_EQ(rpc::ReasonOf(Include(name).status()), "INSTRUMENTS_MISSING") << "a case is failed";
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_CASE, true).ok());
  ASSERT_TRUE(Include(name).ok());
  EXPECT_EQ(rpc::ReasonOf(Record(name, ReserveInstrument::KIND_TEST, true).status()),
            "INVALID_STATE");
}

// Dagestan L3520: training before the appointment.
TEST_F(ReserveTest, NobodyIsAppointedUntrained) {
  const std::string name = Make();
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_DIAGNOSTICS, true).ok());
  ASSERT_TRUE(Record(name, ReserveInstrument::KIND_INTERVIEW, true).ok());
  ASSERT_TRUE(Step<v1::DiagnoseReserveCandidateRequest>("DiagnoseReserveCandidate", name).ok());
  ASSERT_TRUE(Step<v1::InterviewReserveCandidateRequest>("InterviewReserveCandidate", name).ok());
  ASSERT_TRUE(Include(name).ok());
  EXPECT_EQ(rpc::ReasonOf(Appoint(name).status()), "INVALID_STATE");
  ASSERT_TRUE(Train(name).ok());
  ASSERT_TRUE(Step<v1::RecommendReserveCandidateRequest>(
                  "RecommendReserveCandidate", name,
                  [](auto& request) { *request.mutable_recommended_date() = D(2024, 8, 1); })
                  .ok());
  const auto appointed = Appoint(name);
  ASSERT_TRUE(appointed.ok()) << appointed.status();
  EXPECT_EQ(appointed->appointed_organisation(), school_);
}

TEST_F(ReserveTest, OneLivingCandidacyPerPersonAndPost) {
  const std::string person = MakePerson()->name();
  const auto first = Ask<ReserveCandidate>("CreateReserveCandidate", Candidacy(person));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Ask<ReserveCandidate>("CreateReserveCandidate", Candidacy(person)).status().code(),
            StatusCode::kAlreadyExists);
  auto deputy = Candidacy(person);
  deputy.mutable_reserve_candidate()->set_position(ReserveCandidate::POSITION_DEPUTY_HEAD);
  EXPECT_TRUE(Ask<ReserveCandidate>("CreateReserveCandidate", deputy).ok());
  ASSERT_TRUE(Step<v1::ExcludeReserveCandidateRequest>(
                  "ExcludeReserveCandidate", first->name(),
                  [](auto& request) { request.set_ground("Отказ кандидата"); })
                  .ok());
  EXPECT_TRUE(Ask<ReserveCandidate>("CreateReserveCandidate", Candidacy(person)).ok());
}

TEST_F(ReserveTest, CandidateExists) {
  EXPECT_EQ(rpc::ReasonOf(Ask<ReserveCandidate>(
                              "CreateReserveCandidate",
                              Candidacy("regions/86/persons/0190b6a0-0000-7000-8000-000000000001"))
                              .status()),
            "REFERENCE_NOT_FOUND");
}

}  // namespace
}  // namespace rsnms::registry::sites
