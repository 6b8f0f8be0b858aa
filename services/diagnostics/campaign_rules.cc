#include "services/diagnostics/campaign_rules.h"

#include <algorithm>
#include <tuple>

#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"

namespace rsnms::diagnostics {
namespace {

using google::protobuf::util::MessageDifferencer;

v1::Campaign Content(v1::Campaign campaign) {
  campaign.clear_state();
  campaign.clear_etag();
  campaign.clear_create_time();
  campaign.clear_update_time();
  campaign.clear_delete_time();
  return campaign;
}

absl::Status Frozen() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::DIAGNOSTICS_REASON_CAMPAIGN_FROZEN,
                    "only a draft campaign may change or be deleted");
}

absl::Status CheckContent(const v1::Campaign& campaign) {
  if (Compare(campaign.end_date(), campaign.start_date()) < 0) {
    return rpc::InvalidField("end_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must not be before start_date",
                             "последний день не может быть раньше первого");
  }
  if (campaign.instruments_size() == 0) {
    return rpc::InvalidField("instruments", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "name at least one instrument", "укажите хотя бы один инструмент");
  }
  return absl::OkStatus();
}

}  // namespace

int Compare(const google::type::Date& a, const google::type::Date& b) {
  const auto key = [](const google::type::Date& d) {
    return std::make_tuple(d.year(), d.month(), d.day());
  };
  return key(a) < key(b) ? -1 : key(b) < key(a) ? 1 : 0;
}

absl::Status Move(CampaignAction action, v1::Campaign& campaign) {
  const auto next = Next(kCampaignTransitions, campaign.state(), action);
  if (!next) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_INVALID_STATE,
                      "the campaign's state does not allow this")
        .With("state", v1::Campaign::State_Name(campaign.state()));
  }
  campaign.set_state(*next);
  return absl::OkStatus();
}

absl::Status CheckCampaign(resource::Change change, const v1::Campaign* before,
                           v1::Campaign* after) {
  if (change == resource::Change::kCreate) {
    if (after->state() == v1::Campaign::STATE_UNSPECIFIED) {
      after->set_state(v1::Campaign::STATE_DRAFT);
    }
    return after->state() == v1::Campaign::STATE_DRAFT ? CheckContent(*after) : Frozen();
  }
  const bool draft = before->state() == v1::Campaign::STATE_DRAFT;
  if (change != resource::Change::kUpdate) return draft ? absl::OkStatus() : Frozen();
  if (!draft && !MessageDifferencer::Equals(Content(*before), Content(*after))) return Frozen();
  if (before->state() != after->state() &&
      !MayBecome(kCampaignTransitions, before->state(), after->state())) {
    return Frozen();
  }
  return CheckContent(*after);
}

absl::Status CheckTakes(const v1::Campaign& campaign, std::string_view instrument,
                        const google::type::Date& day) {
  if (campaign.state() != v1::Campaign::STATE_OPEN) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::DIAGNOSTICS_REASON_CAMPAIGN_NOT_OPEN, "the campaign is not open")
        .With("state", v1::Campaign::State_Name(campaign.state()));
  }
  if (std::find(campaign.instruments().begin(), campaign.instruments().end(), instrument) ==
      campaign.instruments().end()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::DIAGNOSTICS_REASON_INSTRUMENT_NOT_IN_CAMPAIGN,
                      "the instrument is not one of the campaign's")
        .Field("session.instrument", "must be one of the campaign's instruments",
               "должен быть одним из инструментов кампании");
  }
  if (Compare(day, campaign.start_date()) < 0 || Compare(day, campaign.end_date()) > 0) {
    return rpc::InvalidField("submit_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must lie within the campaign's period",
                             "день должен лежать в сроках кампании");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::diagnostics
