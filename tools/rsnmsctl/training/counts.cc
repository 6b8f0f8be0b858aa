#include "tools/rsnmsctl/training/counts.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Counted {
  const char* key;     // in the summary
  const char* method;  // lists the collection
  const char* field;   // an enum of its resource
};
constexpr Counted kCounted[] = {
    {"programme_versions", "Catalogue/ListProgrammeVersions", "state"},
    {"expert_reviews", "Catalogue/ListExpertReviews", "state"},
    {"review_decisions", "Catalogue/ListExpertReviews", "decision"},
    {"cascade_sessions", "Learning/ListCascadeSessions", "state"},
    {"enrolments", "Programs/ListEnrolments", "state"},
    {"groups", "Training/ListGroups", "state"},
    {"seats", "Programs/ListEnrolments", "seat"},
    {"completions", "Programs/ListCompletions", "category"},
    {"training_orders", "Orders/ListTrainingOrders", "state"},
    {"training_plans", "Orders/ListTrainingPlans", "state"},
    {"learning_records", "Learning/ListLearningRecords", "state"},
    {"learning_kinds", "Learning/ListLearningRecords", "kind"},
    {"practice_acceptances", "Learning/ListPracticeAcceptances", "state"},
    {"team_trainings", "Learning/ListTeamTrainings", "state"},
    {"certificates", "Certificates/ListCertificates", "state"},
    {"frdo_packages", "Certificates/ListFrdoPackages", "state"},
    {"frdo_rows", "Certificates/ListFrdoRows", "state"},
};

constexpr char kService[] = "rsnms.programs.v1.";

// `FINISHED` of `STATE_FINISHED`.
std::string WordOf(const google::protobuf::EnumValueDescriptor* value) {
  const std::string zero = value->type()->FindValueByNumber(0)->name();
  return value->name().substr(zero.size() - sizeof("UNSPECIFIED") + 1);
}

absl::Status CountPages(Session& session, const std::string& parent, const Counted& counted,
                        std::map<std::string, int64_t>* by_word) {
  const std::string method = absl::StrCat(kService, counted.method);
  const size_t slash = method.find('/');
  const auto* rpc = google::protobuf::DescriptorPool::generated_pool()
                        ->FindServiceByName(method.substr(0, slash))
                        ->FindMethodByName(method.substr(slash + 1));
  const auto request = NewMessage(rpc->input_type());
  const auto* type = rpc->input_type();
  const auto* list = rpc->output_type()->FindFieldByNumber(1);
  const FieldDescriptor* field = list->message_type()->FindFieldByName(counted.field);
  const auto* set = request->GetReflection();
  set->SetString(request.get(), type->FindFieldByName("parent"), parent);
  set->SetInt32(request.get(), type->FindFieldByName("page_size"), 1000);
  std::string token;
  do {
    const auto page = NewMessage(rpc->output_type());
    if (auto s = session.Call(method, *request, page.get()); !s.ok()) return s;
    const auto* read = page->GetReflection();
    for (int i = 0; i < read->FieldSize(*page, list); ++i) {
      const Message& resource = read->GetRepeatedMessage(*page, list, i);
      ++(*by_word)[WordOf(resource.GetReflection()->GetEnum(resource, field))];
    }
    token = read->GetString(*page, rpc->output_type()->FindFieldByName("next_page_token"));
    set->SetString(request.get(), type->FindFieldByName("page_token"), token);
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrainingCounts> CountTraining(Session& session, const std::string& parent) {
  TrainingCounts counts;
  for (const Counted& counted : kCounted) {
    if (auto s = CountPages(session, parent, counted, &counts[counted.key]); !s.ok()) return s;
  }
  return counts;
}

int64_t Total(const TrainingCounts& counts, const std::string& collection) {
  int64_t total = 0;
  const auto found = counts.find(collection);
  if (found == counts.end()) return 0;
  for (const auto& [word, count] : found->second) total += count;
  return total;
}

}  // namespace rsnms::ctl
