// Numbers of documents: one key for whatever people write, of certificates and of completions.
#include <atomic>
#include <set>
#include <thread>

#include "services/programs/certificate_number.h"
#include "services/programs/certificates/certificates_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using v1::Certificate;

TEST(NumberKey, SpellingsOfANumberAreOne) {
  for (const char* spelling : {"ПК-2026/17", "пк 2026 17", "ПК № 2026–17", "ПK2026.17",
                               "«ПК» 2026\u00a017", "pk—2026_17"}) {
    if (std::string_view(spelling).substr(0, 1) == "p") {
      EXPECT_EQ(NumberKey(spelling), "РК202617") << "look-alikes are folded, sounds are not";
    } else {
      EXPECT_EQ(NumberKey(spelling), "ПК202617") << spelling;
    }
  }
  EXPECT_EQ(NumberKey("Ёё"), "ЕЕ");
  EXPECT_EQ(NumberKey("007"), "007") << "zeros count";
  EXPECT_EQ(NumberKey(" – № /"), "");
}

class Numbers : public CertificatesFixture {
 protected:
  absl::Status TryComplete(int n, const std::string& number) {
    v1::BatchCreateEnrolmentsRequest enrol;
    enrol.set_parent(kRegion);
    enrol.set_initial_state(v1::Enrolment::STATE_IN_PROGRESS);
    auto& enrolment = *enrol.add_enrolments();
    enrolment.set_person(Person(n));
    enrolment.set_organisation(School());
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme_.name());
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    *enrolment.mutable_start_date() = D(2026, 2, 1);
    const auto made = Must<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", enrol);
    v1::CompleteEnrolmentRequest complete;
    complete.set_name(made.enrolments(0).name());
    complete.set_certificate_number(number);
    *complete.mutable_completion_date() = D(2026, 3, 20);
    return Call<v1::Completion>("CompleteEnrolment", complete).status();
  }
  absl::Status TryDuplicate(const std::string& name, const std::string& series,
                            const std::string& number) {
    auto request = Succeeding<v1::DuplicateCertificateRequest>(name, number);
    request.set_series(series);
    return Call<Certificate>("DuplicateCertificate", request).status();
  }
};

TEST_F(Numbers, TheDatabaseComputesTheSameKeys) {
  // Every character of the basic plane alone, and the rest by example.
  std::string wrong;
  for (char32_t from = 1; from < 0x10000; from += 0x1000) {
    std::string pairs;
    for (char32_t c = from; c < from + 0x1000 && c < 0x10000; ++c) {
      if (c >= 0xD800 && c < 0xE000) continue;
      std::string text;
      if (c < 0x80) {
        text = static_cast<char>(c);
      } else if (c < 0x800) {
        text = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
      } else {
        text = {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
                static_cast<char>(0x80 | (c & 0x3F))};
      }
      const auto quoted = [](std::string_view raw) {
        std::string out = "'";
        for (const char byte : raw) {
          out += byte;
          if (byte == '\'') out += byte;
        }
        return out + "'";
      };
      pairs += Cat(pairs.empty() ? "" : ",", "(", quoted(text), ",", quoted(NumberKey(text)), ")");
    }
    if (pairs.empty()) continue;
    EXPECT_EQ(Value(Cat("SELECT coalesce(string_agg(to_hex(ascii(t)), ' '), '') FROM (VALUES ",
                        pairs, ") AS v (t, k) WHERE certificate_key(t) <> k")),
              "")
        << static_cast<uint32_t>(from);
  }
  const std::string mixed = "Пк «№ 1»–a/ё\u2003ЖёZ\U0001F600z";
  EXPECT_EQ(Value(Cat("SELECT certificate_key('", mixed, "')")), NumberKey(mixed));
}

TEST_F(Numbers, AnotherSpellingIsTheSameNumber) {
  auto first = Issuing(Complete(1, "ПК-2026/17"));
  first.mutable_certificate()->set_series("пк");
  first.mutable_certificate()->set_number("2026 17");
  Must<Certificate>("CreateCertificate", first);
  const auto other = Issue(2, "2");
  for (const auto& [series, number] : {std::pair("", "ПК 2026-17"), std::pair("ПК2026", "№17"),
                                       std::pair("", "пK202617")}) {  // Latin K
    const auto status = TryDuplicate(other.name(), series, number);
    EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_TAKEN") << series << "|" << number;
  }
  EXPECT_TRUE(TryDuplicate(other.name(), "ПП", "2026/17").ok()) << "of another series";
}

TEST_F(Numbers, ARecordedNumberIsComparedWithItsWholeSpellingAlone) {
  Complete(1, "17");
  const auto issued = Issue(2, "2");
  EXPECT_EQ(rpc::ReasonOf(TryDuplicate(issued.name(), "", "№ 17")), "CERTIFICATE_NUMBER_TAKEN");
  EXPECT_TRUE(TryDuplicate(issued.name(), "А", "17").ok()) << "another series makes another number";
}

TEST_F(Numbers, CompletingUnderANumberSomeDocumentBearsIsRefused) {
  const auto issued = Issue(1, "1");
  ASSERT_TRUE(TryDuplicate(issued.name(), "Д", "11").ok());
  int person = 1;
  for (const char* number : {"Д-11", "д 11", "№ 1"}) {
    const auto status = TryComplete(++person, number);
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << number;
    EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_TAKEN") << number;
    EXPECT_THAT(FieldsOf(status), ElementsAre("certificate_number")) << number;
  }
  EXPECT_TRUE(TryComplete(++person, "11").ok());
}

TEST_F(Numbers, ANumberHasALetterOrADigit) {
  EXPECT_EQ(rpc::ReasonOf(TryComplete(1, "№ —")), "INVALID_FORMAT");
  const auto issued = Issue(2, "2");
  EXPECT_EQ(rpc::ReasonOf(TryDuplicate(issued.name(), "ПК", "—")), "INVALID_FORMAT");
}

TEST_F(Numbers, OfRacingDocumentsAndCompletionsOneGetsTheNumber) {
  std::vector<std::string> names;
  for (int n = 1; n <= 16; ++n) names.push_back(Issue(n, Cat("К-", n)).name());
  std::vector<std::string> enrolments;
  for (int n = 101; n <= 116; ++n) {
    v1::BatchCreateEnrolmentsRequest enrol;
    enrol.set_parent(kRegion);
    enrol.set_initial_state(v1::Enrolment::STATE_IN_PROGRESS);
    auto& enrolment = *enrol.add_enrolments();
    enrolment.set_person(Person(n));
    enrolment.set_organisation(School());
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme_.name());
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    enrolments.push_back(Must<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", enrol)
                             .enrolments(0)
                             .name());
  }
  std::atomic<int> won{0};
  const auto count = [&](const absl::Status& status) {
    if (status.ok()) {
      ++won;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_TAKEN") << status;
    }
  };
  std::vector<std::thread> writers;
  for (size_t i = 0; i < names.size(); ++i) {
    writers.emplace_back(
        [&, i] { count(TryDuplicate(names[i], i % 2 == 0 ? "" : "д", i % 2 == 0 ? "Д-1" : "1")); });
    writers.emplace_back([&, i] {
      v1::CompleteEnrolmentRequest complete;
      complete.set_name(enrolments[i]);
      complete.set_certificate_number(i % 2 == 0 ? "д 1" : "Д1");
      *complete.mutable_completion_date() = D(2026, 3, 20);
      count(Call<v1::Completion>("CompleteEnrolment", complete).status());
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
}

TEST_F(Numbers, TheDatabaseHasTheLastWord) {
  Issue(1, "ПК-1");
  const std::string copy = Value(
      "SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE "
      "attrelid "
      "= 'completion'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN "
      "('id', 'enrolment_id', 'certificate_number', 'number_key')");
  Complete(2, "2");
  EXPECT_EQ(Sql(Cat("INSERT INTO completion (id, enrolment_id, certificate_number, ", copy,
                    ") SELECT gen_random_uuid(), e.id, 'пк 1', ", copy,
                    " FROM completion c JOIN LATERAL (SELECT gen_random_uuid() AS id) e ON true "
                    "LIMIT 1"))
                .code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Value("SELECT string_agg(number_key, ' ' ORDER BY number_key) FROM completion"),
            "2 ПК1");
}

}  // namespace
}  // namespace rsnms::programs
