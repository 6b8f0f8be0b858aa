// What must hold inside one document, template or research request. Pure: images in, status out;
// they complete derived fields of `after`. `before` is null for what is created.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENT_RULES_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENT_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/document.pb.h"
#include "rsnms/registry/v1/document_template.pb.h"
#include "rsnms/registry/v1/research_request.pb.h"

namespace rsnms::registry::documents {

// RECORD_FROZEN once published; TEMPLATE_BLANKS_MISMATCH.
absl::Status CheckDocumentTemplate(resource::Change change, const v1::DocumentTemplate* before,
                                   v1::DocumentTemplate* after);

// The text and blanks change, are filled and deleted, in these states only.
bool IsEditable(v1::Document::State state);

// RECORD_FROZEN, BLANKS_REMAIN, NOT_APPROVED, DATES_OUT_OF_ORDER. Counts `blanks_remaining`; fixes
// `final_text` at approval.
absl::Status CheckDocument(resource::Change change, const v1::Document* before,
                           v1::Document* after);

// RECORD_FROZEN once approved inside; DATES_OUT_OF_ORDER.
absl::Status CheckResearchRequest(resource::Change change, const v1::ResearchRequest* before,
                                  v1::ResearchRequest* after);

// The draft of the next version: what people wrote, the blanks and their values.
v1::Document NextVersion(const v1::Document& document);

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_DOCUMENT_RULES_H_
