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
    request.set_parent(kRegion);
    auto& candidate = *request.mutable_reserve_candidate();
    candidate.set_person(person);
    candidate.set_organisation(school_);
    candidate.set_position(ReserveCandidate::POSITION_HEAD);
    *candidate.mutable_applied_date() = D(2024, 2, 1);
    return request;
  }
  std::string Make() {
    const auto made =
        Ask<ReserveCandidate>("CreateReserveCandidate", Candidacy(MakePerson()->name()));
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
};

TEST_F(ReserveTest, EachStageWaitsForItsInstrument) {
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
  const auto appoint = [&] {
    return Step<v1::AppointReserveCandidateRequest>(
        "AppointReserveCandidate", name, [&](auto& request) {
          request.set_appointed_organisation(school_);
          *request.mutable_appointed_date() = D(2024, 9, 1);
        });
  };
  EXPECT_EQ(rpc::ReasonOf(appoint().status()), "INVALID_STATE");
  ASSERT_TRUE(
      Step<v1::TrainReserveCandidateRequest>("TrainReserveCandidate", name, [](auto& request) {
        request.set_training_programme("Программа кадрового резерва");
        *request.mutable_training_start_date() = D(2024, 4, 1);
      }).ok());
  ASSERT_TRUE(Step<v1::RecommendReserveCandidateRequest>(
                  "RecommendReserveCandidate", name,
                  [](auto& request) { *request.mutable_recommended_date() = D(2024, 8, 1); })
                  .ok());
  const auto appointed = appoint();
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
