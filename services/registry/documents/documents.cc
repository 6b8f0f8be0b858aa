#include "services/registry/documents/documents.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/body_store.h"
#include "services/registry/documents/agreement_rules.h"
#include "services/registry/documents/agreement_store.h"
#include "services/registry/documents/blank_rules.h"
#include "services/registry/documents/document_rules.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry::documents {
namespace {

using resource::Table;
using v1::Agreement;
using v1::Document;

constexpr char kContract[] = "rsnms.registry.v1.Documents";

// The step EnactDocument declares, made as the engine makes those of its own.
absl::Status MakeEnactStep(const resource::Engine& engine, const v1::EnactDocumentRequest& request,
                           Document* document) {
  const resource::Type& type = engine.TypeOf(Document::descriptor());
  auto step = resource::BindStep(Contract()->FindMethodByName("EnactDocument"), type);
  if (!step.ok()) return step.status();
  return resource::MakeStep(*step, type, request, document);
}

// The step SignAgreement declares; who signs and when go to the signature, not to the agreement.
absl::Status MakeSignStep(const resource::Engine& engine, const v1::SignAgreementRequest& request,
                          Agreement* agreement) {
  resource::Step step;
  step.state = Agreement::descriptor()->FindFieldByName("state");
  step.from = {Agreement::STATE_SENT_TO_PARTIES, Agreement::STATE_SIGNING};
  step.to = Agreement::STATE_SIGNING;
  return resource::MakeStep(step, engine.TypeOf(Agreement::descriptor()), request, agreement);
}

}  // namespace

const google::protobuf::ServiceDescriptor* Contract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

DocumentsService::DocumentsService(resource::Engine& engine) : engine_(engine) {}

void DocumentsService::Serve(rpc::Server& server) {
  const auto serve = [&]<class Request, class Response>(
                         const char* rpc, absl::Status (DocumentsService::*method)(
                                              rpc::Call&, const Request&, Response*)) {
    server.Unary<Request, Response>(
        absl::StrCat(kContract, "/", rpc),
        [this, method](auto& call, const auto& request, auto* response) {
          return (this->*method)(call, request, response);
        });
  };
  serve("FillDocument", &DocumentsService::FillDocument);
  serve("ListDocumentBlanks", &DocumentsService::ListDocumentBlanks);
  serve("ReviseDocument", &DocumentsService::ReviseDocument);
  serve("EnactDocument", &DocumentsService::EnactDocument);
  serve("SignAgreement", &DocumentsService::SignAgreement);
  serve("GetAgreementCoverage", &DocumentsService::GetAgreementCoverage);
  serve("ListExpiringAgreements", &DocumentsService::ListExpiringAgreements);
}

absl::Status DocumentsService::FillDocument(rpc::Call& call, const v1::FillDocumentRequest& request,
                                            Document* response) {
  return engine_.Write<Document>(
      call, request,
      [&](pg::Tx&, Document& document) -> absl::Status {
        if (!IsEditable(document.state())) {
          return rpc::Error(absl::StatusCode::kFailedPrecondition,
                            v1::REGISTRY_REASON_RECORD_FROZEN, "the document is no draft");
        }
        return SetValues(request.values(), &document);
      },
      response);
}

absl::Status DocumentsService::ListDocumentBlanks(rpc::Call& call,
                                                  const v1::ListDocumentBlanksRequest& request,
                                                  v1::ListDocumentBlanksResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto document = Table<Document>(engine_).Get(tx, request.name());
    if (!document.ok()) return document.status();
    response->Clear();  // the transaction may run again
    for (const auto* blank : Remaining(*document)) *response->add_remaining() = *blank;
    for (auto& words : DrawnBlanks(document->text(), document->blanks())) {
      response->add_drawn(std::move(words));
    }
    response->set_filled_count(document->blank_values_size());
    return absl::OkStatus();
  });
}

absl::Status DocumentsService::ReviseDocument(rpc::Call& call,
                                              const v1::ReviseDocumentRequest& request,
                                              Document* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto document = Table<Document>(engine_).Get(tx, request.name(), resource::Lock::kUpdate);
    if (!document.ok()) return document.status();
    Document next = NextVersion(*document);
    next.set_name(absl::StrCat("regions/", RegionOf(request.name())));
    if (auto s = Table<Document>(engine_).Insert(tx, author, next); !s.ok()) return s;
    *response = next;
    return absl::OkStatus();
  });
}

// The version before ends on the eve of the new one.
absl::Status DocumentsService::EndPrevious(pg::Tx& tx, const journal::Author& author,
                                           const Document& enacted) {
  const Table<Document> table(engine_);
  auto before = table.Get(tx, enacted.supersedes(), resource::Lock::kUpdate);
  if (!before.ok()) return before.status();
  if (before->state() != Document::STATE_IN_FORCE && before->state() != Document::STATE_APPROVED) {
    return absl::OkStatus();  // repealed meanwhile
  }
  Document after = *before;
  after.set_state(Document::STATE_REVISED);
  if (before->state() == Document::STATE_IN_FORCE) {
    *after.mutable_ended_date() = ToDate(ToCivil(enacted.effective_date()) - 1);
  } else {
    after.set_state(Document::STATE_REPEALED);  // it never came into force
    after.set_ground("Заменён новой редакцией до вступления в силу.");
  }
  return table.Update(tx, author, *before, after);
}

absl::Status DocumentsService::EnactDocument(rpc::Call& call,
                                             const v1::EnactDocumentRequest& request,
                                             Document* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Write<Document>(
      call, request,
      [&](pg::Tx& tx, Document& document) -> absl::Status {
        if (auto s = MakeEnactStep(engine_, request, &document); !s.ok()) return s;
        return document.supersedes().empty() ? absl::OkStatus() : EndPrevious(tx, author, document);
      },
      response);
}

absl::Status DocumentsService::SignAgreement(rpc::Call& call,
                                             const v1::SignAgreementRequest& request,
                                             Agreement* response) {
  return engine_.Write<Agreement>(
      call, request,
      [&](pg::Tx& tx, Agreement& agreement) -> absl::Status {
        if (auto s = MakeSignStep(engine_, request, &agreement); !s.ok()) return s;
        auto body = FindBody(tx, request.organisation(), "organisation");
        if (!body.ok()) return body.status();
        return Sign(request.organisation(), body->official_name, request.signed_date(), &agreement);
      },
      response);
}

absl::Status DocumentsService::GetAgreementCoverage(rpc::Call& call,
                                                    const v1::GetAgreementCoverageRequest& request,
                                                    v1::AgreementCoverage* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return ReadCoverage(tx, request, response); });
}

absl::Status DocumentsService::ListExpiringAgreements(
    rpc::Call& call, const v1::ListExpiringAgreementsRequest& request,
    v1::ListExpiringAgreementsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return ReadExpiring(tx, request, response); });
}

}  // namespace rsnms::registry::documents
