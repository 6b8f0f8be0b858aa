// The diagnostic campaign: who answers is read from the registry, answers are invented, scoring and
// routes are the service's.
#include <openssl/sha.h>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "rsnms/diagnostics/v1/instrument_methods.pb.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "rsnms/diagnostics/v1/session_methods.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tools/demo/answers.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using diagnostics::v1::Audience;
using diagnostics::v1::Campaign;
using diagnostics::v1::Instrument;
using registry::v1::Employment;
using registry::v1::Organisation;

constexpr int kBatch = 500;

std::string Method(const char* name) {
  return absl::StrCat("rsnms.diagnostics.v1.Diagnostics/", name);
}

// What the campaign needs to know of the region.
struct Ground {
  std::string centre;                                    // the region's ЦНППМ
  absl::flat_hash_map<std::string, Audience> audiences;  // by organisation
  absl::flat_hash_map<int, Instrument> instruments;      // by audience
};

Audience AudienceOf(registry::v1::OrganisationKind kind) {
  switch (kind) {
    case registry::v1::ORGANISATION_KIND_PRESCHOOL:
      return diagnostics::v1::AUDIENCE_PRESCHOOL;
    case registry::v1::ORGANISATION_KIND_ADDITIONAL_EDUCATION:
      return diagnostics::v1::AUDIENCE_ADDITIONAL_EDUCATION;
    default:
      return diagnostics::v1::AUDIENCE_GENERAL_SCHOOL;
  }
}

absl::StatusOr<Ground> Survey(Session& session, const std::string& parent) {
  Ground ground;
  registry::v1::ListOrganisationsRequest organisations;
  organisations.set_parent(parent);
  auto status =
      ForEachPage<registry::v1::ListOrganisationsRequest, registry::v1::ListOrganisationsResponse>(
          session, "rsnms.registry.v1.Registry/ListOrganisations", organisations,
          [&](const auto& page) {
            for (const Organisation& o : page.organisations()) {
              if (o.kind() == registry::v1::ORGANISATION_KIND_CENTRE) ground.centre = o.name();
              ground.audiences[o.name()] = AudienceOf(o.kind());
            }
            return absl::OkStatus();
          });
  if (!status.ok()) return status;
  if (ground.centre.empty())
    return absl::FailedPreconditionError("в регионе нет ЦНППМ: сначала загрузите организации");
  diagnostics::v1::ListInstrumentsRequest instruments;
  instruments.set_parent(parent);
  instruments.set_filter("state = PUBLISHED AND kind = QUESTIONNAIRE");
  status = ForEachPage<diagnostics::v1::ListInstrumentsRequest,
                       diagnostics::v1::ListInstrumentsResponse>(
      session, Method("ListInstruments"), instruments, [&](const auto& page) {
        for (const Instrument& i : page.instruments()) ground.instruments[i.audience()] = i;
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (ground.instruments.empty())
    return absl::FailedPreconditionError("нет опубликованных опросных листов: rsnmsctl catalogue");
  return ground;
}

absl::StatusOr<Campaign> Open(Session& session, const CampaignOptions& options,
                              const Ground& ground) {
  diagnostics::v1::CreateCampaignRequest create;
  create.set_parent(absl::StrCat("regions/", options.region));
  create.set_campaign_id(
      RequestIdFor(absl::StrCat("campaign ", options.region, " ", options.year)));
  create.set_request_id(
      RequestIdFor(absl::StrCat("create campaign ", options.region, " ", options.year)));
  auto& campaign = *create.mutable_campaign();
  campaign.set_title(
      absl::StrCat("Стартовая диагностика профессиональных дефицитов, ", options.year, " год"));
  campaign.set_stage(diagnostics::v1::CAMPAIGN_STAGE_INITIAL);
  campaign.set_conducting_organisation(ground.centre);
  campaign.set_held_at_centre(true);
  campaign.mutable_start_date()->set_year(options.year);
  campaign.mutable_start_date()->set_month(3);
  campaign.mutable_start_date()->set_day(1);
  campaign.mutable_end_date()->set_year(options.year);
  campaign.mutable_end_date()->set_month(3);
  campaign.mutable_end_date()->set_day(31);
  for (const auto& [audience, instrument] : ground.instruments)
    campaign.add_instruments(instrument.name());
  std::sort(campaign.mutable_instruments()->begin(), campaign.mutable_instruments()->end());
  Campaign opened;
  if (auto s = session.Call(Method("CreateCampaign"), create, &opened); !s.ok()) return s;
  diagnostics::v1::GetCampaignRequest get;
  get.set_name(opened.name());
  if (auto s = session.Call(Method("GetCampaign"), get, &opened); !s.ok()) return s;
  if (opened.state() != Campaign::STATE_DRAFT) return opened;
  diagnostics::v1::OpenCampaignRequest open;
  open.set_name(opened.name());
  open.set_etag(opened.etag());
  open.set_request_id(NewRequestId());
  if (auto s = session.Call(Method("OpenCampaign"), open, &opened); !s.ok()) return s;
  return opened;
}

// Fills the answers to every row of the instrument. Options of a scale go from «no difficulty» to
// «needs help».
void Answer(const Instrument& instrument, const std::string& person, const demo::Dice& dice,
            diagnostics::v1::Session* filled) {
  const auto answer = [&](const diagnostics::v1::Item& item) {
    for (const auto& scale : instrument.scales()) {
      if (scale.code() != item.scale() || scale.options_size() < 2) continue;
      auto* given = filled->add_answers();
      given->set_item(item.code());
      const int strongest = scale.options_size() - 1;
      const std::string key = absl::StrCat(instrument.name(), "/", item.code());
      given->set_option(
          scale.options(strongest - demo::ChooseOption(dice, person, key, scale.options_size()))
              .code());
    }
  };
  for (const auto& group : instrument.groups()) {
    for (const auto& item : group.items()) {
      if (item.sub_items().empty()) answer(item);
      for (const auto& sub : item.sub_items()) answer(sub);
    }
  }
}

// Collects sessions and sends them batch by batch.
class Sender {
 public:
  Sender(Session& session, const Campaign& campaign, const CampaignOptions& options)
      : session_(session), options_(options), progress_("Диагностика: листы", 0) {
    request_.set_parent(absl::StrCat("regions/", options.region));
    request_.set_campaign(campaign.name());
    request_.mutable_submit_date()->set_year(options.year);
    request_.mutable_submit_date()->set_month(3);
    request_.mutable_submit_date()->set_day(15);
  }

  absl::Status Add(const Employment& employment, const Instrument& instrument) {
    auto* s = request_.add_sessions();
    s->set_name(
        absl::StrCat(request_.parent(), "/sessions/",
                     RequestIdFor(absl::StrCat(request_.campaign(), " ", employment.person()))));
    s->set_campaign(request_.campaign());
    s->set_instrument(instrument.name());
    s->set_person(employment.person());
    s->set_organisation(employment.organisation());
    s->set_municipality(employment.municipality());
    s->set_category(employment.category() == registry::v1::STAFF_CATEGORY_MANAGER
                        ? diagnostics::v1::EDUCATOR_CATEGORY_MANAGER
                        : diagnostics::v1::EDUCATOR_CATEGORY_PEDAGOGUE);
    Answer(instrument, employment.person(), demo::Dice(options_.seed), s);
    return request_.sessions_size() < kBatch ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    if (request_.sessions().empty()) return absl::OkStatus();
    request_.set_request_id(NewRequestId());
    diagnostics::v1::BatchSubmitSessionsResponse response;
    if (auto s = session_.Call(Method("BatchSubmitSessions"), request_, &response); !s.ok())
      return s;
    sent_ += response.submitted_count() + response.unchanged_count();
    progress_.Set(sent_);
    request_.clear_sessions();
    return absl::OkStatus();
  }

  int64_t sent() const { return sent_; }

 private:
  Session& session_;
  const CampaignOptions& options_;
  diagnostics::v1::BatchSubmitSessionsRequest request_;
  Progress progress_;
  int64_t sent_ = 0;
};

absl::StatusOr<int64_t> Submit(Session& session, const CampaignOptions& options,
                               const Ground& ground, const Campaign& campaign) {
  Sender sender(session, campaign, options);
  registry::v1::ListEmploymentsRequest list;
  list.set_parent(absl::StrCat("regions/", options.region));
  list.set_filter("main = true");
  auto status =
      ForEachPage<registry::v1::ListEmploymentsRequest, registry::v1::ListEmploymentsResponse>(
          session, "rsnms.registry.v1.Registry/ListEmployments", list, [&](const auto& page) {
            for (const Employment& employment : page.employments()) {
              if (employment.has_end_date()) continue;
              if (!TakesPart(options.seed, employment.person(), options.share_percent)) continue;
              const auto audience = ground.audiences.find(employment.organisation());
              const auto instrument = ground.instruments.find(
                  audience == ground.audiences.end() ? diagnostics::v1::AUDIENCE_GENERAL_SCHOOL
                                                     : audience->second);
              if (instrument == ground.instruments.end()) continue;
              if (auto s = sender.Add(employment, instrument->second); !s.ok()) return s;
            }
            return absl::OkStatus();
          });
  if (!status.ok()) return status;
  if (auto s = sender.Flush(); !s.ok()) return s;
  return sender.sent();
}

// Builds routes, then moves all of them through agreement, approval and start.
absl::Status Routes(Session& session, const CampaignOptions& options, CampaignOutcome* outcome) {
  Progress progress("Маршруты: построены", 0);
  diagnostics::v1::BuildRoutesRequest build;
  build.set_parent(absl::StrCat("regions/", options.region));
  build.set_campaign(outcome->name);
  build.set_limit(kBatch);
  diagnostics::v1::BuildRoutesResponse built;
  do {
    build.set_request_id(NewRequestId());
    if (auto s = session.Call(Method("BuildRoutes"), build, &built); !s.ok()) return s;
    outcome->routes_built += built.routes_size();
    outcome->without_deficit += built.results_without_deficit_size();
    progress.Set(outcome->routes_built);
  } while (built.more());

  const auto all = [&](const char* method, auto request, auto response,
                       int64_t* count) -> absl::Status {
    request.set_parent(build.parent());
    request.set_campaign(outcome->name);
    do {
      request.set_request_id(NewRequestId());
      if (auto s = session.Call(Method(method), request, &response); !s.ok()) return s;
      if (count != nullptr) *count += response.routes_size();
    } while (response.more());
    return absl::OkStatus();
  };
  if (auto s = all("BatchAgreeRoutes", diagnostics::v1::BatchAgreeRoutesRequest(),
                   diagnostics::v1::BatchAgreeRoutesResponse(), nullptr);
      !s.ok()) {
    return s;
  }
  diagnostics::v1::BatchApproveRoutesRequest approve;
  approve.mutable_decision_date()->set_year(options.year);
  approve.mutable_decision_date()->set_month(4);
  approve.mutable_decision_date()->set_day(1);
  if (auto s = all("BatchApproveRoutes", approve, diagnostics::v1::BatchApproveRoutesResponse(),
                   &outcome->routes_approved);
      !s.ok()) {
    return s;
  }
  return all("BatchActivateRoutes", diagnostics::v1::BatchActivateRoutesRequest(),
             diagnostics::v1::BatchActivateRoutesResponse(), nullptr);
}

}  // namespace

absl::StatusOr<CampaignOutcome> RunCampaign(Session& session, const CampaignOptions& options) {
  const auto ground = Survey(session, absl::StrCat("regions/", options.region));
  if (!ground.ok()) return ground.status();
  const auto campaign = Open(session, options, *ground);
  if (!campaign.ok()) return campaign.status();
  CampaignOutcome outcome;
  outcome.name = campaign->name();
  if (campaign->state() == Campaign::STATE_OPEN) {
    const auto sent = Submit(session, options, *ground, *campaign);
    if (!sent.ok()) return sent.status();
    outcome.sessions = *sent;
  }
  if (auto s = Routes(session, options, &outcome); !s.ok()) return s;
  return outcome;
}

std::string RequestIdFor(const std::string& words) {
  unsigned char h[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(words.data()), words.size(), h);
  return absl::StrFormat("%02x%02x%02x%02x-%02x%02x-8%01x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                         h[0], h[1], h[2], h[3], h[4], h[5], h[6] & 0xf, h[7], 0x80 | (h[8] & 0x3f),
                         h[9], h[10], h[11], h[12], h[13], h[14], h[15]);
}

bool TakesPart(uint64_t seed, const std::string& key, int percent) {
  return demo::Mix(seed ^ demo::HashOf(key)) % 100 < static_cast<uint64_t>(std::max(percent, 0));
}

}  // namespace rsnms::ctl
