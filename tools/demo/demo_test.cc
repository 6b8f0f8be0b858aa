#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tools/demo/answers.h"
#include "tools/demo/generator.h"
#include "tools/demo/identifiers.h"
#include "tools/demo/writer.h"

namespace rsnms::demo {
namespace {

using namespace registry::v1;  // NOLINT(google-build-using-namespace): the collections

std::unique_ptr<Generator> Make(int64_t educators, std::vector<std::string> regions = {"86"},
                                uint64_t seed = 1) {
  auto generator =
      Generator::Create({.seed = seed, .educators = educators, .regions = std::move(regions)});
  EXPECT_TRUE(generator.ok()) << generator.status();
  return *std::move(generator);
}

template <class R>
std::vector<R> All(Stream<R> next) {
  std::vector<R> all;
  R r;
  while (next(&r)) all.push_back(r);
  return all;
}

template <class R>
std::string Text(Stream<R> next) {
  std::ostringstream out;
  R r;
  EXPECT_TRUE(Write(
                  FileFormat::kNdjson, r, [&] { return next(&r); }, out)
                  .ok());
  return out.str();
}

int Digit(char c) { return c - '0'; }

absl::CivilDay Day(const google::type::Date& d) {
  return absl::CivilDay(d.year(), d.month(), d.day());
}

TEST(Identifiers, SnilsKeepsThePensionFundsRule) {
  for (uint64_t i = 0; i < 5000; ++i) {
    const std::string snils = Snils(Dice(7), i);
    ASSERT_EQ(snils.size(), 11u);
    int sum = 0;
    for (int k = 0; k < 9; ++k) sum += Digit(snils[k]) * (9 - k);
    ASSERT_EQ(std::stoi(snils.substr(9)), sum % 101 == 100 ? 0 : sum % 101);
    ASSERT_EQ(snils[0], '9') << "never one that was issued";
  }
}

TEST(Identifiers, InnAndOgrnEndInTheirCheckDigits) {
  const int weights[] = {2, 4, 10, 3, 5, 9, 4, 6, 8};
  for (uint64_t i = 0; i < 5000; ++i) {
    const std::string inn = Inn("86", Dice(7), i);
    int sum = 0;
    for (int k = 0; k < 9; ++k) sum += Digit(inn[k]) * weights[k];
    ASSERT_EQ(Digit(inn[9]), sum % 11 % 10) << inn;
    const std::string ogrn = Ogrn("86", Dice(7), i, 2002);
    ASSERT_EQ(ogrn.size(), 13u);
    ASSERT_EQ(Digit(ogrn[12]), static_cast<int>(std::stoull(ogrn.substr(0, 12)) % 11 % 10)) << ogrn;
  }
}

TEST(Generator, SameOptionsGiveTheSameBytes) {
  const auto one = Make(2000), two = Make(2000), other = Make(2000, {"86"}, 2);
  EXPECT_EQ(Text(one->Persons(0)), Text(two->Persons(0)));
  EXPECT_EQ(Text(one->Employments(0)), Text(two->Employments(0)));
  EXPECT_EQ(Text(one->Organisations(0)), Text(two->Organisations(0)));
  EXPECT_EQ(Text(one->SupportRecords(0)), Text(two->SupportRecords(0)));
  EXPECT_EQ(Text(one->Teams(0)), Text(two->Teams(0)));
  EXPECT_NE(Text(one->Persons(0)), Text(other->Persons(0)));
}

// Pinned: a change of the invented data must be meant, for published figures rest on it.
TEST(Generator, FirstPersonStaysWhoTheyAre) {
  Person person;
  ASSERT_TRUE(Make(1000)->Persons(0)(&person));
  EXPECT_EQ(person.name(), "regions/86/persons/018cc251-f400-7448-95ef-308df10aa223");
}

TEST(Generator, CountsAreWhatTheStreamsGive) {
  for (const int64_t educators : {100, 137, 5000}) {
    const auto generator = Make(educators, {"86", "61"});
    int64_t persons = 0;
    for (int r = 0; r < 2; ++r) {
      const Counts counts = generator->Count(r);
      EXPECT_EQ(counts.municipalities,
                static_cast<int64_t>(All(generator->Municipalities(r)).size()));
      EXPECT_EQ(counts.organisations,
                static_cast<int64_t>(All(generator->Organisations(r)).size()));
      EXPECT_EQ(counts.links, static_cast<int64_t>(All(generator->Links(r)).size()));
      EXPECT_EQ(counts.persons, static_cast<int64_t>(All(generator->Persons(r)).size()));
      EXPECT_EQ(counts.employments, static_cast<int64_t>(All(generator->Employments(r)).size()));
      EXPECT_EQ(counts.support_records,
                static_cast<int64_t>(All(generator->SupportRecords(r)).size()));
      EXPECT_EQ(counts.teams, static_cast<int64_t>(All(generator->Teams(r)).size()));
      persons += counts.persons;
    }
    EXPECT_EQ(persons, educators);
  }
}

TEST(Generator, YugraHasIts22MunicipalitiesAndOneOfEachRegionalBody) {
  const auto generator = Make(3000);
  EXPECT_EQ(All(generator->Municipalities(0)).size(), 22u);
  std::map<OrganisationKind, int> kinds;
  for (const Organisation& body : All(generator->Organisations(0))) ++kinds[body.kind()];
  EXPECT_EQ(kinds[ORGANISATION_KIND_AUTHORITY], 1);
  EXPECT_EQ(kinds[ORGANISATION_KIND_INSTITUTE], 1);
  EXPECT_EQ(kinds[ORGANISATION_KIND_CENTRE], 1);
  EXPECT_EQ(kinds[ORGANISATION_KIND_MUNICIPAL_AUTHORITY], 22);
  EXPECT_EQ(kinds[ORGANISATION_KIND_MUNICIPAL_METHOD_SERVICE], 22);
  EXPECT_GT(kinds[ORGANISATION_KIND_SCHOOL], 5);
  EXPECT_GT(kinds[ORGANISATION_KIND_PRESCHOOL], 5);
}

TEST(Generator, EveryReferenceLeadsToSomethingThatExists) {
  const auto generator = Make(3000);
  std::set<std::string> bodies, people, municipalities;
  for (const auto& m : All(generator->Municipalities(0))) municipalities.insert(m.name());
  for (const auto& o : All(generator->Organisations(0))) {
    EXPECT_TRUE(bodies.insert(o.name()).second);
    if (!o.municipality().empty()) {
      EXPECT_EQ(municipalities.count(o.municipality()), 1u);
    }
  }
  for (const auto& p : All(generator->Persons(0))) EXPECT_TRUE(people.insert(p.name()).second);
  for (const auto& l : All(generator->Links(0)))
    EXPECT_EQ(bodies.count(l.child()) + bodies.count(l.parent()), 2u);
  for (const auto& e : All(generator->Employments(0))) {
    ASSERT_EQ(people.count(e.person()) + bodies.count(e.organisation()), 2u);
  }
  for (const auto& s : All(generator->SupportRecords(0))) {
    ASSERT_EQ(people.count(s.person()) + bodies.count(s.organisation()), 2u);
    ASSERT_NE(s.person(), s.mentor());
    if (!s.mentor().empty()) {
      ASSERT_EQ(people.count(s.mentor()), 1u);
    }
  }
  for (const auto& t : All(generator->Teams(0))) {
    ASSERT_EQ(bodies.count(t.organisation()), 1u);
    for (const std::string& member : t.members()) ASSERT_EQ(people.count(member), 1u);
  }
}

TEST(Generator, UniqueNumbersAreUnique) {
  const auto generator = Make(20000);
  std::set<std::string> snils, ogrn, names;
  for (const auto& p : All(generator->Persons(0))) ASSERT_TRUE(snils.insert(p.snils()).second);
  for (const auto& o : All(generator->Organisations(0))) {
    if (!o.ogrn().empty()) {
      ASSERT_TRUE(ogrn.insert(o.ogrn()).second);
    }
    ASSERT_TRUE(names.insert(o.official_name()).second) << o.official_name();
  }
}

TEST(Generator, DatesMakeALife) {
  const Options options{.educators = 20000};
  const auto generator = Make(options.educators);
  std::map<std::string, Person> people;
  for (auto& p : All(generator->Persons(0))) people[p.name()] = p;
  std::map<std::string, int> mains;
  int young = 0;
  for (const auto& e : All(generator->Employments(0))) {
    const Person& person = people[e.person()];
    ASSERT_LE(Day(person.teaching_start_date()), Day(e.start_date()));
    ASSERT_LE(Day(e.start_date()), options.as_of);
    ASSERT_GE(Day(e.start_date()).year() - person.birth_date().year(), 20);
    if (e.has_end_date()) {
      ASSERT_LE(Day(e.start_date()), Day(e.end_date()));
    }
    if (e.main() && !e.has_end_date()) ++mains[e.person()];
  }
  for (const auto& [name, person] : people) {
    ASSERT_EQ(mains[name], 1) << "everybody has one main post today";
    const absl::CivilDay start = Day(person.teaching_start_date());
    const absl::CivilDay birth = Day(person.birth_date());
    const absl::CivilDay birthday35(birth.year() + 35, birth.month(), birth.day());
    const absl::CivilDay third(start.year() + 3, start.month(), start.day());
    young += options.as_of < birthday35 && options.as_of < third;
  }
  EXPECT_GT(young, options.educators * 6 / 100);
  EXPECT_LT(young, options.educators * 12 / 100);
}

TEST(Generator, CountryIsSpreadOver89RegionsInBoundedMemory) {
  std::vector<std::string> codes;
  for (const RegionPlace& region : AllRegions()) codes.emplace_back(region.code);
  ASSERT_EQ(codes.size(), 89u);
  const auto generator = Make(2'500'000, codes);
  EXPECT_LT(generator->plan().bodies().size(), 60'000u);
  EXPECT_GT(generator->plan().bodies().size(), 40'000u);
  // The last person of the country is found without making the others.
  EXPECT_EQ(generator->PersonName(2'499'999).substr(0, 11), "regions/95/");
  Employment employment;
  auto next = generator->Employments(88);
  ASSERT_TRUE(next(&employment));
  EXPECT_EQ(employment.name().substr(0, 11), "regions/95/");
}

TEST(Generator, RefusesWhatItCannotMake) {
  EXPECT_FALSE(Generator::Create({.educators = 99}).ok());
  EXPECT_FALSE(Generator::Create({.educators = 2'500'001}).ok());
  EXPECT_FALSE(Generator::Create({.regions = {"00"}}).ok());
  EXPECT_FALSE(Generator::Create({.regions = {"86", "86"}}).ok());
  EXPECT_FALSE(Generator::Create({.regions = {}}).ok());
}

TEST(Answers, SpreadOverAllOptionsAndDependOnThePerson) {
  const Dice dice(1);
  std::map<int, int> chosen;
  for (int p = 0; p < 500; ++p) {
    for (int i = 0; i < 20; ++i)
      ++chosen[ChooseOption(dice, "p" + std::to_string(p), "item" + std::to_string(i), 4)];
  }
  for (int option = 0; option < 4; ++option) EXPECT_GT(chosen[option], 300) << option;
  EXPECT_EQ(chosen.size(), 4u);
  EXPECT_EQ(ChooseOption(dice, "p1", "item1", 4), ChooseOption(Dice(1), "p1", "item1", 4));
}

TEST(Writer, CsvQuotesWhatNeedsIt) {
  Organisation body;
  body.set_name("regions/86/organisations/x");
  body.set_official_name("Школа \"Ёлка\", первая");
  body.mutable_founded_date()->set_year(2001);
  body.mutable_founded_date()->set_month(9);
  body.mutable_founded_date()->set_day(1);
  std::ostringstream out;
  int left = 1;
  ASSERT_TRUE(Write(
                  FileFormat::kCsv, body, [&] { return left-- > 0; }, out)
                  .ok());
  EXPECT_THAT(out.str(), testing::StartsWith("name,official_name,short_name,kind,"));
  EXPECT_THAT(out.str(), testing::HasSubstr("\"Школа \"\"Ёлка\"\", первая\""));
  EXPECT_THAT(out.str(), testing::HasSubstr(",2001-09-01,"));
}

}  // namespace
}  // namespace rsnms::demo
