#include "services/programs/enrolment/training_service.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/resource/names.h"
#include "libs/resource/page_token.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/enrolment/activity_store.h"
#include "services/programs/enrolment/group_rules.h"
#include "services/programs/enrolment/ledger.h"
#include "services/programs/enrolment/risk_rules.h"
#include "services/programs/enrolment/risk_store.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr char kContract[] = "rsnms.programs.v1.Training";
constexpr int kPage = 50, kGreatestPage = 1000;

// One region must be named, and the caller must have some right in it.
absl::Status CheckParent(const rpc::Call& call, std::string_view parent) {
  const auto region = resource::ParseParent(parent);
  if (!region.has_value() || *region == "-") {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{region}", "укажите регион, например regions/86");
  }
  if (call.identity().TouchesRegion(*region)) return absl::OkStatus();
  return rpc::NotFound("registry.rsnms/Region", parent);
}

// A page of the risk list belongs to its caller and to the whole request but the page.
resource::PageBinding BindingOf(const rpc::Call& call, v1::ListEnrolmentRisksRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  resource::PageBinding binding;
  binding.method = request.GetDescriptor()->full_name();
  binding.filter = request.SerializeAsString();
  binding.subject = call.identity().subject;
  binding.scopes = call.identity().ScopesSetting();
  return binding;
}

}  // namespace

const google::protobuf::ServiceDescriptor* TrainingService::Contract() {
  return v1::EnrolInGroupRequest::descriptor()->file()->FindServiceByName("Training");
}

TrainingService::TrainingService(resource::Engine* engine, std::string page_key,
                                 std::function<absl::Time()> now,
                                 std::shared_ptr<rpc::Client> diagnostics)
    : engine_(engine),
      page_key_(std::move(page_key)),
      now_(std::move(now)),
      sessions_(engine, std::move(diagnostics)) {
  engine->Rule<v1::Group>(group_rules::Check);
  engine->Rule<v1::RiskSettings>(risk_rules::CheckSettings);
  engine->PrepareFor(v1::Group::descriptor(),
                     [engine](pg::Tx& tx, std::vector<resource::Engine::Pending>& rows) {
                       return ledger::PrepareGroups(tx, *engine, rows);
                     });
}

void TrainingService::Serve(rpc::Server& server) {
  auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat(kContract, "/", method), this, fn);
  };
  serve("EnrolInGroup", &TrainingService::EnrolInGroup);
  serve("PlaceEnrolment", &TrainingService::PlaceEnrolment);
  serve("DeferEnrolment", &TrainingService::DeferEnrolment);
  serve("ResumeEnrolment", &TrainingService::ResumeEnrolment);
  serve("TransferEnrolment", &TrainingService::TransferEnrolment);
  serve("VoidEnrolment", &TrainingService::VoidEnrolment);
  serve("RecordActivity", &TrainingService::RecordActivity);
  serve("ListEnrolmentRisks", &TrainingService::ListEnrolmentRisks);
}

absl::Status TrainingService::EnrolInGroup(rpc::Call& call, const v1::EnrolInGroupRequest& request,
                                           v1::Enrolment* response) {
  if (auto s = CheckParent(call, request.parent()); !s.ok()) return s;
  v1::Enrolment named = request.enrolment();
  named.set_name(request.parent());  // the region; the id is made later
  if (auto s = sessions_.Learn(call, {&named}); !s.ok()) return s;
  return ledger::EnrolInGroup(*engine_, call, request, now_(), response);
}

absl::Status TrainingService::PlaceEnrolment(rpc::Call& call,
                                             const v1::PlaceEnrolmentRequest& request,
                                             v1::Enrolment* response) {
  return ledger::Place(*engine_, call, request, response);
}

absl::Status TrainingService::DeferEnrolment(rpc::Call& call,
                                             const v1::DeferEnrolmentRequest& request,
                                             v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status TrainingService::ResumeEnrolment(rpc::Call& call,
                                              const v1::ResumeEnrolmentRequest& request,
                                              v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status TrainingService::TransferEnrolment(rpc::Call& call,
                                                const v1::TransferEnrolmentRequest& request,
                                                v1::Enrolment* response) {
  return ledger::Transfer(*engine_, call, request, now_(), response);
}

absl::Status TrainingService::VoidEnrolment(rpc::Call& call,
                                            const v1::VoidEnrolmentRequest& request,
                                            v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status TrainingService::RecordActivity(rpc::Call& call,
                                             const v1::RecordActivityRequest& request,
                                             v1::RecordActivityResponse* response) {
  if (auto s = CheckParent(call, request.parent()); !s.ok()) return s;
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto changed =
        activity_store::Record(tx, *engine_, resource::AuthorOf(call, request), request, now_());
    if (changed.ok()) response->set_changed_count(*changed);
    return changed.status();
  });
}

absl::Status TrainingService::ListEnrolmentRisks(rpc::Call& call,
                                                 const v1::ListEnrolmentRisksRequest& request,
                                                 v1::ListEnrolmentRisksResponse* response) {
  if (auto s = CheckParent(call, request.parent()); !s.ok()) return s;
  const auto binding = BindingOf(call, request);
  std::optional<resource::Values> after;
  if (!request.page_token().empty()) {
    auto key = resource::ReadPageToken(page_key_, binding, request.page_token(),
                                       risk_store::kKeyColumns, absl::Now());
    if (!key.ok()) return key.status();
    after = *std::move(key);
  }
  const int size = request.page_size() == 0 ? kPage : std::min(request.page_size(), kGreatestPage);
  std::vector<v1::EnrolmentRisk> risks;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto settings = risk_store::SettingsOf(tx, *engine_, RegionOf(request.parent()));
    if (!settings.ok()) return settings.status();
    auto rows = risk_store::Read(tx, request, *settings, after, size + 1);
    if (!rows.ok()) return rows.status();
    risks = *std::move(rows);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (static_cast<int>(risks.size()) > size) {
    risks.pop_back();
    response->set_next_page_token(
        resource::MakePageToken(page_key_, binding, risk_store::KeyOf(risks.back()), absl::Now()));
  }
  for (auto& risk : risks) response->add_risks()->Swap(&risk);
  return absl::OkStatus();
}

}  // namespace rsnms::programs
