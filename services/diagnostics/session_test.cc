// Instruments, campaigns, sessions and results over the wire.
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/instrument_methods.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/service_test_support.h"

namespace rsnms::diagnostics {
namespace {

using SessionTest = ServiceTest;
using rpc::ReasonOf;

v1::StartSessionRequest StartOf(const v1::Session& session) {
  v1::StartSessionRequest request;
  request.set_parent("regions/86");
  *request.mutable_session() = session;
  return request;
}

TEST_F(SessionTest, PublishedInstrumentNeverChanges) {
  v1::Instrument instrument;
  const std::string name = "regions/86/instruments/difficulties-school-1";
  ASSERT_TRUE(On<v1::GetInstrumentRequest>("GetInstrument", name, &instrument).ok());
  v1::UpdateInstrumentRequest update;
  *update.mutable_instrument() = instrument;
  update.mutable_instrument()->set_title("Иначе");
  update.mutable_update_mask()->add_paths("title");
  EXPECT_EQ(ReasonOf(Call("UpdateInstrument", update, &instrument)), "INSTRUMENT_FROZEN");
  EXPECT_EQ(ReasonOf(On<v1::DeleteInstrumentRequest>("DeleteInstrument", name, &instrument)),
            "INSTRUMENT_FROZEN");
  EXPECT_EQ(ReasonOf(On<v1::PublishInstrumentRequest>("PublishInstrument", name, &instrument)),
            "INVALID_STATE");
}

TEST_F(SessionTest, InstrumentMeasuringAnUnknownCompetencyIsNotPublished) {
  v1::Instrument instrument;
  ASSERT_TRUE(On<v1::GetInstrumentRequest>(
                  "GetInstrument", "regions/86/instruments/difficulties-school-1", &instrument)
                  .ok());
  v1::CreateInstrumentRequest create;
  create.set_parent("regions/86");
  *create.mutable_instrument() = instrument;
  create.mutable_instrument()->set_edition(2);
  create.set_instrument_id("difficulties-school-2");
  create.mutable_instrument()->mutable_groups(0)->mutable_items(1)->set_competency_codes(0,
                                                                                         "magic");
  auto status = Call("CreateInstrument", create, &instrument);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(instrument.state(), v1::Instrument::STATE_DRAFT);
  status = On<v1::PublishInstrumentRequest>("PublishInstrument", instrument.name(), &instrument);
  EXPECT_EQ(ReasonOf(status), "REFERENCE_NOT_FOUND");
}

TEST_F(SessionTest, SessionIsStartedSavedSubmittedAndScored) {
  const v1::Campaign campaign = NewCampaign();
  v1::Session filled = Filled(campaign, 1, 3);
  const Answers answers = filled.answers();
  filled.clear_answers();
  v1::Session session;
  auto status = Call("StartSession", StartOf(filled), &session);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(session.state(), v1::Session::STATE_IN_PROGRESS);
  EXPECT_TRUE(session.held_at_centre());
  v1::Result result;
  EXPECT_EQ(ReasonOf(On<v1::SubmitSessionRequest>("SubmitSession", session.name(), &result)),
            "TOO_FEW_ANSWERS");
  v1::SaveAnswersRequest save;
  save.set_name(session.name());
  for (int i = 0; i < 50; ++i) *save.add_answers() = answers[i];
  status = Call("SaveAnswers", save, &session);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(session.answers_size(), 50);
  status = On<v1::SubmitSessionRequest>("SubmitSession", session.name(), &result);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(IdOf(result.name()), IdOf(session.name()));
  EXPECT_EQ(result.heaviest_severity(), v1::SEVERITY_SEVERE);
  EXPECT_GT(result.deficit_codes_size(), 20);
  EXPECT_EQ(result.submit_date().day(), 15);
  v1::Result stored;
  ASSERT_TRUE(On<v1::GetResultRequest>("GetResult", result.name(), &stored).ok());
  EXPECT_EQ(stored.DebugString(), result.DebugString());
  v1::ExplainResultResponse explained;
  ASSERT_TRUE(On<v1::ExplainResultRequest>("ExplainResult", result.name(), &explained).ok());
  ASSERT_EQ(explained.scores_size(), result.scores_size());
  EXPECT_EQ(explained.scores(0).score().competency_code(), result.deficit_codes(0));
}

TEST_F(SessionTest, FinishedSessionTakesNoAnswersAndNobodyIsDiagnosedTwice) {
  const v1::Campaign campaign = NewCampaign();
  v1::Session session;
  ASSERT_TRUE(Call("StartSession", StartOf(Filled(campaign, 2, 1)), &session).ok());
  v1::Session again;
  EXPECT_EQ(ReasonOf(Call("StartSession", StartOf(Filled(campaign, 2, 1)), &again)),
            "ALREADY_DIAGNOSED");
  v1::Result result;
  ASSERT_TRUE(On<v1::SubmitSessionRequest>("SubmitSession", session.name(), &result).ok());
  EXPECT_EQ(ReasonOf(On<v1::SubmitSessionRequest>("SubmitSession", session.name(), &result)),
            "SESSION_FROZEN");
  v1::SaveAnswersRequest save;
  save.set_name(session.name());
  *save.add_answers() = Filled(campaign, 2, 3).answers(0);
  EXPECT_EQ(ReasonOf(Call("SaveAnswers", save, &session)), "SESSION_FROZEN");
}

TEST_F(SessionTest, AnswersReachNeitherJournalNorFeed) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsResponse response;
  ASSERT_TRUE(SubmitBatch(campaign, 10, 3, 3, &response).ok());
  EXPECT_GT(Count("SELECT count(*) FROM journal WHERE resource_type = 'diagnostics.rsnms/Session'"),
            0);
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE resource_type = 'diagnostics.rsnms/Session' "
                  "AND position('NEED_HELP'::bytea IN image) > 0"),
            0);
  EXPECT_EQ(Count("SELECT count(*) FROM request_log WHERE position('NEED_HELP'::bytea IN response) "
                  "> 0"),
            0);
}

TEST_F(SessionTest, CampaignTakesSessionsOnlyWhileOpenAndClosingAnnulsTheRest) {
  v1::Campaign campaign = NewCampaign(false);
  v1::Session session;
  EXPECT_EQ(ReasonOf(Call("StartSession", StartOf(Filled(campaign, 3, 1)), &session)),
            "CAMPAIGN_NOT_OPEN");
  ASSERT_TRUE(On<v1::OpenCampaignRequest>("OpenCampaign", campaign.name(), &campaign).ok());
  ASSERT_TRUE(Call("StartSession", StartOf(Filled(campaign, 3, 1)), &session).ok());
  auto status = On<v1::CloseCampaignRequest>("CloseCampaign", campaign.name(), &campaign);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(On<v1::GetSessionRequest>("GetSession", session.name(), &session).ok());
  EXPECT_EQ(session.state(), v1::Session::STATE_ANNULLED);
  v1::BatchSubmitSessionsResponse response;
  EXPECT_EQ(ReasonOf(SubmitBatch(campaign, 4, 1, 1, &response)), "CAMPAIGN_NOT_OPEN");
}

TEST_F(SessionTest, CampaignWithADraftInstrumentIsNotOpened) {
  v1::Campaign campaign = NewCampaign(false);
  v1::Instrument draft;
  v1::CreateInstrumentRequest create;
  create.set_parent("regions/86");
  create.set_instrument_id("draft-1");
  create.mutable_instrument()->set_title("Черновик");
  create.mutable_instrument()->set_family("draft");
  create.mutable_instrument()->set_edition(1);
  create.mutable_instrument()->set_kind(v1::INSTRUMENT_KIND_TEST);
  ASSERT_TRUE(Call("CreateInstrument", create, &draft).ok());
  v1::UpdateCampaignRequest update;
  *update.mutable_campaign() = campaign;
  update.mutable_campaign()->add_instruments(draft.name());
  update.mutable_update_mask()->add_paths("instruments");
  const auto status = Call("UpdateCampaign", update, &campaign);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(ReasonOf(On<v1::OpenCampaignRequest>("OpenCampaign", campaign.name(), &campaign)),
            "INSTRUMENT_NOT_IN_CAMPAIGN");
}

TEST_F(SessionTest, BatchIsScoredOnceAndRepeatingItChangesNothing) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsResponse response;
  auto status = SubmitBatch(campaign, 1000, 200, 2, &response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.submitted_count(), 200);
  EXPECT_EQ(response.results_size(), 200);
  const std::string written = absl::StrCat("SELECT count(*) FROM journal WHERE true");
  const int64_t before = Count(written);
  ASSERT_TRUE(SubmitBatch(campaign, 1000, 200, 2, &response).ok());
  EXPECT_EQ(response.submitted_count(), 0);
  EXPECT_EQ(response.unchanged_count(), 200);
  EXPECT_EQ(Count(written), before);
  EXPECT_EQ(ReasonOf(SubmitBatch(campaign, 1100, 1, 3, &response)), "SESSION_FROZEN");
}

TEST_F(SessionTest, BrokenRowInTheMiddleOfABatchLeavesNothingAndNamesItsPlace) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsRequest request;
  request.set_parent("regions/86");
  request.set_campaign(campaign.name());
  for (int i = 0; i < 5; ++i) *request.add_sessions() = Filled(campaign, 2000 + i, 1);
  request.mutable_sessions(3)->mutable_answers(7)->set_option("MAYBE");
  v1::BatchSubmitSessionsResponse response;
  auto status = Call("BatchSubmitSessions", request, &response);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_ANSWER");
  EXPECT_NE(rpc::ToProto(status).DebugString().find("sessions[3].answers[7]"), std::string::npos);
  *request.mutable_sessions(3) = request.sessions(1);
  EXPECT_EQ(ReasonOf(Call("BatchSubmitSessions", request, &response)), "ALREADY_DIAGNOSED");
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM session WHERE campaign_id = '",
                               std::string(IdOf(campaign.name())), "'")),
            0);
}

TEST_F(SessionTest, StartedSessionMayBeSubmittedByABatch) {
  const v1::Campaign campaign = NewCampaign();
  v1::Session session;
  ASSERT_TRUE(Call("StartSession", StartOf(Filled(campaign, 5, 0)), &session).ok());
  v1::BatchSubmitSessionsResponse response;
  const auto status = SubmitBatch(campaign, 5, 1, 0, &response);
  ASSERT_TRUE(status.ok()) << status;
  v1::Result result;
  ASSERT_TRUE(On<v1::GetResultRequest>("GetResult", response.results(0), &result).ok());
  EXPECT_EQ(result.deficit_codes_size(), 0);
  EXPECT_EQ(result.strength_codes_size(), result.scores_size());
}

TEST_F(SessionTest, OtherPeopleAndRegionsSeeNothing) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsResponse response;
  ASSERT_TRUE(SubmitBatch(campaign, 20, 2, 3, &response).ok());
  v1::GetResultRequest get;
  get.set_name(response.results(0));
  v1::ListResultsRequest list;
  list.set_parent("regions/86");
  for (const std::string& scope : {NameOf("persons", 21), std::string("regions/61")}) {
    auto client = host_->Connect({"administrator"}, {scope});
    v1::Result result;
    EXPECT_EQ(ReasonOf(Call(*client, "GetResult", get, &result)), "NOT_FOUND") << scope;
    v1::ListResultsResponse page;
    ASSERT_TRUE(Call(*client, "ListResults", list, &page).ok());
    for (const auto& seen : page.results()) EXPECT_EQ(seen.person(), scope);
    v1::SummarizeCampaignRequest summarize;
    summarize.set_name(campaign.name());
    v1::SummarizeCampaignResponse summary;
    const auto status = Call(*client, "SummarizeCampaign", summarize, &summary);
    EXPECT_EQ(summary.diagnosed_count(), status.ok() ? 1 : 0) << scope;
  }
  auto own = host_->Connect({"administrator"}, {NameOf("persons", 20)});
  v1::Result result;
  const auto status = Call(*own, "GetResult", get, &result);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, DeficitMapWithholdsSmallCells) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsResponse response;
  ASSERT_TRUE(SubmitBatch(campaign, 4000, 6, 3, &response).ok());  // six with every deficit
  v1::MapDeficitsRequest request;
  request.set_name(campaign.name());
  v1::MapDeficitsResponse map;
  auto status = Call("MapDeficits", request, &map);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_GT(map.rows_size(), 20);
  EXPECT_EQ(map.rows(0).unit(), "regions/86/municipalities/71876000");
  EXPECT_EQ(map.rows(0).assessed_count(), 6);
  EXPECT_EQ(map.rows(0).deficit_count(), 6);
  ASSERT_TRUE(SubmitBatch(campaign, 4006, 2, 0, &response).ok());  // two without any
  status = Call("MapDeficits", request, &map);
  EXPECT_TRUE(map.rows(0).suppressed());
  EXPECT_FALSE(map.rows(0).has_deficit_count());
  request.set_unit(v1::DEFICIT_MAP_UNIT_ORGANISATION);  // one or two people each
  status = Call("MapDeficits", request, &map);
  EXPECT_EQ(map.rows_size(), 0);
}

TEST_F(SessionTest, PeopleAreCountedAndNotTheirResults) {
  v1::Instrument again;
  ASSERT_TRUE(On<v1::GetInstrumentRequest>("GetInstrument",
                                           "regions/86/instruments/difficulties-school-1", &again)
                  .ok());
  v1::CreateInstrumentRequest create;
  create.set_parent("regions/86");
  create.set_instrument_id("again-1");
  *create.mutable_instrument() = again;
  create.mutable_instrument()->set_family("again");
  auto status = Call("CreateInstrument", create, &again);
  ASSERT_TRUE(status.ok()) << status;
  status = On<v1::PublishInstrumentRequest>("PublishInstrument", again.name(), &again);
  ASSERT_TRUE(status.ok()) << status;
  v1::UpdateCampaignRequest update;
  *update.mutable_campaign() = NewCampaign(false);
  update.mutable_campaign()->add_instruments(again.name());
  update.mutable_update_mask()->add_paths("instruments");
  v1::Campaign campaign;
  ASSERT_TRUE(Call("UpdateCampaign", update, &campaign).ok());
  ASSERT_TRUE(On<v1::OpenCampaignRequest>("OpenCampaign", campaign.name(), &campaign).ok());
  const auto submit = [&](int first, int count) {
    v1::BatchSubmitSessionsRequest request;
    request.set_parent("regions/86");
    request.set_campaign(campaign.name());
    for (int i = 0; i < count; ++i) {
      *request.add_sessions() = Filled(campaign, first + i, 3);
      *request.add_sessions() = request.sessions(request.sessions_size() - 1);
      request.mutable_sessions(request.sessions_size() - 1)->set_instrument(again.name());
    }
    v1::BatchSubmitSessionsResponse response;
    const auto submitted = Call("BatchSubmitSessions", request, &response);
    EXPECT_TRUE(submitted.ok()) << submitted;
    EXPECT_EQ(response.submitted_count(), 2 * count);
  };
  v1::SummarizeCampaignResponse summary;
  v1::MapDeficitsResponse map;
  const auto ask = [&] {
    const std::string& name = campaign.name();
    ASSERT_TRUE(On<v1::SummarizeCampaignRequest>("SummarizeCampaign", name, &summary).ok());
    ASSERT_TRUE(On<v1::MapDeficitsRequest>("MapDeficits", name, &map).ok());
  };
  submit(6000, 3);  // six results of three people
  ask();
  EXPECT_EQ(summary.diagnosed_count(), 3);
  EXPECT_EQ(summary.deficits_size(), 0);
  EXPECT_EQ(map.rows_size(), 0);
  submit(6003, 2);
  ask();
  ASSERT_GT(summary.deficits_size(), 0);
  EXPECT_EQ(summary.deficits(0).count(), 5);
  ASSERT_GT(map.rows_size(), 0);
  EXPECT_EQ(map.rows(0).assessed_count(), 5);
  EXPECT_EQ(map.rows(0).deficit_count(), 5);
}

TEST_F(SessionTest, EducatorAnswersAloneAndTheAuthorityReadsNoPersonalResult) {
  const v1::Campaign campaign = NewCampaign();
  auto educator = host_->Connect({"educator"}, {NameOf("persons", 30)});
  v1::ListInstrumentsRequest list;
  list.set_parent("regions/86");
  v1::ListInstrumentsResponse instruments;
  auto status = Call(*educator, "ListInstruments", list, &instruments);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_GE(instruments.instruments_size(), 4);
  v1::Session session;
  status = Call(*educator, "StartSession", StartOf(Filled(campaign, 30, 3)), &session);
  ASSERT_TRUE(status.ok()) << status;
  v1::SubmitSessionRequest submit;
  submit.set_name(session.name());
  v1::Result result;
  status = Call(*educator, "SubmitSession", submit, &result);
  ASSERT_TRUE(status.ok()) << status;
  v1::Session other;
  EXPECT_FALSE(Call(*educator, "StartSession", StartOf(Filled(campaign, 31, 3)), &other).ok());
  auto authority = host_->Connect({"authority"}, {"regions/86"});
  v1::GetResultRequest get;
  get.set_name(result.name());
  EXPECT_EQ(ReasonOf(Call(*authority, "GetResult", get, &result)), "PERMISSION_DENIED");
  v1::SummarizeCampaignRequest summarize;
  summarize.set_name(campaign.name());
  v1::SummarizeCampaignResponse summary;
  EXPECT_TRUE(Call(*authority, "SummarizeCampaign", summarize, &summary).ok());
  EXPECT_EQ(summary.diagnosed_count(), 1);
}

TEST_F(SessionTest, SummaryCountsSessionsAndHidesSmallCells) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsResponse response;
  ASSERT_TRUE(SubmitBatch(campaign, 3000, 4, 3, &response).ok());
  v1::SummarizeCampaignResponse summary;
  const auto summarize = [&] {
    summary.Clear();
    return On<v1::SummarizeCampaignRequest>("SummarizeCampaign", campaign.name(), &summary);
  };
  ASSERT_TRUE(summarize().ok());
  EXPECT_EQ(summary.diagnosed_count(), 4);
  EXPECT_EQ(summary.deficits_size(), 0);
  ASSERT_TRUE(SubmitBatch(campaign, 3004, 1, 3, &response).ok());
  ASSERT_TRUE(summarize().ok());
  ASSERT_GT(summary.deficits_size(), 0);
  EXPECT_EQ(summary.deficits(0).count(), 5);
  ASSERT_EQ(summary.sessions_size(), 1);
  EXPECT_EQ(summary.sessions(0).label(), "SUBMITTED");
}

}  // namespace
}  // namespace rsnms::diagnostics
