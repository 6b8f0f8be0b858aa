// Files for the tests: written byte by byte, as life writes them.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_TESTING_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zip.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::sheet {

// A directory that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sheet.XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }
  // An XLSX of these parts, those of a plain workbook added where they are missing.
  std::string WriteXlsx(std::map<std::string, std::string> parts,
                        const std::string& name = "book.xlsx") const {
    const char* kKind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    const auto relation = [&](const char* id, const char* kind, const char* target) {
      return absl::StrCat("<Relationship Id=\"", id, "\" Type=\"", kKind, kind, "\" Target=\"",
                          target, "\"/>");
    };
    parts.try_emplace("_rels/.rels", "<Relationships>" +
                                         relation("r1", "officeDocument", "xl/workbook.xml") +
                                         "</Relationships>");
    parts.try_emplace("xl/_rels/workbook.xml.rels",
                      "<Relationships>" + relation("r1", "worksheet", "worksheets/sheet1.xml") +
                          relation("r2", "sharedStrings", "sharedStrings.xml") +
                          relation("r3", "styles", "styles.xml") + "</Relationships>");
    parts.try_emplace("xl/workbook.xml",
                      "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Лист1\" sheetId=\"1\" "
                      "r:id=\"r1\"/></sheets></workbook>");
    parts.try_emplace("xl/styles.xml",
                      "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd.mm.yyyy\"/>"
                      "</numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
                      "numFmtId=\"164\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>");
    std::filesystem::remove(Path(name));
    zip_t* archive = zip_open(Path(name).c_str(), ZIP_CREATE, nullptr);
    for (const auto& [part, bytes] : parts) {
      zip_file_add(archive, part.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0),
                   ZIP_FL_ENC_UTF_8);
    }
    EXPECT_EQ(zip_close(archive), 0);
    return Path(name);
  }
  // The same with these rows: `<row>…</row>`, and what follows them.
  std::string WriteSheet(const std::string& rows, const std::string& after = "",
                         const std::string& strings = "") const {
    return WriteXlsx({{"xl/worksheets/sheet1.xml",
                       "<worksheet><sheetData>" + rows + "</sheetData>" + after + "</worksheet>"},
                      {"xl/sharedStrings.xml", "<sst>" + strings + "</sst>"}});
  }

 private:
  std::string path_;
};

// The rows of a file as text, cells joined by bars, flaws in braces; or what is wrong with it.
inline std::vector<std::string> Rows(const std::string& path, const OpenOptions& options = {},
                                     std::vector<std::string>* notes = nullptr) {
  auto reader = Open(path, options);
  if (!reader.ok()) return {"ОШИБКА " + std::string(reader.status().message())};
  std::vector<std::string> rows;
  Row row;
  while (true) {
    const auto more = (*reader)->Next(&row);
    if (!more.ok()) {
      rows.push_back("ОШИБКА " + std::string(more.status().message()));
      return rows;
    }
    if (!*more) break;
    std::string text = absl::StrCat(row.number, ":");
    for (const Cell& cell : row.cells) {
      absl::StrAppend(&text, cell.text, cell.flaw.found() ? "{" + cell.flaw.what + "}" : "", "|");
    }
    if (row.flaw.found()) absl::StrAppend(&text, "{", row.flaw.what, "}");
    rows.push_back(text);
  }
  if (notes != nullptr) *notes = (*reader)->notes();
  return rows;
}

}  // namespace rsnms::sheet

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_TESTING_H_
