
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using programs::v1::RegisterSync;

// The sync under way in the region, if there is one.
absl::StatusOr<std::string> Running(Session& session, const std::string& region) {
  programs::v1::ListRegisterSyncsRequest request;
  request.set_parent(absl::StrCat("regions/", region));
  request.set_filter("state = PENDING OR state = RUNNING OR state = NEEDS_CONFIRMATION");
  programs::v1::ListRegisterSyncsResponse page;
  if (auto s = session.Call("rsnms.programs.v1.Programs/ListRegisterSyncs", request, &page);
      !s.ok())
    return s;
  return page.register_syncs_size() == 0 ? "" : page.register_syncs(0).name();
}

bool Over(const RegisterSync& sync) {
  return sync.state() != RegisterSync::STATE_PENDING && sync.state() != RegisterSync::STATE_RUNNING;
}

}  // namespace

absl::StatusOr<RegisterSync> Sync(Session& session, const std::string& region, bool full,
                                  bool ask_again) {
  auto running = Running(session, region);
  if (!running.ok()) return running.status();
  RegisterSync sync;
  if (running->empty()) {
    programs::v1::StartRegisterSyncRequest start;
    start.set_parent(absl::StrCat("regions/", region));
    start.set_mode(full ? RegisterSync::MODE_FULL : RegisterSync::MODE_INCREMENTAL);
    start.set_ask_again(ask_again);
    start.set_request_id(NewRequestId());
    if (auto s = session.Call("rsnms.programs.v1.Programs/StartRegisterSync", start, &sync);
        !s.ok())
      return s;
  } else {
    sync.set_name(*running);
  }
  return Follow(session, sync.name());
}

absl::StatusOr<RegisterSync> Follow(Session& session, const std::string& name) {
  RegisterSync sync;
  Progress progress("Сверка с федеральным реестром", 0);
  const absl::Time deadline = session.deadline();
  programs::v1::GetRegisterSyncRequest get;
  get.set_name(name);
  do {
    if (auto s = session.Call("rsnms.programs.v1.Programs/GetRegisterSync", get, &sync); !s.ok())
      return s;
    progress.Set(sync.fetched_count());
    if (Over(sync)) return sync;
    absl::SleepFor(absl::Milliseconds(200));
  } while (absl::Now() < deadline);
  return absl::DeadlineExceededError("сверка ещё идёт, следите за ней: rsnmsctl get " + name);
}

}  // namespace rsnms::ctl
