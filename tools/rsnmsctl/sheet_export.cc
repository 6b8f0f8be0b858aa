// Export: the pages of List as rows of a table.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "rsnms/options/v1/options.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/sheet_import.h"
#include "tools/rsnmsctl/sheet_plan.h"
#include "tools/rsnmsctl/sheet_values.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using registry::v1::Organisation;
using registry::v1::Person;
using sheet::Cell;

constexpr int kPage = 1000;

const MethodDescriptor* FindList(const google::protobuf::Descriptor* resource) {
  for (const char* name : kContracts) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->options().GetExtension(options::v1::method).standard() !=
          options::v1::STANDARD_LIST)
        continue;
      if (method->output_type()->field(0)->message_type() == resource) return method;
    }
  }
  return nullptr;
}

// What the rows of a page refer to, in words: people and bodies by name.
struct Referred {
  std::map<std::string, Person> people;
  std::map<std::string, Organisation> bodies;
};

class Exporting {
 public:
  Exporting(Session& session, const ExportOptions& options, const MethodDescriptor* list,
            std::vector<SheetColumn> columns, sheet::Writer* writer)
      : session_(session),
        options_(options),
        list_(list),
        columns_(std::move(columns)),
        writer_(writer) {
    std::erase_if(columns_, [](const SheetColumn& column) { return !column.exported; });
  }

  absl::StatusOr<int64_t> Run() {
    std::vector<Cell> header;
    for (const SheetColumn& column : columns_) header.push_back({column.title, {}, {}});
    if (auto s = writer_->Add(header); !s.ok()) return s;
    Progress progress("Выгрузка", 0);
    auto request = NewMessage(list_->input_type());
    auto page = NewMessage(list_->output_type());
    Set(request.get(), "parent", "regions/" + options_.region);
    Set(request.get(), "filter", options_.filter);
    request->GetReflection()->SetInt32(
        request.get(), request->GetDescriptor()->FindFieldByName("page_size"), kPage);
    const std::string method = absl::StrCat(list_->service()->full_name(), "/", list_->name());
    const auto* token = page->GetDescriptor()->FindFieldByName("next_page_token");
    int64_t count = 0;
    std::string next;
    do {
      Set(request.get(), "page_token", next);
      if (auto s = session_.Call(method, *request, page.get()); !s.ok()) return s;
      const auto written = WritePage(*page);
      if (!written.ok()) return written.status();
      progress.Set(count += *written);
      next = page->GetReflection()->GetString(*page, token);
    } while (!next.empty());
    return count;
  }

 private:
  static void Set(Message* message, const char* field, const std::string& value) {
    message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName(field),
                                        value);
  }

  absl::StatusOr<int64_t> WritePage(const Message& page) {
    const auto* items = page.GetDescriptor()->field(0);
    const auto* reflection = page.GetReflection();
    const int size = reflection->FieldSize(page, items);
    auto referred = ReadReferred(page, items);
    if (!referred.ok()) return referred.status();
    for (int i = 0; i < size; ++i) {
      const Message& item = reflection->GetRepeatedMessage(page, items, i);
      std::vector<Cell> cells;
      for (const SheetColumn& column : columns_) cells.push_back(CellOf(item, column, *referred));
      if (auto s = writer_->Add(cells); !s.ok()) return s;
    }
    return size;
  }

  absl::StatusOr<Referred> ReadReferred(const Message& page, const FieldDescriptor* items) {
    std::set<std::string> people, bodies;
    const auto* reflection = page.GetReflection();
    for (const SheetColumn& column : columns_) {
      const bool person = column.role == Role::kPersonSnils || column.role == Role::kPersonTitle;
      const bool body = column.role == Role::kBodyOgrn || column.role == Role::kBodyTitle;
      if (!person && !body) continue;
      for (int i = 0; i < reflection->FieldSize(page, items); ++i) {
        const Message& item = reflection->GetRepeatedMessage(page, items, i);
        (person ? people : bodies).insert(item.GetReflection()->GetString(item, column.field));
      }
    }
    Referred referred;
    auto status =
        BatchGet<registry::v1::BatchGetPersonsRequest, registry::v1::BatchGetPersonsResponse>(
            "BatchGetPersons", people, [&](const auto& answer) {
              for (const Person& found : answer.persons()) referred.people[found.name()] = found;
            });
    if (!status.ok()) return status;
    status = BatchGet<registry::v1::BatchGetOrganisationsRequest,
                      registry::v1::BatchGetOrganisationsResponse>(
        "BatchGetOrganisations", bodies, [&](const auto& answer) {
          for (const Organisation& found : answer.organisations())
            referred.bodies[found.name()] = found;
        });
    if (!status.ok()) return status;
    return referred;
  }

  // Words beside the codes help people only: without the right to see them they stay empty.
  template <class Request, class Response, class Visit>
  absl::Status BatchGet(const char* method, const std::set<std::string>& names,
                        const Visit& visit) {
    if (names.empty()) return absl::OkStatus();
    Request request;
    for (const std::string& name : names) request.add_names(name);
    Response response;
    auto status =
        session_.Call(absl::StrCat("rsnms.registry.v1.Registry/", method), request, &response);
    if (absl::IsPermissionDenied(status) || absl::IsNotFound(status)) return absl::OkStatus();
    if (status.ok()) visit(response);
    return status;
  }

  Cell CellOf(const Message& item, const SheetColumn& column, const Referred& referred) const {
    const auto* reflection = item.GetReflection();
    if (column.role == Role::kField) return FieldCell(item, column.field, options_.region);
    if (column.role == Role::kRecord) {
      const auto* name = item.GetDescriptor()->FindFieldByName("name");
      return {ShortName(reflection->GetString(item, name), options_.region), {}, {}};
    }
    const std::string name = reflection->GetString(item, column.field);
    const auto person = referred.people.find(name);
    const auto body = referred.bodies.find(name);
    std::string text;
    if (person != referred.people.end()) {
      const Person& p = person->second;
      text = column.role == Role::kPersonSnils
                 ? p.snils()
                 : absl::StrCat(p.family_name(), " ", p.given_name(),
                                p.patronymic().empty() ? "" : " ", p.patronymic());
    } else if (body != referred.bodies.end()) {
      text = column.role == Role::kBodyOgrn ? body->second.ogrn() : body->second.official_name();
    }
    return {text, {}, {}};
  }

  Session& session_;
  const ExportOptions& options_;
  const MethodDescriptor* list_;
  std::vector<SheetColumn> columns_;
  sheet::Writer* writer_;
};

}  // namespace

absl::StatusOr<int64_t> ExportSheet(Session& session, const ExportOptions& options) {
  const auto type = ImportedType(options.collection);
  const auto* list = type == nullptr ? nullptr : FindList(type->GetDescriptor());
  if (list == nullptr)
    return absl::NotFoundError("выгрузка не предусмотрена для вида записей: " + options.collection);
  const std::string path = absl::AsciiStrToLower(options.path);
  const bool xlsx = absl::EndsWith(path, ".xlsx");
  if (!xlsx && !absl::EndsWith(path, ".csv"))
    return absl::InvalidArgumentError("имя файла должно кончаться на .csv или .xlsx");
  auto writer =
      xlsx ? sheet::CreateXlsx(options.path, options.collection) : sheet::CreateCsv(options.path);
  if (!writer.ok()) return writer.status();
  const auto count = Exporting(session, options, list,
                               ColumnsOf(options.collection, type->GetDescriptor()), writer->get())
                         .Run();
  if (!count.ok()) return count.status();
  if (auto s = (*writer)->Finish(); !s.ok()) return s;
  return count;
}

}  // namespace rsnms::ctl
