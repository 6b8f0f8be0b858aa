// Identifiers, names, values: what needs no database.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/resource/clean_text.h"
#include "libs/resource/identifiers.h"
#include "libs/resource/names.h"
#include "libs/resource/page_token.h"
#include "libs/resource/personal_text.h"
#include "libs/resource/sealing.h"
#include "libs/resource/spool.h"
#include "libs/resource/text_values.h"
#include "libs/resource/validation.h"

namespace rsnms::resource {
namespace {

Flaw Judge(options::v1::Format format, std::string value) {
  return NormaliseIdentifier(format, &value);
}
std::string Normal(options::v1::Format format, std::string value) {
  EXPECT_EQ(NormaliseIdentifier(format, &value), Flaw::kNone) << value;
  return value;
}

TEST(Identifiers, SnilsByTheFundsRule) {
  EXPECT_EQ(Normal(options::v1::FORMAT_SNILS, "112-233-445 95"), "11223344595");
  EXPECT_EQ(Judge(options::v1::FORMAT_SNILS, "11223344594"), Flaw::kCheckDigits);
  EXPECT_EQ(Judge(options::v1::FORMAT_SNILS, "1122334459"), Flaw::kShape);
  EXPECT_EQ(Judge(options::v1::FORMAT_SNILS, "00100199812"), Flaw::kNone) << "too old to check";
  EXPECT_EQ(Judge(options::v1::FORMAT_SNILS, "00000000000"), Flaw::kShape);
}

TEST(PersonalText, SnilsTelephonesAndAddressesAreSeen) {
  for (const char* text : {"112-233-445 95", "СНИЛС 112-233-445-95.", "№ 11223344595",
                           "(11223344595)", "сотрудник 11223344594, он же 11223344595"}) {
    EXPECT_EQ(FindPersonal(text), Personal::kSnils) << text;
  }
  for (const char* text : {"звонить +7 912 345-67-89", "тел. 8 (3462) 12-34-56", "89123456789",
                           "8-912-345-67-89", "+79123456789"}) {
    EXPECT_EQ(FindPersonal(text), Personal::kPhone) << text;
  }
  for (const char* text : {"пишите anna.petrova@example.org!", "почта@пример.рф"}) {
    EXPECT_EQ(FindPersonal(text), Personal::kEmail) << text;
  }
  for (const char* text :
       {"", "приказ № 10-П-1000 от 17.06.2022", "протокол 8 от 12.03.2024", "11223344594",
        "ОКТМО 71876000001", "ИНН 7707083893", "с 8 до 17 часов, 2024-2025", "собака @ дома",
        "00000000-0000-4000-8000-011223344595", "п. 8 (3) и (4), 12 участников"}) {
    EXPECT_EQ(FindPersonal(text), Personal::kNone) << text;
  }
}

TEST(Identifiers, InnOgrnKppOktmo) {
  for (const char* good : {"7707083893", "7830002293", "500100732259"}) {
    EXPECT_EQ(Judge(options::v1::FORMAT_INN, good), Flaw::kNone) << good;
  }
  EXPECT_EQ(Judge(options::v1::FORMAT_INN, "500100732258"), Flaw::kCheckDigits);
  EXPECT_EQ(Judge(options::v1::FORMAT_INN, "770708389"), Flaw::kShape);
  EXPECT_EQ(Judge(options::v1::FORMAT_INN, "0000000000"), Flaw::kShape);
  for (const char* good : {"1027700132195", "1037739010891", "304500116000157"}) {
    EXPECT_EQ(Judge(options::v1::FORMAT_OGRN, good), Flaw::kNone) << good;
  }
  EXPECT_EQ(Judge(options::v1::FORMAT_OGRN, "1027700132196"), Flaw::kCheckDigits);
  EXPECT_EQ(Judge(options::v1::FORMAT_KPP, "7736AB001"), Flaw::kNone);
  EXPECT_EQ(Judge(options::v1::FORMAT_KPP, "7736ab001"), Flaw::kShape);
  EXPECT_EQ(Judge(options::v1::FORMAT_OKTMO, "71876000"), Flaw::kNone);
  EXPECT_EQ(Judge(options::v1::FORMAT_OKTMO, "71876000001"), Flaw::kNone);
  EXPECT_EQ(Judge(options::v1::FORMAT_OKTMO, "00000000"), Flaw::kShape);
  EXPECT_EQ(Judge(options::v1::FORMAT_OKTMO, "718760000"), Flaw::kShape);
}

TEST(Identifiers, Addresses) {
  EXPECT_EQ(Normal(options::v1::FORMAT_EMAIL, "Ivan.P+x@Школа.РФ"), "Ivan.P+x@Школа.РФ");
  EXPECT_EQ(Normal(options::v1::FORMAT_EMAIL, "a@Example.ORG"), "a@example.org");
  for (const char* bad :
       {"a", "a@b", "@b.ru", "a..b@c.ru", ".a@c.ru", "a@-c.ru", "a b@c.ru", "a@c..ru", "a@c.ru."}) {
    EXPECT_EQ(Judge(options::v1::FORMAT_EMAIL, bad), Flaw::kShape) << bad;
  }
  EXPECT_EQ(Judge(options::v1::FORMAT_URL, "https://school.ru/path?q=1#x"), Flaw::kNone);
  for (const char* bad : {"school.ru", "ftp://a.ru", "https://", "https://a b.ru",
                          "javascript:alert(1)", "https://user@host.ru"}) {
    EXPECT_EQ(Judge(options::v1::FORMAT_URL, bad), Flaw::kShape) << bad;
  }
  EXPECT_EQ(Normal(options::v1::FORMAT_PHONE, "+7 (999) 123-45-67"), "+79991234567");
  EXPECT_EQ(Judge(options::v1::FORMAT_PHONE, "89991234567"), Flaw::kShape);
}

RC_GTEST_PROP(Identifiers, OneWrongDigitOfAnInnIsNoticed, ()) {
  std::string inn = "7707083893";
  const auto at = *rc::gen::inRange<size_t>(0, inn.size());
  const char digit = static_cast<char>('0' + *rc::gen::inRange(0, 10));
  RC_PRE(inn[at] != digit);
  inn[at] = digit;
  // Remainders 10 and 0 share a check digit, so a few slips pass by design of the number itself.
  const Flaw flaw = Judge(options::v1::FORMAT_INN, inn);
  RC_CLASSIFY(flaw == Flaw::kNone);
  RC_ASSERT(flaw != Flaw::kShape || inn.starts_with("00"));
}

TEST(Names, UuidsGrowWithTime) {
  const std::string a = NewUuid();
  EXPECT_TRUE(IsUuid(a));
  EXPECT_EQ(a[14], '7');
  absl::SleepFor(absl::Milliseconds(3));
  EXPECT_LT(a, NewUuid());
}

TEST(Names, EtagsAreQuotedVersions) {
  EXPECT_EQ(EtagOf(7), "\"7\"");
  EXPECT_EQ(ParseEtag("\"7\""), 7);
  for (const char* bad : {"7", "\"7", "\"0\"", "\"07\"", "\"+7\"", "\" 7\"", "\"\"", ""}) {
    EXPECT_FALSE(ParseEtag(bad)) << bad;
  }
}

RC_GTEST_PROP(Values, TimestampsAndDatesReadBack, ()) {
  google::protobuf::Timestamp time, back;
  time.set_seconds(*rc::gen::inRange<int64_t>(-62135596800, 253402300800));
  time.set_nanos(*rc::gen::inRange(0, 1'000'000) * 1000);
  RC_ASSERT(ParseTimestamp(TimestampText(time), &back));
  RC_ASSERT(time.seconds() == back.seconds() && time.nanos() == back.nanos());
}

TEST(Values, TimestampsOfAnyOffset) {
  google::protobuf::Timestamp time;
  for (const char* text : {"2026-11-22 10:54:14+00", "2026-11-22T15:54:14+05:00",
                           "2026-11-22T10:54:14Z", "2026-11-22 07:54:14-03"}) {
    ASSERT_TRUE(ParseTimestamp(text, &time)) << text;
    EXPECT_EQ(time.seconds(), 1795344854) << text;
  }
  for (const char* bad :
       {"infinity", "2026-02-30", "2026-01-01T24:00:00Z", "0000-01-01", "2026-01-01T00:00",
        "2026-01-01T00:00:00.", "2026-01-01T00:00:00+5", ""}) {
    EXPECT_FALSE(ParseTimestamp(bad, &time)) << bad;
  }
}

TEST(Values, DecimalsInCanonicalForm) {
  for (const auto& [text, canonical] :
       std::vector<std::pair<std::string, std::string>>{{"0", "0"},
                                                        {"-0.0", "0"},
                                                        {"+1.50", "1.5"},
                                                        {"007", "7"},
                                                        {".5", "0.5"},
                                                        {"5.", "5"},
                                                        {"1e3", "1000"},
                                                        {"12.5E-3", "0.0125"},
                                                        {"-1.20e+1", "-12"}}) {
    EXPECT_EQ(CanonicalDecimal(text), canonical) << text;
  }
  for (const char* bad :
       {"", ".", "-", "1,5", "0x1", "1e", "e5", "1.2.3", "NaN", "Infinity", " 1", "1e999"}) {
    EXPECT_FALSE(CanonicalDecimal(bad)) << bad;
  }
}

TEST(Values, CodePointsAreCountedAndBadUtf8Found) {
  EXPECT_EQ(CountCodePoints("жук 🪲"), 5);
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xd0", "\x80"}) {
    EXPECT_EQ(CountCodePoints(bad), -1);
  }
}

// Tokens in flight and stored hashes outlive a release: these values never change.
TEST(Keys, EachPurposeHasItsOwnAndKeepsIt) {
  const std::string secret(kSecretBytes, 's');
  EXPECT_EQ(DeriveKey(secret, KeyPurpose::kPageTokens), Hmac(secret, "page tokens"));
  EXPECT_EQ(DeriveKey(secret, KeyPurpose::kRequestHashes), Hmac(secret, "request hashes"));
  EXPECT_EQ(DeriveKey(secret, KeyPurpose::kSnapshotTokens), Hmac(secret, "snapshot tokens"));
  EXPECT_EQ(DeriveKey(secret, KeyPurpose::kReportPages), Hmac(secret, "report pages"));
}

RC_GTEST_PROP(PageToken, ReadsBackOnlyWhatWasSealed, (std::vector<std::string> texts)) {
  const std::string key(32, 'k');
  PageBinding binding;
  binding.filter = "a = 1";
  Values values(texts.begin(), texts.end());
  values.push_back(std::nullopt);
  const auto now = absl::FromUnixSeconds(1'700'000'000);
  const std::string token = MakePageToken(key, binding, values, now);
  auto back = ReadPageToken(key, binding, token, values.size(), now);
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == values);
  RC_ASSERT(!ReadPageToken(key, binding, token, values.size() + 1, now).ok());
  RC_ASSERT(!ReadPageToken(key, binding, token, values.size(), now + absl::Hours(100)).ok());
  RC_ASSERT(!ReadPageToken(std::string(32, 'j'), binding, token, values.size(), now).ok());
  binding.parent = "x";
  RC_ASSERT(!ReadPageToken(key, binding, token, values.size(), now).ok());
}

TEST(Spool, GivesBackWhatItTookAsOftenAsAsked) {
  Spool spool;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(spool.Append(i, std::string(i * 37, 'a' + i % 26)));
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_TRUE(spool.Rewind());
    int64_t number = 0;
    std::string row;
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(spool.Next(&number, &row));
      EXPECT_EQ(number, i);
      EXPECT_EQ(row, std::string(i * 37, 'a' + i % 26));
    }
    EXPECT_FALSE(spool.Next(&number, &row));
    EXPECT_FALSE(spool.failed());
  }
}

}  // namespace
}  // namespace rsnms::resource
