// Whose documents are: who issues, mends, replaces and revokes them, and how they stand against
// completions taken back.
#include <thread>

#include "services/programs/certificates/certificates_fixture.h"
#include "services/programs/enrolment/training_service.h"

namespace rsnms::programs {
namespace {

using absl::StatusCode;
using v1::Certificate;

class IssuerRights : public CertificatesFixture {
 protected:
  void SetUp() override {
    CertificatesFixture::SetUp();
    issuer_ = service_->Connect({"institute"}, {Provider()});
    employer_ = service_->Connect({"institute"}, {School()});
    town_ = service_->Connect({"centre"}, {"regions/86/municipalities/71876000"});
    region_ = service_->Connect({"centre"}, {kRegion});
  }
  // Every writing method of certificates, as the client, on a document of person `n`; the reasons.
  std::vector<std::string> TryAll(rpc::Client& client, int n, const std::string& number) {
    const auto completion = Complete(n, number);
    std::vector<std::string> reasons;
    const auto told = [&](const absl::Status& status) {
      reasons.push_back(status.ok() ? "" : rpc::ReasonOf(status));
    };
    told(Call<Certificate>("CreateCertificate", Issuing(completion), &client).status());
    auto issued = Call<Certificate>("CreateCertificate", Issuing(completion));
    const std::string name = issued.ok() ? issued->name() : OnlyOneOf(completion);
    v1::UpdateCertificateRequest update;
    update.mutable_certificate()->set_name(name);
    update.mutable_certificate()->set_professional_area("Образование");
    update.mutable_update_mask()->add_paths("professional_area");
    told(Call<Certificate>("UpdateCertificate", update, &client).status());
    const auto duplicate = Succeeding<v1::DuplicateCertificateRequest>(name, number + "д");
    auto next = Call<Certificate>("DuplicateCertificate", duplicate, &client);
    told(next.status());
    auto replace =
        Succeeding<v1::ReplaceCertificateRequest>(next.ok() ? next->name() : name, number + "з");
    *replace.mutable_state_date() = replace.issue_date();
    auto last = Call<Certificate>("ReplaceCertificate", replace, &client);
    told(last.status());
    auto revoke = Revoking(last.ok() ? last->name() : name);
    *revoke.mutable_state_date() = D(2026, 4, 20);
    told(Call<Certificate>("RevokeCertificate", revoke, &client).status());
    return reasons;
  }
  std::string OnlyOneOf(const v1::Completion& completion) {
    return NameOf("86", "certificates",
                  Value(Cat("SELECT id::text FROM certificate WHERE completion_id = '",
                            IdOf(completion.name()), "' AND state = 'ISSUED'")));
  }
  static std::vector<std::string> All(const std::string& reason) {
    return std::vector<std::string>(5, reason);
  }
  v1::Programme Outside() {
    v1::CreateProgrammeRequest request;
    request.set_parent(kRegion);
    v1::Programme& programme = *request.mutable_programme();
    programme.set_title("Курс университета");
    programme.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
    programme.set_duration_hours(72);
    programme.set_form(v1::STUDY_FORM_FULL_TIME);
    programme.set_for_pedagogues(true);
    programme.set_provider_title("Университет другого региона");
    return Must<v1::Programme>("CreateProgramme", request);
  }

  std::unique_ptr<rpc::Client> issuer_, employer_, town_, region_;
};

TEST_F(IssuerRights, ADocumentIsItsProvidersOrTheRegions) {
  EXPECT_EQ(TryAll(*issuer_, 1, "1"), All(""));
  EXPECT_EQ(TryAll(*region_, 2, "2"), All(""));
}

TEST_F(IssuerRights, TheLearnersBodyAndTownReadItAlone) {
  EXPECT_EQ(TryAll(*employer_, 1, "1"), All("NOT_THE_PROVIDER"));
  EXPECT_EQ(TryAll(*town_, 2, "2"), All("NOT_THE_PROVIDER"));
  const auto issued = Issue(3, "3");
  v1::GetCertificateRequest get;
  get.set_name(issued.name());
  for (rpc::Client* client : {employer_.get(), town_.get(), issuer_.get()}) {
    EXPECT_TRUE(Call<Certificate>("GetCertificate", get, client).ok());
  }
  EXPECT_EQ(Read(issued.name()).etag(), issued.etag());
}

TEST_F(IssuerRights, ManyAtOnceAreNoWayRound) {
  v1::BatchCreateCertificatesRequest request;
  request.set_parent(kRegion);
  for (int n : {1, 2}) {
    *request.add_certificates() = Issuing(Complete(n, std::to_string(n))).certificate();
  }
  const auto issue = [&](rpc::Client& client) {
    return Call<v1::BatchCreateCertificatesResponse>("BatchCreateCertificates", request, &client)
        .status();
  };
  EXPECT_EQ(rpc::ReasonOf(issue(*employer_)), "NOT_THE_PROVIDER");
  auto self = service_->Connect({"centre"}, {Provider(), Person(2)});
  EXPECT_EQ(rpc::ReasonOf(issue(*self)), "SELF_ACCEPTANCE") << "one of them is theirs";
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate"), "0");
  EXPECT_TRUE(issue(*issuer_).ok());
}

TEST_F(IssuerRights, NobodyDocumentsTheirOwnLearning) {
  const std::string others[] = {kRegion, Provider(), School()};
  for (int i = 0; i < 3; ++i) {
    auto self = service_->Connect({"centre"}, {Person(10 + i), others[i]});
    EXPECT_EQ(TryAll(*self, 10 + i, Cat("с", i)), All("SELF_ACCEPTANCE")) << others[i];
  }
  auto alone = service_->Connect({"administrator"}, {Person(20)});
  EXPECT_EQ(TryAll(*alone, 20, "20"), All("SELF_ACCEPTANCE"));
}

TEST_F(IssuerRights, OfAProviderOutsideTheRegionAloneIssues) {
  const auto outside = Outside();
  const auto completion = Complete(1, "1", &outside);
  EXPECT_EQ(completion.provider(), "");
  for (rpc::Client* client : {employer_.get(), town_.get()}) {
    EXPECT_EQ(
        rpc::ReasonOf(Call<Certificate>("CreateCertificate", Issuing(completion), client).status()),
        "NOT_THE_PROVIDER");
  }
  const auto issued = Call<Certificate>("CreateCertificate", Issuing(completion), region_.get());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(rpc::ReasonOf(
                Call<Certificate>("RevokeCertificate", Revoking(issued->name()), employer_.get())
                    .status()),
            "NOT_THE_PROVIDER");
}

TEST_F(IssuerRights, TheDatabaseLetsNobodyElseWrite) {
  const auto issued = Issue(1, "1");
  const auto change = [&](const std::string& scopes) {
    pg::TxOptions options;
    options.scopes = scopes;
    return service_->database().app().Run(options, [&](pg::Tx& tx) {
      return tx
          .Query(Cat("UPDATE certificate SET state = 'REVOKED', state_date = '2026-05-01' WHERE id "
                     "= '",
                     IdOf(issued.name()), "'"))
          .status();
    });
  };
  EXPECT_EQ(change(School()).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(change(Person(1)).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(Read(issued.name()).state(), Certificate::STATE_ISSUED);
  EXPECT_TRUE(change(Provider()).ok());
}

class TakenBack : public IssuerRights {
 protected:
  // The steps of Training, beside the rest.
  absl::Status Void(const std::string& enrolment, rpc::Client* client = nullptr) {
    v1::VoidEnrolmentRequest request;
    request.set_name(enrolment);
    request.set_reason("записан не тот слушатель");
    *request.mutable_state_date() = D(2026, 4, 20);
    v1::Enrolment response;
    return (client == nullptr ? *admin_ : *client)
        .Unary("rsnms.programs.v1.Training/VoidEnrolment", request, &response,
               absl::Now() + absl::Seconds(20), false);
  }
};

TEST_F(TakenBack, NotWhileADocumentIsInForce) {
  const auto issued = Issue(1, "1");
  v1::GetCompletionRequest get;
  get.set_name(issued.completion());
  const auto completion = Must<v1::Completion>("GetCompletion", get);
  const auto refused = Void(completion.enrolment());
  EXPECT_EQ(rpc::ReasonOf(refused), "CERTIFICATE_IN_FORCE");
  EXPECT_THAT(rpc::ToProto(refused).DebugString(), ::testing::HasSubstr(issued.name()));
  const auto duplicate = Must<Certificate>(
      "DuplicateCertificate", Succeeding<v1::DuplicateCertificateRequest>(issued.name(), "2"));
  EXPECT_EQ(rpc::ReasonOf(Void(completion.enrolment())), "CERTIFICATE_IN_FORCE");
  EXPECT_FALSE(Must<v1::Completion>("GetCompletion", get).voided());
  auto revoke = Revoking(duplicate.name());
  *revoke.mutable_state_date() = D(2026, 4, 16);
  Must<Certificate>("RevokeCertificate", revoke);
  EXPECT_EQ(rpc::ReasonOf(Void(completion.enrolment(), employer_.get())), "NOT_THE_PROVIDER");
  ASSERT_TRUE(Void(completion.enrolment()).ok());
  EXPECT_TRUE(Must<v1::Completion>("GetCompletion", get).voided());
  // Nothing is issued any more, and the number of a paper that was given stays its own.
  EXPECT_FALSE(Call<Certificate>("CreateCertificate", Issuing(completion)).ok());
  v1::CompleteEnrolmentRequest complete;
  complete.set_name(Learning(2));
  complete.set_certificate_number("1");
  *complete.mutable_completion_date() = D(2026, 3, 20);
  EXPECT_EQ(rpc::ReasonOf(Call<v1::Completion>("CompleteEnrolment", complete).status()),
            "CERTIFICATE_NUMBER_TAKEN");
}

TEST_F(TakenBack, NoDocumentAboutIt) {
  const auto completion = Complete(1, "1");
  ASSERT_TRUE(Void(completion.enrolment()).ok());
  EXPECT_EQ(rpc::ReasonOf(Call<Certificate>("CreateCertificate", Issuing(completion)).status()),
            "COMPLETION_NOT_VALID");
}

TEST_F(TakenBack, EitherTheDocumentOrTheMistakeComesFirst) {
  int issued = 0, taken_back = 0;
  for (int n = 1; n <= 24; ++n) {
    const auto completion = Complete(n, std::to_string(n));
    absl::Status issue, take;
    std::thread one(
        [&] { issue = Call<Certificate>("CreateCertificate", Issuing(completion)).status(); });
    std::thread other([&] { take = Void(completion.enrolment()); });
    one.join();
    other.join();
    EXPECT_NE(issue.ok(), take.ok()) << issue << take;
    issued += issue.ok();
    taken_back += take.ok();
    EXPECT_EQ(issue.ok() ? "COMPLETION_NOT_VALID" : rpc::ReasonOf(issue), "COMPLETION_NOT_VALID");
    EXPECT_EQ(take.ok() ? "CERTIFICATE_IN_FORCE" : rpc::ReasonOf(take), "CERTIFICATE_IN_FORCE");
  }
  EXPECT_EQ(issued + taken_back, 24);
}

}  // namespace
}  // namespace rsnms::programs
