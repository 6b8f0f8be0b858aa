// Acts and templates over gRPC: blanks, freezing, versions, publication.
#include <atomic>
#include <thread>
#include <vector>

#include "services/registry/documents/documents_fixture.h"

namespace rsnms::registry::documents {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DocumentTest : public DocumentsTest {
 protected:
  // The local act of Dagestan with the blanks of R12 (L3527) and R28 (L2825).
  absl::StatusOr<v1::DocumentTemplate> MakeTemplate() {
    v1::CreateDocumentTemplateRequest request;
    request.set_parent(kRegion);
    auto& form = *request.mutable_document_template();
    form.set_kind(v1::Document::KIND_REGULATION);
    form.set_title("Положение о повышении квалификации");
    form.set_clause("dagestan DO14 L3509");
    form.set_text(
        "Курсы — не реже одного раза в {{years}} года. Надбавка {{percent}}%. С {{since}}.");
    const auto add = [&](const char* key, const char* question, v1::DocumentBlank::Kind kind) {
      auto* blank = form.add_blanks();
      blank->set_key(key);
      blank->set_question(question);
      blank->set_kind(kind);
    };
    add("years", "Раз в сколько лет проходят курсы?", v1::DocumentBlank::KIND_NUMBER);
    add("percent", "Какова надбавка наставнику?", v1::DocumentBlank::KIND_PERCENT);
    add("since", "С какого дня действует?", v1::DocumentBlank::KIND_DATE);
    return Ask<v1::DocumentTemplate>("CreateDocumentTemplate", request);
  }
  std::string Published() {
    auto form = MakeTemplate();
    EXPECT_TRUE(form.ok()) << form.status();
    v1::PublishDocumentTemplateRequest publish;
    publish.set_name(form->name());
    EXPECT_TRUE(Ask<v1::DocumentTemplate>("PublishDocumentTemplate", publish).ok());
    return form->name();
  }
  absl::StatusOr<v1::Document> Fill(const std::string& name,
                                    std::vector<std::pair<std::string, std::string>> values) {
    v1::FillDocumentRequest request;
    request.set_name(name);
    for (const auto& [key, value] : values) {
      auto* item = request.add_values();
      item->set_key(key);
      item->set_value(value);
    }
    return Ask<v1::Document>("FillDocument", request);
  }
  std::vector<std::string> Remaining(const std::string& name) {
    v1::ListDocumentBlanksRequest request;
    request.set_name(name);
    auto blanks = Ask<v1::ListDocumentBlanksResponse>("ListDocumentBlanks", request);
    EXPECT_TRUE(blanks.ok()) << blanks.status();
    std::vector<std::string> keys;
    for (const auto& blank : blanks->remaining()) keys.push_back(blank.key());
    for (const auto& words : blanks->drawn()) keys.push_back(words);
    return keys;
  }
  absl::StatusOr<v1::Document> ChangeTitle(const std::string& name,
                                           const std::string& title = "Иначе") {
    v1::UpdateDocumentRequest request;
    request.mutable_document()->set_name(name);
    request.mutable_document()->set_title(title);
    request.mutable_update_mask()->add_paths("title");
    return Ask<v1::Document>("UpdateDocument", request);
  }
  absl::StatusOr<v1::Document> Revise(const std::string& name) {
    v1::ReviseDocumentRequest request;
    request.set_name(name);
    return Ask<v1::Document>("ReviseDocument", request);
  }
  absl::StatusOr<v1::Document> Get(const std::string& name) {
    v1::GetDocumentRequest request;
    request.set_name(name);
    return Ask<v1::Document>("GetDocument", request);
  }
};

// Dagestan, check «plan or roadmap with blanks submitted for approval».
TEST_F(DocumentTest, ApprovalWaitsForEveryBlankAndNamesThoseThatRemain) {
  const v1::Document draft = Draft("", Published());
  EXPECT_THAT(Remaining(draft.name()), ElementsAre("years", "percent", "since"));
  EXPECT_EQ(draft.blanks_remaining(), 3);
  ASSERT_TRUE(Fill(draft.name(), {{"percent", "15"}}).ok());
  const auto refused = Approve(draft.name());
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "BLANKS_REMAIN");
  const std::string details = rpc::ToProto(refused.status()).SerializeAsString();
  EXPECT_THAT(details, HasSubstr("years,since"));
  EXPECT_THAT(details, HasSubstr("С какого дня действует?"));
  ASSERT_TRUE(Fill(draft.name(), {{"years", "3"}, {"since", "2026-09-01"}}).ok());
  EXPECT_THAT(Remaining(draft.name()), IsEmpty());
  const auto approved = Approve(draft.name());
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->final_text(),
            "Курсы — не реже одного раза в 3 года. Надбавка 15%. С 01.09.2026.");
  EXPECT_EQ(rpc::ReasonOf(Fill(draft.name(), {{"years", "4"}}).status()), "RECORD_FROZEN");
}

TEST_F(DocumentTest, BlanksDrawnInAFreeTextBlockApprovalToo) {
  const v1::Document draft = Draft("Надбавка ----% наставнику");
  EXPECT_THAT(Remaining(draft.name()), ElementsAre("Надбавка"));
  EXPECT_EQ(rpc::ReasonOf(Approve(draft.name()).status()), "BLANKS_REMAIN");
}

TEST_F(DocumentTest, WizardRefusesValuesOfAnotherKind) {
  const v1::Document draft = Draft("", Published());
  EXPECT_EQ(rpc::ReasonOf(Fill(draft.name(), {{"percent", "много"}}).status()),
            "BLANK_VALUE_INVALID");
  EXPECT_EQ(rpc::ReasonOf(Fill(draft.name(), {{"nobody", "1"}}).status()), "UNKNOWN_BLANK");
  EXPECT_EQ(Get(draft.name())->blanks_remaining(), 3) << "nothing was kept";
}

TEST_F(DocumentTest, DocumentsAreMadeFromPublishedTemplatesOnlyAndTheseNeverChange) {
  auto form = MakeTemplate();
  ASSERT_TRUE(form.ok()) << form.status();
  v1::CreateDocumentRequest request;
  request.set_parent(kRegion);
  request.mutable_document()->set_kind(v1::Document::KIND_REGULATION);
  request.mutable_document()->set_title("Положение");
  request.mutable_document()->set_organisation(authority_);
  request.mutable_document()->set_template_(form->name());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Document>("CreateDocument", request).status()),
            "TEMPLATE_NOT_PUBLISHED");
  v1::PublishDocumentTemplateRequest publish;
  publish.set_name(form->name());
  ASSERT_TRUE(Ask<v1::DocumentTemplate>("PublishDocumentTemplate", publish).ok());
  v1::UpdateDocumentTemplateRequest update;
  update.mutable_document_template()->set_name(form->name());
  update.mutable_document_template()->set_title("Иначе");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::DocumentTemplate>("UpdateDocumentTemplate", update).status()),
            "RECORD_FROZEN");
  v1::DeleteDocumentTemplateRequest erase;
  erase.set_name(form->name());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::DocumentTemplate>("DeleteDocumentTemplate", erase).status()),
            "RECORD_FROZEN");
}

TEST_F(DocumentTest, TextOfATemplateIsNotTheCallersToChange) {
  const v1::Document draft = Draft("свой текст", Published());
  EXPECT_THAT(draft.text(), HasSubstr("{{years}}"));
  v1::UpdateDocumentRequest request;
  request.mutable_document()->set_name(draft.name());
  request.mutable_document()->set_text("другой");
  request.mutable_update_mask()->add_paths("text");
  EXPECT_EQ(Ask<v1::Document>("UpdateDocument", request)->text(), draft.text());
}

TEST_F(DocumentTest, ApprovedContentNeverChangesAndKeepsTheIssuersNameOfThatDay) {
  const v1::Document draft = Draft();
  EXPECT_TRUE(ChangeTitle(draft.name(), "Проект").ok());
  ASSERT_TRUE(Approve(draft.name()).ok());
  EXPECT_EQ(rpc::ReasonOf(ChangeTitle(draft.name()).status()), "RECORD_FROZEN");
  v1::DeleteDocumentRequest erase;
  erase.set_name(draft.name());
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Document>("DeleteDocument", erase).status()), "RECORD_FROZEN");
  v1::UpdateOrganisationRequest rename;
  rename.mutable_organisation()->set_name(authority_);
  rename.mutable_organisation()->set_official_name("Министерство образования");
  rename.mutable_update_mask()->add_paths("official_name");
  ASSERT_TRUE(Call<v1::Organisation>("UpdateOrganisation", rename).ok());
  EXPECT_EQ(Get(draft.name())->issuer_name(), "Департамент образования");
}

TEST_F(DocumentTest, NewVersionSupersedesTheOldOneFromItsFirstDay) {
  const v1::Document first = Draft();
  EXPECT_EQ(rpc::ReasonOf(Revise(first.name()).status()), "INVALID_STATE") << "a draft";
  ASSERT_TRUE(Approve(first.name()).ok());
  ASSERT_TRUE(Enact(first.name(), D(2024, 2, 1)).ok());
  const auto second = Revise(first.name());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->revision(), 2);
  EXPECT_EQ(second->series(), first.name());
  EXPECT_EQ(second->state(), v1::Document::STATE_DRAFT);
  EXPECT_EQ(Revise(first.name()).status().code(), StatusCode::kAlreadyExists);
  ASSERT_TRUE(Approve(second->name()).ok());
  EXPECT_EQ(rpc::ReasonOf(Enact(second->name(), D(2024, 2, 1)).status()), "DATES_OUT_OF_ORDER")
      << "not on the first day of the version before";
  const auto enacted = Enact(second->name(), D(2025, 1, 1));
  ASSERT_TRUE(enacted.ok()) << enacted.status();
  const auto old = Get(first.name());
  EXPECT_EQ(old->state(), v1::Document::STATE_REVISED);
  EXPECT_EQ(ToIso(old->ended_date()), "2024-12-31");
  EXPECT_EQ(rpc::ReasonOf(ChangeTitle(first.name()).status()), "RECORD_FROZEN");
  EXPECT_EQ(Sql("SELECT count(*) FROM document WHERE daterange(effective_date, ended_date, '[]') "
                "@> '2024-12-31'::date"),
            "1");
}

// Altai Order#1-2, Volgodonsk Order#2.3: what is approved is published.
TEST_F(DocumentTest, DraftIsNotPublished) {
  const v1::Document draft = Draft();
  v1::PublishDocumentRequest publish;
  publish.set_name(draft.name());
  *publish.mutable_published_date() = D(2024, 1, 11);
  publish.set_published_url("https://example.org/act");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Document>("PublishDocument", publish).status()), "NOT_APPROVED");
  ASSERT_TRUE(Approve(draft.name()).ok());
  EXPECT_TRUE(Ask<v1::Document>("PublishDocument", publish).ok());
  *publish.mutable_published_date() = D(2024, 1, 9);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Document>("PublishDocument", publish).status()), "INVALID_STATE");
}

TEST_F(DocumentTest, PublishedDocumentIsReadByEverybodyOfTheRegionAndChangedByNone) {
  const v1::Document draft = Draft();
  ASSERT_TRUE(Approve(draft.name()).ok());
  const auto surgut = service_->Connect({"municipal_service"}, {kSurgut});
  v1::GetDocumentRequest get;
  get.set_name(draft.name());
  EXPECT_EQ(Ask<v1::Document>(*surgut, "GetDocument", get).status().code(), StatusCode::kNotFound);
  v1::PublishDocumentRequest publish;
  publish.set_name(draft.name());
  *publish.mutable_published_date() = D(2024, 1, 11);
  publish.set_published_url("https://example.org/act");
  ASSERT_TRUE(Ask<v1::Document>("PublishDocument", publish).ok());
  EXPECT_TRUE(Ask<v1::Document>(*surgut, "GetDocument", get).ok());
  v1::WithdrawDocumentPublicationRequest withdraw;
  withdraw.set_name(draft.name());
  withdraw.set_reason("не наше");
  EXPECT_EQ(Ask<v1::Document>(*surgut, "WithdrawDocumentPublication", withdraw).status().code(),
            StatusCode::kPermissionDenied)
      << "who reads it is told that it is not theirs";
  const auto elsewhere = service_->Connect({"municipal_service"}, {"regions/61"});
  EXPECT_EQ(Ask<v1::Document>(*elsewhere, "GetDocument", get).status().code(),
            StatusCode::kNotFound);
}

TEST_F(DocumentTest, DatesFollowEachOther) {
  const v1::Document draft = Draft();
  ASSERT_TRUE(Approve(draft.name()).ok());
  EXPECT_EQ(rpc::ReasonOf(Enact(draft.name(), D(2024, 1, 9)).status()), "DATES_OUT_OF_ORDER");
  ASSERT_TRUE(Enact(draft.name(), D(2024, 1, 10)).ok());
  v1::RepealDocumentRequest repeal;
  repeal.set_name(draft.name());
  repeal.set_ground("Утратил силу");
  *repeal.mutable_ended_date() = D(2024, 1, 9);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Document>("RepealDocument", repeal).status()),
            "DATES_OUT_OF_ORDER");
}

// 64 writers each put their document under the next of a ring.
TEST_F(DocumentTest, NoDocumentStandsUnderItself) {
  const auto under = [&](const std::string& name, const std::string& parent) {
    v1::UpdateDocumentRequest request;
    request.mutable_document()->set_name(name);
    request.mutable_document()->set_parent_document(parent);
    return Ask<v1::Document>("UpdateDocument", request).status();
  };
  const std::string act = Draft().name(), annex = Draft().name();
  ASSERT_TRUE(under(annex, act).ok());
  EXPECT_EQ(rpc::ReasonOf(under(act, annex)), "RECORD_CYCLE");
  EXPECT_EQ(rpc::ReasonOf(under(act, act)), "RECORD_CYCLE");
  std::vector<std::string> ring;
  for (int i = 0; i < 64; ++i) ring.push_back(Draft().name());
  std::atomic<int> won = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 64; ++i) {
    writers.emplace_back([&, i] { won += under(ring[i], ring[(i + 1) % 64]).ok(); });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 63);
}

}  // namespace
}  // namespace rsnms::registry::documents
