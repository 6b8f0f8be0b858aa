#include "services/registry/act_store.h"

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {

absl::StatusOr<v1::Document> FindAct(pg::Tx& tx, const resource::Engine& engine,
                                     const std::string& name, const char* path) {
  auto act = resource::Table<v1::Document>(engine).Get(tx, name);
  if (absl::IsNotFound(act.status()) || (act.ok() && act->has_delete_time())) {
    return rpc::InvalidField(path, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                             "does not exist, or is not visible to you", "запись не найдена");
  }
  if (act.ok() && !act->has_approved_date()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_ACT_NOT_APPROVED,
                      "the act is a draft")
        .Field(path, "is a draft", "акт ещё не утверждён")
        .ToStatus();
  }
  return act;
}

}  // namespace rsnms::registry
