// A methodologist from nomination to release, with the two services that know of preconditions.
#include <fstream>
#include <iterator>
#include <string>
#include <tuple>

#include "google/protobuf/text_format.h"
#include "libs/rpc/client.h"
#include "libs/testing/state_machine.h"
#include "services/registry/asset/asset_fixture.h"
#include "services/registry/asset/preconditions.h"
#include "tools/rsnmsctl/act_files.h"

namespace rsnms::registry {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

using Methodologist = AssetTest;

TEST_F(Methodologist, NobodyIsNominatedWithoutARegulationOrOutsideItsWindows) {
  const std::string person = Worker();
  EXPECT_EQ(rpc::ReasonOf(Nominate(person).status()), "NO_ASSET_REGULATION");
  ASSERT_TRUE(Regulate(250).ok());
  EXPECT_EQ(rpc::ReasonOf(Nominate(person, CivilDay(2023, 10, 1)).status()),
            "SELECTION_WINDOW_CLOSED");
  auto candidate = Nominate(person, CivilDay(2024, 1, 31));
  ASSERT_TRUE(candidate.ok()) << candidate.status();
  EXPECT_EQ(candidate->state(), v1::METHODOLOGIST_STATE_CANDIDATE);
  EXPECT_EQ(candidate->municipality(), kSurgut);
  EXPECT_EQ(rpc::ReasonOf(Nominate(person).status()), "SECOND_METHODOLOGIST");
}

TEST_F(Methodologist, OneRegulationHoldsOnAnyDate) {
  ASSERT_TRUE(Regulate(250).ok());
  EXPECT_EQ(rpc::ReasonOf(Regulate(200, CivilDay(2024, 1, 1)).status()), "SECOND_ASSET_REGULATION");
}

// The data of the acts, as files.
TEST_F(Methodologist, RegulationsOfTheActsAreAccepted) {
  for (const auto& [act, limit, months] :
       {std::tuple{"orenburg", 250, 2}, std::tuple{"dagestan", 0, 0}}) {
    std::ifstream file(absl::StrCat("services/registry/asset/regulations/", act, ".textproto"));
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    v1::CreateAssetRegulationRequest request;
    request.set_parent(kRegion);
    ASSERT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, request.mutable_asset_regulation()))
        << act;
    request.set_validate_only(true);
    auto regulation = Ask<v1::AssetRegulation>("CreateAssetRegulation", request);
    ASSERT_TRUE(regulation.ok()) << act << regulation.status();
    EXPECT_EQ(regulation->attachment_limit(), limit);
    EXPECT_EQ(regulation->selection_months_size(), months);
  }
}

TEST_F(Methodologist, RegulationsAreLoadedFromFilesAndLoadedAgainStayTheSame) {
  ctl::Settings settings;
  settings.targets["registry"] = service_->target();
  settings.token = testing::TestToken({"administrator"}, {"*"});
  ctl::Session session(settings);
  ctl::ActFiles files;
  files.directory = "services/registry/asset/regulations";
  files.region = "86";
  files.codes = {"orenburg"};
  files.dry_run = true;
  ASSERT_TRUE(ctl::LoadRegulations(session, files).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM asset_regulation"), "0");
  files.dry_run = false;
  ASSERT_TRUE(ctl::LoadRegulations(session, files).ok());
  ASSERT_TRUE(ctl::LoadRegulations(session, files).ok());
  EXPECT_EQ(Sql("SELECT attachment_limit || ' ' || version FROM asset_regulation"), "250 1");
  // A file that says otherwise of the same first day changes it.
  const std::string path = ::testing::TempDir() + "/regulation.textproto";
  std::ofstream(path)
      << "document: \"Положение\" start_date { year: 2023 month: 6 day: 7 } attachment_limit: 99";
  files.codes = {path};
  ASSERT_TRUE(ctl::LoadRegulations(session, files).ok());
  EXPECT_EQ(Sql("SELECT attachment_limit || ' ' || version FROM asset_regulation"), "99 2");
  // Two on a date are refused, whoever loads them.
  files.codes = {"dagestan"};
  EXPECT_EQ(rpc::ReasonOf(ctl::LoadRegulations(session, files)), "SECOND_ASSET_REGULATION");
}

TEST_F(Methodologist, PreconditionsAreVerifiedWithTheServicesThatKnow) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string person = Worker();
  auto candidate = Nominate(person);
  ASSERT_TRUE(candidate.ok());
  const std::string name = candidate->name();
  Diagnose("regions/86/persons/0190b6a0-0000-7000-8000-0000000000ff");
  EXPECT_EQ(rpc::ReasonOf(Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", name).status()),
            "NOT_DIAGNOSED");
  EXPECT_THAT(upstream_->asked.back(), HasSubstr("submit_date desc"));
  v1::ConfirmDiagnosticsRequest others;
  others.set_name(name);
  others.set_diagnostics_result(upstream_->results[0].name());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Methodologist>("ConfirmDiagnostics", others).status()),
            "NOT_DIAGNOSED")
      << "the result is somebody else's";
  upstream_->results.clear();
  Diagnose(person);
  auto diagnosed = Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", name);
  ASSERT_TRUE(diagnosed.ok()) << diagnosed.status();
  EXPECT_EQ(diagnosed->diagnostics_result(), upstream_->results[0].name());
  EXPECT_EQ(ToIso(diagnosed->diagnosed_date()), "2023-03-15");
  EXPECT_EQ(rpc::ReasonOf(Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name).status()),
            "NOT_TRAINED");
  Train(person, "digital-tools");
  EXPECT_EQ(rpc::ReasonOf(Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name).status()),
            "NOT_TRAINED")
      << "on another topic";
  upstream_->completions.clear();
  Train(person);
  auto trained = Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name);
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_EQ(trained->state(), v1::METHODOLOGIST_STATE_TRAINED);
  EXPECT_EQ(trained->completion(), upstream_->completions[0].name());
}

TEST_F(Methodologist, EvidenceIsFreshAndOfWhatTheRegulationNames) {
  auto regulation = Regulate(250);
  ASSERT_TRUE(regulation.ok());
  v1::UpdateAssetRegulationRequest update;
  *update.mutable_asset_regulation() = *regulation;
  update.mutable_asset_regulation()->set_diagnostics_months(1);
  update.mutable_asset_regulation()->set_training_months(36);
  update.mutable_asset_regulation()->add_diagnostics_families("subject-assessment");
  ASSERT_TRUE(Ask<v1::AssetRegulation>("UpdateAssetRegulation", update).ok());
  const std::string person = Worker();
  const std::string name = Nominate(person)->name();  // 10.09.2023
  Diagnose(person);
  auto& result = upstream_->results[0];
  const auto diagnose = [&](const char* instrument, const google::type::Date& day) {
    result.set_instrument(std::string("regions/86/instruments/") + instrument);
    *result.mutable_submit_date() = day;
    return Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", name);
  };
  EXPECT_EQ(rpc::ReasonOf(diagnose("subject-assessment-2", D(2023, 8, 31)).status()),
            "NOT_DIAGNOSED")
      << "before the month of selection";
  EXPECT_THAT(upstream_->asked.back(), HasSubstr("submit_date >= \\\"2023-09-01\\\""));
  EXPECT_EQ(rpc::ReasonOf(diagnose("difficulties-school-1", D(2023, 9, 5)).status()),
            "NOT_DIAGNOSED")
      << "another instrument";
  EXPECT_TRUE(diagnose("subject-assessment-2", D(2023, 9, 1)).ok());
  Train(person);
  auto& completion = upstream_->completions[0];
  *completion.mutable_completion_date() = D(2020, 9, 30);
  EXPECT_EQ(rpc::ReasonOf(Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name).status()),
            "NOT_TRAINED");
  *completion.mutable_completion_date() = D(2020, 10, 1);
  EXPECT_TRUE(Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name).ok());
}

TEST_F(Methodologist, UpstreamAwayIsSaidAndChangesNothing) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string person = Worker();
  auto candidate = Nominate(person);
  ASSERT_TRUE(candidate.ok());
  upstream_->away = true;
  auto status =
      Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", candidate->name()).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(rpc::ReasonOf(status), "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(Sql("SELECT state || version FROM methodologist"), "CANDIDATE1");
  upstream_->away = false;
  Diagnose(person);
  EXPECT_TRUE(Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", candidate->name()).ok());
}

TEST_F(Methodologist, ServiceThatIsNotThereOrNotNamedIsUnavailable) {
  auto call = rpc::LocalCall({}, absl::Now() + absl::Seconds(3));
  rpc::ClientOptions nowhere;
  nowhere.target = "127.0.0.1:1";
  const auto gone = rpc::Client::Create(nowhere);
  for (rpc::Client* client : {gone.get(), static_cast<rpc::Client*>(nullptr)}) {
    EXPECT_EQ(
        rpc::ReasonOf(FindDiagnostics(*call, client, "regions/86/persons/1", "", {}).status()),
        "UPSTREAM_UNAVAILABLE");
    EXPECT_EQ(rpc::ReasonOf(FindTraining(*call, client, "regions/86/persons/1", "", {}).status()),
              "UPSTREAM_UNAVAILABLE");
  }
}

TEST_F(Methodologist, ContractFreezesTheLimitOfItsRegulation) {
  auto regulation = Regulate(250);
  ASSERT_TRUE(regulation.ok());
  const std::string name = Active();
  v1::UpdateAssetRegulationRequest update;
  update.mutable_asset_regulation()->set_name(regulation->name());
  update.mutable_asset_regulation()->set_attachment_limit(100);
  ASSERT_TRUE(Ask<v1::AssetRegulation>("UpdateAssetRegulation", update).ok());
  v1::GetMethodologistRequest get;
  get.set_name(name);
  auto methodologist = Ask<v1::Methodologist>("GetMethodologist", get);
  ASSERT_TRUE(methodologist.ok());
  EXPECT_EQ(methodologist->attachment_limit(), 250);
  EXPECT_EQ(methodologist->regulation(), regulation->name());
}

TEST_F(Methodologist, OnlyStaffWorkWithoutATerm) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string person = Worker();
  Diagnose(person);
  Train(person);
  const std::string name = Nominate(person)->name();
  ASSERT_TRUE(Step<v1::ConfirmDiagnosticsRequest>("ConfirmDiagnostics", name).ok());
  ASSERT_TRUE(Step<v1::ConfirmTrainingRequest>("ConfirmTraining", name).ok());
  auto contract = Contract2023(name);
  contract.clear_contract_end_date();
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Methodologist>("ContractMethodologist", contract).status()),
            "CONTRACT_TERM_REQUIRED");
  contract.set_contract_kind(v1::METHODOLOGIST_CONTRACT_KIND_STAFF);
  ASSERT_TRUE(Ask<v1::Methodologist>("ContractMethodologist", contract).ok());
  v1::ActivateMethodologistRequest early;
  early.set_name(name);
  *early.mutable_activation_date() = D(2023, 10, 31);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Methodologist>("ActivateMethodologist", early).status()),
            "OUTSIDE_CONTRACT");
}

TEST_F(Methodologist, ReleaseEndsWhatIsAttached) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string name = Active();
  auto running = Attach(Draft(name, Worker()));
  auto later = Attach(Draft(name, Worker(), CivilDay(2025, 1, 1)));
  ASSERT_TRUE(running.ok() && later.ok()) << running.status() << later.status();
  v1::ReleaseMethodologistRequest release;
  release.set_name(name);
  release.set_reason("заявление");
  release.set_release_reason(v1::METHODOLOGIST_RELEASE_REASON_OWN_REQUEST);
  *release.mutable_release_date() = D(2024, 6, 30);
  auto released = Ask<v1::Methodologist>("ReleaseMethodologist", release);
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_EQ(released->state(), v1::METHODOLOGIST_STATE_RELEASED);
  EXPECT_EQ(Sql("SELECT string_agg(coalesce(end_date::text, '-') || (delete_time IS NULL), ' ' "
                "ORDER BY start_date) FROM attachment"),
            "2024-06-30true -false");
  EXPECT_EQ(Sql("SELECT count(*) FROM journal WHERE reason = 'заявление'"), "3");
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(name, Worker())).status()), "METHODOLOGIST_NOT_ACTIVE");
  EXPECT_TRUE(Nominate(released->person(), CivilDay(2024, 9, 1)).ok()) << "may come back";
}

TEST_F(Methodologist, RenewedContractStillHoldsItsAttachments) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string name = Active();
  auto attachment = Draft(name, Worker());
  *attachment.mutable_end_date() = D(2025, 10, 31);
  ASSERT_TRUE(Attach(attachment).ok());
  v1::RenewContractRequest renew;
  renew.set_name(name);
  renew.set_contract_number("18-ГПХ");
  *renew.mutable_contract_end_date() = D(2025, 10, 30);
  EXPECT_EQ(Ask<v1::Methodologist>("RenewContract", renew).status().code(),
            StatusCode::kFailedPrecondition);
  *renew.mutable_contract_end_date() = D(2027, 10, 31);
  EXPECT_TRUE(Ask<v1::Methodologist>("RenewContract", renew).ok());
}

TEST_F(Methodologist, EveryDeclaredStepWorksAndNoOther) {
  ASSERT_TRUE(Regulate(250).ok());
  std::string person;
  testing::StateMachine machine{.service = AssetContract(),
                                .resource = "registry.rsnms/Methodologist"};
  machine.make = [&] {
    person = Worker();
    upstream_->results.clear();
    upstream_->completions.clear();
    Diagnose(person);
    Train(person);
    auto made = Nominate(person);
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  };
  machine.force = [&](const std::string& name, const std::string& state) {
    EXPECT_EQ(Sql("UPDATE methodologist SET state = '" + state +
                  "', contract_kind = 'CIVIL', contract_date = '2023-10-20', contract_start_date = "
                  "'2023-11-01', contract_end_date = '2025-10-31' WHERE id = '" +
                  IdOf(name) + "' RETURNING state"),
              state);
  };
  machine.read = [&](const std::string& name) {
    return Sql("SELECT state || version FROM methodologist WHERE id = '" + IdOf(name) + "'");
  };
  machine.fill = [](google::protobuf::Message& request) {
    const auto* end = request.GetDescriptor()->FindFieldByName("contract_end_date");
    if (end != nullptr)
      static_cast<google::type::Date&>(*request.GetReflection()->MutableMessage(&request, end)) =
          D(2026, 10, 31);
  };
  const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 13);
  EXPECT_EQ(counts.allowed + counts.refused, 9 * 8);
}

}  // namespace
}  // namespace rsnms::registry
