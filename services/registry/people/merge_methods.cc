// The methods of PeopleService about duplicates.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/access_log.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/registry/names.h"
#include "services/registry/people/duplicates.h"
#include "services/registry/people/people_service.h"
#include "services/registry/people/person_merge.h"

namespace rsnms::registry {
namespace {

constexpr int kWorthALook = 60;
constexpr int kDefaultPage = 100, kLargestPage = 1000;

std::string Method(const char* name) { return absl::StrCat("rsnms.registry.v1.People/", name); }

// References of the whole region are re-pointed: whoever sees less would leave some behind.
absl::Status MustCover(const rpc::Call& call, const std::string& region) {
  if (call.identity().CoversRegion(region)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kPermissionDenied,
                    options::v1::COMMON_REASON_PERMISSION_DENIED,
                    "merging needs the whole region in scope");
}

constexpr size_t kPlaceColumns = 3;

resource::Values PlaceOf(const v1::DuplicateCandidate& candidate) {
  return {absl::StrCat(candidate.score()), candidate.person(), candidate.other()};
}

// Drops the candidates up to the place, itself included; they are in the order of LikelierThan.
void SkipTo(const resource::Values& place, std::vector<v1::DuplicateCandidate>* found) {
  v1::DuplicateCandidate last;
  int score = 0;
  (void)absl::SimpleAtoi(place[0].value_or(""), &score);
  last.set_score(score);
  last.set_person(place[1].value_or(""));
  last.set_other(place[2].value_or(""));
  found->erase(found->begin(), std::upper_bound(found->begin(), found->end(), last, &LikelierThan));
}

absl::Status CheckPair(const v1::MergePersonsRequest& request) {
  if (request.name() == request.duplicate()) {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_MERGED_WITH_ITSELF,
                      "a person cannot be merged with the same person")
        .Field("duplicate", "is the same person", "Это та же самая карточка.");
  }
  if (RegionOf(request.name()) == RegionOf(request.duplicate())) return absl::OkStatus();
  return rpc::InvalidField("duplicate", options::v1::COMMON_REASON_INVALID_NAME,
                           "must be of the same region", "Карточки должны быть одного региона.");
}

}  // namespace

void PeopleService::ServeMerges(rpc::Server& server) {
  server.Unary<v1::FindDuplicatePersonsRequest, v1::FindDuplicatePersonsResponse>(
      Method("FindDuplicatePersons"), [this](auto& call, const auto& request, auto* response) {
        return FindDuplicatePersons(call, request, response);
      });
  server.Unary<v1::MergePersonsRequest, v1::PersonMerge>(
      Method("MergePersons"), [this](auto& call, const auto& request, auto* response) {
        return MergePersons(call, request, response);
      });
  server.Unary<v1::UnmergePersonsRequest, v1::PersonMerge>(
      Method("UnmergePersons"), [this](auto& call, const auto& request, auto* response) {
        return UnmergePersons(call, request, response);
      });
}

absl::Status PeopleService::FindDuplicatePersons(rpc::Call& call,
                                                 const v1::FindDuplicatePersonsRequest& request,
                                                 v1::FindDuplicatePersonsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  const std::string region = RegionOf(absl::StrCat(request.parent(), "/"));
  if (!request.person().empty() && RegionOf(request.person()) != region) {
    return rpc::InvalidField("person", options::v1::COMMON_REASON_INVALID_NAME,
                             "must lie in the parent", "Карточка другого региона.");
  }
  const int least = request.min_score() == 0 ? kWorthALook : request.min_score();
  const size_t limit = PageSize(request.page_size(), kDefaultPage, kLargestPage);
  auto after = pages_.Place(call, request, kPlaceColumns);
  if (!after.ok()) return after.status();
  return engine_.pool().Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto found = FindDuplicates(tx, region, request.person(), least);
    if (!found.ok()) return found.status();
    if (*after) SkipTo(**after, &*found);
    response->set_truncated(found->size() > limit);
    if (response->truncated()) {
      found->resize(limit);
      response->set_next_page_token(pages_.Next(call, request, PlaceOf(found->back())));
    }
    std::vector<std::string> names;
    for (auto& candidate : *found) {
      names.push_back(candidate.person());
      names.push_back(candidate.other());
      *response->add_candidates() = std::move(candidate);
    }
    return resource::RecordReads(tx, call, engine_.TypeOf(v1::Person::descriptor()), names);
  });
}

absl::Status PeopleService::MergePersons(rpc::Call& call, const v1::MergePersonsRequest& request,
                                         v1::PersonMerge* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (auto s = MustCover(call, RegionOf(request.name())); !s.ok()) return s;
  if (auto s = CheckPair(request); !s.ok()) return s;
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    return MergePeople(tx, engine_, author, request, response);
  });
}

absl::Status PeopleService::UnmergePersons(rpc::Call& call,
                                           const v1::UnmergePersonsRequest& request,
                                           v1::PersonMerge* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (auto s = MustCover(call, RegionOf(request.name())); !s.ok()) return s;
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    return UnmergePeople(tx, engine_, author, request, response);
  });
}

}  // namespace rsnms::registry
