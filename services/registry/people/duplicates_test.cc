// Who may be the same person.
#include "services/registry/people/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/time/clock.h"
#include "services/registry/people/people_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class DuplicatePeople : public PeopleTest {};

PersonTraits Traits(const std::string& family, const std::string& given, int birth_year = 1985) {
  return {.family = family,
          .given = given,
          .patronymic = "ивановна",
          .birth = CivilDay(birth_year, 3, 4),
          .email = "",
          .phone = "",
          .snils_index = ""};
}

TEST(DuplicateRules, ScoreGrowsWithWhatIsShared) {
  const auto anna = Traits("петрова", "анна");
  EXPECT_EQ(Compare(anna, Traits("петрова", "анна")).score, 85);
  EXPECT_EQ(Compare(anna, Traits("петрава", "анна")).score, 75);
  EXPECT_EQ(Compare(anna, Traits("сидорова", "анна")).score, 65);
  EXPECT_EQ(Compare(anna, Traits("петрова", "анна", 1986)).score, 50);
  auto swapped = anna;
  swapped.birth = CivilDay(1985, 4, 3);
  EXPECT_EQ(Compare(anna, swapped).score, 70);
  auto known = anna, other = anna;
  known.snils_index = "x";
  other.snils_index = "y";
  EXPECT_EQ(Compare(known, other).score, 25) << "two СНИЛС are two people";
  EXPECT_EQ(EditDistance("соловьев", "соловев"), 1);
  EXPECT_EQ(EditDistance("", "абв"), 3);
}

TEST_F(DuplicatePeople, ASharedTelephoneIsNoSignOfDuplicates) {
  // A switchboard's number and the day of birth of those who gave none.
  ASSERT_EQ(Sql(R"sql(
WITH made AS (
  INSERT INTO person (region_code, id, version, create_time, update_time, family_name, given_name, patronymic,
                      birth_date, sex, email, phone)
  SELECT '86', gen_random_uuid(), 1, now(), now(), 'Семья' || n, 'Имя' || n % 40, 'Отчество' || n % 30,
         '1980-01-01', 'UNSPECIFIED', 'info@example.org', '+73462000000'
    FROM generate_series(1, 3000) AS n
  RETURNING 1)
SELECT count(*) FROM made)sql"),
            "3000");
  const auto a = Named("Соловьёва", "Анна", "Петровна"), b = Named("Соловьева", "Анна", "Петровна");
  v1::FindDuplicatePersonsRequest request;
  request.set_parent(kRegion);
  request.set_page_size(10);
  const absl::Time begin = absl::Now();
  auto found = Ask<v1::FindDuplicatePersonsResponse>("FindDuplicatePersons", request);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  ASSERT_GE(found->candidates_size(), 1);
  EXPECT_EQ(found->candidates(0).score(), 85);
  EXPECT_THAT((std::set<std::string>{found->candidates(0).person(), found->candidates(0).other()}),
              ::testing::Eq(std::set<std::string>{a.name(), b.name()}));
  // Asked about one of the crowd, likewise.
  request.set_person(absl::StrCat(kRegion, "/persons/",
                                  Sql("SELECT id FROM person WHERE family_name = 'Семья7'")));
  found = Ask<v1::FindDuplicatePersonsResponse>("FindDuplicatePersons", request);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(15));
}

TEST_F(DuplicatePeople, NamesakesWithoutABirthdayDeserveALook) {
  const auto make = [&](bool born) {
    v1::CreatePersonRequest request;
    request.set_parent(kRegion);
    request.mutable_person()->set_family_name("Вах");
    request.mutable_person()->set_given_name("Анна");
    request.mutable_person()->set_patronymic("Петровна");
    if (born) *request.mutable_person()->mutable_birth_date() = D(1985, 3, 14);
    return Call<v1::Person>("CreatePerson", request);
  };
  ASSERT_TRUE(make(true).ok());
  ASSERT_TRUE(make(false).ok());
  v1::FindDuplicatePersonsRequest request;
  request.set_parent(kRegion);
  auto found = Ask<v1::FindDuplicatePersonsResponse>("FindDuplicatePersons", request);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->candidates_size(), 1);
  EXPECT_EQ(found->candidates(0).score(), 60);
}

TEST_F(DuplicatePeople, DuplicatesAreFoundWithReasons) {
  const auto a = Named("Соловьёва", "Анна", "Петровна"), b = Named("Соловьева", "Анна", "Петровна"),
             c = Named("Зуева", "Анна", "Петровна");
  Named("Кузнецов", "Пётр", "Ильич");
  v1::FindDuplicatePersonsRequest request;
  request.set_parent(kRegion);
  auto found = Ask<v1::FindDuplicatePersonsResponse>("FindDuplicatePersons", request);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->candidates_size(), 3);
  EXPECT_EQ(found->candidates(0).score(), 85);
  EXPECT_THAT(found->candidates(0).reasons(),
              ElementsAre(v1::DUPLICATE_REASON_SAME_NAME, v1::DUPLICATE_REASON_SAME_BIRTH_DATE));
  EXPECT_THAT(found->candidates(1).reasons(), Contains(v1::DUPLICATE_REASON_OTHER_FAMILY_NAME));
  request.set_person(b.name());
  request.set_min_score(80);
  found = Ask<v1::FindDuplicatePersonsResponse>("FindDuplicatePersons", request);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->candidates_size(), 1);
  EXPECT_EQ(found->candidates(0).other(), a.name());
}

}  // namespace
}  // namespace rsnms::registry
