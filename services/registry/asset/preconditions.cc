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
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
// Results of a person, the latest first, among which one of an accepted family is sought.
constexpr int kLookedThrough = 100;

absl::Status Away(std::string_view service, std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    resource::Cat(service, ": ", why))
      .RetryAfter(absl::Seconds(5));
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

// An instrument's id is its family and edition, `difficulties-school-1`.
std::string FamilyOf(const std::string& instrument) {
  const std::string id = IdOf(instrument);
  return id.substr(0, id.rfind('-'));
}

bool Holds(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// What keeps evidence from being accepted, in Russian; empty when nothing does.
std::string Staleness(const Demand& demand, const google::type::Date& day) {
  if (!demand.earliest || ToCivil(day) >= ToCivil(*demand.earliest)) return "";
  return absl::StrCat("По положению засчитывается не раньше ", ToIso(*demand.earliest), ".");
}

std::string Objection(const diagnostics::v1::Result& result, const std::string& person,
                      const Demand& demand) {
  if (result.person() != person) return "Такого результата у человека нет.";
  if (!demand.families.empty() && !Holds(demand.families, FamilyOf(result.instrument()))) {
    return "Положение не засчитывает эту диагностику.";
  }
  return Staleness(demand, result.submit_date());
}

std::string Objection(const programs::v1::Completion& completion, const std::string& person,
                      const Demand& demand) {
  if (completion.person() != person) return "Такого завершённого обучения у человека нет.";
  const auto& has = completion.topic_codes();
  const bool on_topic =
      demand.topics.empty() || std::any_of(has.begin(), has.end(), [&](const std::string& topic) {
        return Holds(demand.topics, topic);
      });
  if (!on_topic) return "Положение не засчитывает обучение по этой теме.";
  return Staleness(demand, completion.completion_date());
}

// The first of `found` that is accepted, when the person's latest are looked through; of one that
// was named, what is wrong with it.
template <class Found>
absl::StatusOr<const typename Found::value_type*> Choose(const Found& found,
                                                         const std::string& person,
                                                         const Demand& demand,
                                                         v1::RegistryReason reason) {
  std::string why;
  for (const auto& evidence : found) {
    const std::string objection = Objection(evidence, person, demand);
    if (objection.empty()) return &evidence;
    if (why.empty()) why = objection;
  }
  rpc::Error error(absl::StatusCode::kFailedPrecondition, reason,
                   "the person has nothing the regulation accepts");
  if (!why.empty()) error.Russian(why);
  return error.ToStatus();
}

// A condition on the day, empty when any counts.
std::string Since(std::string_view field, const Demand& demand) {
  if (!demand.earliest) return "";
  return absl::StrCat(" AND ", resource::ToAbsl(field), " >= \"", ToIso(*demand.earliest), "\"");
}

std::string TrainingFilter(const std::string& person, const Demand& demand) {
  std::string filter = Equals("person", person) + Since("completion_date", demand);
  if (demand.topics.empty()) return filter;
  filter += " AND (";
  for (size_t i = 0; i < demand.topics.size(); ++i)
    absl::StrAppend(&filter, i == 0 ? "" : " OR ", "topic_codes:\"", demand.topics[i], "\"");
  return filter + ")";
}

}  // namespace

std::optional<google::type::Date> EarliestDay(const google::type::Date& nomination, int months) {
  if (months <= 0) return std::nullopt;
  const absl::CivilMonth first = absl::CivilMonth(ToCivil(nomination)) - (months - 1);
  return ToDate(absl::CivilDay(first));
}

absl::StatusOr<Evidence> FindDiagnostics(const rpc::Call& call, rpc::Client* diagnostics,
                                         const std::string& person, const std::string& wanted,
                                         const Demand& demand) {
  diagnostics::v1::ListResultsResponse found;
  absl::Status status;
  if (wanted.empty()) {
    diagnostics::v1::ListResultsRequest request;
    request.set_parent(absl::StrCat("regions/", RegionOf(person)));
    request.set_filter(Equals("person", person) + Since("submit_date", demand));
    request.set_order_by("submit_date desc");
    request.set_page_size(demand.families.empty() ? 1 : kLookedThrough);
    status = Ask(call, diagnostics, "diagnostics", "rsnms.diagnostics.v1.Diagnostics/ListResults",
                 request, &found);
  } else {
    diagnostics::v1::GetResultRequest request;
    request.set_name(wanted);
    status = Ask(call, diagnostics, "diagnostics", "rsnms.diagnostics.v1.Diagnostics/GetResult",
                 request, found.add_results());
  }
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  if (!status.ok()) found.clear_results();
  auto result = Choose(found.results(), person, demand, v1::REGISTRY_REASON_NOT_DIAGNOSED);
  if (!result.ok()) return result.status();
  return Evidence{.name = (*result)->name(), .date = (*result)->submit_date()};
}

absl::StatusOr<Evidence> FindTraining(const rpc::Call& call, rpc::Client* programs,
                                      const std::string& person, const std::string& wanted,
                                      const Demand& demand) {
  programs::v1::ListCompletionsResponse found;
  absl::Status status;
  if (wanted.empty()) {
    programs::v1::ListCompletionsRequest request;
    request.set_parent(absl::StrCat("regions/", RegionOf(person)));
    request.set_filter(TrainingFilter(person, demand));
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
  if (!status.ok()) found.clear_completions();
  auto completion = Choose(found.completions(), person, demand, v1::REGISTRY_REASON_NOT_TRAINED);
  if (!completion.ok()) return completion.status();
  return Evidence{.name = (*completion)->name(), .date = (*completion)->completion_date()};
}

}  // namespace rsnms::registry
