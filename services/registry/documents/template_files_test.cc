// The templates of the five acts as `rsnmsctl` loads them, and documents made from each.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/str_split.h"
#include "rsnms/registry/v1/document_template_file.pb.h"
#include "services/registry/documents/blank_rules.h"
#include "services/registry/documents/documents_fixture.h"
#include "tools/rsnmsctl/act_files.h"
#include "tools/rsnmsctl/document.h"

namespace rsnms::registry::documents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDirectory[] = "services/registry/documents/templates";
const std::map<std::string, int> kProfiles = {
    {"altai", 4}, {"dagestan", 36}, {"orenburg", 4}, {"volgodonsk", 3}, {"yugra", 5}};

v1::DocumentTemplateFile File(const std::string& profile) {
  v1::DocumentTemplateFile file;
  const auto read = ctl::ReadTextFile(absl::StrCat(kDirectory, "/", profile, ".textproto"), &file);
  EXPECT_TRUE(read.ok()) << read;
  return file;
}

class TemplateFilesTest : public DocumentsTest {
 protected:
  void SetUp() override {
    DocumentsTest::SetUp();
    settings_.targets["registry"] = service_->target();
    settings_.token = testing::TestToken({"administrator"}, {"*"});
  }
  // What a command prints, without the lines of the service's log.
  template <class Command>
  std::string Shown(const Command& command) {
    ctl::Session session(settings_);
    ::testing::internal::CaptureStdout();
    const absl::Status status = command(session);
    std::fflush(stdout);
    const std::string all = ::testing::internal::GetCapturedStdout();
    EXPECT_TRUE(status.ok()) << status;
    std::string shown;
    for (const auto& line : absl::StrSplit(all, '\n')) {
      if (!line.empty() && line[0] != '[') absl::StrAppend(&shown, line, "\n");
    }
    return shown;
  }
  static ctl::ActFiles Of(std::vector<std::string> codes, const std::string& region = "86") {
    ctl::ActFiles files;
    files.directory = kDirectory;
    files.codes = std::move(codes);
    files.region = region;
    return files;
  }
  std::string Load(const ctl::ActFiles& files) {
    return Shown([&](ctl::Session& s) { return ctl::LoadTemplates(s, files); });
  }
  absl::StatusOr<v1::Document> Set(const std::string& name,
                                   const std::map<std::string, std::string>& values) {
    v1::FillDocumentRequest request;
    request.set_name(name);
    for (const auto& [key, value] : values) {
      auto* item = request.add_values();
      item->set_key(key);
      item->set_value(value);
    }
    return Ask<v1::Document>("FillDocument", request);
  }
  static std::string ValueOf(const v1::DocumentBlank& blank) {
    switch (blank.kind()) {
      case v1::DocumentBlank::KIND_NUMBER:
        return "3";
      case v1::DocumentBlank::KIND_PERCENT:
        return "15";
      case v1::DocumentBlank::KIND_DATE:
        return "2026-09-01";
      case v1::DocumentBlank::KIND_PERSON:
        return "regions/86/persons/5a1e0b60-0000-4000-8000-000000000001";
      default:
        return "как решил совет";
    }
  }
  std::vector<v1::DocumentTemplate> Stored() {
    v1::ListDocumentTemplatesRequest list;
    list.set_parent(kRegion);
    list.set_page_size(1000);
    auto page = Ask<v1::ListDocumentTemplatesResponse>("ListDocumentTemplates", list);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->document_templates().begin(), page->document_templates().end()};
  }
  // A document from the template: refused with any blank missing, approved with all.
  void ExpectEveryBlankIsNeeded(const v1::DocumentTemplate& source) {
    SCOPED_TRACE(source.title());
    const v1::Document draft = Draft("", source.name());
    ASSERT_FALSE(draft.name().empty());
    std::map<std::string, std::string> values;
    for (const auto& blank : source.blanks()) values[blank.key()] = ValueOf(blank);
    auto filled = Set(draft.name(), values);
    ASSERT_TRUE(filled.ok()) << filled.status();
    EXPECT_EQ(filled->blanks_remaining(), 0);
    for (const auto& [key, value] : values) {
      ASSERT_TRUE(Set(draft.name(), {{key, ""}}).ok()) << key;
      const auto refused = Approve(draft.name());
      EXPECT_EQ(rpc::ReasonOf(refused.status()), "BLANKS_REMAIN") << key;
      EXPECT_THAT(std::string(refused.status().message()), HasSubstr("1 blanks")) << key;
      ASSERT_TRUE(Set(draft.name(), {{key, value}}).ok()) << key;
    }
    auto approved = Approve(draft.name());
    ASSERT_TRUE(approved.ok()) << approved.status();
    EXPECT_THAT(approved->final_text(), Not(HasSubstr("{{")));
  }

  ctl::Settings settings_;
};

TEST_F(TemplateFilesTest, BlanksDeclaredAreBlanksOfTheTextAndTheOtherWayRound) {
  for (const auto& [profile, count] : kProfiles) {
    const auto file = File(profile);
    EXPECT_EQ(file.document_templates_size(), count) << profile;
    for (const auto& one : file.document_templates()) {
      EXPECT_TRUE(CheckTemplate(one).ok()) << profile << ": " << one.title();
      EXPECT_FALSE(one.clause().empty()) << one.title();
      EXPECT_NE(one.kind(), v1::Document::KIND_UNSPECIFIED) << one.title();
      EXPECT_NE(one.level(), v1::Document::LEVEL_UNSPECIFIED) << one.title();
      EXPECT_GT(one.blanks_size(), 0) << one.title();
      for (const auto& blank : one.blanks()) {
        EXPECT_NE(blank.kind(), v1::DocumentBlank::KIND_UNSPECIFIED) << blank.key();
        EXPECT_THAT(blank.question(), HasSubstr("?")) << blank.key();
        // What is suggested would be taken.
        if (blank.suggestion().empty()) continue;
        EXPECT_TRUE(Reading(blank, blank.suggestion()).ok()) << one.title() << blank.key();
      }
    }
  }
}

TEST_F(TemplateFilesTest, ADocumentFromAnyTemplateIsApprovedOnlyWhenNoBlankIsMissing) {
  Load(Of({}));  // all five acts, side by side in one region
  const auto stored = Stored();
  ASSERT_EQ(stored.size(), 52u);
  for (const auto& source : stored) {
    EXPECT_EQ(source.state(), v1::DocumentTemplate::STATE_PUBLISHED) << source.title();
    ExpectEveryBlankIsNeeded(source);
  }
}

TEST_F(TemplateFilesTest, LoadedAgainNothingChangesAndADryRunNeverDoes) {
  auto dry = Of({"dagestan"});
  dry.dry_run = true;
  EXPECT_THAT(Load(dry), HasSubstr("36        36       0         0"));
  EXPECT_EQ(Stored().size(), 0u);
  Load(Of({"dagestan"}));
  const auto before = Stored();
  EXPECT_THAT(Load(Of({"dagestan"})), HasSubstr("36        0        0         36"));
  const auto after = Stored();
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].etag(), before[i].etag());
  const std::string shown = Shown([](ctl::Session& s) { return ctl::PrintTemplates(s, "86"); });
  EXPECT_THAT(shown, HasSubstr("Положение о повышении квалификации педагогов"));
  EXPECT_THAT(shown, HasSubstr("dagestan DO14 L3509"));
}

TEST_F(TemplateFilesTest, AChangedTemplateSupersedesTheOldOneAndARetiredOneStaysSo) {
  const std::string path = ::testing::TempDir() + "/changed.textproto";
  const auto write = [&](const std::string& text) {
    std::ofstream(path) << "document_templates { kind: KIND_ORDER title: \"Приказ\" level: "
                           "LEVEL_REGION clause: \"altai 1\" text: \""
                        << text << "\" }";
  };
  write("Первый.");
  Load(Of({path}));
  write("Второй.");
  Load(Of({path}));
  write("Первый.");  // back again: a third one, not the first one revived
  Load(Of({path}));
  auto stored = Stored();
  ASSERT_EQ(stored.size(), 3u);
  int live = 0;
  for (const auto& one : stored) {
    if (one.state() != v1::DocumentTemplate::STATE_PUBLISHED) continue;
    ++live;
    EXPECT_EQ(one.text(), "Первый.");
    EXPECT_FALSE(one.supersedes().empty());
    v1::RetireDocumentTemplateRequest retire;
    retire.set_name(one.name());
    retire.set_reason("больше не нужен");
    EXPECT_TRUE(Ask<v1::DocumentTemplate>("RetireDocumentTemplate", retire).ok());
  }
  EXPECT_EQ(live, 1);
  Load(Of({path}));
  EXPECT_EQ(Stored().size(), 3u);
  std::filesystem::remove(path);
}

TEST_F(TemplateFilesTest, TheRegionIsToldByTheProfileOfTheSameCode) {
  ctl::Session session(settings_);
  EXPECT_EQ(*ctl::ParentOf(Of({}, ""), "services/x/yugra.textproto"), "regions/86");
  EXPECT_EQ(*ctl::ParentOf(Of({}, ""), "services/x/dagestan.textproto"), "regions/05");
  EXPECT_TRUE(absl::IsInvalidArgument(ctl::ParentOf(Of({}, ""), "x/nowhere.textproto").status()));
  EXPECT_TRUE(absl::IsNotFound(ctl::LoadTemplates(session, Of({"nowhere"}))));
}

TEST_F(TemplateFilesTest, TheWizardTakesValuesAsksForTheRestAndSaysWhatRemains) {
  Load(Of({"dagestan"}));
  ctl::DocumentOptions options;
  options.organisation = authority_;
  for (const auto& one : Stored()) {
    if (one.clause() == "dagestan DO14 L3509") options.name = one.name();
  }
  std::string made = Shown([&](ctl::Session& s) { return ctl::MakeDocument(s, options); });
  options.name = made.substr(0, made.size() - 1);
  options.values = {"organisation=Школа № 1", "plan_years=3"};
  std::istringstream none;
  std::string shown = Shown([&](ctl::Session& s) { return ctl::FillDocument(s, options, none); });
  EXPECT_THAT(shown, HasSubstr("Заполнено: 2, осталось: 6"));
  EXPECT_THAT(shown, HasSubstr("cadence"));
  EXPECT_THAT(shown, HasSubstr("Сколько лет проходит между курсами?"));
  options.values.clear();
  options.ask = true;
  // cadence as suggested; a date refused, then given; a person; the rest left for later.
  std::istringstream answers("=\nв мае\n15.05.2027\n" + std::string(kRegion) +
                             "/persons/5a1e0b60-0000-4000-8000-000000000001\n\n");
  shown = Shown([&](ctl::Session& s) { return ctl::FillDocument(s, options, answers); });
  EXPECT_THAT(shown, HasSubstr("укажите дату"));
  EXPECT_THAT(shown, HasSubstr("Заполнено: 5, осталось: 3"));
  options.values = {"no-such=1"};
  options.ask = false;
  ctl::Session session(settings_);
  EXPECT_TRUE(absl::IsInvalidArgument(ctl::FillDocument(session, options, none)));
}

}  // namespace
}  // namespace rsnms::registry::documents
