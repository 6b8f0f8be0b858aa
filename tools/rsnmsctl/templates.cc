// Templates of acts: from files into a region, and what a region has.
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/document_template.pb.h"
#include "rsnms/registry/v1/document_template_file.pb.h"
#include "tools/rsnmsctl/act_files.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using registry::v1::DocumentTemplate;

constexpr char kReason[] = "Заменён новой редакцией шаблона из файла.";

// What a file says of a template.
DocumentTemplate Content(const DocumentTemplate& full) {
  DocumentTemplate content;
  content.set_kind(full.kind());
  content.set_title(full.title());
  content.set_level(full.level());
  content.set_clause(full.clause());
  content.set_text(full.text());
  *content.mutable_blanks() = full.blanks();
  return content;
}

// What a template is known by in its region: the act and the title («altai», «Приказ …»).
std::string KeyOf(const DocumentTemplate& t) {
  return absl::StrCat(t.clause().substr(0, t.clause().find(' ')), "\n", t.title());
}

bool Same(const DocumentTemplate& a, const DocumentTemplate& b) {
  return Content(a).SerializeAsString() == Content(b).SerializeAsString();
}

// The templates of one region, as a file finds and leaves them.
class Shelf {
 public:
  Shelf(Session& session, const std::string& parent, bool dry_run)
      : session_(session), parent_(parent), dry_run_(dry_run) {}

  absl::Status Look() {
    registry::v1::ListDocumentTemplatesRequest list;
    list.set_parent(parent_);
    return ForEachPage<registry::v1::ListDocumentTemplatesRequest,
                       registry::v1::ListDocumentTemplatesResponse>(
        session_, Method("ListDocumentTemplates"), list, [this](const auto& page) {
          for (const auto& stored : page.document_templates())
            stored_[KeyOf(stored)].push_back(stored);
          return absl::OkStatus();
        });
  }

  absl::Status Put(const DocumentTemplate& wanted) {
    const DocumentTemplate* equal = nullptr;
    const DocumentTemplate* last = nullptr;  // what a new one supersedes: a live one, if any
    for (const auto& stored : stored_[KeyOf(wanted)]) {
      if (stored.state() == DocumentTemplate::STATE_DRAFT && !Same(stored, wanted))
        return Rewrite(stored, wanted);
      if (Same(stored, wanted)) equal = PreferLive(equal, stored);
      last = PreferLive(last, stored);
    }
    if (equal == nullptr || (!Live(*equal) && last != nullptr && Live(*last)))
      return Add(wanted, last);
    if (equal->state() == DocumentTemplate::STATE_DRAFT) {
      ++loaded_.updated;
      if (auto s = Publish(*equal); !s.ok()) return s;
    } else {
      ++loaded_.unchanged;
    }
    return RetireSuperseded(*equal);
  }

  const Loaded& loaded() const { return loaded_; }

 private:
  static std::string Method(const char* name) {
    return absl::StrCat("rsnms.registry.v1.Documents/", name);
  }
  static bool Live(const DocumentTemplate& t) {
    return t.state() != DocumentTemplate::STATE_RETIRED;
  }
  // Of several retired ones the latest, so that each is superseded once.
  static const DocumentTemplate* PreferLive(const DocumentTemplate* known,
                                            const DocumentTemplate& next) {
    if (known == nullptr || (Live(next) && !Live(*known))) return &next;
    const bool later = next.create_time().seconds() >= known->create_time().seconds();
    return Live(next) == Live(*known) && later ? &next : known;
  }

  absl::Status Add(const DocumentTemplate& wanted, const DocumentTemplate* before) {
    ++(before == nullptr ? loaded_.created : loaded_.updated);
    registry::v1::CreateDocumentTemplateRequest create;
    create.set_parent(parent_);
    *create.mutable_document_template() = Content(wanted);
    if (before != nullptr) create.mutable_document_template()->set_supersedes(before->name());
    create.set_document_template_id(RequestIdFor(
        absl::StrCat(parent_, " template ", create.document_template().SerializeAsString())));
    create.set_validate_only(dry_run_);
    DocumentTemplate made;
    if (auto s = session_.Call(Method("CreateDocumentTemplate"), create, &made); !s.ok()) return s;
    if (auto s = Publish(made); !s.ok()) return s;
    return RetireSuperseded(made);
  }

  absl::Status Rewrite(const DocumentTemplate& draft, const DocumentTemplate& wanted) {
    ++loaded_.updated;
    registry::v1::UpdateDocumentTemplateRequest update;
    *update.mutable_document_template() = Content(wanted);
    update.mutable_document_template()->set_name(draft.name());
    update.mutable_document_template()->set_etag(draft.etag());
    for (const char* path : {"kind", "title", "level", "clause", "text", "blanks"})
      update.mutable_update_mask()->add_paths(path);
    update.set_validate_only(dry_run_);
    DocumentTemplate stored;
    if (auto s = session_.Call(Method("UpdateDocumentTemplate"), update, &stored); !s.ok())
      return s;
    return Publish(stored);
  }

  absl::Status Publish(const DocumentTemplate& draft) {
    if (dry_run_) return absl::OkStatus();
    registry::v1::PublishDocumentTemplateRequest publish;
    publish.set_name(draft.name());
    publish.set_request_id(NewRequestId());
    DocumentTemplate published;
    return session_.Call(Method("PublishDocumentTemplate"), publish, &published);
  }

  // Also what an interrupted load left published.
  absl::Status RetireSuperseded(const DocumentTemplate& by) {
    if (dry_run_ || by.supersedes().empty() || !Live(by)) return absl::OkStatus();
    for (const auto& stored : stored_[KeyOf(by)]) {
      if (stored.name() != by.supersedes() || !Live(stored)) continue;
      registry::v1::RetireDocumentTemplateRequest retire;
      retire.set_name(stored.name());
      retire.set_reason(kReason);
      retire.set_request_id(NewRequestId());
      DocumentTemplate retired;
      if (auto s = session_.Call(Method("RetireDocumentTemplate"), retire, &retired); !s.ok())
        return s;
    }
    return absl::OkStatus();
  }

  Session& session_;
  const std::string parent_;
  const bool dry_run_;
  std::map<std::string, std::vector<DocumentTemplate>> stored_;  // by KeyOf
  Loaded loaded_;
};

const char* StateTitle(DocumentTemplate::State state) {
  return state == DocumentTemplate::STATE_PUBLISHED ? "опубликован" : "готовится";
}

}  // namespace

absl::Status LoadTemplates(Session& session, const ActFiles& files) {
  const auto paths = PathsOf(files);
  if (!paths.ok()) return paths.status();
  Table table({"регион", "файл", "шаблонов", "создано", "изменено", "без изменений"});
  for (const std::string& path : *paths) {
    registry::v1::DocumentTemplateFile file;
    if (auto s = ReadTextFile(path, &file); !s.ok()) return s;
    const auto parent = ParentOf(files, path);
    if (!parent.ok()) return parent.status();
    Shelf shelf(session, *parent, files.dry_run);
    if (auto s = shelf.Look(); !s.ok()) return s;
    for (const auto& wanted : file.document_templates()) {
      if (auto s = shelf.Put(wanted); !s.ok()) {
        std::fprintf(stderr, "%s: «%s»\n", path.c_str(), wanted.title().c_str());
        return s;
      }
    }
    const Loaded& done = shelf.loaded();
    table.Add({parent->substr(sizeof("regions/") - 1), path,
               absl::StrCat(file.document_templates_size()), absl::StrCat(done.created),
               absl::StrCat(done.updated), absl::StrCat(done.unchanged)});
  }
  table.Print();
  return absl::OkStatus();
}

absl::Status PrintTemplates(Session& session, const std::string& region) {
  registry::v1::ListDocumentTemplatesRequest list;
  list.set_parent(absl::StrCat("regions/", region.empty() ? std::string("-") : region));
  list.set_filter("state != RETIRED");
  Table table({"шаблон", "пункт", "пропусков", "состояние", "имя"});
  const auto status = ForEachPage<registry::v1::ListDocumentTemplatesRequest,
                                  registry::v1::ListDocumentTemplatesResponse>(
      session, "rsnms.registry.v1.Documents/ListDocumentTemplates", list, [&](const auto& page) {
        for (const auto& t : page.document_templates()) {
          if (session.json()) std::puts(ToJson(t).c_str());
          table.Add({t.title(), t.clause(), absl::StrCat(t.blanks_size()), StateTitle(t.state()),
                     t.name()});
        }
        return absl::OkStatus();
      });
  if (status.ok() && !session.json()) table.Print();
  return status;
}

}  // namespace rsnms::ctl
