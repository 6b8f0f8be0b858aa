#include "tools/rsnmsctl/document.h"

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/document.pb.h"
#include "rsnms/registry/v1/document_blank.pb.h"
#include "rsnms/registry/v1/document_template.pb.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

using registry::v1::Document;
using registry::v1::DocumentBlank;
using registry::v1::ListDocumentBlanksResponse;

std::string Method(const char* name) { return absl::StrCat("rsnms.registry.v1.Documents/", name); }

// How the wizard says what a blank takes.
const char* Hint(DocumentBlank::Kind kind) {
  switch (kind) {
    case DocumentBlank::KIND_NUMBER:
      return "число";
    case DocumentBlank::KIND_PERCENT:
      return "проценты, от 0 до 100";
    case DocumentBlank::KIND_DATE:
      return "дата, 01.09.2026";
    case DocumentBlank::KIND_PERSON:
      return "запись о человеке, regions/86/persons/…";
    default:
      return "текст";
  }
}

absl::StatusOr<ListDocumentBlanksResponse> Blanks(Session& session, const std::string& name) {
  registry::v1::ListDocumentBlanksRequest list;
  list.set_name(name);
  ListDocumentBlanksResponse blanks;
  if (auto s = session.Call(Method("ListDocumentBlanks"), list, &blanks); !s.ok()) return s;
  return blanks;
}

absl::Status Send(Session& session, registry::v1::FillDocumentRequest& fill) {
  Document filled;
  fill.set_request_id(NewRequestId());
  return session.Call(Method("FillDocument"), fill, &filled);
}

absl::Status TakeValues(Session& session, const DocumentOptions& options) {
  if (options.values.empty()) return absl::OkStatus();
  registry::v1::FillDocumentRequest fill;
  fill.set_name(options.name);
  for (const std::string& given : options.values) {
    const size_t sign = given.find('=');
    if (sign == std::string::npos || sign == 0)
      return absl::InvalidArgumentError("значение пишется как ключ=значение: " + given);
    auto* value = fill.add_values();
    value->set_key(given.substr(0, sign));
    value->set_value(given.substr(sign + 1));
  }
  return Send(session, fill);
}

// One blank; asked until the answer is taken, left for later or the answers end.
absl::Status AskOne(Session& session, const std::string& name, const DocumentBlank& blank,
                    std::istream& answers) {
  for (std::string line;;) {
    std::printf("%s (%s)%s%s\n> ", blank.question().c_str(), Hint(blank.kind()),
                blank.suggestion().empty() ? "" : "; = подставит: ", blank.suggestion().c_str());
    std::fflush(stdout);
    if (!std::getline(answers, line)) return absl::OkStatus();
    absl::StripAsciiWhitespace(&line);
    if (line.empty()) return absl::OkStatus();
    registry::v1::FillDocumentRequest fill;
    fill.set_name(name);
    auto* value = fill.add_values();
    value->set_key(blank.key());
    value->set_value(line == "=" && !blank.suggestion().empty() ? blank.suggestion() : line);
    const auto status = Send(session, fill);
    if (status.ok() || !absl::IsInvalidArgument(status)) return status;
    std::printf("%s\n", Explain(status).c_str());
  }
}

}  // namespace

absl::Status MakeDocument(Session& session, const DocumentOptions& options) {
  registry::v1::GetDocumentTemplateRequest get;
  get.set_name(options.name);
  registry::v1::DocumentTemplate source;
  if (auto s = session.Call(Method("GetDocumentTemplate"), get, &source); !s.ok()) return s;
  registry::v1::CreateDocumentRequest create;
  create.set_parent(options.name.substr(0, options.name.find("/documentTemplates")));
  create.set_request_id(NewRequestId());
  Document& document = *create.mutable_document();
  document.set_kind(source.kind());
  document.set_level(source.level());
  document.set_clause(source.clause());
  document.set_title(options.title.empty() ? source.title() : options.title);
  document.set_organisation(options.organisation);
  document.set_template_(source.name());
  Document made;
  if (auto s = session.Call(Method("CreateDocument"), create, &made); !s.ok()) return s;
  std::puts(session.json() ? ToJson(made).c_str() : made.name().c_str());
  return absl::OkStatus();
}

absl::Status FillDocument(Session& session, const DocumentOptions& options, std::istream& answers) {
  if (auto s = TakeValues(session, options); !s.ok()) return s;
  if (options.ask) {
    const auto blanks = Blanks(session, options.name);
    if (!blanks.ok()) return blanks.status();
    for (const auto& blank : blanks->remaining()) {
      if (!answers) break;
      if (auto s = AskOne(session, options.name, blank, answers); !s.ok()) return s;
    }
  }
  return PrintBlanks(session, options);
}

absl::Status PrintBlanks(Session& session, const DocumentOptions& options) {
  const auto blanks = Blanks(session, options.name);
  if (!blanks.ok()) return blanks.status();
  if (session.json()) {
    std::puts(ToJson(*blanks).c_str());
    return absl::OkStatus();
  }
  const int remaining = blanks->remaining_size() + blanks->drawn_size();
  std::printf("Заполнено: %d, осталось: %d\n", blanks->filled_count(), remaining);
  if (remaining == 0) std::puts("Пропусков нет: документ можно утверждать.");
  if (!blanks->remaining().empty()) {
    Table table({"пропуск", "что спрашивается", "что вписать", "подсказка"});
    for (const auto& blank : blanks->remaining())
      table.Add({blank.key(), blank.question(), Hint(blank.kind()), blank.suggestion()});
    table.Print();
  }
  for (const auto& words : blanks->drawn())
    std::printf("в тексте остался пропуск после слов «%s»\n", words.c_str());
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
