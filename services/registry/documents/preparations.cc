// What documents, agreements, appointments and research requests need from other rows.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/act_store.h"
#include "services/registry/body_store.h"
#include "services/registry/documents/agreement_rules.h"
#include "services/registry/documents/appointment_rules.h"
#include "services/registry/documents/document_rules.h"
#include "services/registry/documents/documents.h"
#include "services/registry/names.h"
#include "services/registry/person_store.h"
#include "services/registry/scope_look.h"

namespace rsnms::registry::documents {
namespace {

using resource::Engine;
using resource::Table;
using v1::Agreement;
using v1::Appointment;
using v1::Document;

// Periods of a role in a body, other than of the appointment itself.
constexpr char kSqlHeld[] = R"sql(
SELECT start_date - DATE '1970-01-01' AS first,
       coalesce(end_date, term_end_date) - DATE '1970-01-01' AS last
  FROM appointment
 WHERE region_code = $1 AND organisation_id = $2::uuid AND role = $3 AND start_date IS NOT NULL
   AND delete_time IS NULL AND id <> $4::uuid
)sql";

absl::Status Refuse(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

// Runs `prepare` on each row.
template <class R>
Engine::Preparation Each(std::function<absl::Status(pg::Tx&, const R* before, R& after)> prepare) {
  return [prepare](pg::Tx& tx, std::vector<Engine::Pending>& rows) {
    for (auto& row : rows) {
      row.status = prepare(tx, static_cast<const R*>(row.before), static_cast<R&>(*row.after));
    }
    return absl::OkStatus();
  };
}

// Copies the municipality of the body a new record belongs to.
template <class R>
absl::Status TakeMunicipality(pg::Tx& tx, R& record) {
  auto body = FindBody(tx, record.organisation(), "organisation");
  if (!body.ok()) return body.status();
  record.set_municipality(body->facts.municipality);
  return absl::OkStatus();
}

// --- documents

absl::Status TakeTemplate(pg::Tx& tx, const Engine& engine, Document& document) {
  auto source = Table<v1::DocumentTemplate>(engine).Get(tx, document.template_());
  if (!source.ok()) return source.status();
  if (source->has_delete_time() || source->state() != v1::DocumentTemplate::STATE_PUBLISHED) {
    return Refuse(v1::REGISTRY_REASON_TEMPLATE_NOT_PUBLISHED, "the template is not published");
  }
  document.set_text(source->text());
  *document.mutable_blanks() = source->blanks();
  return absl::OkStatus();
}

// A new version is numbered after the one it follows, whose blanks and text it keeps.
absl::Status TakePrevious(pg::Tx& tx, const Engine& engine, Document& document) {
  auto previous = Table<Document>(engine).Get(tx, document.supersedes(), resource::Lock::kShare);
  if (!previous.ok()) return previous.status();
  if (previous->organisation() != document.organisation() || previous->has_delete_time() ||
      (previous->state() != Document::STATE_APPROVED &&
       previous->state() != Document::STATE_IN_FORCE)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_INVALID_STATE,
                      "only an approved version of the same body is followed by a next one");
  }
  document.set_revision(previous->revision() + 1);
  document.set_series(previous->series().empty() ? previous->name() : previous->series());
  if (document.template_() == previous->template_() && !document.template_().empty()) {
    document.set_text(previous->text());
    *document.mutable_blanks() = previous->blanks();
    return absl::OkStatus();
  }
  return document.template_().empty() ? absl::OkStatus() : TakeTemplate(tx, engine, document);
}

constexpr char kSqlIsAbove[] = R"sql(
WITH RECURSIVE above (id) AS (
  SELECT $2::uuid
  UNION
  SELECT d.parent_document_id
    FROM above a JOIN document d ON d.region_code = $1 AND d.id = a.id
   WHERE d.parent_document_id IS NOT NULL
)
SELECT EXISTS (SELECT FROM above WHERE id = $3::uuid)
)sql";

// A document never stands under itself, by way of others; the database sees to it among racing
// writers (trigger refuse_cycle).
absl::Status CheckParent(pg::Tx& tx, const Document* before, const Document& document) {
  const std::string& parent = document.parent_document();
  if (parent.empty() || (before != nullptr && before->parent_document() == parent)) {
    return absl::OkStatus();
  }
  bool closed = false;
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlIsAbove, RegionOf(parent), IdOf(parent), IdOf(document.name()));
    if (!rows.ok()) return rows.status();
    closed = (*rows)[0][0].c_str()[0] == 't';
    return absl::OkStatus();
  });
  if (!status.ok() || !closed) return status;
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_RECORD_CYCLE,
                    "the document would stand under itself")
      .Field("parent_document", "stands under this document", "документ сам подчинён этому");
}

absl::Status PrepareDocument(pg::Tx& tx, const Engine& engine, const Document* before,
                             Document& document) {
  if (before == nullptr || before->level() != document.level()) {
    auto body = FindBody(tx, document.organisation(), "organisation");
    if (!body.ok()) return body.status();
    if (auto s = MayIssue(body->kind, document.level()); !s.ok()) return s;
  }
  if (auto s = CheckParent(tx, before, document); !s.ok()) return s;
  if (before == nullptr) {
    if (auto s = TakeMunicipality(tx, document); !s.ok()) return s;
    document.set_revision(1);
    if (!document.supersedes().empty()) return TakePrevious(tx, engine, document);
    return document.template_().empty() ? absl::OkStatus() : TakeTemplate(tx, engine, document);
  }
  if (!document.template_().empty()) document.set_text(before->text());
  if (document.state() == Document::STATE_APPROVED && before->state() != document.state()) {
    auto body = FindBody(tx, document.organisation(), "organisation");
    if (!body.ok()) return body.status();
    document.set_issuer_name(body->official_name);
  }
  return absl::OkStatus();
}

// --- agreements

bool SameParties(const Agreement& a, const Agreement& b) {
  return std::equal(a.parties().begin(), a.parties().end(), b.parties().begin(), b.parties().end(),
                    [](const auto& x, const auto& y) {
                      return x.organisation() == y.organisation() && x.role() == y.role();
                    });
}

absl::Status PrepareAgreement(pg::Tx& tx, const Agreement* before, Agreement& agreement) {
  if (before == nullptr || !SameParties(*before, agreement)) {
    for (const auto& party : agreement.parties()) {
      auto body = FindBody(tx, party.organisation(), "parties");
      if (!body.ok()) return body.status();
    }
  }
  if (agreement.municipalities().empty()) {
    for (const auto& party : agreement.parties()) {
      if (party.role() != v1::AgreementParty::ROLE_MUNICIPAL_AUTHORITY &&
          party.role() != v1::AgreementParty::ROLE_METHOD_SERVICE) {
        continue;
      }
      auto body = FindBody(tx, party.organisation(), "parties");
      if (!body.ok()) return body.status();
      if (!body->facts.municipality.empty()) {
        agreement.add_municipalities(body->facts.municipality);
      }
    }
    return absl::OkStatus();
  }
  std::vector<std::string> names(agreement.municipalities().begin(),
                                 agreement.municipalities().end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  agreement.mutable_municipalities()->Assign(names.begin(), names.end());
  if (before != nullptr && std::equal(names.begin(), names.end(), before->municipalities().begin(),
                                      before->municipalities().end())) {
    return absl::OkStatus();
  }
  return CheckMunicipalities(tx, names, "municipalities");
}

// --- appointments

absl::Status CheckRoleFree(pg::Tx& tx, const Appointment& appointment) {
  auto rows = tx.Query(kSqlHeld, RegionOf(appointment.name()), IdOf(appointment.organisation()),
                       Appointment::Role_Name(appointment.role()).substr(sizeof("ROLE_") - 1),
                       IdOf(appointment.name()));
  if (!rows.ok()) return rows.status();
  const Period wanted = HeldPeriod(appointment);
  for (const auto& row : *rows) {
    Period held{.first = 0};
    (void)absl::SimpleAtoi(row["first"].c_str(), &held.first);
    if (!absl::SimpleAtoi(row["last"].c_str(), &held.last)) held.last = Period::kOpen;
    if (held.Overlaps(wanted)) {
      return Refuse(v1::REGISTRY_REASON_ROLE_TAKEN, "somebody holds the role on these dates");
    }
  }
  return absl::OkStatus();
}

// What the appointment fixes: the body's name and the act.
absl::Status FixContext(pg::Tx& tx, const Engine& engine, Appointment& appointment) {
  auto body = FindBody(tx, appointment.organisation(), "organisation");
  if (!body.ok()) return body.status();
  appointment.set_organisation_name(body->official_name);
  // A head is named by those above, others by the body itself too.
  const bool head = appointment.role() == Appointment::ROLE_HEAD_OF_CENTRE;
  auto order = FindAct(tx, engine, appointment.order_document(),
                       {.path = "order_document",
                        .day = appointment.start_date(),
                        .level = head ? Document::LEVEL_REGION : Document::LEVEL_ORGANISATION,
                        .municipality = appointment.municipality(),
                        .organisation = appointment.organisation(),
                        .never = head ? appointment.organisation() : ""});
  if (!order.ok()) return order.status();
  appointment.set_order_number(absl::StrCat("№ ", order->number(), " «", order->title(), "»"));
  return absl::OkStatus();
}

absl::Status CheckSuccessor(pg::Tx& tx, const Engine& engine, const Appointment& appointment) {
  auto successor = Table<Appointment>(engine).Get(tx, appointment.successor());
  if (!successor.ok()) return successor.status();
  if (successor->name() != appointment.name() && successor->role() == appointment.role() &&
      successor->organisation() == appointment.organisation()) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_SUCCESSOR_UNFIT,
                    "the successor is for another role or body")
      .Field("successor", "is for another role or body", "роль или организация не совпадает");
}

absl::Status PrepareAppointment(pg::Tx& tx, const Engine& engine, const Appointment* before,
                                Appointment& appointment) {
  if (before == nullptr) {
    auto persons = FindPersons(tx, {appointment.person()});
    if (!persons.ok()) return persons.status();
    const auto found = persons->find(appointment.person());
    if (auto s = MayBeNamed(found == persons->end() ? nullptr : &found->second, "person"); !s.ok())
      return s;
    return TakeMunicipality(tx, appointment);
  }
  if (appointment.has_start_date() && !before->has_start_date()) {
    if (auto s = FixContext(tx, engine, appointment); !s.ok()) return s;
    return CheckRoleFree(tx, appointment);
  }
  if (!appointment.successor().empty() && before->successor().empty()) {
    return CheckSuccessor(tx, engine, appointment);
  }
  return absl::OkStatus();
}

// --- research requests

absl::Status PrepareResearchRequest(pg::Tx& tx, const v1::ResearchRequest* before,
                                    v1::ResearchRequest& request) {
  if (before == nullptr) return TakeMunicipality(tx, request);
  if (request.state() == v1::ResearchRequest::STATE_SENT_TO_OPERATOR &&
      before->state() != request.state()) {
    auto body = FindBody(tx, request.organisation(), "organisation");
    if (!body.ok()) return body.status();
    request.set_organisation_name(body->official_name);
  }
  return absl::OkStatus();
}

}  // namespace

void AddRules(Engine& engine) {
  engine.Rule<v1::DocumentTemplate>(&CheckDocumentTemplate);
  engine.Rule<Document>(&CheckDocument);
  engine.Rule<Agreement>(&CheckAgreement);
  engine.Rule<Appointment>(&CheckAppointment);
  engine.Rule<v1::ResearchRequest>(&CheckResearchRequest);
  engine.PrepareFor(Document::descriptor(),
                    Each<Document>([&engine](pg::Tx& tx, const Document* before, Document& after) {
                      return PrepareDocument(tx, engine, before, after);
                    }));
  engine.PrepareFor(Agreement::descriptor(), Each<Agreement>(&PrepareAgreement));
  engine.PrepareFor(
      Appointment::descriptor(),
      Each<Appointment>([&engine](pg::Tx& tx, const Appointment* before, Appointment& after) {
        return PrepareAppointment(tx, engine, before, after);
      }));
  engine.PrepareFor(v1::ResearchRequest::descriptor(),
                    Each<v1::ResearchRequest>(&PrepareResearchRequest));
}

}  // namespace rsnms::registry::documents
