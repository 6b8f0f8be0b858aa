// Import: set-based, honest row by row, all or nothing or the good rows only.
#include <gtest/gtest.h>

#include <thread>

#include "libs/resource/names.h"
#include "libs/resource/testing/drawers.h"

namespace rsnms::resource {
namespace {

using options::v1::ImportHeader;

ImportHeader Header(options::v1::ImportMode mode, const std::string& request_id = "") {
  ImportHeader header;
  header.set_parent("regions/86");
  header.set_mode(mode);
  header.set_request_id(request_id);
  return header;
}
constexpr auto kAll = options::v1::IMPORT_MODE_ALL_OR_NOTHING;
constexpr auto kSkip = options::v1::IMPORT_MODE_SKIP_BAD;

// Rows with names of their own.
std::vector<museum::Specimen> Rows(int n) {
  std::vector<museum::Specimen> rows;
  for (int i = 0; i < n; ++i) {
    auto s = Specimen(absl::StrCat("row ", i));
    s.set_name("regions/86/specimens/" + NewUuid());
    s.set_weight(i % 100);
    s.set_code(absl::StrCat("AB", i));
    rows.push_back(s);
  }
  return rows;
}

std::string Counts(const absl::StatusOr<options::v1::ImportReport>& r) {
  if (!r.ok()) return r.status().ToString();
  return absl::StrCat(r->created_count(), " ", r->updated_count(), " ", r->unchanged_count(), " ",
                      r->rejected_count());
}

TEST(Import, CreatesUpdatesAndLeavesEqualRowsAlone) {
  Museum m;
  auto rows = Rows(5000);
  EXPECT_EQ(Counts(m.Import(Header(kAll), rows)), "5000 0 0 0");
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal WHERE kind = 1 AND version = 1"), "5000");
  EXPECT_EQ(Counts(m.Import(Header(kAll), rows)), "0 0 5000 0");
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "5000");
  rows[17].set_weight(77);
  rows[4017].set_title("другой");
  EXPECT_EQ(Counts(m.Import(Header(kAll), rows)), "0 2 4998 0");
  EXPECT_EQ(m.Get(rows[17].name())->weight(), 77);
  EXPECT_EQ(m.Get(rows[17].name())->etag(), "\"2\"");
  EXPECT_EQ(m.Value("SELECT string_agg(changed_fields::text, ' ' ORDER BY seq) FROM journal "
                    "WHERE kind = 2"),
            "{weight} {title}");
}

TEST(Import, RowsWithoutNameGetOne) {
  Museum m;
  EXPECT_EQ(Counts(m.Import(Header(kAll), {Specimen("a"), Specimen("b")})), "2 0 0 0");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "2");
}

TEST(Import, BrokenRowInTheMiddleRejectsAllOrIsSkipped) {
  Museum m;
  auto rows = Rows(100);
  rows[50].clear_title();
  rows[60].set_inn("7707083890");
  auto refused = m.Import(Header(kAll), rows);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "IMPORT_REJECTED");
  EXPECT_NE(rpc::ToProto(refused.status()).DebugString().find("rows[51].title"), std::string::npos);
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "0");
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "98 0 0 2");
  EXPECT_EQ(report->errors(0).row(), 51);
  EXPECT_EQ(report->errors(0).name(), rows[50].name());
  EXPECT_EQ(report->errors(0).code(), "INVALID_ARGUMENT");
  EXPECT_EQ(report->errors(0).reason(), "REQUIRED_FIELD_MISSING");
  EXPECT_EQ(report->errors(0).field(), "title");
  EXPECT_EQ(report->errors(1).reason(), "CHECK_DIGIT_MISMATCH");
  EXPECT_FALSE(report->errors(1).message_ru().empty());
}

TEST(Import, RowsTheDatabaseRefusesAreFoundOneByOne) {
  Museum m;
  auto rows = Rows(300);
  rows[10].set_drawer("regions/86/drawers/none");
  rows[200].set_code(rows[100].code());  // unique
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "298 0 0 2");
  ASSERT_EQ(report->errors_size(), 2);
  EXPECT_EQ(report->errors(0).row(), 11);
  EXPECT_EQ(report->errors(0).reason(), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(report->errors(0).field(), "drawer");
  EXPECT_EQ(report->errors(1).row(), 201);
  EXPECT_EQ(report->errors(1).field(), "code");
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "298");
  EXPECT_EQ(rpc::ReasonOf(m.Import(Header(kAll), rows).status()), "IMPORT_REJECTED");
}

TEST(Import, DuplicateInsideTheFileIsReported) {
  Museum m;
  auto rows = Rows(10);
  rows[7].set_name(rows[2].name());
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "9 0 0 1");
  EXPECT_EQ(report->errors(0).row(), 8);
  EXPECT_EQ(report->errors(0).field(), "name");
}

TEST(Import, CutStreamChangesNothing) {
  Museum m;
  auto report = m.Import(Header(kSkip), Rows(10), absl::CancelledError("cut"));
  EXPECT_TRUE(absl::IsCancelled(report.status()));
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "0");
}

TEST(Import, StreamMustBeginWithItsOnlyHeader) {
  Museum m;
  EXPECT_TRUE(absl::IsInvalidArgument(m.ImportStream({}).status()));
  museum::ImportSpecimensRequest row, header;
  *row.mutable_specimen() = Specimen("x");
  *header.mutable_header() = Header(kAll);
  EXPECT_TRUE(absl::IsInvalidArgument(m.ImportStream({row}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(m.ImportStream({header, row, header}).status()));
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "0");
  header.mutable_header()->set_parent("regions/-");
  EXPECT_EQ(rpc::ReasonOf(m.ImportStream({header}).status()), "INVALID_PARENT");
}

TEST(Import, RowOfAnotherRegionIsRejected) {
  Museum m;
  auto rows = Rows(2);
  rows[1].set_name("regions/61/specimens/" + NewUuid());
  EXPECT_EQ(Counts(m.Import(Header(kSkip), rows)), "1 0 0 1");
}

TEST(Import, OutsideTheScopeNothingIsWritten) {
  Museum m;
  auto report = m.Import(Header(kSkip), Rows(3), absl::OkStatus(), Caller({"regions/61"}));
  EXPECT_TRUE(absl::IsPermissionDenied(report.status()));
  report = m.Import(Header(kSkip), Rows(3), absl::OkStatus(),
                    Caller({"regions/86/persons/" + NewUuid()}));
  EXPECT_EQ(Counts(report), "0 0 0 3");
  EXPECT_EQ(report->errors(0).code(), "PERMISSION_DENIED");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "0");
}

TEST(Import, ValidateOnlyReportsAndChangesNothing) {
  Museum m;
  auto rows = Rows(10);
  rows[3].clear_title();
  rows[5].set_drawer("regions/86/drawers/none");
  auto header = Header(kAll, NewUuid());
  header.set_validate_only(true);
  EXPECT_EQ(Counts(m.Import(header, rows)), "8 0 0 2");
  EXPECT_EQ(m.Value("SELECT (SELECT count(*) FROM specimen) + (SELECT count(*) FROM journal) + "
                    "(SELECT count(*) FROM request_log)"),
            "0");
}

TEST(Import, RepeatedImportAnswersItsFirstReport) {
  Museum m;
  auto rows = Rows(10);
  const std::string id = NewUuid();
  EXPECT_EQ(Counts(m.Import(Header(kAll, id), rows)), "10 0 0 0");
  EXPECT_EQ(Counts(m.Import(Header(kAll, id), rows)), "10 0 0 0");
  EXPECT_EQ(Counts(m.Import(Header(kAll), rows)), "0 0 10 0");
  rows[3].set_weight(1000);
  EXPECT_EQ(rpc::ReasonOf(m.Import(Header(kAll, id), rows).status()), "REQUEST_ID_REUSED");
}

TEST(Import, KeepsWhatAClientCannotSet) {
  Museum m;
  m.engine->Rule<museum::Specimen>(
      [](Change, const museum::Specimen*, museum::Specimen* after) -> absl::Status {
        if (after->state().empty()) after->set_state("NEW");
        return absl::OkStatus();
      });
  auto rows = Rows(3);
  EXPECT_EQ(Counts(m.Import(Header(kAll), rows)), "3 0 0 0");
  rows[0].clear_code();
  rows[0].set_state("FORGED");
  rows[1].set_code("XY1");
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "0 0 2 1");
  EXPECT_EQ(report->errors(0).reason(), "IMMUTABLE_FIELD");
  EXPECT_EQ(m.Get(rows[0].name())->state(), "NEW");
  EXPECT_EQ(m.Get(rows[0].name())->code(), "AB0");
}

TEST(Import, DeletedRowIsNotRevived) {
  Museum m;
  auto rows = Rows(2);
  ASSERT_TRUE(m.Import(Header(kAll), rows).ok());
  museum::DeleteSpecimenRequest remove;
  remove.set_name(rows[0].name());
  ASSERT_TRUE(m.Call<museum::Specimen>("DeleteSpecimen", remove).ok());
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "0 0 1 1");
  EXPECT_EQ(report->errors(0).reason(), "DELETED");
}

TEST(Import, RowWithAStaleEtagIsRefused) {
  Museum m;
  auto rows = Rows(4);
  ASSERT_TRUE(m.Import(Header(kAll), rows).ok());
  for (auto& row : rows) row = *m.Get(row.name());
  auto newer = rows[1];
  newer.set_title("newer");
  ASSERT_TRUE(m.Update(newer, {"title"}).ok());
  for (auto& row : rows) row.set_weight(900);
  rows[2].set_etag("\"x\"");
  rows[3].clear_etag();
  auto absent = rows[0];
  absent.set_name("regions/86/specimens/" + NewUuid());
  absent.clear_code();
  rows.push_back(absent);
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "0 2 0 3");
  ASSERT_EQ(report->errors_size(), 3);
  EXPECT_EQ(report->errors(0).row(), 2);
  EXPECT_EQ(report->errors(0).code(), "ABORTED");
  EXPECT_EQ(report->errors(0).reason(), "ETAG_MISMATCH");
  EXPECT_EQ(report->errors(0).field(), "etag");
  EXPECT_EQ(report->errors(1).reason(), "INVALID_ETAG");
  EXPECT_EQ(report->errors(2).row(), 5);
  EXPECT_EQ(report->errors(2).reason(), "ETAG_MISMATCH");
  EXPECT_EQ(m.Get(rows[1].name())->title(), "newer");
  EXPECT_EQ(rpc::ReasonOf(m.Import(Header(kAll), rows).status()), "IMPORT_REJECTED");
}

TEST(Import, EtagIsStillTheClientsWhenAChunkIsTriedAgain) {
  Museum m;
  auto rows = Rows(6);
  ASSERT_TRUE(m.Import(Header(kAll), rows).ok());
  for (auto& row : rows) row = *m.Get(row.name());
  for (auto& row : rows) row.set_weight(900);
  rows.push_back(Specimen("the database refuses it"));
  rows.back().set_code(rows[0].code());
  EXPECT_EQ(Counts(m.Import(Header(kSkip), rows)), "0 6 0 1");
}

// The narrow caller sees drawer a; rows of drawer b are hidden from them.
TEST(Import, HiddenRowIsRejectedAloneAndAsCreateWould) {
  Museum m;
  for (const char* id : {"a", "b"}) ASSERT_TRUE(MakeDrawer(m, id).ok());
  const auto narrow = Caller({"regions/86/municipalities/a"});
  auto rows = Rows(5);
  for (auto& row : rows) row.set_drawer("regions/86/drawers/b");
  ASSERT_TRUE(m.Import(Header(kAll), {rows[1], rows[3]}).ok());
  const std::string stored = m.Value("SELECT string_agg(t::text, ' ' ORDER BY id) FROM specimen t");
  for (int i : {0, 1, 2}) rows[i].set_drawer("regions/86/drawers/a");
  for (auto& row : rows) row.clear_code();
  // 0, 2: new. 1: hidden. 3, 4: out of scope, one of them hidden; nothing tells which.
  auto report = m.Import(Header(kSkip), rows, absl::OkStatus(), narrow);
  EXPECT_EQ(Counts(report), "2 0 0 3");
  ASSERT_EQ(report->errors_size(), 3);
  EXPECT_EQ(report->errors(0).row(), 2);
  for (int i = 0; i < 3; ++i) {
    museum::CreateSpecimenRequest request;
    request.set_parent("regions/86");
    const auto& row = rows[static_cast<size_t>(report->errors(i).row()) - 1];
    *request.mutable_specimen() = row;
    request.set_specimen_id(row.name().substr(sizeof("regions/86/specimens/") - 1));
    const auto created = m.Call<museum::Specimen>("CreateSpecimen", request, narrow).status();
    EXPECT_EQ(report->errors(i).reason(), rpc::ReasonOf(created)) << i;
    EXPECT_EQ(report->errors(i).message(), std::string(created.message())) << i;
  }
  EXPECT_EQ(report->errors(0).reason(), "ALREADY_EXISTS");
  EXPECT_EQ(report->errors(1).reason(), "PERMISSION_DENIED");
  EXPECT_EQ(report->errors(2).reason(), "PERMISSION_DENIED");
  EXPECT_EQ(m.Value("SELECT string_agg(t::text, ' ' ORDER BY id) FROM specimen t "
                    "WHERE drawer_id = 'b'"),
            stored);
  auto refused = m.Import(Header(kAll), {rows[0], rows[1]}, absl::OkStatus(), narrow);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "IMPORT_REJECTED");
  EXPECT_EQ(FirstField(refused.status()), "rows[2]");
}

TEST(Import, ManyHiddenRowsAreFoundAtOnce) {
  Museum m;
  for (const char* id : {"a", "b"}) ASSERT_TRUE(MakeDrawer(m, id).ok());
  auto rows = Rows(2500);
  for (auto& row : rows) row.set_drawer("regions/86/drawers/b");
  ASSERT_TRUE(m.Import(Header(kAll), rows).ok());
  for (auto& row : rows) row.set_drawer("regions/86/drawers/a");
  for (auto& row : rows) row.clear_code();
  rows.push_back(Specimen("new"));
  rows.back().set_drawer("regions/86/drawers/a");
  EXPECT_EQ(Counts(m.Import(Header(kSkip), rows, absl::OkStatus(),
                            Caller({"regions/86/municipalities/a"}))),
            "1 0 0 2500");
}

TEST(Import, NestedMessageWithoutAJsonFormIsTheRowsFault) {
  Museum m;
  auto rows = Rows(3);
  rows[1].mutable_body()->set_label("x");
  rows[1].mutable_body()->mutable_span()->set_seconds(int64_t{1} << 60);
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "2 0 0 1");
  EXPECT_EQ(report->errors(0).row(), 2);
  EXPECT_EQ(report->errors(0).field(), "body");
}

TEST(Import, ErrorsOfAHugeBadFileAreBounded) {
  Museum m;
  std::vector<museum::Specimen> rows(3000);
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "0 0 0 3000");
  EXPECT_EQ(report->errors_size(), 1000);
  EXPECT_TRUE(report->errors_truncated());
}

TEST(Import, FileTheDatabaseRefusesAltogetherIsGivenUpSoon) {
  Museum m;
  auto rows = Rows(1200);
  ASSERT_TRUE(m.Import(Header(kSkip), rows).ok());
  for (auto& row : rows) row.clear_name();  // every code is taken now
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(rpc::ReasonOf(report.status()), "IMPORT_REJECTED");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "1200");
}

TEST(Import, MissingReferencesOfAWholeFileAreFoundSetBySet) {
  Museum m;
  auto rows = Rows(3000);
  for (auto& row : rows) row.set_drawer("regions/86/drawers/none");
  rows[2500].clear_drawer();
  auto report = m.Import(Header(kSkip), rows);
  EXPECT_EQ(Counts(report), "1 0 0 2999");
  EXPECT_EQ(report->errors(0).field(), "drawer");
  EXPECT_EQ(report->errors(0).reason(), "REFERENCE_NOT_FOUND");
}

TEST(Import, RacingEqualImportsHaveOneEffectAndOneReport) {
  Museum m;
  const auto rows = Rows(300);
  const std::string id = NewUuid();
  std::vector<std::string> reports(6);
  std::vector<std::thread> threads;
  for (auto& report : reports) {
    threads.emplace_back([&] { report = Counts(m.Import(Header(kAll, id), rows)); });
  }
  for (auto& t : threads) t.join();
  for (const auto& report : reports) EXPECT_EQ(report, "300 0 0 0");
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "300");
}

TEST(Import, PreparationSeesRowsInBatches) {
  Museum m;
  int batches = 0;
  m.engine->PrepareFor(museum::Specimen::descriptor(),
                       [&](pg::Tx&, std::vector<Engine::Pending>& rows) -> absl::Status {
                         ++batches;
                         for (auto& row : rows) {
                           auto* s = static_cast<museum::Specimen*>(row.after);
                           s->set_state("PREPARED");
                           if (s->weight() == 13) row.status = absl::InvalidArgumentError("13");
                         }
                         return absl::OkStatus();
                       });
  auto rows = Rows(500);
  EXPECT_EQ(Counts(m.Import(Header(kSkip), rows)), "495 0 0 5");
  EXPECT_LE(batches, 2);
  EXPECT_EQ(m.Get(rows[0].name())->state(), "PREPARED");
}

}  // namespace
}  // namespace rsnms::resource
