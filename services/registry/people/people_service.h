// Domain methods of rsnms.registry.v1.People; the standard ones and the state machines are the
// engine's.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_SERVICE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_SERVICE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/consent.pb.h"
#include "rsnms/registry/v1/person_merge.pb.h"
#include "rsnms/registry/v1/professional_standing.pb.h"
#include "services/registry/pages.h"

namespace rsnms::registry {

// Stateless beside the engine, which must outlive it. Thread-safe.
class PeopleService {
 public:
  // `page_key` is the host's, for resource::KeyPurpose::kReportPages.
  PeopleService(resource::Engine& engine, std::string page_key)
      : engine_(engine), pages_(std::move(page_key)) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status CheckConsent(rpc::Call& call, const v1::CheckConsentRequest& request,
                            v1::CheckConsentResponse* response);
  absl::Status SearchPersons(rpc::Call& call, const v1::SearchPersonsRequest& request,
                             v1::SearchPersonsResponse* response);
  absl::Status GetProfessionalStanding(rpc::Call& call,
                                       const v1::GetProfessionalStandingRequest& request,
                                       v1::ProfessionalStanding* response);
  absl::Status AssessCareerLadder(rpc::Call& call, const v1::AssessCareerLadderRequest& request,
                                  v1::CareerLadderAssessment* response);
  absl::Status FindDuplicatePersons(rpc::Call& call, const v1::FindDuplicatePersonsRequest& request,
                                    v1::FindDuplicatePersonsResponse* response);
  absl::Status MergePersons(rpc::Call& call, const v1::MergePersonsRequest& request,
                            v1::PersonMerge* response);
  absl::Status UnmergePersons(rpc::Call& call, const v1::UnmergePersonsRequest& request,
                              v1::PersonMerge* response);

 private:
  void ServeMerges(rpc::Server& server);

  resource::Engine& engine_;
  const Pages pages_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_SERVICE_H_
