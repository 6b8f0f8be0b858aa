#include "services/registry/asset/preconditions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/result.pb.h"
#include "rsnms/diagnostics/v1/result_methods.pb.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

absl::Status Away(std::string_view service, std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    resource::Cat(service, ": ", why))
      .RetryAfter(absl::Seconds(5));
}

absl::Status NotMet(v1::RegistryReason reason, std::string_view why) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, why);
}

// NOT_FOUND is an answer; everything else that is not OK means that there is none.
absl::Status Ask(const rpc::Call& call, rpc::Client* service, const std::string& name,
                 const std::string& method, const google::protobuf::Message& request,
                 google::protobuf::Message* response) {
  if (service == nullptr) return Away(name, "this installation names no such service");
  const auto status = service->Unary(
      method, request, response, std::min(call.deadline(), absl::Now() + kPatience), true, &call);
  if (status.ok() || absl::IsNotFound(status)) return status;
  return Away(name, absl::StatusCodeToString(status.code()));
}

// A name is safe inside a string literal of AIP-160: the engine has judged it.
std::string Equals(std::string_view field, const std::string& name) {
  return absl::StrCat(resource::ToAbsl(field), " = \"", name, "\"");
}

bool Accepted(const programs::v1::Completion& completion,
              const std::vector<std::string>& topic_codes) {
  if (topic_codes.empty()) return true;
  const auto& has = completion.topic_codes();
  return std::any_of(topic_codes.begin(), topic_codes.end(), [&](const std::string& topic) {
    return std::find(has.begin(), has.end(), topic) != has.end();
  });
}

std::string TrainingFilter(const std::string& person, const std::vector<std::string>& topics) {
  std::string filter = Equals("person", person);
  if (topics.empty()) return filter;
  filter += " AND (";
  for (size_t i = 0; i < topics.size(); ++i)
    absl::StrAppend(&filter, i == 0 ? "" : " OR ", "topic_codes:\"", topics[i], "\"");
  return filter + ")";
}

}  // namespace

absl::StatusOr<Evidence> FindDiagnostics(const rpc::Call& call, rpc::Client* diagnostics,
                                         const std::string& person, const std::string& wanted) {
  diagnostics::v1::ListResultsResponse found;
  absl::Status status;
  if (wanted.empty()) {
    diagnostics::v1::ListResultsRequest request;
    request.set_parent(absl::StrCat("regions/", RegionOf(person)));
    request.set_filter(Equals("person", person));
    request.set_order_by("submit_date desc");
    request.set_page_size(1);
    status = Ask(call, diagnostics, "diagnostics", "rsnms.diagnostics.v1.Diagnostics/ListResults",
                 request, &found);
  } else {
    diagnostics::v1::GetResultRequest request;
    request.set_name(wanted);
    status = Ask(call, diagnostics, "diagnostics", "rsnms.diagnostics.v1.Diagnostics/GetResult",
                 request, found.add_results());
  }
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  if (!status.ok() || found.results().empty() || found.results(0).person() != person) {
    return NotMet(v1::REGISTRY_REASON_NOT_DIAGNOSED, "no such result of the person");
  }
  return Evidence{.name = found.results(0).name(), .date = found.results(0).submit_date()};
}

absl::StatusOr<Evidence> FindTraining(const rpc::Call& call, rpc::Client* programs,
                                      const std::string& person, const std::string& wanted,
                                      const std::vector<std::string>& topic_codes) {
  programs::v1::ListCompletionsResponse found;
  absl::Status status;
  if (wanted.empty()) {
    programs::v1::ListCompletionsRequest request;
    request.set_parent(absl::StrCat("regions/", RegionOf(person)));
    request.set_filter(TrainingFilter(person, topic_codes));
    request.set_order_by("completion_date desc");
    request.set_page_size(1);
    status = Ask(call, programs, "programs", "rsnms.programs.v1.Programs/ListCompletions", request,
                 &found);
  } else {
    programs::v1::GetCompletionRequest request;
    request.set_name(wanted);
    status = Ask(call, programs, "programs", "rsnms.programs.v1.Programs/GetCompletion", request,
                 found.add_completions());
  }
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  if (!status.ok() || found.completions().empty() || found.completions(0).person() != person ||
      !Accepted(found.completions(0), topic_codes)) {
    return NotMet(v1::REGISTRY_REASON_NOT_TRAINED, "no such completion of the person");
  }
  return Evidence{.name = found.completions(0).name(),
                  .date = found.completions(0).completion_date()};
}

}  // namespace rsnms::registry
