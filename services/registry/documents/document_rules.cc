#include "services/registry/documents/document_rules.h"

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/documents/blank_rules.h"
#include "services/registry/frozen.h"

namespace rsnms::registry::documents {

using resource::Change;
using v1::Document;
using v1::DocumentTemplate;
using v1::ResearchRequest;

namespace {

absl::Status FirstError(std::initializer_list<absl::Status> all) {
  for (const auto& status : all) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// A step that leads to `to`.
template <class State>
bool Enters(const Document* before, const Document& after, State (Document::*field)() const,
            State to) {
  return (after.*field)() == to && (before == nullptr || (before->*field)() != to);
}

}  // namespace

absl::Status CheckDocumentTemplate(Change change, const DocumentTemplate* before,
                                   DocumentTemplate* after) {
  const bool editable = before == nullptr || before->state() == DocumentTemplate::STATE_DRAFT;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  return change == Change::kDelete ? absl::OkStatus() : CheckTemplate(*after);
}

bool IsEditable(Document::State state) {
  return state == Document::STATE_DRAFT || state == Document::STATE_REWORK;
}

absl::Status CheckDocument(Change change, const Document* before, Document* after) {
  const bool editable = before == nullptr || IsEditable(before->state());
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  if (change == Change::kDelete) return absl::OkStatus();
  if (editable) {
    after->set_blanks_remaining(static_cast<int>(
        Remaining(*after).size() + DrawnBlanks(after->text(), after->blanks()).size()));
  }
  if (Enters(before, *after, &Document::state, Document::STATE_APPROVED)) {
    if (auto s = CheckFilled(*after); !s.ok()) return s;
    after->set_final_text(FinalText(*after));
  }
  const bool drafted = IsEditable(after->state()) || after->state() == Document::STATE_DISCUSSION;
  if (Enters(before, *after, &Document::publication_state, Document::PUBLICATION_STATE_PUBLISHED) &&
      drafted) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_NOT_APPROVED,
                      "a draft is not published");
  }
  return FirstError({RSNMS_DATES(*after, approved_date, effective_date),
                     RSNMS_DATES(*after, approved_date, ended_date),
                     RSNMS_DATES(*after, effective_date, ended_date),
                     RSNMS_DATES(*after, approved_date, published_date)});
}

absl::Status CheckResearchRequest(Change change, const ResearchRequest* before,
                                  ResearchRequest* after) {
  const bool editable = before == nullptr || before->state() == ResearchRequest::STATE_DRAFT;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  return FirstError({RSNMS_DATES(*after, approved_date, sent_date),
                     RSNMS_DATES(*after, sent_date, answered_date),
                     RSNMS_DATES(*after, answered_date, result_date)});
}

Document NextVersion(const Document& document) {
  Document next;
  next.set_kind(document.kind());
  next.set_title(document.title());
  next.set_level(document.level());
  next.set_organisation(document.organisation());
  next.set_clause(document.clause());
  next.set_parent_document(document.parent_document());
  next.set_template_(document.template_());
  next.set_text(document.text());
  *next.mutable_blanks() = document.blanks();
  *next.mutable_blank_values() = document.blank_values();
  next.set_supersedes(document.name());
  return next;
}

}  // namespace rsnms::registry::documents
