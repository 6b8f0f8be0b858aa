#include "services/registry/life/life.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/resource/client_rule.h"
#include "libs/resource/history.h"
#include "libs/resource/type.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "services/registry/known_rows.h"
#include "services/registry/life/body_on_date.h"
#include "services/registry/life/correction.h"
#include "services/registry/life/life_rules.h"
#include "services/registry/life/life_store.h"
#include "services/registry/life/relocation.h"
#include "services/registry/life/reorganisation.h"
#include "services/registry/life/undo.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.OrganisationLife";

std::string Method(const char* name) { return absl::StrCat(kContract, "/", name); }

// The type of a name, if the caller may get such resources.
absl::StatusOr<const resource::Type*> ReadableType(const rpc::Call& call,
                                                   const resource::Engine& engine,
                                                   const std::string& name) {
  const resource::Type* type = resource::TypeOfName(engine, name);
  if (type == nullptr) {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             "is no name of this service", "имя записи не соответствует образцу");
  }
  const std::string& collection =
      type->is_region() ? std::string("regions") : type->pattern().collection;
  if (!call.identity().May(absl::StrCat("registry.", collection, ".get"))) {
    return rpc::Error(absl::StatusCode::kPermissionDenied,
                      options::v1::COMMON_REASON_PERMISSION_DENIED,
                      absl::StrCat("needs registry.", collection, ".get"))
        .ToStatus();
  }
  return type;
}

}  // namespace

const google::protobuf::ServiceDescriptor* LifeContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void AddLifeRules(resource::Engine& engine) {
  engine.Rule<v1::Organisation>(
      [](resource::Change change, const v1::Organisation*, v1::Organisation* after) {
        return change == resource::Change::kDelete ? absl::OkStatus() : CheckSuccessors(*after);
      });
  resource::AddClientRule(engine, v1::Organisation::descriptor(),
                          [](pg::Tx&, const Message& before, const Message& after) {
                            return CheckDatedFields(static_cast<const v1::Organisation&>(before),
                                                    static_cast<const v1::Organisation&>(after));
                          });
}

void OrganisationLifeService::Serve(rpc::Server& server) {
  const auto serve = [&]<class Request, class Response>(
                         const char* name, absl::Status (OrganisationLifeService::*method)(
                                               rpc::Call&, const Request&, Response*)) {
    server.Unary<Request, Response>(
        Method(name), [this, method](auto& call, const auto& request, auto* response) {
          return (this->*method)(call, request, response);
        });
  };
  serve("MergeOrganisations", &OrganisationLifeService::MergeOrganisations);
  serve("SplitOrganisation", &OrganisationLifeService::SplitOrganisation);
  serve("RenameOrganisation", &OrganisationLifeService::RenameOrganisation);
  serve("RelocateOrganisations", &OrganisationLifeService::RelocateOrganisations);
  serve("CorrectOrganisation", &OrganisationLifeService::CorrectOrganisation);
  serve("CloseOrganisation", &OrganisationLifeService::CloseOrganisation);
  serve("UndoOrganisationChange", &OrganisationLifeService::UndoOrganisationChange);
  serve("SearchOrganisations", &OrganisationLifeService::SearchOrganisations);
  serve("GetOrganisationAsOf", &OrganisationLifeService::GetOrganisationAsOf);
  serve("ListEmploymentsAsOf", &OrganisationLifeService::ListEmploymentsAsOf);
  serve("GetRevision", &OrganisationLifeService::GetRevision);
  serve("ListRevisions", &OrganisationLifeService::ListRevisions);
}

absl::Status OrganisationLifeService::Change(
    rpc::Call& call, const Message& request, const std::string& scope,
    const std::function<absl::StatusOr<v1::OrganisationChange>(Ledger&)>& body,
    v1::OrganisationChange* response) {
  if (auto s = DemandRegion(call, scope); !s.ok()) return s;
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    Ledger ledger(engine_, tx, author);
    auto change = body(ledger);
    if (!change.ok()) return change.status();
    *response = *std::move(change);
    return absl::OkStatus();
  });
}

absl::Status OrganisationLifeService::MergeOrganisations(
    rpc::Call& call, const v1::MergeOrganisationsRequest& request,
    v1::OrganisationChange* response) {
  return Change(
      call, request, request.parent(), [&](Ledger& ledger) { return Merge(ledger, request); },
      response);
}

absl::Status OrganisationLifeService::SplitOrganisation(rpc::Call& call,
                                                        const v1::SplitOrganisationRequest& request,
                                                        v1::OrganisationChange* response) {
  return Change(
      call, request, request.name(), [&](Ledger& ledger) { return Split(ledger, request); },
      response);
}

absl::Status OrganisationLifeService::RenameOrganisation(
    rpc::Call& call, const v1::RenameOrganisationRequest& request,
    v1::OrganisationChange* response) {
  return Change(
      call, request, request.name(), [&](Ledger& ledger) { return Rename(ledger, request); },
      response);
}

absl::Status OrganisationLifeService::RelocateOrganisations(
    rpc::Call& call, const v1::RelocateOrganisationsRequest& request,
    v1::OrganisationChange* response) {
  return Change(
      call, request, request.parent(), [&](Ledger& ledger) { return Relocate(ledger, request); },
      response);
}

absl::Status OrganisationLifeService::CorrectOrganisation(
    rpc::Call& call, const v1::CorrectOrganisationRequest& request, v1::Organisation* response) {
  if (auto s = DemandRegion(call, request.name()); !s.ok()) return s;
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Write<v1::Organisation>(
      call, request,
      [&](pg::Tx& tx, v1::Organisation& body) {
        Ledger ledger(engine_, tx, author);
        return Correct(ledger, request, &body);
      },
      response);
}

absl::Status OrganisationLifeService::CloseOrganisation(rpc::Call& call,
                                                        const v1::CloseOrganisationRequest& request,
                                                        v1::OrganisationChange* response) {
  return Change(
      call, request, request.name(), [&](Ledger& ledger) { return Close(ledger, request); },
      response);
}

absl::Status OrganisationLifeService::UndoOrganisationChange(
    rpc::Call& call, const v1::UndoOrganisationChangeRequest& request,
    v1::OrganisationChange* response) {
  return Change(
      call, request, request.name(), [&](Ledger& ledger) { return Undo(ledger, request); },
      response);
}

absl::Status OrganisationLifeService::SearchOrganisations(
    rpc::Call& call, const v1::SearchOrganisationsRequest& request,
    v1::SearchOrganisationsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto after = pages_.Place(call, request, 2);
  if (!after.ok()) return after.status();
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    if (auto s = Search(tx, engine_, request, *after, response); !s.ok()) return s;
    if (!response->truncated()) return absl::OkStatus();
    const auto& last = (response->matches().end() - 1)->organisation();
    response->set_next_page_token(
        pages_.Next(call, request, {last.official_name(), IdOf(last.name())}));
    return absl::OkStatus();
  });
}

absl::Status OrganisationLifeService::GetOrganisationAsOf(
    rpc::Call& call, const v1::GetOrganisationAsOfRequest& request,
    v1::OrganisationAsOf* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (request.has_known_time()) {
    if (auto s = DemandRegion(call, request.name()); !s.ok()) return s;
  }
  return engine_.pool().Run(KnownTx(call),
                            [&](pg::Tx& tx) { return ReadBodyOn(tx, engine_, request, response); });
}

absl::Status OrganisationLifeService::ListEmploymentsAsOf(
    rpc::Call& call, const v1::ListEmploymentsAsOfRequest& request,
    v1::ListEmploymentsAsOfResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  const std::string& whose = request.has_person() ? request.person() : request.organisation();
  if (whose.empty()) {
    return rpc::InvalidField("person", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "name a person or an organisation",
                             "укажите человека или организацию");
  }
  if (RegionOf(whose) != RegionOf(request.parent())) {
    return rpc::InvalidField(request.has_person() ? "person" : "organisation",
                             options::v1::COMMON_REASON_INVALID_NAME, "must lie in the parent");
  }
  if (request.has_known_time()) {
    if (auto s = DemandRegion(call, request.parent()); !s.ok()) return s;
  }
  return engine_.pool().Run(
      KnownTx(call), [&](pg::Tx& tx) { return ReadEmploymentsOn(tx, engine_, request, response); });
}

absl::Status OrganisationLifeService::GetRevision(rpc::Call& call,
                                                  const v1::GetRevisionRequest& request,
                                                  feed::v1::Revision* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto type = ReadableType(call, engine_, request.name());
  if (!type.ok()) return type.status();
  const absl::Time time =
      request.has_known_time() ? ToTime(request.known_time()) : absl::Now() + absl::Hours(24);
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto revision = resource::RevisionAt(tx, engine_, **type, request.name(), time);
    if (!revision.ok()) return ExplainHistory(revision.status());
    *response = *std::move(revision);
    return absl::OkStatus();
  });
}

absl::Status OrganisationLifeService::ListRevisions(rpc::Call& call,
                                                    const v1::ListRevisionsRequest& request,
                                                    v1::ListRevisionsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto type = ReadableType(call, engine_, request.name());
  if (!type.ok()) return type.status();
  const int limit = request.page_size() == 0 ? 50 : std::min<int32_t>(request.page_size(), 1000);
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto revisions = resource::Revisions(tx, engine_, **type, request.name(),
                                         request.before_version(), limit + 1);
    if (!revisions.ok()) return revisions.status();
    response->Clear();  // the transaction may run again
    for (auto& revision : *revisions) {
      if (response->revisions_size() == limit) {
        response->set_next_before_version(response->revisions(limit - 1).version());
        break;
      }
      *response->add_revisions() = std::move(revision);
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::registry
