// The files for ФИС ФРДО as a spreadsheet reads them: LibreOffice opens each by itself and says
// back, cell by cell, what was exported: every heading, dates, leading zeros, СНИЛС, Cyrillic
// letters, and that text stays text.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "absl/strings/str_replace.h"
#include "services/programs/certificates/frdo_fixture.h"
#include "services/programs/certificates/frdo_template.h"
#include "tools/rsnmsctl/frdo.h"
#include "tools/rsnmsctl/sheet_testing.h"

namespace rsnms::programs {
namespace {

// A cell of the CSV LibreOffice wrote: what it holds as text stands in quotation marks.
struct Cell {
  std::string text;
  bool quoted = false;
  bool operator==(const Cell&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Cell& cell) {
  return out << (cell.quoted ? "text " : "value ") << cell.text;
}
using Book = std::vector<std::vector<Cell>>;

Book ReadOffice(const std::string& text) {
  Book book(1, std::vector<Cell>(1));
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    Cell& cell = book.back().back();
    const char c = text[i];
    if (inside && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell.text += text[++i];
    } else if (c == '"') {
      inside = !inside;
      cell.quoted = true;
    } else if (inside) {
      cell.text += c;
    } else if (c == ';') {
      book.back().emplace_back();
    } else if (c == '\n') {
      book.emplace_back(1);
    } else if (c != '\r') {
      cell.text += c;
    }
  }
  if (book.back() == std::vector<Cell>(1)) book.pop_back();
  return book;
}

class FrdoOffice : public Frdo {
 protected:
  void SetUp() override {
    ASSERT_EQ(std::system("command -v soffice >/dev/null"), 0)
        << "LibreOffice is not installed: run tools/setup, or install libreoffice-calc-nogui";
    Frdo::SetUp();
    settings_.targets["programs"] = service_->target();
    settings_.token = testing::TestToken({"administrator"}, {"*"});
    session_ = std::make_unique<ctl::Session>(settings_);
    MakeDocuments();
  }
  void TearDown() override {
    session_.reset();
    if (service_ != nullptr) Frdo::TearDown();
  }

  // Documents with what spreadsheets like to spoil, and a lost one with its duplicate.
  void MakeDocuments() {
    const auto lost = Issue(1, "0011");
    people_[Person(1)].set_snils("00100200304");
    *people_[Person(1)].mutable_birth_date() = D(1949, 12, 31);
    Must<v1::Certificate>("DuplicateCertificate",
                          Succeeding<v1::DuplicateCertificateRequest>(lost.name(), "0012"));
    AddPerson(2).set_family_name("Вымышленная-Ёжикова");
    people_[Person(2)].clear_patronymic();
    v1::Programme other = CreateProgramme(250);
    other.set_title("Практикум «Оценивание»; \"новые\" формы, 2-е изд.");
    v1::UpdateProgrammeRequest update;
    *update.mutable_programme() = other;
    update.mutable_programme()->clear_etag();
    update.mutable_update_mask()->add_paths("title");
    other = Must<v1::Programme>("UpdateProgramme", update);
    auto issue = Issuing(Complete(2, "5E3", &other));
    issue.mutable_certificate()->set_registration_number("01.02.2026");
    issue.mutable_certificate()->set_qualification_title("TRUE");
    Must<v1::Certificate>("CreateCertificate", issue);
    AddPerson(3);
    issue = Issuing(Complete(3, "ПК 000017"));
    issue.mutable_certificate()->set_series("ПК");
    issue.mutable_certificate()->set_number("000017");
    issue.mutable_certificate()->set_registration_number("=2+2");
    Must<v1::Certificate>("CreateCertificate", issue);
  }

  // What the service gives for the file.
  std::vector<v1::FrdoLine> Rows(bool merged) {
    auto asking = Asking(v1::FRDO_SELECTION_ALL);
    asking.set_template_(Layout(merged));
    const auto exported = MustExport(asking);
    EXPECT_EQ(exported.lines.size(), 4U)
        << (exported.faults.empty() ? "" : exported.faults.front().ShortDebugString());
    Cancel(exported.summary.frdo_package());
    return exported.lines;
  }
  std::string File(const std::string& name, bool merged) {
    ctl::FrdoOptions options;
    options.out = folder_.Path(name);
    options.provider = Provider();
    options.merged = merged;
    options.all = true;
    const auto outcome = ctl::ExportFrdo(*session_, options);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    if (outcome.ok()) Cancel(outcome->summary.frdo_package());
    return options.out;
  }
  void Cancel(const std::string& package) {
    v1::CancelFrdoPackageRequest request;
    request.set_name(package);
    request.set_reason("проба");
    Must<FrdoPackage>("CancelFrdoPackage", request);
  }
  static v1::FrdoTemplate Layout(bool merged) {
    return merged ? v1::FRDO_TEMPLATE_MERGED_MARKS : v1::FRDO_TEMPLATE_SEPARATE_MARKS;
  }

  // LibreOffice opens the file, in a profile of its own, and writes what it sees as CSV.
  Book OpenInOffice(const std::string& file, const std::string& reading = "") {
    const std::string seen = folder_.Path("seen");
    const std::string command =
        Cat("HOME=", folder_.Path("home"), " timeout 240 soffice --headless --norestore ",
            "-env:UserInstallation=file://", folder_.Path("profile"), " ", reading,
            " --convert-to 'csv:Text - txt - csv (StarCalc):59,34,76,1,,0,true,true,true'",
            " --outdir ", seen, " ", file, " >", folder_.Path("office.log"), " 2>&1");
    EXPECT_EQ(std::system(command.c_str()), 0) << sheet::Folder::Read(folder_.Path("office.log"));
    const std::string csv = seen + "/" + std::filesystem::path(file).stem().string() + ".csv";
    EXPECT_TRUE(std::filesystem::exists(csv))
        << "LibreOffice did not open it: " << sheet::Folder::Read(folder_.Path("office.log"));
    const Book book = ReadOffice(sheet::Folder::Read(csv));
    std::filesystem::remove_all(seen);
    return book;
  }
  // Headings, then rows as wide as they.
  static void ExpectSaid(const Book& book, bool merged, const std::vector<v1::FrdoLine>& lines,
                         const std::function<Cell(const frdo::Column&, const std::string&)>& as) {
    const auto& columns = frdo::Columns(Layout(merged));
    ASSERT_EQ(book.size(), lines.size() + 1);
    ASSERT_EQ(columns.size(), merged ? 38U : 40U);
    for (size_t r = 0; r < book.size(); ++r) {
      ASSERT_EQ(book[r].size(), columns.size()) << "row " << r + 1;
      for (size_t i = 0; i < columns.size(); ++i) {
        const Cell cell = r == 0 ? Cell{std::string(columns[i].title), true}
                                 : as(columns[i], lines[r - 1].values(static_cast<int>(i)));
        EXPECT_EQ(book[r][i], cell) << "row " << r + 1 << ", " << columns[i].title;
      }
    }
  }
  // What the documents above are there for is in the rows.
  static void ExpectTelling(const Book& book) {
    std::set<std::string> all;
    for (const auto& row : book) {
      for (const Cell& cell : row) all.insert(cell.text);
    }
    for (const char* text :
         {"0011", "0012", "5E3", "000017", "01.02.2026", "TRUE", "001-002-003 04", "31.12.1949",
          "25.03.2026", "15.04.2026", "Вымышленная-Ёжикова",
          "Практикум «Оценивание»; \"новые\" формы, 2-е изд.", "250", "2026"}) {
      EXPECT_TRUE(all.contains(text)) << text;
    }
  }

  sheet::Folder folder_;
  ctl::Settings settings_;
  std::unique_ptr<ctl::Session> session_;
};

TEST_F(FrdoOffice, TheBookSaysWhatWasExported) {
  for (const bool merged : {false, true}) {
    const auto lines = Rows(merged);
    const Book book = OpenInOffice(File(merged ? "38.xlsx" : "40.xlsx", merged));
    ExpectSaid(book, merged, lines, [](const frdo::Column& column, const std::string& value) {
      // Dates and numbers are values for the spreadsheet, everything else is text.
      return Cell{value, !value.empty() && column.kind == v1::FrdoColumn::KIND_TEXT};
    });
    ExpectTelling(book);
  }
}

TEST_F(FrdoOffice, TheCsvSaysWhatWasExported) {
  for (const bool merged : {false, true}) {
    const auto lines = Rows(merged);
    // Read as ФИС ФРДО reads it: semicolons, UTF-8, every column as text.
    std::string columns;
    for (size_t i = 1; i <= frdo::Columns(Layout(merged)).size(); ++i) {
      columns += Cat(i == 1 ? "" : "/", i, "/2");
    }
    const Book book =
        OpenInOffice(File(merged ? "38.csv" : "40.csv", merged),
                     Cat("--infilter='Text - txt - csv (StarCalc):59,34,76,1,", columns, "'"));
    ExpectSaid(book, merged, lines, [](const frdo::Column&, const std::string& value) {
      return Cell{sheet::NeedsGuard(value) ? "'" + value : value, !value.empty()};
    });
    ExpectTelling(book);
  }
}

}  // namespace
}  // namespace rsnms::programs
