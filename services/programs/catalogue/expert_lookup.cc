#include "services/programs/catalogue/expert_lookup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/expert.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

absl::Status Away(std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    Cat("registry: ", why))
      .RetryAfter(absl::Seconds(5));
}

// NOT_FOUND is an answer; everything else that is not OK means that there is none.
absl::Status Ask(const rpc::Call& call, rpc::Client* registry, const std::string& method,
                 const google::protobuf::Message& request, google::protobuf::Message* response) {
  if (registry == nullptr) return Away("this installation names no such service");
  const auto status =
      registry->Unary("rsnms.registry.v1." + method, request, response,
                      std::min(call.deadline(), absl::Now() + kPatience), true, &call);
  if (status.ok() || absl::IsNotFound(status)) return status;
  return Away(absl::StatusCodeToString(status.code()));
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

bool Has(const std::vector<std::string>& bodies, const std::string& body) {
  return std::find(bodies.begin(), bodies.end(), body) != bodies.end();
}

// Whether a post of the person in one of the bodies touches a day of the interest; all pages of
// their posts are read.
absl::StatusOr<bool> WorkedIn(const rpc::Call& call, rpc::Client* registry,
                              const std::string& person, const review_rules::Interest& interest) {
  registry::v1::ListEmploymentsRequest list;
  list.set_parent(Cat("regions/", RegionOf(person)));
  list.set_filter(Cat("person = \"", person, "\""));
  list.set_page_size(1000);
  do {
    registry::v1::ListEmploymentsResponse posts;
    auto status = Ask(call, registry, "Registry/ListEmployments", list, &posts);
    if (!status.ok()) return status;
    for (const auto& post : posts.employments()) {
      if (Has(interest.bodies, post.organisation()) && DayOf(post.start_date()) <= interest.today &&
          (!post.has_end_date() || interest.since <= DayOf(post.end_date()))) {
        return true;
      }
    }
    list.set_page_token(posts.next_page_token());
  } while (!list.page_token().empty());
  return false;
}

}  // namespace

absl::StatusOr<review_rules::ExpertFacts> FindExpert(const rpc::Call& call, rpc::Client* registry,
                                                     const std::string& expert,
                                                     const review_rules::Interest& interest) {
  review_rules::ExpertFacts facts;
  registry::v1::GetExpertRequest get;
  get.set_name(expert);
  registry::v1::Expert found;
  auto status = Ask(call, registry, "Practices/GetExpert", get, &found);
  if (absl::IsNotFound(status)) return facts;
  if (!status.ok()) return status;
  facts.person = found.person();
  facts.registered =
      found.state() == registry::v1::Expert::STATE_REGISTERED && !found.has_delete_time();
  const auto& fields = found.fields();
  facts.of_programmes =
      std::find(fields.begin(), fields.end(), registry::v1::EXPERT_FIELD_PROGRAMME) != fields.end();
  for (const std::string& body : found.conflict_organisations()) {
    if (Has(interest.bodies, body)) facts.declared = true;
  }
  auto worked = WorkedIn(call, registry, facts.person, interest);
  if (!worked.ok()) return worked.status();
  facts.employed = *worked;
  return facts;
}

}  // namespace rsnms::programs
