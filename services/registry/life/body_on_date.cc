#include "services/registry/life/body_on_date.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "services/registry/known_rows.h"
#include "services/registry/life/life_store.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr int kDefaultPage = 50, kLargestPage = 1000;

// Rows about a body, as known now or at the moment asked for.
template <class R>
absl::StatusOr<std::vector<R>> RowsOf(pg::Tx& tx, const resource::Engine& engine,
                                      const v1::GetOrganisationAsOfRequest& request) {
  const std::string region = RegionOf(request.name());
  if (request.has_known_time())
    return KnownRows<R>(tx, engine, region, request.known_time(), {"organisation", request.name()});
  return resource::Table<R>(engine).Select(
      tx, "region_code = $1 AND organisation_id = $2::uuid AND delete_time IS NULL", region,
      IdOf(request.name()));
}

// The row that held on the day, of those that say what was until some day.
template <class R>
const R* HoldingOn(const std::vector<R>& rows, absl::CivilDay day) {
  for (const R& row : rows) {
    const auto* first = row.has_valid_from_date() ? &row.valid_from_date() : nullptr;
    if (Covers(first, &row.valid_until_date(), day)) return &row;
  }
  return nullptr;
}

bool Lasts(const v1::Employment& post, absl::CivilDay day) {
  return Covers(&post.start_date(), post.has_end_date() ? &post.end_date() : nullptr, day);
}

absl::StatusOr<std::vector<v1::Employment>> Posts(pg::Tx& tx, const resource::Engine& engine,
                                                  const v1::ListEmploymentsAsOfRequest& request) {
  const bool of_person = request.has_person();
  const std::string& whose = of_person ? request.person() : request.organisation();
  const std::string region = RegionOf(request.parent());
  if (request.has_known_time()) {
    return KnownRows<v1::Employment>(tx, engine, region, request.known_time(),
                                     {of_person ? "person" : "organisation", whose});
  }
  return resource::Table<v1::Employment>(engine).Select(
      tx,
      absl::StrCat("region_code = $1 AND ", of_person ? "person_id" : "organisation_id",
                   " = $2::uuid AND delete_time IS NULL"),
      region, IdOf(whose));
}

}  // namespace

absl::Status ReadBodyOn(pg::Tx& tx, const resource::Engine& engine,
                        const v1::GetOrganisationAsOfRequest& request,
                        v1::OrganisationAsOf* response) {
  response->Clear();  // the transaction may run again
  v1::Organisation& body = *response->mutable_organisation();
  if (request.has_known_time()) {
    if (auto s = ReadKnown(tx, engine, request.name(), request.known_time(), &body); !s.ok())
      return s;
  } else {
    auto stored = resource::Table<v1::Organisation>(engine).Get(tx, request.name());
    if (!stored.ok()) return stored.status();
    body = *std::move(stored);
  }
  const absl::CivilDay day = ToCivil(request.as_of_date());
  auto names = RowsOf<v1::OrganisationFormerName>(tx, engine, request);
  if (!names.ok()) return names.status();
  if (const auto* borne = HoldingOn(*names, day)) {
    body.set_official_name(borne->official_name());
    body.set_short_name(borne->short_name());
  }
  auto places = RowsOf<v1::OrganisationFormerMunicipality>(tx, engine, request);
  if (!places.ok()) return places.status();
  if (const auto* lay = HoldingOn(*places, day)) body.set_municipality(lay->municipality());
  response->set_existed_on_date(!body.has_delete_time() &&
                                Covers(body.has_founded_date() ? &body.founded_date() : nullptr,
                                       body.has_closed_date() ? &body.closed_date() : nullptr,
                                       day));
  return absl::OkStatus();
}

absl::Status ReadEmploymentsOn(pg::Tx& tx, const resource::Engine& engine,
                               const v1::ListEmploymentsAsOfRequest& request,
                               v1::ListEmploymentsAsOfResponse* response) {
  const int limit =
      request.page_size() == 0 ? kDefaultPage : std::min<int>(request.page_size(), kLargestPage);
  auto posts = Posts(tx, engine, request);
  if (!posts.ok()) return posts.status();
  if (request.has_as_of_date()) {
    std::erase_if(*posts,
                  [&](const auto& post) { return !Lasts(post, ToCivil(request.as_of_date())); });
  }
  std::sort(posts->begin(), posts->end(), [](const auto& a, const auto& b) {
    const auto first = ToCivil(a.start_date()), second = ToCivil(b.start_date());
    return first != second ? first < second : a.name() < b.name();
  });
  response->Clear();  // the transaction may run again
  response->set_truncated(posts->size() > static_cast<size_t>(limit));
  if (response->truncated()) posts->resize(limit);
  response->mutable_employments()->Add(posts->begin(), posts->end());
  return absl::OkStatus();
}

}  // namespace rsnms::registry
