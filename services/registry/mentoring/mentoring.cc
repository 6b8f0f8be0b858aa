#include "services/registry/mentoring/mentoring.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "services/registry/mentoring/mentoring_store.h"
#include "services/registry/mentoring/mentorship_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Mentoring";

std::string Method(const char* name) { return absl::StrCat(kContract, "/", name); }

}  // namespace

const google::protobuf::ServiceDescriptor* MentoringContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void MentoringService::Serve(rpc::Server& server) {
  server.Unary<v1::GetMentoringCatalogueRequest, v1::MentoringCatalogue>(
      Method("GetMentoringCatalogue"), [this](auto& call, const auto& request, auto* response) {
        return GetMentoringCatalogue(call, request, response);
      });
  server.Unary<v1::AddMenteeRequest, v1::Mentorship>(
      Method("AddMentee"), [this](auto& call, const auto& request, auto* response) {
        return AddMentee(call, request, response);
      });
}

absl::Status MentoringService::GetMentoringCatalogue(
    rpc::Call& call, const v1::GetMentoringCatalogueRequest& request,
    v1::MentoringCatalogue* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) {
    response->Clear();
    return ReadCatalogue(tx, request.model(), response);
  });
}

absl::Status MentoringService::AddMentee(rpc::Call& call, const v1::AddMenteeRequest& request,
                                         v1::Mentorship* response) {
  return engine_.Write<v1::Mentorship>(
      call, request,
      [&](pg::Tx&, v1::Mentorship& mentorship) -> absl::Status {
        if (auto s = MayJoin(mentorship); !s.ok()) return s;
        mentorship.add_mentees(request.mentee());
        return absl::OkStatus();
      },
      response);
}

}  // namespace rsnms::registry
