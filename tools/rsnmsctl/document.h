// The wizard of documents: makes one from a template, asks for what its blanks lack, says what
// remains.
#ifndef RSNMS_TOOLS_RSNMSCTL_DOCUMENT_H_
#define RSNMS_TOOLS_RSNMSCTL_DOCUMENT_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

struct DocumentOptions {
  std::string name;          // of the document; of the template for MakeDocument
  std::string organisation;  // who issues it, `regions/86/organisations/…`; MakeDocument only
  std::string title;         // MakeDocument only; empty: the template's
  std::vector<std::string> values;  // blank=value; an empty value takes the value away
  bool ask = false;                 // ask for every blank that has no value
};

// Creates a draft from a published template and prints its name.
absl::Status MakeDocument(Session& session, const DocumentOptions& options);

// Takes the values, then asks `answers` line by line when told to, and prints what remains. An
// empty line leaves a blank for later, `=` takes the suggestion; a refused answer is asked again.
absl::Status FillDocument(Session& session, const DocumentOptions& options, std::istream& answers);

// Prints what remains.
absl::Status PrintBlanks(Session& session, const DocumentOptions& options);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_DOCUMENT_H_
