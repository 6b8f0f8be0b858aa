// Agreements over gRPC: parties, signatures, coverage, terms.
#include "services/registry/documents/documents_fixture.h"

namespace rsnms::registry::documents {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using v1::Agreement;
using v1::AgreementParty;

class AgreementTest : public DocumentsTest {
 protected:
  v1::CreateAgreementRequest ThreeParty(const std::string& municipal_authority) {
    v1::CreateAgreementRequest request;
    request.set_parent(kRegion);
    auto& agreement = *request.mutable_agreement();
    agreement.set_kind(Agreement::KIND_THREE_PARTY);
    agreement.set_title("Трёхстороннее соглашение");
    agreement.set_subject("Совместное научно-методическое сопровождение");
    const auto add = [&](const std::string& body, AgreementParty::Role role) {
      auto* party = agreement.add_parties();
      party->set_organisation(body);
      party->set_role(role);
    };
    add(municipal_authority, AgreementParty::ROLE_MUNICIPAL_AUTHORITY);
    add(authority_, AgreementParty::ROLE_REGIONAL_AUTHORITY);
    add(institute_, AgreementParty::ROLE_CENTRE_HOST);
    *agreement.mutable_start_date() = D(2024, 1, 1);
    *agreement.mutable_end_date() = D(2024, 12, 31);
    return request;
  }
  absl::StatusOr<Agreement> Make(const v1::CreateAgreementRequest& request) {
    return Ask<Agreement>("CreateAgreement", request);
  }
  template <class Request>
  absl::StatusOr<Agreement> Step(
      const char* rpc, const std::string& name,
      std::function<void(Request&)> fill = [](Request&) {}) {
    Request request;
    request.set_name(name);
    fill(request);
    return Ask<Agreement>(rpc, request);
  }
  absl::StatusOr<Agreement> Sign(const std::string& name, const std::string& body, int day) {
    return Step<v1::SignAgreementRequest>("SignAgreement", name, [&](auto& request) {
      request.set_organisation(body);
      *request.mutable_signed_date() = D(2023, 12, day);
    });
  }
  absl::StatusOr<Agreement> End(const char* rpc, const std::string& name, google::type::Date day) {
    if (std::string_view(rpc) == "ExpireAgreement") {
      return Step<v1::ExpireAgreementRequest>(
          rpc, name, [&](auto& request) { *request.mutable_ended_date() = day; });
    }
    return Step<v1::TerminateAgreementRequest>(rpc, name, [&](auto& request) {
      *request.mutable_ended_date() = day;
      request.set_ground("По соглашению сторон");
    });
  }
  std::string InForce(const v1::CreateAgreementRequest& request) {
    const auto agreement = Make(request);
    EXPECT_TRUE(agreement.ok()) << agreement.status();
    EXPECT_TRUE(Step<v1::SendAgreementRequest>("SendAgreement", agreement->name()).ok());
    int day = 1;
    for (const auto& party : agreement->parties()) {
      EXPECT_TRUE(Sign(agreement->name(), party.organisation(), day++).ok());
    }
    const auto enacted = Step<v1::EnactAgreementRequest>("EnactAgreement", agreement->name());
    EXPECT_TRUE(enacted.ok()) << enacted.status();
    return agreement->name();
  }
  // `+` and the covered municipalities, `-` and the others.
  std::vector<std::string> Coverage(google::type::Date day) {
    v1::GetAgreementCoverageRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = day;
    const auto coverage = Ask<v1::AgreementCoverage>("GetAgreementCoverage", request);
    EXPECT_TRUE(coverage.ok()) << coverage.status();
    std::vector<std::string> lines;
    for (const auto& m : coverage->covered()) lines.push_back("+" + LastSegment(m.municipality()));
    for (const auto& m : coverage->uncovered())
      lines.push_back("-" + LastSegment(m.municipality()));
    return lines;
  }
  std::vector<int> DaysLeft(google::type::Date day, int within) {
    v1::ListExpiringAgreementsRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = day;
    request.set_within_days(within);
    const auto expiring =
        Ask<v1::ListExpiringAgreementsResponse>("ListExpiringAgreements", request);
    EXPECT_TRUE(expiring.ok()) << expiring.status();
    std::vector<int> days;
    for (const auto& agreement : expiring->expiring()) days.push_back(agreement.days_left());
    return days;
  }
};

// Altai 3.2.1#2, Yugra 3.2.1#3: municipal authority, regional authority, host of the centre.
TEST_F(AgreementTest, ThreePartyAgreementHasTheThreePartiesOfTheAct) {
  auto request = ThreeParty(surgut_);
  request.mutable_agreement()->mutable_parties(2)->set_role(AgreementParty::ROLE_PARTNER);
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "PARTIES_UNFIT");
  request = ThreeParty(surgut_);
  request.mutable_agreement()->mutable_parties()->RemoveLast();
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "PARTIES_UNFIT");
  request = ThreeParty(surgut_);
  request.mutable_agreement()->mutable_parties(2)->set_organisation(authority_);
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "PARTIES_UNFIT");
  EXPECT_TRUE(Make(ThreeParty(surgut_)).ok());
}

// Dagestan L1289: двустороннее соглашение.
TEST_F(AgreementTest, TwoSidedAgreementHasTwoParties) {
  auto request = ThreeParty(surgut_);
  request.mutable_agreement()->set_kind(Agreement::KIND_TWO_SIDED);
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "PARTIES_UNFIT");
  request.mutable_agreement()->mutable_parties()->RemoveLast();
  EXPECT_TRUE(Make(request).ok());
}

TEST_F(AgreementTest, PartiesAndMunicipalitiesExist) {
  auto request = ThreeParty("regions/86/organisations/0190b6a0-0000-7000-8000-000000000001");
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "REFERENCE_NOT_FOUND");
  request = ThreeParty(surgut_);
  request.mutable_agreement()->add_municipalities("regions/86/municipalities/71999000");
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "REFERENCE_NOT_FOUND");
}

// Altai 4.2#4: mutual obligations of the parties.
TEST_F(AgreementTest, OnlyPartiesHaveObligations) {
  auto request = ThreeParty(surgut_);
  auto* obligation = request.mutable_agreement()->add_obligations();
  obligation->set_organisation(surgut_);
  obligation->set_text("Направлять педагогов на диагностику");
  EXPECT_TRUE(Make(request).ok());
  obligation->set_organisation(MakeBody("Школа")->name());
  EXPECT_EQ(rpc::ReasonOf(Make(request).status()), "NOT_A_PARTY");
}

TEST_F(AgreementTest, SignatureFixesTheNameOfThePartyAsItWasThatDay) {
  const auto agreement = Make(ThreeParty(surgut_));
  ASSERT_TRUE(agreement.ok()) << agreement.status();
  EXPECT_THAT(agreement->municipalities(), ElementsAre(kSurgut))
      << "taken from the municipal party";
  ASSERT_TRUE(Step<v1::SendAgreementRequest>("SendAgreement", agreement->name()).ok());
  ASSERT_TRUE(Sign(agreement->name(), surgut_, 1).ok());
  v1::UpdateOrganisationRequest rename;
  rename.mutable_organisation()->set_name(surgut_);
  rename.mutable_organisation()->set_official_name("Департамент образования Сургута");
  rename.mutable_update_mask()->add_paths("official_name");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", rename).ok());
  EXPECT_EQ(rpc::ReasonOf(Sign(agreement->name(), surgut_, 2).status()), "PARTY_SIGNED_ALREADY");
  EXPECT_EQ(rpc::ReasonOf(Sign(agreement->name(), MakeBody("Школа")->name(), 2).status()),
            "NOT_A_PARTY");
  ASSERT_TRUE(Sign(agreement->name(), authority_, 9).ok());
  const auto signed_by_all = Sign(agreement->name(), institute_, 5);
  ASSERT_TRUE(signed_by_all.ok()) << signed_by_all.status();
  EXPECT_EQ(signed_by_all->state(), Agreement::STATE_SIGNED);
  EXPECT_EQ(ToIso(signed_by_all->signed_date()), "2023-12-09") << "day of the last signature";
  EXPECT_EQ(signed_by_all->signatures(0).official_name(), "Управление образования Сургута");
  v1::UpdateAgreementRequest update;
  update.mutable_agreement()->set_name(agreement->name());
  update.mutable_agreement()->set_subject("Иное");
  EXPECT_EQ(rpc::ReasonOf(Ask<Agreement>("UpdateAgreement", update).status()), "RECORD_FROZEN");
}

TEST_F(AgreementTest, ReturningTakesSignaturesBack) {
  const auto agreement = Make(ThreeParty(surgut_));
  ASSERT_TRUE(Step<v1::SendAgreementRequest>("SendAgreement", agreement->name()).ok());
  ASSERT_TRUE(Sign(agreement->name(), surgut_, 1).ok());
  const auto returned = Step<v1::ReturnAgreementRequest>(
      "ReturnAgreement", agreement->name(), [](auto& r) { r.set_reason("Уточнить предмет"); });
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->signatures_size(), 0);
  EXPECT_EQ(Sql("SELECT reason FROM journal ORDER BY seq DESC LIMIT 1"), "Уточнить предмет");
}

// Altai 3.2.1#2: an agreement with every municipality; the map says where there is none.
TEST_F(AgreementTest, CoverageIsThatOfTheDateAskedFor) {
  const std::string name = InForce(ThreeParty(surgut_));
  EXPECT_THAT(Coverage(D(2023, 12, 31)), ElementsAre("-71876000", "-71878000"));
  EXPECT_THAT(Coverage(D(2024, 1, 1)), ElementsAre("+71876000", "-71878000"));
  EXPECT_THAT(Coverage(D(2024, 12, 31)), ElementsAre("+71876000", "-71878000"));
  EXPECT_THAT(Coverage(D(2025, 1, 1)), ElementsAre("-71876000", "-71878000"));
  ASSERT_TRUE(End("TerminateAgreement", name, D(2024, 6, 30)).ok());
  EXPECT_THAT(Coverage(D(2024, 6, 30)), ElementsAre("+71876000", "-71878000"));
  EXPECT_THAT(Coverage(D(2024, 7, 1)), ElementsAre("-71876000", "-71878000"));
}

// Dagestan, check «agreement expired».
TEST_F(AgreementTest, WatchListsWhatEndsSoonAndWhatNobodyClosed) {
  const std::string name = InForce(ThreeParty(surgut_));
  EXPECT_THAT(DaysLeft(D(2024, 12, 1), 29), ElementsAre());
  EXPECT_THAT(DaysLeft(D(2024, 12, 1), 30), ElementsAre(30));
  EXPECT_THAT(DaysLeft(D(2025, 1, 10), 0), ElementsAre(-10));
  EXPECT_EQ(rpc::ReasonOf(End("ExpireAgreement", name, D(2024, 12, 30)).status()), "TERM_NOT_OVER");
  ASSERT_TRUE(End("ExpireAgreement", name, D(2024, 12, 31)).ok());
  EXPECT_THAT(DaysLeft(D(2025, 1, 10), 0), ElementsAre());
}

// Dagestan WF_AGREEMENTS: renew.
TEST_F(AgreementTest, ProlongedTermIsTheTermWatchedAndCovered) {
  const std::string name = InForce(ThreeParty(surgut_));
  const auto prolong = [&](google::type::Date day) {
    return Step<v1::ProlongAgreementRequest>("ProlongAgreement", name, [&](auto& request) {
      *request.mutable_prolonged_until_date() = day;
    });
  };
  EXPECT_EQ(rpc::ReasonOf(prolong(D(2024, 12, 31)).status()), "END_BEFORE_START");
  ASSERT_TRUE(prolong(D(2025, 12, 31)).ok());
  EXPECT_THAT(DaysLeft(D(2025, 12, 31), 0), ElementsAre(0));
  EXPECT_THAT(Coverage(D(2025, 6, 1)), ElementsAre("+71876000", "-71878000"));
  EXPECT_EQ(rpc::ReasonOf(prolong(D(2025, 6, 1)).status()), "END_BEFORE_START");
  EXPECT_EQ(rpc::ReasonOf(End("TerminateAgreement", name, D(2026, 1, 1)).status()),
            "DATES_OUT_OF_ORDER");
}

TEST_F(AgreementTest, PartiesAndCoveredMunicipalitiesSeeItAndOthersDoNot) {
  const auto agreement = Make(ThreeParty(surgut_));
  v1::GetAgreementRequest get;
  get.set_name(agreement->name());
  const auto in = [&](const std::string& scope) {
    const auto client = service_->Connect({"municipal_service"}, {scope});
    return Ask<Agreement>(*client, "GetAgreement", get).status().code();
  };
  EXPECT_EQ(in(kSurgut), StatusCode::kOk);
  EXPECT_EQ(in(institute_), StatusCode::kOk);
  EXPECT_EQ(in(kUrai), StatusCode::kNotFound);
  EXPECT_EQ(in("regions/61"), StatusCode::kNotFound);
}

}  // namespace
}  // namespace rsnms::registry::documents
