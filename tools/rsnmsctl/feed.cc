// feed and audit: what a service's journal holds, and whether it is whole.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "tools/rsnmsctl/commands.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

absl::StatusOr<feed::v1::FeedState> StateOf(Session& session, const std::string& service) {
  feed::v1::FeedState state;
  auto s =
      session.client(service).Unary("rsnms.feed.v1.ChangeFeed/GetFeedState",
                                    feed::v1::GetFeedStateRequest(), &state, session.deadline());
  if (!s.ok()) return s;
  return state;
}

void PrintChange(Session& session, const feed::v1::Change& change) {
  if (session.json()) {
    std::puts(ToJson(change).c_str());
    return;
  }
  const std::string kind =
      feed::v1::ChangeKind_Name(change.kind()).substr(sizeof("CHANGE_KIND_") - 1);
  std::printf("%8lld  %-10s v%-4lld %s  %s  %s\n", static_cast<long long>(change.position()),
              kind.c_str(), static_cast<long long>(change.version()), change.resource().c_str(),
              absl::StrJoin(change.changed_fields(), ",").c_str(), change.actor().c_str());
}

}  // namespace

absl::Status FeedState(Session& session, const std::vector<std::string>& services) {
  Table table({"сервис", "эпоха", "начало", "конец", "отставание, мс"});
  for (const auto& service : services) {
    const auto state = StateOf(session, service);
    if (!state.ok()) return state.status();
    if (session.json()) std::puts(ToJson(*state).c_str());
    table.Add({service, state->epoch(), absl::StrCat(state->oldest_position()),
               absl::StrCat(state->sealed_position()), absl::StrCat(state->lag_millis())});
  }
  if (!session.json()) table.Print();
  return absl::OkStatus();
}

absl::Status FeedTail(Session& session, const TailOptions& options) {
  const auto state = StateOf(session, options.service);
  if (!state.ok()) return state.status();
  feed::v1::StreamChangesRequest request;
  request.set_epoch(state->epoch());
  request.set_after_position(options.after < 0 ? state->sealed_position() : options.after);
  for (const auto& type : options.types) request.mutable_selector()->add_resource_types(type);
  for (const auto& region : options.regions) request.mutable_selector()->add_region_codes(region);
  feed::v1::StreamChangesResponse batch;
  int shown = 0;
  return session.client(options.service)
      .ServerStream("rsnms.feed.v1.ChangeFeed/StreamChanges", request, &batch, [&] {
        for (const auto& change : batch.changes()) {
          PrintChange(session, change);
          if (options.limit > 0 && ++shown >= options.limit) return false;
        }
        std::fflush(stdout);
        return true;
      });
}

absl::Status AuditVerify(Session& session, const std::vector<std::string>& services) {
  Table table({"сервис", "проверено записей", "нарушений", "хеш цепочки"});
  bool whole = true;
  for (const auto& service : services) {
    feed::v1::VerifyJournalResponse response;
    auto s = session.client(service).Unary("rsnms.feed.v1.ChangeFeed/VerifyJournal",
                                           feed::v1::VerifyJournalRequest(), &response,
                                           session.deadline());
    if (!s.ok()) return s;
    if (session.json()) std::puts(ToJson(response).c_str());
    whole = whole && response.broken_positions_size() == 0;
    table.Add({service, absl::StrCat(response.checked_rows()),
               response.broken_positions_size() == 0
                   ? "нет"
                   : absl::StrCat("позиции ", absl::StrJoin(response.broken_positions(), ", ")),
               response.chain_hash()});
  }
  if (!session.json()) table.Print();
  return whole ? absl::OkStatus()
               : absl::DataLossError("журнал изменён в обход системы: цепочка хешей не сходится");
}

}  // namespace rsnms::ctl
