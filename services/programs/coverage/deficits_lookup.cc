#include "services/programs/coverage/deficits_lookup.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/campaign.pb.h"
#include "rsnms/diagnostics/v1/campaign_methods.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);  // for all campaigns together
constexpr int kMostCampaigns = 20;

absl::Status Away(std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    Cat("diagnostics: ", why))
      .RetryAfter(absl::Seconds(5));
}

// One conversation, whose end does not move with the number of questions.
struct Talk {
  const rpc::Call& call;
  rpc::Client& diagnostics;
  const absl::Time deadline;
};

absl::Status Ask(const Talk& talk, const std::string& method,
                 const google::protobuf::Message& request, google::protobuf::Message* response) {
  const auto status = talk.diagnostics.Unary("rsnms.diagnostics.v1.Diagnostics/" + method, request,
                                             response, talk.deadline, true, &talk.call);
  if (status.ok() || absl::IsNotFound(status) || absl::IsPermissionDenied(status)) return status;
  return Away(absl::StatusCodeToString(status.code()));
}

absl::StatusOr<std::vector<std::string>> Latest(const Talk& talk,
                                                const v1::ListCompetencyCoverageRequest& request) {
  diagnostics::v1::ListCampaignsRequest list;
  list.set_parent(request.parent());
  std::string filter = "(state = \"OPEN\" OR state = \"CLOSED\")";
  if (request.scope().has_end_date()) {
    const auto& day = request.scope().end_date();
    filter += absl::StrFormat(" AND start_date <= \"%04d-%02d-%02d\"", day.year(), day.month(),
                              day.day());
  }
  list.set_filter(filter);
  list.set_order_by("start_date desc");
  list.set_page_size(kMostCampaigns);
  diagnostics::v1::ListCampaignsResponse page;
  if (auto s = Ask(talk, "ListCampaigns", list, &page); !s.ok()) {
    return absl::IsNotFound(s) ? Away("does not know the region") : s;
  }
  std::vector<std::string> campaigns;
  for (const auto& campaign : page.campaigns()) campaigns.push_back(campaign.name());
  return campaigns;
}

absl::StatusOr<Deficits> Count(const Talk& talk, const v1::ListCompetencyCoverageRequest& request,
                               const std::vector<std::string>& campaigns) {
  diagnostics::v1::CountOpenDeficitsRequest count;
  count.set_parent(request.parent());
  for (const std::string& campaign : campaigns) count.add_campaigns(campaign);
  count.set_municipality(request.scope().municipality());
  diagnostics::v1::CountOpenDeficitsResponse counted;
  if (auto s = Ask(talk, "CountOpenDeficits", count, &counted); !s.ok()) {
    return absl::IsNotFound(s) ? Away("does not know the region") : s;
  }
  Deficits deficits;
  for (const auto& deficit : counted.deficits()) {
    DeficitCount& known =
        deficits
            .counts[NameOf(RegionOf(request.parent()), "competencies", deficit.competency_code())];
    known.suppressed = deficit.suppressed();
    if (deficit.has_people_count()) known.count = deficit.people_count();
  }
  deficits.campaigns.assign(counted.campaigns().begin(), counted.campaigns().end());
  return deficits;
}

}  // namespace

absl::StatusOr<Deficits> AskDeficits(const rpc::Call& call, rpc::Client* diagnostics,
                                     const v1::ListCompetencyCoverageRequest& request) {
  const std::string region(RegionOf(request.parent()));
  for (int i = 0; i < request.campaigns_size(); ++i) {
    const std::string& name = request.campaigns(i);
    if (name == NameOf(region, "campaigns", IdOf(name)) && resource::IsUuid(IdOf(name))) continue;
    return rpc::InvalidField(Cat("campaigns[", i, "]"), options::v1::COMMON_REASON_INVALID_NAME,
                             "must lie in the request's region",
                             "кампания должна быть из региона запроса");
  }
  if (diagnostics == nullptr) return Away("this installation names no such service");
  const Talk talk{call, *diagnostics, std::min(call.deadline(), absl::Now() + kPatience)};
  std::vector<std::string> names(request.campaigns().begin(), request.campaigns().end());
  if (names.empty()) {
    auto latest = Latest(talk, request);
    if (!latest.ok()) return latest.status();
    names = *std::move(latest);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.empty()) return Deficits();
  auto deficits = Count(talk, request, names);
  if (!deficits.ok() || request.campaigns().empty())
    return deficits;  // deleted since it was listed
  for (const std::string& campaign : names) {
    const auto& known = deficits->campaigns;
    if (std::find(known.begin(), known.end(), campaign) != known.end()) continue;
    return rpc::NotFound("diagnostics.rsnms/Campaign", campaign);
  }
  return deficits;
}

}  // namespace rsnms::programs
