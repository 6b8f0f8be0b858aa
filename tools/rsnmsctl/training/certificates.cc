// Documents of the completions whose issuer is a body of the region; one is lost, one revoked, one
// exchanged.
#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/certificates_service.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;
using v1::Certificate;
using v1::Completion;

// By the name of the enrolment: names of completions are the service's own.
absl::StatusOr<std::vector<Completion>> OwnCompletions(const Desk& desk) {
  v1::ListCompletionsRequest list;
  list.set_parent(desk.parent());
  std::vector<Completion> completions;
  const auto status = ForEachPage<v1::ListCompletionsRequest, v1::ListCompletionsResponse>(
      desk.session(), "rsnms.programs.v1.Programs/ListCompletions", list, [&](const auto& page) {
        for (const Completion& each : page.completions()) {
          if (!each.provider().empty()) completions.push_back(each);
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  std::sort(completions.begin(), completions.end(),
            [](const Completion& a, const Completion& b) { return a.enrolment() < b.enrolment(); });
  return completions;
}

using FirstDocuments = absl::flat_hash_map<std::string, Certificate>;  // by completion

absl::StatusOr<FirstDocuments> ReadFirst(const Desk& desk) {
  v1::ListCertificatesRequest list;
  list.set_parent(desk.parent());
  list.set_filter("ground = FIRST");
  FirstDocuments documents;
  const auto status = ForEachPage<v1::ListCertificatesRequest, v1::ListCertificatesResponse>(
      desk.session(), "rsnms.programs.v1.Certificates/ListCertificates", list,
      [&](const auto& page) {
        for (const Certificate& each : page.certificates()) documents[each.completion()] = each;
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return documents;
}

std::string Issue(const Desk& desk, const Programmes& programmes, const Completion& completion,
                  size_t number) {
  const auto programme = programmes.find(completion.programme());
  const bool retraining = programme != programmes.end() &&
                          programme->second.kind() == v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING;
  return Creation(
      desk, "certificate", desk.NameOf("certificates", completion.enrolment()),
      absl::StrCat(Text("completion", completion.name()),
                   Text("registration_number", absl::StrCat(desk.options().year, "/", number)),
                   On("issue_date", desk.options().year, 6, 25),
                   "funding_source: FUNDING_SOURCE_BUDGET prior_education: ",
                   TakesPart(desk.options().seed + 4, completion.person(), 85)
                       ? "PRIOR_EDUCATION_HIGHER "
                       : "PRIOR_EDUCATION_VOCATIONAL ",
                   Text("professional_area", "Образование и наука"),
                   retraining ? Text("qualification_title", "Педагог") : ""));
}

}  // namespace

absl::Status IssueCertificates(const Desk& desk, const Programmes& programmes) {
  const auto completions = OwnCompletions(desk);
  if (!completions.ok()) return completions.status();
  const auto issued = ReadFirst(desk);
  if (!issued.ok()) return issued.status();
  std::vector<Acts> stories;
  for (size_t i = 0; i < completions->size(); ++i) {
    const Completion& completion = (*completions)[i];
    if (issued->contains(completion.name())) continue;
    stories.push_back(
        {{"Certificates/CreateCertificate", Issue(desk, programmes, completion, i + 1)}});
  }
  return desk.PlayAll(stories);
}

absl::Status ChangeCertificates(const Desk& desk) {
  const auto completions = OwnCompletions(desk);
  if (!completions.ok()) return completions.status();
  const auto issued = ReadFirst(desk);
  if (!issued.ok()) return issued.status();
  const int year = desk.options().year;
  const Act changes[] = {
      {"Certificates/DuplicateCertificate",
       absl::StrCat(Text("number", absl::StrCat("ПК-", year, "-Д1")),
                    Text("registration_number", absl::StrCat(year, "/Д1")),
                    On("issue_date", year, 8, 20), On("state_date", year, 8, 18),
                    Text("state_reason", "Утрата: заявление владельца документа № 1"))},
      {"Certificates/RevokeCertificate",
       absl::StrCat(On("state_date", year, 8, 21),
                    Text("state_reason", "Приказ об отзыве документа № 31"))},
      {"Certificates/ReplaceCertificate",
       absl::StrCat(Text("number", absl::StrCat("ПК-", year, "-З1")),
                    Text("registration_number", absl::StrCat(year, "/З1")),
                    On("issue_date", year, 8, 24), On("state_date", year, 8, 24),
                    Text("state_reason", "Ошибка в документе: приказ об обмене № 32"))},
  };
  size_t at = 0;
  for (const Completion& completion : *completions) {
    const auto document = issued->find(completion.name());
    if (document == issued->end()) continue;
    if (at == std::size(changes)) break;
    const Act& change = changes[at++];
    if (document->second.state() != Certificate::STATE_ISSUED) continue;  // done before
    if (auto s = desk.Do(
            {change.method, absl::StrCat(Text("name", document->second.name()), change.fields)});
        !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
