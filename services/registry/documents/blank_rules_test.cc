#include "services/registry/documents/blank_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "libs/rpc/status.h"

namespace rsnms::registry::documents {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::DocumentBlank;

DocumentBlank Blank(const std::string& key, DocumentBlank::Kind kind = DocumentBlank::KIND_TEXT) {
  DocumentBlank blank;
  blank.set_key(key);
  blank.set_question("Что вписать?");
  blank.set_kind(kind);
  return blank;
}

TEST(BlankRulesTest, KeysAreFoundInOrderAndOnce) {
  EXPECT_THAT(KeysIn("{{b}} и {{a}}, снова {{b}}; {{ФИО}}, {{}}, {{ a}}, {{c"),
              ElementsAre("b", "a"));
}

TEST(BlankRulesTest, DrawnBlanksAreFoundByTheWordsBeforeThem) {
  // Dagestan R12 (L3527) and R28 (L2825): the blanks of the act itself.
  EXPECT_THAT(DrawnBlanks("не реже одного раза в ______ года", {}),
              ElementsAre("не реже одного раза в"));
  EXPECT_THAT(DrawnBlanks("пункт\nнадбавка ----%", {}), ElementsAre("надбавка"));
  EXPECT_THAT(DrawnBlanks("a_b, 2021--2024, тире - и __", {}), IsEmpty());
  Blanks declared;
  *declared.Add() = Blank("years___long");
  EXPECT_THAT(DrawnBlanks("раз в {{years___long}} года, {{other}}", declared),
              ElementsAre("раз в {{years___long}} года,"));
}

TEST(BlankRulesTest, TemplateDeclaresExactlyTheBlanksOfItsText) {
  v1::DocumentTemplate form;
  form.set_text("не реже одного раза в {{years}} года");
  EXPECT_EQ(rpc::ReasonOf(CheckTemplate(form)), "TEMPLATE_BLANKS_MISMATCH");
  *form.add_blanks() = Blank("years", DocumentBlank::KIND_NUMBER);
  EXPECT_TRUE(CheckTemplate(form).ok());
  *form.add_blanks() = Blank("years");
  EXPECT_FALSE(CheckTemplate(form).ok()) << "declared twice";
  form.mutable_blanks(1)->set_key("percent");
  EXPECT_FALSE(CheckTemplate(form).ok()) << "not in the text";
  form.set_text("раз в {{years}} года, надбавка {{percent}}% ____");
  EXPECT_FALSE(CheckTemplate(form).ok()) << "a drawn blank has no question";
}

TEST(BlankRulesTest, ValueIsOfTheKindOfItsBlank) {
  EXPECT_EQ(*Reading(Blank("d", DocumentBlank::KIND_DATE), "2026-09-01"), "01.09.2026");
  EXPECT_EQ(*Reading(Blank("d", DocumentBlank::KIND_DATE), "01.09.2026"), "01.09.2026");
  for (const char* bad : {"2026-02-30", "1.9.2026", "вчера", "2026-13-01"}) {
    EXPECT_FALSE(Reading(Blank("d", DocumentBlank::KIND_DATE), bad).ok()) << bad;
  }
  EXPECT_EQ(*Reading(Blank("p", DocumentBlank::KIND_PERCENT), "15,5"), "15,5");
  for (const char* bad : {"101", "-1", "пять", "", "1-2", "nan", "5."}) {
    EXPECT_FALSE(Reading(Blank("p", DocumentBlank::KIND_PERCENT), bad).ok()) << bad;
  }
  EXPECT_TRUE(Reading(Blank("n", DocumentBlank::KIND_NUMBER), "-3").ok());
  EXPECT_FALSE(Reading(Blank("t"), "  ").ok());
  EXPECT_FALSE(Reading(Blank("t"), "см. ____").ok()) << "a blank is not filled with a blank";
  EXPECT_TRUE(Reading(Blank("h", DocumentBlank::KIND_PERSON),
                      "regions/86/persons/0190b6a0-0000-7000-8000-000000000001")
                  .ok());
  EXPECT_FALSE(Reading(Blank("h", DocumentBlank::KIND_PERSON), "Иванова А. А.").ok())
      << "personal data stay where they are";
}

// Filling all declared blanks leaves none, in whatever steps; taking one away brings it back.
TEST(BlankRulesTest, AnyOrderOfFillingEndsWithTheSameText) {
  rc::check([] {
    const int n = *rc::gen::inRange(1, 8);
    v1::Document document;
    std::string text, expected;
    for (int i = 0; i < n; ++i) {
      const std::string key = "k" + std::to_string(i);
      *document.add_blanks() = Blank(key);
      text += "слово {{" + key + "}} ";
      expected += "слово v" + std::to_string(i) + " ";
    }
    document.set_text(text);
    auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, n));
    for (int i = 0; i < n; ++i) steps.push_back(i);
    for (int i : steps) {
      BlankValues values;
      auto* value = values.Add();
      value->set_key("k" + std::to_string(i));
      value->set_value("v" + std::to_string(i));
      RC_ASSERT(SetValues(values, &document).ok());
    }
    RC_ASSERT(Remaining(document).empty());
    RC_ASSERT(CheckFilled(document).ok());
    RC_ASSERT(FinalText(document) == expected);
    BlankValues away;
    away.Add()->set_key("k0");
    RC_ASSERT(SetValues(away, &document).ok());
    RC_ASSERT(Remaining(document).size() == 1u);
  });
}

TEST(BlankRulesTest, UnknownAndRepeatedKeysAreRefused) {
  v1::Document document;
  *document.add_blanks() = Blank("a");
  BlankValues values;
  values.Add()->set_key("b");
  EXPECT_EQ(rpc::ReasonOf(SetValues(values, &document)), "UNKNOWN_BLANK");
  values.Mutable(0)->set_key("a");
  values.Add()->set_key("a");
  EXPECT_EQ(rpc::ReasonOf(SetValues(values, &document)), "UNKNOWN_BLANK");
}

// Whatever bytes a text has, looking for blanks ends and the text without values stays itself.
TEST(BlankRulesTest, AnyTextIsRead) {
  rc::check([](const std::string& text) {
    v1::Document document;
    document.set_text(text);
    DrawnBlanks(text, {});
    RC_ASSERT(FinalText(document) == text);
  });
}

}  // namespace
}  // namespace rsnms::registry::documents
