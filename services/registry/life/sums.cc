#include "services/registry/life/sums.h"

#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/life/life_store.h"

namespace rsnms::registry {
namespace {

absl::Status SumsDiffer(const std::string& before, const std::string& after) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_SUMS_DIFFER,
                    "the sums before and after the change differ")
      .With("before", before)
      .With("after", after);
}

}  // namespace

absl::StatusOr<Sums> Measure(Ledger& ledger, const std::string& region,
                             const std::vector<std::string>& bodies,
                             const std::vector<std::string>& disbanded, absl::CivilDay day) {
  Sums sums;
  auto dated = SumUp(ledger.tx(), region, bodies, disbanded, day);
  if (!dated.ok()) return dated.status();
  sums.dated = *std::move(dated);
  auto held = CountHoldings(ledger, bodies, day);
  if (!held.ok()) return held.status();
  sums.held = *std::move(held);
  return sums;
}

absl::Status CheckSums(Ledger& ledger, const std::string& region, const Sums& before,
                       const std::vector<std::string>& bodies,
                       const std::vector<std::string>& disbanded, const Holdings& ended,
                       absl::CivilDay day, v1::OrganisationSums* out) {
  auto after = Measure(ledger, region, bodies, disbanded, day);
  if (!after.ok()) return after.status();
  for (size_t i = 0; i < before.dated.size(); ++i) {
    const auto &was = before.dated[i], &is = after->dated[i];
    if (!google::protobuf::util::MessageDifferencer::Equals(was, is))
      return SumsDiffer(was.ShortDebugString(), is.ShortDebugString());
  }
  Holdings expected = before.held;
  for (const auto& [type, count] : ended) {
    expected[type] -= count;
    if (expected[type] == 0) expected.erase(type);
  }
  const auto write = [](const Holdings& held, v1::OrganisationSums* sums) {
    for (const auto& [type, count] : held) {
      auto* one = sums->add_holdings();
      one->set_resource_type(type);
      one->set_count(count);
    }
  };
  v1::OrganisationSums was;
  write(expected, &was);
  *out = after->dated[kOnTheDay];
  write(after->held, out);
  if (expected == after->held) return absl::OkStatus();
  return SumsDiffer(was.ShortDebugString(), out->ShortDebugString());
}

}  // namespace rsnms::registry
