#include "absl/strings/str_cat.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/terms_service.pb.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"
#include "services/registry/terms/end_overdue.h"
#include "services/registry/terms/terms.h"
#include "services/registry/terms/terms_watch_store.h"
#include "services/registry/terms/terms_worker.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Terms";
constexpr int kMostNamed = 1000;

}  // namespace

const google::protobuf::ServiceDescriptor* TermsContract() {
  v1::EndingTerm::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void TermsService::Serve(rpc::Server& server) {
  server.Unary<v1::ListEndingTermsRequest, v1::ListEndingTermsResponse>(
      absl::StrCat(kContract, "/ListEndingTerms"),
      [this](auto& call, const auto& request, auto* response) {
        return ListEndingTerms(call, request, response);
      });
  server.Unary<v1::EndOverdueRequest, v1::EndOverdueResponse>(
      absl::StrCat(kContract, "/EndOverdue"),
      [this](auto& call, const auto& request, auto* response) {
        return EndOverdue(call, request, response);
      });
}

absl::Status TermsService::ListEndingTerms(rpc::Call& call,
                                           const v1::ListEndingTermsRequest& request,
                                           v1::ListEndingTermsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto after = pages_.Place(call, request, kTermPlaceColumns);
  if (!after.ok()) return after.status();
  const int limit = PageSize(request.page_size(), 50, 1000);
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    if (auto s = ReadEndingTerms(tx, request, *after, limit + 1, response); !s.ok()) return s;
    if (response->terms_size() <= limit) return absl::OkStatus();
    response->mutable_terms()->RemoveLast();
    const auto& last = response->terms(limit - 1);
    response->set_next_page_token(
        pages_.Next(call, request, {ToIso(last.last_date()), last.resource()}));
    return absl::OkStatus();
  });
}

absl::Status TermsService::EndOverdue(rpc::Call& call, const v1::EndOverdueRequest& request,
                                      v1::EndOverdueResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  EndingRun run;
  run.region = RegionOf(request.parent());
  if (!call.identity().CoversRegion(run.region)) {
    return rpc::Error(absl::StatusCode::kPermissionDenied,
                      options::v1::COMMON_REASON_PERMISSION_DENIED,
                      "ending terms needs the whole region in scope");
  }
  run.tx = call.Tx();
  run.author = resource::AuthorOf(call, request);
  run.author.reason = kTermsReason;
  run.validate_only = request.validate_only();
  auto days = RegionDays(engine_, run.tx, now_(), run.region);
  if (!days.ok()) return days.status();
  if (days->empty()) return rpc::NotFound("registry.rsnms/Region", request.parent());
  run.day = days->begin()->second;
  EndedTerms terms;
  if (auto s = registry::EndOverdue(engine_, run, &terms); !s.ok()) return s;
  response->set_ended_count(static_cast<int64_t>(terms.ended.size()));
  response->set_failed_count(terms.failed);
  *response->mutable_as_of_date() = ToDate(run.day);
  if (terms.ended.size() > kMostNamed) terms.ended.resize(kMostNamed);
  for (auto& one : terms.ended) *response->add_ended() = std::move(one);
  return absl::OkStatus();
}

}  // namespace rsnms::registry
