#include "tools/rsnmsctl/register_file.h"

#include <google/protobuf/util/json_util.h>
#include <openssl/sha.h>

#include <fstream>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "rsnms/programs/v1/register_service.pb.h"
#include "tools/rsnmsctl/sheet_import.h"
#include "tools/rsnmsctl/sheet_text.h"
#include "tools/rsnmsctl/sheet_values.h"

namespace rsnms::ctl {
namespace {

using federal::v1::Programme;

constexpr int kPiece = 500;

// What a column is called, folded (sheet::Fold), and the field it fills; `provider.` leads into the
// provider.
const std::map<std::string, std::string>& Headings() {
  static const auto& headings = *[] {
    auto* found = new std::map<std::string, std::string>;
    for (const auto& [words, field] : std::vector<std::pair<std::string, std::string>>{
             {"Номер|Номер в реестре|Регистрационный номер", "register_number"},
             {"Название|Наименование|Наименование программы", "title"},
             {"Вид|Вид программы", "kind"},
             {"Организация|Поставщик|Кто реализует", "provider.title"},
             {"ИНН|ИНН организации", "provider.inn"},
             {"ОГРН", "provider.ogrn"},
             {"Регион организации|Код региона", "provider.region_code"},
             {"Часы|Объём|Объём, ч|Количество часов", "duration_hours"},
             {"Часы стажировки|Стажировка, ч", "internship_hours"},
             {"Форма|Форма обучения", "form"},
             {"Дистанционная|ДОТ", "distance"},
             {"Сетевая|Сетевая форма", "network"},
             {"Компетенции", "competencies"},
             {"Темы", "topic_codes"},
             {"Для педагогов", "for_pedagogues"},
             {"Для руководителей", "for_managers"},
             {"Аннотация", "annotation"},
             {"Дата включения", "listed_date"},
             {"Дата исключения", "withdrawn_date"},
         }) {
      for (const auto word : absl::StrSplit(words, '|')) {
        (*found)[sheet::Fold(std::string(word))] = field;
      }
      (*found)[sheet::Fold(field)] = field;
    }
    return found;
  }();
  return headings;
}

absl::Status Wrong(int64_t row, const std::string& what, const std::string& mend) {
  return absl::InvalidArgumentError(
      absl::StrCat("строка ", row, ": ", what, mend.empty() ? "" : " — ", mend));
}

// Forms as registers print them, and kinds by their abbreviations; other values by the contract.
void SetForm(const std::string& text, Programme& entry) {
  static const auto& forms = *new std::map<std::string, federal::v1::StudyForm>{
      {sheet::Fold("очная"), federal::v1::STUDY_FORM_FULL_TIME},
      {sheet::Fold("очно-заочная"), federal::v1::STUDY_FORM_PART_TIME},
      {sheet::Fold("заочная"), federal::v1::STUDY_FORM_EXTRAMURAL}};
  const auto it = forms.find(sheet::Fold(text));
  // A word nobody knows is kept as what it is: a form out of the contract, which the mirror
  // reports.
  entry.set_form(it == forms.end() ? static_cast<federal::v1::StudyForm>(99) : it->second);
}

void SetKind(const std::string& text, Programme& entry) {
  static const auto& kinds = *new std::map<std::string, federal::v1::ProgrammeKind>{
      {sheet::Fold("ПК"), federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT},
      {sheet::Fold("повышение квалификации"), federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT},
      {sheet::Fold("ПП"), federal::v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING},
      {sheet::Fold("профессиональная переподготовка"),
       federal::v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING}};
  const auto it = kinds.find(sheet::Fold(text));
  entry.set_kind(it == kinds.end() ? static_cast<federal::v1::ProgrammeKind>(99) : it->second);
}

// `methodical-lesson:2; digital-office`.
absl::Status AddCompetencies(int64_t row, const std::string& text, Programme& entry) {
  for (const absl::string_view part : absl::StrSplit(text, absl::ByAnyChar(";,\n"))) {
    const std::vector<std::string> halves =
        absl::StrSplit(absl::StripAsciiWhitespace(part), absl::MaxSplits(':', 1));
    if (halves[0].empty()) continue;
    int depth = 1;
    if (halves.size() == 2 && (!absl::SimpleAtoi(halves[1], &depth) || depth < 1 || depth > 3)) {
      return Wrong(row, "глубина компетенции — 1, 2 или 3", halves[0]);
    }
    auto& coverage = *entry.add_competencies();
    coverage.set_competency_code(halves[0]);
    coverage.set_depth(static_cast<federal::v1::CoverageDepth>(depth));
  }
  return absl::OkStatus();
}

absl::Status SetCell(int64_t row, const std::string& field, const sheet::Cell& cell,
                     Programme& entry) {
  if (cell.flaw.found()) return Wrong(row, cell.flaw.what, cell.flaw.mend);
  if (cell.text.empty()) return absl::OkStatus();
  if (field == "form") return SetForm(cell.text, entry), absl::OkStatus();
  if (field == "kind") return SetKind(cell.text, entry), absl::OkStatus();
  if (field == "competencies") return AddCompetencies(row, cell.text, entry);
  if (field == "topic_codes") {
    for (const absl::string_view part : absl::StrSplit(cell.text, absl::ByAnyChar(";,\n"))) {
      const std::string code(absl::StripAsciiWhitespace(part));
      if (!code.empty()) entry.add_topic_codes(code);
    }
    return absl::OkStatus();
  }
  google::protobuf::Message* message = &entry;
  std::string name = field;
  if (field.rfind("provider.", 0) == 0) {
    message = entry.mutable_provider();
    name = field.substr(sizeof("provider.") - 1);
  }
  const auto flaw =
      SetField(message, message->GetDescriptor()->FindFieldByName(name), cell, /*region=*/"");
  return flaw.found() ? Wrong(row, flaw.what, flaw.mend) : absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadHeadings(const sheet::Row& row) {
  std::vector<std::string> columns;
  bool number = false, title = false;
  for (const sheet::Cell& cell : row.cells) {
    const auto it = Headings().find(sheet::Fold(cell.text));
    columns.push_back(it == Headings().end() ? "" : it->second);
    number = number || columns.back() == "register_number";
    title = title || columns.back() == "title";
  }
  if (number && title) return columns;
  return Wrong(row.number, "нет столбца «Номер в реестре» или «Название»",
               "первая строка таблицы должна быть заголовком");
}

absl::Status ReadTable(const std::string& path, const sheet::OpenOptions& open,
                       const std::function<void(Programme)>& each) {
  auto reader = sheet::Open(path, open);
  if (!reader.ok()) return reader.status();
  std::vector<std::string> columns;
  sheet::Row row;
  while (true) {
    auto more = (*reader)->Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (row.flaw.found()) return Wrong(row.number, row.flaw.what, row.flaw.mend);
    if (columns.empty()) {
      auto headings = ReadHeadings(row);
      if (!headings.ok()) return headings.status();
      columns = *std::move(headings);
      continue;
    }
    Programme entry;
    for (size_t i = 0; i < std::min(columns.size(), row.cells.size()); ++i) {
      if (columns[i].empty()) continue;
      if (auto s = SetCell(row.number, columns[i], row.cells[i], entry); !s.ok()) return s;
    }
    each(std::move(entry));
  }
  if (columns.empty()) return absl::InvalidArgumentError("в файле нет строк: " + path);
  if ((*reader)->merges().empty()) return absl::OkStatus();
  const sheet::Merge& merge = (*reader)->merges().front();
  return Wrong(merge.first_row, "объединённые ячейки " + merge.range,
               "разъедините их и заполните каждую");
}

absl::Status ReadJson(const std::string& path, const std::function<void(Programme)>& each) {
  std::ifstream file(path);
  std::string line;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    Programme entry;
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, &entry);
    if (!parsed.ok()) return Wrong(number, "не разобрать JSON", std::string(parsed.message()));
    each(std::move(entry));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Sha256Of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("не открыть файл " + path);
  SHA256_CTX context;
  SHA256_Init(&context);
  std::vector<char> buffer(1 << 16);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0) {
    SHA256_Update(&context, buffer.data(), static_cast<size_t>(file.gcount()));
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_Final(digest, &context);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest)));
}

}  // namespace

absl::Status ReadRegisterFile(const std::string& path, const sheet::OpenOptions& open,
                              const std::function<void(Programme)>& each) {
  return HoldsJson(path) ? ReadJson(path, each) : ReadTable(path, open, each);
}

absl::StatusOr<programs::v1::RegisterSync> LoadRegister(Session& session,
                                                        const RegisterFile& file) {
  using programs::v1::RegisterSync;
  const auto sha256 = Sha256Of(file.path);
  if (!sha256.ok()) return sha256.status();
  std::vector<programs::v1::LoadRegisterRequest> pieces(1);
  int total = 0;
  auto read = ReadRegisterFile(file.path, file.open, [&](Programme entry) {
    if (total++ % kPiece == 0) pieces.emplace_back();
    *pieces.back().mutable_entries()->add_programmes() = std::move(entry);
  });
  if (!read.ok()) return read;
  auto& header = *pieces.front().mutable_header();
  header.set_parent("regions/" + file.region);
  header.set_mode(file.partial ? RegisterSync::MODE_INCREMENTAL : RegisterSync::MODE_FULL);
  header.set_total_size(total);
  header.set_ask_again(file.ask_again);
  header.set_sha256(*sha256);
  const std::string method = "rsnms.programs.v1.Register/LoadRegister";
  programs::v1::LoadRegisterRequest request;
  RegisterSync sync;
  size_t sent = 0;
  auto status = session.client_of(method).ClientStream(
      method, &request,
      [&] {
        if (sent == pieces.size()) return false;
        request.Swap(&pieces[sent++]);
        return true;
      },
      &sync, session.deadline());
  if (!status.ok()) return status;
  return sync;
}

}  // namespace rsnms::ctl
