// The file for ФИС ФРДО, read back: headings, their order, types of cells, lists of values.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "services/programs/certificates/certificates_fixture.h"
#include "services/programs/certificates/frdo_template.h"
#include "tools/rsnmsctl/certificate.h"
#include "tools/rsnmsctl/frdo.h"
#include "tools/rsnmsctl/sheet_testing.h"

namespace rsnms::programs {
namespace {

using sheet::Cell;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FrdoFile : public CertificatesFixture {
 protected:
  void SetUp() override {
    CertificatesFixture::SetUp();
    settings_.targets["programs"] = service_->target();
    settings_.token = testing::TestToken({"administrator"}, {"*"});
    session_ = std::make_unique<ctl::Session>(settings_);
  }
  void TearDown() override {
    session_.reset();
    CertificatesFixture::TearDown();
  }
  ctl::FrdoOptions To(const std::string& file) {
    ctl::FrdoOptions options;
    options.out = folder_.Path(file);
    options.provider = Provider();
    return options;
  }
  static std::vector<sheet::Row> ReadBack(const std::string& path) {
    auto reader = sheet::Open(path, {});
    EXPECT_TRUE(reader.ok()) << reader.status();
    std::vector<sheet::Row> rows;
    for (sheet::Row row; reader.ok() && (*reader)->Next(&row).value_or(false);) rows.push_back(row);
    return rows;
  }
  std::string Receipts(const std::string& text) { return folder_.Write("r.csv", text); }

  sheet::Folder folder_;
  ctl::Settings settings_;
  std::unique_ptr<ctl::Session> session_;
};

TEST_F(FrdoFile, TheBookHasTheTemplatesColumnsTypesAndValues) {
  const auto lost = Issue(1, "1");
  Issue(2, "2");
  Must<v1::Certificate>("DuplicateCertificate",
                        Succeeding<v1::DuplicateCertificateRequest>(lost.name(), "0011"));
  for (const bool merged : {false, true}) {
    auto options = To(merged ? "38.xlsx" : "40.xlsx");
    options.merged = merged;
    options.all = true;
    const auto outcome = ctl::ExportFrdo(*session_, options);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    const auto rows = ReadBack(options.out);
    ASSERT_EQ(rows.size(), 4U);
    const auto& columns =
        frdo::Columns(merged ? v1::FRDO_TEMPLATE_MERGED_MARKS : v1::FRDO_TEMPLATE_SEPARATE_MARKS);
    ASSERT_EQ(rows[0].cells.size(), columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      EXPECT_EQ(rows[0].cells[i].text, columns[i].title) << i;
      for (size_t r = 1; r < rows.size(); ++r) {
        const Cell cell = i < rows[r].cells.size() ? rows[r].cells[i] : Cell{};
        if (columns[i].required) {
          EXPECT_NE(cell.text, "") << columns[i].title;
        }
        if (cell.text.empty()) continue;
        const auto kind = columns[i].kind == v1::FrdoColumn::KIND_DATE     ? Cell::Kind::kDate
                          : columns[i].kind == v1::FrdoColumn::KIND_NUMBER ? Cell::Kind::kNumber
                                                                           : Cell::Kind::kText;
        EXPECT_EQ(cell.kind, kind) << columns[i].title;
        const auto& values = columns[i].values;
        EXPECT_TRUE(values.empty() ||
                    std::find(values.begin(), values.end(), cell.text) != values.end())
            << columns[i].title << ": " << cell.text;
      }
    }
    const size_t number = merged ? 4 : 6;
    EXPECT_EQ(rows[3].cells[number].text, "0011") << "zeros stay: a number is text";
    EXPECT_EQ(rows[1].cells[number + 1].text, "2026-03-25");
    EXPECT_EQ(rows[1].cells[merged ? 24 : 26].text, "112-233-445 95");
    options.package = outcome->summary.frdo_package();
    options.reason = "проба";
    ASSERT_TRUE(ctl::CancelFrdo(*session_, options).ok());
  }
}

TEST_F(FrdoFile, TheCsvSaysTheSame) {
  Issue(1, "1");
  auto options = To("rows.csv");
  ASSERT_TRUE(ctl::ExportFrdo(*session_, options).ok());
  const std::string text = sheet::Folder::Read(options.out);
  EXPECT_THAT(text, HasSubstr("\xEF\xBB\xBFВид документа;Статус документа;"));
  EXPECT_THAT(text, HasSubstr(";25.03.2026;рег-1;Повышение квалификации;"));
  EXPECT_THAT(text, HasSubstr(";01.07.1985;Жен;112-233-445 95;"));
  const auto rows = ReadBack(options.out);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].cells.size(), 40U);
  struct stat file = {};
  ASSERT_EQ(stat(options.out.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U) << "people's data are their reader's alone";
}

TEST_F(FrdoFile, WithAFaultNoFileAppears) {
  Issue(1, "1");
  Issue(2, "2");
  people_[Person(2)].clear_snils();
  auto options = To("rows.xlsx");
  EXPECT_EQ(ctl::ExportFrdoAndTell(*session_, options).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(options.out));
  options.skip_faulty = true;
  ASSERT_TRUE(ctl::ExportFrdoAndTell(*session_, options).ok());
  EXPECT_EQ(ReadBack(options.out).size(), 2U);
  options.out = folder_.Path("rows.ods");
  EXPECT_EQ(ctl::ExportFrdo(*session_, options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(FrdoFile, WhatCannotBeWrittenIsNotAskedFor) {
  Issue(1, "1");
  auto options = To("nowhere/rows.csv");
  EXPECT_EQ(ctl::ExportFrdo(*session_, options).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_package"), "0");
  EXPECT_TRUE(asked_.empty()) << "nobody's data were read";
}

TEST_F(FrdoFile, APackageWhoseFileFailedIsCancelled) {
  Issue(1, "1");
  auto options = To("rows.csv");
  std::filesystem::create_directories(options.out + "/occupied");  // a file cannot take its place
  const auto failed = ctl::ExportFrdo(*session_, options).status();
  EXPECT_FALSE(failed.ok());
  EXPECT_THAT(std::string(failed.message()), HasSubstr("отменён"));
  EXPECT_EQ(Value("SELECT state FROM frdo_package"), "CANCELLED");
  EXPECT_EQ(Value("SELECT state FROM frdo_row"), "CANCELLED");
  options = To("again.csv");
  const auto again = ctl::ExportFrdo(*session_, options);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->summary.row_count(), 1);
  ::testing::internal::CaptureStdout();
  ASSERT_TRUE(ctl::ListFrdo(*session_, options).ok());
  const std::string listed = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(listed, HasSubstr(again->summary.frdo_package()));
  EXPECT_THAT(listed, HasSubstr("CANCELLED"));
}

TEST_F(FrdoFile, ReceiptsComeFromATable) {
  Issue(1, "1");
  Issue(2, "2");
  auto options = To("rows.xlsx");
  const auto outcome = ctl::ExportFrdo(*session_, options);
  ASSERT_TRUE(outcome.ok());
  options.package = outcome->summary.frdo_package();
  options.day = "2026-05-30";
  ASSERT_TRUE(ctl::SendFrdo(*session_, options).ok());
  for (const char* bad : {"Строка;Итог\r\n2;Принято\r\n", "Строка;Результат\r\nдве;Принято\r\n",
                          "Строка;Результат\r\n2;Может быть\r\n"}) {
    options.file = Receipts(bad);
    EXPECT_EQ(ctl::RecordFrdoReceipts(*session_, options).code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
  const auto number = [&](int row) {
    return Value(
        Cat("SELECT number FROM certificate c JOIN frdo_row r ON r.certificate_id = c.id "
            "WHERE row_number = ",
            row));
  };
  options.file = Receipts(Cat("Строка;Номер документа;Результат\r\n2;", number(3), ";Принято\r\n"));
  EXPECT_EQ(rpc::ReasonOf(ctl::RecordFrdoReceipts(*session_, options)), "FRDO_DOCUMENT_DIFFERS");
  options.file = Receipts(Cat("Строка;Номер документа;Результат;Сообщение\r\n2;№ ", number(2),
                              ";Принято;\r\n3;;ОТКЛОНЕНО;нет такого номера\r\n"));
  ASSERT_TRUE(ctl::RecordFrdoReceipts(*session_, options).ok());
  EXPECT_EQ(Value("SELECT string_agg(state || ' ' || message, '|' ORDER BY row_number) "
                  "FROM frdo_row"),
            "ACCEPTED |REJECTED нет такого номера");
  const auto again = ctl::ExportFrdo(*session_, options);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->summary.row_count(), 1) << "the rejected one alone";
}

TEST_F(FrdoFile, ASignedCertificateIsVerifiedWithoutTheService) {
  const auto issued = Issue(1, "1");
  ctl::CertificateOptions options;
  options.name = issued.name();
  options.out = folder_.Path("certificate.jws");
  ASSERT_TRUE(ctl::SaveSignedCertificate(*session_, options).ok());
  ctl::CertificateOptions keys;
  keys.out = folder_.Path("keys.json");
  ASSERT_TRUE(ctl::SaveCertificateKeys(*session_, keys).ok());
  TearDown();  // no service from here on
  const auto facts = ctl::VerifyCertificateFile(options.out, keys.out);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_THAT(*facts, HasSubstr("\"number\":\"1\""));
  options.file = options.out;
  options.keys = keys.out;
  EXPECT_TRUE(ctl::VerifyCertificate(options).ok());

  std::string bent = sheet::Folder::Read(options.out);
  bent[bent.size() / 2] ^= 1;
  options.file = folder_.Write("bent.jws", bent);
  EXPECT_EQ(ctl::VerifyCertificate(options).code(), absl::StatusCode::kInvalidArgument);
  const auto other = auth::GenerateKey(auth::Algorithm::kEs256, "2026");
  const auto strange = folder_.Write("other.json", "{\"keys\":[" + other->jwk + "]}");
  EXPECT_FALSE(ctl::VerifyCertificateFile(options.out, strange).ok());
  EXPECT_FALSE(ctl::VerifyCertificateFile(options.out, folder_.Path("nothing")).ok());
}

}  // namespace
}  // namespace rsnms::programs
