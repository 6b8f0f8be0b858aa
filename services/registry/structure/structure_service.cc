#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/acting_organisation.pb.h"
#include "rsnms/registry/v1/district_resource.pb.h"
#include "services/registry/known_rows.h"
#include "services/registry/names.h"
#include "services/registry/structure/district_card.h"
#include "services/registry/structure/pending_rows.h"
#include "services/registry/structure/profile_load.h"
#include "services/registry/structure/profile_rows.h"
#include "services/registry/structure/structure.h"
#include "services/registry/structure/structure_store.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using resource::Lock;
using resource::Table;

constexpr char kContract[] = "rsnms.registry.v1.Structure";

absl::Status CheckDistrict(const v1::District& district) {
  if (!district.has_closed_date()) return absl::OkStatus();
  return CheckOrder(district.formed_date(), &district.closed_date(), "closed_date");
}

template <class R>
std::vector<R> Living(std::vector<R> rows) {
  std::erase_if(rows, [](const R& row) { return row.has_delete_time(); });
  return rows;
}

// Rows of a profile as they were known, in the order of the act.
template <class R>
absl::StatusOr<std::vector<R>> KnownOfProfile(const resource::Engine& engine, pg::Tx& tx,
                                              const v1::ReportFunctionsRequest& request) {
  auto rows = KnownRows<R>(tx, engine, RegionOf(request.profile()), request.known_time(),
                           {"profile", request.profile()});
  if (!rows.ok()) return rows.status();
  std::sort(rows->begin(), rows->end(), [](const R& a, const R& b) {
    return std::pair(a.position(), a.name()) < std::pair(b.position(), b.name());
  });
  return rows;
}

// Who was known to act on the date as which subject, by name on the date.
absl::StatusOr<Acting> KnownActing(const resource::Engine& engine, pg::Tx& tx,
                                   const v1::ReportFunctionsRequest& request) {
  const std::string region = RegionOf(request.profile());
  auto rows = KnownRows<v1::ActingOrganisation>(tx, engine, region, request.known_time());
  if (!rows.ok()) return rows.status();
  auto bodies = KnownRows<v1::Organisation>(tx, engine, region, request.known_time());
  if (!bodies.ok()) return bodies.status();
  ByName<std::string> titles;
  for (const auto& body : *bodies) titles[body.name()] = body.official_name();
  Acting acting;
  for (const auto& row : *rows) {
    const auto* last = row.has_valid_until_date() ? &row.valid_until_date() : nullptr;
    if (Covers(&row.valid_from_date(), last, ToCivil(request.as_of_date())) &&
        titles.contains(row.organisation()))
      acting[row.subject()].push_back(row.organisation());
  }
  for (auto& [subject, names] : acting) {
    std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
      return std::pair(titles[a], a) < std::pair(titles[b], b);
    });
  }
  return acting;
}

absl::StatusOr<v1::FunctionsReport> KnownReport(const resource::Engine& engine, pg::Tx& tx,
                                                const v1::ReportFunctionsRequest& request) {
  v1::SystemProfile profile;
  if (auto s = ReadKnown(tx, engine, request.profile(), request.known_time(), &profile); !s.ok())
    return s;
  auto subjects = KnownOfProfile<v1::SystemSubject>(engine, tx, request);
  if (!subjects.ok()) return subjects.status();
  auto functions = KnownOfProfile<v1::FunctionAssignment>(engine, tx, request);
  if (!functions.ok()) return functions.status();
  auto acting = KnownActing(engine, tx, request);
  if (!acting.ok()) return acting.status();
  return MakeReport(profile, *subjects, *functions, *acting);
}

// Ends the term that holds on the first day of the next one; one that began on that very day never
// held and is deleted.
absl::Status EndTerm(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                     const std::string& district, const google::type::Date& next) {
  const Table<v1::DistrictOfficer> officers(engine);
  auto current = officers.Select(
      tx,
      "region_code = $1 AND district_id = $2::uuid AND role = 'HEAD' AND delete_time IS NULL "
      "AND valid_from_date <= $3::date AND coalesce(valid_until_date, 'infinity') >= $3::date",
      RegionOf(district), IdOf(district), ToIso(next));
  if (!current.ok()) return current.status();
  if (current->empty()) return absl::OkStatus();
  const v1::DistrictOfficer& before = current->front();
  if (ToCivil(before.valid_from_date()) == ToCivil(next))
    return officers.Delete(tx, author, before);
  v1::DistrictOfficer after = before;
  *after.mutable_valid_until_date() = ToDate(ToCivil(next) - 1);
  return officers.Update(tx, author, before, after);
}

v1::DistrictOfficer HeadOf(const v1::AppointDistrictHeadRequest& request) {
  v1::DistrictOfficer head;
  head.set_name(absl::StrCat("regions/", RegionOf(request.name())));
  head.set_district(request.name());
  head.set_role(v1::DISTRICT_ROLE_HEAD);
  head.set_person(request.person());
  head.set_organisation(request.organisation());
  head.set_municipality(request.municipality());
  *head.mutable_valid_from_date() = request.valid_from_date();
  if (request.has_valid_until_date()) *head.mutable_valid_until_date() = request.valid_until_date();
  head.set_basis_document(request.basis_document());
  return head;
}

}  // namespace

const google::protobuf::ServiceDescriptor* StructureContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void AddStructureRules(resource::Engine& engine) {
  engine.Rule<v1::DistrictResource>(
      [](Change change, const v1::DistrictResource*, v1::DistrictResource* after) {
        return change == Change::kDelete ? absl::OkStatus() : CheckValidity(*after);
      });
  engine.Rule<v1::District>([](Change change, const v1::District*, v1::District* after) {
    return change == Change::kDelete ? absl::OkStatus() : CheckDistrict(*after);
  });
  AddSubjectPreparations(engine);
  AddDistrictPreparations(engine);
}

void StructureService::Serve(rpc::Server& server) {
  server.Unary<v1::LoadSystemProfileRequest, v1::LoadSystemProfileResponse>(
      absl::StrCat(kContract, "/LoadSystemProfile"),
      [this](auto& call, const auto& request, auto* response) {
        return LoadSystemProfile(call, request, response);
      });
  server.Unary<v1::ReportFunctionsRequest, v1::FunctionsReport>(
      absl::StrCat(kContract, "/ReportFunctions"),
      [this](auto& call, const auto& request, auto* response) {
        return ReportFunctions(call, request, response);
      });
  server.Unary<v1::GetDistrictCardRequest, v1::DistrictCard>(
      absl::StrCat(kContract, "/GetDistrictCard"),
      [this](auto& call, const auto& request, auto* response) {
        return GetDistrictCard(call, request, response);
      });
  server.Unary<v1::AppointDistrictHeadRequest, v1::DistrictOfficer>(
      absl::StrCat(kContract, "/AppointDistrictHead"),
      [this](auto& call, const auto& request, auto* response) {
        return AppointDistrictHead(call, request, response);
      });
}

absl::Status StructureService::LoadSystemProfile(rpc::Call& call,
                                                 const v1::LoadSystemProfileRequest& request,
                                                 v1::LoadSystemProfileResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto rows = ToRows(request.file(), request.parent());
  if (!rows.ok()) return rows.status();
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    response->Clear();  // the transaction may run again
    return Load(engine_, tx, author, *rows, response);
  });
}

absl::Status StructureService::ReportFunctions(rpc::Call& call,
                                               const v1::ReportFunctionsRequest& request,
                                               v1::FunctionsReport* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (!absl::StartsWith(request.profile(), absl::StrCat(request.parent(), "/"))) {
    return rpc::InvalidField("profile", options::v1::COMMON_REASON_INVALID_NAME,
                             "must lie in the parent");
  }
  if (request.has_known_time()) {
    if (auto s = DemandRegion(call, request.profile()); !s.ok()) return s;
    return engine_.pool().Run(KnownTx(call), [&](pg::Tx& tx) -> absl::Status {
      auto report = KnownReport(engine_, tx, request);
      if (report.ok()) *response = *std::move(report);
      return report.status();
    });
  }
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto profile = Table<v1::SystemProfile>(engine_).Get(tx, request.profile());
    if (!profile.ok()) return profile.status();
    auto subjects = RowsOfProfile<v1::SystemSubject>(engine_, tx, request.profile());
    if (!subjects.ok()) return subjects.status();
    auto functions = RowsOfProfile<v1::FunctionAssignment>(engine_, tx, request.profile());
    if (!functions.ok()) return functions.status();
    auto acting = ReadActing(tx, request.profile(), request.as_of_date());
    if (!acting.ok()) return acting.status();
    *response =
        MakeReport(*profile, Living(*std::move(subjects)), Living(*std::move(functions)), *acting);
    return absl::OkStatus();
  });
}

absl::Status StructureService::GetDistrictCard(rpc::Call& call,
                                               const v1::GetDistrictCardRequest& request,
                                               v1::DistrictCard* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (request.has_known_time()) {
    if (auto s = DemandRegion(call, request.name()); !s.ok()) return s;
  }
  return engine_.pool().Run(request.has_known_time() ? KnownTx(call) : call.ReadTx(),
                            [&](pg::Tx& tx) { return FillCard(engine_, tx, request, response); });
}

absl::Status StructureService::AppointDistrictHead(rpc::Call& call,
                                                   const v1::AppointDistrictHeadRequest& request,
                                                   v1::DistrictOfficer* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    const Table<v1::District> districts(engine_);
    auto before = districts.Get(tx, request.name(), Lock::kUpdate);
    if (!before.ok()) return before.status();
    if (before->state() == v1::DISTRICT_STATE_CLOSED || before->has_delete_time())
      return Refused(v1::REGISTRY_REASON_DISTRICT_CLOSED, "the district is closed");
    if (auto s = EndTerm(engine_, tx, author, request.name(), request.valid_from_date()); !s.ok())
      return s;
    v1::DistrictOfficer head = HeadOf(request);
    if (auto s = Table<v1::DistrictOfficer>(engine_).Insert(tx, author, head); !s.ok()) return s;
    v1::District after = *before;
    after.set_state(HeadedState(before->state()));
    if (auto s = districts.Update(tx, author, *before, after); !s.ok()) return s;
    *response = head;
    return absl::OkStatus();
  });
}

}  // namespace rsnms::registry
