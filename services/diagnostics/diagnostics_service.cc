#include "services/diagnostics/diagnostics_service.h"

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "libs/resource/client_rule.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/batch_checks.h"
#include "services/diagnostics/campaign_rules.h"
#include "services/diagnostics/competency_rules.h"
#include "services/diagnostics/instrument_rules.h"
#include "services/diagnostics/learning_store.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/session_rules.h"

namespace rsnms::diagnostics {
namespace {

absl::Status CheckEtag(std::string_view given, std::string_view stored) {
  if (given.empty() || given == stored) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the resource has changed since it was read");
}

// Competencies the instrument measures exist.
absl::Status CheckCompetenciesExist(pg::Tx& tx, const v1::Instrument& instrument) {
  constexpr std::string_view kSqlMissing =
      "SELECT code FROM unnest($2::text[]) AS code WHERE NOT EXISTS (SELECT FROM competency c "
      "WHERE c.region_code = $1 AND c.id = code AND c.delete_time IS NULL) ORDER BY 1 LIMIT 1";
  const auto sheet = Sheet::Of(instrument);
  auto rows = tx.Query(kSqlMissing, RegionOf(instrument.name()), sheet->competency_codes());
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                    "the instrument measures a competency that does not exist")
      .With("competency", (*rows)[0][0].c_str());
}

absl::Status CheckInstrumentsPublished(pg::Tx& tx, const v1::Campaign& campaign,
                                       const resource::Table<v1::Instrument>& instruments) {
  for (int i = 0; i < campaign.instruments_size(); ++i) {
    auto instrument = instruments.Get(tx, campaign.instruments(i));
    if (instrument.ok() && instrument->state() == v1::Instrument::STATE_PUBLISHED) continue;
    if (!instrument.ok() && !absl::IsNotFound(instrument.status())) return instrument.status();
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::DIAGNOSTICS_REASON_INSTRUMENT_NOT_IN_CAMPAIGN,
                      "an instrument of the campaign is not published")
        .Field(resource::Cat("instruments[", i, "]"), "is not published",
               "инструмент не опубликован");
  }
  return absl::OkStatus();
}

}  // namespace

const google::protobuf::ServiceDescriptor* DiagnosticsContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "rsnms.diagnostics.v1.Diagnostics");
}

google::type::Date TodayUtc() {
  const absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

void AddRules(resource::Engine& engine) {
  engine.Rule<v1::Competency>(CheckCompetency);
  engine.Rule<v1::Instrument>(CheckInstrument);
  engine.Rule<v1::Campaign>(CheckCampaign);
  engine.Rule<v1::Session>(CheckSession);
  engine.Rule<v1::Route>(CheckRoute);
  engine.PrepareFor(v1::Route::descriptor(), PrepareRoutes);
  resource::AddClientRule(
      engine, v1::Route::descriptor(),
      [](pg::Tx&, const resource::Message& before, const resource::Message& after) {
        return KeepsProgress(static_cast<const v1::Route&>(before),
                             static_cast<const v1::Route&>(after));
      });
}

DiagnosticsService::DiagnosticsService(resource::Engine& engine, Today today)
    : engine_(engine), today_(std::move(today)), sessions_(engine), routes_(engine) {}

template <class Request, class Response>
void DiagnosticsService::Add(rpc::Server& server, const char* method,
                             absl::Status (DiagnosticsService::*fn)(rpc::Call&, const Request&,
                                                                    Response*)) {
  server.Unary<Request, Response>(
      resource::Cat("rsnms.diagnostics.v1.Diagnostics/", method),
      [this, fn](rpc::Call& call, const Request& request, Response* response) {
        return (this->*fn)(call, request, response);
      });
}

void DiagnosticsService::Serve(rpc::Server& server) {
  using S = DiagnosticsService;
  Add(server, "PublishInstrument", &S::PublishInstrument);
  Add(server, "RetireInstrument", &S::RetireInstrument);
  Add(server, "OpenCampaign", &S::OpenCampaign);
  Add(server, "CloseCampaign", &S::CloseCampaign);
  Add(server, "SummarizeCampaign", &S::SummarizeCampaign);
  Add(server, "MapDeficits", &S::MapDeficits);
  Add(server, "CountOpenDeficits", &S::CountOpenDeficits);
  Add(server, "LookUpSessions", &S::LookUpSessions);
  Add(server, "StartSession", &S::StartSession);
  Add(server, "SaveAnswers", &S::SaveAnswers);
  Add(server, "SubmitSession", &S::SubmitSession);
  Add(server, "AnnulSession", &S::AnnulSession);
  Add(server, "BatchSubmitSessions", &S::BatchSubmitSessions);
  Add(server, "ExplainResult", &S::ExplainResult);
  Add(server, "BuildRoutes", &S::BuildRoutes);
  Add(server, "AgreeRoute", &S::AgreeRoute);
  Add(server, "ApproveRoute", &S::ApproveRoute);
  Add(server, "ReturnRoute", &S::ReturnRoute);
  Add(server, "ActivateRoute", &S::ActivateRoute);
  Add(server, "PauseRoute", &S::PauseRoute);
  Add(server, "ResumeRoute", &S::ResumeRoute);
  Add(server, "CompleteRoute", &S::CompleteRoute);
  Add(server, "CloseRoute", &S::CloseRoute);
  Add(server, "SetRouteItem", &S::SetRouteItem);
  Add(server, "BatchAgreeRoutes", &S::BatchAgreeRoutes);
  Add(server, "BatchApproveRoutes", &S::BatchApproveRoutes);
  Add(server, "BatchActivateRoutes", &S::BatchActivateRoutes);
  Add(server, "ListRouteRevisions", &S::ListRouteRevisions);
  Add(server, "SuggestReplacements", &S::SuggestReplacements);
}

absl::Status DiagnosticsService::PublishInstrument(rpc::Call& call,
                                                   const v1::PublishInstrumentRequest& request,
                                                   v1::Instrument* response) {
  return engine_.Write<v1::Instrument>(
      call, request,
      [](pg::Tx& tx, v1::Instrument& instrument) -> absl::Status {
        if (auto s = Move(InstrumentAction::kPublish, instrument); !s.ok()) return s;
        if (auto s = CheckConsistent(instrument); !s.ok()) return s;
        return CheckCompetenciesExist(tx, instrument);
      },
      response);
}

absl::Status DiagnosticsService::RetireInstrument(rpc::Call& call,
                                                  const v1::RetireInstrumentRequest& request,
                                                  v1::Instrument* response) {
  return engine_.Write<v1::Instrument>(
      call, request,
      [](pg::Tx&, v1::Instrument& instrument) {
        return Move(InstrumentAction::kRetire, instrument);
      },
      response);
}

absl::Status DiagnosticsService::OpenCampaign(rpc::Call& call,
                                              const v1::OpenCampaignRequest& request,
                                              v1::Campaign* response) {
  const resource::Table<v1::Instrument> instruments(engine_);
  return engine_.Write<v1::Campaign>(
      call, request,
      [&](pg::Tx& tx, v1::Campaign& campaign) -> absl::Status {
        if (auto s = Move(CampaignAction::kOpen, campaign); !s.ok()) return s;
        return CheckInstrumentsPublished(tx, campaign, instruments);
      },
      response);
}

absl::Status DiagnosticsService::CloseCampaign(rpc::Call& call,
                                               const v1::CloseCampaignRequest& request,
                                               v1::Campaign* response) {
  const auto author = resource::AuthorOf(call, request);
  return engine_.Write<v1::Campaign>(
      call, request,
      [&](pg::Tx& tx, v1::Campaign& campaign) -> absl::Status {
        if (auto s = Move(CampaignAction::kClose, campaign); !s.ok()) return s;
        if (auto s = sessions_.HoldForClosing(tx, campaign.name()); !s.ok()) return s;
        return sessions_.AnnulRest(tx, author, campaign);
      },
      response);
}

absl::Status DiagnosticsService::SummarizeCampaign(rpc::Call& call,
                                                   const v1::SummarizeCampaignRequest& request,
                                                   v1::SummarizeCampaignResponse* response) {
  const resource::Table<v1::Campaign> campaigns(engine_);
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto campaign = campaigns.Get(tx, request.name());
    if (!campaign.ok()) return campaign.status();
    return sessions_.Summarize(tx, RegionOf(request.name()), IdOf(request.name()), response);
  });
}

absl::Status DiagnosticsService::MapDeficits(rpc::Call& call, const v1::MapDeficitsRequest& request,
                                             v1::MapDeficitsResponse* response) {
  const resource::Table<v1::Campaign> campaigns(engine_);
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto campaign = campaigns.Get(tx, request.name());
    if (!campaign.ok()) return campaign.status();
    return sessions_.MapDeficits(tx, request, response);
  });
}

absl::Status DiagnosticsService::StartSession(rpc::Call& call,
                                              const v1::StartSessionRequest& request,
                                              v1::Session* response) {
  if (auto s = CheckParent(request.parent()); !s.ok()) return s;
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    *response = request.session();
    return sessions_.Start(tx, author, RegionOf(request.parent()), today_(), *response);
  });
}

absl::Status DiagnosticsService::SaveAnswers(rpc::Call& call, const v1::SaveAnswersRequest& request,
                                             v1::Session* response) {
  return engine_.Write<v1::Session>(
      call, request,
      [&](pg::Tx& tx, v1::Session& session) -> absl::Status {
        ApplyAnswers(request.answers(), session);
        return sessions_.CheckSaving(tx, session);
      },
      response);
}

absl::Status DiagnosticsService::SubmitSession(rpc::Call& call,
                                               const v1::SubmitSessionRequest& request,
                                               v1::Result* response) {
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto session = sessions_.sessions().Get(tx, request.name(), resource::Lock::kUpdate);
    if (!session.ok()) return session.status();
    if (auto s = CheckEtag(request.etag(), session->etag()); !s.ok()) return s;
    const auto day = DayOr(request.has_submit_date(), request.submit_date());
    auto result = sessions_.Submit(tx, author, *session, day);
    if (!result.ok()) return result.status();
    *response = *std::move(result);
    return absl::OkStatus();
  });
}

absl::Status DiagnosticsService::AnnulSession(rpc::Call& call,
                                              const v1::AnnulSessionRequest& request,
                                              v1::Session* response) {
  return engine_.Write<v1::Session>(
      call, request,
      [](pg::Tx&, v1::Session& session) { return Move(SessionAction::kAnnul, session); }, response);
}

absl::Status DiagnosticsService::BatchSubmitSessions(rpc::Call& call,
                                                     const v1::BatchSubmitSessionsRequest& request,
                                                     v1::BatchSubmitSessionsResponse* response) {
  const google::protobuf::RepeatedPtrField<std::string> none;
  if (auto s = CheckBatch(request.parent(), request.campaign(), none, "sessions"); !s.ok()) {
    return s;
  }
  if (request.sessions_size() > kMostOfBatch) {
    return rpc::InvalidField("sessions", options::v1::COMMON_REASON_OUT_OF_RANGE, "at most 1000",
                             "не более 1000 за один вызов");
  }
  const auto author = resource::AuthorOf(call, request);
  const auto day = DayOr(request.has_submit_date(), request.submit_date());
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    return sessions_.SubmitMany(tx, author, request, day, response);
  });
}

absl::Status DiagnosticsService::ExplainResult(rpc::Call& call,
                                               const v1::ExplainResultRequest& request,
                                               v1::ExplainResultResponse* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto result = sessions_.results().Get(tx, request.name());
    if (!result.ok()) return result.status();
    auto session = sessions_.sessions().Get(tx, result->session());
    if (!session.ok()) return session.status();
    auto sheet = sessions_.sheets().Get(tx, result->instrument());
    if (!sheet.ok()) return sheet.status();
    for (auto& e : Explain(**sheet, session->answers())) *response->add_scores() = std::move(e);
    return absl::OkStatus();
  });
}

}  // namespace rsnms::diagnostics
