// What diagnostics say of the sessions enrolments name: asked before a write, outside its
// transaction, kept, and judged within it.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_SESSION_FACTS_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_SESSION_FACTS_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "rsnms/programs/v1/enrolment.pb.h"

namespace rsnms::programs {

// Thread-safe; the engine must outlive it.
class SessionFacts {
 public:
  // Without `diagnostics` (null) nobody is asked, and names are judged by form alone.
  SessionFacts(resource::Engine* engine, std::shared_ptr<rpc::Client> diagnostics);

  // Has standard writes of enrolments ask, and all writes judge what was told (PrepareSessions).
  void AddRules();

  // Asks of all sessions these enrolments of one region name, in the service's own name: whoever
  // enrols need not read diagnostics. UNAVAILABLE UPSTREAM_UNAVAILABLE when they cannot be asked
  // within 10 s and one of the sessions was never told of as submitted.
  absl::Status Learn(const rpc::Call& call,
                     const std::vector<const v1::Enrolment*>& enrolments) const;

 private:
  // What a Create or Update newly names.
  absl::Status Inquire(const rpc::Call& call, const google::protobuf::Message& request) const;

  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> diagnostics_;
};

// Preparation of enrolments: sessions a write names or changes are the learner's
// (SESSION_MISMATCH), merged people being one, and submitted (SESSION_NOT_SUBMITTED); their days
// are kept with them. What continues in another group keeps what it had. When nobody is `asked`,
// the days are unset.
absl::Status PrepareSessions(pg::Tx& tx, bool asked, std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_SESSION_FACTS_H_
